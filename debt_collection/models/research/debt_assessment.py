"""Debtor research: what a debtor can pay, from facts with source and date."""

import math

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import float_round

# Roles that see what was found out about a debtor's means; the rights of the model say the same.
RESEARCH_GROUPS = (
    "debt_collection.group_senior,debt_collection.group_legal,debt_collection.group_manager"
)


class DebtAssessment(models.Model):
    """The ability-to-pay sheet of a debtor on a day.

    Facts are collected while it is a draft; confirmed, it is kept as it is and the next one is a
    new sheet. Only senior officers, legal and credit managers see it.
    """

    _name = "debt.assessment"
    _description = "Ability-to-pay sheet"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    case_id = fields.Many2one("debt.case", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="case_id.partner_id", string="Debtor", store=True, index=True
    )
    currency_id = fields.Many2one(related="case_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        "res.users", string="Researched by", default=lambda self: self.env.user
    )
    state = fields.Selection(
        [("draft", "Collecting facts"), ("confirmed", "Confirmed")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    line_ids = fields.One2many("debt.assessment.line", "assessment_id", string="Facts", copy=True)
    outlook = fields.Text(help="What is to be expected: season, orders, a sale, a new job.")
    share = fields.Float(
        string="Share for this debt (%)",
        default=lambda self: self.env.company.debt_affordable_share,
        help="How much of what is left each month can go to this debt.",
    )

    income = fields.Monetary(string="Income a month", compute="_compute_figures")
    expense = fields.Monetary(string="Expenses a month", compute="_compute_figures")
    burden = fields.Monetary(string="Other creditors a month", compute="_compute_figures")
    disposable = fields.Monetary(
        string="Left each month",
        compute="_compute_figures",
        help="Income less expenses less what other creditors get.",
    )
    assets = fields.Monetary(string="Assets and securities", compute="_compute_figures")
    affordable = fields.Monetary(string="Affordable instalment", compute="_compute_figures")
    amount_owed = fields.Monetary(related="case_id.amount_net", string="Owed now")
    months = fields.Integer(string="Instalments needed", compute="_compute_figures")
    unverified_count = fields.Integer(compute="_compute_figures")
    proposal = fields.Char(compute="_compute_figures")

    _share = models.Constraint(
        "CHECK(share >= 0 AND share <= 100)", "The share lies between 0 and 100 %."
    )

    @api.depends("partner_id", "date")
    def _compute_display_name(self):
        for sheet in self:
            sheet.display_name = f"{sheet.partner_id.display_name} · {sheet.date}"

    @api.depends("line_ids", "line_ids.amount", "line_ids.period", "line_ids.kind", "share")
    def _compute_figures(self):
        self.mapped("currency_id")
        for sheet in self:
            monthly = {"income": 0.0, "expense": 0.0, "creditor": 0.0}
            assets = 0.0
            for line in sheet.line_ids:
                if line.kind in monthly:
                    monthly[line.kind] += line.amount_month
                elif line.kind in ("asset", "security"):
                    assets += line.amount
            currency = sheet.currency_id
            sheet.income, sheet.expense = monthly["income"], monthly["expense"]
            sheet.burden, sheet.assets = monthly["creditor"], assets
            left = sheet.income - sheet.expense - sheet.burden
            sheet.disposable = left
            # rounded down: an instalment must never be more than what is left
            sheet.affordable = (
                float_round(
                    max(left, 0.0) * sheet.share / 100,
                    precision_rounding=currency.rounding,
                    rounding_method="DOWN",
                )
                if currency
                else 0.0
            )
            owed = sheet.amount_owed
            sheet.months = (
                math.ceil(round(owed / sheet.affordable, 6)) if sheet.affordable > 0 else 0
            )
            sheet.unverified_count = len(sheet.line_ids.filtered(lambda line: not line.verified))
            sheet.proposal = sheet._describe_proposal()

    def _describe_proposal(self):
        """The plan the figures allow, in words."""
        currency = self.currency_id
        if not self.line_ids or not currency:
            return self.env._("Add income and expenses: the sheet then proposes a plan.")
        if currency.compare_amounts(self.amount_owed, 0.0) <= 0:
            return self.env._("Nothing is owed.")
        if currency.compare_amounts(self.affordable, 0.0) <= 0:
            return self.env._(
                "Nothing is left each month: no plan is affordable. Look at assets, guarantors "
                "and securities."
            )
        return self.env._(
            "%(months)s monthly instalments of %(amount)s, the last one of %(last)s.",
            months=self.months,
            amount=currency.format(min(self.affordable, self.amount_owed)),
            last=currency.format(self._get_instalments()[-1]),
        )

    def _get_instalments(self):
        """Amounts of the proposed plan; together they are what is owed now.

        :return: list of amounts, one a month
        """
        self.ensure_one()
        if self.affordable <= 0 or self.amount_owed <= 0:
            return []
        regular = [self.affordable] * (self.months - 1)
        last = self.currency_id.round(self.amount_owed - self.affordable * len(regular))
        return [*regular, last]

    # === CRUD ===

    def write(self, vals):
        if not self.env.su and self.filtered(lambda sheet: sheet.state == "confirmed"):
            raise UserError(
                self.env._("A confirmed sheet is kept as it is. Make a new one from it instead.")
            )
        if not self.env.su and "state" in vals:
            raise AccessError(self.env._("Please use the button to confirm the sheet."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        if self.filtered(lambda sheet: sheet.state == "confirmed"):
            raise UserError(self.env._("Confirmed sheets are kept as evidence."))

    # === ACTIONS ===

    def action_confirm(self):
        """Keep the sheet as it is from now on."""
        self.check_access("write")
        for sheet in self.filtered(lambda sheet: sheet.state == "draft"):
            if not sheet.line_ids:
                raise UserError(self.env._("Add at least one fact before confirming."))
            sheet.sudo().state = "confirmed"
        return True

    def action_renew(self):
        """Make a new sheet with the facts of this one, to be looked at again."""
        self.ensure_one()
        self.check_access("read")
        sheet = self.copy({"date": fields.Date.context_today(self), "user_id": self.env.uid})
        sheet.line_ids.verified = False
        return sheet._get_records_action()

    def action_propose_plan(self):
        """Open the dialog of a payment plan with the instalments this sheet can bear."""
        self.ensure_one()
        self.check_access("read")
        self.case_id.check_access("write")
        if not self._get_instalments():
            raise UserError(self._describe_proposal())
        return self._get_plan_action()

    def _get_plan_action(self):
        """The dialog of a payment plan, filled with what the sheet can bear.

        :return: act_window dict
        """
        action = self.case_id.action_plan()
        action["context"] = {
            **action.get("context", {}),
            "default_split": "amount",
            "default_part": min(self.affordable, self.amount_owed),
            "default_every": 1,
            "default_every_unit": "month",
        }
        return action
