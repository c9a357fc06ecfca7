from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common_tours import BrowserCommon


class TourCommon(BrowserCommon):
    """Two debtors with cases, an officer and a manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls._create_tour_user("debt_tour_officer", "debt_collection.group_officer")
        cls.manager = cls._create_tour_user("debt_tour_manager", "debt_collection.group_manager")
        cls.debtors = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "is_company": True,
                    "email": f"{name.split()[1].lower()}@example.com",
                    "phone": "+12025550100",
                    "street": "Long Road 1",
                    "zip": "1000",
                    "city": "Brussels",
                    "country_id": cls.env.ref("base.be").id,
                }
                for name in ("Debtor Large", "Debtor Small")
            ]
        )
        due = fields.Date.today() - timedelta(days=40)
        moves = cls.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": due - timedelta(days=30),
                    "invoice_date_due": due,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create({"name": "Service", "price_unit": amount, "tax_ids": False})
                    ],
                }
                for partner, amount in zip(cls.debtors, (5000.0, 90.0), strict=True)
            ]
        )
        moves.action_post()
        cls.env["debt.run"].create({"company_id": cls.company.id})._execute(send=False)


@tagged("post_install", "-at_install")
class TestTours(TourCommon):
    """Screens in a real browser."""

    def test_morning_round(self):
        """Worklist, call, log, next debtor; snoozed until a day, and back."""
        self._start("/odoo/collections-worklist", "debt_collection_morning_round")
        large, small = (self._get_case(debtor) for debtor in self.debtors)
        self.assertRecordValues(
            large.contact_ids,
            [
                {
                    "outcome": "no_answer",
                    "reached": "nobody",
                    "user_id": self.officer.id,
                    "no_next_step_reason": "The next reminder goes out by itself",
                }
            ],
        )
        self.assertEqual(small.snooze_ids.reason, "The bookkeeper is back on Monday")
        self.assertFalse(small.is_snoozed)

    def test_reply(self):
        """An answer arrives: found by its filter, read in the case, dealt with by a contact."""
        case = self._get_case(self.debtors[0])
        case.sudo().message_post(
            body="We pay on Monday",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            author_id=self.debtors[0].id,
        )
        self.assertTrue(case.reply_date)
        self._start("/odoo/collections-worklist", "debt_collection_reply")
        self.assertFalse(case.reply_date)

    def test_approve_and_print(self):
        """A batch of letters is approved and printed into one file."""
        notices = self.env["debt.notice"].sudo().search([("partner_id", "in", self.debtors.ids)])
        notices.write({"channel": "letter", "state": "to_approve"})
        self._start(
            "/odoo/collections-notices", "debt_collection_approve_and_print", "debt_tour_manager"
        )
        self.assertEqual(set(notices.mapped("state")), {"queued"})
        self.assertTrue(all(notices.mapped("date_printed")))

    def test_promise_from_a_call(self):
        """A call is logged as promised; the promise is taken in the dialog that follows."""
        case = self._get_case(self.debtors[0])
        self._start("/odoo/collections-worklist", "debt_collection_promise")
        self.assertRecordValues(
            case.promise_ids,
            [
                {
                    "amount": 2000,
                    "state": "open",
                    "promised_by": "Mrs. Baker",
                    "user_id": self.officer.id,
                    "contact_id": case.contact_ids.id,
                }
            ],
        )

    def test_plan_until_default(self):
        """A plan is built, granted and accepted; weeks pass without money; it is in default."""
        case = self._get_case(self.debtors[0])
        self._start("/odoo/collections-worklist", "debt_collection_plan", "debt_tour_manager")
        plan = case.plan_ids
        self.assertRecordValues(plan, [{"state": "active", "accepted_by": "Mr. Large"}])
        self.assertEqual(plan.installment_ids.mapped("amount"), [1000] * 5)
        for part in plan.installment_ids:
            part.sudo().date = part.date - timedelta(days=90)
        self.env["debt.run"].create({"company_id": self.company.id})._execute(send=False)
        self._start("/odoo/collections-plans", "debt_collection_plan_default")
        self.assertEqual(plan.state, "defaulted")

    def test_settlement(self):
        """An officer asks, a manager grants."""
        case = self._get_case(self.debtors[0])
        self._start("/odoo/collections-worklist", "debt_collection_settlement_ask")
        self.assertRecordValues(
            case.concession_ids, [{"state": "to_approve", "amount_forgiven": 2500}]
        )
        self._start(
            "/odoo/collections-concessions",
            "debt_collection_settlement_approve",
            "debt_tour_manager",
        )
        self.assertEqual(case.concession_ids.approved_by_id, self.manager)

    def test_dispute(self):
        """A part is disputed and found right: a credit note, the rest is asked for."""
        case = self._get_case(self.debtors[0])
        self._start("/odoo/collections-worklist", "debt_collection_dispute")
        self._start(
            "/odoo/collections-disputes", "debt_collection_dispute_solve", "debt_tour_manager"
        )
        self.assertRecordValues(case.dispute_ids, [{"state": "upheld", "amount_upheld": 500}])
        self.assertEqual(case.amount_overdue, 4500)

    def test_first_steps(self):
        """A credit manager sees what is left to set up, and hides it for everybody."""
        self.env["debt.team"].search([]).active = False
        self._start(
            "/odoo/collections-worklist", "debt_collection_first_steps", "debt_tour_manager"
        )
        self.assertTrue(self.company.debt_onboarding_dismissed)

    def _get_case(self, debtor):
        return self.env["debt.case"].search([("partner_id", "=", debtor.id)])

    def test_aged_balance(self):
        """Totals in view, unfolding, keyboard, search, the case, the pivot."""
        self.start_tour(
            "/odoo/collections-aged-balance",
            "debt_collection_aged_balance",
            login="debt_tour_officer",
            timeout=240,
        )

    def test_dashboard(self):
        """Figures, graphs and lists; a figure opens its records."""
        self.start_tour(
            "/odoo/collections-dashboard",
            "debt_collection_dashboard",
            login="debt_tour_officer",
            timeout=240,
        )
