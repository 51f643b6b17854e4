"""What targets, figures and tasks of a plan can be: numbers, days, comparisons, states (domain.md §9.1)."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from fractions import Fraction

from engine.domain.indicators import Indicator, Shape
from engine.errors import ConflictError, InvalidInputError, NotFoundError

YEARS = range(2000, 2100)  #: of plans; another year is a slip
LONGEST_PERIOD = 3660  #: days, of a target or a figure
LARGEST = 10**12  #: of what is counted
HIGHEST_PERCENT = 100
_DECIMAL = re.compile(r"(?P<whole>[0-9]{1,12})(?:[.,](?P<part>[0-9]{1,6}))?")
_DAY = re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})")


class PlanFactError(InvalidInputError):
    """Something of a figure, target or task is missing or malformed; nothing was saved."""

    code = "plan-fact-invalid"


class PlanPeriodError(InvalidInputError):
    """The days of a figure, target or task are none, or the last comes before the first."""

    code = "plan-period-invalid"


class PlanNumberError(InvalidInputError):
    """A number of a figure or target cannot be read, or cannot be: a share of more than all, for instance."""

    code = "plan-number-invalid"


class PlanRowNotFoundError(NotFoundError):
    """There is no such figure, target or task, or it was withdrawn."""

    code = "plan-row-not-found"


class PlanRowChangedError(ConflictError):
    """Somebody else changed the task since it was shown; what was typed is kept on the screen."""

    code = "plan-row-changed"


class PlanTaskThereError(ConflictError):
    """A new task has the number of another task of that year; what was typed is kept on the screen."""

    code = "plan-task-there"


class Comparison(StrEnum):
    """How a value has to lie to the figure of its target."""

    MORE = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="

    def holds(self, value: Fraction, figure: Fraction) -> bool:
        """Return whether the value reaches the target."""
        return {
            Comparison.MORE: value > figure,
            Comparison.AT_LEAST: value >= figure,
            Comparison.LESS: value < figure,
            Comparison.AT_MOST: value <= figure,
        }[self]

    @property
    def rises(self) -> bool:
        """Whether more is better."""
        return self in (Comparison.MORE, Comparison.AT_LEAST)


class TaskState(StrEnum):
    """How a task of a plan stands."""

    TO_DO = "to_do"
    UNDER_WAY = "under_way"
    DONE = "done"
    CANCELLED = "cancelled"


def decimal(text: str, *, field: str) -> Fraction:
    """Return the exact number that a text writes with comma or point: ``95``, ``95,5``.

    Raises:
        PlanNumberError: it is none, negative, or has more than 12 digits before or 6 behind the comma.
    """
    read = _DECIMAL.fullmatch(text.strip().removesuffix("%").strip())
    if read is None:
        message = f"{field}: {text[:40]!r} is no number such as 95 or 95,5"
        raise PlanNumberError(message, field=field)
    part = read["part"] or ""
    return Fraction(int(read["whole"] + part), 10 ** len(part))


def plain(number: Fraction) -> str:
    """Return a decimal as it is kept: with a point, without trailing zeros."""
    whole, rest = divmod(number.numerator * 10**6 // number.denominator, 10**6)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def day(text: str, *, field: str) -> date:
    """Return a day written ``2026-01-31`` or ``31/01/2026``.

    Raises:
        PlanPeriodError: it is none of our years.
    """
    slashed = _DAY.fullmatch(text.strip())
    try:
        if slashed:
            found = date(int(slashed["year"]), int(slashed["month"]), int(slashed["day"]))
        else:
            found = date.fromisoformat(text.strip())
    except ValueError:
        raise PlanPeriodError(f"{field}: {text[:20]!r} is no day such as 31/01/2026", field=field) from None
    return checked_day(found, field=field)


def checked_day(found: date, *, field: str) -> date:
    """Return a day of our years.

    Raises:
        PlanPeriodError: it is another one.
    """
    if found.year not in YEARS:
        raise PlanPeriodError(f"{field} lies between {YEARS.start} and {YEARS.stop - 1}", field=field)
    return found


def check_period(from_on: date, to_on: date) -> None:
    """Refuse days that are no period.

    Raises:
        PlanPeriodError: another year, the end before the beginning, or longer than ten years.
    """
    checked_day(from_on, field="from_on")
    checked_day(to_on, field="to_on")
    if to_on < from_on:
        raise PlanPeriodError(f"the period ends ({to_on}) before it begins ({from_on})", field="to_on")
    if (to_on - from_on).days > LONGEST_PERIOD:
        raise PlanPeriodError("a period has at most ten years", field="to_on")


def check_figure(indicator: Indicator, numerator: int, denominator: int) -> None:
    """Refuse numbers that cannot be a figure of this indicator.

    Raises:
        PlanNumberError: negative, too large, a share of more than all, or a count of something else than whole things.
    """
    if not 0 <= numerator <= LARGEST:
        raise PlanNumberError(f"numerator lies between 0 and {LARGEST}", field="numerator")
    least = 0 if indicator.shape is Shape.SHARE else 1
    if not least <= denominator <= LARGEST:
        raise PlanNumberError(f"denominator lies between {least} and {LARGEST}", field="denominator")
    if indicator.shape is Shape.SHARE and numerator > denominator:
        message = f"{numerator} of {denominator} is more than all; say how many of how many"
        raise PlanNumberError(message, field="numerator")
    if indicator.shape is Shape.COUNT and denominator != 1:
        raise PlanNumberError("a number of things is a whole number", field="numerator")


def check_target(indicator: Indicator, figure: Fraction) -> None:
    """Refuse a figure that a target of this indicator cannot have.

    Raises:
        PlanNumberError: a share of more than 100 percent.
    """
    if indicator.shape is Shape.SHARE and figure > HIGHEST_PERCENT:
        raise PlanNumberError("a share has at most 100 percent", field="figure")


def line(text: str, *, field: str, longest: int, needed: bool = True) -> str:
    """Return a text on one line.

    Raises:
        PlanFactError: it is missing, too long, or holds what cannot be printed.
    """
    value = " ".join(text.split())
    if (needed and not value) or len(value) > longest or not value.isprintable():
        least = 1 if needed else 0
        raise PlanFactError(f"{field} has {least} to {longest} printable characters", field=field)
    return value
