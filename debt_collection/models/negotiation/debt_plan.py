from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...tools import instalments as maths
from ...tools.promise import next_business_day

PLAN_STATES = [
    ("draft", "Draft"),
    ("to_approve", "To approve"),
    ("approved", "Offered"),
    ("active", "Running"),
    ("completed", "Completed"),
    ("defaulted", "In default"),
    ("refused", "Refused"),
    ("expired", "Expired"),
    ("cancelled", "Cancelled"),
    ("replaced", "Replaced"),
]

# What the schedule is built from.
BUILDER_FIELDS = (
    "amount",
    "date_first",
    "every",
    "every_unit",
    "split",
    "number",
    "part",
    "down_payment",
    "date_down",
    "end_of_month",
    "business_days",
    "yearly_rate",
)


class DebtPlan(models.Model):
    """An agreement to pay a debt in instalments.

    ::

        draft ► (granted, see debt.approval) ► approved ──► active ──► completed
                                                  │          │  ▲          │ a payment is undone
                                                  ▼          ▼  │ ◄────────┘
                                              expired    defaulted      active ──► replaced
                                                                        any running ──► cancelled

    Two legal forms. *Overlay*: the invoices stay as they are, follow-up is silent while the plan
    is kept. *Novation*: an entry replaces the old debts by new ones with the plan's dates; it is
    reversed when the plan is cancelled.
    """

    _name = "debt.plan"
    _description = "Payment plan"
    _inherit = ["debt.approval"]
    _order = "id desc"
    _check_company_auto = True

    reference = fields.Char(readonly=True, copy=False, index="trigram")
    version = fields.Integer(readonly=True, default=1, copy=False)
    previous_id = fields.Many2one(
        "debt.plan",
        string="Previous version",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
    )
    next_ids = fields.One2many("debt.plan", "previous_id", string="Next version")
    line_ids = fields.One2many("debt.plan.line", "agreement_id", string="Items")
    installment_ids = fields.One2many("debt.plan.installment", "plan_id", string="Instalments")
    state = fields.Selection(
        PLAN_STATES,
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )
    legal_form = fields.Selection(
        [
            ("overlay", "Overlay: the invoices stay as they are"),
            ("novation", "Novation: new debts replace the old ones"),
        ],
        required=True,
        default="overlay",
        tracking=True,
    )

    # Builder
    date_first = fields.Date(
        string="First instalment on",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=14),
    )
    every = fields.Integer(default=1, required=True)
    every_unit = fields.Selection(
        [("day", "days"), ("week", "weeks"), ("month", "months")], default="month", required=True
    )
    split = fields.Selection(
        [
            ("number", "Equal, so many"),
            ("amount", "Equal, of a given amount"),
            ("free", "As entered"),
        ],
        default="number",
        required=True,
        string="Instalments are",
    )
    number = fields.Integer(default=3)
    part = fields.Monetary(string="Amount of each")
    down_payment = fields.Monetary()
    date_down = fields.Date(string="Down payment on")
    end_of_month = fields.Boolean(string="On the last day of the month")
    business_days = fields.Boolean(
        string="On working days", default=True, help="By the company's working schedule."
    )
    yearly_rate = fields.Float(string="Interest (% a year)", digits=(16, 4))
    amount_interest = fields.Monetary(string="Interest", compute="_compute_totals", store=True)
    amount_total = fields.Monetary(string="Total", compute="_compute_totals", store=True)
    date_last = fields.Date(string="Ends on", compute="_compute_totals", store=True)

    # Adherence
    grace_days = fields.Integer(
        default=lambda self: self.env.company.debt_plan_grace,
        help="An instalment counts as missed so many days after its day.",
    )
    missed_max = fields.Integer(
        string="In default after (missed)",
        default=lambda self: self.env.company.debt_plan_missed,
        help="So many instalments missed at a time end the plan.",
    )
    date_start = fields.Date(readonly=True, copy=False)
    date_end = fields.Date(readonly=True, copy=False)
    amount_paid = fields.Monetary(readonly=True, copy=False)
    amount_left = fields.Monetary(string="Left to pay", compute="_compute_amount_left")
    missed_count = fields.Integer(string="Missed now", readonly=True, copy=False)
    adherence = fields.Float(
        string="Kept (%)",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Share of what was due until now that is paid.",
    )
    next_date = fields.Date(string="Next instalment", readonly=True, copy=False, index=True)

    # Entries
    move_id = fields.Many2one(
        "account.move",
        string="Entry of the new debts",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    interest_move_id = fields.Many2one(
        "account.move",
        string="Invoice of the interest",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    _positive = models.Constraint(
        "CHECK(every > 0 AND grace_days >= 0 AND missed_max > 0 AND yearly_rate >= 0)",
        "The interval and the missed instalments must be above zero; grace and interest not below.",
    )

    # === COMPUTE METHODS ===

    @api.depends("reference", "version", "partner_id")
    def _compute_display_name(self):
        for plan in self:
            name = plan.reference or self.env._("New plan")
            if plan.version > 1:
                name = self.env._("%(name)s, version %(number)s", name=name, number=plan.version)
            plan.display_name = f"{name} · {plan.partner_id.name or ''}"

    @api.depends("installment_ids.amount", "installment_ids.interest", "installment_ids.date")
    def _compute_totals(self):
        for plan in self:
            parts = plan.installment_ids
            plan.amount_interest = sum(parts.mapped("interest"))
            plan.amount_total = sum(parts.mapped("amount"))
            plan.date_last = max((day for day in parts.mapped("date") if day), default=False)

    @api.depends("amount_total", "amount_paid")
    def _compute_amount_left(self):
        for plan in self:
            plan.amount_left = plan.amount_total - plan.amount_paid

    def _get_short_words(self):
        """What is left and when the next instalment is due, for marks on the case."""
        self.ensure_one()
        left = self.currency_id.format(self.amount_left)
        if not self.next_date:
            return left
        return self.env._(
            "%(amount)s left, next on %(date)s",
            amount=left,
            date=format_date(self.env, self.next_date),
        )

    # === BUILDING ===

    @api.onchange(*BUILDER_FIELDS)
    def _onchange_builder(self):
        """Show the schedule that follows from what was entered."""
        if self.split != "free" and self.currency_id and self.date_first:
            self.installment_ids = [Command.clear(), *self._prepare_installments()]

    @api.onchange("amount")
    def _onchange_amount(self):
        return super()._onchange_amount()

    def _prepare_installments(self):
        """Commands that make the schedule.

        :return: list of Command
        """
        self.ensure_one()
        currency, amount = self.currency_id, self.amount
        start = fields.Date.context_today(self)
        down = min(max(self.down_payment, 0.0), amount)
        rest = currency.round(amount - down)
        unit = currency.rounding
        parts = []
        if rest:
            if self.split == "amount" and self.part > 0:
                parts = maths.split_by_amount(rest, self.part, unit)
            else:
                parts = maths.split_equally(rest, min(max(self.number, 1), maths.LONGEST), unit)
        days = maths.due_days(
            self.date_first,
            len(parts),
            max(self.every, 1),
            self.every_unit,
            self.end_of_month,
            self._get_move_day() if self.business_days else lambda day: day,
        )
        if down:
            parts = [down, *parts]
            days = [self.date_down or start, *days]
        return [
            Command.create(
                {
                    "date": part.day,
                    "principal": part.principal,
                    "interest": part.interest,
                    "amount": part.amount,
                    "is_down_payment": bool(down) and index == 0,
                }
            )
            for index, part in enumerate(maths.build(parts, days, start, self.yearly_rate, unit))
        ]

    def _get_move_day(self):
        """Function that moves a day to one on which the company works."""
        company = self.company_id or self.case_id.company_id or self.env.company
        last = fields.Date.add(self.date_first, years=20)
        holidays, weekend = company._get_days_off(self.date_first, last)
        return lambda day: next_business_day(day, holidays, weekend)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # what the dialog shows is what is made here again: one producer of schedules
            if vals.get("split", "number") != "free":
                vals.pop("installment_ids", None)
        plans = super().create(vals_list)
        for plan in plans:
            values = {}
            if not plan.reference:
                sequence = self.env["ir.sequence"].sudo().with_company(plan.company_id)
                values["reference"] = sequence.next_by_code("debt.plan")
            if not plan.installment_ids:
                values["installment_ids"] = plan._prepare_installments()
            plan.sudo().write(values)
        return plans

    @api.model
    def _get_free_fields(self):
        return super()._get_free_fields() | {"date_expire"}

    def write(self, vals):
        """A draft is built on; what was submitted stays as it is."""
        if not self.env.su and all(plan.state == "draft" for plan in self):
            self._check_may_work()
            allowed = {*BUILDER_FIELDS, "legal_form", "grace_days", "missed_max", "installment_ids"}
            if vals.keys() <= allowed | self._get_free_fields():
                # what the form shows is what is made here again: one producer of schedules
                built = self.sudo().filtered(lambda plan: plan._is_built(vals))
                if built:
                    vals = {key: value for key, value in vals.items() if key != "installment_ids"}
                result = super(DebtPlan, self.sudo()).write(vals)
                for plan in built:
                    plan.installment_ids = [Command.clear(), *plan._prepare_installments()]
                return result
        return super().write(vals)

    def _is_built(self, vals):
        """Whether the schedule follows from what is being changed."""
        self.ensure_one()
        return bool(set(BUILDER_FIELDS) & vals.keys()) and vals.get("split", self.split) != "free"

    # === CHECKS ===

    def _get_authority_facts(self):
        return {"action": "plan", "amount": self.amount_company, "percent": 0.0, "age": 0}

    def _get_line_problems(self):
        """Lines of a later version need not be items of the case: they are the plan's own debts."""
        if self.previous_id:
            return []
        return super()._get_line_problems()

    def _get_problems(self):
        """Lines, schedule, other plans: all that is wrong, in words."""
        problems = super()._get_problems()
        parts, currency = self.installment_ids, self.currency_id
        if not parts:
            problems.append(self.env._("A plan needs instalments."))
        total = sum(parts.mapped("principal"))
        if currency.compare_amounts(total, self.amount):
            problems.append(
                self.env._(
                    "The instalments sum to %(total)s, the plan is over %(amount)s.",
                    total=currency.format(total),
                    amount=currency.format(self.amount),
                )
            )
        if any(currency.compare_amounts(part.amount, 0.0) <= 0 for part in parts):
            problems.append(self.env._("Each instalment must be above zero."))
        if any(day < fields.Date.context_today(self) for day in parts.mapped("date")):
            problems.append(self.env._("An instalment lies in the past."))
        problems += self._get_taken_problems(self.previous_id)
        if self.legal_form == "novation":
            problems += self._get_novation_problems()
        return problems

    # === STATE ===

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "active": ("approved", "completed", "defaulted"),
            "completed": ("active", "defaulted"),
            "defaulted": ("active", "completed"),
            "cancelled": ("draft", "to_approve", "approved", "active", "defaulted"),
            "replaced": ("active", "defaulted"),
        }

    def _after_acceptance(self):
        """The plan begins: entries are made, items leave follow-up."""
        self.ensure_one()
        self._raise_problems(self._get_problems())
        old = self.previous_id
        if old:
            old._check_can_reach("replaced")
            old._set_state("replaced", self.env._("Replaced by version %s.", self.version))
            old._end()
        today = fields.Date.context_today(self)
        self._set_state("active", date_start=today)
        self.line_ids.sudo()._start()
        self._post_interest()
        if self.legal_form == "novation":
            self._post_novation()
        self.case_id._message_log(
            body=self.env._(
                "Payment plan %(name)s over %(amount)s in %(count)s instalments until %(date)s.",
                name=self.reference,
                amount=self.currency_id.format(self.amount_total),
                count=len(self.installment_ids),
                date=format_date(self.env, self.date_last),
            )
        )
        self._refresh_adherence()
        self._after_claims_changed()

    def _end(self):
        """The plan claims nothing any more."""
        self.line_ids.sudo().write({"live": False})
        self.sudo().write({"date_end": fields.Date.context_today(self), "next_date": False})

    def _check_can_cancel(self):
        """:raises UserError: for plans that ended."""
        self._check_may_work()
        self._check_can_reach("cancelled")

    def action_cancel(self):
        """Ask why, then cancel the plan; the old debts return to follow-up."""
        self._check_can_cancel()
        return self._ask_reason("cancel")

    def _do_cancel(self, reason):
        """Cancel plans: entries are taken back, items return to follow-up."""
        running = self.filtered(lambda plan: plan.state in ("active", "defaulted"))
        moved = self._set_state("cancelled", reason)
        moved.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        moved._end()
        for plan in running:
            plan._undo_novation(reason)
        moved._after_claims_changed()
        return moved

    def _check_can_default(self):
        """:raises UserError: for plans that do not run."""
        self._check_may_work()
        if any(plan.state != "active" for plan in self):
            raise UserError(self.env._("Only a running plan can be in default."))

    def action_default(self):
        """Ask why, then declare the plan in default by hand."""
        self._check_can_default()
        return self._ask_reason("default")

    def action_reinstate(self):
        """Let a plan in default run on: what was missed is caught up or forgiven by word."""
        self._check_may_work()
        for plan in self:
            if plan.state != "defaulted":
                raise UserError(self.env._("Only a plan in default is reinstated."))
            if not plan._may_be_granted_by_or_own(self.env.user):
                raise UserError(self.env._("Your authority does not cover this plan."))
            plan._set_state(
                "active", self.env._("Reinstated by %(user)s.", user=self.env.user.name)
            )
            plan.line_ids.sudo().write({"live": True})
            plan.installment_ids.sudo().filtered(lambda part: part.state == "missed").write(
                {"forgiven": True}
            )
            plan.sudo().date_end = False
            plan._refresh_adherence()
        self._after_claims_changed()
        return True

    def _may_be_granted_by_or_own(self, user):
        """As for granting, without the rule against one's own requests."""
        return self.env["debt.authority"]._may_grant(
            user, self.company_id, **self._get_authority_facts()
        )

    def action_revise(self):
        """Make a new version of a running plan over what is left; this one runs until then."""
        self.ensure_one()
        self._check_may_work()
        self._check_can_reach("replaced")
        pending = self.next_ids.filtered(
            lambda plan: plan.state in ("draft", "to_approve", "approved")
        )
        if pending:
            return pending[0]._get_records_action()
        lines = self._prepare_remaining_lines()
        amount = sum(line["amount"] for line in lines)
        new = self.sudo().create(
            {
                "case_id": self.case_id.id,
                "user_id": self.env.uid,
                "currency_id": self.currency_id.id,
                "amount": amount,
                "line_ids": [Command.create(line) for line in lines],
                "reference": self.reference,
                "version": self.version + 1,
                "previous_id": self.id,
                "legal_form": "overlay",
                "grace_days": self.grace_days,
                "missed_max": self.missed_max,
                "every": self.every,
                "every_unit": self.every_unit,
                "number": max(
                    len(self.installment_ids.filtered(lambda part: part.state != "paid")), 1
                ),
                "end_of_month": self.end_of_month,
                "business_days": self.business_days,
                "note": self.note,
            }
        )
        return new.with_env(self.env)._get_records_action()

    def _prepare_remaining_lines(self):
        """Values of the lines of the next version: what is left of this one's debts."""
        sudo = self.sudo()
        move_lines = sudo.line_ids.move_line_id | sudo.installment_ids.move_line_id
        items = {
            item.move_line_id: item
            for item in self.env["debt.case.item"]
            .sudo()
            .search([("move_line_id", "in", move_lines.ids), ("date_out", "=", False)])
        }
        shares = {line.move_line_id: line for line in sudo.line_ids}
        result = []
        for move_line in move_lines.sorted(lambda line: (line.date_maturity or line.date, line.id)):
            left = move_line.amount_residual_currency
            if move_line in shares:
                left = shares[move_line]._get_left()
            if move_line.parent_state == "posted" and self.currency_id.compare_amounts(left, 0) > 0:
                result.append(
                    {
                        "item_id": items[move_line].id if move_line in items else False,
                        "move_line_id": move_line.id,
                        "amount": left,
                    }
                )
        if not result:
            raise UserError(self.env._("Nothing is left of this plan."))
        return result

    def _get_paper(self):
        return {
            "heading": self.env._("Payment plan"),
            "template": "debt_collection.agreement_plan",
            "report": "debt_collection.report_debt_plan",
            "mail_template": "debt_collection.mail_template_plan_offer",
        }

    def _get_states_in_force(self):
        return ("active",)

    def action_view_entries(self):
        """Open the entries the plan made."""
        self.ensure_one()
        return (self.move_id | self.interest_move_id)._get_records_action(
            name=self.env._("Entries of the plan")
        )

    @api.model
    def _find_by_ledger(self, line_ids):
        """Plans about these journal items: on the old debts or on the new ones.

        :param line_ids: ids of account.move.line
        """
        if not line_ids:
            return self.browse()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT agreement_id FROM debt_plan_line WHERE move_line_id = ANY(%(lines)s)
                UNION SELECT plan_id FROM debt_plan_installment
                 WHERE move_line_id = ANY(%(lines)s)
                """,
                lines=list(line_ids),
            )
        )
        return self.browse([plan_id for (plan_id,) in rows]).sudo()
