from odoo import api, fields, models
from odoo.tools import SQL


class DebtTimeline(models.Model):
    """Credit holds on the timeline."""

    _inherit = "debt.timeline"

    kind = fields.Selection(selection_add=[("credit_hold", "Credit hold")])

    @api.model
    def _get_timeline_selects(self):
        return [
            *super()._get_timeline_selects(),
            self._get_rows_sql(
                "credit_hold",
                "debt.credit.hold",
                date=SQL("r.date"),
                text=SQL("r.reason"),
            ),
        ]

    def _describe(self):
        self.ensure_one()
        if self.kind == "credit_hold":
            words = (self._get_label("debt.credit.hold", "state"), self.text)
            return " · ".join(filter(None, words))
        return super()._describe()
