"""Hand-overs of a day between two units: the list that both sides sign (*giấy bàn giao hồ sơ*; domain.md §2.10).

A hand-over that was taken back is in no bundle: the dossier is where it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from engine.context import Context
from engine.documents.bundles import BundleLine, BundleValues
from engine.documents.forms import render_pdf
from engine.domain import permissions_books
from engine.domain.actors import Actor
from engine.domain.events import EventKind
from engine.domain.ids import AgencyId, UnitId
from engine.domain.official_forms import OWN, FormKind, form_of
from engine.errors import ConflictError
from engine.reports import cursors
from engine.reports.filters import visible
from engine.reports.localities import Localities, first_instant, last_instant
from engine.store.agencies import Agency, Unit, UnitNotFoundError
from engine.store.dossiers import Dossier, Party
from engine.store.events import Event
from engine.store.people import Officer
from engine.store.procedures import Procedure
from engine.store.tasks import Handover
from engine.store.unit_of_work import UnitOfWork

PAGE = 100  #: hand-overs of a page on the screen
MOST = 2000  #: dossiers of one slip; more than a desk hands over in a day
_KEYS: tuple[InstrumentedAttribute[Any], ...] = (Handover.given_at, Handover.dossier_id, Handover.no)


class NothingHandedOverError(ConflictError):
    """Nothing was handed over from that unit to the other on that day."""

    code = "nothing-handed-over"


class BundleTooLargeError(ConflictError):
    """More was handed over on that day than one slip holds."""

    code = "bundle-too-large"


@dataclass(frozen=True, slots=True)
class Way:
    """From which unit to which, and how many dossiers on that day."""

    from_id: UnitId
    from_name: str
    to_id: UnitId
    to_name: str
    count: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """A page of the hand-overs of a day from one unit to another."""

    way: Way
    lines: tuple[BundleLine, ...]
    next_cursor: str | None


def ways(ctx: Context, *, by: Actor, on: date) -> list[Way]:
    """Return between which units something was handed over on a day, of dossiers that the actor may read.

    Raises:
        NotAllowedError: the actor reads no dossiers. InvalidDateError: no calendar has the day.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        count = func.count().label("count")
        query = _on_day(uow, by, on, Handover.from_unit_id, Handover.to_unit_id, count)
        rows = uow.session.execute(query.group_by(Handover.from_unit_id, Handover.to_unit_id)).all()
        units = uow.agencies.some_units({each for row in rows for each in row[:2]})
        names = _names(uow, units)
    found = [Way(row[0], names[row[0]], row[1], names[row[1]], row[2]) for row in rows]
    return sorted(found, key=lambda way: (way.from_name, way.to_name))


def page(
    ctx: Context, *, by: Actor, on: date, from_unit: int, to_unit: int, cursor: str | None = None, limit: int = PAGE
) -> Bundle:
    """Return a page of what one unit handed to another on a day, in the order of the hand-overs.

    Raises:
        UnitNotFoundError: there is no such unit. NotAllowedError, InvalidDateError, InvalidCursorError.
    """
    after = None if cursor is None else _position(cursor)
    with ctx.unit_of_work(read_only=True) as uow:
        rows = _rows(uow, by, on, from_unit, to_unit, after=after, limit=limit + 1)
        shown = rows[:limit]
        way = _way(uow, from_unit, to_unit, _count(uow, by, on, from_unit, to_unit))
    following = _cursor(shown[-1].Handover) if len(rows) > limit else None
    return Bundle(way, tuple(_line(row) for row in shown), following)


def pdf(ctx: Context, *, by: Actor, on: date, from_unit: int, to_unit: int) -> bytes:
    """Return the slip of everything that one unit handed to another on a day as PDF; see ``values``."""
    printed = values(ctx, by=by, on=on, from_unit=from_unit, to_unit=to_unit)[1]
    return render_pdf(printed.form, printed)


def values(ctx: Context, *, by: Actor, on: date, from_unit: int, to_unit: int) -> tuple[AgencyId, BundleValues]:
    """Return who hands over, and the slip of everything that went from its unit to another on a day.

    Raises:
        NothingHandedOverError, BundleTooLargeError: see the message.
        UnitNotFoundError, NotAllowedError, InvalidDateError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        rows = _rows(uow, by, on, from_unit, to_unit, after=None, limit=MOST + 1)
        giver, taker = _unit(uow, from_unit), _unit(uow, to_unit)
        if not rows:
            raise NothingHandedOverError("nothing was handed over between these units on that day", day=on.isoformat())
        if len(rows) > MOST:
            raise BundleTooLargeError(f"a slip holds {MOST} dossiers; export the list instead", most=MOST)
        return giver.owner_agency_id, _values(ctx, uow, rows, giver, taker)


def _values(ctx: Context, uow: UnitOfWork, rows: list[Any], giver: Unit, taker: Unit) -> BundleValues:
    home, other = uow.agencies.get(giver.owner_agency_id), uow.agencies.get(taker.owner_agency_id)
    return BundleValues(
        form=form_of(OWN, FormKind.BUNDLE),
        superior_body=home.superior_name,
        agency_name=home.name,
        place=home.place,
        from_unit=giver.name,
        from_agency=home.name,
        given_by=_said(row.giver for row in rows),
        to_unit=taker.name,
        to_agency=other.name,
        taken_by=_said(row.taker for row in rows),
        lines=tuple(_line(row) for row in rows),
        printed_at=ctx.clock.now(),
        zone=home.zone,
    )


def _said(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name is not None}))


def _unit(uow: UnitOfWork, unit_id: int) -> Unit:
    found = uow.agencies.some_units({UnitId(unit_id)}) if abs(unit_id) <= cursors.LARGEST_RANK else {}
    if not found:
        raise UnitNotFoundError(f"there is no unit with id {unit_id}", unit=unit_id)
    return found[UnitId(unit_id)]


def _names(uow: UnitOfWork, units: dict[UnitId, Unit]) -> dict[UnitId, str]:
    """Return the units' names, each with its agency's where units of several agencies are told of."""
    agencies = uow.agencies.some({unit.owner_agency_id for unit in units.values()})
    several = len(agencies) > 1
    return {
        key: f"{unit.name} – {agencies[unit.owner_agency_id].name}" if several else unit.name
        for key, unit in units.items()
    }


def _way(uow: UnitOfWork, from_unit: int, to_unit: int, count: int) -> Way:
    giver, taker = _unit(uow, from_unit), _unit(uow, to_unit)
    names = _names(uow, {giver.id: giver, taker.id: taker})
    return Way(giver.id, names[giver.id], taker.id, names[taker.id], count)


def _on_day(uow: UnitOfWork, by: Actor, on: date, *columns: Any) -> Select[Any]:
    """Select of the hand-overs in force that the history has on a local day of the agency that gives.

    The history is read by agency and time, which is its index; hand-overs have none by time.
    """
    if not by.is_system:
        permissions_books.agencies_of_bundles(by)
    told = and_(Event.kind == EventKind.HANDED_OVER, _that_day(uow, Event.owner_agency_id, Event.at, on))
    events = select(Event.dossier_id, Event.at).where(told).distinct().subquery()
    return (
        select(*columns)
        .select_from(events)
        .join(Handover, and_(Handover.dossier_id == events.c.dossier_id, Handover.given_at == events.c.at))
        .join(Dossier, Dossier.id == Handover.dossier_id)
        .where(visible(by))
    )


def _that_day(
    uow: UnitOfWork, agency: InstrumentedAttribute[AgencyId], at: InstrumentedAttribute[datetime], on: date
) -> ColumnElement[bool]:
    """Return the condition of a local day; agencies in zones of their own have days of their own."""
    zones: dict[str, list[Agency]] = {}
    localities = Localities.read(uow)
    for row in localities.agencies.values():
        zones.setdefault(row.zone, []).append(row)
    parts = []
    for rows in zones.values():
        calendar = localities.calendar(rows[0].id)
        between = at.between(first_instant(calendar, on), last_instant(calendar, on))
        parts.append(and_(agency.in_([row.id for row in rows]), between))
    return or_(*parts)


def _between(from_unit: int, to_unit: int) -> ColumnElement[bool]:
    return and_(Handover.from_unit_id == from_unit, Handover.to_unit_id == to_unit)


def _count(uow: UnitOfWork, by: Actor, on: date, from_unit: int, to_unit: int) -> int:
    query = _on_day(uow, by, on, func.count()).where(_between(from_unit, to_unit))
    return uow.session.scalar(query) or 0


def _rows(
    uow: UnitOfWork, by: Actor, on: date, from_unit: int, to_unit: int, *, after: tuple[Any, ...] | None, limit: int
) -> list[Any]:
    _unit(uow, from_unit), _unit(uow, to_unit)
    giver, taker, applicant = aliased(Officer), aliased(Officer), aliased(Party)
    columns = (
        Handover, Dossier.code, Dossier.received_at, Dossier.due_at, Procedure.name.label("procedure"),
        applicant.name.label("person"), giver.name.label("giver"), taker.name.label("taker"),
    )  # fmt: skip
    query = (
        _on_day(uow, by, on, *columns)
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .outerjoin(applicant, and_(applicant.dossier_id == Dossier.id, applicant.role == "applicant"))
        .outerjoin(giver, giver.id == Handover.given_by)
        .outerjoin(taker, taker.id == Handover.taken_by)
        .where(_between(from_unit, to_unit))
        .order_by(*_KEYS)
        .limit(limit)
    )
    if after is not None:
        query = query.where(cursors.after([(key.expression, False) for key in _KEYS], after))
    return list(uow.session.execute(query).all())


def _line(row: Any) -> BundleLine:
    return BundleLine(
        code=row.code or "–",
        person=row.person or "–",
        procedure_name=row.procedure,
        received_at=row.received_at,
        due_at=row.due_at,
        given_at=row.Handover.given_at,
        taken_at=row.Handover.taken_at,
    )


def _cursor(line: Handover) -> str:
    return cursors.encode([line.given_at.isoformat(), line.dossier_id.hex, line.no])


def _position(cursor: str) -> tuple[Any, ...]:
    at, dossier, no = cursors.decode(cursor, kinds=[datetime, str, int])
    try:
        return (at, UUID(dossier), no)
    except ValueError as error:
        raise cursors.InvalidCursorError("this cursor names no dossier") from error
