"""The charts of the dashboard: what is drawn, and what a click on each point opens."""

from odoo import fields, models
from odoo.tools import format_date

from ..tools import metrics
from ..tools.buckets import DEFAULT_LIMITS


class DebtDashboard(models.AbstractModel):
    _inherit = "debt.dashboard"

    # === CHARTS ===

    def _get_charts(self, scopes, figures):
        """The charts, in the order of the page."""
        return [
            self._get_ageing_chart(scopes, figures),
            self._get_trend_chart(figures),
            self._get_collected_chart(scopes, figures["months"]),
            self._get_kept_chart(scopes, figures["months"]),
            self._get_forecast_chart(figures["weeks"]),
        ]

    def _get_ageing_chart(self, scopes, figures):
        """Open amounts by age."""
        labels = self.env["debt.open.item"]._get_labels(DEFAULT_LIMITS, "due")
        return {
            "key": "ageing",
            "title": self.env._("Ageing"),
            "type": "bar",
            "kind": "money",
            "labels": figures["columns"],
            "series": [
                {
                    "label": self.env._("Open"),
                    "values": figures["totals"][:-2],
                    "colors": "ageing",
                }
            ]
            if any(figures["totals"][:-2])
            else [],
            "actions": [self._get_items_action(scopes, [("bucket", "=", one)]) for one in labels],
            "empty": self.env._("Nothing is open."),
        }

    def _get_trend_chart(self, figures):
        """Overdue at past month ends, by age."""
        trend = figures["trend"]
        series = [
            {
                "label": label,
                "values": [day["balances"][place] for day in trend.values()],
                "stack": "overdue",
                "colors": f"bucket{place}",
            }
            for place, label in enumerate(figures["columns"])
            if place
        ]
        return {
            "key": "trend",
            "title": self.env._("Overdue at month ends"),
            "type": "bar",
            "kind": "money",
            "labels": [format_date(self.env, date, date_format="MMM yy") for date in trend],
            "series": series if trend else [],
            "actions": [
                self._get_action(
                    self.env._("Overdue on %(date)s", date=format_date(self.env, date)),
                    "debt.snapshot.analysis",
                    [("snapshot_id", "in", day["snapshot_ids"]), ("overdue", ">", 0)],
                    "list,pivot,graph",
                )
                for date, day in trend.items()
            ],
            "empty": self.env._("Take snapshots first: Reporting ▸ Snapshots."),
        }

    def _get_collected_chart(self, scopes, months):
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
            "actions": [self._get_payments_action(scopes, month) for month in months],
            "empty": self.env._("No money settled an overdue debt in these months."),
        }

    def _get_kept_chart(self, scopes, months):
        """Kept rate of promises."""
        values = [metrics.get_ratio(month["kept"], month["due"]) for month in months]
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
                        ("company_id", "in", [scope["company"].id for scope in scopes]),
                        ("date_limit", ">", fields.Date.to_string(month["start"])),
                        ("date_limit", "<=", fields.Date.to_string(month["end"])),
                    ],
                    "list,form",
                )
                for month, label in zip(months, self._get_month_labels(months), strict=True)
            ],
            "empty": self.env._("No promise fell due in these months."),
        }

    def _get_forecast_chart(self, weeks):
        """What the coming weeks should bring."""
        parts = (
            (self.env._("Promises"), "good"),
            (self.env._("Instalments"), "line"),
            (self.env._("Rest"), "pale"),
        )
        series = [
            {
                "label": label,
                "values": [amounts[place] for _day, amounts in weeks],
                "stack": "forecast",
                "colors": colors,
            }
            for place, (label, colors) in enumerate(parts)
        ]
        action = self.env["ir.actions.client"]._for_xml_id("debt_collection.debt_forecast_action")
        return {
            "key": "forecast",
            "title": self.env._("Expected by week"),
            "type": "bar",
            "kind": "money",
            "labels": [format_date(self.env, day, date_format="d MMM") for day, _amounts in weeks],
            "series": series if any(any(one["values"]) for one in series) else [],
            "actions": [action] * len(weeks),
            "empty": self.env._("Nothing is expected: there is no history to go by yet."),
        }

    def _get_month_labels(self, months):
        return [format_date(self.env, month["end"], date_format="MMM yy") for month in months]
