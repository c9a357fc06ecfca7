"""Debtors are merged, get a parent, are archived or deleted: Odoo decides, the cases follow."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


@tagged("post_install", "-at_install")
class TestPartnerMerge(DebtCommon):
    """Odoo's own wizard, with cases on either side."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.double = cls._create_debtor("Late Limited")
        cls._create_overdue_invoice(10, 100)
        cls._create_overdue_invoice(25, 40, partner=cls.double)

    def _merge(self, source=None, destination=None):
        """Merge two partners with Odoo's wizard."""
        source, destination = source or self.double, destination or self.debtor
        self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": (source | destination).ids,
                "dst_partner_id": destination.id,
                "state": "selection",
            }
        ).action_merge()
        self.env.invalidate_all()

    def _get_open_cases(self, partner):
        return self.env["debt.case"].search(
            [("partner_id", "=", partner.id), ("state", "!=", "closed")]
        )

    def test_two_open_cases_become_one(self):
        """The destination's case takes all items; the other one closes as merged."""
        self._run_day().notice_ids.sudo()._set_sent()
        case, gone = self._get_case(), self._get_case(self.double)
        self._merge()
        self.assertFalse(self.double.exists())
        self.assertEqual(self._get_open_cases(self.debtor), case)
        self.assertRecordValues(
            case,
            [
                {
                    "amount_overdue": 140.0,
                    "item_count": 2,
                    "oldest_due_date": TODAY - timedelta(days=25),
                    "level_id": self.level_formal_reminder.id,
                    "last_notice_date": TODAY,
                }
            ],
        )
        self.assertRecordValues(
            gone,
            [
                {
                    "state": "closed",
                    "outcome": "merged",
                    "partner_id": self.debtor.id,
                    "amount_overdue": 0.0,
                    "item_count": 0,
                }
            ],
        )
        self.assertFalse(gone.item_ids)
        self.assertIn(case.reference, "".join(gone.message_ids.mapped("body")))
        self.assertIn(gone.reference, "".join(case.message_ids.mapped("body")))

    def test_next_run_after_the_merge(self):
        """The merged case is worked as one: nothing left over, one notice for all items."""
        self._run_day()
        case = self._get_case()
        self.env["debt.notice"].search([]).sudo()._set_sent()
        self._merge()
        run = self._run_day(11)
        self.assertEqual((run.cases_opened, run.items_entered, run.items_left), (0, 0, 0))
        notice = run.notice_ids
        self.assertEqual(len(notice), 1)
        self.assertEqual(notice.case_id, case)
        self.assertEqual(notice.amount_total, 140)

    def test_evidence_follows(self):
        """Sent notices, contacts, holds and activities of both are found on the one case."""
        run = self._run_day()
        case, gone = self._get_case(), self._get_case(self.double)
        notices = run.notice_ids
        self.assertEqual(len(notices), 2, "both got a notice on the same day")
        notices.sudo()._set_sent()
        contact = self.env["debt.contact"].create(
            {
                "case_id": gone.id,
                "date": "2026-03-17 10:00:00",
                "outcome": "other",
                "note": "Will look into it",
                "no_next_step_reason": "They come back to us",
            }
        )
        hold = self.env["debt.hold"].create(
            {"case_id": gone.id, "reason": "Asked for time", "date_to": "2026-03-25"}
        )
        item_hold = self.env["debt.hold"].create(
            {
                "case_id": gone.id,
                "item_ids": gone.item_ids.ids,
                "reason": "Looks at the delivery",
                "date_to": "2026-03-25",
            }
        )
        activity = gone.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.uid)
        bodies = {notice.id: notice.body for notice in notices}
        self._merge()
        self.assertEqual(case.notice_ids, notices)
        self.assertEqual(set(notices.mapped("state")), {"sent"})
        self.assertEqual(notices.partner_id, self.debtor)
        self.assertEqual({n.id: n.body for n in notices}, bodies, "the text is what was sent")
        self.assertIn(contact, case.contact_ids)
        self.assertEqual(contact.partner_id, self.debtor)
        self.assertEqual(contact.note, "Will look into it")
        self.assertEqual(case.hold_ids, hold | item_hold)
        self.assertEqual(item_hold.item_ids.case_id, case)
        self.assertEqual(case.state, "on_hold")
        self.assertEqual(activity.res_id, case.id)
        self.assertFalse(gone.activity_ids)

    def test_waiting_notices_are_cancelled(self):
        """What waited for approval told half of the debt: it does not go out."""
        run = self._run_day(release=False)
        waiting = run.notice_ids.filtered(lambda notice: notice.partner_id == self.double)
        self.assertEqual(waiting.state, "to_approve")
        self._merge()
        self.assertEqual(waiting.state, "cancelled")
        self.assertEqual(
            waiting.case_id, self._get_open_cases(self.debtor), "kept on the case that remains"
        )

    def test_queued_notice_of_the_merged_debtor(self):
        """An e-mail on its way about the source's items alone is withdrawn."""
        run = self._run_day()
        queued = run.notice_ids.filtered(lambda notice: notice.partner_id == self.double)
        mail = queued.mail_id
        self._merge()
        self.assertEqual((queued.state, mail.state), ("cancelled", "cancel"))

    def test_closed_cases_keep_their_history(self):
        """Closed cases of the source are the destination's afterwards."""
        self._run_day()
        gone = self._get_case(self.double)
        self._pay(gone.open_item_ids.move_line_id.move_id)
        self.assertEqual(gone.state, "closed")
        self._merge()
        self.assertRecordValues(
            gone, [{"state": "closed", "outcome": "paid", "partner_id": self.debtor.id}]
        )
        self.assertEqual(len(gone.notice_ids), 1)

    def test_case_into_debtor_without_case(self):
        """Only the source had a case: it is the destination's now."""
        self._run_day()
        case = self._get_case(self.double)
        clean = self._create_debtor("Clean Ltd")
        self._merge(destination=clean)
        self.assertRecordValues(
            case, [{"state": "open", "partner_id": clean.id, "amount_overdue": 40.0}]
        )
        self.assertEqual(case.notice_ids.partner_id, clean)
        run = self._run_day(1)
        self.assertEqual((run.cases_opened, run.items_left), (0, 0))

    def test_debtor_without_case_into_case(self):
        """Only the destination had a case: it stays as it was."""
        self._run_day()
        case = self._get_case()
        self._merge(source=self._create_debtor("Clean Ltd"))
        self.assertRecordValues(case, [{"state": "open", "amount_overdue": 100.0}])

    def test_credits_of_the_source_count(self):
        """The source's unallocated payment covers the destination's debt afterwards."""
        giver = self._create_debtor("Giver Ltd")
        self._create_credit_note(100, partner=giver)
        self._run_day()
        case = self._get_case()
        self._merge(source=giver)
        self.assertEqual((case.amount_overdue, case.amount_credit), (100.0, 100.0))

    def test_three_at_once(self):
        """Three cases become one."""
        third = self._create_debtor("Late Inc")
        self._create_overdue_invoice(30, 7, partner=third)
        self._run_day()
        self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": (self.debtor | self.double | third).ids,
                "dst_partner_id": self.debtor.id,
                "state": "selection",
            }
        ).action_merge()
        self.env.invalidate_all()
        self.assertEqual(self._get_open_cases(self.debtor).amount_overdue, 147)

    def test_strategy_by_hand_survives(self):
        """Odoo's merge carries our company-dependent choices over."""
        strategy = self.strategy.copy({"name": "Gentle"})
        self.double.debt_strategy_id = strategy
        self._merge()
        self.assertEqual(self.debtor.debt_strategy_id, strategy)


@tagged("post_install", "-at_install")
class TestParents(DebtCommon):
    """A debtor becomes part of a group."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parent = cls._create_debtor("Holding Ltd")
        cls.invoice = cls._create_overdue_invoice(10, 100)

    def _reparent(self):
        """Make the debtor a contact of the parent: it is no debtor of its own any more."""
        self.debtor.write({"is_company": False, "parent_id": self.parent.id})
        self.assertEqual(self.debtor.commercial_partner_id, self.parent)

    def test_parent_without_case(self):
        """The case moves to the parent with everything in it."""
        run = self._run_day()
        case = self._get_case()
        self._reparent()
        self.assertRecordValues(
            case,
            [{"partner_id": self.parent.id, "state": "open", "amount_overdue": 100.0}],
        )
        self.assertEqual(run.notice_ids.partner_id, self.parent)
        self.assertEqual(case.item_ids.mapped("date_out"), [False])
        again = self._run_day(1)
        self.assertEqual((again.cases_opened, again.items_left, again.items_entered), (0, 0, 0))

    def test_parent_with_case(self):
        """Two cases of one debtor become one, in the same transaction."""
        self._create_overdue_invoice(25, 40, partner=self.parent)
        self._run_day()
        case, gone = self._get_case(self.parent), self._get_case()
        self._reparent()
        self.assertRecordValues(case, [{"state": "open", "amount_overdue": 140.0, "item_count": 2}])
        self.assertEqual((gone.state, gone.outcome), ("closed", "merged"))
        again = self._run_day(1)
        self.assertEqual((again.cases_opened, again.items_left, again.items_entered), (0, 0, 0))

    def test_level_survives(self):
        """Nobody is reminded from the beginning for having got a parent."""
        run = self._run_day()
        run.notice_ids.sudo()._set_sent()
        self._reparent()
        case = self._get_case(self.parent)
        self.assertEqual(case.open_item_ids.level_id, self.level_reminder)
        self.assertEqual(self._get_decision(self._run_day(1), self.parent).decision, "waiting")

    def test_closed_case_follows(self):
        """Money comes back for an invoice of the time before: the old case reopens."""
        self._run_day()
        case = self._get_case()
        payment = self._pay(self.invoice)
        self._reparent()
        payment.action_draft()
        payment.action_cancel()
        self.assertRecordValues(
            case, [{"state": "open", "partner_id": self.parent.id, "amount_overdue": 100.0}]
        )

    def test_invoice_to_a_contact(self):
        """An invoice addressed to a contact belongs to the company's case."""
        contact = self.env["res.partner"].create(
            {"name": "Accounts payable", "parent_id": self.debtor.id, "type": "invoice"}
        )
        self._create_overdue_invoice(12, 30, partner=contact)
        self._run_day()
        case = self._get_case()
        self.assertEqual((case.item_count, case.amount_overdue), (2, 130.0))
        self.assertFalse(self._get_case(contact))


@tagged("post_install", "-at_install")
class TestArchiveAndDelete(DebtCommon):
    """Archiving is free; deleting is refused by Odoo itself, for its own reasons."""

    def test_archived_debtor(self):
        """Who is archived still owes: the case stays, payments and runs go on."""
        invoice = self._create_overdue_invoice(10, 100)
        self._run_day()
        self.debtor.action_archive()
        self.assertFalse(self.debtor.active)
        case = self.env["debt.case"].search([("partner_id", "=", self.debtor.id)])
        self.assertEqual(case.state, "open")
        run = self._run_day(15)
        self.assertEqual(run.notice_ids.state, "queued")
        self._pay(invoice)
        self.assertEqual(case.state, "closed")

    def test_debtor_archived_before_the_first_run(self):
        """The debts of an archived partner are found like all others."""
        self._create_overdue_invoice(10, 100)
        self.debtor.action_archive()
        self._run_day()
        self.assertEqual(self._get_case().amount_overdue, 100)

    @mute_logger("odoo.sql_db")
    def test_debtor_with_invoices(self):
        """Odoo refuses, as it does without the addon."""
        self._create_overdue_invoice(10, 100)
        self._run_day()
        with self.assertRaises(UserError):
            self.debtor.unlink()

    def test_debtor_whose_invoice_was_deleted(self):
        """No document is left and nothing was told: the empty case is no obstacle."""
        invoice = self._create_overdue_invoice(10, 100)
        self._run_day(release=False)
        case = self._get_case()
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        self.assertEqual(case.state, "closed")
        self.debtor.unlink()
        self.assertFalse(case.exists())

    def test_debtor_with_evidence(self):
        """What was sent and said stays: the debtor can be archived, not deleted."""
        invoice = self._create_overdue_invoice(10, 100)
        self._run_day().notice_ids.sudo()._set_sent()
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        with self.assertRaisesRegex(UserError, "[Aa]rchive"):
            self.debtor.unlink()

    def test_contact_of_a_debtor(self):
        """An address that was written to can be deleted; the text keeps it."""
        contact = self.env["res.partner"].create(
            {
                "name": "Accounts payable",
                "parent_id": self.debtor.id,
                "type": "invoice",
                "email": "ap@late.example.com",
            }
        )
        self._create_overdue_invoice(10, 100)
        notice = self._run_day().notice_ids
        self.assertEqual(notice.recipient_id, contact)
        notice.mail_id.sudo().unlink()
        contact.unlink()
        self.assertFalse(notice.recipient_id)
        self.assertIn("ap@late.example.com", notice.email_to)
