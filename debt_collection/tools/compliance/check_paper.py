"""PREREQ_NOTICE, CONTENT, LIMITATION and RETENTION: notices, texts and terms."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from . import business_days, clock, limitation, vocabulary
from .facts import Facts, Notice, Request
from .hits import Hit, hit
from .parameters_paper import Content, Limitation, PrereqNotice, Retention, Step
from .rules import Rule


def check_notice(rule: Rule, request: Request, facts: Facts) -> Iterator[Hit]:
    """Yield hits for a notice that is missing, did not arrive or whose wait is not over.

    A wait of n days is over on the day after the nth day (engine policy, the strict reading).
    """
    parameters: PrereqNotice = rule.parameters
    if parameters.carriage_days:
        yield from _compute_term(rule, facts)
        return
    today = clock.first_date(request.at, facts.zones)
    if parameters.after_event:
        yield from _check_overdue(rule, request, facts, today)
        return
    given = [
        (step, notice)
        for step in parameters.steps
        for notice in facts.notices
        if notice.kind in step.kinds and notice.on <= today and _is_about(notice, request, facts)
    ]
    if not given:
        if parameters.required:
            kinds = sorted({kind for step in parameters.steps for kind in step.kinds})
            yield hit(rule, parameters.missing, notice=kinds)
    else:
        yield from _check_given(rule, request, facts, given, today)
    yield from _check_default(rule, request, facts)


def _is_about(notice: Notice, request: Request, facts: Facts) -> bool:
    if not notice.debts or not request.debts:
        return True
    return facts.group(request.debts) <= facts.group(notice.debts)


def _check_given(
    rule: Rule,
    request: Request,
    facts: Facts,
    given: list[tuple[Step, Notice]],
    today: date,
) -> Iterator[Hit]:
    parameters: PrereqNotice = rule.parameters
    problems = [_find_problem(rule, request, facts, step, notice) for step, notice in given]
    if not parameters.required:
        # every notice of the kind that was given has its wait
        yield from (problem for problem in problems if problem)
        return
    if all(problems):
        # the one that is over first, those without an end last
        yield min(
            (problem for problem in problems if problem),
            key=lambda problem: (problem.until is None, problem.until or request.at),
        )
        return
    if not parameters.await_response:
        return
    good = [notice for (_step, notice), bad in zip(given, problems, strict=True) if not bad]
    latest = max(good, key=lambda notice: notice.on)
    if latest.response and latest.response not in parameters.settled_responses:
        yield hit(rule, "RESPONSE_OPEN", severity=parameters.response_severity)


def _find_problem(
    rule: Rule, request: Request, facts: Facts, step: Step, notice: Notice
) -> Hit | None:
    parameters: PrereqNotice = rule.parameters
    said = notice.on.isoformat()
    back = notice.undelivered
    if notice.not_delivered or back and back <= clock.last_date(request.at, facts.zones):
        severity = parameters.undelivered_severity
        return hit(rule, "NOTICE_UNDELIVERED", severity=severity, date=said)
    if parameters.approval and not notice.approved:
        return hit(rule, "NOTICE_NOT_APPROVED", date=said)
    if not step.days:
        return None
    until = _ends(step, notice.on, facts)
    if request.at >= until:
        return None
    return hit(rule, "NOTICE_WAIT", until, date=said)


def _ends(step: Step, start: date, facts: Facts) -> datetime:
    day = business_days.wait_ends(
        start,
        step.days,
        business=step.business,
        first_day=step.first_day,
        first_business_day=step.first_business_day,
        holidays=facts.holidays or frozenset(),
        weekend=facts.weekend,
    )
    return clock.date_everywhere(day, facts.zones)


def _check_default(rule: Rule, request: Request, facts: Facts) -> Iterator[Hit]:
    parameters: PrereqNotice = rule.parameters
    if not parameters.default_days:
        return
    since = facts.dates.get("default_since")
    if not since:
        yield hit(rule, "DEFAULT_AGE")
        return
    step = Step(
        frozenset({"default"}), parameters.default_days, business=parameters.default_business
    )
    until = _ends(step, since, facts)
    if request.at < until:
        yield hit(rule, "DEFAULT_AGE", until)


def _check_overdue(rule: Rule, request: Request, facts: Facts, today: date) -> Iterator[Hit]:
    """Yield a hit when a notice due some days after an event was not sent in time."""
    parameters: PrereqNotice = rule.parameters
    event = facts.dates.get(parameters.after_event)
    if not event:
        return
    kinds = {kind for step in parameters.steps for kind in step.kinds}
    sent = any(notice.kind in kinds and notice.on <= today for notice in facts.notices)
    if not sent and today > event + timedelta(days=parameters.within_days):
        yield hit(
            rule,
            rule.reason or parameters.missing,
            days=parameters.within_days,
            date=event.isoformat(),
        )


def _compute_term(rule: Rule, facts: Facts) -> Iterator[Hit]:
    """Yield when a notice counts as received and when its recipient's time ends."""
    parameters: PrereqNotice = rule.parameters
    sent = facts.dates.get("sent")
    if not sent:
        return
    received = business_days.assumed_receipt(
        sent, parameters.carriage_days, facts.holidays or frozenset()
    )
    yield hit(
        rule,
        "TERM",
        severity=vocabulary.INFO,
        assumed_receipt=received,
        term_end=received + timedelta(days=parameters.term_days),
    )


def required_tokens(rule: Rule, request: Request, facts: Facts) -> frozenset[str]:
    """Return what a text has to say by a rule about content."""
    parameters: Content = rule.parameters
    if parameters.documents and request.document not in parameters.documents:
        return frozenset()
    traits = facts.traits | request.traits
    return parameters.required | {
        token for trait, token in parameters.required_if if trait in traits
    }


def check_content(rule: Rule, request: Request, facts: Facts) -> Iterator[Hit]:
    """Yield hits for what a text lacks or must not say; nothing while there is no text yet."""
    parameters: Content = rule.parameters
    if parameters.documents and request.document not in parameters.documents:
        return
    end = facts.dates.get(parameters.pay_not_before) if parameters.pay_not_before else None
    if end and request.pay_before and request.pay_before < end:
        until = clock.date_everywhere(end + timedelta(days=1), facts.zones)
        if request.at < until:
            yield hit(rule, "OVERSHADOW", until)
    if request.content is None:
        return
    missing = required_tokens(rule, request, facts) - request.content
    if parameters.closed:
        extra = request.content - parameters.required - parameters.optional
        barred = parameters.barred_traits & (facts.traits | request.traits)
        if missing or extra or barred:
            yield hit(rule, rule.reason or "CONTENT_FORBIDDEN", tokens=sorted(missing | extra))
    elif missing:
        yield hit(rule, rule.reason or "CONTENT_MISSING", tokens=sorted(missing))
    if found := request.content & parameters.forbidden:
        yield hit(rule, "CONTENT_FORBIDDEN", tokens=sorted(found))
    if parameters.languages:
        said = {token.partition(":")[2] for token in request.content if token[:5] == "lang:"}
        if not said & parameters.languages:
            yield hit(rule, "LANGUAGE", tokens=sorted(parameters.languages))


def check_limitation(rule: Rule, request: Request, facts: Facts) -> Iterator[Hit]:
    """Yield a hit for what a time-barred debt does not allow.

    Sources of the effects: no suit and no threat of it 12 CFR 1006.26(b); debt gone UK-SCT
    (CONC 7.15); no collection ZA National Credit Act s126B; defence BGB s214.
    """
    parameters: Limitation = rule.parameters
    since = _barred_since(parameters, request, facts)
    if since is None:
        return
    if parameters.effect == "ban_suit" and request.action == "proof_of_claim":
        return
    said = since.isoformat() if since > date.min else "?"
    court = request.action in vocabulary.COURT
    if parameters.effect == "ban_suit":
        if court or "threat_of_suit" in (request.content or ()):
            yield hit(rule, "TIME_BARRED", date=said)
        elif request.action in vocabulary.CONTACT:
            yield hit(rule, "TIME_BARRED_DISCLOSURE", severity=vocabulary.WARN, date=said)
        return
    if parameters.effect == "ban_without_contact" and "contact_in_period" in facts.traits:
        severity = vocabulary.WARN if court else vocabulary.INFO
        yield hit(rule, "TIME_BARRED", severity=severity, date=said)
        return
    yield hit(rule, "TIME_BARRED", date=said)


def _barred_since(parameters: Limitation, request: Request, facts: Facts) -> date | None:
    """Return the first day of the time bar, when that has come; the earliest date for ``ever``."""
    if facts.time_barred is not None:
        return date.min if facts.time_barred else None
    due = facts.dates.get("due")
    if not due or parameters.years is None:
        return None
    since = limitation.barred_from(parameters, due, facts.interruptions)
    return since if clock.last_date(request.at, facts.zones) >= since else None


def check_retention(rule: Rule, request: Request, facts: Facts) -> Iterator[Hit]:
    """Yield a hit for records that have to be kept, and the day an access request is due."""
    parameters: Retention = rule.parameters
    if parameters.answer_months and request.action == "dsar_due":
        received = facts.dates.get("received")
        if received:
            due = limitation.answer_due(
                parameters, received, "access_extended" in facts.traits | request.traits
            )
            yield hit(rule, "TERM", severity=vocabulary.INFO, due=due)
        return
    if not parameters.years:
        return
    if parameters.record_class and parameters.record_class != (request.document or "contact"):
        return
    anchor = facts.dates.get(parameters.anchor)
    if not anchor:
        yield hit(rule, "RETENTION", date="?")
        return
    day = limitation.kept_until(parameters, anchor)
    until = clock.date_everywhere(day, facts.zones)
    if request.at < until:
        yield hit(rule, "RETENTION", until, date=day.isoformat())
