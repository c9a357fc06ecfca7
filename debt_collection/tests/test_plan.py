"""Payment plans: building, granting, keeping, breaking, and the entries of a novation."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, Form, tagged

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_negotiation import NegotiationCommon
from odoo.addons.debt_collection.tools import instalments as maths

UNITS = st.sampled_from([0.01, 0.001, 1.0, 0.05])


@tagged("post_install", "-at_install")
class TestInstalmentTools(BaseCase):
    """Pure functions: splitting, days, interest, settling."""

    @settings(deadline=None, derandomize=True, database=None)
    @given(st.integers(1, 10**9), st.integers(1, 60), UNITS)
    def test_equal_parts(self, units, number, unit):
        """Equal parts sum to the amount; only the last one takes the cents."""
        amount = maths.from_units(units, unit)
        parts = maths.split_equally(amount, number, unit)
        self.assertEqual(len(parts), number)
        self.assertEqual(sum(maths.to_units(part, unit) for part in parts), units)
        self.assertEqual(len(set(parts[:-1])), min(1, number - 1))
        last = maths.to_units(parts[-1], unit) - maths.to_units(parts[0], unit)
        self.assertTrue(0 <= last < number)

    @settings(deadline=None, derandomize=True, database=None)
    @given(st.integers(1, 10**7), st.integers(1, 10**6), UNITS)
    def test_parts_of_an_amount(self, units, size, unit):
        """Parts of a given size sum to the amount; a plan that never ends is cut off."""
        parts = maths.split_by_amount(
            maths.from_units(units, unit), maths.from_units(size, unit), unit
        )
        self.assertEqual(sum(maths.to_units(part, unit) for part in parts), units)
        self.assertLessEqual(len(parts), maths.LONGEST)
        if -(-units // size) <= maths.LONGEST:
            self.assertLessEqual(max(maths.to_units(part, unit) for part in parts), size)

    @settings(deadline=None, derandomize=True, database=None)
    @given(
        st.lists(st.integers(1, 10**6), min_size=1, max_size=12),
        st.integers(0, 10**7),
        st.integers(0, 10**7),
    )
    def test_settling(self, units, money, credits):
        """Never more than there is, never more than is due; money from the first, credits last."""
        amounts = [unit / 100 for unit in units]
        settled = maths.settle(amounts, money / 100, credits / 100, 0.01)
        cents = [maths.to_units(part, 0.01) for part in settled]
        self.assertEqual(sum(cents), min(money + credits, sum(units)))
        self.assertTrue(all(0 <= part <= unit for part, unit in zip(cents, units, strict=True)))
        money_only = maths.settle(amounts, money / 100, 0, 0.01)
        reached = [part for part, amount in zip(money_only, amounts, strict=True) if part]
        self.assertEqual(money_only[: len(reached)], reached, "in due order")

    def test_days(self):
        """Months from the first day, ends of months, weeks, days nobody works on."""
        self.assertEqual(
            maths.due_days(date(2026, 1, 31), 3),
            [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)],
        )
        self.assertEqual(
            maths.due_days(date(2026, 1, 15), 2, end_of_month=True),
            [date(2026, 1, 31), date(2026, 2, 28)],
        )
        self.assertEqual(
            maths.due_days(date(2026, 3, 2), 3, 2, "week"),
            [date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 30)],
        )

        def monday(day):
            return day + timedelta(days=(7 - day.weekday()) % 7)

        self.assertEqual(
            maths.due_days(date(2026, 3, 3), 3, 1, "day", move=monday),
            [date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 23)],
            "each later than the one before",
        )

    def test_interest(self):
        """10 % on 1,200 for 30 days, then on what is left."""
        start = date(2026, 1, 1)
        plan = maths.build([600.0, 600.0], [date(2026, 1, 31), date(2026, 3, 2)], start, 10.0, 0.01)
        self.assertEqual([part.interest for part in plan], [9.86, 4.93])
        self.assertEqual([part.amount for part in plan], [609.86, 604.93])
        free = maths.build([600.0, 600.0], [start, start + timedelta(days=30)], start, 0.0, 0.01)
        self.assertEqual([part.interest for part in free], [0, 0])


@tagged("post_install", "-at_install")
class TestPlan(NegotiationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["debt.authority"].search([("action", "=", "plan")]).unlink()
        cls.env["debt.authority"].create(
            [
                {"action": "plan", "role": "officer", "amount_max": 200},
                {"action": "plan", "role": "senior", "amount_max": 1000},
                {"action": "plan", "role": "manager"},
            ]
        )

    def _plan(self, user=None, case=None, **values):
        """A plan over everything collectible: three instalments, ten days apart, from day 10."""
        return (
            self.env["debt.plan"]
            .with_user(user or self.officer_a)
            .create(
                {
                    "case_id": (case or self.case).id,
                    "date_first": self._get_day(10),
                    "every": 10,
                    "every_unit": "day",
                    "business_days": False,
                    "number": 3,
                    "grace_days": 3,
                    "missed_max": 2,
                    **values,
                }
            )
        )

    def _accept(self, plan):
        """The debtor accepts, recorded through the dialog."""
        action = plan.action_accept()
        self.env["debt.agreement.accept"].with_user(plan.env.user).with_context(
            **action["context"]
        ).create({"accepted_by": "Mrs. Baker", "how": "signed"}).action_confirm()
        return plan

    def _run_plan(self, **values):
        """A plan that runs."""
        plan = self._plan(**values)
        plan.action_submit()
        return self._accept(plan)

    def _get_parts(self, plan, field="amount"):
        return plan.installment_ids.mapped(field)

    # === BUILDING ===

    def test_from_the_case(self):
        """The dialog shows the schedule while one types; submitting grants or asks."""
        action = self.case.with_user(self.officer_a).action_plan()
        form = Form(
            self.env["debt.plan"].with_user(self.officer_a).with_context(**action["context"]),
            view=action["views"][0][0],
        )
        self.assertEqual((form.amount, len(form.installment_ids)), (150, 3))
        form.number = 4
        form.date_first = self._get_day(14)
        form.business_days = False
        plan = form.save()
        self.assertEqual(self._get_parts(plan), [37.5] * 4)
        form = Form(plan, view="debt_collection.debt_plan_view_form")
        form.down_payment = 50
        form.number = 3
        form.save()
        self.assertEqual(self._get_parts(plan), [50, 33.33, 33.33, 33.34])
        self.assertEqual(plan.installment_ids[0].date, TODAY)
        self.assertTrue(plan.installment_ids[0].is_down_payment)
        plan.action_submit()
        self.assertRecordValues(plan, [{"state": "approved", "approved_by_id": self.officer_a.id}])
        self.assertTrue(plan.reference)

    def test_free_instalments(self):
        """As entered, as long as they sum to the amount; one error with all reasons."""
        parts = [
            Command.create({"date": self._get_day(-1), "amount": 60}),
            Command.create({"date": self._get_day(10), "amount": 80}),
        ]
        plan = self._plan(split="free", installment_ids=parts)
        with self.assertRaises(UserError) as caught:
            plan.action_submit()
        for words in ("sum to", "in the past"):
            self.assertIn(words, str(caught.exception))
        plan.installment_ids[0].with_user(self.officer_a).write({"date": TODAY, "amount": 70})
        plan.action_submit()
        self.assertEqual(plan.state, "approved")

    def test_part_of_an_item(self):
        """A plan over a part leaves the rest in follow-up."""
        plan = self._plan(line_ids=[Command.create({"item_id": self.item.id, "amount": 60})])
        plan.action_submit()
        self._accept(plan)
        self._assert_split(self.item, on_plan=60, collectible=40)
        self._pay(self.invoice, 25)
        self._assert_split(self.item, on_plan=35, collectible=40)

    # === GRANTING ===

    def test_authority(self):
        """Beyond one's own authority it waits for the next who may, never for the requester."""
        self._create_overdue_invoice(10, 700)
        self._run_day(send=False, release=False)
        self.case.team_id = self.env["debt.team"].create(
            {"name": "T", "leader_id": self.senior.id, "member_ids": self.officer_a.ids}
        )
        plan = self._plan()
        plan.action_submit()
        self.assertRecordValues(
            plan, [{"state": "to_approve", "approver_id": self.senior.id, "amount_company": 850}]
        )
        self.assertEqual(plan.activity_ids.user_id, self.senior)
        with self.assertRaisesRegex(AccessError, "asked for themselves"):
            plan.action_approve()
        with self.assertRaises(AccessError):
            plan.with_user(self.officer_b).action_approve()
        with self.assertRaises(UserError):
            plan.action_accept()
        self._assert_split(self.item, collectible=100)
        plan.with_user(self.senior).action_approve()
        self.assertRecordValues(plan, [{"state": "approved", "approved_by_id": self.senior.id}])
        self.assertEqual(plan.activity_ids.user_id, self.officer_a, "told that it was granted")

    def test_refused(self):
        self._create_overdue_invoice(10, 700)
        self._run_day(send=False, release=False)
        plan = self._plan()
        plan.action_submit()
        self._give_reason(plan.with_user(self.manager).action_refuse(), "Too long")
        self.assertRecordValues(plan, [{"state": "refused", "state_reason": "Too long"}])
        self.assertIn("Too long", plan.activity_ids.summary)
        with self.assertRaisesRegex(UserError, "not possible any more"):
            plan.action_submit()

    def test_nobody_may(self):
        """One clear error that says what to do."""
        self.env["debt.authority"].search([("action", "=", "plan")]).unlink()
        with self.assertRaisesRegex(UserError, "Nobody else may grant"):
            self._plan().action_submit()

    def test_offer_expires(self):
        plan = self._plan(date_expire=self._get_day(3))
        plan.action_submit()
        with self._on_day(4):
            with self.assertRaisesRegex(UserError, "expired"):
                plan.action_accept()
            self._run_day(4, send=False)
            self.assertEqual(plan.state, "expired")

    # === KEEPING ===

    def test_kept(self):
        """Out of follow-up; money in due order; completed with the last cent."""
        notice = self.case.notice_ids
        plan = self._run_plan()
        self.assertRecordValues(
            plan,
            [
                {
                    "state": "active",
                    "accepted_by": "Mrs. Baker",
                    "accepted_how": "signed",
                    "accepted_date": TODAY,
                    "next_date": self._get_day(10),
                }
            ],
        )
        self._assert_split(self.item, on_plan=100)
        self.assertEqual(notice.state, "cancelled")
        self.assertEqual(self._get_decision(self._run_day(1)).decision, "claimed")
        with self._on_day(9):
            self._pay(self.other, 50, payment_date=self._get_day(9))
            self.assertEqual(self._get_parts(plan, "state"), ["paid", "open", "open"])
            self.assertRecordValues(
                plan, [{"amount_paid": 50, "next_date": self._get_day(20), "adherence": 100}]
            )
        with self._on_day(19):
            self._pay(self.invoice, 70, payment_date=self._get_day(19))
            self.assertEqual(self._get_parts(plan, "amount_paid"), [50, 50, 20])
            self._pay(self.invoice, 30, payment_date=self._get_day(19))
            self.assertEqual((plan.state, plan.date_end), ("completed", self._get_day(19)))

    def test_payment_undone(self):
        """A bounced last payment: the plan runs again."""
        plan = self._run_plan()
        self._pay(self.other, 50)
        payment = self._pay(self.invoice, 100)
        self.assertEqual(plan.state, "completed")
        payment.action_draft()
        payment.action_cancel()
        self.assertEqual(plan.state, "active")
        self.assertEqual(self._get_parts(plan, "state"), ["paid", "open", "open"])
        self._assert_split(self._get_item(self.invoice), on_plan=100)

    def test_credit_note(self):
        """What is credited shortens the plan from its end."""
        plan = self._run_plan()
        credit = self._create_credit_note(60)
        (self._get_receivable(self.invoice) | self._get_receivable(credit)).reconcile()
        self.assertEqual(self._get_parts(plan, "amount_paid"), [0, 10, 50])

    def test_missed_then_default(self):
        """One missed: a call, once. Two missed: default, everything left is asked for again."""
        plan = self._run_plan()
        with self._on_day(13):
            self._run_day(13, send=False)
            self.assertEqual(plan.missed_count, 0, "grace")
        with self._on_day(14):
            self._run_day(14, send=False)
            self.assertRecordValues(plan, [{"state": "active", "missed_count": 1, "adherence": 0}])
            calls = self.case.activity_ids.filtered(lambda a: "missed" in (a.summary or ""))
            self.assertEqual(len(calls), 1)
        with self._on_day(15):
            self._run_day(15, send=False)
            calls = self.case.activity_ids.filtered(lambda a: "missed" in (a.summary or ""))
            self.assertEqual(len(calls), 1, "told once")
        with self._on_day(24):
            run = self._run_day(24, send=False)
            self.assertRecordValues(plan, [{"state": "defaulted", "date_end": self._get_day(24)}])
            self._assert_split(self.item, collectible=100)
            self.assertEqual(self._get_decision(run).decision, "notice", "the same night")
            self.assertIn("default", "".join(self.case.activity_ids.mapped("summary")))

    def test_caught_up(self):
        """A missed instalment that is paid later does not count any more."""
        plan = self._run_plan()
        with self._on_day(14):
            self._run_day(14, send=False)
            self._pay(self.invoice, 50, payment_date=self._get_day(14))
            self.assertRecordValues(plan, [{"missed_count": 0, "state": "active"}])
        with self._on_day(24):
            self._run_day(24, send=False)
            self.assertRecordValues(plan, [{"missed_count": 1, "state": "active"}])

    def test_reinstated(self):
        """In default by hand; reinstated by who may grant it: what was missed is forgiven."""
        plan = self._run_plan()
        with self._on_day(14):
            self._run_day(14, send=False)
            self._give_reason(plan.action_default(), "Said he will not pay")
            self.assertEqual(plan.state, "defaulted")
            plan.action_reinstate()
            self.assertRecordValues(plan, [{"state": "active", "missed_count": 0}])
            self._assert_split(self.item, on_plan=100)

    def test_paid_after_default(self):
        plan = self._run_plan()
        self._give_reason(plan.action_default(), "x")
        self._pay(self.invoice | self.other, group_payment=True)
        self.assertEqual(plan.state, "completed")

    def test_new_version(self):
        """Changed: a second version over what is left replaces the first when it is accepted."""
        plan = self._run_plan()
        self._pay(self.other, 50)
        action = plan.action_revise()
        new = self.env["debt.plan"].with_user(self.officer_a).browse(action["res_id"])
        self.assertRecordValues(
            new, [{"version": 2, "amount": 100, "state": "draft", "reference": plan.reference}]
        )
        self.assertEqual(plan.action_revise()["res_id"], new.id, "one at a time")
        new.action_submit()
        self.assertEqual(plan.state, "active", "until it is accepted")
        self._accept(new)
        self.assertRecordValues(plan | new, [{"state": "replaced"}, {"state": "active"}])
        self._assert_split(self.item, on_plan=100)

    def test_cancelled(self):
        plan = self._run_plan()
        self._give_reason(plan.action_cancel(), "Agreed otherwise")
        self.assertRecordValues(plan, [{"state": "cancelled", "state_reason": "Agreed otherwise"}])
        self._assert_split(self.item, collectible=100)
        with self.assertRaisesRegex(UserError, "not possible any more"):
            plan.action_cancel()

    def test_on_one_plan_only(self):
        first = self._run_plan(line_ids=[Command.create({"item_id": self.item.id, "amount": 60})])
        second = self._plan(line_ids=[Command.create({"item_id": self.item.id, "amount": 40})])
        with self.assertRaisesRegex(UserError, "is part of PLAN"):
            second.action_submit()
        self.assertEqual(first.state, "active")

    # === INTEREST, NOVATION ===

    def test_interest(self):
        """The interest is invoiced when the plan begins and belongs to it."""
        self.company.debt_plan_interest_account_id = self.company_data["default_account_revenue"]
        plan = self._run_plan(yearly_rate=12.0)
        interest = plan.amount_interest
        self.assertGreater(interest, 0)
        self.assertRecordValues(
            plan.interest_move_id,
            [{"amount_total": interest, "state": "posted", "invoice_date_due": plan.date_last}],
        )
        self._pay(self.invoice | self.other, group_payment=True)
        self.assertEqual(plan.state, "active")
        self._pay(plan.sudo().interest_move_id)
        self.assertEqual(plan.state, "completed")

    def test_novation(self):
        """The old debts are settled by an entry, the new ones have the plan's days."""
        plan = self._run_plan(legal_form="novation")
        move = plan.sudo().move_id
        self.assertEqual(move.state, "posted")
        self.assertTrue(all(self._get_receivable(self.invoice | self.other).mapped("reconciled")))
        new = plan.sudo().installment_ids.move_line_id
        self.assertEqual(new.mapped("date_maturity"), [self._get_day(day) for day in (10, 20, 30)])
        self.assertEqual(new.mapped("amount_residual"), [50, 50, 50])
        self.assertFalse(any(new.mapped("no_followup")))
        self.assertEqual(self.case.state, "closed")
        self.assertFalse(
            (move.line_ids - new).filtered(lambda line: not line.reconciled), "as a bookkeeper"
        )
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.debtor.id,
                "amount": 50,
                "date": TODAY,
            }
        )
        payment.action_post()
        (payment.move_id.line_ids._filter_receivable() | new[0]).reconcile()
        self.assertEqual(self._get_parts(plan, "state"), ["paid", "open", "open"])
        with self._on_day(22):
            self._run_day(22, send=False)
            item = self.env["debt.case.item"].search(
                [("move_line_id", "=", new[1].id), ("date_out", "=", False)]
            )
            self._assert_split(item, on_plan=50)
        with self._on_day(34):
            self._run_day(34, send=False)
            self.assertEqual(plan.state, "defaulted")
            self.assertTrue(all(day < self._get_day(34) for day in new.mapped("date_maturity")))

    def test_novation_of_a_disputed_item(self):
        """What is disputed is not replaced by new debts: the dispute would be lost."""
        dispute = self.env["debt.dispute"].create(
            {
                "case_id": self.case.id,
                "reason_id": self.env.ref("debt_collection.dispute_reason_price").id,
                "line_ids": [Command.create({"item_id": self.item.id, "amount": 40})],
            }
        )
        lines = [
            Command.create({"item_id": item.id, "amount": item.amount_residual})
            for item in self.item | self.other_item
        ]
        plan = self._plan(legal_form="novation", line_ids=lines)
        with self.assertRaisesRegex(UserError, "solve the dispute"):
            plan.action_submit()
        dispute._do_withdraw("Settled on the telephone")
        plan.action_submit()
        self.assertEqual(plan.state, "approved")

    def test_nothing_forged(self):
        """State, grants and figures follow from buttons, also for imports and calls."""
        for forged in (
            {"state": "active"},
            {"version": 2},
            {"installment_ids": [Command.create({"amount": 150, "amount_paid": 150})]},
        ):
            with self.assertRaisesRegex(AccessError, "follow from the buttons"):
                self._plan(**{"split": "free", **forged})

    def test_acceleration(self):
        """In default, what was not due yet is overdue at once, and in collection."""
        plan = self._run_plan(legal_form="novation", missed_max=1)
        new = plan.sudo().installment_ids.move_line_id
        with self._on_day(14):
            self._run_day(14, send=False)
            self.assertEqual(plan.state, "defaulted")
            self._run_day(14, send=False)
            items = self.env["debt.case.item"].search(
                [("move_line_id", "in", new.ids), ("date_out", "=", False)]
            )
            self.assertEqual(sum(items.mapped("amount_collectible")), 150)

    def test_novation_undone(self):
        """Cancelled: the old debts are open again; what was paid on the new ones pays them."""
        plan = self._run_plan(legal_form="novation")
        new = plan.sudo().installment_ids.move_line_id
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.debtor.id,
                "amount": 50,
                "date": TODAY,
            }
        )
        payment.action_post()
        (payment.move_id.line_ids._filter_receivable() | new[0]).reconcile()
        self._give_reason(plan.action_cancel(), "Void")
        self.assertEqual(plan.state, "cancelled")
        self.assertEqual(self._get_receivable(self.invoice).amount_residual, 50)
        self.assertEqual(self._get_receivable(self.other).amount_residual, 50)
        self.assertTrue(all(new.mapped("reconciled")))
        self.assertEqual(self.case.state, "open")

    def test_novation_in_foreign_currency(self):
        """Nothing is won or lost; the last new debt takes the cents of both currencies."""
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 3.0)])
        invoice = self._create_overdue_invoice(20, 100, currency_id=currency.id)
        self._run_day(send=False, release=False)
        item = self._get_item(invoice)
        plan = self._run_plan(
            legal_form="novation",
            line_ids=[Command.create({"item_id": item.id, "amount": 100})],
        )
        new = plan.sudo().installment_ids.move_line_id
        self.assertEqual(new.mapped("amount_residual_currency"), [33.33, 33.33, 33.34])
        self.assertEqual(new.mapped("amount_residual"), [11.11, 11.11, 11.11])
        self.assertTrue(self._get_receivable(invoice).reconciled)

    def test_novation_of_cash_basis_taxes(self):
        """An entry would make the tax due: an overlay is asked for instead."""
        tax = self.company_data["default_tax_sale"].copy(
            {
                "name": "On payment",
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": self.company_data["default_account_tax_sale"]
                .copy({"reconcile": True})
                .id,
            }
        )
        self.company.tax_exigibility = True
        invoice = self._create_overdue_invoice(
            10,
            invoice_line_ids=[
                Command.create({"name": "x", "price_unit": 10, "tax_ids": [Command.set(tax.ids)]})
            ],
        )
        self._run_day(send=False, release=False)
        item = self._get_item(invoice)
        plan = self._plan(
            legal_form="novation", line_ids=[Command.create({"item_id": item.id, "amount": 11.5})]
        )
        with self.assertRaisesRegex(UserError, "fall due on payment"):
            plan.action_submit()

    # === PAPER, RIGHTS ===

    def test_agreement(self):
        """The paper names debts, instalments and terms."""
        plan = self._run_plan(note="Payable by transfer")
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("debt_collection.report_debt_plan", plan.ids)[0]
            .decode()
        )
        for words in (
            "Payment plan",
            self.debtor.name,
            self.invoice.name,
            "Mrs. Baker",
            "transfer",
        ):
            self.assertIn(words, html)

    def test_rights(self):
        with self.assertRaises(AccessError):
            self._plan(user=self.officer_b)
        plan = self._run_plan()
        with self.assertRaises(AccessError):
            plan.write({"number": 5})
        with self.assertRaises(UserError):
            plan.installment_ids[0].write({"amount": 1})
        with self.assertRaisesRegex(UserError, "evidence"):
            plan.sudo().unlink()
        with self.assertRaises(UserError):
            plan.installment_ids.sudo().unlink()
        self.assertEqual(plan.date_expire, fields.Date.add(TODAY, days=14))
