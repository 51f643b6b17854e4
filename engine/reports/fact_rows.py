"""Facts as rows: reading those that a period concerns, a few at a time, and the window of each agency."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import InstrumentedAttribute

from engine.domain.dossier import Channel
from engine.domain.ids import AgencyId
from engine.domain.statistics import NEVER, Apologised, Fact, Outcome, Window
from engine.reports.localities import Localities
from engine.reports.on_time_values import Dimension, Period
from engine.store.facts import DossierFact
from engine.store.unit_of_work import UnitOfWork

AT_ONCE = 1000  # rows fetched together
AGENCY: Mapping[Dimension, InstrumentedAttribute[AgencyId]] = {
    Dimension.RECEIVING: DossierFact.receiving_agency_id,
    Dimension.RESOLVING: DossierFact.resolving_agency_id,
    Dimension.RETURNING: DossierFact.returning_agency_id,
}  #: the column of the agency that counts a fact


def facts(uow: UnitOfWork, *, agencies: Collection[AgencyId], dimension: Dimension, period: Period) -> Iterator[Fact]:
    """Go through the facts that a period concerns, by the id of the dossier: the order in which they were filed.

    Args:
        agencies: ids; only facts that one of them counts.
        dimension: which of a dossier's three agencies counts.
    """
    for row in rows(uow, agencies=agencies, dimension=dimension, period=period):
        yield fact_of(row)


def rows(
    uow: UnitOfWork, *, agencies: Collection[AgencyId], dimension: Dimension, period: Period
) -> Iterator[DossierFact]:
    """Go through the same as rows, with all that is known of each; a day that has not come is ``NEVER`` there."""
    query = chosen(select(DossierFact), agencies=agencies, dimension=dimension, period=period)
    yield from uow.session.scalars(query.order_by(DossierFact.dossier_id).execution_options(yield_per=AT_ONCE))


def chosen(query: Select[Any], *, agencies: Collection[AgencyId], dimension: Dimension, period: Period) -> Select[Any]:
    """Return a query over ``DossierFact`` for those that the period concerns and one of the agencies counts."""
    return query.where(AGENCY[dimension].in_(sorted(agencies)), concerned(period))


def concerned(period: Period) -> ColumnElement[bool]:
    """Return the condition that a period concerns a fact: received by its end, not closed before it began."""
    return and_(DossierFact.received_on <= period.to_on, DossierFact.closed_on >= period.from_on)


def windows(localities: Localities, period: Period, now: datetime) -> dict[AgencyId, Window]:
    """Return the window of the period for each resolving agency: its local date of today decides what is past."""
    return {
        agency: Window(period.from_on, period.to_on, localities.calendar(agency).local_date(now), now)
        for agency in localities.agencies
    }


def fact_of(row: Any) -> Fact:
    """Return the fact that a row keeps; ``row`` has the columns of ``DossierFact``."""
    return Fact(
        dossier_id=row.dossier_id,
        code=row.code,
        receiving_agency_id=row.receiving_agency_id,
        resolving_agency_id=row.resolving_agency_id,
        returning_agency_id=row.returning_agency_id,
        procedure_id=row.procedure_id,
        procedure_code=row.procedure_code,
        channel=Channel(row.channel),
        unit_id=row.unit_id,
        officer_id=row.officer_id,
        received_at=row.received_at,
        received_on=row.received_on,
        due_at=row.due_at,
        late_after=row.late_after,
        late_on=day(row.late_on),
        closed_at=row.closed_at,
        closed_on=day(row.closed_on),
        outcome=Outcome(row.outcome),
        apologised=Apologised(row.apologised),
        apologised_on=day(row.apologised_on),
        unkept_on=day(row.unkept_on),
        used_minutes=row.used_minutes,
        limit_minutes=row.limit_minutes,
        legal_minutes=row.legal_minutes,
    )


def day(kept: date) -> date | None:
    """Return a day as a fact has it: None for one that has not come."""
    return None if kept == NEVER else kept
