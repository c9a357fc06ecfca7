"""The rule sets that ship with the addon, read from plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .errors import RuleError
from .rules import Rule
from .sentences import _lt


def read_jurisdictions(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the tree of jurisdictions: code → code of the one it lies in.

    :param data: content of ``data/compliance_presets.json``
    """
    return {one["code"]: one["parent"] for one in data["jurisdictions"] if one.get("parent")}


def read_rules(data: Mapping[str, Any]) -> list[Rule]:
    """Return all rules, those that ship inactive too.

    :param data: content of ``data/compliance_presets.json``
    :raises RuleError: when a rule is not right, lies nowhere, or is inactive without a reason
    """
    known = {one["code"] for one in data["jurisdictions"]} | {"*"}
    rules = [Rule.from_data(one) for one in data["rules"]]
    for rule in rules:
        if rule.jurisdiction not in known:
            raise RuleError(
                _lt("The rule %(rule)s names an unknown jurisdiction: %(code)s."),
                rule=rule.code,
                code=rule.jurisdiction,
            )
        if rule.active == bool(rule.to_confirm):
            raise RuleError(
                _lt("The rule %(rule)s is inactive for no reason, or active unconfirmed."),
                rule=rule.code,
            )
    return rules


def confirmed(rules: Iterable[Rule], rule_sets: Iterable[str]) -> list[Rule]:
    """Return the rules of some rule sets as they are once a person has confirmed them."""
    wanted = set(rule_sets)
    return [replace(rule, active=True, to_confirm="") for rule in rules if rule.rule_set in wanted]
