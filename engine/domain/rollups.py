"""Half-months, by which facts are rolled up (from the 1st, and from the 15th), and the journal of changes of facts.

A calendar month, quarter or year is made of whole halves, and so is a period from the 15th to the 14th (domain.md
§6.3), so that both are answered by the same cells (docs/decisions/0026).
"""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from engine.domain.statistics import NEVER, Apologised

SECOND = 15  #: day of the month on which its second half begins


def half_of(on: date) -> date:
    """Return the first day of the half-month in which a date lies; ``NEVER`` stays ``NEVER``."""
    return NEVER if on == NEVER else on.replace(day=SECOND if on.day >= SECOND else 1)


def half_after(on: date) -> date:
    """Return the first day of the half-month that follows the one in which a date lies."""
    if on.day < SECOND:
        return on.replace(day=SECOND)
    return date(on.year + on.month // 12, on.month % 12 + 1, 1)


Values = dict[str, Any]  #: a row of ``dossier_fact`` or ``rollup_delta`` by column

_ROLLED = ("received", "closed", "late")
_KEPT = (
    "procedure_code", "channel", "outcome", "receiving_agency_id", "resolving_agency_id",
    "returning_agency_id", "used_minutes", "limit_minutes", "legal_minutes", "percent_used",
)  # fmt: skip


def rolled(row: Values) -> Values:
    """Return the columns of a fact by which it is rolled up; two facts with the same are alike for every roll-up."""
    kept = {name: _plain(row[name]) for name in _KEPT}
    kept |= {f"{name}_half": half_of(row[f"{name}_on"]) for name in _ROLLED}
    kind, apologised_on, unkept_on = letter_of(row)
    return kept | {
        "apologised": kind.value,
        "apologised_half": half_of(apologised_on),
        "unkept_half": half_of(unkept_on),
    }


def letter_of(row: Values) -> tuple[Apologised, date, date]:
    """Return what of a letter of apology matters to a cell: its kind, since when it counts, since when it is not kept.

    It counts from the day on which the dossier is late as well, and a new date is not kept from the day on which the
    letter counts, too; so nearly all letters of a half-month are in few cells.
    """
    apologised_on = max(row["apologised_on"], row["late_on"])
    if apologised_on == NEVER:
        return Apologised.NONE, NEVER, NEVER
    return Apologised(row["apologised"]), apologised_on, max(row["unkept_on"], apologised_on)


def quarter_of(on: date) -> date:
    """Return the first day of the calendar quarter in which a date lies; ``NEVER`` stays ``NEVER``."""
    return NEVER if on == NEVER else date(on.year, on.month - (on.month - 1) % 3, 1)


def quarter_after(on: date) -> date:
    """Return the first day of the calendar quarter that follows the one in which a date lies."""
    first = quarter_of(on)
    return date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)


_V = TypeVar("_V")


def _plain(value: _V) -> _V | str:
    return str(value) if isinstance(value, str) else value


def journal(before: Values | None, after: Values | None) -> list[Values]:
    """Return the rows of the journal by which a fact becomes another: what goes (-1) and what comes (+1)."""
    went, comes = (None if row is None else rolled(row) for row in (before, after))
    if went == comes:
        return []
    signed = ((went, -1), (comes, 1))
    return [row | {"weight": weight} for row, weight in signed if row is not None]
