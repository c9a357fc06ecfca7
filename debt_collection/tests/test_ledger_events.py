"""Money moves by day: bookkeeping works as without the addon, and the cases follow at once."""

from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


class LedgerCase(DebtCommon):
    """One debtor with a late invoice of 100, a case and an e-mail on its way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._create_overdue_invoice(10)
        cls.line = cls._get_receivable(cls.invoice)
        cls.first_run = cls._run_day()
        cls.case = cls._get_case()
        cls.item = cls.case.item_ids
        cls.notice = cls.first_run.notice_ids

    def _assert_settled(self, reason):
        """The only item left for a reason, the case closed with it, nothing goes out."""
        self.assertRecordValues(self.item, [{"exit_reason": reason, "date_out": TODAY}])
        self.assertRecordValues(
            self.case,
            [
                {
                    "state": "closed",
                    "outcome": reason,
                    "item_count": 0,
                    "amount_overdue": 0.0,
                    "date_close": TODAY,
                }
            ],
        )
        self.assertEqual(self.notice.state, "cancelled")
        self.assertEqual(self.notice.mail_id.state, "cancel")

    def _assert_in_collection(self, amount=100.0):
        """The same case is open, with the invoice's line in it once."""
        self.assertRecordValues(
            self.case, [{"state": "open", "outcome": False, "amount_overdue": amount}]
        )
        self.assertEqual(self._get_case(), self.case)
        self.assertEqual(self.case.open_item_ids.move_line_id, self._get_receivable(self.invoice))

    def _reset_and_delete(self, move):
        """Delete a document the way Odoo allows it: reset, renumbering not minded."""
        move.button_draft()
        move.with_context(force_delete=True).unlink()


@tagged("post_install", "-at_install")
class TestMoneyArrives(LedgerCase):
    """Payments, credit notes and write-offs."""

    def test_full_payment(self):
        """Paid in full: item and case are gone in the same transaction."""
        self._pay(self.invoice)
        self.assertIn(self.invoice.payment_state, ("paid", "in_payment"))
        self._assert_settled("paid")

    def test_accountant_without_collection_rights(self):
        """Who books payments needs no rights on cases: they follow all the same."""
        accountant = self._create_user("accountant_only", "account.group_account_user")
        self.env["account.payment.register"].with_user(accountant).with_context(
            active_model="account.move", active_ids=self.invoice.ids
        ).create({})._create_payments()
        self._assert_settled("paid")

    def test_partial_payment(self):
        """Part paid: the item stays, the figures and the e-mail tell the rest."""
        old_mail = self.notice.mail_id
        self._pay(self.invoice, 40)
        self._assert_in_collection(60)
        self.assertEqual(self.item.amount_residual, 60)
        self.assertEqual(self.item.amount_in, 100, "evidence: the amount on entry")
        self.assertEqual(old_mail.state, "cancel")
        self.assertRecordValues(
            self.notice, [{"state": "ready", "amount_total": 60.0, "mail_id": False}]
        )
        self.assertEqual(self.notice.item_ids.amount, 60)

    def test_partial_payment_leaves_other_items(self):
        """One of two invoices paid: the other one is still chased, in the same notice."""
        other = self._create_overdue_invoice(15, 50)
        self._run_day(1)
        self._pay(self.invoice)
        self.assertRecordValues(self.case, [{"state": "open", "amount_overdue": 50.0}])
        self.assertEqual(self.case.open_item_ids.move_line_id.move_id, other)
        self.assertEqual(self.case.oldest_due_date, TODAY - timedelta(days=15))

    def test_instalment_paid(self):
        """Of two late instalments the first is paid: the second one stays."""
        debtor = self._create_debtor("Instalment Ltd")
        invoice = self._create_overdue_invoice(
            0,
            100,
            partner=debtor,
            invoice_date=TODAY - timedelta(days=60),
            invoice_payment_term_id=self._create_instalment_term((30, 10), (30, 30), (40, 90)).id,
        )
        self._run_day()
        case = self._get_case(debtor)
        self.assertEqual((case.item_count, case.amount_overdue), (2, 60.0))
        self._pay(invoice, 30)
        self.assertEqual(case.open_item_ids.date_due, TODAY - timedelta(days=30))
        self.assertEqual((case.item_count, case.amount_overdue), (1, 30.0))

    def test_reconciled_credit_note(self):
        """A credit note matched with the invoice: credited, not paid."""
        credit = self._create_credit_note(100)
        (self.line | self._get_receivable(credit)).reconcile()
        self._assert_settled("credited")

    def test_partial_credit_note(self):
        """Credit of a part: the rest is still owed."""
        credit = self._create_credit_note(30)
        (self.line | self._get_receivable(credit)).reconcile()
        self._assert_in_collection(70)

    def test_full_reversal(self):
        """Odoo's *Reverse* wizard with modification cancels the invoice: reversed."""
        self._reverse_invoice(self.invoice, is_modify=True)
        self.assertEqual(self.invoice.payment_state, "reversed")
        self._assert_settled("reversed")

    def test_write_off(self):
        """A miscellaneous entry that is matched with the line: written off, not paid."""
        account = self.company_data["default_account_expense"]
        entry = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": TODAY,
                "line_ids": [
                    Command.create({"account_id": account.id, "debit": 100, "name": "Bad debt"}),
                    Command.create(
                        {
                            "account_id": self.line.account_id.id,
                            "partner_id": self.debtor.id,
                            "credit": 100,
                            "name": "Bad debt",
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        (self.line | self._get_receivable(entry)).reconcile()
        self._assert_settled("written_off")

    def test_bank_statement_line(self):
        """Money found on the bank statement and matched there."""
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": TODAY,
                "payment_ref": self.invoice.name,
                "partner_id": self.debtor.id,
                "amount": 100,
            }
        )
        _liquidity, suspense, _other = statement_line._seek_for_lines()
        suspense.account_id = self.line.account_id
        (suspense | self.line).reconcile()
        self.assertTrue(self.line.reconciled)
        self._assert_settled("paid")

    def test_unallocated_payment(self):
        """Money that nobody has matched yet covers the debt: at commit nothing goes out."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.debtor.id,
                "amount": 100,
                "date": TODAY,
            }
        )
        payment.action_post()
        self.env.cr.precommit.run()
        self.assertRecordValues(
            self.case,
            [{"state": "open", "amount_overdue": 100.0, "amount_credit": 100.0, "amount_net": 0.0}],
        )
        self.assertEqual(self.notice.state, "cancelled")
        decision = self._get_decision(self._run_day(30))
        self.assertEqual(decision.decision, "covered")

    def test_unallocated_part(self):
        """A credit that covers a part: the notice is written anew and names the credit."""
        self._create_credit_note(30)
        self.env.cr.precommit.run()
        self.assertEqual(self.case.amount_net, 70)
        self.assertRecordValues(self.notice, [{"state": "ready", "amount_credit": 30.0}])
        self.notice.sudo()._dispatch_batch()
        self.assertIn("credits in your favour", self.notice.body)

    def test_foreign_currency_with_exchange_difference(self):
        """A debt in a foreign currency, paid at another rate: settled, whatever the rate did."""
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0), (str(TODAY), 4.0)])
        debtor = self._create_debtor("Foreign Ltd")
        invoice = self._create_overdue_invoice(20, 100, partner=debtor, currency_id=currency.id)
        self._run_day()
        case = self._get_case(debtor)
        self.assertEqual(case.open_item_ids.amount_residual, 100)
        self.assertEqual(case.amount_overdue, 50)
        self._pay(invoice, currency_id=currency.id)
        line = self._get_receivable(invoice)
        self.assertTrue(line.matched_credit_ids.exchange_move_id, "the rate made a difference")
        self.assertRecordValues(
            case, [{"state": "closed", "outcome": "paid", "amount_overdue": 0.0}]
        )

    def test_foreign_currency_part(self):
        """Half of a foreign debt is paid: half of it, in its own currency, is left."""
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        debtor = self._create_debtor("Foreign Ltd")
        invoice = self._create_overdue_invoice(20, 100, partner=debtor, currency_id=currency.id)
        self._run_day()
        case = self._get_case(debtor)
        self._pay(invoice, 50, currency_id=currency.id)
        self.assertEqual(case.open_item_ids.amount_residual, 50)
        self.assertEqual(case.amount_overdue, 25)
        self.assertEqual(case.notice_ids.item_ids.amount, 50)
        self.assertEqual(case.notice_ids.amount_total, 25)

    def test_payment_of_somebody_else(self):
        """Money of another debtor touches nothing here."""
        other = self._create_debtor("Other Ltd")
        invoice = self._create_overdue_invoice(10, 70, partner=other)
        self._pay(invoice)
        self.assertFalse(self._get_case(other))
        self._assert_in_collection()
        self.assertEqual(self.notice.state, "queued")


@tagged("post_install", "-at_install")
class TestMoneyGoesBack(LedgerCase):
    """What was settled is owed again, and the reverse."""

    def _take_back(self, payment):
        """Cancel a payment the way an accountant does."""
        payment.action_draft()
        payment.action_cancel()

    def test_unreconciliation_alone(self):
        """Unmatched money is still the debtor's: nothing net is owed, the case stays closed."""
        self._pay(self.invoice)
        self.assertEqual(self.case.state, "closed")
        self.line.remove_move_reconcile()
        self.assertEqual(self.case.state, "closed")

    def test_unreconciliation_with_another_debt(self):
        """The unmatched money covers a part only: the same case takes its item back."""
        self._create_overdue_invoice(12, 50)
        self._run_day(1)
        self._pay(self.invoice)
        self.assertEqual(self.case.amount_overdue, 50)
        self.line.remove_move_reconcile()
        self.assertRecordValues(
            self.case,
            [{"amount_overdue": 150.0, "amount_credit": 100.0, "item_count": 2, "state": "open"}],
        )

    def test_payment_bounced(self):
        """The same case reopens and the item goes on from the level it had reached."""
        self.notice.mail_id.sudo().state = "sent"
        self.notice.sudo()._set_sent()
        payment = self._pay(self.invoice)
        self.assertEqual(self.case.state, "closed")
        self._take_back(payment)
        self._assert_in_collection()
        self.assertEqual(len(self.case.item_ids), 2, "left and came back: both are evidence")
        self.assertRecordValues(
            self.case.open_item_ids,
            [{"level_id": self.level_reminder.id, "level_date": TODAY, "date_in": TODAY}],
        )
        self.assertEqual(self.item.exit_reason, "paid")
        decision = self._get_decision(self._run_day(1))
        self.assertEqual(decision.decision, "waiting", "not reminded a second time")

    def test_payment_bounced_before_the_notice_left(self):
        """Paid, notice withdrawn, payment undone: the reminder was never sent, so it comes."""
        payment = self._pay(self.invoice)
        self.assertEqual(self.notice.state, "cancelled")
        self._take_back(payment)
        self._assert_in_collection()
        self.assertFalse(self.case.open_item_ids.level_id)
        self.assertFalse(self.case.level_id)
        decision = self._get_decision(self._run_day(8))
        self.assertEqual((decision.decision, decision.level_id), ("notice", self.level_reminder))

    def test_part_unreconciled(self):
        """A part payment is undone: the full amount is back."""
        self._pay(self.invoice, 40)
        self.line.remove_move_reconcile()
        self._assert_in_collection(100)
        self.assertEqual(self.notice.amount_total, 100)

    def test_payment_reset_to_draft(self):
        """Odoo leaves the invoice paid while its payment is corrected: so does the case."""
        payment = self._pay(self.invoice)
        payment.action_draft()
        self.assertEqual((self.invoice.amount_residual, self.case.state), (0.0, "closed"))
        payment.action_post()
        self.assertEqual((self.invoice.amount_residual, self.case.state), (0.0, "closed"))

    def test_reset_to_draft_and_posted_again(self):
        """A corrected invoice leaves its case and comes back to it."""
        self.invoice.button_draft()
        self._assert_settled("cancelled")
        self.invoice.invoice_line_ids.price_unit = 120
        self.invoice.action_post()
        self.env.cr.precommit.run()
        self._assert_in_collection(120)
        self.assertEqual(self.case.open_item_ids.document_number, self.invoice.name)
        self.assertEqual(self.case.open_item_ids.amount_in, 120)

    def test_reset_to_draft_keeps_the_level_of_what_was_sent(self):
        """Correcting an invoice is no way back to the first reminder."""
        self.notice.sudo()._set_sent()
        self.invoice.button_draft()
        self.invoice.invoice_line_ids.price_unit = 120
        self.invoice.action_post()
        self.env.cr.precommit.run()
        self.assertEqual(self.case.open_item_ids.level_id, self.level_reminder)

    def test_cancel(self):
        """A cancelled invoice is not chased."""
        self.invoice.button_draft()
        self.invoice.button_cancel()
        self._assert_settled("cancelled")


@tagged("post_install", "-at_install")
class TestDocumentsChange(LedgerCase):
    """Deleted, moved, blocked, postponed: always allowed, always followed."""

    def _assert_evidence(self, number):
        self.assertRecordValues(
            self.item,
            [
                {
                    "move_line_id": False,
                    "document_number": number,
                    "date_due": TODAY - timedelta(days=10),
                    "amount_in": 100.0,
                }
            ],
        )

    def test_draft_invoice_deleted(self):
        """Reset and deleted: the item left when it became a draft and keeps what it was."""
        number = self.invoice.name
        self._reset_and_delete(self.invoice)
        self.assertFalse(self.invoice.exists())
        self._assert_settled("deleted")
        self._assert_evidence(number)
        self.assertEqual(self.item.display_name, number)
        self.assertEqual(self.notice.item_ids.exists().document_number, number)

    def test_posted_document_deleted(self):
        """What is deleted by force while posted leaves as deleted."""
        number = self.invoice.name
        self.invoice.line_ids.with_context(dynamic_unlink=True, force_delete=True).unlink()
        self._assert_settled("deleted")
        self._assert_evidence(number)

    def test_deleted_among_others(self):
        """One invoice deleted, the other stays in the case."""
        other = self._create_overdue_invoice(12, 50)
        self._run_day(1)
        self._reset_and_delete(self.invoice)
        self.assertRecordValues(
            self.case, [{"state": "open", "amount_overdue": 50.0, "item_count": 1}]
        )
        self.assertEqual(self.case.open_item_ids.move_line_id.move_id, other)

    def test_due_date_moved_and_moved_back(self):
        """More time for the debtor takes the item out; taken back, it returns with its level."""
        self.notice.sudo()._set_sent()
        self.line.date_maturity = TODAY + timedelta(days=20)
        self.assertRecordValues(self.item, [{"exit_reason": "not_due", "date_out": TODAY}])
        self.assertEqual((self.case.state, self.case.outcome), ("closed", "not_due"))
        self.line.date_maturity = TODAY - timedelta(days=10)
        self._assert_in_collection()
        self.assertEqual(self.case.open_item_ids.level_id, self.level_reminder)

    def test_due_date_moved_within_the_past(self):
        """A later due date that is still past: the item stays and tells the new date."""
        self.line.date_maturity = TODAY - timedelta(days=4)
        self._assert_in_collection()
        self.assertEqual(self.case.open_item_ids.date_due, TODAY - timedelta(days=4))
        self.assertEqual(self.case.oldest_due_date, TODAY - timedelta(days=4))

    def test_no_followup(self):
        """Odoo's own flag takes a document out of collection, and back."""
        self.invoice.no_followup = True
        self._assert_settled("excluded")
        self.invoice.no_followup = False
        self._assert_in_collection()

    def test_blocked(self):
        """A blocked document is not chased until somebody unblocks it."""
        self.invoice.action_toggle_block_payment()
        self.assertEqual(self.invoice.payment_state, "blocked")
        self._assert_settled("excluded")
        self.invoice.action_toggle_block_payment()
        self.env.flush_all()
        self.assertEqual(self.invoice.payment_state, "not_paid")
        self._assert_in_collection()

    def test_blocked_by_one_of_two(self):
        """Only the blocked document leaves the case and the notice."""
        debtor = self._create_debtor("Two Ltd")
        blocked, _other = (
            self._create_overdue_invoice(days, amount, partner=debtor)
            for days, amount in ((10, 100), (12, 50))
        )
        notice = self._run_day().notice_ids
        self.assertEqual(notice.amount_total, 150)
        blocked.action_toggle_block_payment()
        self.assertEqual(notice.case_id.amount_overdue, 50)
        self.assertRecordValues(notice, [{"state": "ready", "amount_total": 50.0}])

    def test_moved_to_another_customer(self):
        """The wrong customer was invoiced: the right one starts from the beginning."""
        other = self._create_debtor("Right Ltd")
        self.notice.sudo()._set_sent()
        self.invoice.button_draft()
        self.assertEqual(self.case.state, "closed")
        self.invoice.partner_id = other
        self.invoice.invoice_date_due = TODAY - timedelta(days=10)
        self.invoice.action_post()
        self.env.cr.precommit.run()
        self.assertEqual((self.case.state, self.item.exit_reason), ("closed", "cancelled"))
        self.assertFalse(self._get_case(other), "found by the next run, not by day")
        run = self._run_day(1)
        case = self._get_case(other)
        self.assertEqual(case.amount_overdue, 100)
        self.assertEqual(self._get_decision(run, other).decision, "notice")
        self.assertEqual(run.notice_ids.level_id, self.level_reminder)
        self.assertEqual(run.notice_ids.item_ids.previous_level_id.id, False)
        self.assertEqual(self.case.state, "closed")

    def test_line_given_to_another_partner(self):
        """A posted line that changes hands leaves as moved."""
        other = self._create_debtor("Taker Ltd")
        self.line.with_context(
            skip_readonly_check=True, check_move_validity=False
        ).partner_id = other
        self.assertEqual((self.item.exit_reason, self.case.state), ("moved", "closed"))

    def test_hands_off_when_nothing_changed(self):
        """Writing a reference on the invoice changes nothing in the case."""
        mail = self.notice.mail_id
        self.invoice.ref = "our order 4711"
        self._assert_in_collection()
        self.assertEqual((self.notice.mail_id, mail.state), (mail, "outgoing"))
        self.assertEqual(self.notice.state, "queued")

    def test_courtesy_message_withdrawn_by_payment(self):
        """Paid before it falls due: the friendly message does not leave either."""
        debtor = self._create_debtor("Early Ltd")
        invoice = self._create_overdue_invoice(-2, 80, partner=debtor)
        notice = self._run_day().notice_ids.filtered(lambda n: n.partner_id == debtor)
        self.assertEqual((notice.state, notice.level_id), ("queued", self.level_courtesy))
        self._pay(invoice)
        notice.mail_id.send()
        self.assertEqual(notice.state, "cancelled")
        self.assertEqual(notice.mail_id.state, "cancel")


@tagged("post_install", "-at_install")
class TestMultiCompanyMoney(DebtCommon):
    """A movement of money in one company leaves the other's case alone."""

    def test_same_debtor_in_two_companies(self):
        data = self.setup_other_company(name="Second company")
        other = data["company"]
        other.debt_tolerance = 1.0
        invoice = self._create_overdue_invoice(10, 100)
        self._create_overdue_invoice(10, 80, company=other)
        self._run_day()
        self.env["debt.run"].with_company(other).create(
            {"date": TODAY, "company_id": other.id}
        )._execute()
        case_other = (
            self.env["debt.case"]
            .sudo()
            .search([("partner_id", "=", self.debtor.id), ("company_id", "=", other.id)])
        )
        self.assertEqual(case_other.amount_overdue, 80)
        self._pay(invoice)
        self.assertEqual(self._get_case().state, "closed")
        self.assertRecordValues(case_other, [{"state": "open", "amount_overdue": 80.0}])
