from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


class DebtSegment(models.Model):
    """A group of debtors that gets a strategy, a team and an officer when its case opens.

    Segments are tried in their order; the first whose domain matches the new case decides.
    """

    _name = "debt.segment"
    _description = "Debtor segment"
    _order = "sequence, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to use the segment in all companies."
    )
    domain = fields.Char(
        default="[]", required=True, help="Which new cases belong here; empty: all of them."
    )
    strategy_id = fields.Many2one(
        "debt.strategy", check_company=True, index=True, domain=[("state", "=", "running")]
    )
    team_id = fields.Many2one("debt.team", check_company=True)
    user_id = fields.Many2one(
        "res.users",
        string="Officer",
        help="Empty: the member of the team with the fewest open cases.",
    )
    case_count = fields.Integer(compute="_compute_case_count")

    def _compute_case_count(self):
        counts = dict(
            self.env["debt.case"]._read_group(
                [("segment_id", "in", self.ids), ("state", "!=", "closed")],
                ["segment_id"],
                ["__count"],
            )
        )
        for segment in self:
            segment.case_count = counts.get(segment, 0)

    @api.constrains("domain")
    def _check_domain(self):
        for segment in self:
            try:
                self.env["debt.case"].sudo()._search(segment._get_case_domain())
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The condition of segment %(name)s cannot be used: %(error)s",
                        name=segment.name,
                        error=error,
                    )
                ) from error

    def _get_case_domain(self):
        """Condition on ``debt.case`` as a Domain."""
        self.ensure_one()
        return Domain(literal_eval(self.domain or "[]"))

    @api.model
    def _assign_new_cases(self, company):
        """Give the new cases of a company (those without strategy) segment, strategy and team.

        A strategy set by hand on the debtor goes before the segment's, the segment's before the
        company's. One statement a segment, whatever the number of cases.

        :param company: res.company
        """
        case_model = self.env["debt.case"].sudo().with_context(active_test=False)
        new = Domain("company_id", "=", company.id) & Domain("strategy_id", "=", False)
        new &= Domain("state", "!=", "closed")
        segments = self.sudo().search(
            ["|", ("company_id", "=", False), ("company_id", "parent_of", company.ids)]
        )
        for segment in segments:
            query = case_model._search(
                new & Domain("segment_id", "=", False) & segment._get_case_domain()
            )
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE debt_case
                       SET segment_id = %(segment)s, strategy_id = %(strategy)s,
                           team_id = COALESCE(team_id, %(team)s),
                           user_id = COALESCE(user_id, %(officer)s)
                     WHERE id IN %(ids)s
                    """,
                    segment=segment.id,
                    strategy=segment.strategy_id.id if segment.strategy_id._is_running() else None,
                    team=segment.team_id.id or None,
                    officer=segment.user_id.id or None,
                    ids=query.subselect(),
                )
            )
        self.env.cr.execute(
            SQL(
                """
                UPDATE debt_case c
                   SET strategy_id = COALESCE(%(by_hand)s, c.strategy_id, %(strategy)s),
                       user_id = CASE WHEN c.date_sync IS NULL
                           THEN COALESCE((p.debt_user_id ->> %(company_key)s)::int, c.user_id)
                           ELSE c.user_id END,
                       team_id = COALESCE(c.team_id, %(team)s)
                  FROM res_partner p
                 WHERE p.id = c.partner_id AND c.company_id = %(company)s
                   AND c.state <> 'closed' AND (c.date_sync IS NULL OR c.strategy_id IS NULL)
                """,
                by_hand=self.env["debt.strategy"]._get_by_hand_sql(company),
                company_key=str(company.id),
                company=company.id,
                strategy=self.env["debt.strategy"]._get_default(company).id or None,
                team=company.sudo().debt_team_id.id or None,
            )
        )
        self.env["debt.team"]._assign_officers(company)
