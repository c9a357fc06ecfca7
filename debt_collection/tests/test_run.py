"""The run itself: preview and execution agree, days can be replayed, the cron asks once a day."""

import contextlib
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import format_date

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


class Killed(BaseException):
    """What a process meets that is killed: nothing catches it."""


@tagged("post_install", "-at_install")
class TestPreview(DebtCommon):
    """Yesterday was TODAY: on the day after it, there is one debtor for each decision."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.debtors = {}
        for name, days in {
            "notice": [6],
            "courtesy": [-4],
            "blocked": [10],
            "pending": [10],
            "covered": [10],
            "claimed": [10],
            "quiet": [10, 6],
            "waiting": [10],
            "exhausted": [10],
        }.items():
            debtor = cls.debtors[name] = cls._create_debtor(name)
            for late in days:
                cls._create_overdue_invoice(late, partner=debtor)
        cls.debtors["pending"].debt_strategy_id = cls._create_strategy(
            {"days": 5, "mode": "approval"}
        )
        cls.debtors["exhausted"].debt_strategy_id = cls._create_strategy({"days": 5})
        cls._run_day()
        cls._hold("blocked")
        cls._hold("claimed", items=True)
        cls._create_credit_note(200, partner=cls.debtors["covered"])
        cls.debtors["new"] = cls._create_debtor("new")
        cls._create_overdue_invoice(30, 70, partner=cls.debtors["new"])

    @classmethod
    def _hold(cls, name, items=False):
        case = cls._get_case(cls.debtors[name])
        cls.env["debt.hold"].create(
            {
                "case_id": case.id,
                "reason": "Flood",
                "date_to": TODAY + timedelta(days=9),
                "item_ids": case.item_ids.ids if items else False,
            }
        )

    def _read_lines(self, run):
        """The decisions of a run as data: debtor → facts."""
        return {
            line.partner_id: (
                line.decision,
                line.level_id,
                line.mode,
                line.item_count,
                line.amount,
                line.reason,
            )
            for line in run.line_ids
        }

    def _count_everything(self):
        """Fingerprint of all that a run writes, the number a new case would get included."""
        self.env.flush_all()
        result = {}
        for table in (
            "debt_case",
            "debt_case_item",
            "debt_notice",
            "debt_notice_item",
            "debt_hold",
            "mail_mail",
            "mail_message",
            "mail_activity",
        ):
            self.env.cr.execute(
                f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY id)) FROM {table} t"
            )
            result[table] = self.env.cr.fetchone()
        sequence = self.env.ref("debt_collection.sequence_debt_case").sudo()
        result["sequence"] = sequence.number_next_actual
        return result

    def test_reasons(self):
        """Every decision has a reason that a person understands."""

        def day(days):
            return format_date(self.env, TODAY + timedelta(days=days))

        expected = {
            "notice": ("notice", "Reminder: the oldest item it concerns is 7 days late (will be"),
            "new": ("notice", "Formal reminder at once: the oldest item is 31 days late already"),
            "courtesy": ("courtesy", f"from {day(4)} on"),
            "blocked": ("blocked", f"on hold until {day(9)} (Flood)"),
            "pending": ("pending", f"a notice of {day(0)} is waiting"),
            "covered": ("covered", "200.00"),
            "claimed": ("claimed", "every item is on hold"),
            "quiet": ("quiet", f"last notice left on {day(0)}: not before {day(3)}"),
            "waiting": ("waiting", f"falls due on {day(11)}"),
            "exhausted": ("exhausted", "all levels are done"),
        }
        run = self._preview_day(1)
        lines = self._read_lines(run)
        self.assertEqual(set(lines), set(self.debtors.values()), "one line a debtor")
        for name, (decision, words) in expected.items():
            with self.subTest(name):
                line = lines[self.debtors[name]]
                self.assertEqual(line[0], decision)
                self.assertIn(words, line[-1])

    def test_preview_is_what_the_execution_does(self):
        """Same decisions, levels, amounts and reasons, and notices for just those."""
        run = self._preview_day(1)
        preview, planned = self._read_lines(run), run.notices_planned
        figures = run.read(["cases_opened", "cases_closed", "items_entered", "amount_overdue"])
        run.action_execute()
        self.assertEqual(self._read_lines(run), preview)
        self.assertEqual(run.notices_planned, planned)
        self.assertEqual(
            run.read(["cases_opened", "cases_closed", "items_entered", "amount_overdue"]), figures
        )
        told = {debtor for debtor, line in preview.items() if line[0] in ("notice", "courtesy")}
        self.assertEqual(set(run.notice_ids.partner_id), told)
        for notice in run.notice_ids:
            self.assertEqual(notice.level_id, preview[notice.partner_id][1])
            self.assertEqual(notice.amount_total, preview[notice.partner_id][4])

    def test_preview_changes_nothing(self):
        """No case, no item, no notice, no message, no activity, not even a number is used."""
        before = self._count_everything()
        run = self._preview_day(1)
        self.assertEqual((run.state, run.cases_opened), ("previewed", 1))
        self.assertEqual(self._count_everything(), before)
        self.assertFalse(self._get_case(self.debtors["new"]))
        self.assertFalse(self._get_decision(run, self.debtors["new"]).case_id)
        waiting = self._get_decision(run, self.debtors["waiting"])
        self.assertEqual(waiting.case_id, self._get_case(self.debtors["waiting"]))

    def test_preview_again(self):
        """A new preview replaces the old one."""
        run = self._preview_day(1)
        count = run.line_count
        self._create_overdue_invoice(50, partner=self._create_debtor("One more"))
        run.action_preview()
        run.invalidate_recordset()
        self.assertEqual(run.line_count, count + 1)

    def test_no_preview_after_execution(self):
        """What happened is not overwritten by what would happen."""
        run = self._run_day(1)
        with self.assertRaisesRegex(UserError, "executed already"):
            run.action_preview()
        before = self._count_everything()
        run.action_execute()
        self.assertEqual(self._count_everything(), before, "done is done")

    def test_no_strategy(self):
        """Without any running strategy the case opens and says what is missing."""
        self.env["debt.strategy"].search([]).state = "retired"
        run = self._preview_day(1)
        line = self._get_decision(run, self.debtors["new"])
        self.assertEqual(line.decision, "no_strategy")
        self.assertIn("no strategy is chosen", line.reason)
        run.action_execute()
        self.assertEqual(self._get_decision(run, self.debtors["new"]).decision, "no_strategy")
        self.assertFalse(self._get_case(self.debtors["new"]).notice_ids)

    def test_next_step_lies_ahead(self):
        """The day of the next step is never a day of the past: the day after a hold, today where
        a person has to decide, else when something falls due; none where no day is known."""
        run = self._run_day(1)
        for name in self.debtors:
            case = self._get_case(self.debtors[name])
            with self.subTest(name):
                self.assertTrue(not case.next_action_date or case.next_action_date >= run.date)
        blocked = self._get_case(self.debtors["blocked"])
        self.assertEqual(blocked.next_action_date, TODAY + timedelta(days=10), "the hold is over")
        run = self._run_day(15)
        for name in ("pending", "covered"):
            case = self._get_case(self.debtors[name])
            self.assertEqual(self._get_decision(run, case.partner_id).decision, name)
            self.assertGreaterEqual(case.next_action_date, run.date)
        self.assertEqual(self._get_case(self.debtors["pending"]).next_action_date, run.date)

    def test_next_step_on_the_case(self):
        """The latest decision is the case's next step in words."""
        run = self._run_day(1)
        case = self._get_case(self.debtors["waiting"])
        self.assertEqual(case.next_action, self._get_decision(run, case.partner_id).reason)
        self.assertEqual(case.next_action_date, TODAY + timedelta(days=11))


@tagged("post_install", "-at_install")
class TestRun(DebtCommon):
    """Execution, replay, summary, rights and the cron."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the companies that other modules or tests left behind
        cls.env["res.company"].sudo().search([("id", "!=", cls.company.id)]).debt_run_daily = False

    def _trigger(self):
        with self.enter_registry_test_mode():
            self.env.ref("debt_collection.ir_cron_run_collections").method_direct_trigger()
        self.env.invalidate_all()

    def _get_runs(self, **values):
        domain = [("company_id", "=", self.company.id)]
        return self.env["debt.run"].search(
            domain + [(name, "=", value) for name, value in values.items()], order="date, id"
        )

    # === PAST DAYS ===

    def test_sixty_past_days(self):
        """Replayed day by day, a debt climbs on the very days its strategy names; only the
        friendly word before a due date that has long passed is left out."""
        self._create_overdue_invoice(50)
        steps = []
        for day in range(-60, 1):
            run = self._run_day(day)
            notice = run.notice_ids
            if notice:
                steps.append((day + 50, notice.level_id.name, notice.channel, notice.state))
            notice.filtered(lambda n: n.state == "to_approve").action_approve()
            if notice.channel == "call":
                notice.activity_id.sudo().action_done()
        self.assertEqual(
            steps,
            [
                (7, "Reminder", "email", "queued"),
                (21, "Formal reminder", "email", "queued"),
                (35, "Formal notice", "email", "to_approve"),
                (49, "Formal notice", "call", "queued"),
            ],
        )
        case = self._get_case()
        self.assertRecordValues(
            case,
            [
                {
                    "state": "open",
                    "escalation": "formal_notice",
                    "date_open": TODAY - timedelta(days=49),
                    "level_id": self.level_formal_notice.id,
                }
            ],
        )
        self.assertEqual(case.item_ids.level_date, TODAY - timedelta(days=1))

    def test_only_what_was_due_then(self):
        """A past day knows nothing of what fell due, or was written, after it."""
        self._create_overdue_invoice(20, 10)
        self._create_overdue_invoice(5, 20)
        run = self._preview_day(-10)
        self.assertEqual((run.amount_overdue, self._get_decision(run).item_count), (10.0, 1))

    # === CASES THAT THE NIGHT CLOSES ===

    def test_an_older_day_takes_nothing_back(self):
        """A run for a day before the last one judges that day, and closes no newer case."""
        self._create_overdue_invoice(40)
        self._create_overdue_invoice(3, partner=self._create_debtor("New Ltd"))
        self._run_day()
        cases = self.env["debt.case"].search([("company_id", "=", self.company.id)])
        before = cases.mapped(lambda case: (case.state, case.amount_overdue, case.date_sync))
        run = self._run_day(-10)
        self.assertEqual((run.cases_opened, run.cases_closed, run.items_left), (0, 0, 0))
        self.assertFalse(run.notice_ids)
        after = cases.mapped(lambda case: (case.state, case.amount_overdue, case.date_sync))
        self.assertEqual(before, after)

    def test_notices_of_cases_closed_at_night(self):
        """A higher tolerance closes the case; what waits for approval goes with it."""
        self._create_overdue_invoice(10, 30)
        notice = self._run_day(release=False).notice_ids
        self.company.debt_tolerance = 50
        run = self._run_day(1, release=False)
        self.assertEqual((run.cases_closed, self._get_case().outcome), (1, "below_tolerance"))
        self.assertEqual(notice.state, "cancelled")

    # === SUMMARY ===

    def test_summary(self):
        """Counts and words of a day: opened, closed, planned, waiting, failed."""
        paid = self._create_overdue_invoice(10, 5, partner=self._create_debtor("Payer"))
        self._run_day()
        self._create_overdue_invoice(10, 100)
        silent = self._create_debtor("Silent", email=False)
        silent.debt_strategy_id = self._create_strategy({"days": 5, "fallback_channel": False})
        self._create_overdue_invoice(10, 50, partner=silent)
        asked = self._create_debtor("Asked")
        asked.debt_strategy_id = self._create_strategy({"days": 5, "mode": "approval"})
        self._create_overdue_invoice(10, 25, partner=asked)
        self._get_receivable(paid).no_followup = True
        run = self._run_day(1)
        self.assertRecordValues(
            run,
            [
                {
                    "state": "done",
                    "cases_opened": 3,
                    "items_entered": 3,
                    "cases_open": 3,
                    "amount_overdue": 175.0,
                    "notices_planned": 3,
                    "notices_sent": 1,
                    "notices_failed": 1,
                }
            ],
        )
        for words in (
            "3 open cases over",
            "175.00",
            "Notices planned: 3.",
            "1 on their way.",
            "1 wait for approval.",
            "1 could not be delivered",
        ):
            self.assertIn(words, run.summary)
        self.assertIn("no e-mail address", self._get_decision(run, silent).error_message)
        self.assertFalse(self._get_decision(run).error_message)

    def test_nothing_to_do(self):
        """An empty ledger is a short day."""
        run = self._run_day()
        self.assertEqual((run.state, run.cases_open, run.line_count), ("done", 0, 0))

    # === RIGHTS ===

    def test_officers_do_not_run(self):
        """A run writes to everybody: that is the credit manager's."""
        run = self.env["debt.run"].create({"company_id": self.company.id, "date": TODAY})
        for action in ("action_preview", "action_execute"):
            with self.subTest(action), self.assertRaises(AccessError):
                getattr(run.with_user(self.officer_a), action)()
        with self.assertRaises(AccessError):
            self.env["debt.run"].with_user(self.officer_a).create({"date": TODAY})
        self.assertEqual(run.state, "draft")

    def test_managers_run(self):
        """A credit manager runs without rights on the books."""
        self._create_overdue_invoice(10)
        run = self.env["debt.run"].with_user(self.manager).create({"date": TODAY})
        run.action_preview()
        run.action_execute()
        self.assertEqual((run.state, run.notices_sent, run.user_id), ("done", 1, self.manager))

    def test_executed_runs_are_kept(self):
        """A preview may go, a run that happened stays."""
        self._preview_day().unlink()
        with self.assertRaisesRegex(UserError, "are kept"):
            self._run_day().unlink()

    def test_wizard(self):
        """*Run collections* opens on the preview of the company and day chosen."""
        self._create_overdue_invoice(10)
        action = self.env["debt.run.start"].create({"date": TODAY}).action_preview()
        run = self.env["debt.run"].browse(action["res_id"])
        self.assertRecordValues(
            run, [{"state": "previewed", "date": TODAY, "company_id": self.company.id}]
        )
        self.assertFalse(self._get_case())

    # === CRON ===

    def test_cron_runs_once_a_day(self):
        """Triggered as often as you like: one run per company and day."""
        self._create_overdue_invoice(10)
        self._trigger()
        self._trigger()
        self.assertRecordValues(self._get_runs(), [{"state": "done", "date": TODAY}])
        with freeze_time(TODAY + timedelta(days=1)):
            self._trigger()
        self.assertEqual(len(self._get_runs()), 2)

    def test_cron_after_a_run_by_hand(self):
        """The manager was earlier today: nothing is left to do; a mere preview does not count."""
        preview = self._preview_day()
        self._trigger()
        self.assertEqual(len(self._get_runs(state="done")), 1)
        with freeze_time(TODAY + timedelta(days=1)):
            by_hand = self._run_day(1)
            self._trigger()
        self.assertEqual(self._get_runs(date=TODAY + timedelta(days=1)), by_hand)
        self.assertEqual(preview.state, "previewed")

    def test_cron_leaves_the_sending_to_people(self):
        """Switched off, as after installing: automatic notices wait for approval; calls are
        planned, they leave the house through a person anyway."""
        self._create_overdue_invoice(10)
        self._create_overdue_invoice(-3, partner=self._create_debtor("Early"))
        caller = self._create_debtor("Caller")
        caller.debt_strategy_id = self._create_strategy({"days": 5, "channel": "call"})
        self._create_overdue_invoice(10, partner=caller)
        self.assertFalse(self.company.debt_send_automatically)
        self._trigger()
        states = {n.partner_id.name: n.state for n in self._get_runs().notice_ids}
        self.assertEqual(
            states, {"Late Ltd": "to_approve", "Early": "to_approve", "Caller": "queued"}
        )
        self.assertFalse(self._get_runs().notice_ids.mail_id)

    def test_cron_sends_when_the_company_wants_it(self):
        """Switched on: they leave."""
        self.company.debt_send_automatically = True
        self._create_overdue_invoice(10)
        self._trigger()
        self.assertEqual(self._get_runs().notice_ids.state, "queued")

    def test_cron_leaves_other_companies_alone(self):
        """A company that does not want the nightly run has none."""
        self.company.debt_run_daily = False
        self._create_overdue_invoice(10)
        self._trigger()
        self.assertFalse(self._get_runs())
        self.assertFalse(self._get_case())

    def test_cron_finishes_interrupted_runs(self):
        """Killed between planning and sending: the next night sends what was planned, then does
        its own day."""
        self._create_overdue_invoice(10)
        run = self.env["debt.run"].create({"company_id": self.company.id, "date": TODAY})
        killed = patch.object(type(run), "_send", side_effect=Killed)
        with contextlib.suppress(Killed), killed:
            run._execute(checkpoint=lambda count: True)
        self.assertEqual((run.state, run.notice_ids.state), ("running", "ready"))
        with freeze_time(TODAY + timedelta(days=1)):
            self._trigger()
        self.assertRecordValues(
            self._get_runs(),
            [
                {"date": TODAY, "state": "done", "notices_sent": 1},
                {"date": TODAY + timedelta(days=1), "state": "done", "notices_sent": 0},
            ],
        )
        self.assertEqual(run.notice_ids.state, "queued")
        self.assertEqual(len(self._get_case().notice_ids), 1)

    def test_cron_is_shipped_active(self):
        """Nobody has to switch it on."""
        cron = self.env.ref("debt_collection.ir_cron_run_collections").sudo()
        self.assertTrue(cron.active)
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "days"))
