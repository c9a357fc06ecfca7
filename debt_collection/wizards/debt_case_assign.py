from odoo import api, fields, models
from odoo.exceptions import UserError


class DebtCaseAssign(models.TransientModel):
    """Gives cases to another officer, or shares them among the officers of a team."""

    _name = "debt.case.assign"
    _description = "Assign cases"
    _inherit = ["debt.case.selection"]

    mode = fields.Selection(
        [("officer", "Give them to one officer"), ("team", "Share them among a team")],
        string="How",
        default="officer",
        required=True,
    )
    only_unworked = fields.Boolean(
        string="Only those not worked on",
        help="Open cases, not snoozed, without a contact in the last 14 days. The others stay "
        "where they are.",
    )
    unworked_count = fields.Integer(compute="_compute_unworked_count")
    user_id = fields.Many2one(
        "res.users",
        string="Officer",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    team_id = fields.Many2one("debt.team")
    absence_words = fields.Char(compute="_compute_absence_words")

    @api.depends("case_ids")
    def _compute_unworked_count(self):
        for wizard in self:
            wizard.unworked_count = len(wizard._get_unworked_cases())

    @api.depends("user_id", "mode")
    def _compute_absence_words(self):
        """Say so when the cases would go to somebody who is away."""
        absent = self.env["debt.absence"]._get_absent_users(fields.Date.context_today(self))
        for wizard in self:
            away = wizard.mode == "officer" and wizard.user_id in absent
            wizard.absence_words = away and self.env._(
                "%(name)s is away today; the substitute works the cases until then.",
                name=wizard.user_id.name,
            )

    def _get_unworked_cases(self):
        return self.case_ids.filtered_domain(self.case_ids._get_unworked_domain())

    def action_confirm(self):
        """Assign the cases; closed ones are left alone."""
        cases = self._get_open_cases()
        if self.only_unworked:
            cases &= self._get_unworked_cases()
        if self.mode == "officer":
            self._check_officer(cases)
            cases.user_id = self.user_id
        else:
            self._share(cases)
        return {"type": "ir.actions.act_window_close"}

    def _check_officer(self, cases):
        """:raises UserError: when the officer cannot see the cases in their company"""
        if not self.user_id:
            raise UserError(self.env._("Please choose the officer who gets the cases."))
        missing = cases.company_id - self.user_id.sudo().company_ids
        if missing:
            raise UserError(
                self.env._(
                    "%(name)s does not work for %(companies)s. Please choose somebody who does.",
                    name=self.user_id.name,
                    companies=", ".join(missing.mapped("name")),
                )
            )

    def _share(self, cases):
        """Deal the cases to the members of the team, the largest debts first."""
        if not self.team_id:
            raise UserError(self.env._("Please choose the team that shares the cases."))
        team = self.team_id.sudo()
        for company, of_company in cases.grouped("company_id").items():
            others = [
                ("user_id", "in", team.member_ids.ids),
                ("state", "!=", "closed"),
                ("id", "not in", of_company.ids),
            ]
            load = self.env["debt.case"].sudo()._read_group(others, ["user_id"], ["__count"])
            dealt = team._deal(
                of_company.sorted("amount_overdue", reverse=True).ids,
                company,
                {user.id: count for user, count in load},
            )
            if not dealt:
                raise UserError(
                    self.env._(
                        "Nobody in the team %(team)s works for %(company)s.",
                        team=team.name,
                        company=company.name,
                    )
                )
            by_user = {}
            for case_id, user_id in dealt:
                by_user.setdefault(user_id, []).append(case_id)
            for user_id, case_ids in by_user.items():
                self.env["debt.case"].browse(case_ids).write(
                    {"user_id": user_id, "team_id": team.id}
                )
