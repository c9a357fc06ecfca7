"""Figures of disputes that depend on today: age, days to solve."""

from odoo import api, fields, models
from odoo.tools import SQL

# Upper limits of the age ranges, in days.
AGE_LIMITS = (7, 14, 30, 60)
AGE_RANGES = [
    ("0", "Up to 7 days"),
    ("1", "8 to 14 days"),
    ("2", "15 to 30 days"),
    ("3", "31 to 60 days"),
    ("4", "More than 60 days"),
]


class DebtDispute(models.Model):
    _inherit = "debt.dispute"

    age = fields.Integer(
        string="Age (days)",
        compute="_compute_age",
        aggregator="avg",
        help="Calendar days since it was raised; of solved ones, until they were solved.",
    )
    age_range = fields.Selection(
        AGE_RANGES, string="Age", compute="_compute_age", search="_search_age_range"
    )

    @api.depends("date_open", "date_closed")
    def _compute_age(self):
        today = fields.Date.context_today(self)
        for dispute in self:
            begin = dispute.date_open or today
            dispute.age = ((dispute.date_closed or today) - begin).days
            dispute.age_range = str(sum(dispute.age > limit for limit in AGE_LIMITS))

    def _field_to_sql(self, alias, fname, query=None):
        """Let lists and pivots group and sum what is computed, or empty while it is not solved."""
        if fname in ("age", "age_range"):
            age = SQL(
                "(COALESCE(%s, %s::date) - %s)",
                super()._field_to_sql(alias, "date_closed", query),
                fields.Date.context_today(self),
                super()._field_to_sql(alias, "date_open", query),
            )
            if fname == "age":
                return age
            limits = SQL(", ").join(SQL("%s", limit + 1) for limit in AGE_LIMITS)
            return SQL("width_bucket(%s, ARRAY[%s])::text", age, limits)
        if fname == "days_to_solve":
            return SQL(
                "CASE WHEN %s IS NOT NULL THEN %s END",
                super()._field_to_sql(alias, "date_closed", query),
                super()._field_to_sql(alias, fname, query),
            )
        return super()._field_to_sql(alias, fname, query)

    @api.model
    def _search_age_range(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.flush_model(["date_open", "date_closed"])
        query = self._search([])
        query.add_where(
            SQL("%s = ANY(%s)", self._field_to_sql(self._table, "age_range", query), list(value))
        )
        return [("id", "in", query)]
