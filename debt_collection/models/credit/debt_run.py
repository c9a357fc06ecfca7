from odoo import models


class DebtRun(models.Model):
    """Runs: credit holds follow what the night has found."""

    _inherit = "debt.run"

    def _judge(self):
        """Judge credit after escalations."""
        released = super()._judge()
        self.env["debt.credit.rule"]._apply(self.company_id, self.date)
        self.env.flush_all()
        return released
