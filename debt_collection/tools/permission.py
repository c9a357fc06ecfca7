"""Answer of the contact gate, free of the ORM."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from .compliance import sentences
from .compliance.decision import Decision


@dataclass(frozen=True)
class ContactPermission:
    """May we contact this person now, on this channel?

    :param reasons: words for a person, one for each thing that stands in the way; empty: allowed
    :param codes: the same, machine-readable
    :param next_moment: first moment at which it is worth asking again, if that is known (UTC,
        without a zone, as Odoo stores it)
    :param warnings: words for a person about what does not stand in the way but matters
    :param warning_codes: the same, machine-readable
    :param contents: tokens of what a text has to say, or a person on the telephone
    :param overridable: whether somebody with the right to may decide otherwise
    :param decision: the whole answer of the compliance rules, when they were asked
    """

    reasons: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    next_moment: datetime | None = field(default=None)
    warnings: tuple[str, ...] = ()
    warning_codes: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    overridable: bool = False
    decision: Decision | None = field(default=None, compare=False)

    @property
    def allowed(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.codes

    @classmethod
    def from_decision(
        cls, decision: Decision, translate: Callable[[str], str] = str
    ) -> "ContactPermission":
        """Return the permission a decision of the compliance rules gives.

        :param decision: the decision; its warnings do not stand in the way
        :param translate: function from an English template to one in the reader's language
        """
        words, codes = {}, {}
        for found in decision.hits:
            if found.strength > 1:
                words.setdefault(sentences.render(found.words, translate))
                codes.setdefault(found.code)
        said = {"contents": decision.contents, "decision": decision}
        if decision.allowed:
            return cls(warnings=tuple(words), warning_codes=tuple(codes), **said)
        moment = decision.next_moment
        return cls(
            reasons=tuple(words),
            codes=tuple(codes),
            next_moment=moment.replace(tzinfo=None) if moment else None,
            overridable=decision.overridable,
            **said,
        )
