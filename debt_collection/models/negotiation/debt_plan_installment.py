from odoo import api, fields, models
from odoo.exceptions import UserError


class DebtPlanInstallment(models.Model):
    """One instalment: its day, its amount, and what arrived for it."""

    _name = "debt.plan.installment"
    _description = "Instalment"
    _inherit = ["debt.agreement.guard", "debt.ledger.follower", "debt.agreed.payment"]
    _order = "date, id"

    plan_id = fields.Many2one("debt.plan", required=True, ondelete="cascade", index=True)
    case_id = fields.Many2one(related="plan_id.case_id")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="plan_id.partner_id", store=True, string="Debtor")
    user_id = fields.Many2one(related="plan_id.user_id", store=True, string="Officer")
    plan_state = fields.Selection(related="plan_id.state", store=True, string="Plan is")
    currency_id = fields.Many2one(related="plan_id.currency_id")
    date = fields.Date(string="Due on", required=True, index=True)
    principal = fields.Monetary(string="Of the debt")
    interest = fields.Monetary()
    amount = fields.Monetary(required=True)
    is_down_payment = fields.Boolean(string="Down payment")
    amount_paid = fields.Monetary(string="Paid", readonly=True, copy=False)
    amount_left = fields.Monetary(string="Left to pay", compute="_compute_amount_left")
    state = fields.Selection(
        [("open", "Open"), ("paid", "Paid"), ("missed", "Missed")],
        default="open",
        readonly=True,
        index=True,
        copy=False,
    )
    date_missed = fields.Date(readonly=True, copy=False, help="Day it was told as missed: once.")
    forgiven = fields.Boolean(
        readonly=True, copy=False, help="Missed before the plan was reinstated: counts no more."
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="New debt",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )

    @api.depends("amount", "amount_paid")
    def _compute_amount_left(self):
        for part in self:
            part.amount_left = part.amount - part.amount_paid

    @api.depends("plan_id", "date")
    def _compute_display_name(self):
        for part in self:
            part.display_name = self.env._(
                "%(debtor)s: %(amount)s",
                debtor=part.plan_id.partner_id.name or "",
                amount=(part.currency_id or self.env.company.currency_id).format(part.amount),
            )

    @api.model
    def _get_remind_domain(self, company, date, days):
        """Open instalments of running plans; not on the day a plan begins."""
        return [
            *super()._get_remind_domain(company, date, days),
            ("state", "=", "open"),
            ("plan_state", "=", "active"),
            ("plan_id.date_start", "<", date),
        ]

    def _get_reminder(self):
        return {
            "date": self.date,
            "amount": self.amount_left,
            "currency": self.currency_id,
            "reference": self.plan_id.reference,
        }

    def action_open_plan(self):
        """Open the plan of the instalment."""
        self.ensure_one()
        return self.plan_id._get_records_action()

    @api.onchange("amount")
    def _onchange_amount(self):
        self.principal = self.amount - self.interest

    @api.model_create_multi
    def create(self, vals_list):
        self._check_owned_fields(vals_list)
        for vals in vals_list:
            if "principal" not in vals:
                vals["principal"] = vals.get("amount", 0.0) - vals.get("interest", 0.0)
            vals.setdefault("amount", vals["principal"] + vals.get("interest", 0.0))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and any(part.plan_id.state != "draft" for part in self):
            self.plan_id._raise_problems(
                [self.env._("The instalments of a plan change with a new version of it.")]
            )
        if "amount" in vals and "principal" not in vals:
            for part in self:
                super(DebtPlanInstallment, part).write(
                    {**vals, "principal": vals["amount"] - vals.get("interest", part.interest)}
                )
            return True
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if any(part.plan_id.state != "draft" for part in self):
            raise UserError(
                self.env._("The instalments of a plan change with a new version of it.")
            )
