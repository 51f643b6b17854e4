"""Absences: an officer is away from–to, somebody does their tasks in their name, and it ends by itself (issue 5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.domain import absences as rules
from engine.domain.absences import Away, InvalidAbsenceError
from engine.domain.actors import WORKING, Actor, Role
from engine.domain.ids import AgencyId, OfficerId
from engine.domain.permissions import NotAllowedError
from engine.domain.permissions_people import normal_username
from engine.services.officer_names import OfficerNames
from engine.services.transactions import Answer, Request, transact
from engine.store.absences import Absence, AbsenceNotFoundError
from engine.store.people import Officer, OfficerNotFoundError
from engine.store.unit_of_work import UnitOfWork

OTHERS = (Role.SUPERVISOR, Role.ADMIN)  #: who enters the absence of somebody else of their agency
COVERING = (*WORKING, Role.SUPERVISOR)  #: who can be a cover
SHOWN = timedelta(days=60)  #: how long an absence that is over stays on the page


def plan(
    ctx: Context,
    *,
    by: Actor,
    cover: str,
    starts_at: datetime,
    ends_at: datetime,
    officer: str | None = None,
    reason: str = "",
    request: Request | None = None,
) -> Answer:
    """Enter an absence with its cover; the cover sees and does the absent officer's tasks while it runs.

    Args:
        cover: sign-in name of an active officer of the same agency who works on dossiers or supervises.
        officer: sign-in name of who is away; None: the actor.
        starts_at: from then on, at most a day ago.
        ends_at: until then, exclusive.

    Raises:
        NotAllowedError: it is somebody else's absence, and the actor neither supervises nor administers their agency.
        OfficerNotFoundError: there is no such officer, or the actor may not know of them.
        InvalidAbsenceError, AbsenceOverlapError, OfficerCoversError, CoverUnavailableError: see ``domain.absences``.
    """

    def work(uow: UnitOfWork) -> Answer:
        away = _officer_of(uow, by, officer)
        if len(reason.strip()) > rules.LONGEST_REASON:
            raise InvalidAbsenceError(f"a reason has at most {rules.LONGEST_REASON} characters", field="reason")
        rules.check_period(starts_at, ends_at, now=ctx.clock.now())
        stands_in = _cover_of(uow, away, cover)
        planned = Away(away.id, stands_in.id, starts_at, ends_at)
        uow.absences.lock([away.id, stands_in.id])
        rules.check_free(planned, _meeting(uow, planned))
        row = Absence(
            owner_agency_id=away.owner_agency_id,
            officer_id=away.id,
            cover_id=stands_in.id,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason.strip(),
            made_by=by.id,
            made_at=ctx.clock.now(),
        )
        return _told(uow, uow.absences.add(row), now=ctx.clock.now())

    return transact(ctx, by=by, request=request, work=work)


def end(ctx: Context, *, by: Actor, absence: int, request: Request | None = None) -> Answer:
    """End an absence now: the officer is back early, or it is called off before it began.

    Raises:
        AbsenceNotFoundError: there is none, or the actor may not know of it.
        NotAllowedError: the actor is its cover and nothing more.
        AbsenceOverError: it has ended.
    """

    def work(uow: UnitOfWork) -> Answer:
        row, now = uow.absences.get(absence), ctx.clock.now()
        may = by.id == row.officer_id or by.holds(row.owner_agency_id, OTHERS)
        if not may and by.id != row.cover_id:
            raise AbsenceNotFoundError(f"there is no absence with id {absence}")
        if not may:
            raise NotAllowedError("only who is away, or a supervisor, ends an absence", needed=["supervisor", "admin"])
        if row.ends_at <= now or row.ends_at <= row.starts_at:
            raise rules.AbsenceOverError("this absence has ended", ended_at=row.ends_at.isoformat())
        row.ends_at, row.ended_by = max(now, row.starts_at), by.id
        uow.flush()
        return _told(uow, row, now=now)

    return transact(ctx, by=by, request=request, work=work)


def listed(ctx: Context, *, by: Actor) -> dict[str, Any]:
    """Return the absences that the actor may know of, and whom they may enter.

    ``items`` are newest first: one's own, those that one covers, and those of the agencies that one supervises or
    administers; ``officers`` whose absence the actor may enter, ``covers`` who can be a cover, both by agency and name.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        now = ctx.clock.now()
        looked_after = by.agencies_with(*OTHERS)
        rows = uow.absences.known_to(officer_id=by.id, agencies=looked_after, since=now - SHOWN)
        officers = uow.people.some({each for row in rows for each in (row.officer_id, row.cover_id)})
        own = _own_agency(uow, by)
        people = uow.absences.staff({*looked_after, *([own] if own else [])}, roles=COVERING)
        return {
            "items": [_view(uow, row, officers, by=by, now=now) for row in rows],
            "officers": [_named(row) for row, _ in people if row.owner_agency_id in looked_after],
            "covers": [_named(row) for row, working in people if working],
        }


def away_now(uow: UnitOfWork, *, officers: set[OfficerId], at: datetime) -> dict[OfficerId, dict[str, Any]]:
    """Return who of these officers is away at an instant: ``until`` (UTC) and ``cover``, the name of who covers."""
    names = OfficerNames(uow)
    return {
        officer: {"until": row.ends_at, "cover": names.of(row.cover_id)}
        for officer, row in (uow.absences.running(at, officers) if officers else {}).items()
    }


def _officer_of(uow: UnitOfWork, by: Actor, username: str | None) -> Officer:
    if username is None:
        if by.id is None:
            raise InvalidAbsenceError("name the officer who is away", field="officer")
        return uow.people.get(by.id)
    officer = uow.people.find(normal_username(username))
    if officer is None or (officer.owner_agency_id not in by.agencies and not by.is_system):
        raise OfficerNotFoundError(f"there is no officer with the sign-in name {username!r}", field="officer")
    if officer.id != by.id and not by.is_system and not by.holds(officer.owner_agency_id, OTHERS):
        needed = [role.value for role in OTHERS]
        raise NotAllowedError("only supervisor or admin may enter the absence of somebody else", needed=needed)
    return officer


def _cover_of(uow: UnitOfWork, away: Officer, username: str) -> Officer:
    if not username.strip():
        raise InvalidAbsenceError("choose who covers", field="cover")
    cover = uow.people.find(normal_username(username))
    if cover is None or cover.owner_agency_id != away.owner_agency_id:
        raise rules.CoverUnavailableError("the cover is no officer of the same agency; choose another", field="cover")
    if not cover.is_active:
        raise rules.CoverUnavailableError("the account of the cover is disabled; choose another", field="cover")
    if not uow.people.actor(cover.id).holds(away.owner_agency_id, COVERING):
        raise rules.CoverUnavailableError("the cover does not work on dossiers; choose another", field="cover")
    return cover


def _meeting(uow: UnitOfWork, planned: Away) -> list[Away]:
    return [
        Away(row.officer_id, row.cover_id, row.starts_at, row.ends_at)
        for officer in (planned.officer_id, planned.cover_id)
        for row in uow.absences.meeting(officer, starts_at=planned.starts_at, ends_at=planned.ends_at)
    ]


def _own_agency(uow: UnitOfWork, by: Actor) -> AgencyId | None:
    return None if by.id is None else uow.people.get(by.id).owner_agency_id


def _told(uow: UnitOfWork, row: Absence, *, now: datetime) -> Answer:
    return _view(uow, row, uow.people.some({row.officer_id, row.cover_id}), by=None, now=now)


def _view(
    uow: UnitOfWork, row: Absence, officers: dict[OfficerId, Officer], *, by: Actor | None, now: datetime
) -> dict[str, Any]:
    zone = ZoneInfo(uow.agencies.get(row.owner_agency_id).zone)
    over = row.ends_at <= now or row.ends_at <= row.starts_at
    return {
        "id": row.id,
        "officer": officers[row.officer_id].username,
        "officer_name": officers[row.officer_id].name,
        "cover": officers[row.cover_id].username,
        "cover_name": officers[row.cover_id].name,
        "starts_at": row.starts_at.astimezone(zone).isoformat(),
        "ends_at": row.ends_at.astimezone(zone).isoformat(),
        "reason": row.reason,
        "state": "over" if over else "coming" if row.starts_at > now else "running",
        "ended_early": row.ended_by is not None,
        "may_end": by is not None and not over and (by.id == row.officer_id or by.holds(row.owner_agency_id, OTHERS)),
    }


def _named(officer: Officer) -> dict[str, str]:
    return {"username": officer.username, "name": officer.name, "title": officer.title}
