from odoo import api, fields, models
from odoo.tools import SQL


class DebtTimeline(models.Model):
    """Referrals to legal and agencies on the timeline."""

    _inherit = "debt.timeline"

    kind = fields.Selection(selection_add=[("referral", "Referral")])

    @api.model
    def _get_timeline_selects(self):
        return [
            *super()._get_timeline_selects(),
            self._get_rows_sql(
                "referral",
                "debt.referral",
                date=SQL("r.date_placed"),
                text=SQL("concat_ws(' ', r.name, r.reference)"),
                amount=SQL("r.amount_placed"),
                currency=SQL(
                    "(SELECT co.currency_id FROM res_company co WHERE co.id = r.company_id)"
                ),
            ),
        ]

    def _describe(self):
        self.ensure_one()
        if self.kind == "referral":
            words = (self.text, self._get_label("debt.referral", "state"))
            return " · ".join(filter(None, words))
        return super()._describe()
