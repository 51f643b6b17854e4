"""The language of conditions: names, literals, comparisons, and / or / not. Nothing else, and never Python.

Python's own parser reads the text, a whitelist over its tree admits or refuses it, and an interpreter of ours
evaluates what was admitted. There are no calls, attributes, arithmetic, containers or formatted strings.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from bpmn.errors import InvalidExpressionError

MAX_LENGTH = 500
MAX_NODES = 100
MAX_DEPTH = 20
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LARGEST = 10**15

Scalar = str | int | float | bool | None
_Evaluator = Callable[[Mapping[str, Any]], Any]

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def evaluate(text: str, data: Mapping[str, Any]) -> bool:
    """Return the truth of a condition over routing data.

    Raises: InvalidExpressionError when the text is outside the language, names a variable that the data lacks, or
    orders values of different kinds.
    """
    try:
        return bool(compile_expression(text)(data))
    except TypeError:
        raise InvalidExpressionError(f"The condition {text[:80]!r} orders values of different kinds.") from None


@lru_cache(maxsize=1024)
def compile_expression(text: str) -> _Evaluator:
    """Return an evaluator of a condition.

    Raises: InvalidExpressionError when the text is outside the language or too large.
    """
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        raise InvalidExpressionError(f"A condition is a text of at most {MAX_LENGTH} characters.")
    if not text.isascii():
        raise InvalidExpressionError("A condition is written in ASCII characters only.")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InvalidExpressionError(f"{text[:80]!r} is not a condition.") from None
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise InvalidExpressionError(f"The condition has more than {MAX_NODES} parts.")
    return _compile(tree.body, 0)


def _compile(node: ast.expr, depth: int) -> _Evaluator:
    if depth > MAX_DEPTH:
        raise InvalidExpressionError(f"The condition is nested deeper than {MAX_DEPTH}.")
    match node:
        case ast.Constant():
            return _literal(node.value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return _literal(-value)
        case ast.Name():
            return _variable(node.id)
        case ast.UnaryOp(op=ast.Not()):
            inner = _compile(node.operand, depth + 1)
            return lambda data: not inner(data)
        case ast.BoolOp():
            return _boolean(node, depth)
        case ast.Compare(ops=[_]):
            return _comparison(node, depth)
    raise InvalidExpressionError(f"`{type(node).__name__}` is not part of the condition language.")


def _literal(value: object) -> _Evaluator:
    if value is not None and not isinstance(value, str | bool | int | float):
        raise InvalidExpressionError(f"A literal of type {type(value).__name__} is not part of the condition language.")
    if isinstance(value, int | float) and not -_LARGEST <= value <= _LARGEST:
        raise InvalidExpressionError("The number in the condition is too large.")
    return lambda _: value


def _variable(name: str) -> _Evaluator:
    if not _NAME.fullmatch(name):
        raise InvalidExpressionError(f"{name[:60]!r} is not a variable: small letters, digits and underscores.")

    def read(data: Mapping[str, Any]) -> Any:
        if name not in data:
            raise InvalidExpressionError(f"The condition needs the variable `{name}`, which is not set.")
        return data[name]

    return read


def _boolean(node: ast.BoolOp, depth: int) -> _Evaluator:
    parts = [_compile(value, depth + 1) for value in node.values]
    if isinstance(node.op, ast.And):
        return lambda data: all(part(data) for part in parts)
    return lambda data: any(part(data) for part in parts)


def _comparison(node: ast.Compare, depth: int) -> _Evaluator:
    compare = _COMPARISONS.get(type(node.ops[0]))
    if compare is None:
        raise InvalidExpressionError(f"`{type(node.ops[0]).__name__}` is not part of the condition language.")
    left, right = _compile(node.left, depth + 1), _compile(node.comparators[0], depth + 1)
    return lambda data: compare(left(data), right(data))
