"""Currencies: amounts stay in the debt's currency, totals and limits are the company's."""

from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


@tagged("post_install", "-at_install")
class TestMultiCurrency(DebtCommon):
    """The company keeps its books in USD; two EUR are one USD."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.company.currency_id
        cls.eur = cls.setup_other_currency("EUR", rates=[("1900-01-01", 2.0)])

    def _create_eur_invoice(self, days, amount, **values):
        return self._create_overdue_invoice(days, amount, currency_id=self.eur.id, **values)

    def test_amounts_stay_in_their_currency(self):
        """Items in EUR and USD, one case in the company's currency, subtotals in the notice."""
        in_eur = self._create_eur_invoice(10, 100)
        in_usd = self._create_overdue_invoice(12, 80)
        notice = self._run_day().notice_ids
        case = self._get_case()
        items = {item.move_id: item for item in case.item_ids}
        self.assertRecordValues(
            items[in_eur],
            [
                {
                    "currency_id": self.eur.id,
                    "amount_in": 100.0,
                    "amount_residual": 100.0,
                    "amount_residual_company": 50.0,
                }
            ],
        )
        self.assertRecordValues(
            items[in_usd],
            [{"currency_id": self.usd.id, "amount_in": 80.0, "amount_residual_company": 80.0}],
        )
        self.assertRecordValues(case, [{"currency_id": self.usd.id, "amount_overdue": 130.0}])
        self.assertIn("100.00", case.currency_totals)
        self.assertIn("80.00", case.currency_totals)
        self.assertEqual(notice.amount_total, 130.0)
        totals = {total["currency"]: total["open"] for total in notice._get_currency_totals()}
        self.assertEqual(totals, {self.eur: 100.0, self.usd: 80.0})
        self.assertIn("Total EUR", notice.body)
        self.assertIn("Total USD", notice.body)
        self.assertIn("All together, converted to USD", notice.body, "a sum that says what it is")

    def test_tolerance_in_company_currency(self):
        """10 USD tolerance: 20 EUR are not chased, 20.02 EUR are."""
        self.company.debt_tolerance = 10
        for amount, chased in ((20.0, False), (20.02, True)):
            with self.subTest(amount=amount):
                debtor = self._create_debtor(f"Owes {amount}")
                self._create_eur_invoice(10, amount, partner=debtor)
                self._run_day()
                self.assertEqual(bool(self._get_case(debtor)), chased)

    def test_minimum_amount_in_company_currency(self):
        """A level from 60 USD on is reached with 120 EUR, not with 119."""
        strategy = self._create_strategy({"days": 5}, {"days": 6, "minimum_amount": 60})
        for amount, level in ((119.0, "Level 1"), (120.0, "Level 2")):
            with self.subTest(amount=amount):
                debtor = self._create_debtor(f"Owes {amount}")
                debtor.debt_strategy_id = strategy
                self._create_eur_invoice(10, amount, partner=debtor)
                decision = self._get_decision(self._preview_day(), debtor)
                self.assertEqual(decision.level_id.name, level)
                self.assertEqual(decision.amount, amount / 2)

    def test_credit_in_another_currency(self):
        """Credits are netted in the company's currency."""
        self._create_eur_invoice(10, 100)
        self._create_credit_note(20)
        self._run_day()
        self.assertRecordValues(
            self._get_case(), [{"amount_overdue": 50.0, "amount_credit": 20.0, "amount_net": 30.0}]
        )
        self._create_credit_note(60, currency_id=self.eur.id)
        run = self._run_day(15)
        self.assertEqual(self._get_decision(run).decision, "covered")

    def test_partial_payment_in_foreign_currency(self):
        """40 of 100 EUR paid: 60 EUR, 30 USD are left."""
        invoice = self._create_eur_invoice(10, 100)
        self._run_day()
        self._pay(invoice, 40, currency_id=self.eur.id)
        self.assertRecordValues(
            self._get_case().item_ids, [{"amount_residual": 60.0, "amount_residual_company": 30.0}]
        )
        self.assertEqual(self._get_case().amount_overdue, 30.0)

    def test_a_new_rate_changes_no_debt(self):
        """The ledger's own company-currency amount counts, not today's rate."""
        self._create_eur_invoice(10, 100)
        self._run_day()
        self.env["res.currency.rate"].create(
            {
                "name": TODAY + timedelta(days=1),
                "rate": 4.0,
                "currency_id": self.eur.id,
                "company_id": self.company.id,
            }
        )
        run = self._run_day(2)
        self.assertEqual(self._get_case().amount_overdue, 50.0)
        self.assertEqual(run.amount_overdue, 50.0)
