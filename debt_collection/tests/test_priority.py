"""Priority: the sum of the points of explained rules."""

from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


@tagged("post_install", "-at_install")
class TestPriority(DebtCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["debt.priority.rule"]
        cls.rules.search([]).active = False

    def _create_rule(self, name, metric, minimum, maximum=0.0, points=10, **values):
        return self.rules.create(
            {
                "name": name,
                "metric": metric,
                "minimum": minimum,
                "maximum": maximum,
                "points": points,
                **values,
            }
        )

    def test_sum_and_explanation(self):
        """Points add up, and the case says in words where they come from, in the rules' order."""
        self._create_rule("Old", "oldest_days", 30, points=25, sequence=2)
        self._create_rule("Big", "amount", 1000, points=30, sequence=1)
        self._create_rule("Good customer", "amount", 0, points=-5, sequence=3)
        self._create_rule("Huge", "amount", 100000, points=99)
        self._create_overdue_invoice(45, 1500)
        self._run_day()
        self.assertRecordValues(
            self._get_case(),
            [
                {
                    "priority_score": 50,
                    "priority_explanation": "Big (+30) · Old (+25) · Good customer (-5)",
                }
            ],
        )

    def test_lower_limit_inclusive_upper_limit_exclusive(self):
        """Two rules that share a limit never count both, nor neither."""
        self._create_rule("Small", "amount", 10, 100, points=1)
        self._create_rule("Large", "amount", 100, 200, points=2)
        table = [(9.99, 0), (10.0, 1), (99.99, 1), (100.0, 2), (199.99, 2), (200.0, 0)]
        debtors = {}
        for amount, _points in table:
            debtors[amount] = self._create_debtor(f"Owes {amount}")
            self._create_overdue_invoice(10, amount, partner=debtors[amount])
        self._run_day()
        for amount, points in table:
            with self.subTest(amount=amount):
                case = self._get_case(debtors[amount])
                self.assertEqual(case.priority_score, points)
                self.assertEqual(bool(case.priority_explanation), bool(points))

    def test_metrics(self):
        """Each metric on both sides of its limit, on the day of the run."""
        self._create_rule("Late", "oldest_days", 10, points=1)
        self._create_rule("Formal", "level", self.level_formal_reminder.sequence, points=10)
        self._create_rule("Silent", "no_contact_days", 5, points=100)
        self._create_overdue_invoice(9)
        self._run_day()
        case = self._get_case()
        self.assertEqual(case.priority_score, 0)
        self._run_day(1)
        self.assertEqual(case.priority_score, 1, "10 days late")
        self._run_day(5)
        self.assertEqual(case.priority_score, 101, "no contact since it opened 5 days ago")
        self.env["debt.contact"].create(
            {
                "case_id": case.id,
                "outcome": "no_answer",
                "no_next_step_reason": "The run goes on",
                "date": TODAY + timedelta(days=10),
            }
        )
        self._run_day(12)
        self.assertEqual(case.priority_score, 11, "formal reminder now, and 2 days ago a contact")
        self._run_day(15)
        self.assertEqual(case.priority_score, 111)

    def test_rule_of_another_company(self):
        """It gives no points here; a rule without company gives them everywhere."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._create_rule("Ours", "amount", 1, points=1, company_id=self.company.id)
        self._create_rule("Theirs", "amount", 1, points=10, company_id=other.id)
        self._create_rule("All", "amount", 1, points=100)
        self._create_overdue_invoice(10)
        self._run_day()
        self.assertEqual(self._get_case().priority_score, 101)

    def test_archived_rule(self):
        """An archived rule gives no points any more from the next run on."""
        rule = self._create_rule("Any", "amount", 1)
        self._create_overdue_invoice(10)
        self._run_day()
        self.assertEqual(self._get_case().priority_score, 10)
        rule.active = False
        self._run_day(1)
        self.assertRecordValues(
            self._get_case(), [{"priority_score": 0, "priority_explanation": False}]
        )

    def test_payment_refreshes_the_priority(self):
        """A payment by day moves the case in the worklist at once."""
        self._create_rule("Big", "amount", 1000)
        invoice = self._create_overdue_invoice(10, 1500)
        self._run_day()
        self._pay(invoice, 700)
        self.assertEqual(self._get_case().priority_score, 0)

    def test_names_may_hold_any_character(self):
        """A rule's name is data, never a format or a statement."""
        self._create_rule("100 % 'late'; %s --", "amount", 1)
        self._create_overdue_invoice(10)
        self._run_day()
        self.assertEqual(self._get_case().priority_explanation, "100 % 'late'; %s -- (+10)")

    def test_upside_down_range_is_refused(self):
        """The upper limit lies above the lower one."""
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._create_rule("Upside down", "amount", 100, 50)

    def test_worklist_order(self):
        """The list of cases begins with the highest priority."""
        self._create_rule("Big", "amount", 1000)
        self._create_rule("Old", "oldest_days", 60, points=20)
        names = ["small", "big", "old"]
        debtors = {name: self._create_debtor(name) for name in names}
        self._create_overdue_invoice(10, 10, partner=debtors["small"])
        self._create_overdue_invoice(10, 5000, partner=debtors["big"])
        self._create_overdue_invoice(90, 20, partner=debtors["old"])
        self._run_day()
        cases = self.env["debt.case"].search([("company_id", "=", self.company.id)])
        self.assertEqual(cases.partner_id.mapped("name"), ["old", "big", "small"])
