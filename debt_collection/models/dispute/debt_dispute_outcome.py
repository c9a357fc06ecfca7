"""How disputes end and what they cause: credit notes, replies, settlements, lateness, digests."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from .debt_dispute import LIVE_STATES, SOLVED_STATES


class DebtDispute(models.Model):
    _inherit = "debt.dispute"

    date_digest = fields.Date(
        readonly=True, copy=False, help="Day of the last digest about it to who is responsible."
    )
    date_digest_department = fields.Date(
        readonly=True, copy=False, help="Day of the last digest about it to the department."
    )

    # === DECISION ===

    def _solve(self, amounts, reply, reason=False, upheld=True):
        """Decide a dispute: credit what is upheld, return the rest to follow-up, tell the debtor.

        :param amounts: dict debt.dispute.line → amount upheld; nothing upheld: rejected
        :param reply: words for the debtor, sent with the state
        :param reason: words kept with the decision
        :param upheld: a complaint that is about no item is justified
        """
        self.ensure_one()
        self._check_can_solve()
        currency = self.currency_id
        problems = [
            self.env._(
                "%(document)s: between zero and %(limit)s can be upheld.",
                document=line.document_number,
                limit=currency.format(min(line.amount, line.amount_open)),
            )
            for line, amount in amounts.items()
            if currency.compare_amounts(amount, 0.0) < 0
            or currency.compare_amounts(amount, min(line.amount, line.amount_open)) > 0
        ]
        self._raise_problems(problems)
        granted = [
            (line.sudo().move_line_id, amount)
            for line, amount in amounts.items()
            if currency.compare_amounts(amount, 0.0) > 0
        ]
        total = sum(amount for _line, amount in granted)
        self._check_authority_to_credit(total)
        owed = sum(min(line.amount, line.amount_open) for line in self.line_ids)
        target = "rejected"
        if granted or (upheld and not self.line_ids):
            target = "upheld" if currency.compare_amounts(total, owed) >= 0 else "partly"
        for line, amount in amounts.items():
            line.sudo().amount_upheld = amount
        # Closed first: a credit note over all of it would close it as settled by the ledger.
        self._close(target, reason, amount_upheld=total, reply=reply)
        moves = self.env["debt.bookkeeping"]._credit(
            granted, self.env._("Dispute %(reference)s", reference=self.reference)
        )
        self.sudo().move_ids = moves
        if reply:
            self._send_reply(reply)

    def _check_authority_to_credit(self, amount):
        """Ask the authority matrix whether the user may credit that much.

        :raises UserError: naming who may
        """
        if self.currency_id.compare_amounts(amount, 0.0) <= 0:
            return
        company, authority = self.company_id, self.env["debt.authority"]
        facts = {
            "action": "dispute",
            "amount": self.currency_id._convert(
                amount, company.currency_id, company, fields.Date.context_today(self)
            ),
        }
        if not authority._may_grant(self.env.user, company, **facts):
            approver = authority._get_approver(self.env.user, company, record=self, **facts)
            raise UserError(
                self.env._(
                    "Your authority does not cover a credit of %(amount)s. %(user)s may decide "
                    "this dispute.",
                    amount=self.currency_id.format(amount),
                    user=approver.name,
                )
            )

    def _send_reply(self, reply):
        """Tell the debtor how the dispute was decided, in a message of the dispute.

        It answers what the debtor asked and asks for nothing, yet it is a contact: the gate is
        asked. What it refuses stays an internal note, and a task to answer in a lawful way.
        """
        self.ensure_one()
        debtor, company = self.partner_id, self.company_id
        permission = debtor._get_contact_permissions(
            company,
            "email",
            purpose="dispute_answer",
        )[debtor.id]
        subject = self.env._("%(reference)s: our answer", reference=self.reference)
        if permission.allowed:
            self.message_post(
                body=Markup("<p>%s</p>") % reply,
                subject=subject,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=debtor.ids,
            )
            return
        refusal = self.env._(
            "The answer was not sent: %(reasons)s", reasons=", ".join(permission.reasons)
        )
        self.message_post(body=Markup("<p>%s</p><p>%s</p>") % (refusal, reply), subject=subject)
        today = fields.Date.context_today(self)
        lawful = permission.next_moment and permission.next_moment.date()
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=max(lawful or today, today),
            summary=subject,
            note=refusal,
            user_id=(self.user_id or self.env.user).id,
        )

    # === THE LEDGER SETTLES ===

    @api.model
    def _judge_moved(self, line_ids):
        """Reconciliation moved disputed items: close what is settled, reopen what is owed again.

        :param line_ids: ids of account.move.line
        """
        if not line_ids:
            return
        found = self._find_by_move_lines(line_ids)
        for dispute in found.filtered(lambda d: d.state in LIVE_STATES):
            dispute._close_if_settled()
        for dispute in found.filtered(lambda d: d.settled_by_ledger and d.state in SOLVED_STATES):
            if dispute._get_open_amount():
                dispute._reopen(
                    self.env._("What had settled it was undone."), dispute.state_before or "open"
                )

    def _get_open_amount(self):
        """What is still open on the disputed items, up to the disputed amounts."""
        self.ensure_one()
        total = 0.0
        for line in self.line_ids:
            move_line = line.sudo().move_line_id
            if move_line.parent_state == "posted":
                total += max(min(line.amount, move_line.amount_residual_currency), 0.0)
        return self.currency_id.round(total)

    def _close_if_settled(self):
        """All disputed items are settled: credited means upheld, paid means withdrawn."""
        self.ensure_one()
        if not self.line_ids or self._get_open_amount():
            return
        reasons = set(self.line_ids.item_id.sudo().mapped("exit_reason"))
        credited = reasons and reasons <= {"credited", "reversed", "written_off"}
        self.with_user(self.env.ref("base.user_root"))._close(
            "upheld" if credited else "withdrawn",
            self.env._("The disputed items were credited.")
            if credited
            else self.env._("The disputed items were settled."),
            settled_by_ledger=True,
            amount_upheld=self.amount if credited else 0.0,
        )

    # === LATENESS ===

    @api.model
    def _escalate_late(self, company, date):
        """Tell who is above of disputes that passed their deadline, once each.

        :param company: res.company
        :param date: day of the run
        """
        late = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("state", "in", LIVE_STATES),
                ("date_deadline", "<", date),
                ("date_escalated", "=", False),
            ]
        )
        late.date_escalated = date
        for dispute in late:
            user = dispute.reason_id.escalation_user_id
            user = user or dispute.case_id.team_id.leader_id
            user = user or dispute.case_id._get_task_owner()
            dispute.activity_schedule(
                "mail.mail_activity_data_warning",
                date_deadline=date,
                summary=self.env._(
                    "Late since %(date)s: %(reason)s",
                    date=dispute._describe_deadline(),
                    reason=dispute.reason_id.name,
                ),
                user_id=user.id or self.env.uid,
            )
        return late

    # === DIGEST ===

    @api.model
    def _cron_send_digest(self):
        """Tell each person responsible, and each department, what is open with them: one e-mail a
        day, if anything is.

        Sending twice on a day is prevented by the days kept on the disputes.
        """
        today = fields.Date.context_today(self)
        people = self.sudo()._read_group(
            [
                *self._get_digest_domain("date_digest", today),
                ("responsible_id.active", "=", True),
                ("responsible_id.share", "=", False),
            ],
            ["responsible_id"],
            ["id:recordset"],
        )
        departments = self.sudo()._read_group(
            [
                *self._get_digest_domain("date_digest_department", today),
                ("reason_id.department_email", "!=", False),
            ],
            ["reason_id", "company_id"],
            ["id:recordset"],
        )
        by_address = {}
        for reason, company, disputes in departments:
            key = (email_normalize(reason.department_email), company)
            by_address[key] = by_address.get(key, self.sudo()) | disputes
        cron = self.env["ir.cron"]
        in_time = cron._commit_progress(remaining=len(people) + len(by_address))
        for user, disputes in people:
            if not in_time:
                return
            if user.email:
                disputes._send_digest(user.name, user.email_formatted, user.lang, user.company_id)
            disputes.date_digest = today
            in_time = cron._commit_progress(1)
        for (address, company), disputes in by_address.items():
            if not in_time:
                return
            if address:
                name = disputes.reason_id[:1].department or company.name
                disputes._send_digest(name, address, company.partner_id.lang, company)
            disputes.date_digest_department = today
            in_time = cron._commit_progress(1)

    @api.model
    def _get_digest_domain(self, field, today):
        """Disputes to solve that were in no digest of today.

        :param field: name of the field that keeps the day of the last digest
        """
        return [("state", "in", LIVE_STATES), "|", (field, "=", False), (field, "<", today)]

    def _send_digest(self, name, address, lang, company):
        """Write one e-mail about these disputes.

        :param name: of the person or department
        :param address: their e-mail address
        :param company: res.company in whose name it is sent
        """
        disputes = self.with_context(lang=lang).sorted("date_deadline")
        body = self.env["ir.qweb"]._render(
            "debt_collection.dispute_digest",
            {"name": name, "disputes": disputes, "base_url": self[:1].get_base_url()},
            lang=lang,
            minimal_qcontext=True,
        )
        late = len(disputes.filtered("is_late"))
        subject = disputes.env._("%(count)s open disputes with you", count=len(disputes))
        if late:
            subject = disputes.env._(
                "%(count)s open disputes with you, %(late)s late", count=len(disputes), late=late
            )
        self.env["mail.mail"].sudo().create(
            {
                "subject": subject,
                "body_html": body,
                "email_from": company.email_formatted or self.env.user.email_formatted,
                "email_to": address,
                "auto_delete": True,
            }
        )
