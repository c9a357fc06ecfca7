"""Counting contacts: how many in a period, and when the next one is free again.

A count is made from the recorded results, so a line that proves busy, or a number that proves to
be somebody else's, is no longer counted as soon as that is recorded.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from . import clock, vocabulary
from .facts import CallConsent, Contact, Facts, Request
from .parameters_contact import Cooloff, Freq


def counts_as(unit: str, result: str) -> bool:
    """Tell whether a contact with this result is counted.

    :param unit: ``attempt``, ``connected``, ``contact`` or ``unanswered``
    :param result: recorded result; ``reserved`` counts as if it had succeeded
    """
    if result in vocabulary.WRONG_PERSON:
        return False
    if unit == "attempt":
        return True
    if result in vocabulary.NOT_CONNECTED:
        return False
    if unit == "contact":
        return result not in vocabulary.UNANSWERED
    return unit == "connected" or result in vocabulary.UNANSWERED


def is_about(contact: Contact, debts: Collection[str], attributed: bool = False) -> bool:
    """Tell whether a contact was about one of some debts.

    :param debts: keys of debts that count as one; empty: any
    :param attributed: a contact that told nobody anything was about its first debt alone
    """
    if not debts or not contact.debts:
        return True
    if attributed and contact.result in vocabulary.UNANSWERED:
        return contact.debts[0] in debts
    return any(debt in debts for debt in contact.debts)


def is_with(contact: Contact, person: str) -> bool:
    """Tell whether a contact was with a person; where one is not known, it may have been."""
    return not person or not contact.person or contact.person == person


def debt_groups(request: Request, facts: Facts, scope: Collection[str]) -> list[frozenset[str]]:
    """Return the debts a count is made for: each group of debts that count as one, or all.

    :param scope: of the rule
    :return: sets of debts; an empty set stands for all
    """
    if "debt" not in scope or not request.debts:
        return [frozenset()]
    return list(dict.fromkeys(facts.group((debt,)) for debt in request.debts))


def consent_holds(
    consents: Iterable[CallConsent],
    days: int,
    contacts: Iterable[Contact],
    moment: datetime,
    where: ZoneInfo,
) -> bool:
    """Tell whether the debtor's agreement to be called covers a moment.

    It has to be given to us; the day it is given is day 1; it ends with its stated time, when it
    is withdrawn, and with the next conversation (12 CFR 1006.14(b)(3)(i), cmt 14(b)(3)(i)).

    :param days: days for which it holds; 0: agreement does not matter
    """
    today = clock.local_date(moment, where)
    for consent in consents:
        if not consent.direct or not consent.given <= today < consent.given + timedelta(days=days):
            continue
        if consent.until and moment >= clock.as_utc(consent.until):
            continue
        if not any(
            contact.result == vocabulary.CONVERSATION
            and contact.at < moment
            and _is_after(contact.at, consent, where)
            for contact in contacts
        ):
            return True
    return False


def _is_after(moment: datetime, consent: CallConsent, where: ZoneInfo) -> bool:
    if consent.at:
        return moment > clock.as_utc(consent.at)
    return clock.local_date(moment, where) > consent.given


def counted(
    parameters: Freq,
    request: Request,
    facts: Facts,
    debts: Collection[str],
    where: ZoneInfo,
    excluded: Collection[str] = frozenset(),
) -> list[datetime]:
    """Return the moments of the contacts that count, oldest first.

    :param debts: debts that count as one; empty: all
    :param where: zone whose calendar days matter for agreements
    :param excluded: recipients contact with whom is not counted
    """
    actions = vocabulary.expand(parameters.counts)
    contacts = [
        contact
        for contact in facts.contacts
        if not contact.inbound
        and contact.at <= request.at
        and contact.action in actions
        and contact.recipient not in excluded
        and counts_as(parameters.unit, contact.result)
        and ("person" not in parameters.scope or is_with(contact, request.person))
        and ("debt" not in parameters.scope or is_about(contact, debts, parameters.attributed))
        and (not parameters.places or not contact.place or contact.place in parameters.places)
    ]
    if parameters.consent_days and facts.call_consents:
        contacts = [
            contact
            for contact in contacts
            if not consent_holds(
                facts.call_consents, parameters.consent_days, facts.contacts, contact.at, where
            )
        ]
    moments = sorted(contact.at for contact in contacts)
    if parameters.after_conversation:
        first = min(
            (
                contact.at
                for contact in facts.contacts
                if contact.result == vocabulary.CONVERSATION
                and ("person" not in parameters.scope or is_with(contact, request.person))
                and ("debt" not in parameters.scope or is_about(contact, debts))
            ),
            default=None,
        )
        moments = [moment for moment in moments if first and moment > first]
    return moments


def in_period(
    parameters: Freq, moments: Iterable[datetime], at: datetime, where: ZoneInfo
) -> list[datetime]:
    """Return the moments that lie in the period a moment ends.

    :param at: the moment asked for: ``7 days`` are its calendar day and the six before it
    :param where: zone whose calendar days count
    """
    if parameters.period == "minutes":
        begin = at - timedelta(minutes=parameters.length)
        return [moment for moment in moments if begin < moment <= at]
    first = first_day(parameters, clock.local_date(at, where))
    begin_day = clock.day_begins(first, where)
    return [moment for moment in moments if begin_day <= moment <= at]


def first_day(parameters: Freq, today: date) -> date:
    """Return the first calendar day of the period a day belongs to or ends."""
    if parameters.period == "week":
        return today - timedelta(days=today.weekday())
    if parameters.period == "month":
        return today.replace(day=1)
    return today - timedelta(days=parameters.length - 1)


def free_again(
    parameters: Freq, moments: list[datetime], at: datetime, where: ZoneInfo
) -> datetime | None:
    """Return the first moment at which one more contact stays within the limit.

    :param moments: contacts that count, oldest first
    :param at: the moment asked for
    :param where: zone whose calendar days count
    :return: nothing when the limit is not reached at this moment
    """
    used = in_period(parameters, moments, at, where)
    if len(used) < parameters.limit:
        return None
    last = used[len(used) - parameters.limit]
    if parameters.period == "minutes":
        return last + timedelta(minutes=parameters.length)
    today = clock.local_date(at, where)
    if parameters.period == "week":
        day = today + timedelta(days=7 - today.weekday())
    elif parameters.period == "month":
        day = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    else:
        day = clock.local_date(last, where) + timedelta(days=parameters.length)
    return clock.day_begins(day, where)


def last_conversation(
    request: Request, facts: Facts, scope: Collection[str], debts: Collection[str]
) -> datetime | None:
    """Return the latest conversation by telephone or in person, whoever began it.

    :param scope: ``person``, ``debt`` or both
    :param debts: debts that count as one; empty: all
    """
    return max(
        (
            contact.at
            for contact in facts.contacts
            if contact.result == vocabulary.CONVERSATION
            and contact.action in vocabulary.PHONE
            and contact.at <= request.at
            and ("person" not in scope or is_with(contact, request.person))
            and ("debt" not in scope or is_about(contact, debts))
        ),
        default=None,
    )


def pause_ends(parameters: Cooloff, event: date) -> date:
    """Return the first calendar day after the pause an event begins.

    With ``first_day`` 0 the day of the event is day 1: a conversation on Friday 14 August and seven
    days give Friday 21 August (12 CFR 1006 Supp. I cmt 14(b)(2)(ii)-1.ii).
    """
    return event + timedelta(days=parameters.days + parameters.first_day)
