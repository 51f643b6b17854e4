"""The on-time report: how promises were kept in a period, by one rule, with every denominator (domain.md §6.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, true

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId
from engine.domain.statistics import Column
from engine.errors import InvalidInputError
from engine.reports import columns_sql, fact_rows, line_names, quality, tally
from engine.reports.about import about
from engine.reports.countable import countable
from engine.reports.line_names import Named
from engine.reports.localities import Localities
from engine.reports.on_time_values import Dimension, Line, Per, Period, Report
from engine.reports.tally import Asked
from engine.store.facts import DossierFact
from engine.store.unit_of_work import UnitOfWork

MOST_MONTHS = 120  #: of a report by month


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
    """Count the dossiers as they stand now; each counts once in a row and in the total.

    Raises:
        NotAllowedError: the actor may not see the numbers of that agency, or of any.
        AgencyNotFoundError, InvalidDateError, ReportTooLongError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        counted = countable(uow, by, question.agency)
        return counted_in(ctx, uow, question, counted, Localities.read(uow))


def counted_in(
    ctx: Context, uow: UnitOfWork, question: Question, counted: frozenset[AgencyId], localities: Localities,
    *, with_quality: bool = True,
) -> Report:  # fmt: skip
    """Return the report of agencies that the actor may count, for a caller that has looked them up.

    Args:
        with_quality: whether the report says what the data-quality gate finds: one statement more.

    Raises:
        InvalidDateError, ReportTooLongError.
    """
    months = split(question.period) if question.per is Per.MONTH else []
    now = ctx.clock.now()
    fields = line_names.fields_by_code(uow) if question.per is Per.FIELD else None
    asked = Asked([question.period, *months], question.per, question.dimension, counted, fields is not None)
    lines = _Lines()
    for key, columns in tally.tally(uow, asked, localities, now).items():
        lines.add(key, columns)
    for key, number in tally.paused(uow, asked, localities, now).items():
        lines.add(key, Counter(), number)
    named = _month_names(months) if months else lines.named(uow, question.per, localities, fields)
    return Report(
        about=(quality.under if with_quality else about)(
            ctx,
            uow,
            counted=counted,
            period=question.period,
            dimension=question.dimension,
            agency=question.agency,
            localities=localities,
        ),
        per=question.per,
        lines=lines.merged(named),
        total=lines.total(),
    )


def dossiers_behind(ctx: Context, *, by: Actor, question: Question, column: Column, key: str | None) -> list[str]:
    """Return the codes of the dossiers that a number counts, in order.

    Args:
        key: of the row; None for the total.

    Raises:
        as ``on_time``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        return _codes(uow, by, question, key, ctx.clock.now(), column)


def paused_behind(ctx: Context, *, by: Actor, question: Question, key: str | None) -> list[str]:
    """Return the codes of the dossiers whose clock stood at the end of the period, or now, as ``dossiers_behind``."""
    with ctx.unit_of_work(read_only=True) as uow:
        return _codes(uow, by, question, key, ctx.clock.now(), None)


def split(period: Period) -> list[Period]:
    """Return the calendar months of a period, the first and the last as far as they lie in it.

    Raises:
        ReportTooLongError: there are more than 120.
    """
    count = (period.to_on.year - period.from_on.year) * 12 + period.to_on.month - period.from_on.month + 1
    if count > MOST_MONTHS:
        raise ReportTooLongError(f"the period has {count} months; a report by month takes at most 120", field="to")
    months, from_on = [], period.from_on
    while from_on <= period.to_on:
        next_on = date(from_on.year + from_on.month // 12, from_on.month % 12 + 1, 1)
        months.append(Period(from_on, min(period.to_on, next_on - timedelta(days=1))))
        from_on = next_on
    return months


@dataclass
class _Lines:
    """Numbers by the key of the tally; those of period 0 add up to the total."""

    _columns: dict[tally.Key, Counter[Column]] = field(default_factory=dict)
    _paused: Counter[tally.Key] = field(default_factory=Counter)

    def add(self, key: tally.Key, columns: Mapping[Column, int], paused: int = 0) -> None:
        self._columns.setdefault(key, Counter()).update(columns)
        self._paused[key] += paused

    def named(
        self, uow: UnitOfWork, per: Per, localities: Localities, fields: Mapping[str, str] | None
    ) -> list[tuple[tally.Key, Named]]:
        """Return the name of each line; several keys can have the same."""
        found = line_names.names(uow, per, [key for _, key in self._columns], localities, fields)
        return [((0, key), name) for key, name in found.items()]

    def merged(self, named: Iterable[tuple[tally.Key, Named]]) -> tuple[Line, ...]:
        """Return the lines in the order of their keys, those that are called the same added up."""
        lines: dict[Named, tuple[Counter[Column], int]] = {}
        for key, name in named:
            columns, paused = lines.get(name, (Counter(), 0))
            lines[name] = columns + self._columns.get(key, Counter()), paused + self._paused[key]
        return tuple(Line(key, name, *lines[key, name]) for key, name in sorted(lines))

    def total(self) -> Line:
        columns: Counter[Column] = Counter()
        for (no, _), each in self._columns.items():
            columns.update(each if no == 0 else {})
        return Line("", "Tổng số", columns, sum(count for (no, _), count in self._paused.items() if no == 0))


def _month_names(months: list[Period]) -> list[tuple[tally.Key, Named]]:
    return [((no, ""), (f"{each.from_on:%Y-%m}", f"{each.from_on:%m/%Y}")) for no, each in enumerate(months, start=1)]


def _codes(
    uow: UnitOfWork, by: Actor, question: Question, key: str | None, now: datetime, column: Column | None
) -> list[str]:
    counted = countable(uow, by, question.agency)
    localities = Localities.read(uow)
    period = question.period
    if question.per is Per.MONTH and key is not None:
        months = {f"{each.from_on:%Y-%m}": each for each in split(period)}
        if key not in months:
            return []
        period = months[key]
    which = _in_column(column, period, localities, now) if column else tally.is_paused(period, localities, now)
    mine = true() if key is None else line_names.condition(question.per, question.dimension, key)
    query = select(DossierFact.code, DossierFact.dossier_id).where(
        fact_rows.AGENCY[question.dimension].in_(sorted(counted)), which, mine
    )
    return sorted(row.code or str(row.dossier_id) for row in uow.session.execute(query))


def _in_column(column: Column, period: Period, localities: Localities, now: datetime) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    for window, agencies in tally.windows(period, localities, now).items():
        resolved = DossierFact.resolving_agency_id.in_(agencies)
        parts.append(and_(columns_sql.in_column(column, window), resolved))
    return or_(*parts)


__all__ = ["Question", "ReportTooLongError", "counted_in", "dossiers_behind", "on_time", "paused_behind", "split"]
