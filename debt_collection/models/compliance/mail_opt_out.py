"""Opting out without a login: a signed link in every e-mail about debts, and its header."""

from urllib.parse import urlencode

from markupsafe import Markup, escape

from odoo import api, models
from odoo.tools import consteq, email_normalize, hmac

PATH = "/collections/opt-out"
MODELS = ("debt.notice", "debt.case")


class DebtConsent(models.Model):
    """Signed links that opt an address out."""

    _inherit = "debt.consent"

    @api.model
    def _sign_opt_out(self, address, company_id):
        """Return the signature of the link that opts an address out of a company's e-mails."""
        return hmac(self.env(su=True), "debt-opt-out", f"{address}|{company_id}")

    @api.model
    def _get_opt_out_url(self, address, company):
        """Return the link that opts an e-mail address out; it needs no login and never expires.

        :param address: e-mail address
        :param company: res.company that writes
        """
        address = email_normalize(address) or address
        query = urlencode(
            {
                "email": address,
                "company": company.id,
                "token": self._sign_opt_out(address, company.id),
            }
        )
        return f"{company.get_base_url()}{PATH}?{query}"

    @api.model
    def _render_opt_out(self, url, lang):
        """Return what stands below an e-mail about debts: the link, with a sentence about it.

        :param url: answer of ``_get_opt_out_url``
        :param lang: code of the reader's language
        """
        words = self.with_context(lang=lang).env._
        return Markup(
            '<p style="font-size: 12px; color: #666; margin-top: 24px;">%s <a href="%s">%s</a></p>'
        ) % (
            words("You do not want e-mails about payments at this address?"),
            url,
            words("Opt out"),
        )

    @api.model
    def _check_opt_out(self, address, company_id, token):
        """Return the company of a signed link, empty when the signature is not ours."""
        company = self.env["res.company"].sudo()
        if not str(company_id or "").isdigit():
            return company
        if not consteq(self._sign_opt_out(address or "", int(company_id)), token or ""):
            return company
        return company.browse(int(company_id)).exists()


class MailMail(models.Model):
    """E-mails about debts carry the link."""

    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Put the opt-out link below each e-mail about debts, and into its headers."""
        email_list = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        if self.model not in MODELS or not self.res_id:
            return email_list
        record = self.env[self.model].sudo().browse(self.res_id).exists()
        if not record:
            return email_list
        lang = record.partner_id.lang or self.env.lang
        consents = self.env["debt.consent"]
        kept = record._get_opt_out_kept() if self.model == "debt.notice" else None
        internal = {
            user.email_normalized
            for user in record.message_partner_ids.user_ids.filtered(lambda u: not u.share)
        }
        for values in email_list:
            addresses = [email_normalize(one, strict=False) for one in values["email_to"] or ()]
            address = next(filter(None, addresses), None)
            if not address or address in internal:
                continue
            url = consents._get_opt_out_url(address, record.company_id)
            values["headers"] = {
                **(values.get("headers") or {}),
                "List-Unsubscribe": f"<{url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
            body = Markup(values.get("body") or "")
            if kept and escape(kept) in body:
                # it stands there already; a copy for somebody else is to opt out that person
                values["body"] = Markup(body.replace(escape(kept), escape(url)))
                continue
            values["body"] = body + consents._render_opt_out(url, lang)
            if values.get("body_alternative"):
                label = consents.with_context(lang=lang).env._("Opt out")
                values["body_alternative"] += f"\n\n{label}: {url}"
        return email_list


class DebtNotice(models.Model):
    """Notices keep the text as it is sent, the link to opt out included."""

    _inherit = "debt.notice"

    def _get_opt_out_kept(self):
        """Return the link in the text that is kept: it opts the addressee out."""
        self.ensure_one()
        address = self.email_to or self.recipient_id.email
        return (
            self.env["debt.consent"]._get_opt_out_url(address, self.company_id) if address else ""
        )

    def _get_mail_footer(self):
        """Return the foot of the e-mail with the link to opt out."""
        footer = super()._get_mail_footer()
        url = self._get_opt_out_kept()
        return footer + self.env["debt.consent"]._render_opt_out(url, self.lang) if url else footer
