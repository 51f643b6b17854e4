"""What the filters of a list can be set to, for the forms of screens; the lists take other values too."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.permissions import READING
from engine.reports.filters import is_open
from engine.store.agencies import Agency, Unit
from engine.store.people import Officer
from engine.store.procedures import Procedure
from engine.store.tasks import Task

MOST = 500  #: of each kind; who knows another value can still write it


@dataclass(frozen=True, slots=True)
class Choices:
    """Pairs of value and name, by name."""

    procedures: list[tuple[str, str]]
    steps: list[str]
    units: list[tuple[str, str]]  #: ``agency/unit``
    officers: list[tuple[str, str]]


def choices(ctx: Context, *, by: Actor) -> Choices:
    """Return the procedures, the steps that are open, the units and the officers of the agencies where one reads."""
    agencies = by.agencies_with(*READING)
    with ctx.unit_of_work(read_only=True) as uow:
        said = uow.session.execute
        procedures = said(select(Procedure.code, Procedure.name).order_by(Procedure.code).limit(MOST)).all()
        steps = select(Task.name).where(is_open(), Task.owner_agency_id.in_(agencies)).distinct()
        units = (
            select(Agency.code, Unit.code, Unit.name, Agency.name)
            .join(Agency, Agency.id == Unit.owner_agency_id)
            .where(Agency.id.in_(agencies))
            .order_by(Agency.id, Unit.name)
        )
        officers = select(Officer.username, Officer.name).where(
            Officer.owner_agency_id.in_(agencies), Officer.is_active.is_(True)
        )
        return Choices(
            procedures=list(dict((row[0], row[1]) for row in procedures).items()),
            steps=[row[0] for row in said(steps.order_by(Task.name).limit(MOST))],
            units=[(f"{row[0]}/{row[1]}", f"{row[2]} – {row[3]}") for row in said(units.limit(MOST))],
            officers=[(row[0], row[1]) for row in said(officers.order_by(Officer.name, Officer.id).limit(MOST))],
        )
