"""When a promise counts as kept: pure functions on dates and amounts."""

from collections.abc import Collection
from datetime import date, timedelta

from .compliance.business_days import SATURDAY_AND_SUNDAY, is_business_day

# More days than any run of holidays has.
LONGEST_BREAK = 60


def next_business_day(
    day: date,
    holidays: Collection[date] = frozenset(),
    weekend: Collection[int] = SATURDAY_AND_SUNDAY,
) -> date:
    """Return the day itself when it is a business day, else the next one.

    :param holidays: days on which banks and people do not work
    :param weekend: numbers of the weekdays that are none either (Monday is 0)
    """
    for offset in range(LONGEST_BREAK):
        candidate = day + timedelta(days=offset)
        if is_business_day(candidate, holidays, weekend):
            return candidate
    return day


def promise_limit(
    promised: date,
    tolerance: int,
    holidays: Collection[date] = frozenset(),
    weekend: Collection[int] = SATURDAY_AND_SUNDAY,
) -> date:
    """Return the last day on which money still keeps a promise.

    A transfer ordered in time may be credited days later: the tolerance counts calendar days, and
    a limit that no bank works on moves to the next day that one does.

    :param promised: day named by the debtor
    :param tolerance: days granted on top
    """
    return next_business_day(promised + timedelta(days=max(tolerance, 0)), holidays, weekend)


def judge_promise(
    promised: float, received: float, still_open: float, today: date, limit: date, unit: float
) -> str:
    """Return what became of a promise: open, kept, partly_kept, broken or withdrawn.

    What was credited or cancelled meanwhile need not be paid any more: the promise is measured by
    what was received and what is still open, never by more than that. Nothing of either: there
    was nothing left to promise.

    :param promised: amount promised
    :param received: money received in the window
    :param still_open: what is open now on the promised items
    :param limit: last day of the window, inclusive
    :param unit: smallest unit of the currency
    """
    target = min(promised, received + still_open)
    if target < unit / 2:
        return "withdrawn"
    if received > target - unit / 2:
        return "kept"
    if today <= limit:
        return "open"
    return "partly_kept" if received > unit / 2 else "broken"


def spread(amount: float, rooms: list[float], unit: float) -> list[float]:
    """Return an amount shared out over rooms in their order, each filled before the next.

    :param rooms: how much each takes at most
    :param unit: smallest unit of the currency
    """
    shares = []
    left = round(amount / unit)
    for room in rooms:
        share = max(min(left, round(room / unit)), 0)
        shares.append(round(share * unit, 10))
        left -= share
    return shares
