"""How and when to contact the debtor, on the case itself: one answer before anybody dials."""

from collections import Counter
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import format_datetime, format_time

# The ways that are compared, in the order in which they are tried when the log says nothing.
ADVISED_CHANNELS = ("call", "email", "letter", "sms")
# Hours of the day are told in stretches of this length.
STRETCH = 2
# Wishes that are shown; all of them stand with the debtor.
WISHES = 4


class DebtCase(models.Model):
    _inherit = "debt.case"

    contact_advice = fields.Html(
        string="How to contact", compute="_compute_contact_advice", sanitize=False
    )

    @api.depends("partner_id", "call_from", "call_until", "state", "contact_ids")
    @api.depends_context("uid", "lang", "tz")
    def _compute_contact_advice(self):
        for case in self:
            case.contact_advice = case.state != "closed" and self.env["ir.qweb"]._render(
                "debt_collection.contact_advice", case._get_contact_advice()
            )

    def _get_contact_advice(self):
        """What the officer needs to know before contacting the debtor.

        :return: dict: ``ways`` (list of dict: channel, label, to, icon, allowed, words, reached,
            tries), ``best`` (one of them or None), ``hours`` (words or False), ``moment`` (words),
            ``zone``, ``language``, ``person`` (res.partner to ask for), ``wishes`` (list of words)
        """
        self.ensure_one()
        partner = self.partner_id
        notice = self.env["debt.notice"].new(
            {"company_id": self.company_id.id, "case_id": self.id, "partner_id": partner.id}
        )
        zone = (partner._get_debt_zone_names() or [False])[0]
        reached, tries, hours = self._count_reached(zone)
        labels = dict(self.env["debt.contact"]._fields["channel"]._description_selection(self.env))
        ways = []
        for channel in ADVISED_CHANNELS:
            recipient = notice._find_recipient(channel)
            to = {
                "email": recipient.email,
                "letter": ", ".join(notice._get_postal_address(recipient).splitlines()),
            }.get(channel, notice._get_phone(recipient))
            permission = partner._get_contact_permissions(self.company_id, channel)[partner.id]
            words = " ".join(permission.reasons)
            ways.append(
                {
                    "channel": channel,
                    "label": labels[channel],
                    "to": to,
                    "person": recipient,
                    "allowed": bool(to and permission.allowed),
                    "words": words if to else self.env._("no address or number"),
                    "reached": reached[channel],
                    "tries": max(tries[channel], reached[channel]),
                }
            )
        open_ways = [way for way in ways if way["allowed"]]
        best = max(open_ways, key=lambda way: way["reached"] / max(way["tries"], 1), default=None)
        return {
            "case": self,
            "ways": ways,
            "best": best,
            "hours": hours,
            "moment": self._describe_call_moment(zone),
            "zone": zone,
            "language": self.env["res.lang"]._get_data(code=partner.lang).name,
            "wishes": self._get_contact_wishes(),
        }

    def _count_reached(self, zone):
        """How often which way reached the debtor, by the contact log.

        :param zone: name of the debtor's time zone, or False
        :return: (Counter channel → times reached, Counter channel → tries, words about the hours
            at which calls reach the debtor, or False)
        """
        reached, tries, hours = Counter(), Counter(), Counter()
        contacts = self.env["debt.contact"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("superseded", "=", False),
            ],
            limit=200,
        )
        for contact in contacts:
            answered = contact.direction == "in" or contact.reached == "right_party"
            reached[contact.channel] += answered
            tries[contact.channel] += contact.direction == "out"
            if answered and contact.channel == "call":
                moment = contact.date.replace(tzinfo=ZoneInfo("UTC"))
                hour = moment.astimezone(ZoneInfo(zone or self.env.user.tz or "UTC")).hour
                hours[hour // STRETCH * STRETCH] += 1
        if not hours:
            return reached, tries, False
        start, _count = hours.most_common(1)[0]
        return reached, tries, f"{start:02}:00-{start + STRETCH:02}:00"

    def _describe_call_moment(self, zone):
        """When a call is lawful, on the debtor's clock.

        :param zone: name of the debtor's time zone; False: on the user's clock
        """
        self.ensure_one()
        clock = zone or self.env.user.tz or "UTC"
        if self.to_call_now:
            soon = fields.Datetime.add(fields.Datetime.now(), days=1)
            if not self.call_until or self.call_until > soon:
                return self.env._("may be called now")
            return self.env._(
                "may be called now, until %(time)s there",
                time=format_time(self.env, self.call_until, tz=clock, time_format="short"),
            )
        if self.call_from and self.call_from > fields.Datetime.now():
            return self.env._(
                "not to be called before %(time)s there",
                time=format_datetime(
                    self.env, self.call_from, tz=clock, dt_format="EEE d MMM HH:mm"
                ),
            )
        return self.env._("not to be called now")

    def _get_contact_wishes(self):
        """What the debtor asked for: times, media, addresses.

        :return: list of words
        """
        self.ensure_one()
        partner = self.partner_id
        wishes = [
            self.env._("not at %(times)s", times=line.strip())
            for line in (partner.debt_no_contact_times or "").splitlines()
            if line.strip()
        ]
        now = fields.Datetime.now()
        known = set()
        for consent in partner.debt_consent_ids.sorted("date", reverse=True):
            key = (consent.scope, consent.medium, consent.address)
            if key in known or (consent.valid_until and consent.valid_until < now):
                continue
            known.add(key)
            if consent.decision == "out" or consent.scope in ("hours", "only", "call"):
                wishes.append(consent.display_name)
        return wishes[:WISHES]
