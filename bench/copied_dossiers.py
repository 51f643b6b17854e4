"""Thousands of dossiers out of one: its rows with ids, codes and hashes of their own, as ``verify`` accepts them."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, insert, select, update

from engine.context import Context
from engine.domain.events import EventKind, chain_hash, digest
from engine.domain.official_forms import FormKind
from engine.domain.paper_numbers import counter_of, printed
from engine.services import rollups
from engine.store.base import Base

TABLES = (
    "dossier", "dossier_agency", "party", "paper", "process_instance", "task", "handover", "deadline", "event",
    "receipt_issue", "issued_paper", "dossier_fact",
)  # fmt: skip
AT_ONCE = 500  # dossiers in one statement

Row = dict[str, Any]


def copy(ctx: Context, *, dossier_id: UUID, code: str, count: int) -> None:
    """Add ``count`` copies of a dossier that was just received, the only one of its agency on its day.

    Their codes and the numbers of their papers follow its own, and so do the counters.

    Args:
        code: of the dossier, which ends in ``-0001``.
    """
    stem = code.removesuffix("-0001")
    with ctx.database.engine.begin() as connection:
        rows = {name: _rows_of(connection, name, dossier_id) for name in TABLES}
        for first in range(0, count, AT_ONCE):
            made: dict[str, list[Row]] = defaultdict(list)
            for no in range(first + 2, min(first + AT_ONCE, count) + 2):
                for name, copied in _copied(rows, dossier_id, old=code, new=f"{stem}-{no:04}").items():
                    made[name] += copied
            for name in TABLES:
                if made[name]:
                    connection.execute(insert(Base.metadata.tables[name]), made[name])
        _count(connection, rows["dossier"][0]["resolving_agency_id"], "dossier", stem.rpartition("-")[2], count + 1)
        for paper in rows["issued_paper"]:
            kind = counter_of(FormKind(paper["kind"]))
            _count(connection, paper["owner_agency_id"], kind, str(paper["year"]), paper["counter"] + count)
    rollups.rebuild(ctx)


def _rows_of(connection: Connection, name: str, dossier_id: UUID) -> list[Row]:
    table = Base.metadata.tables[name]
    owner = table.c.id if name == "dossier" else table.c.dossier_id
    found = connection.execute(select(table).where(owner == dossier_id).order_by(*table.primary_key.columns))
    return [dict(row) for row in found.mappings()]


def _count(connection: Connection, agency: int, kind: str, period: str, value: int) -> None:
    counter = Base.metadata.tables["counter"]
    mine = (counter.c.owner_agency_id == agency, counter.c.kind == kind, counter.c.period == period)
    connection.execute(update(counter).where(*mine).values(value=value))


def _copied(rows: dict[str, list[Row]], dossier_id: UUID, *, old: str, new: str) -> dict[str, list[Row]]:
    """Return the rows of one more dossier, with ``new`` for the code ``old``."""
    own = [row["id"] for name in ("task", "issued_paper") for row in rows[name]]
    ids = {dossier_id: uuid5(dossier_id, new)} | {each: uuid5(each, new) for each in own}
    names = {old: new, old.lower(): new.lower()} | {str(before): str(after) for before, after in ids.items()}
    copied = {name: [_renamed(row, ids, names) for row in table] for name, table in rows.items()}
    for row in copied["deadline"]:
        del row["id"]  # the database numbers limits
    number = int(new.rpartition("-")[2])
    for event in copied["event"]:
        if event["kind"] == EventKind.RECEIVED:
            event["payload"]["number"] = number
    for paper in copied["issued_paper"]:
        _number(paper, copied["event"], by=number - 1)
    (dossier,) = copied["dossier"]
    dossier["event_hash"] = _chain(copied["event"])
    return copied


def _number(paper: Row, events: list[Row], *, by: int) -> None:
    """Give a paper a number so many after the one that it was copied from, in all that names it."""
    paper["counter"] += by
    paper["number"] = printed(paper["counter"], paper["number"].partition("/")[2])
    values = paper["made_from"]["values"]
    values |= {"number": paper["number"]}
    if values.get("book"):
        values["book"] |= {"entry": paper["number"].partition("/")[0]}
    paper |= {"made_from_sha256": digest(paper["made_from"]), "file_sha256": None}
    said = next(event["payload"] for event in events if event["payload"].get("paper") == str(paper["id"]))
    said |= {name: paper[name] for name in ("number", "counter")} | {"made_from": paper["made_from_sha256"]}


def _renamed(row: Row, ids: dict[UUID, UUID], names: dict[str, str]) -> Row:
    return {column: _value(value, ids, names) for column, value in row.items()}


def _value(value: Any, ids: dict[UUID, UUID], names: dict[str, str]) -> Any:
    if isinstance(value, UUID):
        return ids.get(value, value)
    if isinstance(value, dict):
        return json.loads(_value(json.dumps(value, ensure_ascii=False), ids, names))
    if type(value) is str:  # a member of an enum stays what it is
        for old, new in names.items():
            value = value.replace(old, new)
    return value


def _chain(events: list[Row]) -> str:
    """Chain the events anew and return the last hash."""
    last = ""
    for event in events:
        last = event["hash"] = chain_hash(
            last,
            dossier=str(event["dossier_id"]),
            seq=event["seq"],
            kind=str(event["kind"]),
            at=event["at"],
            actor=event["actor_id"],
            payload=event["payload"],
        )
    return last
