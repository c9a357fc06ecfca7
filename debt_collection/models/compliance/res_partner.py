from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import timezones
from ...tools.compliance import clock, windows
from ...tools.compliance.errors import RuleError

DEBTOR_TYPES = [
    ("consumer", "Consumer"),
    ("sole_trader", "Sole trader"),
    ("company", "Company"),
]
GROUPS = (
    "debt_collection.group_officer,debt_collection.group_legal,debt_collection.group_reader,"
    "debt_collection.group_compliance"
)


# What we say because the debtor asked, not because we want money.
ANSWERS = ("reply", "dispute_answer", "optout_confirmation")


class ResPartner(models.Model):
    """Debtors: what the rules need to know, and the contact question answered by the rules."""

    _inherit = "res.partner"

    debt_debtor_type = fields.Selection(
        DEBTOR_TYPES,
        string="Protected as",
        groups=GROUPS,
        copy=False,
        help="Whom the rules protect. Empty: persons are consumers, companies are companies.",
    )
    debt_timezones = fields.Char(
        string="Time zones",
        groups=GROUPS,
        copy=False,
        help="Where the debtor is, as somebody found out: names such as Europe/Paris, separated by "
        "commas. Empty: concluded from address and telephone number. With several, a contact has "
        "to be lawful in all of them.",
    )
    debt_timezone_words = fields.Char(
        string="Time zones known", compute="_compute_debt_timezone_words", groups=GROUPS
    )
    debt_no_contact_times = fields.Text(
        string="Not to be contacted at",
        groups=GROUPS,
        copy=False,
        help="What the debtor asked for, one a line: MO-FR 15:00-17:00, or a period such as "
        "2026-02-18..2026-03-19 17:30-20:00.",
    )
    debt_jurisdiction_ids = fields.Many2many(
        "debt.jurisdiction",
        "debt_jurisdiction_res_partner_rel",
        string="Further jurisdictions",
        groups=GROUPS,
        copy=False,
        help="Beside those of the country and state: the debt's governing law, a sector.",
    )
    debt_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Holidays observed",
        groups=GROUPS,
        copy=False,
        help="Working hours with the debtor's public holidays. Empty: the jurisdiction's.",
    )
    debt_flag_ids = fields.One2many(
        "debt.debtor.flag", "partner_id", string="Circumstances", groups=GROUPS
    )
    debt_consent_ids = fields.One2many(
        "debt.consent", "partner_id", string="Consents", groups=GROUPS
    )
    debt_service_ids = fields.One2many(
        "debt.legal.notice", "partner_id", string="Notices given", groups=GROUPS
    )
    debt_check_ids = fields.One2many(
        "debt.check", "partner_id", string="Compliance checks", groups=GROUPS
    )

    @api.depends("debt_timezones", "country_id", "state_id", "phone")
    def _compute_debt_timezone_words(self):
        for partner in self:
            names = partner._get_debt_zone_names()
            partner.debt_timezone_words = ", ".join(names) or self.env._(
                "not known: give the country, or the time zones"
            )

    def _get_debt_zone_names(self):
        """Time zones in which the debtor may be, by all evidence."""
        self.ensure_one()
        partner = self.sudo()
        try:
            zones = timezones.candidates(
                partner.debt_timezones or "",
                partner.country_id.code or "",
                partner.state_id.code or "",
                partner.phone or "",
            )
        except RuleError:
            return []
        return [zone.key for zone in zones]

    @api.constrains("debt_timezones")
    def _check_debt_timezones(self):
        for partner in self.filtered("debt_timezones"):
            try:
                clock.zones(name.strip() for name in partner.debt_timezones.split(","))
            except RuleError as error:
                raise ValidationError(self.env["debt.rule"]._word(error)) from error

    @api.constrains("debt_no_contact_times")
    def _check_debt_no_contact_times(self):
        for partner in self.filtered("debt_no_contact_times"):
            for line in partner.debt_no_contact_times.splitlines():
                try:
                    windows.Blocked.parse(line)
                except RuleError as error:
                    raise ValidationError(self.env["debt.rule"]._word(error)) from error
                except ValueError as error:
                    raise ValidationError(
                        self.env._(
                            "“%(line)s” cannot be understood. Write MO-FR 15:00-17:00, or "
                            "2026-02-18..2026-03-19 17:30-20:00.",
                            line=line,
                        )
                    ) from error

    def write(self, vals):
        result = super().write(vals)
        watched = {
            "country_id",
            "state_id",
            "phone",
            "is_company",
            "debt_debtor_type",
            "debt_timezones",
            "debt_no_contact_times",
            "debt_jurisdiction_ids",
            "debt_calendar_id",
        }
        if watched & vals.keys():
            self.env["debt.case"]._refresh_gate_of(self.commercial_partner_id)
        return result

    def _get_contact_permissions(self, company, channel, at=None, **options):
        """May we contact these debtors now? By holds and the like, and by the compliance rules.

        :param options: ``kind`` (log the check), ``recipient``, ``purpose``, ``items``,
            ``address``…: see ``debt.gate._get_permissions``
        """
        base = super(ResPartner, self.with_context(debt_gate_asked=True))
        blocked = base._get_contact_permissions(company, channel, at)
        # A hold, a plan or a referral stops asking for money, not answering what was asked.
        stopped = self.browse() if options.get("purpose") in ANSWERS else self
        obstacles = {
            partner.commercial_partner_id.id: ", ".join(blocked[partner.id].reasons)
            for partner in stopped
            if not blocked[partner.id].allowed
        }
        return self.env["debt.gate"]._get_permissions(
            self, company, channel, at, obstacles=obstacles, **options
        )
