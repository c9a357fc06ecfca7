from odoo import api, fields, models
from odoo.tools import SQL, format_date

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
