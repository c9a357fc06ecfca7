"""Reads cases of the conformance format: what is asked, what is known, what is expected.

A case names rule sets and a situation; whatever the situation does not mention is as if in order:
the zone is known, it is early afternoon, the notices were given long ago. A thing it mentions
without a value is missing. What is read here is written into real records and asked of the real
gate by ``conformance``.
"""

import csv
import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from types import SimpleNamespace

from odoo.addons.debt_collection.tools.compliance import (
    clock,
    facts,
    presets,
    windows,
)

from . import compliance_words as words
from .common_compliance import read_presets

gate = SimpleNamespace(clock=clock, facts=facts, presets=presets, windows=windows)
facts_of = facts

PLENTY = Decimal(10**9)
LONG_AGO = date(2020, 1, 1)
AFTERNOON = time(13, 30, tzinfo=UTC)
SOME_DAY = date(2026, 6, 10)
COMPLIANCE_ROLES = frozenset({"compliance"})
# Without a day of its own, a question is asked when these have happened.
EVENT_KEYS = (
    "cease_received",
    "refusal_received",
    "dispute_received",
    "npl_transferred",
    "attorney_contacted",
)
NOTICE_KEYS = {"notice", "mahnung", "hint_30_days", "art10_communication_sent"}
CALENDAR_KEYS = ("due_calendar", "due_by_calendar", "calendar_date")
COLUMNS = ("id", "jurisdiction", "rule", "situation", "expected", "source")
# Facts under which a rule set is about a debt at all.
SET_TRAITS = {"CA-FED": "federal_institution", "UK-MCOB": "mortgage"}
TRAIT_KEYS = {
    "states_debt": "states_debt",
    "employer_prohibits": "employer_prohibits",
    "consumer_used_address": "used_by_debtor",
    "name_indicates_collection": "name_indicates_collection",
    "written_consent": "third_party_consent",
    "third_party_consent": "third_party_consent",
    "work_consent": "work_consent",
    "claims_interest": "claims_interest",
    "contact_in_period": "contact_in_period",
    "legal_basis": "legal_basis",
}


class CaseError(ValueError):
    """A row, or the whole file, cannot be read; the text names the line and says what is wrong."""


def read_cases(path):
    """Return the rows of a file of cases, each with ``situation`` and ``expected`` as dicts.

    A row that cannot be read has its problem under ``problem``, so that the others can be asked;
    keys that nothing knows are listed under ``ignored``.

    :raises CaseError: when the file as a whole is no file of cases
    """
    with open(path, newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines, restkey="rest", skipinitialspace=True)
        missing = [name for name in COLUMNS[:5] if name not in (reader.fieldnames or ())]
        if missing:
            raise CaseError(
                f"line 1: these columns are missing: {', '.join(missing)}; "
                f"the first line has to be {','.join(COLUMNS)}"
            )
        rows, seen = [], {}
        try:
            for row in reader:
                row["line"] = reader.line_num
                rows.append(row)
        except csv.Error as error:
            raise CaseError(f"line {reader.line_num}: {error}") from error
        except UnicodeDecodeError as error:
            raise CaseError(f"the file is not UTF-8: {error}") from error
    for row in rows:
        row["id"] = (row["id"] or "").strip()
        try:
            _read_row(row, seen)
        except CaseError as error:
            row["problem"] = str(error)
    return rows


def _read_row(row, seen):
    name = row["id"]
    if not name:
        raise CaseError("the column id is empty")
    if name in seen:
        raise CaseError(f"the id {name} is that of line {seen[name]} too")
    seen[name] = row["line"]
    if row.get("rest"):
        raise CaseError(f"too many columns; quote values with commas: {','.join(row['rest'])!r}")
    row["ignored"] = []
    for column, known in (("situation", words.KEYS), ("expected", words.EXPECTED)):
        if row[column] is None:
            raise CaseError(f"the column {column} is missing")
        values = {}
        for pair in filter(str.strip, row[column].split(";")):
            key, equals, value = pair.partition("=")
            key = key.strip()
            if not equals:
                raise CaseError(f"{column}: {pair.strip()!r} is no key=value")
            if key in values:
                raise CaseError(f"{column}: {key} is given twice")
            values[key] = value.strip()
        row[column] = values
        row["ignored"] += sorted(values.keys() - known)
    if not row["situation"].get("act"):
        raise CaseError("situation: act is missing; say what is to be done, such as act=call")
    if not row["expected"].get("decision"):
        raise CaseError("expected: decision is missing, such as decision=allow")
    if not row["jurisdiction"]:
        raise CaseError("the column jurisdiction is empty; * means everywhere")


RULES, PARENTS = read_presets()
JURISDICTIONS = {*PARENTS, *PARENTS.values(), *(rule.jurisdiction for rule in RULES)}


class Case:
    """One case: its situation in the terms of the decision logic."""

    def __init__(self, row):
        self.row = row
        if row.get("problem"):
            raise CaseError(row["problem"])
        self.given = row["situation"]
        self.sets = [name for name in self.given.get("rs", "").split("|") if name]
        self.rules = [self.adjust(rule) for rule in gate.presets.confirmed(RULES, self.sets)]
        unknown = set(self.sets) - {rule.rule_set for rule in self.rules}
        if unknown:
            raise CaseError(f"rs: unknown rule sets: {', '.join(sorted(unknown))}")
        place = row["jurisdiction"]
        if place != "*" and place not in JURISDICTIONS:
            raise CaseError(f"unknown jurisdiction: {place}")
        self.zones = gate.clock.zones(
            name for name in self.given.get("tz", "UTC").split("|") if name
        )
        self.at = self.find_moment()

    # what the situation says

    def get(self, key, default=""):
        """Return a value as text."""
        return self.given.get(key, default)

    def items(self, key, separator="|"):
        """Return the parts of a value."""
        return tuple(part for part in self.get(key).split(separator) if part)

    def day(self, key):
        """Return a value as a date, or nothing."""
        return self.read_day(key, self.get(key)) if self.get(key) else None

    def read_day(self, key, text):
        """Return a date written as ``2026-06-10``; a moment counts with its own day.

        :raises CaseError: naming the key
        """
        try:
            return date.fromisoformat(text[:10])
        except ValueError as error:
            raise CaseError(f"{key}: {text!r} is no date; write 2026-06-10") from error

    def read_moment(self, key, text):
        """Return a moment written as ``2026-06-10T12:00:00Z``; a day alone is its beginning.

        :raises CaseError: naming the key
        """
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise CaseError(f"{key}: {text!r} is no moment; write 2026-06-10T12:00:00Z") from error
        if len(text) == 10:
            return clock.day_begins(moment.date(), (self.zones or clock.NOWHERE)[0])
        return clock.as_utc(moment)

    def whole(self, key, default=0):
        """Return a value as a whole number.

        :raises CaseError: naming the key
        """
        text = self.get(key)
        try:
            return int(text) if text else default
        except ValueError as error:
            raise CaseError(f"{key}: {text!r} is no whole number") from error

    def number(self, key):
        """Return a value as a decimal number, or nothing.

        :raises CaseError: naming the key
        """
        text = self.get(key)
        try:
            return Decimal(text) if text else None
        except InvalidOperation as error:
            raise CaseError(f"{key}: {text!r} is no number; write 1234.50") from error

    def amount(self, key, default):
        """Return a value as a decimal number, or a default."""
        return self.number(key) if self.get(key) else default

    def word(self, key, table, default=""):
        """Return a value in the word of the rules."""
        given = self.get(key, default)
        return table.get(given, given)

    def says(self, key):
        """Tell whether a value is a yes."""
        value = self.get(key).lower()
        return value not in ("", "no", "0", "none", "false")

    def find_moment(self):
        """Return the moment of the question."""
        if self.get("at"):
            return self.read_moment("at", self.get("at"))
        happened = [day for key in EVENT_KEYS if (day := self.day(key))]
        day = self.day("on") or max([SOME_DAY, *happened])
        if self.zones and self.get("tz"):
            return datetime.combine(day, time(13, 30), self.zones[0]).astimezone(UTC)
        return datetime.combine(day, AFTERNOON)

    # rules

    def adjust(self, rule):
        """Return a rule with the parameters the situation states."""
        changes = {}
        parameters = rule.parameters
        if rule.type == "LIMITATION" and self.get("years"):
            changes = {"years": self.whole("years")}
        elif rule.type == "LATE_CHARGE" and parameters.kind == "interest":
            changes = {
                name: read(key)
                for name, key, read in (
                    ("margin", "margin", self.number),
                    ("day_count", "basis", self.whole),
                )
                if self.get(key)
            }
        elif rule.type == "CAP" and parameters.formula == "total" and self.get("cap_total"):
            changes = {"amount": self.number("cap_total")}
        elif rule.type == "CAP" and parameters.formula == "count" and self.get("max_per_month"):
            changes = {"count": self.whole("max_per_month")}
        elif rule.type == "FLAG" and parameters.unanswered_days:
            days = self.whole("reasonable_period_days", parameters.unanswered_days)
            changes = {"unanswered_days": days}
        elif rule.type == "FLAG" and parameters.days and self.get("days"):
            changes = {"days": self.whole("days")}
        elif rule.type == "RETENTION" and parameters.years and self.get("years"):
            changes = {"years": self.whole("years")}
        rule = replace(rule, parameters=replace(parameters, **changes))
        return replace(
            rule,
            valid_from=self.day("rule_valid_from") or rule.valid_from,
            valid_to=self.day("rule_valid_to") or rule.valid_to,
        )

    # request

    def make_request(self):
        """Return what is asked."""
        action = self.action()
        given = "content" in self.given or self.threatens()
        content = frozenset(self.content()) if given else None
        return facts_of.Request(
            action=action,
            at=self.at,
            person=self.get("person"),
            debts=self.items("debt", "+"),
            recipient=self.word("to", words.RECIPIENTS, "debtor"),
            purpose=self.word("purpose", words.PURPOSES, "demand"),
            actor=self.word("actor", words.ACTORS, "agency"),
            address=self.get("address"),
            address_kind=self.get("address_kind"),
            place=self.get("place"),
            public=self.get("visibility") == "public",
            document=self.document(),
            content=content,
            traits=frozenset(trait for key, trait in TRAIT_KEYS.items() if self.says(key)),
            pay_before=self.pay_before(),
            charge=self.make_charge(action),
        )

    def action(self):
        """Return what is to be done; a threat of a claim is made by letter."""
        action = self.word("act", words.ACTIONS)
        return "letter" if action in words.THREATS else action

    def threatens(self):
        """Tell whether the act or its purpose is to threaten with a claim."""
        return bool(words.THREATS & {self.get("act"), self.get("purpose")})

    def document(self):
        """Return the kind of document, or of record."""
        if self.get("act") == "delete_recording":
            return "recording"
        given = self.get("type") or self.get("document") or self.get("record")
        return words.DOCUMENTS.get(given, given)

    def content(self):
        """Yield the tokens of the text."""
        if self.threatens():
            yield "threat_of_suit"
        for token in re.split(r"[|+]", self.get("content")):
            if token.startswith("demand_pay_before"):
                yield "demand"
            elif re.search(r"threat.*(suit|sue|court|claim|legal)|(suit|sue|legal).*threat", token):
                yield "threat_of_suit"
            elif token:
                yield token

    def pay_before(self):
        """Return the date by which the text demands payment."""
        found = re.search(r"demand_pay_before:(\d{4}-\d\d-\d\d)", self.get("content"))
        return self.read_day("content", found[1]) if found else None

    def make_charge(self, action):
        """Return the money asked for."""
        if action not in ("interest", "fee"):
            return None
        item = self.word("item", words.ITEMS)
        kind = self.word("kind", words.CHARGES) or (action if action == "interest" else item)
        amount = self.amount("amount", Decimal(0))
        asked = self.number("new_charge") or self.number("fee")
        if asked is None and action == "fee" and kind != "fixed_compensation":
            asked = self.number("amount")
        one = 1 if amount or kind == "fixed_compensation" else 0
        invoices = (amount,) * self.whole("late_invoices", one)
        return facts_of.Charge(
            kind=kind,
            asked=asked,
            principal=self.amount("payment", self.amount("balance", amount)),
            invoices=invoices,
            periods=tuple(
                (self.whole(f"days{suffix}"), self.number(f"base{suffix}"))
                for suffix in ("", "1", "2", "3", "4")
                if self.get(f"days{suffix}") and self.get(f"base{suffix}")
            ),
            contract_rate=self.number("contract_rate"),
            legal_rate=self.number("legal_rate"),
            item=item,
            capital=self.amount("capital", PLENTY),
            principal_at_default=self.amount("principal_at_default", PLENTY),
            accrued=self.amount("accrued_in_default", Decimal(0)),
            charged=self.amount("charged_items_1_7", Decimal(0)),
            count=self.whole("count_this_month"),
        )

    # facts

    def make_facts(self):
        """Return what is known."""
        known = "jurisdiction" not in self.given or self.get("jurisdiction")
        place = self.row["jurisdiction"]
        places = (place,) if place != "*" else tuple({rule.jurisdiction for rule in self.rules})
        traits = {SET_TRAITS[name] for name in self.sets if name in SET_TRAITS}
        if self.get("npl_transferred"):
            traits.add("npl_transferred")
        traits.update(self.items("agreement"))
        traits.update(trait for key, trait in TRAIT_KEYS.items() if self.says(key))
        if self.says("extended"):
            traits.add("access_extended")
        barred = self.get("time_barred")
        return facts_of.Facts(
            jurisdictions=places if known else (),
            debtor_type=self.debtor_type(),
            zones=self.zones,
            holidays=frozenset(self.read_day("hol", day) for day in self.items("hol")),
            contacts=tuple(self.contacts()),
            flags=tuple(self.flags()),
            blocked=tuple(map(gate.windows.Blocked.parse, self.items("pref_block"))),
            time_consents=tuple(self.time_consents()),
            call_consents=tuple(self.call_consents()),
            opted_out=frozenset(self.items("optout")),
            stopped_media=frozenset(self.media("media_stop")),
            only_media=frozenset(self.media("media_only")),
            consent_age_days=self.whole("consent_age_days", None),
            reassigned_checked=self.says("reassigned_check"),
            notices=tuple(self.notices()),
            dates=self.dates(),
            interruptions=tuple(
                self.read_day("interrupted", day) for day in self.items("interrupted")
            ),
            time_barred=self.says("time_barred") if barred else None,
            traits=frozenset(traits),
            location_contacts=self.whole("prior_location_contacts"),
            same_debt=tuple(frozenset(group.split("+")) for group in self.items("debt_group")),
            adopted=frozenset(self.sets if self.says("mirror_regf") else ()),
        )

    def debtor_type(self):
        """Return the type of debtor: one the rules protect when none is given."""
        given = self.get("debtor_type")
        if given:
            return words.DEBTOR_TYPES.get(given, given)
        protected = set().union(*(rule.debtor_types for rule in self.rules))
        return "company" if protected and "consumer" not in protected else "consumer"

    def media(self, key):
        """Yield media in the words of the rules."""
        return (words.MEDIA.get(medium, medium) for medium in self.items(key))

    def contacts(self):
        """Yield the contacts so far."""
        for item in self.items("hist"):
            parts = re.split("[@/]", item)
            if len(parts) != 6 or parts[4] not in ("in", "out"):
                raise CaseError(
                    f"hist: {item!r} is no contact; write kind@moment/debt/result/in or out/person"
                )
            kind, at, debts, result, direction, person = parts
            yield facts_of.Contact(
                action="call"
                if kind in ("conv", "conversation")
                else words.ACTIONS.get(kind, kind),
                at=self.read_moment("hist", at),
                debts=tuple(filter(None, debts.split("+"))),
                result=words.RESULTS.get(result, result),
                inbound=direction == "in",
                person=person,
            )
        if self.get("initiated_by") in ("debtor", "consumer"):
            action, at = self.action(), self.at - timedelta(minutes=30)
            yield facts_of.Contact(action, at, result="received", inbound=True)
            for number in range(self.whole("replies_sent")):
                later = at + timedelta(minutes=number + 1)
                yield facts_of.Contact(action, later, result="sent")

    def flags(self):
        """Yield the circumstances."""
        resolved = any(self.says(key) for key in ("verification_sent", "answer_sent"))
        resolved = resolved or (
            self.get("dispute") == "duplicative" and self.says("duplicative_notice_sent")
        )
        asked = self.day("attorney_contacted") if not self.says("attorney_response") else None
        consents = self.get("attorney_response") == "consents" or self.says("attorney_consents")
        names = [words.FLAGS.get(name, name) for name in self.items("flags")]
        ceased = self.day("cease_received") or self.day("refusal_received")
        if ceased and "cease" not in names:
            names.append("cease")
        for name in names:
            yield facts_of.Flag(
                name,
                start=ceased if name == "cease" else None,
                end=self.day("flag_to") or self.day("treatment_end"),
                resolved=resolved,
                asked_on=asked if name == "attorney" else None,
                consents=consents and name == "attorney",
            )
        if self.get("moratorium") or self.get("moratorium_start"):
            begin, _dots, end = self.get("moratorium", self.get("moratorium_start")).partition("..")
            end = end or self.get("treatment_end")
            crisis = "crisis" in self.get("moratorium_type")
            yield facts_of.Flag(
                "mental_health_crisis" if crisis else "breathing_space",
                self.read_day("moratorium", begin),
                self.read_day("moratorium", end) if end else None,
                debts=("moratorium",),
            )
        if self.get("dispute_received"):
            end = self.day("validation_end")
            late = bool(end) and self.day("dispute_received") > end
            code = "late_dispute" if late else "dispute_written_in_validation"
            yield facts_of.Flag(code, self.day("dispute_received"), resolved=resolved)
        if self.get("decided_by") == "score_only":
            yield facts_of.Flag("automated_decision", resolved=self.says("human_review"))

    def time_consents(self):
        """Yield the hours the debtor agreed to."""
        for item in self.items("consent_time"):
            hours, _space, given_to = item.partition(" ")
            interval = gate.windows.parse_interval(hours)
            yield facts_of.TimeConsent(interval, direct=given_to in ("", "direct"))

    def call_consents(self):
        """Yield the agreements to be called."""
        ends = self.get("consent_until") or self.get("consent_revoked")
        for item in self.items("consent_call"):
            given, _space, given_to = item.partition(" ")
            yield facts_of.CallConsent(
                self.read_day("consent_call", given),
                until=self.read_moment("consent_until", ends) if ends else None,
                direct=given_to in ("", "direct"),
                at=self.read_moment("consent_call", given) if len(given) > 10 else None,
            )

    def notices(self):
        """Yield what was given to the debtor; what no key speaks of was given long ago."""
        named = set()
        for item in self.items("notice"):
            kind, at, day = item.partition("@")
            if not at:
                raise CaseError(f"notice: {item!r} is no notice; write kind@2026-06-10")
            kind = self.notice_kind(kind)
            if kind == "invoice" and self.says("hint_30_days"):
                kind = "invoice_with_hint"
            named.add(kind)
            yield facts_of.Notice(
                kind,
                self.read_day("notice", day),
                undelivered=self.day("undeliverable"),
                not_delivered=bool(re.search("^(not|failed)|_not_", self.get("delivery"))),
                approved=self.says("rera_approved"),
                response=self.get("response"),
            )
        for key, kind in (
            ("mahnung", "mahnung"),
            ("spoke_with_consumer", "conversation"),
            ("art10_communication_sent", "art10_communication"),
            ("validation_notice_sent", "validation_notice"),
        ):
            if self.get(key):
                named.add(kind)
                yield facts_of.Notice(kind, self.day(key))
        if self.get("invoice_received"):
            kind = "invoice_with_hint" if self.says("hint_30_days") else "invoice"
            yield facts_of.Notice(kind, self.day("invoice_received"))
        for key in CALENDAR_KEYS:
            if self.says(key):
                named.add("due_calendar")
                given = self.get(key) if self.get(key)[:1].isdigit() else self.get("due")
                day = self.read_day(key, given) if given else LONG_AGO
                yield facts_of.Notice("due_calendar", day)
        yield from self.old_notices(named)

    def old_notices(self, named):
        """Yield the notices no key speaks of: they were given long ago.

        :param named: kinds of notices the case speaks of
        """
        debtor = self.debtor_type()
        for rule in self.rules:
            if rule.type != "PREREQ_NOTICE" or not rule.parameters.required:
                continue
            if rule.debtor_types and debtor not in rule.debtor_types:
                continue
            if rule.parameters.carriage_days:
                continue
            kinds = _kinds(rule)
            spoken_of = NOTICE_KEYS & set(self.given) or kinds & named
            if rule.parameters.after_event:
                spoken_of = "validation_notice_sent" in self.given
            elif spoken_of and named and not kinds & named and self.get("notice"):
                spoken_of = False
            if not spoken_of:
                for kind in kinds:
                    yield facts_of.Notice(kind, LONG_AGO, approved=True)

    def notice_kind(self, kind):
        """Return the notice a word means; one nothing knows is the only one the rules ask for."""
        kind = words.NOTICES.get(kind, kind)
        asked = {
            one
            for rule in self.rules
            if rule.type == "PREREQ_NOTICE"
            for step in rule.parameters.steps
            for one in step.kinds
        }
        known = {one for rule in RULES if rule.type == "PREREQ_NOTICE" for one in _kinds(rule)}
        return asked.pop() if kind not in known and len(asked) == 1 else kind

    def dates(self):
        """Return the dates rules ask for."""
        found = {"default_since": LONG_AGO, "last_activity": LONG_AGO, "recorded": LONG_AGO}
        for key in (
            "due",
            "default_since",
            "initial_communication",
            "validation_end",
            "sent",
            "last_activity",
            "recorded",
            "received",
        ):
            if self.get(key):
                found[key] = self.day(key)
        if self.get("arose"):
            found["due"] = self.day("arose")
        if self.get("overdue_since"):
            found["due"] = self.day("overdue_since") - timedelta(days=1)
        if self.get("days_overdue"):
            found["due"] = self.at.date() - timedelta(days=self.whole("days_overdue"))
        return found


def _kinds(rule):
    return {kind for step in rule.parameters.steps for kind in step.kinds}


def read_answer(case, decision, key, expected):
    """Return a decision's value for a key of the expected answer."""
    if key == "next":
        return read_next(case, decision, expected)
    if key == "note":
        return read_note(case, decision, expected)
    found = {
        "decision": decision.values.get("decision", decision.decision),
        "reason": decision.reason,
        "amount": decision.amount,
        "withheld": decision.withheld,
        "currency": currency(case, decision),
        "min": decision.values.get("minimum"),
        "due": decision.values.get("due"),
        "assumed_receipt": decision.values.get("assumed_receipt"),
        "validation_end": decision.values.get("term_end"),
        "class": decision.content_class,
        "override": "allowed" if decision.overridable else "refused",
        "override_reason": expected,
        "overridden": int(decision.overridden),
        # what was overridden is kept with its reasons, so that it can be logged
        "log": int(decision.overridden and bool(decision.hits)),
    }
    if key not in found:
        raise CaseError(f"expected: {key} is unknown; it is one of {', '.join(sorted(found))}")
    return found[key]


def read_next(case, decision, expected):
    """Return the next moment: in UTC for hours, as the debtor's date for counts and notices."""
    moment = decision.next_moment
    if moment is None:
        return None
    if "T" in expected:
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return moment.astimezone((case.zones or gate.clock.NOWHERE)[0]).date().isoformat()


def read_note(case, decision, expected):
    """Return why no rule hit."""
    of_type = {rule.code for rule in case.rules if rule.type == case.row["rule"]}
    if expected in ("rule_expired", "rule_not_yet_valid", "rule_not_in_force"):
        of_type = {rule.code for rule in case.rules}
    asked = of_type & set(decision.considered)
    return f"asked all the same: {sorted(asked)}" if asked else expected


def currency(case, decision):
    """Return the currency of an amount: the one of the rules on late payment."""
    found = defaultdict(int)
    for rule in case.rules:
        if rule.type == "LATE_CHARGE" and rule.parameters.currency:
            found[rule.parameters.currency] += 1
    return max(found, key=found.get) if found else None
