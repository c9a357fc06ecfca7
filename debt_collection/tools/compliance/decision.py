"""The answer: may this be done now, and if not, why not and from when on.

All rules that hold are asked and the most restrictive answer wins; nobody may relax another's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from . import check_money, check_paper, check_person, check_time, clock, sentences, vocabulary
from .facts import Facts, Request
from .hits import Hit, hit
from .rules import Rule, RuleBook

Check = Callable[[Rule, Request, Facts], Iterator[Hit]]
CHECKS: dict[str, Check] = {
    "FLAG": check_person.check_flag,
    "RECIPIENT": check_person.check_recipient,
    "CONSENT": check_person.check_consent,
    "PREREQ_NOTICE": check_paper.check_notice,
    "LIMITATION": check_paper.check_limitation,
    "CONTENT": check_paper.check_content,
    "RETENTION": check_paper.check_retention,
    "COOLOFF": check_time.check_cooloff,
    "FREQ": check_time.check_frequency,
    "WINDOW": check_time.check_window,
}
MONEY_TYPES = ("CAP", "LATE_CHARGE")
# Of hits that weigh the same, the one named first is the one that time does not heal.
ORDER = ("", *CHECKS, *MONEY_TYPES)
# How far ahead a lawful moment is looked for (some records are kept for ten years), and in how
# many steps from end to end of hits.
SEARCH_DAYS, SEARCH_STEPS = 4100, 400


@dataclass(frozen=True)
class Decision:
    """What the gate answers.

    :param decision: ``allow``, ``warn``, ``partial``, ``block`` or ``hard_block``
    :param hits: everything that stands in the way, the strongest first
    :param next_moment: first moment, in UTC, at which nothing as strong does; none: not foreseeable
        or not needed
    :param asked: amount asked for, when it is about money
    :param amount: the part of it that may be charged
    :param contents: tokens of what a text has to say, or a person on the telephone
    :param content_class: what the given text is, when a rule names it: ``limited_content``
    :param may_know: who may learn of the debt; none: no rule limits it
    :param location_only: whether anybody else may be asked where the debtor is
    :param considered: codes of the rules that were asked
    :param overridden: somebody with the right to decided otherwise
    """

    decision: str
    hits: tuple[Hit, ...] = ()
    next_moment: datetime | None = None
    asked: Decimal | None = None
    amount: Decimal | None = None
    contents: tuple[str, ...] = ()
    content_class: str = ""
    may_know: frozenset[str] | None = None
    location_only: bool = False
    considered: tuple[str, ...] = ()
    overridden: bool = False
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def allowed(self) -> bool:
        """Whether it may be done, perhaps with a warning or in part."""
        return vocabulary.STRENGTH[self.decision] < vocabulary.STRENGTH[vocabulary.BLOCK]

    @property
    def overridable(self) -> bool:
        """Whether somebody with the right to may override it."""
        return self.decision in (vocabulary.WARN, vocabulary.BLOCK)

    @property
    def codes(self) -> tuple[str, ...]:
        """The reasons, machine-readable, each once, the strongest first; hints left out."""
        return tuple(dict.fromkeys(hit.code for hit in self.hits if hit.strength > 1))

    @property
    def reason(self) -> str:
        """The first of the reasons, or an empty text."""
        return self.codes[0] if self.codes else ""

    @property
    def withheld(self) -> Decimal | None:
        """The part of the amount that may not be charged."""
        if self.asked is None or self.amount is None:
            return None
        return self.asked - self.amount

    def words(self, translate: Callable[[str], str] = str) -> tuple[str, ...]:
        """Return the reasons in words for a person, each once.

        :param translate: function from an English template to one in the reader's language
        """
        said = (sentences.render(hit.words, translate) for hit in self.hits if hit.strength > 1)
        return tuple(dict.fromkeys(said))


def most_restrictive(decisions: Iterable[str]) -> str:
    """Return the strongest of some decisions; without any, ``allow``."""
    return max(decisions, key=vocabulary.STRENGTH.__getitem__, default=vocabulary.ALLOW)


def evaluate(request: Request, facts: Facts, book: RuleBook, *, find_next: bool = True) -> Decision:
    """Answer whether something may be done.

    :param request: what is asked, with the moment at which it would leave us
    :param facts: everything known about the debtor
    :param book: the rules
    :param find_next: look for the next lawful moment when it may not be done now
    :return: the decision with all its reasons
    """
    answer = _answer(request, facts, book)
    if not find_next or vocabulary.STRENGTH[answer.decision] < vocabulary.STRENGTH[vocabulary.WARN]:
        return answer
    return replace(answer, next_moment=find_next_moment(request, facts, book, answer))


def find_next_moment(
    request: Request, facts: Facts, book: RuleBook, answer: Decision
) -> datetime | None:
    """Return the first moment at which nothing as strong stands in the way.

    Each hit knows the first moment at which its rule alone does not stand in the way; before the
    latest of these nothing can be lawful. From there the rules are asked again, until none hits.

    :param answer: the decision for the request's own moment
    :return: nothing when that is not foreseeable, or more than eleven years away
    """
    level = min(vocabulary.STRENGTH[answer.decision], vocabulary.STRENGTH[vocabulary.BLOCK])
    at, hits = request.at, answer.hits
    horizon = request.at + timedelta(days=SEARCH_DAYS)
    for _step in range(SEARCH_STEPS):
        moments = [found.until for found in hits if found.strength >= level]
        if not moments:
            return at
        if None in moments:
            return None
        later = max(moments)
        if later <= at or later > horizon:
            return None
        at = later
        hits = _answer(replace(request, at=at), facts, book).hits
    return None


def _answer(request: Request, facts: Facts, book: RuleBook) -> Decision:
    hits: list[Hit] = []
    if not facts.jurisdictions:
        hits.append(hit(None, "NO_JURISDICTION", severity=vocabulary.BLOCK))
    rules = [
        rule
        for rule in book.find(facts.jurisdictions, request.action)
        if rule.binds(request, facts)
    ]
    money = check_money.judge(
        [rule for rule in rules if rule.type in MONEY_TYPES],
        request,
        facts,
        book.depths(facts.jurisdictions),
    )
    hits += money.hits
    rules = [rule for rule in rules if rule.protects(facts)]
    for rule in rules:
        if rule.type not in MONEY_TYPES:
            found = CHECKS[rule.type](rule, request, facts)
            hits += (_while_in_force(one, rule, facts) for one in found)
    hits += check_time.check_wishes(request, facts)
    hits = list(dict.fromkeys(hits))
    hits.sort(key=lambda found: (-found.strength, ORDER.index(found.type)))
    decision = most_restrictive(found.severity for found in hits)
    blocked = vocabulary.STRENGTH[decision] >= vocabulary.STRENGTH[vocabulary.BLOCK]
    known = money.amount is not None
    return Decision(
        decision=vocabulary.ALLOW if decision == vocabulary.INFO else decision,
        hits=tuple(hits),
        asked=money.asked,
        amount=Decimal("0.00") if known and blocked else money.amount,
        considered=tuple(rule.code for rule in rules),
        values={name: value for found in hits for name, value in found.values.items()},
        **_guidance(rules, request, facts),
    )


def _while_in_force(found: Hit, rule: Rule, facts: Facts) -> Hit:
    """Return a hit that ends with the rule, when that ends before the hit does."""
    if not rule.valid_to:
        return found
    end = clock.date_everywhere(rule.valid_to + clock.DAY, facts.zones)
    return found if found.until and found.until <= end else replace(found, until=end)


def _guidance(rules: Iterable[Rule], request: Request, facts: Facts) -> dict[str, Any]:
    """Return what a text has to say, what it is, and who may learn of the debt."""
    tokens: set[str] = set()
    may_know: frozenset[str] | None = None
    location_only, limits = True, False
    content_class = ""
    for rule in rules:
        if rule.type == "CONTENT":
            tokens |= check_paper.required_tokens(rule, request, facts)
            named = rule.parameters.names if request.content is not None else ""
            if named and not any(check_paper.check_content(rule, request, facts)):
                content_class = named
        elif rule.type == "RECIPIENT" and rule.parameters.recipients:
            limits = True
            location_only = location_only and rule.parameters.location_contacts > 0
            own = rule.parameters.recipients
            may_know = own if may_know is None else may_know & own
    return {
        "contents": tuple(sorted(tokens)),
        "content_class": content_class,
        "may_know": may_know,
        "location_only": limits and location_only,
    }
