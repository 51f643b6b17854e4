"""Adding the journal of facts to the roll-ups, making them anew from the facts, and finding where they differ.

All of it happens inside the database: no row comes into Python except the differences.
"""

from __future__ import annotations

from collections.abc import Sequence
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

from engine.domain.rollups import SECOND
from engine.domain.statistics import NEVER
from engine.store.base import Base
from engine.store.facts import DossierFact, RollupCell, RollupDelta, RollupTime

_NOW = 1  # mark of the rows that a transaction adds up
_FOLDS = 7307  # the advisory lock of those who write roll-ups
_FACT, _DELTA, _CELL, _TIME = (
    Base.metadata.tables[row.__tablename__] for row in (DossierFact, RollupDelta, RollupCell, RollupTime)
)
_HALVES = ("received_half", "closed_half", "late_half", "apologised_half", "unkept_half")
_ALIKE = ("channel", "received_half", "closed_half", "late_half", "outcome", "apologised", "apologised_half",
          "unkept_half")  # fmt: skip
_CELL_KEY = ("grain", "agency_id", "procedure_code", *_ALIKE)
_CELL_SUMS = (
    "dossiers", "timed", "used_minutes", "limit_minutes", "legal_timed", "legal_used_minutes", "legal_minutes",
)  # fmt: skip
_TIME_KEY = ("grain", "agency_id", "procedure_code", "closed_half", "percent_used")
_TIME_SUMS = ("dossiers",)
_ROLES = ("receiving", "resolving", "returning")


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
        cells = insert(_CELL).from_select([*_CELL_KEY, *_CELL_SUMS], _cells_of(facts, literal(1)))
        times = insert(_TIME).from_select([*_TIME_KEY, *_TIME_SUMS], _times_of(facts, literal(1)))
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
    kept = [column for column in _FACT.c if column.name in _DELTA.c]
    return select(*kept, *halves).subquery("halved")


def _cells_of(source: FromClause, weight: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Return cells by each role of an agency and by procedure, added up from rows that are like the journal's."""
    of_agencies = [_grain(source, weight, role, source.c[f"{role}_agency_id"], None) for role in _ROLES]
    return _united([*of_agencies, _grain(source, weight, "procedure", None, source.c.procedure_code)])


def _grain(
    source: FromClause, weight: ColumnElement[Any], grain: str, agency: Any, procedure: Any
) -> Select[*tuple[Any, ...]]:
    named = agency if procedure is None else procedure
    timed = source.c.percent_used >= 0
    legal = and_(timed, source.c.legal_minutes.is_not(None))

    def total(condition: ColumnElement[bool], each: Any) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((condition, weight * each), else_=0)), 0)

    sums = {
        "dossiers": func.sum(weight),
        "timed": total(timed, 1),
        "used_minutes": total(timed, source.c.used_minutes),
        "limit_minutes": total(timed, source.c.limit_minutes),
        "legal_timed": total(legal, 1),
        "legal_used_minutes": total(legal, source.c.used_minutes),
        "legal_minutes": total(legal, source.c.legal_minutes),
    }
    alike = [source.c[name] for name in _ALIKE]
    return select(
        *_place(grain, agency, procedure), *alike, *(column.label(name) for name, column in sums.items())
    ).group_by(named, *alike)


def _times_of(source: FromClause, weight: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Return how many used which share of their limit, by resolving agency and by procedure."""
    parts = []
    for grain, agency, procedure in (
        ("resolving", source.c.resolving_agency_id, None),
        ("procedure", None, source.c.procedure_code),
    ):
        key = [source.c.closed_half, source.c.percent_used]
        counted = func.sum(weight).label("dossiers")
        part = select(*_place(grain, agency, procedure), *key, counted).where(source.c.percent_used >= 0)
        parts.append(part.group_by(agency if procedure is None else procedure, *key))
    return _united(parts)


def _place(grain: str, agency: Any, procedure: Any) -> list[ColumnElement[Any]]:
    return [
        literal(grain, String()).label("grain"),
        (literal(0, Integer()) if agency is None else agency).label("agency_id"),
        (literal("", String()) if procedure is None else procedure).label("procedure_code"),
    ]


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
