from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...const import CHANNELS, NOTICE_STATES, PERSONAL_CHANNELS

# Who may come to a state from where; the one table of the gate ``_set_state``.
TRANSITIONS = {
    "to_approve": ("to_review", "ready", "failed"),
    "ready": ("to_approve", "to_review", "failed", "queued"),
    "queued": ("ready", "failed"),
    "sent": ("queued", "failed"),
    "bounced": ("queued", "sent"),
    "failed": ("ready", "queued", "failed"),
    "cancelled": ("to_approve", "to_review", "ready", "queued", "failed"),
    "rejected": ("to_approve", "to_review"),
}
# Approving more than this sends the rest in the background.
SEND_AT_ONCE = 20


class DebtNotice(models.Model):
    """One consolidated communication to a debtor, led by the highest level of its items.

    ::

        to_approve ─┬─► ready ──► queued ──► sent ──► bounced
        to_review ──┤     ▲ └───► failed ◄──┘
                    └─► rejected     any of them ──► cancelled (settled, on hold, merged, by hand)

    Planned by the run in one statement; dispatched in batches; judged again at the moment of
    dispatch and at the moment the e-mail leaves. A notice that left is evidence.
    """

    _name = "debt.notice"
    _description = "Collection notice"
    _inherit = ["debt.ledger.follower", "mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    case_id = fields.Many2one(
        "debt.case",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty for a courtesy message about debts that are not overdue yet.",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Debtor", required=True, readonly=True, index=True
    )
    debtor_key = fields.Integer(
        readonly=True,
        export_string_translation=False,
        help="Id of the debtor for whom a run decided: stays when debtors are merged.",
    )
    user_id = fields.Many2one("res.users", string="Officer", index="btree_not_null")
    run_id = fields.Many2one("debt.run", readonly=True, index="btree_not_null", ondelete="set null")
    level_id = fields.Many2one(
        "debt.level", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    date = fields.Date(
        required=True, readonly=True, default=fields.Date.context_today, string="Decided on"
    )
    automatic = fields.Boolean(readonly=True, help="Planned by a run, not by a person.")
    state = fields.Selection(
        NOTICE_STATES, required=True, readonly=True, default="to_review", index=True, tracking=True
    )
    channel = fields.Selection(CHANNELS, required=True)
    item_ids = fields.One2many("debt.notice.item", "notice_id", string="Items")
    amount_total = fields.Monetary(
        string="Amount",
        currency_field="company_currency_id",
        readonly=True,
        help="Collectible amount told to the debtor, in the company's currency.",
    )
    amount_credit = fields.Monetary(
        string="Open credits", currency_field="company_currency_id", readonly=True
    )
    deadline = fields.Date(string="Pay by", readonly=True)

    # What went out, to whom, when
    recipient_id = fields.Many2one("res.partner", readonly=True, index="btree_not_null")
    lang = fields.Char(string="Language", readonly=True)
    email_to = fields.Char(string="Sent to", readonly=True)
    phone_to = fields.Char(string="Sent to (number)", readonly=True)
    address_to = fields.Text(string="Sent to (postal address)", readonly=True)
    subject = fields.Char(readonly=True)
    body = fields.Html(string="Text as sent", readonly=True, sanitize=False)
    edited = fields.Boolean(readonly=True, help="A person wrote the text.")
    edited_amount = fields.Monetary(
        string="Amount when written",
        currency_field="company_currency_id",
        readonly=True,
        help="Left to pay when a person wrote the text; it does not leave when that moved.",
    )
    pdf_id = fields.Many2one(
        "ir.attachment",
        string="PDF as sent",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    page_count = fields.Integer(string="Pages", readonly=True)
    date_printed = fields.Datetime(string="Printed on", readonly=True)
    date_sent = fields.Datetime(string="Sent on", readonly=True)
    mail_id = fields.Many2one(
        "mail.mail", string="E-mail", readonly=True, index="btree_not_null", ondelete="set null"
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="set null"
    )
    note = fields.Char(readonly=True, help="What was done differently, and why.")
    error_message = fields.Text(string="Problem", readonly=True)
    state_reason = fields.Char(string="Reason", readonly=True, tracking=True)
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True)

    _pending_uniq = models.UniqueIndex(
        "(case_id) WHERE case_id IS NOT NULL"
        " AND state IN ('to_approve', 'to_review', 'ready', 'failed')",
        "A notice of this case is waiting already.",
    )
    _daily_uniq = models.UniqueIndex(
        "(company_id, debtor_key, date)"
        " WHERE automatic IS TRUE AND state NOT IN ('cancelled', 'rejected')",
        "This debtor already gets a notice on that day.",
    )
    _dispatch_idx = models.Index("(company_id, id) WHERE state IN ('ready', 'failed')")

    @api.depends("partner_id", "level_id")
    def _compute_display_name(self):
        for notice in self:
            level = notice.level_id.name or self.env._("Notice")
            notice.display_name = f"{level} · {notice.partner_id.display_name}"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if self.env.su and self.env.context.get("debt_forget"):
            return
        raise UserError(self.env._("Notices are kept as evidence. Cancel the notice instead."))

    # === ACTIONS ===

    def action_approve(self):
        """Let notices that wait for approval go out.

        :raises AccessError: for anyone but a credit manager
        """
        self._check_can_approve()
        waiting = self.filtered(lambda notice: notice.state == "to_approve")
        waiting.sudo().decided_by_id = self.env.user
        return waiting._do_release()

    def action_reject(self):
        """Ask for the reason, then reject the notices that wait."""
        self._check_can_approve()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reject"),
            "res_model": "debt.notice.reject",
            "view_mode": "form",
            "target": "new",
            "context": {"default_notice_ids": self.ids},
        }

    def action_send(self):
        """Send notices the officer has looked at, and try failed ones again."""
        self._check_can_work()
        return self.filtered(lambda n: n.state in ("to_review", "failed", "ready"))._do_release()

    def action_cancel(self):
        """Cancel notices that have not left yet."""
        self._check_can_work()
        self.sudo()._do_cancel(self.env._("Cancelled by %(user)s", user=self.env.user.name))
        return True

    def action_view_case(self):
        """Open the case of the notice."""
        self.ensure_one()
        return (self.case_id or self.partner_id)._get_records_action()

    def _check_can_work(self):
        """:raises AccessError: for readers, and for notices of somebody else's cases."""
        self.check_access("read")
        self.case_id.check_access("write")
        if not self.env.user.has_group("debt_collection.group_officer"):
            raise AccessError(self.env._("Only officers may send or cancel notices."))

    def _check_can_approve(self):
        """:raises AccessError: for anyone but a credit manager."""
        self.check_access("read")
        if not self.env.user.has_group("debt_collection.group_manager"):
            raise AccessError(
                self.env._("Notices are approved by a credit manager. Please ask one of them.")
            )

    # === TRANSITIONS ===

    def _set_state(self, target, **values):
        """The one gate of the state: move what may move, leave the rest.

        :param target: key of TRANSITIONS
        :param values: written together with the state
        :return: the notices that moved
        """
        movable = self.filtered(lambda notice: notice.state in TRANSITIONS[target])
        movable.write({"state": target, **values})
        return movable

    def _do_release(self):
        """Let the notices go: a few at once, many in the background."""
        ready = self.sudo()._set_state("ready", error_message=False)
        ready |= self.sudo().filtered(lambda notice: notice.state == "ready")
        if len(ready) <= SEND_AT_ONCE:
            ready._dispatch_batch()
        else:
            self.env.ref("debt_collection.ir_cron_dispatch_notices")._trigger()
        return True

    def _do_reject(self, reason):
        """Reject waiting notices: their items fall back to the level they had before.

        The level comes up again after its waiting time, counted from today.

        :param reason: words of the person who rejects
        """
        rejected = self.sudo()._set_state(
            "rejected", state_reason=reason, decided_by_id=self.env.user.id
        )
        rejected.item_ids._fall_back()
        rejected.case_id._refresh_last_notice()
        rejected._drop_activities()
        for notice in rejected.filtered("case_id"):
            notice.case_id._message_log(
                body=self.env._(
                    "%(notice)s rejected: %(reason)s",
                    notice=notice.level_id.name,
                    reason=reason,
                )
            )
        return rejected

    def _do_cancel(self, reason):
        """Cancel notices that have not left, with the e-mails and activities made for them.

        What never left was never told: as after a rejection, the items fall back.

        :param reason: words kept on the notice
        :return: the cancelled notices
        """
        cancelled = self._set_state("cancelled", state_reason=reason)
        cancelled.item_ids._fall_back()
        cancelled.case_id._refresh_last_notice()
        cancelled._withdraw()
        return cancelled

    def _do_revise(self, now=None):
        """Correct notices that are no longer true: cancel those with nothing left to ask for,
        take the e-mails of the others back and send them anew.

        :param now: answer of ``_get_items_now``, if it is known already
        """
        if not self:
            return
        alive = self._refresh_items(now)
        (self - alive)._do_cancel(self.env._("Settled, on hold or out of date before it was sent."))
        written = alive.filtered(
            lambda n: n.state == "queued" and n.channel not in PERSONAL_CHANNELS
        )
        for notice in alive.filtered(lambda n: n.state == "queued" and n.activity_id.active):
            notice.activity_id.note = notice._render_call_script()
        if written:
            written._withdraw()
            written._set_state("ready", mail_id=False)
            self.env.ref("debt_collection.ir_cron_dispatch_notices")._trigger()

    def _set_sent(self):
        """The notice reached its channel's end: keep the contact, tell the case."""
        failed_before = self.filtered(lambda notice: notice.state == "failed")
        sent = self._set_state("sent", date_sent=fields.Datetime.now(), error_message=False)
        failed_before.case_id._report_problem(False)
        self.env["debt.contact"].sudo().create(
            [
                {
                    "case_id": notice.case_id.id,
                    "company_id": notice.company_id.id,
                    "partner_id": notice.partner_id.id,
                    "user_id": notice.user_id.id or self.env.uid,
                    "channel": notice.channel,
                    "outcome": "other" if notice.channel in PERSONAL_CHANNELS else "sent",
                    "notice_id": notice.id,
                    "automatic": True,
                    "note": notice.subject or notice.level_id.name,
                }
                for notice in sent
            ]
        )
        return sent

    def _set_failed(self, message):
        """The notice could not be delivered: say so on it and on its case.

        :param message: what went wrong, for the officer
        """
        failed = self._set_state("failed", error_message=message)
        failed.case_id._report_problem(message)
        return failed

    def _withdraw(self):
        """Take back what carries notices that are not to reach the debtor as they are."""
        self._withdraw_mails()
        self.filtered(lambda notice: notice.channel == "sms")._withdraw_sms()
        self.filtered(lambda notice: notice.channel == "letter")._withdraw_letters()
        self._drop_activities()

    def _take_back_untrue(self):
        """Judge notices at the very moment in which they leave.

        :return: those that do not leave: dropped meanwhile, or untrue by now and revised
        """
        dropped = self.filtered(lambda notice: notice.state in ("cancelled", "rejected"))
        stale = self.filtered(lambda n: n.state in ("queued", "failed"))._get_stale()
        stale._do_revise()
        (dropped | stale)._withdraw()
        return dropped | stale
