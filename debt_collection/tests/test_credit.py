"""Credit holds: by rule and by hand, warned and blocked, released with reason, cured."""

from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_escalation import EscalationCommon


@tagged("post_install", "-at_install")
class TestCredit(EscalationCommon):
    """The debtor is 100 days late with 1,000.00; the shipped rule warns."""

    def _get_holds(self, state="active"):
        return self.env["debt.credit.hold"].search(
            [("partner_id", "=", self.debtor.id), ("state", "=", state)]
        )

    def test_by_rule_and_cured(self):
        """The run puts the debtor on hold once; the payment ends it in the same transaction."""
        hold = self._get_holds()
        self.assertEqual(hold.reason, "More than 60 days late")
        self.assertEqual(hold.case_id, self.case)
        self._run_day(1, send=False, release=False)
        self.assertEqual(self._get_holds(), hold)
        self.assertIn("60 days", self.case.credit_words)
        self._pay(self.invoice)
        self.assertEqual(hold.state, "cured")
        changes = self.env["debt.status.change"].search([("kind", "=", "credit")])
        self.assertEqual(changes.mapped("after"), ["Credit cured", "Credit hold"])

    def test_warning_posts(self):
        """A hold that warns says so on the draft and lets it be posted."""
        invoice = self._create_overdue_invoice(-30, 10)
        draft = invoice.copy()
        self.assertEqual(draft.debt_credit_effect, "warn")
        self.assertEqual(invoice.debt_credit_effect, "none", "nothing to warn about any more")
        draft.action_post()
        self.assertEqual(draft.state, "posted")

    def test_block_by_hand(self):
        """A hold that blocks refuses new invoices, says what to do, and touches nothing else."""
        draft = self.invoice.copy()
        credit_note = self._create_credit_note(10).copy()
        self.env["debt.credit.hold"].with_user(self.manager).create(
            {
                "partner_id": self.debtor.id,
                "company_id": self.company.id,
                "case_id": self.case.id,
                "reason": "Cheque came back",
                "on_invoice": "block",
            }
        )
        with self.assertRaisesRegex(UserError, "Cheque came back"):
            draft.action_post()
        credit_note.action_post()
        self.invoice.button_draft()
        holds = self._get_holds()
        holds.with_user(self.manager)._do_release("Guarantee came in")
        draft.action_post()
        self.assertEqual(draft.state, "posted")

    def test_release(self):
        """By role, with a reason; the same rule stops the debtor again only after the term."""
        hold = self._get_holds()
        with self.assertRaises(AccessError):
            hold.with_user(self.officer_a)._do_release("Please")
        with self.assertRaisesRegex(UserError, "why"):
            hold.with_user(self.senior)._do_release("")
        action = hold.with_user(self.senior).action_release()
        wizard = self.env["debt.credit.release"].with_user(self.senior)
        wizard = wizard.with_context(**action["context"]).create(
            {"reason": "Bank confirms", "until": TODAY + timedelta(days=5)}
        )
        wizard.action_confirm()
        self.assertEqual((hold.state, hold.released_by_id), ("released", self.senior))
        self._run_day(5, send=False, release=False)
        self.assertFalse(self._get_holds())
        with freeze_time(TODAY + timedelta(days=6)):
            self._run_day(6, send=False, release=False)
        self.assertEqual(self._get_holds().rule_id, hold.rule_id)

    def test_conditions(self):
        """All conditions of a rule must be true; a rule without any is refused."""
        rules = self.env["debt.credit.rule"]
        with self.assertRaises(ValidationError):
            rules.create({"name": "Everybody"})
        rule = rules.create(
            {"name": "Bad and large", "grade": "C", "minimum_amount": 2000, "on_order": "warn"}
        )
        rules._apply(self.company, TODAY)
        self.assertNotIn(rule, self._get_holds().rule_id)
        rule.minimum_amount = 1000
        rules._apply(self.company, TODAY)
        self.assertIn(rule, self._get_holds().rule_id)
        effect, holds = self.debtor._get_credit_effect(self.company, "order")
        self.assertEqual((effect, len(holds)), ("warn", 2))

    def test_evidence(self):
        """Holds are neither edited nor deleted."""
        hold = self._get_holds()
        with self.assertRaises(UserError):
            hold.with_user(self.manager).write({"reason": "x"})
        with self.assertRaises(UserError):
            hold.sudo().unlink()
