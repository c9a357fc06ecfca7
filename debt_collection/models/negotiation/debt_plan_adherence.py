"""Is a plan kept: money in due order, what is missed, default and what follows."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...tools import instalments as maths


class DebtPlan(models.Model):
    _inherit = "debt.plan"

    # === JUDGING ===

    @api.model
    def _judge_company(self, company, date):
        """Find instalments that are missed by ``date`` and plans that are in default by that.

        One indexed query when nothing is late.

        :param company: res.company
        :param date: day of the run
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT p.id
                  FROM debt_plan_installment part
                  JOIN debt_plan p ON p.id = part.plan_id
                 WHERE p.company_id = %(company)s AND p.state = 'active'
                   AND part.state = 'open' AND part.date + p.grace_days < %(date)s
                """,
                company=company.id,
                date=date,
            )
        )
        for plan in self.sudo().browse([plan_id for (plan_id,) in rows]):
            plan._refresh_adherence(date)

    @api.model
    def _judge_moved(self, line_ids):
        """Money moved on debts that plans are about: what is paid follows at once.

        :param line_ids: ids of account.move.line
        """
        plans = self._find_by_ledger(line_ids)
        for plan in plans.filtered(lambda p: p.state in ("active", "completed", "defaulted")):
            plan._refresh_adherence()

    def _get_received_until(self, date):
        """Money that had arrived for the plan by the end of a day, in the plan's currency.

        :param date: last day that counts
        """
        return self._get_money(date)[0]

    def _get_money(self, until=None):
        """What arrived for the plan since it began.

        :param until: last day on which money counts; None: all of it
        :return: (money, credited or written off), in the plan's currency
        """
        self.ensure_one()
        self.env.flush_all()
        until = until or fields.Date.add(fields.Date.context_today(self), years=100)
        if self.move_id:
            condition = SQL(
                "SELECT part.move_line_id AS line_id, part.amount AS amount, 0 AS partial_id,"
                " part.amount AS start FROM debt_plan_installment part"
                " WHERE part.plan_id = %s AND part.move_line_id IS NOT NULL",
                self.id,
            )
        else:
            condition = SQL(
                "SELECT pl.move_line_id AS line_id, pl.amount, pl.partial_id,"
                " pl.amount_start AS start FROM debt_plan_line pl WHERE pl.agreement_id = %s",
                self.id,
            )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.amount, %(money)s AS money,
                       CASE WHEN l.parent_state = 'posted'
                            THEN GREATEST(line.start - l.amount_residual_currency, 0)
                            ELSE line.start END AS settled
                  FROM (%(lines)s) line
                  LEFT JOIN account_move_line l ON l.id = line.line_id
                """,
                lines=condition,
                money=self._get_money_sql(
                    SQL("line.line_id"),
                    SQL("%s::date", self.date_start),
                    SQL("%s::date", until),
                    SQL("line.partial_id"),
                ),
            )
        )
        money = credits = 0.0
        for amount, received, settled in rows:
            counted = min(float(settled), float(amount))
            paid = min(float(received), counted)
            money += paid
            credits += counted - paid
        return money, credits

    def _refresh_adherence(self, date=None):
        """Bring paid amounts, missed instalments and the state of a plan up to a day.

        :param date: today by default
        """
        self.ensure_one()
        plan = self.sudo()
        date = date or fields.Date.context_today(self)
        parts = plan.installment_ids.sorted(lambda part: (part.date, part.id))
        currency = plan.currency_id
        money, credits = plan._get_money()
        paid = maths.settle(parts.mapped("amount"), money, credits, currency.rounding)
        due_until_now = kept_until_now = 0.0
        missed = parts.browse()
        for part, amount in zip(parts, paid, strict=True):
            left = currency.compare_amounts(part.amount, amount) > 0
            late = part.date + timedelta(days=plan.grace_days) < date
            state = "paid" if not left else "missed" if late else "open"
            if currency.compare_amounts(part.amount_paid, amount) or part.state != state:
                part.write({"amount_paid": amount, "state": state})
            if state == "missed" and not part.forgiven:
                missed |= part
            if part.date < date:
                due_until_now += part.amount
                kept_until_now += amount
        following = parts.filtered(lambda part: part.state == "open")[:1]
        plan.write(
            {
                "amount_paid": sum(paid),
                "missed_count": len(missed),
                "adherence": 100.0 * kept_until_now / due_until_now if due_until_now else 100.0,
                "next_date": following.date if plan.state == "active" else False,
            }
        )
        plan._tell_missed(missed, date)
        plan._settle_state(missed, date)

    def _settle_state(self, missed, date):
        """Move the plan to where its instalments say it is."""
        self.ensure_one()
        all_paid = all(part.state == "paid" for part in self.installment_ids)
        if all_paid and self.state in ("active", "defaulted"):
            self._set_state("completed", self.env._("All instalments are paid."))
            self._end()
        elif self.state == "completed" and not all_paid:
            self._set_state("active", self.env._("A payment was undone."))
            self.line_ids.write({"live": True})
            self.date_end = False
            self._after_claims_changed()
        if self.state == "active" and len(missed) >= self.missed_max:
            self._do_default(
                self.env._("%(count)s instalments are missed.", count=len(missed)), date
            )

    def _tell_missed(self, missed, date):
        """Give the officer a call to make for each instalment that is missed: once."""
        new = missed.filtered(lambda part: not part.date_missed)
        new.date_missed = date
        if new and self.state == "active":
            self._schedule_call(
                date,
                self.env._(
                    "Instalment missed: %(amount)s of %(date)s",
                    amount=self.currency_id.format(sum(new.mapped("amount_left"))),
                    date=format_date(self.env, new[0].date),
                ),
            )

    def _schedule_call(self, date, summary):
        """A call for the officer of the case."""
        user = self.case_id._get_task_owner(self.user_id)
        if user:
            self.case_id.sudo().activity_schedule(
                "mail.mail_activity_data_call",
                date_deadline=date,
                summary=summary,
                user_id=user.id,
            )

    # === DEFAULT ===

    def _do_default(self, reason, date=None):
        """Plans are not kept: all that is left falls due at once and returns to follow-up.

        :param reason: words kept on the plan
        :param date: day of the default, today by default
        """
        date = date or fields.Date.context_today(self)
        for plan in self._set_state("defaulted", reason):
            plan._end()
            plan._accelerate(date)
            plan._schedule_call(
                date,
                self.env._(
                    "Plan in default: %(amount)s left",
                    amount=plan.currency_id.format(plan.amount_left),
                ),
            )
            plan.case_id._message_log(
                body=self.env._(
                    "Plan %(name)s is in default: %(reason)s", name=plan.reference, reason=reason
                )
            )
            plan._on_plan_defaulted()
            plan._after_claims_changed()

    def _on_plan_defaulted(self):
        """Hook: a plan went into default."""

    def _accelerate(self, date):
        """The debts of a novation that are not due yet fall due now.

        The day before the default: what is due today is not overdue.
        """
        self.ensure_one()
        day = date - timedelta(days=1)
        lines = self.sudo().installment_ids.move_line_id.filtered(
            lambda line: not line.reconciled and line.date_maturity and line.date_maturity > day
        )
        lines.write({"date_maturity": day})
