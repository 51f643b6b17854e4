"""The open tasks of agencies with what measures them, and who works in their units: two queries for all officers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.dossier import TaskState
from engine.domain.ids import AgencyId, OfficerId, UnitId
from engine.domain.workload import Work
from engine.store.agencies import Unit
from engine.store.dossiers import Dossier
from engine.store.people import Officer, UnitMember
from engine.store.tasks import Task


@dataclass(frozen=True, slots=True)
class OpenWork:
    """An open task of a unit, perhaps of an officer."""

    officer: OfficerId | None
    unit: UnitId
    resolving: AgencyId  #: whose calendar measures it
    work: Work


@dataclass(frozen=True, slots=True)
class Member:
    """An active officer in a unit; one who works in two units is there twice."""

    id: OfficerId
    username: str
    name: str
    unit_id: UnitId
    unit: str
    unit_name: str
    agency: AgencyId


def open_work(session: Session, agencies: Collection[AgencyId]) -> list[OpenWork]:
    """Return the open tasks on which these agencies have to act."""
    query = (
        select(
            Task.assignee_id, Task.unit_id, Task.due_at, Dossier.resolving_agency_id, Dossier.due_at, Dossier.is_paused
        )
        .join(Dossier, Dossier.id == Task.dossier_id)
        .where(Task.owner_agency_id.in_(agencies), Task.state == TaskState.OPEN)
    )
    return [
        OpenWork(officer, unit, resolving, Work(due_at, promise_at, paused))
        for officer, unit, due_at, resolving, promise_at, paused in session.execute(query)
    ]


def members(session: Session, agencies: Collection[AgencyId]) -> list[Member]:
    """Return who works in the units of these agencies, by unit, then by name."""
    query = (
        select(Officer.id, Officer.username, Officer.name, Unit.id, Unit.code, Unit.name, Unit.owner_agency_id)
        .join(UnitMember, UnitMember.officer_id == Officer.id)
        .join(Unit, Unit.id == UnitMember.unit_id)
        .where(Unit.owner_agency_id.in_(agencies), Officer.is_active.is_(True))
        .order_by(Unit.name, Unit.id, Officer.name, Officer.id)
    )
    return [Member(*row) for row in session.execute(query)]
