"""Facts and roll-ups: each fact folded again from the events, and the cells with the journal added up from the facts.

A chain is one fact, so its dossiers are kept until all have been read; of the others nothing is.
"""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.domain.statistics import NEVER
from engine.store.base import Base
from engine.verification.differences import ROW, Difference, Findings, plain
from engine.verification.fact_fold import fold
from engine.verification.life import Life
from engine.verification.rows import DOSSIER, Found, Row

FACT, CELL, TIME, DELTA = "dossier_fact", "rollup_cell", "rollup_time", "rollup_delta"
_HALVES = ("received", "closed", "late", "apologised", "unkept")
_MINUTES = ("used_minutes", "limit_minutes", "legal_minutes")

Counted = Callable[[Row], None]  #: what is done with each fact that the events add up to


class Facts:
    """All facts, as they should be and as they are."""

    def __init__(self, connection: Connection, findings: Findings, counted: Counted) -> None:
        self._connection = connection
        self._findings = findings
        self._counted = counted
        table, dossier = Base.metadata.tables["procedure"], DOSSIER.table
        self._codes = {row.id: row.code for row in connection.execute(select(table.c.id, table.c.code))}
        links = connection.execute(select(dossier.c.id, dossier.c.follows_id).where(dossier.c.follows_id.is_not(None)))
        self._before = {row.id: row.follows_id for row in links}
        self._linked = self._before.keys() | set(self._before.values())
        self._chained: dict[UUID, Life] = {}
        self._rows: dict[UUID, Row] = {}
        self._cells: Counter[tuple[Any, ...]] = Counter()

    def read(self, batch: list[Found]) -> None:
        """Read the facts of some dossiers."""
        table = Base.metadata.tables[FACT]
        query = select(table).where(table.c.dossier_id.in_([found.id for found in batch]))
        for row in self._connection.execute(query).mappings():
            self._rows[row["dossier_id"]] = dict(row)

    def add(self, life: Life) -> None:
        """Check the fact of a dossier; one of a chain is kept until ``check``."""
        if life.id in self._linked:
            self._chained[life.id] = life
            return
        self._settle([life])

    def check(self) -> None:
        """Check the facts of chains, those that nothing explains, and the roll-ups."""
        after: dict[UUID, list[UUID]] = defaultdict(list)
        for child, parent in self._before.items():
            after[parent].append(child)
        for key in self._chained:
            if key not in self._before:
                self._settle(list(self._chain(key, after)))
        table = Base.metadata.tables[FACT]
        nobodys = select(table).where(table.c.dossier_id.not_in(select(DOSSIER.table.c.id)))
        self._rows |= {row["dossier_id"]: dict(row) for row in self._connection.execute(nobodys).mappings()}
        for key, row in self._rows.items():
            self._report(str(key), ROW, None, "a row", "no dossier that was received has this fact", key)
            self._add_up(row)
        self._check_roll_ups()

    def _chain(self, key: UUID, after: dict[UUID, list[UUID]]) -> Iterator[Life]:
        waiting = [key]
        while waiting:
            each = waiting.pop(0)
            if each in self._chained:
                yield self._chained[each]
            waiting += sorted(after[each])

    def _settle(self, lives: list[Life]) -> None:
        found = self._rows.pop(lives[0].id, None)
        if found is not None:
            self._add_up(found)
        with contextlib.suppress(KeyError, TypeError):  # a history with holes: reported where it has them
            expected = fold(lives, self._codes)
            if expected is not None:
                self._counted(expected)
            self._compare(lives[0], expected, found)

    def _compare(self, life: Life, expected: Row | None, found: Row | None) -> None:
        name = life.name()
        if expected is None or found is None:
            if expected is not found:
                said = None if expected is None else plain(expected)
                message = "the events say whether this dossier counts"
                self._report(name, ROW, said, None if found is None else "a row", message, life.id)
            return
        self._findings.count("facts")
        for column, wanted in expected.items():
            if found[column] != wanted:
                message = "the fact does not say what the events add up to"
                self._report(name, column, plain(wanted), plain(found[column]), message, life.id)
        for column, wanted in _minutes(expected, found):
            message = "the minutes of the fact do not fit together"
            self._report(name, column, wanted, found[column], message, life.id)

    def _report(self, name: str, field: str, expected: Any, found: Any, message: str, dossier: UUID) -> None:
        self._findings.differences.append(Difference(FACT, name, field, expected, found, message, str(dossier)))

    def _add_up(self, row: Row) -> None:
        late_on = row["late_on"]
        is_told = NEVER not in (late_on, row["apologised_on"])  # a letter counts for a dossier that is late
        told_on = max(late_on, row["apologised_on"]) if is_told else NEVER
        days = {"received": row["received_on"], "closed": row["closed_on"], "late": late_on, "apologised": told_on}
        days["unkept"] = max(told_on, row["unkept_on"])
        halved = {f"{name}_half": _half(on) for name, on in days.items()}
        kind = str(row["apologised"]) if is_told else "none"
        for key, count in _cells_of({**row, **halved, "apologised": kind}):
            self._cells[key] += count

    def _check_roll_ups(self) -> None:
        kept: Counter[tuple[Any, ...]] = Counter()
        for row in self._connection.execute(select(Base.metadata.tables[DELTA])).mappings():
            for key, count in _cells_of(dict(row)):
                kept[key] += row["weight"] * count
        for name, sums in ((CELL, 8), (TIME, 1)):
            table = Base.metadata.tables[name]
            names = [column.name for column in table.columns]
            for found in self._connection.execute(select(table)):
                for column, value in zip(names[-sums:], found[-sums:], strict=True):
                    kept[name, *map(str, found[:-sums]), column] += value
        for key in sorted(kept.keys() | self._cells.keys()):
            if kept[key] != self._cells[key]:
                message = "cells and journal are not the facts added up; motcua statistics rebuild puts it right"
                place = " ".join(key[1:-1])
                difference = Difference(key[0], place, key[-1], self._cells[key], kept[key], message)
                self._findings.differences.append(difference)
        self._findings.count("rollup_numbers", len(kept))


def _half(on: date) -> date:
    return on if on == NEVER else date(on.year, on.month, 1 if on.day < 15 else 15)


def _quarter(on: date) -> date:
    return on if on == NEVER else date(on.year, (on.month - 1) // 3 * 3 + 1, 1)


def _cells_of(row: Row) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Yield the numbers to which a fact, or a row of the journal, adds: table, key, column; and by how much."""
    names = ("received_half", "closed_half", "late_half", "outcome", "apologised", "apologised_half", "unkept_half")
    alike = [str(row[name]) for name in names]
    by_quarter = [str(_quarter(row[name]) if name.endswith("half") else row[name]) for name in names]
    is_timed = row["percent_used"] >= 0
    numbers = {"dossiers": 1, "online": int(row["channel"] == "online")}
    if is_timed:
        numbers |= {"timed": 1, "used_minutes": row["used_minutes"], "limit_minutes": row["limit_minutes"]}
    if is_timed and row["legal_minutes"] is not None:
        numbers |= {"legal_timed": 1, "legal_used_minutes": row["used_minutes"], "legal_minutes": row["legal_minutes"]}
    codes = {"procedure": row["procedure_code"], "channel": str(row["channel"])}
    for grain in ("receiving", "resolving", "returning", *codes):
        code = codes.get(grain, "")
        agency = "0" if grain in codes else str(row[f"{grain}_agency_id"])
        for column, count in numbers.items():
            yield (CELL, grain, agency, code, *alike, column), count
            yield (CELL, f"{grain}-q", agency, code, *by_quarter, column), count
        if is_timed and grain in ("resolving", "procedure"):
            closed = row["closed_half"]
            for suffix, begins in (("", closed), ("-q", _quarter(closed)), ("-y", date(closed.year, 1, 1))):
                yield (TIME, grain + suffix, agency, code, str(begins), str(row["percent_used"]), "dossiers"), 1


def _minutes(expected: Row, found: Row) -> Iterator[tuple[str, Any]]:
    """Yield what minutes should be that follow from others; the account itself is that of the dossier's page."""
    used, limit = found["used_minutes"], found["limit_minutes"]
    if expected["closed_at"] is None and used is not None:
        yield "used_minutes", None
    if (used is None) != (limit is None):
        yield "limit_minutes", "both or neither"
    percent = -1 if used is None or not limit else -((-100 * used) // limit)
    if found["percent_used"] != percent:
        yield "percent_used", percent
    if found["late_minutes"] is not None and (expected["closed_at"] is None or expected["late_on"] == NEVER):
        yield "late_minutes", None
