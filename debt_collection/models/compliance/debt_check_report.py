from odoo import fields, models
from odoo.tools import SQL

from .debt_check import DECISIONS, KINDS


class DebtCheckReport(models.Model):
    """The compliance score card: every check with its month, jurisdiction, team and person."""

    _name = "debt.check.report"
    _description = "Compliance score card"
    _auto = False
    _order = "date desc"

    date = fields.Datetime(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Debtor", readonly=True)
    case_id = fields.Many2one("debt.case", readonly=True)
    team_id = fields.Many2one("debt.team", readonly=True)
    user_id = fields.Many2one("res.users", string="Asked by", readonly=True)
    overridden_by_id = fields.Many2one("res.users", string="Overridden by", readonly=True)
    kind = fields.Selection(KINDS, string="Asked", readonly=True)
    action = fields.Char(string="Channel", readonly=True)
    decision = fields.Selection(DECISIONS, readonly=True)
    code = fields.Char(string="Main reason", readonly=True)
    jurisdiction_id = fields.Many2one("debt.jurisdiction", readonly=True)
    checks = fields.Integer(readonly=True)
    refusals = fields.Integer(string="Refused", readonly=True)
    overrides = fields.Integer(readonly=True)
    near_misses = fields.Integer(readonly=True)

    @property
    def _table_query(self):
        """SELECT: one row per check, with its measures as 0 or 1."""
        return SQL(
            """
            SELECT k.id, k.date, k.company_id, k.partner_id, k.case_id, c.team_id, k.user_id,
                   k.kind, k.action, k.decision, k.code,
                   j.id AS jurisdiction_id,
                   CASE WHEN k.kind = 'override' THEN k.user_id END AS overridden_by_id,
                   CASE WHEN k.kind IN ('run', 'dispatch', 'ask', 'log') THEN 1 ELSE 0 END
                       AS checks,
                   CASE WHEN k.decision IN ('block', 'hard_block') THEN 1 ELSE 0 END AS refusals,
                   CASE WHEN k.kind = 'override' THEN 1 ELSE 0 END AS overrides,
                   CASE WHEN k.near_miss THEN 1 ELSE 0 END AS near_misses
              FROM debt_check k
              LEFT JOIN debt_case c ON c.id = k.case_id
              -- where no jurisdiction was known, the rules that hold everywhere answered
              LEFT JOIN debt_jurisdiction j ON j.code = COALESCE(k.jurisdiction, '*')
            """
        )
