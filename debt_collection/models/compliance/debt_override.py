from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.compliance import override
from .circumstances import RECIPIENTS

REASONS = [
    ("debtor_request", "The debtor asked for it"),
    ("call_dropped", "The conversation was cut off"),
    ("active_litigation", "Court proceedings are running"),
    ("legally_required", "The law requires it"),
    ("harm", "Averts harm we cannot control"),
    ("wrong_data", "What the rule was told is wrong"),
    ("other", "Other"),
]
CHANNELS = [
    ("call", "Call"),
    ("email", "E-mail"),
    ("letter", "Letter"),
    ("sms", "SMS"),
    ("visit", "Visit"),
]
MINUTES = 30
COMPLIANCE_GROUP = "debt_collection.group_compliance"


class DebtOverride(models.Model):
    """Somebody with the right to decided that a contact may take place all the same, once.

    It covers one contact with one debtor on one channel, ends after some minutes, says why, and
    never goes against a block for everybody.
    """

    _name = "debt.override"
    _description = "Override of a refusal"
    _inherit = ["debt.evidence"]
    _order = "issued desc, id desc"
    _check_company_auto = True
    _follow_fields = frozenset({"partner_id", "case_id", "used_on", "contact_id"})

    case_id = fields.Many2one(
        "debt.case", required=True, index=True, ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Debtor",
        compute="_compute_partner_id",
        store=True,
        precompute=True,
        index=True,
    )
    company_id = fields.Many2one(
        related="case_id.company_id", store=True, precompute=True, index=True
    )
    channel = fields.Selection(CHANNELS, required=True, default="call")
    recipient = fields.Selection(RECIPIENTS, required=True, default="debtor")
    reason = fields.Selection(REASONS, required=True)
    note = fields.Text(string="Explanation", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Decided by",
        default=lambda self: self.env.user,
        required=True,
        readonly=True,
    )
    issued = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    minutes = fields.Integer(
        required=True, default=MINUTES, help="For so many minutes it can be used."
    )
    expires = fields.Datetime(compute="_compute_expires")
    used_on = fields.Datetime(readonly=True)
    contact_id = fields.Many2one("debt.contact", readonly=True, index="btree_not_null")
    refusal = fields.Text(
        string="What is overridden", readonly=True, help="What the rules said at that moment."
    )

    _minutes_positive = models.Constraint(
        "CHECK (minutes BETWEEN 1 AND 1440)", "An override holds for 1 to 1440 minutes."
    )
    _open_idx = models.Index("(partner_id, channel) WHERE used_on IS NULL")

    @api.depends("case_id")
    def _compute_partner_id(self):
        for one in self:
            one.partner_id = one.case_id.partner_id

    @api.depends("issued", "minutes")
    def _compute_expires(self):
        for one in self:
            one.expires = one.issued and one.issued + timedelta(minutes=one.minutes)

    @api.depends("channel", "partner_id")
    def _compute_display_name(self):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for one in self:
            one.display_name = f"{labels.get(one.channel)} · {one.partner_id.display_name}"

    @api.model_create_multi
    def create(self, vals_list):
        """Only what can be overridden, by those who may: one clear answer otherwise."""
        if not self.env.su and not self.env.user.has_group(COMPLIANCE_GROUP):
            raise AccessError(
                self.env._(
                    "Only the compliance role may override a refusal. Please ask a credit manager."
                )
            )
        for vals in vals_list:
            vals.setdefault("user_id", self.env.uid)
        overrides = super().create(vals_list)
        if not self.env.su:
            for one in overrides:
                one._check_overridable()
        overrides._log_overrides()
        overrides.case_id._refresh_gate()
        return overrides

    def _check_overridable(self):
        """:raises UserError: when there is nothing to override, or nobody may."""
        self.ensure_one()
        permission = self.partner_id._get_contact_permissions(
            self.company_id, self.channel, recipient=self.recipient, overrides=False
        )[self.partner_id.id]
        if permission.allowed:
            raise UserError(self.env._("This contact is permitted; nothing has to be overridden."))
        if not permission.overridable:
            raise UserError(
                self.env._(
                    "Nobody may override this: %(reasons)s", reasons=" ".join(permission.reasons)
                )
            )
        self.sudo().with_context(debt_anonymise=True).write(
            {"refusal": "\n".join(permission.reasons)}
        )

    def _log_overrides(self):
        self.env["debt.check"].sudo()._insert(
            [
                {
                    "company_id": one.company_id.id,
                    "partner_id": one.partner_id.id,
                    "case_id": one.case_id.id,
                    "user_id": one.user_id.id,
                    "date": one.issued,
                    "kind": "override",
                    "action": one.channel,
                    "purpose": one.reason,
                    "recipient": one.recipient,
                    "decision": "allow",
                    "words": one.refusal,
                }
                for one in self
            ]
        )

    def _to_pure(self):
        """Return the override as the decision logic takes it."""
        self.ensure_one()
        allowed = self.user_id.has_group(COMPLIANCE_GROUP)
        return override.Override(
            role="compliance" if allowed else "other",
            reason=self.reason,
            issued=self.issued,
            minutes=self.minutes,
            used=bool(self.used_on),
            note=self.note or "",
        )

    def _apply(self, decision, at):
        """Return a decision as this override leaves it.

        :param decision: pure decision
        :param at: moment of use (UTC)
        """
        return override.apply(self._to_pure(), decision, at, frozenset({"compliance"}))

    def _use(self, contact, at):
        """Spend the override: it held for this contact alone."""
        self.sudo().write({"used_on": at, "contact_id": contact.id})

    @api.model
    def _find_latest(self, company, partners, channel, at):
        """Return the last override of each debtor: one that can be used before one that cannot.

        Those that expired or were used today are returned too, so that whoever relies on one is
        told why it does not hold.

        :return: dict partner id → debt.override
        """
        found = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.commercial_partner_id.ids),
                ("channel", "=", channel),
                ("issued", "<=", at),
                ("issued", ">", at - timedelta(days=1)),
            ],
            order="issued, id",
        )
        usable = found.filtered(lambda one: not one.used_on and one.expires > at)
        result = {one.partner_id.id: one for one in found}
        result.update((one.partner_id.id, one) for one in usable)
        return result
