from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date


class DebtAgreedPayment(models.AbstractModel):
    """A payment the debtor agreed on for a day, of which somebody is reminded once."""

    _name = "debt.agreed.payment"
    _description = "Agreed payment"

    date_reminded = fields.Date(
        string="Reminded on", readonly=True, copy=False, help="The debtor, or the officer."
    )

    @api.model
    def _get_remind_domain(self, company, date, days):
        """What comes up within some days and nobody was reminded of (hook: adds its own).

        :param company: res.company
        :param date: day of the run
        :param days: how long before the day a reminder goes
        :return: domain without the field of the day
        """
        return [("company_id", "=", company.id), ("date_reminded", "=", False)]

    @api.model
    def _get_day_field(self):
        """Name of the field of the agreed day (hook)."""
        return "date"

    @api.model
    def _find_to_remind(self, company, date, days):
        """Payments of which a reminder is due."""
        day = self._get_day_field()
        found = self.search(
            [
                (day, ">", date),
                (day, "<=", date + timedelta(days=days)),
                *self._get_remind_domain(company, date, days),
            ]
        )
        return found.filtered(
            lambda payment: (
                payment.currency_id.compare_amounts(payment._get_reminder()["amount"], 0.0) > 0
            )
        )

    def _get_reminder(self):
        """What a reminder tells (hook).

        :return: dict: date, amount, currency, reference
        """
        raise NotImplementedError

    def _plan_reminder_call(self, date):
        """No message can go: the officer of the case gets a call to make.

        :param date: day of the run
        """
        self.ensure_one()
        told = self._get_reminder()
        user = self.case_id._get_task_owner(self.user_id)
        if user:
            self.case_id.sudo().activity_schedule(
                "mail.mail_activity_data_call",
                date_deadline=date,
                summary=self.env._(
                    "Payment comes up on %(date)s: %(amount)s (%(reference)s)",
                    date=format_date(self.env, told["date"]),
                    amount=told["currency"].format(told["amount"]),
                    reference=told["reference"],
                ),
                user_id=user.id,
            )
