"""Notices by SMS: queued for the gateway, never sent in the transaction; its answer lands here."""

from odoo import Command, models
from odoo.exceptions import UserError


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    def _dispatch_sms(self, notices):
        """Write the messages and put them in the SMS queue, with trackers of their delivery."""
        notices._withdraw_sms()
        messages = notices.filtered(lambda notice: not notice.edited)._get_messages()
        texts = {}
        for notice in notices:
            texts[notice.id] = (messages.get(notice.id) or notice._get_own_message())[1].strip()
            if not texts[notice.id]:
                raise UserError(self.env._("The text of the SMS is empty."))
        logged = notices._message_log_batch(bodies=texts, message_type="sms")
        by_notice = {message.res_id: message for message in logged}
        queue = (
            self.env["sms.sms"]
            .sudo()
            .create(
                [
                    {
                        "body": texts[notice.id],
                        "number": notice.phone_to,
                        "partner_id": notice.recipient_id.id,
                        "mail_message_id": by_notice[notice.id].id,
                    }
                    for notice in notices
                ]
            )
        )
        self.env["mail.notification"].sudo().create(
            [
                {
                    "author_id": sms.mail_message_id.author_id.id,
                    "mail_message_id": sms.mail_message_id.id,
                    "res_partner_id": sms.partner_id.id,
                    "sms_number": sms.number,
                    "notification_type": "sms",
                    "sms_id_int": sms.id,
                    "sms_tracker_ids": [Command.create({"sms_uuid": sms.uuid})],
                    "is_read": True,
                    "notification_status": "ready",
                }
                for sms in queue
            ]
        )
        for notice in notices:
            notice._set_state("queued", body=notice._get_body_html(texts[notice.id]))

    def _withdraw_sms(self):
        """Cancel messages that did not leave, so that nobody sends them from the SMS queue."""
        if self:
            waiting = self.env["sms.sms"].sudo()
            waiting.search(
                [
                    ("mail_message_id.model", "=", "debt.notice"),
                    ("mail_message_id.res_id", "in", self.ids),
                    ("state", "in", ("outgoing", "error")),
                    ("to_delete", "=", False),
                ]
            ).action_set_canceled()


class SmsSms(models.Model):
    """Messages that carry notices: checked again when they leave."""

    _inherit = "sms.sms"

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """Ask once more, at the very moment of sending, whether a notice may still go out."""
        carrying = self.filtered(lambda sms: sms.mail_message_id.model == "debt.notice")
        notices = self.env["debt.notice"].sudo()
        notices = notices.browse(carrying.mail_message_id.mapped("res_id")).exists()
        gone = notices._take_back_untrue()
        withdrawn = carrying.filtered(lambda sms: sms.mail_message_id.res_id in gone.ids)
        withdrawn.filtered(lambda sms: sms.state == "outgoing").action_set_canceled()
        rest = self - withdrawn
        if not rest:
            return None
        return super(SmsSms, rest)._send(
            unlink_failed=unlink_failed, unlink_sent=unlink_sent, raise_exception=raise_exception
        )
