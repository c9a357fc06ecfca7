"""The contact log: append-only, and what it tells the case."""

from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

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
            .create(
                {
                    "case_id": self.case.id,
                    "outcome": "other",
                    "note": "Line busy",
                    **(
                        {"next_step": "call"}
                        if "next_date" in values
                        else {"no_next_step_reason": "The run goes on"}
                    ),
                    **values,
                }
            )
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
            for values in ({"note": "Never called"}, {"outcome": "promised"}, {"case_id": False}):
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
        right = self._log(outcome="promised", corrects_id=wrong.id, note="It was the other call")
        self.assertEqual(self.case.contact_ids, wrong | right)
        self.assertEqual(right.corrects_id, wrong)
        self.assertEqual(wrong.outcome, "no_answer")
        self.assertRecordValues(
            wrong | right,
            [
                {"superseded": True, "correction_id": right.id},
                {"superseded": False, "correction_id": False},
            ],
        )
        self.assertEqual(self.case.contact_count, 1, "what was corrected does not count")
        with self.assertRaisesRegex(UserError, "corrected already"):
            self._log(corrects_id=wrong.id)
        self._log(corrects_id=right.id)
        self.assertTrue(right.superseded)

    def test_correction_takes_back(self):
        """What the wrong entry said about the last contact and the next step is taken back."""
        self._log(date="2026-03-10 09:00:00")
        wrong = self._log(date="2026-03-17 09:00:00", next_date="2026-03-25")
        self.assertEqual(self.case.last_contact_date, date(2026, 3, 17))
        self.assertEqual(self.case.activity_ids, wrong.activity_id)
        self._log(date="2026-03-12 09:00:00", next_date="2026-03-27", corrects_id=wrong.id)
        self.assertEqual(self.case.last_contact_date, date(2026, 3, 12))
        self.assertEqual(self.case.activity_ids.mapped("date_deadline"), [date(2026, 3, 27)])

    def test_correction_dialog(self):
        """The dialog starts from what the entry says."""
        wrong = self._log(outcome="promised", reached="right_party", next_date="2026-03-25")
        action = wrong.with_user(self.officer_a).action_correct()
        with Form(
            self.env["debt.contact"].with_user(self.officer_a).with_context(**action["context"]),
            view=action["views"][0][0],
        ) as form:
            self.assertEqual(form.outcome, "promised")
            form.outcome = "refuses"
        right = wrong.correction_id
        self.assertRecordValues(
            right,
            [
                {
                    "outcome": "refuses",
                    "reached": "right_party",
                    "next_date": date(2026, 3, 25),
                    "corrects_id": wrong.id,
                    "case_id": self.case.id,
                }
            ],
        )

    def test_system_entries_are_not_corrected_by_hand(self):
        """What the system wrote when a notice left is no matter of opinion."""
        sent = self.env["debt.contact"].sudo()
        sent = sent.create({"case_id": self.case.id, "outcome": "sent", "automatic": True})
        with self.assertRaisesRegex(UserError, "system wrote"):
            sent.with_user(self.officer_a).action_correct()
        with self.assertRaises(AccessError):
            self._log(automatic=True)

    def test_what_comes_next(self):
        """A person says what comes next, or why nothing does; half an answer is none."""
        for values in (
            {"no_next_step_reason": False},
            {"no_next_step_reason": " "},
            {"next_step": "call"},
            {"next_date": "2026-03-25", "next_step": False},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._log(**values)

    def test_reached(self):
        """Nobody reached is known from the outcome; nobody cannot promise anything."""
        for outcome in ("no_answer", "busy", "wrong_number"):
            self.assertEqual(self._log(outcome=outcome).reached, "nobody")
        self.assertEqual(self._log(outcome="message_left").reached, "unknown")
        with self.assertRaisesRegex(ValidationError, "somebody"):
            self._log(outcome="promised", reached="nobody")

    def test_dialog(self):
        """The dialog shows what the gate says, and asks for the answers nobody can guess."""
        action = self.case.with_user(self.officer_a).action_log_call()
        contacts = self.env["debt.contact"].with_user(self.officer_a)
        form = Form(contacts.with_context(**action["context"]), view=action["views"][0][0])
        self.assertEqual(form.permission_state, "free")
        self.assertFalse(form.outcome)
        form.outcome = "no_answer"
        self.assertEqual(form.reached, "nobody")
        form.outcome = "promised"
        self.assertFalse(form.reached, "somebody promised: who?")
        form.reached = "right_party"
        form.next_step = "check_payment"
        form.next_date = "2026-03-20"
        contact = form.save()
        self.assertEqual(contact.activity_id.date_deadline, date(2026, 3, 20))
        self.assertEqual(contact.action_saved()["res_model"], "debt.promise", "what was promised")

    def test_dialog_of_a_blocked_case(self):
        """On hold: the dialog says so, above the number."""
        self.env["debt.hold"].create(
            {"case_id": self.case.id, "reason": "Asked for time", "date_to": "2026-03-25"}
        )
        action = self.case.with_user(self.officer_a).action_log_call()
        contacts = self.env["debt.contact"].with_user(self.officer_a)
        form = Form(contacts.with_context(**action["context"]), view=action["views"][0][0])
        self.assertEqual(form.permission_state, "blocked")
        self.assertIn("Asked for time", form.permission_words)

    def test_planned_call_is_done(self):
        """Logging the call that was planned finishes its activity."""
        planned = self._log(next_date="2026-03-18").activity_id
        later = self._log(date="2026-03-17 10:00:00", next_date="2026-03-30").activity_id
        self.assertTrue(planned.active)
        self._log(date="2026-03-18 10:00:00")
        self.assertFalse(planned.exists().filtered("active"))
        self.assertTrue(later.active)

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

    def test_export(self):
        """Readers and managers export the log; officers cannot carry the portfolio away."""
        self._log()
        reader = self._create_user("reader_x", "debt_collection.group_reader")
        columns = ["date", "partner_id/name", "channel", "outcome", "note", "superseded"]
        for user in (reader, self.manager):
            rows = self.case.contact_ids.with_user(user).export_data(columns)["datas"]
            self.assertEqual((rows[0][2], rows[0][4]), ("Call", "Line busy"))
        with self.assertRaises(UserError):
            self.case.contact_ids.with_user(self.officer_a).export_data(columns)
