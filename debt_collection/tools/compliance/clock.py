"""Time zones and dates: where the debtor may be, and what day it is there."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .errors import RuleError
from .sentences import _lt

Zones = tuple[ZoneInfo, ...]
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NOWHERE: Zones = (ZoneInfo("UTC"),)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Return the time zone of this name.

    :param name: key of the IANA time zone database, such as ``Asia/Kolkata``
    :raises RuleError: when there is no such zone
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise RuleError(_lt("There is no time zone %(name)s."), name=repr(name)) from error


def zones(names: Iterable[str]) -> Zones:
    """Return the time zones of these names, each once, in the order given.

    :raises RuleError: when one of them does not exist
    """
    return tuple(dict.fromkeys(zone(name) for name in names))


def as_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without a zone is UTC, as Odoo stores it."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def local_date(moment: datetime, where: ZoneInfo) -> date:
    """Return the calendar day of a moment in a zone."""
    return moment.astimezone(where).date()


def first_date(moment: datetime, candidates: Zones) -> date:
    """Return the earliest calendar day it may be: for waits, which have to be over everywhere."""
    return min(local_date(moment, where) for where in candidates or NOWHERE)


def last_date(moment: datetime, candidates: Zones) -> date:
    """Return the latest calendar day it may be: for terms that may have ended already."""
    return max(local_date(moment, where) for where in candidates or NOWHERE)


@lru_cache(maxsize=65536)
def day_begins(day: date, where: ZoneInfo) -> datetime:
    """Return the first moment of a calendar day in a zone, in UTC.

    Where clocks are changed at midnight the day may begin at 01:00, or midnight may come twice.
    """
    midnight = datetime.combine(day, time.min, where)
    begins = midnight.astimezone(UTC)
    if local_date(begins, where) == day and local_date(begins - MINUTE, where) < day:
        return begins
    # midnight lies in a gap or comes twice: the moment the date changes, to the second
    low, high = begins - timedelta(hours=26), begins + timedelta(hours=26)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (middle, high) if local_date(middle, where) < day else (low, middle)
    return high


def date_everywhere(day: date, candidates: Zones) -> datetime:
    """Return the first moment at which a calendar day has begun in every zone, in UTC."""
    return max(day_begins(day, where) for where in candidates or NOWHERE)


@lru_cache(maxsize=65536)
def changes(day: date, where: ZoneInfo) -> tuple[datetime, ...]:
    """Return the moments of a UTC day at which clocks are changed in a zone.

    :param day: a calendar day in UTC
    :return: no moment or one, in UTC
    """
    low = datetime.combine(day, time.min, UTC)
    high = low + DAY
    before, after = (moment.astimezone(where).utcoffset() for moment in (low, high))
    if before == after:
        return ()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        same = middle.astimezone(where).utcoffset() == before
        low, high = (middle, high) if same else (low, middle)
    return (high,)


def wall_moments(day: date, minute: int, where: ZoneInfo) -> tuple[datetime, ...]:
    """Return the moments at which a wall clock shows a time, in UTC.

    :param day: a calendar day in the zone
    :param minute: minutes since midnight, 0 to 1440
    :return: one moment; two when clocks are put back over it; when they are put forward over it,
        moments around the gap that show another time
    """
    wall = datetime.combine(day, time.min) + timedelta(minutes=minute)
    moments = {wall.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(moments))
