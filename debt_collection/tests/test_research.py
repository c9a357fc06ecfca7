"""Debtor research and risk: what can be paid, how was paid, and who may see it."""

from datetime import timedelta

from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_escalation import EscalationCommon


@tagged("post_install", "-at_install")
class TestResearch(EscalationCommon):
    """A debtor who owes 1,000.00."""

    def _create_sheet(self, income, expense, **values):
        return self.env["debt.assessment"].create(
            {
                "case_id": self.case.id,
                "line_ids": [
                    Command.create({"kind": "income", "name": "Wage", "amount": income}),
                    Command.create({"kind": "expense", "name": "Rent", "amount": expense}),
                ],
                **values,
            }
        )

    # === ABILITY TO PAY ===

    def test_proposal(self):
        """Half of what is left each month: 1,000.00 in instalments that can be kept."""
        sheet = self._create_sheet(1500, 900)
        sheet.line_ids = [
            Command.create(
                {"kind": "creditor", "name": "Bank", "amount": 600, "period": "quarter"}
            ),
            Command.create({"kind": "asset", "name": "Van", "amount": 4000, "period": "once"}),
        ]
        self.assertEqual(sheet.disposable, 400)
        self.assertEqual((sheet.affordable, sheet.months, sheet.assets), (200, 5, 4000))
        sheet.share = 75
        self.assertEqual(sheet._get_instalments(), [300, 300, 300, 100])
        self.assertIn("4 monthly instalments of", sheet.proposal)

    def test_nothing_left(self):
        """Where nothing is left no plan is proposed, and the sheet says what to look at instead."""
        sheet = self._create_sheet(900, 900)
        self.assertEqual(sheet._get_instalments(), [])
        self.assertIn("guarantors", sheet.proposal)
        with self.assertRaisesRegex(UserError, "no plan is affordable"):
            sheet.action_propose_plan()

    @settings(max_examples=25, deadline=None)
    @given(income=st.integers(0, 900000), expense=st.integers(0, 900000), share=st.integers(1, 100))
    def test_instalments_are_what_is_owed(self, income, expense, share):
        """Whatever the figures: together what is owed, none above what is affordable."""
        sheet = self.env["debt.assessment"].new(
            {
                "case_id": self.case.id,
                "share": share,
                "line_ids": [
                    Command.create({"kind": "income", "name": "x", "amount": income / 100}),
                    Command.create({"kind": "expense", "name": "y", "amount": expense / 100}),
                ],
            }
        )
        parts = sheet._get_instalments()
        if income <= expense:
            self.assertFalse(parts)
        elif parts:
            self.assertAlmostEqual(sum(parts), 1000.0, places=2)
            self.assertTrue(all(0 < part <= sheet.affordable + 0.001 for part in parts))

    def test_confirmed_is_kept(self):
        """A confirmed sheet changes no more; the next one starts from its facts."""
        sheet = self._create_sheet(1500, 900)
        with self.assertRaises(AccessError):
            sheet.write({"state": "confirmed"})
        sheet.action_confirm()
        with self.assertRaises(UserError):
            sheet.line_ids[0].amount = 1
        with self.assertRaises(UserError):
            sheet.unlink()
        with self.assertRaises(UserError):
            self.env["debt.assessment.line"].create(
                {"assessment_id": sheet.id, "name": "Late fact"}
            )
        renewed = self.env["debt.assessment"].browse(sheet.action_renew()["res_id"])
        self.assertEqual((renewed.state, len(renewed.line_ids)), ("draft", 2))
        self.assertEqual(renewed.disposable, sheet.disposable)

    def test_who_sees_research(self):
        """Senior officers (of their team's cases), legal and managers; nobody else."""
        sheet = self._create_sheet(1500, 900)
        self.case.user_id = self.officer_b
        for user in (self.officer_a, self.officer_b, self.reader):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                sheet.with_user(user).read(["disposable"])
            with self.assertRaises(AccessError):
                self.case.with_user(user).read(["assessment_ids"])
        for user in (self.legal, self.manager):
            self.assertEqual(sheet.with_user(user).disposable, 600)
        with self.assertRaises(AccessError):
            sheet.with_user(self.senior).read(["disposable"])
        self.case.team_id = self.env["debt.team"].create(
            {"name": "North", "leader_id": self.senior.id}
        )
        self.assertEqual(sheet.with_user(self.senior).disposable, 600)
        self.assertEqual(self.case.with_user(self.senior).assessment_count, 1)

    # === RISK ===

    def _get_profile(self, partner=None):
        return self.env["debt.risk.profile"].search(
            [("partner_id", "=", (partner or self.debtor).id), ("current", "=", True)]
        )

    def test_grades(self):
        """Who pays on the day is A; who never pays is C or worse, with the reasons."""
        prompt = self._create_debtor("Prompt Ltd")
        with freeze_time(TODAY - timedelta(days=60)):
            invoice = self._create_overdue_invoice(60, 500, partner=prompt)
            self._pay(invoice)
        self.env["debt.risk.profile"]._compute_profiles(self.company, TODAY)
        profile = self._get_profile(prompt)
        self.assertEqual((profile.grade, profile.late_weighted), ("A", 0))
        self.assertEqual(prompt.with_company(self.company).trust, "good")
        late = self._get_profile()
        self.assertEqual((late.grade, late.late_weighted, late.exposure), ("D", 100, 1000))
        self.assertIn("100 days late", late.reasons)
        self.assertEqual(self.debtor.with_company(self.company).trust, "bad")
        self.assertEqual(self.case.risk_grade, "D")
        self.assertTrue(self.case.is_high_risk)

    def test_weights_and_limit(self):
        """Large amounts weigh more; an exposure beyond the limit adds points and a reason."""
        self.debtor.with_company(self.company).credit_limit = 500
        with freeze_time(TODAY - timedelta(days=200)):
            self._pay(self._create_overdue_invoice(200, 9000))
        self.env["debt.risk.profile"]._compute_profiles(self.company, TODAY)
        profile = self._get_profile()
        self.assertAlmostEqual(profile.late_weighted, 10.0)
        self.assertAlmostEqual(profile.late_average, 50.0)
        self.assertIn("over the limit", profile.reasons)

    def test_broken_promise_counts(self):
        """A promise that was broken adds points and a reason."""
        before = self._get_profile().score
        item = self.case.open_item_ids
        self.env["debt.promise"].create(
            {
                "case_id": self.case.id,
                "date": TODAY,
                "line_ids": [Command.create({"item_id": item.id, "amount": 100})],
            }
        )
        with freeze_time(TODAY + timedelta(days=10)):
            self._run_day(10, send=False, release=False)
            self.case.with_user(self.manager).action_refresh_risk()
        profile = self._get_profile()
        self.assertEqual(profile.broken, 1)
        self.assertGreater(profile.score, before)
        self.assertIn("broken promises: 1", profile.reasons)

    def test_bounces_and_disputes_count(self):
        """What came back and what was disputed without reason add points and reasons."""
        before = self._get_profile().score
        other = self._create_debtor("Quiet Ltd")
        self._create_overdue_invoice(100, 1000, partner=other)
        self._pay(self.invoice, 100)
        payment = self.env["account.payment"].search(
            [("partner_id", "=", self.debtor.id)], order="id desc", limit=1
        )
        payment.move_id._reverse_moves([{"date": TODAY}], cancel=True)
        bank = self._return_through_the_bank(50)
        self.assertTrue(bank.is_reconciled)
        reason = self.env["debt.dispute.reason"].search([("kind", "=", "dispute")], limit=1)
        item = self.case.open_item_ids
        disputes = self.env["debt.dispute"].create(
            [
                {
                    "case_id": self.case.id,
                    "reason_id": reason.id,
                    "description": words,
                    "line_ids": [Command.create({"item_id": item.id, "amount": 10})],
                }
                for words in ("Wrong price", "Never ordered")
            ]
        )
        disputes[0].sudo().write({"state": "upheld"})
        self.case.with_user(self.manager).action_refresh_risk()
        self.env["debt.risk.profile"]._compute_profiles(self.company, TODAY)
        profile = self._get_profile()
        self.assertEqual((profile.bounced, profile.disputed), (2, 1))
        self.assertGreater(profile.score, before)
        self.assertIn("bounced payments: 2", profile.reasons)
        self.assertIn("disputes: 1", profile.reasons)
        quiet = self._get_profile(other)
        self.assertEqual((quiet.bounced, quiet.disputed), (0, 0))

    def _return_through_the_bank(self, amount):
        """A direct debit the bank took back: two lines of a statement that cancel each other."""
        account = self.invoice.line_ids.account_id.filtered(
            lambda account: account.account_type == "asset_receivable"
        )
        lines = self.env["account.bank.statement.line"].create(
            [
                {
                    "journal_id": self.company_data["default_journal_bank"].id,
                    "date": TODAY,
                    "payment_ref": words,
                    "partner_id": self.debtor.id,
                    "amount": value,
                    "counterpart_account_id": account.id,
                }
                for words, value in (("Debit", amount), ("Returned debit", -amount))
            ]
        )
        lines.move_id.line_ids.filtered(lambda line: line.account_id == account).reconcile()
        return lines[1]

    def test_change_is_reported_and_history_kept(self):
        """A grade that changes is a change of status; the earlier profile is history."""
        profiles = self.env["debt.risk.profile"]
        before = self._get_profile()
        self.assertEqual(before.grade, "D", "computed when the case opened")
        with freeze_time(TODAY + timedelta(days=1)):
            self._pay(self.invoice)
            for rank in range(1, 10):
                self._pay(self._create_overdue_invoice(0, 1000 * rank))
            profiles._compute_profiles(self.company, TODAY + timedelta(days=1))
        self.assertFalse(before.current)
        after = self._get_profile()
        self.assertEqual(after.grade, "A")
        change = self.env["debt.status.change"].search([("kind", "=", "risk")], limit=1)
        self.assertEqual((change.before, change.after), ("D", "A"))
        profiles._compute_profiles(self.company, TODAY + timedelta(days=1))
        self.assertEqual(
            profiles.search_count([("partner_id", "=", self.debtor.id)]), 2, "one a day"
        )

    def test_feeds_priority_and_segments(self):
        """A new case knows its grade before it is assigned; the priority counts it."""
        segment = self.env["debt.segment"].create(
            {"name": "Risky", "domain": "[('risk_grade', 'in', ('D', 'E'))]", "sequence": 1}
        )
        self.env["debt.priority.rule"].create(
            {"name": "Bad payer", "metric": "risk", "minimum": 4, "points": 7}
        )
        risky, fresh = self._create_debtor("Risky Ltd"), self._create_debtor("Fresh Ltd")
        self._create_overdue_invoice(95, 200, partner=risky)
        self._create_overdue_invoice(5, 200, partner=fresh)
        self._run_day(1, send=False, release=False)
        self.assertEqual(self._get_case(risky).segment_id, segment)
        self.assertFalse(self._get_case(fresh).segment_id == segment)
        self.assertIn("Bad payer (+7)", self._get_case(risky).priority_explanation)
        self.assertNotIn("Bad payer", self._get_case(fresh).priority_explanation or "")

    def test_trust_only_when_wanted(self):
        """Switched off, Odoo's degree of trust stays as people set it."""
        self.company.debt_risk_trust = False
        other = self._create_debtor("Trusted Ltd", trust="good")
        self._create_overdue_invoice(100, 200, partner=other)
        self.env["debt.risk.profile"]._compute_profiles(self.company, TODAY)
        self.assertEqual(self._get_profile(other).grade, "D")
        self.assertEqual(other.trust, "good")

    def test_queries_do_not_grow(self):
        """All profiles of a company take as many statements as one."""
        profiles = self.env["debt.risk.profile"]
        profiles._compute_profiles(self.company, TODAY)
        self.env.flush_all()
        with self.assertQueryCount(10):
            profiles._compute_profiles(self.company, TODAY)
        for rank in range(8):
            debtor = self._create_debtor(f"Many {rank}")
            self._create_overdue_invoice(40, 100, partner=debtor)
        self.env.flush_all()
        with self.assertQueryCount(10):
            profiles._compute_profiles(self.company, TODAY)
