"""Checking that calendar changes and the events of the dossiers that they moved tell the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, and_, select

from engine.domain.events import EventKind
from engine.store.base import Base
from engine.verification.differences import ROW, Difference, plain
from engine.verification.rows import EVENT, Row

AT_ONCE = 1000  # rows fetched together
Report = Callable[[Difference], None]


def check(connection: Connection, acts: Mapping[int, Row], report: Report) -> None:
    """Compare each move with its event and its act, and each act with the number of its moves.

    Args:
        acts: rows of ``calendar_change`` by id.
    """
    moved: Counter[int] = Counter()
    try:
        for row in connection.execute(_moves().execution_options(yield_per=AT_ONCE)).mappings():
            moved[row["change_id"]] += 1
            _check_move(dict(row), acts.get(row["change_id"]), report)
    except (ValueError, LookupError, TypeError) as error:
        message = f"a move or its event cannot be read: {error}"
        report(Difference("calendar_move", "all", ROW, "readable rows", None, message))
        return
    _check_events(connection, report)
    for number, act in acts.items():
        if act["moved"] != moved[number]:
            message = "not as many dossiers as have a move of this act"
            report(Difference("calendar_change", str(number), "moved", moved[number], act["moved"], message))


def _moves() -> Any:
    move, event = Base.metadata.tables["calendar_move"], EVENT.table
    same = and_(
        event.c.dossier_id == move.c.dossier_id, event.c.seq == move.c.seq, event.c.kind == EventKind.PROMISE_MOVED
    )
    columns = (event.c.at, event.c.actor_id, event.c.payload, event.c.owner_agency_id.label("owner"))
    return select(move, *columns).join_from(move, event, same, isouter=True)


def _check_move(row: Row, act: Row | None, report: Report) -> None:
    def differ(field: str, expected: Any, found: Any, message: str) -> None:
        if expected != found:
            key, dossier = f"{row['change_id']} {row['dossier_id']}", str(row["dossier_id"])
            report(Difference("calendar_move", key, field, plain(expected), plain(found), message, dossier))

    if row["at"] is None:
        differ("seq", "an event promise.moved", row["seq"], "the dossier has no such event")
        return
    if act is None:
        differ("change_id", "an act", row["change_id"], "there is no such calendar change")
        return
    said = row["payload"] if isinstance(row["payload"], dict) else {}
    differ("change_id", said.get("change"), row["change_id"], "the event names another calendar change")
    differ("owner_agency_id", row["owner"], row["owner_agency_id"], "the event belongs to another agency")
    differ("ground", said.get("ground"), act["ground"], "the event names another ground than the act")
    differ("made_at", row["at"], act["made_at"], "the event is of another time than the act")
    differ("made_by", row["actor_id"], act["made_by"], "the event names another person than the act")


def _check_events(connection: Connection, report: Report) -> None:
    move, event = Base.metadata.tables["calendar_move"], EVENT.table
    known = select(move.c.seq).where(move.c.dossier_id == event.c.dossier_id, move.c.seq == event.c.seq).exists()
    query = select(event.c.dossier_id, event.c.seq).where(event.c.kind == EventKind.PROMISE_MOVED, ~known)
    for dossier, seq in connection.execute(query.order_by(event.c.dossier_id, event.c.seq)):
        message = "the event promise.moved has no move of a calendar change"
        report(Difference("calendar_move", f"{dossier} {seq}", ROW, "a row", None, message, str(dossier)))
