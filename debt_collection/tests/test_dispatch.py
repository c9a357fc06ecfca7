"""From a planned notice to what the debtor receives, and everything that may go wrong."""

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.debt_collection.models.outreach import debt_notice_dispatch
from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon
from odoo.addons.mail.tests.common import MockEmail


class DispatchCase(DebtCommon, MockEmail):
    """One debtor with a late invoice of 100; nothing sent yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._create_overdue_invoice(10)

    def _break_template(self, level=None):
        """Make the e-mails of a level fail at rendering."""
        template = (level or self.level_reminder).template_id.sudo()
        template.body_html = "<p><t t-out='object.does_not_exist'/></p>"
        return template

    def _send_queue(self, notices, **gateway):
        """Let Odoo's mail queue send the notices' e-mails through a mocked server."""
        mails = notices.mail_id.sudo()
        with self.mock_mail_gateway(**gateway):
            mails.send()
        return mails


@tagged("post_install", "-at_install")
class TestEmail(DispatchCase):
    """Content, language, recipient."""

    def test_content_is_escaped(self):
        """A document number is text, whatever is written in it."""
        self.invoice.sudo().name = "INV/<script>alert(1)</script>"
        notice = self._run_day().notice_ids
        self.assertNotIn("<script>", notice.body)
        self.assertIn("INV/&lt;script&gt;alert(1)&lt;/script&gt;", notice.body)
        self.assertEqual(notice.body, notice.mail_id.sudo().body_html)

    def test_name_of_the_debtor_is_escaped(self):
        """So is the name, in the e-mail and in the script of a call."""
        self.debtor.name = "Bob & <b>Sons</b>"
        notice = self._run_day().notice_ids
        self.assertNotIn("<b>Sons</b>", notice.body)
        self.assertIn("Bob &amp; &lt;b&gt;Sons", notice.body)

    def test_tells_what_is_owed(self):
        """Number, due date, days late, amount, total and the deadline are in the e-mail."""
        notice = self._run_day().notice_ids
        for text in (self.invoice.name, "03/08/2026", ">10<", "100.00", "03/25/2026"):
            with self.subTest(text):
                self.assertIn(text, notice.body)
        self.assertEqual(notice.deadline, TODAY + timedelta(days=7))

    def test_language_of_the_debtor(self):
        """Template and dates are in the debtor's language, not in the officer's."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.debtor.lang = "fr_FR"
        template = self.level_reminder.template_id.sudo()
        template.with_context(lang="fr_FR").subject = "Rappel de {{ object.company_id.name }}"
        notice = self._run_day().notice_ids
        self.assertEqual(notice.lang, "fr_FR")
        self.assertIn("Rappel de", notice.subject)
        self.assertIn("08/03/2026", notice.body, "day before month")
        self.assertNotIn("03/08/2026", notice.body)

    def test_invoice_address(self):
        """The address for invoices gets the e-mail, where there is one."""
        child = self.env["res.partner"].create(
            {
                "name": "Accounts payable",
                "parent_id": self.debtor.id,
                "type": "invoice",
                "email": "ap@late.example.com",
            }
        )
        notice = self._run_day().notice_ids
        self.assertEqual(notice.recipient_id, child)
        self.assertEqual(notice.mail_id.sudo().recipient_ids, child)
        self.assertIn("ap@late.example.com", notice.email_to)

    def test_invoice_address_without_email(self):
        """An address for letters only: the company's e-mail is used."""
        self.env["res.partner"].create(
            {"name": "Cellar", "parent_id": self.debtor.id, "type": "invoice"}
        )
        notice = self._run_day().notice_ids
        self.assertEqual(notice.recipient_id, self.debtor)

    def test_answers_go_to_the_officer(self):
        """The officer of the case is the sender."""
        self.debtor.debt_user_id = self.officer_a
        notice = self._run_day().notice_ids
        self.assertEqual(notice.mail_id.sudo().email_from, self.officer_a.email_formatted)

    def test_sent(self):
        """Through the mail queue to the debtor: done, with a contact in the log."""
        notice = self._run_day().notice_ids
        mail = notice.mail_id
        self._send_queue(notice, mail_unlink_sent=True)
        self.assertEqual(self._mails[0]["email_to"], [self.debtor.email_formatted])
        self.assertFalse(mail.exists(), "Odoo deletes sent e-mails; the notice keeps the text")
        self.assertEqual(notice.state, "sent")
        self.assertTrue(notice.date_sent)
        self.assertIn(self.invoice.name, notice.body)
        self.assertRecordValues(
            notice.case_id.contact_ids,
            [{"channel": "email", "outcome": "sent", "notice_id": notice.id, "direction": "out"}],
        )
        self.assertEqual(notice.case_id.last_contact_date, TODAY)

    def test_chatter_is_quiet(self):
        """One note a notice on the case, and no e-mail but the debtor's."""
        before = self.env["mail.mail"].sudo().search_count([])
        case = self._run_day().notice_ids.case_id
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before + 1)
        notes = case.message_ids.filtered(lambda message: "Reminder over" in message.body)
        self.assertEqual(len(notes), 1)
        self.assertIn(self.debtor.email, notes.body)


@tagged("post_install", "-at_install")
class TestChannels(DispatchCase):
    """Who cannot be reached this way is reached another way, or somebody is told."""

    def test_no_address(self):
        """Without an e-mail address the officer gets a call to make, and reads why."""
        self.debtor.write({"email": False, "debt_user_id": self.officer_a.id})
        notice = self._run_day().notice_ids
        self.assertRecordValues(notice, [{"state": "queued", "channel": "call"}])
        self.assertIn("no e-mail address", notice.note)
        activity = notice.case_id.activity_ids
        self.assertEqual(activity.user_id, self.officer_a)
        self.assertIn(self.invoice.name, activity.note)
        self.assertIn("no e-mail address", activity.note)

    def test_no_officer(self):
        """Nobody's case: the team's leader, else a credit manager acts."""
        self.debtor.email = False
        leader = self._create_user("leader_t", "debt_collection.group_senior")
        team = self.env["debt.team"].create({"name": "North", "leader_id": leader.id})
        self.company.debt_team_id = team
        notice = self._run_day().notice_ids
        self.assertFalse(notice.case_id.user_id)
        self.assertEqual(notice.case_id.activity_ids.user_id, leader)

    def test_no_officer_no_team(self):
        """Without a team a credit manager of the company gets the call."""
        self.debtor.email = False
        user = self._run_day().notice_ids.case_id.activity_ids.user_id
        self.assertTrue(user.has_group("debt_collection.group_manager"))
        self.assertIn(self.company, user.company_ids)

    def test_archived_officer(self):
        """An officer who left gets nothing; the next in line does."""
        self.debtor.write({"email": False, "debt_user_id": self.officer_a.id})
        self.officer_a.active = False
        user = self._run_day().notice_ids.case_id.activity_ids.user_id
        self.assertTrue(user.has_group("debt_collection.group_manager"))

    def test_no_fallback(self):
        """A level without a second channel: the notice fails with words, and nothing is lost."""
        self.debtor.debt_strategy_id = self._create_strategy({"days": 5, "fallback_channel": False})
        self.debtor.email = False
        run = self._run_day()
        notice = run.notice_ids
        self.assertEqual(notice.state, "failed")
        self.assertIn("no e-mail address for Late Ltd", notice.error_message)
        self.assertEqual(notice.case_id.error_message, notice.error_message)
        self.debtor.email = "found@late.example.com"
        self._run_day(1)
        self.assertEqual(notice.state, "queued")
        self.assertFalse(notice.case_id.error_message)

    def test_call_done(self):
        """The officer marks the call as done: the notice is done, the contact is in the log."""
        self.debtor.write({"email": False, "debt_user_id": self.officer_a.id})
        notice = self._run_day().notice_ids
        notice.activity_id.with_user(self.officer_a).action_feedback(feedback="Will pay on Friday")
        self.assertEqual(notice.state, "sent")
        self.assertRecordValues(
            notice.case_id.contact_ids, [{"channel": "call", "notice_id": notice.id}]
        )

    def test_call_removed(self):
        """The officer deletes the call: the notice does not wait for it for ever."""
        self.debtor.write({"email": False, "debt_user_id": self.officer_a.id})
        notice = self._run_day().notice_ids
        notice.activity_id.unlink()
        self.assertEqual(notice.state, "cancelled")

    def test_call_of_a_settled_case(self):
        """Paid: nobody has to call any more."""
        self.debtor.write({"email": False, "debt_user_id": self.officer_a.id})
        notice = self._run_day().notice_ids
        self._pay(self.invoice)
        self.assertFalse(notice.case_id.activity_ids)
        self.assertEqual(notice.state, "cancelled")
        self.assertIn("Settled", notice.state_reason)

    def test_call_of_a_part_paid_case(self):
        """Part paid: the officer's script tells what is left."""
        self.debtor.write({"email": False, "debt_user_id": self.officer_a.id})
        notice = self._run_day().notice_ids
        self._pay(self.invoice, 40)
        self.assertEqual((notice.state, notice.amount_total), ("queued", 60.0))
        self.assertIn("60.00", notice.activity_id.note)
        self.assertNotIn("100.00", notice.activity_id.note)


@tagged("post_install", "-at_install")
class TestFailures(DispatchCase):
    """One bad notice is reported; the others go on; the next run tries again."""

    @mute_logger("odoo.addons.mail.models.mail_render_mixin", "odoo.addons.base.models.ir_qweb")
    def test_broken_template(self):
        """Only the debtor whose template is broken fails, with the error on case and run."""
        template = self._break_template()
        good = self._create_debtor("Good Ltd")
        self._create_overdue_invoice(25, 50, partner=good)
        run = self._run_day()
        bad, fine = (
            run.notice_ids.filtered(lambda notice, who=who: notice.partner_id == who)
            for who in (self.debtor, good)
        )
        self.assertEqual((bad.state, fine.state), ("failed", "queued"))
        self.assertIn("does_not_exist", bad.error_message)
        self.assertEqual(bad.case_id.error_message, bad.error_message)
        self.assertFalse(fine.case_id.error_message)
        self.assertEqual(self._get_decision(run).error_message, bad.error_message)
        self.assertFalse(self._get_decision(run, good).error_message)
        self.assertRecordValues(run, [{"state": "done", "notices_failed": 1, "notices_sent": 1}])
        self.assertIn("1 could not be delivered", run.summary)
        self.assertFalse(bad.mail_id, "no half-made e-mail")

        template.body_html = "<p>Please pay <t t-out='object.amount_total'/></p>"
        again = self._run_day(1)
        self.assertEqual(bad.state, "queued")
        self.assertIn("Please pay", bad.body)
        self.assertFalse(bad.case_id.error_message)
        self.assertFalse(bad.error_message)
        self.assertEqual((again.notices_sent, again.notices_failed), (1, 0))

    @mute_logger("odoo.addons.mail.models.mail_render_mixin", "odoo.addons.base.models.ir_qweb")
    def test_same_level_same_batch(self):
        """The template fails for one debtor of a batch only: the rest of the batch goes out."""
        template = self.level_reminder.template_id.sudo()
        template.body_html = (
            "<p><t t-if=\"object.partner_id.name == 'Late Ltd'\" t-out='1/0'/>Please pay</p>"
        )
        for name in ("One", "Two", "Three"):
            self._create_overdue_invoice(10, 50, partner=self._create_debtor(name))
        run = self._run_day()
        states = {notice.partner_id.name: notice.state for notice in run.notice_ids}
        self.assertEqual(
            states, {"Late Ltd": "failed", "One": "queued", "Two": "queued", "Three": "queued"}
        )
        mails = self.env["mail.mail"].sudo().search([("model", "=", "debt.notice")])
        self.assertEqual(len(mails & run.notice_ids.mail_id.sudo()), 3)
        self.assertEqual(
            sorted(mails.filtered(lambda m: m.res_id in run.notice_ids.ids).mapped("res_id")),
            sorted(run.notice_ids.filtered(lambda n: n.state == "queued").ids),
            "one e-mail each, although the batch was tried together first",
        )

    def test_mail_server_fails(self):
        """The server refuses: the notice failed, the case says why, the next run sends again."""
        notice = self._run_day().notice_ids
        old = notice.mail_id.sudo()
        with (
            patch.object(
                self.env.registry["ir.mail_server"], "_connect__", side_effect=OSError("no route")
            ),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            old.send()
        self.assertEqual(old.state, "exception")
        self.assertEqual(notice.state, "failed")
        self.assertEqual(notice.case_id.error_message, notice.error_message)
        self.assertFalse(notice.case_id.contact_ids, "nothing reached the debtor")
        self._run_day(1)
        self.assertEqual(notice.state, "queued")
        self.assertNotEqual(notice.mail_id.sudo(), old)
        self.assertEqual(old.state, "cancel", "the failed e-mail cannot be sent beside the new one")
        self.assertFalse(notice.case_id.error_message)

    def test_failed_mail_sent_again_from_the_queue(self):
        """An administrator retries the failed e-mail itself: sent, and not a second time."""
        notice = self._run_day().notice_ids
        mail = notice.mail_id.sudo()
        with (
            patch.object(
                self.env.registry["ir.mail_server"], "_connect__", side_effect=OSError("no route")
            ),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            mail.send()
        mail.mark_outgoing()
        self._send_queue(notice)
        self.assertEqual(len(self._mails), 1)
        self.assertEqual(notice.state, "sent")
        self.assertFalse(notice.case_id.error_message)
        self._run_day(1)
        self.assertEqual(notice.state, "sent")

    def test_failures_of_earlier_days_count_once(self):
        """What an earlier run could not deliver is this run's failure too, as long as it lasts."""
        self.debtor.debt_strategy_id = self._create_strategy({"days": 5, "fallback_channel": False})
        self.debtor.email = False
        self._run_day()
        again = self._run_day(1)
        self.assertEqual(again.notices_failed, 1)
        self.assertEqual(self._get_decision(again).decision, "pending")
        self.assertIn("no e-mail address", self._get_decision(again).error_message)


@tagged("post_install", "-at_install")
class TestLastMoment(DispatchCase):
    """What leaves is judged when it leaves."""

    def test_paid_between_planning_and_sending(self):
        """Planned at night, paid in the morning, released at noon: it does not go."""
        notice = self._run_day(release=False).notice_ids
        self.assertEqual(notice.state, "to_approve")
        self._pay(self.invoice)
        self.assertEqual(notice.state, "cancelled")
        self.assertIn("Settled", notice.state_reason)

    def test_paid_behind_our_back(self):
        """Even a movement that told us nothing (raw SQL, another addon) stops the e-mail."""
        notice = self._run_day().notice_ids
        mail = notice.mail_id.sudo()
        with (
            patch.object(self.env.registry["account.move.line"], "_remember_debt_movement"),
        ):
            self._pay(self.invoice)
        self.assertEqual(notice.state, "queued")
        self._send_queue(notice)
        self.assertFalse(self._mails)
        self.assertEqual((notice.state, mail.state), ("cancelled", "cancel"))

    def test_part_paid_behind_our_back(self):
        """Part paid: this e-mail is withdrawn, a new one tells the new amount."""
        notice = self._run_day().notice_ids
        old = notice.mail_id.sudo()
        with (
            patch.object(self.env.registry["account.move.line"], "_remember_debt_movement"),
        ):
            self._pay(self.invoice, 40)
        self._send_queue(notice)
        self.assertFalse(self._mails)
        self.assertEqual((notice.state, old.state), ("ready", "cancel"))
        self.env["debt.notice"].sudo()._dispatch([("id", "=", notice.id)], lambda _count: True)
        self.assertEqual((notice.state, notice.amount_total), ("queued", 60.0))
        self.assertIn("60.00", notice.body)
        self.assertNotIn("100.00", notice.body)
        self._send_queue(notice)
        self.assertEqual(len(self._mails), 1)
        self.assertEqual(notice.state, "sent")

    def test_other_emails_of_the_batch_leave(self):
        """Withdrawing one e-mail does not hold up the others of the queue."""
        good = self._create_debtor("Good Ltd")
        self._create_overdue_invoice(10, 50, partner=good)
        notices = self._run_day().notice_ids
        mails = notices.mail_id.sudo()
        other = self.env["mail.mail"].sudo().create({"email_to": "x@example.com", "subject": "x"})
        with (
            patch.object(self.env.registry["account.move.line"], "_remember_debt_movement"),
        ):
            self._pay(self.invoice)
        with self.mock_mail_gateway():
            (mails | other).send()
        self.assertEqual(len(self._mails), 2)
        self.assertEqual(
            {notice.partner_id.name: notice.state for notice in notices},
            {"Late Ltd": "cancelled", "Good Ltd": "sent"},
        )
        self.assertEqual(other.state, "sent")

    def test_held_at_the_last_moment(self):
        """A hold that begins on the day of sending stops what was queued before."""
        notice = self._run_day().notice_ids
        self.env["debt.hold"].create(
            {
                "case_id": notice.case_id.id,
                "reason": "Trade fair",
                "date_from": TODAY + timedelta(days=1),
                "date_to": TODAY + timedelta(days=9),
            }
        )
        self.assertEqual(notice.state, "queued")
        with freeze_time(TODAY + timedelta(days=1)):
            self._send_queue(notice)
        self.assertFalse(self._mails)
        self.assertEqual(notice.state, "cancelled")

    def test_cancelled_email_tried_again(self):
        """An administrator retries the e-mail of a cancelled notice: it stays where it is."""
        notice = self._run_day().notice_ids
        mail = notice.mail_id.sudo()
        notice.action_cancel()
        mail.mark_outgoing()
        self._send_queue(notice)
        self.assertFalse(self._mails)
        self.assertEqual((notice.state, mail.state), ("cancelled", "cancel"))

    def test_item_joined_before_sending(self):
        """Approved days later: the notice tells the debt of that day, days late included."""
        notice = self._run_day(release=False).notice_ids
        late = self._create_overdue_invoice(8, 70)
        with freeze_time(TODAY + timedelta(days=2)):
            self._run_day(2)
            notice.action_approve()
        self.assertEqual(notice.amount_total, 170)
        self.assertIn(late.name, notice.body)
        self.assertEqual(
            notice.item_ids.filtered(lambda i: i.document_number == self.invoice.name).days_overdue,
            12,
        )
        self.assertEqual(notice.deadline, TODAY + timedelta(days=9))

    def test_nothing_twice(self):
        """Dispatched again and again: one e-mail."""
        notice = self._run_day().notice_ids
        for _time in range(3):
            self.env["debt.notice"].sudo()._dispatch([("id", "=", notice.id)], lambda _count: True)
            notice.with_user(self.manager).action_send()
        mails = (
            self.env["mail.mail"]
            .sudo()
            .search([("model", "=", "debt.notice"), ("res_id", "=", notice.id)])
        )
        self.assertEqual(len(mails), 1)

    def test_batches(self):
        """Each batch ends with a checkpoint; when time is up, the rest waits."""
        for number in range(5):
            self._create_overdue_invoice(10, 50, partner=self._create_debtor(f"D {number}"))
        run = self._run_day(send=False)
        calls = []

        def checkpoint(count):
            calls.append(count)
            return len(calls) < 2

        with patch.object(debt_notice_dispatch, "BATCH", 2):
            sent, failed = (
                self.env["debt.notice"].sudo()._dispatch([("run_id", "=", run.id)], checkpoint)
            )
        self.assertEqual((calls, sent, failed), ([2, 2], 4, 0))
        self.assertEqual(sorted(run.notice_ids.mapped("state")), ["queued"] * 4 + ["ready"] * 2)


@tagged("post_install", "-at_install")
class TestApproval(DispatchCase):
    """Who may let notices go, and what becomes of those that may not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notice = cls._run_day(release=False).notice_ids

    def test_officer_may_not_approve(self):
        """Approval is the credit manager's, the buttons and what lies behind them."""
        notice = self.notice.with_user(self.officer_a)
        for method in (notice.action_approve, notice.action_reject):
            with self.assertRaises(AccessError):
                method()
        with self.assertRaises(AccessError):
            self.env["debt.notice.reject"].with_user(self.officer_a).create(
                {"notice_ids": [Command.set(self.notice.ids)], "reason": "No"}
            )
        notice.action_send()
        self.assertEqual(self.notice.state, "to_approve", "sending is no way around")
        with self.assertRaises(AccessError):
            notice.write({"state": "ready"})
        with self.assertRaises(AccessError):
            notice.create({"partner_id": self.debtor.id, "company_id": self.company.id})

    def test_approve(self):
        """The manager approves: it leaves, and who decided is kept."""
        self.notice.with_user(self.manager).action_approve()
        self.assertRecordValues(
            self.notice, [{"state": "queued", "decided_by_id": self.manager.id}]
        )

    def test_approve_many(self):
        """More than a handful is sent in the background."""
        for number in range(25):
            self._create_overdue_invoice(10, 50, partner=self._create_debtor(f"Many {number}"))
        notices = self._run_day(release=False).notice_ids
        self.assertEqual(len(notices), 25)
        notices.with_user(self.manager).action_approve()
        self.assertEqual(set(notices.mapped("state")), {"ready"})
        with self.enter_registry_test_mode():
            self.env.ref("debt_collection.ir_cron_dispatch_notices").sudo().method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(set(notices.mapped("state")), {"queued"})

    def test_reject(self):
        """Rejected with a reason: on the notice and on the case, and it never leaves."""
        wizard = (
            self.env["debt.notice.reject"]
            .with_user(self.manager)
            .create({"notice_ids": [Command.set(self.notice.ids)], "reason": "We owe them too"})
        )
        wizard.action_confirm()
        self.assertRecordValues(
            self.notice,
            [
                {
                    "state": "rejected",
                    "state_reason": "We owe them too",
                    "decided_by_id": self.manager.id,
                    "mail_id": False,
                }
            ],
        )
        self.assertIn("We owe them too", "".join(self.notice.case_id.message_ids.mapped("body")))
        self.notice.with_user(self.manager).action_approve()
        self.assertEqual(self.notice.state, "rejected")

    def test_reject_needs_a_reason(self):
        """No rejection without words."""
        self.assertTrue(self.env["debt.notice.reject"]._fields["reason"].required)

    def test_officer_reviews(self):
        """A level that the officer sends: the case's officer does, another one cannot."""
        self.debtor.debt_strategy_id = self._create_strategy({"days": 5, "mode": "officer"})
        debtor = self._create_debtor(
            "Mine Ltd",
            debt_user_id=self.officer_a.id,
            debt_strategy_id=self.debtor.debt_strategy_id.id,
        )
        self._create_overdue_invoice(10, 50, partner=debtor)
        notice = self._run_day().notice_ids
        self.assertEqual(notice.state, "to_review")
        with self.assertRaises(AccessError):
            notice.with_user(self.officer_b).action_send()
        notice.with_user(self.officer_a).action_send()
        self.assertEqual(notice.state, "queued")

    def test_cancel(self):
        """Cancelled by hand, with the name of who did it; a sent one stays sent."""
        self.notice.with_user(self.officer_a).action_cancel()
        self.assertEqual(self.notice.state, "cancelled")
        self.assertIn(self.officer_a.name, self.notice.state_reason)
        sent = self._run_day(8).notice_ids
        self._send_queue(sent)
        self.assertEqual(sent.state, "sent")
        sent.with_user(self.officer_a).action_cancel()
        self.assertEqual(sent.state, "sent")

    def test_evidence_cannot_be_deleted(self):
        """Not even by the system."""
        with self.assertRaises(UserError):
            self.notice.sudo().unlink()
