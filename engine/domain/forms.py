"""Forms of procedures: which fields an applicant or an officer is asked, and whether what they said can be used.

A form is the JSON of a procedure version: ``{"fields": [{"name", "label", "type", "choices", "asked", "required",
"source"}], "sections": {key: label or list of field names}}``. Values are flat: true or false, whole numbers, fractions
as decimal text (the history keeps no floats), texts, and the values of choices.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from engine.domain.fields import LARGEST_NUMBER, LONGEST_TEXT, InvalidFieldsError
from engine.errors import InvalidInputError

MOST_FIELDS = 60
MOST_CHOICES = 60
LONGEST_LABEL = 300  # characters
LONGEST_ROUTED = 100  # characters of a text that a process may ask for
LONGEST_NUMBER = 20  # digits, sign and point of a fraction
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NUMBER = re.compile(r"-?\d{1,16}(\.\d{1,6})?", re.ASCII)

_E = TypeVar("_E", bound=StrEnum)

Fact = str | int | bool | None
Facts = dict[str, Fact]


class InvalidFormError(InvalidInputError):
    """The form of a procedure cannot be used."""

    code = "invalid-form"


class FieldType(StrEnum):
    """What can be answered."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"


class Asked(StrEnum):
    """When a field is asked."""

    RECEIPT = "receipt"  #: at the counter, before the papers
    STEP = "step"  #: with a step that names it


@dataclass(frozen=True, slots=True)
class Field:
    """One question."""

    name: str
    label: str
    type: FieldType
    choices: tuple[tuple[str, str], ...]  #: value and label, of a choice
    asked: Asked
    required: bool
    source: str  #: legal source, may be empty

    def as_json(self) -> dict[str, Any]:
        """Return what a screen or program needs to ask it."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type.value,
            "choices": [{"value": value, "label": label} for value, label in self.choices],
            "required": self.required,
        }


def fields_of(form: Mapping[str, Any] | None) -> dict[str, Field]:
    """Return the fields of a form by name, in order; an empty form has none.

    Raises:
        InvalidFormError: the form is not of the shape above; the message names the field, the details its number from 1
            (``row``) and what of it is wrong (``part``), where one is.
    """
    if not form:
        return {}
    raw = form.get("fields", []) if isinstance(form, Mapping) else None
    if not isinstance(raw, list) or len(raw) > MOST_FIELDS:
        raise InvalidFormError(f"form: fields must be a list of at most {MOST_FIELDS} fields", field="form")
    found: dict[str, Field] = {}
    for no, entry in enumerate(raw, start=1):
        field = _numbered(no, entry)
        if field.name in found:
            message = f"form: the field {field.name} is there twice; rename one"
            raise InvalidFormError(message, field="form", part="name", row=no)
        found[field.name] = field
    return found


def check_facts(form: Mapping[str, Any] | None, facts: Mapping[str, object], *, complete: bool = True) -> Facts:
    """Return the answers to what is asked at receipt, in the order of the form, as dossiers keep them.

    Args:
        complete: False while a dossier is only filed: what is required may still be missing.

    Raises:
        InvalidFieldsError: an answer is unknown to the form, of another type, or a required one is missing.
    """
    asked = {name: field for name, field in fields_of(form).items() if field.asked is Asked.RECEIPT}
    return _checked(asked, facts, "facts", complete=complete)


def check_inputs(form: Mapping[str, Any] | None, inputs: Collection[str], said: Mapping[str, object]) -> Facts:
    """Return the answers to the fields that a step asks for; other fields of ``said`` are not its business.

    An input that the form does not know may be any plain value.

    Raises:
        InvalidFieldsError: an answer is of another type, or a required one is missing.
    """
    known = fields_of(form)
    fields = {name: known[name] for name in inputs if name in known}
    free = {name: _plain(name, said[name]) for name in inputs if name not in known and name in said}
    return _checked(fields, {name: said[name] for name in fields if name in said}, "fields") | free


def check_answers(form: Mapping[str, Any] | None, said: Mapping[str, object]) -> Facts:
    """Return answers to any fields of the form; none has to be there.

    Raises:
        InvalidFieldsError: an answer is unknown to the form, or of another type.
    """
    return _checked(fields_of(form), said, "fields", complete=False)


def routed(form: Mapping[str, Any] | None, facts: Mapping[str, Fact]) -> dict[str, str | int | float | bool | None]:
    """Return answers as a process and its decisions read them: fractions as numbers, without long texts."""
    numbers = {name for name, field in fields_of(form).items() if field.type is FieldType.NUMBER}
    found: dict[str, str | int | float | bool | None] = {}
    for name, value in facts.items():
        if not isinstance(value, str):
            found[name] = value
        elif name in numbers:
            found[name] = float(value)
        elif len(value) <= LONGEST_ROUTED:
            found[name] = value
    return found


def _checked(fields: Mapping[str, Field], said: Mapping[str, object], where: str, *, complete: bool = True) -> Facts:
    unknown = sorted(str(name)[:60] for name in said if name not in fields)
    if unknown:
        known = ", ".join(fields) or "none"
        raise InvalidFieldsError(
            f"the form has no field {unknown[0]!r}; it asks: {known}", field=f"{where}.{unknown[0]}"
        )
    found: Facts = {}
    for name, field in fields.items():
        value = _value(field, said.get(name), f"{where}.{name}")
        if value is None and field.required and complete:
            raise InvalidFieldsError(f"the field {name!r} ({field.label}) must be answered", field=f"{where}.{name}")
        if value is not None:
            found[name] = value
    return found


def _value(field: Field, raw: object, where: str) -> Fact:
    if raw is None or raw == "":
        return None
    match field.type:
        case FieldType.BOOLEAN:
            if not isinstance(raw, bool):
                raise InvalidFieldsError(f"the field {field.name!r} is true or false", field=where)
            return raw
        case FieldType.NUMBER:
            return _number(field, raw, where)
        case FieldType.CHOICE:
            values = [value for value, _ in field.choices]
            if not isinstance(raw, str) or raw not in values:
                raise InvalidFieldsError(f"the field {field.name!r} is one of {', '.join(values)}", field=where)
            return raw
        case FieldType.TEXT:
            return _text(field.name, raw, where)


def _number(field: Field, raw: object, where: str) -> int | str:
    """Return a whole number, or a fraction as the shortest decimal text."""
    text = raw.strip() if isinstance(raw, str) else _decimal_text(raw)
    if text is None or len(text) > LONGEST_NUMBER or _NUMBER.fullmatch(text) is None:
        raise InvalidFieldsError(
            f"the field {field.name!r} is a number of at most 16 digits, with at most 6 after the point", field=where
        )
    number = Decimal(text)
    if abs(number) > LARGEST_NUMBER:
        raise InvalidFieldsError(f"the field {field.name!r} lies within ±{LARGEST_NUMBER}", field=where)
    return int(number) if number == int(number) else format(number.normalize(), "f")


def _decimal_text(raw: object) -> str | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        return None
    try:
        return format(Decimal(repr(raw)).normalize(), "f")
    except InvalidOperation:
        return None


def _text(name: str, raw: object, where: str) -> str:
    if not isinstance(raw, str) or len(raw) > LONGEST_TEXT or _is_unstorable(raw):
        raise InvalidFieldsError(f"the field {name!r} is a text of at most {LONGEST_TEXT} characters", field=where)
    return raw.strip()


def _plain(name: str, raw: object) -> Fact:
    if isinstance(raw, bool) or raw is None:
        return raw
    if isinstance(raw, int) and abs(raw) <= LARGEST_NUMBER:
        return raw
    return _text(name, raw, f"fields.{name}")


def _is_unstorable(text: str) -> bool:
    # neither can be stored: PostgreSQL refuses NUL in JSON, and half a surrogate pair is no UTF-8
    return any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)


def _numbered(no: int, entry: object) -> Field:
    try:
        return _field(entry, f"form, field no. {no}")
    except InvalidFormError as error:
        raise InvalidFormError(error.message, **error.details, row=no) from None


def _field(entry: object, where: str) -> Field:
    if not isinstance(entry, Mapping):
        raise InvalidFormError(f"{where} must be an object with name, label and type", field="form")
    name = entry.get("name")
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise InvalidFormError(
            f"{where}: name must be 1 to 40 of a-z, 0-9 and _, beginning with a letter", field="form", part="name"
        )
    where = f"form, field {name}"
    kind = _one_of(FieldType, entry.get("type"), f"{where}: type")
    choices = _choices(entry.get("choices", []), where)
    if (kind is FieldType.CHOICE) != bool(choices):
        raise InvalidFormError(
            f"{where}: a choice, and only a choice, has a list of choices", field="form", part="choices"
        )
    required = entry.get("required", False)
    if not isinstance(required, bool):
        raise InvalidFormError(f"{where}: required must be true or false", field="form", part="required")
    return Field(
        name=name,
        label=_label(entry.get("label", name), where, "label"),
        type=kind,
        choices=choices,
        asked=_one_of(Asked, entry.get("asked", Asked.RECEIPT.value), f"{where}: asked"),
        required=required,
        source=_label(entry.get("source", "") or "", where, "source", shortest=0),
    )


def _choices(raw: object, where: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(raw, list) or len(raw) > MOST_CHOICES:
        raise InvalidFormError(
            f"{where}: choices must be a list of at most {MOST_CHOICES}", field="form", part="choices"
        )
    found: list[tuple[str, str]] = []
    for choice in raw:
        value = choice.get("value") if isinstance(choice, Mapping) else None
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ROUTED or _is_unstorable(value):
            raise InvalidFormError(
                f"{where}: each choice has a value (a text) and a label", field="form", part="choices"
            )
        found.append((value, _label(choice.get("label", value), where, "choices")))
    if len({value for value, _ in found}) != len(found):
        raise InvalidFormError(f"{where}: two choices have the same value", field="form", part="choices")
    return tuple(found)


def _label(raw: object, where: str, part: str, *, shortest: int = 1) -> str:
    if not isinstance(raw, str) or not shortest <= len(raw.strip()) or len(raw) > LONGEST_LABEL or _is_unstorable(raw):
        message = f"{where}: label and source are texts of up to {LONGEST_LABEL} characters"
        raise InvalidFormError(message, field="form", part=part)
    return raw.strip()


def _one_of(kind: type[_E], raw: object, where: str) -> _E:
    values = [member.value for member in kind]
    if raw not in values:
        raise InvalidFormError(
            f"{where} must be one of {', '.join(values)}", field="form", part=where.rpartition(" ")[2]
        )
    return kind(raw)
