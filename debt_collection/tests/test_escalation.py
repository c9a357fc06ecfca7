"""The escalation path: one gate, by rule or by hand, and back; formal notices; reports."""

from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_escalation import EscalationCommon
from odoo.addons.debt_collection.tools.compliance.business_days import add_business_days


@tagged("post_install", "-at_install")
class TestEscalation(EscalationCommon):
    """The shipped rules, unless a test says otherwise."""

    def _escalate(self, target, user=None, reason="No answer", cases=None):
        cases = cases or self.case
        wizard = self.env["debt.escalate"].with_user(user or self.manager)
        wizard = wizard.with_context(
            **cases.with_user(user or self.manager).action_escalate()["context"]
        )
        return wizard.create({"target": target, "reason": reason}).action_confirm()

    # === THE GATE ===

    def test_all_unmet_conditions_are_told_at_once(self):
        """Escalating an untouched case says everything that is missing, and changes nothing."""
        self.env["debt.hold"].create(
            {"case_id": self.case.id, "reason": "Talks", "item_ids": self.case.item_ids.ids}
        )
        with self.assertRaises(UserError) as caught:
            self._escalate("legal")
        text = str(caught.exception)
        for words in ("Pre-legal", "0 attempts on 0 channels", "Default notice", "Talks"):
            self.assertIn(words, text)
        self.assertEqual(self.case.escalation, "amicable")

    def test_by_hand_when_ripe(self):
        """Attempts made, notice served, deadline over: the case moves and the change is kept."""
        self._make_ripe(self.case)
        self._escalate("pre_legal", self.senior_with_case(), "Final demand ignored")
        self.assertEqual(self.case.escalation, "pre_legal")
        self.assertEqual(self.case.escalation_date, TODAY)
        change = self._get_change()
        self.assertEqual((change.before, change.after), ("formal_notice", "pre_legal"))
        self.assertEqual(change.reason, "Final demand ignored")
        self.assertEqual(change.user_id, self.senior)

    def _get_change(self):
        """The latest change of the escalation of the case."""
        return self.case.change_ids.filtered(lambda change: change.kind == "escalation")[0]

    def senior_with_case(self):
        """The senior officer, who leads the team of the case."""
        self.case.team_id = self.env["debt.team"].create(
            {"name": "North", "leader_id": self.senior.id}
        )
        return self.senior

    def test_attempts(self):
        """The attempt test counts attempts, channels and days; corrections only once."""
        rule = self.env.ref("debt_collection.escalation_rule_pre_legal")
        contacts = self._log_attempts(self.case, (20, "call"), (5, "call"))
        self.assertIn(
            "2 attempts on 1 channels over 15 days",
            "".join(rule._get_obstacles(TODAY, self.case)[self.case.id]),
        )
        self._log_attempts(self.case, (4, "letter")).copy()
        replaced = contacts[1].copy({"corrects_id": contacts[1].id, "outcome": "wrong_number"})
        self.assertTrue(replaced)
        words = "".join(rule._get_obstacles(TODAY, self.case)[self.case.id])
        self.assertNotIn("channels over", words, "three count: a call and twice the letter")

    def test_roles(self):
        """The rule names who may: an officer gets one clear refusal."""
        self._make_ripe(self.case)
        with self.assertRaisesRegex(AccessError, "Senior officer"):
            self._escalate("pre_legal", self.officer_a)
        with self.assertRaises(AccessError):
            self._escalate("pre_legal", self.reader)

    def test_back_with_reason(self):
        """De-escalation needs a reason and the role that decides on where the case stands."""
        self.case.sudo()._set_escalation("pre_legal")
        with self.assertRaises(AccessError):
            self._escalate("amicable", self.officer_a)
        with self.assertRaisesRegex(UserError, "why the case goes back"):
            self._escalate("amicable", reason=" ")
        self._escalate("amicable", reason="Pays again")
        self.assertEqual(self.case.escalation, "amicable")
        self.assertEqual(self._get_change().reason, "Pays again")

    def test_direct_write_is_refused(self):
        """Nobody writes the escalation around the gate."""
        with self.assertRaises(AccessError):
            self.case.with_user(self.manager).write({"escalation": "legal"})

    def test_dialog_shows_obstacles(self):
        """The dialog tells what is missing before anything is confirmed."""
        context = self.case.action_escalate()["context"]
        form = Form(self.env["debt.escalate"].with_context(**context))
        form.target = "legal"
        self.assertIn("attempts", form.obstacles)
        form.target = "formal_notice"
        self.assertFalse(form.obstacles)

    # === BY RULE ===

    def test_by_rule_in_the_run(self):
        """An automatic rule moves exactly the cases that meet all conditions, one step a night."""
        rules = self.env["debt.escalation.rule"].search([])
        rules.filtered(lambda r: r.target in ("management", "pre_legal")).automatic = True
        other = self._create_debtor("Other Ltd")
        self._create_overdue_invoice(100, 5000.0, partner=other)
        self._run_day(1)
        self._make_ripe(self.case)
        self._run_day(2)
        self.assertEqual(self.case.escalation, "pre_legal", "the highest step that is ripe")
        self.assertEqual(self._get_case(other).escalation, "amicable")
        self.assertIn("rule", self._get_change().reason)

    def test_notice_does_not_jump_the_gate(self):
        """A level that escalates to legal moves nothing while conditions are unmet; it says why."""
        moved = self.case.sudo()._try_escalation("legal")
        self.assertFalse(moved)
        self.assertEqual(self.case.escalation, "amicable")
        self.assertIn("Not possible yet", self.case.message_ids[0].body)

    def test_queries_do_not_grow(self):
        """Judging many cases takes as many statements as judging one."""
        debtors = [self._create_debtor(f"Many {rank}") for rank in range(6)]
        for debtor in debtors:
            self._create_overdue_invoice(100, 300.0, partner=debtor)
        self._run_day(1, send=False, release=False)
        rule = self.env.ref("debt_collection.escalation_rule_pre_legal")
        cases = self.env["debt.case"].search([("company_id", "=", self.company.id)])
        rule._get_obstacles(TODAY, cases)
        self.env.flush_all()
        with self.assertQueryCount(1):
            rule._get_obstacles(TODAY, cases[:1])
        with self.assertQueryCount(1):
            rule._get_obstacles(TODAY, cases)

    # === FORMAL NOTICES ===

    def test_deadline_in_business_days(self):
        """Five business days from Wednesday end on the next Wednesday; calendar days on Monday."""
        notice = self._create_served_notice(self.case, days=0)
        level = self._create_strategy(
            {"days": 10, "deadline_days": 5, "legal_kind": "final_demand"}
        ).level_ids
        notice.level_id = level
        self.assertEqual(notice._get_deadline(TODAY), TODAY + timedelta(days=5))
        level.deadline_business = True
        self.assertEqual(notice._get_deadline(TODAY), TODAY + timedelta(days=7))

    def test_notice_carries_kind_and_deadline(self):
        """The notice of a level with a legal kind keeps it; its deadline runs once it is sent."""
        strategy = self._create_strategy(
            {"days": 5, "deadline_days": 5, "legal_kind": "final_demand", "deadline_business": True}
        )
        debtor = self._create_debtor("Formal Ltd", debt_strategy_id=strategy.id)
        self._create_overdue_invoice(10, 50.0, partner=debtor)
        self._run_day(1)
        notice = self._get_case(debtor).notice_ids.sudo()
        notice._set_sent()
        self.assertEqual((notice.legal_kind, notice.deadline_state), ("final_demand", "running"))
        self.assertEqual(notice.deadline.weekday(), 3, "five business days after Thursday")

    def test_kinds_chosen_by_hand(self):
        """The dialog offers the three kinds: text, deadline and approval follow the choice."""
        self.company.debt_interest_rate = 8
        self._create_served_notice(self.case)
        self.level_formal_notice.deadline_business = True
        last_day = add_business_days(TODAY, self.level_formal_notice.deadline_days)
        self.env["debt.cost"].create(
            {"case_id": self.case.id, "name": "Search", "amount": 20, "amount_rebillable": 20}
        )
        wizard = self.env["debt.notice.send"].with_user(self.officer_a)
        with Form(wizard.with_context(default_case_id=self.case.id)) as form:
            form.level_id = self.level_formal_notice
            self.assertEqual(form.legal_kind, "default_notice")
            self.assertEqual(form.deadline, last_day)
            texts = set()
            for kind, words in (("final_demand", "final demand"), ("pre_action", "legal action")):
                form.legal_kind = kind
                self.assertIn(words, form.subject)
                texts.add(form.body)
            self.assertEqual(len(texts), 2)
            self.assertIn("before the courts", form.body)
            # 1,000.00 and 100 days at 8 % and 20.00 of costs
            self.assertIn("21.92", form.body)
            self.assertIn("1,041.92", form.body)
            self.assertTrue(form.needs_approval)
        form.record.action_send()
        notice = self.case.notice_ids.filtered(lambda n: n.state == "to_approve")
        self.assertEqual(notice.legal_kind, "pre_action")
        notice.with_user(self.manager).action_approve()
        notice.sudo()._choose_channels()
        self.assertEqual(notice.legal_kind, "pre_action", "the level does not take it back")
        self.assertEqual(notice.deadline, last_day)

    def test_service(self):
        """Posting needs the number; service moves a deadline that counts from it; append-only."""
        level = self._create_strategy(
            {
                "days": 10,
                "deadline_days": 14,
                "legal_kind": "final_demand",
                "deadline_from": "service",
            }
        ).level_ids
        notice = self._create_served_notice(self.case, days=10)
        notice.level_id = level
        service = self.env["debt.notice.service"].with_user(self.manager)
        with self.assertRaisesRegex(ValidationError, "number"):
            service.create({"notice_id": notice.id, "result": "posted"})
        service.create({"notice_id": notice.id, "result": "posted", "number": "RR123"})
        self.assertEqual(notice.registered_number, "RR123")
        row = service.create(
            {"notice_id": notice.id, "result": "refused", "date": TODAY - timedelta(days=3)}
        )
        self.assertEqual(notice.date_served, TODAY - timedelta(days=3))
        self.assertEqual(notice.deadline, TODAY + timedelta(days=11))
        with self.assertRaises(UserError):
            row.note = "changed"
        with self.assertRaises(UserError):
            row.unlink()
        self.case.sudo()._set_escalation("pre_legal")
        action = notice.with_user(self.legal).action_record_service()
        service = self.env["debt.notice.service"].with_user(self.legal)
        service.with_context(**action["context"]).create({"note": "Affidavit of the bailiff"})
        notice.invalidate_recordset(["service_ids"])
        self.assertIn("Affidavit of the bailiff", notice.service_ids.mapped("note"))
        with self.assertRaises(AccessError):
            notice.with_user(self.reader).action_record_service()

    def test_deadline_is_acted_on(self):
        """Passed: a task for the officer; kept: nothing but the mark."""
        self.case.user_id = self.officer_a
        notice = self._create_served_notice(self.case)
        paid = self._create_debtor("Paid Ltd")
        invoice = self._create_overdue_invoice(100, 10.0, partner=paid)
        self._run_day(1, send=False, release=False)
        kept = self._create_served_notice(self._get_case(paid), days=1)
        self._pay(invoice)
        self._run_day(2, send=False, release=False)
        self.assertEqual((notice.deadline_state, kept.deadline_state), ("passed", "met"))
        task = self.case.activity_ids.filtered(lambda a: "Deadline" in a.summary)
        self.assertEqual(task.user_id, self.officer_a)
        self._run_day(3, send=False, release=False)
        self.assertEqual(len(self.case.activity_ids & task), 1, "told once")

    # === REPORTS ===

    def test_changes_reach_subscribers(self):
        """At once for those who chose so, once a day for credit managers, nothing for others."""
        self.reader.debt_status_report = "at_once"
        self._make_ripe(self.case)
        at_once = self._get_reports(self.reader)
        self.assertEqual(len(at_once), 1)
        self.assertIn("Formal notice", at_once.body)
        self.assertFalse(self._get_reports(self.manager))
        self.case.sudo()._set_escalation("management")
        with self.enter_registry_test_mode():
            self.env.ref("debt_collection.ir_cron_status_report").method_direct_trigger()
        report = self._get_reports(self.manager)
        self.assertEqual(len(report), 1)
        self.assertIn("Management review", report.body)
        self.assertIn("High-risk list", report.body)
        self.assertFalse(self._get_reports(self.officer_a))
        with self.enter_registry_test_mode():
            self.env.ref("debt_collection.ir_cron_status_report").method_direct_trigger()
        self.assertEqual(self._get_reports(self.manager), report, "told once")

    def _get_reports(self, user):
        return (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("subject", "ilike", "changes of status"),
                    ("notified_partner_ids", "in", user.partner_id.ids),
                ]
            )
        )

    def test_changes_are_kept(self):
        """A change of status is neither edited nor deleted, and follows a merge."""
        self.case.sudo()._set_escalation("management")
        change = self._get_change()
        with self.assertRaises(UserError):
            change.with_user(self.manager).write({"reason": "x"})
        with self.assertRaises(UserError):
            change.unlink()
        with freeze_time(TODAY + timedelta(days=1)):
            other = self._create_debtor("Heir Ltd")
            self._create_overdue_invoice(50, 10.0, partner=other)
            self._run_day(1, send=False, release=False)
            self.case.sudo()._merge_into(self._get_case(other).sudo())
        self.assertEqual(change.case_id, self._get_case(other))
        self.assertEqual(self._get_case(other).escalation, "management")
