"""Reading rows as they are, many dossiers at a time, and comparing them with what the events add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, func, select

from engine.store import (
    consultations,
    deadlines,
    dossiers,
    events,
    history_imports,
    letters,
    outbox,
    papers,
    receipt_issues,
    results,
    tasks,
    waits,
)
from engine.store.base import Base
from engine.verification.differences import ROW, Difference, plain

Row = dict[str, Any]
Key = tuple[Any, ...]

_MODULES = (
    consultations,
    deadlines,
    dossiers,
    events,
    history_imports,
    letters,
    outbox,
    papers,
    receipt_issues,
    results,
    tasks,
    waits,
)  # what makes their tables known


@dataclass(frozen=True, slots=True)
class Kept:
    """A table with rows of dossiers: the columns that name a row, and those that no event determines."""

    name: str
    key: tuple[str, ...]
    free: frozenset[str] = frozenset()

    @property
    def table(self) -> Table:
        """The table."""
        return Base.metadata.tables[self.name]


PARTS = (
    Kept("dossier_agency", ("owner_agency_id",)),
    Kept("party", ("role",), frozenset({"name", "identity_number", "phone", "email", "address", "salt"})),  # a digest
    Kept("paper", ("no",)),
    Kept("supplement", ("no",)),
    Kept("obligation", ("no",)),
    Kept("process_instance", (), frozenset({"state"})),  # compared as the digest that the events name
    Kept("task", ("id",)),
    Kept("handover", ("no",)),
    Kept("deadline", ("kind", "promise_no"), frozenset({"id", "attempts", "wake_at", "wake_for"})),  # see lateness
    Kept("pause", ("no",)),
    Kept("receipt_issue", ("no",)),
    Kept("issued_paper", ("id",), frozenset({"made_from", "file_sha256", "signed_sha256"})),  # see papers
    Kept("letter", ("id",), frozenset({"version", "proof_note"})),
    Kept("result_return", ()),
    Kept("opinion", ("no",)),
    Kept("refusal_suggestion", ("no",)),
    Kept("dossier_note", ("no",), frozenset({"text"})),  # known by its digest, see on_consultations
    Kept("process_wait", ("process_wait",), frozenset({"id", "attempts", "wake_at"})),  # see on_waits
)
DOSSIER = Kept("dossier", (), frozenset({"version"}))
EVENT = Kept("event", ("seq",))


@dataclass(slots=True)
class Found:
    """The rows of one dossier as they are."""

    dossier: Row
    events: list[Row]
    parts: dict[str, dict[Key, Row]]

    @property
    def id(self) -> UUID:
        """The dossier's id."""
        found: UUID = self.dossier["id"]
        return found


def all_rows(connection: Connection, name: str, report: Callable[[Difference], None]) -> list[Row]:
    """Return all rows of a small table; what cannot be read is reported."""
    table = Base.metadata.tables[name]
    keys = list(table.primary_key.columns)
    try:
        return [dict(row) for row in connection.execute(select(table)).mappings()]
    except (ValueError, LookupError, TypeError):
        rows = []
        for key in connection.execute(select(*keys)).all():
            query = select(table).where(*(column == value for column, value in zip(keys, key, strict=True)))
            try:
                rows.append(dict(connection.execute(query).mappings().one()))
            except (ValueError, LookupError, TypeError) as error:
                named = " ".join(map(str, key))
                report(Difference(name, named, ROW, "a readable row", None, f"cannot be read: {error}"))
        return rows


def total(connection: Connection) -> int:
    """Return the number of dossiers."""
    return connection.scalar(select(func.count()).select_from(DOSSIER.table)) or 0


def batches(connection: Connection, size: int, report: Callable[[Difference], None]) -> Iterator[list[Found]]:
    """Yield all dossiers with their rows by id, ``size`` at a time; what cannot be read is reported."""
    last: UUID | None = None
    column = DOSSIER.table.c.id
    while True:
        query = select(column).order_by(column).limit(size)
        ids = list(connection.scalars(query if last is None else query.where(column > last)))
        if not ids:
            return
        last = ids[-1]
        yield _load(connection, ids, report)


def _load(connection: Connection, ids: list[UUID], report: Callable[[Difference], None]) -> list[Found]:
    whole = {row["id"]: row for row in _read(connection, DOSSIER, "id", ids, report)}
    history: dict[UUID, list[Row]] = defaultdict(list)
    for row in _read(connection, EVENT, "dossier_id", ids, report):
        history[row["dossier_id"]].append(row)
    parts: dict[UUID, dict[str, dict[Key, Row]]] = {each: {kept.name: {} for kept in PARTS} for each in ids}
    for kept in PARTS:
        for row in _read(connection, kept, "dossier_id", ids, report):
            parts[row["dossier_id"]][kept.name][tuple(row[name] for name in kept.key)] = row
    return [
        Found(whole[each], sorted(history[each], key=lambda row: int(row["seq"])), parts[each])
        for each in ids
        if each in whole
    ]


def _read(
    connection: Connection, kept: Kept, column: str, ids: Sequence[UUID], report: Callable[[Difference], None]
) -> list[Row]:
    query = select(kept.table).where(kept.table.c[column].in_(ids))
    try:
        return [dict(row) for row in connection.execute(query).mappings()]
    except (ValueError, LookupError, TypeError) as error:
        if len(ids) > 1:  # a value that is no date, no JSON, no known word: find out whose
            return [row for each in ids for row in _read(connection, kept, column, [each], report)]
        message = f"a value of this dossier cannot be read: {error}"
        report(Difference(kept.name, str(ids[0]), ROW, "readable rows", None, message, str(ids[0])))
        return []


def compare(
    kept: Kept, *, expected: dict[Key, Row], found: dict[Key, Row], name: Callable[[Key], str], dossier: str
) -> Iterator[Difference]:
    """Yield where the rows of a table differ from what the events add up to; only named columns are compared."""
    for key in expected.keys() - found.keys():
        yield Difference(
            kept.name, name(key), ROW, plain(expected[key]), None, "the events say that this row exists", dossier
        )
    for key in found.keys() - expected.keys():
        yield Difference(kept.name, name(key), ROW, None, "a row", "no event made this row", dossier)
    for key in sorted(expected.keys() & found.keys(), key=str):
        for column, wanted in expected[key].items():
            if found[key][column] != wanted:
                message = "the row does not say what the events add up to"
                yield Difference(
                    kept.name, name(key), column, plain(wanted), plain(found[key][column]), message, dossier
                )
