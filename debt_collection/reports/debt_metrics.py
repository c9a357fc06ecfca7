"""Metrics of collections: each with the formula it is computed by."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL, format_date

from ..tools import metrics
from ..tools.buckets import DEFAULT_LIMITS, get_ranges

SALES_MONTHS = 12
DSO_DAYS = 90
VINTAGES = 6


class DebtMetrics(models.AbstractModel):
    """Metrics of a month beside the month before; rolls, productivity and vintages."""

    _name = "debt.metrics"
    _inherit = ["debt.document.report"]
    _description = "Collection metrics"

    @api.model
    def _get_title(self):
        return self.env._("Metrics")

    @api.model
    def _get_tables(self, scope):
        return [
            self._get_metrics_table(scope),
            self._get_roll_table(scope),
            self._get_productivity_table(scope),
            self._get_vintage_table(scope),
        ]

    # === FACTS ===

    def _get_debtor_filter(self, scope):
        """Condition on the alias ``debtor``."""
        conditions = [self._get_portfolio_sql()]
        for name, column in (
            ("user", "officer_id"),
            ("team", "team_id"),
            ("segment", "segment_id"),
        ):
            if scope[name]:
                conditions.append(SQL("%s = %s", SQL.identifier("debtor", column), scope[name].id))
        return SQL(" AND ").join(conditions)

    def _sum_items(self, scope, items, columns):
        """Sums over rows with partner_id and company_id of the scope's debtors.

        :param items: SELECT
        :param columns: SQL of the sums on the alias ``item``
        :return: one row
        """
        [row] = self.env.execute_query(
            SQL(
                "SELECT %s FROM (%s) item %s WHERE %s",
                columns,
                items,
                self._get_debtor_join_sql(latest_case=True),
                self._get_debtor_filter(scope),
            )
        )
        return [float(value or 0.0) for value in row]

    def _get_facts(self, scope, date):
        """What the metrics of the month up to a day are computed from.

        :return: dict of numbers
        """
        start = self._get_month_start(date)
        company = scope["company"]
        facts = {"days": (date - start).days}
        for name, day in (("opening", start), ("closing", date)):
            facts[name], facts[f"{name}_overdue"], count, late = self._sum_items(
                scope,
                self._get_items_sql(company, day),
                SQL(
                    "sum(item.residual) FILTER (WHERE item.residual > 0),"
                    " sum(item.residual) FILTER (WHERE item.residual > 0 AND item.due < %s),"
                    " count(*) FILTER (WHERE item.residual > 0),"
                    " count(*) FILTER (WHERE item.residual > 0 AND item.due <= %s)",
                    day,
                    day - timedelta(days=90),
                ),
            )
        facts["documents"], facts["late"] = count, late
        facts["current"] = facts["closing"] - facts["closing_overdue"]
        facts["sales"] = self._get_sales(scope, date)
        movements = dict(
            self.env.execute_query(
                SQL(
                    "SELECT item.kind, sum(item.amount) FROM (%s) item %s WHERE %s"
                    " GROUP BY item.kind",
                    self._get_overdue_movements_sql(company, start, date),
                    self._get_debtor_join_sql(latest_case=True),
                    self._get_debtor_filter(scope),
                )
            )
        )
        facts["collected"] = -float(movements.get("collected", 0.0))
        facts["fell"] = float(movements.get("new", 0.0)) + float(movements.get("returned", 0.0))
        [facts["collected_opening"]] = self._sum_items(
            scope,
            self._get_settlements_sql(company, start, date),
            SQL("sum(item.amount) FILTER (WHERE item.kind = 'collected' AND item.due < %s)", start),
        )
        facts.update(self._get_promise_facts(scope, start, date))
        facts.update(self._get_contact_facts(scope, start, date))
        return facts

    def _get_sales(self, scope, date):
        """Invoiced less credited of the last months, with tax, the latest first.

        :return: list of (amount, days)
        """
        months = []
        end = date
        for _month in range(SALES_MONTHS):
            start = self._get_month_start(end)
            months.append((start, end))
            end = start
        rows = self.env.execute_query(
            SQL(
                """
                SELECT date_trunc('month', item.date)::date, sum(item.balance)
                  FROM (SELECT l.partner_id, l.company_id, l.date, l.balance
                          FROM account_move_line l JOIN account_move m ON m.id = l.move_id
                         WHERE l.account_id = ANY(%(accounts)s) AND l.company_id = %(company)s
                           AND l.parent_state = 'posted' AND l.date <= %(date)s
                           AND l.date > %(first)s
                           AND m.move_type IN ('out_invoice', 'out_refund', 'out_receipt')) item
                  %(debtor)s
                 WHERE %(filter)s
                 GROUP BY 1
                """,
                accounts=self._get_account_ids(scope["company"]),
                company=scope["company"].id,
                date=date,
                first=months[-1][0],
                debtor=self._get_debtor_join_sql(latest_case=True),
                filter=self._get_debtor_filter(scope),
            )
        )
        sold = {month: float(amount) for month, amount in rows}
        return [(sold.get(end.replace(day=1), 0.0), (end - start).days) for start, end in months]

    def _get_promise_facts(self, scope, start, date):
        """Promises whose last day lies in the month, by what became of them."""
        names = ("kept", "partly", "broken", "promised", "received", "made")
        last_day = SQL("item.date_limit > %s AND item.date_limit <= %s", start, date)
        values = self._sum_items(
            scope,
            SQL("SELECT * FROM debt_promise WHERE company_id = %s", scope["company"].id),
            SQL(
                "count(*) FILTER (WHERE %(last)s AND item.state = 'kept'),"
                " count(*) FILTER (WHERE %(last)s AND item.state = 'partly_kept'),"
                " count(*) FILTER (WHERE %(last)s AND item.state = 'broken'),"
                " sum(item.amount_company) FILTER (WHERE %(last)s AND %(judged)s),"
                " sum(item.kept_company) FILTER (WHERE %(last)s AND %(judged)s),"
                " count(*) FILTER (WHERE item.date_made > %(start)s AND item.date_made <= %(end)s)",
                last=last_day,
                judged=SQL("item.state IN ('kept', 'partly_kept', 'broken')"),
                start=start,
                end=date,
            ),
        )
        return dict(zip(names, values, strict=True))

    def _get_contact_facts(self, scope, start, date):
        """Attempts of ours by telephone, visit or meeting, and how many reached the debtor."""
        names = ("attempts", "right_party", "contacts")
        spoken = SQL("item.direction = 'out' AND item.channel IN ('call', 'visit', 'meeting')")
        values = self._sum_items(
            scope,
            SQL(
                "SELECT * FROM debt_contact WHERE company_id = %s AND superseded IS NOT TRUE"
                " AND date >= %s AND date < %s",
                scope["company"].id,
                start + timedelta(days=1),
                date + timedelta(days=1),
            ),
            SQL(
                "count(*) FILTER (WHERE %(spoken)s),"
                " count(*) FILTER (WHERE %(spoken)s AND item.reached = 'right_party'), count(*)",
                spoken=spoken,
            ),
        )
        return dict(zip(names, values, strict=True))

    # === METRICS ===

    def _compute_metrics(self, facts, pairs=None):
        """Metrics from facts.

        :param facts: as ``_get_facts``
        :param pairs: items followed from the month before (``debt.snapshot._get_pairs``), or None
        :return: list of (key, label, kind, value, formula)
        """
        months = facts["sales"]
        quarter, quarter_days = 0.0, 0
        for sales, days in months:
            if quarter_days >= DSO_DAYS:
                break
            quarter, quarter_days = quarter + sales, quarter_days + days
        simple = metrics.dso(facts["closing"], quarter, quarter_days)
        best = metrics.best_possible_dso(facts["current"], quarter, quarter_days)
        rows = [
            (
                "receivables",
                self.env._("Receivables"),
                "money",
                facts["closing"],
                self.env._("Open debts at the end, without credits"),
            ),
            (
                "overdue",
                self.env._("Overdue"),
                "money",
                facts["closing_overdue"],
                self.env._("Open debts past their due date"),
            ),
            (
                "dso",
                self.env._("DSO, simple"),
                "days",
                simple,
                self.env._(
                    "Receivables ÷ sales of the last %(days)s days × days", days=quarter_days
                ),
            ),
            (
                "dso_countback",
                self.env._("DSO, countback"),
                "days",
                metrics.dso_countback(facts["closing"], months),
                self.env._("Days of the latest months whose sales add up to the receivables"),
            ),
            (
                "dso_best",
                self.env._("Best possible DSO"),
                "days",
                best,
                self.env._(
                    "Receivables not due ÷ sales of the last %(days)s days × days",
                    days=quarter_days,
                ),
            ),
            (
                "add",
                self.env._("Average days delinquent"),
                "days",
                metrics.average_days_delinquent(simple, best),
                self.env._("DSO, simple − best possible DSO"),
            ),
            (
                "cei",
                self.env._("Collection effectiveness (CEI, one month)"),
                "percent",
                metrics.collection_effectiveness(
                    facts["opening"], months[0][0], facts["closing"], facts["current"]
                ),
                self.env._("(Opening + sales − closing) ÷ (opening + sales − not due at the end)"),
            ),
            (
                "cei_items",
                self.env._("Effectiveness on overdue items"),
                "percent",
                metrics.item_effectiveness(facts["collected_opening"], facts["opening_overdue"]),
                self.env._(
                    "Collected on what was overdue at the beginning ÷ overdue at the beginning"
                ),
            ),
            (
                "delinquency",
                self.env._("Delinquency"),
                "percent",
                metrics.delinquency(facts["closing_overdue"], facts["closing"]),
                self.env._("Overdue ÷ receivables"),
            ),
            (
                "at_risk",
                self.env._("At risk"),
                "percent",
                metrics.at_risk_rate(facts["late"], facts["documents"]),
                self.env._("Items 90 or more days overdue ÷ open items"),
            ),
            (
                "cure",
                self.env._("Cure rate"),
                "percent",
                metrics.cure_rate(pairs) if pairs is not None else None,
                self.env._(
                    "Overdue a month ago that is settled or not due now ÷ overdue a month ago "
                    "(items followed between snapshots)"
                ),
            ),
            (
                "collected",
                self.env._("Collected"),
                "money",
                facts["collected"],
                self.env._("Money that settled overdue debts in the month"),
            ),
            (
                "recovery",
                self.env._("Recovery rate"),
                "percent",
                metrics.recovery_rate(facts["collected"], facts["opening_overdue"] + facts["fell"]),
                self.env._("Collected ÷ (overdue at the beginning + fell overdue)"),
            ),
            (
                "liquidation",
                self.env._("Liquidation rate"),
                "percent",
                metrics.liquidation_rate(facts["collected"], facts["opening_overdue"]),
                self.env._("Collected ÷ overdue at the beginning"),
            ),
            (
                "kept",
                self.env._("Promises kept (count)"),
                "percent",
                metrics.kept_rate(facts["kept"], facts["partly"], facts["broken"]),
                self.env._(
                    "Kept ÷ (kept + partly kept + broken), of those whose last day is in the month"
                ),
            ),
            (
                "kept_amount",
                self.env._("Promises kept (amount)"),
                "percent",
                metrics.kept_rate_amount(facts["received"], facts["promised"]),
                self.env._("Received up to what was promised ÷ promised"),
            ),
            (
                "right_party",
                self.env._("Right-party contact rate"),
                "percent",
                metrics.right_party_rate(facts["right_party"], facts["attempts"]),
                self.env._("Calls, visits and meetings that reached the debtor ÷ attempts of ours"),
            ),
            (
                "promise_rate",
                self.env._("Promise rate"),
                "percent",
                metrics.get_ratio(facts["made"], facts["right_party"]),
                self.env._("Promises made ÷ contacts with the debtor"),
            ),
        ]
        return rows

    def _get_metrics_table(self, scope):
        """The month beside the month before."""
        date = scope["date"]
        before = self._get_month_start(date)
        now = self._compute_metrics(self._get_facts(scope, date), self._find_pairs(scope, date))
        then = self._compute_metrics(
            self._get_facts(scope, before), self._find_pairs(scope, before)
        )
        return {
            "title": self.env._("Metrics"),
            "columns": [
                [self.env._("Metric"), "text"],
                [format_date(self.env, date), "value"],
                [format_date(self.env, before), "value"],
                [self.env._("Formula"), "text"],
            ],
            "rows": [
                [label, [kind, value], [kind, earlier[3]], formula]
                for (_key, label, kind, value, formula), earlier in zip(now, then, strict=True)
            ],
            "total": None,
            "digits": scope["company"].currency_id.decimal_places,
        }

    # === ROLL ===

    def _find_snapshots(self, scope, date, count=2):
        """The latest month ends up to a day that were kept, the latest first (superuser)."""
        return (
            self.env["debt.snapshot"]
            .sudo()
            .search(
                [("company_id", "=", scope["company"].id), ("date", "<=", date)],
                order="date desc",
                limit=count,
            )
        )

    def _get_pair_filters(self, scope):
        """Officer, team and segment of the scope as filters of snapshots."""
        return {
            f"{name}_id": scope[name].ids for name in ("user", "team", "segment") if scope[name]
        }

    def _find_pairs(self, scope, date):
        """Items followed between the two latest snapshots, or None."""
        snapshots = self._find_snapshots(scope, date)
        if len(snapshots) < 2:
            return None
        later, earlier = snapshots
        return earlier._get_pairs(later, filters=self._get_pair_filters(scope), producer=self)

    def _get_roll_table(self, scope):
        """Where the balance of each bucket went within a month."""
        labels = self._get_bucket_labels({"limits": DEFAULT_LIMITS, "basis": "due"})
        snapshots = self._find_snapshots(scope, scope["date"])
        rows = []
        if len(snapshots) == 2:
            pairs = self._find_pairs(scope, scope["date"])
            matrix = metrics.roll_matrix(pairs, len(labels))
            balances = [0.0] * len(labels)
            for before, amount, _after, _left in pairs:
                balances[before] += amount
            rows = [
                [label, balance, *(shares or [None] * (len(labels) + 1)),
                 metrics.flow_to_loss(matrix, place)]
                for place, (label, balance, shares) in enumerate(
                    zip(labels, balances, matrix, strict=True)
                )
            ]  # fmt: skip
        note = self.env._("Take snapshots of two month ends first (Reporting ▸ Snapshots).")
        if rows:
            note = self.env._(
                "Of what was in a bucket on %(first)s, the share found in each bucket on "
                "%(second)s, item by item; the rest was settled. Flow to loss: product of the "
                "rates into each next bucket.",
                first=format_date(self.env, snapshots[1].date),
                second=format_date(self.env, snapshots[0].date),
            )
        return {
            "title": self.env._("Roll rates"),
            "note": note,
            "columns": [
                [self.env._("From"), "text"],
                [self.env._("Balance"), "money"],
                *([label, "percent"] for label in labels),
                [self.env._("Settled"), "percent"],
                [self.env._("Flow to loss"), "percent"],
            ],
            "rows": rows,
            "total": None,
            "digits": scope["company"].currency_id.decimal_places,
        }

    # === PRODUCTIVITY ===

    def _get_productivity_table(self, scope):
        """What each officer did and collected in the month."""
        date = scope["date"]
        start = self._get_month_start(date)
        officers = scope["user"] or self._get_officers(scope["company"])
        rows = []
        targets = {
            target.user_id.id: target
            for target in self.env["debt.target"].search(
                [
                    ("company_id", "=", scope["company"].id),
                    ("month", "=", date.replace(day=1)),
                    ("user_id", "!=", False),
                ]
            )
        }
        collected = self.env["debt.target"]._get_collected(scope["company"], date.replace(day=1))
        for officer in officers.sorted("name"):
            own = {**scope, "user": officer}
            promises = self._get_promise_facts(own, start, date)
            contacts = self._get_contact_facts(own, start, date)
            target = targets.get(officer.id)
            amount = collected.get(("user", officer.id), 0.0)
            rows.append(
                [
                    officer.name,
                    contacts["contacts"],
                    contacts["attempts"],
                    contacts["right_party"],
                    metrics.right_party_rate(contacts["right_party"], contacts["attempts"]),
                    promises["made"],
                    metrics.kept_rate(promises["kept"], promises["partly"], promises["broken"]),
                    amount,
                    target.amount if target else None,
                    metrics.get_ratio(amount, target.amount) if target else None,
                ]
            )
        return {
            "title": self.env._("Productivity of officers"),
            "note": self.env._(
                "Contacts with debtors of the officer's portfolio in the month. Progress: "
                "collected ÷ target."
            ),
            "columns": [
                [self.env._("Officer"), "text"],
                [self.env._("Contacts"), "integer"],
                [self.env._("Attempts"), "integer"],
                [self.env._("Debtor reached"), "integer"],
                [self.env._("Reached"), "percent"],
                [self.env._("Promises"), "integer"],
                [self.env._("Kept"), "percent"],
                [self.env._("Collected"), "money"],
                [self.env._("Target"), "money"],
                [self.env._("Progress"), "percent"],
            ],
            "rows": rows,
            "total": None,
            "digits": scope["company"].currency_id.decimal_places,
        }

    # === VINTAGES ===

    def _get_vintage_table(self, scope):
        """How fast the invoices of each month were paid."""
        date = scope["date"]
        first = date.replace(day=1) - relativedelta(months=VINTAGES - 1)
        limits = DEFAULT_LIMITS
        company = scope["company"]
        parameters = {
            "accounts": self._get_account_ids(company),
            "company": company.id,
            "first": first,
            "date": date,
            "debtor": self._get_debtor_join_sql(latest_case=True),
            "filter": self._get_debtor_filter(scope),
        }
        invoiced = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT date_trunc('month', item.invoice_date)::date, sum(item.balance)
                      FROM (SELECT l.partner_id, l.company_id, l.balance,
                                   COALESCE(l.invoice_date, l.date) AS invoice_date
                              FROM account_move_line l JOIN account_move m ON m.id = l.move_id
                             WHERE l.account_id = ANY(%(accounts)s)
                               AND l.company_id = %(company)s AND l.parent_state = 'posted'
                               AND m.move_type = 'out_invoice' AND l.date <= %(date)s
                               AND COALESCE(l.invoice_date, l.date) >= %(first)s) item
                      %(debtor)s
                     WHERE %(filter)s
                     GROUP BY 1
                    """,
                    **parameters,
                )
            )
        )
        paid = {}
        for month, place, amount in self.env.execute_query(
            SQL(
                """
                SELECT date_trunc('month', item.invoice_date)::date,
                       width_bucket(item.date - item.invoice_date, %(thresholds)s::int[]),
                       sum(item.amount)
                  FROM (%(settlements)s) item
                  %(debtor)s
                 WHERE %(filter)s AND item.kind = 'collected' AND item.invoice_date >= %(first)s
                 GROUP BY 1, 2
                """,
                settlements=self._get_settlements_sql(company, first - timedelta(days=1), date),
                thresholds=self._get_thresholds(limits, "invoice"),
                debtor=parameters["debtor"],
                filter=parameters["filter"],
                first=first,
            )
        ):
            paid[month, place] = float(amount)
        rows = []
        for back in range(VINTAGES):
            month = first + relativedelta(months=back)
            whole = float(invoiced.get(month, 0.0))
            if not whole:
                continue
            shares, total = [], 0.0
            for place, (start, _end) in enumerate(get_ranges(limits, "invoice")):
                total += paid.get((month, place), 0.0)
                over = (month + timedelta(days=start)) > date
                shares.append(None if over else metrics.get_ratio(total, whole))
            rows.append([format_date(self.env, month, date_format="MMMM y"), whole, *shares])
        return {
            "title": self.env._("Recovery by vintage"),
            "note": self.env._(
                "Of what was invoiced in a month, the share paid within so many days of the "
                "invoice, cumulated."
            ),
            "columns": [
                [self.env._("Invoiced in"), "text"],
                [self.env._("Amount"), "money"],
                *([self.env._("≤ %(days)s days", days=limit), "percent"] for limit in limits),
                [self.env._("To date"), "percent"],
            ],
            "rows": rows,
            "total": None,
            "digits": company.currency_id.decimal_places,
        }
