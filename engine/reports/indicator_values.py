"""What every indicator is for the agencies of a report and a period: from facts, register, tasks and figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import exists, select

from engine.domain.dossier import Channel
from engine.domain.ids import AgencyId
from engine.domain.indicator_catalogue import INDICATORS
from engine.domain.indicators import UNKNOWN, Entered, Indicator, Origin, Value, of_figures, together
from engine.domain.plan_facts import TaskState
from engine.reports import fact_rows, indicator_shares, time_used
from engine.reports.indicator_shares import Sums
from engine.reports.on_time_values import Period
from engine.reports.scope import Scope
from engine.store.facts import DossierFact
from engine.store.indicators import IndicatorFigure, PlanTask
from engine.store.procedures import Procedure

Values = Mapping[str, Value]
_FACT: Any = DossierFact
USED = "online_services_used"
TIME_CUT, TASKS = "time_cut", "plan_tasks_on_time"
#: of what the register has now, how much was published by the end of a period: it keeps that day
PUBLISHED = frozenset({"national_published", "nonterritorial_published", "internal_published"})
_ONLINE = ("partial", "full")
_PUBLIC, _INTERNAL = "public", "internal"


class Split(StrEnum):
    """What a line of the index is."""

    AGENCY = "agency"
    UNIT = "unit"  #: dossiers alone can tell; the rest is the agency's


@dataclass(frozen=True)
class Entries:
    """What people have entered, read once for all periods that lie inside of one."""

    scope: Scope
    hull: Period

    @cached_property
    def figures(self) -> Mapping[AgencyId, list[IndicatorFigure]]:
        """The figures by agency."""
        found: dict[AgencyId, list[IndicatorFigure]] = defaultdict(list)
        store = self.scope.uow.indicators
        for row in store.figures(self.scope.counted, from_on=self.hull.from_on, to_on=self.hull.to_on):
            found[row.owner_agency_id].append(row)
        return found

    @cached_property
    def tasks(self) -> Sequence[PlanTask]:
        """The tasks by due date."""
        store = self.scope.uow.indicators
        return store.tasks(self.scope.counted, from_on=self.hull.from_on, to_on=self.hull.to_on)

    @cached_property
    def offered(self) -> Sequence[Procedure]:
        """The procedures that the counted agencies offer now."""
        query = select(Procedure).where(Procedure.owner_agency_id.in_(sorted(self.scope.counted)))
        rows = self.scope.uow.session.scalars(query.order_by(Procedure.id))
        return [row for row in rows if _is_offered(row, self.scope.now)]


@dataclass(frozen=True)
class Sources:
    """What the indicators of a period are made of, beside facts."""

    scope: Scope
    period: Period
    entries: Entries

    @cached_property
    def procedures(self) -> Sequence[tuple[Procedure, bool]]:
        """The procedures that the counted agencies offer now, and whether dossiers were filed online in the period."""
        period = self.period
        filed = exists().where(
            _FACT.procedure_id == Procedure.id,
            fact_rows.AGENCY[self.scope.asked.dimension].in_(sorted(self.scope.counted)),
            _FACT.received_on >= period.from_on,
            _FACT.received_on <= period.to_on,
            _FACT.channel == Channel.ONLINE.value,
        )
        query = select(Procedure, filed).where(Procedure.owner_agency_id.in_(sorted(self.scope.counted)))
        rows = self.scope.uow.session.execute(query.order_by(Procedure.id)).all()
        return [(row[0], bool(row[1])) for row in rows if _is_offered(row[0], self.scope.now)]

    @property
    def tasks(self) -> list[PlanTask]:
        """The tasks that are due in the period."""
        return [row for row in self.entries.tasks if self.period.from_on <= row.due_on <= self.period.to_on]

    @property
    def active(self) -> frozenset[AgencyId]:
        """The agencies that have to say their figures: those that offer public procedures, or have said some."""
        offering = {row.owner_agency_id for row, _used in self.procedures if row.kind == _PUBLIC}
        return frozenset(offering | self.entries.figures.keys()) or self.scope.counted


def values(
    sources: Sources, sums: Sums | None, *, agencies: Iterable[AgencyId] | None = None, keys: Collection[str]
) -> dict[str, Value]:
    """Return the values of indicators by key; of ``time_cut`` none, it needs a base year.

    Args:
        keys: of the indicators that are wanted.
        sums: of facts in the period; None: there are none.
        agencies: only their register, tasks and figures; None: all that the report counts.
    """
    those = sources.active if agencies is None else frozenset(agencies)
    origins = {INDICATORS[key].origin for key in keys}
    found = of_facts(sums)
    for key in keys:
        if INDICATORS[key].origin is Origin.FIGURE:
            found[key] = _entered(sources, INDICATORS[key], those)
    if Origin.REGISTER in origins:
        found |= _of_register(sources, agencies, with_use=USED in keys)
    if Origin.TASKS in origins:
        found[TASKS] = _of_tasks(sources, agencies)
    return {key: value for key, value in found.items() if key in keys}


def of_facts(sums: Sums | None) -> dict[str, Value]:
    """Return the values that facts alone answer; without any fact there is nothing to divide by."""
    keys = [key for key, row in INDICATORS.items() if row.origin is Origin.FACTS and key != TIME_CUT]
    if sums is None:
        return dict.fromkeys(keys, Value(0, 0))
    return {key: Value(*sums.shares[key]) for key in keys}


def time_cut(scope: Scope, period: Period, base_year: int, agencies: Sequence[AgencyId]) -> Value:
    """Return how much office time was cut against a base year, as the report of time counts it (domain.md §9.1).

    Not known while no procedure has dossiers in both.
    """
    found = time_used.against(scope.uow, agencies, period, time_used.whole_year(base_year))
    whole = sum(found.values(), time_used.Against())
    if not whole.minutes_then:
        return UNKNOWN
    cut = 1 - whole.minutes_now / whole.minutes_then
    return Value(cut.numerator, cut.denominator)


def _entered(sources: Sources, indicator: Indicator, agencies: frozenset[AgencyId]) -> Value:
    period = sources.period
    said = [
        of_figures(
            indicator,
            (
                Entered(row.from_on, row.to_on, row.numerator, row.denominator, row.id)
                for row in sources.entries.figures.get(agency, ())
                if row.indicator == indicator.key
            ),
            period.from_on,
            period.to_on,
        )
        for agency in sorted(agencies)
    ]
    return together(said, indicator.shape)


def _is_offered(row: Procedure, now: datetime) -> bool:
    return row.is_open and (row.retired_at is None or row.retired_at > now)


def _of_register(sources: Sources, agencies: Iterable[AgencyId] | None, *, with_use: bool) -> dict[str, Value]:
    """Return what the register says; ``with_use``: also what dossiers say of it, which each period is asked for."""
    those = None if agencies is None else frozenset(agencies)
    known = sources.procedures if with_use else [(row, False) for row in sources.entries.offered]
    rows = [each for each in known if those is None or each[0].owner_agency_id in those]
    public = [row for row, _used in rows if row.kind == _PUBLIC]
    internal = [row for row, _used in rows if row.kind == _INTERNAL]
    outside = [row for row in public if row.is_nonterritorial]
    unsaid = sum(row.online_level is None for row in public)
    online = [row for row in public if row.online_level in _ONLINE]
    full = sum(row.online_level == "full" for row in public)
    used = sum(filed for row, filed in rows if row.kind == _PUBLIC and row.online_level in _ONLINE)
    until = min(sources.period.to_on, min(window.today for window in sources.scope.shared_windows))
    return {
        "online_services": _said(len(online), len(public), unsaid),
        USED: _said(used, len(online), unsaid),
        "full_online_services": _said(full, len(public), unsaid),
        "national_published": Value(_published(public, until), len(public)),
        "nonterritorial_published": Value(_published(outside, until), len(outside)),
        "internal_published": Value(_published(internal, until), len(internal)),
    }


def _said(numerator: int, denominator: int, unsaid: int) -> Value:
    return Value(None, None, missing=unsaid) if unsaid else Value(numerator, denominator)


def _published(rows: Sequence[Procedure], until: date) -> int:
    return sum(row.published_at is not None and row.published_at <= until for row in rows)


def _of_tasks(sources: Sources, agencies: Iterable[AgencyId] | None) -> Value:
    """Return the tasks that were done on time, of those that were done or are past their day; cancelled ones are none.

    A task that is neither done nor due yet is not judged.
    """
    those = None if agencies is None else frozenset(agencies)
    today = min(window.today for window in sources.scope.shared_windows)
    judged = met = 0
    for row in sources.tasks:
        if row.state == TaskState.CANCELLED or (those is not None and row.owner_agency_id not in those):
            continue
        if row.state == TaskState.DONE or row.due_on < today:
            judged += 1
            met += row.done_on is not None and row.done_on <= row.due_on
    return Value(met, judged)


def line_sums(scope: Scope, period: Period, split: Split | None) -> Mapping[Any, Sums]:
    """Return what facts of a period add up to by agency or unit, under None all together."""
    group: Any = None
    if split is not None:
        group = _FACT.unit_id if split is Split.UNIT else fact_rows.AGENCY[scope.asked.dimension]
    return {line: sums for (_no, line), sums in indicator_shares.add_up(scope, [period], group=group).items()}
