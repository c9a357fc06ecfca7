"""Concessions: the authority matrix, and the documents that what is given up leaves behind."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_negotiation import NegotiationCommon


@tagged("post_install", "-at_install")
class TestConcession(NegotiationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = cls.env["debt.authority"]
        cls.authority.search([]).unlink()
        cls.authority.create(
            [
                {"action": action, "role": role, "amount_max": amount, "percent_max": percent}
                for action, role, amount, percent in (
                    ("settlement", "senior", 50, 40),
                    ("settlement", "manager", 0, 0),
                    ("waiver", "officer", 20, 0),
                    ("waiver", "manager", 0, 0),
                    ("deferment", "officer", 0, 0),
                    ("adjustment", "officer", 60, 0),
                    ("write_off", "manager", 0, 0),
                )
            ]
        )
        cls.bad_debt = cls.company_data["default_account_expense"].copy({"name": "Bad debts"})
        cls.company.debt_writeoff_account_id = cls.bad_debt
        cls.tax = cls.company_data["default_tax_sale"]
        cls.case.team_id = cls.env["debt.team"].create(
            {"name": "T", "leader_id": cls.senior.id, "member_ids": cls.officer_a.ids}
        )

    def _concede(self, kind, items=None, user=None, submit=True, **values):
        """A concession over items with an amount each (default: the first item, all of it)."""
        lines = [
            Command.create({"item_id": item.id, "amount": amount})
            for item, amount in (items or {self.item: 100}).items()
        ]
        concession = (
            self.env["debt.concession"]
            .with_user(user or self.officer_a)
            .create(
                {
                    "case_id": self.case.id,
                    "kind": kind,
                    "reason": "Reasonable",
                    "line_ids": lines,
                    **values,
                }
            )
        )
        if submit:
            concession.action_submit()
        return concession

    def _settle(self, pay=70, days=7, **values):
        """A settlement of the first item that the debtor has accepted."""
        settlement = self._concede(
            "settlement",
            user=self.manager,
            amount_pay=pay,
            date_pay=TODAY + timedelta(days=days),
            **values,
        )
        action = settlement.action_accept()
        self.env["debt.agreement.accept"].with_user(self.manager).with_context(
            **action["context"]
        ).create({"accepted_by": "Mrs. Baker", "how": "email"}).action_confirm()
        return settlement

    def _get_taxed_item(self):
        """An item of an invoice with a tax of 15 %: open is 115."""
        invoice = self._create_overdue_invoice(
            10,
            invoice_line_ids=[
                Command.create(
                    {"name": "x", "price_unit": 100, "tax_ids": [Command.set(self.tax.ids)]}
                )
            ],
        )
        self._run_day(send=False, release=False)
        return self._get_item(invoice)

    def _get_balances(self, move):
        """Balance per account of an entry."""
        result = {}
        for line in move.line_ids:
            result[line.account_id] = result.get(line.account_id, 0) + line.balance
        return {account: round(balance, 2) for account, balance in result.items()}

    # === AUTHORITY ===

    def test_matrix(self):
        """Action × amount × share × age × role × company: who decides alone."""
        company, may = self.company, self.authority._may_grant
        self.authority.create(
            {"action": "write_off", "role": "senior", "amount_max": 10, "age_min": 90}
        )
        elsewhere = self.setup_other_company()["company"]
        self.authority.create({"action": "plan", "role": "officer", "company_id": elsewhere.id})
        table = [
            # user, action, amount, percent, age, may
            (self.senior, "settlement", 50, 40, 0, True),
            (self.senior, "settlement", 50.01, 40, 0, False),
            (self.senior, "settlement", 50, 40.1, 0, False),
            (self.officer_a, "settlement", 1, 1, 0, False),
            (self.manager, "settlement", 10**6, 100, 0, True),
            (self.officer_a, "waiver", 20, 100, 0, True),
            (self.manager, "waiver", 21, 0, 0, True),
            (self.senior, "write_off", 10, 0, 89, False),
            (self.senior, "write_off", 10, 0, 90, True),
            (self.officer_a, "plan", 10, 0, 0, False),
        ]
        for user, action, amount, percent, age, expected in table:
            with self.subTest(user=user.login, action=action, amount=amount, age=age):
                self.assertEqual(may(user, company, action, amount, percent, age), expected)

    def test_routing(self):
        """To the next who may: the senior up to her limits, the manager beyond; not to oneself."""
        small = self._concede("settlement", amount_pay=70)
        self.assertRecordValues(small, [{"state": "to_approve", "approver_id": self.senior.id}])
        self.assertEqual((small.amount_forgiven, small.percent), (30, 30))
        large = self._concede("settlement", {self.other_item: 50}, amount_pay=10)
        self.assertEqual(large.percent, 80)
        self.assertNotEqual(large.approver_id, self.senior)
        self.assertTrue(large.approver_id.has_group("debt_collection.group_manager"))
        with self.assertRaisesRegex(AccessError, "does not cover"):
            large.with_user(self.senior).action_approve()
        with self.assertRaisesRegex(AccessError, "asked for themselves"):
            small.action_approve()
        small.with_user(self.senior).action_approve()
        self.assertRecordValues(small, [{"state": "approved", "approved_by_id": self.senior.id}])

    def test_asks_above_even_who_is_alone(self):
        """The only manager cannot approve what they asked for as the officer."""
        self.authority.search([]).unlink()
        self.authority.create(
            {"action": "write_off", "role": "manager", "user_ids": self.manager.ids}
        )
        concession = self._concede("write_off", submit=False)
        concession.sudo().user_id = self.manager
        with self.assertRaisesRegex(UserError, "Nobody else may grant"):
            concession.with_user(self.officer_a).action_submit()

    def test_refused_and_expired(self):
        refused = self._concede("settlement", amount_pay=70)
        self._give_reason(refused.with_user(self.senior).action_refuse(), "Can pay all")
        self.assertEqual(refused.state, "refused")
        offer = self._concede("settlement", user=self.manager, amount_pay=70, date_expire=TODAY)
        with self._on_day(1):
            self._run_day(1, send=False)
            self.assertEqual(offer.state, "expired")
            with self.assertRaises(UserError):
                offer.action_accept()

    def test_all_problems_at_once(self):
        with self.assertRaises(UserError) as caught:
            self._concede("settlement", amount_pay=100, date_pay=TODAY - timedelta(days=1))
        for words in ("in the past", "less than"):
            self.assertIn(words, str(caught.exception))
        self.company.debt_writeoff_account_id = False
        with self.assertRaisesRegex(UserError, "bad debt account"):
            self._concede("write_off", user=self.manager)

    # === SETTLEMENT ===

    def test_from_the_case(self):
        action = self.case.with_user(self.officer_a).action_settle()
        form = Form(
            self.env["debt.concession"].with_user(self.officer_a).with_context(**action["context"]),
            view=action["views"][0][0],
        )
        self.assertEqual(form.amount, 150)
        form.reason = "Half is better than nothing"
        form.amount_pay = 100
        self.assertEqual(form.amount_forgiven, 50)
        self.assertEqual(form.document, "credit_note")
        settlement = form.save()
        settlement.action_submit()
        self.assertEqual(settlement.state, "to_approve")

    def test_settlement_paid(self):
        """Silent until the day; paid: the rest is credited, the item is gone."""
        settlement = self._settle()
        self.assertRecordValues(settlement, [{"state": "accepted", "accepted_by": "Mrs. Baker"}])
        self._assert_split(self.item, promised=100)
        self._assert_split(self.other_item, collectible=50)
        with self._on_day(5):
            self._pay(self.invoice, 30, payment_date=self._get_day(5))
            self.assertRecordValues(settlement, [{"state": "accepted", "amount_received": 30}])
            self._assert_split(self.item, promised=70)
            self._pay(self.invoice, 40, payment_date=self._get_day(5))
            self.assertRecordValues(settlement, [{"state": "done", "amount_received": 70}])
        refund = settlement.sudo().move_ids
        self.assertRecordValues(refund, [{"move_type": "out_refund", "amount_total": 30}])
        self.assertTrue(self._get_receivable(self.invoice).reconciled)
        self.assertTrue(self._get_receivable(refund).reconciled)
        self.assertTrue(self.item.date_out)

    def test_settlement_lapses(self):
        """Not paid by the day: all of it is owed again, the officer is told."""
        settlement = self._settle()
        with self._on_day(10):
            self._run_day(10, send=False)
            self.assertEqual(settlement.state, "lapsed")
            self._assert_split(self.item, collectible=100)
            self.assertIn(settlement.reference, "".join(self.case.activity_ids.mapped("summary")))

    def test_settlement_paid_on_account(self):
        """The money is there in time but not allocated: it waits, and is done with the money."""
        settlement = self._settle()
        with self._on_day(5):
            payment = self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.debtor.id,
                    "amount": 75,
                    "date": self._get_day(5),
                }
            )
            payment.action_post()
        for day in (10, 11):
            with self._on_day(day):
                self._run_day(day, send=False)
                self.assertEqual(settlement.state, "accepted")
                self.assertEqual(len(settlement.activity_ids), 1, "told once")
        with self._on_day(12):
            money = payment.move_id.line_ids._filter_receivable()
            (money | self._get_receivable(self.invoice)).reconcile()
            self.assertRecordValues(settlement, [{"state": "done", "amount_received": 75}])
            self.assertTrue(self._get_receivable(self.invoice).reconciled)

    def test_settlement_bounces(self):
        """The payment bounces: what was forgiven for it is owed again, documents go back."""
        settlement = self._settle()
        payment = self._pay(self.invoice, 70)
        self.assertEqual(settlement.state, "done")
        refund = settlement.sudo().move_ids
        payment.action_draft()
        payment.action_cancel()
        self.assertRecordValues(settlement, [{"state": "accepted", "move_ids": []}])
        self.assertEqual(self._get_receivable(self.invoice).amount_residual, 100)
        self.assertTrue(all(self._get_receivable(refund).mapped("reconciled")))
        self._assert_split(self._get_item(self.invoice), promised=100)
        self._pay(self.invoice, 70)
        self.assertEqual(settlement.state, "done")
        self.assertTrue(self._get_receivable(self.invoice).reconciled)

    def test_settlement_bounces_late(self):
        settlement = self._settle()
        payment = self._pay(self.invoice, 70)
        with self._on_day(30):
            payment.action_draft()
            payment.action_cancel()
            self.assertEqual(settlement.state, "lapsed")
            self.assertEqual(self._get_receivable(self.invoice).amount_residual, 100)

    def test_cancelled(self):
        settlement = self._settle()
        self._give_reason(settlement.action_cancel(), "Void")
        self.assertEqual(settlement.state, "cancelled")
        self._assert_split(self.item, collectible=100)

    # === WAIVER, ADJUSTMENT, DEFERMENT ===

    def test_waiver_and_undo(self):
        """Granted within one's authority: credited at once; reinstated in one step."""
        waiver = self._concede("waiver", {self.item: 20})
        self.assertRecordValues(waiver, [{"state": "done", "approved_by_id": self.officer_a.id}])
        self._assert_split(self.item, collectible=80)
        self.assertEqual(waiver.sudo().move_ids.move_type, "out_refund")
        self._give_reason(waiver.action_undo(), "Wrong debtor")
        self.assertEqual(waiver.state, "undone")
        self._assert_split(self.item, collectible=100)

    def test_adjustment(self):
        adjustment = self._concede("adjustment", {self.item: 3.33})
        move = adjustment.sudo().move_ids
        self.assertEqual(move.move_type, "entry")
        self.assertEqual(self._get_balances(move)[self.bad_debt], 3.33)
        self._assert_split(self.item, collectible=96.67)

    def test_deferment(self):
        """Left alone until its day, inclusive; ends by itself."""
        deferment = self._concede("deferment", date_until=self._get_day(5))
        self.assertEqual(deferment.state, "accepted")
        self._assert_split(self.item, hold=100)
        self.assertIn("Reasonable", self.item.claim_words)
        with self._on_day(5):
            self._run_day(5, send=False)
            self._assert_split(self.item, hold=100)
        with self._on_day(6):
            self._run_day(6, send=False)
            self.assertEqual(deferment.state, "done")
            self._assert_split(self.item, collectible=100)

    # === WRITE-OFF ===

    def test_write_off(self):
        """Bad debt against the receivable, reconciled; the item leaves as written off."""
        concession = self._concede("write_off", user=self.manager)
        move = concession.sudo().move_ids
        receivable = self._get_receivable(self.invoice)
        self.assertEqual(
            self._get_balances(move), {receivable.account_id: -100, self.bad_debt: 100}
        )
        self.assertTrue(all(move.line_ids._filter_receivable().mapped("reconciled")))
        self.assertEqual(self.item.exit_reason, "written_off")

    def test_write_off_with_tax(self):
        """Where the law allows it the tax contained goes back to its account, with its tags."""
        self.company.debt_writeoff_tax = True
        item = self._get_taxed_item()
        concession = self._concede("write_off", {item: 57.5}, user=self.manager)
        move = concession.sudo().move_ids
        balances = self._get_balances(move)
        self.assertEqual(balances[self.bad_debt], 50)
        self.assertEqual(balances[self.company_data["default_account_tax_sale"]], 7.5)
        self.assertEqual(item.amount_residual, 57.5)
        tax_line = move.line_ids.filtered("tax_repartition_line_id")
        self.assertEqual(tax_line.tax_line_id, self.tax)

    def test_write_off_in_foreign_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 3.0)])
        invoice = self._create_overdue_invoice(20, 100, currency_id=currency.id)
        self._run_day(send=False, release=False)
        item = self._get_item(invoice)
        self._concede("write_off", {item: 50}, user=self.manager)
        line = self._get_receivable(invoice)
        self.assertEqual((line.amount_residual_currency, line.amount_residual), (50, 16.66))
        self._concede("write_off", {item: 50}, user=self.manager)
        self.assertTrue(line.reconciled)
        self.assertEqual((line.amount_residual_currency, line.amount_residual), (0, 0))

    def test_write_off_of_cash_basis_taxes(self):
        """A credit note against bad debt: an entry would make the lost tax due."""
        self.company.tax_exigibility = True
        transition = self.company_data["default_account_tax_sale"].copy({"reconcile": True})
        self.tax.write(
            {
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
            }
        )
        item = self._get_taxed_item()
        concession = self._concede("write_off", {item: 115}, user=self.manager)
        move = concession.sudo().move_ids
        self.assertEqual(move.move_type, "out_refund")
        self.assertEqual(self._get_balances(move)[self.bad_debt], 100)
        tax_due = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.company_data["default_account_tax_sale"].id),
                ("move_id.tax_cash_basis_rec_id", "!=", False),
            ]
        )
        self.assertEqual(sum(tax_due.mapped("balance")), 0, "no tax is due on what was lost")

    def test_locked_period(self):
        """Dated on the first open day."""
        lock = TODAY + timedelta(days=4)
        self.company.sudo().fiscalyear_lock_date = lock
        concession = self._concede("write_off", user=self.manager)
        self.assertEqual(concession.sudo().move_ids.date, lock + timedelta(days=1))

    def _recover(self):
        """A write-off of 115, of which a payment of 46 is booked as recovered.

        :return: (debt.concession, account.payment)
        """
        self.company.debt_writeoff_tax = True
        item = self._get_taxed_item()
        concession = self._concede("write_off", {item: 115}, user=self.manager)
        with self.assertRaisesRegex(UserError, "no payment on account"):
            concession.action_recover()
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.debtor.id,
                "amount": 46,
                "date": TODAY,
            }
        )
        payment.action_post()
        self.env.cr.precommit.run()
        self.assertIn("recovery", concession.activity_ids.summary)
        concession.action_recover()
        self.assertRecordValues(concession, [{"amount_written_off": 115, "amount_recovered": 46}])
        self.assertFalse(concession.activity_ids)
        balances = self._get_balances(concession.sudo().recovery_move_ids)
        self.assertEqual(balances[self.bad_debt], -40)
        self.assertEqual(balances[self.company_data["default_account_tax_sale"]], -6)
        self.assertTrue(payment.move_id.line_ids._filter_receivable().reconciled)
        return concession, payment

    def test_recovery(self):
        """Money after the write-off: told, booked in one step, the write-off shrinks by it."""
        concession, _payment = self._recover()
        with self.assertRaisesRegex(UserError, "recovered already"):
            concession._do_undo("x")

    def test_recovery_bounces(self):
        """The payment of a recovery is undone: the loss is a loss again, the books are clean."""
        concession, payment = self._recover()
        entry = concession.sudo().recovery_move_ids
        payment.action_draft()
        payment.action_cancel()
        self.env.cr.precommit.run()
        self.assertEqual(concession.amount_recovered, 0)
        self.assertEqual(len(entry.reversal_move_ids), 1)
        self.assertTrue(entry.line_ids._filter_receivable().reconciled, "with its reversal")
        balances = self._get_balances(entry | entry.reversal_move_ids)
        self.assertEqual(balances[self.bad_debt], 0)
        concession._do_undo("Written off by mistake")
        self.assertEqual(concession.state, "undone")

    # === RIGHTS ===

    def test_rights(self):
        with self.assertRaises(AccessError):
            self._concede("waiver", {self.item: 1}, user=self.officer_b)
        waiver = self._concede("waiver", {self.item: 15})
        with self.assertRaises(AccessError):
            waiver.write({"state": "undone"})
        for forged in (
            {"state": "approved"},
            {"approved_by_id": self.manager.id},
            {"line_ids": [Command.create({"item_id": self.item.id, "amount": 5, "live": True})]},
        ):
            with self.assertRaisesRegex(AccessError, "follow from the buttons"):
                self.env["debt.concession"].with_user(self.officer_a).create(
                    {"case_id": self.case.id, "kind": "waiver", "reason": "x", **forged}
                )
        with self.assertRaises(AccessError):
            waiver.write({"amount_pay": 1})
        with self.assertRaisesRegex(UserError, "evidence"):
            waiver.sudo().unlink()
        draft = self._concede("settlement", submit=False, amount_pay=10)
        draft.write({"amount_pay": 20})
        with self.assertRaises(AccessError):
            draft.write({"approved_by_id": self.officer_a.id})
