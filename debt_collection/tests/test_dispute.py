"""Disputes and complaints: what is left alone, who clears it up, how the ledger follows."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_negotiation import NegotiationCommon


@tagged("post_install", "-at_install")
class TestDispute(NegotiationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.logistics = cls._create_user("logistics_n", "base.group_user")
        cls.reason = cls.env["debt.dispute.reason"].create(
            {"name": "Damaged", "user_id": cls.logistics.id, "sla_days": 5}
        )
        cls.complaint = cls.env["debt.dispute.reason"].create(
            {"name": "Rude", "kind": "complaint", "sla_days": 10}
        )
        cls.tax = cls.company_data["default_tax_sale"]

    def _dispute(self, items=None, user=None, reason=None, **values):
        """A dispute over items with an amount each."""
        env = self.env(user=user or self.officer_a)
        lines = [
            Command.create({"item_id": item.id, "amount": amount})
            for item, amount in (items or {}).items()
        ]
        with env.cr.savepoint():
            return env["debt.dispute"].create(
                {
                    "case_id": self.case.id,
                    "reason_id": (reason or self.reason).id,
                    "line_ids": lines,
                    **values,
                }
            )

    def _solve(self, dispute, amount, reply="We have looked into it."):
        """Decide through the dialog: so much is upheld on the first item."""
        action = dispute.with_user(self.manager).action_solve()
        wizard = (
            self.env["debt.dispute.solve"]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({"reason": "Decided", "reply": reply})
        )
        if wizard.line_ids:
            wizard.line_ids[0].amount_upheld = amount
        if amount:
            wizard.action_confirm()
        else:
            wizard.action_reject()

    def _get_taxed_item(self, amount=100.0):
        """An item of an invoice with a tax of 15 %: open is 115."""
        invoice = self._create_overdue_invoice(
            10,
            invoice_line_ids=[
                Command.create(
                    {"name": "x", "price_unit": amount, "tax_ids": [Command.set(self.tax.ids)]}
                )
            ],
        )
        self._run_day(send=False, release=False)
        return self._get_item(invoice)

    # === MAKING ONE ===

    def test_from_the_case(self):
        """The dialog asks what is disputed and why; deadline and responsible person follow."""
        action = self.case.with_user(self.officer_a).action_dispute()
        form = Form(
            self.env["debt.dispute"].with_user(self.officer_a).with_context(**action["context"]),
            view=action["views"][0][0],
        )
        form.reason_id = self.reason
        self.assertEqual(form.responsible_id, self.logistics)
        self.assertEqual(len(form.line_ids), 0)
        with form.line_ids.new() as line:
            line.item_id = self.item
            self.assertEqual(line.amount, 100)
            line.amount = 40
        self.assertEqual(form.amount, 40)
        dispute = form.save()
        self.assertRecordValues(
            dispute,
            [
                {
                    "state": "open",
                    "kind": "dispute",
                    "amount": 40,
                    "responsible_id": self.logistics.id,
                }
            ],
        )
        self.assertEqual(dispute.date_deadline, TODAY + timedelta(days=7), "five working days")
        self.assertTrue(dispute.reference)
        self.assertEqual(dispute.activity_ids.user_id, self.logistics)

    def test_only_the_disputed_part(self):
        """Out of figures and of notices goes what is disputed; the rest is asked for."""
        notice = self.case.notice_ids
        self._dispute({self.item: 40})
        self._assert_split(self.item, disputed=40, collectible=60)
        self.assertEqual(notice.amount_total, 110)
        self.assertIn("Damaged", self.item.claim_words)
        self._promise(items={self.item: 60})
        self._assert_split(self.item, disputed=40, promised=60)

    def test_dispute_goes_before_a_promise(self):
        """Of the same money, what is disputed is no promise that counts."""
        self._promise(items={self.item: 80})
        self._dispute({self.item: 40})
        self._assert_split(self.item, disputed=40, promised=60)

    def test_no_more_than_is_open(self):
        """Two disputes share an item, as long as they fit into it."""
        self._dispute({self.item: 60})
        self._dispute({self.item: 40})
        self._assert_split(self.item, disputed=100)
        with self.assertRaisesRegex(UserError, "more than is open"):
            self._dispute({self.item: 1})
        with self.assertRaisesRegex(UserError, "only"):
            self._dispute({self.other_item: 500})
        with self.assertRaisesRegex(UserError, "at least one item"):
            self._dispute({})

    def test_from_a_call(self):
        """A call that ends in *disputes* opens the dialog."""
        contact = self.env["debt.contact"].create(
            {
                "case_id": self.case.id,
                "outcome": "disputes",
                "reached": "right_party",
                "note": "Boxes were damaged",
                "no_next_step_reason": "Dispute",
            }
        )
        action = contact.action_saved()
        self.assertEqual(action["res_model"], "debt.dispute")
        self.assertEqual(action["context"]["default_description"], "Boxes were damaged")
        self.assertEqual(action["context"]["default_contact_id"], contact.id)

    # === SOLVING ===

    def test_upheld(self):
        """A credit note with its taxes, reconciled with the item; the debtor is told."""
        item = self._get_taxed_item()
        dispute = self._dispute({item: 46})
        dispute.with_user(self.logistics).action_investigate()
        self.assertEqual(dispute.state, "investigating")
        self._solve(dispute, 46)
        self.assertRecordValues(
            dispute,
            [{"state": "upheld", "amount_upheld": 46, "processor_id": self.manager.id}],
        )
        refund = dispute.move_ids
        self.assertRecordValues(
            refund,
            [
                {
                    "move_type": "out_refund",
                    "state": "posted",
                    "amount_total": 46,
                    "amount_tax": 6,
                    "payment_state": "paid",
                }
            ],
        )
        self.assertEqual(item.amount_residual, 69)
        self._assert_split(item, collectible=69)
        self.assertIn("looked into it", "".join(dispute.message_ids.mapped("body")))
        self.assertFalse(dispute.activity_ids)

    def test_partly_and_rejected(self):
        """What is not upheld returns to follow-up."""
        dispute = self._dispute({self.item: 40})
        self._solve(dispute, 15)
        self.assertRecordValues(dispute, [{"state": "partly", "amount_upheld": 15}])
        self._assert_split(self.item, collectible=85)
        other = self._dispute({self.other_item: 50})
        self._solve(other, 0)
        self.assertRecordValues(other, [{"state": "rejected", "move_ids": []}])
        self._assert_split(self.other_item, collectible=50)
        with self.assertRaisesRegex(UserError, "not possible any more"):
            other.action_solve()

    def test_more_than_disputed_is_refused(self):
        dispute = self._dispute({self.item: 40})
        with self.assertRaisesRegex(UserError, "between zero and"), self.env.cr.savepoint():
            self._solve(dispute, 41)
        self.assertEqual(dispute.state, "open")

    def test_all_of_an_invoice(self):
        """The whole invoice credited: the item leaves as reversed, nothing is left over."""
        dispute = self._dispute({self.item: 100})
        self._solve(dispute, 100)
        self.assertEqual(dispute.state, "upheld")
        self.assertIn(self.item.exit_reason, ("credited", "reversed"))
        self.assertTrue(self._get_receivable(dispute.move_ids).reconciled)

    def test_instalment(self):
        """Of an invoice in instalments the disputed one is credited, not the first one."""
        term = self._create_instalment_term((40, 0), (60, 10))
        invoice = self._create_overdue_invoice(12, 200, invoice_payment_term_id=term.id)
        self._run_day(send=False, release=False)
        first, second = self._get_receivable(invoice)
        dispute = self._dispute({self._get_item(invoice)[1]: 50})
        self._solve(dispute, 50)
        self.assertEqual((first.amount_residual, second.amount_residual), (80, 70))
        self.assertEqual(dispute.move_ids.reversed_entry_id, invoice)

    def test_odd_cents(self):
        """Any amount can be credited, whatever the taxes round to."""
        item = self._get_taxed_item(99.99)
        for amount in (0.01, 0.05, 17.37, 33.33):
            dispute = self._dispute({item: amount})
            self._solve(dispute, amount)
            self.assertEqual(dispute.move_ids.amount_total, amount)
            self.assertTrue(self._get_receivable(dispute.move_ids).reconciled)

    def test_locked_period(self):
        """Posted on the first open day."""
        lock = fields.Date.add(TODAY, days=3)
        dispute = self._dispute({self.item: 40})
        self.company.sudo().fiscalyear_lock_date = lock
        self._solve(dispute, 40)
        self.assertEqual(dispute.move_ids.date, lock + timedelta(days=1))

    def test_reopened(self):
        """Decided wrongly: the credit note is reversed, the amount is disputed again."""
        dispute = self._dispute({self.item: 40})
        self._solve(dispute, 40)
        refund = dispute.move_ids
        self._give_reason(dispute.with_user(self.manager).action_reopen(), "Wrong invoice")
        self.assertRecordValues(dispute, [{"state": "open", "move_ids": [], "amount_upheld": 0}])
        self._assert_split(self.item, disputed=40, collectible=60)
        self.assertTrue(all(self._get_receivable(refund).mapped("reconciled")))
        self.assertTrue(refund.reversal_move_ids)
        dispute.with_user(self.officer_a).action_investigate()
        dispute._set_state("open")
        self.assertEqual(dispute.state, "open")

    def test_withdrawn(self):
        dispute = self._dispute({self.item: 40})
        self._give_reason(dispute.with_user(self.officer_a).action_withdraw(), "Found the boxes")
        self.assertRecordValues(
            dispute, [{"state": "withdrawn", "state_reason": "Found the boxes"}]
        )
        self._assert_split(self.item, collectible=100)

    def test_days_to_solve(self):
        """Average days to solve, by reason."""
        first, second = self._dispute({self.item: 40}), self._dispute({self.other_item: 10})
        with self._on_day(4):
            self._solve(first, 0)
        with self._on_day(8):
            self._solve(second, 0)
        third = self._dispute({self.item: 5})
        disputes = self.env["debt.dispute"]
        domain = [("reason_id", "=", self.reason.id)]
        [(average,)] = disputes._read_group(domain, [], ["days_to_solve:avg"])
        self.assertEqual(average, 6, "what is not solved does not count")
        with self._on_day(8):
            self._give_reason(second.action_reopen())
            [(average,)] = disputes._read_group(domain, [], ["days_to_solve:avg"])
            self.assertEqual(average, 4, "nor what was reopened")
            self.assertEqual((first.age, second.age, third.age), (4, 8, 8))
            self.assertEqual(
                disputes._read_group(domain, ["age_range"], ["__count", "age:avg"]),
                [("0", 1, 4), ("1", 2, 8)],
            )
            self.assertEqual(disputes.search([*domain, ("age_range", "=", "1")]), second | third)
            [_total, by_age] = disputes.formatted_read_grouping_sets(
                domain, [[], ["age_range"]], ["days_to_solve:avg"]
            )
            self.assertEqual([group["days_to_solve:avg"] for group in by_age], [4, False])

    # === THE LEDGER ===

    def test_settled_by_payment_and_back(self):
        """Paid: nothing is disputed any more; the payment bounces: it is disputed again."""
        dispute = self._dispute({self.item: 40})
        dispute.with_user(self.logistics).action_investigate()
        payment = self._pay(self.invoice, 100)
        self.assertRecordValues(dispute, [{"state": "withdrawn", "settled_by_ledger": True}])
        payment.action_draft()
        payment.action_cancel()
        self.assertRecordValues(dispute, [{"state": "investigating", "settled_by_ledger": False}])
        self._assert_split(self._get_item(self.invoice), disputed=40, collectible=60)

    def test_settled_by_a_credit_note(self):
        """Credited by the accountants: the debtor was right."""
        dispute = self._dispute({self.item: 40})
        credit = self._create_credit_note(100)
        (self._get_receivable(self.invoice) | self._get_receivable(credit)).reconcile()
        self.assertRecordValues(dispute, [{"state": "upheld", "settled_by_ledger": True}])

    def test_part_payment(self):
        """No more is disputed than is open."""
        dispute = self._dispute({self.item: 40})
        self._pay(self.invoice, 80)
        self.assertEqual(dispute.state, "open")
        self._assert_split(self.item, disputed=20)

    def test_hold_that_waits_for_it(self):
        """A hold may end with the last dispute of the case, with a note."""
        hold = self.env["debt.hold"].create(
            {"case_id": self.case.id, "reason": "Clears it up", "release_on_dispute": True}
        )
        first, second = self._dispute({self.item: 40}), self._dispute({self.other_item: 10})
        self._solve(first, 0)
        self.assertEqual((hold.state, self.case.state), ("active", "on_hold"))
        self._solve(second, 10)
        self.assertEqual((hold.state, self.case.state), ("released", "open"))
        self.assertIn("solved", hold.release_reason)

    # === DEADLINES, DIGEST, COMPLAINTS ===

    def test_late(self):
        """Past the deadline who is above is told, once."""
        boss = self._create_user("boss_n", "debt_collection.group_manager")
        self.reason.escalation_user_id = boss
        dispute = self._dispute({self.item: 40})
        for day, count in ((7, 0), (8, 1), (9, 1)):
            with self._on_day(day):
                self._run_day(day, send=False)
                told = dispute.activity_ids.filtered(lambda a: a.user_id == boss)
                self.assertEqual(len(told), count, f"day {day}")
        with self._on_day(9):
            self.env.invalidate_all()
            self.assertTrue(dispute.is_late)
            late = self.env["debt.dispute"].search([("is_late", "=", True)])
            self.assertIn(dispute, late)

    def _trigger_digest(self):
        with self.enter_registry_test_mode():
            self.env.ref("debt_collection.ir_cron_dispute_digest").sudo().method_direct_trigger()
        self.env.invalidate_all()

    def test_digest(self):
        """One e-mail a day and person, about what is open with them."""
        self._dispute({self.item: 40})
        self._dispute({self.other_item: 10})
        mails = self.env["mail.mail"].sudo()
        before = mails.search([])
        self._trigger_digest()
        mail = mails.search([]) - before
        mine = mail.filtered(lambda m: self.logistics.email in (m.email_to or ""))
        self.assertEqual(len(mine), 1)
        self.assertIn("2 open disputes", mine.subject)
        self.assertIn(self.debtor.name, mine.body_html)
        self._trigger_digest()
        self.assertFalse(mails.search([]) - before - mail, "not twice a day")
        with self._on_day(1):
            self._trigger_digest()
            self.assertTrue(mails.search([]) - before - mail)

    def test_digest_of_a_department(self):
        """The department's address gets one e-mail a day about all that is open with it."""
        self.reason.write({"department": "Logistics", "department_email": "yard@example.com"})
        self._dispute({self.item: 40})
        self._dispute({self.other_item: 10})
        mails = self.env["mail.mail"].sudo()
        for _time in range(2):
            self._trigger_digest()
            mail = mails.search([("email_to", "=", "yard@example.com")])
            self.assertEqual(len(mail), 1)
        self.assertIn("2 open disputes", mail.subject)
        self.assertIn("Logistics", mail.body_html)

    def test_the_answer_asks_the_gate(self):
        """Who must not be written to gets no answer by e-mail: it is kept, and somebody's task.

        A hold is no such reason: it stops asking for money, not answering a question.
        """
        dispute = self._dispute({self.item: 40})
        self.env["debt.hold"].create({"case_id": self.case.id, "reason": "Wait for logistics"})
        self._solve(dispute, 40, reply="You are right.")
        answer = dispute.message_ids.filtered(lambda m: "You are right." in m.body)
        self.assertIn(self.debtor, answer.notified_partner_ids)
        checks = self.env["debt.check"].search([("purpose", "=", "dispute_answer")])
        self.assertRecordValues(checks, [{"partner_id": self.debtor.id, "kind": "dispatch"}])
        self.env["debt.consent"]._opt_out(self.debtor.email, self.company, "link")
        other = self._dispute(reason=self.complaint)
        self._solve(other, 1, reply="We apologise.")
        answer = other.message_ids.filtered(lambda m: "We apologise." in m.body)
        self.assertNotIn(self.debtor, answer.notified_partner_ids)
        self.assertIn("was not sent", answer.body)
        self.assertEqual(len(other.activity_ids), 1)

    def test_complaint(self):
        """About conduct: no item, no amount, but a deadline for the answer."""
        complaint = self._dispute(reason=self.complaint, description="Shouted at me")
        self.assertRecordValues(complaint, [{"kind": "complaint", "amount": 0, "state": "open"}])
        self._assert_split(self.item, collectible=100)
        self._solve(complaint, 1, reply="We apologise.")
        self.assertRecordValues(complaint, [{"state": "upheld", "reply": "We apologise."}])
        other = self._dispute(reason=self.complaint)
        self._solve(other, 0)
        self.assertEqual(other.state, "rejected")

    def test_timeline(self):
        """Agreements and what became of them are on the debtor's timeline."""
        dispute = self._dispute({self.item: 40})
        promise = self._promise(items={self.item: 60})
        self._solve(dispute, 0)
        self._pay(self.invoice, 60)
        self.assertEqual(promise.state, "kept")
        rows = self.env["debt.timeline"].search([("case_id", "=", self.case.id)])
        words = rows.filtered(lambda row: row.kind in ("promise", "dispute")).mapped("summary")
        self.assertEqual(len(words), 4)
        self.assertIn("Dispute: Rejected: Decided", words)
        self.assertTrue([text for text in words if text.startswith("Promise: Kept")])

    # === RIGHTS ===

    def test_the_department(self):
        """The person responsible sees the dispute and answers it, and nothing else."""
        dispute = self._dispute({self.item: 40})
        other = self._dispute({self.other_item: 10}, responsible_id=self.officer_a.id)
        mine = self.env["debt.dispute"].with_user(self.logistics)
        self.assertEqual(mine.search([]), dispute)
        mine.browse(dispute.id).read(["display_name", "amount", "may_answer", "case_id"])
        mine.browse(dispute.id).write({"finding": "Two of ten were broken"})
        for values in ({"amount": 1}, {"state": "upheld"}, {"responsible_id": self.officer_b.id}):
            with self.subTest(values), self.assertRaises(AccessError):
                mine.browse(dispute.id).write(values)
        with self.assertRaises(AccessError):
            mine.browse(other.id).read(["amount"])
        with self.assertRaises(AccessError):
            mine.browse(dispute.id).action_solve()
        with self.assertRaises(AccessError):
            self.case.with_user(self.logistics).read(["amount_overdue"])

    def test_officers(self):
        with self.assertRaises(AccessError):
            self._dispute({self.item: 40}, user=self.officer_b)
        dispute = self._dispute({self.item: 40})
        self.assertFalse(self.env["debt.dispute"].with_user(self.officer_b).search([]))
        with self.assertRaisesRegex(UserError, "evidence"):
            dispute.sudo().unlink()

    def test_foreign_currency(self):
        """Credited in the currency of the invoice."""
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self._create_overdue_invoice(20, 80, currency_id=currency.id)
        self._run_day(send=False, release=False)
        item = self._get_item(invoice)
        dispute = self._dispute({item: 30})
        self.assertEqual(dispute.amount_company, 15)
        self._solve(dispute, 30)
        self.assertRecordValues(
            dispute.move_ids, [{"currency_id": currency.id, "amount_total": 30}]
        )
        self.assertEqual(self._get_receivable(invoice).amount_residual_currency, 50)
        self.assertEqual(self._get_receivable(invoice).amount_residual, 25)
