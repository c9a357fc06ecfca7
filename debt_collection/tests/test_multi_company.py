"""Companies: the same debtor is another debtor in each of them."""

from odoo import Command
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import DebtCommon


@tagged("post_install", "-at_install")
class TestMultiCompany(DebtCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other company")["company"]
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id, "debt_tolerance": 1.0}
        )
        cls.env.cr.precommit.run()  # loads the branch's chart of accounts
        cls.env.user.company_ids = [Command.link(cls.other.id), Command.link(cls.branch.id)]
        cls.env = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": [cls.company.id, cls.other.id, cls.branch.id],
            }
        )
        cls.other = cls.other.with_env(cls.env)
        cls.branch = cls.branch.with_env(cls.env)

    def test_one_debtor_two_companies(self):
        """Each company has its own case; a run sees its own company's lines alone (U12)."""
        here = self._create_overdue_invoice(10, 100)
        there = self._create_overdue_invoice(30, 700, company=self.other)
        run = self._run_day()
        self.assertEqual((run.cases_opened, run.amount_overdue), (1, 100.0))
        case = self._get_case()
        self.assertEqual(case.item_ids.move_id, here)
        self.assertFalse(self._get_case(company=self.other))
        other_run = self._run_day(company=self.other)
        self.assertEqual((other_run.cases_opened, other_run.amount_overdue), (1, 700.0))
        other_case = self._get_case(company=self.other)
        self.assertEqual(other_case.item_ids.move_id, there)
        self.assertEqual(other_case.level_id, self.level_formal_reminder)
        self.assertEqual(case.level_id, self.level_reminder)
        self.assertEqual(other_run.notice_ids.company_id, self.other)

    def test_paying_one_company_leaves_the_other(self):
        """Money moves in one company only."""
        self._create_overdue_invoice(10, 100)
        there = self._create_overdue_invoice(10, 700, company=self.other)
        self._run_day()
        self._run_day(company=self.other)
        self._pay(there.with_company(self.other))
        self.assertEqual(self._get_case(company=self.other).state, "closed")
        self.assertRecordValues(self._get_case(), [{"state": "open", "amount_overdue": 100.0}])

    def test_credits_and_tolerance_are_the_companys_own(self):
        """A credit in one company pays nothing in the other, nor does its tolerance hold there."""
        self._create_overdue_invoice(10, 100)
        self._create_overdue_invoice(10, 40, company=self.other)
        self._create_credit_note(500, company=self.other)
        self.company.debt_tolerance = 99
        self.other.debt_tolerance = 1
        self._run_day()
        self._run_day(company=self.other)
        self.assertEqual(self._get_case().amount_net, 100.0)
        self.assertFalse(self._get_case(company=self.other))

    def test_a_run_leaves_the_other_companys_cases_alone(self):
        """Neither figures, nor priorities, nor holds, nor notices of the other are touched."""
        self._create_overdue_invoice(10, 100, company=self.other)
        self._run_day(company=self.other)
        case = self._get_case(company=self.other)
        notice = case.notice_ids
        before = case.read(["date_sync", "priority_score", "next_action_date", "level_id"])
        run = self._run_day(30)
        self.assertFalse(run.line_ids)
        self.assertEqual((run.items_left, run.cases_closed), (0, 0))
        case.invalidate_recordset()
        self.assertEqual(
            case.read(["date_sync", "priority_score", "next_action_date", "level_id"]), before
        )
        self.assertEqual(notice.state, "queued")

    def test_strategy_by_hand_is_per_company(self):
        """The choice on a debtor holds in the company where it was made."""
        own = self._create_strategy({"days": 3})
        self.debtor.debt_strategy_id = own
        self._create_overdue_invoice(10)
        self._create_overdue_invoice(10, company=self.other)
        self._run_day()
        self._run_day(company=self.other)
        self.assertEqual(self._get_case().strategy_id, own)
        self.assertEqual(self._get_case(company=self.other).strategy_id, self.strategy)

    def test_another_companys_strategy_is_never_the_default(self):
        """Of two running strategies a company gets its own or the shared one."""
        foreign = self._create_strategy({"days": 3}, company_id=self.other.id, sequence=1)
        self.assertNotEqual(self.env["debt.strategy"]._get_default(self.company), foreign)
        self.assertEqual(self.env["debt.strategy"]._get_default(self.other), foreign)

    def test_branch(self):
        """A branch has its own cases; it may use its parent's strategy."""
        parents = self._create_strategy({"days": 3}, company_id=self.company.id)
        self.branch.debt_strategy_id = parents
        here = self._create_overdue_invoice(10, 100)
        there = self._create_overdue_invoice(10, 40, company=self.branch)
        self._run_day()
        self._run_day(company=self.branch)
        self.assertEqual(self._get_case().item_ids.move_id, here)
        case = self._get_case(company=self.branch)
        self.assertEqual(case.item_ids.move_id, there)
        self.assertEqual(case.strategy_id, parents)
        self.assertEqual(case.notice_ids.level_id.name, "Level 1")

    def test_branch_inherits_the_choice_of_its_parent(self):
        """A branch without a choice of its own follows its parent's default strategy."""
        self._create_strategy({"days": 2}, company_id=self.company.id, sequence=1)
        self.company.debt_strategy_id = self._create_strategy(
            {"days": 3}, company_id=self.company.id, sequence=99
        )
        self._create_overdue_invoice(10, 40, company=self.branch)
        self._run_day(company=self.branch)
        self.assertEqual(
            self._get_case(company=self.branch).strategy_id, self.company.debt_strategy_id
        )

    def test_segments_and_rules_of_another_company(self):
        """A segment of one company takes no case of another; its parent's it takes."""
        segments = self.env["debt.segment"]
        foreign = segments.create({"name": "Foreign", "company_id": self.other.id})
        family = segments.create({"name": "Family", "company_id": self.company.id, "sequence": 20})
        for company in (self.other, self.branch, self.company):
            self._create_overdue_invoice(10, 40, company=company)
            self._run_day(company=company)
        self.assertEqual(self._get_case(company=self.other).segment_id, foreign)
        self.assertEqual(self._get_case(company=self.branch).segment_id, family)
        self.assertEqual(self._get_case().segment_id, family)
