"""Waits, time bars, texts and money."""

from decimal import Decimal

from odoo.tests import BaseCase, tagged

from odoo.addons.debt_collection.tests.common_compliance import ask, day, make_rule, utc
from odoo.addons.debt_collection.tools.compliance import business_days, charges, facts, limitation
from odoo.addons.debt_collection.tools.compliance.parameters_paper import Limitation, Retention


@tagged("post_install", "-at_install")
class TestTerms(BaseCase):
    def test_waits(self):
        """A wait is over on the day after its last day."""
        holidays = {day("2026-08-10"), day("2026-09-24")}
        for start, days, options, free in (
            ("2026-09-01", 30, {}, "2026-10-02"),
            ("2026-05-01", 14, {"first_day": 0}, "2026-05-15"),
            ("2026-03-03", 14, {}, "2026-03-18"),
            ("2026-03-03", 14, {"first_business_day": 3}, "2026-03-20"),
            ("2026-09-14", 10, {"business": True, "holidays": holidays}, "2026-09-30"),
            ("2026-09-07", 20, {"business": True, "holidays": holidays}, "2026-10-07"),
            # Friday and Saturday are the weekend
            ("2026-06-03", 2, {"business": True, "weekend": {4, 5}}, "2026-06-08"),
            # the last day is a Friday: over on Saturday
            ("2026-06-01", 4, {"business": True}, "2026-06-06"),
        ):
            with self.subTest(start=start, days=days, **options):
                self.assertEqual(business_days.wait_ends(day(start), days, **options), day(free))

    def test_business_days_and_months(self):
        holidays = {day("2026-05-25")}
        self.assertEqual(
            business_days.assumed_receipt(day("2026-05-22"), 5, holidays), day("2026-06-01")
        )
        for start, months, end in (
            ("2026-01-31", 1, "2026-02-28"),
            ("2028-01-31", 1, "2028-02-29"),
            ("2026-11-30", 3, "2027-02-28"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2026-03-15", -1, "2026-02-15"),
        ):
            self.assertEqual(business_days.add_months(day(start), months), day(end))

    def test_limitation(self):
        for years, options, begins, interruptions, barred in (
            (5, {}, "2021-03-01", [], "2026-03-02"),
            (3, {"year_end": True}, "2023-05-10", [], "2027-01-01"),
            (3, {}, "2023-02-01", ["2024-06-01"], "2027-06-02"),
            # an interruption begins a term of its own, which does not wait for the year's end
            (3, {"year_end": True}, "2023-05-10", ["2024-06-01"], "2027-06-02"),
            # too late: nothing is revived
            (3, {}, "2020-02-01", ["2024-06-01"], "2023-02-02"),
            (1, {}, "2024-02-29", [], "2025-03-01"),
        ):
            with self.subTest(begins=begins, interruptions=interruptions):
                found = limitation.barred_from(
                    Limitation(years, **options), day(begins), map(day, interruptions)
                )
                self.assertEqual(found, day(barred))

    def test_effects_of_the_time_bar(self):
        for effect, action, traits, answer in (
            ("ban_suit", "claim", (), ("hard_block", "TIME_BARRED")),
            ("ban_suit", "letter", (), ("warn", "TIME_BARRED_DISCLOSURE")),
            ("ban_suit", "proof_of_claim", (), ("allow", "")),
            ("extinguish", "letter", (), ("hard_block", "TIME_BARRED")),
            ("ban_without_contact", "letter", (), ("hard_block", "TIME_BARRED")),
            ("ban_without_contact", "letter", ("contact_in_period",), ("allow", "")),
            ("ban_without_contact", "claim", ("contact_in_period",), ("warn", "TIME_BARRED")),
        ):
            with self.subTest(effect=effect, action=action, traits=traits):
                rule = make_rule(
                    "LIMITATION",
                    {"years": 3, "effect": effect},
                    severity="hard_block",
                    actions=["letter", "@court"],
                )
                known = {"dates": {"due": day("2020-01-01")}, "traits": frozenset(traits)}
                decision = ask(rule, action=action, known=known)
                self.assertEqual((decision.decision, decision.reason), answer)

    def test_retention(self):
        keep = Retention(years=3, max_years=10)
        self.assertEqual(limitation.kept_until(keep, day("2023-06-30")), day("2026-06-30"))
        self.assertEqual(limitation.gone_by(keep, day("2023-06-30")), day("2033-06-30"))
        rule = make_rule("RETENTION", {"years": 3}, actions=["delete"])
        # nobody knows from when: it stays
        self.assertFalse(ask(rule, action="delete").allowed)

    def test_notices(self):
        rule = make_rule(
            "PREREQ_NOTICE",
            {
                "steps": [{"kinds": ["formal"], "days": 10}],
                "await_response": True,
                "settled_responses": ["rejected"],
            },
            actions=["claim"],
        )
        given = day("2026-06-01")
        for notices, at, answer in (
            ((), "2026-06-30 12:00", ("NOTICE_MISSING", None)),
            ((facts.Notice("other", given),), "2026-06-30 12:00", ("NOTICE_MISSING", None)),
            ((facts.Notice("formal", given),), "2026-06-11 12:00", ("NOTICE_WAIT", "2026-06-12")),
            ((facts.Notice("formal", given),), "2026-06-12 00:00", ("", None)),
            (
                (facts.Notice("formal", given, undelivered=day("2026-06-05")),),
                "2026-06-30 12:00",
                ("NOTICE_UNDELIVERED", None),
            ),
            (
                (
                    facts.Notice("formal", given, undelivered=day("2026-06-05")),
                    facts.Notice("formal", day("2026-06-08")),
                ),
                "2026-06-10 12:00",
                ("NOTICE_WAIT", "2026-06-19"),
            ),
            (
                (facts.Notice("formal", given, response="plan proposed"),),
                "2026-06-30 12:00",
                ("RESPONSE_OPEN", None),
            ),
            ((facts.Notice("formal", given, response="rejected"),), "2026-06-30 12:00", ("", None)),
            (
                (facts.Notice("formal", given, debts=("E",)),),
                "2026-06-30 12:00",
                ("NOTICE_MISSING", None),
            ),
        ):
            with self.subTest(notices=notices, at=at):
                decision = ask(rule, at, action="claim", known={"notices": notices})
                moment = utc(answer[1]) if answer[1] else None
                self.assertEqual((decision.reason, decision.next_moment), (answer[0], moment))

    def test_texts(self):
        rule = make_rule(
            "CONTENT",
            {"required": ["name"], "required_if": [["interest", "rate"]], "forbidden": ["threat"]},
            actions=["letter"],
        )
        for content, traits, codes in (
            (None, (), ()),
            (["name"], (), ()),
            ([], (), ("CONTENT_MISSING",)),
            (["name"], ("interest",), ("CONTENT_MISSING",)),
            (["name", "threat"], (), ("CONTENT_FORBIDDEN",)),
        ):
            with self.subTest(content=content, traits=traits):
                decision = ask(
                    rule,
                    action="letter",
                    content=None if content is None else frozenset(content),
                    traits=frozenset(traits),
                )
                self.assertEqual(decision.codes, codes)
                self.assertIn("name", decision.contents)


@tagged("post_install", "-at_install")
class TestMoney(BaseCase):
    def test_interest(self):
        for principal, periods, margin, amount in (
            ("10000", [(60, "3.75")], "8", "193.15"),
            ("1000", [(15, "2.15"), (15, "2.40")], "8", "8.45"),
            ("5000", [(30, "1.52")], "5", "26.79"),
            ("0.01", [(1, "1")], "0", "0.00"),
        ):
            found = charges.interest(
                Decimal(principal),
                [(days, Decimal(rate)) for days, rate in periods],
                Decimal(margin),
            )
            self.assertEqual(found, Decimal(amount))

    def test_lump_sums(self):
        tiers = [
            (Decimal(a), Decimal(b), Decimal(c))
            for a, b, c in ((0, 20, 0), (150, 30, 10), (500, 65, 5))
        ]
        for balance, amount in (
            ("150", "20.00"),
            ("150.01", "30.00"),
            ("500", "65.00"),
            ("600", "70.00"),
            ("100000", "2000.00"),
            ("0", "0.00"),
        ):
            found = charges.lump_sum(tiers, Decimal(balance), Decimal(2000))
            self.assertEqual(found, Decimal(amount))

    def test_caps(self):
        """What fits is charged, the rest withheld; nothing left is the rule's own severity."""
        rule = make_rule(
            "CAP", {"formula": "in_duplum"}, actions=["interest"], severity="hard_block"
        )
        for accrued, decision, amount, withheld in (
            ("0", "allow", "350", "0"),
            ("9650", "allow", "350", "0"),
            ("9800", "partial", "200", "150"),
            ("10000", "hard_block", "0", "350"),
            ("12000", "hard_block", "0", "350"),
        ):
            with self.subTest(accrued=accrued):
                charge = facts.Charge(
                    "interest",
                    asked=Decimal(350),
                    principal_at_default=Decimal(10000),
                    accrued=Decimal(accrued),
                )
                answer = ask(rule, action="interest", charge=charge)
                self.assertEqual(answer.decision, decision)
                self.assertEqual(answer.amount, Decimal(amount))
                self.assertEqual(answer.withheld, Decimal(withheld))

    def test_limits_without_an_amount(self):
        """The most that may be charged."""
        tiers = [["0", "20", "0"], ["150", "30", "10"]]
        rule = make_rule("CAP", {"formula": "tiers", "tiers": tiers}, actions=["fee"])
        charge = facts.Charge("lump_sum", principal=Decimal(300))
        answer = ask(rule, action="fee", charge=charge)
        self.assertEqual((answer.decision, answer.amount), ("allow", Decimal("45.00")))

    def test_agreed_interest(self):
        """What no law gives may be agreed."""
        rule = make_rule(
            "LATE_CHARGE", {"kind": "interest"}, actions=["interest"], debtor_types=["company"]
        )
        for rate, allowed in ((None, False), (Decimal(4), True)):
            charge = facts.Charge("interest", contract_rate=rate)
            self.assertEqual(ask(rule, action="interest", charge=charge).allowed, allowed)

    def test_late_charges_need_a_basis(self):
        """A law that gives a charge against companies gives none against consumers."""
        rule = make_rule(
            "LATE_CHARGE",
            {"kind": "fixed_compensation", "tiers": [["0", "40"], ["1000", "70"]]},
            actions=["fee"],
            debtor_types=["company"],
        )
        charge = facts.Charge(
            "fixed_compensation", invoices=(Decimal("999.99"), Decimal("1000.00"))
        )
        company = ask(rule, action="fee", charge=charge, known={"debtor_type": "company"})
        self.assertEqual((company.decision, company.amount), ("allow", Decimal("110.00")))
        consumer = ask(rule, action="fee", charge=charge)
        self.assertEqual(
            (consumer.decision, consumer.reason, consumer.amount),
            ("hard_block", "NOT_APPLICABLE", Decimal(0)),
        )
