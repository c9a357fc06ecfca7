from odoo import fields, models


class DebtRun(models.Model):
    """The daily run knows what the gate says about every open case."""

    _inherit = "debt.run"

    def _judge(self):
        """Ask the gate about every open case before decisions are made."""
        result = super()._judge()
        self._gate()
        return result

    def _gate(self):
        """Judge when each debtor may be contacted; what may not go today is not planned today.

        Only those whose last answer may not hold any more are judged anew.
        """
        self.ensure_one()
        now = fields.Datetime.now()
        if self.date != fields.Date.context_today(self):
            now = fields.Datetime.to_datetime(self.date).replace(hour=12)
        self.env.flush_all()
        pairs = self.env["debt.gate"].sudo()._find_stale(self.company_id, now)
        self.env["debt.case"].sudo()._judge_gate(self.company_id, pairs, now, "run")
