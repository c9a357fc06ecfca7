from odoo import fields, models
from odoo.tools import SQL


class DebtRun(models.Model):
    """The daily run asks the gate about every open case."""

    _inherit = "debt.run"

    def _judge(self):
        """Ask the gate about every open case before decisions are made."""
        result = super()._judge()
        self._gate()
        return result

    def _gate(self):
        """Judge when each debtor may be contacted; what may not go today is not planned today."""
        self.ensure_one()
        pairs = self.env.execute_query(
            SQL(
                "SELECT id, partner_id FROM debt_case WHERE company_id = %s AND state <> 'closed'",
                self.company_id.id,
            )
        )
        now = fields.Datetime.now()
        if self.date != fields.Date.context_today(self):
            now = fields.Datetime.to_datetime(self.date).replace(hour=12)
        self.env["debt.case"].sudo()._judge_gate(self.company_id, pairs, now, "run")
