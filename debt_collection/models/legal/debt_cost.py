from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...const import COST_KINDS


class DebtCost(models.Model):
    """What collecting a case costs: planned (budget) and spent, with the part the debtor owes."""

    _name = "debt.cost"
    _description = "Cost of collecting"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    case_id = fields.Many2one("debt.case", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="case_id.partner_id", string="Debtor", store=True, index=True
    )
    currency_id = fields.Many2one(related="case_id.currency_id")
    referral_id = fields.Many2one(
        "debt.referral", index="btree_not_null", domain="[('case_id', '=', case_id)]"
    )
    kind = fields.Selection(COST_KINDS, required=True, default="court", index=True)
    name = fields.Char(string="What for", required=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    state = fields.Selection(
        [("planned", "Planned"), ("spent", "Spent"), ("cancelled", "Cancelled")],
        default="spent",
        required=True,
        tracking=True,
    )
    amount = fields.Monetary(required=True, tracking=True)
    budget = fields.Monetary(help="What was foreseen for it.")
    amount_rebillable = fields.Monetary(
        string="Owed by the debtor", help="The part the law or the contract lets us claim."
    )
    vendor_id = fields.Many2one("res.partner", index="btree_not_null")
    bill_id = fields.Many2one(
        "account.move",
        string="Vendor bill",
        index="btree_not_null",
        ondelete="set null",
        domain="[('move_type', '=', 'in_invoice'), ('company_id', '=', company_id)]",
    )
    user_id = fields.Many2one(
        "res.users", string="Recorded by", default=lambda self: self.env.user, readonly=True
    )

    _amounts = models.Constraint(
        "CHECK(amount >= 0 AND amount_rebillable >= 0 AND amount_rebillable <= amount)",
        "A cost is not negative, and the debtor owes at most all of it.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        costs = super().create(vals_list)
        if not self.env.su:
            costs.case_id.check_access("write")
        return costs

    @api.ondelete(at_uninstall=False)
    def _unlink_except_spent(self):
        if self.filtered(lambda cost: cost.state == "spent"):
            raise UserError(self.env._("Costs that were spent are kept: cancel them instead."))


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

        Payments count, credit notes and write-offs do not. Costs are those spent and the
        commissions of agencies.

        :return: dict case id → (recovered, costs), in the company's currency
        """
        if not self.ids:
            return {}
        self._follow_movements()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id, COALESCE(paid.amount, 0), COALESCE(cost.amount, 0)
                       + COALESCE(fee.amount, 0)
                  FROM debt_case c
                  LEFT JOIN (
                        SELECT i.case_id, sum(p.amount) AS amount
                          FROM debt_case_item i
                          JOIN account_partial_reconcile p ON p.debit_move_id = i.move_line_id
                               AND p.max_date >= i.date_in
                          JOIN account_move_line cl ON cl.id = p.credit_move_id
                         WHERE i.case_id = ANY(%(cases)s)
                           AND (cl.payment_id IS NOT NULL OR cl.statement_line_id IS NOT NULL)
                           AND NOT EXISTS (SELECT FROM debt_case_item later
                                            WHERE later.move_line_id = i.move_line_id
                                              AND later.id > i.id)
                         GROUP BY i.case_id) paid ON paid.case_id = c.id
                  LEFT JOIN (
                        SELECT case_id, sum(amount) AS amount FROM debt_cost
                         WHERE state = 'spent' GROUP BY case_id) cost ON cost.case_id = c.id
                  LEFT JOIN (
                        SELECT r.case_id, sum(k.commission) AS amount
                          FROM debt_referral_payment k
                          JOIN debt_referral r ON r.id = k.referral_id
                         GROUP BY r.case_id) fee ON fee.case_id = c.id
                 WHERE c.id = ANY(%(cases)s)
                """,
                cases=self.ids,
            )
        )
        return {case_id: (float(paid), float(cost)) for case_id, paid, cost in rows}

    def _merge_into(self, target):
        """Costs follow the case."""
        result = super()._merge_into(target)
        self.sudo().cost_ids.case_id = target
        return result

    def action_view_costs(self):
        """Open the costs of the case."""
        return self._action_view_related("debt_collection.debt_cost_action")
