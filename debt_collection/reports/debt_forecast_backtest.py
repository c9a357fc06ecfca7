"""What earlier forecasts would have said, beside what came in."""

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL, format_date

from ..const import CLAIM_KINDS
from ..tools import forecast as tool
from ..tools import metrics
from ..tools.buckets import DEFAULT_LIMITS

BACKTESTS = 3


class DebtForecast(models.AbstractModel):
    _inherit = "debt.forecast"

    def _get_backtest_table(self, scope):
        """What the forecast would have said at past month ends, beside what came in."""
        rows = []
        snapshots = self._find_snapshots(scope, scope["date"], BACKTESTS + 1)
        for snapshot in snapshots:
            end = snapshot.date + relativedelta(days=1, months=1) - relativedelta(days=1)
            if end > scope["date"]:
                continue
            period = self._forecast_month(scope, snapshot, (end - snapshot.date).days)
            actual, money = self._get_actual(scope, snapshot, end)
            rows.append(
                [
                    format_date(self.env, end, date_format="MMMM y"),
                    *[
                        scope["company"].currency_id.round(amount)
                        for amount in (period.total, period.low, period.high, actual, money)
                    ],
                    scope["company"].currency_id.round(period.total - actual),
                    metrics.get_ratio(period.total - actual, actual),
                    self.env._("yes") if period.low <= actual <= period.high else self.env._("no"),
                ]
            )
        return {
            "title": self.env._("Back-test"),
            "note": self.env._(
                "The forecast made from the snapshot, the promises and the plans of the month end "
                "before, beside what was settled of those debts in the month, by money or by "
                "credits. Error: forecast − came in."
            ),
            "columns": [
                [self.env._("Month"), "text"],
                [self.env._("Forecast"), "money"],
                [self.env._("At least"), "money"],
                [self.env._("At most"), "money"],
                [self.env._("Came in"), "money"],
                [self.env._("Of that, money"), "money"],
                [self.env._("Error"), "money"],
                [self.env._("Error"), "percent"],
                [self.env._("Within the range"), "text"],
            ],
            "rows": rows,
            "total": None,
            "digits": scope["company"].currency_id.decimal_places,
            "empty": self.env._("Take snapshots of past month ends first: Reporting ▸ Snapshots."),
        }

    def _forecast_month(self, scope, snapshot, days):
        """The forecast for the month after a snapshot, from what was known that day.

        As the forecast of today: what was claimed is taken out of the rest; of it promises and
        the instalments of the month are expected, what was disputed or referred is not.
        """
        date = snapshot.date
        balances = self._get_snapshot_balances(scope, snapshot)
        kept = self._get_kept_rate(scope, date)
        promises = []
        for bucket, claimed in self._get_claimed(scope, snapshot):
            balances[bucket] = max(balances[bucket] - sum(amount for *_w, amount in claimed), 0.0)
            promises += [
                ((fields.Date.to_date(note) - date).days, amount, kept)
                for kind, note, amount in claimed
                if kind == "promised" and note
            ]
        plans = self._sum_parts(
            {**scope, "date": date},
            SQL("item.date, sum(item.amount)"),
            SQL(
                "item.date > %(date)s AND item.date <= %(end)s AND item.date_start <= %(date)s"
                " AND (item.plan_state = 'active' OR item.date_end > %(date)s)",
                date=date,
                end=date + relativedelta(days=days),
            ),
        )
        adherence = self._get_adherence(scope, date)
        periods = tool.forecast(
            promises,
            [((day - date).days, amount, adherence) for day, amount in plans],
            balances,
            self._get_collection_rates(scope, date),
            1,
            days,
        )
        return tool.add_up(periods)

    def _get_claimed(self, scope, snapshot):
        """What of the items of a snapshot was claimed that day, in parts that do not overlap.

        :return: list of (bucket, [(kind, note, amount in company currency)…]), an item each
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.line_id, width_bucket(%(date)s::date - a.date_due, %(thresholds)s::int[]),
                       a.residual, a.residual_currency, mark.kind, min(mark.note),
                       CASE WHEN bool_or(mark.amount IS NULL) THEN a.residual_currency
                            ELSE sum(mark.amount) END
                  FROM debt_snapshot_line a
                  JOIN (%(marks)s) mark ON mark.line_id = a.line_id AND mark.kind <> 'hold'
                 WHERE a.snapshot_id = %(snapshot)s AND a.residual > 0
                   AND a.residual_currency > 0 AND %(filter)s
                 GROUP BY a.id, mark.kind
                 ORDER BY a.line_id,
                          COALESCE(array_position(%(kinds)s, mark.kind::text), 99)
                """,
                date=snapshot.date,
                thresholds=self._get_thresholds(DEFAULT_LIMITS),
                marks=self.env["debt.case.item"]._get_marks_sql(snapshot.date),
                snapshot=snapshot.id,
                kinds=[kind for kind, _label in CLAIM_KINDS],
                filter=self._get_snapshot_filter(scope),
            )
        )
        found = {}
        for line_id, bucket, residual, left, kind, note, amount in rows:
            entry = found.setdefault(line_id, [bucket, [], float(left)])
            taken = min(max(float(amount), 0.0), entry[2])
            entry[2] -= taken
            entry[1].append((kind, note, float(residual) * taken / float(left)))
        return [(bucket, claimed) for bucket, claimed, _left in found.values()]

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
        """What settled the debts of a snapshot by a later day.

        :return: (whatever it was, money alone)
        """
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT sum(s.amount), sum(s.amount) FILTER (WHERE s.kind = 'collected')
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
        return [float(amount or 0.0) for amount in row]
