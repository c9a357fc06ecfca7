"""Arithmetic of charges for late payment: exact decimals, rounded once at the end, half up."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
HUNDRED = Decimal(100)


def rounded(amount: Decimal, digits: int = 2) -> Decimal:
    """Return an amount rounded half up to a currency's decimals."""
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def interest(
    principal: Decimal,
    periods: Iterable[tuple[int, Decimal]],
    margin: Decimal,
    day_count: int = 365,
    digits: int = 2,
) -> Decimal:
    """Return simple interest over periods with different reference rates.

    Sources of index and margin: Directive 2011/7/EU art 2(6), 3(2); BGB s288; UK: Late Payment of
    Commercial Debts (Interest) Act 1998 s6.

    :param principal: amount that bears interest
    :param periods: (number of days, reference rate in percent a year)
    :param margin: percentage points above the reference rate
    :param day_count: days of a year
    :param digits: decimals of the currency
    :return: the sum, rounded once
    """
    stretches = ((principal, days, rate + margin) for days, rate in periods)
    return accrue(stretches, day_count, digits)


def accrue(
    stretches: Iterable[tuple[Decimal, int, Decimal]], day_count: int = 365, digits: int = 2
) -> Decimal:
    """Return simple interest on a principal that payments made smaller.

    :param stretches: (principal, number of days, percent a year)
    :param day_count: days of a year
    :param digits: decimals of the currency
    :return: the sum, rounded once
    """
    total = sum((principal * days * rate for principal, days, rate in stretches), ZERO)
    return rounded(total / HUNDRED / day_count, digits)


def step_of(tiers: Sequence[tuple[Decimal, Decimal]], amount: Decimal) -> Decimal:
    """Return the value of the last step that an amount reaches.

    :param tiers: (amount from which it holds, value), ascending
    :return: 0 below the first step
    """
    return max(((start, value) for start, value in tiers if amount >= start), default=(0, ZERO))[1]


def compensation(
    tiers: Sequence[tuple[Decimal, Decimal]], invoices: Iterable[Decimal], digits: int = 2
) -> Decimal:
    """Return the fixed compensation for late invoices, for each of them (CJEU C-78/22).

    :param tiers: (amount of the invoice from which it holds, compensation), ascending
    :param invoices: the late invoices' amounts
    """
    return rounded(sum((step_of(tiers, amount) for amount in invoices), ZERO), digits)


def lump_sum(
    tiers: Sequence[tuple[Decimal, Decimal, Decimal]], balance: Decimal, maximum: Decimal = ZERO
) -> Decimal:
    """Return the most that may be charged for a balance (BE: CEL XIX.4).

    :param tiers: (balance above which it holds, base amount, percent of the part above), ascending
    :param balance: balance due
    :param maximum: upper limit; 0: none
    """
    most = ZERO
    for above, base, percent in tiers:
        if balance > above:
            most = base + (balance - above) * percent / HUNDRED
    return rounded(min(most, maximum) if maximum else most)


def room_in_duplum(principal: Decimal, accrued: Decimal) -> Decimal:
    """Return what may still accrue during default (ZA: National Credit Act s103(5)).

    :param principal: unpaid principal when the default began
    :param accrued: all charges of s101(1)(b)-(g) accrued since
    """
    return max(ZERO, principal - accrued)


def room_in_total(capital: Decimal, limit: Decimal, charged: Decimal) -> Decimal:
    """Return what fees may still be charged (ZA: Debt Collectors Act, reg 11 and Annexure B).

    :param capital: capital of the debt
    :param limit: the tariff's limit
    :param charged: fees below the same limit so far
    """
    return max(ZERO, min(capital, limit) - charged)
