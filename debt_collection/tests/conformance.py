"""Asks the real gate what a file of compliance cases expects: real records, rules from records.

Nothing is decided here. Each case is written down as it would be in the product (debtor, case,
debts, contacts, consents, circumstances, notices given, holidays, rules in force), asked of
``res.partner._get_contact_permissions``, and taken back.
"""

from contextlib import closing
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from odoo import Command

from odoo.addons.debt_collection.models.compliance.circumstances import KINDS, SERVICES
from odoo.addons.debt_collection.tools.compliance import clock, codec, override
from odoo.addons.debt_collection.tools.compliance.errors import RuleError
from odoo.addons.debt_collection.tools.compliance.vocabulary import UNANSWERED
from odoo.addons.debt_collection.tools.compliance.windows import format_minute

from .compliance_cases import Case, CaseError, read_answer, read_cases

OUTCOMES = {
    "ring": ("no_answer", "nobody"),
    "busy": ("busy", "nobody"),
    "not_in_service": ("not_in_service", "nobody"),
    "voicemail": ("message_left", "unknown"),
    "voicemail_no_ring": ("voicemail_no_ring", "nobody"),
    "answered_dropped": ("dropped", "nobody"),
    "wrong_number": ("wrong_number", "nobody"),
    "bounced": ("bounced", "nobody"),
    "sent": ("sent", "unknown"),
    "conversation": ("other", "right_party"),
    "received": ("other", "right_party"),
}
CHANNELS = {"call", "email", "letter", "sms", "visit", "meeting", "portal"}
# What is logged under another channel.
LOGGED_AS = {
    "voicemail": "call",
    "portal_message": "portal",
    "whatsapp": "portal",
    "social": "portal",
}
# Of a request; everything else of it follows from the records.
PASSED_ON = (
    "recipient",
    "purpose",
    "address_kind",
    "place",
    "public",
    "document",
    "content",
    "traits",
    "pay_before",
    "charge",
)
OWN_KEYS = ("decision_before", "override_issued", "concurrent_checks", "hits")


def naive(moment):
    """Return a moment as Odoo stores it."""
    return clock.as_utc(moment).replace(tzinfo=None)


class Conformance:
    """The runner: what all cases share, and one case after the other in a savepoint."""

    def __init__(self, env):
        """Prepare a company without a seat, its calendar, and no rule in force.

        :param env: environment with superuser rights; what is made stays until its rollback
        """
        self.env = env(context={**env.context, "tracking_disable": True, "lang": "en_US"})
        self.company = self.env["res.company"].create(
            {"name": "Conformance", "currency_id": self.env.ref("base.EUR").id}
        )
        self.company.partner_id.country_id = False
        self.env = self.env(context={**self.env.context, "allowed_company_ids": self.company.ids})
        self.company = self.company.with_env(self.env)
        self.calendar = self.env["resource.calendar"].create(
            {"name": "Conformance", "tz": "UTC", "company_id": self.company.id}
        )
        self.all_rules = self.env["debt.rule"].with_context(active_test=False, debt_preset=True)
        self.all_rules = self.all_rules.search([])
        self.all_rules.active = False
        self.places = {place.code: place for place in self.env["debt.jurisdiction"].search([])}
        self.house = self.places["HOUSE"]
        self.house.active = False
        users = self.env["res.users"].with_context(no_reset_password=True)
        groups = {
            "collector": "debt_collection.group_officer",
            "compliance": "debt_collection.group_compliance",
        }
        self.users = {
            name: users.create(
                {
                    "name": name,
                    "login": f"conformance_{name}",
                    "company_id": self.company.id,
                    "company_ids": [Command.set(self.company.ids)],
                    "group_ids": [
                        Command.link(self.env.ref("base.group_user").id),
                        Command.link(self.env.ref(group).id),
                    ],
                }
            )
            for name, group in groups.items()
        }
        self.env.flush_all()

    def differences(self, row):
        """Return what the gate answers otherwise than a case expects.

        :param row: of ``read_cases``
        :return: dict key → (expected, answer)
        """
        self.env.registry.clear_cache()
        with closing(self.env.cr.savepoint(flush=True)):
            try:
                case = Case(row)
                decision = self.answer(case)
                return self.compare(case, decision, row["expected"])
            finally:
                self.env.invalidate_all(flush=False)

    def compare(self, case, decision, expected):
        """Return the differences between an answer and what is expected."""
        found = {}
        for key, wanted in expected.items():
            answer = read_answer(case, decision, key, wanted)
            if key in ("amount", "withheld", "min"):
                same = answer is not None and Decimal(answer) == Decimal(wanted)
            else:
                same = str(answer) == wanted
            if not same:
                found[key] = (wanted, str(answer))
        return found

    def answer(self, case):
        """Write a case down and return the gate's decision."""
        written = Written(self, case)
        if case.get("hits"):
            return written.ask_hits()
        if "decision_before" in case.given or "override_issued" in case.given:
            return written.ask_overridden()
        if case.get("concurrent_checks"):
            return written.ask_concurrently()
        return written.ask()


class Written:
    """One case as records."""

    def __init__(self, runner, case):
        """Write the case's rules and facts down."""
        self.runner, self.env, self.case = runner, runner.env, case
        self.company = runner.company
        self.request, self.facts = case.make_request(), case.make_facts()
        self.activate_rules()
        self.runner.house.active = "HOUSE" in self.facts.jurisdictions
        self.company.debt_actor = self.request.actor
        if self.facts.adopted:
            self.company.debt_adopted_rule_sets = ", ".join(sorted(self.facts.adopted))
        self.partner = self.make_partner()
        self.items = self.make_items()
        self.people = self.make_people()
        self.make_contacts(self.facts.contacts)
        self.make_circumstances()
        self.make_consents()
        self.make_notices()

    # --- rules

    def activate_rules(self):
        """Take the rule sets the case names into use, as a person who confirms them would."""
        names = set(self.case.sets)
        rules = self.runner.all_rules.filtered(lambda rule: rule.rule_set in names)
        rules.action_confirm()
        for rule in rules:
            wanted = next((one for one in self.case.rules if one.code == rule.code), None)
            if not wanted:
                # a rule somebody added to the set
                continue
            now = rule._to_rule()
            changes = {}
            if wanted.parameters != now.parameters:
                changes["parameters"] = codec.dump(wanted.parameters)
            for name in ("valid_from", "valid_to"):
                if getattr(wanted, name) != getattr(now, name):
                    changes[name] = getattr(wanted, name)
            if changes:
                rule.write(changes)

    def make_rule(self, name, severity, reason):
        """Make a rule that answers with this severity and reason: no call at all on its day."""
        return self.env["debt.rule"].create(
            {
                "code": f"{name}-GIVEN",
                "rule_set": name,
                "type": "FLAG",
                "severity": severity,
                "actions": self.request.action,
                "parameters": {"flags": ["hardship"]},
                "reason": reason,
            }
        )

    # --- the debtor

    def make_partner(self):
        """Make the debtor with zones, holidays and wishes."""
        leaves = [
            Command.create(
                {
                    "name": "Holiday",
                    "date_from": datetime.combine(day, time.min),
                    "date_to": datetime.combine(day, time(23, 59, 59)),
                }
            )
            for day in sorted(self.facts.holidays or ())
        ]
        if leaves:
            self.runner.calendar.leave_ids = leaves
        places = [self.runner.places[code].id for code in self.facts.jurisdictions if code != "*"]
        return self.env["res.partner"].create(
            {
                "name": self.case.row["id"],
                "is_company": True,
                "debt_debtor_type": self.facts.debtor_type,
                "debt_timezones": ", ".join(zone.key for zone in self.facts.zones),
                "debt_calendar_id": self.runner.calendar.id,
                "debt_no_contact_times": "\n".join(self.case.items("pref_block")),
                "debt_jurisdiction_ids": [Command.set(places)],
            }
        )

    def make_items(self):
        """Make the debts the case speaks of, in one case.

        :return: dict key of the debt → debt.case.item
        """
        keys = list(self.request.debts)
        for contact in self.facts.contacts:
            keys += contact.debts
        for flag in self.facts.flags:
            keys += flag.debts
        keys += [key for group in self.facts.same_debt for key in sorted(group)]
        self.file = self.env["debt.case"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.partner.id,
                "currency_id": self.company.currency_id.id,
            }
        )
        groups = {
            key: f"group {number}"
            for number, group in enumerate(self.facts.same_debt)
            for key in group
        }
        keys = list(dict.fromkeys(keys))
        items = self.env["debt.case.item"].create(
            [
                {
                    "case_id": self.file.id,
                    "currency_id": self.company.currency_id.id,
                    "document_number": key,
                    "date_in": "2020-01-01",
                    "account_group": groups.get(key),
                }
                for key in keys
            ]
        )
        return dict(zip(keys, items, strict=True))

    def make_people(self):
        """Make the debtor's people; a single one is the debtor.

        :return: dict key of the person → res.partner
        """
        names = [self.request.person, *(contact.person for contact in self.facts.contacts)]
        names = [name for name in dict.fromkeys(names) if name]
        if len(names) < 2:
            return {}
        people = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.partner.id, "type": "contact"} for name in names]
        )
        return dict(zip(names, people, strict=True))

    def make_contacts(self, contacts):
        """Log contacts."""
        rows = []
        for contact in contacts:
            if contact.result not in OUTCOMES:
                raise CaseError(
                    f"hist: {contact.result!r} is no result; it is one of {', '.join(OUTCOMES)}"
                )
            outcome, reached = OUTCOMES[contact.result]
            if contact.inbound and contact.action == "call":
                outcome, reached = OUTCOMES["conversation"]
            items = [self.items[key].id for key in contact.debts]
            unanswered = contact.result in UNANSWERED and items
            person = self.people.get(contact.person)
            rows.append(
                {
                    "case_id": self.file.id,
                    "date": naive(contact.at),
                    "channel": contact.action
                    if contact.action in CHANNELS
                    else LOGGED_AS.get(contact.action, "letter"),
                    "direction": "in" if contact.inbound else "out",
                    "outcome": outcome,
                    "reached": reached,
                    "item_ids": [Command.set(items)],
                    "attributed_item_id": items[0] if unanswered else False,
                    "person_id": person.id if person else False,
                    "recipient": contact.recipient,
                    "place": contact.place or False,
                    "automatic": True,
                }
            )
        count = self.facts.location_contacts
        rows += [
            {
                "case_id": self.file.id,
                "date": naive(self.request.at) - timedelta(days=30 + number),
                "channel": "call",
                "outcome": "other",
                "reached": "third_party",
                "recipient": self.request.recipient,
                "purpose": "location",
                "automatic": True,
            }
            for number in range(count)
        ]
        self.env["debt.contact"].create(rows)

    def make_circumstances(self):
        """Write flags, facts and dates down."""
        known = {key for key, _label in KINDS}
        rows = [
            {
                "kind": flag.code,
                "date_from": flag.start,
                "date_to": flag.end,
                "item_ids": [Command.set([self.items[key].id for key in flag.debts])],
                "resolved_on": "2020-01-01" if flag.resolved else False,
                "asked_on": flag.asked_on,
                "consents": flag.consents,
            }
            for flag in self.facts.flags
            if flag.code in known
        ]
        rows += [
            {"kind": trait, "date_from": False}
            for trait in sorted(self.facts.traits)
            if trait in known
        ]
        rows += [
            {"kind": kind, "date_from": day}
            for kind, day in self.facts.dates.items()
            if kind in known
        ]
        rows += [{"kind": "acknowledgement", "date_from": day} for day in self.facts.interruptions]
        if self.facts.reassigned_checked:
            rows.append({"kind": "number_rechecked", "date_from": False})
        if self.facts.time_barred is not None:
            kind = "time_barred" if self.facts.time_barred else "not_time_barred"
            rows.append({"kind": kind, "date_from": False})
        self.env["debt.debtor.flag"].create(
            [{**row, "partner_id": self.partner.id} for row in rows]
        )

    def make_consents(self):
        """Log refusals and agreements."""
        long_ago = naive(self.request.at) - timedelta(days=90)
        rows = [
            {"scope": "address", "address": address, "medium": "email", "date": long_ago}
            for address in sorted(self.facts.opted_out)
        ]
        rows += [
            {"scope": "medium", "medium": medium, "date": long_ago}
            for medium in sorted(self.facts.stopped_media)
        ]
        rows += [
            {"scope": "only", "decision": "in", "medium": medium, "date": long_ago}
            for medium in sorted(self.facts.only_media)
        ]
        for consent in self.facts.time_consents:
            begin, end = map(format_minute, consent.interval)
            rows.append(
                {
                    "scope": "hours",
                    "decision": "in",
                    "hours": f"{begin}-{end}",
                    "given_to_us": consent.direct,
                    "date": long_ago,
                }
            )
        for consent in self.facts.call_consents:
            zone = (self.facts.zones or clock.NOWHERE)[0]
            begin = consent.at or clock.day_begins(consent.given, zone)
            rows.append(
                {
                    "scope": "call",
                    "decision": "in",
                    "date": naive(begin),
                    "only_day": not consent.at,
                    "valid_until": naive(consent.until) if consent.until else False,
                    "given_to_us": consent.direct,
                }
            )
        if self.facts.consent_age_days is not None:
            given = naive(self.request.at) - timedelta(days=self.facts.consent_age_days)
            address = self.request.address or "+32 470 00 00 00"
            rows.append(
                {
                    "scope": "address",
                    "decision": "in",
                    "medium": "sms",
                    "address": address,
                    "date": given,
                }
            )
        self.env["debt.consent"].create(
            [{**row, "partner_id": self.partner.id, "company_id": self.company.id} for row in rows]
        )

    def make_notices(self):
        """Write the notices down that were given."""
        known = {key for key, _label in SERVICES}
        self.env["debt.legal.notice"].create(
            [
                {
                    "partner_id": self.partner.id,
                    "company_id": self.company.id,
                    "kind": notice.kind,
                    "date": notice.on,
                    "undelivered_on": notice.undelivered,
                    "not_delivered": notice.not_delivered,
                    "approved": notice.approved,
                    "response": notice.response,
                    "item_ids": [Command.set([self.items[key].id for key in notice.debts])],
                }
                for notice in self.facts.notices
                if notice.kind in known
            ]
        )

    # --- questions

    def ask(self, **options):
        """Ask the gate and return its decision."""
        partner = self.people.get(self.request.person) or self.partner
        values = {
            one.name: getattr(self.request, one.name)
            for one in dataclass_fields(self.request)
            if one.name in PASSED_ON
        }
        permission = partner._get_contact_permissions(
            self.company,
            self.request.action,
            naive(self.request.at),
            kind="ask",
            addresses={partner.id: self.request.address},
            items=[self.items[key] for key in self.request.debts],
            **values,
            **options,
        )[partner.id]
        return permission.decision

    def ask_hits(self):
        """Ask with one rule for each given answer of a rule set."""
        self.runner.all_rules.active = False
        self.make_trigger()
        for item in self.case.items("hits"):
            name, _colon, answer = item.partition(":")
            if answer != "allow":
                self.make_rule(name, answer, "FREQ")
        return self.ask()

    def make_trigger(self):
        """Write the circumstance down on which the rules of ``make_rule`` answer."""
        self.env["debt.debtor.flag"].create(
            {"partner_id": self.partner.id, "kind": "hardship", "date_from": False}
        )

    def ask_overridden(self):
        """Ask with a rule that gives the decision before, and an override."""
        self.runner.all_rules.active = False
        self.make_trigger()
        before, _colon, code = self.case.get("decision_before", "block:FREQ").partition(":")
        self.make_rule("BEFORE", before, code)
        given = self.case.get("override_issued")
        issued = self.case.read_moment("override_issued", given) if given else self.request.at
        role = self.case.get("override_role", "compliance")
        if role == "compliance" and not given and not self.case.get("override_reason"):
            # the record cannot be made without one; what the decision logic says is asked
            nothing = override.Override(role=role, reason="", issued=self.request.at)
            roles = frozenset({"compliance"})
            return override.apply(nothing, self.ask(), self.request.at, roles)
        user = self.runner.users["compliance" if role.startswith("compliance") else "collector"]
        channel = self.request.action if self.request.action in CHANNELS else "call"
        self.env["debt.override"].create(
            {
                "case_id": self.file.id,
                "user_id": user.id,
                "channel": channel,
                "reason": "other",
                "note": self.case.get("override_note", "conformance"),
                "issued": naive(issued),
                "minutes": self.case.whole("override_ttl_min", 30),
                "used_on": naive(issued) if self.case.says("override_used") else False,
            }
        )
        return self.ask()

    def ask_concurrently(self):
        """Let two officers check and reserve, one after the other."""
        earlier = self.request.at - timedelta(days=1)
        number = self.case.whole("count_before")
        sample = self.case.make_facts().contacts
        self.make_contacts(sample)
        self.env["debt.contact"].create(
            [
                {
                    "case_id": self.file.id,
                    "date": naive(earlier - timedelta(minutes=7 * step)),
                    "channel": "call",
                    "outcome": "no_answer",
                    "automatic": True,
                }
                for step in range(number)
            ]
        )
        answers = []
        for name in ("collector", "compliance"):
            gate = self.env["debt.gate"].with_user(self.runner.users[name]).sudo()
            permission = gate._reserve(
                self.file.with_env(gate.env), self.request.action, naive(self.request.at)
            )
            answers.append(permission.decision)
        words = [answer.decision for answer in answers]
        if words == ["allow", "block"]:
            return replace(answers[1], values={"decision": "first_allow_second_block"})
        return answers[0]


def run(env, path, say=print):
    """Run a file of cases and tell of each that differs.

    :param env: environment with superuser rights
    :param path: file of cases
    :param say: function that prints a line
    :return: number of cases that failed
    """
    start = datetime.now(UTC)
    try:
        rows = read_cases(path)
    except (CaseError, OSError) as error:
        say(f"{path}: {error}")
        return 1
    runner = Conformance(env)
    failed = 0
    for row in rows:
        name = f"line {row['line']} {row['id']}".rstrip()
        if row.get("ignored"):
            say(f"note: {name}: nothing is known of {', '.join(row['ignored'])}; it is left out")
        try:
            found = runner.differences(row)
        except (CaseError, RuleError) as error:
            failed += 1
            say(f"FAILED {name}: {error}")
            continue
        except Exception as error:
            found = {"error": ("none", f"{type(error).__name__}: {error}")}
        if found:
            failed += 1
            said = "; ".join(
                f"{key}: expected {wanted}, got {answer}" for key, (wanted, answer) in found.items()
            )
            say(f"FAILED {name}: {said}")
    seconds = (datetime.now(UTC) - start).total_seconds()
    say(f"{len(rows) - failed} passed, {failed} failed ({seconds:.0f} s)")
    return failed
