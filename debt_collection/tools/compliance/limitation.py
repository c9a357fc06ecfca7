"""Time bar and retention: terms in years."""

from collections.abc import Iterable
from datetime import date, timedelta

from .business_days import add_months
from .parameters_paper import Limitation, Retention


def last_day(parameters: Limitation, begins: date, interruptions: Iterable[date] = ()) -> date:
    """Return the last day on which a debt is not time-barred.

    :param begins: the day it became due or arose
    :param interruptions: days on which the term began anew (payment, acknowledgement, claim); a
        new term runs from the day itself, not from the end of the year (BGB s212; ZA: Prescription
        Act s14). One that comes after the term has ended revives nothing.
    """
    start = date(begins.year, 12, 31) if parameters.year_end else begins
    last = add_months(start, 12 * parameters.years)
    for day in sorted(interruptions):
        if begins <= day <= last:
            last = max(last, add_months(day, 12 * parameters.years))
    return last


def barred_from(parameters: Limitation, begins: date, interruptions: Iterable[date] = ()) -> date:
    """Return the first day on which a debt is time-barred."""
    return last_day(parameters, begins, interruptions) + timedelta(days=1)


def kept_until(parameters: Retention, anchor: date) -> date:
    """Return the first day on which a record may go.

    :param anchor: the day its term counts from (US: the last collection activity, 12 CFR
        1006.100(a))
    """
    return add_months(anchor, 12 * parameters.years)


def gone_by(parameters: Retention, anchor: date) -> date | None:
    """Return the day by which a record has to be gone, or nothing when it may stay."""
    return add_months(anchor, 12 * parameters.max_years) if parameters.max_years else None


def answer_due(parameters: Retention, received: date, extended: bool = False) -> date:
    """Return the last day to answer a request for access.

    GDPR art 12(3): one month, and two more when the debtor was told of the extension.

    :param extended: the debtor was told in time that it takes longer, and why
    """
    more = parameters.extension_months if extended else 0
    return add_months(received, parameters.answer_months + more)
