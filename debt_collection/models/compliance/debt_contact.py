from odoo import api, fields, models

from ..outreach.debt_contact import FOLLOWING_FIELDS, GATED_CHANNELS
from .circumstances import PURPOSES, RECIPIENTS

FOLLOWING_FIELDS |= {"near_miss", "override_id"}


class DebtContact(models.Model):
    """What counts need to know of a contact, and what the gate said about it."""

    _inherit = "debt.contact"

    item_ids = fields.Many2many(
        "debt.case.item",
        string="Debts talked about",
        domain="[('case_id', '=', case_id)]",
        help="Empty: all debts of the debtor.",
    )
    attributed_item_id = fields.Many2one(
        "debt.case.item",
        string="Counts for",
        index="btree_not_null",
        help="An attempt that told nobody anything counts for this debt alone.",
    )
    recipient = fields.Selection(
        RECIPIENTS, string="With", default="debtor", help="Who is at the other end."
    )
    person_id = fields.Many2one(
        "res.partner",
        string="Contact person",
        index="btree_not_null",
        help="Which of the debtor's people; empty: the debtor.",
    )
    purpose = fields.Selection(PURPOSES, default="demand")
    place = fields.Selection(
        [("home", "At home"), ("work", "At work")], help="Where it reached the person."
    )
    near_miss = fields.Boolean(
        readonly=True, help="The contact was made although the rules did not permit it."
    )
    override_id = fields.Many2one("debt.override", readonly=True, index="btree_not_null")
    gate_contents = fields.Text(
        string="Has to be said", compute="_compute_gate_words", help="What the rules prescribe."
    )
    gate_may_know = fields.Text(
        string="Who may be told", compute="_compute_gate_words", help="By the rules that hold."
    )
    gate_next = fields.Datetime(string="Lawful from", compute="_compute_gate_words")

    @api.depends("partner_id", "company_id", "channel", "recipient", "purpose", "place")
    def _compute_permission(self):
        """The gate's answer for this very contact: whom, why and where matter too."""
        for contact in self:
            permission = contact._get_permission()
            if permission is None:
                contact.permission_state = contact.permission_words = False
                continue
            words = permission.warnings if permission.allowed else permission.reasons
            contact.permission_words = "\n".join(words)
            contact.permission_state = (
                "blocked" if not permission.allowed else "warned" if words else "free"
            )

    @api.depends("partner_id", "company_id", "channel", "recipient", "purpose", "place")
    def _compute_gate_words(self):
        for contact in self:
            permission = contact._get_permission()
            decision = permission and permission.decision
            contact.gate_next = permission.next_moment if permission else False
            contact.gate_contents = contact.gate_may_know = False
            if not decision:
                continue
            officer = contact.user_id or self.env.user
            contact.gate_contents = "\n".join(
                self.env["debt.phrase"]._say(
                    permission.contents,
                    company=contact.company_id.name or self.env.company.name,
                    phone=officer.phone or contact.company_id.phone,
                    person=officer.name,
                    debtor=contact.partner_id.name,
                )
            )
            if decision.may_know is not None:
                labels = dict(self._fields["recipient"]._description_selection(self.env))
                contact.gate_may_know = ", ".join(
                    labels.get(one, one) for one in sorted(decision.may_know)
                )

    def _get_permission(self):
        """Return the gate's answer for this contact now, or nothing where it does not decide."""
        self.ensure_one()
        partner = self.partner_id._origin
        if not partner or self.channel not in GATED_CHANNELS:
            return None
        return partner._get_contact_permissions(
            self.company_id or self.env.company,
            self.channel,
            own_user=self.env.user,
            recipient=self.recipient or "debtor",
            purpose=self.purpose or "demand",
            place=self.place or "",
        )[partner.id]

    @api.model_create_multi
    def create(self, vals_list):
        """Log what the gate says about a contact that people made, and never lose the contact."""
        judged = [self._judge_logged(vals) for vals in vals_list]
        contacts = super().create(vals_list)
        for contact, found in zip(contacts, judged, strict=True):
            if found:
                contact._note_judged(*found)
        contacts.sudo()._follow_opt_outs()
        contacts.case_id._refresh_gate()
        return contacts

    @api.model
    def _judge_logged(self, vals):
        """Ask the gate about a contact that is being logged, before it counts itself.

        :return: (ContactPermission, override that permitted it, id of the check) or nothing
        """
        exempt = vals.get("automatic") or vals.get("notice_id") or vals.get("corrects_id")
        channel = vals.get("channel", "call")
        if exempt or vals.get("direction", "out") != "out" or channel not in GATED_CHANNELS:
            return None
        case = self.env["debt.case"].browse(vals.get("case_id"))
        partner = case.partner_id or self.env["res.partner"].browse(vals.get("partner_id"))
        company = case.company_id or self.env["res.company"].browse(
            vals.get("company_id") or self.env.company.id
        )
        if not partner:
            return None
        at = fields.Datetime.to_datetime(vals.get("date")) or fields.Datetime.now()
        override = self.env["debt.override"]._find_latest(company, partner, channel, at)
        override = override.get(partner.commercial_partner_id.id)
        permission = partner._get_contact_permissions(
            company,
            channel,
            at,
            kind="log",
            records={partner.id: {"case_id": case.id or None}},
            own_user=self.env.user,
            recipient=vals.get("recipient") or "debtor",
            purpose=vals.get("purpose") or "demand",
            place=vals.get("place") or "",
        )[partner.id]
        used = override if permission.decision.overridden else self.env["debt.override"]
        check = (
            self.env["debt.check"]
            .sudo()
            .search(
                [("partner_id", "=", partner.commercial_partner_id.id), ("kind", "=", "log")],
                order="id desc",
                limit=1,
            )
        )
        return permission, used, check

    def _note_judged(self, permission, override, check):
        """Keep on the contact, its check and its case what the gate said.

        :param permission: ContactPermission at the moment of the contact
        :param override: debt.override that permitted it, if any
        :param check: debt.check row
        """
        self.ensure_one()
        values = {"near_miss": not permission.allowed}
        if override:
            override._use(self, self.date)
            values["override_id"] = override.id
        self.sudo().write(values)
        self.env["debt.gate"]._get_reservations(
            self.partner_id.id, self.company_id, fields.Datetime.now()
        ).filtered(lambda one: one.user_id == self.env.user)._release(self)
        check.with_context(debt_anonymise=True).write(
            {
                "contact_id": self.id,
                "near_miss": not permission.allowed,
                "override_id": override.id,
            }
        )
        if not permission.allowed and self.case_id:
            self.case_id.sudo()._message_log(
                body=self.env._(
                    "Contact although the rules did not permit it: %(reasons)s",
                    reasons=" ".join(permission.reasons),
                )
            )

    def _follow_opt_outs(self):
        """A debtor who says on the telephone that he does not want it any more is heard at once."""
        for contact in self.filtered(lambda one: one.outcome == "opted_out"):
            medium = contact.channel if contact.channel in ("call", "sms", "email") else "call"
            address = contact.partner_id.email if medium == "email" else contact.partner_id.phone
            self.env["debt.consent"].create(
                {
                    "partner_id": contact.partner_id.id,
                    "company_id": contact.company_id.id,
                    "scope": "medium",
                    "medium": medium,
                    "address": address,
                    "date": contact.date,
                    "way": {"call": "phone", "sms": "sms", "email": "email"}[medium],
                    "proof": contact.note,
                    "user_id": contact.user_id.id,
                }
            )

    def _set_superseded(self):
        """Counts are made from what is recorded: judge again when that was corrected."""
        result = super()._set_superseded()
        self.case_id._refresh_gate()
        return result
