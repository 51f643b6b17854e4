"""The trees that the grammar of expressions gives: values, operations, and the tests of a decision table's cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
# The fewest and the most values that each takes.
FUNCTIONS = {"min": (1, 30), "max": (1, 30), "round": (1, 2), "ceiling": (1, 2), "floor": (1, 2)}


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the text."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Minus:
    """A number with the other sign."""

    of: Node


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a truth."""

    of: Node


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers and one of `+ - * /`."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values and a sign of COMPARISONS."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic:
    """Truths joined by `and` or by `or`."""

    word: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`if … then … else …`."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Call:
    """One of FUNCTIONS with its arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A value that one of the tests must admit."""

    of: Node
    tests: UnaryTests


@dataclass(frozen=True, slots=True)
class Bound:
    """A test: the value stands in this comparison to `of`."""

    sign: str
    of: Node


@dataclass(frozen=True, slots=True)
class Interval:
    """A test: the value lies between two others; the flags say whether each end belongs to it."""

    low: Node
    high: Node
    low_in: bool
    high_in: bool


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """What a cell asks: any of `items`, or with `negated` none of them. A dash is negated and has no items."""

    items: tuple[Bound | Interval, ...]
    negated: bool = False


Node = Literal | Name | Minus | Not | Arithmetic | Comparison | Logic | Choice | Call | Member
ANYTHING = UnaryTests((), negated=True)


def parts_of(node: object) -> Iterator[object]:
    """Yield a tree's nodes and tests, itself first."""
    yield node
    for field in fields(node) if is_dataclass(node) else ():
        inner = getattr(node, field.name)
        for part in inner if isinstance(inner, tuple) else (inner,):
            if is_dataclass(part):
                yield from parts_of(part)
