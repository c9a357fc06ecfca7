"""Disputes that passed their deadline are escalated by the daily run."""

from odoo import models


class DebtRun(models.Model):
    _inherit = "debt.run"

    def _judge(self):
        """Escalate late disputes."""
        released = super()._judge()
        self.env["debt.dispute"]._escalate_late(self.company_id, self.date)
        return released
