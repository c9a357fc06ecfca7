from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError


class DebtAbsence(models.Model):
    """Days on which an officer is away and somebody else works the cases.

    The substitute sees and works the cases of the absent officer as if they were own ones
    (``debt.case.is_mine``, on which the record rules stand), from the first to the last day.
    New cases are not dealt to somebody who is away.
    """

    _name = "debt.absence"
    _description = "Absence of an officer"
    _inherit = ["debt.cached.settings"]
    _order = "date_from desc, id desc"

    user_id = fields.Many2one(
        "res.users",
        string="Officer",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    substitute_id = fields.Many2one(
        "res.users", required=True, index=True, domain=[("share", "=", False)]
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", required=True, help="Last day of the absence, inclusive.")
    note = fields.Char()

    _dates = models.Constraint(
        "CHECK(date_to >= date_from)", "An absence cannot end before it begins."
    )
    _somebody_else = models.Constraint(
        "CHECK(user_id <> substitute_id)", "Nobody can stand in for himself or herself."
    )

    @api.depends("user_id", "substitute_id")
    def _compute_display_name(self):
        for absence in self:
            absence.display_name = f"{absence.user_id.name} → {absence.substitute_id.name}"

    @api.constrains("substitute_id")
    def _check_substitute(self):
        for absence in self:
            if not absence.substitute_id.has_group("debt_collection.group_officer"):
                raise ValidationError(
                    self.env._(
                        "%(name)s has no officer's rights in Debt Collection and cannot stand in "
                        "for anybody.",
                        name=absence.substitute_id.name,
                    )
                )

    @api.model
    def _get_represented_ids(self):
        """Officers whose cases the current user works today.

        :return: tuple of user ids: the user, and those absent for whom the user stands in
        """
        return self._read_represented_ids(self.env.uid, fields.Date.context_today(self))

    @api.model
    @tools.ormcache("user_id", "date")
    def _read_represented_ids(self, user_id, date):
        """The same, read once a day for each user: every search of a case asks for it."""
        absences = self.sudo().search(
            [
                ("substitute_id", "=", user_id),
                ("date_from", "<=", date),
                ("date_to", ">=", date),
            ]
        )
        return (user_id, *absences.user_id.ids)

    @api.model
    def _get_absent_users(self, date):
        """:return: res.users who are away on ``date``"""
        absences = self.sudo().search([("date_from", "<=", date), ("date_to", ">=", date)])
        return absences.user_id
