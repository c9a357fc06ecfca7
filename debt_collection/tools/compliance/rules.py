"""What a rule is, whom it covers, and which rules hold where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from . import clock, codec, vocabulary
from .errors import RuleError
from .facts import Facts, Request
from .parameters_contact import Consent, Cooloff, FlagRule, Freq, Recipient, Window
from .parameters_paper import Cap, Content, LateCharge, Limitation, PrereqNotice, Retention
from .sentences import Sentence, _lt

Parameters = (
    Window
    | Freq
    | Cooloff
    | PrereqNotice
    | Content
    | FlagRule
    | Consent
    | Recipient
    | Limitation
    | Retention
    | Cap
    | LateCharge
)
PARAMETERS: dict[str, type] = {
    kind.TYPE: kind
    for kind in (
        Window,
        Freq,
        Cooloff,
        PrereqNotice,
        Content,
        FlagRule,
        Consent,
        Recipient,
        Limitation,
        Retention,
        Cap,
        LateCharge,
    )
}
EVERYWHERE = "*"


@dataclass(frozen=True)
class Rule:
    """One rule in one version.

    :param code: its name; versions of a rule share it
    :param jurisdiction: code of the country, state or sector; ``*``: everywhere
    :param parameters: what it says
    :param actions: what it is about; kinds as ``@phone``
    :param severity: ``hard_block``, ``block``, ``warn`` or ``info``
    :param rule_set: name of the law or policy it belongs to
    :param basis: ``law``, ``presumption``, ``guidance``, ``draft`` or ``policy``
    :param actors: in whose name we act when it binds us; empty: any
    :param debtor_types: whom it protects; empty: all
    :param except_purposes: purposes it does not cover
    :param except_recipients: persons contact with whom it does not cover, nor counts
    :param only_if: facts that have to be there for it to hold
    :param unless: facts with which it does not hold
    :param reason: reason code of its hits, where the type's own is too general
    :param valid_from: first day, any by default
    :param valid_to: last day, any by default
    :param source: article of the law or page of the guidance
    :param url: where it was read
    :param grade: how good the evidence is (:data:`.vocabulary.GRADES`)
    :param verified_on: day on which somebody compared it with its source
    :param verified_by: who did
    :param active: inactive rules are never applied
    :param to_confirm: what has to be confirmed before it may be
    """

    code: str
    jurisdiction: str
    parameters: Parameters
    actions: frozenset[str]
    severity: str = vocabulary.BLOCK
    rule_set: str = ""
    basis: str = "law"
    actors: frozenset[str] = frozenset()
    debtor_types: frozenset[str] = frozenset()
    except_purposes: frozenset[str] = frozenset()
    except_recipients: frozenset[str] = frozenset()
    only_if: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    reason: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    url: str = ""
    grade: str = "verify"
    verified_on: date | None = None
    verified_by: str = ""
    active: bool = True
    to_confirm: str = ""
    expanded: frozenset[str] = field(init=False, default=frozenset(), repr=False, compare=False)

    def __post_init__(self) -> None:
        name = self.code
        if not self.code or not self.jurisdiction or not self.actions:
            raise RuleError(_lt("A rule needs a code, a jurisdiction and actions."))
        _check(name, "severity", {self.severity}, vocabulary.SEVERITIES)
        _check(name, "basis", {self.basis}, vocabulary.BASES)
        _check(name, "grade", {self.grade}, vocabulary.GRADES)
        _check(name, "actors", self.actors, vocabulary.ACTORS)
        _check(name, "debtor type", self.debtor_types, vocabulary.DEBTOR_TYPES)
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise RuleError(_lt("The rule %(rule)s ends before it begins."), rule=name)
        try:
            object.__setattr__(self, "expanded", vocabulary.expand(self.actions))
        except KeyError as error:
            raise RuleError(
                _lt("The rule %(rule)s names an unknown kind of action: %(kind)s."),
                rule=name,
                kind=str(error.args[0]),
            ) from error

    @property
    def type(self) -> str:
        """The type of the rule, such as ``WINDOW``."""
        return self.parameters.TYPE

    def sentence(self) -> Sentence:
        """Return what the rule says in words."""
        return Sentence(
            "%(actions)s: %(what)s",
            {"actions": sorted(self.actions), "what": self.parameters.sentence()},
        )

    def binds(self, request: Request, facts: Facts) -> bool:
        """Tell whether the rule holds for what is asked, debtor types apart.

        A rule is in force when it is so on the calendar day of one of the debtor's zones.
        """
        if not self.active or request.action not in self.expanded:
            return False
        if self.actors and request.actor not in self.actors and self.rule_set not in facts.adopted:
            return False
        if request.purpose in self.except_purposes or request.recipient in self.except_recipients:
            return False
        if self.only_if or self.unless:
            traits = facts.traits | request.traits
            if not self.only_if <= traits or self.unless & traits:
                return False
        if self.valid_from and clock.last_date(request.at, facts.zones) < self.valid_from:
            return False
        return not (self.valid_to and clock.first_date(request.at, facts.zones) > self.valid_to)

    def protects(self, facts: Facts) -> bool:
        """Tell whether the rule protects this type of debtor."""
        return not self.debtor_types or facts.debtor_type in self.debtor_types

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Rule":
        """Return a rule of plain data: the fields of this class, and ``type``.

        :raises RuleError: when something is unknown, missing or senseless; the text names the rule
        """
        values = dict(data)
        code, kind = values.get("code", "?"), values.pop("type", None)
        if kind not in PARAMETERS:
            raise RuleError(
                _lt("The rule %(rule)s has an unknown type: %(type)s."), rule=code, type=repr(kind)
            )
        try:
            parameters = codec.load(PARAMETERS[kind], values.pop("parameters", {}))
            # ``parameters`` and the memo of ``actions`` are not plain data
            return codec.load(cls, {**values, "parameters": parameters})
        except RuleError as error:
            raise RuleError(
                _lt("The rule %(rule)s is not complete or not right. %(problem)s"),
                rule=code,
                problem=error,
            ) from error


def _check(rule: str, what: str, values: Iterable[str], allowed: Iterable[str]) -> None:
    for value in values:
        if value not in allowed:
            raise RuleError(
                _lt("The rule %(rule)s has an unknown %(what)s: %(value)s."),
                rule=rule,
                what=what,
                value=repr(value),
            )


def ancestry(codes: Iterable[str], parents: Mapping[str, str]) -> dict[str, int]:
    """Return jurisdictions with all they lie in, and how deep each lies in the tree.

    :param codes: the jurisdictions that are known
    :param parents: jurisdiction → the one it lies in
    :return: code → number of jurisdictions above it
    :raises RuleError: when a jurisdiction lies in itself
    """
    result: dict[str, int] = {}
    for code in codes:
        path = [code]
        while parent := parents.get(path[-1]):
            if parent in path:
                raise RuleError(_lt("The jurisdiction %(code)s lies in itself."), code=parent)
            path.append(parent)
        result.update((name, len(path) - 1 - step) for step, name in enumerate(path))
    return result


def check_versions(rules: Iterable[Rule]) -> None:
    """Refuse two versions of a rule that are in force on the same day.

    :raises RuleError: naming the rule and the day
    """
    versions: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.active:
            versions.setdefault(rule.code, []).append(rule)
    for code, some in versions.items():
        some.sort(key=lambda rule: rule.valid_from or date.min)
        for earlier, later in zip(some, some[1:], strict=False):
            if not earlier.valid_to or earlier.valid_to >= (later.valid_from or date.min):
                raise RuleError(
                    _lt(
                        "Two versions of the rule %(rule)s are in force on %(day)s; "
                        "end the earlier one on %(end)s."
                    ),
                    rule=code,
                    day=later.valid_from or "",
                    end=later.valid_from - timedelta(days=1) if later.valid_from else "",
                )


class RuleBook:
    """Rules by jurisdiction and action, found once for many questions.

    :param rules: all rules; inactive ones are left out
    :param parents: the tree of jurisdictions: code → code of the one it lies in
    :raises RuleError: when versions overlap or a jurisdiction lies in itself
    """

    def __init__(self, rules: Iterable[Rule], parents: Mapping[str, str] | None = None) -> None:
        self.parents = dict(parents or {})
        self.rules = tuple(rule for rule in rules if rule.active)
        check_versions(self.rules)
        ancestry(self.parents, self.parents)
        self._found: dict[tuple[tuple[str, ...], str], tuple[Rule, ...]] = {}
        self._depths: dict[tuple[str, ...], dict[str, int]] = {}

    def depths(self, jurisdictions: tuple[str, ...]) -> dict[str, int]:
        """Return the jurisdictions that hold, with their depth in the tree."""
        if jurisdictions not in self._depths:
            self._depths[jurisdictions] = ancestry(jurisdictions, self.parents)
        return self._depths[jurisdictions]

    def find(self, jurisdictions: tuple[str, ...], action: str) -> tuple[Rule, ...]:
        """Return the rules of jurisdictions, and of all they lie in, that are about an action."""
        key = (jurisdictions, action)
        if key not in self._found:
            places = {*self.depths(jurisdictions), EVERYWHERE}
            self._found[key] = tuple(
                rule
                for rule in self.rules
                if rule.jurisdiction in places and action in rule.expanded
            )
        return self._found[key]
