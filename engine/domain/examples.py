"""Examples of what decision tables must give, as they are kept in the form of a procedure.

``{"examples": [{"decision": "fee", "given": {"page_count": 3}, "expect": {"fee_vnd": 5000}}]}``; a form without the key
is the same content as before. Whether the tables bear them out is asked by ``bpmn.decisions.check_examples``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.forms import InvalidFormError

KEY = "examples"
MOST_EXAMPLES = 200
MOST_VALUES = 60
LONGEST_VALUE = 500  # characters of a text
LARGEST_VALUE = 10**15  # as in the language of the tables
_PLACES = 6  # after the point: JSONB gives such fractions back as they were
_PARTS = {"decision", "given", "expect"}


def examples_of(form: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the examples that a form keeps, in order.

    Raises:
        InvalidFormError: they are not of the shape above; the details have the number from 1 (``row``).
    """
    raw = form.get(KEY, []) if isinstance(form, Mapping) else []
    if not isinstance(raw, list) or len(raw) > MOST_EXAMPLES:
        raise InvalidFormError(f"form: examples must be a list of at most {MOST_EXAMPLES} examples", field=KEY)
    return [_example(entry, no) for no, entry in enumerate(raw, start=1)]


def put(form: Mapping[str, Any] | None, decision: str, examples: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a form in which a decision has these examples, and all others stay; without any, the key is left out."""
    others = [each for each in examples_of(form) if each["decision"] != decision]
    rest = {key: value for key, value in (form or {}).items() if key != KEY}
    kept = [*others, *examples]
    return rest | ({KEY: kept} if kept else {})


def _example(entry: object, no: int) -> dict[str, Any]:
    where = f"form, example no. {no}"
    if not isinstance(entry, Mapping) or set(entry) != _PARTS or not isinstance(entry["decision"], str):
        raise InvalidFormError(f"{where} must be an object with decision, given and expect", field=KEY, row=no)
    for part in ("given", "expect"):
        values = entry[part]
        if not isinstance(values, Mapping) or len(values) > MOST_VALUES:
            raise InvalidFormError(f"{where}: {part} must be an object of names and values", field=KEY, row=no)
        for name, value in values.items():
            if not _is_value(value):
                message = f"{where}: {part}.{str(name)[:60]} must be true, false, null, a text or a number such as 3"
                raise InvalidFormError(message, field=KEY, row=no)
    if not entry["expect"]:
        raise InvalidFormError(f"{where} expects nothing; name an output and its value", field=KEY, row=no)
    return dict(entry)


def _is_value(value: object) -> bool:
    """Whether every database keeps the value as it is."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE and not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, float):
        return abs(value) < LARGEST_VALUE and value == round(value, _PLACES) and not value.is_integer()
    return isinstance(value, int) and abs(value) <= LARGEST_VALUE
