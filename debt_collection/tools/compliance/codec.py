"""Typed values from plain data (JSON) and back, for dataclasses of rules."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from .errors import RuleError
from .sentences import _lt
from .windows import Hours

T = TypeVar("T")
# Types whose values are written as text.
PARSERS = {date: date.fromisoformat}


@lru_cache(maxsize=256)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def load(kind: type[T], data: Mapping[str, Any]) -> T:
    """Return a dataclass made of plain data.

    :param kind: the dataclass
    :param data: its fields as strings, numbers, booleans, lists and mappings
    :raises RuleError: when a field is unknown, missing or malformed; the text names it
    """
    known = {field.name: field for field in fields(kind) if field.init}
    for name in data:
        if name not in known:
            raise RuleError(_lt("There is no parameter %(name)s."), name=repr(name))
    for name, field in known.items():
        required = field.default is MISSING and field.default_factory is MISSING
        if required and name not in data:
            raise RuleError(_lt("The parameter %(name)s is missing."), name=repr(name))
    hints = _hints(kind)
    return kind(**{name: _convert(hints[name], value, name) for name, value in data.items()})


def _convert(hint: Any, value: Any, name: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(value):
        return value
    if origin in (Union, UnionType):
        if value is None or value == "":
            return None
        return _convert(arguments[0], value, name)
    if origin is frozenset:
        return frozenset(_convert(arguments[0], item, name) for item in _items(value, name))
    if origin is tuple and arguments[-1] is Ellipsis:
        return tuple(_convert(arguments[0], item, name) for item in _items(value, name))
    if origin is tuple:
        items = list(_items(value, name))
        if len(items) != len(arguments):
            raise _malformed(name, value)
        return tuple(_convert(*pair, name) for pair in zip(arguments, items, strict=True))
    if hint is Hours and isinstance(value, Mapping):
        return Hours.from_data(value)
    if is_dataclass(hint) and isinstance(value, Mapping):
        return load(hint, value)
    try:
        if hint is Decimal and not isinstance(value, bool):
            return Decimal(str(value))
        if hint in PARSERS:
            return PARSERS[hint](value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise _malformed(name, value) from error
    if isinstance(hint, type) and type(value) is hint:
        return value
    raise _malformed(name, value)


def _items(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.items()
    if isinstance(value, (list, tuple, set, frozenset)):
        return value
    raise _malformed(name, value)


def _malformed(name: str, value: Any) -> RuleError:
    return RuleError(
        _lt("The parameter %(name)s cannot be %(value)s."), name=repr(name), value=repr(value)
    )


def dump(value: Any) -> Any:
    """Return plain data of a dataclass, without the fields that have their default."""
    if isinstance(value, Hours):
        return value.to_data()
    if is_dataclass(value):
        return {
            field.name: dump(getattr(value, field.name))
            for field in fields(value)
            if getattr(value, field.name) != field.default
        }
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [dump(item) for item in value]
    if isinstance(value, (Decimal, date)):
        return str(value)
    return value
