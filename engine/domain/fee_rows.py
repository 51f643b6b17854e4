"""Which fee of a list holds for a dossier: by its day, its channel and its case (domain.md §1.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar


class FeeRow(Protocol):
    """A fee from a day on; a channel or case of None is for all."""

    @property
    def channel(self) -> str | None: ...

    @property
    def case(self) -> str | None: ...

    @property
    def valid_from(self) -> date: ...

    @property
    def valid_to(self) -> date | None: ...

    @property
    def amount_vnd(self) -> int: ...


_R = TypeVar("_R", bound=FeeRow)


def applying(rows: Iterable[_R], *, on: date, channel: str | None, case: str | None) -> _R | None:
    """Return the row that holds on a day: one for this case before one for all, then one for this channel.

    ``valid_to`` is the first day on which a row no longer holds. None: no row fits, and the procedure's own fee holds.
    """
    fitting = [
        row
        for row in rows
        if row.valid_from <= on
        and (row.valid_to is None or on < row.valid_to)
        and row.channel in (None, channel)
        and row.case in (None, case)
    ]
    return max(fitting, key=lambda row: (row.case is not None, row.channel is not None, row.valid_from), default=None)
