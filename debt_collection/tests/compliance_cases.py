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
from decimal import Decimal
from types import SimpleNamespace

from odoo.addons.debt_collection.tools.compliance import (
    clock,
    facts,
    presets,
    windows,
)

from .common_compliance import read_presets

gate = SimpleNamespace(clock=clock, facts=facts, presets=presets, windows=windows)
facts_of = facts

PLENTY = Decimal(10**9)
LONG_AGO = date(2020, 1, 1)
AFTERNOON = time(13, 30, tzinfo=UTC)
SOME_DAY = date(2026, 6, 10)
COMPLIANCE_ROLES = frozenset({"compliance"})
# Words of the format for what has another name in the code.
ACTORS = {"third_party": "agency", "debt_buyer": "buyer", "creditor": "creditor_own_name"}
DEBTOR_TYPES = {"individual": "consumer", "business": "company"}
# Without a day of its own, a question is asked when these have happened.
EVENT_KEYS = ("cease_received", "dispute_received", "npl_transferred", "attorney_contacted")
NOTICE_KEYS = {"notice", "mahnung", "hint_30_days", "art10_communication_sent"}
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


def read_cases(path):
    """Return the rows of a file of cases, each with ``situation`` and ``expected`` as dicts."""
    with open(path, newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        for column in ("situation", "expected"):
            pairs = (pair.partition("=") for pair in row[column].split(";") if pair)
            row[column] = {key: value for key, _equals, value in pairs}
    return rows


RULES, PARENTS = read_presets()


class Case:
    """One case: its situation in the terms of the decision logic."""

    def __init__(self, row):
        self.row = row
        self.given = row["situation"]
        self.sets = [name for name in self.given.get("rs", "").split("|") if name]
        self.rules = [self.adjust(rule) for rule in gate.presets.confirmed(RULES, self.sets)]
        unknown = set(self.sets) - {rule.rule_set for rule in self.rules}
        if unknown:
            raise ValueError(f"unknown rule sets: {sorted(unknown)}")
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
        return date.fromisoformat(self.get(key)) if self.get(key) else None

    def number(self, key):
        """Return a value as a decimal number, or nothing."""
        return Decimal(self.get(key)) if self.get(key) else None

    def amount(self, key, default):
        """Return a value as a decimal number, or a default."""
        return Decimal(self.get(key)) if self.get(key) else default

    def says(self, key):
        """Tell whether a value is a yes."""
        value = self.get(key).lower()
        return value not in ("", "no", "0", "none", "false")

    def find_moment(self):
        """Return the moment of the question."""
        if self.get("at"):
            return datetime.fromisoformat(self.get("at"))
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
            changes = {"years": int(self.get("years"))}
        elif rule.type == "LATE_CHARGE" and parameters.kind == "interest":
            changes = {
                name: convert(self.get(key))
                for name, key, convert in (
                    ("margin", "margin", Decimal),
                    ("day_count", "basis", int),
                )
                if self.get(key)
            }
        elif rule.type == "CAP" and parameters.formula == "total" and self.get("cap_total"):
            changes = {"amount": self.number("cap_total")}
        elif rule.type == "CAP" and parameters.formula == "count" and self.get("max_per_month"):
            changes = {"count": int(self.get("max_per_month"))}
        elif rule.type == "FLAG" and parameters.unanswered_days:
            days = int(self.get("reasonable_period_days", parameters.unanswered_days))
            changes = {"unanswered_days": days}
        elif rule.type == "FLAG" and parameters.days and self.get("days"):
            changes = {"days": int(self.get("days"))}
        elif rule.type == "RETENTION" and parameters.years and self.get("years"):
            changes = {"years": int(self.get("years"))}
        rule = replace(rule, parameters=replace(parameters, **changes))
        return replace(rule, valid_to=self.day("rule_valid_to") or rule.valid_to)

    # request

    def make_request(self):
        """Return what is asked."""
        action = self.get("act")
        action = {"interest_split": "interest"}.get(action, action)
        content = frozenset(self.content()) if "content" in self.given else None
        return facts_of.Request(
            action=action,
            at=self.at,
            person=self.get("person"),
            debts=self.items("debt", "+"),
            recipient=self.get("to", "debtor"),
            purpose=self.get("purpose", "demand"),
            actor=ACTORS.get(self.get("actor"), self.get("actor", "agency")),
            address=self.get("address"),
            address_kind=self.get("address_kind"),
            place=self.get("place"),
            public=self.get("visibility") == "public",
            document=self.get("type"),
            content=content,
            traits=frozenset(trait for key, trait in TRAIT_KEYS.items() if self.says(key)),
            pay_before=self.pay_before(),
            charge=self.make_charge(action),
        )

    def content(self):
        """Yield the tokens of the text."""
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
        return date.fromisoformat(found[1]) if found else None

    def make_charge(self, action):
        """Return the money asked for."""
        if action not in ("interest", "fee"):
            return None
        kind = self.get("kind") or (action if action == "interest" else self.get("item"))
        amount = self.amount("amount", Decimal(0))
        asked = self.number("new_charge") or self.number("fee")
        if asked is None and action == "fee" and kind != "fixed_compensation":
            asked = self.number("amount")
        invoices = (amount,) * int(self.get("late_invoices", "1" if amount else "0"))
        return facts_of.Charge(
            kind=kind,
            asked=asked,
            principal=self.amount("balance", amount),
            invoices=invoices,
            periods=tuple(
                (int(self.get(f"days{suffix}")), self.number(f"base{suffix}"))
                for suffix in ("", "1", "2", "3", "4")
                if self.get(f"days{suffix}") and self.get(f"base{suffix}")
            ),
            contract_rate=self.number("contract_rate"),
            legal_rate=self.number("legal_rate"),
            item=self.get("item"),
            capital=self.amount("capital", PLENTY),
            principal_at_default=self.amount("principal_at_default", PLENTY),
            accrued=self.amount("accrued_in_default", Decimal(0)),
            charged=self.amount("charged_items_1_7", Decimal(0)),
            count=int(self.get("count_this_month", "0")),
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
        age = self.get("consent_age_days")
        barred = self.get("time_barred")
        return facts_of.Facts(
            jurisdictions=places if known else (),
            debtor_type=self.debtor_type(),
            zones=self.zones,
            holidays=frozenset(date.fromisoformat(day) for day in self.items("hol")),
            contacts=tuple(self.contacts()),
            flags=tuple(self.flags()),
            blocked=tuple(map(gate.windows.Blocked.parse, self.items("pref_block"))),
            time_consents=tuple(self.time_consents()),
            call_consents=tuple(self.call_consents()),
            opted_out=frozenset(self.items("optout")),
            stopped_media=frozenset(self.items("media_stop")),
            only_media=frozenset(self.items("media_only")),
            consent_age_days=int(age) if age else None,
            reassigned_checked=self.says("reassigned_check"),
            notices=tuple(self.notices()),
            dates=self.dates(),
            interruptions=tuple(map(date.fromisoformat, self.items("interrupted"))),
            time_barred=self.says("time_barred") if barred else None,
            traits=frozenset(traits),
            location_contacts=int(self.get("prior_location_contacts", "0")),
            same_debt=tuple(frozenset(group.split("+")) for group in self.items("debt_group")),
            adopted=frozenset(self.sets if self.says("mirror_regf") else ()),
        )

    def debtor_type(self):
        """Return the type of debtor: one the rules protect when none is given."""
        given = self.get("debtor_type")
        if given:
            return DEBTOR_TYPES.get(given, given)
        protected = set().union(*(rule.debtor_types for rule in self.rules))
        return "company" if protected and "consumer" not in protected else "consumer"

    def contacts(self):
        """Yield the contacts so far."""
        for item in self.items("hist"):
            kind, at, debts, result, direction, person = re.split("[@/]", item)
            yield facts_of.Contact(
                action="call" if kind == "conv" else kind,
                at=datetime.fromisoformat(at),
                debts=tuple(debts.split("+")),
                result=result,
                inbound=direction == "in",
                person=person,
            )
        if self.get("initiated_by") == "debtor":
            action, at = self.get("act"), self.at - timedelta(minutes=30)
            yield facts_of.Contact(action, at, result="received", inbound=True)
            for number in range(int(self.get("replies_sent", "0"))):
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
        names = list(self.items("flags"))
        if self.get("cease_received") and "cease" not in names:
            names.append("cease")
        for name in names:
            start = self.day("cease_received") if name == "cease" else None
            ends = self.get("flag_to") or self.get("treatment_end")
            yield facts_of.Flag(
                name,
                start=start,
                end=date.fromisoformat(ends) if ends else None,
                resolved=resolved,
                asked_on=asked if name == "attorney" else None,
                consents=consents and name == "attorney",
            )
        if self.get("moratorium") or self.get("moratorium_start"):
            begin, _dots, end = self.get("moratorium", self.get("moratorium_start")).partition("..")
            yield facts_of.Flag(
                "breathing_space",
                date.fromisoformat(begin),
                date.fromisoformat(end) if end else None,
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
                date.fromisoformat(given[:10]),
                until=datetime.fromisoformat(ends) if ends else None,
                direct=given_to in ("", "direct"),
                at=datetime.fromisoformat(given) if len(given) > 10 else None,
            )

    def notices(self):
        """Yield what was given to the debtor; what no key speaks of was given long ago."""
        named = set()
        for item in self.items("notice"):
            kind, _at, day = item.partition("@")
            if kind == "invoice" and self.says("hint_30_days"):
                kind = "invoice_with_hint"
            named.add(kind)
            yield facts_of.Notice(
                kind,
                date.fromisoformat(day),
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
        for rule in self.rules:
            if rule.type != "PREREQ_NOTICE" or not rule.parameters.required:
                continue
            if rule.parameters.carriage_days:
                continue
            kinds = {kind for step in rule.parameters.steps for kind in step.kinds}
            spoken_of = NOTICE_KEYS & set(self.given) or kinds & named
            if rule.parameters.after_event:
                spoken_of = "validation_notice_sent" in self.given
            elif spoken_of and named and not kinds & named and self.get("notice"):
                spoken_of = False
            if not spoken_of:
                for kind in kinds:
                    yield facts_of.Notice(kind, LONG_AGO, approved=True)

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
        return found


def read_answer(case, decision, key, expected):
    """Return a decision's value for a key of the expected answer."""
    if key == "next":
        return read_next(case, decision, expected)
    if key == "note":
        return read_note(case, decision, expected)
    return {
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
    }[key]


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
    if expected == "rule_expired":
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
