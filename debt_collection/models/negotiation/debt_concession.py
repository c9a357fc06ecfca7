from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.promise import promise_limit

CONCESSION_KINDS = [
    ("settlement", "Settlement: pays a part, the rest is forgiven"),
    ("waiver", "Waiver of charges"),
    ("deferment", "Deferment to a later day"),
    ("adjustment", "Adjustment"),
    ("write_off", "Write-off"),
]
CONCESSION_STATES = [
    ("draft", "Draft"),
    ("to_approve", "To approve"),
    ("approved", "Offered"),
    ("accepted", "In force"),
    ("done", "Done"),
    ("lapsed", "Lapsed"),
    ("refused", "Refused"),
    ("expired", "Expired"),
    ("cancelled", "Cancelled"),
    ("undone", "Undone"),
]
# What happens as soon as it is granted: nobody has to accept it.
IMMEDIATE_KINDS = ("waiver", "adjustment", "write_off")


class DebtConcession(models.Model):
    """Something given up or put off for a debtor, under authority.

    ::

        settlement   approved ─► accepted (the debtor, see debt.approval) ─► done   paid in time:
                                   ▲     └─► lapsed   not paid by the day      the rest is forgiven
                                   └──────────────── done   the payment bounced: documents go back
        deferment    approved ─► accepted (in force at once) ─► done   ends by itself on its day
        the others   approved ─► done   the documents are made at once
        any done     ─► undone     documents are reversed, by hand and with a reason
    """

    _name = "debt.concession"
    _description = "Concession"
    _inherit = ["debt.approval", "debt.agreed.payment"]
    _order = "id desc"
    _check_company_auto = True

    reference = fields.Char(readonly=True, copy=False, index="trigram")
    line_ids = fields.One2many("debt.concession.line", "agreement_id", string="Items")
    kind = fields.Selection(CONCESSION_KINDS, required=True, default="settlement", tracking=True)
    state = fields.Selection(
        CONCESSION_STATES,
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )
    reason = fields.Char(required=True, tracking=True, help="Why it is given.")
    amount = fields.Monetary(string="Over", help="What it is about.")
    amount_pay = fields.Monetary(string="The debtor pays", tracking=True)
    date_pay = fields.Date(
        string="Pays by",
        tracking=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=14),
    )
    date_limit = fields.Date(
        string="Counts until",
        readonly=True,
        copy=False,
        help="Last day on which the payment counts: its day and the company's tolerance.",
    )
    date_until = fields.Date(
        string="Deferred until",
        tracking=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=30),
        help="Last day of the deferment, inclusive.",
    )
    amount_forgiven = fields.Monetary(
        string="Given up", compute="_compute_amount_forgiven", store=True
    )
    percent = fields.Float(
        string="Given up (%)", compute="_compute_amount_forgiven", store=True, aggregator="avg"
    )
    amount_received = fields.Monetary(readonly=True, copy=False)
    document = fields.Selection(
        [("credit_note", "Credit note"), ("write_off", "Write-off entry")],
        required=True,
        compute="_compute_document",
        store=True,
        precompute=True,
        readonly=False,
        help="How the amount that is given up is booked.",
    )
    date_start = fields.Date(readonly=True, copy=False)
    date_done = fields.Date(readonly=True, copy=False)
    move_ids = fields.Many2many(
        "account.move",
        "debt_concession_move_rel",
        string="Documents",
        readonly=True,
        copy=False,
    )

    # After a write-off
    amount_written_off = fields.Monetary(string="Written off", readonly=True, copy=False)
    amount_recovered = fields.Monetary(string="Recovered", readonly=True, copy=False, tracking=True)
    recovery_move_ids = fields.Many2many(
        "account.move",
        "debt_concession_recovery_rel",
        string="Entries of recoveries",
        readonly=True,
        copy=False,
    )

    _force_idx = models.Index("(company_id) WHERE state IN ('approved', 'accepted')")

    # === COMPUTE METHODS ===

    @api.depends("reference", "kind", "partner_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for concession in self:
            kind = kinds.get(concession.kind, "").split(":")[0]
            words = (concession.reference, kind, concession.partner_id.name)
            concession.display_name = " · ".join(filter(None, words))

    @api.depends("amount", "amount_pay", "kind")
    def _compute_amount_forgiven(self):
        self.mapped("currency_id")
        for concession in self:
            forgiven = concession.amount
            if concession.kind == "settlement":
                forgiven = max(concession.amount - concession.amount_pay, 0.0)
            elif concession.kind == "deferment":
                forgiven = 0.0
            concession.amount_forgiven = forgiven
            whole = sum(concession.line_ids.mapped("amount_item")) or concession.amount
            concession.percent = 100.0 * forgiven / whole if whole else 0.0

    @api.depends("kind")
    def _compute_document(self):
        for concession in self:
            entry = concession.kind in ("adjustment", "write_off")
            concession.document = "write_off" if entry else "credit_note"

    # === CRUD ===

    @api.model_create_multi
    def create(self, vals_list):
        concessions = super().create(vals_list)
        for concession in concessions:
            sequence = self.env["ir.sequence"].sudo().with_company(concession.company_id)
            concession.sudo().write(
                {
                    "reference": sequence.next_by_code("debt.concession"),
                    "amount_company": concession._get_amount_company(),
                }
            )
        return concessions

    def write(self, vals):
        """A draft may be put right; what was submitted stays as it is."""
        if not self.env.su and all(record.state == "draft" for record in self):
            self._check_may_work()
            free = {"kind", "reason", "amount_pay", "date_pay", "date_until", "document"}
            if vals.keys() <= free | {"date_expire"} | self._get_free_fields():
                return super(DebtConcession, self.sudo()).write(vals)
        return super().write(vals)

    # === CHECKS ===

    def _get_amount_company(self):
        """What is given up, or put off, in the company's currency."""
        self.ensure_one()
        amount = self.amount if self.kind == "deferment" else self.amount_forgiven
        return self.currency_id._convert(
            amount,
            self.company_currency_id,
            self.company_id,
            fields.Date.context_today(self),
        )

    def _get_authority_facts(self):
        return {
            "action": self.kind,
            "amount": self.amount_company,
            "percent": self.percent,
            "age": self._get_age(),
        }

    def _get_problems(self):
        problems = super()._get_problems()
        today = fields.Date.context_today(self)
        compare = self.currency_id.compare_amounts
        if self.kind == "settlement":
            if not self.date_pay or self.date_pay < today:
                problems.append(self.env._("Say by which day the debtor pays: not in the past."))
            if compare(self.amount_pay, 0.0) <= 0 or compare(self.amount_pay, self.amount) >= 0:
                problems.append(
                    self.env._(
                        "The debtor pays more than nothing and less than %(amount)s.",
                        amount=self.currency_id.format(self.amount),
                    )
                )
        if self.kind == "deferment" and (not self.date_until or self.date_until < today):
            problems.append(self.env._("Say until when it is deferred: not in the past."))
        if self.kind != "deferment" and self.document == "write_off":
            self.env["debt.bookkeeping"]._get_writeoff_account(self.company_id)
        problems += self._get_taken_problems()
        return problems

    # === STATE ===

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "accepted": ("approved", "done", "lapsed"),
            "done": ("approved", "accepted"),
            "lapsed": ("accepted", "done"),
            "cancelled": ("draft", "to_approve", "approved", "accepted"),
            "undone": ("done",),
        }

    def _after_approval(self):
        """What needs nobody's acceptance happens now."""
        for concession in self:
            if concession.kind in IMMEDIATE_KINDS:
                concession._do_forgive()
            elif concession.kind == "deferment":
                concession._begin()

    def _check_can_accept(self):
        """:raises UserError: for what nobody has to accept."""
        if any(concession.kind != "settlement" for concession in self):
            raise UserError(self.env._("Only settlements are accepted by the debtor."))
        return super()._check_can_accept()

    def _after_acceptance(self):
        """The settlement is in force: follow-up waits for the payment."""
        self._raise_problems(self._get_problems())
        self._begin()

    def _begin(self):
        """Come into force: the items leave follow-up until the day."""
        self.ensure_one()
        day = self.date_pay if self.kind == "settlement" else self.date_until
        limit = day
        if self.kind == "settlement":
            holidays, weekend = self.company_id._get_days_off(day, fields.Date.add(day, days=60))
            limit = promise_limit(day, self.company_id.debt_promise_tolerance, holidays, weekend)
        self._set_state("accepted", date_start=fields.Date.context_today(self), date_limit=limit)
        self.line_ids._start()
        words = self.env._("Deferred until %(date)s: %(reason)s")
        if self.kind == "settlement":
            words = self.env._("Settlement: %(pay)s by %(date)s, %(rest)s is forgiven then.")
        self.case_id._message_log(
            body=words
            % {
                "date": format_date(self.env, day),
                "reason": self.reason,
                "pay": self.currency_id.format(self.amount_pay),
                "rest": self.currency_id.format(self.amount_forgiven),
            }
        )
        self._after_claims_changed()
        if self.kind == "settlement":
            self._judge_settlement()

    def _do_forgive(self):
        """Make the documents over what is given up: the items are settled by them."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        settled = self.kind == "settlement"
        pairs = []
        for line in self.sudo().line_ids:
            residual = line.move_line_id.amount_residual_currency
            amount = line._get_left() if settled else min(line.amount, residual)
            if self.currency_id.compare_amounts(amount, 0.0) > 0:
                pairs.append((line.move_line_id, amount))
        # First the state: the documents are movements of the ledger, which judges again.
        self._set_state("done", date_done=today, date_start=self.date_start or today)
        self.line_ids.sudo().write({"live": False})
        books = self.env["debt.bookkeeping"]
        words = f"{self.reference} {self.reason}"
        make = books._write_off if self.document == "write_off" else books._credit
        moves = make(pairs, words)
        given = sum(amount for _line, amount in pairs)
        self.sudo().write(
            {
                "move_ids": [(6, 0, moves.ids)],
                "amount_written_off": given if self.kind == "write_off" else 0.0,
            }
        )
        self.case_id._message_log(
            body=self.env._(
                "%(name)s: %(amount)s is given up (%(documents)s).",
                name=self.reference,
                amount=self.currency_id.format(given),
                documents=", ".join(moves.mapped("name")),
            )
        )
        self._after_claims_changed()

    def _check_can_undo(self):
        """:raises UserError: for what is not done."""
        self._check_may_work()
        self._check_can_reach("undone")

    def action_undo(self):
        """Ask why, then take the documents back; the debt is owed again."""
        self._check_can_undo()
        return self._ask_reason("undo")

    def _do_undo(self, reason):
        """Take it back: documents are reversed, the items return to follow-up."""
        if self.filtered("amount_recovered"):
            raise UserError(self.env._("Money was recovered already: take that back first."))
        for concession in self._set_state("undone", reason):
            concession._undo_documents(reason)
            concession._after_claims_changed()

    def _undo_documents(self, reason):
        """Reverse the documents that were made."""
        self.ensure_one()
        self.env["debt.bookkeeping"]._undo(self.sudo().move_ids, reason)
        self.sudo().amount_written_off = 0.0

    def _check_can_cancel(self):
        """:raises UserError: for what is done or ended."""
        self._check_may_work()
        self._check_can_reach("cancelled")

    def action_cancel(self):
        """Ask why, then cancel the concession."""
        self._check_can_cancel()
        return self._ask_reason("cancel")

    def _do_cancel(self, reason):
        """Cancel what is not done: the items return to follow-up."""
        moved = self._set_state("cancelled", reason)
        moved.line_ids.sudo().write({"live": False})
        moved.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        moved._after_claims_changed()
        return moved

    def _get_paper(self):
        if self.kind != "settlement":
            return None
        return {
            "heading": self.env._("Settlement"),
            "template": "debt_collection.agreement_settlement",
            "report": "debt_collection.report_debt_settlement",
            "mail_template": "debt_collection.mail_template_settlement_offer",
        }

    def _get_states_in_force(self):
        return ("accepted",)

    def action_view_documents(self):
        """Open the documents the concession made."""
        self.ensure_one()
        return (self.move_ids | self.recovery_move_ids)._get_records_action(
            name=self.env._("Documents")
        )


class DebtConcessionLine(models.Model):
    """One item a concession is about."""

    _name = "debt.concession.line"
    _description = "Item of a concession"
    _inherit = ["debt.agreement.line"]

    agreement_id = fields.Many2one(
        "debt.concession", string="Concession", required=True, ondelete="cascade", index=True
    )

    _live_uniq = models.UniqueIndex(
        "(move_line_id) WHERE live", "This item is part of another concession already."
    )
