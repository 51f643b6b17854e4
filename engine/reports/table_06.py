"""Form II.06: how dossiers were settled in a period, by level and field, in the form's columns (domain.md §6.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import UnitId
from engine.domain.statistics import Column, Window
from engine.errors import NotFoundError
from engine.reports import columns_sql, quality, tally
from engine.reports.about import About
from engine.reports.fact_entries import Entry, entries
from engine.reports.on_time_values import Dimension, Per, Period, Rate
from engine.reports.scope import LEVELS, NO_LEVEL, Asked, Scope
from engine.store.facts import DossierFact

NUMBERS: Mapping[int, frozenset[Column]] = {
    3: frozenset({Column.RECEIVED_IN_PERIOD, Column.CARRIED_OVER}),
    4: frozenset({Column.RECEIVED_ONLINE}),
    5: frozenset({Column.RECEIVED_IN_PERIOD}),  # less column 4
    6: frozenset({Column.CARRIED_OVER}),
    7: frozenset({Column.EARLY, Column.ON_TIME, Column.WITHDRAWN, Column.STOPPED, Column.LATE}),
    8: frozenset({Column.EARLY}),
    9: frozenset({Column.ON_TIME, Column.WITHDRAWN, Column.STOPPED}),
    10: frozenset({Column.LATE}),
    11: frozenset({Column.OPEN_IN_TIME, Column.OPEN_LATE}),
    12: frozenset({Column.OPEN_IN_TIME}),
    13: frozenset({Column.OPEN_LATE}),
}  #: the numbered columns of the form, each of columns that no dossier shares
_EXCEPT = {5: Column.RECEIVED_ONLINE}
ENDED = frozenset({Column.WITHDRAWN, Column.STOPPED})  #: of column 9, and not in the rate beside it
ENDED_NO = 14  #: by which ``Cell`` asks for them: right of the form
_LISTED = {**NUMBERS, ENDED_NO: ENDED}
IDENTITIES = ((3, (4, 5, 6)), (7, (8, 9, 10)), (11, (12, 13)), (3, (7, 11)))  #: a sum, and its parts
NO_UNIT = "-"  #: key of the part of dossiers that no unit has worked on


class RowNotFoundError(NotFoundError):
    """The table has no such column, row or part."""

    code = "table-row-not-found"


class Split(StrEnum):
    """Whether the table is one, or one for each unit that settles."""

    CENTRE = "centre"
    UNIT = "unit"  #: that did the longest step of the processing


@dataclass(frozen=True, slots=True)
class Numbers:
    """The columns of a row; the identities of the form hold for each."""

    counts: Mapping[Column, int]

    def __post_init__(self) -> None:
        for whole, parts in IDENTITIES:
            assert self[whole] == sum(self[part] for part in parts), (whole, parts)  # noqa: S101 - of the form

    def __getitem__(self, no: int) -> int:
        less = self.counts.get(_EXCEPT[no], 0) if no in _EXCEPT else 0
        return sum(self.counts.get(column, 0) for column in NUMBERS[no]) - less

    @property
    def ended(self) -> int:
        """Withdrawn and stopped dossiers, which column 9 counts."""
        return sum(self.counts.get(column, 0) for column in ENDED)

    @property
    def rate(self) -> Rate:
        """(8 + 9) / 7, as the form counts."""
        return Rate(self[8] + self[9], self[7])

    @property
    def rate_of_decided(self) -> Rate:
        """The same without withdrawn and stopped dossiers."""
        return Rate(self[8] + self[9] - self.ended, self[7] - self.ended)

    def as_json(self) -> dict[str, Any]:
        """Return the columns by number, and both rates."""
        return {
            "columns": {str(no): self[no] for no in NUMBERS},
            "withdrawn_or_stopped": self.ended,
            "rates": {"with_ended": self.rate.as_json(), "decided": self.rate_of_decided.as_json()},
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a field, or with ``field`` None the heading of a level with the sums of its fields."""

    level: str
    field: str | None
    numbers: Numbers

    def as_json(self) -> dict[str, Any]:
        """Return level, field and numbers."""
        return {"level": self.level, "field": self.field, **self.numbers.as_json()}


@dataclass(frozen=True, slots=True)
class Part:
    """A table of its own: that of the centre, or of one unit."""

    key: str
    name: str
    rows: tuple[Row, ...]
    total: Numbers

    def as_json(self) -> dict[str, Any]:
        """Return key, name, rows and total."""
        return {
            "key": self.key,
            "name": self.name,
            "rows": [row.as_json() for row in self.rows],
            "total": self.total.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Table06:
    """The form for a period.

    Args:
        whole: over all parts.
        parts: by unit, in the order of their keys; empty for the table of the centre.
        reporter: who reports, and ``receiver`` to whom; empty where nobody has said.
        choices: code and name of the agencies that the actor may ask for.
    """

    about: About
    split: Split
    reporter: str
    receiver: str
    whole: Part
    parts: tuple[Part, ...]
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def period(self) -> Period:
        """The period that is reported."""
        return self.about.period

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document of command and API."""
        return {
            "report": "table-06",
            "per": self.split.value,
            "reporter": self.reporter,
            "receiver": self.receiver,
            **self.whole.as_json(),
            "parts": [part.as_json() for part in self.parts],
            "about": self.about.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of the table: its column and, unless None, its part, level and field."""

    no: int
    part: str | None = None
    level: str | None = None
    field: str | None = None


def table_06(
    ctx: Context,
    *,
    by: Actor,
    period: Period,
    agency: str | None = None,
    per: Split = Split.CENTRE,
    dimension: Dimension = Dimension.RESOLVING,
) -> Table06:
    """Fill the form in from the facts as they stand now.

    Args:
        agency: code; None counts all agencies whose numbers the actor may see.

    Raises:
        NotAllowedError, AgencyNotFoundError: see ``countable``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        scope = Scope.read(ctx, uow, by=by, asked=Asked(period, agency, dimension))
        counted = _by_unit(scope) if per is Split.UNIT else _by_procedure(scope)
        parts = _parts(scope, counted) if per is Split.UNIT else ()
        reporter = scope.reporter
        return Table06(
            about=quality.about(scope),
            split=per,
            reporter=reporter.name,
            receiver=reporter.superior_name,
            whole=_part(scope, "", reporter.name, counted),
            parts=tuple(parts),
            choices=scope.choices,
        )


def dossiers_of(ctx: Context, *, by: Actor, asked: Asked, cell: Cell) -> list[Entry]:
    """Return the dossiers that a number of the table counts, as many as it says, by code.

    Raises:
        RowNotFoundError: there is no such column or part.
        NotAllowedError, AgencyNotFoundError: see ``countable``.
    """
    if cell.no not in _LISTED:
        message = f"form II.06 has no column {cell.no} with dossiers; it has 3 to {ENDED_NO}"
        raise RowNotFoundError(message, column=cell.no)
    with ctx.unit_of_work(read_only=True) as uow:
        scope = Scope.read(ctx, uow, by=by, asked=asked)
        query = scope.facts(DossierFact).where(scope.where(lambda window: _counts_in(cell.no, window)))
        return entries(scope, query.where(_of_part(scope, cell.part), of_group(scope, cell.level, cell.field)))


def of_group(scope: Scope, level: str | None, field: str | None) -> ColumnElement[bool]:
    """Return the condition that a fact stands in a row of a table; None takes all levels, or all fields."""
    if level is None:
        return literal(value=True)
    named = {code: each.group for code, each in scope.procedures.items()}
    if level == NO_LEVEL:
        return DossierFact.procedure_code.not_in(sorted(named))
    codes = [code for code, group in named.items() if group.level == level and field in (None, group.field)]
    return DossierFact.procedure_code.in_(sorted(codes))


def grouped(codes: Iterable[str], scope: Scope) -> dict[str, dict[str, list[str]]]:
    """Return procedure codes by level and field, in the order of the form."""
    found: dict[str, dict[str, list[str]]] = {}
    groups = {code: scope.procedure(code).group for code in sorted(set(codes))}
    for level in (*LEVELS, NO_LEVEL):
        for code, group in sorted(groups.items(), key=lambda item: (item[1].field == "", item[1].field, item[0])):
            if group.level == level:
                found.setdefault(level, {}).setdefault(group.field, []).append(code)
    return found


_Counted = Mapping[tuple[UnitId | None, str], Counter[Column]]  # by unit and procedure code


def _by_procedure(scope: Scope) -> _Counted:
    """Count by procedure, from roll-ups where they can tell."""
    asked = scope.asked
    wanted = tally.Asked([asked.period], Per.PROCEDURE, asked.dimension, scope.counted)
    found = tally.tally(scope.uow, wanted, scope.localities, scope.now)
    return {(None, code): numbers for (_, code), numbers in found.items()}


def _by_unit(scope: Scope) -> _Counted:
    """Count the facts of the period in SQL, by unit and procedure."""
    counted: dict[tuple[UnitId | None, str], Counter[Column]] = {}
    keys = (DossierFact.unit_id, DossierFact.procedure_code)
    for window, agencies in scope.shared_windows.items():
        days, ends = columns_sql.of_facts(window), columns_sql.ends_of(window)
        query = scope.facts(*keys, *columns_sql.sums(days, ends, literal(1)))
        if len(scope.shared_windows) > 1:
            query = query.where(DossierFact.resolving_agency_id.in_(agencies))
        for row in scope.uow.session.execute(query.group_by(*keys)).mappings():
            numbers = counted.setdefault((row["unit_id"], row["procedure_code"]), Counter())
            numbers.update({column: int(row[column.value]) for column in Column})
    return counted


def _parts(scope: Scope, counted: _Counted) -> list[Part]:
    by_key: dict[str, tuple[str, dict[tuple[UnitId | None, str], Counter[Column]]]] = {}
    for (unit, code), numbers in counted.items():
        key, name = (NO_UNIT, "") if unit is None else scope.units.get(unit, (str(unit), ""))
        by_key.setdefault(key, (name, {}))[1][unit, code] = numbers
    return [_part(scope, key, name, mine) for key, (name, mine) in sorted(by_key.items())]


def _part(scope: Scope, key: str, name: str, counted: _Counted) -> Part:
    rows: list[Row] = []
    for level, fields in grouped((code for _, code in counted), scope).items():
        own = [Row(level, field, _sum(counted, codes)) for field, codes in fields.items()]
        rows += [Row(level, None, _sum(counted, [code for codes in fields.values() for code in codes])), *own]
    return Part(key, name, tuple(rows), _sum(counted, None))


def _sum(counted: _Counted, codes: list[str] | None) -> Numbers:
    total: Counter[Column] = Counter()
    for (_, code), numbers in counted.items():
        if codes is None or code in codes:
            total.update(numbers)
    return Numbers(total)


def _counts_in(no: int, window: Window) -> ColumnElement[bool]:
    said = or_(*(columns_sql.in_column(column, window) for column in sorted(_LISTED[no])))
    return and_(said, ~columns_sql.in_column(_EXCEPT[no], window)) if no in _EXCEPT else said


def _of_part(scope: Scope, key: str | None) -> ColumnElement[bool]:
    if key is None:
        return literal(value=True)
    if key == NO_UNIT:
        return DossierFact.unit_id.is_(None)
    unit = next((unit for unit, (known, _) in scope.units.items() if known == key), None)
    if unit is None:
        raise RowNotFoundError(f"there is no unit {key!r}", part=key)
    return DossierFact.unit_id == unit
