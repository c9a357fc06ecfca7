"""To whom a notice goes: the collection contact, the invoice address or the debtor, by channel."""

from odoo import fields, models
from odoo.tools import email_normalize

from ...const import PERSONAL_CHANNELS


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    def _get_address(self, channel):
        """Addressee, language and deadline of this notice on a channel.

        :param channel: key of CHANNELS
        :return: dict of values of the notice
        """
        self.ensure_one()
        recipient = self._find_recipient(channel)
        start = max(fields.Date.context_today(self), self.date)
        officer = self.case_id.user_id or self.user_id
        lang = recipient.lang or self.company_id.partner_id.lang
        if channel in PERSONAL_CHANNELS:
            # what the officer reads
            lang = self._get_officer().lang
        return {
            "recipient_id": recipient.id,
            "lang": lang or self.env.lang,
            "deadline": fields.Date.add(start, days=self.level_id.deadline_days),
            "user_id": officer.id,
            "email_to": recipient.email_formatted if channel == "email" else False,
            "phone_to": self._get_phone(recipient) if channel != "email" else False,
            "address_to": self._get_postal_address(recipient) if channel == "letter" else False,
        }

    def _find_recipient(self, channel):
        """Who gets this notice: the first that the channel reaches of the addressee chosen by a
        person, the collection contact, the invoice address and the debtor.

        :param channel: key of CHANNELS
        :return: res.partner, the first of them where the channel reaches nobody
        """
        self.ensure_one()
        partner = self.partner_id
        addresses = partner.address_get(["collection", "invoice"])
        partners = partner.browse()
        if self.edited and self.recipient_id:
            partners |= self.recipient_id
        contact = partner.browse(addresses["collection"])
        if contact.type == "collection":
            partners |= contact
        partners |= partner.browse(addresses["invoice"]) | partner
        has_way = {
            "email": lambda p: p.email,
            "letter": self._get_postal_address,
            "visit": self._get_postal_address,
        }.get(channel, self._get_phone)
        return next(filter(has_way, partners), partners[:1])

    def _get_phone(self, partner):
        """A partner's number as the gateways want it, or an empty string."""
        if not partner.phone:
            return ""
        return partner._phone_format(fname="phone") or ""

    def _get_postal_address(self, partner):
        """A partner's address as it stands in the window of an envelope.

        :return: lines of text, or an empty string where a letter would not arrive
        """
        if not (partner.street and partner.city):
            return ""
        company_country = self.company_id.country_id
        lines = partner._display_address(without_company=True).splitlines()
        name = partner.name or partner.parent_id.name or ""
        company = partner.commercial_company_name or partner.parent_id.name
        names = [company, name] if company and company != name else [name]
        lines = [line.strip() for line in (*names, *lines) if line and line.strip()]
        if partner.country_id == company_country and lines[-1] == partner.country_id.name:
            lines.pop()
        return "\n".join(dict.fromkeys(lines))

    def _get_bounced_addresses(self):
        """E-mail addresses of these debtors from which notices came back, and nobody answered.

        :return: set of normalized addresses
        """
        partners = self.partner_id | self.partner_id.child_ids
        suspects = partners.filtered("message_bounce")
        if not suspects:
            return set()
        returned = self.sudo().search(
            [("state", "=", "bounced"), ("recipient_id", "in", suspects.ids)]
        )
        return {email_normalize(notice.email_to) for notice in returned} - {False}

    def _get_unreachable_reason(self, channel, address=None, bounced=()):
        """Why this notice cannot go through a channel.

        :param channel: key of CHANNELS
        :param address: answer of ``_get_address``, if it is known already
        :param bounced: set of normalized e-mail addresses that do not work
        :return: words, or False when it can
        """
        self.ensure_one()
        if channel not in self._get_channel_handlers():
            return self.env._("nothing delivers notices of this channel")
        address = address or self._get_address(channel)
        recipient = self.env["res.partner"].browse(address["recipient_id"])
        name = recipient.display_name
        if channel == "email":
            if not recipient.email:
                return self.env._("no e-mail address for %(name)s", name=name)
            normalized = email_normalize(recipient.email)
            if not normalized:
                return self.env._("%(email)s is no e-mail address", email=recipient.email)
            if normalized in bounced:
                return self.env._("e-mails to %(email)s come back", email=recipient.email)
        elif channel == "letter" and not address["address_to"]:
            return self.env._("no postal address for %(name)s", name=name)
        elif channel == "sms" and not address["phone_to"]:
            return self.env._("no telephone number for %(name)s", name=name)
        elif channel == "visit" and not self._get_postal_address(recipient):
            return self.env._("no address of %(name)s to go to", name=name)
        if channel in PERSONAL_CHANNELS and not self._get_officer():
            return self.env._("no officer, no team leader and no credit manager to act")
        return False

    def _get_officer(self):
        """Who is to act for this notice: the officer, the team's leader, else a credit manager."""
        self.ensure_one()
        candidates = self.case_id.user_id | self.user_id | self.case_id.team_id.leader_id
        candidates |= self.company_id.debt_team_id.leader_id
        usable = candidates.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
        if usable:
            return usable[0]
        managers = self.env.ref("debt_collection.group_manager").sudo().all_user_ids
        return managers.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )[:1]
