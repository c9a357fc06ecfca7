from odoo import fields, models
from odoo.tools import SQL


class DebtCase(models.Model):
    """Cases: what they cost, and what is left of what came in."""

    _inherit = "debt.case"

    cost_ids = fields.One2many("debt.cost", "case_id", string="Costs")
    amount_cost = fields.Monetary(string="Cost of collecting", compute="_compute_recovery")
    amount_recovered = fields.Monetary(
        string="Recovered",
        compute="_compute_recovery",
        help="Payments on the items of the case since they are in collection.",
    )
    amount_net_recovered = fields.Monetary(
        string="Net recovery",
        compute="_compute_recovery",
        help="Recovered less costs and commissions.",
    )

    def _compute_recovery(self):
        self.mapped("currency_id")
        figures = self._get_recovery()
        for case in self:
            recovered, costs = figures.get(case._origin.id, (0.0, 0.0))
            case.amount_recovered, case.amount_cost = recovered, costs
            case.amount_net_recovered = recovered - costs

    def _get_recovery(self):
        """What came in on the items of these cases since they entered, and what it cost.

        See ``debt.recovery``, which tells it by channel too.

        :return: dict case id → (recovered, costs), in the company's currency
        """
        if not self.ids:
            return {}
        self._follow_movements()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT case_id, sum(recovered), sum(cost) FROM (%s) recovery
                 WHERE case_id = ANY(%s) GROUP BY case_id
                """,
                self.env["debt.recovery"]._get_rows_sql(),
                self.ids,
            )
        )
        return {case_id: (float(paid), float(cost)) for case_id, paid, cost in rows}

    def _get_costs_to_claim(self, date):
        """The debtor's part of what was spent until a day and was not invoiced by then.

        :param date: last day that counts
        :return: amount in the company's currency
        """
        self.ensure_one()
        costs = self.cost_ids.filtered(
            lambda cost: cost.state == "spent" and cost.date <= date and cost._is_to_claim(date)
        )
        return self.currency_id.round(sum(costs.mapped("amount_rebillable")))

    def action_claim_costs(self):
        """Invoice the debtor's part of the costs: a draft for accounting to check and post.

        :return: action that opens the invoice
        :raises UserError: when there is nothing to claim, or no product gives account and taxes
        """
        self.ensure_one()
        self.check_access("write")
        return self.cost_ids._claim()._get_records_action()

    def _merge_into(self, target):
        """Costs follow the case."""
        result = super()._merge_into(target)
        self.sudo().cost_ids.case_id = target
        return result

    def action_view_costs(self):
        """Open the costs of the case."""
        return self._action_view_related("debt_collection.debt_cost_action")
