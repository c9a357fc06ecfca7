"""What the parameters of each type of rule are, to be edited in fields: read from the types."""

import inspect
import re
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from functools import lru_cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

from . import parameters_contact, parameters_paper, vocabulary
from .codec import _hints, dump
from .rules import PARAMETERS
from .windows import Hours

# Parameters with a fixed choice of words.
OPTIONS = {
    "period": parameters_contact.PERIODS,
    "unit": parameters_contact.UNITS,
    "location": ("all", "first"),
    "workplace": parameters_contact.WORKPLACE,
    "effect": parameters_paper.EFFECTS,
    "formula": parameters_paper.FORMULAS,
    "response_severity": ("", *vocabulary.SEVERITIES),
    "undelivered_severity": ("", *vocabulary.SEVERITIES),
}
# Names of the columns of parameters that are tables.
COLUMNS = {
    ("CAP", "tiers"): ("above", "base", "percent"),
    ("LATE_CHARGE", "tiers"): ("from", "amount"),
    ("CONTENT", "required_if"): ("fact", "word"),
}


@lru_cache(maxsize=32)
def describe(kind: str) -> tuple[dict[str, Any], ...]:
    """Return the parameters of a type of rule, in the order in which they are asked for.

    :param kind: such as ``WINDOW``
    :return: dicts of name, label, help, kind (``integer``, ``decimal``, ``boolean``, ``text``,
        ``select``, ``words``, ``hours``, ``rows``), required, default, options and columns
    """
    parameters = PARAMETERS.get(kind)
    return tuple(_describe_fields(parameters, kind)) if parameters else ()


def _describe_fields(parameters: type, rule_type: str) -> Any:
    hints, said = _hints(parameters), _read_help(parameters)
    for field in fields(parameters):
        if not field.init:
            continue
        name, hint = field.name, hints[field.name]
        optional = get_origin(hint) in (Union, UnionType)
        if optional:
            hint = get_args(hint)[0]
        default = field.default
        if default is MISSING:
            default = field.default_factory() if field.default_factory is not MISSING else None
        described = {
            "name": name,
            "label": name.replace("_", " ").capitalize(),
            "help": said.get(name, ""),
            "required": field.default is MISSING and field.default_factory is MISSING,
            "default": dump(default),
            **_describe_type(hint, name, rule_type),
        }
        yield described


def _describe_type(hint: Any, name: str, rule_type: str) -> dict[str, Any]:
    if name in OPTIONS:
        return {"kind": "select", "options": list(OPTIONS[name])}
    if hint is Hours:
        return {"kind": "hours"}
    if hint is bool:
        return {"kind": "boolean"}
    if hint is int:
        return {"kind": "integer"}
    if hint is Decimal:
        return {"kind": "decimal"}
    item = get_args(hint)[0] if get_args(hint) else None
    if is_dataclass(item):
        return {"kind": "rows", "columns": list(_describe_fields(item, rule_type)), "keyed": True}
    if get_origin(item) is tuple:
        names = COLUMNS[rule_type, name]
        kinds = ("decimal" if one is Decimal else "text" for one in get_args(item))
        columns = [
            {"name": column, "label": column.capitalize(), "kind": kind, "help": "", "default": ""}
            for column, kind in zip(names, kinds, strict=True)
        ]
        return {"kind": "rows", "columns": columns, "keyed": False}
    return {"kind": "words" if item is str else "text"}


def _read_help(parameters: type) -> dict[str, str]:
    """Return what the docstring of a type says of each of its parameters."""
    text = inspect.getdoc(parameters) or ""
    found = re.findall(r":param (\w+): (.*?)(?=\n:param|\Z)", text, re.DOTALL)
    return {name: " ".join(said.replace("``", "").split()) for name, said in found}
