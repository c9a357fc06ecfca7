"""Holds: dated reasons not to chase a case or some of its items, which always end."""

from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


@tagged("post_install", "-at_install")
class TestHold(DebtCommon):
    """A debtor with two late invoices, 100 and 50."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._create_overdue_invoice(10, 100)
        cls.other = cls._create_overdue_invoice(9, 50)
        cls.first_run = cls._run_day()
        cls.case = cls._get_case()
        cls.notice = cls.first_run.notice_ids
        cls.item = cls.case.item_ids.filtered(lambda item: item.move_line_id.move_id == cls.invoice)
        cls.other_item = cls.case.item_ids - cls.item

    def _hold(self, days=10, **values):
        """Put the case on hold until so many days after TODAY."""
        return self.env["debt.hold"].create(
            {
                "case_id": self.case.id,
                "reason": "Asked for time",
                "date_to": TODAY + timedelta(days=days),
                **values,
            }
        )

    def _get_notes(self):
        return "".join(self.case.message_ids.mapped("body"))

    # === WHOLE CASE ===

    def test_case_hold_blocks(self):
        """On hold: the state says so, the chatter why, and the run leaves the debtor alone."""
        self._hold()
        self.assertEqual(self.case.state, "on_hold")
        self.assertIn("Asked for time", self._get_notes())
        self.assertIn("Asked for time", self.case.blocking_words)
        run = self._run_day(10)
        line = self._get_decision(run)
        self.assertEqual(line.decision, "blocked")
        self.assertIn("Asked for time", line.reason)
        self.assertFalse(run.notice_ids)

    def test_hold_cancels_what_has_not_left(self):
        """E-mail in the queue, or waiting for approval: neither goes out."""
        mail = self.notice.mail_id
        self._hold()
        self.assertRecordValues(self.notice, [{"state": "cancelled"}])
        self.assertEqual(mail.state, "cancel")

    def test_hold_blocks_the_contact_gate(self):
        """The one owner of the question *may we contact them* says no, until the hold ends."""
        self._hold(days=3)
        permission = self.debtor._get_contact_permissions(self.company, "email")[self.debtor.id]
        self.assertFalse(permission.allowed)
        self.assertIn("Asked for time", permission.reasons[0])
        with freeze_time(TODAY + timedelta(days=4)):
            permission = self.debtor._get_contact_permissions(self.company, "email")
            self.assertTrue(permission[self.debtor.id].allowed)

    def test_expiry(self):
        """The last day still counts; on the day after, the run releases with a note."""
        hold = self._hold(days=5)
        with freeze_time(TODAY + timedelta(days=5)):
            self._run_day(5)
            self.assertEqual((hold.state, self.case.state), ("active", "on_hold"))
        with freeze_time(TODAY + timedelta(days=6)):
            run = self._run_day(6)
            self.assertEqual(run.holds_released, 1)
            self.assertRecordValues(
                hold, [{"state": "released", "date_released": TODAY + timedelta(days=6)}]
            )
            self.assertEqual(self.case.state, "open")
            self.assertIn("The hold reached its last day.", self._get_notes())

    def test_follow_up_goes_on_after_expiry(self):
        """The reminder the hold stopped comes up again when it is over."""
        self._hold(days=8)
        with freeze_time(TODAY + timedelta(days=9)):
            run = self._run_day(9)
            self.assertEqual(run.notice_ids.level_id, self.level_reminder)
            self.assertEqual(run.notice_ids.state, "queued")

    def test_hold_that_begins_later(self):
        """Until its first day nothing changes; from then on the run honours it."""
        self._hold(days=20, date_from=TODAY + timedelta(days=10))
        self.assertEqual((self.case.state, self.notice.state), ("open", "queued"))
        with freeze_time(TODAY + timedelta(days=12)):
            run = self._run_day(12)
            self.assertEqual(self.case.state, "on_hold")
            self.assertEqual(self._get_decision(run).decision, "blocked")

    def test_two_holds(self):
        """The case stays on hold until the last of its holds has ended."""
        first, second = self._hold(days=5), self._hold(days=9)
        first.action_release()
        self.assertEqual((first.state, self.case.state), ("released", "on_hold"))
        second.action_release()
        self.assertEqual(self.case.state, "open")

    def test_release_by_hand(self):
        """Released today, by whom is kept; a second release changes nothing."""
        hold = self._hold()
        hold.with_user(self.officer_a).action_release()
        self.assertRecordValues(hold, [{"state": "released", "date_released": TODAY}])
        self.assertIn(self.officer_a.name, hold.release_reason)
        self.assertEqual(self.case.state, "open")
        reason = hold.release_reason
        hold.action_release()
        self.assertEqual(hold.release_reason, reason)

    def test_release_all_from_the_case(self):
        """One button ends all holds of a case."""
        holds = self._hold() | self._hold(item_ids=self.item.ids)
        self.case.action_release_holds()
        self.assertEqual(set(holds.mapped("state")), {"released"})

    # === SOME ITEMS ===

    def test_item_hold(self):
        """Only the item on hold is left out: of the figures, of the notice, of the next one."""
        self._hold(item_ids=self.item.ids)
        self.assertEqual(self.case.state, "open")
        self.assertEqual(self.item.amount_collectible, 0)
        self.assertIn("Asked for time", self.item.claim_words)
        self.assertEqual(self.other_item.amount_collectible, 50)
        self.assertFalse(self.other_item.claim_words)
        self.assertEqual(self.case.amount_overdue, 150, "owed all the same")
        self.assertRecordValues(self.notice, [{"state": "ready", "amount_total": 50.0}])
        self.assertEqual(self.notice.item_ids.item_id, self.other_item)

    def test_all_items_on_hold(self):
        """Every item set aside one by one: nothing to do, and the run says why."""
        self._hold(item_ids=self.case.item_ids.ids)
        self.assertEqual(self.notice.state, "cancelled")
        decision = self._get_decision(self._run_day(10))
        self.assertEqual(decision.decision, "claimed")
        self.assertIn("on hold", decision.reason)

    def test_item_hold_expires(self):
        """The item is collectible again on the day after."""
        self._hold(days=3, item_ids=self.item.ids)
        figures = self.item._get_collectible_amounts(TODAY + timedelta(days=3))
        self.assertEqual(figures[self.item.id][0], 0)
        figures = self.item._get_collectible_amounts(TODAY + timedelta(days=4))
        self.assertEqual(figures[self.item.id], (100.0, []))

    def test_item_of_another_case(self):
        """Items on hold belong to the case on hold."""
        stranger = self._create_debtor("Stranger Ltd")
        self._create_overdue_invoice(10, 70, partner=stranger)
        self._run_day(1)
        with self.assertRaises(ValidationError):
            self._hold(item_ids=self._get_case(stranger).item_ids.ids)

    # === ON PAYMENT ===

    def test_release_on_payment(self):
        """A hold that waits for money ends when some arrives."""
        hold = self._hold(release_on_payment=True)
        self._pay(self.invoice, 30)
        self.assertRecordValues(hold, [{"state": "released", "release_reason": "Money arrived."}])
        self.assertEqual(self.case.state, "open")

    def test_release_on_unallocated_payment(self):
        """Money that is not matched yet is money too."""
        hold = self._hold(release_on_payment=True)
        self._create_credit_note(30)
        self.env.cr.precommit.run()
        self.assertEqual(hold.state, "released")

    def test_payment_does_not_end_other_holds(self):
        """Without that wish the hold lasts to its day."""
        hold = self._hold()
        self._pay(self.invoice, 30)
        self.assertEqual((hold.state, self.case.state), ("active", "on_hold"))

    def test_a_changed_document_is_no_money(self):
        """A new due date, a blocked document or an undone payment does not end the hold."""
        payment = self._pay(self.invoice, 30)
        hold = self._hold(release_on_payment=True)
        payment.action_draft()
        payment.action_cancel()
        self.item.move_line_id.date_maturity = TODAY - timedelta(days=2)
        self.other.action_toggle_block_payment()
        self.assertEqual(self.case.amount_overdue, 100)
        self.assertEqual(hold.state, "active")

    # === RULES ===

    @mute_logger("odoo.sql_db")
    def test_end_before_begin(self):
        """A hold cannot end before it begins."""
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._hold(days=-1)

    def test_end_is_required(self):
        """There is no hold without an end."""
        field = self.env["debt.hold"]._fields["date_to"]
        self.assertTrue(field.required)

    def test_kept_as_evidence(self):
        """A hold is released, never deleted nor turned into another one."""
        hold = self._hold()
        with self.assertRaises(UserError):
            hold.sudo().unlink()
        with self.assertRaises(AccessError):
            hold.with_user(self.manager).write({"state": "released"})
        with self.assertRaises(AccessError):
            hold.with_user(self.manager).write({"item_ids": [(6, 0, self.item.ids)]})

    def test_longer_and_shorter(self):
        """The last day may be moved: the case follows."""
        hold = self._hold(days=5)
        with freeze_time(TODAY + timedelta(days=7)):
            hold.with_user(self.officer_a).date_to = TODAY + timedelta(days=9)
            self._run_day(7)
            self.assertEqual((hold.state, self.case.state), ("active", "on_hold"))

    def test_settled_while_on_hold(self):
        """Paid in full: the case closes, hold or not."""
        self._hold()
        self._pay(self.invoice | self.other, group_payment=True)
        self.assertEqual((self.case.state, self.case.outcome), ("closed", "paid"))
