"""Payment plans as numbers: due days, instalments, interest, and what was paid of them."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from .compliance.business_days import add_months

DAYS_OF_A_YEAR = 365
# A plan that never ends is none.
LONGEST = 240


@dataclass(frozen=True)
class Instalment:
    """One instalment of a plan.

    :param day: due day
    :param principal: part of the debt
    :param interest: on what was open since the instalment before
    """

    day: date
    principal: float
    interest: float = 0.0

    @property
    def amount(self) -> float:
        """What is to be paid."""
        return float(Decimal(str(self.principal)) + Decimal(str(self.interest)))


def to_units(amount: float, unit: float) -> int:
    """Return an amount as a whole number of the currency's smallest unit."""
    quotient = Decimal(str(amount)) / Decimal(str(unit))
    return int(quotient.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_units(units: int, unit: float) -> float:
    """Return a whole number of smallest units as an amount."""
    return float(units * Decimal(str(unit)))


def split_equally(amount: float, number: int, unit: float) -> list[float]:
    """Return an amount in equal parts; the last part takes the cents that are left.

    :param number: of parts, 1 or more
    :param unit: smallest unit of the currency
    """
    units = to_units(amount, unit)
    part = units // number
    return [from_units(part, unit)] * (number - 1) + [from_units(units - part * (number - 1), unit)]


def split_by_amount(amount: float, part: float, unit: float) -> list[float]:
    """Return an amount in parts of a given size; the last part is what is left.

    :param part: size of a part, above zero
    """
    units, size = to_units(amount, unit), max(to_units(part, unit), 1)
    number = min(-(-units // size), LONGEST)
    if number <= 1:
        return [from_units(units, unit)]
    return [from_units(size, unit)] * (number - 1) + [from_units(units - size * (number - 1), unit)]


def due_days(
    first: date,
    number: int,
    every: int = 1,
    unit: str = "month",
    end_of_month: bool = False,
    move: Callable[[date], date] = lambda day: day,
) -> list[date]:
    """Return the due days of instalments, each later than the one before.

    :param first: day of the first instalment; later ones are counted from it, so that a month of
        28 days does not shorten those that follow
    :param every: number of units between two instalments
    :param unit: day, week or month
    :param end_of_month: move each to the last day of its month (months only)
    :param move: moves a day on which nobody works to one on which they do
    """
    days = []
    for index in range(number):
        if unit == "month":
            day = add_months(first, index * every)
            if end_of_month:
                day = day.replace(day=monthrange(day.year, day.month)[1])
        else:
            day = first + timedelta(days=index * every * (7 if unit == "week" else 1))
        day = move(day)
        while days and day <= days[-1]:
            day = move(days[-1] + timedelta(days=1))
        days.append(day)
    return days


def build(
    parts: list[float], days: list[date], start: date, yearly_rate: float, unit: float
) -> list[Instalment]:
    """Return instalments, with simple interest on the balance open between them.

    :param parts: principal of each
    :param days: due day of each
    :param start: day from which interest runs
    :param yearly_rate: per cent a year; 0: none
    """
    balance = sum(to_units(part, unit) for part in parts)
    result, since = [], start
    for part, day in zip(parts, days, strict=True):
        interest = (
            Decimal(balance)
            * Decimal(str(yearly_rate))
            * max((day - since).days, 0)
            / (100 * DAYS_OF_A_YEAR)
        )
        interest = int(interest.quantize(Decimal(1), rounding=ROUND_HALF_UP))
        result.append(Instalment(day, part, from_units(interest, unit)))
        balance -= to_units(part, unit)
        since = day
    return result


def settle(amounts: list[float], money: float, credits: float, unit: float) -> list[float]:
    """Return what of each instalment is settled: money in due order, credits from the last one.

    A credit note makes the debt smaller, it does not pay the next instalment.

    :param amounts: of the instalments, in due order
    :param money: received
    :param credits: credited or written off
    """
    units = [to_units(amount, unit) for amount in amounts]
    settled = [0] * len(units)
    left = to_units(credits, unit)
    for index in reversed(range(len(units))):
        settled[index] = max(min(left, units[index]), 0)
        left -= settled[index]
    left = to_units(money, unit)
    for index, due in enumerate(units):
        share = max(min(left, due - settled[index]), 0)
        settled[index] += share
        left -= share
    return [from_units(part, unit) for part in settled]
