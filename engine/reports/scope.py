"""What the official tables of a period are counted from: whose facts, by which windows, and what parts are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId, UnitId
from engine.domain.statistics import Window
from engine.reports import fact_rows, tally
from engine.reports.countable import countable, may_report
from engine.reports.localities import Localities
from engine.reports.on_time_values import Dimension, Period
from engine.store.agencies import Agency, Unit
from engine.store.facts import DossierFact
from engine.store.procedures import Procedure
from engine.store.unit_of_work import UnitOfWork

LEVELS = ("province", "commune")  #: of procedures, in the order of form II.06
NO_LEVEL = ""  #: of a procedure that the register does not know


@dataclass(frozen=True, slots=True)
class Asked:
    """The period, and whose dossiers count.

    Args:
        agency: code; None counts all agencies whose numbers the actor may see.
        dimension: which of a dossier's three agencies counts.
    """

    period: Period
    agency: str | None = None
    dimension: Dimension = Dimension.RESOLVING


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """Where a procedure stands in an official table: its level, then its field; empty where nobody has said."""

    level: str
    field: str


@dataclass(frozen=True, slots=True)
class Named:
    """A procedure code in the words of the first agency that has it."""

    name: str
    group: Group


UNKNOWN = Named("", Group(NO_LEVEL, ""))


@dataclass(frozen=True)
class Scope:
    """The facts that a report of a period looks at, inside one transaction."""

    ctx: Context
    uow: UnitOfWork
    asked: Asked
    counted: frozenset[AgencyId]
    localities: Localities
    now: datetime
    by: Actor

    @classmethod
    def read(cls, ctx: Context, uow: UnitOfWork, *, by: Actor, asked: Asked) -> Scope:
        """Check what the actor may see.

        Raises:
            NotAllowedError, AgencyNotFoundError: see ``countable``.
        """
        counted = countable(uow, by, asked.agency)
        return cls(ctx, uow, asked, counted, Localities.read(uow), ctx.clock.now(), by)

    @cached_property
    def windows(self) -> Mapping[AgencyId, Window]:
        """The window of the period for each resolving agency."""
        return fact_rows.windows(self.localities, self.asked.period, self.now)

    @cached_property
    def procedures(self) -> Mapping[str, Named]:
        """The procedures by code."""
        rows = self.uow.session.execute(
            select(Procedure.code, Procedure.name, Procedure.level, Procedure.field).order_by(Procedure.id.desc())
        )
        return {row.code: Named(row.name, Group(row.level, row.field)) for row in rows}

    @cached_property
    def units(self) -> Mapping[UnitId, tuple[str, str]]:
        """Key (``AGENCY/UNIT``) and name of each unit."""
        query = select(Unit.id, Unit.code, Unit.name, Agency.code.label("agency"), Agency.name.label("agency_name"))
        rows = self.uow.session.execute(query.join(Agency, Agency.id == Unit.owner_agency_id))
        shared = len(self.counted) > 1
        return {
            row.id: (f"{row.agency}/{row.code}", f"{row.name} – {row.agency_name}" if shared else row.name)
            for row in rows
        }

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Code and name of the agencies whose numbers the actor may see, by code."""
        known = self.localities.agencies
        return tuple(sorted((row.code, row.name) for each, row in known.items() if may_report(self.by, each)))

    @property
    def reporter(self) -> Agency:
        """The agency that reports: the only one that is counted, or the first of them that has no other above it."""
        agencies = [self.localities.agencies[each] for each in sorted(self.counted)]
        return next((each for each in agencies if each.parent_id not in self.counted), agencies[0])

    def procedure(self, code: str) -> Named:
        """Return what a procedure is called and where it stands."""
        return self.procedures.get(code, UNKNOWN)

    def codes_of(self, group: Group) -> list[str]:
        """Return the codes of the procedures that stand in a group; an empty field takes those without one."""
        return sorted(code for code, named in self.procedures.items() if named.group == group)

    def facts(self, *columns: Any) -> Any:
        """Return a query over the facts that the period concerns and that one of the agencies counts."""
        return fact_rows.chosen(
            select(*columns), agencies=self.counted, dimension=self.asked.dimension, period=self.asked.period
        )

    def where(self, condition: Callable[[Window], ColumnElement[bool]]) -> ColumnElement[bool]:
        """Return a condition on facts that depends on which day it is where they are resolved."""
        shared = self.shared_windows
        if not shared:
            return false()
        if len(shared) == 1:
            return condition(next(iter(shared)))
        parts = [and_(DossierFact.resolving_agency_id.in_(each), condition(window)) for window, each in shared.items()]
        return or_(*parts)

    @cached_property
    def shared_windows(self) -> Mapping[Window, list[AgencyId]]:
        """The agencies of each window: one for all of them unless midnight has passed for some."""
        return tally.windows(self.asked.period, self.localities, self.now)
