"""FLAG, CONSENT and RECIPIENT: circumstances, refusals, and who may learn of the debt."""

from collections.abc import Iterator
from datetime import date, timedelta

from . import clock, vocabulary
from .facts import Facts, Flag, Request
from .hits import Hit, hit
from .parameters_contact import Consent, FlagRule, Recipient
from .rules import Rule

# Reason codes of circumstances where the rule does not give its own.
FLAG_REASONS = {
    "cease": "FLAG_CEASE",
    "attorney": "FLAG_ATTORNEY",
    "attorney_written_notice": "FLAG_ATTORNEY",
    "bankruptcy": "FLAG_BANKRUPTCY",
    "deceased": "FLAG_DECEASED",
    "breathing_space": "FLAG_BREATHING_SPACE",
    "mental_capacity": "FLAG_CAPACITY",
    "mental_health_crisis": "FLAG_CAPACITY",
    "dispute_valid_grounds": "FLAG_DISPUTE",
    "dispute_open": "FLAG_DISPUTE",
    "minor": "FLAG_MINOR",
    "hardship": "FLAG_HARDSHIP",
    "bereavement": "FLAG_SENSITIVE_OCCASION",
    "calamity": "FLAG_SENSITIVE_OCCASION",
    "language": "FLAG_LANGUAGE",
}


def flag_ends(rule: FlagRule, flag: Flag) -> date | None:
    """Return the first day on which a circumstance does not hold any more.

    The day it begins is day 1 of a circumstance that lasts a number of days (UK: SI 2020/1311
    reg 26, breathing space).

    :return: nothing when it holds until it is taken away
    """
    if flag.end:
        return flag.end + timedelta(days=1 + rule.extra_days)
    if rule.days and flag.start:
        return flag.start + timedelta(days=rule.days + rule.extra_days)
    return None


def check_flag(rule: Rule, request: Request, facts: Facts) -> Iterator[Hit]:
    """Yield a hit for each circumstance of the debtor that the rule knows and that holds now."""
    parameters: FlagRule = rule.parameters
    if parameters.purposes and request.purpose not in parameters.purposes:
        return
    if request.purpose in parameters.allowed_purposes:
        return
    if request.recipient in parameters.allowed_recipients:
        return
    for flag in facts.flags:
        if flag.code not in parameters.flags or flag.resolved or flag.consents:
            continue
        if not _is_about(flag, request, facts):
            continue
        if flag.start and clock.last_date(request.at, facts.zones) < flag.start:
            continue
        free = flag_ends(parameters, flag)
        until = clock.date_everywhere(free, facts.zones) if free else None
        if until and request.at >= until:
            continue
        if parameters.reply_once and facts.may_answer(request):
            continue
        if parameters.unanswered_days and flag.asked_on:
            waited = (clock.first_date(request.at, facts.zones) - flag.asked_on).days
            if waited > parameters.unanswered_days:
                yield hit(
                    rule,
                    "ATTORNEY_UNRESPONSIVE",
                    until,
                    vocabulary.WARN,
                    days=waited,
                    flag=flag.code,
                )
                continue
            free = flag.asked_on + timedelta(days=parameters.unanswered_days + 1)
            end = clock.date_everywhere(free, facts.zones)
            until = min(until, end) if until else end
        code = rule.reason or FLAG_REASONS.get(flag.code, "FLAG")
        yield hit(rule, code, until, flag=flag.code)


def _is_about(flag: Flag, request: Request, facts: Facts) -> bool:
    if not flag.debts or not request.debts:
        return not flag.partial
    return bool(facts.group(request.debts) & facts.group(flag.debts))


def check_consent(rule: Rule, request: Request, facts: Facts) -> Iterator[Hit]:
    """Yield hits for a channel that is not allowed, refused or opted out, or not known for long.

    A refusal holds for any debt (12 CFR 1006.6(e), 1006.14(h)(1)); the exceptions are a bare
    confirmation of it, one reply, and what the law asks for (1006.14(h)(2)).
    """
    parameters: Consent = rule.parameters
    if parameters.channels and request.action not in parameters.channels:
        yield hit(rule, "CHANNEL_NOT_LISTED")
    if request.recipient == "debtor":
        excepted = request.purpose in parameters.allowed_purposes
        excepted = excepted or parameters.reply_once and facts.may_answer(request)
        if parameters.confirmation and request.purpose == parameters.confirmation:
            bare = request.content is None or request.content <= {"confirmation_only"}
            excepted = excepted or bare
        if parameters.media and not excepted and _refused(request, facts):
            yield hit(rule, "MEDIUM_REFUSED")
        if parameters.opt_out and not excepted and request.address in facts.opted_out:
            yield hit(rule, "OPT_OUT")
    age = 0 if facts.reassigned_checked else facts.consent_age_days or 0
    if 0 < parameters.max_age_days < age:
        yield hit(rule, "SAFE_HARBOR_LOST", days=age)


def _refused(request: Request, facts: Facts) -> bool:
    if facts.stopped_media & {request.action, request.medium}:
        return True
    if not facts.only_media:
        return False
    allowed = set(facts.only_media)
    if "writing" in allowed:
        allowed |= vocabulary.WRITING
    return not allowed & {request.action, request.medium}


def check_recipient(rule: Rule, request: Request, facts: Facts) -> Iterator[Hit]:
    """Yield hits for persons who must not learn of the debt, and for places where they would.

    Sources of the exceptions: location information 12 CFR 1006.10, workplace 1006.6(b)(3),
    employer's e-mail 1006.22(f)(3), public view 1006.22(f)(1) and (4), lists 1006.14(e).
    """
    parameters: Recipient = rule.parameters
    traits = facts.traits | request.traits
    if request.action in vocabulary.LIST_ACTIONS:
        if parameters.lists is not None and request.recipient not in parameters.lists:
            yield hit(rule, "DEBTOR_LIST")
        if parameters.legal_basis and "legal_basis" not in traits:
            yield hit(rule, "NO_LEGAL_BASIS")
        return
    if parameters.public_ban and (request.public or request.action in vocabulary.PUBLIC_ACTIONS):
        yield hit(rule, "PUBLIC_DISCLOSURE")
    if parameters.recipients and request.recipient not in parameters.recipients:
        yield from _check_third_party(rule, request, facts)
    if parameters.workplace and request.place == "work" and request.recipient == "debtor":
        prohibited = "employer_prohibits" in traits
        agreed = parameters.workplace == "consent" and "work_consent" in traits
        if prohibited or parameters.workplace in ("never", "consent") and not agreed:
            yield hit(rule, "WORKPLACE")
    employer = request.address_kind == "employer" and "used_by_debtor" not in traits
    if parameters.employer_address and employer:
        yield hit(rule, "EMPLOYER_EMAIL")


def _check_third_party(rule: Rule, request: Request, facts: Facts) -> Iterator[Hit]:
    parameters: Recipient = rule.parameters
    traits = facts.traits | request.traits
    agreed = "third_party_consent" in traits
    if agreed and (not parameters.with_consent or request.recipient in parameters.with_consent):
        return
    silent = request.purpose == "location" and "states_debt" not in traits
    if not silent or not parameters.location_contacts:
        yield hit(rule, "THIRD_PARTY")
    elif facts.location_contacts >= parameters.location_contacts:
        yield hit(rule, "LOCATION_ONCE", severity=vocabulary.BLOCK)
