from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

# Relations that follow a merged case, and how a snooze ended.
FOLLOWING_FIELDS = {"case_id", "company_id", "date_ended", "end_reason"}


class DebtSnooze(models.Model):
    """A case is left out of the worklist until a day, with the reason.

    Follow-up goes on: notices go out as the strategy says. The case comes back by itself on its
    day, or earlier when the debtor replies or somebody wakes it up. Kept as evidence.
    """

    _name = "debt.snooze"
    _description = "Snoozed case"
    _order = "id desc"
    _check_company_auto = True

    case_id = fields.Many2one("debt.case", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor")
    user_id = fields.Many2one(
        "res.users", string="Snoozed by", default=lambda self: self.env.user, readonly=True
    )
    date_from = fields.Date(
        string="Snoozed on", required=True, readonly=True, default=fields.Date.context_today
    )
    date_to = fields.Date(
        string="Back on", required=True, help="On this day the case is on the worklist again."
    )
    reason = fields.Char(required=True)
    date_ended = fields.Date(string="Woken up on", readonly=True)
    end_reason = fields.Char(string="Why it ended", readonly=True)

    @api.depends("case_id", "reason")
    def _compute_display_name(self):
        for snooze in self:
            snooze.display_name = f"{snooze.case_id.display_name}: {snooze.reason}"

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for snooze in self:
            if snooze.date_to <= snooze.date_from:
                raise ValidationError(
                    self.env._("Please choose a day after today: the case comes back on that day.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        snoozes = super().create(vals_list)
        for snooze in snoozes:
            case = snooze.case_id
            case.snooze_ids._end_running(self.env._("Snoozed anew."), but=snooze)
            case.sudo().snoozed_until = snooze.date_to
            case._message_log(
                body=self.env._(
                    "Snoozed until %(date)s: %(reason)s",
                    date=format_date(self.env, snooze.date_to),
                    reason=snooze.reason,
                )
            )
        return snoozes

    def write(self, vals):
        if not self.env.su or not vals.keys() <= FOLLOWING_FIELDS:
            raise UserError(
                self.env._("A snooze is not changed: wake the case up and snooze it anew.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Snoozes are kept as evidence: wake the case up instead."))

    def action_view_case(self):
        """Open the case that is snoozed."""
        self.ensure_one()
        return self.case_id._get_records_action()

    def _end_running(self, reason, but=None):
        """End the snoozes that are still running.

        :param reason: words kept with them
        :param but: debt.snooze that goes on
        :return: those that ended
        """
        today = fields.Date.context_today(self)
        running = self.filtered(lambda s: not s.date_ended and s.date_to > today)
        running -= but or self.browse()
        running.sudo().write({"date_ended": today, "end_reason": reason})
        return running
