"""Roll rates, productivity of officers, vintages and expected loss."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL, format_date

from ..tools import metrics
from ..tools.buckets import DEFAULT_LIMITS, get_ranges

VINTAGES = 6
LOSS_MONTHS = 12


class DebtMetrics(models.AbstractModel):
    _inherit = "debt.metrics"

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

    def _find_pairs(self, scope, date, of_month=False):
        """Items followed between the two latest snapshots, or None.

        :param of_month: only where the later one is of the day itself
        """
        snapshots = self._find_snapshots(scope, date)
        if len(snapshots) < 2 or (of_month and snapshots[0].date != date):
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
        empty = self.env._("Take snapshots of two month ends first (Reporting ▸ Snapshots).")
        note = ""
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
            "empty": empty,
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
            "empty": self.env._("No officer has an open case."),
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
            "empty": self.env._("Nothing was invoiced in these months."),
            "digits": company.currency_id.decimal_places,
        }

    # === PROVISION ===

    def _get_provision_table(self, scope):
        """Expected loss on what is open, by a provision matrix from the losses of the past."""
        date = scope["date"]
        labels = self._get_bucket_labels({"limits": DEFAULT_LIMITS, "basis": "due"})
        thresholds = self._get_thresholds(DEFAULT_LIMITS)
        last = date - timedelta(days=DEFAULT_LIMITS[-1])
        first = last - relativedelta(months=LOSS_MONTHS)
        company = scope["company"]
        debts = SQL(
            "SELECT l.id AS line_id, l.company_id, l.partner_id, l.balance,"
            " COALESCE(l.date_maturity, l.date) AS due"
            " FROM account_move_line l JOIN account_move m ON m.id = l.move_id"
            " WHERE l.account_id = ANY(%s) AND l.company_id = %s AND l.parent_state = 'posted'"
            " AND m.move_type IN ('out_invoice', 'out_receipt') AND l.balance > 0"
            " AND COALESCE(l.date_maturity, l.date) > %s"
            " AND COALESCE(l.date_maturity, l.date) <= %s",
            self._get_account_ids(company),
            company.id,
            first,
            last,
        )
        [sales] = self._sum_items(scope, debts, SQL("sum(item.balance)"))
        settled, loss = [0.0] * len(labels), 0.0
        for place, lost, amount in self.env.execute_query(
            SQL(
                """
                SELECT width_bucket(item.date - item.due, %(thresholds)s::int[]),
                       item.kind = 'written_off', sum(item.amount)
                  FROM (SELECT s.* FROM (%(settlements)s) s
                          JOIN (%(debts)s) debt ON debt.line_id = s.line_id) item
                  %(debtor)s
                 WHERE %(filter)s
                 GROUP BY 1, 2
                """,
                thresholds=thresholds,
                settlements=self._get_settlements_sql(company, first - timedelta(days=366), date),
                debts=debts,
                debtor=self._get_debtor_join_sql(latest_case=True),
                filter=self._get_debtor_filter(scope),
            )
        ):
            if lost:
                loss += float(amount)
            else:
                settled[place] += float(amount)
        paid_until = [sum(settled[: place + 1]) for place in range(len(labels) - 1)]
        rates = [rate or 0.0 for rate in metrics.loss_rates(sales, paid_until, loss)]
        balances = self._get_open_by_bucket(scope)
        money = company.currency_id.round
        return {
            "title": self.env._("Expected loss"),
            "note": self.env._(
                "Provision matrix: open × loss rate. Loss rate: written off ÷ what was still open "
                "when the bucket began, of invoices due from %(first)s to %(last)s.",
                first=format_date(self.env, first + timedelta(days=1)),
                last=format_date(self.env, last),
            ),
            "columns": [
                [self.env._("Bucket"), "text"],
                [self.env._("Open"), "money"],
                [self.env._("Loss rate"), "percent"],
                [self.env._("Allowance"), "money"],
            ],
            "rows": [
                [label, money(balance), rate, money(balance * rate)]
                for label, balance, rate in zip(labels, balances, rates, strict=True)
            ],
            "total": [
                self.env._("Total"),
                money(sum(balances)),
                None,
                money(metrics.provision(balances, rates)),
            ],
            "digits": company.currency_id.decimal_places,
        }

    def _get_open_by_bucket(self, scope):
        """Open debts of the scope by age, without credits."""
        balances = [0.0] * (len(DEFAULT_LIMITS) + 2)
        for bucket, amount in self.env.execute_query(
            SQL(
                "SELECT %s, sum(item.residual) FROM (%s) item %s"
                " WHERE item.residual > 0 AND %s GROUP BY 1",
                self._get_bucket_sql(scope["date"], DEFAULT_LIMITS),
                self._get_items_sql(scope["company"], scope["date"]),
                self._get_debtor_join_sql(latest_case=True),
                self._get_debtor_filter(scope),
            )
        ):
            balances[bucket] = float(amount)
        return balances
