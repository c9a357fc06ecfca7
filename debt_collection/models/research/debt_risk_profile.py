"""Risk: how each debtor has paid, as a grade with its reasons; one statement a company."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...const import RISK_GRADES

# Months of due dates that are looked at, and how many of them are "lately" for the trend.
MONTHS = 24
MONTHS_LATELY = 6
# A grade begins at so many points (0: pays on time, 100: does not pay).
GRADE_LIMITS = {"E": 65, "D": 45, "C": 25, "B": 10}
# Points: so many at most, and where the most is reached.
LATE_POINTS, LATE_DAYS = 60, 90
TREND_POINTS, TREND_DAYS = 10, 15
BROKEN_POINTS, BROKEN_MOST = 8, 16
BOUNCED_POINTS, BOUNCED_MOST = 8, 16
DISPUTED_POINTS, DISPUTED_MOST = 2, 4
LIMIT_POINTS = 10
# What Odoo's own field says for each grade.
TRUST = {"A": "good", "B": "normal", "C": "normal", "D": "bad", "E": "bad"}

FACTS = ("broken", "bounced", "disputed")


class DebtRiskProfile(models.Model):
    """How a debtor pays one company: figures of two years, points, grade.

    The latest profile of a debtor is ``current``; the earlier ones are the history. Computed every
    month, for new debtors at night, and on demand.
    """

    _name = "debt.risk.profile"
    _description = "Risk profile"
    _order = "date desc, score desc, id desc"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Debtor", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, string="Computed on")
    current = fields.Boolean()
    grade = fields.Selection(RISK_GRADES, required=True)
    score = fields.Float(string="Points", digits=(16, 1), aggregator="avg")
    late_average = fields.Float(string="Days late", digits=(16, 1), aggregator="avg")
    late_weighted = fields.Float(string="Days late, by amount", digits=(16, 1), aggregator="avg")
    trend = fields.Float(
        digits=(16, 1),
        aggregator="avg",
        help="Days late by amount of the last six months less those before: above zero it gets "
        "worse.",
    )
    exposure = fields.Monetary(help="Everything that is open, due or not, less credits.")
    credit_limit = fields.Monetary()
    broken = fields.Integer(string="Broken promises")
    bounced = fields.Integer(string="Bounced payments")
    disputed = fields.Integer(string="Disputes")
    reasons = fields.Char(compute="_compute_reasons")

    _current_uniq = models.UniqueIndex(
        "(company_id, partner_id) WHERE current IS TRUE",
        "A debtor has one current risk profile in a company.",
    )

    @api.depends("partner_id", "grade")
    def _compute_display_name(self):
        for profile in self:
            profile.display_name = f"{profile.partner_id.display_name}: {profile.grade}"

    @api.depends_context("lang")
    @api.depends("score")
    def _compute_reasons(self):
        for profile in self:
            profile.reasons = " · ".join(profile._describe())

    def _describe(self):
        """What the grade rests on, the most important first.

        :return: list of words
        """
        self.ensure_one()
        words = [
            self.env._(
                "pays %(days)s days late on average, %(weighted)s by amount",
                days=round(self.late_average),
                weighted=round(self.late_weighted),
            )
        ]
        if self.trend >= TREND_DAYS:
            words.append(self.env._("getting worse by %(days)s days", days=round(self.trend)))
        elif self.trend <= -TREND_DAYS:
            words.append(self.env._("getting better by %(days)s days", days=round(-self.trend)))
        for count, label in (
            (self.broken, self.env._("broken promises: %(count)s", count=self.broken)),
            (self.bounced, self.env._("bounced payments: %(count)s", count=self.bounced)),
            (self.disputed, self.env._("disputes: %(count)s", count=self.disputed)),
        ):
            if count:
                words.append(label)
        if self.credit_limit and self.exposure > self.credit_limit:
            words.append(
                self.env._(
                    "%(exposure)s open, over the limit of %(limit)s",
                    exposure=self.currency_id.format(self.exposure),
                    limit=self.currency_id.format(self.credit_limit),
                )
            )
        return words

    # === COMPUTATION ===

    @api.model
    def _get_fact_selects(self, company, date):
        """Hook: events that count, each as SELECT of ``partner_id``, ``fact`` (one of FACTS).

        One row an event of the last two years.

        :param company: res.company
        :param date: day of the profile
        :return: list of SQL
        """
        return [
            SQL(
                """
                SELECT p.partner_id, 'broken' AS fact FROM debt_promise p
                 WHERE p.company_id = %(company)s AND p.state = 'broken'
                   AND p.date_limit > %(since)s AND p.date_limit <= %(date)s
                """,
                company=company.id,
                date=date,
                since=fields.Date.subtract(date, months=MONTHS),
            )
        ]

    @api.model
    def _get_profile_sql(self, company, date, partner_ids=None):
        """SELECT: the figures and points of debtors whose receivables fell due in two years.

        :param company: res.company
        :param date: day of the profile
        :param partner_ids: only these debtors, None for all
        :rtype: SQL
        """
        facts = self._get_fact_selects(company, date)
        return SQL(
            """
            WITH line AS (
                SELECT l.id, l.partner_id, COALESCE(l.date_maturity, l.date) AS due,
                       l.amount_residual
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id
                       AND a.account_type = 'asset_receivable'
                 WHERE l.company_id = %(company)s AND l.parent_state = 'posted'
                   AND l.balance > 0 AND l.partner_id IS NOT NULL AND %(only)s
                   AND COALESCE(l.date_maturity, l.date) <= %(date)s
                   AND COALESCE(l.date_maturity, l.date)
                       > (%(date)s - make_interval(months => %(months)s))::date
            ),
            part AS (
                SELECT line.partner_id, line.due, p.amount,
                       GREATEST(p.max_date - line.due, 0) AS late
                  FROM line JOIN account_partial_reconcile p ON p.debit_move_id = line.id
                 WHERE p.max_date <= %(date)s AND p.amount > 0
                UNION ALL
                SELECT line.partner_id, line.due, line.amount_residual, %(date)s - line.due
                  FROM line WHERE line.amount_residual > 0
            ),
            paid AS (
                SELECT part.partner_id, avg(part.late) AS average,
                       sum(part.late * part.amount) / sum(part.amount) AS weighted,
                       sum(part.late * part.amount) FILTER (WHERE part.due > %(lately)s)
                       / sum(part.amount) FILTER (WHERE part.due > %(lately)s) AS lately,
                       sum(part.late * part.amount) FILTER (WHERE part.due <= %(lately)s)
                       / sum(part.amount) FILTER (WHERE part.due <= %(lately)s) AS before
                  FROM part GROUP BY part.partner_id
            ),
            open_now AS (
                SELECT l.partner_id, sum(l.amount_residual) AS exposure
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id
                       AND a.account_type = 'asset_receivable'
                 WHERE l.company_id = %(company)s AND l.parent_state = 'posted'
                   AND l.reconciled IS NOT TRUE AND %(only)s
                 GROUP BY l.partner_id
            ),
            fact AS (
                SELECT f.partner_id,
                       count(*) FILTER (WHERE f.fact = 'broken') AS broken,
                       count(*) FILTER (WHERE f.fact = 'bounced') AS bounced,
                       count(*) FILTER (WHERE f.fact = 'disputed') AS disputed
                  FROM (%(facts)s) f WHERE %(only_facts)s GROUP BY f.partner_id
            ),
            figure AS (
                SELECT paid.partner_id, paid.average, paid.weighted,
                       COALESCE(paid.lately - paid.before, 0) AS trend,
                       COALESCE(o.exposure, 0) AS exposure,
                       COALESCE((pr.credit_limit ->> %(key)s)::numeric, 0) AS credit_limit,
                       COALESCE(fact.broken, 0) AS broken, COALESCE(fact.bounced, 0) AS bounced,
                       COALESCE(fact.disputed, 0) AS disputed
                  FROM paid
                  JOIN res_partner pr ON pr.id = paid.partner_id
                  LEFT JOIN open_now o ON o.partner_id = paid.partner_id
                  LEFT JOIN fact ON fact.partner_id = paid.partner_id
            )
            SELECT f.*,
                   LEAST(f.weighted / %(late_days)s, 1) * %(late_points)s
                   + CASE WHEN f.trend >= %(trend_days)s THEN %(trend_points)s ELSE 0 END
                   + LEAST(f.broken * %(broken_points)s, %(broken_most)s)
                   + LEAST(f.bounced * %(bounced_points)s, %(bounced_most)s)
                   + LEAST(f.disputed * %(disputed_points)s, %(disputed_most)s)
                   + CASE WHEN f.credit_limit > 0 AND f.exposure > f.credit_limit
                          THEN %(limit_points)s ELSE 0 END AS score
              FROM figure f
            """,
            company=company.id,
            key=str(company.id),
            date=date,
            months=MONTHS,
            lately=fields.Date.subtract(date, months=MONTHS_LATELY),
            only=SQL("TRUE")
            if partner_ids is None
            else SQL("l.partner_id = ANY(%s)", list(partner_ids)),
            facts=SQL(" UNION ALL ").join(facts),
            only_facts=SQL("TRUE")
            if partner_ids is None
            else SQL("f.partner_id = ANY(%s)", list(partner_ids)),
            late_days=float(LATE_DAYS),
            late_points=LATE_POINTS,
            trend_days=TREND_DAYS,
            trend_points=TREND_POINTS,
            broken_points=BROKEN_POINTS,
            broken_most=BROKEN_MOST,
            bounced_points=BOUNCED_POINTS,
            bounced_most=BOUNCED_MOST,
            disputed_points=DISPUTED_POINTS,
            disputed_most=DISPUTED_MOST,
            limit_points=LIMIT_POINTS,
        )

    @api.model
    def _compute_profiles(self, company, date, partner_ids=None):
        """Compute the profiles, keep the earlier ones as history, tell cases and Odoo's trust.

        :param company: res.company
        :param date: day of the profile
        :param partner_ids: only these debtors, None for all
        :return: number of profiles
        """
        self.env.flush_all()
        cr = self.env.cr
        grade = SQL(" ").join(
            SQL("WHEN n.score >= %s THEN %s", limit, key) for key, limit in GRADE_LIMITS.items()
        )
        cr.execute("DROP TABLE IF EXISTS debt_risk_new")
        cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE debt_risk_new ON COMMIT DROP AS
                SELECT n.*, CASE %(grade)s ELSE 'A' END AS grade, old.grade AS before
                  FROM (%(profile)s) n
                  LEFT JOIN debt_risk_profile old ON old.partner_id = n.partner_id
                       AND old.company_id = %(company)s AND old.current IS TRUE
                """,
                grade=grade,
                profile=self._get_profile_sql(company, date, partner_ids),
                company=company.id,
            )
        )
        cr.execute(
            SQL(
                """
                DELETE FROM debt_risk_profile p USING debt_risk_new n
                 WHERE p.partner_id = n.partner_id AND p.company_id = %s AND p.date = %s
                """,
                company.id,
                date,
            )
        )
        cr.execute(
            SQL(
                """
                UPDATE debt_risk_profile p SET current = FALSE FROM debt_risk_new n
                 WHERE p.partner_id = n.partner_id AND p.company_id = %s AND p.current IS TRUE
                """,
                company.id,
            )
        )
        cr.execute(
            SQL(
                """
                INSERT INTO debt_risk_profile (company_id, partner_id, date, current, grade,
                       score, late_average, late_weighted, trend, exposure, credit_limit,
                       broken, bounced, disputed)
                SELECT %s, n.partner_id, %s, TRUE, n.grade, n.score, n.average, n.weighted,
                       n.trend, n.exposure, n.credit_limit, n.broken, n.bounced, n.disputed
                  FROM debt_risk_new n
                """,
                company.id,
                date,
            )
        )
        count = cr.rowcount
        self.env["debt.case"]._stamp_risk_grades(company)
        if company.debt_risk_trust:
            self._write_trust(company)
        self.env.invalidate_all(flush=False)
        self._record_changes(company)
        return count

    def _write_trust(self, company):
        """Tell Odoo's own trust where a grade is new or has changed; other choices stay."""
        whens = SQL(" ").join(SQL("WHEN %s THEN %s", *pair) for pair in TRUST.items())
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner p
                   SET trust = COALESCE(p.trust, '{}'::jsonb)
                               || jsonb_build_object(%(key)s, CASE n.grade %(whens)s END)
                  FROM debt_risk_new n
                 WHERE n.partner_id = p.id AND n.grade IS DISTINCT FROM n.before
                   AND COALESCE(p.trust ->> %(key)s, 'normal') <> CASE n.grade %(whens)s END
                """,
                key=str(company.id),
                whens=whens,
            )
        )

    def _record_changes(self, company):
        """Keep the grades that changed as changes of status."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT n.partner_id, n.before, n.grade, c.id
                  FROM debt_risk_new n
                  LEFT JOIN debt_case c ON c.partner_id = n.partner_id AND c.company_id = %s
                       AND c.state <> 'closed'
                 WHERE n.before <> n.grade
                 ORDER BY n.partner_id
                """,
                company.id,
            )
        )
        if rows:
            self.env["debt.status.change"]._record(
                [
                    {
                        "company_id": company.id,
                        "partner_id": partner_id,
                        "case_id": case_id,
                        "kind": "risk",
                        "before": before,
                        "after": grade,
                    }
                    for partner_id, before, grade, case_id in rows
                ]
            )

    @api.model
    def _cron_compute(self):
        """Compute the profiles anew in every company that collects, once a month."""
        cron = self.env["ir.cron"]
        companies = self.env["res.company"].browse(
            company.id for (company,) in self.env["debt.case"]._read_group([], ["company_id"])
        )
        cron._commit_progress(remaining=len(companies))
        for company in companies:
            self._compute_profiles(company, fields.Date.context_today(self))
            if not cron._commit_progress(1):
                break
