"""Offers on paper, by e-mail and online: what the debtor reads, and how they accept it."""

import logging
from functools import cache

from markupsafe import Markup

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_datetime

_logger = logging.getLogger(__name__)


class DebtApproval(models.AbstractModel):
    _inherit = "debt.approval"

    signature = fields.Image(
        readonly=True, copy=False, attachment=True, max_width=1024, max_height=1024
    )
    date_offered = fields.Datetime(
        string="Sent to the debtor", readonly=True, copy=False, help="Last time, by e-mail."
    )

    # === WHAT THE DEBTOR READS ===

    def _get_paper(self):
        """What an offer looks like on paper (hook); nothing where there is none.

        :return: dict: heading, template (xml id), report and mail_template (xml ids), or None
        """
        return None

    def _get_papers(self):
        """The papers of these agreements.

        :return: list of dict of ``_get_paper``
        :raises UserError: for agreements that have none
        """
        papers = [record._get_paper() for record in self]
        if not all(papers):
            raise UserError(self.env._("Only plans and settlements are written agreements."))
        return papers

    def _render_agreement(self, signing=True, progress=False):
        """The text of the agreement in the debtor's language.

        :param signing: with lines to sign on, while nobody accepted it
        :param progress: with what arrived for each instalment
        :return: Markup
        """
        self.ensure_one()
        [paper] = self._get_papers()
        courier = self.case_id._get_courier()
        lang = courier._get_address("letter")["lang"]
        return self.env["ir.qweb"]._render(
            paper["template"],
            {
                "agreement": self.with_context(lang=lang, bin_size=False),
                "color": self.company_id.primary_color or "#714B67",
                "bank": courier._get_bank(self.currency_id, self.env["account.move"]),
                "format_date": cache(lambda day: format_date(self.env, day, lang_code=lang)),
                "signing": signing,
                "progress": progress,
            },
            lang=lang,
            minimal_qcontext=True,
        )

    def _render_agreement_pdf(self):
        """The agreement on the company's letterhead.

        :return: bytes of a PDF
        """
        self.ensure_one()
        record = self.sudo().with_company(self.company_id)
        [paper] = record._get_papers()
        courier = record.case_id._get_courier()
        courier.update(courier._get_address("letter"))
        heading = record.with_context(lang=courier.lang)._get_paper()["heading"]
        courier.update({"subject": heading, "body": record._render_agreement()})
        return courier._render_pdf(record.company_id)[0][0]

    def action_print(self):
        """The agreement as a PDF."""
        return self.env.ref(self._get_papers()[0]["report"]).report_action(self)

    # === BY E-MAIL ===

    def action_send_offer(self):
        """Mail the agreement to the debtor, with the page on which it can be accepted.

        :raises UserError: where no e-mail can go, or the contact rules do not permit it now
        """
        self._check_may_work()
        for record in self:
            if record.state not in ("approved", *record._get_states_in_force()):
                raise UserError(self.env._("%(name)s is no open offer.", name=record.display_name))
            record._send_offer()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("It is on its way to the debtor."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _get_states_in_force(self):
        """States in which the agreement is in force: it may be sent once more (hook)."""
        return ()

    def _send_offer(self):
        """Ask the gate, mail the agreement, keep it in the contact log."""
        self.ensure_one()
        [paper] = self._get_papers()
        case, debtor = self.case_id, self.partner_id
        courier = case.sudo()._get_courier()
        address = courier._get_address("email")
        reason = courier._get_unreachable_reason("email", address, courier._get_bounced_addresses())
        if reason:
            raise UserError(
                self.env._(
                    "No e-mail can go: %(reason)s. Print the agreement instead.", reason=reason
                )
            )
        permission = debtor._get_contact_permissions(
            self.company_id,
            "email",
            kind="dispatch",
            purpose="demand",
            records={debtor.id: {"case_id": case.id}},
            addresses={debtor.id: address["email_to"]},
        )[debtor.id]
        if not permission.allowed:
            reasons = list(permission.reasons)
            if permission.next_moment:
                reasons.append(
                    self.env._(
                        "Allowed from %(time)s.",
                        time=format_datetime(self.env, permission.next_moment, dt_format="short"),
                    )
                )
            raise UserError("\n".join([self.env._("It was not sent."), *reasons]))
        record = self.sudo()
        name = f"{record.reference or record._description}.pdf".replace("/", "-")
        attachment = record.env["ir.attachment"].create(
            {
                "name": name,
                "raw": record._render_agreement_pdf(),
                "mimetype": "application/pdf",
                "res_model": record._name,
                "res_id": record.id,
            }
        )
        offer = {
            "recipient_id": address["recipient_id"],
            "lang": address["lang"],
            "url": record.get_base_url() + record.get_portal_url(),
        }
        mail_id = (
            self.env.ref(paper["mail_template"])
            .sudo()
            .with_context(offer=offer)
            .send_mail(
                record.id,
                email_values={
                    "attachment_ids": [Command.link(attachment.id)],
                    "is_notification": True,
                },
                email_layout_xmlid="debt_collection.mail_layout_notice",
            )
        )
        mail = record.env["mail.mail"].browse(mail_id)
        record.date_offered = fields.Datetime.now()
        case._log_agreement_contact("email", mail.subject, "demand")

    def _get_offer_facts(self):
        """Addressee, language and page of an offer, for templates; nothing while none is sent."""
        return self.env.context.get("offer") or {"recipient_id": False, "lang": False, "url": ""}

    # === ONLINE ===

    def _compute_access_url(self):
        """The page of the offer; who has its link may read and accept it."""
        result = super()._compute_access_url()
        for record in self:
            record.access_url = f"/collections/agreement/{record._name}/{record.id}"
        return result

    def _is_open_offer(self):
        """Whether the debtor may accept it today."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        return self.state == "approved" and (not self.date_expire or self.date_expire >= today)

    def _accept_online(self, name, signature, address):
        """The debtor accepts on the page of the offer: who, when and from where is kept.

        Called with the rights of the system: the link is the key.

        :param name: of the person who accepts
        :param signature: base64 of the picture of their signature
        :param address: IP address of the request
        :raises UserError: when it is no open offer any more, or cannot begin as it stands
        """
        self.ensure_one()
        if not self._is_open_offer():
            raise UserError(self.env._("%(name)s is no open offer.", name=self.reference))
        now = format_datetime(self.env, fields.Datetime.now(), tz="UTC", dt_format="short")
        self.signature = signature
        self._do_accept(
            name,
            fields.Date.context_today(self),
            "portal",
            self.env._("Signed online at %(time)s UTC from %(ip)s", time=now, ip=address or "?"),
        )
        self.env.flush_all()
        try:
            pdf = self._render_agreement_pdf()
            attachments = [(f"{self.reference}.pdf".replace("/", "-"), pdf)]
        except (UserError, OSError):
            # the acceptance stands without its paper, which can be printed at any time
            _logger.exception("The signed agreement %s was not drawn", self.reference)
            attachments = []
        self.message_post(
            body=Markup("<p>%s</p>") % self.env._("Accepted online by %(name)s", name=name),
            attachments=attachments,
            author_id=self.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )
        owner = self.case_id._get_task_owner(self.user_id)
        if owner:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=fields.Date.context_today(self),
                summary=self.env._("Accepted online: %(name)s", name=self.display_name),
                user_id=owner.id,
            )

    def _report_not_accepted(self, name, reason):
        """Tell the officer that somebody wanted to accept what cannot begin any more.

        :param name: of the person
        :param reason: words
        """
        self.ensure_one()
        owner = self.case_id._get_task_owner(self.user_id)
        if owner:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=fields.Date.context_today(self),
                summary=self.env._("%(name)s wanted to accept it online", name=name),
                note=reason,
                user_id=owner.id,
            )
