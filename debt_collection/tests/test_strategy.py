"""Strategies: versions, fixed rules, input that is refused."""

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.debt_collection.tests.common import DebtCommon


@tagged("post_install", "-at_install")
class TestStrategy(DebtCommon):
    def _start_version(self, strategy):
        """A new version of a strategy, changed at the first level and started."""
        draft = self.env["debt.strategy"].browse(strategy.action_new_version()["res_id"])
        draft.level_ids[0].days = 6
        draft.action_start()
        return draft

    def _create_used_strategy(self, *levels, **values):
        """A company default that a case has reached the first level of."""
        strategy = self._create_strategy(*(levels or ({"days": 5}, {"days": 9})), **values)
        self.company.debt_strategy_id = strategy
        self._create_overdue_invoice(5)
        self._run_day()
        self.assertEqual(self._get_case().strategy_id, strategy)
        return strategy

    # === VERSIONS ===

    def test_cases_finish_the_version_they_started(self):
        """A new version is for new cases; running ones climb on where they are."""
        old = self._create_used_strategy()
        new = self._start_version(old)
        self.assertRecordValues(
            old | new,
            [
                {"state": "retired", "version": 1, "previous_version_id": False},
                {"state": "running", "version": 2, "previous_version_id": old.id},
            ],
        )
        self.assertEqual(self.company.debt_strategy_id, new, "the default moved on")
        other = self._create_debtor("New Ltd")
        self._create_overdue_invoice(5, partner=other)
        run = self._run_day(4)
        self.assertEqual(self._get_case().strategy_id, old)
        self.assertEqual(self._get_decision(run).level_id, old.level_ids[1])
        self.assertEqual(self._get_case(other).strategy_id, new)
        self.assertEqual(self._get_decision(run, other).level_id, new.level_ids[1])

    def test_everything_that_named_the_old_version_names_the_new_one(self):
        """Segments, companies and debtors move on by themselves."""
        old = self._create_used_strategy()
        segment = self.env["debt.segment"].create({"name": "All", "strategy_id": old.id})
        self.debtor.debt_strategy_id = old
        new = self._start_version(old)
        self.assertEqual(segment.strategy_id, new)
        self.assertEqual(self.debtor.debt_strategy_id, new)
        self.assertEqual(new.display_name, "Test strategy v2")

    def test_draft_is_a_full_copy(self):
        """Levels with all their rules and texts; the original is untouched until it starts."""
        old = self._create_used_strategy(
            {"days": 5, "mode": "approval", "minimum_amount": 7, "description": "Be kind"}
        )
        action = old.action_new_version()
        draft = self.env["debt.strategy"].browse(action["res_id"])
        self.assertRecordValues(
            draft.level_ids,
            [
                {
                    "name": "Level 1",
                    "days": 5,
                    "mode": "approval",
                    "minimum_amount": 7.0,
                    "description": "Be kind",
                }
            ],
        )
        self.assertEqual((draft.name, draft.state, old.state), (old.name, "draft", "running"))

    def test_only_running_versions_are_given_to_new_cases(self):
        """Whoever names a draft or a retired version: a new case gets a running one."""
        retired = self._create_strategy({"days": 1}, name="Retired", state="retired")
        draft = self._create_strategy({"days": 1}, name="Draft", state="draft")
        running = self._create_strategy({"days": 1}, name="Running", sequence=1)
        self.company.debt_strategy_id = retired
        self.env["debt.segment"].create({"name": "All", "strategy_id": draft.id})
        self.debtor.debt_strategy_id = retired
        self._create_overdue_invoice(5)
        self._create_overdue_invoice(-1, partner=self._create_debtor("Soon Ltd"))
        run = self._run_day()
        self.assertEqual(self._get_case().strategy_id, running)
        self.assertFalse(run.notice_ids.level_id.strategy_id - running)

    def test_start_needs_levels(self):
        """An empty version cannot start."""
        draft = self.env["debt.strategy"].create({"name": "Empty", "state": "draft"})
        with self.assertRaisesRegex(UserError, "Add at least one level to Empty"):
            draft.action_start()

    def test_only_managers_change_strategies(self):
        """An officer reads them."""
        with self.assertRaises(AccessError):
            self.strategy.with_user(self.officer_a).action_new_version()
        with self.assertRaises(AccessError):
            self.level_reminder.with_user(self.officer_a).days = 8

    def test_a_case_without_strategy_gets_one_later(self):
        """Nothing was running when the case opened; as soon as something is, the case follows."""
        self.env["debt.strategy"].search([]).active = False
        self._create_overdue_invoice(10)
        run = self._run_day()
        self.assertEqual(self._get_decision(run).decision, "no_strategy")
        strategy = self._create_strategy({"days": 3})
        self._run_day(1)
        self.assertEqual(self._get_case().strategy_id, strategy)
        self.assertEqual(self._get_case().level_id, strategy.level_ids)

    # === FIXED RULES ===

    def test_rules_in_use_are_fixed(self):
        """Every rule of a level that cases climb by; the refusal says what to do instead."""
        level = self._create_used_strategy().level_ids[0]
        for field, value in {
            "days": 6,
            "minimum_amount": 10,
            "wait_days": 3,
            "mode": "approval",
            "channel": "call",
            "first_contact": False,
            "escalation": "legal",
            "repeat_days": 5,
            "sequence": 15,
        }.items():
            with self.subTest(field), self.assertRaisesRegex(UserError, "Make a new version"):
                level[field] = value

    def test_levels_of_a_version_in_use_are_fixed(self):
        """None is added, none is deleted."""
        strategy = self._create_used_strategy()
        with self.assertRaisesRegex(UserError, "Make a new version"):
            strategy.level_ids = [Command.create({"name": "More", "sequence": 90, "days": 90})]
        with self.assertRaisesRegex(UserError, "Make a new version"):
            strategy.level_ids[1].unlink()

    def test_rules_of_the_strategy_itself_are_fixed_too(self):
        """Catch-up and quiet days decide whom the run contacts as much as levels do."""
        strategy = self._create_used_strategy()
        for field, value in {"catch_up": "next", "quiet_days": 9}.items():
            with self.subTest(field), self.assertRaisesRegex(UserError, "Make a new version"):
                strategy[field] = value

    def test_texts_may_change(self):
        """Names, templates and hints can be improved while cases run."""
        strategy = self._create_used_strategy()
        template = self.env.ref("debt_collection.mail_template_formal_reminder")
        level = strategy.level_ids[0]
        level.write({"name": "Kind reminder", "template_id": template.id, "description": "New"})
        strategy.write({"name": "Better", "note": "<p>Why</p>", "sequence": 3})
        self.assertEqual((level.name, strategy.display_name), ("Kind reminder", "Better"))

    def test_rules_that_no_case_has_reached_may_change(self):
        """A version that nobody has heard of yet is free."""
        strategy = self._create_strategy({"days": 5})
        strategy.level_ids.days = 4
        strategy.quiet_days = 2
        self.assertEqual((strategy.level_ids.days, strategy.quiet_days), (4, 2))

    def test_a_strategy_in_use_is_archived_not_deleted(self):
        """Its cases finish with it."""
        strategy = self._create_used_strategy()
        with self.assertRaisesRegex(UserError, "Archive it"):
            strategy.unlink()
        strategy.active = False
        self.assertEqual(self._run_day(4).notice_ids.level_id.name, "Level 2")

    # === BAD INPUT ===

    def test_days_must_rise(self):
        """A higher level cannot start before or with a lower one."""
        for days in (5, 4, -5):
            with self.subTest(days=days), self.assertRaisesRegex(ValidationError, "start later"):
                self._create_strategy({"days": 5}, {"days": days})
        strategy = self._create_strategy({"days": 5}, {"days": 9})
        with self.assertRaisesRegex(ValidationError, "start later"):
            strategy.level_ids[0].days = 9
        with self.assertRaisesRegex(ValidationError, "start later"):
            strategy.level_ids[0].sequence = 99

    def test_one_level_a_rank(self):
        """Two levels of a rank could not be told apart."""
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._create_strategy({"days": 5, "sequence": 10}, {"days": 9, "sequence": 10})

    def test_negative_numbers_are_refused(self):
        """Only the days after the due date may be negative."""
        for field in ("wait_days", "deadline_days", "repeat_days", "repeat_max", "minimum_amount"):
            with (
                self.subTest(field),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._create_strategy({"days": 5, field: -1})
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._create_strategy({"days": 5}, quiet_days=-1)

    def test_somebody_must_be_contacted_first(self):
        """A running strategy has a level that may be the first thing a debtor hears: when it is
        made, when a level changes, when one is deleted."""
        with self.assertRaisesRegex(ValidationError, "possible first contact"):
            self._create_strategy({"days": 5, "first_contact": False})
        strategy = self._create_strategy({"days": 5}, {"days": 9, "first_contact": False})
        with self.assertRaisesRegex(ValidationError, "possible first contact"):
            strategy.level_ids[0].first_contact = False
        with self.assertRaisesRegex(ValidationError, "possible first contact"):
            strategy.level_ids[0].unlink()

    def test_a_draft_may_be_unfinished(self):
        """It is checked when it starts."""
        draft = self._create_strategy({"days": 5, "first_contact": False}, state="draft")
        with self.assertRaisesRegex(ValidationError, "possible first contact"):
            draft.action_start()

    def test_template_must_be_for_notices(self):
        """A template made for invoices could not be rendered on a notice."""
        template = self.env["mail.template"].search([("model", "=", "account.move")], limit=1)
        with self.assertRaisesRegex(ValidationError, "must be made for notices"):
            self._create_strategy({"days": 5, "template_id": template.id})

    def test_a_strategy_with_a_courtesy_only(self):
        """Somebody who only wants to be friendly: cases open, nobody is written to."""
        self.debtor.debt_strategy_id = self._create_strategy({"days": -3, "first_contact": False})
        self._create_overdue_invoice(10)
        run = self._run_day()
        self.assertFalse(run.notice_ids)
        self.assertEqual(self._get_decision(run).decision, "exhausted")
