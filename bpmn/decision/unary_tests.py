"""The tests in the cells of a decision table: `-`, `"a", "b"`, `< 5`, `[1..5]`, `not("a")` (S-FEEL's unary tests)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from bpmn.errors import InvalidExpressionError
from bpmn.expression.syntax import parse_cell
from bpmn.expression.tokens import MAX_LENGTH
from bpmn.expression.tree import ANYTHING, Literal, Name, UnaryTests, parts_of
from bpmn.expression.values import Value, admits, kind_of, value_in

__all__ = ["ANYTHING", "admits", "cell_tests", "constants_of", "kinds_of", "names_of_tests"]


def cell_tests(text: str) -> UnaryTests:
    """Return the tests of a cell; an empty cell and a dash ask nothing.

    Raises: InvalidExpressionError when the text is no list of tests, or too large.
    """
    if not isinstance(text, str) or len(text) > MAX_LENGTH:  # before the cache, which would keep it
        raise InvalidExpressionError(f"A cell is a text of at most {MAX_LENGTH} characters.")
    return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> UnaryTests:
    return parse_cell(text)


def names_of_tests(tests: UnaryTests) -> frozenset[str]:
    """Return the variables that a cell reads beside its input."""
    return frozenset(part.name for part in parts_of(tests) if isinstance(part, Name))


def constants_of(tests: UnaryTests) -> tuple[Value, ...] | None:
    """Return the values that a cell compares with, or None when one of them depends on data."""
    return None if names_of_tests(tests) else tuple(_constants(tests))


def _constants(tests: UnaryTests) -> Iterator[Value]:
    for test in tests.items:
        for node in (test.of,) if hasattr(test, "of") else (test.low, test.high):
            yield value_in(node, {})


def kinds_of(tests: UnaryTests) -> frozenset[str]:
    """Return the kinds of the literals that a cell compares with, the empty value apart (it goes with every kind)."""
    literals = (part.value for part in parts_of(tests) if isinstance(part, Literal))
    return frozenset(kind_of(value) for value in literals if value is not None)
