"""Parameters of rules about notices, texts, time limits and money."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from .errors import RuleError
from .parameters_contact import one_of, positive
from .sentences import Sentence, _lt, either, joined, say
from .vocabulary import SEVERITIES

EFFECTS = ("ban_suit", "extinguish", "ban_collection", "ban_without_contact", "defence")
FORMULAS = ("in_duplum", "total", "count", "free", "tiers")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Step:
    """A notice and the wait after it.

    :param kinds: notices that will do
    :param days: length of the wait; 0: none
    :param business: in business days
    :param first_day: 0 when the day of the notice is day 1, 1 when the day after it is
    :param first_business_day: the nth business day after the notice is day 1
    """

    kinds: frozenset[str]
    days: int = 0
    business: bool = False
    first_day: int = 1
    first_business_day: int = 0

    def __post_init__(self) -> None:
        if not self.kinds:
            raise RuleError(_lt("Name at least one kind of notice."))
        one_of("first_day", self.first_day, (0, 1))
        if min(self.days, self.first_business_day) < 0:
            raise RuleError(_lt("A number of days cannot be negative."))

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        kind = say(_lt("business days")) if self.business else say(_lt("days"))
        return joined(
            (
                say("%(kinds)s", kinds=sorted(self.kinds)),
                either(self.days, _lt(" and %(days)s full %(kind)s"), days=self.days, kind=kind),
            )
        )


@dataclass(frozen=True)
class PrereqNotice:
    """PREREQ_NOTICE: something has to be given first, and some time has to pass.

    :param steps: notices with their waits; one of them is enough
    :param required: without any such notice it is not allowed; otherwise only waits of notices
        that were given have to pass
    :param missing: reason code when there is none
    :param default_days: days of default before; 0: no matter
    :param default_business: these are business days
    :param approval: an authority has to have approved the notice
    :param await_response: a response stands in the way until it is settled
    :param settled_responses: responses that do not
    :param response_severity: of an unsettled response; empty: the rule's
    :param undelivered_severity: of a notice that did not arrive; empty: the rule's
    :param after_event: name of a date; the notice is due within some days of it, not before
    :param within_days: these days
    :param carriage_days: business days after which a notice counts as received
    :param term_days: days from then until the recipient's time ends
    """

    steps: tuple[Step, ...]
    required: bool = True
    missing: str = "NOTICE_MISSING"
    default_days: int = 0
    default_business: bool = False
    approval: bool = False
    await_response: bool = False
    settled_responses: frozenset[str] = frozenset()
    response_severity: str = ""
    undelivered_severity: str = ""
    after_event: str = ""
    within_days: int = 0
    carriage_days: int = 0
    term_days: int = 0
    TYPE: ClassVar[str] = "PREREQ_NOTICE"

    def __post_init__(self) -> None:
        if not self.steps:
            raise RuleError(_lt("Name at least one notice."))
        if min(self.default_days, self.within_days, self.carriage_days, self.term_days) < 0:
            raise RuleError(_lt("A number of days cannot be negative."))
        for severity in (self.response_severity, self.undelivered_severity):
            one_of("severity", severity, ("", *SEVERITIES))

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        if self.after_event:
            return say(
                _lt("within %(days)s days of %(event)s: %(steps)s"),
                days=self.within_days,
                event=self.after_event,
                steps=[step.sentence() for step in self.steps],
            )
        template = (
            _lt("only after one of: %(steps)s")
            if self.required
            else _lt("only after the wait of: %(steps)s")
        )
        return joined(
            (
                say(template, steps=[step.sentence() for step in self.steps]),
                either(
                    self.default_days, _lt("; %(days)s days in default"), days=self.default_days
                ),
                either(self.approval, _lt("; approved by the authority")),
                either(self.await_response, _lt("; no answer of the debtor open")),
            )
        )


@dataclass(frozen=True)
class Content:
    """CONTENT: what a text has to say and must not say.

    :param documents: kinds of document; empty: any text
    :param required: tokens that have to be there
    :param required_if: pairs of a fact and a token it makes necessary
    :param forbidden: tokens that must not be there
    :param optional: with ``closed``, tokens that may be there
    :param closed: nothing else may be there
    :param barred_traits: facts with which the text is not of this kind
    :param names: what a text that complies is: ``limited_content``
    :param pay_not_before: name of a date before which no payment may be demanded
    :param languages: codes of languages of which one has to be used; empty: any
    """

    documents: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    required_if: tuple[tuple[str, str], ...] = ()
    forbidden: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    closed: bool = False
    barred_traits: frozenset[str] = frozenset()
    names: str = ""
    pay_not_before: str = ""
    languages: frozenset[str] = frozenset()
    TYPE: ClassVar[str] = "CONTENT"

    def __post_init__(self) -> None:
        asked = (self.required, self.required_if, self.forbidden, self.pay_not_before)
        if not any((*asked, self.closed, self.languages)):
            raise RuleError(_lt("This rule about a text asks for nothing."))
        if self.required & self.forbidden:
            raise RuleError(
                _lt("A text cannot need and lack the same: %(tokens)s."),
                tokens=", ".join(sorted(self.required & self.forbidden)),
            )

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        return joined(
            (
                either(self.required, _lt("says %(names)s"), names=sorted(self.required)),
                either(
                    self.required_if,
                    _lt("if need be %(names)s"),
                    names=[token for _trait, token in self.required_if],
                ),
                either(self.closed, _lt("says nothing else")),
                either(self.forbidden, _lt("never %(names)s"), names=sorted(self.forbidden)),
                either(
                    self.pay_not_before,
                    _lt("demands no payment before %(event)s"),
                    event=self.pay_not_before,
                ),
                either(self.languages, _lt("in %(names)s"), names=sorted(self.languages)),
            ),
            between="; ",
        )


@dataclass(frozen=True)
class Limitation:
    """LIMITATION: after some years the debt can no longer be enforced.

    :param years: length of the term; none: the law differs, a person judges each debt
    :param year_end: it begins at the end of the year of the event (DE: BGB s199(1))
    :param effect: ``ban_suit``: no court and no threat of it; ``ban_collection``: nothing at all;
        ``extinguish``: the debt is gone; ``ban_without_contact``: nothing when the debtor was not
        contacted in time; ``defence``: a warning
    """

    years: int | None = None
    year_end: bool = False
    effect: str = "defence"
    TYPE: ClassVar[str] = "LIMITATION"

    def __post_init__(self) -> None:
        if self.years is not None:
            positive("years", self.years)
        one_of("effect", self.effect, EFFECTS)

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        effect = {
            "ban_suit": say(_lt("no court and no threat of it")),
            "extinguish": say(_lt("the debt is gone")),
            "ban_collection": say(_lt("no collection")),
            "ban_without_contact": say(_lt("no collection unless there was contact in time")),
            "defence": say(_lt("the debtor may refuse to pay")),
        }[self.effect]
        return joined(
            (
                say(_lt("after %(years)s years"), years=self.years)
                if self.years
                else say(_lt("when judged to be time-barred")),
                either(self.year_end, _lt(" from the end of the year")),
                say(": %(effect)s", effect=effect),
            )
        )


@dataclass(frozen=True)
class Retention:
    """RETENTION: how long records are kept, and how soon a debtor is answered.

    :param years: years for which they have to be kept; 0: no minimum
    :param max_years: years after which they have to go; 0: no maximum
    :param anchor: name of the date it counts from
    :param record_class: which records: ``contact``, ``recording``, ``document``; empty: all
    :param answer_months: months in which a request for access is answered
    :param extension_months: months more when the debtor was told of an extension
    """

    years: int = 0
    max_years: int = 0
    anchor: str = "last_activity"
    record_class: str = ""
    answer_months: int = 0
    extension_months: int = 0
    TYPE: ClassVar[str] = "RETENTION"

    def __post_init__(self) -> None:
        if min(self.years, self.max_years, self.answer_months, self.extension_months) < 0:
            raise RuleError(_lt("A number of years cannot be negative."))
        if not (self.years or self.max_years or self.answer_months):
            raise RuleError(_lt("This rule keeps records for no time at all."))
        if self.max_years and self.max_years < self.years:
            raise RuleError(
                _lt("Records have to go before they may: the maximum is below the minimum.")
            )

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        return joined(
            (
                either(
                    self.years,
                    _lt("kept %(years)s years from %(anchor)s"),
                    years=self.years,
                    anchor=self.anchor,
                ),
                either(self.max_years, _lt("gone after %(years)s years"), years=self.max_years),
                either(
                    self.answer_months,
                    _lt("answered in %(months)s month(s)"),
                    months=self.answer_months,
                ),
                either(
                    self.extension_months,
                    _lt("%(months)s month(s) more when extended"),
                    months=self.extension_months,
                ),
            ),
            between="; ",
        )


@dataclass(frozen=True)
class Cap:
    """CAP: how much may be charged.

    :param formula: ``in_duplum``: charges in default up to the principal at default; ``total``:
        fees up to the lesser of capital and amount; ``count``: so many of an item a month;
        ``free``: never; ``tiers``: by the balance
    :param kinds: charges it is about; empty: all
    :param items: tariff items it is about; empty: all
    :param amount: limit of ``total``, in the rule's currency
    :param count: limit of ``count``
    :param tiers: (balance above which it holds, base amount, percent of the part above)
    :param maximum: limit of ``tiers``; 0: none
    """

    formula: str
    kinds: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    amount: Decimal = ZERO
    count: int = 0
    tiers: tuple[tuple[Decimal, Decimal, Decimal], ...] = ()
    maximum: Decimal = ZERO
    TYPE: ClassVar[str] = "CAP"

    def __post_init__(self) -> None:
        one_of("formula", self.formula, FORMULAS)
        needed = {"total": self.amount > 0, "count": self.count > 0, "tiers": bool(self.tiers)}
        if not needed.get(self.formula, True):
            raise RuleError(_lt("A limit by %(formula)s needs its value."), formula=self.formula)
        if list(self.tiers) != sorted(self.tiers):
            raise RuleError(_lt("The tiers have to be in ascending order."))

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        limit = {
            "in_duplum": say(_lt("charges in default up to the principal at default")),
            "total": say(_lt("fees up to the capital, at most %(amount)s"), amount=self.amount),
            "count": say(_lt("at most %(count)s charged a month"), count=self.count),
            "free": say(_lt("free of charge")),
            "tiers": say(
                _lt("by the balance: %(tiers)s"),
                tiers=[
                    say(
                        _lt("above %(above)s: %(base)s and %(percent)s %%"),
                        above=above,
                        base=base,
                        percent=percent,
                    )
                    for above, base, percent in self.tiers
                ],
            ),
        }[self.formula]
        names = sorted(self.kinds | self.items)
        return joined((either(names, "%(names)s: ", names=names), limit))


@dataclass(frozen=True)
class LateCharge:
    """LATE_CHARGE: what late payment costs by law.

    :param kind: ``interest`` or ``fixed_compensation``
    :param index: name of the reference rate, kept as dated data
    :param margin: percentage points above it
    :param day_count: days of a year
    :param resets: days of the year at which the reference rate is read anew, as ``01-01``
    :param tiers: (amount of the invoice from which it holds, compensation) for each late invoice
    :param min_legal_factor: an agreed rate is not below so many times the legal rate; 0: no matter
    :param currency: code of the currency of the tiers
    :param digits: decimals amounts are rounded to, half up
    """

    kind: str
    index: str = ""
    margin: Decimal = ZERO
    day_count: int = 365
    resets: tuple[str, ...] = ()
    tiers: tuple[tuple[Decimal, Decimal], ...] = ()
    min_legal_factor: int = 0
    currency: str = ""
    digits: int = 2
    TYPE: ClassVar[str] = "LATE_CHARGE"

    def __post_init__(self) -> None:
        one_of("kind", self.kind, ("interest", "fixed_compensation"))
        positive("day_count", self.day_count)
        if self.kind == "fixed_compensation" and not self.tiers:
            raise RuleError(_lt("A fixed compensation needs its amounts."))
        if list(self.tiers) != sorted(self.tiers):
            raise RuleError(_lt("The tiers have to be in ascending order."))

    def sentence(self) -> Sentence:
        """Return the parameters in words."""
        if self.kind == "interest":
            return joined(
                (
                    say(
                        _lt("interest at %(index)s + %(margin)s points a year, %(days)s days"),
                        index=self.index,
                        margin=self.margin,
                        days=self.day_count,
                    ),
                    either(
                        self.min_legal_factor,
                        _lt(", agreed rates not below %(factor)s times the legal rate"),
                        factor=self.min_legal_factor,
                    ),
                )
            )
        return say(
            _lt("for each late invoice: %(tiers)s"),
            tiers=[
                say(
                    _lt("%(amount)s %(currency)s from %(start)s"),
                    amount=amount,
                    currency=self.currency,
                    start=start,
                )
                for start, amount in self.tiers
            ],
        )
