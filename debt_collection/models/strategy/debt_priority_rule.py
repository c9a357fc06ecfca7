from odoo import api, fields, models
from odoo.tools import SQL, ormcache


class DebtPriorityRule(models.Model):
    """Points for a case whose figure lies in a range; the priority is the sum of its points."""

    _name = "debt.priority.rule"
    _description = "Priority rule"
    _inherit = ["debt.cached.settings"]
    _order = "sequence, id"

    name = fields.Char(
        required=True,
        translate=True,
        help="Reason an officer reads beside the priority, for instance 'Over 10,000 overdue'.",
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to use the rule in all companies."
    )
    metric = fields.Selection(
        [
            ("amount", "Amount overdue"),
            ("oldest_days", "Days late of the oldest item"),
            ("level", "Rank of the level reached"),
            ("no_contact_days", "Days without contact"),
        ],
        required=True,
        default="amount",
    )
    minimum = fields.Float(digits=(16, 2), help="Matches from this value on, inclusive.")
    maximum = fields.Float(digits=(16, 2), help="Up to this value, exclusive. 0: no upper limit.")
    points = fields.Integer(required=True, default=10)

    _range = models.Constraint(
        "CHECK(maximum = 0 OR maximum > minimum)",
        "The upper limit of a priority rule must lie above its lower limit.",
    )

    @api.model
    def _get_metric_sql(self, date):
        """SQL expression of each metric over the aliases ``c`` (debt_case), ``lv`` (its level).

        Hook: a capability that adds a metric adds its selection value and its expression here.

        :param date: day for which days are counted
        :return: dict metric → SQL
        """
        return {
            "amount": SQL("c.amount_overdue"),
            "oldest_days": SQL("(%s - c.oldest_due_date)", date),
            "level": SQL("COALESCE(lv.sequence, 0)"),
            "no_contact_days": SQL("(%s - COALESCE(c.last_contact_date, c.date_open))", date),
        }

    @api.model
    @ormcache("company_id", "lang")
    def _get_ranges(self, company_id, lang):
        """The active rules of a company as plain values: money scores at every payment.

        :param company_id: id of the res.company
        :param lang: language of the reasons
        :return: list of (metric, minimum, maximum, points, name)
        """
        company = self.env["res.company"].sudo().browse(company_id)
        rules = (
            self.sudo()
            .with_context(lang=lang)
            .search(["|", ("company_id", "=", False), ("company_id", "parent_of", company.ids)])
        )
        return [(rule.metric, rule.minimum, rule.maximum, rule.points, rule.name) for rule in rules]

    @api.model
    def _score(self, company, date, case_ids=None):
        """Compute score and explanation of the open cases of a company, in one statement.

        :param company: res.company
        :param date: day for which days are counted
        :param case_ids: limit to these cases (list of ids), None for all
        """
        metrics = self._get_metric_sql(date)
        points, words = [SQL("0")], []
        lang = company.sudo().partner_id.lang or self.env.lang
        for key, minimum, maximum, value, name in self._get_ranges(company.id, lang):
            condition = SQL("%s >= %s", metrics[key], minimum)
            if maximum:
                condition = SQL("%s AND %s < %s", condition, metrics[key], maximum)
            points.append(SQL("CASE WHEN %s THEN %s ELSE 0 END", condition, value))
            words.append(SQL("CASE WHEN %s THEN %s END", condition, f"{name} ({value:+d})"))
        self.env.cr.execute(
            SQL(
                """
                WITH scored AS (
                    SELECT c.id, %(points)s AS score,
                           NULLIF(concat_ws(' · ', %(words)s), '') AS words
                      FROM debt_case c LEFT JOIN debt_level lv ON lv.id = c.level_id
                     WHERE c.company_id = %(company)s AND c.state <> 'closed' AND %(only)s
                )
                UPDATE debt_case c
                   SET priority_score = scored.score, priority_explanation = scored.words
                  FROM scored
                 WHERE scored.id = c.id
                   AND (c.priority_score IS DISTINCT FROM scored.score
                        OR c.priority_explanation IS DISTINCT FROM scored.words)
                """,
                points=SQL(" + ").join(points),
                words=SQL(", ").join(words or [SQL("NULL::text")]),
                company=company.id,
                only=SQL("TRUE") if case_ids is None else SQL("c.id = ANY(%s)", list(case_ids)),
            )
        )
