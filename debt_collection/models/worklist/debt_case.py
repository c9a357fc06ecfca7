"""What the worklist adds to a case: whose it is today, snoozing, working on many at once."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class DebtCase(models.Model):
    _inherit = "debt.case"

    is_mine = fields.Boolean(
        string="Mine",
        compute="_compute_is_mine",
        search="_search_is_mine",
        help="The user is the officer of the case, or stands in for the officer today.",
    )
    snooze_ids = fields.One2many("debt.snooze", "case_id", string="Snoozes")
    snoozed_until = fields.Date(
        readonly=True, help="Left out of the worklist until that day; follow-up goes on."
    )
    is_snoozed = fields.Boolean(
        string="Snoozed", compute="_compute_is_snoozed", search="_search_is_snoozed"
    )
    snooze_reason = fields.Char(compute="_compute_snooze_reason")
    street_address = fields.Char(string="Address", compute="_compute_street_address")
    local_time = fields.Char(related="partner_id.debt_local_time")
    debtor_people_ids = fields.Many2many(
        "res.partner", string="People", compute="_compute_debtor_people_ids"
    )
    absence_words = fields.Char(compute="_compute_absence_words")

    # === COMPUTE METHODS ===

    @api.depends("user_id")
    @api.depends_context("uid", "tz")
    def _compute_is_mine(self):
        represented = self.env["debt.absence"]._get_represented_ids()
        for case in self:
            case.is_mine = case.user_id.id in represented

    @api.model
    def _search_is_mine(self, operator, value):
        if operator != "in" or True not in value or False in value:
            return NotImplemented
        return [("user_id", "in", self.env["debt.absence"]._get_represented_ids())]

    @api.depends("snoozed_until")
    @api.depends_context("tz")
    def _compute_is_snoozed(self):
        today = fields.Date.context_today(self)
        for case in self:
            case.is_snoozed = bool(case.snoozed_until and case.snoozed_until > today)

    @api.model
    def _search_is_snoozed(self, operator, value):
        if operator != "in" or True not in value or False in value:
            return NotImplemented
        return [("snoozed_until", ">", fields.Date.context_today(self))]

    @api.depends("snoozed_until", "snooze_ids.reason")
    def _compute_snooze_reason(self):
        for case in self:
            running = case.snooze_ids.filtered(lambda snooze: not snooze.date_ended)
            case.snooze_reason = case.is_snoozed and running[:1].reason

    @api.depends("partner_id.contact_address_inline")
    def _compute_street_address(self):
        for case in self:
            case.street_address = case.partner_id.contact_address_inline

    @api.depends("partner_id.child_ids")
    def _compute_debtor_people_ids(self):
        """People and addresses of the debtor, to ask for when calling."""
        for case in self:
            case.debtor_people_ids = case.partner_id.child_ids

    @api.depends("user_id")
    @api.depends_context("tz")
    def _compute_absence_words(self):
        """Whether the officer is away today, and who stands in."""
        today = fields.Date.context_today(self)
        away = self.env["debt.absence"].search(
            [
                ("user_id", "in", self.user_id.ids),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
            ]
        )
        by_user = {absence.user_id: absence for absence in away}
        for case in self:
            absence = by_user.get(case.user_id)
            case.absence_words = absence and self.env._(
                "%(officer)s is away until %(date)s; %(substitute)s stands in.",
                officer=absence.user_id.name,
                date=format_date(self.env, absence.date_to),
                substitute=absence.substitute_id.name,
            )

    # === ACTIONS ===

    def action_assign(self):
        """Open the dialog that gives the cases to another officer or team."""
        self.check_access("write")
        return self._get_wizard_action("debt.case.assign", self.env._("Assign"))

    def action_snooze(self):
        """Open the dialog that leaves the cases out of the worklist until a day."""
        self._check_can_snooze()
        return self._get_wizard_action("debt.case.snooze", self.env._("Snooze"))

    def action_wake_up(self):
        """Bring snoozed cases back to the worklist now."""
        self.check_access("write")
        self._wake_up(self.env._("Woken up by %(user)s", user=self.env.user.name))
        return True

    def action_hold_many(self):
        """Open the dialog that puts all the cases on hold, for the same reason."""
        self.check_access("write")
        return self._get_wizard_action("debt.case.hold", self.env._("Put on hold"))

    def action_send_many(self):
        """Open the dialog that lets the waiting notices of the cases go."""
        self.check_access("write")
        return self._get_wizard_action("debt.case.send", self.env._("Send"))

    def action_print_letters(self):
        """Print the letters of the cases that wait or are on their way into one file.

        :raises UserError: when there is none
        """
        self.check_access("write")
        letters = self.notice_ids.filtered(
            lambda notice: (
                notice.channel == "letter"
                and notice.state in ("to_review", "ready", "failed", "queued")
            )
        )
        if not letters:
            raise UserError(
                self.env._("No letter of these cases waits to be printed. Use Send to write one.")
            )
        return letters.action_print()

    def action_view_timeline(self):
        """Open everything that happened with the debtor, the latest first."""
        self.ensure_one()
        return self.partner_id.action_view_debt_timeline()

    def _get_wizard_action(self, model, name):
        """A dialog about these cases.

        :param model: name of the wizard's model; it has ``case_ids``
        :param name: title of the dialog
        """
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_ids": self.ids},
        }

    # === BUSINESS METHODS ===

    def write(self, vals):
        """A debtor's answer ends the rest: the officer has something to read."""
        result = super().write(vals)
        if vals.get("reply_date"):
            self._wake_up(self.env._("The debtor answered."))
        return result

    def _check_can_snooze(self):
        """:raises UserError: when none of the cases is open"""
        self.check_access("write")
        if self and all(case.state == "closed" for case in self):
            raise UserError(self.env._("A closed case is not on the worklist anyway."))

    def _wake_up(self, reason):
        """Bring snoozed cases back before their day.

        :param reason: words kept with the snooze and written on the case
        :return: the cases that were snoozed
        """
        asleep = self.filtered("is_snoozed")
        asleep.snooze_ids._end_running(reason)
        asleep.sudo().snoozed_until = False
        for case in asleep:
            case._message_log(body=self.env._("Back on the worklist: %(reason)s", reason=reason))
        return asleep

    def _merge_into(self, target):
        """Snoozes move with the case; the target keeps its own day."""
        self.snooze_ids.sudo().case_id = target
        return super()._merge_into(target)
