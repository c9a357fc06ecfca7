"""Short ways to write questions to the compliance rules; no database."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

from odoo.addons.debt_collection.tools.compliance import clock, facts, presets, rules
from odoo.addons.debt_collection.tools.compliance.decision import evaluate

PRESETS = Path(__file__).parents[1] / "data" / "compliance_presets.json"


def read_presets():
    """Return the shipped rules and the tree of jurisdictions."""
    data = json.loads(PRESETS.read_text())
    return presets.read_rules(data), presets.read_jurisdictions(data)


def utc(text):
    """Return a moment of ``2026-06-10 12:00``, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text):
    """Return a date of ``2026-06-10``."""
    return date.fromisoformat(text)


def make_rule(kind, parameters, **values):
    """Return a rule of plain data, about calls if nothing else is said."""
    defaults = {
        "code": "R",
        "jurisdiction": "X",
        "actions": ["call"],
        "severity": "block",
        "grade": "policy",
    }
    return rules.Rule.from_data({**defaults, **values, "type": kind, "parameters": parameters})


def make_contact(at, result="ring", **values):
    """Return a call to the person P about the debt D."""
    return facts.Contact(
        **{
            "action": "call",
            "at": utc(at),
            "debts": ("D",),
            "result": result,
            "person": "P",
            **values,
        }
    )


def ask(rule_list, at="2026-06-10 12:00", zones="UTC", action="call", known=None, **values):
    """Return the decision about a call to the person P about the debt D.

    :param rule_list: rules, a rule, or the names of shipped rule sets
    :param known: values of the facts, by name
    :param values: values of the request, by name
    """
    if isinstance(rule_list, rules.Rule):
        rule_list = [rule_list]
    request = facts.Request(
        **{"action": action, "at": utc(at), "person": "P", "debts": ("D",), **values}
    )
    known = {"jurisdictions": ("X",), "zones": clock.zones(zones.split()), **(known or {})}
    return evaluate(request, facts.Facts(**known), rules.RuleBook(rule_list))
