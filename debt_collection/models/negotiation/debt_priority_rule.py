"""Broken promises count for the priority."""

from odoo import api, fields, models


class DebtPriorityRule(models.Model):
    _inherit = "debt.priority.rule"

    metric = fields.Selection(
        selection_add=[("broken_promises", "Broken promises")],
        ondelete={"broken_promises": "cascade"},
    )

    @api.model
    def _get_metric_sql(self, date):
        """Add the number of promises the debtor broke in the case."""
        return {
            **super()._get_metric_sql(date),
            "broken_promises": self.env["debt.case"]._get_broken_promises_sql(),
        }
