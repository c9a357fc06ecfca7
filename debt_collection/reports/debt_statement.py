"""Statement of account of a debtor: what is open, or what happened, with ageing and agreements."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_date

from ..tools.buckets import DEFAULT_LIMITS


class DebtStatement(models.AbstractModel):
    """The statement as a document in the debtor's language, amounts in the debts' currencies."""

    _name = "debt.statement"
    _inherit = ["debt.aged.balance"]
    _description = "Statement of account"

    @api.model
    def _get_documents(self, partners, company, kind, date_from, date_to):
        """Statements of some debtors.

        :param partners: res.partner; their commercial partners are the debtors
        :param company: res.company
        :param kind: ``open`` or ``activity``
        :param date_from: first day of the activity
        :param date_to: last day
        :return: list of (commercial partner, document)
        :raises AccessError: for debtors outside the user's portfolio
        """
        self._check_report_access(company.ids)
        self.env["debt.case"]._follow_movements()
        self.env.flush_all()
        debtors = partners.commercial_partner_id
        self._check_portfolio(debtors, company)
        found = []
        for debtor in debtors:
            lang = debtor.lang or company.partner_id.lang or self.env.lang
            report = self.with_context(lang=lang, allowed_company_ids=company.ids)
            debtor = debtor.with_context(lang=lang)
            found.append((debtor, report._get_statement(debtor, company, kind, date_from, date_to)))
        return found

    def _check_portfolio(self, debtors, company):
        """:raises AccessError: where one of the debtors is not the user's to see."""
        seen = {
            partner_id
            for (partner_id,) in self.env.execute_query(
                SQL(
                    "SELECT debtor.partner_id FROM (SELECT id AS partner_id, %s AS company_id"
                    " FROM res_partner WHERE id = ANY(%s)) item %s WHERE %s",
                    company.id,
                    debtors.ids,
                    self._get_debtor_join_sql(),
                    self._get_portfolio_sql(),
                )
            )
        }
        hidden = debtors.filtered(lambda debtor: debtor.id not in seen)
        if hidden:
            raise AccessError(
                self.env._(
                    "These debtors belong to other officers: %(names)s.",
                    names=", ".join(hidden.sudo().mapped("name")),
                )
            )

    @api.model
    def _get_statement(self, debtor, company, kind, date_from, date_to):
        """One statement (see ``debt.report.renderer``)."""
        options = {"date": fields.Date.to_string(date_to), "currency": "debt"}
        options = self._prepare_options(options, company)
        items = self._get_details_of(options, [debtor.id])
        currencies = self.env["res.currency"].browse(
            sorted({item["currency_id"] for item in items})
        )
        tables = []
        if kind == "activity":
            tables += self._get_activity_tables(debtor, company, date_from, date_to)
        else:
            tables += [self._get_open_table(items, currency) for currency in currencies]
        tables += [self._get_ageing_table(options, items, currencies)] if currencies else []
        tables += self._get_agreement_tables(debtor, company)
        period = [self.env._("As of"), format_date(self.env, date_to)]
        if kind == "activity":
            period = [
                self.env._("Period"),
                f"{format_date(self.env, date_from)} – {format_date(self.env, date_to)}",
            ]
        return {
            "title": self.env._("Statement of account"),
            "address": self._get_address(debtor),
            "facts": [
                period,
                *([[self.env._("Your reference"), debtor.ref]] if debtor.ref else []),
            ],
            "tables": tables,
            "notes": self._get_notes(company, currencies),
        }

    @api.model
    def _get_shown_marks(self, line_ids, date):
        """What the debtor knows of anyway; why we wait, and who else works for us, stays inside."""
        kinds = ("disputed", "on_plan", "promised")
        return self.env["debt.case.item"]._get_marks(line_ids, date, kinds)

    def _get_address(self, debtor):
        """Lines of the address."""
        lines = [debtor.name, *debtor._display_address(without_company=True).splitlines()]
        return [line.strip() for line in lines if line.strip()]

    def _get_open_table(self, items, currency):
        """Open items in a currency, oldest first."""
        rows = [
            [
                fields.Date.to_string(item["date"]),
                item["number"],
                item["ref"],
                fields.Date.to_string(item["due"]),
                max(item["days"], 0) or None,
                item["marks"],
                item["amount"],
            ]
            for item in items
            if item["currency_id"] == currency.id
        ]
        return {
            "title": self.env._("Open items in %(currency)s", currency=currency.name),
            "columns": [
                [self.env._("Date"), "date"],
                [self.env._("Document"), "text"],
                [self.env._("Your reference"), "text"],
                [self.env._("Due"), "date"],
                [self.env._("Days overdue"), "integer"],
                [self.env._("Note"), "text"],
                [self.env._("Open"), "money"],
            ],
            "rows": rows,
            "total": [
                self.env._("Total"),
                *[None] * 5,
                currency.round(sum(row[-1] for row in rows)),
            ],
            "digits": currency.decimal_places,
        }

    def _get_activity_tables(self, debtor, company, date_from, date_to):
        """Every movement of the receivable accounts in the period, a table a currency."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT l.currency_id, l.date, COALESCE(NULLIF(m.name, '/'), m.ref) AS number,
                       COALESCE(NULLIF(l.name, m.name), m.ref) AS label, l.amount_currency,
                       l.date < %(from)s AS before
                  FROM account_move_line l JOIN account_move m ON m.id = l.move_id
                 WHERE l.account_id = ANY(%(accounts)s) AND l.company_id = %(company)s
                   AND l.parent_state = 'posted' AND l.date <= %(to)s
                   AND l.partner_id = ANY(%(family)s)
                   AND m.journal_id IS DISTINCT FROM %(exchange)s
                 ORDER BY l.date, l.id
                """,
                **{"from": date_from, "to": date_to},
                accounts=self._get_account_ids(company),
                company=company.id,
                exchange=company.sudo().currency_exchange_journal_id.id,
                family=self._get_family([debtor.id]),
            )
        )
        tables = []
        by_currency = {}
        for row in rows:
            by_currency.setdefault(row["currency_id"], []).append(row)
        for currency in self.env["res.currency"].browse(sorted(by_currency)):
            found = by_currency[currency.id]
            balance = sum(float(row["amount_currency"]) for row in found if row["before"])
            opening = date_from - timedelta(days=1)
            lines = [[str(opening), None, self.env._("Opening balance"), None, None, balance]]
            for row in found:
                if row["before"]:
                    continue
                amount = float(row["amount_currency"])
                balance += amount
                lines.append(
                    [
                        fields.Date.to_string(row["date"]),
                        row["number"],
                        row["label"],
                        amount if amount > 0 else None,
                        -amount if amount < 0 else None,
                        currency.round(balance),
                    ]
                )
            lines[0][-1] = currency.round(lines[0][-1])
            tables.append(
                {
                    "title": self.env._("Activity in %(currency)s", currency=currency.name),
                    "columns": [
                        [self.env._("Date"), "date"],
                        [self.env._("Document"), "text"],
                        [self.env._("Description"), "text"],
                        [self.env._("Invoiced"), "money"],
                        [self.env._("Paid or credited"), "money"],
                        [self.env._("Balance"), "money"],
                    ],
                    "rows": lines,
                    "total": [
                        self.env._("Balance on %(date)s", date=format_date(self.env, date_to)),
                        *[None] * 4,
                        lines[-1][-1],
                    ],
                    "total_is_computed": True,
                    "digits": currency.decimal_places,
                    "strong": [0],
                }
            )
        return tables

    def _get_ageing_table(self, options, items, currencies):
        """Open amounts by age, a line a currency."""
        labels = self._get_bucket_labels(options)
        rows = []
        for currency in currencies:
            sums = [0.0] * (len(DEFAULT_LIMITS) + 2)
            for item in items:
                if item["currency_id"] == currency.id:
                    sums[item["bucket"]] += item["amount"]
            rows.append([currency.name, *map(currency.round, sums), currency.round(sum(sums))])
        return {
            "title": self.env._("By age"),
            "columns": [
                [self.env._("Currency"), "text"],
                *([label, "money"] for label in labels),
                [self.env._("Total"), "money"],
            ],
            "rows": rows,
            "total": None,
            "digits": max(currencies.mapped("decimal_places"), default=2),
        }

    def _get_agreement_tables(self, debtor, company):
        """Promises that are live and instalments to come."""
        rows = []
        promises = (
            self.env["debt.promise"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", debtor.id),
                    ("company_id", "=", company.id),
                    ("state", "=", "open"),
                ],
                order="date",
            )
        )
        for promise in promises:
            rows.append(
                [
                    fields.Date.to_string(promise.date),
                    self.env._("Promised payment"),
                    promise.currency_id.format(promise.amount - promise.amount_received),
                ]
            )
        parts = (
            self.env["debt.plan.installment"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", debtor.id),
                    ("company_id", "=", company.id),
                    ("plan_state", "=", "active"),
                ],
                order="date",
            )
        )
        for part in parts.filtered(lambda part: part.amount_left > 0):
            rows.append(
                [
                    fields.Date.to_string(part.date),
                    self.env._("Instalment of plan %(name)s", name=part.plan_id.reference or ""),
                    part.currency_id.format(part.amount_left),
                ]
            )
        if not rows:
            return []
        return [
            {
                "title": self.env._("Agreed payments"),
                "columns": [
                    [self.env._("Due"), "date"],
                    [self.env._("Agreement"), "text"],
                    [self.env._("Amount"), "text"],
                ],
                "rows": sorted(rows),
                "total": None,
            }
        ]

    def _get_notes(self, company, currencies):
        """Where to pay to, and whom to ask."""
        notes = []
        accounts = company.sudo().partner_id.bank_ids.filtered("allow_out_payment")
        accounts = accounts or company.sudo().partner_id.bank_ids
        for account in accounts[:2]:
            words = " · ".join(filter(None, (account.acc_number, account.bank_name)))
            notes.append(self.env._("Please pay to: %(account)s", account=words))
        if not currencies:
            notes.append(self.env._("Nothing is open. Thank you."))
        contact = " · ".join(filter(None, (company.email, company.phone)))
        if contact:
            notes.append(self.env._("Questions: %(contact)s", contact=contact))
        return notes
