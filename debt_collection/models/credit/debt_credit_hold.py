from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...const import ESCALATION_ROLES
from ..escalation.debt_escalation_rule import ROLE_GROUPS
from .debt_credit_rule import CREDIT_EFFECTS

# A hold that was released does not come back for so many days, unless said otherwise.
RELEASE_DAYS = 30


class DebtCreditHold(models.Model):
    """A debtor gets no more credit, or only with a warning: why, since when, and how it ended.

    Made by a rule or by hand; ended by a person with a reason, or by itself when the rule no
    longer concerns the debtor (cured). Never edited, never deleted.
    """

    _name = "debt.credit.hold"
    _description = "Credit hold"
    _inherit = ["debt.ledger.follower"]
    _order = "state, date desc, id desc"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one("res.partner", string="Debtor", required=True, index=True)
    case_id = fields.Many2one("debt.case", index="btree_not_null", ondelete="set null")
    rule_id = fields.Many2one(
        "debt.credit.rule", readonly=True, ondelete="set null", index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users", string="Put on hold by", default=lambda self: self.env.user, readonly=True
    )
    reason = fields.Char(required=True)
    date = fields.Date(string="Since", required=True, default=fields.Date.context_today)
    on_invoice = fields.Selection(
        CREDIT_EFFECTS, string="New invoices", default="warn", required=True
    )
    on_order = fields.Selection(CREDIT_EFFECTS, string="Orders", default="block", required=True)
    on_delivery = fields.Selection(
        CREDIT_EFFECTS, string="Deliveries", default="block", required=True
    )
    role = fields.Selection(
        ESCALATION_ROLES, string="Released by: at least", default="manager", required=True
    )
    state = fields.Selection(
        [("active", "On hold"), ("released", "Released"), ("cured", "Cured")],
        default="active",
        required=True,
        readonly=True,
        copy=False,
    )
    date_released = fields.Date(string="Ended on", readonly=True, copy=False)
    release_until = fields.Date(
        string="Credit until",
        readonly=True,
        copy=False,
        help="The same rule does not stop the debtor again before the day after.",
    )
    release_reason = fields.Char(string="Ended because", readonly=True, copy=False)
    released_by_id = fields.Many2one("res.users", readonly=True, copy=False)

    _active_uniq = models.UniqueIndex(
        "(company_id, partner_id, rule_id) WHERE state = 'active' AND rule_id IS NOT NULL",
        "This debtor is already on hold because of this rule.",
    )
    _active_idx = models.Index("(partner_id, company_id) WHERE state = 'active'")

    @api.depends("partner_id", "reason")
    def _compute_display_name(self):
        for hold in self:
            hold.display_name = f"{hold.partner_id.display_name}: {hold.reason}"

    @api.model_create_multi
    def create(self, vals_list):
        partners = self.env["res.partner"]
        for vals in vals_list:
            if vals.get("partner_id"):
                partner = partners.browse(vals["partner_id"])
                vals["partner_id"] = partner.commercial_partner_id.id
        holds = super().create(vals_list)
        holds._record_made()
        return holds

    def write(self, vals):
        if not self.env.su:
            raise UserError(
                self.env._("A credit hold is not edited: release it, and make a new one.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Credit holds are kept as evidence: release the hold instead."))

    # === ACTIONS ===

    def action_release(self):
        """Ask for the reason and the term, then release the holds."""
        self._check_can_release()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Release"),
            "res_model": "debt.credit.release",
            "view_mode": "form",
            "target": "new",
            "context": {"default_hold_ids": self.ids},
        }

    def _check_can_release(self):
        """:raises AccessError: when the user's role may not release one of these holds."""
        self.check_access("read")
        for hold in self:
            user = self.env.user
            if not (
                user.has_group(ROLE_GROUPS[hold.role])
                or user.has_group("debt_collection.group_manager")
            ):
                label = dict(self._fields["role"]._description_selection(self.env))[hold.role]
                raise AccessError(
                    self.env._(
                        "%(hold)s is released by: %(role)s. Please ask one of them.",
                        hold=hold.display_name,
                        role=label,
                    )
                )

    # === ENDS ===

    def _do_release(self, reason, until=None):
        """Release active holds by hand.

        :param reason: words of the person
        :param until: last day on which the rule does not stop the debtor again
        :return: the holds that ended
        """
        self._check_can_release()
        if not (reason or "").strip():
            raise UserError(self.env._("Please say why the hold is released."))
        today = fields.Date.context_today(self)
        return self._end(
            "released",
            reason,
            date_released=today,
            released_by_id=self.env.uid,
            release_until=until or fields.Date.add(today, days=RELEASE_DAYS),
        )

    def _set_cured(self, date):
        """End holds whose rule no longer concerns the debtor.

        :param date: day of the judgement
        """
        return self._end("cured", self.env._("The reason of the hold is gone."), date_released=date)

    def _end(self, state, reason, **values):
        """The one way a hold ends; what it stopped is told."""
        active = self.sudo().filtered(lambda hold: hold.state == "active")
        if not active:
            return active
        active.write({"state": state, "release_reason": reason, **values})
        active._record_ended(state, reason)
        self.env["debt.held.document"].sudo()._on_holds_ended(active)
        return active

    def _record_made(self):
        """Keep the changes of status of new holds: one statement, however many a night makes."""
        if not self:
            return
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO debt_status_change (company_id, partner_id, case_id, kind, after,
                       reason, date, user_id, told,
                       create_uid, create_date, write_uid, write_date)
                SELECT h.company_id, h.partner_id, h.case_id, 'credit', %(after)s, h.reason,
                       now() AT TIME ZONE 'UTC', %(uid)s, FALSE,
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM debt_credit_hold h WHERE h.id = ANY(%(holds)s)
                RETURNING id
                """,
                after=self.env._("Credit hold"),
                uid=self.env.uid,
                holds=self.ids,
            )
        )
        changes = self.env["debt.status.change"].sudo().browse(row[0] for row in rows)
        changes.invalidate_model()
        self.env["debt.case"].invalidate_model(["change_ids", "credit_hold_ids"])
        changes._tell_at_once()

    def _record_ended(self, state, reason):
        """Keep the ends of holds as changes of status."""
        labels = {
            "released": self.env._("Credit released"),
            "cured": self.env._("Credit cured"),
        }
        self.env["debt.status.change"]._record(
            [
                {
                    "company_id": hold.company_id.id,
                    "partner_id": hold.partner_id.id,
                    "case_id": hold.case_id.id,
                    "kind": "credit",
                    "after": labels[state],
                    "reason": reason,
                }
                for hold in self
            ]
        )
