from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...const import RISK_GRADES
from .debt_assessment import RESEARCH_GROUPS

# Grades that put a debtor on the high-risk list.
HIGH_RISK = ("D", "E")


class DebtCase(models.Model):
    """Cases: the risk grade of the debtor, and the research about what can be paid."""

    _inherit = "debt.case"

    risk_grade = fields.Selection(
        RISK_GRADES, string="Risk", readonly=True, index="btree_not_null", copy=False
    )
    risk_words = fields.Char(string="Why this grade", compute="_compute_risk_words")
    assessment_ids = fields.One2many(
        "debt.assessment", "case_id", string="Research", groups=RESEARCH_GROUPS
    )
    assessment_count = fields.Integer(compute="_compute_assessment_count", groups=RESEARCH_GROUPS)

    @api.depends("partner_id", "risk_grade")
    def _compute_risk_words(self):
        profiles = (
            self.env["debt.risk.profile"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", self.partner_id.ids),
                    ("company_id", "in", self.company_id.ids),
                    ("current", "=", True),
                ]
            )
        )
        words = {(p.company_id, p.partner_id): p.reasons for p in profiles}
        for case in self:
            case.risk_words = words.get((case.company_id, case.partner_id), False)

    def _compute_assessment_count(self):
        counts = dict(
            self.env["debt.assessment"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.assessment_count = counts.get(case, 0)

    @api.model
    def _stamp_risk_grades(self, company):
        """Copy the grades of the current profiles to the open cases, in one statement.

        :param company: res.company
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE debt_case c SET risk_grade = p.grade
                  FROM debt_risk_profile p
                 WHERE p.company_id = c.company_id AND p.partner_id = c.partner_id
                   AND p.current IS TRUE AND c.company_id = %s AND c.state <> 'closed'
                   AND c.risk_grade IS DISTINCT FROM p.grade
                """,
                company.id,
            )
        )

    @api.model
    def _get_high_risk_domain(self):
        return super()._get_high_risk_domain() | (
            Domain("state", "!=", "closed") & Domain("risk_grade", "in", HIGH_RISK)
        )

    def _merge_into(self, target):
        """Research follows the case."""
        result = super()._merge_into(target)
        self.sudo().assessment_ids.case_id = target
        return result

    @api.model
    def _before_partner_merge(self, sources, destination):
        """One current profile a debtor: those of partners that disappear become history."""
        result = super()._before_partner_merge(sources, destination)
        profiles = self.env["debt.risk.profile"].sudo()
        profiles.search([("partner_id", "in", sources.ids), ("current", "=", True)]).current = False
        self.env.flush_all()
        return result

    @api.model
    def _after_partner_merge(self, destination):
        """The debtor who now has the ledger of all of them is graded anew, where one was."""
        result = super()._after_partner_merge(destination)
        partner = destination.commercial_partner_id
        profiles = self.env["debt.risk.profile"].sudo()
        known = profiles.search([("partner_id", "=", partner.id)])
        for company in known.company_id:
            profiles._compute_profiles(company, fields.Date.context_today(self), partner.ids)
        return result

    # === ACTIONS ===

    def action_refresh_risk(self):
        """Compute the risk of these debtors anew, today."""
        self.check_access("write")
        for company, cases in self.grouped("company_id").items():
            self.env["debt.risk.profile"].sudo()._compute_profiles(
                company, fields.Date.context_today(self), cases.partner_id.ids
            )
        return True

    def action_view_risk(self):
        """Open the risk profiles of the debtor, the latest first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "debt_collection.debt_risk_profile_action"
        )
        action["domain"] = [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        action["context"] = {}
        return action

    def action_view_assessments(self):
        """Open the research about the debtor."""
        return self._action_view_related("debt_collection.debt_assessment_action")
