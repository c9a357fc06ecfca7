import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize

from ...tools.compliance import windows
from ...tools.compliance.errors import RuleError

# Words a debtor may answer to a text message, in the languages of the shipped jurisdictions.
STOP_WORDS = {"stop", "stopall", "unsubscribe", "end", "quit", "cancel", "optout"}
STOP_WORDS |= {"arret", "arrêt", "stopp", "baja", "alto", "parar", "fine"}
START_WORDS = {"start", "unstop", "yes", "optin"}
MEDIA = [
    ("call", "Calls"),
    ("sms", "Text messages"),
    ("email", "E-mails"),
    ("letter", "Letters"),
    ("visit", "Visits"),
    ("whatsapp", "WhatsApp"),
    ("social", "Social media"),
    ("writing", "Anything in writing"),
]


class DebtConsent(models.Model):
    """What a debtor agreed to or refused: each word of it with time, way and proof.

    The latest entry about the same address, medium or hours holds. An opt-out holds for every
    debt, and for whoever else uses the number or address.
    """

    _name = "debt.consent"
    _description = "Consent"
    _inherit = ["debt.evidence"]
    _order = "date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Debtor", index="btree_not_null", ondelete="set null"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    decision = fields.Selection(
        [("out", "Refuses"), ("in", "Agrees")], required=True, default="out"
    )
    scope = fields.Selection(
        [
            ("address", "A number or address"),
            ("medium", "A medium"),
            ("only", "Only this medium"),
            ("hours", "Hours that are not usual"),
            ("call", "To be called in the next days"),
        ],
        required=True,
        default="address",
    )
    medium = fields.Selection(MEDIA)
    address = fields.Char(help="E-mail address or telephone number.", index="btree_not_null")
    hours = fields.Char(help="Hours of the debtor's day, such as 21:00-23:00.")
    date = fields.Datetime(string="Given on", required=True, default=fields.Datetime.now)
    only_day = fields.Boolean(help="Only the day is known, not the time.")
    valid_until = fields.Datetime(help="It ends early at this moment, or was withdrawn for it.")
    given_to_us = fields.Boolean(
        default=True, help="Given to us, not to a former creditor or collector."
    )
    way = fields.Selection(
        [
            ("link", "Link in an e-mail"),
            ("sms", "Reply to a text message"),
            ("phone", "By telephone"),
            ("email", "By e-mail"),
            ("letter", "By letter"),
            ("person", "In person"),
            ("portal", "On the portal"),
            ("import", "Taken over"),
        ],
        required=True,
        default="phone",
    )
    proof = fields.Text(help="Words of the message, recording, reference: what shows it.")
    user_id = fields.Many2one(
        "res.users", string="Recorded by", default=lambda self: self.env.user, readonly=True
    )

    _address_idx = models.Index("(address, company_id) WHERE scope = 'address'")

    @api.depends("decision", "scope", "medium", "address", "hours")
    def _compute_display_name(self):
        for consent in self:
            labels = [
                dict(self._fields[name]._description_selection(self.env)).get(consent[name])
                for name in ("decision", "scope", "medium")
            ]
            words = (*labels, consent.address, consent.hours)
            consent.display_name = " · ".join(word for word in words if word)

    @api.constrains("scope", "medium", "address", "hours")
    def _check_scope(self):
        needed = {"address": "address", "medium": "medium", "only": "medium", "hours": "hours"}
        for consent in self:
            name = needed.get(consent.scope)
            if name and not consent[name]:
                raise ValidationError(
                    self.env._(
                        "Say which %(what)s it is about.",
                        what=self._fields[name]._description_string(self.env).lower(),
                    )
                )
            if consent.scope == "hours":
                try:
                    windows.parse_interval(consent.hours)
                except RuleError as error:
                    raise ValidationError(self.env["debt.rule"]._word(error)) from error

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("address"):
                vals["address"] = self._normalize(vals["address"])
        consents = super().create(vals_list)
        consents.sudo()._after_change()
        return consents

    @api.model
    def _normalize(self, address):
        """Return an e-mail address or number in the one way it is kept and compared.

        Numbers that cannot be understood keep their digits.
        """
        address = (address or "").strip()
        if "@" in address:
            return email_normalize(address) or address.lower()
        formatted = self.env.user._phone_format(number=address) if address else ""
        if formatted:
            return formatted
        if re.search(r"[^\W\d_]", address):
            return address.lower()
        digits = re.sub(r"[^\d]", "", address)
        return f"+{digits}" if address.startswith("+") and digits else digits or address

    def _after_change(self):
        """Honour it at once: judge again when the debtors may be contacted."""
        self.env["debt.case"]._refresh_gate_of(self.partner_id, self.company_id)

    @api.model
    def _opt_out(self, address, company, way, partner=None, proof=None, decision="out"):
        """Log at once that somebody does not want a number or address used any more.

        :param address: e-mail address or number, as it was given
        :param company: res.company that wrote
        :param way: key of ``way``
        :param partner: the debtor, where known; otherwise found by the address
        :param decision: ``in`` takes an opt-out back
        :return: debt.consent
        """
        address = self._normalize(address)
        partner = (partner or self._find_debtor(address)).commercial_partner_id
        return self.sudo().create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "decision": decision,
                "scope": "address",
                "medium": "email" if "@" in address else "sms",
                "address": address,
                "way": way,
                "proof": proof,
            }
        )

    @api.model
    def _find_debtor(self, address):
        """Return the debtor who uses a number or address; those with open cases first."""
        partners = self.env["res.partner"].sudo()
        field = "email_normalized" if "@" in address else "phone_sanitized"
        found = partners.search([(field, "=", address)])
        if not found and "@" not in address:
            found = partners.search([("phone", "=", address)])
        cases = self.env["debt.case"].sudo()
        owing = cases.search(
            [("partner_id", "in", found.commercial_partner_id.ids), ("state", "!=", "closed")]
        )
        return owing.partner_id[:1] or found.commercial_partner_id[:1]

    @api.model
    def _process_sms_reply(self, number, text, company=None):
        """Take what a debtor answered to a text message.

        Called by the endpoint for gateways (``/collections/sms/reply``), or by an automation of
        whatever receives text messages.

        :param number: number it came from
        :param text: what it says; the first word counts
        :param company: res.company that wrote; by default every company with a case of the debtor
        :return: debt.consent, empty when the text is no opt-out and no opt-in
        """
        words = re.findall(r"\w+", (text or "").lower())
        word = words[0] if words else ""
        consents = self.browse()
        if word not in STOP_WORDS | START_WORDS:
            return consents
        address = self._normalize(number)
        partner = self._find_debtor(address)
        companies = company or (
            self.env["debt.case"].sudo().search([("partner_id", "=", partner.id)]).company_id
            if partner
            else self.env.company
        )
        for one in companies or self.env.company:
            consents |= self._opt_out(
                address, one, "sms", partner, text, "out" if word in STOP_WORDS else "in"
            )
        return consents
