"""What the manager looks at on Monday: one call, plain figures, each with the records behind it."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..tools import metrics

MONTHS = 12
PAST_MONTHS = 6
TOP = 8
WITHOUT_CONTACT_DAYS = 14


class DebtDashboard(models.AbstractModel):
    """Ageing, trends, collected against target, kept rate, movers, cases nobody contacts.

    Of all companies that are switched on: each is counted by itself, in its own currency, and the
    figures are added up in the currency of the first one, at the rate of the day.
    """

    _name = "debt.dashboard"
    _inherit = ["debt.forecast"]
    _description = "Collections dashboard"

    @api.model
    def get_dashboard(self, options=None):
        """All figures of the dashboard.

        :param dict options: see ``debt.document.report._get_scope``; ``company_ids``: companies
            to add up, default: all that are switched on
        :return: dict of ``options``, ``choices``, ``currency_id``, ``tiles``, ``charts``,
            ``movers``, ``silent``, ``note`` (words where currencies were converted); tiles and
            points of charts have the action that opens their records
        """
        options = options or {}
        companies = self._check_report_access(options.get("company_ids"))
        scopes = [self._get_scope({**options, "company_id": company.id}) for company in companies]
        scope = scopes[0]
        self = self.with_context(allowed_company_ids=companies.ids)  # noqa: PLW0642
        self.env["debt.case"]._follow_movements()
        self.env.flush_all()
        figures = self._get_figures(scopes)
        return {
            "options": {
                "company_ids": companies.ids,
                "date": fields.Date.to_string(scope["date"]),
                "user_id": scope["user"].id,
                "team_id": scope["team"].id,
                "segment_id": scope["segment"].id,
            },
            "choices": {
                "user_id": self._list_choices(self._get_officers(companies)),
                "team_id": self._list_choices(self.env["debt.team"].search_fetch([], ["name"])),
                "segment_id": self._list_choices(
                    self.env["debt.segment"].search_fetch([], ["name"])
                ),
            },
            "currency_id": scope["company"].currency_id.id,
            "note": self._describe_companies(scopes),
            "tiles": self._get_tiles(scopes, figures),
            "charts": self._get_charts(scopes, figures),
            "movers": self._get_movers(figures),
            "silent": self._get_silent_cases(scopes),
        }

    def _describe_companies(self, scopes):
        """Whose figures these are, where it is more than one company."""
        if len(scopes) == 1:
            return ""
        names = ", ".join(scope["company"].name for scope in scopes)
        currency = scopes[0]["company"].currency_id
        if all(scope["company"].currency_id == currency for scope in scopes):
            return self.env._("%(companies)s together.", companies=names)
        return self.env._(
            "%(companies)s together, in %(currency)s at the rates of %(date)s.",
            companies=names,
            currency=currency.name,
            date=format_date(self.env, scopes[0]["date"]),
        )

    # === FACTS ===

    def _get_rate(self, scopes, scope):
        """What amounts of a company are multiplied by, to be in the currency of the first."""
        first = scopes[0]["company"]
        return self.env["res.currency"]._get_conversion_rate(
            scope["company"].currency_id, first.currency_id, first, scope["date"]
        )

    def _get_figures(self, scopes):
        """What tiles and charts are made of, of all companies together.

        :return: dict of ``columns`` (labels of the buckets), ``totals`` (buckets, total, total a
            month ago), ``debtors`` (partner id → name, case id, now, a month ago), ``months`` (see
            ``_get_months``), ``trend`` (day → balances by bucket, and its snapshots), ``weeks``
        """
        figures = {"debtors": {}, "trend": {}}
        for scope in scopes:
            rate = self._get_rate(scopes, scope)
            aged = self._get_aged(scope)
            currency = scope["company"].currency_id
            totals = aged["totals"].get(currency.id) or [0.0] * (len(aged["columns"]) + 2)
            figures["columns"] = aged["columns"]
            figures["totals"] = self._add(figures.get("totals"), totals, rate)
            for row in aged["rows"]:
                debtor = figures["debtors"].setdefault(row[0], [row[1], row[3], 0.0, 0.0])
                debtor[1] = debtor[1] or row[3]
                debtor[2] += rate * row[-2]
                debtor[3] += rate * row[-1]
            self._add_months(figures, self._get_months(scope), rate)
            for snapshot in self._find_snapshots(scope, scope["date"], MONTHS):
                day = figures["trend"].setdefault(
                    snapshot.date, {"balances": None, "snapshot_ids": []}
                )
                balances = self._get_snapshot_balances(scope, snapshot)
                day["balances"] = self._add(day["balances"], balances, rate)
                day["snapshot_ids"].append(snapshot.id)
            weeks = [
                [day, [period.promises, period.plans, period.rest]]
                for day, period in self._get_forecast(scope)["weeks"]
            ]
            before = figures.get("weeks") or [[day, None] for day, _amounts in weeks]
            figures["weeks"] = [
                [day, self._add(sums, amounts, rate)]
                for (day, sums), (_day, amounts) in zip(before, weeks, strict=True)
            ]
        # A day that one company has no snapshot of would look like a fall of the whole.
        most = max((len(day["snapshot_ids"]) for day in figures["trend"].values()), default=0)
        figures["trend"] = dict(
            sorted(
                (date, day)
                for date, day in figures["trend"].items()
                if len(day["snapshot_ids"]) == most
            )[-MONTHS:]
        )
        return figures

    def _add(self, sums, amounts, rate):
        """Add converted amounts to sums, place by place."""
        return [
            before + rate * amount
            for before, amount in zip(sums or [0.0] * len(amounts), amounts, strict=True)
        ]

    def _add_months(self, figures, months, rate):
        """Add the months of a company to those of the others."""
        sums = figures.setdefault(
            "months",
            [
                {
                    "start": month["start"],
                    "end": month["end"],
                    **dict.fromkeys(("collected", "target", "kept", "due"), 0.0),
                }
                for month in months
            ],
        )
        for whole, month in zip(sums, months, strict=True):
            whole["collected"] += rate * month["collected"]
            whole["target"] += rate * month["target"]
            whole["kept"] += month["kept"]
            whole["due"] += month["due"]

    def _get_aged(self, scope):
        """The aged balance of today beside that of a month ago."""
        month_ago = scope["date"] - relativedelta(months=1)
        return self.env["debt.aged.balance"]._get_matrix(
            {
                **self._get_scope_options(scope),
                "compare_date": fields.Date.to_string(month_ago),
                "sort": "change",
            }
        )

    def _get_months(self, scope):
        """Collected and promises of the last months, the oldest first.

        :return: list of dicts with ``start`` (last day before), ``end``, ``collected``,
            ``target``, ``kept`` and ``due`` (promises kept, and promises judged)
        """
        months = []
        for end in reversed(self._get_month_ends(scope["date"], PAST_MONTHS)):
            start = self._get_month_start(end)
            [collected] = self._sum_items(
                scope,
                self._get_settlements_sql(scope["company"], start, end),
                SQL("sum(item.amount) FILTER (WHERE item.kind = 'collected'"
                    " AND item.due < item.date)"),
            )  # fmt: skip
            promises = self._get_promise_facts(scope, start, end)
            months.append(
                {
                    "start": start,
                    "end": end,
                    "collected": collected,
                    "target": self._get_target(scope, end.replace(day=1)),
                    "kept": promises["kept"],
                    "due": promises["kept"] + promises["partly"] + promises["broken"],
                }
            )
        return months

    def _get_target(self, scope, month):
        """What is to be collected in a month: the scope's own target, or the sum of those below."""
        targets = self.env["debt.target"].search(
            [("company_id", "=", scope["company"].id), ("month", "=", month)]
        )
        if scope["user"]:
            return sum(targets.filtered(lambda t: t.user_id == scope["user"]).mapped("amount"))
        if scope["team"]:
            return sum(targets.filtered(lambda t: t.team_id == scope["team"]).mapped("amount"))
        whole = targets.filtered(lambda t: not t.user_id and not t.team_id)
        chosen = whole or targets.filtered("team_id") or targets
        return sum(chosen.mapped("amount"))

    # === TILES ===

    def _get_tiles(self, scopes, figures):
        """Figures to take in at a glance."""
        currency = scopes[0]["company"].currency_id
        total = figures["totals"]
        overdue = sum(total[1:-2])
        this_month = figures["months"][-1]
        cases = self._get_case_domain(scopes)
        silent = [*cases, *self._get_silent_domain(scopes[0])]
        unassigned = [*cases, ("user_id", "=", False)]
        case = self.env["debt.case"]
        return [
            {
                "label": self.env._("Receivables"),
                "kind": "money",
                "value": total[-2],
                "help": self.env._("Open debts less credits, as in the general ledger"),
                "action": self._get_items_action(scopes, []),
            },
            {
                "label": self.env._("Overdue"),
                "kind": "money",
                "value": overdue,
                "help": self.env._("Past the due date, less credits"),
                "action": self._get_items_action(scopes, [("days", ">", 0)]),
            },
            {
                "label": self.env._("Collected this month"),
                "kind": "money",
                "value": this_month["collected"],
                "help": self.env._(
                    "Target %(target)s", target=currency.format(this_month["target"])
                )
                if this_month["target"]
                else self.env._("Money that settled overdue debts"),
                "progress": metrics.get_ratio(this_month["collected"], this_month["target"]),
                "action": self._get_payments_action(scopes, this_month),
            },
            {
                "label": self.env._("No contact in %(days)s days", days=WITHOUT_CONTACT_DAYS),
                "kind": "integer",
                "value": case.search_count(silent),
                "help": self.env._("Open cases"),
                "action": self._get_cases_action(silent),
            },
            {
                "label": self.env._("Unassigned"),
                "kind": "integer",
                "value": case.search_count(unassigned),
                "help": self.env._("Open cases without officer"),
                "action": self._get_cases_action(unassigned),
            },
        ]

    def _get_records_domain(self, scopes):
        """Records of the companies, and of the officer, team and segment asked for."""
        domain = [("company_id", "in", [scope["company"].id for scope in scopes])]
        for name in ("user", "team", "segment"):
            if scopes[0][name]:
                domain.append((f"{name}_id", "=", scopes[0][name].id))
        return domain

    def _get_case_domain(self, scopes):
        """Open cases of the scopes."""
        return [*self._get_records_domain(scopes), ("state", "!=", "closed")]

    def _get_silent_domain(self, scope):
        """Cases nobody contacted lately."""
        day = fields.Date.to_string(scope["date"] - timedelta(days=WITHOUT_CONTACT_DAYS))
        return ["|", ("last_contact_date", "=", False), ("last_contact_date", "<", day)]

    # === LISTS ===

    def _get_movers(self, figures):
        """Debtors whose balance changed most within a month."""
        moved = [
            (partner_id, *values)
            for partner_id, values in figures["debtors"].items()
            if abs(values[2] - values[3]) > 0.005
        ]
        moved.sort(key=lambda one: (-abs(one[3] - one[4]), one[1] or ""))
        return [
            {
                "name": name or self.env._("Without partner"),
                "now": now,
                "before": before,
                "change": now - before,
                "model": "debt.case" if case_id else "res.partner",
                "id": case_id or partner_id,
            }
            for partner_id, name, case_id, now, before in moved[:TOP]
        ]

    def _get_silent_cases(self, scopes):
        """The largest cases nobody contacted lately."""
        found = []
        for scope in scopes:
            rate = self._get_rate(scopes, scope)
            cases = self.env["debt.case"].search(
                [*self._get_case_domain([scope]), *self._get_silent_domain(scope)],
                order="amount_overdue desc, id",
                limit=TOP,
            )
            found += [
                {
                    "id": case.id,
                    "name": case.partner_id.display_name,
                    "officer": case.user_id.name or self.env._("Unassigned"),
                    "amount": rate * case.amount_overdue,
                    "date": fields.Date.to_string(case.last_contact_date) or False,
                }
                for case in cases
            ]
        return sorted(found, key=lambda one: (-one["amount"], one["id"]))[:TOP]

    # === ACTIONS ===

    def _get_action(self, name, model, domain, views, context=None):
        """A window on records."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "domain": domain,
            "views": [[False, view] for view in views.split(",")],
            "context": context or {},
        }

    def _get_items_action(self, scopes, domain):
        """Open items of the scopes."""
        return self._get_action(
            self.env._("Open items"),
            "debt.open.item",
            [*self._get_records_domain(scopes), *domain],
            "list,pivot,graph",
            {"debt_date": fields.Date.to_string(scopes[0]["date"])},
        )

    def _get_cases_action(self, domain):
        return self._get_action(self.env._("Cases"), "debt.case", domain, "list,kanban,form")

    def _get_payments_action(self, scopes, month):
        """Payments of customers in a month."""
        return self._get_action(
            self.env._("Payments"),
            "account.payment",
            [
                ("company_id", "in", [scope["company"].id for scope in scopes]),
                ("payment_type", "=", "inbound"),
                ("date", ">", fields.Date.to_string(month["start"])),
                ("date", "<=", fields.Date.to_string(month["end"])),
            ],
            "list,form",
        )
