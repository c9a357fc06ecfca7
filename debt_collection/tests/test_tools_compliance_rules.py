"""Rules: senseless ones are refused, they read as sentences, they add up."""

from odoo.tests import BaseCase, tagged

from odoo.addons.debt_collection.tests.common_compliance import (
    ask,
    day,
    make_contact,
    make_rule,
    read_presets,
    utc,
)
from odoo.addons.debt_collection.tools.compliance import (
    codec,
    facts,
    override,
    rules,
    sentences,
    vocabulary,
)
from odoo.addons.debt_collection.tools.compliance.errors import RuleError
from odoo.addons.debt_collection.tools.permission import ContactPermission

HOURS = {"hours": {"MO-FR": ["08:00-20:00"]}}


@tagged("post_install", "-at_install")
class TestRules(BaseCase):
    def test_bad_rules_are_refused(self):
        """Each with one message that says what is wrong."""
        for kind, parameters, message in (
            ("WINDOW", {"hours": {"MO": ["21:00-08:00"]}}, "end before they begin"),
            ("WINDOW", {"hours": {"MO": ["08:00-08:00"]}}, "end before they begin"),
            ("WINDOW", {"hours": {"MO": ["08:00-25:00"]}}, "ends at 24:00"),
            ("WINDOW", {"hours": {"MO": ["8-20"]}}, "no interval"),
            ("WINDOW", {"hours": {"MON": ["08:00-20:00"]}}, "no weekday"),
            ("WINDOW", {"hours": {"MO": ["08:00-12:00", "11:00-13:00"]}}, "overlap"),
            ("WINDOW", {"hours": {"MO-WE": ["08:00-12:00"], "TU": ["13:00-14:00"]}}, "twice"),
            ("WINDOW", {"hours": {}}, "empty"),
            ("WINDOW", {**HOURS, "location": "nowhere"}, "location"),
            ("WINDOW", {**HOURS, "zone": "Mars/Base"}, "no time zone 'Mars/Base'"),
            ("WINDOW", {}, "'hours' is missing"),
            ("FREQ", {"limit": 0, "period": "days"}, "limit has to be at least 1"),
            ("FREQ", {"limit": 3, "period": "days", "length": 0}, "length has to be at least 1"),
            ("FREQ", {"limit": 3, "period": "year"}, "period"),
            ("FREQ", {"limit": 3, "period": "week", "length": 2}, "length of 1"),
            ("FREQ", {"limit": "3", "period": "week"}, "'limit' cannot be '3'"),
            ("FREQ", {"limit": 3, "period": "week", "unit": "sheep"}, "unit"),
            ("COOLOFF", {"days": 0}, "days has to be at least 1"),
            ("PREREQ_NOTICE", {"steps": []}, "at least one notice"),
            ("PREREQ_NOTICE", {"steps": [{"kinds": ["a"], "days": -1}]}, "negative"),
            ("CONTENT", {}, "asks for nothing"),
            ("CONTENT", {"required": ["a"], "forbidden": ["a"]}, "need and lack"),
            ("FLAG", {"flags": []}, "circumstance"),
            ("CONSENT", {}, "asks for nothing"),
            ("RECIPIENT", {"workplace": "maybe"}, "workplace"),
            ("LIMITATION", {"years": 0}, "years has to be at least 1"),
            ("LIMITATION", {"years": 3, "effect": "magic"}, "effect"),
            ("RETENTION", {}, "no time at all"),
            ("RETENTION", {"years": 10, "max_years": 3}, "maximum is below the minimum"),
            ("CAP", {"formula": "total"}, "needs its value"),
            ("CAP", {"formula": "guess"}, "formula"),
            ("LATE_CHARGE", {"kind": "fixed_compensation"}, "needs its amounts"),
            ("LATE_CHARGE", {"kind": "interest", "day_count": 0}, "day_count"),
            ("LATE_CHARGE", {"kind": "interest", "margin": "much"}, "'margin' cannot be"),
            ("WINDOWS", {}, "unknown type"),
            ("CAP", {"formula": "free", "colour": "red"}, "no parameter 'colour'"),
        ):
            with self.subTest(kind=kind, parameters=parameters):
                with self.assertRaises(RuleError) as caught:
                    make_rule(kind, parameters, code="BAD")
                self.assertIn(message, str(caught.exception))
                self.assertIn("BAD", str(caught.exception))

    def test_bad_coverage_is_refused(self):
        for values, message in (
            ({"severity": "fatal"}, "severity"),
            ({"actors": ["uncle"]}, "actors"),
            ({"debtor_types": ["cat"]}, "debtor type"),
            ({"actions": ["@space"]}, "kind of action"),
            ({"actions": []}, "actions"),
            ({"valid_from": "2026-02-01", "valid_to": "2026-01-01"}, "ends before it begins"),
            ({"valid_from": "1 May"}, "valid_from"),
        ):
            with self.subTest(**values), self.assertRaises(RuleError) as caught:
                make_rule("WINDOW", HOURS, **values)
            self.assertIn(message, str(caught.exception))

    def test_versions_must_not_overlap(self):
        def version(first, last):
            return make_rule("WINDOW", HOURS, valid_from=first, valid_to=last)

        rules.RuleBook([version("2026-01-01", "2026-05-31"), version("2026-06-01", None)])
        for pair in (
            (version("2026-01-01", "2026-06-01"), version("2026-06-01", None)),
            (version(None, None), version("2026-06-01", None)),
        ):
            with self.assertRaises(RuleError) as caught:
                rules.RuleBook(pair)
            self.assertIn("2026-06-01", str(caught.exception))

    def test_a_circle_of_jurisdictions_is_refused(self):
        with self.assertRaises(RuleError):
            rules.RuleBook([], {"A": "B", "B": "A"})

    def test_sentences(self):
        for kind, parameters, text in (
            (
                "WINDOW",
                {"hours": {"MO-FR": ["08:00-20:00"], "SA": ["09:00-13:00"]}, "holidays": True},
                "call: only Mon to Fri 08:00-20:00, Sat 09:00-13:00 in the debtor's time, "
                "not on holidays, wherever the debtor may be",
            ),
            (
                "FREQ",
                {"limit": 7, "period": "days", "length": 7},
                "call: at most 7 attempts that were put through in 7 days in a row "
                "for each debt, person",
            ),
            (
                "COOLOFF",
                {"days": 7},
                "call: 7 days of pause beginning with the day of the conversation",
            ),
        ):
            self.assertEqual(str(make_rule(kind, parameters).sentence()), text)

    def test_sentences_can_be_translated(self):
        sentence = make_rule("COOLOFF", {"days": 7}).sentence()
        words = {
            "%(days)s days of pause beginning with the day of the %(trigger)s": "%(days)s Tage",
            "call": "Anruf",
        }
        self.assertEqual(
            sentences.render(sentence, lambda text: words.get(text, text)), "Anruf: 7 Tage"
        )

    def test_plain_data_and_back(self):
        """Every shipped rule's parameters survive being stored."""
        for rule in read_presets()[0]:
            with self.subTest(rule=rule.code):
                data = codec.dump(rule.parameters)
                again = codec.load(type(rule.parameters), data)
                self.assertEqual(again, rule.parameters)

    def test_presets(self):
        """Each has a source and reads as a sentence; what is not confirmed is inactive."""
        shipped, parents = read_presets()
        rules.RuleBook(shipped, parents)
        self.assertEqual({rule.type for rule in shipped}, set(vocabulary.RULE_TYPES))
        for rule in shipped:
            with self.subTest(rule=rule.code):
                self.assertTrue(rule.source)
                self.assertNotIn("%(", str(rule.sentence()))
                self.assertEqual(rule.active, not rule.to_confirm)
                self.assertFalse(rule.active and rule.grade == "K")

    def test_coverage(self):
        rule = make_rule(
            "WINDOW",
            HOURS,
            actors=["agency"],
            debtor_types=["consumer"],
            rule_set="S",
            except_recipients=["attorney"],
            only_if=["rented"],
            unless=["sold"],
        )
        night = {"at": "2026-06-10 22:00", "actor": "agency"}
        rented = {"traits": frozenset({"rented"})}
        for values, known, hits in (
            (night, rented, True),
            ({**night, "actor": "creditor_own_name"}, rented, False),
            (
                {**night, "actor": "creditor_own_name"},
                {**rented, "adopted": frozenset({"S"})},
                True,
            ),
            (night, {**rented, "debtor_type": "company"}, False),
            ({**night, "recipient": "attorney"}, rented, False),
            (night, {}, False),
            (night, {"traits": frozenset({"rented", "sold"})}, False),
            ({**night, "action": "letter"}, rented, False),
        ):
            with self.subTest(values=values, known=known):
                self.assertEqual(not ask(rule, known=known, **values).allowed, hits)

    def test_validity(self):
        """In the debtor's calendar; a hit ends with its rule."""
        rule = make_rule("WINDOW", {"hours": {"MO": ["09:00-10:00"]}}, valid_to="2026-06-10")
        decision = ask(rule, "2026-06-11 03:00", "America/New_York")
        self.assertEqual(decision.next_moment, utc("2026-06-11 04:00"))
        self.assertTrue(ask(rule, "2026-06-11 04:00", "America/New_York").allowed)
        later = make_rule("WINDOW", {"hours": {"MO": ["09:00-10:00"]}}, valid_from="2026-06-10")
        self.assertTrue(ask(later, "2026-06-09 22:00").allowed)
        self.assertFalse(ask(later, "2026-06-10 00:00").allowed)


@tagged("post_install", "-at_install")
class TestDecision(BaseCase):
    def test_most_restrictive_wins_and_all_are_named(self):
        night = "2026-06-10 23:00"
        wide = make_rule("WINDOW", {"hours": {"MO-SU": ["00:00-24:00"]}}, code="A")
        warn = make_rule("WINDOW", HOURS, code="B", severity="warn")
        hard = make_rule(
            "FLAG", {"flags": ["cease"]}, code="C", severity="hard_block", reason="FLAG_CEASE"
        )
        known = {"flags": (facts.Flag("cease"),)}
        self.assertEqual(ask([wide], night).decision, "allow")
        warned = ask([wide, warn], night)
        self.assertEqual((warned.decision, warned.allowed), ("warn", True))
        self.assertEqual(warned.next_moment, utc("2026-06-11 08:00"))
        decision = ask([wide, warn, hard], night, known=known)
        self.assertEqual((decision.decision, decision.next_moment), ("hard_block", None))
        self.assertEqual(decision.codes, ("FLAG_CEASE", "WINDOW"))
        self.assertEqual(decision.words()[0], "The debtor told us to stop.")
        self.assertFalse(decision.overridable)

    def test_fails_closed(self):
        decision = ask(make_rule("WINDOW", HOURS), known={"jurisdictions": ()})
        self.assertEqual((decision.decision, decision.reason), ("block", "NO_JURISDICTION"))

    def test_children_add(self):
        """A sector's rules come on top of its state's and its country's."""
        parents = {"X-1": "X", "X-1-a": "X-1"}
        book = rules.RuleBook(
            [
                make_rule("WINDOW", {"hours": {"MO-SU": ["07:00-21:00"]}}, code="A"),
                make_rule(
                    "WINDOW", {"hours": {"MO-SU": ["00:00-20:00"]}}, code="B", jurisdiction="X-1"
                ),
            ],
            parents,
        )
        found = {
            place: {rule.code for rule in book.find((place,), "call")}
            for place in ("X", "X-1", "X-1-a", "Y")
        }
        self.assertEqual(found, {"X": {"A"}, "X-1": {"A", "B"}, "X-1-a": {"A", "B"}, "Y": set()})

    def test_what_to_say_and_whom_to_tell(self):
        shipped = [rule for rule in read_presets()[0] if rule.rule_set == "US-REGF"]
        decision = ask(
            shipped,
            "2026-06-10 16:00",
            "America/New_York",
            action="email",
            actor="agency",
            known={"jurisdictions": ("US",)},
        )
        self.assertEqual(decision.decision, "allow")
        self.assertEqual(decision.contents, ("opt_out",))
        self.assertIn("attorney", decision.may_know)
        self.assertNotIn("employer", decision.may_know)
        self.assertTrue(decision.location_only)

    def test_two_at_once(self):
        """The second check sees what the first reserved."""
        rule = make_rule("FREQ", {"limit": 1, "period": "days"})
        first = ask(rule)
        reserved = make_contact("2026-06-10 12:00", "reserved")
        second = ask(rule, known={"contacts": (reserved,)})
        proved_busy = make_contact("2026-06-10 12:00", "busy")
        self.assertEqual([first.allowed, second.allowed], [True, False])
        self.assertTrue(ask(rule, known={"contacts": (proved_busy,)}).allowed)

    def test_override(self):
        rule = make_rule("WINDOW", HOURS)
        blocked = ask(rule, "2026-06-10 22:00")
        hard = ask(make_rule("WINDOW", HOURS, severity="hard_block"), "2026-06-10 22:00")
        good = {"role": "manager", "reason": "litigation", "issued": utc("2026-06-10 22:00")}
        for decision, values, at, code in (
            (blocked, {}, "2026-06-10 22:29", ""),
            (blocked, {}, "2026-06-10 22:30", "OVERRIDE_EXPIRED"),
            (blocked, {"used": True}, "2026-06-10 22:10", "OVERRIDE_USED"),
            (blocked, {"reason": ""}, "2026-06-10 22:10", "OVERRIDE_REASON"),
            (blocked, {"role": "officer"}, "2026-06-10 22:10", "OVERRIDE_ROLE"),
            (hard, {}, "2026-06-10 22:10", "NOT_OVERRIDABLE"),
        ):
            with self.subTest(code=code):
                one = override.Override(**{**good, **values})
                answer = override.apply(one, decision, utc(at), frozenset({"manager"}))
                self.assertEqual(answer.overridden, not code)
                self.assertEqual(answer.allowed, not code)
                # the reasons stay, for the log
                self.assertEqual(answer.reason, code or "WINDOW")

    def test_permission(self):
        """What the models hand around: a warning does not stand in the way."""
        permission = ContactPermission.from_decision(
            ask(make_rule("WINDOW", HOURS), "2026-06-10 22:00")
        )
        self.assertFalse(permission.allowed)
        self.assertEqual(permission.codes, ("WINDOW",))
        self.assertEqual(permission.next_moment, utc("2026-06-11 08:00").replace(tzinfo=None))
        self.assertTrue(permission.overridable)
        warned = ContactPermission.from_decision(
            ask(make_rule("WINDOW", HOURS, severity="warn"), "2026-06-10 22:00")
        )
        self.assertTrue(warned.allowed)
        self.assertEqual(warned.warning_codes, ("WINDOW",))
        self.assertTrue(ContactPermission().allowed)
        self.assertFalse(ContactPermission(("words",), ("blocked",)).allowed)

    def test_flags(self):
        rule = make_rule("FLAG", {"flags": ["moratorium"], "days": 60}, reason="FLAG_X")
        start = day("2026-03-02")
        for flag, at, until in (
            (facts.Flag("moratorium", start), "2026-03-01 12:00", None),
            (facts.Flag("moratorium", start), "2026-04-30 23:59", "2026-05-01 00:00"),
            (facts.Flag("moratorium", start), "2026-05-01 00:00", None),
            (facts.Flag("moratorium", start, day("2026-03-10")), "2026-03-05 12:00", "2026-03-11"),
            (facts.Flag("moratorium", start, debts=("E",)), "2026-03-05 12:00", None),
            (facts.Flag("moratorium", start, resolved=True), "2026-03-05 12:00", None),
            (facts.Flag("another", start), "2026-03-05 12:00", None),
        ):
            with self.subTest(flag=flag, at=at):
                decision = ask(rule, at, known={"flags": (flag,)})
                self.assertEqual(decision.next_moment, utc(until) if until else None)
                self.assertEqual(decision.allowed, until is None)
