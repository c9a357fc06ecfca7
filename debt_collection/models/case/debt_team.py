import heapq

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.sql import values_table


class DebtTeam(models.Model):
    """Officers who share a portfolio, with the person who leads them."""

    _name = "debt.team"
    _description = "Collection team"
    _order = "sequence, name"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to let the team work for all companies."
    )
    leader_id = fields.Many2one("res.users", string="Team leader")
    member_ids = fields.Many2many("res.users", string="Officers")
    case_count = fields.Integer(compute="_compute_case_figures")
    unassigned_count = fields.Integer(compute="_compute_case_figures")

    def _compute_case_figures(self):
        domain = [("team_id", "in", self.ids), ("state", "!=", "closed")]
        cases = self.env["debt.case"]
        counts = dict(cases._read_group(domain, ["team_id"], ["__count"]))
        unassigned = dict(
            cases._read_group([*domain, ("user_id", "=", False)], ["team_id"], ["__count"])
        )
        for team in self:
            team.case_count = counts.get(team, 0)
            team.unassigned_count = unassigned.get(team, 0)

    def action_view_cases(self):
        """Open the team's cases."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("debt_collection.debt_case_action")
        action["domain"] = [("team_id", "=", self.id)]
        action["context"] = {"search_default_group_user": 1}
        return action

    @api.model
    def _assign_officers(self, company):
        """Share the new cases of a company without officer among the members of their team.

        Each goes to the active member with the fewest open cases at that moment; the largest
        debts are dealt first, so that they spread too.

        :param company: res.company
        """
        cr = self.env.cr
        cr.execute(
            SQL(
                """
                SELECT c.team_id, array_agg(c.id ORDER BY c.amount_overdue DESC, c.id)
                  FROM debt_case c
                 WHERE c.company_id = %s AND c.state <> 'closed' AND c.date_sync IS NULL
                   AND c.user_id IS NULL AND c.team_id IS NOT NULL
                 GROUP BY c.team_id
                """,
                company.id,
            )
        )
        by_team = dict(cr.fetchall())
        if not by_team:
            return
        teams = self.sudo().browse(by_team)
        cr.execute(
            SQL(
                "SELECT user_id, count(*) FROM debt_case"
                " WHERE state <> 'closed' AND user_id = ANY(%s) GROUP BY user_id",
                teams.member_ids.ids,
            )
        )
        load = dict(cr.fetchall())
        dealt = []
        for team in teams:
            dealt += team._deal(by_team[team.id], company, load)
        cr.execute(
            SQL(
                """
                UPDATE debt_case c SET user_id = dealt.user_id
                  FROM %s
                 WHERE c.id = dealt.case_id
                """,
                values_table("dealt", {"case_id": "int", "user_id": "int"}, dealt),
            )
        )

    def _deal(self, case_ids, company, load):
        """Deal cases to the members who are there, each to the one with the fewest.

        :param case_ids: ids in the order in which they are dealt
        :param company: res.company of the cases
        :param load: dict user id → number of open cases; brought up to date
        :return: list of (case id, user id); empty when no member works for the company
        """
        absent = self.env["debt.absence"]._get_absent_users(fields.Date.context_today(self))
        officers = self.member_ids.filtered(
            lambda user: user.active and company in user.company_ids
        )
        # somebody has to work the new cases, and an absent officer has a substitute
        heap = [(load.get(user.id, 0), user.id) for user in officers - absent or officers]
        heapq.heapify(heap)
        dealt = []
        for case_id in case_ids if heap else ():
            cases, user_id = heapq.heappop(heap)
            dealt.append((case_id, user_id))
            heapq.heappush(heap, (cases + 1, user_id))
        load.update({user_id: cases for cases, user_id in heap})
        return dealt
