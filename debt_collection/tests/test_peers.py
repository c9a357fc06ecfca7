"""Thirteen ways in which the nearest peer, OCA ``account_credit_control``, goes wrong."""

from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.debt_collection.models.outreach import debt_notice_dispatch
from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


@tagged("post_install", "-at_install")
class TestPeers(DebtCommon):
    def _create_debtors(self, count, name, **values):
        """Debtors with one invoice each, 10 days late."""
        debtors = self.env["res.partner"]
        for index in range(count):
            debtor = self._create_debtor(f"{name} {index}", **values)
            self._create_overdue_invoice(10, partner=debtor)
            debtors |= debtor
        return debtors

    def _get_open_cases(self):
        return self.env["debt.case"].search(
            [("company_id", "=", self.company.id), ("state", "!=", "closed")]
        )

    def test_01_paid_between_planning_and_sending(self):
        """An invoice paid after the notice was made is not dunned, at whatever moment it waits."""
        paid, open_ = self._create_overdue_invoice(10, 100), self._create_overdue_invoice(10, 40)
        notice = self._run_day(release=False).notice_ids
        self._pay(paid)
        notice.action_approve()
        self.assertEqual(notice.item_ids.item_id.move_id, open_)
        self.assertEqual(notice.amount_total, 40.0)
        self.assertNotIn(paid.name, notice.body)
        self._pay(open_)
        self.assertEqual((notice.state, notice.mail_id.state), ("cancelled", "cancel"))

    def test_02_credit_notes_are_netted(self):
        """Who owes 0.00 gets nothing."""
        self._create_overdue_invoice(10, 1000)
        self._create_credit_note(1000)
        run = self._run_day()
        self.assertFalse(run.notice_ids | self._get_case().notice_ids)
        self.assertFalse(self._get_case())

    def test_03_tolerance_in_a_foreign_currency(self):
        """10 in company currency are 20 EUR at a rate of 2, not 5."""
        eur = self.setup_other_currency("EUR", rates=[("1900-01-01", 2.0)])
        self.company.debt_tolerance = 10
        debtors = {}
        for amount in (6.0, 19.0, 21.0):
            debtors[amount] = self._create_debtor(f"Owes {amount}")
            self._create_overdue_invoice(10, amount, partner=debtors[amount], currency_id=eur.id)
        self._run_day()
        chased = [amount for amount, debtor in debtors.items() if self._get_case(debtor)]
        self.assertEqual(chased, [21.0])

    def test_04_first_contact_400_days_late_and_an_end_that_is_none(self):
        """Very late debt begins where its age asks for, and after the last level something
        follows: a call, again and again, until it is settled or escalated."""
        self._create_overdue_invoice(400)
        self.assertEqual(self._run_day().notice_ids.level_id, self.level_formal_reminder)
        formal = self._run_day(10).notice_ids
        self.assertEqual(formal.level_id, self.level_formal_notice)
        formal.action_approve()
        for day in (24, 38, 52):
            again = self._run_day(day).notice_ids
            self.assertRecordValues(
                again, [{"channel": "call", "level_id": self.level_formal_notice.id}]
            )
            again.activity_id.sudo().action_done()

    def test_05_two_levels_one_notice(self):
        """Three items on two levels: one communication, three lines, the highest level leads."""
        for days in (10, 12, 25):
            self._create_overdue_invoice(days, 100)
        run = self._run_day()
        self.assertEqual((run.notices_planned, len(run.notice_ids)), (1, 1))
        self.assertEqual(len(run.notice_ids.item_ids), 3)
        self.assertEqual(run.notice_ids.level_id, self.level_formal_reminder)
        self.assertEqual(
            sorted(run.notice_ids.item_ids.level_id.mapped("name")),
            ["Formal reminder", "Reminder"],
        )

    def test_06_the_call_is_on_somebodys_list(self):
        """A call makes an activity for the officer, and doing it makes a contact."""
        self.debtor.write(
            {
                "debt_strategy_id": self._create_strategy({"days": 5, "channel": "call"}).id,
                "debt_user_id": self.officer_a.id,
            }
        )
        invoice = self._create_overdue_invoice(10)
        notice = self._run_day().notice_ids
        activity = self._get_case().activity_ids
        self.assertRecordValues(activity, [{"user_id": self.officer_a.id, "date_deadline": TODAY}])
        self.assertIn(invoice.name, activity.note)
        activity.with_user(self.officer_a).action_feedback("Will pay on Friday")
        self.assertEqual(notice.state, "sent")
        self.assertEqual(self._get_case().contact_ids.channel, "call")

    def test_07_exclusions_are_honoured(self):
        """A hold by hand, and Odoo's own *exclude from follow-ups*."""
        excluded = self._create_debtor("Excluded")
        invoice = self._create_overdue_invoice(10, partner=excluded)
        self._get_receivable(invoice).no_followup = True
        self._create_overdue_invoice(6)
        self._run_day()
        case = self._get_case()
        self.env["debt.hold"].create(
            {"case_id": case.id, "reason": "By hand", "date_to": TODAY + timedelta(days=30)}
        )
        run = self._run_day(10)
        self.assertFalse(run.notice_ids)
        self.assertEqual(self._get_decision(run).decision, "blocked")
        self.assertFalse(self._get_case(excluded))

    def test_08_all_shipped_records_point_to_models_that_exist(self):
        """Subtypes, templates, scheduled actions, access rights, rules, activity types."""
        checked = 0
        for data in self.env["ir.model.data"].sudo().search([("module", "=", "debt_collection")]):
            self.assertIn(data.model, self.env, data.complete_name)
            record = self.env[data.model].sudo().browse(data.res_id)
            for name in ("res_model", "model"):
                field = record._fields.get(name)
                if field and field.type == "char" and data.model != "ir.model.data":
                    model = record[name]
                    self.assertTrue(
                        not model or model in self.env, f"{data.complete_name}: {model}"
                    )
                    checked += bool(model)
        self.assertGreater(checked, 5)

    def test_09_pending_writes_are_seen(self):
        """What the same transaction has just written counts, though no SQL has carried it yet."""
        invoice, other = self._create_overdue_invoice(10), self._create_overdue_invoice(10, 40)
        self.env.flush_all()
        line = self._get_receivable(invoice)
        line.date_maturity = TODAY + timedelta(days=5)
        self.company.debt_tolerance = 39
        self.debtor.debt_strategy_id = self._create_strategy({"days": 2})
        self._run_day()
        case = self._get_case()
        self.assertEqual(case.item_ids.move_id, other)
        self.assertEqual(case.level_id.name, "Level 1")
        self.company.debt_tolerance = 40
        self._run_day(1)
        self.assertEqual(case.state, "closed")

    def test_10_works_as_installed(self):
        """A new company, nothing configured: case, notice, text and schedule are there."""
        company = self.setup_other_company(name="Brand new")["company"]
        self._create_overdue_invoice(10, company=company)
        run = self._run_day(company=company)
        self.assertRecordValues(
            run.notice_ids, [{"state": "queued", "level_id": self.level_reminder.id}]
        )
        self.assertIn("past its due date", run.notice_ids.body)
        self.assertTrue(self.env.ref("debt_collection.ir_cron_run_collections").sudo().active)

    def test_11_sending_commits_batch_by_batch(self):
        """A batch that left has left, whatever happens to the next one."""
        self._create_debtors(3, "Many")
        run = self.env["debt.run"].create({"company_id": self.company.id, "date": TODAY})
        left = []

        def checkpoint(count):
            states = run.sudo().notice_ids.mapped("state")
            left.append((count, states.count("queued")))
            return True

        with patch.object(debt_notice_dispatch, "BATCH", 1):
            run._execute(checkpoint=checkpoint)
        self.assertEqual(left, [(0, 0), (1, 1), (1, 2), (1, 3)], "after planning, then one by one")

    def test_12_what_is_claimed_is_left_out(self):
        """Disputes, promises and plans are records that take their amount out, through one hook."""
        disputed = self._create_overdue_invoice(10, 100)
        self._create_overdue_invoice(10, 40)
        items = self.env["debt.case.item"]
        original = type(items)._get_claims_on_items

        def with_dispute(model, date):
            claim = SQL(
                "SELECT id, 'dispute', 70.0, 'Short delivery' FROM debt_case_item"
                " WHERE document_number = %s",
                disputed.name,
            )
            return [*original(model, date), claim]

        with patch.object(type(items), "_get_claims_on_items", with_dispute):
            notice = self._run_day().notice_ids
            told = {line.document_number: line.amount for line in notice.item_ids}
            item = self._get_case().item_ids.filtered(lambda item: item.move_id == disputed)
            self.assertEqual((told[disputed.name], notice.amount_total), (30.0, 70.0))
            self.assertEqual((item.amount_collectible, item.amount_residual), (30.0, 100.0))
            self.assertIn("Short delivery", item.claim_words)
        self.assertEqual(self._get_case().amount_overdue, 140.0, "still owed, all of it")

    def test_13_queries_do_not_grow_with_debtors(self):
        """Planning for twelve debtors takes the queries of planning for three."""
        counts = []
        for count in (3, 9):
            self._create_debtors(count, f"Group of {count}")
            run = self.env["debt.run"].create({"company_id": self.company.id, "date": TODAY})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(run.sudo()._plan()["notices_planned"], count)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(run.line_ids), len(self._get_open_cases()))
        self.assertLessEqual(counts[1], counts[0])
