"""The daily run from sync to notice, on the simplest ledger."""

from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


@tagged("post_install", "-at_install")
class TestDailyRun(DebtCommon):
    def test_overdue_debtor_gets_a_case_and_one_notice(self):
        """Two late invoices: one case, one e-mail that tells both."""
        first = self._create_overdue_invoice(10, 100)
        second = self._create_overdue_invoice(25, 50)
        self._create_overdue_invoice(-20, 70)
        run = self._run_day()
        case = self._get_case()
        self.assertRecordValues(
            case,
            [{"state": "open", "amount_overdue": 150.0, "item_count": 2, "date_open": TODAY}],
        )
        self.assertEqual(case.open_item_ids.move_id, first | second)
        notice = run.notice_ids
        self.assertRecordValues(
            notice,
            [
                {
                    "state": "queued",
                    "channel": "email",
                    "level_id": self.level_formal_reminder.id,
                    "amount_total": 150.0,
                }
            ],
        )
        self.assertIn(first.name, notice.body)
        self.assertIn(second.name, notice.body)
        self.assertEqual(run.state, "done")

    def test_second_run_finds_nothing_new(self):
        """Same day again: no case, no item, no notice more."""
        self._create_overdue_invoice(10)
        self._run_day()
        again = self._run_day()
        self.assertEqual(
            (again.cases_opened, again.items_entered, again.notices_planned), (0, 0, 0)
        )
        self.assertEqual(len(self._get_case().notice_ids), 1)

    def test_payment_closes_the_case_at_once(self):
        """The case does not wait for the night."""
        invoice = self._create_overdue_invoice(10)
        run = self._run_day()
        self._pay(invoice)
        case = self._get_case()
        self.assertRecordValues(
            case, [{"state": "closed", "outcome": "paid", "amount_overdue": 0.0}]
        )
        self.assertEqual(case.item_ids.exit_reason, "paid")
        self.assertEqual(run.notice_ids.state, "cancelled")
        self.assertEqual(run.notice_ids.mail_id.state, "cancel")

    def test_preview_changes_nothing(self):
        """The preview tells the same story and leaves no trace but its lines."""
        self._create_overdue_invoice(10)
        run = self.env["debt.run"].create({"date": TODAY, "company_id": self.company.id})
        run.action_preview()
        self.assertEqual(run.state, "previewed")
        self.assertFalse(self._get_case())
        self.assertFalse(run.notice_ids)
        line = self._get_decision(run)
        self.assertEqual((line.decision, line.level_id), ("notice", self.level_reminder))
        self.assertIn("10 days late", line.reason)
        reason = line.reason
        run.action_execute()
        self.assertEqual(self._get_decision(run).reason, reason)
