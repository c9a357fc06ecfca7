"""What a rule answers when it stands in the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from . import sentences, vocabulary
from .rules import Rule
from .sentences import Sentence


@dataclass(frozen=True)
class Hit:
    """A rule, or the gate itself, stands in the way.

    :param code: machine-readable reason
    :param severity: what it does to what was asked
    :param until: first moment at which it does not, in UTC; none: not foreseeable
    :param rule: code of the rule; empty: the gate itself
    :param type: type of the rule
    :param words: words for a person
    :param values: figures of the hit: ``minimum``…
    """

    code: str
    severity: str
    until: datetime | None = None
    rule: str = ""
    type: str = ""
    words: Sentence = field(default_factory=lambda: Sentence(""), compare=False)
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def strength(self) -> int:
        """How much it stands in the way, to compare."""
        return vocabulary.STRENGTH[self.severity]


def hit(
    rule: Rule | None,
    code: str,
    until: datetime | None = None,
    severity: str = "",
    **values: Any,
) -> Hit:
    """Return a rule's hit.

    :param rule: the rule; none for the gate itself, then with a severity
    :param code: reason code; one the rule gives itself goes before it
    :param until: first moment at which the rule does not stand in the way
    :param severity: when it is not the rule's
    :param values: for the words and for whoever reads the answer
    """
    name = rule.code if rule else ""
    return Hit(
        code=code,
        severity=severity or (rule.severity if rule else vocabulary.BLOCK),
        until=until,
        rule=name,
        type=rule.type if rule else "",
        words=sentences.reason(code, **{"rule": name, **values}),
        values=values,
    )
