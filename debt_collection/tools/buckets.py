"""Ageing buckets: from the limits a person names to the columns of a report.

Limits are the last days of the buckets: ``(30, 60, 90, 120)`` makes *1–30, 31–60, 61–90, 91–120,
over 120*. By due date a column *not due* comes before them: what is due today is not overdue yet.
By invoice date there is none, and the first bucket begins with day 0.
"""

DEFAULT_LIMITS = (30, 60, 90, 120)
MAX_BUCKETS = 10
BASES = ("due", "invoice")


def check_limits(limits):
    """Return limits as a tuple of whole days.

    :param limits: numbers or texts of numbers
    :raises ValueError: when they are not whole, positive, rising and few enough
    """
    try:
        days = tuple(int(limit) for limit in limits)
    except (TypeError, ValueError):
        raise ValueError("limits are whole numbers of days") from None
    if not days or len(days) > MAX_BUCKETS:
        raise ValueError(f"between 1 and {MAX_BUCKETS} limits")
    if days[0] < 1 or any(later <= earlier for earlier, later in zip(days, days[1:], strict=False)):
        raise ValueError("limits are positive and rise")
    return days


def get_thresholds(limits, basis="due"):
    """Return the ages at which each bucket after the first one begins (for ``width_bucket``).

    :param limits: last days of the buckets
    :param basis: ``due`` or ``invoice``
    :rtype: list[int]
    """
    following = [limit + 1 for limit in limits]
    return [1, *following] if basis == "due" else following


def get_bucket(age, limits, basis="due"):
    """Return the place of an age among the columns, as PostgreSQL's ``width_bucket`` does.

    :param int age: days since the due date or the invoice date; negative: in the future
    """
    return sum(age >= threshold for threshold in get_thresholds(limits, basis))


def get_ranges(limits, basis="due"):
    """Return the days of each column as (first, last): (None, 0) not due, (121, None) the oldest.

    :rtype: list[tuple]
    """
    starts = [1 if basis == "due" else 0, *(limit + 1 for limit in limits)]
    ranges = list(zip(starts, [*limits, None], strict=True))
    return [(None, 0), *ranges] if basis == "due" else ranges
