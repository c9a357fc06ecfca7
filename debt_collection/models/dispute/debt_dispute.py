from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ...tools.compliance.business_days import add_business_days

DISPUTE_STATES = [
    ("open", "Open"),
    ("investigating", "Investigating"),
    ("upheld", "Upheld"),
    ("partly", "Partly upheld"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
]
LIVE_STATES = ("open", "investigating")
SOLVED_STATES = ("upheld", "partly", "rejected", "withdrawn")

# What the person responsible may write, who need not work on collections at all.
ANSWER_FIELDS = {"finding", "root_cause"}


class DebtDispute(models.Model):
    """A debtor says that (a part of) some items is not owed, or complains.

    ::

        open ──► investigating ──► upheld | partly | rejected | withdrawn
          ▲ ▲            │                │
          │ └────────────┘                │  reopened by hand (documents are taken back), or when
          └───────────────────────────────┘  the settlement that had closed it is undone

    While it is live, exactly the disputed amount of exactly its items is not asked for. A
    complaint about conduct or service need not be about items; it has a deadline for the answer.
    """

    _name = "debt.dispute"
    _description = "Dispute or complaint"
    _inherit = ["debt.agreement", "mail.activity.mixin"]
    _order = "date_deadline, id"
    _check_company_auto = True

    reference = fields.Char(readonly=True, copy=False, index="trigram")
    line_ids = fields.One2many("debt.dispute.line", "agreement_id", string="Items")
    kind = fields.Selection(related="reason_id.kind", store=True)
    state = fields.Selection(
        DISPUTE_STATES,
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
        group_expand=True,
    )
    reason_id = fields.Many2one(
        "debt.dispute.reason", required=True, ondelete="restrict", tracking=True, check_company=True
    )
    department = fields.Char(related="reason_id.department", store=True)
    responsible_id = fields.Many2one(
        "res.users",
        tracking=True,
        index=True,
        compute="_compute_responsible_id",
        store=True,
        precompute=True,
        readonly=False,
        domain=[("share", "=", False)],
        help="Who clears it up.",
    )
    raised_by = fields.Char(help="The person who disputes or complains.")
    description = fields.Text(help="What the debtor says, in their words.")
    document_numbers = fields.Char(string="Documents", readonly=True)
    amount = fields.Monetary(string="Disputed", default=0.0)

    # Time
    date_open = fields.Date(
        string="Raised on", required=True, readonly=True, default=fields.Date.context_today
    )
    date_deadline = fields.Date(string="Solve by", readonly=True, index=True, tracking=True)
    date_escalated = fields.Date(string="Told late on", readonly=True, copy=False)
    date_closed = fields.Date(string="Solved on", readonly=True, copy=False)
    days_to_solve = fields.Float(
        readonly=True, copy=False, aggregator="avg", digits=(16, 1), help="Calendar days."
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")

    # What was found and done
    finding = fields.Text(help="What the department found out.")
    root_cause = fields.Char(help="What has to change so that it does not happen again.")
    reply = fields.Text(readonly=True, copy=False, help="What the debtor was told.")
    amount_upheld = fields.Monetary(readonly=True, copy=False, tracking=True)
    amount_company = fields.Monetary(
        string="Disputed (company currency)", currency_field="company_currency_id", readonly=True
    )
    move_ids = fields.Many2many("account.move", string="Credit notes", readonly=True, copy=False)
    settled_by_ledger = fields.Boolean(
        readonly=True, copy=False, help="Closed because its items were settled, not by a decision."
    )
    state_before = fields.Char(readonly=True, copy=False, export_string_translation=False)
    processor_id = fields.Many2one(
        "res.users", string="Solved by", readonly=True, copy=False, index="btree_not_null"
    )
    may_answer = fields.Boolean(compute="_compute_may_answer")

    _live_idx = models.Index("(company_id, date_deadline) WHERE state IN ('open', 'investigating')")

    # === COMPUTE METHODS ===

    @api.depends("reference", "partner_id", "reason_id")
    def _compute_display_name(self):
        for dispute in self:
            words = (dispute.reference, dispute.partner_id.name, dispute.reason_id.name)
            dispute.display_name = " · ".join(filter(None, words))

    @api.depends("reason_id")
    def _compute_responsible_id(self):
        for dispute in self:
            dispute.responsible_id = (
                dispute.reason_id.user_id or dispute.case_id.user_id or self.env.user
            )

    @api.depends("state", "date_deadline")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for dispute in self:
            dispute.is_late = bool(
                dispute.state in LIVE_STATES
                and dispute.date_deadline
                and dispute.date_deadline < today
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        today = fields.Date.context_today(self)
        return [("state", "in", LIVE_STATES), ("date_deadline", "<", today)]

    @api.depends("responsible_id", "case_id")
    @api.depends_context("uid")
    def _compute_may_answer(self):
        for dispute in self:
            dispute.may_answer = dispute.may_work or dispute.responsible_id == self.env.user

    # === CRUD ===

    @api.model
    def _get_free_fields(self):
        return super()._get_free_fields() | ANSWER_FIELDS | {"responsible_id"}

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        # A dispute is about what the debtor names: nothing is proposed where there is a choice.
        if len(values.get("line_ids") or []) > 1:
            values.update({"line_ids": [], "amount": 0.0})
        return values

    @api.onchange("amount")
    def _onchange_amount(self):
        """The amount follows from the items that are disputed."""

    @api.onchange("kind")
    def _onchange_kind(self):
        """A complaint is about conduct: no item is taken out of follow-up unless one is named."""
        if self.kind == "complaint":
            self.line_ids = [Command.clear()]
            self.amount = 0.0

    @api.model
    def _complete(self, vals):
        """A complaint may be about nothing that has an amount."""
        reason = self.env["debt.dispute.reason"].browse(vals.get("reason_id"))
        if vals.get("line_ids") or (reason.kind != "complaint" and vals.get("amount")):
            return super()._complete(vals)
        case = self.env["debt.case"].browse(vals.get("case_id"))
        vals.setdefault("currency_id", case.currency_id.id)
        vals["amount"] = 0.0
        return None

    @api.model_create_multi
    def create(self, vals_list):
        disputes = super().create(vals_list)
        for dispute in disputes:
            dispute._begin()
        return disputes

    def write(self, vals):
        if not self.env.su and vals.keys() & ANSWER_FIELDS:
            self._check_can_answer()
        if not self.env.su and "responsible_id" in vals:
            self._check_may_work()
        result = super().write(vals)
        if "responsible_id" in vals:
            self._hand_over()
        return result

    def _begin(self):
        """Check the new dispute, number it, set its deadline, give it to who clears it up."""
        self.ensure_one()
        problems = []
        if self.kind != "complaint" or self.line_ids:
            problems = self._get_line_problems() + self._get_item_problems()
        elif self.case_id.state == "closed":
            problems.append(self.env._("The case is closed: there is nothing to agree on."))
        self._raise_problems(problems)
        days = self.reason_id.sla_days
        holidays, weekend = self.company_id._get_days_off(
            self.date_open, fields.Date.add(self.date_open, days=days * 2 + 30)
        )
        sequence = self.env["ir.sequence"].sudo().with_company(self.company_id)
        self.sudo().write(
            {
                "reference": sequence.next_by_code("debt.dispute"),
                "date_deadline": add_business_days(self.date_open, days, holidays, weekend),
                "document_numbers": ", ".join(
                    filter(None, self.line_ids.mapped("document_number"))
                ),
                "amount_company": self.currency_id._convert(
                    self.amount, self.company_currency_id, self.company_id, self.date_open
                ),
            }
        )
        self.line_ids.sudo().write({"live": True})
        self.case_id._message_log(
            body=self.env._(
                "%(reason)s: %(amount)s of %(items)s",
                reason=self.reason_id.name,
                amount=self.currency_id.format(self.amount),
                items=self.document_numbers or self.env._("no item"),
            )
        )
        self._hand_over()
        self._after_claims_changed()

    def _get_item_problems(self):
        """Items that are in another live dispute already, in words."""
        taken = (
            self.env["debt.dispute.line"]
            .sudo()
            .search(
                [
                    ("move_line_id", "in", self.line_ids.sudo().move_line_id.ids),
                    ("live", "=", True),
                    ("agreement_id", "!=", self.id),
                ]
            )
        )
        problems = []
        for line in self.line_ids:
            others = taken.filtered(lambda t, line=line: t.move_line_id == line.sudo().move_line_id)
            disputed = sum(others.mapped("amount")) + line.amount
            if others and self.currency_id.compare_amounts(disputed, line.amount_open) > 0:
                problems.append(
                    self.env._(
                        "%(document)s is disputed already (%(dispute)s): together that is more "
                        "than is open.",
                        document=line.document_number,
                        dispute=", ".join(others.agreement_id.mapped("reference")),
                    )
                )
        return problems

    def _hand_over(self):
        """Give the dispute to the person responsible: as a follower and as a task."""
        for dispute in self.filtered(lambda d: d.state in LIVE_STATES and d.responsible_id):
            dispute.sudo().activity_unlink(["mail.mail_activity_data_todo"])
            dispute.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=dispute.date_deadline or fields.Date.context_today(self),
                summary=self.env._("Clear up: %(reason)s", reason=dispute.reason_id.name),
                note=dispute.description or False,
                user_id=dispute.responsible_id.id,
            )

    # === STATE ===

    @api.model
    def _get_transitions(self):
        return {
            "open": ("investigating", *SOLVED_STATES),
            "investigating": ("open", *SOLVED_STATES),
            "upheld": LIVE_STATES,
            "partly": LIVE_STATES,
            "rejected": LIVE_STATES,
            "withdrawn": LIVE_STATES,
        }

    def _check_can_answer(self):
        """:raises AccessError: for who is neither responsible nor works on the case."""
        self.check_access("write")
        if any(not dispute.may_answer for dispute in self):
            raise AccessError(
                self.env._("Only the person responsible or the officer may answer this dispute.")
            )

    def _close(self, target, reason, **values):
        """Move live disputes to a solved state; their items return to follow-up.

        :return: the disputes that moved
        """
        today = fields.Date.context_today(self)
        moved = self.browse()
        for dispute in self:
            moved |= dispute._set_state(
                target,
                reason,
                state_before=dispute.state,
                date_closed=today,
                days_to_solve=(today - dispute.date_open).days,
                processor_id=self.env.uid,
                **values,
            )
        moved.line_ids.sudo().write({"live": False})
        moved.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        moved._after_claims_changed()
        return moved

    # === ACTIONS ===

    def action_investigate(self):
        """Say that somebody looks into it."""
        self._check_can_answer()
        self._check_can_reach("investigating")
        if self.filtered(lambda dispute: dispute.state in SOLVED_STATES):
            raise UserError(self.env._("Reopen a solved dispute first."))
        self._set_state("investigating")
        return True

    def action_solve(self):
        """Open the dialog that decides the dispute."""
        self.ensure_one()
        self._check_can_solve()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Solve the dispute"),
            "res_model": "debt.dispute.solve",
            "view_mode": "form",
            "target": "new",
            "context": {"default_dispute_id": self.id},
        }

    def _check_can_solve(self):
        """:raises UserError: when it is solved already; AccessError: when it is not theirs."""
        self._check_may_work()
        self._check_can_reach("rejected")

    def _check_can_withdraw(self):
        """:raises UserError: when it is solved already; AccessError: when it is not theirs."""
        self._check_can_solve()

    def action_withdraw(self):
        """Ask why, then close the dispute as withdrawn by the debtor."""
        self._check_can_withdraw()
        return self._ask_reason("withdraw")

    def _do_withdraw(self, reason):
        """The debtor does not dispute it any more."""
        return self._close("withdrawn", reason)

    def _check_can_undo(self):
        """:raises UserError: when it is live."""
        self._check_may_work()
        self._check_can_reach("open")

    def action_reopen(self):
        """Ask why, then open a solved dispute again; its credit notes are taken back."""
        self._check_can_undo()
        return self._ask_reason("undo")

    def _do_undo(self, reason):
        """Reopen solved disputes: credit notes are reversed, items leave follow-up again."""
        for dispute in self:
            if dispute.move_ids:
                self.env["debt.bookkeeping"]._undo(dispute.sudo().move_ids, reason)
        self._reopen(reason)

    def _reopen(self, reason, target="open"):
        """Make solved disputes live again."""
        moved = self._set_state(
            target,
            reason,
            date_closed=False,
            days_to_solve=0,
            amount_upheld=0,
            processor_id=False,
            settled_by_ledger=False,
            move_ids=[Command.clear()],
        )
        moved.line_ids.sudo().write({"live": True})
        moved._hand_over()
        moved._after_claims_changed()
        return moved

    def action_view_case(self):
        """Open the case."""
        self.ensure_one()
        return self.case_id._get_records_action()

    def action_view_credit_notes(self):
        """Open the documents the outcome made."""
        self.ensure_one()
        return self.move_ids._get_records_action(name=self.env._("Credit notes"))

    def _describe_deadline(self):
        """The deadline in words, for tasks and digests."""
        self.ensure_one()
        return format_date(self.env, self.date_deadline)
