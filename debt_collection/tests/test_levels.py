"""Levels: on which day a debt reaches one, what holds it back, and how it leaves."""

from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import format_date

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


@tagged("post_install", "-at_install")
class TestLevels(DebtCommon):
    """When a level is due."""

    def _follow(self, strategy):
        """Let the debtor be followed by a strategy of the test."""
        self.debtor.debt_strategy_id = strategy
        return strategy.level_ids.sorted("sequence")

    def _format(self, days):
        """A day after TODAY as reasons tell it."""
        return format_date(self.env, TODAY + timedelta(days=days))

    def _get_steps(self, first, last, partner=None):
        """Let days pass; return [(day, level, channel, state)] of the notices of the debtor."""
        steps = []
        for day, run in self._pass_days(first, last):
            for notice in run.notice_ids.filtered(
                lambda notice: notice.partner_id == (partner or self.debtor)
            ):
                steps.append((day, notice.level_id.name, notice.channel, notice.state))
        return steps

    # === DAYS AFTER THE DUE DATE ===

    def test_days_after_the_due_date(self):
        """A level is reached on its day, not the day before; what is due today is not overdue.

        A debt that is found late never begins with the formal notice.
        """
        reminder, formal = self.level_reminder, self.level_formal_reminder
        table = [
            (0, None, None),
            (1, "waiting", None),
            (6, "waiting", None),
            (7, "notice", reminder),
            (8, "notice", reminder),
            (20, "notice", reminder),
            (21, "notice", formal),
            (34, "notice", formal),
            (35, "notice", formal),
            (400, "notice", formal),
        ]
        debtors = {}
        for days, _decision, _level in table:
            debtors[days] = self._create_debtor(f"Late {days}")
            self._create_overdue_invoice(days, partner=debtors[days])
        run = self._preview_day()
        for days, decision, level in table:
            with self.subTest(days=days):
                line = self._get_decision(run, debtors[days])
                if decision is None:
                    # due today: at most a friendly word
                    self.assertNotIn(line.decision, ("notice", "waiting"))
                    continue
                self.assertEqual(line.decision, decision)
                self.assertEqual(line.level_id, level or self.env["debt.level"])
        waiting = self._get_decision(run, debtors[6])
        self.assertIn(self._format(1), waiting.reason, "the next level falls due tomorrow")

    def test_due_today_opens_no_case(self):
        """The due date itself is still in time; the case opens the day after."""
        self._create_overdue_invoice(0)
        self._run_day()
        self.assertFalse(self._get_case())
        self._run_day(1)
        self.assertRecordValues(self._get_case(), [{"state": "open", "item_count": 1}])

    def test_each_threshold_is_the_items_own(self):
        """An item too young for a level does not climb with its elders (U9)."""
        old = self._create_overdue_invoice(21)
        young = self._create_overdue_invoice(6)
        self._run_day()
        levels = {
            item.move_id: (item.level_id, item.level_date) for item in self._get_case().item_ids
        }
        self.assertEqual(levels[old], (self.level_formal_reminder, TODAY))
        self.assertEqual(levels[young], (self.env["debt.level"], False))

    # === WAIT, MINIMUM AMOUNT ===

    def test_wait_since_the_previous_level(self):
        """Old enough is not enough: the days since the previous level count too."""
        self._follow(self._create_strategy({"days": 5}, {"days": 10, "wait_days": 7}))
        self._create_overdue_invoice(8)
        self._run_day()
        held = self._run_day(6)
        self.assertEqual(self._get_decision(held).decision, "waiting")
        self.assertEqual(
            self._get_case().next_action_date, TODAY + timedelta(days=7), "the end of the wait"
        )
        self.assertIn(self._format(7), self._get_decision(held).reason)
        self.assertEqual(self._run_day(7).notice_ids.level_id.name, "Level 2")

    def test_minimum_amount_is_net(self):
        """A level with a minimum asks what the debtor owes net; the minimum itself is enough."""
        strategy = self._create_strategy({"days": 5}, {"days": 10, "minimum_amount": 100})
        table = [
            ("exactly", 100.0, 0.0, "Level 2"),
            ("below", 99.99, 0.0, "Level 1"),
            ("credit", 150.0, 60.0, "Level 1"),
            ("above", 150.0, 50.0, "Level 2"),
        ]
        debtors = {}
        for name, amount, credit, _level in table:
            debtors[name] = self._create_debtor(name)
            debtors[name].debt_strategy_id = strategy
            self._create_overdue_invoice(20, amount, partner=debtors[name])
            if credit:
                self._create_credit_note(credit, partner=debtors[name])
        run = self._preview_day()
        for name, _amount, _credit, level in table:
            with self.subTest(name):
                self.assertEqual(self._get_decision(run, debtors[name]).level_id.name, level)

    def test_minimum_amount_of_the_debtor_not_of_the_invoice(self):
        """Many small invoices are one debt."""
        self._follow(self._create_strategy({"days": 5, "minimum_amount": 100}))
        for _index in range(4):
            self._create_overdue_invoice(20, 25)
        self.assertEqual(self._run_day().notice_ids.amount_total, 100.0)

    def test_below_every_minimum(self):
        """A debt too small for any level says so; it is not *all levels done*."""
        self._follow(self._create_strategy({"days": 5, "minimum_amount": 1000}))
        self._create_overdue_invoice(20, 50)
        line = self._get_decision(self._run_day())
        self.assertNotIn("all levels", line.reason)
        self.assertIn("1,000.00", line.reason)
        self.assertFalse(self._get_case().notice_ids)

    # === VERY LATE DEBT ===

    def test_catch_up_jump(self):
        """400 days late, 'the level its age asks for': the highest possible first contact at
        once, then the one after it as soon as its wait is over (U11)."""
        self._follow(
            self._create_strategy(
                {"days": 7},
                {"days": 21, "wait_days": 10},
                {"days": 35, "wait_days": 5, "first_contact": False},
                {"days": 60, "wait_days": 3, "first_contact": False},
                catch_up="jump",
            )
        )
        self._create_overdue_invoice(400)
        first = self._run_day()
        self.assertEqual(first.notice_ids.level_id.name, "Level 2")
        reason = self._get_decision(first).reason
        self.assertIn("at once", reason)
        self.assertIn("400 days late", reason)
        self.assertEqual(
            [(day, level) for day, level, *_rest in self._get_steps(1, 8)], [(3, "Level 4")]
        )

    def test_catch_up_next(self):
        """400 days late, 'one level after the other': from the lowest, none left out."""
        self._follow(
            self._create_strategy(
                {"days": 7},
                {"days": 21, "wait_days": 4},
                {"days": 35, "wait_days": 5, "first_contact": False},
                catch_up="next",
            )
        )
        self._create_overdue_invoice(400)
        steps = [(day, level) for day, level, *_rest in self._get_steps(0, 12)]
        self.assertEqual(steps, [(0, "Level 1"), (4, "Level 2"), (9, "Level 3")])

    def test_first_contact_skips_levels_not_meant_for_it(self):
        """Whatever the catch-up rule, the first thing heard is a possible first contact."""
        for catch_up, level in (("next", "Level 2"), ("jump", "Level 3")):
            with self.subTest(catch_up):
                debtor = self._create_debtor(f"First {catch_up}")
                debtor.debt_strategy_id = self._create_strategy(
                    {"days": 1, "first_contact": False},
                    {"days": 7},
                    {"days": 21},
                    {"days": 35, "first_contact": False},
                    catch_up=catch_up,
                )
                self._create_overdue_invoice(400, partner=debtor)
                self.assertEqual(
                    self._get_decision(self._preview_day(), debtor).level_id.name, level
                )

    # === REPEAT ===

    def test_repeat_after_the_last_level(self):
        """The last level comes back every so many days, so often, through its own channel."""
        self._follow(
            self._create_strategy(
                {"days": 7, "repeat_days": 5, "repeat_max": 2, "repeat_channel": "call"}
            )
        )
        self._create_overdue_invoice(7)
        steps = []
        for day, run in self._pass_days(0, 20):
            steps += [(day, notice.channel) for notice in run.notice_ids]
            case = self._get_case()
            if day == 5:
                self.assertIn("again: 5 days since", self._get_decision(run).reason)
                self.assertIn("call", self._get_decision(run).reason)
            if day == 11:
                self.assertEqual(self._get_decision(run).decision, "exhausted")
        self.assertEqual(steps, [(0, "email"), (5, "call"), (10, "call")])
        self.assertEqual(case.item_ids.repeat_count, 2)
        self.assertFalse(case.next_action_date)

    def test_no_repeat_while_a_higher_level_waits(self):
        """A higher level that the age has reached ends the repeating; the date told is ahead."""
        self._follow(
            self._create_strategy({"days": 1, "repeat_days": 2}, {"days": 3, "wait_days": 9})
        )
        self._create_overdue_invoice(1)
        steps = []
        for day, run in self._pass_days(0, 12):
            steps += [(day, notice.level_id.name) for notice in run.notice_ids]
            next_date = self._get_case().next_action_date
            if next_date:
                self.assertGreater(next_date, run.date, f"day {day}")
        self.assertEqual(steps[-1][1], "Level 2")
        self.assertEqual(len([name for _day, name in steps if name == "Level 2"]), 1)

    def test_repeated_email_waits_for_approval_when_nothing_leaves_by_itself(self):
        """A call level repeated by e-mail is no way round 'do not send automatically'."""
        self._follow(
            self._create_strategy(
                {"days": 5, "channel": "call", "repeat_days": 3, "repeat_channel": "email"}
            )
        )
        self._create_overdue_invoice(5)
        first = self._run_day(0, release=False)
        self.assertRecordValues(first.notice_ids, [{"channel": "call", "state": "queued"}])
        again = self._run_day(3, release=False)
        self.assertRecordValues(again.notice_ids, [{"channel": "email", "state": "to_approve"}])

    # === DAYS BETWEEN NOTICES ===

    def test_quiet_days_delay_but_do_not_hide(self):
        """A reminder of one invoice delays the others a few days, it does not hide them (U1)."""
        first = self._create_overdue_invoice(7)
        second = self._create_overdue_invoice(6, 40)
        self.assertEqual(
            self._run_day(0).notice_ids.item_ids.mapped("document_number")[-1:], [second.name]
        )
        quiet = self._get_decision(self._run_day(1))
        self.assertEqual((quiet.decision, quiet.level_id), ("quiet", self.level_reminder))
        self.assertIn(self._format(3), quiet.reason)
        self.assertEqual(self._get_case().next_action_date, TODAY + timedelta(days=3))
        self.assertEqual(self._get_decision(self._run_day(2)).decision, "quiet")
        notice = self._run_day(3).notice_ids
        advanced = notice.item_ids.filtered("advanced").item_id.move_id
        self.assertEqual((notice.level_id, advanced), (self.level_reminder, second))
        self.assertEqual(notice.item_ids.item_id.move_id, first | second, "told together")

    def test_one_notice_a_day_even_without_quiet_days(self):
        """Run twice a day: what falls due in between is told tomorrow, and the run says so."""
        self._follow(self._create_strategy({"days": 5}, {"days": 9}))
        self._create_overdue_invoice(5)
        self.assertEqual(self._run_day().notices_planned, 1)
        late = self._create_overdue_invoice(12, 30)
        again = self._run_day()
        self.assertEqual(again.notices_planned, 0)
        self.assertEqual(self._get_decision(again).decision, "quiet")
        self.assertEqual(self._get_case().next_action_date, TODAY + timedelta(days=1))
        notice = self._run_day(1).notice_ids
        self.assertEqual(notice.item_ids.filtered("advanced").item_id.move_id, late)

    def test_courtesy_and_notice_on_one_day(self):
        """Announced in the morning, overdue by another invoice in the afternoon: tomorrow."""
        self._create_overdue_invoice(-3)
        self.assertFalse(self._run_day().notice_ids.case_id)
        self._create_overdue_invoice(10)
        again = self._run_day()
        self.assertEqual((again.cases_opened, again.notices_planned), (1, 0))
        self.assertEqual(self._get_decision(again).decision, "quiet")
        self.assertEqual(self._run_day(1).notice_ids.case_id, self._get_case())

    # === ONE NOTICE PER DEBTOR ===

    def test_the_highest_level_leads_one_notice(self):
        """One letter, led by the highest level; each item is on the level of its own age (U4)."""
        moves = {days: self._create_overdue_invoice(days, 10) for days in (3, 8, 22, 50)}
        notice = self._run_day().notice_ids
        self.assertRecordValues(
            notice, [{"level_id": self.level_formal_reminder.id, "amount_total": 40.0}]
        )
        reached = {item.move_id: item.level_id for item in self._get_case().item_ids}
        self.assertEqual(
            reached,
            {
                moves[3]: self.env["debt.level"],
                moves[8]: self.level_reminder,
                moves[22]: self.level_formal_reminder,
                moves[50]: self.level_formal_reminder,
            },
        )
        told = {line.document_number: line.level_id for line in notice.item_ids}
        self.assertEqual(told, {move.name: level for move, level in reached.items()})
        self.assertEqual(self._get_case().level_id, self.level_formal_reminder)


@tagged("post_install", "-at_install")
class TestModes(DebtCommon):
    """How a notice leaves: by itself, by the officer, after approval, as a courtesy."""

    def _plan(self, mode, days=10, **values):
        """Run today with a strategy of one level.

        :return: the notice
        """
        self.debtor.debt_strategy_id = self._create_strategy(
            {"days": 5, "mode": mode, "escalation": "formal_notice", **values}
        )
        self.invoice = self._create_overdue_invoice(days)
        run = self._run_day()
        self.assertEqual(run.notices_planned, 1)
        return run.notice_ids

    def test_automatic(self):
        """Leaves at once, sets the escalation."""
        notice = self._plan("automatic")
        self.assertRecordValues(notice, [{"state": "queued", "channel": "email"}])
        self.assertEqual(notice.mail_id.state, "outgoing")
        self.assertEqual(notice.deadline, TODAY + timedelta(days=7))
        self.assertEqual(self._get_case().escalation, "formal_notice")

    def test_officer(self):
        """Waits for the officer, who looks at it and sends it."""
        notice = self._plan("officer")
        self.assertRecordValues(notice, [{"state": "to_review", "mail_id": False}])
        self.assertEqual(self._get_case().escalation, "amicable", "nothing has left yet")
        self._get_case().user_id = self.officer_a
        notice.with_user(self.officer_a).action_send()
        self.assertEqual(notice.state, "queued")
        self.assertEqual(self._get_case().escalation, "formal_notice")

    def test_approval(self):
        """Waits for a credit manager; the escalation comes with the notice, not before."""
        notice = self._plan("approval")
        case = self._get_case()
        self.assertRecordValues(notice, [{"state": "to_approve", "mail_id": False}])
        self.assertEqual(case.escalation, "amicable")
        with self.assertRaises(AccessError):
            notice.with_user(self.officer_a).action_approve()
        pending = self._run_day(1)
        self.assertEqual(self._get_decision(pending).decision, "pending")
        self.assertIn(format_date(self.env, TODAY), self._get_decision(pending).reason)
        notice.with_user(self.manager).action_approve()
        self.assertRecordValues(notice, [{"state": "queued", "decided_by_id": self.manager.id}])
        self.assertEqual(case.escalation, "formal_notice")

    def test_an_officer_cannot_send_what_waits_for_approval(self):
        """*Send* is for what waits for the officer."""
        notice = self._plan("approval")
        self._get_case().user_id = self.officer_a
        notice.with_user(self.officer_a).action_send()
        self.assertEqual(notice.state, "to_approve")

    def test_reject(self):
        """A rejected notice did not happen: its items fall back and come up again after the
        wait of the level."""
        self.debtor.debt_strategy_id = self._create_strategy(
            {"days": 5}, {"days": 10, "wait_days": 4, "mode": "approval"}
        )
        self._create_overdue_invoice(5)
        self._run_day(0)
        notice = self._run_day(5).notice_ids
        case = self._get_case()
        self.assertEqual((notice.state, case.item_ids.level_id.name), ("to_approve", "Level 2"))
        with freeze_time(TODAY + timedelta(days=6)):
            notice._do_reject("They called, give them a few days")
        self.assertRecordValues(
            notice, [{"state": "rejected", "state_reason": "They called, give them a few days"}]
        )
        self.assertEqual(case.item_ids.level_id.name, "Level 1")
        self.assertEqual(case.level_id.name, "Level 1", "the case shows it at once")
        self.assertEqual(case.last_notice_date, TODAY, "what was rejected is no last notice")
        self.assertEqual(self._get_decision(self._run_day(9)).decision, "waiting")
        again = self._run_day(10).notice_ids
        self.assertRecordValues(again, [{"state": "to_approve"}])
        self.assertEqual(again.level_id.name, "Level 2")

    def test_reject_the_first_contact(self):
        """Rejected at the first level: the item is below all levels again."""
        notice = self._plan("approval", wait_days=3)
        notice._do_reject("Wrong address")
        self.assertFalse(self._get_case().item_ids.level_id)
        self.assertEqual(self._get_decision(self._run_day(2)).decision, "waiting")
        self.assertEqual(self._run_day(3).notice_ids.level_id.name, "Level 1")

    def test_a_rejected_first_contact_is_not_proposed_every_day(self):
        """Without a wait of its own the level comes up again after the quiet days."""
        self.debtor.debt_strategy_id = self._create_strategy(
            {"days": 5, "mode": "approval"}, quiet_days=4
        )
        self._create_overdue_invoice(5)
        notice = self._run_day().notice_ids
        notice._do_reject("Wrong address")
        self.assertFalse(self._get_case().last_notice_date)
        decisions = [self._get_decision(self._run_day(day)).decision for day in (1, 3, 4)]
        self.assertEqual(decisions, ["waiting", "waiting", "notice"])

    def test_reject_a_repetition(self):
        """A repetition that was rejected does not count as one."""
        notice = self._plan("approval", repeat_days=3, repeat_max=1)
        notice.action_approve()
        again = self._run_day(3).notice_ids
        item = self._get_case().item_ids
        self.assertEqual((again.state, item.repeat_count), ("to_approve", 1))
        with freeze_time(TODAY + timedelta(days=4)):
            again.sudo()._do_reject("They have just called")
        self.assertEqual(item.repeat_count, 0)
        self.assertEqual(item.level_id.name, "Level 1", "the level itself was told")
        self.assertEqual(self._get_decision(self._run_day(6)).decision, "waiting")
        self.assertEqual(self._run_day(7).notice_ids.state, "to_approve")

    def test_a_cancelled_notice_does_not_count(self):
        """What never left was never told: the items fall back as after a rejection."""
        notice = self._plan("approval", wait_days=3)
        notice.with_user(self.manager).action_cancel()
        self.assertEqual(notice.state, "cancelled")
        self.assertFalse(self._get_case().item_ids.level_id)
        self.assertEqual(self._run_day(3).notice_ids.state, "to_approve")

    def test_a_hold_before_the_notice_left(self):
        """Put on hold while the notice waits: cancelled; after the hold the level comes again."""
        notice = self._plan("approval", wait_days=3)
        case = self._get_case()
        self.env["debt.hold"].create(
            {"case_id": case.id, "reason": "Moving", "date_to": TODAY + timedelta(days=9)}
        )
        self.assertEqual(notice.state, "cancelled")
        self.assertEqual(self._get_decision(self._run_day(9)).decision, "blocked")
        self.assertEqual(self._run_day(10).notice_ids.level_id.name, "Level 1")

    def test_one_item_on_hold_before_the_notice_left(self):
        """The item leaves the waiting notice and comes up again after its hold."""
        self.debtor.debt_strategy_id = self._create_strategy(
            {"days": 5, "mode": "approval", "wait_days": 3}
        )
        held, other = self._create_overdue_invoice(8), self._create_overdue_invoice(9, 40)
        notice = self._run_day().notice_ids
        case = self._get_case()
        item = case.item_ids.filtered(lambda item: item.move_id == held)
        self.env["debt.hold"].create(
            {
                "case_id": case.id,
                "item_ids": item.ids,
                "reason": "Delivery note missing",
                "date_to": TODAY + timedelta(days=9),
            }
        )
        self.assertEqual(notice.item_ids.item_id.move_id, other)
        notice.action_approve()
        self.assertEqual(notice.amount_total, 40.0)
        late = self._run_day(10).notice_ids
        self.assertEqual(late.item_ids.filtered("advanced").item_id, item)

    def test_the_leading_item_is_paid_before_approval(self):
        """A notice is never led by a level that none of its items is on."""
        self.debtor.debt_strategy_id = self._create_strategy(
            {"days": 5}, {"days": 30, "mode": "approval", "escalation": "formal_notice"}
        )
        old, young = self._create_overdue_invoice(40), self._create_overdue_invoice(6, 70)
        notice = self._run_day().notice_ids
        self.assertEqual(notice.level_id.name, "Level 2")
        self._pay(old)
        notice.action_approve()
        self.assertEqual(notice.level_id.name, "Level 1")
        self.assertEqual(notice.item_ids.item_id.move_id, young)
        self.assertEqual(self._get_case().escalation, "amicable")

    # === COURTESY ===

    def _get_courtesies(self, run):
        return run.notice_ids.filtered(lambda notice: not notice.case_id)

    def test_courtesy_days(self):
        """From three days before the due date on, not earlier and not after it."""
        table = [(-4, False), (-3, True), (-2, True), (-1, True), (1, False)]
        debtors = {days: self._create_debtor(f"Early {days}") for days, _told in table}
        for days, debtor in debtors.items():
            self._create_overdue_invoice(days, partner=debtor)
        run = self._run_day()
        told = self._get_courtesies(run).partner_id
        for days, expected in table:
            with self.subTest(days=days):
                self.assertEqual(debtors[days] in told, expected)
        self.assertEqual(set(self._get_courtesies(run).mapped("state")), {"queued"})
        self.assertFalse(self._get_case(debtors[-3]), "nobody gets a case for paying in time")

    def test_courtesy_once_per_instalment(self):
        """Each instalment is announced once, several of them together."""
        first = self._create_overdue_invoice(-3, 10)
        second = self._create_overdue_invoice(-2, 20)
        courtesy = self._run_day(0).notice_ids
        self.assertEqual(
            set(courtesy.item_ids.mapped("document_number")), {first.name, second.name}
        )
        self.assertEqual(courtesy.amount_total, 30.0)
        self.assertFalse(self._run_day(1).notice_ids)
        third = self._create_overdue_invoice(-4, 40)
        self.assertEqual(self._run_day(1).notice_ids.item_ids.document_number, third.name)

    def test_no_courtesy_for_debtors_in_collection(self):
        """Who is asked for overdue money is not told the same again in a friendlier tone."""
        self._create_overdue_invoice(-3, 10)
        self._create_overdue_invoice(2, 500)
        run = self._run_day()
        self.assertFalse(self._get_courtesies(run))
        self.assertEqual(self._get_decision(run).decision, "waiting")

    def test_courtesy_is_netted(self):
        """An open credit that covers what falls due needs no message."""
        for name, amount, told in (("Even", 100.0, False), ("Short", 60.0, True)):
            debtor = self._create_debtor(name)
            self._create_overdue_invoice(-3, 100, partner=debtor)
            self._create_credit_note(amount, partner=debtor)
            with self.subTest(name):
                run = self._run_day()
                self.assertEqual(debtor in self._get_courtesies(run).partner_id, told)

    def test_no_courtesy_without_address(self):
        """A courtesy that cannot be delivered is not worth a call."""
        debtor = self._create_debtor("Silent", email=False)
        self._create_overdue_invoice(-3, partner=debtor)
        notice = self._run_day().notice_ids
        self.assertEqual(notice.state, "cancelled")
        self.assertIn("no e-mail address", notice.state_reason)
        self.assertFalse(debtor.activity_ids)

    def test_courtesy_approved_too_late(self):
        """Released after the due date it would be untrue: it is cancelled instead."""
        self._create_overdue_invoice(-3)
        courtesy = self._run_day(0, release=False).notice_ids
        self.assertEqual(courtesy.state, "to_approve")
        with freeze_time(TODAY + timedelta(days=4)):
            courtesy.action_approve()
        self.assertEqual(courtesy.state, "cancelled")

    def test_courtesies_that_nobody_released_go_by_themselves(self):
        """The list of what waits for approval does not fill with messages nobody may send."""
        self._create_overdue_invoice(-3)
        courtesy = self._run_day(0, release=False).notice_ids
        self._run_day(3, release=False)
        self.assertEqual(courtesy.state, "to_approve", "due today: still in time")
        self._run_day(4, release=False)
        self.assertEqual(courtesy.state, "cancelled")

    def test_no_late_courtesy_for_a_debtor_who_got_a_case(self):
        """A friendly message that waited is not sent to somebody in collection by now."""
        self._create_overdue_invoice(-3)
        courtesy = self._run_day(0, release=False).notice_ids
        self._create_overdue_invoice(1)
        self._run_day(1, release=False)
        courtesy.action_approve()
        self.assertEqual(courtesy.state, "cancelled")
        self.assertEqual(courtesy.item_ids.amount, 100.0, "what it would have told stays readable")

    # === CHANNELS ===

    def test_no_address_falls_back_to_a_call(self):
        """Without e-mail address the level's second channel is used, and says why."""
        self.debtor.email = False
        notice = self._plan("automatic")
        self.assertRecordValues(notice, [{"state": "queued", "channel": "call"}])
        self.assertIn("no e-mail address", notice.note)
        self.assertEqual(notice.activity_id.res_id, self._get_case().id)

    def test_no_address_and_no_fallback(self):
        """Nowhere to go: the case shows the problem, the run counts it."""
        self.debtor.email = False
        notice = self._plan("automatic", fallback_channel=False)
        self.assertEqual(notice.state, "failed")
        self.assertIn("no e-mail address", self._get_case().error_message)
        self.assertEqual(notice.run_id.notices_failed, 1)
        self.debtor.email = "late@example.com"
        self.assertEqual(self._run_day(1).notices_sent, 1, "tried again")
        self.assertFalse(self._get_case().error_message)
