from odoo import api, fields, models
from odoo.tools import SQL

from .debt_case_walk import UNWORKED_DAYS


class DebtOfficerLoad(models.Model):
    """What lies on each officer's desk: open cases by team and officer, read from the cases."""

    _name = "debt.officer.load"
    _description = "Load of an officer"
    _auto = False
    _order = "amount_overdue desc, id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    team_id = fields.Many2one("debt.team", readonly=True)
    user_id = fields.Many2one("res.users", string="Officer", readonly=True)
    case_count = fields.Integer(string="Cases", readonly=True)
    amount_overdue = fields.Monetary(string="Overdue", readonly=True)
    due_count = fields.Integer(
        string="Due today", readonly=True, help="Cases whose next step is due."
    )
    unworked_count = fields.Integer(
        string="Not worked on",
        readonly=True,
        help="Open cases, not put off, without a contact in the last 14 days.",
    )
    on_hold_count = fields.Integer(string="On hold", readonly=True)
    snoozed_count = fields.Integer(string="Snoozed", readonly=True)
    substitute_id = fields.Many2one(
        "res.users", compute="_compute_absence", help="Works the cases while the officer is away."
    )
    absent_until = fields.Date(compute="_compute_absence")

    @property
    def _table_query(self):
        self.env["debt.case"].flush_model()
        today = fields.Date.context_today(self)
        awake = SQL("(c.snoozed_until IS NULL OR c.snoozed_until <= %s)", today)
        return SQL(
            """
            SELECT min(c.id) AS id, c.company_id, c.team_id, c.user_id,
                   count(*) AS case_count, sum(c.amount_overdue) AS amount_overdue,
                   count(*) FILTER (WHERE c.next_action_date <= %(today)s
                                      AND c.state = 'open' AND %(awake)s) AS due_count,
                   count(*) FILTER (WHERE c.state = 'open' AND %(awake)s
                                      AND coalesce(c.last_contact_date < %(limit)s, TRUE)
                                   ) AS unworked_count,
                   count(*) FILTER (WHERE c.state = 'on_hold') AS on_hold_count,
                   count(*) FILTER (WHERE NOT %(awake)s) AS snoozed_count
              FROM debt_case c
             WHERE c.state <> 'closed'
             GROUP BY c.company_id, c.team_id, c.user_id
            """,
            today=today,
            limit=fields.Date.subtract(today, days=UNWORKED_DAYS),
            awake=awake,
        )

    @api.depends("user_id", "team_id")
    def _compute_display_name(self):
        for load in self:
            load.display_name = load.user_id.name or self.env._("Unassigned")

    def _compute_absence(self):
        today = fields.Date.context_today(self)
        absences = self.env["debt.absence"].search(
            [
                ("user_id", "in", self.user_id.ids),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
            ]
        )
        by_user = {absence.user_id: absence for absence in absences}
        for load in self:
            absence = by_user.get(load.user_id, absences.browse())
            load.substitute_id = absence.substitute_id
            load.absent_until = absence.date_to

    def _get_cases_domain(self):
        """Domain of the open cases behind these figures."""
        domains = [
            [
                ("company_id", "=", load.company_id.id),
                ("team_id", "=", load.team_id.id),
                ("user_id", "=", load.user_id.id),
            ]
            for load in self
        ]
        return fields.Domain.OR(domains) & fields.Domain("state", "!=", "closed")

    def action_view_cases(self):
        """Open the cases behind the figures."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("debt_collection.debt_case_action")
        action["domain"] = list(self._get_cases_domain())
        action["name"] = self.env._("Cases of %(name)s", name=self.display_name)
        return action

    def action_reassign(self):
        """Open the dialog that gives the cases of these officers to others."""
        cases = self.env["debt.case"].search(self._get_cases_domain())
        action = cases.action_assign()
        action["context"]["default_user_id"] = False
        return action
