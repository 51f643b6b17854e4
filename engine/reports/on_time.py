"""The on-time report: how promises were kept in a period, by one rule, with every denominator (domain.md §6.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import LateRule
from engine.domain.dossier import Channel, TaskState
from engine.domain.ids import AgencyId, DossierId, OfficerId
from engine.domain.statistics import Column
from engine.errors import InvalidInputError
from engine.reports import apologised
from engine.reports.filters import storable
from engine.reports.localities import Localities, first_instant, last_instant
from engine.reports.on_time_values import Dimension, Line, Per, Period, Report
from engine.reports.standing import Standing, is_late, standing
from engine.store.dossiers import Dossier
from engine.store.people import Officer
from engine.store.procedures import Procedure
from engine.store.tasks import Task
from engine.store.unit_of_work import UnitOfWork

AT_ONCE = 1000  # rows fetched together
CHANNELS = {Channel.DIRECT: "Trực tiếp", Channel.ONLINE: "Trực tuyến", Channel.POSTAL: "Bưu chính công ích"}
NOBODY, NO_FIELD = "(chưa có người thụ lý)", "(chưa phân lĩnh vực)"
_ENDED = {Standing.WITHDRAWN, Standing.STOPPED}
_KEPT = {Standing.EARLY, Standing.ON_TIME}
_LATE = {Standing.LATE, Standing.OPEN_LATE}
_AGENCY: dict[Dimension, InstrumentedAttribute[AgencyId]] = {
    Dimension.RECEIVING: Dossier.receiving_agency_id,
    Dimension.RESOLVING: Dossier.resolving_agency_id,
    Dimension.RETURNING: Dossier.returning_agency_id,
}
_Named = tuple[str, str]  # key and name of a line


class ReportTooLongError(InvalidInputError):
    """A report by month covers more months than one can read."""

    code = "report-too-long"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the period, what a row is, and whose dossiers count.

    Args:
        agency: code; None counts all agencies whose numbers the actor may see.
    """

    period: Period
    per: Per = Per.AGENCY
    dimension: Dimension = Dimension.RESOLVING
    agency: str | None = None


def on_time(ctx: Context, *, by: Actor, question: Question) -> Report:
    """Compute the report from the dossiers as they stand now; each dossier counts once in a row and in the total.

    Raises:
        NotAllowedError: the actor may not see the numbers of that agency, or of any.
        AgencyNotFoundError, InvalidDateError, ReportTooLongError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        scan = _Scan.prepare(ctx, uow, by, question)
        tallies: dict[_Named, Counter[Column]] = {named: Counter() for named in scan.expected()}
        total: Counter[Column] = Counter()
        for hit in scan.hits():
            (total if hit.line is None else tallies.setdefault(hit.line, Counter())).update(hit.columns)
        return Report(
            period=question.period,
            per=question.per,
            dimension=question.dimension,
            agency=question.agency,
            generated_at=scan.localities.text(min(scan.counted), scan.now) or "",
            agencies=tuple(
                _agency_facts(scan.localities, agency, rules) for agency, rules in sorted(scan.resolving.items())
            ),
            lines=tuple(Line(key, name, tallies[key, name]) for key, name in sorted(tallies)),
            total=Line("", "Tổng số", total),
        )


def dossiers_behind(ctx: Context, *, by: Actor, question: Question, column: Column, key: str | None) -> list[str]:
    """Return the codes of the dossiers that a number counts, in order.

    Args:
        key: of the row; None for the total.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        scan = _Scan.prepare(ctx, uow, by, question)
        wanted = (hit for hit in scan.hits() if column in hit.columns)
        return sorted(hit.code for hit in wanted if key == (None if hit.line is None else hit.line[0]))


@dataclass(frozen=True, slots=True)
class _Window:
    """A period under one calendar: its first instant, and its last or now."""

    named: _Named
    start_at: datetime
    cut_at: datetime


@dataclass(frozen=True, slots=True)
class _Hit:
    """A dossier counts in these columns of a line; ``line`` None is the total."""

    line: _Named | None
    code: str
    columns: tuple[Column, ...]


@dataclass
class _Scan:
    """One pass over the dossiers that a period concerns."""

    uow: UnitOfWork
    localities: Localities
    question: Question
    counted: frozenset[AgencyId]
    now: datetime
    resolving: dict[AgencyId, Counter[LateRule]] = field(default_factory=dict)  # how many each rule judges
    _known: dict[AgencyId, list[_Window]] = field(default_factory=dict)

    @classmethod
    def prepare(cls, ctx: Context, uow: UnitOfWork, by: Actor, question: Question) -> _Scan:
        """Check what the actor may see."""
        localities = Localities.read(uow)
        return cls(uow, localities, question, _countable(uow, by, question.agency, localities), ctx.clock.now())

    def expected(self) -> list[_Named]:
        """Return the lines that stand in the report even when they are empty."""
        if self.question.per is not Per.MONTH:
            return []
        return [_month_name(period) for period in _months(self.question.period)]

    def hits(self) -> Iterator[_Hit]:
        """Go through the dossiers; each gives its line and the total, by month one line for each month it concerns."""
        by_month = self.question.per is Per.MONTH
        name_of = self._namer()
        for row in self.uow.session.execute(self._rows().execution_options(yield_per=AT_ONCE)):
            calendar = self.localities.calendar(row.resolving_agency_id)
            whole, *months = self._windows(row.resolving_agency_id, calendar)
            if columns := columns_of(row, calendar, whole.start_at, whole.cut_at):
                rules = self.resolving.setdefault(row.resolving_agency_id, Counter())
                if row.late_after is not None:  # none while the clock stands: it will run by the rule in force then
                    rules[LateRule.INSTANT if row.late_after == row.due_at else LateRule.DAY] += 1
                yield _Hit(None, row.code, columns)
                if not by_month:
                    yield _Hit(name_of(row), row.code, columns)
            for month in months:
                if columns := columns_of(row, calendar, month.start_at, month.cut_at):
                    yield _Hit(month.named, row.code, columns)

    def _rows(self) -> Select[*tuple[Any, ...]]:
        return select(
            Dossier.id, Dossier.code, Dossier.status, Dossier.channel, Dossier.procedure_id,
            Dossier.resolving_agency_id, _AGENCY[self.question.dimension].label("counted_agency_id"),
            Dossier.received_at, Dossier.due_at, Dossier.late_after, Dossier.missed_late_after, Dossier.finished_at,
            Dossier.ended_at, *apologised.FACTS,
        ).select_from(apologised.with_letters()).where(self._concerned())  # fmt: skip

    def _concerned(self) -> ColumnElement[bool]:
        """Return a condition that no dossier of the period fails; ``_columns`` decides exactly."""
        closed_at = func.coalesce(Dossier.finished_at, Dossier.ended_at, type_=Dossier.received_at.type)
        period = self.question.period
        return and_(
            _AGENCY[self.question.dimension].in_(sorted(self.counted)),
            self.localities.where(
                lambda days: and_(
                    Dossier.received_at <= last_instant(days, period.to_on),
                    or_(closed_at.is_(None), closed_at >= first_instant(days, period.from_on)),
                )
            ),
        )

    def _windows(self, agency: AgencyId, calendar: WorkingCalendar) -> list[_Window]:
        """Return the whole period, then its months when they are asked for, under the agency's calendar."""
        windows = self._known.get(agency)
        if windows is None:
            months = _months(self.question.period) if self.question.per is Per.MONTH else []
            windows = self._known[agency] = [
                _Window(
                    named=_month_name(period),
                    start_at=first_instant(calendar, period.from_on),
                    cut_at=min(last_instant(calendar, period.to_on), self.now),
                )
                for period in (self.question.period, *months)
            ]
        return windows

    def _namer(self) -> Callable[[Any], _Named]:
        """Return the function that names the line of a row, with what it looks up read once."""
        match self.question.per:
            case Per.AGENCY:
                agencies = self.localities.agencies
                return lambda row: (agencies[row.counted_agency_id].code, agencies[row.counted_agency_id].name)
            case Per.PROCEDURE:
                names = _procedure_names(self.uow)
                return lambda row: names[row.procedure_id]
            case Per.FIELD:
                fields = {row.id: row.field for row in self.uow.session.execute(select(Procedure.id, Procedure.field))}
                return lambda row: (fields[row.procedure_id], fields[row.procedure_id] or NO_FIELD)
            case Per.CHANNEL:
                return lambda row: (row.channel.value, CHANNELS[row.channel])
            case Per.OFFICER:
                officers = self._officers()
                return lambda row: officers.get(row.id, ("", NOBODY))
        return lambda _row: ("", "")  # by month: named by the month

    def _officers(self) -> dict[DossierId, _Named]:
        """Return for each dossier who did the longest step of its processing; an open step lasts until now."""
        names = {
            row.id: (row.username, row.name)
            for row in self.uow.session.execute(select(Officer.id, Officer.username, Officer.name))
        }
        longest: dict[DossierId, tuple[timedelta, OfficerId]] = {}
        for task in self.uow.session.execute(
            select(Task.dossier_id, Task.state, Task.closed_by, Task.assignee_id, Task.opened_at, Task.closed_at)
            .join(Dossier, Dossier.id == Task.dossier_id)
            .where(Task.phase == "processing", Task.state != TaskState.CANCELLED, self._concerned())
            .order_by(Task.opened_at, Task.id)
            .execution_options(yield_per=AT_ONCE)
        ):
            officer = task.closed_by or task.assignee_id
            lasted = (task.closed_at or self.now) - task.opened_at
            if officer and (task.dossier_id not in longest or lasted > longest[task.dossier_id][0]):
                longest[task.dossier_id] = (lasted, officer)
        return {dossier: names[officer] for dossier, (_, officer) in longest.items()}


def columns_of(row: Any, calendar: WorkingCalendar, start_at: datetime, cut_at: datetime) -> tuple[Column, ...]:
    """Return the columns in which a dossier counts, none when the period does not concern it (domain.md §6.3).

    Exactly one of received/carried over, exactly one standing: so 3 = 7 + 11 holds by construction.
    """
    closed_at = row.finished_at or row.ended_at
    if row.received_at is None or row.received_at > cut_at or (closed_at is not None and closed_at < start_at):
        return ()
    stands = standing(row, calendar, cut_at)
    columns = [Column(stands.value)]
    ended_late = stands in _ENDED and is_late(row, row.ended_at)
    if ended_late:
        columns.append(Column.ENDED_LATE)
    late = ended_late or stands in _LATE
    columns += apologised.columns_of(row, cut_at=cut_at, is_late=late, is_finished=stands is Standing.LATE)
    if row.received_at < start_at:
        return (*columns, Column.CARRIED_OVER)
    columns.append(Column.RECEIVED_IN_PERIOD)
    if stands in _KEPT:
        columns.append(Column.RECEIVED_ON_TIME)
    if stands in _ENDED:
        columns.append(Column.RECEIVED_ENDED)
    return tuple(columns)


def _countable(uow: UnitOfWork, by: Actor, agency: str | None, localities: Localities) -> frozenset[AgencyId]:
    if agency is not None:
        known = uow.agencies.by_code(storable(agency)).id
        permissions.check_can_report(by, agency=known)
        return frozenset({known})
    mine = frozenset(key for key in localities.agencies if by.is_system or _may_report(by, key))
    if not mine:
        raise permissions.NotAllowedError("only supervisor, auditor or approver of an agency may read reports")
    return mine


def _may_report(by: Actor, agency: AgencyId) -> bool:
    try:
        permissions.check_can_report(by, agency=agency)
    except permissions.NotAllowedError:
        return False
    return True


def _procedure_names(uow: UnitOfWork) -> dict[Any, _Named]:
    """Return code and name by id; procedures of one code are one line, named as the first agency names it."""
    rows: Sequence[Any] = uow.session.execute(select(Procedure.id, Procedure.code, Procedure.name)).all()
    by_code: dict[str, str] = {}
    for row in sorted(rows):
        by_code.setdefault(row.code, row.name)
    return {row.id: (row.code, by_code[row.code]) for row in rows}


def _agency_facts(localities: Localities, agency: AgencyId, rules: Counter[LateRule]) -> dict[str, Any]:
    row = localities.agencies[agency]
    return {
        "code": row.code,
        "name": row.name,
        "late_rule": row.late_rule,
        "late_rules": {rule.value: rules[rule] for rule in LateRule},
        "calendar": localities.version(agency),
    }


def _months(period: Period) -> list[Period]:
    months = (period.to_on.year - period.from_on.year) * 12 + period.to_on.month - period.from_on.month + 1
    if months > 120:
        raise ReportTooLongError(f"the period has {months} months; a report by month takes at most 120", field="to")
    return list(_split(period))


def _split(period: Period) -> Iterable[Period]:
    from_on = period.from_on
    while from_on <= period.to_on:
        next_on = date(from_on.year + from_on.month // 12, from_on.month % 12 + 1, 1)
        yield Period(from_on, min(period.to_on, next_on - timedelta(days=1)))
        from_on = next_on


def _month_name(period: Period) -> _Named:
    return f"{period.from_on:%Y-%m}", f"{period.from_on:%m/%Y}"
