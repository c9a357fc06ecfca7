"""Recovery forecast by week, with its range, and what earlier forecasts would have said."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL, format_date

from ..tools import forecast as tool
from ..tools import metrics
from ..tools.buckets import DEFAULT_LIMITS

WEEKS = 12
RATE_MONTHS = 6
BACKTESTS = 3
KEPT_MONTHS = 6


class DebtForecast(models.AbstractModel):
    """What will come in: promises × kept rate, instalments × adherence, the rest by roll rates.

    An amount counts once: what is promised or on a plan is taken out of the rest; what is disputed
    or referred is not expected at all.
    """

    _name = "debt.forecast"
    _inherit = ["debt.metrics"]
    _description = "Recovery forecast"

    @api.model
    def _get_title(self):
        return self.env._("Recovery forecast")

    @api.model
    def _get_tables(self, scope):
        forecast = self._get_forecast(scope)
        return [
            self._get_week_table(scope, forecast),
            self._get_base_table(scope, forecast),
            self._get_backtest_table(scope),
        ]

    # === WHAT IS FORECAST ===

    @api.model
    def _get_forecast(self, scope, weeks=WEEKS):
        """Forecast from the day of the scope on.

        :return: dict with ``weeks`` (list of (first day, tools.forecast.Period)), ``kept_rate``,
            ``adherence``, ``rates``, ``balances``
        """
        date = scope["date"]
        kept = self._get_kept_rate(scope, date)
        adherence = self._get_adherence(scope, date)
        promises = [
            ((day - date).days, amount, kept) for day, amount in self._get_live_promises(scope)
        ]
        plans = [
            ((day - date).days, amount, adherence) for day, amount in self._get_instalments(scope)
        ]
        balances = self._get_rest(scope)
        rates = self._get_collection_rates(scope, date)
        periods = tool.forecast(promises, plans, balances, rates, weeks)
        return {
            "weeks": [
                (date + timedelta(days=7 * place), period) for place, period in enumerate(periods)
            ],
            "kept_rate": kept,
            "adherence": adherence,
            "rates": rates,
            "balances": balances,
        }

    def _get_kept_rate(self, scope, date):
        """Share of the promised amounts that was received, of the last months; half without any."""
        start = date - relativedelta(months=KEPT_MONTHS)
        facts = self._get_promise_facts(scope, start, date)
        rate = metrics.kept_rate_amount(facts["received"], facts["promised"])
        return tool.WITHOUT_HISTORY if rate is None else rate

    def _get_live_promises(self, scope):
        """(day, amount in company currency) of what is promised and still to come.

        Settlements are promises too: whoever claims an item as promised gives the day as the note.
        """
        items = self.env["debt.case.item"]
        return self.env.execute_query(
            SQL(
                """
                SELECT GREATEST(item.day, %(date)s), sum(item.amount)::float8
                  FROM (SELECT c.partner_id, c.company_id, claim.day, parts.amount_company AS amount
                          FROM (%(parts)s) parts
                          JOIN debt_case_item i ON i.id = parts.item_id
                          JOIN debt_case c ON c.id = i.case_id
                          JOIN (SELECT item_id, min(note)::date AS day
                                  FROM (%(claims)s) claim
                                 WHERE kind = 'promised' AND note ~ '^\\d{4}-\\d\\d-\\d\\d$'
                                 GROUP BY item_id) claim ON claim.item_id = i.id
                         WHERE parts.kind = 'promised') item
                  %(debtor)s
                 WHERE %(filter)s
                 GROUP BY 1
                """,
                date=scope["date"],
                parts=items._get_parts_sql(scope["company"], scope["date"]),
                claims=items._get_claims_sql(scope["date"]),
                debtor=self._get_debtor_join_sql(),
                filter=self._get_debtor_filter(scope),
            )
        )

    def _get_instalments(self, scope):
        """(due day, amount in company currency) of instalments of running plans, not paid yet."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT GREATEST(item.date, %(date)s), item.currency_id,
                       sum(item.amount - COALESCE(item.amount_paid, 0))::float8
                  FROM (SELECT part.*, plan.currency_id
                          FROM debt_plan_installment part JOIN debt_plan plan
                               ON plan.id = part.plan_id AND plan.state = 'active'
                         WHERE part.company_id = %(company)s
                           AND part.amount > COALESCE(part.amount_paid, 0)) item
                  %(debtor)s
                 WHERE %(filter)s
                 GROUP BY 1, 2
                """,
                date=scope["date"],
                company=scope["company"].id,
                debtor=self._get_debtor_join_sql(),
                filter=self._get_debtor_filter(scope),
            )
        )
        company = scope["company"]
        currencies = self.env["res.currency"]
        return [
            (
                day,
                currencies.browse(currency_id)._convert(
                    amount, company.currency_id, company, scope["date"]
                ),
            )
            for day, currency_id, amount in rows
        ]

    def _get_adherence(self, scope, date):
        """Share of the instalments due in the last months that was paid; half without any."""
        due, paid = self._sum_items(
            scope,
            SQL(
                "SELECT * FROM debt_plan_installment WHERE company_id = %s AND date <= %s"
                " AND date > %s AND plan_state IN ('active', 'completed', 'defaulted')",
                scope["company"].id,
                date,
                date - relativedelta(months=KEPT_MONTHS),
            ),
            SQL("sum(item.amount), sum(LEAST(item.amount_paid, item.amount))"),
        )
        rate = metrics.get_ratio(paid, due)
        return tool.WITHOUT_HISTORY if rate is None else rate

    def _get_rest(self, scope):
        """What is open in each bucket and neither promised, on a plan, disputed nor referred."""
        date = scope["date"]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %(bucket)s, sum(GREATEST(item.residual - COALESCE(part.amount, 0), 0))
                  FROM (%(items)s) item
                  LEFT JOIN (
                        SELECT i.move_line_id, sum(parts.amount_company) AS amount
                          FROM (%(parts)s) parts JOIN debt_case_item i ON i.id = parts.item_id
                         WHERE parts.kind <> 'hold'
                         GROUP BY i.move_line_id
                       ) part ON part.move_line_id = item.line_id
                  %(debtor)s
                 WHERE item.residual > 0 AND %(filter)s
                   AND NOT EXISTS (
                        SELECT FROM debt_plan_installment part
                         WHERE part.move_line_id = item.line_id AND part.plan_state = 'active')
                 GROUP BY 1
                """,
                bucket=self._get_bucket_sql(date, DEFAULT_LIMITS),
                items=self._get_items_sql(scope["company"], date),
                parts=self.env["debt.case.item"]._get_parts_sql(scope["company"], date),
                debtor=self._get_debtor_join_sql(),
                filter=self._get_debtor_filter(scope),
            )
        )
        balances = [0.0] * (len(DEFAULT_LIMITS) + 2)
        for bucket, amount in rows:
            balances[bucket] = float(amount)
        return balances

    def _get_collection_rates(self, scope, date):
        """(mean, deviation) of the share of each bucket settled within a month, of past months."""
        snapshots = self._find_snapshots(scope, date, RATE_MONTHS + 1)
        months = []
        filters = self._get_pair_filters(scope)
        for later, earlier in zip(snapshots, snapshots[1:], strict=False):
            pairs = earlier._get_pairs(later, filters=filters, producer=self)
            matrix = metrics.roll_matrix(pairs, len(DEFAULT_LIMITS) + 2)
            months.append([shares[-1] if shares else None for shares in matrix])
        if not months:
            return [(0.0, 0.0)] * (len(DEFAULT_LIMITS) + 2)
        return tool.get_rates(months)

    # === TABLES ===

    def _get_week_table(self, scope, forecast):
        """Week by week."""
        total = tool.add_up(period for _day, period in forecast["weeks"])
        rows = [[str(day), *self._get_cells(scope, period)] for day, period in forecast["weeks"]]
        note = self.env._(
            "Live promises × kept rate (%(kept)s %%), plan instalments × adherence (%(plan)s %%), "
            "the rest by the share of each bucket settled in a month. The range holds four of five "
            "outcomes.",
            kept=round(forecast["kept_rate"] * 100),
            plan=round(forecast["adherence"] * 100),
        )
        return {
            "title": self.env._("Expected by week"),
            "note": note,
            "columns": [
                [self.env._("Week from"), "date"],
                [self.env._("Promises"), "money"],
                [self.env._("Instalments"), "money"],
                [self.env._("Rest"), "money"],
                [self.env._("Expected"), "money"],
                [self.env._("At least"), "money"],
                [self.env._("At most"), "money"],
            ],
            "rows": rows,
            # Ranges do not add up: the total's is the one of the whole.
            "total": [self.env._("Total"), *self._get_cells(scope, total)],
            "total_is_computed": True,
            "digits": scope["company"].currency_id.decimal_places,
        }

    def _get_cells(self, scope, period):
        """Amounts of a period."""
        return [
            scope["company"].currency_id.round(amount)
            for amount in (
                period.promises,
                period.plans,
                period.rest,
                period.total,
                period.low,
                period.high,
            )
        ]

    def _get_base_table(self, scope, forecast):
        """What the rest is made of."""
        labels = self._get_bucket_labels({"limits": DEFAULT_LIMITS, "basis": "due"})
        rows = [
            [label, scope["company"].currency_id.round(balance), mean, deviation]
            for label, balance, (mean, deviation) in zip(
                labels, forecast["balances"], forecast["rates"], strict=True
            )
        ]
        return {
            "title": self.env._("The rest, and how it was settled so far"),
            "note": self.env._(
                "Open debts less what is promised, on a plan, disputed or referred. Settled: mean "
                "and deviation of the last %(months)s months' snapshots.",
                months=RATE_MONTHS,
            ),
            "columns": [
                [self.env._("Bucket"), "text"],
                [self.env._("Balance"), "money"],
                [self.env._("Settled in a month"), "percent"],
                [self.env._("Deviation"), "percent"],
            ],
            "rows": rows,
            "total": [self.env._("Total"), sum(row[1] for row in rows), None, None],
            "digits": scope["company"].currency_id.decimal_places,
        }

    def _get_backtest_table(self, scope):
        """What the forecast would have said at past month ends, beside what came in."""
        rows = []
        snapshots = self._find_snapshots(scope, scope["date"], BACKTESTS + 1)
        for snapshot in snapshots:
            end = snapshot.date + relativedelta(days=1, months=1) - relativedelta(days=1)
            if end > scope["date"]:
                continue
            period = self._forecast_month(scope, snapshot, (end - snapshot.date).days)
            actual = self._get_actual(scope, snapshot, end)
            rows.append(
                [
                    format_date(self.env, end, date_format="MMMM y"),
                    *[
                        scope["company"].currency_id.round(amount)
                        for amount in (period.total, period.low, period.high, actual)
                    ],
                    scope["company"].currency_id.round(period.total - actual),
                    metrics.get_ratio(period.total - actual, actual),
                    self.env._("yes") if period.low <= actual <= period.high else self.env._("no"),
                ]
            )
        return {
            "title": self.env._("Back-test"),
            "note": self.env._(
                "The forecast made from the snapshot and the promises of the month end before, "
                "beside what was settled of those debts in the month."
            ),
            "columns": [
                [self.env._("Month"), "text"],
                [self.env._("Forecast"), "money"],
                [self.env._("At least"), "money"],
                [self.env._("At most"), "money"],
                [self.env._("Came in"), "money"],
                [self.env._("Error"), "money"],
                [self.env._("Error"), "percent"],
                [self.env._("Within the range"), "text"],
            ],
            "rows": rows,
            "total": None,
            "digits": scope["company"].currency_id.decimal_places,
        }

    def _forecast_month(self, scope, snapshot, days):
        """The forecast for the month after a snapshot, from what was known that day."""
        date = snapshot.date
        kept = self._get_kept_rate(scope, date)
        promises = self.env.execute_query(
            SQL(
                """
                SELECT item.date, item.bucket, sum(item.amount)::float8
                  FROM (
                    SELECT p.partner_id, p.company_id, p.date, %(bucket)s AS bucket,
                           LEAST(pl.amount * item.residual
                                 / NULLIF(item.residual_currency, 0), item.residual) AS amount
                      FROM debt_promise p
                      JOIN debt_promise_line pl ON pl.agreement_id = p.id
                      JOIN (SELECT line_id, date_due AS due, residual, residual_currency
                              FROM debt_snapshot_line WHERE snapshot_id = %(snapshot)s) item
                           ON item.line_id = pl.move_line_id
                     WHERE p.company_id = %(company)s AND p.date_made <= %(date)s
                       AND COALESCE(p.date_judged, p.date_limit) > %(date)s
                       AND p.state NOT IN ('withdrawn', 'replaced')
                  ) item
                  %(debtor)s
                 WHERE %(filter)s
                 GROUP BY 1, 2
                """,
                bucket=self._get_bucket_sql(date, DEFAULT_LIMITS),
                snapshot=snapshot.id,
                company=scope["company"].id,
                date=date,
                debtor=self._get_debtor_join_sql(latest_case=True),
                filter=self._get_debtor_filter(scope),
            )
        )
        balances = self._get_snapshot_balances(scope, snapshot)
        for _day, bucket, amount in promises:
            balances[bucket] = max(balances[bucket] - amount, 0.0)
        periods = tool.forecast(
            [((day - date).days, amount, kept) for day, _bucket, amount in promises],
            [],
            balances,
            self._get_collection_rates(scope, date),
            1,
            days,
        )
        return tool.add_up(periods)

    def _get_snapshot_filter(self, scope):
        """Condition on items of a snapshot (alias ``a``)."""
        conditions = [self._get_portfolio_of_snapshot_sql("a")]
        for name, ids in self._get_pair_filters(scope).items():
            conditions.append(SQL("%s = ANY(%s)", SQL.identifier("a", name), ids))
        return SQL(" AND ").join(conditions)

    def _get_snapshot_balances(self, scope, snapshot):
        """Debts of a snapshot by bucket."""
        balances = [0.0] * (len(DEFAULT_LIMITS) + 2)
        rows = self.env.execute_query(
            SQL(
                "SELECT width_bucket(%s::date - a.date_due, %s::int[]), sum(a.residual)"
                " FROM debt_snapshot_line a"
                " WHERE a.snapshot_id = %s AND a.residual > 0 AND %s GROUP BY 1",
                snapshot.date,
                self._get_thresholds(DEFAULT_LIMITS),
                snapshot.id,
                self._get_snapshot_filter(scope),
            )
        )
        for bucket, amount in rows:
            balances[bucket] = float(amount)
        return balances

    def _get_actual(self, scope, snapshot, until):
        """What settled the debts of a snapshot by a later day, whatever it was."""
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT sum(s.amount)
                  FROM (%(settlements)s) s
                  JOIN debt_snapshot_line a ON a.line_id = s.line_id
                       AND a.snapshot_id = %(snapshot)s AND a.residual > 0
                 WHERE %(filter)s
                """,
                settlements=self._get_settlements_sql(scope["company"], snapshot.date, until),
                snapshot=snapshot.id,
                filter=self._get_snapshot_filter(scope),
            )
        )
        return float(row[0] or 0.0)
