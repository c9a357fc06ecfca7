from odoo import models


class DebtRun(models.Model):
    """Runs: deadlines of formal notices, then the rules of escalation."""

    _inherit = "debt.run"

    def _judge(self):
        """Look at deadlines and rules of escalation after promises, plans and holds are judged."""
        released = super()._judge()
        self.env["debt.notice"].sudo()._judge_deadlines(self.company_id, self.date)
        self.env["debt.escalation.rule"].sudo()._apply(self.company_id, self.date)
        self.env.flush_all()
        return released
