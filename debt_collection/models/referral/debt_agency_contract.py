from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...const import REFERRAL_KINDS


class DebtAgencyContract(models.Model):
    """What an agency or attorney gets: commission by tiers, a fee for each placement."""

    _name = "debt.agency.contract"
    _description = "Agency contract"
    _inherit = ["debt.ledger.follower", "mail.thread"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Agency", required=True, index=True)
    kind = fields.Selection(REFERRAL_KINDS, default="agency", required=True)
    date_start = fields.Date(required=True, default=fields.Date.context_today)
    date_end = fields.Date()
    tier_ids = fields.One2many("debt.agency.tier", "contract_id", string="Commission")
    fee_placement = fields.Monetary(
        string="Fee for each placement", help="Billed once, whether or not anything is collected."
    )
    direct_commission = fields.Float(
        string="On direct payments (%)",
        default=100.0,
        help="How much of the commission is due when the debtor pays us instead of the agency.",
    )
    recall_days = fields.Integer(
        string="Notice before a recall (days)",
        help="The agency has so many days to finish; then the run takes the items back.",
    )
    recall_automatic = fields.Boolean(
        string="Recall what brought nothing",
        help="When the term ends and nothing was collected, the run recalls the placement; "
        "otherwise the person responsible is asked.",
    )
    term_days = fields.Integer(
        string="Placed for (days)", default=180, help="Then the placement comes up for recall."
    )
    product_id = fields.Many2one(
        "product.product",
        string="Commission billed as",
        check_company=True,
        domain=[("purchase_ok", "=", True)],
        help="Gives account and taxes of the vendor bill.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Remittances arrive in",
        check_company=True,
        domain=[("type", "in", ("bank", "cash"))],
        help="Payments the agency reports are registered in this journal.",
    )
    referral_ids = fields.One2many("debt.referral", "contract_id", string="Referrals")
    referral_count = fields.Integer(string="Placements", compute="_compute_figures")
    unbilled = fields.Monetary(string="Commission to bill", compute="_compute_figures")
    collected = fields.Monetary(compute="_compute_figures")

    _rates = models.Constraint(
        "CHECK(direct_commission >= 0 AND direct_commission <= 100 AND fee_placement >= 0"
        " AND recall_days >= 0 AND term_days >= 0)",
        "The share of direct payments lies between 0 and 100 %, fees and days are not negative.",
    )

    def _compute_figures(self):
        payments = self.env["debt.referral.payment"]
        domain = [("contract_id", "in", self.ids)]
        sums = {
            contract: (amount, count)
            for contract, amount, count in payments._read_group(
                domain, ["contract_id"], ["amount_company:sum", "__count"]
            )
        }
        unbilled = dict(
            payments._read_group(
                [*domain, ("bill_id", "=", False)], ["contract_id"], ["commission:sum"]
            )
        )
        placed = dict(self.env["debt.referral"]._read_group(domain, ["contract_id"], ["__count"]))
        fees = dict(
            self.env["debt.referral"]._read_group(
                [*domain, ("fee_bill_id", "=", False), ("date_placed", "!=", False)],
                ["contract_id"],
                ["__count"],
            )
        )
        for contract in self:
            contract.collected = sums.get(contract, (0.0, 0))[0]
            contract.unbilled = (
                unbilled.get(contract, 0.0) + fees.get(contract, 0) * contract.fee_placement
            )
            contract.referral_count = placed.get(contract, 0)

    def _get_rate(self, days, amount):
        """Commission of a placement: the tier furthest along both age and size.

        :param days: age of the oldest item on the day of placement
        :param amount: amount placed, in the company's currency
        :return: per cent
        """
        self.ensure_one()
        fitting = self.tier_ids.filtered(
            lambda tier: tier.days_from <= days and tier.amount_from <= amount
        )
        return fitting.sorted(lambda tier: (tier.days_from, tier.amount_from))[-1:].rate

    def action_view_referrals(self):
        """Open the placements under the contract."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "debt_collection.debt_referral_action"
        )
        action["domain"] = [("contract_id", "=", self.id)]
        action["context"] = {"default_contract_id": self.id}
        return action

    def action_bill(self):
        """Make the draft vendor bill of everything not billed yet: commissions and fees.

        :return: action that opens the bill
        :raises UserError: when there is nothing to bill, or no product
        """
        self.ensure_one()
        self.check_access("write")
        self.env["debt.case"]._check_manager()
        payments = self.env["debt.referral.payment"].search(
            [("contract_id", "=", self.id), ("bill_id", "=", False)]
        )
        placed = self.referral_ids.filtered(
            lambda referral: referral.date_placed and not referral.fee_bill_id
        )
        if not self.fee_placement:
            placed = placed.browse()
        total = sum(payments.mapped("commission")) + len(placed) * self.fee_placement
        if self.currency_id.compare_amounts(total, 0.0) <= 0:
            raise UserError(self.env._("There is no commission to bill for %s yet.", self.name))
        if not self.product_id:
            raise UserError(
                self.env._(
                    "Choose on the contract as what the commission is billed: the product gives "
                    "account and taxes."
                )
            )
        bill = (
            self.env["account.move"]
            .sudo()
            .with_company(self.company_id)
            .create(
                {
                    "move_type": "in_invoice",
                    "partner_id": self.partner_id.id,
                    "invoice_origin": self.name,
                    "invoice_line_ids": self._prepare_bill_lines(payments, placed),
                }
            )
        )
        payments.sudo().write({"bill_id": bill.id})
        placed.sudo().write({"fee_bill_id": bill.id})
        return bill.sudo(False)._get_records_action()

    def _prepare_bill_lines(self, payments, placed):
        """A line for the commission of each placement, one for all fees."""
        lines = []
        for referral, rows in payments.grouped("referral_id").items():
            commission = sum(rows.mapped("commission"))
            if self.currency_id.is_zero(commission):
                continue
            lines.append(
                Command.create(
                    {
                        "product_id": self.product_id.id,
                        "name": self.env._(
                            "%(referral)s: commission on %(amount)s collected from %(debtor)s",
                            referral=referral.name,
                            amount=self.currency_id.format(sum(rows.mapped("amount_company"))),
                            debtor=referral.partner_id.display_name,
                        ),
                        "quantity": 1,
                        "price_unit": commission,
                    }
                )
            )
        if placed:
            lines.append(
                Command.create(
                    {
                        "product_id": self.product_id.id,
                        "name": self.env._("Fees of placement"),
                        "quantity": len(placed),
                        "price_unit": self.fee_placement,
                    }
                )
            )
        return lines


class DebtAgencyTier(models.Model):
    """One tier of a commission: from an age and an amount on."""

    _name = "debt.agency.tier"
    _description = "Commission tier"
    _order = "days_from, amount_from, id"

    contract_id = fields.Many2one(
        "debt.agency.contract", required=True, ondelete="cascade", index=True
    )
    days_from = fields.Integer(string="Age from (days)")
    amount_from = fields.Float(string="Amount from", digits=(16, 2))
    rate = fields.Float(string="Commission (%)", required=True)

    _rate = models.Constraint(
        "CHECK(rate >= 0 AND rate <= 100)", "A commission lies between 0 and 100 %."
    )
    _tier_uniq = models.UniqueIndex(
        "(contract_id, days_from, amount_from)", "There is a tier for this age and amount already."
    )

    @api.depends("days_from", "amount_from", "rate")
    def _compute_display_name(self):
        for tier in self:
            tier.display_name = self.env._(
                "from %(days)s days and %(amount)s: %(rate)s %%",
                days=tier.days_from,
                amount=tier.amount_from,
                rate=tier.rate,
            )
