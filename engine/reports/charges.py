"""To whom the lateness of what is overdue now is charged: the account of each dossier, added up (peers.md §4, 8).

The account is that of the dossier's own page (``store.time_accounts``); nothing here decides who is charged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from engine.context import Context
from engine.domain import permissions_supervision
from engine.domain.actors import Actor
from engine.domain.calendar import CalendarGapError
from engine.domain.ids import DossierId, VersionId
from engine.domain.time_ledger import Charge, Side, Who
from engine.reports.filters import Queue, in_queue, visible
from engine.reports.localities import Localities
from engine.store.dossiers import Dossier
from engine.store.events import Event
from engine.store.procedures import ProcedureVersion
from engine.store.time_accounts import account
from engine.store.unit_of_work import UnitOfWork

MOST = 200  #: dossiers whose time is accounted for, those that have been due longest; the page says so


@dataclass(frozen=True, slots=True)
class Party:
    """Who is charged: the side, and who it is; a citizen has neither agency nor unit."""

    side: Side
    agency: str | None
    unit: str | None
    minutes: int
    dossiers: int


@dataclass(frozen=True, slots=True)
class Late:
    """A dossier that is late: office minutes, and to whom most of them are charged."""

    code: str
    minutes: int
    party: Party


@dataclass(frozen=True, slots=True)
class Charged:
    """The whole: ``accounted`` of ``overdue`` dossiers; most minutes first."""

    parties: list[Party]
    dossiers: list[Late]
    accounted: int
    overdue: int


def charges(ctx: Context, *, by: Actor) -> Charged:
    """Account for the dossiers that are overdue and have been due longest.

    Raises:
        NotAllowedError: the actor watches no agency.
    """
    permissions_supervision.watched(by)
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        localities = Localities.read(uow)
        rows, overdue = _overdue(uow, by, now)
        events = _events(uow, [row.id for row in rows])
        versions = _versions(uow, {row.version_id for row in rows})
        found: list[tuple[Dossier, tuple[Charge, ...]]] = []
        for row in rows:
            with suppress(CalendarGapError):  # the others are needed all the same
                calendar = localities.calendar(row.resolving_agency_id)
                told = account(row, events.get(row.id, []), versions[row.version_id], calendar=calendar, now=now)
                if told is not None and told[1].charges:
                    found.append((row, told[1].charges))
        return _added_up(uow, localities, found, overdue)


def _overdue(uow: UnitOfWork, by: Actor, now: datetime) -> tuple[list[Dossier], int]:
    late = visible(by) & in_queue(Queue.OVERDUE, by=by, now=now)
    query = select(Dossier, func.count().over()).where(late).order_by(Dossier.due_at, Dossier.id).limit(MOST)
    found = uow.session.execute(query).all()
    return [row[0] for row in found], found[0][1] if found else 0


def _events(uow: UnitOfWork, ids: Collection[DossierId]) -> dict[DossierId, list[Event]]:
    query = select(Event).where(Event.dossier_id.in_(ids)).order_by(Event.dossier_id, Event.seq)
    found: dict[DossierId, list[Event]] = {}
    for event in uow.session.scalars(query):
        found.setdefault(event.dossier_id, []).append(event)
    return found


def _versions(uow: UnitOfWork, ids: Collection[VersionId]) -> dict[VersionId, ProcedureVersion]:
    return {row.id: row for row in uow.session.scalars(select(ProcedureVersion).where(ProcedureVersion.id.in_(ids)))}


def _added_up(
    uow: UnitOfWork, localities: Localities, found: Iterable[tuple[Dossier, tuple[Charge, ...]]], overdue: int
) -> Charged:
    known = list(found)
    sums: dict[Who, tuple[int, int]] = {}
    for _, theirs in known:
        for charge in theirs:
            minutes, dossiers = sums.get(charge.who, (0, 0))
            sums[charge.who] = (minutes + charge.minutes, dossiers + 1)
    units = uow.agencies.some_units({who.unit for who in sums if who.unit is not None})

    def party(who: Who, minutes: int, dossiers: int) -> Party:
        agency = None if who.agency is None else localities.agencies[who.agency].name
        return Party(who.side, agency, None if who.unit is None else units[who.unit].name, minutes, dossiers)

    parties = [party(who, *both) for who, both in sums.items()]
    late = [
        Late(
            row.code or str(row.id),
            sum(each.minutes for each in theirs),
            party(theirs[0].who, theirs[0].minutes, 1),
        )
        for row, theirs in known
    ]
    return Charged(
        parties=sorted(parties, key=lambda each: (-each.minutes, each.agency or "", each.unit or "")),
        dossiers=sorted(late, key=lambda each: (-each.minutes, each.code)),
        accounted=len(known),
        overdue=overdue,
    )
