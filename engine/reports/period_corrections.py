"""What was corrected in a closed period since its close: dossiers that count otherwise now, with old and new.

A dossier that was open at the end of the period and finished later is no correction: at that end it was open, then and
now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId
from engine.domain.statistics import Column, Window, columns_of
from engine.reports import fact_rows
from engine.reports.countable import countable
from engine.reports.localities import Localities
from engine.reports.on_time_values import Period
from engine.store import frozen_rows
from engine.store.facts import DossierFact
from engine.store.frozen_rows import Extent

MOST = 500  #: corrections that a list has at most
_KEYS = (
    "receiving_agency_id", "resolving_agency_id", "returning_agency_id", "procedure_code", "channel", "received_on",
)  # fmt: skip
_AT_END = ("unit_id", "officer_id", "late_cause", "late_minutes", "used_minutes", "charged_side")  # of a closed one
_Windows = dict[AgencyId, Window]


@dataclass(frozen=True, slots=True)
class Correction:
    """A dossier that counts otherwise now than at the close.

    Args:
        dossier: its code; its id when it never had one.
        before, after: columns in which it counts; empty: in none.
        changed: names of the facts that differ beside the columns.
    """

    dossier: str
    before: frozenset[Column]
    after: frozenset[Column]
    changed: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the correction as reports print it."""
        return {
            "dossier": self.dossier,
            "before": [column.value for column in Column if column in self.before],
            "after": [column.value for column in Column if column in self.after],
            "changed": list(self.changed),
        }


@dataclass(frozen=True, slots=True)
class Corrections:
    """All of a period: how many dossiers, by how much each column moved, and the first of them by code."""

    count: int
    moved: dict[Column, int]
    listed: tuple[Correction, ...]

    def as_json(self) -> dict[str, Any]:
        """Return numbers and list."""
        return {
            "count": self.count,
            "moved": {column.value: self.moved[column] for column in Column if self.moved.get(column)},
            "dossiers": [each.as_json() for each in self.listed],
        }


def corrections(now: Context, then: Context, *, by: Actor, agency: str, period: Period) -> Corrections:
    """Compare what was frozen with the facts of now, by the columns of the period as they were counted at the close.

    Args:
        then: the context of the closed period (``closed_periods.context_of``), whose clock stands at the close.

    Raises:
        AgencyNotFoundError, NotAllowedError.
    """
    with then.unit_of_work(read_only=True) as uow:
        (owner,) = countable(uow, by, agency)
        extent = Extent(owner, frozen_rows.since_of(uow.session, owner, period.from_on))
        windows = fact_rows.windows(Localities.read(uow), period, then.clock.now())
        frozen = {row.dossier_id: row for row in frozen_rows.facts(uow.session, extent, to_on=period.to_on)}
    found = [each for each in _differences(now, frozen, extent, windows) if each.before != each.after or each.changed]
    moved: dict[Column, int] = {}
    for each in found:
        for column in each.before ^ each.after:
            moved[column] = moved.get(column, 0) + (1 if column in each.after else -1)
    found.sort(key=lambda each: each.dossier)
    return Corrections(len(found), moved, tuple(found[:MOST]))


def _differences(
    ctx: Context, frozen: dict[Any, DossierFact], extent: Extent, windows: _Windows
) -> Iterator[Correction]:
    left = dict(frozen)
    to_on = next(iter(windows.values())).to_on
    with ctx.unit_of_work(read_only=True) as uow:
        for now in frozen_rows.facts(uow.session, extent, to_on=to_on):
            yield _correction(left.pop(now.dossier_id, None), now, windows)
    for was in left.values():
        yield _correction(was, None, windows)


def _correction(was: DossierFact | None, now: DossierFact | None, windows: _Windows) -> Correction:
    before, after = _columns(was, windows), _columns(now, windows)
    one = now or was
    assert one is not None  # noqa: S101 - a pair has one of them
    changed: tuple[str, ...] = ()
    if was is not None and now is not None and before and after:
        ended = was.closed_on <= windows[was.resolving_agency_id].to_on
        compared = (*_KEYS, *_AT_END) if ended else _KEYS
        changed = tuple(name for name in compared if getattr(was, name) != getattr(now, name))
    return Correction(one.code or str(one.dossier_id), before, after, changed)


def _columns(row: DossierFact | None, windows: _Windows) -> frozenset[Column]:
    if row is None:
        return frozenset()
    window = windows.get(row.resolving_agency_id) or next(iter(windows.values()))  # an agency made since the close
    return columns_of(fact_rows.fact_of(row), window)
