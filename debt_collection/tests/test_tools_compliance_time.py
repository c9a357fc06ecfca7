"""Hours, counts and pauses where the debtor is: zones, changes of clocks, calendar days."""

from odoo.tests import BaseCase, tagged

from odoo.addons.debt_collection.tests.common_compliance import (
    ask,
    day,
    make_contact,
    make_rule,
    utc,
)
from odoo.addons.debt_collection.tools.compliance import clock, facts, windows

EIGHT_TO_NINE = {"MO-SU": ["08:00-21:00"]}


@tagged("post_install", "-at_install")
class TestWindows(BaseCase):
    def _check(self, hours, cases, **known):
        for at, zones, until in cases:
            with self.subTest(at=at, zones=zones):
                rule = make_rule("WINDOW", {"hours": hours, "holidays": True})
                decision = ask(rule, at, zones, known=known)
                self.assertEqual(decision.allowed, until is None)
                self.assertEqual(decision.next_moment, utc(until) if until else None)

    def test_half_open(self):
        """Hours begin with their first second and end before their last."""
        self._check(
            EIGHT_TO_NINE,
            [
                ("2026-06-10 07:59:59", "UTC", "2026-06-10 08:00"),
                ("2026-06-10 08:00:00", "UTC", None),
                ("2026-06-10 20:59:59", "UTC", None),
                ("2026-06-10 21:00:00", "UTC", "2026-06-11 08:00"),
            ],
        )

    def test_offsets_of_half_an_hour(self):
        """Zones need not be whole hours from UTC."""
        self._check(
            {"MO-SU": ["08:00-19:00"]},
            [
                ("2026-06-10 02:29", "Asia/Kolkata", "2026-06-10 02:30"),
                ("2026-06-10 13:29", "Asia/Kolkata", None),
                ("2026-06-10 13:30", "Asia/Kolkata", "2026-06-11 02:30"),
                ("2026-06-10 02:14", "Asia/Kathmandu", "2026-06-10 02:15"),
                ("2026-06-10 13:30", "Asia/Kolkata Asia/Kathmandu", "2026-06-11 02:30"),
            ],
        )

    def test_clocks_put_forward_and_back(self):
        """The same hour in UTC is another hour for the debtor after the change."""
        self._check(
            EIGHT_TO_NINE,
            [
                ("2026-03-07 12:30", "America/New_York", "2026-03-07 13:00"),
                ("2026-03-08 12:30", "America/New_York", None),
                ("2026-10-31 12:30", "America/New_York", None),
                ("2026-11-01 12:30", "America/New_York", "2026-11-01 13:00"),
                ("2026-04-03 21:15", "Australia/Lord_Howe", None),
                ("2026-04-04 21:15", "Australia/Lord_Howe", "2026-04-04 21:30"),
            ],
        )

    def test_hours_inside_the_change(self):
        """Hours that a change leaves out begin right after it; an hour that comes twice is open
        twice."""
        self._check(
            {"SU": ["02:15-03:30"]},
            [
                # 02:00 becomes 03:00 at 07:00 UTC
                ("2026-03-08 06:59", "America/New_York", "2026-03-08 07:00"),
                ("2026-03-08 07:29", "America/New_York", None),
                ("2026-03-08 07:30", "America/New_York", "2026-03-15 06:15"),
            ],
        )
        self._check(
            {"SU": ["01:00-01:30"]},
            [
                # 02:00 becomes 01:00 at 06:00 UTC
                ("2026-11-01 05:29", "America/New_York", None),
                ("2026-11-01 05:30", "America/New_York", "2026-11-01 06:00"),
                ("2026-11-01 06:30", "America/New_York", "2026-11-08 06:00"),
            ],
        )

    def test_all_candidate_zones(self):
        """Conflicting evidence: only hours that suit every zone."""
        east_and_west = "America/New_York America/Los_Angeles"
        self._check(
            EIGHT_TO_NINE,
            [
                ("2026-06-10 14:59", east_and_west, "2026-06-10 15:00"),
                ("2026-06-10 15:00", east_and_west, None),
                ("2026-06-11 00:59", east_and_west, None),
                ("2026-06-11 01:00", east_and_west, "2026-06-11 15:00"),
                ("2026-06-10 14:00", "America/New_York Pacific/Guam", "2026-06-10 22:00"),
            ],
        )
        rule = make_rule("WINDOW", {"hours": EIGHT_TO_NINE, "location": "first"})
        self.assertTrue(ask(rule, "2026-06-10 12:00", east_and_west).allowed)

    def test_hours_no_zone_shares(self):
        """Zones that are never open together: no moment is promised."""
        rule = make_rule("WINDOW", {"hours": {"MO-SU": ["09:00-12:00"]}})
        decision = ask(rule, "2026-06-10 12:00", "America/New_York Asia/Tokyo")
        self.assertFalse(decision.allowed)
        self.assertIsNone(decision.next_moment)

    def test_weekdays_and_holidays(self):
        self._check(
            {"MO-FR": ["07:30-21:00"], "SA-SU": ["09:00-21:00"]},
            [
                ("2026-12-23 20:29", "Australia/Sydney", "2026-12-23 20:30"),
                ("2026-12-25 00:00", "Australia/Sydney", "2026-12-26 22:00"),
            ],
            holidays=frozenset({day("2026-12-25"), day("2026-12-26")}),
        )
        rule = make_rule("WINDOW", {"hours": EIGHT_TO_NINE, "holidays": True})
        holiday = {"holidays": frozenset({day("2026-06-10")})}
        self.assertEqual(ask(rule, known=holiday).reason, "HOLIDAY")
        # a calendar nobody knows is a warning, not a wall
        unknown = ask(rule, known={"holidays": None})
        self.assertEqual((unknown.decision, unknown.reason), ("warn", "HOLIDAYS_UNKNOWN"))

    def test_no_evidence_of_the_zone(self):
        """Whatever depends on the clock is not allowed, whatever the rule's severity."""
        for severity in ("warn", "block"):
            rule = make_rule("WINDOW", {"hours": EIGHT_TO_NINE}, severity=severity)
            decision = ask(rule, zones="")
            self.assertEqual((decision.decision, decision.reason), ("block", "TZ_UNKNOWN"))
        letter = make_rule("CONTENT", {"required": ["creditor"]}, actions=["letter"])
        self.assertTrue(ask(letter, zones="", action="letter").allowed)

    def test_hours_of_a_named_zone(self):
        rule = make_rule("WINDOW", {"hours": EIGHT_TO_NINE, "zone": "Asia/Dubai"})
        decision = ask(rule, "2026-06-10 03:00", zones="")
        self.assertEqual(decision.next_moment, utc("2026-06-10 04:00"))

    def test_consent_adds_hours(self):
        rule = make_rule("WINDOW", {"hours": EIGHT_TO_NINE, "consent": True})
        for direct, until in ((True, None), (False, "2026-06-11 08:00")):
            consent = facts.TimeConsent(windows.parse_interval("21:00-23:00"), direct)
            decision = ask(rule, "2026-06-10 22:00", known={"time_consents": (consent,)})
            self.assertEqual(decision.next_moment, utc(until) if until else None)

    def test_wishes(self):
        """What the debtor asked for needs no rule; one reply to a message in such a time."""
        blocked = (windows.Blocked.parse("MO-FR 15:00-17:00"),)
        wish = {"blocked": blocked}
        decision = ask([], "2026-06-10 15:30", known=wish)
        self.assertEqual(decision.reason, "PERSON_WINDOW")
        self.assertEqual(decision.next_moment, utc("2026-06-10 17:00"))
        self.assertTrue(ask([], "2026-06-13 15:30", known=wish).allowed)
        message = make_contact("2026-06-10 15:10", "received", action="email", inbound=True)
        reply = make_contact("2026-06-10 15:20", "sent", action="email")
        for contacts, action, allowed in (
            ((message,), "email", True),
            ((message,), "sms", False),
            ((message, reply), "email", False),
        ):
            decision = ask(
                [],
                "2026-06-10 15:30",
                action=action,
                purpose="reply",
                known={**wish, "contacts": contacts},
            )
            self.assertEqual(decision.allowed, allowed)

    def test_a_long_absence(self):
        """A wish of many months ends on the day after."""
        wish = {"blocked": (windows.Blocked.parse("2026-01-01..2026-12-31"),)}
        decision = ask([], "2026-03-01 12:00", "Europe/Madrid", known=wish)
        self.assertEqual(decision.next_moment, utc("2026-12-31 23:00"))

    def test_days_that_do_not_begin_at_midnight(self):
        for date, name, begins in (
            # clocks put forward at midnight
            ("2018-11-04", "America/Sao_Paulo", "2018-11-04 03:00"),
            ("2026-03-29", "Asia/Beirut", "2026-03-28 22:00"),
            # and back to 23:00 of the day before
            ("2018-02-18", "America/Sao_Paulo", "2018-02-18 03:00"),
            # a day that was left out begins with the next one
            ("2011-12-30", "Pacific/Apia", "2011-12-30 10:00"),
            ("2026-06-10", "Asia/Kathmandu", "2026-06-09 18:15"),
        ):
            with self.subTest(date=date, name=name):
                self.assertEqual(clock.day_begins(day(date), clock.zone(name)), utc(begins))


@tagged("post_install", "-at_install")
class TestCounting(BaseCase):
    def _calls(self, days, result="ring", **values):
        return tuple(
            make_contact(f"2026-04-{number:02} 16:00", result, **values) for number in days
        )

    def test_seven_days_are_calendar_days(self):
        """Seven calls from 1 to 7 April: the next on the 8th, where the debtor is."""
        rule = make_rule("FREQ", {"limit": 7, "period": "days", "length": 7})
        contacts = self._calls(range(1, 8))
        decision = ask(rule, "2026-04-07 22:00", "America/New_York", known={"contacts": contacts})
        self.assertEqual(decision.next_moment, utc("2026-04-08 04:00"))
        self.assertTrue(
            ask(rule, "2026-04-08 04:00", "America/New_York", known={"contacts": contacts}).allowed
        )
        # a second candidate zone further west: its day begins later
        both = "America/New_York America/Los_Angeles"
        decision = ask(rule, "2026-04-07 22:00", both, known={"contacts": contacts})
        self.assertEqual(decision.next_moment, utc("2026-04-08 07:00"))

    def test_weeks_months_and_minutes(self):
        for parameters, at, until in (
            ({"period": "week"}, "2026-04-10 12:00", "2026-04-13 00:00"),
            ({"period": "month"}, "2026-04-10 12:00", "2026-05-01 00:00"),
            ({"period": "days", "length": 30}, "2026-04-10 12:00", "2026-05-08 00:00"),
            ({"period": "minutes", "length": 5}, "2026-04-08 16:04", "2026-04-08 16:05"),
            ({"period": "minutes", "length": 5}, "2026-04-08 16:05", None),
            ({"period": "week"}, "2026-04-13 12:00", None),
        ):
            with self.subTest(**parameters, at=at):
                rule = make_rule("FREQ", {"limit": 1, **parameters})
                decision = ask(rule, at, known={"contacts": self._calls([8])})
                self.assertEqual(decision.next_moment, utc(until) if until else None)

    def test_recorded_results(self):
        """What counts depends on the unit; a wrong number never counts."""
        expected = {
            "ring": {"attempt", "connected", "unanswered"},
            "busy": {"attempt"},
            "not_in_service": {"attempt"},
            "voicemail": {"attempt", "connected", "contact"},
            "voicemail_no_ring": {"attempt", "connected", "unanswered"},
            "answered_dropped": {"attempt", "connected", "unanswered"},
            "conversation": {"attempt", "connected", "contact"},
            "reserved": {"attempt", "connected", "contact"},
            "wrong_number": set(),
        }
        for result, units in expected.items():
            for unit in ("attempt", "connected", "contact", "unanswered"):
                with self.subTest(result=result, unit=unit):
                    rule = make_rule("FREQ", {"limit": 1, "period": "days", "unit": unit})
                    contacts = self._calls([8], result)
                    decision = ask(rule, "2026-04-08 18:00", known={"contacts": contacts})
                    self.assertEqual(decision.allowed, unit not in units)

    def test_scope(self):
        rule = {"limit": 1, "period": "days", "length": 7}
        for scope, contact, allowed in (
            (["person", "debt"], {"debts": ("E",)}, True),
            (["person", "debt"], {"person": "Q"}, True),
            (["person", "debt"], {"debts": ("E", "D")}, False),
            (["person", "debt"], {"debts": ()}, False),
            (["person"], {"debts": ("E",)}, False),
            ([], {"debts": ("E",), "person": "Q"}, False),
            (["person"], {"action": "sms"}, True),
            (["person"], {"inbound": True}, True),
        ):
            with self.subTest(scope=scope, **contact):
                contacts = (make_contact("2026-04-08 16:00", **contact),)
                decision = ask(
                    make_rule("FREQ", {**rule, "scope": scope}),
                    "2026-04-09 16:00",
                    known={"contacts": contacts},
                )
                self.assertEqual(decision.allowed, allowed)

    def test_debts_that_count_as_one(self):
        rule = make_rule("FREQ", {"limit": 1, "period": "days", "length": 7})
        contacts = (make_contact("2026-04-08 16:00", debts=("E",)),)
        for groups, allowed in (((), True), ((frozenset({"D", "E"}),), False)):
            known = {"contacts": contacts, "same_debt": groups}
            self.assertEqual(ask(rule, "2026-04-09 16:00", known=known).allowed, allowed)

    def test_unanswered_call_about_several_debts(self):
        """It is attributed to one of them; a message left counts for each."""
        rule = make_rule("FREQ", {"limit": 1, "period": "days", "attributed": True})
        for result, allowed in (("ring", True), ("voicemail", False)):
            contacts = (make_contact("2026-04-08 16:00", result, debts=("E", "D")),)
            decision = ask(rule, "2026-04-08 17:00", known={"contacts": contacts})
            self.assertEqual(decision.allowed, allowed)

    def test_agreed_calls(self):
        """Agreement holds seven days from its own, and until the next conversation."""
        rule = make_rule("FREQ", {"limit": 1, "period": "days", "length": 30, "consent_days": 7})
        first = make_contact("2026-04-01 16:00")
        talk = make_contact("2026-04-04 16:00", "conversation")
        for at, contacts, values, allowed in (
            ("2026-04-09 12:00", (first,), {}, True),
            ("2026-04-10 12:00", (first,), {}, False),
            ("2026-04-05 12:00", (first, talk), {}, False),
            ("2026-04-05 12:00", (first,), {"direct": False}, False),
            ("2026-04-05 12:00", (first,), {"until": utc("2026-04-05 11:00")}, False),
        ):
            with self.subTest(at=at, **values):
                consent = facts.CallConsent(day("2026-04-03"), **values)
                known = {"contacts": contacts, "call_consents": (consent,)}
                self.assertEqual(ask(rule, at, known=known).allowed, allowed)

    def test_pause_after_a_conversation(self):
        """The day of the conversation is day 1, whoever called, by the debtor's calendar."""
        rule = make_rule("COOLOFF", {"days": 7})
        for at, inbound, until in (
            ("2026-08-14 15:00", False, "2026-08-21 04:00"),
            ("2026-08-14 15:00", True, "2026-08-21 04:00"),
            # still the 13th in New York
            ("2026-08-14 03:59", False, "2026-08-20 04:00"),
        ):
            with self.subTest(at=at, inbound=inbound):
                contacts = (make_contact(at, "conversation", inbound=inbound),)
                decision = ask(
                    rule, "2026-08-15 16:00", "America/New_York", known={"contacts": contacts}
                )
                self.assertEqual(decision.next_moment, utc(until))

    def test_pause_after_the_due_date(self):
        rule = make_rule("COOLOFF", {"days": 10, "trigger": "due", "first_day": 1})
        decision = ask(rule, "2026-06-05 12:00", known={"dates": {"due": day("2026-06-01")}})
        self.assertEqual(decision.next_moment, utc("2026-06-12 00:00"))

    def test_count_and_hours_together(self):
        """The next moment suits all rules: the day the count is free, and not before eight."""
        rules = [
            make_rule("FREQ", {"limit": 1, "period": "days", "length": 2}, code="F"),
            make_rule("WINDOW", {"hours": {"MO-FR": ["08:00-20:00"]}}, code="W"),
        ]
        known = {"contacts": (make_contact("2026-06-12 09:00"),)}
        decision = ask(rules, "2026-06-12 10:00", "Europe/Madrid", known=known)
        self.assertEqual(decision.codes, ("FREQ",))
        self.assertEqual(decision.next_moment, utc("2026-06-15 06:00"))
