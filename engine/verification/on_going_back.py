"""Folding steps that were sent back to the one before, and steps that were taken back as if they had not been."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from engine.domain.dossier import Status
from engine.domain.events import EventKind
from engine.domain.going_back import SENT_BACK, TAKEN_BACK, lasts
from engine.verification.differences import plain
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.rows import Key, Row

_HELD = {  # of a task that is open again, by its name in the event
    "node": "node", "name": "name", "stage": "stage", "unit": "unit_id", "agency": "owner_agency_id",
    "officer": "assignee_id",
}  # fmt: skip

_BEGINS_TOO = frozenset(
    {EventKind.LETTER_ORDERED, EventKind.HANDED_OVER, EventKind.PROCESSING_STARTED, EventKind.PAPER_ISSUED}
)
_FOLLOWS = _BEGINS_TOO | {
    EventKind.TASK_OPENED, EventKind.TASK_CANCELLED, EventKind.WAIT_OPENED, EventKind.WAIT_CANCELLED,
    EventKind.CLOCK_PAUSED, EventKind.CLOCK_RESUMED, EventKind.PROMISE_MADE, EventKind.FINISHED,
    EventKind.DEADLINE_PASSED, EventKind.LETTER_WITHDRAWN, EventKind.APPLICANT_NOTIFIED, EventKind.ESCALATED,
    EventKind.MILESTONE, EventKind.NEXT_ORDERED, EventKind.EXTENSION_BROKEN, EventKind.PAPER_VOIDED,
}  # fmt: skip


def sent_back(life: Life, moment: Moment) -> None:
    """Close a task whose officer sent the dossier to the step before; what opens next is that step again."""
    said = moment.payload
    row, before = life.part("task", "task", UUID(said["task"])), life.part("task", "to_task", UUID(said["to_task"]))
    if row["state"] != "open":
        raise MisfitError("payload.task", "an open task", said["task"], f"the task was {row['state']} before")
    message = "it goes back to the step that led here, and to no other"
    life.expect(moment, "payload.to_task", plain(row["came_from"]), said["to_task"], message)
    life.expect(moment, "payload.to_node", before["node"], said["to_node"], message)
    life.expect(moment, "payload.reason", True, bool(str(said["reason"]).strip()), "a step goes back for a reason")
    row.update(
        state="done",
        closed_at=moment.at,
        closed_by=moment.actor,
        assignee_id=row["assignee_id"] or said.get("for") or moment.actor,
        outcome=SENT_BACK,
        note=said["reason"],
    )
    life.last_done = row


def taken_back(life: Life, moment: Moment) -> None:
    """Undo the act that the event names, from the events that it wrote: nothing may have happened since."""
    said = moment.payload
    row = life.part("task", "task", UUID(said["task"]))
    if row["state"] != "done":
        raise MisfitError("payload.task", "a task that is done", said["task"], f"the task was {row['state']}")
    act = [each for each in life.happened if said["first_seq"] <= each.seq <= said["last_seq"]]
    _check_act(life, moment, act)
    opened = [life.part("task", "cancelled", UUID(each)) for each in said["cancelled"]]
    for each in opened:
        each.update(state="cancelled", closed_at=moment.at, closed_by=moment.actor, outcome=TAKEN_BACK)
    for facts in said["tasks"]:
        again = life.part("task", "tasks", UUID(facts["task"]))
        found = [facts[name] for name in _HELD]
        life.expect(moment, "payload.tasks", [again[name] for name in _HELD.values()], found, "it was another task")
        again.update(state="open", closed_at=None, closed_by=None, outcome=None, note=None)
    row["claimed_at"] = row["claimed_at"] or moment.at
    for name in said["waits_dropped"]:
        life.rows["process_wait"].pop((name,), None)
    for name in said["waits_resumed"]:
        life.part("process_wait", "waits_resumed", name).update(state="open", closed_at=None)
    for no in said["handovers"]:
        life.rows["handover"].pop((no,), None)
    life.last_done = _done_before(life, said["first_seq"])


def check_acts(life: Life, tasks: dict[Key, Row]) -> None:
    """Hold what a done task keeps for being taken back against the history: whose events, and from which state."""
    for key, row in tasks.items():
        if [row[name] for name in ("before", "first_seq", "last_seq")] == [None, None, None]:
            continue
        name, act = life.name(*key), _act_of(life, str(key[0])) if row["state"] == "done" else None
        if act is None:
            life.differ("task", name, "first_seq", None, row["first_seq"], "only a task that is done keeps its act")
            continue
        first, surely, at_most = act
        if row["first_seq"] != first:
            message = "the act that completed the task began with another event"
            life.differ("task", name, "first_seq", first, row["first_seq"], message)
        if row["last_seq"] is None or not surely <= row["last_seq"] <= at_most:
            message = "the act that completed the task ended with another event"
            life.differ("task", name, "last_seq", surely, row["last_seq"], message)
        wanted = _process_before(life, first)
        made = hashlib.sha256(row["before"] if isinstance(row["before"], bytes) else b"").hexdigest()
        if wanted != made:
            message = "the state kept is not the one from before the act (shown: the digests)"
            life.differ("task", name, "before", wanted, made, message)
    _check_returns(life)


def _act_of(life: Life, task: str) -> tuple[int, int, int] | None:
    """Return where the act began that completed a task last, where it surely had not ended, and where it had at most.

    The first event of an act names the process that it led to. What only may belong to it: an event with which another
    act of the same person at the same instant can begin too.
    """
    done = [no for no, each in enumerate(life.happened) if _is_completion(each, task)]
    if not done:
        return None
    first = at = done[-1]
    while first > 0 and "process" not in life.happened[first].payload:
        first -= 1
    surely = end = at
    for no in range(at + 1, len(life.happened)):
        each = life.happened[no]
        if each.kind not in _FOLLOWS or "process" in each.payload or _by(each) != _by(life.happened[at]):
            break
        end = no
        surely = surely if each.kind in _BEGINS_TOO else no
    return life.happened[first].seq, life.happened[surely].seq, life.happened[end].seq


def _is_completion(moment: Moment, task: str) -> bool:
    return moment.kind == EventKind.TASK_COMPLETED and moment.payload["task"] == task


def _check_returns(life: Life) -> None:
    """After a step was sent back, the step before opens, and nothing else."""
    for no, moment in enumerate(life.happened):
        if moment.kind != EventKind.TASK_SENT_BACK:
            continue
        later = [each for each in life.happened[no + 1 :] if each.kind == EventKind.TASK_OPENED]
        found = later[0].payload["node"] if later and later[0].at == moment.at else None
        life.expect(moment, "payload.to_node", moment.payload["to_node"], found, "the step before did not open")


def _check_act(life: Life, moment: Moment, act: list[Moment]) -> None:
    said = moment.payload

    def of(kind: EventKind, name: str) -> list[Any]:
        return [each.payload[name] for each in act if each.kind == kind]

    life.expect(moment, "payload.last_seq", moment.seq - 1, said["last_seq"], "something has happened since")
    lasting = [each.kind for each in act if lasts(each.kind, each.payload)]
    life.expect(moment, "payload.last_seq", [], lasting, "the act had an effect that cannot be undone")
    life.expect(moment, "payload.task", of(EventKind.TASK_COMPLETED, "task"), [said["task"]], "another task was done")
    wanted = {
        "cancelled": of(EventKind.TASK_OPENED, "task"),
        "tasks": [said["task"], *of(EventKind.TASK_CANCELLED, "task")],
        "waits_dropped": of(EventKind.WAIT_OPENED, "wait"),
        "waits_resumed": of(EventKind.WAIT_CANCELLED, "wait"),
        "handovers": of(EventKind.HANDED_OVER, "no"),
    }
    found = {name: said[name] for name in wanted} | {"tasks": [each["task"] for each in said["tasks"]]}
    for name, expected in wanted.items():
        life.expect(moment, f"payload.{name}", expected, found[name], "not what the act had done")
    began = bool(of(EventKind.PROCESSING_STARTED, "status"))
    status = Status.RECEIVED.value if began else None
    life.expect(moment, "payload.status", status, said.get("status"), "the status is that of before the act")
    process = _process_before(life, said["first_seq"])
    life.expect(moment, "payload.process", process, said["process"], "the process is as it was before the act")


def _by(moment: Moment) -> tuple[Any, ...]:
    return moment.at, moment.actor


def _process_before(life: Life, seq: int) -> str | None:
    named = (
        each.payload["process"] for each in reversed(life.happened) if each.seq < seq and "process" in each.payload
    )
    return next(named, None)


def _done_before(life: Life, seq: int) -> Row | None:
    kinds = (EventKind.TASK_COMPLETED, EventKind.TASK_SENT_BACK)
    earlier = [each for each in life.happened if each.seq < seq and each.kind in kinds]
    return life.rows["task"].get((UUID(earlier[-1].payload["task"]),)) if earlier else None


HANDLERS = {
    EventKind.TASK_SENT_BACK: sent_back,
    EventKind.STEP_TAKEN_BACK: taken_back,
}
