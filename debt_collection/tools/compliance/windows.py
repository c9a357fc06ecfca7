"""Hours of the week in the debtor's time, and the periods a debtor asked us to leave out."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from . import clock
from .errors import RuleError
from .sentences import _lt

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAY_NAMES = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
# Hours recur weekly; holidays may close some weeks in a row.
HORIZON = timedelta(days=62)
Interval = tuple[int, int]


def parse_days(text: str) -> tuple[int, ...]:
    """Return weekday numbers (Monday is 0) of a text such as ``MO-FR``, ``SA`` or ``FR-MO``.

    :raises RuleError: when a name is no weekday
    """
    names = [name.strip().upper() for name in text.split("-")]
    if len(names) > 2 or any(name not in WEEKDAYS for name in names):
        raise RuleError(_lt("%(text)s is no weekday; write MO, TU, WE or MO-FR."), text=repr(text))
    first, last = WEEKDAYS.index(names[0]), WEEKDAYS.index(names[-1])
    return tuple((first + step) % 7 for step in range((last - first) % 7 + 1))


def parse_interval(text: str) -> Interval:
    """Return the minutes since midnight of a text such as ``08:00-21:00``.

    :return: begin and end; the end itself does not belong to the interval
    :raises RuleError: when it is malformed, empty, ends before it begins or leaves the day
    """
    match = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", text)
    if not match:
        raise RuleError(_lt("%(text)s is no interval; write 08:00-21:00."), text=repr(text))
    hour, minute, end_hour, end_minute = map(int, match.groups())
    begin, end = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or end > 1440:
        raise RuleError(_lt("%(text)s leaves the day; it ends at 24:00."), text=repr(text))
    if begin >= end:
        raise RuleError(_lt("The hours %(text)s end before they begin."), text=text.strip())
    return begin, end


def format_minute(minute: int) -> str:
    """Return minutes since midnight as ``08:30``."""
    return f"{minute // 60:02}:{minute % 60:02}"


@dataclass(frozen=True)
class Hours:
    """Hours of each weekday.

    :param days: for Monday to Sunday the intervals, in minutes since midnight, in order
    :raises RuleError: when intervals of a day overlap or no day has any
    """

    days: tuple[tuple[Interval, ...], ...]

    def __post_init__(self) -> None:
        if len(self.days) != 7 or not any(self.days):
            raise RuleError(_lt("These hours are empty: give an interval on some weekday."))
        for name, intervals in zip(WEEKDAYS, self.days, strict=True):
            for begin, end in intervals:
                if not 0 <= begin < end <= 1440:
                    raise RuleError(_lt("The hours of %(day)s end before they begin."), day=name)
            for (_begin, end), (begin, _end) in zip(intervals, intervals[1:], strict=False):
                if begin < end:
                    raise RuleError(_lt("The hours of %(day)s overlap."), day=name)

    @classmethod
    def from_data(cls, data: Mapping[str, Iterable[str]]) -> "Hours":
        """Return the hours of ``{"MO-FR": ["08:00-21:00"], "SA": ["09:00-13:00"]}``.

        :raises RuleError: when a weekday or an interval is malformed, or given twice
        """
        days: list[tuple[Interval, ...]] = [()] * 7
        for names, intervals in data.items():
            parsed = tuple(sorted(parse_interval(interval) for interval in intervals))
            for number in parse_days(names):
                if days[number]:
                    raise RuleError(
                        _lt("The hours of %(day)s are given twice."), day=WEEKDAYS[number]
                    )
                days[number] = parsed
        return cls(tuple(days))

    def to_data(self) -> dict[str, list[str]]:
        """Return the hours as :meth:`from_data` takes them, equal neighbours together."""
        result: dict[str, list[str]] = {}
        for first, last, intervals in self.runs():
            name = WEEKDAYS[first] if first == last else f"{WEEKDAYS[first]}-{WEEKDAYS[last]}"
            result[name] = [f"{format_minute(a)}-{format_minute(b)}" for a, b in intervals]
        return result

    def runs(self) -> list[tuple[int, int, tuple[Interval, ...]]]:
        """Return first weekday, last weekday and hours of neighbours with the same hours."""
        result: list[tuple[int, int, tuple[Interval, ...]]] = []
        for number, intervals in enumerate(self.days):
            if result and result[-1][2] == intervals:
                result[-1] = (result[-1][0], number, intervals)
            else:
                result.append((number, number, intervals))
        return [run for run in result if run[2]]

    def intersection(self, other: "Hours") -> "Hours":
        """Return the hours that belong to both.

        :raises RuleError: when they have none in common
        """
        days = []
        for mine, theirs in zip(self.days, other.days, strict=True):
            both = ((max(a, c), min(b, d)) for a, b in mine for c, d in theirs)
            days.append(tuple(sorted(pair for pair in both if pair[0] < pair[1])))
        return Hours(tuple(days))


def has(intervals: Iterable[Interval], wall: datetime) -> bool:
    """Tell whether a wall clock's time lies in one of the intervals."""
    minute = wall.hour * 60 + wall.minute
    return any(begin <= minute < end for begin, end in intervals)


def first_after(
    moment: datetime,
    where: ZoneInfo,
    minutes: Callable[[date], Iterable[int]],
    wanted: Callable[[datetime], bool],
) -> datetime | None:
    """Return the first wanted moment after another one, in UTC.

    Tried are the wall-clock times given for each day, the beginnings of the days and the changes
    of the clocks, which may put them forward or back into wanted hours.

    :param moment: moments up to and including this one are not looked at
    :param minutes: function from a calendar day to minutes since midnight
    :param wanted: whether a moment will do
    :return: nothing when there is none within two months
    """
    today = clock.local_date(moment, where)
    best, steps_left = None, HORIZON.days
    step = -1
    while steps_left:
        day = today + timedelta(days=step)
        tried = {at for minute in minutes(day) for at in clock.wall_moments(day, minute, where)}
        tried.update(clock.changes(day, where))
        tried.add(clock.day_begins(day, where))
        found = [at for at in tried if at > moment and (not best or at < best) and wanted(at)]
        if found:
            # a day may hold moments of its neighbours: look two days further
            best, steps_left = min(found), min(steps_left, 3)
        step, steps_left = step + 1, steps_left - 1
    return best


@dataclass(frozen=True)
class Opening:
    """When something is open in one zone: weekly hours, closed days, and what is open besides.

    :param hours: the weekly hours; none: always open
    :param closed: calendar days on which the hours do not hold
    :param extra: hours of every day that are open in spite of hours and closed days
    """

    hours: Hours | None
    closed: frozenset[date] = frozenset()
    extra: tuple[Interval, ...] = ()

    def on(self, day: date) -> tuple[Interval, ...]:
        """Return the open intervals of a calendar day."""
        if day in self.closed:
            return self.extra
        if self.hours is None:
            return ((0, 1440),)
        return self.hours.days[day.weekday()] + self.extra

    def is_open(self, moment: datetime, where: ZoneInfo) -> bool:
        """Tell whether a moment is open in a zone."""
        wall = moment.astimezone(where)
        return has(self.on(wall.date()), wall)

    def next_open(self, moment: datetime, where: ZoneInfo) -> datetime | None:
        """Return the first open moment that is not before this one, in UTC.

        Clocks may be put forward into open hours or back into them, so the changes of the clocks
        are tried as well as the beginnings of the intervals.

        :return: nothing when there is none within two months
        """
        if self.is_open(moment, where):
            return moment
        return first_after(
            moment,
            where,
            lambda day: (begin for begin, _end in self.on(day)),
            lambda found: self.is_open(found, where),
        )


@dataclass(frozen=True)
class Blocked:
    """A period a debtor asked us to leave out, or cannot be reached in.

    :param begin: first and last minute since midnight, half-open; all day by default
    :param weekdays: numbers of weekdays (Monday is 0) on which it holds
    :param date_from: first calendar day on which it holds, any by default
    :param date_to: last calendar day on which it holds, any by default
    :param media: media it is about (``call``, ``email``…); empty: all
    :param places: places it is about; empty: all
    """

    interval: Interval = (0, 1440)
    weekdays: frozenset[int] = frozenset(range(7))
    date_from: date | None = None
    date_to: date | None = None
    media: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.interval[0] < self.interval[1] <= 1440:
            raise RuleError(_lt("A blocked period ends before it begins."))
        if self.date_from and self.date_to and self.date_to < self.date_from:
            raise RuleError(_lt("A blocked period ends before it begins."))

    @classmethod
    def parse(cls, text: str) -> "Blocked":
        """Return the period of ``MO-FR 15:00-17:00`` or ``2026-02-18..2026-03-19 17:30-20:00``.

        Each part may be left out.

        :raises RuleError: when a part is malformed
        """
        values: dict[str, object] = {}
        for part in text.split():
            if ".." in part:
                begin, _dots, end = part.partition("..")
                values["date_from"] = date.fromisoformat(begin) if begin else None
                values["date_to"] = date.fromisoformat(end) if end else None
            elif ":" in part:
                values["interval"] = parse_interval(part)
            else:
                days = [parse_days(days) for days in part.split(",")]
                values["weekdays"] = frozenset(day for some in days for day in some)
        return cls(**values)

    def has(self, moment: datetime, where: ZoneInfo) -> bool:
        """Tell whether a moment lies in the period in a zone."""
        wall = moment.astimezone(where)
        return self._holds_on(wall.date()) and has((self.interval,), wall)

    def next_free(self, moment: datetime, where: ZoneInfo) -> datetime | None:
        """Return the first moment not before this one that is outside the period, in UTC.

        :return: nothing when the period covers every hour of every weekday for two months
        """
        if not self.has(moment, where):
            return moment
        found = first_after(
            moment, where, lambda _day: (self.interval[1],), lambda at: not self.has(at, where)
        )
        if found is None and self.date_to:
            # blocked around the clock for longer than we look ahead
            found = clock.day_begins(self.date_to + clock.DAY, where)
        return found

    def _holds_on(self, day: date) -> bool:
        return (
            day.weekday() in self.weekdays
            and (not self.date_from or day >= self.date_from)
            and (not self.date_to or day <= self.date_to)
        )
