"""Aged balance: as of any day, tied to the general ledger, the same on screen, paper and sheet."""

import html
import io
import json
import random
from datetime import timedelta
from unittest.mock import patch

import openpyxl
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_reports import ReportCommon

RANDOM_LEDGERS = 4


@tagged("post_install", "-at_install")
class TestAgedBalance(ReportCommon):
    def _matrix(self, **options):
        return self.aged.get_matrix({"date": str(TODAY), **options})

    def _row(self, matrix, partner=None, currency=None):
        """Amounts of a debtor's row: buckets, total, comparison."""
        partner, currency = partner or self.debtor, currency or self.company.currency_id
        rows = [r for r in matrix["rows"] if r[0] == partner.id and r[2] == currency.id]
        self.assertLessEqual(len(rows), 1)
        return rows[0][5:] if rows else None

    # === AMOUNTS ===

    def test_buckets_by_due_date(self):
        """Each instalment in the column of its own due date; due today is not overdue."""
        for days, amount in ((0, 1), (1, 2), (30, 4), (31, 8), (120, 16), (121, 32), (-5, 64)):
            self._create_overdue_invoice(days, amount)
        row = self._row(self._matrix())
        self.assertEqual(row, [65.0, 6.0, 8.0, 0.0, 16.0, 32.0, 127.0, 0.0])

    def test_instalments(self):
        """The parts of one invoice lie in different columns."""
        term = self._create_instalment_term((40, 10), (60, 100))
        self._invoice(50, 1000, invoice_payment_term_id=term.id, invoice_date_due=False)
        self.assertEqual(self._row(self._matrix())[:3], [600.0, 0.0, 400.0])

    def test_buckets_by_invoice_date(self):
        """By invoice date there is no column *not due*."""
        self._invoice(30, 10, terms=90)
        self._invoice(31, 20, terms=90)
        matrix = self._matrix(basis="invoice")
        self.assertEqual(len(matrix["columns"]), 5)
        self.assertEqual(self._row(matrix), [10.0, 20.0, 0.0, 0.0, 0.0, 30.0, 0.0])

    def test_own_buckets(self):
        """Whatever the limits, everything is in a column, the oldest too."""
        self._create_overdue_invoice(7, 1)
        self._create_overdue_invoice(8, 2)
        self._create_overdue_invoice(900, 4)
        matrix = self._matrix(limits=[7, 14])
        self.assertEqual(matrix["columns"][-1], "Over 14 days")
        self.assertEqual(self._row(matrix), [0.0, 1.0, 2.0, 4.0, 7.0, 0.0])
        for limits in (["x"], [30, 30], [0], [-1]):
            with self.subTest(limits=limits), self.assertRaises(UserError):
                self._matrix(limits=limits)

    def test_paid_later_reappears(self):
        """What was paid after the day was open on the day, in full or in part."""
        move = self._invoice(100, 1000)
        self._pay_on(move, 50, 300)
        self._pay_on(move, 10)
        totals = [
            self._row(self._matrix(date=str(self._day(days))))
            and self._row(self._matrix(date=str(self._day(days))))[-2]
            for days in (101, 100, 51, 50, 11, 10)
        ]
        self.assertEqual(totals, [None, 1000.0, 1000.0, 700.0, 700.0, None])

    def test_undone_reconciliation(self):
        """A payment taken apart again is open beside its invoice, at every day since."""
        move = self._invoice(60, 500)
        self._pay_on(move, 20)
        self._get_receivable(move).remove_move_reconcile()
        self.assertEqual(self._row(self._matrix())[-2], 0.0, "invoice and payment net to nothing")
        amounts = [
            item["amount"]
            for item in self.aged.get_details(
                {"date": str(TODAY)}, self.debtor.id, self.company.currency_id.id
            )
        ]
        self.assertEqual(sorted(amounts), [-500.0, 500.0])
        self.assertTiesToLedger(TODAY)

    def test_comparison(self):
        """What was open before stands beside what is open now; settled debtors stay visible."""
        gone = self._create_debtor("Gone")
        move = self._invoice(60, 200, partner=gone)
        self._pay_on(move, 5)
        self._invoice(60, 300)
        self._invoice(3, 50)
        matrix = self._matrix(compare_date=str(self._day(10)))
        self.assertEqual(self._row(matrix)[-2:], [350.0, 300.0])
        self.assertEqual(self._row(matrix, gone)[-2:], [0.0, 200.0])
        self.assertEqual(matrix["totals"][self.company.currency_id.id][-2:], [350.0, 500.0])

    def test_currencies(self):
        """One row a debtor, or a row for each currency of the debts without a sum over them."""
        self._invoice(10, 100, currency_id=self.eur.id)  # 2.5 EUR are one USD
        self._invoice(10, 70)
        self.assertEqual(self._row(self._matrix())[-2], 110.0)
        matrix = self._matrix(currency="debt")
        self.assertEqual(self._row(matrix, currency=self.eur)[-2], 100.0)
        self.assertEqual(self._row(matrix)[-2], 70.0)
        self.assertEqual(len(matrix["totals"]), 2)

    def test_random_ledgers(self):
        """Total = general ledger; a past day stays as it was whatever is booked later."""
        for seed in range(RANDOM_LEDGERS):
            with self.subTest(seed=seed):
                chance = random.Random(seed)
                debtors = [self._create_debtor(f"Debtor {seed}-{n}") for n in range(3)]
                documents = self._make_random_ledger(chance, debtors, 200, 90, 14)
                then = str(self._day(85))
                before = self._matrix(date=then, sort="name")
                self.assertTiesToLedger(then)
                for move in documents:
                    if move.amount_residual > 5 and chance.random() < 0.6:
                        self._pay_on(move, chance.randint(1, 80))
                self._make_random_ledger(chance, debtors, 80, 1, 10)
                after = self._matrix(date=then, sort="name")
                self.assertEqual(before["rows"], after["rows"])
                chance.choice(documents).line_ids.remove_move_reconcile()
                for days in (150, 100, 85, 40, 3, 0):
                    self.assertTiesToLedger(self._day(days))
                self._assert_same_everywhere(str(self._day(40)))
        self._assert_everything_happened()

    def _assert_everything_happened(self):
        """The random ledgers had all that an aged balance may stumble over."""
        partials = self.env["account.partial.reconcile"].search(
            [("debit_move_id.account_id", "=", self.receivable.id)]
        )
        settlers = partials.credit_move_id.move_id
        exchange = self.company.currency_exchange_journal_id
        debts = partials.debit_move_id
        free = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.receivable.id),
                ("balance", "<", 0),
                ("reconciled", "=", False),
                ("parent_state", "=", "posted"),
            ]
        )
        for name, found in {
            "payments": settlers.filtered("origin_payment_id"),
            "partial payments": debts.filtered(lambda line: line.amount_residual > 0),
            "credit notes": settlers.filtered(lambda move: move.move_type == "out_refund"),
            "write-offs": settlers.filtered(
                lambda move: (
                    move.move_type == "entry"
                    and move.journal_id == self.company_data["default_journal_misc"]
                )
            ),
            "currencies": debts.filtered(lambda line: line.currency_id == self.eur),
            "exchange differences": self.env["account.move"].search(
                [("journal_id", "=", exchange.id), ("state", "=", "posted")]
            ),
            "unreconciliations": free,
        }.items():
            self.assertTrue(found, name)

    def _assert_same_everywhere(self, date):
        """Rows, their items, the pivot and list model and the workbook show the same figures."""
        matrix = self._matrix(date=date, sort="name", descending=False)
        model = self.env["debt.open.item"].with_context(debt_date=date)
        grouped = dict(model._read_group([], ["partner_id"], ["residual:sum"]))
        for row in matrix["rows"]:
            items = self.aged.get_details({"date": date}, row[0], row[2])
            self.assertAlmostEqual(sum(item["amount"] for item in items), row[-2], 2)
            partner = self.env["res.partner"].browse(row[0])
            self.assertAlmostEqual(grouped[partner], row[-2], 2)
        stream = io.BytesIO()
        self.aged._write_xlsx(stream, {"date": date})
        sheet = openpyxl.load_workbook(stream, data_only=True).active
        total = next(r for r in sheet.iter_rows(values_only=True) if r[0] == "Total")
        self.assertAlmostEqual(total[-1], matrix["totals"][self.company.currency_id.id][-2], 2)

    # === FILTERS, ORDER, SEARCH ===

    def test_filters(self):
        """Officer, unassigned, team, country, account, only overdue, marks."""
        other = self._create_debtor("Other Ltd", country_id=self.env.ref("base.be").id)
        team = self.env["debt.team"].create({"name": "Team"})
        mine = self._create_overdue_invoice(20, 100)
        self._create_overdue_invoice(-20, 7)
        self._create_overdue_invoice(20, 50, partner=other)
        self._run_day()
        self._get_case().write({"user_id": self.officer_a.id, "team_id": team.id})
        cases = {
            (("officer_ids", self.officer_a.id),): 107.0,
            (("officer_ids", 0),): 50.0,
            (("team_ids", team.id),): 107.0,
            (("country_ids", self.env.ref("base.be").id),): 50.0,
            (("account_ids", self.receivable.id),): 157.0,
            (("account_ids", self.expense.id),): 0.0,
        }
        currency = self.company.currency_id.id
        for filters, total in cases.items():
            with self.subTest(filters=filters):
                matrix = self._matrix(**{name: [value] for name, value in filters})
                found = matrix["totals"].get(currency, [0.0, 0.0])
                self.assertEqual(found[-2], total)
        self.assertEqual(self._matrix(only_overdue=True)["totals"][currency][-2], 150.0)
        self.env["debt.hold"].create(
            {
                "case_id": self._get_case().id,
                "reason": "Asked",
                "date_from": TODAY,
                "date_to": TODAY + timedelta(days=5),
            }
        )
        matrix = self._matrix(marks=["hold"])
        self.assertEqual(matrix["totals"][currency][-2], 100.0)
        [item] = self.aged.get_details(
            {"date": str(TODAY), "marks": ["hold"]}, self.debtor.id, currency
        )
        self.assertEqual(item["number"], mine.name)
        self.assertIn("Asked", item["marks"])
        self.assertEqual(self.aged.get_ledger_check({"only_overdue": True}), [])

    def test_marks_of_past_days(self):
        """Disputes, promises, plans, holds and placements are those of the day looked at."""
        marked = self._invoice(70, 100)
        plain = self._invoice(70, 40)
        with freeze_time(self._day(30)):
            self._run_day(self._day(30), send=False, release=False)
            case = self._get_case()
            case.user_id = self.officer_a
            item = case.item_ids.filtered(lambda item: item.move_id == marked)
            line = {"line_ids": [Command.create({"item_id": item.id, "amount": 60})]}
            promise = self.env["debt.promise"].create(
                {"case_id": case.id, "date": self._day(20), "amount": 60, **line}
            )
            reason = self.env["debt.dispute.reason"].create({"name": "Damaged"})
            dispute = self.env["debt.dispute"].create(
                {
                    "case_id": case.id,
                    "reason_id": reason.id,
                    "line_ids": [Command.create({"item_id": item.id, "amount": 30})],
                }
            )
            hold = self.env["debt.hold"].create(
                {
                    "case_id": case.id,
                    "reason": "Asked",
                    "date_from": self._day(30),
                    "date_to": self._day(10),
                    "item_ids": [Command.set(item.ids)],
                }
            )
        with freeze_time(self._day(25)):
            hold.action_release()
        with freeze_time(self._day(22)):
            dispute._close("rejected", "Nothing was damaged")
        with freeze_time(self._day(10)):
            self.env["debt.promise"]._judge_company(self.company, self._day(10))
        self.assertEqual(promise.state, "broken")
        expected = {
            31: set(),
            30: {"promised", "disputed", "hold"},
            26: {"promised", "disputed", "hold"},
            25: {"promised", "disputed"},
            23: {"promised", "disputed"},
            22: {"promised"},
            11: {"promised"},
            10: set(),
            0: set(),
        }
        currency = self.company.currency_id.id
        for days, kinds in expected.items():
            for kind in ("promised", "disputed", "hold", "on_plan", "referred"):
                with self.subTest(days=days, kind=kind):
                    options = {"date": str(self._day(days)), "marks": [kind]}
                    totals = self._matrix(**options)["totals"]
                    shown = totals[currency][-2] if totals else 0.0
                    self.assertEqual(shown, 100.0 if kind in kinds else 0.0)
                    items = self.env["debt.open.item"].with_context(debt_date=self._day(days))
                    found = items.search([("marks", "in", [kind])])
                    self.assertEqual(found.move_id, marked if kind in kinds else plain.browse())
        before = self._matrix(marks=["disputed"], compare_date=str(self._day(23)))
        self.assertEqual(self._row(before)[-2:], [0.0, 100.0], "each side by the marks of its day")
        [item, _plain] = self.aged.get_details(
            {"date": str(self._day(23))}, self.debtor.id, currency
        )
        self.assertIn("Damaged", item["marks"])
        self.assertNotIn("Asked", item["marks"])

    def test_plan_of_past_days(self):
        """A plan that was cancelled was there while it ran."""
        self._invoice(70, 100)
        with freeze_time(self._day(30)):
            self._run_day(self._day(30), send=False, release=False)
            plan = self._run_plan(self._get_case(), self._day(20))
        with freeze_time(self._day(12)):
            plan._do_cancel("Wrong debtor")
        for days, shown in ((31, 0), (30, 1), (13, 1), (12, 0), (0, 0)):
            with self.subTest(days=days):
                rows = self._matrix(date=str(self._day(days)), marks=["on_plan"])["rows"]
                self.assertEqual(len(rows), shown)

    def test_sort_and_search(self):
        """By any column, up and down; by a part of the name or the reference, taken literally."""
        small = self._create_debtor("Small 100% Ltd", ref="S-1")
        self._create_overdue_invoice(50, 10, partner=small)
        self._create_overdue_invoice(5, 500)
        names = lambda **options: [r[1] for r in self._matrix(**options)["rows"]]  # noqa: E731
        self.assertEqual(names(), ["Late Ltd", "Small 100% Ltd"])
        self.assertEqual(names(descending=False), ["Small 100% Ltd", "Late Ltd"])
        self.assertEqual(names(sort="b2"), ["Small 100% Ltd", "Late Ltd"])
        self.assertEqual(names(search="100%"), ["Small 100% Ltd"])
        self.assertEqual(names(search="s-1"), ["Small 100% Ltd"])
        self.assertEqual(names(search="%"), ["Small 100% Ltd"])
        for options in ({"sort": "x; DROP"}, {"date": "tomorrow"}, {"basis": "x"}):
            with self.subTest(options=options), self.assertRaises(UserError):
                self._matrix(**options)

    def test_lines_without_partner(self):
        """Receivable lines without a partner have a row of their own, and their items unfold."""
        entry = self.env["account.move"].create(
            {
                "date": TODAY,
                "line_ids": [
                    Command.create({"account_id": self.receivable.id, "balance": 12.0}),
                    Command.create({"account_id": self.expense.id, "balance": -12.0}),
                ],
            }
        )
        entry.action_post()
        matrix = self._matrix()
        [row] = [row for row in matrix["rows"] if not row[0]]
        self.assertEqual(row[-2], 12.0)
        [item] = self.aged.get_details({}, False, self.company.currency_id.id)
        self.assertEqual(item["move_id"], entry.id)
        self.assertTiesToLedger(TODAY)

    # === RIGHTS ===

    def test_portfolio(self):
        """Officers count their own and unassigned debtors, senior ones the team's, managers all."""
        theirs, free = self._create_debtor("Theirs"), self._create_debtor("Free")
        chosen = self._create_debtor("Chosen")
        for partner in (self.debtor, theirs, free):
            self._create_overdue_invoice(20, 100, partner=partner)
        chosen.debt_user_id = self.officer_b
        self._create_overdue_invoice(-20, 100, partner=chosen)
        self._run_day()
        self._get_case().user_id = self.officer_a
        self._get_case(theirs).user_id = self.officer_b
        self._get_case(free).user_id = False
        senior = self._create_user("senior_t", "debt_collection.group_senior")
        team = self.env["debt.team"].create(
            {"name": "T", "leader_id": senior.id, "member_ids": [Command.set(self.officer_b.ids)]}
        )
        self._get_case(theirs).team_id = team
        reader = self._create_user("reader_t", "debt_collection.group_reader")
        expected = {
            self.officer_a: {self.debtor, free},
            self.officer_b: {theirs, free, chosen},
            senior: {theirs, free, chosen},
            self.manager: {self.debtor, theirs, free, chosen},
            reader: {self.debtor, theirs, free, chosen},
        }
        for user, debtors in expected.items():
            with self.subTest(user=user.login):
                report = self.aged.with_user(user)
                rows = report.get_matrix({"date": str(TODAY)})["rows"]
                self.assertEqual({row[0] for row in rows}, set(map(lambda d: d.id, debtors)))
                hidden = theirs if user == self.officer_a else self.debtor
                if hidden not in debtors:
                    currency = self.company.currency_id.id
                    self.assertEqual(report.get_details({}, hidden.id, currency), [])
                    items = self.env["debt.open.item"].with_user(user)
                    self.assertFalse(items.search_count([("partner_id", "=", hidden.id)]))

    def test_rights(self):
        """No role: nothing. Companies that are not switched on: nothing."""
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.aged.with_user(stranger).get_matrix()
        with self.assertRaises(AccessError):
            self.aged.with_user(stranger).get_details({}, self.debtor.id, 1)
        other = self.setup_other_company(name="Elsewhere")["company"]
        with self.assertRaises(AccessError):
            self.aged.with_user(self.officer_a).get_matrix({"company_ids": other.ids})

    def test_several_companies(self):
        """Companies add up; the total is that of their ledgers together."""
        other = self.setup_other_company(name="Second")["company"]
        self.env.user.company_ids = [Command.link(other.id)]
        self._create_overdue_invoice(20, 100)
        self._create_overdue_invoice(20, 40, company=other)
        both = [self.company.id, other.id]
        report = self.aged.with_context(allowed_company_ids=both)
        matrix = report.get_matrix({"date": str(TODAY), "company_ids": both})
        currency = self.company.currency_id.id
        if other.currency_id.id == currency:
            self.assertEqual(matrix["totals"][currency][-2], 140.0)
        self.assertTrue(all(not check["difference"] for check in report.get_ledger_check({})))
        alone = report.get_matrix({"date": str(TODAY), "company_ids": other.ids})
        self.assertEqual(alone["totals"][other.currency_id.id][-2], 40.0)

    def test_branches(self):
        """A company with its branches ties to the general ledger: together, and each by itself."""
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id, "debt_tolerance": 1.0}
        )
        self.env.cr.precommit.run()  # loads the chart of accounts of the branch
        both = self.company | branch
        self.env.user.company_ids = [Command.link(branch.id)]
        context = {**self.env.context, "allowed_company_ids": both.ids}
        chance = random.Random(7)
        debtors = [self._create_debtor(f"Family {number}") for number in range(2)]
        documents = self._make_random_ledger(chance, debtors, 150, 20, 10)
        for days, amount in ((120, 300), (80, 55.5), (40, 700)):
            move = self._invoice(days, amount, partner=chance.choice(debtors), company=branch)
            self._pay_on(move.with_context(**context), days - 25, amount / 2)
        chance.choice(documents).line_ids.remove_move_reconcile()
        currency = self.company.currency_id.id
        report = self.aged.with_context(**context)
        for days in (150, 100, 61, 30, 0):
            found = {}
            for companies in (self.company, branch, both):
                with self.subTest(days=days, companies=companies.mapped("name")):
                    options = {"date": str(self._day(days)), "company_ids": companies.ids}
                    for check in report.get_ledger_check(options):
                        self.assertEqual(check["difference"], 0.0)
                    totals = report.get_matrix(options)["totals"]
                    found[companies] = totals[currency][-2] if totals else 0.0
                    booked = sum(
                        self.env["account.move.line"]
                        .search(
                            [
                                ("account_id.account_type", "=", "asset_receivable"),
                                ("company_id", "in", companies.ids),
                                ("parent_state", "=", "posted"),
                                ("date", "<=", self._day(days)),
                            ]
                        )
                        .mapped("balance")
                    )
                    self.assertAlmostEqual(found[companies], booked, 2)
            self.assertAlmostEqual(found[both], found[self.company] + found[branch], 2)
        self.assertTrue(found[branch])

    # === PAPER AND SHEET ===

    def _unfold(self, partner):
        return {"unfolded": [[partner.id, self.company.currency_id.id]]}

    def test_files_as_on_the_screen(self):
        """Paper and workbook: rows, order, filters, comparison; items of unfolded debtors alone."""
        other = self._create_debtor("Other Ltd")
        hidden = self._create_debtor("Hidden Inc")
        first, second = self._invoice(70, 100), self._invoice(40, 25)
        for partner in (other, hidden):
            self._invoice(50, 300, partner=partner)
        self._pay_on(first, 3, 10)
        options = {
            "date": str(TODAY),
            "compare_date": str(self._day(20)),
            "search": "Ltd",
            "sort": "name",
            "descending": False,
            **self._unfold(self.debtor),
        }
        screen = self._matrix(**options)
        [table] = self.aged._get_document(options)["tables"]
        names = [row[0] for row in table["rows"]]
        self.assertEqual([names[0], names[3]], [row[1] for row in screen["rows"]])
        self.assertEqual((table["strong"], table["indented"]), ([0], [1, 2]))
        self.assertTrue(names[1].startswith(first.name) and names[2].startswith(second.name))
        self.assertIn("40 days", names[1])
        self.assertEqual([row[-3] for row in table["rows"]], [115.0, 90.0, 25.0, 300.0])
        self.assertEqual([table["rows"][0][-2], table["rows"][0][-1]], [125.0, -10.0])
        self.assertEqual(table["total"][-3:], [415.0, 425.0, -10.0])
        for details, expected in (
            ("screen", ["Late Ltd", first.name, second.name, "Other Ltd"]),
            ("none", ["Late Ltd", "Other Ltd"]),
        ):
            with self.subTest(details=details):
                stream = io.BytesIO()
                self.aged._write_xlsx(stream, options, details)
                sheet = openpyxl.load_workbook(stream, data_only=True).active
                shown = [row[0] for row in sheet.iter_rows(values_only=True)]
                self.assertEqual(shown[shown.index("Total") + 1 :], expected)
        stream = io.BytesIO()
        self.aged._write_xlsx(stream, options, "all")
        sheet = openpyxl.load_workbook(stream, data_only=True).active
        self.assertEqual(sheet.max_row - shown.index("Total"), 6)

    def test_too_much_for_paper(self):
        """More lines than paper holds: one error that says what to do; files have all rows."""
        self._invoice(70, 100)
        self._invoice(70, 100, partner=self._create_debtor("Other Ltd"))
        with (
            patch("odoo.addons.debt_collection.reports.debt_aged_balance_export.PDF_LIMIT", 2),
            self.assertRaisesRegex(UserError, "4 lines.*filters.*XLSX"),
        ):
            self.aged._get_document(
                {"unfolded": [[row[0], row[2]] for row in self._matrix()["rows"]]}
            )
        with patch("odoo.addons.debt_collection.reports.debt_aged_balance.SCREEN_LIMIT", 1):
            matrix = self._matrix()
            self.assertEqual((len(matrix["rows"]), matrix["left_out"]), (1, 1))
            self.assertEqual(len(self.aged._get_document({})["tables"][0]["rows"]), 2)
        with self.assertRaises(UserError):
            self._matrix(unfolded=["x"])

    def test_xlsx(self):
        """Live subtotals, frozen head, number formats; text stays text."""
        evil = self._create_debtor("=HYPERLINK(1)", email="evil@example.com")
        self._create_overdue_invoice(40, 100, partner=evil)
        self._create_overdue_invoice(5, 25, partner=evil)
        self._create_overdue_invoice(5, 300)
        stream = io.BytesIO()
        self.aged._write_xlsx(stream, {"date": str(TODAY)})
        sheet = openpyxl.load_workbook(stream).active
        rows = list(sheet.iter_rows())
        [total] = [row for row in rows if row[0].value == "Total"]
        self.assertRegex(total[-1].value, r"^=SUBTOTAL\(9,")
        [debtor] = [row for row in rows if row[0].value == "=HYPERLINK(1)"]
        self.assertEqual(debtor[0].data_type, "s")
        self.assertTrue(debtor[0].quotePrefix)
        first = debtor[0].row
        letter = debtor[-1].column_letter
        self.assertEqual(debtor[-1].value, f"=SUBTOTAL(9,{letter}{first + 1}:{letter}{first + 2})")
        self.assertEqual(sheet.row_dimensions[first + 1].outlineLevel, 1)
        self.assertIn("#,##0.00", debtor[-1].number_format)
        self.assertEqual(sheet.freeze_panes, f"B{total[0].row + 1}")
        values = openpyxl.load_workbook(stream, data_only=True).active
        self.assertEqual(values.cell(total[0].row, total[-1].column).value, 425.0)

    def test_paper(self):
        """The page shows the rows and totals of the screen, options in words."""
        self._create_overdue_invoice(40, 1234.5)
        document = self.aged._get_document({"date": str(TODAY), "search": "Late"})
        page = str(self.env["debt.report.renderer"]._render_html(document, self.company))
        for text in ("Late Ltd", "1,234.50", "due date", "Total", "Aged balance"):
            self.assertIn(text, page)
        json.dumps(document)  # plain data, so that it can be kept

    def test_query_count(self):
        """The number of statements does not grow with the debtors."""
        counts = []
        self._matrix()
        for number in (3, 12):
            for place in range(number):
                partner = self._create_debtor(f"Count {number}-{place}")
                self._create_overdue_invoice(10 + place, 10, partner=partner)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._matrix()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertGreaterEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
class TestAgedBalanceDownload(ReportCommon, HttpCase):
    def test_download(self):
        """XLSX for those who may; an error that says what to do for the others."""
        self._create_overdue_invoice(40, 100)
        url = "/debt_collection/aged_balance/"
        options = json.dumps({"date": str(TODAY), "company_ids": self.company.ids})
        self.authenticate("officer_a", "officer_a")
        response = self.url_open(f"{url}xlsx?options={options}")
        self.assertEqual(response.status_code, 200)
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
        self.assertIn("Late Ltd", [row[0] for row in sheet.iter_rows(values_only=True)])
        unfolded = json.dumps({"unfolded": [[self.debtor.id, self.company.currency_id.id]]})
        self.assertEqual(
            self.url_open(f"{url}xlsx?details=screen&options={unfolded}").status_code, 200
        )
        self.assertEqual(self.url_open(f"{url}xlsx?details=x").status_code, 400)
        refused = self.url_open(f'{url}pdf?options={{"limits": ["x"]}}')
        told = json.loads(html.unescape(refused.text))
        self.assertIn("whole days that rise", told["data"]["message"], "what the screen shows")
        for bad in ("[", "[]", '{"limits": ["x"]}'):
            with self.subTest(options=bad):
                self.assertEqual(self.url_open(f"{url}xlsx?options={bad}").status_code, 400)
        new_test_user(self.env, "stranger", groups="base.group_user")
        self.authenticate("stranger", "stranger")
        self.assertEqual(self.url_open(f"{url}xlsx").status_code, 400)
