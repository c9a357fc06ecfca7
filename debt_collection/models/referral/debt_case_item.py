from odoo import api, models
from odoo.tools import SQL


class DebtCaseItem(models.Model):
    """Items: what is placed with somebody else is not collected by us."""

    _inherit = "debt.case.item"

    @api.model
    def _get_claims_on_items(self, date):
        return [
            *super()._get_claims_on_items(date),
            SQL(
                """
                SELECT ri.item_id, 'referred' AS kind, NULL::numeric AS amount,
                       COALESCE(p.name, r.name) AS note
                  FROM debt_referral_item ri
                  JOIN debt_referral r ON r.id = ri.referral_id
                  LEFT JOIN res_partner p ON p.id = r.recipient_id
                 WHERE ri.state = 'placed'
                """
            ),
        ]

    @api.model
    def _describe_claim(self, kind, amount, note):
        if kind == "referred":
            return self.env._("With %(recipient)s", recipient=note)
        return super()._describe_claim(kind, amount, note)
