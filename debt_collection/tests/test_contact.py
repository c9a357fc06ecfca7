"""The contact log: append-only, and what it tells the case."""

from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import DebtCommon


@tagged("post_install", "-at_install")
class TestContact(DebtCommon):
    """Calls with one debtor, logged by officer A."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_overdue_invoice(10, 100)
        cls._run_day(send=False)
        cls.case = cls._get_case()
        cls.case.user_id = cls.officer_a

    def _log(self, user=None, **values):
        """Log a call."""
        return (
            self.env["debt.contact"]
            .with_user(user or self.officer_a)
            .create({"case_id": self.case.id, "note": "Line busy", **values})
        )

    def test_defaults(self):
        """Debtor and company come from the case, author and time from the moment."""
        contact = self._log()
        self.assertRecordValues(
            contact,
            [
                {
                    "partner_id": self.debtor.id,
                    "company_id": self.company.id,
                    "user_id": self.officer_a.id,
                    "date": fields.Datetime.now(),
                    "channel": "call",
                    "direction": "out",
                }
            ],
        )
        self.assertEqual(self.case.contact_count, 1)

    def test_append_only(self):
        """Nobody changes or deletes an entry: not the author, not the manager, not the system."""
        contact = self._log()
        for user in (self.officer_a, self.manager):
            for values in ({"note": "Never called"}, {"outcome": "will_pay"}, {"case_id": False}):
                with self.subTest(user=user.login, values=values), self.assertRaises(UserError):
                    contact.with_user(user).write(values)
            with self.assertRaises(UserError):
                contact.with_user(user).unlink()
        with self.assertRaises(UserError):
            contact.sudo().note = "Never called"
        with self.assertRaises(UserError):
            contact.sudo().write({"case_id": self.case.id, "date": "2020-01-01 00:00:00"})
        with self.assertRaises(UserError):
            contact.sudo().unlink()
        self.assertEqual(contact.note, "Line busy")

    def test_correction(self):
        """A mistake is corrected by a new entry that names the old one; both stay."""
        wrong = self._log(outcome="no_answer")
        right = self._log(outcome="will_pay", corrects_id=wrong.id, note="It was the other call")
        self.assertEqual(self.case.contact_ids, wrong | right)
        self.assertEqual(right.corrects_id, wrong)
        self.assertEqual(wrong.outcome, "no_answer")

    def test_last_contact(self):
        """The case shows the day of the latest contact, whatever the order of entry."""
        self._log(date="2026-03-16 09:00:00")
        self.assertEqual(self.case.last_contact_date, date(2026, 3, 16))
        self._log(date="2026-03-02 09:00:00")
        self.assertEqual(self.case.last_contact_date, date(2026, 3, 16))
        self._log(date="2026-03-18 08:00:00")
        self.assertEqual(self.case.last_contact_date, date(2026, 3, 18))

    def test_next_step(self):
        """A next step becomes an activity of the case's officer on that day."""
        self._log(user=self.manager, next_date="2026-03-25", note="Wants a copy first")
        self.assertRecordValues(
            self.case.activity_ids,
            [{"user_id": self.officer_a.id, "date_deadline": date(2026, 3, 25)}],
        )
        self.assertIn("Wants a copy first", self.case.activity_ids.summary)

    def test_next_step_of_a_case_without_officer(self):
        """Nobody's case: who logged the call calls again."""
        self.case.user_id = False
        self._log(user=self.officer_b, next_date="2026-03-25")
        self.assertEqual(self.case.activity_ids.user_id, self.officer_b)

    def test_no_next_step(self):
        """Without a date nothing is planned."""
        self._log()
        self.assertFalse(self.case.activity_ids)

    def test_settled_case_has_no_next_step(self):
        """Paid in the meantime: the call that was planned disappears."""
        self._log(next_date="2026-03-25")
        self.assertTrue(self.case.activity_ids)
        self._pay(self.case.open_item_ids.move_line_id.move_id)
        self.assertFalse(self.case.activity_ids)

    def test_portfolio(self):
        """Officer B cannot log a call on A's case, nor read what A logged."""
        contact = self._log()
        with self.assertRaises(AccessError):
            self._log(user=self.officer_b)
        self.assertFalse(
            self.env["debt.contact"].with_user(self.officer_b).search([("id", "=", contact.id)])
        )

    def test_reader(self):
        """Readers read the log and write nothing."""
        reader = self._create_user("reader_c", "debt_collection.group_reader")
        contact = self._log()
        self.assertEqual(contact.with_user(reader).note, "Line busy")
        with self.assertRaises(AccessError):
            self._log(user=reader)
