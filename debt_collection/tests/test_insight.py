"""Metrics, forecast and dashboard: from the same ledger, within the portfolio, nothing twice."""

import io
import json
from datetime import timedelta

import openpyxl
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_reports import ReportCommon
from odoo.addons.debt_collection.tools import forecast

MONTH_ENDS = [
    TODAY.replace(month=1, day=31),
    TODAY.replace(day=1) - timedelta(days=1),
]


@tagged("post_install", "-at_install")
class TestInsight(ReportCommon):
    def _metric(self, key, date=TODAY, user=None, **scope):
        report = self.env["debt.metrics"]
        if user:
            report = report.with_user(user)
        self.env.flush_all()
        found = report._get_scope({"date": str(date), **scope})
        rows = report._compute_metrics(
            report._get_facts(found, date), report._find_pairs(found, date)
        )
        return {row[0]: row[3] for row in rows}[key]

    # === METRICS ===

    def test_metrics_of_a_month(self):
        """Receivables, overdue, DSO, effectiveness, rates: as the formulas say."""
        end = MONTH_ENDS[1]
        days = (TODAY - end).days
        old = self._invoice(days + 60, 1000)
        self._invoice(days + 10, 400)
        self._pay_on(old, days + 3, 250)
        self.assertEqual(self._metric("receivables", end), 1150.0)
        self.assertEqual(self._metric("overdue", end), 750.0)
        self.assertAlmostEqual(self._metric("delinquency", end), 750 / 1150)
        self.assertEqual(self._metric("collected", end), 250.0)
        self.assertAlmostEqual(self._metric("liquidation", end), 0.25)
        self.assertAlmostEqual(self._metric("cei_items", end), 0.25)
        self.assertAlmostEqual(self._metric("cei", end), (1000 + 400 - 1150) / (1000 + 400 - 400))
        self.assertAlmostEqual(self._metric("dso", end), 1150 / 1400 * 90)
        self.assertIsNone(self._metric("kept", end))

    def test_expected_loss(self):
        """Written off of an old cohort ÷ what was still open when the bucket began × open now."""
        old = self._invoice(300, 100_000)  # due 270 days ago
        for days, amount in ((275, 20_000), (235, 35_000), (205, 30_000), (150, 12_000)):
            self._pay_on(old, days, amount)
        self._write_off(old, 140, 3_000)
        self._invoice(50, 1_000)  # 20 days overdue
        self._invoice(160, 400)  # 130 days: part of no cohort yet but of what is open
        report = self.env["debt.metrics"]
        self.env.flush_all()
        table = report._get_provision_table(report._get_scope({"date": str(TODAY)}))
        rates = [row[2] for row in table["rows"]]
        # 100,400 fell due in the cohort's year
        for rate, open_then in zip(rates, (100_400, 80_400, 80_400, 45_400, 15_400), strict=False):
            self.assertAlmostEqual(rate, 3_000 / open_then, 4)
        self.assertEqual(table["total"][1], 1_400.0)
        self.assertAlmostEqual(
            table["total"][3], 1_000 * rates[1] + 400 * rates[5], 2, "sum of balance × rate"
        )

    def test_running_month_has_no_cure_rate(self):
        """Cure is between month ends: a month that is not over does not show the last one's."""
        self._invoice(100, 500)
        for date in MONTH_ENDS:
            self.env["debt.snapshot"].create({"company_id": self.company.id, "date": date})
        report = self.env["debt.metrics"]
        rows = {
            row[0]: row
            for row in report._get_metrics_table(report._get_scope({"date": str(TODAY)}))["rows"]
        }
        self.assertEqual(rows["Cure rate"][1], ["percent", None])
        self.assertEqual(rows["Cure rate"][2], ["percent", 0.0])

    def test_rest_in_a_month(self):
        """What is open now, put where the last month's debts went; nothing gets lost."""
        days = (TODAY - MONTH_ENDS[1]).days
        half = self._invoice(100, 600)
        self._pay_on(half, days + 5, 150)
        for date in MONTH_ENDS:
            self.env["debt.snapshot"].create({"company_id": self.company.id, "date": date})
        report = self.env["debt.forecast"]
        self.env.flush_all()
        scope = report._get_scope({"date": str(TODAY)})
        table = report._get_outlook_table(scope, report._get_forecast(scope))
        self.assertEqual(table["total"][1:], [450.0, 450.0])

    def test_metrics_of_an_officer(self):
        """Officers see the figures of their debtors; a filter keeps to an officer's."""
        theirs = self._create_debtor("Theirs")
        self._create_overdue_invoice(20, 100)
        self._create_overdue_invoice(20, 900, partner=theirs)
        self._run_day()
        self._get_case().user_id = self.officer_a
        self._get_case(theirs).user_id = self.officer_b
        self.assertEqual(self._metric("overdue"), 1000.0)
        self.assertEqual(self._metric("overdue", user=self.officer_a), 100.0)
        self.assertEqual(self._metric("overdue", user_id=self.officer_b.id), 900.0)
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        for model in ("debt.metrics", "debt.forecast"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(stranger).get_screen()
        with self.assertRaises(AccessError):
            self.env["debt.dashboard"].with_user(stranger).get_dashboard()

    def test_screens_and_files(self):
        """Each report shows its formulas, is plain data, and makes a workbook."""
        self._create_overdue_invoice(60, 100)
        self._run_day()
        for date in MONTH_ENDS:
            self.env["debt.snapshot"].create({"company_id": self.company.id, "date": date})
        renderer = self.env["debt.report.renderer"]
        for model, words in (
            ("debt.metrics", ("Formula", "Roll rates", "Best possible DSO", "Recovery by vintage")),
            ("debt.forecast", ("Expected by week", "Back-test", "kept rate")),
        ):
            with self.subTest(model=model):
                screen = self.env[model].get_screen({"date": str(TODAY)})
                for word in words:
                    self.assertIn(word, screen["html"])
                document = self.env[model]._get_document({"date": str(TODAY)})
                json.dumps(document)
                book = openpyxl.load_workbook(io.BytesIO(renderer._render_xlsx(document)))
                self.assertEqual(len(book.sheetnames), len(document["tables"]))
                self.assertIn(document["title"], str(renderer._render_html(document, self.company)))

    # === FORECAST ===

    def test_forecast_counts_once(self):
        """What is promised is not in the rest; the rest follows what was settled in past months."""
        self._create_overdue_invoice(60, 1000)
        half = self._create_overdue_invoice(70, 600, partner=self._create_debtor("Half"))
        self._create_overdue_invoice(20, 500, partner=self._create_debtor("Fresh"))
        days = (TODAY - MONTH_ENDS[1]).days
        self._pay_on(half, days + 5, 300)
        for date in MONTH_ENDS:
            self.env["debt.snapshot"].create({"company_id": self.company.id, "date": date})
        self._run_day()
        report = self.env["debt.forecast"]
        scope = report._get_scope({"date": str(TODAY)})
        before = report._get_forecast(scope)
        self.assertEqual(sum(before["balances"]), 1800.0)
        case = self._get_case()
        promise = self.env["debt.promise"].create(
            {
                "case_id": case.id,
                "currency_id": self.company.currency_id.id,
                "amount": 400,
                "date": TODAY + timedelta(days=10),
                "line_ids": [(0, 0, {"item_id": case.item_ids.id, "amount": 400})],
            }
        )
        self.env.flush_all()
        after = report._get_forecast(scope)
        self.assertEqual(sum(after["balances"]), 1400.0)
        self.assertEqual(report._get_live_promises(scope), [(promise.date, 400.0)])
        weeks = [period for _day, period in after["weeks"]]
        self.assertEqual([week.promises for week in weeks[:3]], [0.0, 200.0, 0.0])
        self.assertTrue(all(week.low <= week.total <= week.high for week in weeks))
        self.assertGreater(sum(week.rest for week in weeks), 0.0)
        table = report._get_backtest_table(report._get_scope({"date": str(MONTH_ENDS[1])}))
        [row] = table["rows"]
        self.assertEqual(row[4], 300.0, "what came in of the January debts")

    def test_forecast_of_plans(self):
        """Instalments in their week at their adherence; what is on a plan is not in the rest."""
        planned = self._create_debtor("Planned Ltd")
        self._create_overdue_invoice(60, 600, partner=planned)
        self._create_overdue_invoice(60, 1000)
        self._create_overdue_invoice(40, 250, partner=self._create_debtor("Fresh"))
        with freeze_time(self._day(30)):
            self._run_day(self._day(30), send=False, release=False)
            plan = self._run_plan(self._get_case(planned), self._day(26), number=6, every=7)
        case = self._get_case()
        item = case.item_ids
        case.user_id = self.officer_a
        self.env["debt.promise"].create(
            {
                "case_id": case.id,
                "date": TODAY + timedelta(days=15),
                "amount": 300,
                "line_ids": [Command.create({"item_id": item.id, "amount": 300})],
            }
        )
        self.env["debt.dispute"].create(
            {
                "case_id": case.id,
                "reason_id": self.env["debt.dispute.reason"].create({"name": "Damaged"}).id,
                "line_ids": [Command.create({"item_id": item.id, "amount": 450})],
            }
        )
        # Three of the four instalments due so far have arrived
        self._pay(plan.line_ids.move_line_id.move_id, 300, payment_date=self._day(9))
        self.env.flush_all()
        report = self.env["debt.forecast"]
        scope = report._get_scope({"date": str(TODAY)})
        self.assertEqual(plan.installment_ids.mapped("amount_paid"), [100.0] * 3 + [0.0] * 3)
        self.assertEqual(
            sorted(report._get_instalments(scope)),
            [
                (TODAY, 100.0),  # the missed one, expected at once
                (TODAY + timedelta(days=2), 100.0),
                (TODAY + timedelta(days=9), 100.0),
            ],
        )
        self.assertEqual(report._get_adherence(scope, TODAY), 0.75)
        self.assertEqual(report._get_adherence(scope, self._day(20)), 0.5, "one says nothing")
        found = report._get_forecast(scope)
        weeks = [period for _day, period in found["weeks"]]
        self.assertEqual([week.plans for week in weeks[:4]], [150.0, 75.0, 0.0, 0.0])
        self.assertEqual([week.promises for week in weeks[:4]], [0.0, 0.0, 150.0, 0.0])
        # 300 on the plan, 300 promised, 450 disputed; the rest is the rest
        self.assertEqual(sum(found["balances"]), 1550.0 - 300 - 300 - 450)
        counted = (
            sum(amount for _day, amount in report._get_instalments(scope))
            + sum(amount for _day, amount in report._get_live_promises(scope))
            + sum(found["balances"])
        )
        total = self._metric("receivables")
        self.assertEqual(counted, total - 450, "each amount once; disputes are not expected")
        for week in weeks:
            self.assertLessEqual(week.low, week.total)
            self.assertLessEqual(week.total, week.high)
        self.assertEqual(self._forecast_of(self.officer_b)["balances"], [0, 0, 250.0, 0, 0, 0])
        self.assertEqual(sum(w.plans for _d, w in self._forecast_of(self.officer_a)["weeks"]), 225)

    def _forecast_of(self, user):
        """The forecast as an officer sees it: of the own and unassigned debtors."""
        report = self.env["debt.forecast"].with_user(user)
        return report._get_forecast(report._get_scope({"date": str(TODAY)}))

    def test_backtest(self):
        """The forecast of a past month end by what was known then, beside what came in."""
        end, first = MONTH_ENDS[1], MONTH_ENDS[0]
        planned = self._create_debtor("Planned Ltd")
        days = (TODAY - first).days
        promised = self._invoice(days + 60, 1000)
        on_plan = self._invoice(days + 60, 600, partner=planned)
        disputed = self._invoice(days + 60, 80, partner=self._create_debtor("Disputes"))
        with freeze_time(self._day(days + 11)):
            self._run_day(self._day(days + 11), send=False, release=False)
            cases = {move: self._get_case(move.partner_id) for move in (promised, disputed)}
            for case in cases.values():
                case.user_id = self.officer_a
            line = Command.create({"item_id": cases[promised].item_ids.id, "amount": 400})
            self.env["debt.promise"].create(
                {
                    "case_id": cases[promised].id,
                    "date": first + timedelta(days=10),
                    "amount": 400,
                    "line_ids": [line],
                }
            )
            dispute = self.env["debt.dispute"].create(
                {
                    "case_id": cases[disputed].id,
                    "reason_id": self.env["debt.dispute.reason"].create({"name": "Lost"}).id,
                    "line_ids": [
                        Command.create({"item_id": cases[disputed].item_ids.id, "amount": 80})
                    ],
                }
            )
            self._run_plan(self._get_case(planned), first + timedelta(days=5), number=3, every=14)
        with freeze_time(end):
            dispute._close("rejected", "It was delivered")
        self._pay_on(promised, (TODAY - first).days - 9, 250)
        self._credit(on_plan, (TODAY - first).days - 20, 50)
        for date in MONTH_ENDS:
            self.env["debt.snapshot"].create({"company_id": self.company.id, "date": date})
        report = self.env["debt.forecast"]
        scope = report._get_scope({"date": str(end)})
        snapshot = self.env["debt.snapshot"].search([("date", "=", first)])
        claimed = report._get_claimed(scope, snapshot)
        self.assertEqual(
            sorted((kind, amount) for _b, parts in claimed for kind, _n, amount in parts),
            [("disputed", 80.0), ("on_plan", 600.0), ("promised", 400.0)],
        )
        [row] = report._get_backtest_table(scope)["rows"]
        # Half of the promise and of the two instalments of the month; no rates before it
        self.assertEqual(row[1], 400 * 0.5 + 2 * 200 * 0.5)
        self.assertTrue(row[2] < row[1] < row[3])
        self.assertEqual(row[4:7], [300.0, 250.0, 100.0])
        self.assertEqual(row[8], "yes" if row[2] <= 300 <= row[3] else "no")

    def test_forecast_tool(self):
        """Promises in their week at their rate, balances shrink, ranges widen, nothing below 0."""
        weeks = forecast.forecast(
            [(0, 100, 0.5), (8, 200, 1.0), (90, 999, 1.0)],
            [(7, 50, 0.8)],
            [1000.0],
            [(0.3, 0.1)],
            4,
        )
        self.assertEqual([week.promises for week in weeks], [50.0, 200.0, 0.0, 0.0])
        self.assertEqual([week.plans for week in weeks], [0.0, 40.0, 0.0, 0.0])
        rest = [week.rest for week in weeks]
        self.assertEqual(rest, sorted(rest, reverse=True))
        month = forecast.forecast([], [], [1000.0], [(0.3, 0.1)], 1, 30.4)[0]
        self.assertAlmostEqual(month.rest, 300.0)
        self.assertAlmostEqual(month.high - month.total, forecast.SPREAD * 100)
        self.assertEqual(forecast.get_rates([[0.2, None], [0.4, None]])[1], (0.0, 0.0))
        mean, deviation = forecast.get_rates([[0.2], [0.4]])[0]
        self.assertAlmostEqual(mean, 0.3)
        self.assertAlmostEqual(deviation, 0.2 / 2**0.5)
        total = forecast.add_up(weeks)
        self.assertAlmostEqual(total.total, sum(week.total for week in weeks))
        self.assertGreaterEqual(total.low, 0.0)

    # === DASHBOARD ===

    def test_dashboard(self):
        """Figures tie to the aged balance; every tile and point opens its records."""
        other = self._create_debtor("Other Ltd")
        late = self._create_overdue_invoice(40, 500)
        self._create_overdue_invoice(20, 300, partner=other)
        self._create_overdue_invoice(-10, 70)
        self._run_day()
        self._get_case().user_id = self.officer_a
        self._get_case(other).user_id = self.officer_b
        self._pay(late, 200)
        self.env["debt.snapshot"].action_backfill(2)
        data = self.env["debt.dashboard"].get_dashboard({"date": str(TODAY)})
        tiles = {tile["label"]: tile["value"] for tile in data["tiles"]}
        self.assertEqual(tiles["Receivables"], 670.0)
        self.assertEqual(tiles["Overdue"], 600.0)
        self.assertEqual(tiles["Collected this month"], 200.0)
        charts = {chart["key"]: chart for chart in data["charts"]}
        self.assertEqual(sum(charts["ageing"]["series"][0]["values"]), 670.0)
        for chart in data["charts"]:
            with self.subTest(chart=chart["key"]):
                self.assertEqual(len(chart["labels"]), len(chart["actions"]))
        for action in [*(t["action"] for t in data["tiles"]), *charts["ageing"]["actions"]]:
            model = self.env[action["res_model"]].with_context(**action["context"])
            model.search_count(action["domain"])
        bars = charts["ageing"]
        for value, action in zip(bars["series"][0]["values"], bars["actions"], strict=True):
            items = self.env["debt.open.item"].with_context(**action["context"])
            self.assertAlmostEqual(sum(items.search(action["domain"]).mapped("residual")), value, 2)
        self.assertEqual(data["movers"][0]["name"], "Late Ltd")
        own = (
            self.env["debt.dashboard"].with_user(self.officer_a).get_dashboard({"date": str(TODAY)})
        )
        self.assertEqual(own["tiles"][0]["value"], 370.0)
        self.assertEqual({one["name"] for one in own["movers"]}, {"Late Ltd"})

    def test_dashboard_of_several_companies(self):
        """All companies switched on are added up in the currency of the first, and that is said."""
        other = self.setup_other_company(name="Second")["company"]
        other.currency_id = self.eur
        self.env.user.company_ids = [Command.link(other.id)]
        both = [self.company.id, other.id]
        theirs = self._create_overdue_invoice(40, 500, company=other)  # 2.5 EUR are one USD
        mine = self._create_overdue_invoice(40, 300)
        for company in (self.company, other):
            self._run_day(company=company)
        self._pay(mine, 100)
        context = {**self.env.context, "allowed_company_ids": both}
        self._pay(theirs.with_context(**context), 50)
        self.env["debt.snapshot"].with_context(**context).action_backfill(2)
        self.env["debt.target"].create(
            [
                {"month": TODAY, "amount": 200, "company_id": self.company.id},
                {"month": TODAY, "amount": 250, "company_id": other.id},
            ]
        )
        dashboard = self.env["debt.dashboard"].with_context(**context)
        data = dashboard.get_dashboard({"date": str(TODAY)})
        self.assertEqual(data["currency_id"], self.company.currency_id.id)
        for word in (self.company.name, "Second", "rates of"):
            self.assertIn(word, data["note"])
        tiles = {tile["label"]: tile for tile in data["tiles"]}
        self.assertAlmostEqual(tiles["Receivables"]["value"], 200 + 450 / 2.5)
        self.assertAlmostEqual(tiles["Overdue"]["value"], 200 + 450 / 2.5)
        self.assertAlmostEqual(tiles["Collected this month"]["value"], 100 + 50 / 2.5)
        self.assertAlmostEqual(tiles["Collected this month"]["progress"], 120 / 300)
        self.assertEqual(tiles["Unassigned"]["value"], 2)
        charts = {chart["key"]: chart for chart in data["charts"]}
        self.assertAlmostEqual(sum(charts["ageing"]["series"][0]["values"]), 380.0)
        last_month = sum(series["values"][-1] for series in charts["trend"]["series"])
        self.assertAlmostEqual(last_month, 300 + 500 / 2.5)
        self.assertAlmostEqual(data["movers"][0]["now"], 380.0, msg="one debtor, two companies")
        self.assertEqual(len(data["silent"]), 2)
        for tile in data["tiles"]:
            action = tile["action"]
            model = self.env[action["res_model"]].with_context(**context)
            found = model.with_context(**action["context"]).search(action["domain"])
            self.assertEqual(set(found.company_id.ids), set(both), tile["label"])
        alone = dashboard.get_dashboard({"company_ids": [other.id]})
        self.assertEqual(alone["currency_id"], self.eur.id)
        self.assertEqual(alone["tiles"][0]["value"], 450.0)
        self.assertFalse(alone["note"])
        with self.assertRaises(AccessError):
            self.env["debt.dashboard"].with_user(self.officer_a).get_dashboard(
                {"company_ids": both}
            )
