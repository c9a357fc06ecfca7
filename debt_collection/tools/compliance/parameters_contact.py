"""Parameters of rules about contacts: when, how often, to whom, in what circumstances."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from . import clock
from .errors import RuleError
from .sentences import Sentence, _lt, either, joined, say
from .windows import Hours, format_minute

PERIODS = ("minutes", "days", "week", "month")
UNITS = ("attempt", "connected", "contact", "unanswered")
SCOPES = ("person", "debt")
WORKPLACE = ("", "if_prohibited", "never", "consent")


def positive(name: str, value: int) -> None:
    """Refuse a number below 1.

    :raises RuleError: naming the parameter
    """
    if value < 1:
        raise RuleError(_lt("%(name)s has to be at least 1."), name=name)


def one_of(name: str, value: str, allowed: Collection[str]) -> None:
    """Refuse a value that is not among those allowed.

    :raises RuleError: naming the parameter and what is allowed
    """
    if value not in allowed:
        raise RuleError(
            _lt("%(name)s cannot be %(value)s; it is one of %(allowed)s."),
            name=name,
            value=repr(value),
            allowed=", ".join(allowed),
        )


@dataclass(frozen=True)
class Window:
    """WINDOW: contacts are allowed at these hours of the debtor's week.

    :param hours: allowed hours by weekday, half-open
    :param holidays: none on public holidays
    :param place: only contacts that reach the person there (``work``); empty: everywhere
    :param consent: the debtor's own consent, given to us, adds hours
    :param location: ``all``: in every zone the debtor may be in; ``first``: in the likeliest
    :param zone: name of the time zone whose hours these are, when it is not the debtor's
    """

    hours: Hours
    holidays: bool = False
    place: str = ""
    consent: bool = False
    location: str = "all"
    zone: str = ""
    TYPE: ClassVar[str] = "WINDOW"

    def __post_init__(self) -> None:
        one_of("location", self.location, ("all", "first"))
        if self.zone:
            clock.zone(self.zone)

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        runs = []
        for first, last, intervals in self.hours.runs():
            days = say(_lt("%(first)s to %(last)s"), first=_day(first), last=_day(last))
            hours = [f"{format_minute(begin)}-{format_minute(end)}" for begin, end in intervals]
            day = days if first != last else _day(first)
            runs.append(say("%(days)s %(hours)s", days=day, hours=hours))
        return joined(
            (
                say(_lt("only %(hours)s in %(zone)s"), hours=runs, zone=self.zone)
                if self.zone
                else say(_lt("only %(hours)s in the debtor's time"), hours=runs),
                either(self.place, _lt(", at %(place)s"), place=self.place),
                either(self.holidays, _lt(", not on holidays")),
                either(
                    self.location == "all" and not self.zone, _lt(", wherever the debtor may be")
                ),
                either(self.consent, _lt(", or at hours the debtor agreed to")),
            )
        )


def _day(number: int) -> str:
    return ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[number]


@dataclass(frozen=True)
class Freq:
    """FREQ: at most so many contacts in a period.

    Days, weeks (from Monday) and months are the debtor's calendar days; minutes roll.

    :param limit: number of contacts allowed
    :param period: ``minutes``, ``days``, ``week`` or ``month``
    :param length: number of minutes or days
    :param unit: ``attempt`` counts every try, ``connected`` leaves out busy and dead lines,
        ``contact`` counts what reached somebody, ``unanswered`` what did not
    :param scope: counted per ``person``, per ``debt``, per both; empty: all together
    :param counts: actions that count; kinds as ``@phone``
    :param places: only requests and contacts at these places; empty: everywhere
    :param after_conversation: only contacts after the first conversation count
    :param attributed: a contact about several debts that told nobody anything counts for the
        first of them alone (12 CFR 1006 Supp. I cmt 14(b)(4)-1.i)
    :param consent_days: calls agreed to by the debtor within so many days are free
    """

    limit: int
    period: str
    length: int = 1
    unit: str = "connected"
    scope: frozenset[str] = frozenset(SCOPES)
    counts: frozenset[str] = frozenset({"@phone"})
    places: frozenset[str] = frozenset()
    after_conversation: bool = False
    attributed: bool = False
    consent_days: int = 0
    TYPE: ClassVar[str] = "FREQ"

    def __post_init__(self) -> None:
        positive("limit", self.limit)
        positive("length", self.length)
        one_of("period", self.period, PERIODS)
        one_of("unit", self.unit, UNITS)
        for scope in self.scope:
            one_of("scope", scope, SCOPES)
        if self.period in ("week", "month") and self.length != 1:
            raise RuleError(_lt("A calendar %(period)s has a length of 1."), period=self.period)

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        within = {
            "minutes": say(_lt("%(number)s minutes"), number=self.length),
            "days": say(_lt("%(number)s days in a row"), number=self.length),
            "week": say(_lt("a calendar week")),
            "month": say(_lt("a calendar month")),
        }[self.period]
        unit = {
            "attempt": say(_lt("attempts")),
            "connected": say(_lt("attempts that were put through")),
            "contact": say(_lt("contacts made")),
            "unanswered": say(_lt("unanswered attempts")),
        }[self.unit]
        return joined(
            (
                say(
                    _lt("at most %(limit)s %(unit)s in %(period)s"),
                    limit=self.limit,
                    unit=unit,
                    period=within,
                ),
                either(self.scope, _lt(" for each %(scope)s"), scope=sorted(self.scope)),
                either(self.places, _lt(", at %(places)s"), places=sorted(self.places)),
                either(self.after_conversation, _lt(", after the first conversation")),
                either(self.consent_days, _lt(", agreed calls left out")),
            )
        )


@dataclass(frozen=True)
class Cooloff:
    """COOLOFF: nothing for some days after an event.

    :param days: length of the pause in the debtor's calendar days
    :param trigger: ``conversation``, or the name of a date: ``due``
    :param first_day: 0 when the day of the event is day 1, 1 when the day after it is
    :param scope: for the same ``person``, the same ``debt``
    :param consent_days: calls agreed to by the debtor within so many days are free
    """

    days: int
    trigger: str = "conversation"
    first_day: int = 0
    scope: frozenset[str] = frozenset(SCOPES)
    consent_days: int = 0
    TYPE: ClassVar[str] = "COOLOFF"

    def __post_init__(self) -> None:
        positive("days", self.days)
        one_of("first_day", self.first_day, (0, 1))

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        template = (
            _lt("%(days)s days of pause beginning with the day of the %(trigger)s")
            if self.first_day == 0
            else _lt("%(days)s days of pause after the day of the %(trigger)s")
        )
        return say(template, days=self.days, trigger=self.trigger)


@dataclass(frozen=True)
class FlagRule:
    """FLAG: circumstances in which nothing, or only a little, is allowed.

    :param flags: names of the circumstances
    :param purposes: purposes that are not allowed; empty: all
    :param allowed_purposes: purposes that are allowed all the same
    :param allowed_recipients: persons who may be contacted all the same
    :param reply_once: one reply to each message of the debtor in its medium
    :param days: a circumstance without end lasts so many days from its start; 0: until removed
    :param extra_days: days for which it lasts longer than its end
    :param unanswered_days: after so many days without an answer the hit becomes a warning
    """

    flags: frozenset[str]
    purposes: frozenset[str] = frozenset()
    allowed_purposes: frozenset[str] = frozenset()
    allowed_recipients: frozenset[str] = frozenset()
    reply_once: bool = False
    days: int = 0
    extra_days: int = 0
    unanswered_days: int = 0
    TYPE: ClassVar[str] = "FLAG"

    def __post_init__(self) -> None:
        if not self.flags:
            raise RuleError(_lt("Name at least one circumstance."))
        if min(self.days, self.extra_days, self.unanswered_days) < 0:
            raise RuleError(_lt("A number of days cannot be negative."))

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        return joined(
            (
                say(_lt("not while: %(flags)s"), flags=sorted(self.flags)),
                either(self.purposes, _lt(", for %(names)s"), names=sorted(self.purposes)),
                either(self.days, _lt(", %(days)s days long"), days=self.days),
                either(self.extra_days, _lt(", and %(days)s days more"), days=self.extra_days),
                either(
                    self.allowed_purposes,
                    _lt("; allowed for %(names)s"),
                    names=sorted(self.allowed_purposes),
                ),
                either(
                    self.allowed_recipients,
                    _lt("; allowed to %(names)s"),
                    names=sorted(self.allowed_recipients),
                ),
                either(self.reply_once, _lt("; one reply to each message")),
            )
        )


@dataclass(frozen=True)
class Consent:
    """CONSENT: what the debtor refused, limited or agreed to.

    :param opt_out: numbers and addresses opted out are not used, for any debt
    :param media: media refused are not used, for any debt
    :param channels: only these channels at all; empty: any
    :param max_age_days: older knowledge of whose number it is gives a warning; 0: does not matter
    :param confirmation: purpose that may be sent to an address opted out, saying nothing else
    :param allowed_purposes: purposes the law itself asks for
    :param reply_once: one reply to each message of the debtor in its medium
    """

    opt_out: bool = False
    media: bool = False
    channels: frozenset[str] = frozenset()
    max_age_days: int = 0
    confirmation: str = ""
    allowed_purposes: frozenset[str] = frozenset()
    reply_once: bool = False
    TYPE: ClassVar[str] = "CONSENT"

    def __post_init__(self) -> None:
        if not (self.opt_out or self.media or self.channels or self.max_age_days):
            raise RuleError(_lt("This rule about consent asks for nothing."))
        if self.max_age_days < 0:
            raise RuleError(_lt("A number of days cannot be negative."))

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        return joined(
            (
                either(self.opt_out, _lt("no use of numbers and addresses opted out")),
                either(self.media, _lt("no use of media refused")),
                either(self.channels, _lt("only by %(names)s"), names=sorted(self.channels)),
                either(
                    self.max_age_days,
                    _lt("the number is known to be the debtor's for at most %(days)s days"),
                    days=self.max_age_days,
                ),
                say(_lt("for any debt")),
            ),
            between="; ",
        )


@dataclass(frozen=True)
class Recipient:
    """RECIPIENT: who may learn of the debt, and where.

    :param recipients: who may be contacted about the debt; empty: not limited
    :param with_consent: who may be once the debtor agreed in writing
    :param location_contacts: contacts with anybody else to ask where the debtor is, without
        mention of the debt
    :param public_ban: nothing others can see
    :param lists: who may get lists of debtors; everybody else may not
    :param legal_basis: a list of debtors needs a legal basis
    :param workplace: contact at work: ``if_prohibited`` by the employer, ``never``, or only with
        ``consent``
    :param employer_address: no address of the employer that the debtor did not use himself
    """

    recipients: frozenset[str] = frozenset()
    with_consent: frozenset[str] = frozenset()
    location_contacts: int = 0
    public_ban: bool = False
    lists: frozenset[str] | None = None
    legal_basis: bool = False
    workplace: str = ""
    employer_address: bool = False
    TYPE: ClassVar[str] = "RECIPIENT"

    def __post_init__(self) -> None:
        one_of("workplace", self.workplace, WORKPLACE)
        if self.location_contacts < 0:
            raise RuleError(_lt("A number of contacts cannot be negative."))

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        return joined(
            (
                either(
                    self.recipients,
                    _lt("only %(names)s may learn of the debt"),
                    names=sorted(self.recipients),
                ),
                either(
                    self.location_contacts,
                    _lt("others are asked where the debtor is, %(number)s time(s)"),
                    number=self.location_contacts,
                ),
                either(self.public_ban, _lt("nothing others can see")),
                either(self.lists is not None, _lt("no published lists")),
                either(self.legal_basis, _lt("lists need a legal basis")),
                either(self.workplace, _lt("limits at the workplace")),
                either(self.employer_address, _lt("no address of the employer")),
            ),
            between="; ",
        )
