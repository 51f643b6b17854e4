"""Form II.07: why dossiers are late, by level and field: one cause each, (a) to (e) of the controlled list (§6.4).

It counts the dossiers of columns 10 and 13 of form II.06. Those that were withdrawn or stopped after their promise was
broken stand in column 9 there, so they are counted beside the table and not in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.dossier import Cause
from engine.domain.statistics import Column, Window
from engine.reports import columns_sql, quality
from engine.reports.about import About
from engine.reports.fact_entries import Entry, entries
from engine.reports.on_time_values import Period
from engine.reports.scope import Asked, Scope
from engine.reports.table_06 import RowNotFoundError, grouped, of_group
from engine.store.facts import DossierFact


class Number(StrEnum):
    """A number of a row; ``late`` is the sum of the causes, and of ``finished`` and ``open``."""

    LATE = "late"
    FINISHED = "finished"  #: column 10 of form II.06
    OPEN = "open"  #: column 13
    RULE = Cause.RULE.value
    STAFF = Cause.STAFF.value
    COOPERATION = Cause.COOPERATION.value
    DOSSIER = Cause.DOSSIER.value
    OTHER = Cause.OTHER.value
    UNDETERMINED = "undetermined"  #: nobody has said why
    ENDED = "ended"  #: withdrawn or stopped when late: beside the table


CAUSES = tuple(Number(cause.value) for cause in Cause)  #: (a) to (e), in this order
_COUNTED = {
    Number.FINISHED: Column.LATE,
    Number.OPEN: Column.OPEN_LATE,
    Number.ENDED: Column.ENDED_LATE,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a field, or with ``field`` None the heading of a level with the sums of its fields."""

    level: str
    field: str | None
    numbers: Mapping[Number, int]

    def __getitem__(self, number: Number) -> int:
        return self.numbers.get(number, 0)

    def as_json(self) -> dict[str, Any]:
        """Return level, field and numbers."""
        return {"level": self.level, "field": self.field, **{number.value: self[number] for number in Number}}


@dataclass(frozen=True, slots=True)
class Table07:
    """The form for a period; ``reporter`` reports to ``receiver``; ``dossiers`` are those that it counts, by code."""

    about: About
    reporter: str
    receiver: str
    rows: tuple[Row, ...]
    total: Row
    dossiers: tuple[Entry, ...]
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def period(self) -> Period:
        """The period that is reported."""
        return self.about.period

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document of command and API."""
        return {
            "report": "table-07",
            "reporter": self.reporter,
            "receiver": self.receiver,
            "rows": [row.as_json() for row in self.rows],
            "total": self.total.as_json(),
            "dossiers": [each.as_json() for each in self.dossiers],
            "about": self.about.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of the table: which, and unless None its level and field."""

    number: Number
    level: str | None = None
    field: str | None = None


def table_07(ctx: Context, *, by: Actor, asked: Asked) -> Table07:
    """Fill the form in from the facts as they stand now.

    Raises:
        NotAllowedError, AgencyNotFoundError: see ``countable``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        scope = Scope.read(ctx, uow, by=by, asked=asked)
        counted = _counted(scope)
        rows: list[Row] = []
        for level, fields in grouped(counted, scope).items():
            own = [Row(level, field, _sum(counted, codes)) for field, codes in fields.items()]
            rows += [Row(level, None, _sum(counted, [code for codes in fields.values() for code in codes])), *own]
        total = Row("", None, _sum(counted, list(counted)))
        reporter = scope.reporter
        listed = entries(scope, _late(scope, Number.LATE))
        return Table07(
            about=quality.about(scope),
            reporter=reporter.name,
            receiver=reporter.superior_name,
            rows=tuple(rows),
            total=total,
            dossiers=tuple(listed),
            choices=scope.choices,
        )


def dossiers_of(ctx: Context, *, by: Actor, asked: Asked, cell: Cell) -> list[Entry]:
    """Return the dossiers that a number of the table counts, as many as it says, by code.

    Raises:
        NotAllowedError, AgencyNotFoundError: see ``countable``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        scope = Scope.read(ctx, uow, by=by, asked=asked)
        query = _late(scope, cell.number)
        return entries(scope, query.where(_of_cause(cell.number), of_group(scope, cell.level, cell.field)))


def number_of(name: str) -> Number:
    """Return the number of that name.

    Raises:
        RowNotFoundError: there is none.
    """
    try:
        return Number(name)
    except ValueError:
        raise RowNotFoundError(f"form II.07 has no number {name[:40]!r}", number=name[:40]) from None


def _counted(scope: Scope) -> dict[str, Counter[Number]]:
    """Count late facts in SQL, by procedure code."""
    counted: dict[str, Counter[Number]] = {}
    keys = (DossierFact.procedure_code, DossierFact.late_cause)
    for window, agencies in scope.shared_windows.items():
        sums = columns_sql.sums(columns_sql.of_facts(window), columns_sql.ends_of(window), literal(1))
        wanted = [each for each in sums if each.name in {column.value for column in _COUNTED.values()}]
        query = scope.facts(*keys, *wanted).where(quality.is_late(window))
        if len(scope.shared_windows) > 1:
            query = query.where(DossierFact.resolving_agency_id.in_(agencies))
        for row in scope.uow.session.execute(query.group_by(*keys)).mappings():
            numbers = counted.setdefault(row["procedure_code"], Counter())
            found = {number: int(row[column.value]) for number, column in _COUNTED.items()}
            late = found[Number.FINISHED] + found[Number.OPEN]
            numbers.update(found | {Number.LATE: late})
            numbers[_cause(row["late_cause"])] += late
    return counted


def _late(scope: Scope, number: Number) -> Any:
    return scope.facts(DossierFact).where(scope.where(lambda window: _counts_in(number, window)))


def _cause(kept: str | None) -> Number:
    return Number.UNDETERMINED if kept is None else Number(kept)


def _sum(counted: Mapping[str, Counter[Number]], codes: list[str]) -> Counter[Number]:
    total: Counter[Number] = Counter()
    for code in codes:
        total.update(counted[code])
    return total


def _counts_in(number: Number, window: Window) -> ColumnElement[bool]:
    columns = [_COUNTED[number]] if number in _COUNTED else [Column.LATE, Column.OPEN_LATE]
    return or_(*(columns_sql.in_column(column, window) for column in columns))


def _of_cause(number: Number) -> ColumnElement[bool]:
    if number is Number.UNDETERMINED:
        return DossierFact.late_cause.is_(None)
    return DossierFact.late_cause == number.value if number in CAUSES else and_(literal(value=True))
