"""What money and time do to concessions: settlements paid, lapsed, bounced; recoveries."""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...tools.sql import values_table


class DebtConcession(models.Model):
    _inherit = "debt.concession"

    # === SETTLEMENTS ===

    @api.model
    def _judge_company(self, company, date):
        """End what has reached its day: settlements lapse, deferments end, offers expire.

        :param company: res.company
        :param date: day of the run
        """
        self._expire_offers(company, date)
        ended = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "accepted"),
                ("date_limit", "<", date),
            ]
        )
        for concession in ended:
            if concession.kind == "deferment":
                concession._set_state(
                    "done", self.env._("The deferment reached its last day."), date_done=date
                )
                concession._leave_force(date)
            else:
                concession._judge_settlement(date)

    @api.model
    def _judge_moved(self, pairs, line_ids):
        """Money moved: settlements are paid or bounce, written-off debts are recovered.

        :param pairs: set of (company id, commercial partner id)
        :param line_ids: ids of account.move.line
        """
        found = self._find_by_move_lines(line_ids).filtered(lambda c: c.kind == "settlement")
        for concession in found.filtered(lambda c: c.state in ("accepted", "lapsed", "done")):
            concession._judge_settlement()
        self._tell_recoveries(pairs)

    def _judge_settlement(self, date=None):
        """Compare what arrived in the window with what was agreed, and act on it.

        :param date: today by default
        """
        self.ensure_one()
        date = date or fields.Date.context_today(self)
        received = self._get_received(self.date_start, self.date_limit)
        paid = self.currency_id.compare_amounts(received, self.amount_pay) >= 0
        self.sudo().amount_received = received
        if paid and self.state == "accepted":
            self._do_forgive()
        elif not paid and self.state == "done":
            # not the same payment any more: what was forgiven for it is owed again
            target = "accepted" if date <= self.date_limit else "lapsed"
            reason = self.env._("The payment of the settlement was undone.")
            self._set_state(target, reason, date_done=False)
            self._undo_documents(reason)
            self.sudo().move_ids = [Command.clear()]
            if target == "accepted":
                self.line_ids.sudo().write({"live": True})
                self._after_claims_changed()
            else:
                self._leave_force(date)
        elif not paid and self.state == "accepted" and date > self.date_limit:
            if self._wait_for_allocation(received):
                return
            self._set_state(
                "lapsed",
                self.env._(
                    "%(received)s of %(amount)s arrived until %(date)s.",
                    received=self.currency_id.format(received),
                    amount=self.currency_id.format(self.amount_pay),
                    date=format_date(self.env, self.date_limit),
                ),
            )
            self._leave_force(date)

    def _wait_for_allocation(self, received):
        """The money is there in time, but on account: the settlement waits until it is allocated.

        :param received: what was allocated already
        :return: whether it waits; the officer is told once
        """
        self.ensure_one()
        loose = self._get_open_money(self.date_start, self.date_limit)
        counted = received - sum(loose.mapped("amount_residual_currency"))
        if self.currency_id.compare_amounts(counted, self.amount_pay) < 0:
            return False
        if not self.activity_ids:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("The payment is on account: allocate it to the items"),
                user_id=self.case_id._get_task_owner(self.user_id).id or self.env.uid,
            )
        return True

    def _leave_force(self, date):
        """Out of force: the items return to follow-up, the officer is told."""
        self.ensure_one()
        self.line_ids.sudo().write({"live": False})
        user = self.case_id._get_task_owner(self.user_id)
        if user and self.case_id.state != "closed":
            self.case_id.sudo().activity_schedule(
                "mail.mail_activity_data_call",
                date_deadline=date,
                summary=self.env._(
                    "%(name)s: %(reason)s", name=self.reference, reason=self.state_reason or ""
                ),
                user_id=user.id,
            )
        self.case_id._message_log(
            body=self.env._(
                "%(name)s ended: %(reason)s", name=self.reference, reason=self.state_reason or ""
            )
        )
        self._after_claims_changed()

    # === REMINDERS ===

    @api.model
    def _get_day_field(self):
        return "date_pay"

    @api.model
    def _get_remind_domain(self, company, date, days):
        """Settlements in force; not on the day they begin."""
        return [
            *super()._get_remind_domain(company, date, days),
            ("kind", "=", "settlement"),
            ("state", "=", "accepted"),
            ("date_start", "<", date),
        ]

    def _get_reminder(self):
        return {
            "date": self.date_pay,
            "amount": self.amount_pay - self.amount_received,
            "currency": self.currency_id,
            "reference": self.reference,
        }

    # === RECOVERIES ===

    @api.model
    def _tell_recoveries(self, pairs):
        """Money on account of debtors whose debts were written off: somebody has to book it.

        :param pairs: set of (company id, commercial partner id)
        """
        if not pairs:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id FROM debt_concession c JOIN %s USING (company_id, partner_id)
                 WHERE c.kind = 'write_off' AND c.state = 'done'
                """,
                values_table(
                    "moved",
                    {"company_id": "int", "partner_id": "int"},
                    [(company_id, partner_id or 0) for company_id, partner_id in pairs],
                ),
            )
        )
        for concession in self.sudo().browse([row[0] for row in rows]):
            concession._undo_bounced_recoveries()
            left = concession.amount_written_off - concession.amount_recovered
            if concession.currency_id.compare_amounts(left, 0.0) <= 0:
                continue
            if concession._get_open_money(concession.date_done) and not concession.activity_ids:
                owner = concession.case_id._get_task_owner(concession.user_id)
                concession.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Money arrived after the write-off: book the recovery"),
                    user_id=owner.id or self.env.uid,
                )

    def _undo_bounced_recoveries(self):
        """Take recoveries back whose payment is gone: the loss is a loss again."""
        self.ensure_one()
        if not self.amount_recovered:
            return
        for entry in self.recovery_move_ids.filtered(lambda move: move.state == "posted"):
            receivable = entry.line_ids._filter_receivable()
            if entry.reversal_move_ids or receivable.matched_credit_ids:
                continue
            reason = self.env._("The payment of the recovery was undone.")
            self.amount_recovered -= sum(receivable.mapped("amount_currency"))
            self.env["debt.bookkeeping"]._undo(entry, reason)
            self.case_id._message_log(
                body=self.env._("%(name)s: %(reason)s", name=self.reference, reason=reason)
            )

    def _get_open_money(self, since, until=None):
        """Payments of the debtor on account, of some days, in the currency of the concession.

        :param since, until: dates
        :return: account.move.line
        """
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("partner_id.commercial_partner_id", "=", self.partner_id.id),
            ("account_id.account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("currency_id", "=", self.currency_id.id),
            ("amount_residual_currency", "<", 0),
            ("date", ">=", since),
            "|",
            ("move_id.origin_payment_id", "!=", False),
            "|",
            ("move_id.statement_line_id", "!=", False),
            ("journal_id.type", "in", ("bank", "cash", "credit")),
        ]
        if until:
            domain.append(("date", "<=", until))
        return self.env["account.move.line"].sudo().search(domain, order="date, id")

    def action_recover(self):
        """Book money on account as recovered: the write-off is taken back by that amount."""
        self._check_may_work()
        for concession in self:
            if concession.kind != "write_off" or concession.state != "done":
                raise UserError(self.env._("Only what was written off can be recovered."))
            money = concession._get_open_money(concession.date_done)
            left = concession.amount_written_off - concession.amount_recovered
            if not money or concession.currency_id.compare_amounts(left, 0.0) <= 0:
                raise UserError(
                    self.env._(
                        "There is no payment on account of %(debtor)s to book as recovered.",
                        debtor=concession.partner_id.name,
                    )
                )
            for line in money:
                amount = min(-line.amount_residual_currency, left)
                if concession.currency_id.compare_amounts(amount, 0.0) <= 0:
                    break
                concession._do_recover(line, amount)
                left -= amount
            concession.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        return True

    def _do_recover(self, line, amount):
        """Take the write-off back by an amount and settle the payment with it.

        The entry mirrors the write-off in proportion: bad debt, and tax where it was taken back.

        :param line: account.move.line, the payment on account
        :param amount: in the concession's currency
        """
        self.ensure_one()
        moves = self.sudo().move_ids.filtered(lambda move: move.move_type == "entry")
        if not moves:
            raise UserError(
                self.env._("The write-off was a credit note: book the recovery in accounting.")
            )
        entry = self.env["debt.bookkeeping"]._make_recovery(
            moves, line, amount, self.env._("Recovery of %(name)s", name=self.reference)
        )
        self.sudo().write(
            {
                "amount_recovered": self.amount_recovered + amount,
                "recovery_move_ids": [Command.link(entry.id)],
            }
        )
