"""Segments: who gets which strategy, team and officer when a case opens."""

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import DebtCommon


@tagged("post_install", "-at_install")
class TestSegments(DebtCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._create_strategy({"days": 3}, name="Own", sequence=50)
        cls.other = cls._create_strategy({"days": 4}, name="Other", sequence=51)
        cls.team = cls.env["debt.team"].create(
            {"name": "Team", "member_ids": [Command.set((cls.officer_a | cls.officer_b).ids)]}
        )

    def _create_segment(self, name, domain="[]", **values):
        return self.env["debt.segment"].create({"name": name, "domain": domain, **values})

    def _open_cases(self, *amounts, **values):
        """Cases of new debtors, all opened by one run.

        :return: debt.case, in the order of the amounts
        """
        debtors = [
            self._create_debtor(f"Debtor {index} over {amount}", **values)
            for index, amount in enumerate(amounts)
        ]
        for debtor, amount in zip(debtors, amounts, strict=True):
            self._create_overdue_invoice(10, amount, partner=debtor)
        self._run_day()
        cases = self.env["debt.case"]
        for debtor in debtors:
            cases |= self._get_case(debtor)
        return cases

    # === WHICH SEGMENT ===

    def test_first_match_decides(self):
        """Segments are tried in their order; domain and order decide, not the date of making."""
        rest = self._create_segment("Rest", sequence=30, strategy_id=self.other.id)
        big = self._create_segment(
            "Big", "[('amount_overdue', '>=', 1000)]", sequence=10, strategy_id=self.own.id
        )
        germany = self.env.ref("base.de")
        german = self._create_segment(
            "German", f"[('partner_id.country_id', '=', {germany.id})]", sequence=20
        )
        cases = self._open_cases(500, 1000) | self._open_cases(600, 5000, country_id=germany.id)
        self.assertEqual(
            [case.segment_id for case in cases], [rest, big, german, big], "in their order"
        )
        self.assertEqual(cases[0].strategy_id, self.other)
        self.assertEqual(cases[1].strategy_id, self.own)
        self.assertEqual(cases[2].strategy_id, self.strategy, "says nothing: company default")

    def test_archived_segment_takes_nobody(self):
        """Archived is out of use."""
        self._create_segment("Old", active=False, strategy_id=self.own.id)
        self.assertFalse(self._open_cases(100).segment_id)

    def test_running_cases_keep_their_segment(self):
        """A case is placed when it opens; a new segment changes nothing for it."""
        case = self._open_cases(100)
        self._create_segment("New", strategy_id=self.own.id, user_id=self.officer_a.id)
        self._run_day(1)
        self.assertRecordValues(
            case, [{"segment_id": False, "strategy_id": self.strategy.id, "user_id": False}]
        )

    def test_bad_domains_are_refused(self):
        """When the segment is saved, with its name and the reason; never at night."""
        for domain in (
            "[('no_such_field', '=', 1)]",
            "[('amount_overdue', '>', 1)",
            "amount > 1",
            "[('amount_overdue', 'roughly', 1)]",
            "__import__('os').getcwd()",
        ):
            with self.subTest(domain), self.assertRaisesRegex(ValidationError, "segment Wrong"):
                self._create_segment("Wrong", domain)
        segment = self._create_segment("Right", "[('amount_overdue', '>', 1)]")
        with self.assertRaisesRegex(ValidationError, "segment Right"):
            segment.domain = "[('partner_id.nothing', '=', 1)]"

    # === BY HAND, BY COMPANY ===

    def test_choice_by_hand_wins(self):
        """What a person chose on the debtor goes before segment and company."""
        self.debtor.write({"debt_strategy_id": self.own.id, "debt_user_id": self.officer_b.id})
        self.company.debt_strategy_id = self.strategy
        segment = self._create_segment(
            "All", strategy_id=self.other.id, team_id=self.team.id, user_id=self.officer_a.id
        )
        self._create_overdue_invoice(10)
        self._run_day()
        self.assertRecordValues(
            self._get_case(),
            [
                {
                    "segment_id": segment.id,
                    "strategy_id": self.own.id,
                    "user_id": self.officer_b.id,
                    "team_id": self.team.id,
                }
            ],
        )

    def test_company_defaults(self):
        """Without segment: the company's strategy and team; the team's officers share."""
        self.company.write({"debt_strategy_id": self.other.id, "debt_team_id": self.team.id})
        case = self._open_cases(100)
        self.assertRecordValues(case, [{"strategy_id": self.other.id, "team_id": self.team.id}])
        self.assertIn(case.user_id, self.officer_a | self.officer_b)

    def test_segment_goes_before_company(self):
        """The more special choice wins."""
        team = self.env["debt.team"].create({"name": "Special"})
        self.company.write({"debt_strategy_id": self.other.id, "debt_team_id": self.team.id})
        self._create_segment("All", strategy_id=self.own.id, team_id=team.id)
        case = self._open_cases(100)
        self.assertRecordValues(case, [{"strategy_id": self.own.id, "team_id": team.id}])
        self.assertFalse(case.user_id, "a team without members has nobody to give it to")

    # === OFFICERS ===

    def test_large_debts_are_dealt_first(self):
        """Four cases, two officers: two each, and neither gets both large ones."""
        self._create_segment("All", team_id=self.team.id)
        small, large, tiny, huge = self._open_cases(100, 8000, 10, 9000)
        self.assertEqual(len((small | large | tiny | huge).user_id), 2)
        self.assertNotEqual(large.user_id, huge.user_id)
        self.assertNotEqual(small.user_id, tiny.user_id)

    def test_balanced_by_open_cases(self):
        """Who has more open cases waits until the others have as many; closed ones do not
        count."""
        for amount in (100, 101, 102):
            self._create_overdue_invoice(
                10,
                amount,
                partner=self._create_debtor(f"A{amount}", debt_user_id=self.officer_a.id),
            )
        done = self._create_debtor("B", debt_user_id=self.officer_b.id)
        paid = self._create_overdue_invoice(10, partner=done)
        self._run_day()
        self._pay(paid)
        self.assertEqual(self._get_case(done).state, "closed")
        self._create_segment("All", team_id=self.team.id)
        cases = self._open_cases(10, 20, 30, 40)
        officers = [case.user_id for case in cases.sorted("amount_overdue", reverse=True)]
        self.assertEqual(officers[:3], [self.officer_b] * 3)
        self.assertIn(officers[3], self.officer_a | self.officer_b, "three each by now")

    def test_only_active_members_of_the_company(self):
        """Who left, or works for another company, gets nothing."""
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._create_user("stranger", "debt_collection.group_officer", elsewhere)
        self.team.member_ids = self.officer_a | self.officer_b | stranger
        self.officer_b.active = False
        self._create_segment("All", team_id=self.team.id)
        cases = self._open_cases(10, 20, 30)
        self.assertEqual(cases.user_id, self.officer_a)

    def test_officer_of_the_segment(self):
        """A named officer goes before the sharing out."""
        self._create_segment("All", team_id=self.team.id, user_id=self.officer_b.id)
        self.assertEqual(self._open_cases(10, 20).user_id, self.officer_b)

    def test_cases_given_to_nobody_by_hand_stay_free(self):
        """An officer is dealt once, when the case opens; a manager may set a case free."""
        self._create_segment("All", team_id=self.team.id)
        case = self._open_cases(10)
        case.user_id = False
        self._run_day(1)
        self.assertFalse(case.user_id)
