"""What was agreed on and what became of it, on the debtor's timeline."""

from odoo import api, fields, models
from odoo.tools import SQL

# Table of each kind, the model behind it, the SQL of its beginning and of its end.
AGREEMENTS = {
    "promise": ("debt_promise", "debt.promise", "h.date_made", "h.date_judged"),
    "plan": ("debt_plan", "debt.plan", "h.date_start", "h.date_end"),
    "concession": ("debt_concession", "debt.concession", "h.date_start", "h.date_done"),
    "dispute": ("debt_dispute", "debt.dispute", "h.date_open", "h.date_closed"),
}


class DebtTimeline(models.Model):
    _inherit = "debt.timeline"

    kind = fields.Selection(
        selection_add=[
            ("promise", "Promise"),
            ("plan", "Plan"),
            ("concession", "Concession"),
            ("dispute", "Dispute"),
        ]
    )

    @api.model
    def _get_timeline_selects(self):
        """Append beginning and end of every agreement."""
        columns = {
            "h.date_made": SQL("h.date_made"),
            "h.date_judged": SQL("h.date_judged"),
            "h.date_start": SQL("h.date_start"),
            "h.date_end": SQL("h.date_end"),
            "h.date_done": SQL("h.date_done"),
            "h.date_open": SQL("h.date_open"),
            "h.date_closed": SQL("h.date_closed"),
        }
        selects = super()._get_timeline_selects()
        for kind, (table, model, begins, ends) in AGREEMENTS.items():
            for code, day in (("begin", columns[begins]), ("end", columns[ends])):
                selects.append(
                    SQL(
                        """
                        SELECT h.id AS source_id,
                               CASE WHEN %(code)s = 'begin'
                                    THEN GREATEST(h.create_date, %(day)s::timestamp)
                                    ELSE %(day)s::timestamp END AS date,
                               %(kind)s AS kind,
                               CASE WHEN %(code)s = 'begin' THEN 'begin' ELSE h.state END AS code,
                               CASE WHEN %(code)s = 'begin' THEN NULL
                                    ELSE h.state_reason END AS text,
                               h.company_id, h.partner_id, h.case_id, h.user_id,
                               NULL::int AS level_id, h.amount, h.currency_id,
                               %(model)s AS res_model, h.id AS res_id
                          FROM %(table)s h
                         WHERE %(day)s IS NOT NULL
                        """,
                        code=code,
                        day=day,
                        kind=kind,
                        model=model,
                        table=SQL.identifier(table),
                    )
                )
        return selects

    def _describe(self):
        """Put agreements into words."""
        if self.kind not in AGREEMENTS:
            return super()._describe()
        kind = self._get_label("debt.timeline", "kind", self)
        if self.code == "begin":
            return kind
        model = AGREEMENTS[self.kind][1]
        return ": ".join(filter(None, (kind, self._get_label(model, "state"), self.text)))
