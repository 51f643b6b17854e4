"""Half-months, by which facts are rolled up: from the 1st to the 14th of a month, and from the 15th to its end.

A calendar month, quarter or year is made of whole halves, and so is a period from the 15th to the 14th (domain.md
§6.3), so that both are answered by the same cells (docs/decisions/0026).
"""

from __future__ import annotations

from datetime import date

from engine.domain.statistics import NEVER

SECOND = 15  #: day of the month on which its second half begins


def half_of(on: date) -> date:
    """Return the first day of the half-month in which a date lies; ``NEVER`` stays ``NEVER``."""
    return NEVER if on == NEVER else on.replace(day=SECOND if on.day >= SECOND else 1)


def half_after(on: date) -> date:
    """Return the first day of the half-month that follows the one in which a date lies."""
    if on.day < SECOND:
        return on.replace(day=SECOND)
    return date(on.year + on.month // 12, on.month % 12 + 1, 1)
