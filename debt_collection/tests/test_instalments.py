"""Instalments: each has a due date, an item and a level of its own."""

from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


@tagged("post_install", "-at_install")
class TestInstalments(DebtCommon):
    """An invoice of 1,000 in 30/30/40 %: 40 and 10 days late, and 20 days ahead."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._create_overdue_invoice(
            0,
            1000,
            invoice_date=TODAY - timedelta(days=40),
            invoice_date_due=False,
            invoice_payment_term_id=cls._create_instalment_term((30, 0), (30, 30), (40, 60)).id,
        )
        cls.first, cls.second, cls.third = cls._get_receivable(cls.invoice)

    def _get_items(self):
        return self._get_case().open_item_ids.sorted("date_due")

    def test_two_late_instalments_are_two_items(self):
        """The invoice's own due date is the last one; two instalments are late all the same
        (U6, U7)."""
        self.assertGreater(self.invoice.invoice_date_due, TODAY, "what Odoo calls its due date")
        self._run_day()
        self.assertRecordValues(
            self._get_items(),
            [
                {
                    "move_line_id": self.first.id,
                    "date_due": TODAY - timedelta(days=40),
                    "amount_in": 300.0,
                    "level_id": self.level_formal_reminder.id,
                },
                {
                    "move_line_id": self.second.id,
                    "date_due": TODAY - timedelta(days=10),
                    "amount_in": 300.0,
                    "level_id": self.level_reminder.id,
                },
            ],
        )
        self.assertRecordValues(self._get_case(), [{"amount_overdue": 600.0, "item_count": 2}])

    def test_third_instalment_enters_on_its_day(self):
        """It joins the same case the day after it fell due, below all levels."""
        self._run_day()
        case = self._get_case()
        self._run_day(20)
        self.assertEqual(len(self._get_items()), 2, "due today is not overdue")
        run = self._run_day(21)
        self.assertEqual((run.cases_opened, run.items_entered), (0, 1))
        item = case.open_item_ids.filtered(lambda item: item.move_line_id == self.third)
        self.assertRecordValues(item, [{"amount_in": 400.0, "level_id": False}])

    def test_paying_the_first_closes_only_it(self):
        """A payment of one instalment settles the oldest; the other keeps its level."""
        notice = self._run_day().notice_ids
        self.assertEqual(notice.amount_total, 600.0)
        case = self._get_case()
        self._pay(self.invoice, 300)
        self.assertRecordValues(
            case.item_ids.sorted("date_due"),
            [
                {"exit_reason": "paid", "date_out": TODAY},
                {"exit_reason": False, "date_out": False},
            ],
        )
        self.assertRecordValues(case, [{"state": "open", "amount_overdue": 300.0}])
        self.assertEqual(self._get_items().level_id, self.level_reminder)
        self.assertEqual(case.level_id, self.level_reminder)

    def test_paying_all_that_is_late_closes_the_case(self):
        """What is not due yet keeps no case open; its turn comes."""
        self._run_day()
        case = self._get_case()
        self._pay(self.invoice, 600)
        self.assertRecordValues(case, [{"state": "closed", "outcome": "paid"}])
        self._run_day(21)
        self.assertNotEqual(self._get_case(), case, "a new debt is a new case")
        self.assertEqual(self._get_items().move_line_id, self.third)

    def test_courtesy_for_the_instalment_that_falls_due(self):
        """Only the instalment that falls due in three days is announced."""
        self._run_day()
        self._pay(self.invoice, 600)
        courtesy = self._run_day(17).notice_ids
        self.assertRecordValues(
            courtesy.item_ids, [{"amount": 400.0, "date_due": TODAY + timedelta(days=20)}]
        )
