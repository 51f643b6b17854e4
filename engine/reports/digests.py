"""The morning digest: ordered by the clock process at the opening of a working day, once for each officer and day.

It is for supervisors who asked for it and have an address. The row of the day and the mail in the outbox are one
transaction, so whatever crashes, nobody gets it twice; who was down all day sends none afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from engine.context import Context
from engine.documents import digests as papers
from engine.domain import permissions_supervision
from engine.domain.actors import Actor, Role
from engine.domain.ageing import due_that_broke
from engine.domain.calendar import CalendarGapError, WorkingCalendar
from engine.domain.ids import AgencyId, OfficerId
from engine.reports.filters import Queue, in_queue, is_open, visible
from engine.reports.localities import Localities
from engine.reports.supervision import DIGEST
from engine.store.agencies import Unit
from engine.store.dossiers import Dossier
from engine.store.officer_settings import Digest, OfficerSetting
from engine.store.people import Officer, RoleGrant
from engine.store.procedures import Procedure
from engine.store.tasks import Task
from engine.store.unit_of_work import ChangedMeanwhileError, UnitOfWork

MOST_NAMED = 20  #: dossiers that a digest names; it tells how many more there are
MAIL = "mail"  #: topic of the outbox
_MINUTE = 60_000_000  # microseconds
_TOLD = (Queue.OVERDUE, Queue.WILL_BE_LATE, Queue.DUE_SOON, Queue.TO_RETURN)


@dataclass(frozen=True, slots=True)
class _Reader:
    """A supervisor who wants the digest; ``last`` is the day of the latest one."""

    id: OfficerId
    name: str
    email: str
    home: AgencyId
    agencies: frozenset[AgencyId]  # that they supervise
    last: date | None


def want(ctx: Context, *, by: Actor, wanted: bool) -> None:
    """Keep whether the actor wants the digest.

    Raises:
        NotAllowedError: the actor supervises no agency, so there is nothing that they could act on.
    """
    if not by.agencies_with(Role.SUPERVISOR):
        permissions_supervision.check_can_press(by, ())
    with ctx.unit_of_work() as uow:
        assert by.id is not None  # noqa: S101 - who supervises is a person
        home = uow.people.get(by.id).owner_agency_id
        value = {"wanted": wanted}
        uow.session.merge(OfficerSetting(officer_id=by.id, name=DIGEST, owner_agency_id=home, value=value))


def order_due(ctx: Context) -> int:
    """Order the digests whose hour has come; return how many were ordered, none twice.

    The hour: from the first opening until the last closing of a working day of the officer's own agency.

    Raises:
        CalendarVersionNotFoundError: no calendar is known.
    """
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        readers = _readers(uow)
        if not readers:
            return 0
        localities = Localities.read(uow)
        due = [(each, day) for each in readers if (day := _due_on(localities.calendar(each.home), each, now))]
    return sum(_order(ctx, reader, day) for reader, day in due)


def _readers(uow: UnitOfWork) -> list[_Reader]:
    """Return who wants the digest, may act and can be reached."""
    last = select(func.max(Digest.day)).where(Digest.officer_id == Officer.id).correlate(Officer).scalar_subquery()
    query = (
        select(Officer, OfficerSetting.value, RoleGrant.owner_agency_id, last)
        .join(OfficerSetting, and_(OfficerSetting.officer_id == Officer.id, OfficerSetting.name == DIGEST))
        .join(RoleGrant, and_(RoleGrant.officer_id == Officer.id, RoleGrant.role == Role.SUPERVISOR))
        .where(Officer.is_active.is_(True), Officer.email.is_not(None))
        .order_by(Officer.id)
    )
    found: dict[OfficerId, _Reader] = {}
    for officer, value, agency, day in uow.session.execute(query):
        if value.get("wanted") and officer.email:
            before = found[officer.id].agencies if officer.id in found else frozenset()
            found[officer.id] = _Reader(
                officer.id, officer.name, officer.email, officer.owner_agency_id, before | {agency}, day
            )
    return list(found.values())


def _due_on(calendar: WorkingCalendar, reader: _Reader, now: datetime) -> date | None:
    """Return the day whose digest is to be ordered now; None outside its hours, and when it was ordered."""
    today = calendar.local_date(now)
    if reader.last is not None and reader.last >= today:
        return None
    try:
        slots = calendar.slots(today)
    except CalendarGapError:
        return None
    return today if slots and slots[0][0] <= now <= slots[-1][1] else None


def _order(ctx: Context, reader: _Reader, day: date) -> int:
    """Order one digest; 0 when another process was faster, or nothing is to be told."""
    now = ctx.clock.now()
    try:
        with ctx.unit_of_work() as uow:
            uow.session.add(Digest(officer_id=reader.id, day=day, owner_agency_id=reader.home, ordered_at=now))
            uow.flush()  # whoever comes second ends here
            facts = _facts(ctx, uow, reader, day, now)
            if not (facts.overdue or facts.will_be_late or facts.due_soon or facts.to_return):
                return 0
            letter = papers.write(facts)
            payload = {"to": reader.email, "subject": letter.subject, "text": letter.text, "html": letter.html}
            key = f"digest:{reader.id}:{day.isoformat()}"
            uow.outbox.add(agency=reader.home, topic=MAIL, key=key, payload=payload, at=now)
    except ChangedMeanwhileError:
        return 0
    return 1


def _facts(ctx: Context, uow: UnitOfWork, reader: _Reader, day: date, now: datetime) -> papers.Facts:
    """Return what the supervisor has to know of the agencies that they supervise, and of no other."""
    by = Actor(reader.id, reader.name, frozenset((agency, Role.SUPERVISOR) for agency in reader.agencies))
    conditions = [in_queue(queue, by=by, now=now) for queue in _TOLD]
    sizes = [func.count().filter(condition) for condition in conditions]
    counts = uow.session.execute(select(*sizes).select_from(Dossier).where(visible(by), or_(*conditions))).one()
    late = _late(uow, visible(by) & conditions[0], now)
    return papers.Facts(
        name=reader.name,
        day=day,
        overdue=counts[0],
        will_be_late=counts[1],
        due_soon=counts[2],
        to_return=counts[3],
        late=late,
        more=counts[0] - len(late),
        address=ctx.settings.public_url.rstrip("/"),
    )


def _late(uow: UnitOfWork, overdue: ColumnElement[bool], now: datetime) -> tuple[papers.LateLine, ...]:
    """Return the dossiers that have been due longest, the most delayed in office time first."""
    localities = Localities.read(uow)
    query = (
        select(Dossier, Procedure.code, Procedure.name).join(Procedure, Procedure.id == Dossier.procedure_id)
        .where(overdue).order_by(Dossier.due_at, Dossier.id).limit(MOST_NAMED)
    )  # fmt: skip
    rows = uow.session.execute(query).all()
    steps = _steps(uow, [row[0].id for row in rows])
    lines = []
    for dossier, code, name in rows:
        step, unit = steps.get(dossier.id, ("", ""))
        minutes = _late_for(localities, dossier, now)
        lines.append(papers.LateLine(dossier.code or str(dossier.id), f"{code} {name}", step, unit, minutes))
    return tuple(sorted(lines, key=lambda line: -(line.minutes or 0)))


def _steps(uow: UnitOfWork, ids: Sequence[Any]) -> dict[Any, tuple[str, str]]:
    """Return step and unit of the step of each dossier that was opened last."""
    query = select(Task.dossier_id, Task.name, Unit.name).join(Unit, Unit.id == Task.unit_id)
    rows = uow.session.execute(query.where(Task.dossier_id.in_(ids), is_open()).order_by(Task.opened_at, Task.id))
    return {row[0]: (row[1], row[2]) for row in rows}


def _late_for(localities: Localities, dossier: Dossier, now: datetime) -> int | None:
    since = due_that_broke(dossier.due_at, dossier.late_after, dossier.missed_late_after, now)
    if since is None:
        return None
    calendar = localities.calendar(dossier.resolving_agency_id)
    try:
        return max(0, calendar.worked(now) - calendar.worked(since)) // _MINUTE
    except CalendarGapError:
        return None
