"""Agreements in several companies and in a branch: each posts, grants and judges its own."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_negotiation import NegotiationCommon
from odoo.addons.debt_collection.tests.test_agreement_message import SIGNATURE


@tagged("post_install", "-at_install")
class TestNegotiationCompanies(NegotiationCommon):
    """The debtor owes 100 and 50 here, 700 to another company, 40 to a branch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.setup_other_company(name="Other company")["company"]
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id, "debt_tolerance": 1.0}
        )
        cls.env.cr.precommit.run()  # loads the branch's chart of accounts
        companies = cls.company | cls.elsewhere | cls.branch
        cls.env.user.company_ids = [Command.link(company.id) for company in companies]
        cls.boss = cls._create_user("boss", "debt_collection.group_manager")
        cls.boss.company_ids = [Command.set(companies.ids)]
        # the company of the user's screen stays the first one
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": companies.ids})
        cls.company.debt_writeoff_account_id = cls.company_data["default_account_expense"]
        cls.invoices = {}
        cls.cases = {}
        for company, amount in ((cls.elsewhere, 700), (cls.branch, 40)):
            company = company.with_env(cls.env)
            cls.invoices[company] = cls._create_overdue_invoice(10, amount, company=company)
            cls._run_day(company=company, send=False, release=False)
            cls.cases[company] = cls._get_case(company=company)
        cls.elsewhere, cls.branch = cls.invoices

    def _agree(self, company, model, **values):
        """An agreement about a company's case, made by the manager of all companies."""
        return self.env(user=self.boss)[model].create({"case_id": self.cases[company].id, **values})

    def test_branch_writes_off_to_its_parents_account(self):
        """A branch that chose no account uses its parent's; the entry is the branch's."""
        concession = self._agree(
            self.branch, "debt.concession", kind="write_off", reason="Bankrupt"
        )
        concession.action_submit()
        self.assertEqual(concession.state, "done")
        entry = concession.move_ids
        self.assertEqual(entry.company_id, self.branch)
        self.assertIn(self.company.debt_writeoff_account_id, entry.line_ids.account_id)
        self.assertTrue(self._get_receivable(self.invoices[self.branch]).reconciled)
        self.assertEqual(self.cases[self.branch].state, "closed")
        self.assertEqual(self.case.amount_overdue, 150)

    def test_other_company_has_no_account(self):
        """Another company does not: it is asked to choose one, nothing is half-done."""
        with self.assertRaisesRegex(UserError, "Other company"), self.env.cr.savepoint():
            self._agree(
                self.elsewhere, "debt.concession", kind="write_off", reason="Bankrupt"
            ).action_submit()
        self.assertFalse(self.cases[self.elsewhere].concession_ids.move_ids)

    def test_novation_in_each_company(self):
        """The new debts are those of the company, whatever company is on the screen."""
        for company, invoice in self.invoices.items():
            plan = self._agree(company, "debt.plan", number=2, legal_form="novation")
            plan.action_submit()
            plan._do_accept("Mrs. Baker", TODAY, "signed")
            self.assertEqual(plan.move_id.company_id, company)
            self.assertTrue(self._get_receivable(invoice).reconciled)
            self.assertEqual(
                sum(plan.installment_ids.move_line_id.mapped("amount_residual")),
                invoice.amount_total,
            )
            self._give_reason(plan.action_cancel())
            self.assertFalse(self._get_receivable(invoice).reconciled)
            self.assertFalse(self._get_receivable(invoice).matched_credit_ids)
            self.assertEqual(plan.move_id.reversal_move_ids.company_id, company)

    def test_dispute_in_another_company(self):
        """The credit note is that company's; here nothing moves."""
        reason = self.env.ref("debt_collection.dispute_reason_price")
        for company, case in self.cases.items():
            owed = case.amount_overdue
            dispute = self._agree(company, "debt.dispute", reason_id=reason.id, amount=10)
            dispute._solve({dispute.line_ids: 10}, False, "Old price list")
            self.assertEqual(dispute.move_ids.company_id, company)
            self.assertEqual(case.amount_overdue, owed - 10)
        self.assertEqual(self.case.amount_overdue, 150)

    def test_authority_of_each_company(self):
        """Lines of one company give no authority in another; a parent's hold in its branch."""
        self.env["debt.authority"].search([("action", "=", "plan")]).unlink()
        line = self.env["debt.authority"].create(
            {"action": "plan", "role": "manager", "company_id": self.company.id}
        )
        grant = self.env["debt.authority"]._may_grant
        facts = {"action": "plan", "amount": 10}
        self.assertTrue(grant(self.boss, self.branch, **facts))
        self.assertFalse(grant(self.boss, self.elsewhere, **facts))
        line.company_id = False
        self.assertTrue(grant(self.boss, self.elsewhere, **facts))
        self.assertFalse(grant(self.manager, self.elsewhere, **facts), "does not work there")

    def test_money_of_another_company_keeps_no_promise(self):
        """Money on account with one company is not the other's."""
        promise = self._promise(days=2, user=self.boss)
        there = self._agree(self.elsewhere, "debt.promise", date=self._get_day(2))
        self._pay(self.invoices[self.elsewhere].with_company(self.elsewhere))
        self.assertEqual((promise.state, there.state), ("open", "kept"))
        with self._on_day(8):
            self._run_day(8, send=False)
        self.assertEqual((promise.state, there.state), ("broken", "kept"))

    def test_accepted_online_elsewhere(self):
        """The link leads into the company of the offer, for a visitor who has none."""
        plan = self._agree(self.elsewhere, "debt.plan", number=2, legal_form="novation")
        plan.action_submit()
        public = self.env(user=self.env.ref("base.public_user"), context={}, su=True)
        visitor = public["debt.plan"].browse(plan.id).with_company(plan.company_id)
        visitor._accept_online("Mrs. Baker", SIGNATURE, "::1")
        self.assertEqual(plan.state, "active")
        self.assertEqual(plan.move_id.company_id, self.elsewhere)

    def test_kept_out_of_follow_up(self):
        """The list shows the companies of the screen."""
        for company in self.invoices:
            self._agree(company, "debt.promise", date=self._get_day(2))
        rows = self.env["debt.exclusion"].search([("partner_id", "=", self.debtor.id)])
        self.assertEqual(rows.company_id, self.elsewhere | self.branch)
        alone = self.env["debt.exclusion"].with_context(allowed_company_ids=self.branch.ids)
        self.assertRecordValues(
            alone.search([]),
            [{"company_id": self.branch.id, "kind": "promised", "amount": 40}],
        )
