"""Metrics of collections: each with the formula it is computed by."""

from odoo import api, models
from odoo.tools import format_date

from ..tools import metrics

DSO_DAYS = 90


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
            self._get_provision_table(scope),
        ]

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
                    "(items followed between the snapshots of two month ends)"
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
            (
                "progress",
                self.env._("Collection progress"),
                "percent",
                metrics.collection_progress(facts["promised_live"], facts["closing_overdue"]),
                self.env._("Promised and still to come ÷ overdue at the end"),
            ),
        ]
        return rows

    def _get_metrics_table(self, scope):
        """The month beside the month before."""
        date = scope["date"]
        before = self._get_month_start(date)
        now, then = (
            self._compute_metrics(
                self._get_facts(scope, day), self._find_pairs(scope, day, of_month=True)
            )
            for day in (date, before)
        )
        return {
            "title": self.env._("Metrics"),
            "note": self.env._(
                "Months up to the day; a month that is not over is counted as far as it went. "
                "Without value: nothing to divide by, or no snapshot of the month end."
            ),
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
