"""Folding what a process waits for by the calendar, the answers that came, and what it asked the engine to do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.verification import slow_time
from engine.verification.differences import Behind, Findings, plain
from engine.verification.lateness import JUST_AFTER, PATIENCE, RETRY, was_put_off
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.rows import Key, Row


def opened(life: Life, moment: Moment) -> None:
    """Open a wait; its end is counted again from the moment at which it opened."""
    said = moment.payload
    row = {
        "owner_agency_id": life.dossier["resolving_agency_id"],
        "node": said["node"],
        "message": said["message"],
        "time_limit": said["limit"],
        "state": "open",
        "opened_at": moment.at,
        "due_at": moment.instant("ends_at"),
        "calendar_version": said["calendar"],
        "closed_at": None,
    }
    life.put("process_wait", (said["wait"],), row)
    life.wait_ends[said["wait"]] = moment.instant("last_at")
    life.wait_rules[said["wait"]] = said["late_rule"]
    office = life.office(said["calendar"])
    if office is None:
        return
    begins_at, due_at = slow_time.due(office, moment.at, Limit.parse(said["limit"]), None)
    message = "counted again from when the wait opened, it is another one"
    life.expect(moment, "payload.begins_at", begins_at, moment.when("begins_at"), message)
    life.expect(moment, "payload.ends_at", due_at, moment.when("ends_at"), message)
    last_at = slow_time.late_after(office, due_at, said["late_rule"])
    life.expect(moment, "payload.last_at", last_at, moment.when("last_at"), message)


def passed(life: Life, moment: Moment) -> None:
    """Close a wait whose time has passed; not before."""
    name = _close(life, moment, "passed")
    message = "the process was told before the time had passed"
    life.expect(moment, "at", True, moment.at > life.wait_ends[name], message)


def cancelled(life: Life, moment: Moment) -> None:
    """Close a wait that the process has left."""
    _close(life, moment, "cancelled")


def noted(_life: Life, _moment: Moment) -> None:
    """Take note of what no row keeps: the process state that the event names is compared at the end."""


def check_wakes(life: Life, found: dict[Key, Row], *, now: datetime, findings: Findings) -> None:
    """Report waits that the clock process would overlook, or has not looked at yet."""
    for key, row in found.items():
        wanted = life.rows["process_wait"].get(key)
        if wanted is None:
            continue
        wake_at = row["wake_at"]
        if wake_at is not None and wake_at + PATIENCE < now:
            findings.behind.append(Behind(life.name(*key), "wait", wake_at))
        right = life.wait_ends[str(key[0])] + JUST_AFTER if wanted["state"] == "open" else None
        if wake_at != right and not (right is not None and _was_put_off(row, right, now)):
            message = "the clock process would not tell the process when it has to"
            life.differ("process_wait", life.name(*key), "wake_at", right, wake_at, message)


def _was_put_off(row: Row, right: datetime, now: datetime) -> bool:
    """Tell whether so many failures, each an hour at least after the one before, may have led to this ``wake_at``."""
    return was_put_off(row, now) and bool(row["wake_at"] >= right + row["attempts"] * RETRY)


def check_armed(life: Life, found: dict[Key, Row], armed: Collection[str]) -> None:
    """Report where the process state and the wait rows disagree; what happened without interrupting stays armed."""
    rows = {str(key[0]): row["state"] for key, row in found.items()}
    open_rows = sorted(name for name, state in rows.items() if state == "open")
    wanted = sorted(name for name in armed if rows.get(name) != "passed")
    if open_rows != wanted:
        message = "the process waits for other times than the open wait rows say"
        life.differ("process_instance", life.name(), "state", plain(open_rows), plain(wanted), message)


def _close(life: Life, moment: Moment, state: str) -> str:
    name: str = moment.payload["wait"]
    row = life.part("process_wait", "wait", name)
    if row["state"] != "open":
        raise MisfitError("payload.wait", "an open wait", name, f"the wait was {row['state']} before")
    row.update(state=state, closed_at=moment.at)
    return name


HANDLERS = {
    EventKind.WAIT_OPENED: opened,
    EventKind.WAIT_PASSED: passed,
    EventKind.WAIT_CANCELLED: cancelled,
    EventKind.ANSWER_RECORDED: noted,
    EventKind.APPLICANT_NOTIFIED: noted,
    EventKind.ESCALATED: noted,
    EventKind.MILESTONE: noted,
    EventKind.NEXT_ORDERED: noted,
}
