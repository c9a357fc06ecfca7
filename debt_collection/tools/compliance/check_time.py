"""WINDOW, FREQ and COOLOFF: the hour, the count, the pause; and what the debtor asked for."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from . import clock, counting, vocabulary
from .facts import Facts, Request
from .hits import Hit, hit
from .parameters_contact import Cooloff, Freq, Window
from .rules import Rule
from .windows import Opening

# The moment is asked for everywhere the debtor may be: the last one counts.
Moments = Iterable[datetime | None]


def latest(moments: Moments) -> datetime | None:
    """Return the latest of some moments, or none when one of them is not foreseeable."""
    found = list(moments)
    return None if not found or None in found else max(found)


def check_window(rule: Rule, request: Request, facts: Facts) -> Iterator[Hit]:
    """Yield a hit when it is outside the hours in one of the debtor's zones.

    Without evidence of the debtor's zone it is never inside them. Conflicting evidence: only hours
    that suit every zone (12 CFR 1006 Supp. I cmt 6(b)(1)(i)-2).
    """
    window: Window = rule.parameters
    if window.place and window.place != request.place:
        return
    zones = facts.zones if window.location == "all" else facts.zones[:1]
    if window.zone:
        zones = (clock.zone(window.zone),)
    if not zones:
        yield hit(None, "TZ_UNKNOWN", severity=vocabulary.BLOCK)
        return
    if window.holidays and facts.holidays is None:
        yield hit(rule, "HOLIDAYS_UNKNOWN", severity=vocabulary.WARN)
    opening = Opening(
        hours=window.hours,
        closed=(facts.holidays or frozenset()) if window.holidays else frozenset(),
        extra=tuple(consent.interval for consent in facts.time_consents if consent.direct)
        if window.consent
        else (),
    )
    shut = [zone for zone in zones if not opening.is_open(request.at, zone)]
    if not shut:
        return
    local = request.at.astimezone(shut[0])
    holiday = any(clock.local_date(request.at, zone) in opening.closed for zone in shut)
    yield hit(
        rule,
        "HOLIDAY" if holiday else rule.reason or "WINDOW",
        latest(opening.next_open(request.at, zone) for zone in shut),
        time=f"{local:%H:%M}",
        date=f"{local:%Y-%m-%d}",
    )


def check_wishes(request: Request, facts: Facts) -> Iterator[Hit]:
    """Yield a hit when the debtor asked not to be contacted at this time.

    Binding until withdrawn; a debtor who writes at such a time may get one reply in the same
    medium (12 CFR 1006 Supp. I cmt 6(b)(1)-1.ii, -2; UK: CONC 7.9.4R).
    """
    if request.action not in vocabulary.TIMED or not facts.blocked:
        return
    if request.recipient != "debtor":
        return
    if not facts.zones:
        yield hit(None, "TZ_UNKNOWN", severity=vocabulary.BLOCK)
        return
    for blocked in facts.blocked:
        if blocked.media and request.medium not in blocked.media:
            continue
        if blocked.places and request.place not in blocked.places:
            continue
        zones = [zone for zone in facts.zones if blocked.has(request.at, zone)]
        if not zones:
            continue
        if request.purpose == "reply" and any(
            blocked.has(message.at, zone)
            and clock.local_date(message.at, zone) == clock.local_date(request.at, zone)
            for message in facts.unanswered(request)
            for zone in zones
        ):
            continue
        until = latest(blocked.next_free(request.at, zone) for zone in zones)
        yield hit(None, "PERSON_WINDOW", until, vocabulary.BLOCK)


def check_frequency(rule: Rule, request: Request, facts: Facts) -> Iterator[Hit]:
    """Yield a hit when one more contact would be too many (12 CFR 1006.14(b)(2)(i)(A)).

    Days are calendar days where the debtor is, so with several zones the strictest counts.
    """
    freq: Freq = rule.parameters
    if freq.places and (request.place or "home") not in freq.places:
        return
    if not facts.zones and freq.period != "minutes":
        yield hit(None, "TZ_UNKNOWN", severity=vocabulary.BLOCK)
        return
    until, most = None, 0
    for zone in facts.zones or clock.NOWHERE:
        if _agreed(freq, request, facts, zone):
            continue
        for debts in counting.debt_groups(request, facts, freq.scope):
            moments = counting.counted(freq, request, facts, debts, zone, rule.except_recipients)
            free = counting.free_again(freq, moments, request.at, zone)
            if free:
                used = counting.in_period(freq, moments, request.at, zone)
                most = max(most, len(used))
                until = max(until, free) if until else free
    if until:
        yield hit(rule, rule.reason or "FREQ", until, count=most, limit=freq.limit)


def check_cooloff(rule: Rule, request: Request, facts: Facts) -> Iterator[Hit]:
    """Yield a hit during the pause after a conversation (12 CFR 1006.14(b)(2)(i)(B)) or a date."""
    pause: Cooloff = rule.parameters
    if pause.trigger == "conversation" and not facts.contacts:
        return
    if not facts.zones:
        yield hit(None, "TZ_UNKNOWN", severity=vocabulary.BLOCK)
        return
    until, event = None, None
    for zone in facts.zones:
        if _agreed(pause, request, facts, zone):
            continue
        for debts in counting.debt_groups(request, facts, pause.scope):
            if pause.trigger == "conversation":
                last = counting.last_conversation(request, facts, pause.scope, debts)
                day = clock.local_date(last, zone) if last else None
            else:
                day = facts.dates.get(pause.trigger)
            if not day:
                continue
            free = clock.day_begins(counting.pause_ends(pause, day), zone)
            if free > request.at and (until is None or free > until):
                until, event = free, day
    if until:
        yield hit(rule, rule.reason or "COOLOFF", until, date=f"{event:%Y-%m-%d}")


def _agreed(parameters: Freq | Cooloff, request: Request, facts: Facts, zone: object) -> bool:
    return bool(parameters.consent_days) and counting.consent_holds(
        facts.call_consents, parameters.consent_days, facts.contacts, request.at, zone
    )
