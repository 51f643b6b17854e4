"""The data-quality gate: dossiers whose data would falsify a report, counted, listed, and said in each report.

Every check looks at facts of the period alone (peers.md §1d); a dossier may fail several.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor
from engine.domain.ids import AgencyId
from engine.domain.statistics import NEVER, Column, Outcome, Window
from engine.reports import columns_sql, fact_rows
from engine.reports.about import MOST_JUDGED, About
from engine.reports.about import about as plain_about
from engine.reports.fact_entries import Entry, entries
from engine.reports.localities import Localities
from engine.reports.on_time_values import Dimension, Period
from engine.reports.scope import Asked, Scope
from engine.store.facts import DossierFact
from engine.store.procedures import Procedure
from engine.store.unit_of_work import UnitOfWork

DECIDED = (Outcome.EARLY.value, Outcome.ON_TIME.value, Outcome.LATE.value)
LATE = (Column.LATE, Column.OPEN_LATE, Column.ENDED_LATE)  #: what has to have a cause (domain.md §6.4)


class Check(StrEnum):
    """What can be wrong with the data of a dossier."""

    NO_CODE = "received_without_code"
    FINISHED_BEFORE_RECEIVED = "finished_before_received"
    FUTURE_DATE = "future_date"
    NO_PROMISE = "no_promise"
    IMPORTED_WITHOUT_DUE = "imported_without_due"
    NO_UNIT = "no_unit"
    LATE_WITHOUT_CAUSE = "late_without_cause"
    UNKNOWN_PROCEDURE = "unknown_procedure"
    PROCEDURE_WITHOUT_FIELD = "procedure_without_field"


MEANINGS: Mapping[Check, str] = {
    Check.NO_CODE: "received, but without a dossier code (domain.md §3.1)",
    Check.FINISHED_BEFORE_RECEIVED: "finished, withdrawn or stopped before it was received",
    Check.FUTURE_DATE: "received or finished after now",
    Check.NO_PROMISE: "received here without a date that was promised",
    Check.IMPORTED_WITHOUT_DUE: "imported from another system without a due date: it can be neither late nor on time",
    Check.NO_UNIT: "decided, but no unit has done a step of the processing",
    Check.LATE_WITHOUT_CAUSE: "late, and neither its letter of apology nor anybody says why (domain.md §6.4)",
    Check.UNKNOWN_PROCEDURE: "of a procedure that the register does not have",
    Check.PROCEDURE_WITHOUT_FIELD: "of a procedure without a field: it stands in no row of form II.06",
}


@dataclass(frozen=True, slots=True)
class Quality:
    """How many dossiers fail each check, of how many."""

    about: About
    dossiers: int
    counts: Mapping[Check, int]
    choices: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document of command and API."""
        return {
            "report": "quality",
            "dossiers": self.dossiers,
            "checks": [
                {"check": check.value, "count": self.counts[check], "meaning": MEANINGS[check]} for check in Check
            ],
            "about": self.about.as_json(),
        }


def quality(ctx: Context, *, by: Actor, asked: Asked) -> Quality:
    """Count what is wrong with the data of a period.

    Raises:
        NotAllowedError, AgencyNotFoundError: see ``countable``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        scope = Scope.read(ctx, uow, by=by, asked=asked)
        found = _found(scope)
        counts = {check: found[check.value] for check in Check}
        return Quality(_about(scope, counts), found["dossiers"], counts, scope.choices)


def failing(ctx: Context, *, by: Actor, asked: Asked, check: Check) -> list[Entry]:
    """Return the dossiers that fail a check, as many as ``quality`` counts, by code.

    Raises:
        NotAllowedError, AgencyNotFoundError: see ``countable``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        scope = Scope.read(ctx, uow, by=by, asked=asked)
        query = _looked_at(scope, DossierFact).where(_conditions(scope)[check])
        return entries(scope, query)


def doubtful(ctx: Context, *, by: Actor, asked: Asked) -> dict[str, int]:
    """Return how many dossiers fail each check that any fails.

    Raises:
        NotAllowedError, AgencyNotFoundError: see ``countable``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        found = counts(Scope.read(ctx, uow, by=by, asked=asked))
    return {check: count for check, count in found.items() if count}


def counts(scope: Scope) -> dict[str, int]:
    """Return how many dossiers fail each check; what every report says of its data."""
    found = _found(scope)
    return {check.value: found[check.value] for check in Check}


def about(scope: Scope) -> About:
    """Return what stands under a report, the findings of the gate among it."""
    return _about(scope, {Check(name): count for name, count in counts(scope).items()})


def _about(scope: Scope, found: Mapping[Check, int] | None) -> About:
    return plain_about(
        scope.ctx,
        scope.uow,
        counted=scope.counted,
        period=scope.asked.period,
        dimension=scope.asked.dimension,
        agency=scope.asked.agency,
        localities=scope.localities,
        quality=None if found is None else {check.value: count for check, count in found.items()},
    )


def _found(scope: Scope, *, most: int | None = None) -> dict[str, int]:
    """Count what fails each check, and ``dossiers``; with ``most``, of no more than one dossier beyond it."""
    fails = [case((condition, 1), else_=0).label(check.value) for check, condition in _conditions(scope).items()]
    each = _looked_at(scope, *fails).limit(None if most is None else most + 1).subquery()
    sums = [func.coalesce(func.sum(each.c[check.value]), 0).label(check.value) for check in Check]
    query = select(func.count().label("dossiers"), *sums).select_from(each)
    return {name: int(value) for name, value in scope.uow.session.execute(query).mappings().one().items()}


def _looked_at(scope: Scope, *columns: Any) -> Any:
    """Return a query over what the period concerns, what ends before it begins, and what comes after now."""
    period = scope.asked.period
    fact = DossierFact
    within = or_(
        and_(
            fact.closed_on >= period.from_on,
            or_(fact.received_on <= period.to_on, fact.closed_on <= period.to_on),
        ),
        and_(fact.received_on >= period.from_on, fact.received_on <= period.to_on),
        scope.where(lambda window: fact.received_on > window.today),
    )
    return select(*columns).where(fact_rows.AGENCY[scope.asked.dimension].in_(sorted(scope.counted)), within)


def _conditions(scope: Scope) -> dict[Check, ColumnElement[bool]]:
    fact = DossierFact
    known = select(Procedure.id).where(Procedure.id == fact.procedure_id)
    decided = and_(fact.closed_on != NEVER, fact.outcome.in_(DECIDED))
    return {
        Check.NO_CODE: fact.code.is_(None),
        Check.FINISHED_BEFORE_RECEIVED: and_(fact.closed_at.is_not(None), fact.closed_at < fact.received_at),
        Check.FUTURE_DATE: or_(
            fact.received_at > scope.now, and_(fact.closed_at.is_not(None), fact.closed_at > scope.now)
        ),
        Check.NO_PROMISE: and_(fact.due_at.is_(None), fact.source.is_(None)),
        Check.IMPORTED_WITHOUT_DUE: and_(fact.due_at.is_(None), fact.source.is_not(None)),
        Check.NO_UNIT: and_(decided, fact.unit_id.is_(None)),
        Check.LATE_WITHOUT_CAUSE: and_(fact.late_cause.is_(None), scope.where(is_late)),
        Check.UNKNOWN_PROCEDURE: ~known.exists(),
        Check.PROCEDURE_WITHOUT_FIELD: known.where(Procedure.field == "").exists(),
    }


def is_late(window: Window) -> ColumnElement[bool]:
    """Return the condition that a fact counts as late in a window, finished, open or ended."""
    return or_(*(columns_sql.in_column(column, window) for column in LATE))


def under(
    ctx: Context,
    uow: UnitOfWork,
    *,
    counted: Collection[AgencyId],
    period: Period,
    dimension: Dimension = Dimension.RESOLVING,
    agency: str | None = None,
    localities: Localities | None = None,
) -> About:
    """Return ``about`` for a report that has looked up by itself whom it counts; the arguments are those of ``About``.

    Over more than ``MOST_JUDGED`` dossiers the gate is not asked: a report that roll-ups answer looks at no dossier.

    Args:
        localities: when the caller has read them already.
    """
    asked = Asked(period, agency, dimension)
    known = localities or Localities.read(uow)
    scope = Scope(ctx, uow, asked, frozenset(counted), known, ctx.clock.now(), SYSTEM)
    found = _found(scope, most=MOST_JUDGED)
    is_told = found["dossiers"] <= MOST_JUDGED
    return _about(scope, {check: found[check.value] for check in Check} if is_told else None)
