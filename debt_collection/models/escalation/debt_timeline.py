from odoo import api, fields, models
from odoo.tools import SQL


class DebtTimeline(models.Model):
    """Changes of status on the timeline."""

    _inherit = "debt.timeline"

    kind = fields.Selection(selection_add=[("change", "Status")])

    @api.model
    def _get_timeline_selects(self):
        return [
            *super()._get_timeline_selects(),
            self._get_rows_sql(
                "change",
                "debt.status.change",
                date=SQL("r.date"),
                code=SQL("r.kind"),
                text=SQL("r.reason"),
            ),
        ]

    def _describe(self):
        self.ensure_one()
        if self.kind == "change":
            change = self.env["debt.status.change"].browse(self.res_id)
            words = (self._get_label("debt.status.change", "kind"), change.summary, self.text)
            return " · ".join(filter(None, words))
        return super()._describe()
