"""Checking that batches of tasks, their lines and the events of the dossiers tell the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.domain.events import EventKind
from engine.store import task_batches
from engine.verification.differences import Difference, plain
from engine.verification.rows import EVENT, Row, all_rows

Report = Callable[[Difference], None]

_MODULES = (task_batches,)  # what makes its tables known
_KINDS = (EventKind.TASK_COMPLETED, EventKind.STEP_TAKEN_BACK)
_OVER = {"done": ("done", "refused"), "undone": ("refused", "undone", "kept")}  # states of lines in a batch that ended


def check(connection: Connection, report: Report) -> None:
    """Compare each line with the events of its task, and each batch with its lines."""
    batches = {row["id"]: row for row in all_rows(connection, "task_batch", report)}
    lines = all_rows(connection, "task_batch_line", report)
    events = _events(connection, {row["dossier_id"] for row in lines})
    of: dict[UUID, list[Row]] = defaultdict(list)
    for line in lines:
        of[line["batch_id"]].append(line)
        if line["batch_id"] in batches:
            _check_line(line, batches[line["batch_id"]], events[str(line["task_id"])], report)
    for number, batch in batches.items():
        _check_batch(str(number), batch, of[number], report)


def _check_batch(name: str, batch: Row, lines: list[Row], report: Report) -> None:
    def differ(field: str, expected: Any, found: Any, message: str) -> None:
        if expected != found:
            report(Difference("task_batch", name, field, plain(expected), plain(found), message))

    is_over = batch["state"] in _OVER
    differ("finished_at", is_over, batch["finished_at"] is not None, "a batch that has ended says when, no other does")
    if is_over:
        open_lines = [line["no"] for line in lines if line["state"] not in _OVER[batch["state"]]]
        differ("state", [], open_lines, "the batch has ended, these lines of it have not")


def _check_line(line: Row, batch: Row, events: list[Row], report: Report) -> None:
    """A line that is done has its completion, one that was undone its taking back; both at the instant that it names.

    The completion of a line that was undone since, or is kept, was at an earlier one.
    """

    def differ(field: str, expected: Any, found: Any, message: str) -> None:
        if expected != found:
            key, dossier = f"{line['batch_id']} {line['no']}", str(line["dossier_id"])
            report(Difference("task_batch_line", key, field, plain(expected), plain(found), message, dossier))

    state, maker = line["state"], batch["made_by"]
    own = [each for each in events if each["actor_id"] == maker]
    done = [each["at"] for each in own if each["kind"] == EventKind.TASK_COMPLETED]
    undone = [
        each["at"]
        for each in own
        if each["kind"] == EventKind.STEP_TAKEN_BACK and each["payload"].get("batch") == str(line["batch_id"])
    ]
    if state == "done":
        differ("decided_at", True, line["decided_at"] in done, "no event says that the task was done then")
    if state in ("undone", "kept"):
        differ("state", True, bool(done), "no event says that the task was done")
    differ("state", state == "undone", bool(undone), "what was undone, and nothing else, has the event of it")
    if state == "undone":
        differ("decided_at", True, line["decided_at"] in undone, "no event says that it was undone then")
    differ("code", state in ("refused", "kept"), line["code"] is not None, "who was refused, or kept, has the reason")


def _events(connection: Connection, dossiers: set[UUID]) -> dict[str, list[Row]]:
    """Return completions and takings back of the dossiers by the id of the task."""
    found: dict[str, list[Row]] = defaultdict(list)
    ids = sorted(dossiers)
    for first in range(0, len(ids), 500):
        chosen = EVENT.table.c.kind.in_(_KINDS) & EVENT.table.c.dossier_id.in_(ids[first : first + 500])
        for each in connection.execute(select(EVENT.table).where(chosen)).mappings():
            payload = each["payload"] if isinstance(each["payload"], dict) else {}
            found[str(payload.get("task"))].append(dict(each) | {"payload": payload})
    return found
