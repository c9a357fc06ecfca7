"""What is disputed is not asked for."""

from odoo import api, models
from odoo.tools import SQL


class DebtCaseItem(models.Model):
    _inherit = "debt.case.item"

    @api.model
    def _get_claims_on_items(self, date):
        """Add what live disputes take out."""
        return [
            *super()._get_claims_on_items(date),
            SQL(
                """
                SELECT i.id, 'disputed', dl.amount,
                       COALESCE(r.name ->> %(lang)s, r.name ->> 'en_US')
                  FROM debt_dispute_line dl
                  JOIN debt_dispute d ON d.id = dl.agreement_id AND d.date_open <= %(date)s
                  JOIN debt_dispute_reason r ON r.id = d.reason_id
                  JOIN debt_case_item i ON i.move_line_id = dl.move_line_id AND i.date_out IS NULL
                 WHERE dl.live
                """,
                date=date,
                lang=self.env.lang or "en_US",
            ),
        ]

    @api.model
    def _describe_claim(self, kind, amount, note):
        """Put disputes into words."""
        if kind == "disputed":
            return self.env._("Disputed: %(reason)s", reason=note or "")
        return super()._describe_claim(kind, amount, note)
