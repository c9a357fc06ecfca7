from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

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
    invoice_id = fields.Many2one(
        "account.move",
        string="Claimed with",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The invoice that claims the debtor's part; it is collected like any other.",
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

    def _is_to_claim(self, date=None):
        """Whether the debtor's part still has to be claimed.

        :param date: as of this day; None: now
        """
        self.ensure_one()
        if not self.amount_rebillable:
            return False
        invoice = self.invoice_id
        if not invoice or invoice.state == "cancel":
            return True
        return bool(date) and (
            invoice.state != "posted" or (invoice.invoice_date or invoice.date) > date
        )

    def _claim(self):
        """Make the draft invoice of the debtor's part of these costs, those not claimed yet.

        :return: account.move
        :raises AccessError: for officers: what debtors are charged is decided above them
        """
        if not self.env.user.has_groups(
            "debt_collection.group_senior,debt_collection.group_legal,debt_collection.group_manager"
        ):
            raise AccessError(
                self.env._("Costs are claimed by senior officers, legal and credit managers.")
            )
        costs = self.filtered(lambda cost: cost.state == "spent" and cost._is_to_claim())
        if not costs:
            raise UserError(
                self.env._(
                    "There is nothing to claim: record what was spent, with the part the debtor "
                    "owes, or look at the invoices made already."
                )
            )
        company = costs.company_id
        company.ensure_one()
        costs.partner_id.ensure_one()
        product = company.sudo().debt_cost_product_id
        if not product:
            raise UserError(
                self.env._(
                    "Choose in the settings of Collections as what costs are claimed: the product "
                    "gives account and taxes."
                )
            )
        invoice = (
            self.env["account.move"]
            .sudo()
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": costs.partner_id.id,
                    "invoice_origin": costs.case_id[:1].reference,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "name": f"{cost.name} ({cost.date})",
                                "quantity": 1,
                                "price_unit": cost.amount_rebillable,
                            }
                        )
                        for cost in costs.sorted(lambda cost: (cost.date, cost.id))
                    ],
                }
            )
        )
        costs.sudo().invoice_id = invoice
        return invoice.sudo(False)

    def action_claim(self):
        """Invoice the debtor's part of the selected costs, one invoice a case."""
        self.check_access("write")
        invoices = self.env["account.move"]
        for costs in self.grouped("case_id").values():
            invoices |= costs._claim()
        return invoices._get_records_action(name=self.env._("Costs claimed"))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_spent(self):
        if self.filtered(lambda cost: cost.state == "spent"):
            raise UserError(self.env._("Costs that were spent are kept: cancel them instead."))


class AccountMove(models.Model):
    """Invoices: those that claim costs are no new business, a credit hold lets them pass."""

    _inherit = "account.move"

    def _get_cost_claims(self):
        """Those of these documents that claim costs."""
        costs = self.env["debt.cost"].sudo().search([("invoice_id", "in", self.ids)])
        return self & costs.invoice_id.with_env(self.env)

    def _get_credit_blocked(self):
        blocked = super()._get_credit_blocked()
        return blocked - blocked._get_cost_claims() if blocked else blocked

    def _judge_credit(self):
        effect, words = super()._judge_credit()
        if effect != "none" and self._get_cost_claims():
            return "none", False
        return effect, words
