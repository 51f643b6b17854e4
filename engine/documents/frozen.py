"""The values of a paper as plain JSON and back, exactly: what was printed once can be printed again."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from engine.errors import InvalidInputError

V = TypeVar("V")


class FrozenValuesError(InvalidInputError):
    """What was kept of a paper is not what its form prints from; the message names the place."""

    code = "frozen-values-unreadable"


def freeze(values: Any) -> dict[str, Any]:
    """Return a dataclass of values as JSON-ready objects, lists, texts and numbers; instants as ISO with offset.

    Raises:
        ValueError: an instant is naive.
        TypeError: a value is neither text, number, truth, instant, day, enum, tuple, mapping nor dataclass.
    """
    if not is_dataclass(values) or isinstance(values, type):
        raise TypeError(f"{type(values).__name__} is no dataclass of values")
    return {each.name: _frozen(getattr(values, each.name), each.name) for each in fields(values)}


def thaw(cls: type[V], frozen: Mapping[str, Any]) -> V:
    """Return the values that were frozen; a field that came later takes its default.

    Raises:
        FrozenValuesError: a field is missing, unknown or of another type.
    """
    return cls(**_arguments(cls, frozen, cls.__name__))


def _frozen(value: Any, place: str) -> Any:
    if isinstance(value, Enum):  # before text: a StrEnum is one
        return value.value
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, (date, Decimal)):
        return _as_text(value, place)
    if isinstance(value, tuple):
        return [_frozen(item, f"{place}[{at}]") for at, item in enumerate(value)]
    if isinstance(value, Mapping):
        return {str(key): _frozen(item, f"{place}.{key}") for key, item in value.items()}
    return freeze(value)


def _as_text(value: date | Decimal, place: str) -> str:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{place}: an instant needs an offset")
    return str(value) if isinstance(value, Decimal) else value.isoformat()


@cache
def _types(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _arguments(cls: type, frozen: Any, place: str) -> dict[str, Any]:
    if not isinstance(frozen, Mapping):
        raise FrozenValuesError(f"{place}: an object is needed", place=place)
    known: dict[str, Field[Any]] = {each.name: each for each in fields(cls) if each.init}
    unknown = sorted(set(frozen) - set(known))
    if unknown:
        raise FrozenValuesError(f"{place}: there is no field {', '.join(unknown)}", place=place)
    missing = [name for name, each in known.items() if name not in frozen and not _has_default(each)]
    if missing:
        raise FrozenValuesError(f"{place}: {', '.join(missing)} missing", place=place)
    return {name: _thawed(_types(cls)[name], value, f"{place}.{name}") for name, value in frozen.items()}


def _has_default(each: Field[Any]) -> bool:
    return each.default is not MISSING or each.default_factory is not MISSING


def _thawed(wanted: Any, value: Any, place: str) -> Any:
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(wanted), value, place)
    if origin is tuple:
        return tuple(
            _thawed(get_args(wanted)[0], item, f"{place}[{at}]") for at, item in enumerate(_of(list, value, place))
        )
    if origin is not None and issubclass(origin, Mapping):
        inner = get_args(wanted)[1]
        return {key: _thawed(inner, item, f"{place}.{key}") for key, item in _of(dict, value, place).items()}
    if is_dataclass(wanted) and isinstance(wanted, type):
        return wanted(**_arguments(wanted, value, place))
    return _plain(wanted, value, place)


def _one_of(wanted: tuple[Any, ...], value: Any, place: str) -> Any:
    """Return a value that may be missing; of other unions none is in use, as JSON could not tell their sides apart."""
    if value is None and types.NoneType in wanted:
        return None
    (inner,) = (each for each in wanted if each is not types.NoneType)
    return _thawed(inner, value, place)


def _plain(wanted: Any, value: Any, place: str) -> Any:
    if wanted is datetime or wanted is date or wanted is Decimal or issubclass(wanted, Enum):
        return _parsed(wanted, _of(str, value, place), place)
    return _of(wanted, value, place)


def _parsed(wanted: Any, text: str, place: str) -> Any:
    try:
        made = wanted.fromisoformat(text) if issubclass(wanted, date) else wanted(text)
    except (ValueError, InvalidOperation) as error:
        raise FrozenValuesError(f"{place}: {text!r} is no {wanted.__name__}", place=place) from error
    if isinstance(made, datetime) and made.tzinfo is None:
        raise FrozenValuesError(f"{place}: the instant {text!r} has no offset", place=place)
    return made


def _of(wanted: type, value: Any, place: str) -> Any:
    if type(value) is not wanted:  # a truth is no number, and the other way round
        raise FrozenValuesError(f"{place}: {wanted.__name__} is needed, not {type(value).__name__}", place=place)
    return value
