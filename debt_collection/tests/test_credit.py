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
            draft._post()
        credit_note.action_post()
        self.invoice.button_draft()
        holds = self._get_holds()
        holds.with_user(self.manager)._do_release("Guarantee came in")
        draft.action_post()
        self.assertEqual(draft.state, "posted")

    def test_held_invoice(self):
        """Confirmed by a person, the invoice joins the queue; its release posts it, alone."""
        self._hold_by_hand(on_invoice="block")
        drafts = self.invoice.copy() | self.invoice.copy()
        other = self._create_overdue_invoice(-30, 10, partner=self._create_debtor("Good")).copy()
        action = (drafts | other).action_post()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual((drafts | other).mapped("state"), ["draft", "draft", "posted"])
        queue = self.env["debt.held.document"].search([("kind", "=", "invoice")])
        self.assertEqual(queue.mapped("state"), ["waiting", "waiting"])
        self.assertEqual(self.env["account.move"].search([("debt_held", "=", True)]), drafts)
        first = queue.filtered(lambda row: row.res_id == drafts[0].id)
        with self.assertRaises(AccessError):
            first.with_user(self.officer_a)._do_release("Please")
        first.with_user(self.manager)._do_release("Guarantee came in")
        self.assertEqual(drafts.mapped("state"), ["posted", "draft"])
        drafts[1].unlink()
        self.assertEqual(set(queue.mapped("state")), {"released", "dropped"})

    def test_addresses_and_branches(self):
        """The hold of a company covers its contacts and the companies below it, not its parent."""
        self._hold_by_hand(on_invoice="block")
        partners = self.env["res.partner"].sudo()
        contact = partners.create({"name": "Buyer", "parent_id": self.debtor.id})
        branch = partners.create(
            {"name": "Branch", "is_company": True, "parent_id": self.debtor.id}
        )
        below = partners.create({"name": "Shop", "is_company": True, "parent_id": branch.id})
        group = partners.create({"name": "Group", "is_company": True})
        self.debtor.sudo().parent_id = group
        for partner in (contact, branch, below):
            with self.subTest(partner=partner.name):
                effect, _holds = partner._get_credit_effect(self.company, "invoice")
                self.assertEqual(effect, "block")
        self.assertEqual(group._get_credit_effect(self.company, "invoice")[0], "none")
        office = (
            self.env["res.company"].sudo().create({"name": "Office", "parent_id": self.company.id})
        )
        self.assertEqual(self.debtor._get_credit_effect(office, "invoice")[0], "block")

    def test_posting_asks_once(self):
        """Posting many invoices of good debtors costs one search, however many they are."""
        good = self._create_debtor("Good")
        invoice = self._create_overdue_invoice(-30, 10, partner=good)
        counts = []
        for number in (2, 8):
            drafts = self.env["account.move"]
            for _number in range(number):
                drafts |= invoice.copy()
            self.env.flush_all()
            drafts.mapped("partner_id.parent_id")
            drafts.mapped("company_id.parent_ids")
            before = self.env.cr.sql_log_count
            drafts._get_credit_blocked()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def _hold_by_hand(self, **values):
        return (
            self.env["debt.credit.hold"]
            .with_user(self.manager)
            .create(
                {
                    "partner_id": self.debtor.id,
                    "company_id": self.company.id,
                    "case_id": self.case.id,
                    "reason": "Cheque came back",
                    **values,
                }
            )
        )

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
