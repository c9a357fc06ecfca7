"""LATE_CHARGE and CAP: what may be charged, and how much of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from . import charges, vocabulary
from .charges import ZERO
from .facts import Charge, Facts, Request
from .hits import Hit, hit
from .parameters_paper import Cap, LateCharge
from .rules import Rule


@dataclass(frozen=True)
class Money:
    """What may be charged.

    :param hits: what stands in the way of some of it
    :param asked: the amount asked for, computed when it was not given; none: not known
    :param amount: the part that may be charged; when nothing was asked for, the most that may be
    """

    hits: tuple[Hit, ...] = ()
    asked: Decimal | None = None
    amount: Decimal | None = None


def judge(
    rules: Sequence[Rule], request: Request, facts: Facts, depths: Mapping[str, int]
) -> Money:
    """Return what may be charged by the rules on charges that bind this request.

    :param rules: rules of the types LATE_CHARGE and CAP, whoever they protect
    :param depths: depth of each jurisdiction in the tree
    """
    charge = request.charge
    if not charge:
        return Money()
    hits: list[Hit] = []
    asked = charge.asked
    basis = [
        rule for rule in rules if rule.type == "LATE_CHARGE" and rule.parameters.kind == charge.kind
    ]
    if basis:
        # no law gives it against this debtor: then only an agreed rate can
        rule = _governing(basis, facts, depths)
        if rule is None and charge.contract_rate is None:
            hits.append(hit(basis[0], "NOT_APPLICABLE", severity=vocabulary.HARD_BLOCK))
            return Money(tuple(hits), asked, ZERO)
        if rule:
            hits += _check_rate(rule, charge)
            computed = compute(rule.parameters, charge)
            asked = computed if asked is None else asked
    amount = asked
    for rule in rules:
        if rule.type == "CAP" and rule.protects(facts):
            room = find_room(rule.parameters, charge)
            if room is None or (asked is not None and asked <= room):
                continue
            room = charges.rounded(room)
            amount = room if amount is None else min(amount, room)
            # without an amount asked for, the limit itself is the answer
            if asked is not None or not room:
                hits.append(_cap_hit(rule, charge, room))
    return Money(tuple(hits), asked, amount)


def find_basis(
    rules: Sequence[Rule], kind: str, facts: Facts, depths: Mapping[str, int]
) -> Rule | None:
    """Return the rule that gives a charge against this debtor, or nothing.

    :param rules: rules that are about the action
    :param kind: ``interest`` or ``fixed_compensation``
    """
    basis = [
        rule
        for rule in rules
        if rule.type == "LATE_CHARGE"
        and rule.parameters.kind == kind
        and rule.only_if <= facts.traits
        and not rule.unless & facts.traits
    ]
    return _governing(basis, facts, depths)


def _governing(rules: Sequence[Rule], facts: Facts, depths: Mapping[str, int]) -> Rule | None:
    """Return the rule that gives the charge: of the nearest jurisdiction, there the lowest."""
    mine = [rule for rule in rules if rule.protects(facts)]
    return min(
        mine,
        key=lambda rule: (-depths.get(rule.jurisdiction, -1), rule.parameters.margin, rule.code),
        default=None,
    )


def compute(parameters: LateCharge, charge: Charge) -> Decimal | None:
    """Return the amount the law gives, or nothing when there is nothing to compute it of."""
    if parameters.kind == "fixed_compensation":
        invoices = charge.invoices or ((charge.principal,) if charge.principal else ())
        if not invoices:
            return None
        return charges.compensation(parameters.tiers, invoices, parameters.digits)
    if not charge.periods:
        return None
    periods, margin = charge.periods, parameters.margin
    if charge.contract_rate is not None:
        periods, margin = tuple((days, charge.contract_rate) for days, _rate in periods), ZERO
    return charges.interest(
        charge.principal, periods, margin, parameters.day_count, parameters.digits
    )


def _check_rate(rule: Rule, charge: Charge) -> list[Hit]:
    factor = rule.parameters.min_legal_factor
    if not factor or charge.contract_rate is None or charge.legal_rate is None:
        return []
    minimum = factor * charge.legal_rate
    if charge.contract_rate >= minimum:
        return []
    return [hit(rule, "RATE_BELOW_MIN", severity=vocabulary.BLOCK, minimum=minimum)]


def find_room(parameters: Cap, charge: Charge) -> Decimal | None:
    """Return how much a limit leaves, or nothing when it is not about this charge."""
    if parameters.kinds and charge.kind not in parameters.kinds:
        return None
    if parameters.items and charge.item not in parameters.items:
        return None
    if parameters.formula == "in_duplum":
        return charges.room_in_duplum(charge.principal_at_default, charge.accrued)
    if parameters.formula == "total":
        return charges.room_in_total(charge.capital, parameters.amount, charge.charged)
    if parameters.formula == "count":
        return ZERO if charge.count >= parameters.count else None
    if parameters.formula == "tiers":
        most = charges.lump_sum(parameters.tiers, charge.principal, parameters.maximum)
        return max(ZERO, most - charge.charged)
    return ZERO


def _cap_hit(rule: Rule, charge: Charge, room: Decimal) -> Hit:
    code = {"in_duplum": "IN_DUPLUM", "count": "FEE_COUNT", "free": "FIRST_REMINDER_FREE"}.get(
        rule.parameters.formula, "FEE_CAP"
    )
    return hit(
        rule,
        rule.reason or code,
        severity=vocabulary.PARTIAL if room else rule.severity,
        limit=room,
        count=charge.count,
    )
