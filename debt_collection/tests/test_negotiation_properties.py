"""What is open is collectible, disputed, on a plan, promised or on hold: to the cent, always."""

from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_negotiation import NegotiationCommon

ITEMS = 4
SHARE = st.integers(min_value=1, max_value=100)
STEP = st.tuples(
    st.sampled_from(
        [
            "promise",
            "dispute",
            "plan",
            "hold",
            "hold_case",
            "settlement",
            "deferment",
            "pay",
            "credit",
            "uphold",
            "withdraw",
            "undo_payment",
            "days",
            "novation",
            "write_off",
            "refer",
        ]
    ),
    st.integers(min_value=0, max_value=ITEMS - 1),
    SHARE,
)


class Undo(Exception):
    """Takes one example back."""


@tagged("post_install", "-at_install")
class TestNegotiationProperties(NegotiationCommon):
    """Two items in the company's currency, two in another one with an awkward rate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        currency = cls.setup_other_currency("EUR", rates=[("2020-01-01", 0.7319)])
        foreign = [
            cls._create_overdue_invoice(days, amount, currency_id=currency.id)
            for days, amount in ((9, 33.33), (8, 77.07))
        ]
        cls._run_day(send=False, release=False)
        cls.invoices = [cls.invoice, cls.other, *foreign]
        cls.company.debt_promise_max_broken = 0
        cls.reason = cls.env.ref("debt_collection.dispute_reason_price")
        cls.attorney = cls.env["res.partner"].create({"name": "Attorney"})
        cls.company.debt_writeoff_account_id = cls.company_data["default_account_expense"]

    def _check(self):
        """Every open item, in both currencies: the parts sum to what is open, none below zero."""
        items = self.env["debt.case.item"].search(
            [("case_id", "=", self.case.id), ("date_out", "=", False)]
        )
        for company_currency in (False, True):
            split = items._get_split(TODAY, company_currency=company_currency)
            self.assertEqual(set(split), set(items.ids))
            for item in items:
                parts = dict(split[item.id])
                currency = item.company_currency_id if company_currency else item.currency_id
                residual = (
                    item.move_line_id.amount_residual
                    if company_currency
                    else item.move_line_id.amount_residual_currency
                )
                total = parts.pop("open")
                self.assertEqual(currency.compare_amounts(total, residual), 0)
                units = {kind: round(part / currency.rounding, 6) for kind, part in parts.items()}
                self.assertTrue(all(unit >= 0 for unit in units.values()), parts)
                self.assertTrue(all(unit == int(unit) for unit in units.values()), "whole cents")
                self.assertEqual(sum(units.values()), round(total / currency.rounding), parts)
        kept_out = self.env["debt.exclusion"]._read_group(
            [("case_id", "=", self.case.id)], [], ["amount_company:sum"]
        )[0][0]
        split = items._get_split(TODAY, company_currency=True)
        claimed = sum(parts["open"] - parts["collectible"] for parts in split.values())
        self.assertAlmostEqual(kept_out or 0.0, claimed, 2, "the list of what is kept out")
        for item in items:
            collectible, _claims = item._get_collectible_amounts(TODAY)[item.id]
            self.assertEqual(collectible, item._get_split(TODAY)[item.id]["collectible"])

    def _step(self, kind, index, share):
        """Do one thing; what the rules refuse is refused and changes nothing."""
        invoice = self.invoices[index]
        item = self._get_item(invoice)
        handler = getattr(self, f"_step_{kind}")
        if not item and kind not in ("undo_payment", "days"):
            return
        amount = item.currency_id.round(item.amount_residual * share / 100) if item else 0.0
        try:
            with self.env.cr.savepoint():
                handler(invoice, item, amount)
        except UserError:
            self.env.invalidate_all(flush=False)

    def _prepare_lines(self, item, amount):
        return {
            "case_id": self.case.id,
            "currency_id": item.currency_id.id,
            "amount": amount,
            "line_ids": [Command.create({"item_id": item.id, "amount": amount})],
        }

    def _step_promise(self, _invoice, item, amount):
        self.env["debt.promise"].create(self._prepare_lines(item, amount))

    def _step_dispute(self, _invoice, item, amount):
        self.env["debt.dispute"].create(
            {**self._prepare_lines(item, amount), "reason_id": self.reason.id}
        )

    def _step_plan(self, _invoice, item, amount):
        plan = self.env["debt.plan"].create({**self._prepare_lines(item, amount), "number": 2})
        plan.action_submit()
        plan._do_accept("x", TODAY, "call")

    def _step_novation(self, _invoice, item, _amount):
        amount = item.amount_residual
        plan = self.env["debt.plan"].create(
            {**self._prepare_lines(item, amount), "number": 2, "legal_form": "novation"}
        )
        plan.action_submit()
        plan._do_accept("x", TODAY, "call")

    def _step_write_off(self, _invoice, item, amount):
        self.env["debt.concession"].create(
            {**self._prepare_lines(item, amount), "reason": "x", "kind": "write_off"}
        ).action_submit()

    def _step_refer(self, _invoice, item, _amount):
        """To an attorney, or back from there."""
        placed = self.case.referral_ids.filtered(lambda referral: referral.state == "placed")
        if placed:
            placed._do_end("recalled", "x")
            return
        referral = self.env["debt.referral"].create(
            {
                "case_id": self.case.id,
                "kind": "attorney",
                "recipient_id": self.attorney.id,
                "item_ids": [Command.create({"item_id": item.id})],
            }
        )
        referral._do_place()

    def _step_settlement(self, _invoice, item, amount):
        settlement = self.env["debt.concession"].create(
            {**self._prepare_lines(item, amount), "reason": "x", "amount_pay": amount / 2}
        )
        settlement.action_submit()
        settlement._do_accept("x", TODAY, "call")

    def _step_deferment(self, _invoice, item, amount):
        self.env["debt.concession"].create(
            {**self._prepare_lines(item, amount), "reason": "x", "kind": "deferment"}
        ).action_submit()

    def _step_hold(self, _invoice, item, _amount):
        self.env["debt.hold"].create({"case_id": self.case.id, "reason": "x", "item_ids": item.ids})

    def _step_hold_case(self, _invoice, _item, _amount):
        self.env["debt.hold"].create({"case_id": self.case.id, "reason": "x"})

    def _step_pay(self, invoice, item, amount):
        self.payments |= self._pay(invoice, amount, currency_id=item.currency_id.id)

    def _step_credit(self, invoice, item, amount):
        line = self._get_receivable(invoice)
        self.env["debt.bookkeeping"]._credit([(line, amount)], "x")

    def _step_uphold(self, _invoice, item, amount):
        for dispute in self.case.dispute_ids.filtered(lambda d: d.state == "open")[:1]:
            line = dispute.line_ids
            dispute._solve({line: min(line.amount, line.amount_open, amount)}, False, "x")

    def _step_withdraw(self, _invoice, _item, _amount):
        self.case.promise_ids.filtered(lambda p: p.state == "open")[:1]._do_withdraw("x")
        self.case.plan_ids.filtered(lambda p: p.state == "active")[:1]._do_cancel("x")

    def _step_undo_payment(self, _invoice, _item, _amount):
        for payment in self.payments.filtered(lambda p: p.state != "canceled")[:1]:
            payment.action_draft()
            payment.action_cancel()

    def _step_days(self, _invoice, _item, _amount):
        """A month later: promises are broken, settlements lapse, plans miss."""
        with self._on_day(40):
            for model in ("debt.promise", "debt.plan", "debt.concession"):
                self.env[model]._judge_company(self.company, TODAY + timedelta(days=40))

    @settings(
        max_examples=14,
        phases=[Phase.generate],  # an example takes a second: shrinking it would take minutes
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(STEP, min_size=4, max_size=9))
    def test_parts_sum_to_what_is_open(self, steps):
        """For any mixture of agreements, holds, payments, credits and their undoing."""
        self.payments = self.env["account.payment"]
        try:
            with self.env.cr.savepoint():
                for step in steps:
                    self._step(*step)
                    self._check()
                raise Undo
        except Undo:
            self.env.invalidate_all(flush=False)

    def test_everything_on_one_item(self):
        """All kinds at once: each takes its part of what the ones before it left."""
        item = self._get_item(self.invoices[3])
        self._step_dispute(None, item, 10.01)
        self._step_plan(None, item, 20.02)
        self._step_promise(None, item, 30.03)
        self._step_hold(None, item, 0)
        self._check()
        self._assert_split(item, disputed=10.01, on_plan=20.02, promised=30.03, hold=17.01)
        self._step_dispute(None, item, 60.0)
        self._check()
        self._assert_split(item, disputed=70.01, on_plan=7.06)
        other = self._get_item(self.invoices[2])
        self._step_settlement(None, other, 20.0)
        self._check()
        self._assert_split(other, promised=20, collectible=13.33)
