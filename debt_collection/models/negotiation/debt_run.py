"""Agreements are judged before anything is decided; debtors are reminded of what they agreed."""

from odoo import models


class DebtRun(models.Model):
    _inherit = "debt.run"

    def _judge(self):
        """Judge promises, plans and concessions against the money that arrived until that day."""
        released = super()._judge()
        self.env["debt.promise"].sudo()._judge_company(self.company_id, self.date)
        plans = self.env["debt.plan"].sudo()
        plans._expire_offers(self.company_id, self.date)
        plans._judge_company(self.company_id, self.date)
        self.env["debt.concession"].sudo()._judge_company(self.company_id, self.date)
        self.env.flush_all()
        return released

    def _send(self, checkpoint):
        """Remind of the payments debtors agreed on, then send what the run decided."""
        self.env["debt.case"].sudo()._remind_agreed(self.company_id, self.date)
        return super()._send(checkpoint)
