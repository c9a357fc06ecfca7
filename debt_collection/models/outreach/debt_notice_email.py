"""Notices by e-mail: Odoo's templates and queue, the statement as PDF where it is wanted."""

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    def _dispatch_email(self, notices):
        """Render the e-mails and put them in Odoo's queue, keeping what is sent."""
        notices._withdraw_mails()
        notices._withdraw_pdf()
        notices.filtered(lambda notice: notice._wants_statement())._make_pdf(statement=True)
        # all at once, not one by one while the texts are written
        notices._get_moves().fetch(["payment_reference", "partner_bank_id", "state"])
        written = notices.filtered(lambda notice: not notice.edited)
        for level, group in written.grouped("level_id").items():
            template = level._get_text_template("email").sudo()
            group._queue_mails(template, {})
        for notice in notices - written:
            subject, body = notice._get_own_message()
            template = notice.level_id._get_text_template("email").sudo()
            notice._queue_mails(template, {"subject": subject, "body_html": body})

    def _queue_mails(self, template, email_values):
        """Put one e-mail for each notice into the queue.

        :param template: mail.template
        :param email_values: what goes before the template's own values
        """
        layout = template.email_layout_xmlid or "debt_collection.mail_layout_notice"
        # The message outlives the e-mail: answers and bounces find the notice through it.
        values = {**email_values, "is_notification": True}
        template = template.with_context(debt_notice_mail=True, debt_notice_text=True)
        mails = template.send_mail_batch(self.ids, email_values=values, email_layout_xmlid=layout)
        by_notice = {mail.res_id: mail for mail in mails}
        for notice in self:
            mail = by_notice[notice.id]
            if not mail.body_html:
                raise UserError(self.env._("The template %(name)s is empty.", name=template.name))
            if notice.pdf_id:
                mail.attachment_ids += notice.pdf_id
            notice._set_state(
                "queued",
                mail_id=mail.id,
                subject=mail.subject,
                body=mail.body_html,
            )

    def _get_mail_footer(self):
        """Hook: what stands below the e-mail of this notice, beside the frame.

        :return: Markup
        """
        self.ensure_one()
        return Markup()

    def _wants_statement(self):
        """Whether the e-mail carries the list of open items as PDF."""
        self.ensure_one()
        return self.level_id.attach_statement or self.company_id.debt_attach_statement

    def _withdraw_mails(self):
        """Cancel e-mails that did not leave, so that nobody sends them from Odoo's queue."""
        self.mail_id.filtered(lambda mail: mail.state in ("outgoing", "exception")).cancel()
