"""Adding the journal of facts to the roll-ups, making them anew from the facts, and finding where they differ.

All of it happens inside the database: no row comes into Python except the differences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Date,
    Integer,
    Select,
    String,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import FromClause

from engine.domain.dossier import Channel
from engine.domain.rollups import SECOND
from engine.domain.statistics import NEVER, Apologised
from engine.store.base import Base
from engine.store.facts import DossierFact, RollupCell, RollupDelta, RollupTime

_NOW = 1  # mark of the rows that a transaction adds up
_FOLDS = 7307  # the advisory lock of those who write roll-ups
_FACT, _DELTA, _CELL, _TIME = (
    Base.metadata.tables[row.__tablename__] for row in (DossierFact, RollupDelta, RollupCell, RollupTime)
)
_HALVES = ("received_half", "closed_half", "late_half")
_ALIKE = ("received_half", "closed_half", "late_half", "outcome", "apologised", "apologised_half",
          "unkept_half")  # fmt: skip
_CELL_KEY = ("grain", "agency_id", "code", *_ALIKE)
_CELL_SUMS = (
    "dossiers", "online", "timed", "used_minutes", "limit_minutes", "legal_timed", "legal_used_minutes",
    "legal_minutes",
)  # fmt: skip
_TIME_KEY = ("grain", "agency_id", "code", "closed_from", "percent_used")
_TIME_SUMS = ("dossiers",)
_ROLES = ("receiving", "resolving", "returning")
_CODES = {"procedure": "procedure_code", "channel": "channel"}
BY_QUARTER, BY_YEAR = (
    "-q",
    "-y",
)  #: end the grain of what is added up by calendar quarter or year, so that few rows tell


class RollupStore:
    """Statements over journal, cells and times."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._is_postgres = session.get_bind().dialect.name == "postgresql"

    def lock(self, *, wait: bool) -> bool:
        """Keep others from writing roll-ups until the transaction ends; a database of one writer needs no lock.

        Args:
            wait: for who has the lock; else return False at once.
        """
        if not self._is_postgres:
            return True
        if wait:
            self._session.execute(select(func.pg_advisory_xact_lock(_FOLDS)))
            return True
        return bool(self._session.scalar(select(func.pg_try_advisory_xact_lock(_FOLDS))))

    def has_journal(self) -> bool:
        """Whether there is anything to add up."""
        return self._session.scalar(select(_DELTA.c.id).limit(1)) is not None

    def claim(self, most: int) -> int:
        """Mark the oldest journal rows as those that are added up now; return how many.

        The mark is seen by nobody else: it comes and goes in one transaction.
        """
        oldest = select(_DELTA.c.id).where(_DELTA.c.fold.is_(None)).order_by(_DELTA.c.id).limit(most)
        claimed: CursorResult[Any] = self._session.execute(  # type: ignore[assignment]  # an UPDATE has a row count
            update(_DELTA).where(_DELTA.c.id.in_(oldest)).values(fold=_NOW)
        )
        return claimed.rowcount

    def add_up(self) -> None:
        """Add the marked rows to cells and times, and delete them; a cell that counts nothing any more may stay."""
        mine = select(_DELTA).where(_DELTA.c.fold == _NOW).subquery()
        self._add(_CELL, _CELL_KEY, _CELL_SUMS, _cells_of(mine, mine.c.weight))
        self._add(_TIME, _TIME_KEY, _TIME_SUMS, _times_of(mine, mine.c.weight))
        self._session.execute(delete(_DELTA).where(_DELTA.c.fold == _NOW))

    def rebuild(self) -> None:
        """Make cells and times anew from the facts; the journal that they tell of is gone with it.

        What others write meanwhile stays in the journal: on PostgreSQL one statement sees facts and journal as of one
        instant.
        """
        facts = _halved_facts()
        # what is read together lies together
        by_end = _ordered(_cells_of(facts, literal(1)), "grain", "closed_half", "received_half")
        cells = insert(_CELL).from_select([*_CELL_KEY, *_CELL_SUMS], by_end)
        by_span = _ordered(_times_of(facts, literal(1)), "grain", "closed_from")
        times = insert(_TIME).from_select([*_TIME_KEY, *_TIME_SUMS], by_span)
        if self._is_postgres:
            self._session.execute(text("set local statement_timeout = 0"))  # ten million facts take minutes
            for table in (_CELL, _TIME):
                self._session.execute(delete(table))
            gone = delete(_DELTA).returning(_DELTA.c.id).cte("gone")
            made = times.returning(_TIME.c.grain).cte("made")
            self._session.execute(cells.add_cte(gone, made))
            return
        for table in (_CELL, _TIME, _DELTA):
            self._session.execute(delete(table))
        self._session.execute(cells)
        self._session.execute(times)

    def differences(self, most: int) -> list[dict[str, Any]]:
        """Return the cells and times that are not the facts added up, with journal: key, and by how much they differ.

        Args:
            most: of each kind.
        """
        facts, journal = _halved_facts(), select(_DELTA).subquery()
        found = []
        for table, key, sums, of in (
            (_CELL, _CELL_KEY, _CELL_SUMS, _cells_of),
            (_TIME, _TIME_KEY, _TIME_SUMS, _times_of),
        ):
            kept = select(*(table.c[name] for name in (*key, *sums)))
            both = union_all(kept, of(journal, journal.c.weight), of(facts, literal(-1))).subquery()
            keys, totals = [both.c[name] for name in key], [func.sum(both.c[name]).label(name) for name in sums]
            query = select(*keys, *totals).group_by(*keys).having(or_(*(func.sum(both.c[name]) != 0 for name in sums)))
            for row in self._session.execute(query.order_by(*keys).limit(most)).mappings():
                found.append({"table": table.name, **{name: row[name] for name in key}} | _numbers(row, sums))
        return found

    def _add(self, table: Any, key: Sequence[str], sums: Sequence[str], added: Select[*tuple[Any, ...]]) -> None:
        """Add sums to the rows with the same keys."""
        inner = added.subquery()
        named = [inner.c[name] for name in (*key, *sums)]
        changed = select(*named).where(or_(*(inner.c[name] != 0 for name in sums)))  # SQLite wants a WHERE, too
        upsert = (postgresql.insert if self._is_postgres else sqlite.insert)(table)
        statement = upsert.from_select([*key, *sums], changed)
        grown = {name: table.c[name] + statement.excluded[name] for name in sums}
        self._session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=grown))


def _numbers(row: Any, sums: Sequence[str]) -> dict[str, int]:
    return {name: int(row[name]) for name in sums if row[name]}


def _halved_facts() -> FromClause:
    """Return the facts with half-months instead of days, as the journal has them."""
    halves = [half_month(_FACT.c[f"{name.removesuffix('_half')}_on"]).label(name) for name in _HALVES]
    kept = [column for column in _FACT.c if column.name in _DELTA.c and column.name != "apologised"]
    apologised_on, unkept_on = letter_days(_FACT.c)
    letter = [
        case((apologised_on == NEVER, Apologised.NONE.value), else_=_FACT.c.apologised).label("apologised"),
        half_month(apologised_on).label("apologised_half"),
        half_month(unkept_on).label("unkept_half"),
    ]
    return select(*kept, *halves, *letter).subquery("halved")


def letter_days(fact: Any) -> tuple[ColumnElement[date], ColumnElement[date]]:
    """Return since when a letter counts and since when its new date is not kept: ``rollups.letter_of`` in SQL.

    Args:
        fact: has the columns of ``dossier_fact``.
    """
    apologised_on = case((fact.apologised_on > fact.late_on, fact.apologised_on), else_=fact.late_on)
    unkept_on = case((fact.unkept_on > apologised_on, fact.unkept_on), else_=apologised_on)
    return apologised_on, case((apologised_on == NEVER, literal(NEVER, Date())), else_=unkept_on)


def _cells_of(source: FromClause, weight: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Return cells by role of an agency, procedure and channel, added up from rows that are like the journal's."""
    of_agencies = [_grain(source, weight, role, source.c[f"{role}_agency_id"], None) for role in _ROLES]
    of_codes = [_grain(source, weight, name, None, source.c[column]) for name, column in _CODES.items()]
    days = [name for name in _ALIKE if name.endswith("_half")]
    return _with_levels(union_all(*of_agencies, *of_codes), _CELL_KEY, _CELL_SUMS, days, {BY_QUARTER: quarter})


def _with_levels(
    halves: Any, key: Sequence[str], sums: Sequence[str], days: Sequence[str], levels: Mapping[str, Any]
) -> Select[*tuple[Any, ...]]:
    """Add to rows by half-month what they are by longer spans of time.

    Args:
        days: columns of the key that begin a half-month.
        levels: what ends the name of the grain, and the function of SQL that gives the first day of the span.
    """
    found = halves.cte().prefix_with("materialized", dialect="postgresql")
    parts = [select(*(found.c[name] for name in (*key, *sums)))]
    for suffix, begins in levels.items():
        named = {name: begins(found.c[name]) if name in days else found.c[name] for name in key}
        named["grain"] = found.c.grain + suffix
        added = [func.sum(found.c[name]).label(name) for name in sums]
        query = select(*(column.label(name) for name, column in named.items()), *added)
        parts.append(query.group_by(*named.values()))
    return _united(parts)


def _grain(
    source: FromClause, weight: ColumnElement[Any], grain: str, agency: Any, code: Any
) -> Select[*tuple[Any, ...]]:
    named = agency if code is None else code
    timed = source.c.percent_used >= 0
    legal = and_(timed, source.c.legal_minutes.is_not(None))

    def total(condition: ColumnElement[bool], each: Any) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((condition, weight * each), else_=0)), 0)

    sums = {
        "dossiers": func.sum(weight),
        "online": total(source.c.channel == Channel.ONLINE.value, 1),
        "timed": total(timed, 1),
        "used_minutes": total(timed, source.c.used_minutes),
        "limit_minutes": total(timed, source.c.limit_minutes),
        "legal_timed": total(legal, 1),
        "legal_used_minutes": total(legal, source.c.used_minutes),
        "legal_minutes": total(legal, source.c.legal_minutes),
    }
    alike = [source.c[name] for name in _ALIKE]
    return select(
        *_place(grain, agency, code), *alike, *(column.label(name) for name, column in sums.items())
    ).group_by(named, *alike)


def _times_of(source: FromClause, weight: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Return how many used which share of their limit, by resolving agency and procedure, half, quarter and year."""
    parts = []
    for grain, agency, code in (
        ("resolving", source.c.resolving_agency_id, None),
        ("procedure", None, source.c.procedure_code),
    ):
        key = [source.c.closed_half, source.c.percent_used]
        counted = func.sum(weight).label("dossiers")
        named = [*_place(grain, agency, code), source.c.closed_half.label("closed_from"), source.c.percent_used]
        part = select(*named, counted).where(source.c.percent_used >= 0)
        parts.append(part.group_by(agency if code is None else code, *key))
    levels = {BY_QUARTER: quarter, BY_YEAR: year}
    return _with_levels(union_all(*parts), _TIME_KEY, _TIME_SUMS, ["closed_from"], levels)


def _place(grain: str, agency: Any, code: Any) -> list[ColumnElement[Any]]:
    return [
        literal(grain, String()).label("grain"),
        (literal(0, Integer()) if agency is None else agency).label("agency_id"),
        (literal("", String()) if code is None else code).label("code"),
    ]


def _ordered(rows: Select[*tuple[Any, ...]], *names: str) -> Select[*tuple[Any, ...]]:
    return rows.order_by(*(rows.selected_columns[name] for name in names))


def _united(parts: Sequence[Select[*tuple[Any, ...]]]) -> Select[*tuple[Any, ...]]:
    return select(union_all(*parts).subquery())


class half_month(FunctionElement[date]):  # noqa: N801 - written like a function of SQL
    """The half-month of a date column: ``engine.domain.rollups.half_of`` inside the database."""

    type = Date()
    name = "half_month"
    inherit_cache = True


@compiles(half_month, "sqlite")
def _half_in_sqlite(element: half_month, compiler: SQLCompiler, **kw: Any) -> str:
    on = compiler.process(element.clauses, **kw)  # text: 2026-03-17
    half = f"substr({on}, 1, 8) || case when substr({on}, 9) >= '{SECOND}' then '{SECOND}' else '01' end"
    return f"(case when {on} = '{NEVER}' then {on} else {half} end)"


@compiles(half_month, "postgresql")
def _half_in_postgresql(element: half_month, compiler: SQLCompiler, **kw: Any) -> str:
    on = compiler.process(element.clauses, **kw)
    day = f"extract(day from {on})::integer"
    half = f"{on} - ({day} - case when {day} >= {SECOND} then {SECOND} else 1 end)"
    return f"(case when {on} = date '{NEVER}' then {on} else {half} end)"


class quarter(FunctionElement[date]):  # noqa: N801 - written like a function of SQL
    """The calendar quarter of a date column: ``engine.domain.rollups.quarter_of`` inside the database."""

    type = Date()
    name = "quarter"
    inherit_cache = True


@compiles(quarter, "sqlite")
def _quarter_in_sqlite(element: quarter, compiler: SQLCompiler, **kw: Any) -> str:
    on = compiler.process(element.clauses, **kw)  # text: 2026-03-17
    month = f"(cast(substr({on}, 6, 2) as integer) - 1) / 3 * 3 + 1"
    return f"(case when {on} = '{NEVER}' then {on} else substr({on}, 1, 5) || printf('%02d-01', {month}) end)"


@compiles(quarter, "postgresql")
def _quarter_in_postgresql(element: quarter, compiler: SQLCompiler, **kw: Any) -> str:
    on = compiler.process(element.clauses, **kw)
    return f"(case when {on} = date '{NEVER}' then {on} else date_trunc('quarter', {on})::date end)"


class year(FunctionElement[date]):  # noqa: N801 - written like a function of SQL
    """The first day of the year of a date column."""

    type = Date()
    name = "year"
    inherit_cache = True


@compiles(year, "sqlite")
def _year_in_sqlite(element: year, compiler: SQLCompiler, **kw: Any) -> str:
    on = compiler.process(element.clauses, **kw)
    return f"(case when {on} = '{NEVER}' then {on} else substr({on}, 1, 5) || '01-01' end)"


@compiles(year, "postgresql")
def _year_in_postgresql(element: year, compiler: SQLCompiler, **kw: Any) -> str:
    on = compiler.process(element.clauses, **kw)
    return f"(case when {on} = date '{NEVER}' then {on} else date_trunc('year', {on})::date end)"
