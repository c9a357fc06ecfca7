"""What comes back: the debtor's answers and the post that could not be delivered."""

from markupsafe import Markup

from odoo import fields, models
from odoo.tools import html2plaintext

from ...const import PERSONAL_CHANNELS

# How much of an answer the contact log quotes.
QUOTE_LENGTH = 2000


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    # === RETURNED ===

    def _message_receive_bounce(self, email, partner):
        """The e-mail of a notice came back (called by Odoo's mail gateway)."""
        result = super()._message_receive_bounce(email, partner)
        for notice in self.sudo():
            notice._set_bounced(
                self.env._("The e-mail to %(email)s came back.", email=email or notice.email_to)
            )
        return result

    def _set_bounced(self, reason):
        """The notice did not reach the debtor after all: case, log and officer are told.

        It is not sent again by itself: the address is wrong, somebody has to look for another.

        :param reason: words of the gateway
        """
        bounced = self._set_state("bounced", error_message=reason)
        for notice in bounced:
            notice.case_id._report_problem(reason)
            notice._log_contact(direction="out", outcome="bounced", note=reason)
            notice._ask_officer(
                self.env._("Find another address: %(reason)s", reason=reason),
                Markup("<p>%s</p>") % reason,
            )
        return bounced

    # === ANSWERS ===

    def _message_post_after_hook(self, message, msg_values):
        """An answer by e-mail lands on the case and reaches the officer."""
        result = super()._message_post_after_hook(message, msg_values)
        for notice in self.sudo():
            if message._is_debt_reply():
                notice._take_reply(message)
        return result

    def _take_reply(self, message):
        """Bring the debtor's answer where the officer works.

        :param message: mail.message on this notice
        """
        self.ensure_one()
        record = self.case_id or self.partner_id
        officer = self._get_officer()
        files = message.attachment_ids
        copies = files.browse()
        for file in files:
            copies |= file.copy({"res_model": record._name, "res_id": record.id})
        record.sudo().message_post(
            body=message.body,
            subject=message.subject,
            author_id=message.author_id.id,
            email_from=message.email_from,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            partner_ids=officer.partner_id.ids,
            attachment_ids=copies.ids,
        )
        if self.case_id:
            self.case_id._take_reply(message, notice=self)
        else:
            self._log_contact(
                direction="in", outcome="other", channel="email", note=quote_message(message)
            )
            self._ask_officer(
                self.env._("Answer of %(name)s", name=self.partner_id.display_name),
                message.body,
            )

    def _log_contact(self, direction, outcome, note, channel=None):
        """Write an entry of the contact log by the system.

        :param direction, outcome, channel: keys of the contact's fields
        :param note: str
        """
        self.env["debt.contact"].sudo().create(
            [
                {
                    "case_id": notice.case_id.id,
                    "company_id": notice.company_id.id,
                    "partner_id": notice.partner_id.id,
                    "user_id": notice.user_id.id or self.env.uid,
                    "channel": channel or notice.channel,
                    "direction": direction,
                    "outcome": outcome,
                    "notice_id": notice.id,
                    "automatic": True,
                    "note": note,
                }
                for notice in self
            ]
        )

    def _ask_officer(self, summary, note):
        """Put a task on the officer's list, for today.

        :param summary: str
        :param note: Markup
        """
        self.ensure_one()
        record = self.case_id or self.partner_id
        officer = self._get_officer()
        if officer:
            record.sudo().activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, note=note, user_id=officer.id
            )


class DebtCase(models.Model):
    _inherit = "debt.case"

    reply_date = fields.Datetime(
        string="Reply received",
        readonly=True,
        index="btree_not_null",
        copy=False,
        help="When the debtor's last answer came that nobody has dealt with yet.",
    )

    def _message_post_after_hook(self, message, msg_values):
        """An answer to what was written on the case itself counts as well."""
        result = super()._message_post_after_hook(message, msg_values)
        for case in self.sudo():
            if message._is_debt_reply():
                case._take_reply(message)
        return result

    def _take_reply(self, message, notice=None):
        """Mark the case, log the contact and tell the officer.

        :param message: mail.message with the answer
        :param notice: debt.notice that was answered
        """
        self.ensure_one()
        self.env["debt.contact"].sudo().create(
            {
                "case_id": self.id,
                "user_id": self.user_id.id or self.env.uid,
                "channel": "email",
                "direction": "in",
                "reached": "right_party",
                "outcome": "other",
                "automatic": True,
                "notice_id": notice.id if notice else False,
                "note": quote_message(message),
            }
        )
        self.sudo().reply_date = message.date or fields.Datetime.now()
        latest = notice or self.sudo().notice_ids[:1]
        officer = latest._get_officer() if latest else self.user_id
        if officer:
            self.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Answer of %(name)s", name=self.partner_id.display_name),
                note=message.body,
                user_id=officer.id,
            )

    def action_mark_reply_read(self):
        """Note that the officer has dealt with the debtor's answer."""
        self.check_access("write")
        self.sudo().reply_date = False
        return True


class DebtContact(models.Model):
    _inherit = "debt.contact"

    def _stamp_cases(self):
        """Who logs a contact has dealt with the debtor's answer."""
        result = super()._stamp_cases()
        by_people = self.filtered(
            lambda contact: (
                not contact.automatic
                or (contact.channel in PERSONAL_CHANNELS and contact.direction == "out")
            )
        )
        by_people.case_id.filtered("reply_date").sudo().reply_date = False
        return result


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _is_debt_reply(self):
        """Whether this is an e-mail from outside, and not from one of our own people."""
        self.ensure_one()
        if self.message_type != "email":
            return False
        users = self.sudo().author_id.with_context(active_test=False).user_ids
        return not any(not user.share for user in users)


def quote_message(message):
    """Return the beginning of a message as plain text."""
    text = html2plaintext(message.body or "").strip()
    text = text if len(text) <= QUOTE_LENGTH else text[:QUOTE_LENGTH] + "…"
    return "\n".join(filter(None, (message.subject, text)))
