"""Checking that version moves, their verdicts and the events of the dossiers tell the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.domain.events import VERSION_KINDS, EventKind
from engine.store import version_moves
from engine.store.version_moves import TAKEN, MoveState, Verdict
from engine.verification.differences import ROW, Difference, plain
from engine.verification.rows import EVENT, Row, all_rows

Report = Callable[[Difference], None]
_Name = tuple[int, UUID]  # move and dossier

_MODULES = (version_moves,)  # what makes its tables known
_ENDED = (MoveState.DONE, MoveState.UNDONE)


def check(connection: Connection, report: Report) -> None:
    """Compare each verdict with its events, and each event with its verdict and its move."""
    moves = {row["id"]: row for row in all_rows(connection, "version_move", report)}
    for number, move in moves.items():
        if (move["state"] in _ENDED) is (move["ended_at"] is None):
            message = "a move that has ended says when, one under way does not"
            report(
                Difference(
                    "version_move", str(number), "ended_at", plain(move["state"]), plain(move["ended_at"]), message
                )
            )
    events = _events(connection)
    left = set(events[EventKind.VERSION_MOVED]) | set(events[EventKind.VERSION_UNDONE])
    for row in all_rows(connection, "version_move_verdict", report):
        name = row["move_id"], row["dossier_id"]
        left.discard(name)
        _check_verdict(row, moves.get(row["move_id"]), events, report)
    for number, dossier in sorted(left, key=str):
        message = "the event has no verdict of a version move"
        report(Difference("version_move_verdict", f"{number} {dossier}", ROW, "a row", None, message, str(dossier)))


def _events(connection: Connection) -> dict[EventKind, dict[_Name, Row]]:
    found: dict[EventKind, dict[_Name, Row]] = {kind: {} for kind in VERSION_KINDS}
    query = select(EVENT.table).where(EVENT.table.c.kind.in_(VERSION_KINDS))
    for each in connection.execute(query).mappings():
        payload = each["payload"] if isinstance(each["payload"], dict) else {}
        found[EventKind(each["kind"])][payload.get("move", 0), each["dossier_id"]] = dict(each)
    return found


def _check_verdict(row: Row, move: Row | None, events: dict[EventKind, dict[_Name, Row]], report: Report) -> None:
    name = row["move_id"], row["dossier_id"]

    def differ(field: str, expected: Any, found: Any, message: str) -> None:
        if expected != found:
            key, dossier = f"{name[0]} {name[1]}", str(name[1])
            report(Difference("version_move_verdict", key, field, plain(expected), plain(found), message, dossier))

    if move is None:
        differ("move_id", "a move", row["move_id"], "there is no such version move")
        return
    made, undone = (events[kind].get(name) for kind in VERSION_KINDS)
    went = row["verdict"] in (*TAKEN, Verdict.UNDONE)
    differ("verdict", went, made is not None, "who was taken along has the event version.moved, no other has")
    differ("verdict", row["verdict"] == Verdict.UNDONE, undone is not None, "who was taken back has version.undone")
    if made is None:
        return
    said = made["payload"]
    differ("ground", said["ground"], move["ground"], "the event names another ground than the move")
    differ("to_version_id", said["to"], move["to_version_id"], "the event leads to another version than the move")
    differ("from_version_id", said["from"], row["from_version_id"], "the event begins at another version")
    differ("made_by", made["actor_id"], move["made_by"], "the event names another person than the move")
    if row["verdict"] in TAKEN:
        moves_date = said.get("due_at") is not None and said["due_at"] != said["due_before"]
        wanted = Verdict.MOVES_DATE if moves_date else Verdict.MOVES
        differ("verdict", wanted, row["verdict"], "the event says whether the date moved")
