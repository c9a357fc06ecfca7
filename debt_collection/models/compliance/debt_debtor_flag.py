from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .circumstances import DATE_KEYS, KINDS, OBSTACLE_KEYS, SENSITIVE

SENSITIVE_GROUP = "debt_collection.group_compliance"


class DebtDebtorFlag(models.Model):
    """A circumstance of a debtor that rules ask for, from one day to another, with its document.

    What it does is up to the rules: this is the fact. Circumstances of health, age and family are
    visible to the compliance role, the legal desk and auditors alone; officers are told that there
    is something, and whom to ask.
    """

    _name = "debt.debtor.flag"
    _description = "Circumstance of a debtor"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        string="Debtor",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('parent_id', '=', False)]",
    )
    company_id = fields.Many2one("res.company", help="Empty: all companies.")
    kind = fields.Selection(KINDS, required=True, tracking=True)
    is_obstacle = fields.Boolean(compute="_compute_nature")
    is_day = fields.Boolean(compute="_compute_nature")
    sensitive = fields.Boolean(
        compute="_compute_sensitive", store=True, help="For the compliance role only."
    )
    date_from = fields.Date(
        string="From",
        default=fields.Date.context_today,
        tracking=True,
        help="First day; for a notice, the day we received it.",
    )
    date_to = fields.Date(string="Until", tracking=True, help="Last day; empty: until removed.")
    item_ids = fields.Many2many(
        "debt.case.item", string="Debts", help="Empty: all debts of the debtor."
    )
    resolved_on = fields.Date(
        string="Answered on",
        tracking=True,
        help="What was asked of us has been done: the verification or answer was sent, a person "
        "reviewed the decision.",
    )
    asked_on = fields.Date(
        string="Attorney asked on", help="Since when the attorney has left our question open."
    )
    consents = fields.Boolean(
        string="Agrees to direct contact", help="The attorney agreed that we contact the debtor."
    )
    document = fields.Binary(attachment=True)
    document_name = fields.Char()
    note = fields.Text()
    active = fields.Boolean(default=True)

    _open_idx = models.Index("(partner_id) WHERE active IS TRUE")

    @api.depends("kind")
    def _compute_nature(self):
        for flag in self:
            flag.is_obstacle = flag.kind in OBSTACLE_KEYS
            flag.is_day = flag.kind in DATE_KEYS or flag.kind == "acknowledgement"

    @api.depends("kind")
    def _compute_sensitive(self):
        for flag in self:
            flag.sensitive = flag.kind in SENSITIVE

    @api.depends("kind", "partner_id", "date_from")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for flag in self:
            words = (labels.get(flag.kind), flag.partner_id.display_name)
            flag.display_name = " · ".join(filter(None, words))

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for flag in self:
            if flag.date_from and flag.date_to and flag.date_to < flag.date_from:
                raise ValidationError(self.env._("A circumstance cannot end before it begins."))

    @api.constrains("kind", "date_from")
    def _check_day(self):
        for flag in self:
            if flag.is_day and not flag.date_from:
                raise ValidationError(self.env._("Say on which day it was."))

    @api.model_create_multi
    def create(self, vals_list):
        flags = super().create(vals_list)
        flags._after_change()
        return flags

    def write(self, vals):
        if "partner_id" in vals and not self.env.su:
            raise UserError(self.env._("A circumstance stays with its debtor. Add a new one."))
        result = super().write(vals)
        if vals.keys() - {"note", "document", "document_name"}:
            self._after_change()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(
            self.env._("Circumstances are kept as evidence. Set the day on which they ended.")
        )

    def action_end(self):
        """End the circumstances today."""
        self.write({"date_to": fields.Date.context_today(self)})
        return True

    def action_resolve(self):
        """Note that what was asked of us has been done today."""
        self.write({"resolved_on": fields.Date.context_today(self)})
        return True

    def _after_change(self):
        """Judge again at once when the debtors may be contacted."""
        flags = self.sudo()
        self.env["debt.case"]._refresh_gate_of(flags.partner_id, flags.company_id)
