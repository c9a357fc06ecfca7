import math
from datetime import date as Date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..tools.buckets import BASES, DEFAULT_LIMITS, check_limits, get_ranges

# Debtors the screen loads at once; more have to be narrowed down or exported.
SCREEN_LIMIT = 50_000
# Debtors a PDF may show: beyond, paper helps nobody and takes minutes.
PDF_LIMIT = 2_000
EXPORT_CHUNK = 2_000
LIST_OPTIONS = ("officer_ids", "team_ids", "segment_ids", "country_ids", "account_ids")


class DebtAgedBalance(models.AbstractModel):
    """Receivables by age on any day: options in, a plain matrix out.

    Screen, PDF, XLSX, pivot and list all show what this producer returns. Without filters its
    total is the balance of the receivable accounts in the general ledger, to the cent.
    """

    _name = "debt.aged.balance"
    _inherit = ["debt.open.items"]
    _description = "Aged balance"

    # === OPTIONS ===

    @api.model
    def get_options(self, options=None):
        """Options made complete and checked, with all choices a screen offers.

        :param dict options: ``date``, ``basis`` (due, invoice), ``limits`` (last days of the
            buckets), ``company_ids``, ``currency`` (company, debt), ``officer_ids`` (0:
            unassigned), ``team_ids``, ``segment_ids``, ``country_ids``, ``account_ids``,
            ``only_overdue``, ``marks`` (kinds of claims), ``compare_date``, ``search``, ``sort``
            (name, total, compare, change or b0, b1…), ``descending``
        :rtype: dict
        """
        companies = self._check_report_access((options or {}).get("company_ids"))
        options = self._prepare_options(options, companies)
        self.env["debt.case"].check_access("read")
        return {
            **options,
            "choices": {
                "companies": self._list_choices(self.env.companies),
                "officers": [
                    *self._list_choices(self._get_officers(companies)),
                    [0, self.env._("Unassigned")],
                ],
                "teams": self._list_choices(self.env["debt.team"].search_fetch([], ["name"])),
                "segments": self._list_choices(self.env["debt.segment"].search_fetch([], ["name"])),
                "countries": self._list_choices(self._get_countries(companies)),
                "accounts": self._list_choices(
                    self.env["account.account"]
                    .sudo()
                    .browse(self._get_account_ids(companies))
                    .filtered("active")
                ),
                "marks": [list(pair) for pair in self._get_mark_choices()],
            },
        }

    @api.model
    def _get_mark_choices(self):
        """Hook: claims by which items can be picked, as (kind, label) pairs."""
        return [
            ("referred", self.env._("Referred")),
            ("disputed", self.env._("Disputed")),
            ("on_plan", self.env._("On plan")),
            ("promised", self.env._("Promised")),
            ("hold", self.env._("On hold")),
        ]

    def _list_choices(self, records):
        """Ids and names, in the order of the names."""
        pairs = [[record.id, record.display_name] for record in records]
        return sorted(pairs, key=lambda pair: pair[1].lower())

    def _get_officers(self, companies):
        """Officers of open cases the user may see."""
        groups = self.env["debt.case"]._read_group(
            [("company_id", "in", companies.ids), ("state", "!=", "closed")], ["user_id"]
        )
        return self.env["res.users"].sudo().union(*(user for (user,) in groups))

    def _get_countries(self, companies):
        """Countries of debtors with open cases."""
        groups = self.env["debt.case"]._read_group(
            [("company_id", "in", companies.ids), ("state", "!=", "closed")],
            ["partner_id"],
        )
        partners = self.env["res.partner"].sudo().union(*(partner for (partner,) in groups))
        return partners.country_id

    @api.model
    def _prepare_options(self, options, companies):
        """Complete and check the options.

        :raises UserError: naming what is wrong
        """
        given = dict(options or {})
        try:
            limits = check_limits(given.get("limits") or DEFAULT_LIMITS)
        except ValueError as error:
            raise UserError(
                self.env._(
                    "The buckets need whole days that rise, for instance 30, 60, 90, 120 "
                    "(%(problem)s).",
                    problem=error,
                )
            ) from None
        if given.get("basis", "due") not in BASES:
            raise UserError(self.env._("Age by due date or by invoice date."))
        if given.get("currency", "company") not in ("company", "debt"):
            raise UserError(self.env._("Amounts in the company's currency or in the debts'."))
        result = {
            "date": self._read_date(given.get("date")) or self._today(),
            "compare_date": self._read_date(given.get("compare_date")),
            "basis": given.get("basis", "due"),
            "limits": list(limits),
            "company_ids": companies.ids,
            "currency": given.get("currency", "company"),
            "only_overdue": bool(given.get("only_overdue")),
            "marks": [str(kind) for kind in given.get("marks") or []],
            "search": str(given.get("search") or "").strip(),
            "sort": str(given.get("sort") or "total"),
            "descending": bool(given.get("descending", True)),
        }
        for name in LIST_OPTIONS:
            try:
                result[name] = [int(id_) for id_ in given.get(name) or []]
            except (TypeError, ValueError):
                raise UserError(self.env._("%(name)s is a list of ids.", name=name)) from None
        return result

    def _today(self):
        return fields.Date.to_string(fields.Date.context_today(self))

    def _read_date(self, value):
        """A date of the options as text, or False."""
        if not value:
            return False
        try:
            return fields.Date.to_string(Date.fromisoformat(str(value)[:10]))
        except ValueError:
            raise UserError(
                self.env._("%(value)s is no date. Write it as 2026-01-31.", value=value)
            ) from None

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
        companies = self._check_report_access((options or {}).get("company_ids"))
        options = self._prepare_options(options, companies)
        rows = self._get_debtor_rows(options)
        officer_ids = {row[4] for row in rows if row[4]}
        officers = self.env["res.users"].sudo().browse(officer_ids)
        return {
            "options": options,
            "columns": self._get_bucket_labels(options),
            "rows": rows[:SCREEN_LIMIT],
            "totals": self._add_up(rows),
            "officers": {user.id: user.name for user in officers},
            "left_out": max(len(rows) - SCREEN_LIMIT, 0),
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
                    item.line_id IN (
                        SELECT i.move_line_id FROM (%s) claim
                          JOIN debt_case_item i ON i.id = claim.item_id
                         WHERE claim.kind = ANY(%s))
                    """,
                    self.env["debt.case.item"]._get_claims_sql(date),
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

    # === DETAILS ===

    @api.model
    def get_details(self, options, partner_id, currency_id):
        """The items behind a row, oldest first.

        :param dict options: as ``get_options``
        :param partner_id: commercial partner, False for items without partner
        :param currency_id: currency of the row
        :return: list of {line_id, move_id, number, ref, date, due, days, bucket, amount,
            company, level, marks}
        """
        companies = self._check_report_access((options or {}).get("company_ids"))
        options = self._prepare_options(options, companies)
        self.env["debt.case"]._follow_movements()
        self.env.flush_all()
        found = self._get_details_of(options, [partner_id])
        return [item for item in found if item["currency_id"] == currency_id]

    def _get_details_of(self, options, partner_ids):
        """Items of some debtors, grouped by debtor in no order, oldest first within.

        :param partner_ids: commercial partner ids, False for items without partner
        """
        companies = self.env["res.company"].browse(options["company_ids"])
        date = options["date"]
        in_company = options["currency"] == "company"
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT item.line_id, item.move_id, debtor.partner_id, debtor.case_id,
                       COALESCE(NULLIF(move.name, '/'), move.ref, '') AS number,
                       CASE WHEN move.ref IS DISTINCT FROM move.name THEN move.ref END AS ref,
                       item.invoice_date AS date, item.due,
                       %(date)s::date - %(base)s AS days, %(bucket)s AS bucket,
                       %(amount)s::float8 AS amount, %(currency)s AS currency_id,
                       company.name AS company, level.name AS level, case_item.id AS item_id
                  FROM (%(items)s) item
                  JOIN res_company company ON company.id = item.company_id
                  JOIN account_move move ON move.id = item.move_id
                  %(debtor)s
                  LEFT JOIN debt_case_item case_item ON case_item.move_line_id = item.line_id
                       AND case_item.date_out IS NULL
                  LEFT JOIN debt_level level ON level.id = case_item.level_id
                 WHERE %(portfolio)s AND %(filters)s AND %(debtor_filters)s
                 ORDER BY item.due, item.line_id
                """,
                date=date,
                base=SQL("item.due") if options["basis"] == "due" else SQL("item.invoice_date"),
                bucket=self._get_bucket_sql(date, options["limits"], options["basis"]),
                amount=SQL("item.residual") if in_company else SQL("item.residual_currency"),
                currency=SQL("company.currency_id") if in_company else SQL("item.currency_id"),
                items=self._get_items_sql(
                    companies, date, self._get_family(partner_ids), options["account_ids"] or None
                ),
                debtor=self._get_debtor_join_sql(),
                portfolio=self._get_portfolio_sql(),
                filters=self._get_item_filters_sql(options, date),
                debtor_filters=self._get_debtor_filters_sql({**options, "search": ""}),
            )
        )
        marks = self._get_marks([row["item_id"] for row in rows if row["item_id"]], date)
        lang = self.env.lang or "en_US"
        for row in rows:
            row["marks"] = marks.get(row.pop("item_id"), "")
            if isinstance(row["level"], dict):
                row["level"] = row["level"].get(lang) or row["level"].get("en_US")
            row["partner_id"] = row["partner_id"] or False
        return rows

    def _get_family(self, partner_ids):
        """Partners whose commercial partner is one of these; False stays."""
        ids = [id_ for id_ in partner_ids if id_]
        rows = self.env.execute_query(
            SQL("SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)", ids)
        )
        family = {*ids, *(id_ for (id_,) in rows)}
        return [*family, *([False] if len(ids) < len(partner_ids) else [])]

    def _get_marks(self, item_ids, date):
        """What stands against items, in words.

        :return: dict item id → words
        """
        if not item_ids:
            return {}
        items = self.env["debt.case.item"]
        rows = self.env.execute_query(
            SQL(
                "SELECT item_id, kind, amount, note FROM (%s) claim WHERE item_id = ANY(%s)",
                items._get_claims_sql(date),
                item_ids,
            )
        )
        marks = {}
        for item_id, kind, amount, note in rows:
            words = items._describe_claim(kind, amount and float(amount), note)
            marks.setdefault(item_id, []).append(words)
        return {item_id: ", ".join(dict.fromkeys(words)) for item_id, words in marks.items()}

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

    # === WORDS ===

    def _describe_options(self, options):
        """The options in words, for the heads of PDF and XLSX: list of (label, value)."""
        companies = self.env["res.company"].browse(options["company_ids"])
        words = [
            (self.env._("As of"), format_date(self.env, options["date"])),
            (
                self.env._("Age by"),
                self.env._("due date") if options["basis"] == "due" else self.env._("invoice date"),
            ),
            (self.env._("Companies"), ", ".join(companies.mapped("name"))),
        ]
        if options["compare_date"]:
            words.append(
                (self.env._("Compared with"), format_date(self.env, options["compare_date"]))
            )
        if options["currency"] == "debt":
            words.append((self.env._("Amounts"), self.env._("in the currency of the debts")))
        if options["only_overdue"]:
            words.append((self.env._("Only"), self.env._("overdue items")))
        if options["marks"]:
            labels = dict(self._get_mark_choices())
            words.append(
                (
                    self.env._("Items that are"),
                    ", ".join(labels.get(kind, kind) for kind in options["marks"]),
                )
            )
        models_of = (
            ("officer_ids", "res.users", self.env._("Officers")),
            ("team_ids", "debt.team", self.env._("Teams")),
            ("segment_ids", "debt.segment", self.env._("Segments")),
            ("country_ids", "res.country", self.env._("Countries")),
            ("account_ids", "account.account", self.env._("Accounts")),
        )
        for name, model, label in models_of:
            if options[name]:
                ids = [id_ for id_ in options[name] if id_]
                names = self.env[model].sudo().browse(ids).mapped("display_name")
                if 0 in options[name]:
                    names.append(self.env._("Unassigned"))
                words.append((label, ", ".join(names)))
        if options["search"]:
            words.append((self.env._("Search"), options["search"]))
        if not self._sees_everything():
            words.append((self.env._("Portfolio"), self.env.user.name))
        return words
