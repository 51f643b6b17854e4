"""Where a target will stand at the end of its time, and what must happen for it: exact, by a stated method.

Method: what is finished so far stays; of the open dossiers, those that are in time and due by then are kept, those
that are late are late; nothing is guessed of dossiers that have not come yet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from engine.domain.indicators import Value
from engine.domain.plan_facts import Comparison

MOST_FURTHER = 10**9  #: dossiers; more is as good as never


class Method(StrEnum):
    """What open dossiers do to a share."""

    FINISHES = "finishes"  #: kept ones come into numerator and denominator, late ones into the denominator alone
    TURNS = "turns"  #: they are in the denominator already, and kept ones come into the numerator
    CLEARS = "clears"  #: those in the numerator leave both when they are finished


@dataclass(frozen=True, slots=True)
class Standing:
    """How a share stands now.

    Args:
        savable: open dossiers that may still be met by the end.
        lost: open dossiers that will come into the denominator alone.
        by_itself: whether savable ones are met when nothing goes wrong; otherwise somebody has to do something.
    """

    numerator: int
    denominator: int
    savable: int
    lost: int = 0
    method: Method = Method.FINISHES
    by_itself: bool = True

    def end(self, met: int) -> Value:
        """Return the share at the end when so many of the savable ones are met."""
        if self.method is Method.CLEARS:
            return Value(self.numerator - met, self.denominator - met)
        if self.method is Method.TURNS:
            return Value(self.numerator + met, self.denominator)
        return Value(self.numerator + met, self.denominator + self.savable + self.lost)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where a target will stand, and what must happen.

    Args:
        value: at the end, as the open dossiers stand now.
        best: at the end, when every savable one is met.
        savable: open dossiers that may still be met.
        needed: of them, how many must be met so that the target is; None: even all of them are too few.
        further: dossiers that have not come yet and would all have to be met beside; None: none, or no number helps.
    """

    value: Value
    best: Value
    savable: int
    needed: int | None
    further: int | None

    @property
    def may_fail(self) -> int | None:
        """Return how many of the savable ones may fail."""
        return None if self.needed is None else self.savable - self.needed


def forecast(now: Standing, comparison: Comparison, figure: Fraction) -> Forecast:
    """Return where a share will stand against a target of so many percent."""

    def holds(value: Value) -> bool:
        return value.ratio is not None and comparison.holds(100 * value.ratio, figure)

    best = now.end(now.savable)
    as_they_stand = best if now.by_itself else now.end(0)
    needed = _least(now.savable, lambda met: holds(now.end(met)))
    further = None
    if needed is None and now.method is not Method.CLEARS and best.denominator:
        n, d = best.numerator or 0, best.denominator
        further = _least(MOST_FURTHER, lambda more: holds(Value(n + more, d + more)))
    return Forecast(as_they_stand, best, now.savable, needed, further)


def _least(most: int, holds: Callable[[int], bool]) -> int | None:
    """Return the least number up to ``most`` for which something holds that holds for all greater ones."""
    if not holds(most):
        return None
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
