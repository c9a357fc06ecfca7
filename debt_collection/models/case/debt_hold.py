from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

# Of a hold that exists only the end and the words may change.
OWNED_FIELDS = {
    "case_id",
    "user_id",
    "item_ids",
    "date_from",
    "state",
    "date_released",
    "release_reason",
}

# A hold proposed by the dialog: long enough to hear back, short enough not to be forgotten.
DEFAULT_DAYS = 14


class DebtHold(models.Model):
    """A dated reason not to chase a case, or some of its items.

    A hold always ends: on its last day, when money arrives (if it waits for that), or by hand.
    It is never edited into something else and never deleted; it is released.
    """

    _name = "debt.hold"
    _description = "Collection hold"
    _inherit = ["debt.ledger.follower", "mail.thread"]
    _order = "state, date_to, id"
    _check_company_auto = True

    case_id = fields.Many2one("debt.case", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor")
    user_id = fields.Many2one(
        "res.users", string="Put on hold by", default=lambda self: self.env.user, readonly=True
    )
    item_ids = fields.Many2many(
        "debt.case.item",
        string="Items",
        domain="[('case_id', '=', case_id), ('date_out', '=', False)]",
        help="Empty: the whole case is on hold.",
    )
    reason = fields.Char(required=True, tracking=True)
    date_from = fields.Date(required=True, default=fields.Date.context_today)
    date_to = fields.Date(
        string="Until",
        required=True,
        tracking=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=DEFAULT_DAYS),
        help="Last day of the hold, inclusive.",
    )
    release_on_payment = fields.Boolean(
        help="Release the hold earlier, as soon as money for the case arrives."
    )
    state = fields.Selection(
        [("active", "Active"), ("released", "Released")],
        default="active",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
    )
    date_released = fields.Date(readonly=True, copy=False)
    release_reason = fields.Char(readonly=True, copy=False, tracking=True)

    _dates = models.Constraint("CHECK(date_to >= date_from)", "A hold cannot end before it begins.")

    @api.depends("case_id", "reason")
    def _compute_display_name(self):
        for hold in self:
            hold.display_name = f"{hold.case_id.display_name}: {hold.reason}"

    @api.constrains("item_ids", "case_id")
    def _check_items(self):
        for hold in self:
            if hold.item_ids.case_id - hold.case_id:
                raise ValidationError(
                    self.env._("The items on hold must belong to the case on hold.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        holds = super().create(vals_list)
        holds.case_id._refresh_hold_state()
        for hold in holds:
            hold.case_id._message_log(
                body=self.env._(
                    "On hold until %(date)s: %(reason)s",
                    date=format_date(self.env, hold.date_to),
                    reason=hold.reason,
                )
            )
        holds.case_id._cancel_blocked_notices()
        return holds

    def write(self, vals):
        if not self.env.su and OWNED_FIELDS & vals.keys():
            raise AccessError(
                self.env._("A hold is not turned into another one: release it and make a new one.")
            )
        result = super().write(vals)
        if {"date_from", "date_to", "item_ids", "state"} & vals.keys():
            self.case_id._refresh_hold_state()
            self.case_id._cancel_blocked_notices()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Holds are kept as evidence: release the hold instead."))

    # === ACTIONS ===

    def action_release(self):
        """Release the holds by hand, today."""
        self.check_access("write")
        self._do_release(self.env._("Released by %(user)s", user=self.env.user.name))
        return True

    # === BUSINESS METHODS ===

    def _do_release(self, reason, date=None):
        """Release the active holds among these.

        :param reason: words kept on the hold and written on the case
        :param date: day of the release; today by default
        :return: the holds that were released
        """
        active = self.filtered(lambda hold: hold.state == "active")
        active.sudo().write(
            {
                "state": "released",
                "date_released": date or fields.Date.context_today(self),
                "release_reason": reason,
            }
        )
        for hold in active:
            hold.case_id._message_log(
                body=self.env._(
                    "Hold released (%(hold)s): %(reason)s", hold=hold.reason, reason=reason
                )
            )
        return active

    @api.model
    def _release_expired(self, company, date):
        """Release what ended before ``date``.

        :param company: res.company
        :param date: day of the run
        :return: the released holds
        """
        return (
            self.sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "active"),
                    ("date_to", "<", date),
                ]
            )
            ._do_release(self.env._("The hold reached its last day."), date=date)
        )
