"""Limits: how much time a procedure, a stage or a step has, as a sum of exact amounts (domain.md §1.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from engine.domain.limit_slips import remedy
from engine.errors import InvalidInputError

LARGEST_AMOUNT = 10_000
"""The largest amount of one segment, in its own unit; more is a slip of the pen (27 years of calendar days)."""

_LONGEST_TEXT = 1_000
_SHOWN = 60  # characters of a bad part in its message
_PART = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?|[0-9]+/0*[1-9][0-9]*)\s+(?P<unit>[a-z_]+)")


class Unit(StrEnum):
    """The axis on which an amount is measured."""

    WORKING_DAY = "working_day"
    WORKING_HOUR = "working_hour"
    CALENDAR_DAY = "calendar_day"


_UNITS = frozenset(Unit)


class InvalidLimitError(InvalidInputError):
    """A limit cannot be read, is negative or is absurd; the message names the bad part."""

    code = "invalid-limit"


def amount_text(amount: Fraction) -> str:
    """Write an exact amount: a decimal where it is finite (``2.5``), a fraction where it is not (``1/3``)."""
    twos, rest = _count_factor(amount.denominator, 2)
    fives, rest = _count_factor(rest, 5)
    if rest != 1:
        return f"{amount.numerator}/{amount.denominator}"
    places = max(twos, fives)
    if places == 0:
        return str(amount.numerator)
    sign = "-" if amount < 0 else ""
    digits = str(abs(amount.numerator) * 10**places // amount.denominator).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _count_factor(number: int, factor: int) -> tuple[int, int]:
    count = 0
    while number % factor == 0:
        number //= factor
        count += 1
    return count, number


@dataclass(frozen=True, slots=True)
class Segment:
    """One amount of one unit.

    Raises:
        InvalidLimitError: the amount is negative or larger than ``LARGEST_AMOUNT``.
    """

    amount: Fraction
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise InvalidLimitError(f'a limit cannot be negative: "{self}"', part=str(self))
        if self.amount > LARGEST_AMOUNT:
            raise InvalidLimitError(f'more than {LARGEST_AMOUNT} is no limit: "{self}"', part=str(self))

    def __str__(self) -> str:
        return f"{amount_text(self.amount)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Limit:
    """A sum of segments, spent one after the other.

    ``str(limit)`` is canonical and ``Limit.parse`` reads it back to the same value.
    """

    segments: tuple[Segment, ...]

    def __post_init__(self) -> None:
        if not self.segments:
            raise InvalidLimitError("a limit needs at least one amount and unit", part="")

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read ``"15 working_day + 2.5 calendar_day"``; amounts are ``3``, ``2.5`` or ``1/3``.

        Raises:
            InvalidLimitError: a part cannot be read, is negative or is absurd; ``details`` has ``part`` and ``column``.
        """
        if len(text) > _LONGEST_TEXT:
            raise InvalidLimitError(f"a limit of {len(text)} characters is not read", part=text[:40], column=1)
        segments = []
        column = 1
        for part in text.split("+"):
            segments.append(_parse_part(part.strip(), column + len(part) - len(part.lstrip())))
            column += len(part) + 1
        return cls(tuple(segments))

    @property
    def is_zero(self) -> bool:
        """Tell whether no segment has time in it."""
        return all(segment.amount == 0 for segment in self.segments)

    def __str__(self) -> str:
        return " + ".join(str(segment) for segment in self.segments)


def _parse_part(part: str, column: int) -> Segment:
    match = _PART.fullmatch(part)
    if match is None or match["unit"] not in _UNITS:
        shown = " ".join(part[:_SHOWN].split())  # one line, whatever was pasted
        message = f'"{shown}" (column {column}) is not a limit: {remedy(part)}'
        raise InvalidLimitError(message, part=part, column=column)
    try:
        return Segment(Fraction(match["number"]), Unit(match["unit"]))
    except InvalidLimitError as error:
        raise InvalidLimitError(f"{error.message} (column {column})", part=part, column=column) from None
