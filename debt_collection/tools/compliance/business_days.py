"""Waits: calendar days, business days and months after an event."""

from calendar import monthrange
from collections.abc import Collection
from datetime import date, timedelta

from .errors import RuleError
from .sentences import _lt

SATURDAY_AND_SUNDAY = frozenset({5, 6})
# More days than any term has: a guard against a calendar on which every day is a holiday.
LIMIT = 5000


def is_business_day(
    day: date,
    holidays: Collection[date] = frozenset(),
    weekend: Collection[int] = SATURDAY_AND_SUNDAY,
) -> bool:
    """Tell whether a day is neither a weekend's nor a holiday.

    :param weekend: numbers of the weekdays that are no business days (Monday is 0)
    """
    return day.weekday() not in weekend and day not in holidays


def add_business_days(
    start: date,
    count: int,
    holidays: Collection[date] = frozenset(),
    weekend: Collection[int] = SATURDAY_AND_SUNDAY,
) -> date:
    """Return the nth business day after a day, which itself is not counted.

    The first day is left out and the last one counts (ZA: National Credit Act s2(5); US:
    12 CFR 1006.34(b)(5) for the assumed receipt).

    :param start: the day of the event
    :param count: number of business days, 0 or more; 0 is the day itself
    :raises RuleError: when the calendar has no business days left
    """
    day = start
    for _step in range(LIMIT):
        if count <= 0:
            return day
        day += timedelta(days=1)
        if is_business_day(day, holidays, weekend):
            count -= 1
    raise RuleError(_lt("This calendar has no business days."))


def add_months(start: date, count: int) -> date:
    """Return the same day some months later, or the last day of a month that is shorter.

    Thus a month after 31 January ends on 28 February (Regulation 1182/71 art 3(2)(c); BGB s188(3)).
    """
    month = start.month - 1 + count
    year, month = start.year + month // 12, month % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def wait_ends(
    start: date,
    days: int,
    *,
    business: bool = False,
    first_day: int = 1,
    first_business_day: int = 0,
    holidays: Collection[date] = frozenset(),
    weekend: Collection[int] = SATURDAY_AND_SUNDAY,
) -> date:
    """Return the first day on which a wait is over: the day after its last day.

    :param start: the day of the event (sent, received, delivered)
    :param days: length of the wait in days
    :param business: count business days instead of calendar days
    :param first_day: 0 when the day of the event is day 1 of the wait (12 CFR 1006.30(a), cmt
        30(a)(1)-2), 1 when the day after it is (BGB s187, the usual way)
    :param first_business_day: when given, the nth business day after the event is day 1 (BE: CEL
        XIX.2 for letters, the third)
    :param holidays: no business days
    :param weekend: weekdays that are none either
    :return: the first free day
    """
    if first_business_day:
        first = add_business_days(start, first_business_day, holidays, weekend)
    else:
        first = start + timedelta(days=first_day)
    if business:
        last = add_business_days(first - timedelta(days=1), days, holidays, weekend)
        return last + timedelta(days=1)
    return first + timedelta(days=days)


def assumed_receipt(sent: date, days: int, holidays: Collection[date] = frozenset()) -> date:
    """Return the day on which a notice may be taken as received.

    :param sent: the day it was sent
    :param days: business days of carriage (US: 5, 12 CFR 1006.34(b)(5))
    """
    return add_business_days(sent, days, holidays)
