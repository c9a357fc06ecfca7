"""Answer of the contact gate, free of the ORM."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class ContactPermission:
    """May we contact this person now, on this channel?

    :param reasons: words for a person, one for each thing that stands in the way; empty: allowed
    :param codes: the same, machine-readable
    :param next_moment: first moment at which it is worth asking again, if that is known (UTC)
    """

    reasons: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    next_moment: datetime | None = field(default=None)

    @property
    def allowed(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.codes
