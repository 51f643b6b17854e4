"""The process map: what really happened to the dossiers of a procedure, from their history (issue 7; peers.md §4).

On it are the dossiers that were closed in the period, each with the steps that were done until then. A chain of
dossiers is there once, with the steps of its first. Times are office time without the pauses of the dossier: a step
waits from its opening until somebody takes it, and is worked on from then until it is done; medians by the nearest
rank. Which step followed which goes by when they were done. Not part of a closed period: histories are not frozen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Select, func, select

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId, DossierId
from engine.domain.statistics import Outcome
from engine.domain.traces import KINDS, steps_of
from engine.reports import quality
from engine.reports.countable import countable
from engine.reports.filters import storable
from engine.reports.localities import Localities
from engine.reports.on_time_values import Period, Rate
from engine.reports.process_map_flows import Flows, OfficeClock, Taken, kept_of
from engine.reports.process_map_values import Diagram, ProcessMap
from engine.store.agencies import Agency
from engine.store.deadlines import Pause
from engine.store.dossiers import Dossier
from engine.store.events import Event
from engine.store.facts import DossierFact
from engine.store.procedures import Procedure, ProcedureNotFoundError, ProcedureVersion
from engine.store.unit_of_work import UnitOfWork

MOST = 2000  #: dossiers on one map, those closed last; the page says when there were more
AT_ONCE = 2000  # rows fetched together


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which dossiers of a map somebody wants to see: of a variant, a step, or where one followed another."""

    variant: str | None = None
    step: str | None = None
    edge: tuple[str, str] | None = None

    def takes(self, taken: Taken) -> bool:
        """Whether a dossier is one of them."""
        return (
            (self.variant is None or taken.key == self.variant)
            and (self.step is None or self.step in taken.nodes)
            and (self.edge is None or self.edge in taken.edges)
        )


def process_map(
    ctx: Context, *, by: Actor, procedure: str, period: Period, agency: str | None = None
) -> ProcessMap:  # fmt: skip
    """Return the map of a procedure, whoever published it, as the agencies that the actor may count resolved it.

    Args:
        procedure: its code.
        agency: code of the resolving agency; None: all that the actor may count.

    Raises:
        ProcedureNotFoundError: no agency has a procedure of that code.
        NotAllowedError, AgencyNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        counted = countable(uow, by, agency)
        reading = _Reading(uow, Localities.read(uow), counted, storable(procedure), period)
        name = reading.name()
        flows = Flows()
        versions: Counter[tuple[str, int]] = Counter()
        for taken in reading.taken():
            flows.add(taken)
            versions[taken.owner, taken.version] += 1
        drawn = max(versions, key=lambda each: (versions[each], each), default=None)
        names = flows.names()
        return ProcessMap(
            code=procedure,
            name=name,
            period=period,
            diagram=None if drawn is None else Diagram(*drawn),
            dossiers=flows.dossiers,
            is_cut=reading.is_cut,
            unmeasured=flows.unmeasured,
            kept=flows.kept(),
            steps=flows.steps(names),
            edges=flows.edges(names),
            variants=flows.variants(names),
            about=quality.under(ctx, uow, counted=counted, period=period, agency=agency, localities=reading.localities),
        )


def dossiers_on(
    ctx: Context, *, by: Actor, procedure: str, period: Period, chosen: Chosen, agency: str | None = None
) -> list[DossierId]:
    """Return the dossiers of a map that a number of it counts, those closed last first.

    Raises:
        NotAllowedError, AgencyNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        counted = countable(uow, by, agency)
        reading = _Reading(uow, Localities.read(uow), counted, storable(procedure), period)
        return [taken.dossier_id for taken in reading.taken() if chosen.takes(taken)]


@dataclass(frozen=True, slots=True)
class Offered:
    """A procedure with dossiers that were closed in the period."""

    code: str
    name: str
    dossiers: int
    kept: Rate


def procedures(ctx: Context, *, by: Actor, period: Period, agency: str | None = None) -> list[Offered]:
    """Return the procedures of which dossiers were closed in the period, by code.

    Raises:
        NotAllowedError, AgencyNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        inside = _closed_in(countable(uow, by, agency), period)
        query = select(DossierFact.procedure_code, DossierFact.outcome, func.count()).where(*inside)
        found: dict[str, Counter[Outcome]] = {}
        for code, outcome, count in uow.session.execute(
            query.group_by(DossierFact.procedure_code, DossierFact.outcome)
        ):
            found.setdefault(code, Counter())[Outcome(outcome)] += count
        called = select(Procedure.code, func.min(Procedure.name)).where(Procedure.code.in_(sorted(found)))
        names = {row[0]: row[1] for row in uow.session.execute(called.group_by(Procedure.code))}
    return [Offered(code, names.get(code, code), found[code].total(), kept_of(found[code])) for code in sorted(found)]


def _closed_in(counted: frozenset[AgencyId], period: Period) -> tuple[Any, ...]:
    return (
        DossierFact.resolving_agency_id.in_(sorted(counted)),
        DossierFact.closed_on >= period.from_on,
        DossierFact.closed_on <= period.to_on,
    )


@dataclass
class _Reading:
    """Reads the dossiers of a map with their histories, in three statements."""

    uow: UnitOfWork
    localities: Localities
    counted: frozenset[AgencyId]
    procedure: str
    period: Period

    def name(self) -> str:
        """Return what the procedure is called: by the agency of the dossier that was closed last, or by the first."""
        if self.rows:
            return str(self.rows[0].name)
        query = select(Procedure.name).where(Procedure.code == self.procedure).order_by(Procedure.id).limit(1)
        found = self.uow.session.scalar(query)
        if found is None:
            raise ProcedureNotFoundError(f"there is no procedure {self.procedure!r}", code=self.procedure)
        return found

    def taken(self) -> Iterator[Taken]:
        """Go through the dossiers with what happened to them, those closed last first."""
        histories, pauses = self._histories(), self._pauses()
        for row in self.rows[:MOST]:
            calendar = self.localities.calendar(row.resolving_agency_id)
            yield Taken(
                dossier_id=row.dossier_id,
                outcome=Outcome(row.outcome),
                received_at=row.received_at,
                steps=steps_of(histories.get(row.dossier_id, ())),
                used=row.used_minutes,
                clock=OfficeClock(calendar, tuple(pauses.get(row.dossier_id, ()))),
                owner=row.owner,
                version=row.number,
            )

    @property
    def is_cut(self) -> bool:
        """Whether there are more dossiers than a map takes."""
        return len(self.rows) > MOST

    @cached_property
    def rows(self) -> list[Any]:
        """The dossiers of the map, and one more when there are more."""
        query = (
            select(
                DossierFact.dossier_id, DossierFact.resolving_agency_id, DossierFact.outcome, DossierFact.received_at,
                DossierFact.used_minutes, Procedure.name, Agency.code.label("owner"), ProcedureVersion.number,
            )
            .join(Procedure, Procedure.id == DossierFact.procedure_id)
            .join(Dossier, Dossier.id == DossierFact.dossier_id)
            .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
            .join(Agency, Agency.id == ProcedureVersion.owner_agency_id)
        )  # fmt: skip
        return list(self.uow.session.execute(self._newest(query)))

    def _newest(self, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """Return a query over facts for those of the map, and one more."""
        inside = _closed_in(self.counted, self.period)
        chosen = query.where(DossierFact.procedure_code == self.procedure, *inside)
        return chosen.order_by(DossierFact.closed_on.desc(), DossierFact.dossier_id.desc()).limit(MOST + 1)

    def _histories(self) -> dict[DossierId, list[tuple[str, datetime, dict[str, Any]]]]:
        query = select(Event.dossier_id, Event.kind, Event.at, Event.payload).where(
            Event.dossier_id.in_(self._newest(select(DossierFact.dossier_id))), Event.kind.in_(sorted(KINDS))
        )
        found: dict[DossierId, list[tuple[str, datetime, dict[str, Any]]]] = {}
        for dossier_id, *told in self.uow.session.execute(
            query.order_by(Event.dossier_id, Event.seq).execution_options(yield_per=AT_ONCE)
        ):
            found.setdefault(dossier_id, []).append((told[0], told[1], told[2]))
        return found

    def _pauses(self) -> dict[DossierId, list[tuple[datetime, datetime | None]]]:
        query = select(Pause.dossier_id, Pause.started_at, Pause.ended_at).where(
            Pause.dossier_id.in_(self._newest(select(DossierFact.dossier_id)))
        )
        found: dict[DossierId, list[tuple[datetime, datetime | None]]] = {}
        for dossier_id, started_at, ended_at in self.uow.session.execute(query):
            found.setdefault(dossier_id, []).append((started_at, ended_at))
        return found
