"""Calls on an officer's plan ask the gate: planned for a lawful day, done by logging the call."""

from odoo import api, fields, models
from odoo.tools import format_datetime


class MailActivity(models.Model):
    """Activities to call the debtor of a case."""

    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        """Plan a call for the first day on which it may be made, and say so."""
        activities = super().create(vals_list)
        activities._get_debt_calls()._plan_debt_call()
        return activities

    def write(self, vals):
        result = super().write(vals)
        if "date_deadline" in vals and not self.env.context.get("debt_call_planned"):
            self._get_debt_calls()._plan_debt_call()
        return result

    def _get_debt_calls(self):
        """Return those that plan a call to the debtor of a case."""
        return self.filtered(
            lambda one: (
                one.res_model == "debt.case"
                and one.res_id
                and one.activity_type_id.category == "phonecall"
            )
        )

    def _plan_debt_call(self):
        """Move calls that may not be made on their day to the first lawful day.

        A day on which a call may be made at some hour is kept. What cannot be foreseen stays where
        it was put, with the reason; the dialog that logs the call asks again.
        """
        cases = {
            case.id: case
            for case in self.env["debt.case"].sudo().browse(set(self.mapped("res_id")))
        }
        for company in {case.company_id for case in cases.values()}:
            for day in set(self.mapped("date_deadline")):
                some = self.filtered(
                    lambda one, company=company, day=day: (
                        cases[one.res_id].company_id == company and one.date_deadline == day
                    )
                )
                some._plan_debt_calls_of(company, day, cases)

    def _plan_debt_calls_of(self, company, day, cases):
        now = fields.Datetime.now()
        today = fields.Date.context_today(self)
        at = now if not day or day <= today else fields.Datetime.to_datetime(day)
        partners = (
            self.env["res.partner"].sudo().union(*(cases[one.res_id].partner_id for one in self))
        )
        if not partners:
            return
        answers = partners._get_contact_permissions(company, "call", at)
        for activity in self:
            permission = answers[cases[activity.res_id].partner_id.id]
            moment = permission.next_moment
            last = fields.Datetime.to_datetime(max(day or today, today)).replace(hour=23, minute=59)
            if permission.allowed or (moment and moment <= last):
                continue
            words = " ".join(permission.reasons)
            if moment:
                said = self.env._(
                    "Planned for %(time)s, when the debtor may be called again: %(reasons)s",
                    time=format_datetime(self.env, moment, dt_format="short"),
                    reasons=words,
                )
            else:
                said = self.env._("The debtor may not be called: %s", words)
            values = {"note": (activity.note or "") + f"<p>{said}</p>"}
            if moment:
                values["date_deadline"] = moment.date()
            activity.with_context(debt_call_planned=True).write(values)
