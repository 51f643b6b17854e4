"""What the trees of the expression language mean: exact decimal numbers, texts, truths and the empty value.

Values of different kinds are never compared, added or ordered: that is an error, not a guess. Only the empty value may
be asked for with `=` and `!=` whatever the other side is; no bound and no interval admits it.
"""

from __future__ import annotations

import operator
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from functools import reduce
from typing import Any

from bpmn.errors import InvalidExpressionError
from bpmn.expression.tree import (
    Arithmetic,
    Bound,
    Call,
    Choice,
    Comparison,
    Interval,
    Literal,
    Logic,
    Member,
    Minus,
    Name,
    Node,
    Not,
    UnaryTests,
)

Scalar = str | int | float | bool | None
Value = Decimal | str | bool | None
Data = Mapping[str, Any]

LARGEST = 10**15
_PRECISION = 34  # digits, those of IEEE 754 decimal128, which FEEL asks for
_MOST_PLACES = 12
_CONTEXT = Context(prec=_PRECISION, traps=[DivisionByZero, InvalidOperation, Overflow])

_ARITHMETIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": _CONTEXT.add,
    "-": _CONTEXT.subtract,
    "*": _CONTEXT.multiply,
    "/": _CONTEXT.divide,
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ROUNDING = {"round": ROUND_HALF_UP, "ceiling": ROUND_CEILING, "floor": ROUND_FLOOR}


def kind_of(value: Value) -> str:
    """Return what a value is, for people: number, text, truth or nothing."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    return "a number" if isinstance(value, Decimal) else "a text"


def read(name: str, value: object) -> Value:
    """Return the value of a variable as the language has it; texts are composed (NFC).

    Raises: InvalidExpressionError when it is no scalar or a number beyond 10^15.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if not isinstance(value, int | float):
        raise InvalidExpressionError(f"The variable `{name}` holds {type(value).__name__}, not a single value.")
    if not abs(value) <= LARGEST:  # also refuses a float that is no number
        raise InvalidExpressionError(f"The variable `{name}` holds a number beyond 10^15.")
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(int(value))


def finished(value: Value) -> Scalar:
    """Return a value as plain data: a number as int when it is whole, as float otherwise."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def value_in(node: Node, data: Data) -> Value:
    """Return the value of a tree over routing data.

    Raises: InvalidExpressionError when a variable is not set, kinds do not fit, or a number leaves its bounds.
    """
    return _RULES[type(node)](node, data)


def admits(tests: UnaryTests, value: Value, data: Data) -> bool:
    """Tell whether a cell's tests admit a value.

    Raises: InvalidExpressionError as `value_in`.
    """
    return any(_passes(test, value, data) for test in tests.items) is not tests.negated


def _passes(test: Bound | Interval, value: Value, data: Data) -> bool:
    if isinstance(test, Interval):
        low, high = value_in(test.low, data), value_in(test.high, data)
        if value is None:
            return False
        above = compared(">=" if test.low_in else ">", value, low)
        return compared("<=" if test.high_in else "<", value, high) and above
    other = value_in(test.of, data)
    if value is None and test.sign in _ORDER:
        return False
    return compared(test.sign, value, other)


def compared(sign: str, left: Value, right: Value) -> bool:
    """Return the truth of a comparison.

    Raises: InvalidExpressionError when the values are of different kinds, or of a kind that has no order.
    """
    if sign in ("=", "!=") and (left is None or right is None):
        return (left is right) is (sign == "=")
    if kind_of(left) != kind_of(right):
        raise InvalidExpressionError(f"`{sign}` compares {kind_of(left)} with {kind_of(right)}.")
    if sign in ("=", "!="):
        return (left == right) is (sign == "=")
    if left is None or isinstance(left, bool):
        raise InvalidExpressionError(f"`{sign}` orders numbers or texts, not {kind_of(left)}.")
    return _ORDER[sign](left, right)


def total(values: Iterable[Decimal]) -> Decimal:
    """Return a sum.

    Raises: InvalidExpressionError when it is beyond 10^15.
    """
    return _bounded(reduce(_CONTEXT.add, values, Decimal(0)))


# --- a function for each kind of node -----------------------------------------------------------------------------


def _variable(node: Name, data: Data) -> Value:
    if node.name not in data:
        raise InvalidExpressionError(f"The expression needs the variable `{node.name}`, which is not set.")
    return read(node.name, data[node.name])


def _truth(node: Node, data: Data, word: str) -> bool:
    value = value_in(node, data)
    if not isinstance(value, bool):
        raise InvalidExpressionError(f"`{word}` takes true or false, not {kind_of(value)}.")
    return value


def _number(node: Node, data: Data, word: str) -> Decimal:
    value = value_in(node, data)
    if not isinstance(value, Decimal):
        raise InvalidExpressionError(f"`{word}` takes a number, not {kind_of(value)}.")
    return value


def _logic(node: Logic, data: Data) -> bool:
    decides = node.word == "or"
    return any(_truth(part, data, node.word) is decides for part in node.parts) is decides


def _choice(node: Choice, data: Data) -> Value:
    return value_in(node.yes if _truth(node.condition, data, "if") else node.no, data)


def _arithmetic(node: Arithmetic, data: Data) -> Decimal:
    left, right = _number(node.left, data, node.sign), _number(node.right, data, node.sign)
    try:
        return _bounded(_ARITHMETIC[node.sign](left, right))
    except (DivisionByZero, InvalidOperation):  # 0 / 0 is the latter
        raise InvalidExpressionError("The expression divides by zero.") from None


def _call(node: Call, data: Data) -> Decimal:
    values = [_number(argument, data, node.function) for argument in node.arguments]
    if node.function in ("min", "max"):
        return min(values) if node.function == "min" else max(values)
    places = values[1] if len(values) > 1 else Decimal(0)
    if places != places.to_integral_value() or abs(places) > _MOST_PLACES:
        raise InvalidExpressionError(f"`{node.function}` rounds to -{_MOST_PLACES} to {_MOST_PLACES} places.")
    step = Decimal((0, (1,), -int(places)))
    steps = _CONTEXT.divide(values[0], step).to_integral_value(_ROUNDING[node.function])
    return _bounded(_CONTEXT.multiply(steps, step))


def _bounded(value: Decimal) -> Decimal:
    if value.copy_abs() > LARGEST:
        raise InvalidExpressionError("The expression gives a number beyond 10^15.")
    return value


def _minus(node: Minus, data: Data) -> Decimal:
    return _CONTEXT.minus(_number(node.of, data, "-"))


_RULES: dict[type, Callable[[Any, Data], Value]] = {
    Literal: lambda node, _: node.value,
    Name: _variable,
    Minus: _minus,
    Not: lambda node, data: not _truth(node.of, data, "not"),
    Arithmetic: _arithmetic,
    Comparison: lambda node, data: compared(node.sign, value_in(node.left, data), value_in(node.right, data)),
    Logic: _logic,
    Choice: _choice,
    Call: _call,
    Member: lambda node, data: admits(node.tests, value_in(node.of, data), data),
}
