from datetime import timedelta

from odoo import fields, models

from ...tools.compliance.business_days import SATURDAY_AND_SUNDAY


class ResCompany(models.Model):
    """Policy of a company on what its officers agree with debtors."""

    _inherit = "res.company"

    debt_promise_max_days = fields.Integer(
        string="Promise at most (days ahead)",
        default=30,
        help="A promise for a later day needs a senior officer. 0: no limit.",
    )
    debt_promise_min_share = fields.Float(
        string="Promise at least (%)",
        default=0.0,
        help="Smallest share of what is open on the promised items. 0: no limit.",
    )
    debt_promise_max_broken = fields.Integer(
        string="Broken promises allowed",
        default=3,
        help="After so many broken promises in a case no further one is taken, except by a "
        "senior officer. 0: no limit.",
    )
    debt_promise_tolerance = fields.Integer(
        string="Promise tolerance (days)",
        default=2,
        help="Money that arrives so many days after the promised day still keeps the promise. A "
        "limit on a weekend or holiday moves to the next working day.",
    )
    debt_writeoff_account_id = fields.Many2one(
        "account.account",
        string="Bad debt account",
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_other', 'expense_direct_cost'))]",
        help="Where forgiven and written-off amounts are charged.",
    )
    debt_writeoff_journal_id = fields.Many2one(
        "account.journal",
        string="Write-off journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        help="The first general journal by default.",
    )
    debt_writeoff_tax = fields.Boolean(
        string="Take back the tax of written-off amounts",
        help="The tax contained in a written-off amount is charged to the tax accounts, in the "
        "tax report of the day of the write-off. Only where the law allows it.",
    )
    debt_promise_reminder = fields.Integer(
        string="Remind before an agreed payment (days)",
        default=1,
        help="So many days before the day of a promise, an instalment or a settlement. 0: none.",
    )
    debt_remind_debtor = fields.Boolean(
        string="Remind the debtor",
        default=True,
        help="By e-mail or SMS, once, where the contact rules permit it and notices are sent "
        "automatically. Otherwise the officer gets a call to make.",
    )

    debt_plan_grace = fields.Integer(
        string="Grace of instalments (days)",
        default=3,
        help="An instalment counts as missed so many days after its day.",
    )
    debt_plan_missed = fields.Integer(
        string="Plan in default after (missed instalments)",
        default=2,
        help="So many instalments missed at a time end a plan.",
    )
    debt_plan_interest_account_id = fields.Many2one(
        "account.account",
        string="Interest account",
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="Where the interest of plans is earned. The sales account by default.",
    )

    def _get_debt_owner(self, name):
        """The company whose choice holds: itself, else the nearest above a branch that chose.

        :param name: field of res.company
        :return: res.company with the rights of the system; itself where nobody chose
        """
        self.ensure_one()
        line = reversed(self.sudo().parent_ids)
        return next((company for company in line if company[name]), self.sudo())

    def _get_days_off(self, first, last):
        """Days on which the company does not work, by its working schedule.

        :param first, last: dates between which holidays are looked for
        :return: (set of dates that are holidays, set of weekday numbers that are no working days)
        """
        self.ensure_one()
        calendar = self.sudo().resource_calendar_id
        if not calendar or not calendar.attendance_ids:
            return set(), set(SATURDAY_AND_SUNDAY)
        weekend = set(range(7)) - {int(day) for day in calendar.attendance_ids.mapped("dayofweek")}
        leaves = calendar.global_leave_ids.filtered(
            lambda leave: leave.date_to.date() >= first and leave.date_from.date() <= last
        )
        holidays = {
            leave.date_from.date() + timedelta(days=offset)
            for leave in leaves
            for offset in range((leave.date_to.date() - leave.date_from.date()).days + 1)
        }
        return holidays, weekend
