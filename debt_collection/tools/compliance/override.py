"""Overrides: somebody with the right to decides otherwise, once, for a reason, for a short time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from . import clock, vocabulary
from .decision import Decision
from .hits import hit


@dataclass(frozen=True)
class Override:
    """A decision of a person against the gate's.

    :param role: role of the person
    :param reason: code of the reason
    :param issued: moment at which it was given
    :param minutes: how long it holds
    :param used: whether a contact was made by it
    :param note: explanation in words
    """

    role: str
    reason: str
    issued: datetime
    minutes: int = 30
    used: bool = False
    note: str = ""


def refusal(
    override: Override, decision: Decision, at: datetime, roles: frozenset[str]
) -> str | None:
    """Return the reason code why an override does not hold, or nothing.

    :param decision: what it is meant to override
    :param at: the moment of use, in UTC
    :param roles: roles that may override
    """
    if decision.decision == vocabulary.HARD_BLOCK:
        return "NOT_OVERRIDABLE"
    if override.role not in roles:
        return "OVERRIDE_ROLE"
    if not override.reason:
        return "OVERRIDE_REASON"
    if override.used:
        return "OVERRIDE_USED"
    end = clock.as_utc(override.issued) + timedelta(minutes=override.minutes)
    return "OVERRIDE_EXPIRED" if clock.as_utc(at) >= end else None


def apply(override: Override, decision: Decision, at: datetime, roles: frozenset[str]) -> Decision:
    """Return a decision as an override leaves it.

    An override that does not hold leaves everything as it was and is the first of the reasons.

    :param at: the moment of use, in UTC
    :param roles: roles that may override
    """
    if not decision.overridable and decision.decision != vocabulary.HARD_BLOCK:
        return decision
    why_not = refusal(override, decision, at, roles)
    if why_not is None:
        return replace(decision, decision=vocabulary.ALLOW, overridden=True)
    first = hit(None, why_not, severity=decision.decision)
    return replace(decision, hits=(first, *decision.hits))
