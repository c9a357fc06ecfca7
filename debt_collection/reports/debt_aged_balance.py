import math

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.buckets import get_ranges

# Debtors the screen loads at once; more have to be narrowed down or exported.
SCREEN_LIMIT = 50_000
LIST_OPTIONS = ("officer_ids", "team_ids", "segment_ids", "country_ids", "account_ids")


class DebtAgedBalance(models.AbstractModel):
    """Receivables by age on any day: options in, a plain matrix out.

    Screen, PDF, XLSX, pivot and list all show what this producer returns. Without filters its
    total is the balance of the receivable accounts in the general ledger, to the cent.
    """

    _name = "debt.aged.balance"
    _inherit = ["debt.open.items"]
    _description = "Aged balance"

    # === MATRIX ===

    @api.model
    def get_matrix(self, options=None):
        """The aged balance as one plain matrix: a row for each debtor and currency.

        :param dict options: as ``get_options``
        :return: ``options`` (complete), ``columns`` (labels of the buckets), ``rows`` of
            [partner id or False, name, currency id, case id, officer id, amounts of the buckets…,
            total, total on the comparison date], ``totals`` {currency id: amounts as in the rows},
            ``officers`` {id: name}, ``left_out`` (debtors beyond the limit of the screen)
        :rtype: dict
        """
        return self._get_matrix(options, SCREEN_LIMIT)

    @api.model
    def _get_matrix(self, options, limit=None):
        """The matrix, as ``get_matrix``; files have all rows, whatever their number.

        :param limit: rows at most, None: all
        """
        companies = self._check_report_access((options or {}).get("company_ids"))
        options = self._prepare_options(options, companies)
        rows = self._get_debtor_rows(options)
        officer_ids = {row[4] for row in rows if row[4]}
        officers = self.env["res.users"].sudo().browse(officer_ids)
        shown = rows[:limit]
        return {
            "options": options,
            "columns": self._get_bucket_labels(options),
            "rows": shown,
            "totals": self._add_up(rows),
            "officers": {user.id: user.name for user in officers},
            "left_out": len(rows) - len(shown),
        }

    def _get_bucket_labels(self, options):
        """Words above the columns."""
        labels = []
        for first, last in get_ranges(options["limits"], options["basis"]):
            if first is None:
                labels.append(self.env._("Not due"))
            elif last is None:
                labels.append(self.env._("Over %(days)s days", days=first - 1))
            else:
                labels.append(self.env._("%(first)s–%(last)s days", first=first, last=last))
        return labels

    def _add_up(self, rows):
        """Totals by currency; exact, then rounded as the currency is."""
        by_currency = {}
        for row in rows:
            by_currency.setdefault(row[2], []).append(row[5:])
        currencies = {
            currency.id: currency for currency in self.env["res.currency"].browse(by_currency)
        }
        return {
            id_: [currencies[id_].round(math.fsum(amounts)) for amounts in zip(*found, strict=True)]
            for id_, found in by_currency.items()
        }

    def _get_debtor_rows(self, options):
        """Rows of the matrix, in the order asked for: one statement."""
        self.env["debt.case"]._follow_movements()
        self.env.flush_all()
        return [list(row) for row in self.env.execute_query(self._get_debtor_rows_sql(options))]

    def _get_debtor_rows_sql(self, options):
        """The statement behind the matrix."""
        companies = self.env["res.company"].browse(options["company_ids"])
        buckets = len(get_ranges(options["limits"], options["basis"]))
        names = [SQL.identifier(f"b{place}") for place in range(buckets)]
        sources = [self._get_source_sql(companies, options, options["date"], False)]
        if options["compare_date"]:
            sources.append(self._get_source_sql(companies, options, options["compare_date"], True))
        sums = [
            SQL("COALESCE(sum(item.amount) FILTER (WHERE item.bucket = %s), 0) AS %s", place, name)
            for place, name in enumerate(names)
        ]
        added = [
            SQL("sum(item.%s)::float8 AS %s", name, name)
            for name in [*names, SQL("total"), SQL("compare")]
        ]
        return SQL(
            """
            SELECT debtor.partner_id, min(debtor.name), item.currency_id, min(debtor.case_id),
                   min(debtor.officer_id), %(added)s
              FROM (
                SELECT item.partner_id, item.company_id, item.currency_id, %(sums)s,
                       COALESCE(sum(item.amount) FILTER (WHERE item.bucket >= 0), 0) AS total,
                       COALESCE(sum(item.amount) FILTER (WHERE item.bucket < 0), 0) AS compare,
                       sum(item.amount * item.weight) AS present
                  FROM (%(sources)s) item
                 GROUP BY item.partner_id, item.company_id, item.currency_id
              ) item
              %(debtor)s
             WHERE %(portfolio)s AND %(filters)s
             GROUP BY debtor.partner_id, item.currency_id
            HAVING sum(item.present) <> 0
             ORDER BY %(order)s
            """,
            added=SQL(", ").join(added),
            sums=SQL(", ").join(sums),
            sources=SQL(" UNION ALL ").join(sources),
            debtor=self._get_debtor_join_sql(),
            portfolio=self._get_portfolio_sql(),
            filters=self._get_debtor_filters_sql(options),
            order=self._get_order_sql(options, buckets),
        )

    def _get_source_sql(self, companies, options, date, compare):
        """Amounts with their bucket on one date; those of the comparison date have bucket -1."""
        in_company = options["currency"] == "company"
        return SQL(
            """
            SELECT item.partner_id, item.company_id, %(currency)s AS currency_id,
                   %(amount)s AS amount, %(bucket)s AS bucket, %(weight)s AS weight
              FROM (%(items)s) item
              JOIN res_company company ON company.id = item.company_id
             WHERE %(filters)s
            """,
            currency=SQL("company.currency_id") if in_company else SQL("item.currency_id"),
            amount=SQL("item.residual") if in_company else SQL("item.residual_currency"),
            # Each line weighs differently, so that an invoice and a payment of the same amount
            # do not hide their debtor, while a line and the movements that undo it do.
            weight=SQL("item.line_id %% 997 + %s", 1 if not compare else 1009),
            bucket=SQL("-1")
            if compare
            else self._get_bucket_sql(date, options["limits"], options["basis"]),
            items=self._get_movements_sql(
                companies, date, account_ids=options["account_ids"] or None
            ),
            filters=self._get_item_filters_sql(options, date),
        )

    def _get_item_filters_sql(self, options, date):
        """Conditions on the items: only overdue ones, only those with certain marks."""
        filters = [SQL("TRUE")]
        if options["only_overdue"]:
            filters.append(SQL("item.due < %s", date))
        if options["marks"]:
            filters.append(
                SQL(
                    """
                    item.line_id IN (SELECT mark.line_id FROM (%s) mark WHERE mark.kind = ANY(%s))
                    """,
                    self.env["debt.case.item"]._get_marks_sql(date),
                    options["marks"],
                )
            )
        return SQL(" AND ").join(filters)

    def _get_debtor_filters_sql(self, options):
        """Conditions on the debtors."""
        filters = [SQL("TRUE")]
        if options["officer_ids"]:
            ids = [id_ for id_ in options["officer_ids"] if id_]
            condition = SQL("debtor.officer_id = ANY(%s)", ids)
            if 0 in options["officer_ids"]:
                condition = SQL("(%s OR debtor.officer_id IS NULL)", condition)
            filters.append(condition)
        for name in ("team", "segment", "country"):
            if options[f"{name}_ids"]:
                column = SQL.identifier("debtor", f"{name}_id")
                filters.append(SQL("%s = ANY(%s)", column, options[f"{name}_ids"]))
        if options["search"]:
            like = "%" + options["search"].replace("\\", "\\\\").replace("%", r"\%") + "%"
            filters.append(SQL("(debtor.name ILIKE %s OR debtor.ref ILIKE %s)", like, like))
        return SQL(" AND ").join(filters)

    def _get_order_sql(self, options, buckets):
        """Order of the rows; names settle what is equal."""
        columns = {
            "name": SQL("min(debtor.name)"),
            "total": SQL("sum(item.total)"),
            "compare": SQL("sum(item.compare)"),
            "change": SQL("sum(item.total) - sum(item.compare)"),
            **{
                f"b{place}": SQL("sum(item.%s)", SQL.identifier(f"b{place}"))
                for place in range(buckets)
            },
        }
        if options["sort"] not in columns:
            raise UserError(
                self.env._("There is no column %(name)s to sort by.", name=options["sort"])
            )
        return SQL(
            "%s %s NULLS LAST, min(debtor.name), debtor.partner_id",
            columns[options["sort"]],
            SQL("DESC") if options["descending"] else SQL("ASC"),
        )

    # === TIE TO THE GENERAL LEDGER ===

    @api.model
    def get_ledger_check(self, options=None):
        """Whether the report equals the general ledger; nothing where filters leave things out.

        :return: list of {currency_id, ledger, report, difference}
        """
        companies = self._check_report_access((options or {}).get("company_ids"))
        options = self._prepare_options(options, companies)
        filtered = any(options[name] for name in (*LIST_OPTIONS, "marks", "search"))
        if filtered or options["only_overdue"] or not self._sees_everything():
            return []
        options = {**options, "currency": "company", "compare_date": False, "sort": "total"}
        totals = self._add_up(self._get_debtor_rows(options))
        ledger = self._get_ledger_balances(companies, options["date"])
        checks = []
        for currency in self.env["res.currency"].browse({*totals, *ledger}):
            booked = currency.round(ledger.get(currency.id, 0.0))
            shown = totals[currency.id][-2] if currency.id in totals else 0.0
            checks.append(
                {
                    "currency_id": currency.id,
                    "ledger": booked,
                    "report": shown,
                    "difference": currency.round(shown - booked),
                }
            )
        return checks
