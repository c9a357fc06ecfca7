"""What the manager looks at on Monday: one call, plain figures, each with the records behind it."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..tools import metrics
from ..tools.buckets import DEFAULT_LIMITS

MONTHS = 12
PAST_MONTHS = 6
TOP = 8
WITHOUT_CONTACT_DAYS = 14


class DebtDashboard(models.AbstractModel):
    """Ageing, trends, collected against target, kept rate, movers, cases nobody contacts."""

    _name = "debt.dashboard"
    _inherit = ["debt.forecast"]
    _description = "Collections dashboard"

    @api.model
    def get_dashboard(self, options=None):
        """All figures of the dashboard.

        :param dict options: see ``debt.document.report._get_scope``
        :return: dict of ``options``, ``choices``, ``currency_id``, ``tiles``, ``charts``,
            ``movers``, ``silent``; tiles and points of charts have the action that opens their
            records
        """
        scope = self._get_scope(options)
        company = scope["company"]
        self = self.with_context(allowed_company_ids=company.ids)  # noqa: PLW0642
        self.env["debt.case"]._follow_movements()
        self.env.flush_all()
        aged = self._get_aged(scope)
        months = self._get_months(scope)
        return {
            "options": {
                "company_id": company.id,
                "date": fields.Date.to_string(scope["date"]),
                "user_id": scope["user"].id,
                "team_id": scope["team"].id,
                "segment_id": scope["segment"].id,
            },
            "choices": {
                "user_id": self._list_choices(self._get_officers(company)),
                "team_id": self._list_choices(self.env["debt.team"].search_fetch([], ["name"])),
                "segment_id": self._list_choices(
                    self.env["debt.segment"].search_fetch([], ["name"])
                ),
            },
            "currency_id": company.currency_id.id,
            "tiles": self._get_tiles(scope, aged, months),
            "charts": [
                self._get_ageing_chart(scope, aged),
                self._get_trend_chart(scope, aged),
                self._get_collected_chart(scope, months),
                self._get_kept_chart(scope, months),
                self._get_forecast_chart(scope),
            ],
            "movers": self._get_movers(scope, aged),
            "silent": self._get_silent_cases(scope),
        }

    # === FACTS ===

    def _get_aged(self, scope):
        """The aged balance of today beside that of a month ago."""
        month_ago = scope["date"] - relativedelta(months=1)
        return self.env["debt.aged.balance"].get_matrix(
            {
                **self._get_scope_options(scope),
                "compare_date": fields.Date.to_string(month_ago),
                "sort": "change",
            }
        )

    def _get_months(self, scope):
        """Collected and promises of the last months, the oldest first.

        :return: list of dicts with ``start`` (last day before), ``end``, ``collected``,
            ``target``, ``kept``
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
                    "kept": metrics.kept_rate(
                        promises["kept"], promises["partly"], promises["broken"]
                    ),
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

    def _get_tiles(self, scope, aged, months):
        """Figures to take in at a glance."""
        currency = scope["company"].currency_id
        total = aged["totals"].get(currency.id) or [0.0] * (len(aged["columns"]) + 2)
        overdue = sum(total[1:-2])
        this_month = months[-1]
        cases = self._get_case_domain(scope)
        silent = [*cases, *self._get_silent_domain(scope)]
        unassigned = [*cases, ("user_id", "=", False)]
        case = self.env["debt.case"]
        return [
            {
                "label": self.env._("Receivables"),
                "kind": "money",
                "value": total[-2],
                "help": self.env._("Open debts less credits, as in the general ledger"),
                "action": self._get_items_action(scope, []),
            },
            {
                "label": self.env._("Overdue"),
                "kind": "money",
                "value": overdue,
                "help": self.env._("Past the due date, less credits"),
                "action": self._get_items_action(scope, [("days", ">", 0)]),
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
                "action": self._get_payments_action(this_month),
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

    def _get_case_domain(self, scope):
        """Open cases of the scope."""
        domain = [("company_id", "=", scope["company"].id), ("state", "!=", "closed")]
        for name in ("user", "team", "segment"):
            if scope[name]:
                domain.append((f"{name}_id", "=", scope[name].id))
        return domain

    def _get_silent_domain(self, scope):
        """Cases nobody contacted lately."""
        day = fields.Date.to_string(scope["date"] - timedelta(days=WITHOUT_CONTACT_DAYS))
        return ["|", ("last_contact_date", "=", False), ("last_contact_date", "<", day)]

    # === CHARTS ===

    def _get_ageing_chart(self, scope, aged):
        """Open amounts by age."""
        total = aged["totals"].get(scope["company"].currency_id.id)
        labels = self.env["debt.open.item"]._get_labels(DEFAULT_LIMITS, "due")
        return {
            "key": "ageing",
            "title": self.env._("Ageing"),
            "type": "bar",
            "kind": "money",
            "labels": aged["columns"],
            "series": [
                {
                    "label": self.env._("Open"),
                    "values": total[:-2] if total else [],
                    "colors": "ageing",
                }
            ],
            "actions": [self._get_items_action(scope, [("bucket", "=", one)]) for one in labels],
            "empty": self.env._("Nothing is open."),
        }

    def _get_trend_chart(self, scope, aged):
        """Overdue at past month ends, by age, and now."""
        snapshots = self._find_snapshots(scope, scope["date"], MONTHS)[::-1]
        balances = [self._get_snapshot_balances(scope, snapshot) for snapshot in snapshots]
        labels = [
            format_date(self.env, snapshot.date, date_format="MMM yy") for snapshot in snapshots
        ]
        series = [
            {
                "label": label,
                "values": [balance[place] for balance in balances],
                "stack": "overdue",
                "colors": f"bucket{place}",
            }
            for place, label in enumerate(aged["columns"])
            if place
        ]
        return {
            "key": "trend",
            "title": self.env._("Overdue at month ends"),
            "type": "bar",
            "kind": "money",
            "labels": labels,
            "series": series,
            "actions": [
                self._get_action(
                    self.env._("Overdue on %(date)s", date=format_date(self.env, snapshot.date)),
                    "debt.snapshot.analysis",
                    [("snapshot_id", "=", snapshot.id), ("overdue", ">", 0)],
                    "list,pivot,graph",
                )
                for snapshot in snapshots
            ],
            "empty": self.env._("Take snapshots first: Reporting ▸ Snapshots."),
        }

    def _get_collected_chart(self, scope, months):
        """Collected against target."""
        series = [
            {
                "label": self.env._("Collected"),
                "values": [month["collected"] for month in months],
                "colors": "good",
            }
        ]
        if any(month["target"] for month in months):
            series.append(
                {
                    "label": self.env._("Target"),
                    "values": [month["target"] or None for month in months],
                    "type": "line",
                    "colors": "line",
                }
            )
        return {
            "key": "collected",
            "title": self.env._("Collected on overdue debts"),
            "type": "bar",
            "kind": "money",
            "labels": self._get_month_labels(months),
            "series": series if any(any(one["values"]) for one in series) else [],
            "actions": [self._get_payments_action(month) for month in months],
            "empty": self.env._("No money settled an overdue debt in these months."),
        }

    def _get_kept_chart(self, scope, months):
        """Kept rate of promises."""
        values = [month["kept"] for month in months]
        return {
            "key": "kept",
            "title": self.env._("Promises kept"),
            "help": self.env._("Kept ÷ (kept + partly kept + broken), by count"),
            "type": "line",
            "kind": "percent",
            "labels": self._get_month_labels(months),
            "series": [{"label": self.env._("Kept rate"), "values": values, "colors": "line"}]
            if any(value is not None for value in values)
            else [],
            "actions": [
                self._get_action(
                    self.env._("Promises of %(month)s", month=label),
                    "debt.promise",
                    [
                        ("company_id", "=", scope["company"].id),
                        ("date_limit", ">", fields.Date.to_string(month["start"])),
                        ("date_limit", "<=", fields.Date.to_string(month["end"])),
                    ],
                    "list,form",
                )
                for month, label in zip(months, self._get_month_labels(months), strict=True)
            ],
            "empty": self.env._("No promise fell due in these months."),
        }

    def _get_forecast_chart(self, scope):
        """What the coming weeks should bring."""
        weeks = self._get_forecast(scope)["weeks"]
        parts = (
            (self.env._("Promises"), "promises", "good"),
            (self.env._("Instalments"), "plans", "line"),
            (self.env._("Rest"), "rest", "pale"),
        )
        series = [
            {
                "label": label,
                "values": [getattr(period, name) for _day, period in weeks],
                "stack": "forecast",
                "colors": colors,
            }
            for label, name, colors in parts
        ]
        action = self.env["ir.actions.client"]._for_xml_id("debt_collection.debt_forecast_action")
        return {
            "key": "forecast",
            "title": self.env._("Expected by week"),
            "type": "bar",
            "kind": "money",
            "labels": [format_date(self.env, day, date_format="d MMM") for day, _period in weeks],
            "series": series if any(any(one["values"]) for one in series) else [],
            "actions": [action] * len(weeks),
            "empty": self.env._("Nothing is expected: there is no history to go by yet."),
        }

    def _get_month_labels(self, months):
        return [format_date(self.env, month["end"], date_format="MMM yy") for month in months]

    # === LISTS ===

    def _get_movers(self, scope, aged):
        """Debtors whose balance changed most within a month."""
        rows = sorted(aged["rows"], key=lambda row: -abs(row[-2] - row[-1]))[:TOP]
        return [
            {
                "name": row[1] or self.env._("Without partner"),
                "now": row[-2],
                "before": row[-1],
                "change": row[-2] - row[-1],
                "model": "debt.case" if row[3] else "res.partner",
                "id": row[3] or row[0],
            }
            for row in rows
            if abs(row[-2] - row[-1]) > 0.005
        ]

    def _get_silent_cases(self, scope):
        """The largest cases nobody contacted lately."""
        cases = self.env["debt.case"].search(
            [*self._get_case_domain(scope), *self._get_silent_domain(scope)],
            order="amount_overdue desc, id",
            limit=TOP,
        )
        return [
            {
                "id": case.id,
                "name": case.partner_id.display_name,
                "officer": case.user_id.name or self.env._("Unassigned"),
                "amount": case.amount_overdue,
                "date": fields.Date.to_string(case.last_contact_date) or False,
            }
            for case in cases
        ]

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

    def _get_items_action(self, scope, domain):
        """Open items of the scope."""
        domain = [("company_id", "=", scope["company"].id), *domain]
        for name in ("user", "team", "segment"):
            if scope[name]:
                domain.append((f"{name}_id", "=", scope[name].id))
        return self._get_action(
            self.env._("Open items"),
            "debt.open.item",
            domain,
            "list,pivot,graph",
            {"debt_date": fields.Date.to_string(scope["date"])},
        )

    def _get_cases_action(self, domain):
        return self._get_action(self.env._("Cases"), "debt.case", domain, "list,kanban,form")

    def _get_payments_action(self, month):
        """Payments of customers in a month."""
        return self._get_action(
            self.env._("Payments"),
            "account.payment",
            [
                ("payment_type", "=", "inbound"),
                ("date", ">", fields.Date.to_string(month["start"])),
                ("date", "<=", fields.Date.to_string(month["end"])),
            ],
            "list,form",
        )
