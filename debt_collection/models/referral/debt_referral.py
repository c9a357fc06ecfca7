"""Referrals: a case, or some of its items, given to somebody else to collect."""

from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ...const import ESCALATION_RANK, REFERRAL_KINDS

# Where the case stands once it is placed there.
KIND_ESCALATION = {
    "internal": "pre_legal",
    "agency": "agency",
    "attorney": "legal",
    "court": "legal",
    "insurer": "legal",
}
TRANSITIONS = {
    "placed": ("draft",),
    "recalled": ("placed",),
    "returned": ("placed",),
    "closed": ("placed",),
    "cancelled": ("draft",),
}
OWNED_FIELDS = {
    "name",
    "state",
    "date_placed",
    "date_end",
    "amount_placed",
    "days_placed",
    "rate",
    "end_reason",
    "fee_bill_id",
    "previous_id",
    "date_recall",
    "recall_reason",
}
FROZEN_FIELDS = {"case_id", "kind", "recipient_id", "contract_id", "item_ids"}


class DebtReferral(models.Model):
    """What was given to whom, in which stage it is, and what came of it.

    ::

        draft ──► placed ──┬──► recalled (we take it back)
          │                ├──► returned (they give it back, with a code)
          └──► cancelled   └──► closed   (nothing is owed any more)

    Placed items leave follow-up and the collectible amount. Afterwards they may be placed again.
    """

    _name = "debt.referral"
    _description = "Referral"
    _inherit = ["debt.ledger.follower", "mail.thread", "mail.activity.mixin"]
    _order = "date_placed desc, id desc"
    _mail_post_access = "read"
    _check_company_auto = True

    name = fields.Char(string="Number", readonly=True, copy=False, index="trigram")
    case_id = fields.Many2one(
        "debt.case",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('state', '!=', 'closed')]",
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="case_id.partner_id", string="Debtor", store=True, index=True
    )
    currency_id = fields.Many2one(related="case_id.currency_id")
    kind = fields.Selection(REFERRAL_KINDS, string="To", default="agency", required=True)
    contract_id = fields.Many2one(
        "debt.agency.contract",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('company_id', '=', company_id), ('kind', '=', kind)]",
    )
    recipient_id = fields.Many2one(
        "res.partner",
        string="Name",
        index="btree_not_null",
        compute="_compute_recipient_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Agency, attorney, court or insurer.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
        help="Who looks after it on our side; gets the tasks.",
    )
    reference = fields.Char(string="Their file number", tracking=True)
    state = fields.Selection(
        [
            ("draft", "To place"),
            ("placed", "Placed"),
            ("recalled", "Recalled"),
            ("returned", "Returned"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    stage_id = fields.Many2one(
        "debt.referral.stage",
        domain="[('kind', '=', kind)]",
        group_expand="_read_group_stage_ids",
        tracking=True,
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
    )
    stage_date = fields.Date(string="In this stage since", readonly=True, copy=False)
    stage_deadline = fields.Date(string="Key date", copy=False, tracking=True)
    date_ids = fields.One2many("debt.referral.date", "referral_id", string="Key dates")
    item_ids = fields.One2many("debt.referral.item", "referral_id", string="Items")
    payment_ids = fields.One2many("debt.referral.payment", "referral_id", string="Payments")
    date_placed = fields.Date(string="Placed on", readonly=True, copy=False)
    date_end = fields.Date(string="Ended on", readonly=True, copy=False)
    date_term = fields.Date(string="Placed until", copy=False, help="Then it comes up for recall.")
    amount_placed = fields.Monetary(readonly=True, copy=False)
    days_placed = fields.Integer(
        string="Age when placed", readonly=True, copy=False, aggregator="avg"
    )
    rate = fields.Float(string="Commission (%)", readonly=True, copy=False, aggregator="avg")
    amount_collected = fields.Monetary(string="Collected", compute="_compute_figures")
    commission = fields.Monetary(compute="_compute_figures")
    amount_open = fields.Monetary(string="Still open", compute="_compute_figures")
    return_code_id = fields.Many2one(
        "debt.return.code", readonly=True, copy=False, index="btree_not_null"
    )
    end_reason = fields.Char(string="Ended because", readonly=True, copy=False, tracking=True)
    previous_id = fields.Many2one(
        "debt.referral",
        string="Earlier placement",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    fee_bill_id = fields.Many2one(
        "account.move", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    date_recall = fields.Date(
        string="Recalled as of",
        readonly=True,
        copy=False,
        help="The recall was announced; until this day the recipient may finish.",
    )
    recall_reason = fields.Char(readonly=True, copy=False)
    term_told = fields.Boolean(readonly=True, copy=False, export_string_translation=False)
    instructions = fields.Text(help="What the recipient has to know.")

    @api.depends("contract_id")
    def _compute_recipient_id(self):
        for referral in self:
            referral.recipient_id = referral.contract_id.partner_id or referral.recipient_id

    @api.depends("name", "recipient_id")
    def _compute_display_name(self):
        for referral in self:
            words = (referral.name, referral.recipient_id.display_name)
            referral.display_name = " · ".join(filter(None, words)) or self.env._("New referral")

    @api.depends("payment_ids", "item_ids.item_id.amount_residual_company")
    def _compute_figures(self):
        self.mapped("currency_id")
        sums = {
            referral: (amount, commission)
            for referral, amount, commission in self.env["debt.referral.payment"]._read_group(
                [("referral_id", "in", self.ids)],
                ["referral_id"],
                ["amount_company:sum", "commission:sum"],
            )
        }
        for referral in self:
            referral.amount_collected, referral.commission = sums.get(referral._origin, (0.0, 0.0))
            referral.amount_open = sum(
                referral.item_ids.item_id.filtered(lambda item: not item.date_out).mapped(
                    "amount_residual_company"
                )
            )

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        return stages.search([("id", "in", stages.ids)])

    # === CRUD ===

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not self.env.su and OWNED_FIELDS & vals.keys():
                raise AccessError(self.env._("Number, state and figures follow from the buttons."))
            vals["name"] = self.env["ir.sequence"].sudo().next_by_code("debt.referral")
        referrals = super().create(vals_list)
        for referral in referrals:
            if not self.env.su:
                referral.case_id.check_access("write")
            if not referral.item_ids:
                referral.sudo()._add_open_items()
        return referrals

    def write(self, vals):
        if not self.env.su:
            if OWNED_FIELDS & vals.keys():
                raise AccessError(self.env._("Number, state and figures follow from the buttons."))
            if FROZEN_FIELDS & vals.keys() and self.filtered(lambda r: r.state != "draft"):
                raise UserError(
                    self.env._("What was placed is kept as it was. Recall it and place it anew.")
                )
        if "date_term" in vals:
            vals = {**vals, "term_told": False}  # a new term ends anew
        result = super().write(vals)
        if "stage_id" in vals:
            self._enter_stage()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_placed(self):
        if self.filtered(lambda referral: referral.state != "draft"):
            raise UserError(self.env._("Referrals are kept as evidence. Recall it instead."))

    def _add_open_items(self):
        """Take all open items of the case that are with nobody else."""
        placed = self.env["debt.referral.item"].search(
            [("item_id", "in", self.case_id.open_item_ids.ids), ("state", "=", "placed")]
        )
        items = self.case_id.open_item_ids - placed.item_id
        self.item_ids = [Command.create({"item_id": item.id}) for item in items]

    # === TRANSITIONS ===

    def _set_state(self, target, **values):
        """The one gate of the state: move what may move, leave the rest.

        :param target: key of TRANSITIONS
        :param values: written together with the state
        :return: the referrals that moved
        """
        movable = self.sudo().filtered(lambda referral: referral.state in TRANSITIONS[target])
        if not movable:
            return movable
        before = dict(self._fields["state"]._description_selection(self.env))
        movable.write({"state": target, **values})
        self.env["debt.status.change"]._record(
            [
                {
                    "case_id": referral.case_id.id,
                    "kind": "referral",
                    "after": f"{before[target]}: {referral.display_name}",
                    "reason": referral.end_reason or referral.return_code_id.name or False,
                }
                for referral in movable
            ]
        )
        return movable

    def _check_can_work(self):
        """:raises AccessError: for those who do not work on the case."""
        self.check_access("write")
        self.case_id.check_access("write")

    def _get_place_problems(self):
        """Everything that keeps the referral from being placed.

        :return: list of words
        """
        self.ensure_one()
        problems = []
        if self.state != "draft":
            problems.append(self.env._("It was placed already."))
        if not self.item_ids:
            problems.append(self.env._("No item is left to place."))
        if self.kind != "internal" and not self.recipient_id:
            problems.append(self.env._("Say to whom it is given."))
        contract = self.contract_id
        today = fields.Date.context_today(self)
        if contract and not (
            contract.date_start <= today and (not contract.date_end or contract.date_end >= today)
        ):
            problems.append(self.env._("The contract %s is not in force today.", contract.name))
        gone = self.item_ids.filtered(lambda line: line.item_id.date_out)
        if gone:
            problems.append(
                self.env._("No longer owed: %s.", ", ".join(gone.mapped("document_number")))
            )
        double = self.env["debt.referral.item"].search(
            [("item_id", "in", self.item_ids.item_id.ids), ("state", "=", "placed")]
        )
        if double:
            problems.append(
                self.env._(
                    "With somebody else already: %s.", ", ".join(double.mapped("document_number"))
                )
            )
        target = KIND_ESCALATION[self.kind]
        if not self._is_escalated(target):
            problems += self.case_id._get_escalation_obstacles(target).get(self.case_id.id, [])
        return problems

    def _is_escalated(self, target):
        """Whether the case stands where this kind of referral leads, or beyond."""
        case = self.case_id
        return case.escalation == target or (
            ESCALATION_RANK[case.escalation] > ESCALATION_RANK[target]
        )

    def action_place(self):
        """Give the items away: the case escalates, they leave follow-up.

        :raises UserError: with everything that stands against it
        """
        self._check_can_work()
        for referral in self:
            problems = referral._get_place_problems()
            if problems:
                raise UserError(
                    "\n".join([referral.display_name, *(f"• {words}" for words in problems)])
                )
            target = KIND_ESCALATION[referral.kind]
            if not referral._is_escalated(target):
                referral.case_id._escalate(target, self.env._("Placed: %s", referral.display_name))
            else:
                referral.case_id._check_escalation_role(referral.case_id.escalation)
            referral._do_place()
        return True

    def _do_place(self):
        """Freeze what is given away, and start the first stage."""
        today = fields.Date.context_today(self)
        for referral in self.sudo():
            for line in referral.item_ids:
                line._freeze()
            amount = sum(referral.item_ids.mapped("amount_company"))
            due = [line.date_due for line in referral.item_ids if line.date_due]
            days = max((today - min(due)).days, 0) if due else 0
            contract = referral.contract_id
            stages = self.env["debt.referral.stage"].search([("kind", "=", referral.kind)])
            referral._set_state(
                "placed",
                date_placed=today,
                amount_placed=amount,
                days_placed=days,
                rate=contract._get_rate(days, amount) if contract else 0.0,
                date_term=referral.date_term
                or (contract.term_days and today + timedelta(days=contract.term_days)),
                stage_id=stages[:1].id,
            )
        self.case_id.sudo()._cancel_blocked_notices()
        self.case_id.open_item_ids.invalidate_recordset(["amount_collectible", "claim_words"])

    def _enter_stage(self):
        """Date, key date and task of the stage that begins."""
        today = fields.Date.context_today(self)
        for referral in self.filtered(lambda r: r.stage_id and r.state == "placed").sudo():
            stage = referral.stage_id
            deadline = today + timedelta(days=stage.days) if stage.days else False
            referral.with_context(tracking_disable=True).write(
                {"stage_date": today, "stage_deadline": deadline}
            )
            if stage.task:
                referral.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=deadline or today,
                    summary=stage.task,
                    user_id=referral.user_id.id or self.env.uid,
                )

    def action_end(self):
        """Open the dialog that recalls or returns the referral."""
        self._check_can_work()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take back"),
            "res_model": "debt.referral.end",
            "view_mode": "form",
            "target": "new",
            "context": {"default_referral_ids": self.ids},
        }

    def _do_end(self, state, reason, code=None):
        """Take placed referrals back: their items are collected by us again.

        :param state: ``recalled`` or ``returned``
        :param reason: words of the person
        :param code: debt.return.code, for what is returned
        :return: the referrals that ended
        """
        ended = self._set_state(
            state,
            end_reason=reason,
            return_code_id=code.id if code else False,
            date_end=fields.Date.context_today(self),
        )
        ended.activity_unlink(["mail.mail_activity_data_todo"])
        ended.case_id.open_item_ids.invalidate_recordset(["amount_collectible", "claim_words"])
        return ended

    def action_cancel(self):
        """Drop referrals that were never placed."""
        self._check_can_work()
        self._set_state("cancelled", date_end=fields.Date.context_today(self))
        return True

    def action_place_again(self):
        """Start a new placement of what is still owed, linked to this one.

        :return: action that opens it
        """
        self.ensure_one()
        self._check_can_work()
        if self.state not in ("recalled", "returned"):
            raise UserError(self.env._("Take it back before you place it again."))
        again = self.create(
            {"case_id": self.case_id.id, "kind": self.kind, "instructions": self.instructions}
        )
        again.sudo().previous_id = self
        return again._get_records_action()

    def action_legal_file(self):
        """Make the legal file of the case as of today and open it."""
        self.ensure_one()
        return self.case_id.action_legal_file()

    def action_view_case(self):
        """Open the case."""
        self.ensure_one()
        return self.case_id._get_records_action()


class DebtReferralDate(models.Model):
    """A key date of a referral: hearing, claim deadline, judgment."""

    _name = "debt.referral.date"
    _description = "Key date of a referral"
    _order = "date, id"

    referral_id = fields.Many2one("debt.referral", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="referral_id.company_id", store=True, index=True)
    name = fields.Char(string="What", required=True)
    date = fields.Date(required=True)
    done = fields.Boolean()
    note = fields.Char()

    @api.model_create_multi
    def create(self, vals_list):
        dates = super().create(vals_list)
        for row in dates:
            if not row.done:
                row.referral_id.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=row.date,
                    summary=row.name,
                    user_id=row.referral_id.user_id.id or self.env.uid,
                )
        return dates
