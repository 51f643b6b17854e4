"""The examples of a decision table as rows of its page: what is typed becomes values, and values are shown so again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from web.forms import FieldError, text

MOST_ROWS = 210
MOST_NAMES = 40
_NUMBER = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,6})?")
_WORDS = {"true": True, "false": False, "null": None}
_TEXTS = ("text", "choice")

Typed = dict[int, dict[str, Any]]  #: the example of each row of the page that is not empty


def value_of(said: str, kind: str | None = None) -> Any:
    """Return what was typed as a value: a number, true, false, null, or a text (in quotes where it looks otherwise).

    Args:
        kind: type of the form field, if it is one: a number typed for a text stays a text.
    """
    if len(said) > 1 and said[0] == said[-1] == '"':
        return said[1:-1]
    if said == "null" or (said in _WORDS and kind not in _TEXTS):
        return _WORDS[said]
    if kind in _TEXTS or not _NUMBER.fullmatch(said):
        return said
    number = Decimal(said.replace(",", "."))
    return int(number) if number == int(number) else float(number)


def shown(value: Any, kind: str | None = None) -> str:
    """Return a value as ``value_of`` reads it."""
    if isinstance(value, str):
        return value if value and value_of(value, kind) == value else f'"{value}"'
    for word, meant in _WORDS.items():
        if value is meant:
            return word
    return format(Decimal(repr(value)), "f")


def examples_typed(ref: str, kinds: Mapping[str, str]) -> Typed:
    """Return the examples of the page by row; rows in which nothing is typed are passed over.

    Args:
        kinds: type of each field of the form, by name.
    """
    given, outputs = columns_typed()
    found: Typed = {}
    for row in range(MOST_ROWS):
        known = {name: value_of(said, kinds.get(name)) for name, said in _said(row, "g", given)}
        expected = {name: value_of(said) for name, said in _said(row, "o", outputs)}
        if known or expected:
            found[row] = {"decision": ref, "given": known, "expect": expected}
    return found


def complete(examples: Typed) -> list[dict[str, Any]]:
    """Return the examples as they are kept.

    Raises:
        FieldError: one expects nothing.
    """
    for row, example in examples.items():
        if not example["expect"]:
            raise FieldError("say what this example must give, or take what it gives now", field=f"example{row}")
    return list(examples.values())


def columns_typed() -> tuple[list[str], list[str]]:
    """Return the names of the columns that the page had: what is given, and what is expected."""
    given, outputs = ([name for no in range(MOST_NAMES) if (name := text(f"x{kind}{no}", longest=60))] for kind in "go")
    return given, outputs


def example_rows_typed() -> int:
    """Return how many rows of examples were typed, empty ones between them included."""
    given, outputs = columns_typed()
    return max((row + 1 for row in range(MOST_ROWS) if [*_said(row, "g", given), *_said(row, "o", outputs)]), default=0)


def columns_of(table: Mapping[str, Any], reads: Iterable[str], examples: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the names that examples of a table are asked for; names that only a kept example has come last."""
    kept = list(examples)
    given = [*reads, *(name for each in kept for name in each["given"])]
    outputs = [*(each["name"] for each in table["outputs"]), *(name for each in kept for name in each["expect"])]
    return {"given": list(dict.fromkeys(given)), "outputs": list(dict.fromkeys(outputs))}


def rows_of(
    examples: Sequence[Mapping[str, Any]], results: Sequence[Mapping[str, Any]], kinds: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the rows to show: the texts of ``given`` and ``expect``, what came (``now``, ``trouble``) and ``verdict``.

    Args:
        results: of each example, as ``draft_decisions.try_examples`` gives them.
    """
    return [
        {
            "given": {name: shown(value, kinds.get(name)) for name, value in example["given"].items()},
            "expect": {name: shown(value) for name, value in example["expect"].items()},
            "now": {name: shown(value) for name, value in result["outputs"].items()},
            "trouble": result["trouble"],
            "verdict": result["verdict"],
        }
        for example, result in zip(examples, results, strict=True)
    ]


def _said(row: int, kind: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, said) for no, name in enumerate(names) if (said := text(f"x{row}{kind}{no}", longest=500))]
