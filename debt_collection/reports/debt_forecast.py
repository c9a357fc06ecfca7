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
KEPT_MONTHS = 6
# One promise or instalment says nothing of the next: fewer than these count as no history.
LEAST_HISTORY = 3


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
            self._get_outlook_table(scope, forecast),
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
        """Share of the promised amounts that was received, of the last months.

        Half where fewer than ``LEAST_HISTORY`` promises were judged.
        """
        start = date - relativedelta(months=KEPT_MONTHS)
        facts = self._get_promise_facts(scope, start, date)
        if facts["kept"] + facts["partly"] + facts["broken"] < LEAST_HISTORY:
            return tool.WITHOUT_HISTORY
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
        rows = self._sum_parts(
            scope,
            SQL("GREATEST(item.date, %s), sum(item.amount - COALESCE(item.amount_paid, 0))",
                scope["date"]),
            SQL("item.plan_state = 'active' AND item.amount > COALESCE(item.amount_paid, 0)"),
        )  # fmt: skip
        return [(day, amount) for day, amount in rows]

    def _sum_parts(self, scope, columns, condition):
        """Instalments of the scope's debtors, added up by day.

        :param columns: SQL of a key and sums over the alias ``item`` (instalments with the
            ``grace_days``, ``date_start`` and ``date_end`` of their plans)
        :param condition: SQL on the alias ``item``
        :return: list of rows, amounts in the company's currency at the rate of the day
        """
        company = scope["company"]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.currency_id, %(columns)s
                  FROM (SELECT part.*, plan.currency_id, plan.grace_days, plan.date_start,
                               plan.date_end
                          FROM debt_plan_installment part
                          JOIN debt_plan plan ON plan.id = part.plan_id
                         WHERE part.company_id = %(company)s) item
                  %(debtor)s
                 WHERE %(condition)s AND %(filter)s
                 GROUP BY 1, 2
                """,
                columns=columns,
                company=company.id,
                condition=condition,
                debtor=self._get_debtor_join_sql(latest_case=True),
                filter=self._get_debtor_filter(scope),
            )
        )
        currencies = self.env["res.currency"]
        return [
            (
                key,
                *(
                    currencies.browse(currency_id)._convert(
                        float(amount or 0.0), company.currency_id, company, scope["date"]
                    )
                    for amount in amounts
                ),
            )
            for currency_id, key, *amounts in rows
        ]

    def _get_adherence(self, scope, date):
        """Share of the instalments of the last months that was paid.

        An instalment counts once its days of grace are over; half where fewer than
        ``LEAST_HISTORY`` did.
        """
        rows = self._sum_parts(
            scope,
            SQL(
                "item.id, sum(item.amount), sum(LEAST(COALESCE(item.amount_paid, 0), item.amount))"
            ),
            SQL(
                "item.date + COALESCE(item.grace_days, 0) < %s AND item.date > %s"
                " AND item.plan_state IN ('active', 'completed', 'defaulted')",
                date,
                date - relativedelta(months=KEPT_MONTHS),
            ),
        )
        if len(rows) < LEAST_HISTORY:
            return tool.WITHOUT_HISTORY
        due = sum(row[1] for row in rows)
        rate = metrics.get_ratio(sum(row[2] for row in rows), due)
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
            "the rest by the share of each bucket settled in a month. Rates of the last %(months)s "
            "months, half without history. The range holds four of five outcomes.",
            months=KEPT_MONTHS,
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

    def _get_outlook_table(self, scope, forecast):
        """Where the rest will be in a month, by the roll rates of the last month known."""
        labels = self._get_bucket_labels({"limits": DEFAULT_LIMITS, "basis": "due"})
        snapshots = self._find_snapshots(scope, scope["date"])
        money = scope["company"].currency_id.round
        rows, note, expected = [], "", []
        if len(snapshots) == 2:
            matrix = metrics.roll_matrix(self._find_pairs(scope, scope["date"]), len(labels))
            # What nothing is known of stays where it is.
            stays = [
                [float(place == one) for one in range(len(labels) + 1)]
                for place in range(len(labels))
            ]
            balances = forecast["balances"]
            expected = metrics.expected_receipts(
                (balance, shares or stay)
                for balance, shares, stay in zip(balances, matrix, stays, strict=True)
            )
            rows = [
                [label, money(before), money(after)]
                for label, before, after in zip(
                    [*labels, self.env._("Settled")], [*balances, 0.0], expected, strict=True
                )
            ]
            note = self.env._(
                "Sum of balance × share that rolled from each bucket into each other between "
                "%(first)s and %(second)s.",
                first=format_date(self.env, snapshots[1].date),
                second=format_date(self.env, snapshots[0].date),
            )
        return {
            "title": self.env._("The rest in a month"),
            "note": note,
            "columns": [
                [self.env._("Bucket"), "text"],
                [self.env._("Now"), "money"],
                [self.env._("In a month"), "money"],
            ],
            "rows": rows,
            "total": [
                self.env._("Total"),
                money(sum(row[1] for row in rows)),
                money(sum(expected)),
            ],
            "digits": scope["company"].currency_id.decimal_places,
            "empty": self.env._("Take snapshots of two month ends first (Reporting ▸ Snapshots)."),
        }
