"""What gateways report about SMS and posted letters reaches the notices."""

from odoo import models

LEFT = ("process", "pending", "sent")
FAILED = ("exception",)
RETURNED = ("bounce",)
GATEWAYS = ("sms", "snail")


class MailNotification(models.Model):
    _inherit = "mail.notification"

    def write(self, vals):
        result = super().write(vals)
        if "notification_status" in vals:
            self._report_to_debt_notices(vals["notification_status"])
        return result

    def _report_to_debt_notices(self, status):
        """Tell the notices how their SMS or letters fared.

        :param status: key of ``notification_status``
        """
        told = self.sudo().filtered(
            lambda n: n.notification_type in GATEWAYS and n.mail_message_id.model == "debt.notice"
        )
        if not told:
            return
        labels = dict(self._fields["failure_type"]._description_selection(self.env))
        for notification in told:
            notice = self.env["debt.notice"].sudo().browse(notification.mail_message_id.res_id)
            notice = notice.exists()
            reason = notification.failure_reason or labels.get(notification.failure_type) or status
            if status in LEFT and notice.state in ("queued", "failed"):
                notice._set_sent()
            elif status in FAILED and notice.state == "queued":
                notice._set_failed(reason)
            elif status in FAILED + RETURNED and notice.state in ("queued", "sent"):
                notice._set_bounced(reason)
