"""How much work each officer of an agency has, and where work waits for nobody (peers.md §4, 13)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.context import Context
from engine.domain import permissions_supervision
from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId, OfficerId, UnitId
from engine.domain.workload import Load, load
from engine.reports.filters import is_open, visible
from engine.reports.localities import Localities
from engine.store.dossiers import Dossier
from engine.store.people import Officer
from engine.store.tasks import Task
from engine.store.unit_of_work import UnitOfWork
from engine.store.workload import Member, OpenWork, members, open_work


def loads(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the units of the agencies that the actor watches, each with its people and what nobody has taken.

    ``minutes`` and ``over_minutes`` are of office time (``engine.domain.workload``); a person in two units is in both,
    with the load of all their tasks.

    Raises:
        NotAllowedError: the actor watches no agency.
    """
    watched = permissions_supervision.watched(by)
    with ctx.unit_of_work(read_only=True) as uow:
        return units_of(uow, watched, Localities.read(uow), at=ctx.clock.now())


def assignment(ctx: Context, *, by: Actor, task_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return what a supervisor needs to give tasks to others: their units, each with its tasks and its people.

    People come with their load now, and until when they are away. Tasks that are closed, or not the actor's to give,
    are left out.

    Args:
        task_ids: at most 200.

    Raises:
        NotAllowedError: the actor supervises no agency.
    """
    supervised = by.agencies_with(Role.SUPERVISOR)
    permissions_supervision.check_can_press(by, supervised)
    wanted = [known for each in task_ids if (known := _uuid(each)) is not None]
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        query = (
            select(Task.id, Task.name, Task.unit_id, Task.owner_agency_id, Dossier.id, Dossier.code, Officer.name)
            .join(Dossier, Dossier.id == Task.dossier_id)
            .outerjoin(Officer, Officer.id == Task.assignee_id)
            .where(Task.id.in_(wanted), is_open(), Task.owner_agency_id.in_(supervised), visible(by))
            .order_by(Dossier.due_at, Task.id)
        )
        tasks = uow.session.execute(query).all()
        if not tasks:
            return []
        localities = Localities.read(uow)
        agencies = {row[3] for row in tasks}
        units = {unit["id"]: unit for unit in units_of(uow, agencies, localities, at=now)}
        people = {person["id"] for unit in units.values() for person in unit["people"]}
        away = uow.absences.running(now, people)
        for unit in units.values():
            for person in unit["people"]:
                absence = away.get(person["id"])
                person["away_until"] = None if absence is None else localities.text(tasks[0][3], absence.ends_at)
    found: dict[UnitId, dict[str, Any]] = {}
    for task_id, name, unit_id, _, dossier_id, code, officer in tasks:
        told = {"id": str(task_id), "name": name, "dossier": code or str(dossier_id), "officer": officer}
        found.setdefault(unit_id, units[unit_id] | {"tasks": []})["tasks"].append(told)
    return list(found.values())


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def units_of(
    uow: UnitOfWork, agencies: Collection[AgencyId], localities: Localities, *, at: datetime
) -> list[dict[str, Any]]:
    """Return ``loads`` of these agencies, the units by name; of people the most loaded first."""
    works = open_work(uow.session, agencies)
    has: dict[OfficerId, list[OpenWork]] = {}
    waits: dict[UnitId, list[OpenWork]] = {}
    for each in works:
        (waits.setdefault(each.unit, []) if each.officer is None else has.setdefault(each.officer, [])).append(each)
    found: dict[UnitId, dict[str, Any]] = {}
    for person in members(uow.session, agencies):
        if person.unit_id not in found:
            named = (person.agency, person.unit, person.unit_name)
            found[person.unit_id] = _unit(localities, person.unit_id, named, waits.pop(person.unit_id, []), at)
        found[person.unit_id]["people"].append(_person(person, _load(localities, has.get(person.id, []), at)))
    for row in uow.agencies.some_units(waits).values() if waits else ():  # work waits where nobody is
        found[row.id] = _unit(localities, row.id, (row.owner_agency_id, row.code, row.name), waits[row.id], at)
    for unit in found.values():
        unit["people"].sort(key=lambda each: (-each["over_minutes"], -each["minutes"], each["name"]))
    return list(found.values())


def _unit(
    localities: Localities, unit_id: UnitId, named: tuple[AgencyId, str, str], waiting: Collection[OpenWork],
    at: datetime,
) -> dict[str, Any]:  # fmt: skip
    agency = localities.agencies[named[0]]
    return {
        "id": unit_id,
        "unit": f"{agency.code}/{named[1]}",
        "name": named[2],
        "agency": agency.name,
        "unassigned": _told(_load(localities, waiting, at)),
        "people": [],
    }


def _person(person: Member, has: Load) -> dict[str, Any]:
    return {"id": person.id, "username": person.username, "name": person.name, **_told(has)}


def _told(has: Load) -> dict[str, Any]:
    return {
        "tasks": has.tasks,
        "used_up": has.used_up,
        "paused": has.paused,
        "minutes": has.minutes,
        "over_minutes": has.over_minutes,
    }


def _load(localities: Localities, works: Collection[OpenWork], at: datetime) -> Load:
    return load(((localities.calendar(each.resolving), each.work) for each in works), at)
