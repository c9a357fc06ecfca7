from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.debt_collection.const import CHANNELS, NOTICE_STATES, PENDING_NOTICE_STATES

# Who may come to a state from where; the one table of the gate ``_set_state``.
TRANSITIONS = {
    "ready": ("to_approve", "to_review", "failed", "queued"),
    "queued": ("ready", "failed"),
    "sent": ("queued", "failed"),
    "failed": ("ready", "queued", "failed"),
    "cancelled": ("to_approve", "to_review", "ready", "queued", "failed"),
    "rejected": ("to_approve", "to_review"),
}
# Approving more than this sends the rest in the background.
SEND_AT_ONCE = 20


class DebtNotice(models.Model):
    """One consolidated communication to a debtor, led by the highest level of its items.

    ::

        to_approve ─┬─► ready ──► queued ──► sent
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
        "debt.level", string="Level", readonly=True, ondelete="restrict", index="btree_not_null"
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
    subject = fields.Char(readonly=True)
    body = fields.Html(string="Text as sent", readonly=True, sanitize=False)
    items_html = fields.Html(
        string="Items (as told)", compute="_compute_items_html", sanitize=False
    )
    date_sent = fields.Datetime(readonly=True)
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
        cancelled._withdraw_mails()
        cancelled._drop_activities()
        return cancelled

    def _do_revise(self):
        """Correct notices that are no longer true: cancel those with nothing left to ask for,
        take the e-mails of the others back and send them anew.
        """
        alive = self._refresh_items()
        (self - alive)._do_cancel(self.env._("Settled, on hold or out of date before it was sent."))
        written = alive.filtered(lambda n: n.state == "queued" and n.channel != "activity")
        for notice in alive.filtered(lambda n: n.state == "queued" and n.activity_id.active):
            notice.activity_id.note = notice._render_call_script()
        if written:
            written._withdraw_mails()
            written._set_state("ready", mail_id=False)
            self.env.ref("debt_collection.ir_cron_dispatch_notices")._trigger()

    def _set_sent(self):
        """The notice reached its channel's end: keep the contact, tell the case."""
        failed_before = self.filtered(lambda notice: notice.state == "failed")
        sent = self._set_state("sent", date_sent=fields.Datetime.now(), error_message=False)
        failed_before.case_id._report_problem(False)
        contact_channel = {"email": "email", "activity": "call"}
        self.env["debt.contact"].sudo().create(
            [
                {
                    "case_id": notice.case_id.id,
                    "company_id": notice.company_id.id,
                    "partner_id": notice.partner_id.id,
                    "user_id": notice.user_id.id or self.env.uid,
                    "channel": contact_channel.get(notice.channel, notice.channel),
                    "outcome": "sent" if notice.channel != "activity" else "other",
                    "notice_id": notice.id,
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

    def _withdraw_mails(self):
        """Cancel e-mails that did not leave, so that nobody sends them from Odoo's queue."""
        self.mail_id.filtered(lambda mail: mail.state in ("outgoing", "exception")).cancel()

    def _drop_activities(self):
        """Remove the activities planned for notices that are not to be done any more."""
        self.activity_id.filtered("active").unlink()

    # === WHAT IS TOLD, AND IS IT STILL TRUE ===

    @api.model
    def _revise_pending(self, cases):
        """Money moved or a hold came: cancel or correct what has not left yet.

        :param cases: debt.case
        """
        notices = self.search(
            [
                ("case_id", "in", cases.ids),
                ("state", "in", (*PENDING_NOTICE_STATES, "queued")),
            ]
        )
        if not notices:
            return
        notices._get_stale()._do_revise()

    def _revise_merged(self, target):
        """Let the notices of merged cases follow; those that have not left are cancelled."""
        notices = self.sudo()
        notices.filtered(lambda n: n.state in (*PENDING_NOTICE_STATES, "queued"))._do_cancel(
            self.env._("The case was merged.")
        )
        notices.write({"case_id": target.id, "partner_id": target.partner_id.id})

    def _get_stale(self):
        """The notices among these that tell an item wrongly, or may not go out any more."""
        today = fields.Date.context_today(self)
        case_notices = self.filtered("case_id")
        figures = case_notices.item_ids.item_id._get_collectible_amounts(today)
        blocked = case_notices.case_id._get_blocking_words(today)
        stale = self.browse()
        for notice in self:
            if notice.case_id.id in blocked or (
                notice.case_id and notice.case_id.state == "closed"
            ):
                stale |= notice
                continue
            if notice.case_id and notice.company_currency_id.compare_amounts(
                notice.case_id.amount_credit, notice.amount_credit
            ):
                stale |= notice
                continue
            for line in notice.item_ids:
                if notice.case_id:
                    now = figures.get(line.item_id.id, (0.0, []))[0]
                else:
                    now = line._get_ledger_amount()
                moved = line.item_id and line.item_id.date_due != line.date_due
                if moved or line.currency_id.compare_amounts(now, line.amount):
                    stale |= notice
                    break
        return stale

    def _refresh_items(self):
        """Bring the lists of items up to this day; items that joined the case are added.

        A notice with nothing left keeps its list: what it would have told is evidence.

        :return: the notices that still have something to ask for and whose debtor may be asked
        """
        alive = self.filtered(lambda n: not n.case_id)._refresh_courtesies()
        notices = self.filtered(lambda n: n.case_id and n.case_id.state != "closed")
        today = fields.Date.context_today(self)
        blocked = notices.case_id._get_blocking_words(today)
        notices = notices.filtered(lambda notice: notice.case_id.id not in blocked)
        figures = notices.case_id.open_item_ids._get_collectible_amounts(today)
        new_lines = []
        for notice in notices:
            date = max(today, notice.date)
            known = {line.item_id.id: line for line in notice.item_ids}
            total, joined = 0.0, []
            for item in notice.case_id.open_item_ids:
                amount = figures.get(item.id, (0.0, []))[0]
                if item.currency_id.compare_amounts(amount, 0.0) <= 0:
                    continue
                values = item._prepare_notice_item_values(amount, date)
                total += values["amount_company"]
                if item.id in known:
                    known.pop(item.id).write(values)
                else:
                    joined.append({"notice_id": notice.id, **values})
            gone = notice.item_ids.browse([line.id for line in known.values()])
            if gone and gone == notice.item_ids:
                continue
            gone._fall_back()
            gone.unlink()
            if not notice._lead():
                continue
            credit = notice.case_id.amount_credit
            notice.write({"amount_total": total, "amount_credit": credit})
            tolerance = notice.company_id.debt_tolerance
            if notice.company_currency_id.compare_amounts(total - credit, tolerance) > 0:
                alive |= notice
                new_lines += joined
        self.env["debt.notice.item"].create(new_lines)
        return alive

    def _lead(self):
        """Let the highest level this notice brings lead it, when the item that led it is gone.

        :return: False when nothing is left that this notice was made for
        """
        self.ensure_one()
        if not self.automatic or self.level_id in self.item_ids.level_id:
            return True
        levels = self.item_ids.filtered("advanced").level_id
        self.level_id = levels.sorted("sequence")[-1:] or self.level_id
        return bool(levels)

    def _refresh_courtesies(self):
        """As ``_refresh_items``, for messages about debts that are not overdue yet.

        :return: the messages that still have something to announce, to debtors without a case
        """
        alive = self.browse()
        for company, notices in self.grouped("company_id").items():
            in_collection = (
                self.env["debt.case"]
                .search(
                    [
                        ("company_id", "=", company.id),
                        ("partner_id", "in", notices.partner_id.ids),
                        ("state", "!=", "closed"),
                    ]
                )
                .partner_id
            )
            alive |= notices.filtered(
                lambda n, chased=in_collection: (
                    n.partner_id not in chased and n._refresh_courtesy_items()
                )
            )
        return alive

    def _refresh_courtesy_items(self):
        """Bring one message up to this day: what is paid or due by now is not announced any more.

        :return: whether anything is left to announce
        """
        self.ensure_one()
        today = max(fields.Date.context_today(self), self.date)
        amounts = {}
        for line in self.item_ids:
            due = line.move_line_id.date_maturity or line.date_due
            amount = line._get_ledger_amount()
            if due >= today and line.currency_id.compare_amounts(amount, 0.0) > 0:
                amounts[line] = amount
        if not amounts:
            return False
        for line in self.item_ids:
            if line not in amounts:
                line.unlink()
            elif line.currency_id.compare_amounts(amounts[line], line.amount):
                line.write(
                    {
                        "amount": amounts[line],
                        "amount_company": line.move_line_id.amount_residual,
                    }
                )
        self.amount_total = sum(self.item_ids.mapped("amount_company"))
        return True

    @api.depends("item_ids", "amount_credit", "lang")
    def _compute_items_html(self):
        """The table of items, credits, totals and how to pay, for templates and letters."""
        for notice in self:
            notice.items_html = self.env["ir.qweb"]._render(
                "debt_collection.notice_items",
                {"notice": notice.with_context(lang=notice.lang or self.env.lang)},
                lang=notice.lang or self.env.lang,
                minimal_qcontext=True,
            )

    def _get_currency_totals(self):
        """Subtotals of the notice.

        :return: list of (res.currency, amount)
        """
        self.ensure_one()
        return [
            (currency, sum(lines.mapped("amount")))
            for currency, lines in self.item_ids.grouped("currency_id").items()
        ]
