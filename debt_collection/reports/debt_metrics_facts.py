"""What metrics are computed from: sums over the ledger, promises and contacts of a month."""

from datetime import timedelta

from odoo import models
from odoo.tools import SQL

SALES_MONTHS = 12


class DebtMetrics(models.AbstractModel):
    _inherit = "debt.metrics"

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
        facts["promised_live"] = self._get_promised(scope, date)
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

    def _get_promised(self, scope, date):
        """What promises that were live at the end of a day were still to bring."""
        [promised] = self._sum_items(
            scope,
            SQL(
                "SELECT partner_id, company_id, CASE WHEN state = 'open'"
                " THEN amount_company - COALESCE(kept_company, 0) ELSE amount_company END AS amount"
                " FROM debt_promise WHERE company_id = %(company)s AND date_made <= %(date)s"
                " AND (state = 'open' OR date_judged > %(date)s)",
                company=scope["company"].id,
                date=date,
            ),
            SQL("sum(item.amount)"),
        )
        return promised

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
