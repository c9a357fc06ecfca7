"""Promises: what they take out of follow-up, and how money judges them."""

from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, Form, tagged
from odoo.tools import mute_logger

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_negotiation import NegotiationCommon
from odoo.addons.debt_collection.tools.promise import judge_promise, promise_limit, spread


@tagged("post_install", "-at_install")
class TestPromiseTools(BaseCase):
    """Pure functions: windows, judgement, sharing out."""

    def test_window(self):
        """The tolerance counts calendar days; no limit lies on a day nobody works."""
        saturday, monday = date(2026, 3, 21), date(2026, 3, 23)
        self.assertEqual(promise_limit(saturday, 2), monday)
        self.assertEqual(promise_limit(saturday, 0), monday, "weekend")
        self.assertEqual(promise_limit(saturday, 0, {monday}), date(2026, 3, 24), "holiday")
        self.assertEqual(promise_limit(date(2026, 3, 18), 0), date(2026, 3, 18))
        self.assertEqual(promise_limit(saturday, 0, weekend={4}), saturday, "another weekend")

    def test_promised_on_saturday_credited_on_monday(self):
        """Promised Saturday, transferred Friday, credited Monday, tolerance 2: kept."""
        limit = promise_limit(date(2026, 3, 21), 2)
        monday = date(2026, 3, 23)
        self.assertLessEqual(monday, limit)
        self.assertEqual(judge_promise(100, 100, 0, monday, limit, 0.01), "kept")

    def test_judgement(self):
        """Measured by what was received and what is still open, on both sides of the limit."""
        limit, before, after = date(2026, 3, 20), date(2026, 3, 20), date(2026, 3, 21)
        table = [
            # promised, received, open, day, verdict
            (100, 0, 100, before, "open"),
            (100, 0, 100, after, "broken"),
            (100, 40, 60, before, "open"),
            (100, 40, 60, after, "partly_kept"),
            (100, 100, 0, before, "kept"),
            (100, 99.999, 0, after, "kept"),
            (100, 250, 0, after, "kept"),
            (60, 60, 40, after, "kept"),
            (100, 0, 0, before, "withdrawn"),
            (100, 30, 0, after, "kept"),  # the other 70 were credited
            (100, 0, 30, after, "broken"),
        ]
        for promised, received, still_open, day, verdict in table:
            with self.subTest(promised=promised, received=received, open=still_open, day=day):
                self.assertEqual(
                    judge_promise(promised, received, still_open, day, limit, 0.01), verdict
                )

    def test_spread(self):
        """Each room is filled before the next; the sum is never more than the amount."""
        self.assertEqual(spread(120, [100, 50], 0.01), [100, 20])
        self.assertEqual(spread(500, [100, 50], 0.01), [100, 50])
        self.assertEqual(spread(0, [100, 50], 0.01), [0, 0])
        self.assertEqual(spread(10.05, [10.01, 50], 0.01), [10.01, 0.04])


@tagged("post_install", "-at_install")
class TestPromise(NegotiationCommon):
    # === MAKING ONE ===

    def test_from_the_case(self):
        """The dialog proposes everything collectible; an amount typed goes to the oldest first."""
        action = self.case.with_user(self.officer_a).action_promise()
        form = Form(
            self.env["debt.promise"].with_user(self.officer_a).with_context(**action["context"]),
            view=action["views"][0][0],
        )
        self.assertEqual(form.amount, 150)
        form.amount = 120
        with form.line_ids.edit(0) as line:
            self.assertEqual((line.item_id, line.amount), (self.item, 100))
        with form.line_ids.edit(1) as line:
            self.assertEqual((line.item_id, line.amount), (self.other_item, 20))
        form.promised_by = "Mrs. Baker"
        promise = form.save()
        self.assertRecordValues(
            promise,
            [
                {
                    "state": "open",
                    "amount": 120,
                    "level": 1,
                    "date": self._get_day(7),
                    "date_limit": self._get_day(9),
                    "user_id": self.officer_a.id,
                }
            ],
        )
        self.assertIn("Promised", "".join(self.case.message_ids.mapped("body")))

    def test_from_a_call(self):
        """A call that ends in *promised* opens the dialog, which knows the call."""
        contact = (
            self.env["debt.contact"]
            .with_user(self.officer_a)
            .create(
                {
                    "case_id": self.case.id,
                    "outcome": "promised",
                    "reached": "right_party",
                    "person_name": "Mrs. Baker",
                    "no_next_step_reason": "Promise",
                }
            )
        )
        action = contact.action_saved()
        self.assertEqual(action["res_model"], "debt.promise")
        form = Form(
            self.env["debt.promise"].with_user(self.officer_a).with_context(**action["context"]),
            view=action["views"][0][0],
        )
        promise = form.save()
        self.assertRecordValues(
            promise,
            [{"contact_id": contact.id, "promised_by": "Mrs. Baker", "channel": "call"}],
        )

    def test_takes_exactly_its_part_out(self):
        """The promised part of the promised items is not asked for; the rest is."""
        self._promise(items={self.item: 60})
        self._assert_split(self.item, promised=60, collectible=40)
        self._assert_split(self.other_item, collectible=50)
        self.assertIn("Promised", self.item.claim_words)
        self.assertEqual(self.case.amount_overdue, 150, "owed all the same")

    def test_notice_asks_for_the_rest(self):
        """A notice that waits is corrected at once, and the next one asks for the rest only."""
        notice = self.case.notice_ids
        self.assertEqual(notice.amount_total, 150)
        promise = self._promise(items={self.item: 60})
        self.assertRecordValues(notice, [{"state": "to_approve", "amount_total": 90}])
        promise._do_withdraw("Changed their mind")
        self.assertEqual(notice.amount_total, 150)
        self._promise()
        self.assertEqual(notice.state, "cancelled")
        self.assertEqual(self._get_decision(self._run_day(1)).decision, "claimed")

    def test_one_live_promise_per_item(self):
        """A second one is refused in words; behind them stands the database."""
        first = self._promise(items={self.item: 60})
        with self.assertRaisesRegex(UserError, "promised already"):
            self._promise(items={self.item: 40})
        self._promise(items={self.other_item: 50})
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            first.line_ids.sudo().copy({"agreement_id": first.id, "live": True})

    def test_replace(self):
        """The old promise stays readable; the new one is the second on its items."""
        old = self._promise(items={self.item: 60}, promised_by="Mrs. Baker")
        action = old.with_user(self.officer_a).action_replace()
        form = Form(
            self.env["debt.promise"].with_user(self.officer_a).with_context(**action["context"]),
            view=action["views"][0][0],
        )
        self.assertEqual(form.amount, 60)
        form.date = self._get_day(14)
        new = form.save()
        self.assertRecordValues(
            old | new, [{"state": "replaced", "level": 1}, {"state": "open", "level": 2}]
        )
        self.assertEqual(old.replaced_by_ids, new)
        self._assert_split(self.item, promised=60, collectible=40)

    def test_withdraw(self):
        """With a reason, by who works on the case; the item returns to follow-up."""
        promise = self._promise(items={self.item: 60})
        self._give_reason(promise.with_user(self.officer_a).action_withdraw(), "Cannot pay")
        self.assertRecordValues(promise, [{"state": "withdrawn", "state_reason": "Cannot pay"}])
        self._assert_split(self.item, collectible=100)
        with self.assertRaisesRegex(UserError, "not possible any more"):
            promise.action_withdraw()

    def test_all_problems_at_once(self):
        """One error names everything that is wrong."""
        with self.assertRaises(UserError) as caught:
            self._promise(items={self.item: 600, self.other_item: -5}, amount=7)
        message = str(caught.exception)
        for words in ("only", "above zero", "sum to"):
            self.assertIn(words, message)
        with self.assertRaisesRegex(UserError, "more than is collectible"):
            self._promise(amount=1000)

    def test_policy(self):
        """Too far ahead, too small, too many broken: refused; a senior may, with a reason."""
        self.company.write({"debt_promise_min_share": 50, "debt_promise_max_broken": 1})
        with self.assertRaises(UserError) as caught:
            self._promise(days=60, items={self.item: 10})
        for words in ("60 days ahead", "10.0 %", "senior officer"):
            self.assertIn(words, str(caught.exception))
        with self.assertRaisesRegex(UserError, "reason for an exception"):
            self._promise(days=60, user=self.manager)
        with self.assertRaisesRegex(AccessError, "Only a senior"):
            self._promise(days=60, override_reason="Because I want")
        promise = self._promise(days=60, user=self.manager, override_reason="Court date")
        self.assertRecordValues(
            promise, [{"override_reason": "Court date", "override_user_id": self.manager.id}]
        )
        promise._do_withdraw("Test")
        broken = self._promise(days=1)
        with self._on_day(10):
            self._run_day(10, send=False)
            self.assertEqual(broken.state, "broken")
            with self.assertRaisesRegex(UserError, "were broken"):
                self._promise(days=1)
            with self.assertRaisesRegex(UserError, "has passed"):
                self._promise(days=-1)

    # === JUDGING ===

    def test_kept_by_a_payment(self):
        """Paid before the day: kept at once, in the same transaction."""
        promise = self._promise(items={self.item: 60})
        with self._on_day(3):
            self._pay(self.invoice, 60, payment_date=self._get_day(3))
            self.assertRecordValues(
                promise,
                [{"state": "kept", "amount_received": 60, "kept_count": 1, "is_due": True}],
            )
            self._assert_split(self.item, collectible=40)

    def test_part_payment_then_the_rest(self):
        """What arrives counts down the claim, not the rest that is asked for."""
        promise = self._promise(items={self.item: 60})
        with self._on_day(3):
            self._pay(self.invoice, 25, payment_date=self._get_day(3))
            self.assertRecordValues(promise, [{"state": "open", "amount_received": 25}])
            self._assert_split(self.item, promised=35, collectible=40)
        with self._on_day(9):
            self._run_day(9, send=False)
            self.assertEqual(promise.state, "open", "the tolerance lasts until today")
        with self._on_day(10):
            self._run_day(10, send=False)
            self.assertRecordValues(promise, [{"state": "partly_kept", "kept_count": 0}])
            self._assert_split(self.item, collectible=75)

    def test_broken(self):
        """A call-back task, a higher priority; acted on once; visible for ever."""
        promise = self._promise(days=1, items={self.item: 60})
        score = self.case.priority_score
        tasks = self.case.activity_ids
        with self._on_day(6):
            self._run_day(6, send=False)
            self.assertRecordValues(promise, [{"state": "broken", "date_acted": self._get_day(6)}])
            task = self.case.activity_ids - tasks
            self.assertRecordValues(task, [{"user_id": self.officer_a.id}])
            self.assertIn("Promise not kept", task.summary)
            self.assertIn("Broke a promise", self.case.priority_explanation)
            self.assertGreaterEqual(self.case.priority_score, score + 25)
            task.action_feedback(feedback="Called")
        with self._on_day(7):
            self._run_day(7, send=False)
            self.assertFalse(self.case.activity_ids - tasks, "acted on once")
        self.assertIn(promise, self.case.promise_ids)
        self.assertEqual(
            self.case.search([("broken_promise_count", ">=", 1), ("id", "=", self.case.id)]),
            self.case,
        )

    def test_payment_undone(self):
        """A bounced payment judges again: open while there is time, broken after it."""
        promise = self._promise(items={self.item: 60})
        with self._on_day(3):
            payment = self._pay(self.invoice, 60, payment_date=self._get_day(3))
            self.assertEqual(promise.state, "kept")
            payment.action_draft()
            self.assertRecordValues(promise, [{"state": "open", "amount_received": 0}])
            payment.action_cancel()
            self._assert_split(self.item, promised=60, collectible=40)
            payment = self._pay(self.invoice, 60, payment_date=self._get_day(3))
            self.assertEqual(promise.state, "kept")
        with self._on_day(20):
            payment.action_draft()
            payment.action_cancel()
            self.assertRecordValues(promise, [{"state": "broken", "date_acted": self._get_day(20)}])

    def test_bounced_after_another_promise(self):
        """The item was promised anew meanwhile: the old promise is not waited for a second time."""
        promise = self._promise(items={self.item: 60})
        payment = self._pay(self.invoice, 60)
        again = self._promise(items={self.item: 40})
        self.assertRecordValues(
            promise | again, [{"state": "kept", "level": 1}, {"state": "open", "level": 1}]
        )
        payment.action_draft()
        self.assertRecordValues(promise | again, [{"state": "broken"}, {"state": "open"}])

    def test_booked_late_but_arrived_in_time(self):
        """The day of the payment counts, not the day somebody books it."""
        promise = self._promise(days=1, items={self.item: 60})
        with self._on_day(6):
            self._run_day(6, send=False)
            self.assertEqual(promise.state, "broken")
            task = promise.activity_id
            self.assertTrue(task)
            self._pay(self.invoice, 60, payment_date=self._get_day(1))
            self.assertEqual(promise.state, "kept")
            self.assertFalse(task.exists(), "the task is pointless now")

    def test_paid_too_late(self):
        """Money after the window changes nothing: broken stays broken."""
        promise = self._promise(days=1, items={self.item: 60})
        with self._on_day(6):
            self._run_day(6, send=False)
            self._pay(self.invoice, 100, payment_date=self._get_day(6))
            self.assertEqual(promise.state, "broken")

    def test_what_was_paid_before_does_not_count(self):
        """A payment of the same morning is no part of the promise of the afternoon."""
        self._pay(self.invoice, 40)
        promise = self._promise(items={self.item: 60})
        self.assertEqual(promise.state, "open")
        with self._on_day(10):
            self._run_day(10, send=False)
            self.assertEqual(promise.state, "broken")

    def test_credit_note(self):
        """What is credited need not be paid: the rest keeps the promise; all of it ends it."""
        promise = self._promise(items={self.item: 100})
        self._reconcile_credit(70)
        self._assert_split(self.item, promised=30)
        self._pay(self.invoice, 30)
        self.assertEqual(promise.state, "kept")
        other = self._promise(items={self.other_item: 50})
        self._reconcile_credit(50, self.other)
        self.assertRecordValues(other, [{"state": "withdrawn"}])

    def _reconcile_credit(self, amount, invoice=None):
        """Allocate a credit note to an invoice."""
        credit = self._create_credit_note(amount)
        (self._get_receivable(invoice or self.invoice) | self._get_receivable(credit)).reconcile()

    def test_advance_payment(self):
        """Money on account in the window keeps the earliest promise, allocated or not."""
        first = self._promise(days=1, items={self.item: 60})
        second = self._promise(days=2, items={self.other_item: 50})
        self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.debtor.id,
                "amount": 80,
                "date": TODAY,
            }
        ).action_post()
        with self._on_day(6):
            self._run_day(6, send=False)
            self.assertEqual((first.state, second.state), ("kept", "partly_kept"))
            self.assertEqual(second.amount_kept, 20, "what the first one left")

    def test_overpayment(self):
        """More than was promised keeps it; only what was promised counts for the rate."""
        promise = self._promise(items={self.item: 60})
        self._pay(self.invoice, 100)
        self.assertRecordValues(
            promise, [{"state": "kept", "amount_received": 100, "amount_kept": 60}]
        )

    def test_invoice_reset_to_draft(self):
        """Bookkeeping is free to correct: the promise has nothing left to be about."""
        promise = self._promise(items={self.item: 60})
        self.invoice.button_draft()
        self.assertEqual(promise.state, "withdrawn")
        line = promise.line_ids
        self.invoice.unlink()
        self.assertEqual(line.amount, 60)
        self.assertTrue(line.document_number)

    def test_levels(self):
        """2 after an open, partly kept, broken or withdrawn one; 1 for the rest of a kept one."""
        first = self._promise(days=1, items={self.item: 60})
        first._do_withdraw("x")
        second = self._promise(days=1, items={self.item: 60})
        self.assertEqual(second.level, 2)
        with self._on_day(6):
            self._run_day(6, send=False)
            third = self._promise(days=1, items={self.item: 60})
            self.assertEqual(third.level, 3)
            self._pay(self.invoice, 60, payment_date=self._get_day(6))
            self.assertEqual(third.state, "kept")
        other = self._promise(items={self.other_item: 20})
        self._pay(self.other, 20)
        self.assertEqual(other.state, "kept")
        rest = self._promise(items={self.other_item: 30})
        self.assertEqual(rest.level, 1)

    def test_level_vectors(self):
        """A new promise after an open one is the second; so after a broken one."""
        first = self._promise(days=5, items={self.item: 60})
        again = self._promise(days=6, items={self.item: 60}, replaces_id=first.id)
        self.assertEqual((first.level, again.level), (1, 2))
        broken = self._promise(days=1, items={self.other_item: 50})
        with self._on_day(6):
            self._run_day(6, send=False)
            self.assertEqual(broken.state, "broken")
            self.assertEqual(self._promise(days=1, items={self.other_item: 50}).level, 2)

    def test_level_after_a_part(self):
        """Partly kept: the next promise on the item is the second one."""
        first = self._promise(days=1, items={self.item: 60})
        self._pay(self.invoice, 30)
        with self._on_day(6):
            self._run_day(6, send=False)
            self.assertEqual(first.state, "partly_kept")
            self.assertEqual(self._promise(days=1, items={self.item: 30}).level, 2)

    def test_reminder(self):
        """The day before, once; gone when the money comes. Here the officer is to call."""
        self.company.debt_remind_debtor = False
        promise = self._promise(days=7)
        for day, tasks in ((5, 0), (6, 1), (7, 1)):
            with self._on_day(day):
                self._run_day(day)
                found = self.case.activity_ids.filtered(lambda a: "comes up" in (a.summary or ""))
                self.assertEqual(len(found), tasks, f"day {day}")
        self.assertEqual(promise.date_reminded, self._get_day(6))
        with self._on_day(7):
            self._pay(self.invoice | self.other, group_payment=True, payment_date=self._get_day(7))
            self.assertEqual(promise.state, "kept")
            self.assertFalse(promise.activity_id)

    def test_kept_rate(self):
        """By count and by amount: kept / (kept + partly + broken); partly only in the amounts."""
        kept = self._promise(items={self.item: 60})
        self._pay(self.invoice, 60)
        partly = self._promise(days=1, items={self.other_item: 50})
        self._pay(self.other, 20)
        broken = self._promise(days=1, items={self.item: 40})
        with self._on_day(6):
            self._run_day(6, send=False)
        self.assertEqual(
            (kept.state, partly.state, broken.state), ("kept", "partly_kept", "broken")
        )
        [(user, rate, promised, received, share)] = self.env["debt.promise"]._read_group(
            [("is_due", "=", True), ("case_id", "=", self.case.id)],
            ["user_id"],
            ["kept_count:avg", "amount_company:sum", "kept_company:sum", "kept_share:avg"],
        )
        self.assertEqual(user, self.officer_a)
        self.assertAlmostEqual(rate, 1 / 3, 4)
        self.assertEqual((promised, received), (150, 80))
        self.assertAlmostEqual(float(share), 80 / 150, 4, "weighed by the amounts")
        self.assertEqual(partly.kept_share, 0.4)

    # === FOREIGN CURRENCY, COMPANIES, MERGES, RIGHTS ===

    def test_foreign_currency(self):
        """In the currency of the item, judged in it; one promise has one currency."""
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self._create_overdue_invoice(20, 80, currency_id=currency.id)
        self._run_day(send=False, release=False)
        item = self._get_item(invoice)
        with self.assertRaisesRegex(UserError, "must be in"):
            self._promise(items={item: 30, self.item: 10})
        promise = self._promise(items={item: 30})
        self.assertRecordValues(
            promise, [{"currency_id": currency.id, "amount": 30, "amount_company": 15}]
        )
        self._assert_split(item, promised=30, collectible=50)
        split = item._get_split(TODAY, company_currency=True)[item.id]
        self.assertEqual(split, {"open": 40, "promised": 15, "collectible": 25})
        self._pay(invoice, 30, currency_id=currency.id)
        self.assertEqual(promise.state, "kept")
        self.assertEqual(item._get_split(TODAY)[item.id], {"open": 50, "collectible": 50})

    def test_company(self):
        """Another company's promises are neither seen nor judged."""
        promise = self._promise(days=1)
        other = self.setup_other_company()["company"]
        user = self._create_user("elsewhere", "debt_collection.group_manager", company=other)
        self.assertFalse(self.env["debt.promise"].with_user(user).search([]))
        with self._on_day(9):
            self.env["debt.promise"]._judge_company(other, self._get_day(9))
            self.assertEqual(promise.state, "open")

    def test_merged_debtor(self):
        """Promises follow their items into the case that takes over."""
        promise = self._promise()
        target_debtor = self._create_debtor("Target Ltd")
        self._create_overdue_invoice(10, 30, partner=target_debtor)
        self._run_day(send=False, release=False)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.debtor | target_debtor).ids, target_debtor
        )
        case = self._get_case(target_debtor)
        self.assertEqual(promise.case_id, case)
        self.assertEqual(promise.partner_id, target_debtor)
        self._pay(self.invoice | self.other, group_payment=True)
        self.assertEqual(promise.state, "kept")

    def test_evidence(self):
        """Not deleted, not rewritten, its debtor neither."""
        promise = self._promise()
        with self.assertRaisesRegex(UserError, "evidence"):
            promise.sudo().unlink()
        with self.assertRaises(AccessError):
            promise.with_user(self.officer_a).write({"date": TODAY})
        with self.assertRaises(AccessError):
            promise.line_ids.with_user(self.officer_a).write({"amount": 1})
        with self.assertRaises(AccessError):
            promise.with_user(self.officer_a).write({"state": "kept"})
        promise.with_user(self.officer_a).write({"note": "Called again"})
        debtor = self.debtor
        self.case.sudo().item_ids  # noqa: B018
        with self.assertRaisesRegex(UserError, "evidence|use"):
            debtor.unlink()

    def test_rights(self):
        """An officer takes promises in own and free cases only; readers take none."""
        reader = self._create_user("reader_n", "debt_collection.group_reader")
        for user in (self.officer_b, reader):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._promise(user=user)
        promise = self._promise()
        self.assertFalse(self.env["debt.promise"].with_user(self.officer_b).search([]))
        self.assertEqual(self.env["debt.promise"].with_user(reader).search([]), promise)
        with self.assertRaises(AccessError):
            promise.with_user(reader).action_withdraw()

    def test_preview_changes_nothing(self):
        """A preview judges and takes it back."""
        promise = self._promise(days=1)
        with self._on_day(9):
            self._preview_day(9)
            self.assertRecordValues(promise, [{"state": "open", "date_acted": False}])

    def test_many_at_once(self):
        """Judging does not grow with the number of promises that stay as they are."""
        self._promise(items={self.item: 60})
        self.env.flush_all()
        company = self.company
        self.env["debt.promise"]._judge_company(company, self._get_day(1))
        with self.assertQueryCount(3):
            self.env["debt.promise"]._judge_company(company, self._get_day(1))
