"""Indicators of reports and plans: what they are, what is known of them, and how entered figures add up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction


class Origin(StrEnum):
    """Where the numbers of an indicator come from."""

    FACTS = "facts"  #: counted from dossiers
    REGISTER = "register"  #: counted from the register of procedures, with dossiers where it says so
    TASKS = "tasks"  #: counted from the tasks of the plan
    FIGURE = "figure"  #: entered by hand with its source


class Shape(StrEnum):
    """What kind of number it is."""

    SHARE = "share"  #: numerator of denominator; shown in percent
    COUNT = "count"  #: figures of several periods add up
    LEVEL = "level"  #: the latest figure stands for the period: a rank, a score, a level


class State(StrEnum):
    """What is known; nothing is ever 0 because it is not known."""

    COMPUTED = "computed"
    NO_DATA = "no_data"  #: nobody has said it
    NOT_APPLICABLE = "not_applicable"  #: there is nothing to divide by


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is counted of what."""

    key: str
    vi: str
    en: str
    source: str
    origin: Origin = Origin.FIGURE
    shape: Shape = Shape.SHARE


@dataclass(frozen=True, slots=True)
class Value:
    """What an indicator is for somebody in a period.

    Args:
        numerator: None: not known.
        denominator: None: not known; 1 or a power of ten for what is no share.
        missing: how many entries of the register, or agencies, have not said it; then it is not known.
        spans: periods of the figures that it was added up from, in order.
    """

    numerator: int | None
    denominator: int | None
    missing: int = 0
    spans: tuple[tuple[date, date], ...] = ()

    @property
    def state(self) -> State:
        """What is known."""
        if self.numerator is None or self.denominator is None:
            return State.NO_DATA
        return State.COMPUTED if self.denominator else State.NOT_APPLICABLE

    @property
    def ratio(self) -> Fraction | None:
        """The exact share, None unless it is computed."""
        if self.numerator is None or not self.denominator:
            return None
        return Fraction(self.numerator, self.denominator)


UNKNOWN = Value(None, None)  #: nobody has said it


@dataclass(frozen=True, slots=True)
class Entered:
    """A figure of a period as it was entered; ``order`` tells which of two for the same days is the later."""

    from_on: date
    to_on: date
    numerator: int
    denominator: int
    order: int


def chosen(entered: Iterable[Entered], from_on: date, to_on: date) -> list[Entered]:
    """Return the figures inside a period that together cover most of its days, none of them twice, by date.

    Of those that cover the same the fewer win, then the later ones. So a figure of a quarter stands instead of the
    figures of its months, and three months make a quarter that nobody entered.
    """
    latest: dict[tuple[date, date], Entered] = {}
    for each in sorted(entered, key=lambda row: row.order):
        if from_on <= each.from_on <= each.to_on <= to_on:
            latest[each.from_on, each.to_on] = each
    best: list[tuple[tuple[int, int, int], tuple[Entered, ...], date]] = [((0, 0, 0), (), from_on - timedelta(days=1))]
    for each in sorted(latest.values(), key=lambda row: (row.to_on, row.from_on)):
        days = (each.to_on - each.from_on).days + 1
        before = max((known for known in best if known[2] < each.from_on), key=lambda known: known[0])
        (covered, fewer, order), parts, _ends = before
        best.append(((covered + days, fewer - 1, max(order, each.order)), (*parts, each), each.to_on))
    return list(max(best, key=lambda known: known[0])[1])


def of_figures(indicator: Indicator, entered: Iterable[Entered], from_on: date, to_on: date) -> Value:
    """Return the value of an indicator that people enter: added up, or the latest of what is a level."""
    parts = chosen(entered, from_on, to_on)
    if not parts:
        return UNKNOWN
    if indicator.shape is Shape.LEVEL:
        parts = parts[-1:]
    spans = tuple((each.from_on, each.to_on) for each in parts)
    if indicator.shape is Shape.SHARE:
        return Value(sum(each.numerator for each in parts), sum(each.denominator for each in parts), spans=spans)
    added = sum((Fraction(each.numerator, each.denominator) for each in parts), Fraction())
    return Value(added.numerator, added.denominator, spans=spans)


def together(values: Sequence[Value], shape: Shape) -> Value:
    """Return the value over several agencies: shares and counts add up; one that is not known leaves all unknown."""
    missing = sum(value.missing or 1 for value in values if value.state is State.NO_DATA)
    if missing or not values:
        return Value(None, None, missing=missing)
    if len(values) == 1:
        return values[0]
    if shape is Shape.LEVEL:
        return UNKNOWN
    spans = tuple(sorted({span for value in values for span in value.spans}))
    if shape is Shape.COUNT:
        added = sum((value.ratio or Fraction() for value in values), Fraction())
        return Value(added.numerator, added.denominator, spans=spans)
    numerators, denominators = (value.numerator or 0 for value in values), (value.denominator or 0 for value in values)
    return Value(sum(numerators), sum(denominators), spans=spans)
