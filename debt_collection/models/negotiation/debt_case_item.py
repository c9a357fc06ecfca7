"""Claims of promises and plans on items: what is agreed on is not asked for."""

from odoo import api, models
from odoo.tools import SQL, format_date


class DebtCaseItem(models.Model):
    _inherit = "debt.case.item"

    @api.model
    def _get_claims_on_items(self, date):
        """Add what is promised: by an open promise, less what it has received already."""
        return [
            *super()._get_claims_on_items(date),
            SQL(
                """
                SELECT i.id, 'promised', GREATEST(pl.amount - COALESCE(pl.amount_received, 0), 0),
                       to_char(p.date, 'YYYY-MM-DD')
                  FROM debt_promise_line pl
                  JOIN debt_promise p ON p.id = pl.agreement_id AND p.date_made <= %(date)s
                  JOIN debt_case_item i ON i.move_line_id = pl.move_line_id AND i.date_out IS NULL
                 WHERE pl.live
                """,
                date=date,
            ),
        ]

    @api.model
    def _describe_claim(self, kind, amount, note):
        """Put promises into words."""
        if kind == "promised":
            return self.env._("Promised for %(date)s", date=format_date(self.env, note))
        return super()._describe_claim(kind, amount, note)
