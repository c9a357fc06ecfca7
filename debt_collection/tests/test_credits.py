"""Credits, unallocated payments, partial payments, tolerance: who owes how much in the end."""

from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


@tagged("post_install", "-at_install")
class TestCredits(DebtCommon):
    def _create_payment(self, amount, partner=None, post=True):
        """A customer payment that is not allocated to anything."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.debtor).id,
                "amount": amount,
                "date": TODAY,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        if post:
            payment.action_post()
        return payment

    def _follow_money(self):
        """What Odoo does before it commits: follow movements that nothing followed yet."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    # === NOBODY IS CHASED WHO OWES NOTHING NET ===

    def test_credits_are_netted(self):
        """Credit notes and unallocated payments count before anybody is written to (U3, U16)."""
        table = [
            ("credit note", "credit", 100.0, False),
            ("payment", "payment", 100.0, False),
            ("more than owed", "payment", 250.0, False),
            ("all but the tolerance", "credit", 99.0, False),
            ("a cent beyond the tolerance", "credit", 98.99, True),
            ("half", "payment", 50.0, True),
        ]
        debtors = {}
        for name, kind, amount, _chased in table:
            debtor = debtors[name] = self._create_debtor(name)
            self._create_overdue_invoice(10, 100, partner=debtor)
            if kind == "credit":
                self._create_credit_note(amount, partner=debtor)
            else:
                self._create_payment(amount, debtor)
        run = self._run_day()
        for name, _kind, amount, chased in table:
            with self.subTest(name):
                case = self._get_case(debtors[name])
                self.assertEqual(bool(case), chased)
                self.assertEqual(debtors[name] in run.notice_ids.partner_id, chased)
                if chased:
                    self.assertRecordValues(
                        case,
                        [
                            {
                                "amount_overdue": 100.0,
                                "amount_credit": amount,
                                "amount_net": 100 - amount,
                            }
                        ],
                    )

    def test_drafts_and_cancelled_credits_do_not_count(self):
        """Only what is posted is money (U10)."""
        self._create_overdue_invoice(10, 100)
        self._create_payment(100, post=False)
        credit = self._create_credit_note(100)
        credit.button_draft()
        credit.button_cancel()
        self._run_day()
        self.assertRecordValues(self._get_case(), [{"amount_overdue": 100.0, "amount_credit": 0}])

    def test_what_is_not_due_does_not_use_credits_up(self):
        """A credit counts against what is overdue, whatever else falls due later."""
        self._create_overdue_invoice(10, 100)
        self._create_overdue_invoice(-40, 5000)
        self._create_credit_note(100)
        self._run_day()
        self.assertFalse(self._get_case())

    def test_credit_of_a_contact_counts_for_its_company(self):
        """Debts and credits of all contacts belong to the commercial partner."""
        contact = self.env["res.partner"].create(
            {"name": "Accounts payable", "parent_id": self.debtor.id, "type": "invoice"}
        )
        self._create_overdue_invoice(10, 100, partner=contact)
        self._create_credit_note(60, partner=contact)
        self._create_overdue_invoice(10, 30)
        self._run_day()
        self.assertFalse(self._get_case(contact))
        self.assertRecordValues(
            self._get_case(), [{"amount_overdue": 130.0, "amount_credit": 60.0, "item_count": 2}]
        )

    def test_credit_of_somebody_else_does_not_count(self):
        """Every debtor stands alone."""
        self._create_overdue_invoice(10, 100)
        self._create_credit_note(100, partner=self._create_debtor("Other Ltd"))
        self._run_day()
        self.assertEqual(self._get_case().amount_net, 100.0)

    def test_the_notice_tells_the_credit(self):
        """The debtor reads what is owed and what stands in their favour."""
        self._create_overdue_invoice(10, 100)
        self._create_credit_note(40)
        notice = self._run_day().notice_ids
        self.assertRecordValues(notice, [{"amount_total": 100.0, "amount_credit": 40.0}])
        self.assertIn("credits in your favour", notice.body)
        self.assertIn(self.company.currency_id.format(-40.0), notice.body)

    # === CREDITS COME AND GO ===

    def test_credit_for_an_open_case(self):
        """The case stays (nothing is allocated yet), nobody is written to, and the reason says
        why; when the credit is allocated the case closes."""
        invoice = self._create_overdue_invoice(10, 100)
        self._run_day()
        case = self._get_case()
        credit = self._create_credit_note(100)
        run = self._run_day(20)
        self.assertFalse(run.notice_ids)
        line = self._get_decision(run)
        self.assertEqual(line.decision, "covered")
        self.assertIn("100.00", line.reason)
        self.assertEqual(case.amount_net, 0.0)
        (self._get_receivable(invoice) | self._get_receivable(credit)).reconcile()
        self.assertRecordValues(case, [{"state": "closed", "outcome": "credited"}])

    def test_credit_stops_what_is_on_its_way(self):
        """A credit that covers the debt withdraws the e-mail; a smaller one is told in it."""
        self._create_overdue_invoice(10, 100)
        notice = self._run_day().notice_ids
        self._create_credit_note(30)
        self._follow_money()
        notice._dispatch_batch()
        self.assertRecordValues(notice, [{"state": "queued", "amount_credit": 30.0}])
        self._create_payment(70)
        self._follow_money()
        self.assertEqual(notice.state, "cancelled")
        self.assertFalse(self._get_case().item_ids.level_id, "never told")

    def test_covering_credit_goes_away(self):
        """The payment bounces: the level that was due meanwhile is sent at once."""
        self._create_overdue_invoice(10, 100)
        self._run_day()
        payment = self._create_payment(100)
        self.assertEqual(self._get_decision(self._run_day(11)).decision, "covered")
        payment.action_draft()
        payment.action_cancel()
        notice = self._run_day(12).notice_ids
        self.assertEqual(notice.level_id, self.level_formal_reminder)

    # === PARTIAL PAYMENTS ===

    def test_partial_payment_leaves_the_rest(self):
        """The rest stays in collection, on the level it had, with its own amount (U2)."""
        invoice = self._create_overdue_invoice(10, 100)
        self._run_day().notice_ids.sudo()._set_sent()
        case, item = self._get_case(), self._get_case().item_ids
        self._pay(invoice, 60, payment_difference_handling="open")
        self.assertEqual(invoice.payment_state, "partial")
        self.assertRecordValues(case, [{"state": "open", "amount_overdue": 40.0}])
        self.assertRecordValues(item, [{"amount_in": 100.0, "amount_residual": 40.0}])
        self.assertEqual(item.level_id, self.level_reminder)
        formal = self._run_day(11).notice_ids
        self.assertRecordValues(
            formal, [{"amount_total": 40.0, "level_id": self.level_formal_reminder.id}]
        )

    def test_partial_payment_down_to_the_tolerance(self):
        """What is left is not worth a letter."""
        invoice = self._create_overdue_invoice(10, 100)
        self._run_day()
        self._pay(invoice, 99, payment_difference_handling="open")
        self.assertRecordValues(self._get_case(), [{"state": "closed"}])
        self.assertEqual(self._get_case().item_ids.exit_reason, "below_tolerance")

    # === TOLERANCE ===

    def test_tolerance(self):
        """A debtor who owes no more than the tolerance is left alone, a cent more is chased."""
        table = [(0.0, 0.01, True), (1.0, 1.0, False), (1.0, 1.01, True), (50.0, 50.0, False)]
        for index, (tolerance, amount, chased) in enumerate(table):
            with self.subTest(tolerance=tolerance, amount=amount):
                self.company.debt_tolerance = tolerance
                debtor = self._create_debtor(f"Small {index}")
                self._create_overdue_invoice(10, amount, partner=debtor)
                self._run_day()
                self.assertEqual(bool(self._get_case(debtor)), chased)

    def test_tolerance_is_of_the_debtor_not_of_the_invoice(self):
        """Many small invoices are a debt."""
        self.company.debt_tolerance = 50
        for _index in range(3):
            self._create_overdue_invoice(10, 20)
        self._run_day()
        self.assertRecordValues(self._get_case(), [{"amount_overdue": 60.0, "item_count": 3}])

    # === EXCLUDED ===

    def test_excluded_from_follow_up_and_back(self):
        """Odoo's own exclusion is honoured, by document and by line; lifted, it all comes back
        (U17)."""
        invoice = self._create_overdue_invoice(10, 100)
        self._run_day()
        case = self._get_case()
        line = self._get_receivable(invoice)
        line.no_followup = True
        self.assertRecordValues(case, [{"state": "closed", "outcome": "excluded"}])
        run = self._run_day(20)
        self.assertFalse(self._get_decision(run))
        line.no_followup = False
        self._run_day(21)
        self.assertEqual(self._get_case(), case)
        self.assertRecordValues(case, [{"state": "open", "amount_overdue": 100.0}])

    def test_blocked_documents_are_left_alone(self):
        """A document that Odoo calls blocked is not chased and does not count as overdue."""
        blocked = self._create_overdue_invoice(10, 100)
        self._create_overdue_invoice(10, 30)
        blocked.payment_state = "blocked"
        self._run_day()
        self.assertRecordValues(self._get_case(), [{"amount_overdue": 30.0, "item_count": 1}])
