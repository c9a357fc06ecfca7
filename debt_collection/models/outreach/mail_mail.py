from markupsafe import Markup

from odoo import api, models


class MailMail(models.Model):
    """E-mails that carry notices: checked again when they leave, reported back when they left."""

    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        """The notice keeps the text, foot included: its message does not hold it once more."""
        if self.env.context.get("debt_notice_mail"):
            notices = self.env["debt.notice"].sudo()
            vals_list = [
                {
                    **vals,
                    "body": False,
                    "body_html": vals.get("body_html")
                    and Markup(vals["body_html"])
                    + notices.browse(vals["res_id"])._get_mail_footer(),
                }
                for vals in vals_list
            ]
        return super().create(vals_list)

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        """Ask once more, at the very moment of sending, whether a notice may still go out."""
        notices = self._get_debt_notices()
        gone = notices._take_back_untrue()
        if gone:
            self = self.filtered(
                lambda mail: mail.model != "debt.notice" or mail.res_id not in gone.ids
            )
            if not self:
                return True
        return super().send(auto_commit, raise_exception, post_send_callback)

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Tell the notices how their e-mails fared (before sent e-mails are deleted)."""
        notices = self._get_debt_notices()
        if notices and failure_type:
            notices._set_failed(failure_reason or failure_type)
        elif notices:
            notices._set_sent()
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )

    def _get_debt_notices(self):
        """The notices that these e-mails carry."""
        mails = self.filtered(lambda mail: mail.model == "debt.notice" and mail.res_id)
        if not mails:
            return self.env["debt.notice"]
        notices = self.env["debt.notice"].sudo().browse(mails.mapped("res_id")).exists()
        return notices.filtered(lambda notice: notice.mail_id in mails)
