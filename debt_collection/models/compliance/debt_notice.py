from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_datetime

from .circumstances import SERVICES

# A notice waits for so long for its lawful moment; beyond that a person decides.
PATIENCE = timedelta(days=62)


class DebtLevel(models.Model):
    """Levels may be the very notice a rule asks for."""

    _inherit = "debt.level"

    service_kind = fields.Selection(
        SERVICES,
        string="Counts as",
        help="Which notice the law asks for its notices are, once they have left.",
    )


class DebtNotice(models.Model):
    """Notices ask the gate when they are dispatched and when they leave, and wait if they must."""

    _inherit = "debt.notice"

    send_after = fields.Datetime(
        string="Waits until", readonly=True, help="First moment at which the rules let it go."
    )
    wait_reason = fields.Char(string="Waits because", readonly=True)

    _waiting_idx = models.Index("(send_after) WHERE send_after IS NOT NULL")

    @api.model
    def _get_due_domain(self):
        """What waits for its lawful moment is not tried before."""
        return [
            *super()._get_due_domain(),
            "|",
            ("send_after", "=", False),
            ("send_after", "<=", fields.Datetime.now()),
        ]

    def _get_contact_permissions(self):
        """Ask the gate about each notice as it would leave, and log what it says."""
        result = {}
        for company, notices in self.grouped("company_id").items():
            for channel, group in notices.grouped("channel").items():
                partners = group.partner_id
                notice_of = {notice.partner_id.id: notice for notice in group}
                if len(notice_of) < len(group):
                    # several notices of one debtor: one after the other
                    for notice in group:
                        result.update(notice._get_contact_permissions())
                    continue
                records = {
                    partner_id: {"notice_id": notice.id, "case_id": notice.case_id.id or None}
                    for partner_id, notice in notice_of.items()
                }
                answers = partners._get_contact_permissions(
                    company,
                    channel,
                    kind="dispatch",
                    records=records,
                    addresses=group._get_addresses(channel),
                    texts=lambda partner_id, notice_of=notice_of: notice_of[
                        partner_id
                    ]._get_gate_values(),
                    purposes={
                        partner_id: notice._get_gate_purpose()["purpose"]
                        for partner_id, notice in notice_of.items()
                    },
                )
                result.update((notice.id, answers[notice.partner_id.id]) for notice in group)
        return result

    def _get_addresses(self, channel):
        """Return the address each debtor is written to.

        :return: dict partner id → e-mail address or number
        """
        found = {}
        for notice in self:
            debtor = notice.recipient_id or notice.partner_id
            if channel == "email":
                found[notice.partner_id.id] = notice.email_to or debtor.email or ""
            else:
                found[notice.partner_id.id] = notice.phone_to or debtor.phone or ""
        return found

    def _on_refused(self, permission):
        """Let the notice wait for its lawful moment, where that is foreseeable."""
        moment = permission.next_moment
        if not moment or moment - fields.Datetime.now() > PATIENCE:
            return super()._on_refused(permission)
        words = " ".join(permission.reasons)
        self.write({"send_after": moment, "wait_reason": words, "error_message": False})
        if self.state == "failed":
            self._set_state("ready")
        if self.case_id:
            self.case_id.sudo()._message_log(
                body=self.env._(
                    "%(level)s waits until %(time)s: %(reasons)s",
                    level=self.level_id.name,
                    time=format_datetime(self.env, moment, dt_format="short"),
                    reasons=words,
                )
            )
        self.env.ref("debt_collection.ir_cron_dispatch_notices").sudo()._trigger(at=moment)
        return None

    def _after_dispatch(self):
        """What waited has left: its run counts it, and it does not wait any more."""
        waited = self.filtered("send_after")
        for run, notices in waited.grouped("run_id").items():
            if run.state == "done":
                run.notices_sent += len(notices)
        waited.write({"send_after": False, "wait_reason": False})
        return super()._after_dispatch()


class MailMail(models.Model):
    """E-mails of notices are checked again when they leave."""

    _inherit = "mail.mail"

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        """Ask the gate once more at the very moment of sending; what may not go waits."""
        notices = self._get_debt_notices().filtered(lambda notice: notice.state == "queued")
        # what is no longer true does not go anyway
        notices -= notices._get_stale()
        if notices:
            withdrawn = self.browse()
            for notice_id, permission in notices._get_contact_permissions().items():
                if not permission.allowed:
                    notice = notices.browse(notice_id)
                    withdrawn |= notice.mail_id
                    notice._withdraw_mails()
                    notice._set_state("ready", mail_id=False)
                    notice._on_refused(permission)
            self = self - withdrawn
            if not self:
                return True
        return super().send(auto_commit, raise_exception, post_send_callback)
