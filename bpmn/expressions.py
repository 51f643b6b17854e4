"""The language of conditions and decision tables: FEEL-like, with a grammar of our own, never Python (decisions/0018).

An expression reads names and literals, compares, calculates with exact decimals and chooses. It has no attributes, no
indexing, no loops and five functions. `bpmn.expression.syntax` has the grammar, `bpmn.expression.values` the meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from bpmn.errors import InvalidExpressionError
from bpmn.expression.syntax import MAX_DEPTH, MAX_PARTS, parse_expression
from bpmn.expression.tokens import MAX_LENGTH
from bpmn.expression.tree import Comparison, Literal, Member, Name, Node, parts_of
from bpmn.expression.values import Scalar, finished, kind_of, value_in

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_PARTS",
    "Evaluator",
    "Scalar",
    "compile_expression",
    "evaluate",
    "literals_beside",
    "names_of",
    "value_of",
]

Evaluator = Callable[[Mapping[str, Any]], Scalar]


def evaluate(text: str, data: Mapping[str, Any]) -> bool:
    """Return the truth of a condition over routing data.

    Raises: InvalidExpressionError when the text is outside the language or gives something else than true or false,
    when it names a variable that the data lacks, or when kinds do not fit (a number compared with a text).
    """
    value = value_in(_parsed(text), data)
    if not isinstance(value, bool):
        raise InvalidExpressionError(f"The condition {text[:80]!r} gives {kind_of(value)}, not true or false.")
    return value


def value_of(text: str, data: Mapping[str, Any]) -> Scalar:
    """Return the value of an expression over routing data; a number is an int when it is whole, otherwise a float.

    Raises: InvalidExpressionError as `evaluate`, any kind of value being good.
    """
    return finished(value_in(_parsed(text), data))


def compile_expression(text: str) -> Evaluator:
    """Return a function from routing data to the expression's value.

    Raises: InvalidExpressionError when the text is outside the language or too large; the function raises it when the
    data does not fit.
    """
    tree = _parsed(text)
    return lambda data: finished(value_in(tree, data))


def names_of(text: str) -> frozenset[str]:
    """Return the variables that an expression reads.

    Raises: InvalidExpressionError when the text is outside the language.
    """
    return frozenset(part.name for part in parts_of(_parsed(text)) if isinstance(part, Name))


def literals_beside(text: str, name: str) -> frozenset[str]:
    """Return the texts that an expression compares a variable with.

    Raises: InvalidExpressionError when the text is outside the language.
    """
    found: set[str] = set()
    for part in parts_of(_parsed(text)):
        if isinstance(part, Comparison) and Name(name) in (part.left, part.right):
            found.update(_texts(part))
        elif isinstance(part, Member) and part.of == Name(name):
            found.update(_texts(part.tests))
    return frozenset(found)


def _texts(tree: object) -> set[str]:
    return {part.value for part in parts_of(tree) if isinstance(part, Literal) and isinstance(part.value, str)}


def _parsed(text: str) -> Node:
    if not isinstance(text, str):
        raise InvalidExpressionError(f"An expression is a text, not {type(text).__name__}.")
    if len(text) > MAX_LENGTH:  # before the cache, which would keep it
        raise InvalidExpressionError(f"An expression has at most {MAX_LENGTH} characters, not {len(text)}.")
    return _parsed_text(text)


@lru_cache(maxsize=4096)
def _parsed_text(text: str) -> Node:
    return parse_expression(text)
