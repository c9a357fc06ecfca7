"""Options of the aged balance: made complete, checked, offered as choices, put into words."""

from datetime import date as Date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..tools.buckets import BASES, DEFAULT_LIMITS, check_limits
from .debt_aged_balance import LIST_OPTIONS


class DebtAgedBalance(models.AbstractModel):
    _inherit = "debt.aged.balance"

    # === OPTIONS ===

    @api.model
    def get_options(self, options=None):
        """Options made complete and checked, with all choices a screen offers.

        :param dict options: ``date``, ``basis`` (due, invoice), ``limits`` (last days of the
            buckets), ``company_ids``, ``currency`` (company, debt), ``officer_ids`` (0:
            unassigned), ``team_ids``, ``segment_ids``, ``country_ids``, ``account_ids``,
            ``only_overdue``, ``marks`` (kinds of claims), ``compare_date``, ``search``, ``sort``
            (name, total, compare, change or b0, b1…), ``descending``, ``unfolded`` (rows whose
            items a file shows too, as [partner id or 0, currency id])
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
        """Countries of customers and of debtors with cases."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT p.country_id FROM res_partner p
                 WHERE p.country_id IS NOT NULL AND p.commercial_partner_id = p.id
                   AND (p.company_id IS NULL OR p.company_id = ANY(%(companies)s))
                   AND (p.customer_rank > 0 OR EXISTS (
                        SELECT FROM debt_case c
                         WHERE c.partner_id = p.id AND c.company_id = ANY(%(companies)s)))
                """,
                companies=companies.ids,
            )
        )
        return self.env["res.country"].browse([id_ for (id_,) in rows])

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
        try:
            result["unfolded"] = [
                [int(partner_id or 0), int(currency_id)]
                for partner_id, currency_id in given.get("unfolded") or []
            ]
        except (TypeError, ValueError):
            raise UserError(self.env._("%(name)s is a list of ids.", name="unfolded")) from None
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
        words += self._describe_past(options)
        if not self._sees_everything():
            words.append((self.env._("Portfolio"), self.env.user.name))
        return words

    def _describe_past(self, options):
        """What a report of a past day says as it was, and what as it is: list of (label, value)."""
        days = [day for day in (options["date"], options["compare_date"]) if day]
        if min(days) >= self._today():
            return []
        told = [
            (bool(options["marks"]), self.env._("disputes, plans, promises and holds of that day")),
            (
                any(options[name] for name in ("officer_ids", "team_ids", "segment_ids")),
                self.env._("officers, teams and segments of today"),
            ),
        ]
        words = ", ".join(text for shown, text in told if shown)
        return [(self.env._("Past days"), words)] if words else []
