"""Folding tasks, hand-overs and transfers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.verification import slow_time
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.rows import Row


def opened(life: Life, moment: Moment) -> None:
    """Open a task; what it is must be what the model says."""
    said = moment.payload
    row = {
        "owner_agency_id": said["agency"],
        "process_task": said["process_task"],
        "node": said["node"],
        "name": said["name"],
        "phase": said["phase"],
        "stage": said["stage"],
        "unit_id": said["unit"],
        "state": "open",
        "assignee_id": None,
        "opened_at": moment.at,
        "due_at": moment.when("due_at"),
        "claimed_at": None,
        "closed_at": None,
        "closed_by": None,
        "outcome": None,
        "note": None,
        "came_from": None if said.get("came_from") is None else UUID(said["came_from"]),
    }
    if row["came_from"] is not None:
        life.part("task", "came_from", row["came_from"])
    life.put("task", (UUID(said["task"]),), row)
    life.rows["dossier_agency"].setdefault((said["agency"],), {"owner_agency_id": said["agency"]})
    _keep_grant(life, moment)
    _check_stage_end(life, moment)
    _check_unit(life, moment, said["unit"], said["agency"])
    if life.version is not None:
        step = life.version.steps.get(said["node"])
        wanted = None if step is None else [step.name, step.phase.value, step.stage]
        found = [said["name"], said["phase"], said["stage"]]
        life.expect(moment, "payload.node", wanted, found, "the model has no such step")


def claimed(life: Life, moment: Moment) -> None:
    """Give the task to an officer, or back to the unit; claimed and assigned alike."""
    row, officer = _open_task(life, moment), moment.payload["officer"]
    row.update(assignee_id=officer, claimed_at=moment.at if officer else None)
    if officer is not None and officer not in life.reference.officers:
        life.expect(moment, "payload.officer", "an officer", officer, "there is no such officer")


def released(life: Life, moment: Moment) -> None:
    """Put the task back for the unit."""
    _open_task(life, moment).update(assignee_id=None, claimed_at=None)


def completed(life: Life, moment: Moment) -> None:
    """Close the task by the one who did it; it must have been theirs or nobody's."""
    row, said = _open_task(life, moment), moment.payload
    theirs = said.get("for", moment.actor)
    if said["outcome"] == "done" and row["assignee_id"] not in (None, theirs) and row["phase"] == "processing":
        life.expect(moment, "actor_id", row["assignee_id"], theirs, "another officer had claimed the task")
    row.update(
        state="done",
        closed_at=moment.at,
        closed_by=moment.actor,
        assignee_id=row["assignee_id"] or theirs,
        outcome=said["outcome"],
        note=said["note"],
    )
    life.last_done = row


def cancelled(life: Life, moment: Moment) -> None:
    """Close a task that the process has left."""
    _open_task(life, moment).update(state="cancelled", closed_at=moment.at, closed_by=moment.actor)


def transferred(life: Life, moment: Moment) -> None:
    """Move an open task to another unit; its agency may see the dossier from then on. The clock goes on."""
    said = moment.payload
    row = _open_task(life, moment)
    life.expect(moment, "payload.due_at", row["due_at"], moment.when("due_at"), "re-routing never moves a limit")
    row.update(unit_id=said["to"], owner_agency_id=said["agency"], assignee_id=None, claimed_at=None)
    _check_unit(life, moment, said["to"], said["agency"])
    life.rows["dossier_agency"].setdefault((said["agency"],), {"owner_agency_id": said["agency"]})


def handed_over(life: Life, moment: Moment) -> None:
    """Add a line to the control slip: giver, receiver, time (domain.md §1.15, invariant 5)."""
    said = moment.payload
    unit = life.reference.units.get(said["from"])
    row = {
        "owner_agency_id": None if unit is None else unit["owner_agency_id"],
        "from_unit_id": said["from"],
        "to_unit_id": said["to"],
        "given_by": moment.actor,
        "given_at": moment.at,
        "result": said["result"],
        "taken_by": None,
        "taken_at": None,
        "note": said["note"],
    }
    lines = len(life.rows["handover"])
    life.put("handover", (said["no"],), row)
    life.expect(moment, "payload.no", lines + 1, said["no"], "lines are numbered from 1")
    given = moment.actor is not None or life.moved_at == moment.at  # a move to another version gives by its ground
    life.expect(moment, "actor_id", True, given, "a hand-over has a giver (invariant 5)")
    dues = [task["due_at"] for task in _givers(life, said["from"])]
    rules = {life.late_rule or "day", life.reference.late_rule(life.dossier["resolving_agency_id"])}
    allowed = sorted({_standing(life, due_at, moment.at, rule) for due_at in dues for rule in rules})
    if allowed and said["result"] not in allowed:
        life.expect(moment, "payload.result", allowed, said["result"], "the giver's stage stood otherwise")


def handover_received(life: Life, moment: Moment) -> None:
    """Sign the line for the receiver."""
    row = life.part("handover", "no", moment.payload["no"])
    if row["taken_at"] is not None:
        raise MisfitError("payload.no", "a line not taken yet", moment.payload["no"], "the line was taken before")
    row.update(taken_by=moment.actor, taken_at=moment.at)


def standing(life: Life, at: datetime, due_at: datetime, late_after: datetime) -> str | None:
    """Return how an end relates to its due instant, None without a calendar: early, on_time or late."""
    office = life.office(life.dossier["calendar_version"])
    if office is None:
        return None
    if at > late_after:
        return "late"
    return "early" if office.local_date(at) < office.local_date(due_at) else "on_time"


def _standing(life: Life, due_at: datetime | None, at: datetime, late_rule: str) -> str:
    office = life.office(life.dossier["calendar_version"]) if life.dossier["calendar_version"] else None
    if due_at is None or office is None:
        return "on_time"
    late_after = slow_time.late_after(office, due_at, late_rule)
    return standing(life, at, due_at, late_after) or "on_time"


def _givers(life: Life, unit: int) -> list[Row]:
    tasks = [*life.open_tasks(), *([life.last_done] if life.last_done else [])]
    return [task for task in tasks if task["unit_id"] == unit]


def _open_task(life: Life, moment: Moment) -> Row:
    row = life.part("task", "task", UUID(moment.payload["task"]))
    if row["state"] != "open":
        raise MisfitError("payload.task", "an open task", moment.payload["task"], f"the task was {row['state']} before")
    return row


def _keep_grant(life: Life, moment: Moment) -> None:
    """Remember what a stage was given and from when; before there was an account, that it opened."""
    said = moment.payload
    share = said.get("stage_share")
    grant = (moment.at, None) if share is None else (moment.instant("stage_from"), Limit.parse(share))
    life.grants.setdefault(said["stage"], []).append(grant)


def _check_stage_end(life: Life, moment: Moment) -> None:
    """A stage ends when its share has passed on the calendar that the event names, or as the step before it says."""
    said, due_at = moment.payload, moment.when("due_at")
    if due_at is None or "stage_share" not in said:  # events of before there was an account have no share
        return
    if "own_limit" in said:
        _check_own_end(life, moment)
        return
    if said["stage_share"] is None:
        wanted = None if life.last_done is None else life.last_done["due_at"]
        life.expect(moment, "payload.due_at", wanted, due_at, "steps of one stage share its end")
        return
    office = life.office(said["calendar"])
    if office is not None:
        begins, share = moment.instant("stage_from"), Limit.parse(said["stage_share"])
        given = begins >= moment.at or (begins, share) in life.grants[said["stage"]][:-1]
        life.expect(moment, "payload.stage_from", True, given, "the stage was given nothing then")
        wanted = end_over(life, office, begins, share)
        life.expect(moment, "payload.due_at", wanted, due_at, "counted again from the stage's share, it is another end")


def end_over(life: Life, office: slow_time.Office, begins: datetime, share: Limit) -> datetime:
    """Walk from where a share was counted, pause after pause."""
    at, end_at = begins, slow_time.resume(office, begins, share)[1]
    for pause in life.rows["pause"].values():
        over = pause["ended_at"]
        if over is not None and over > at and end_at > pause["started_at"]:
            left = slow_time.left_until(office, max(at, pause["started_at"]), end_at)
            at, end_at = over, slow_time.resume(office, over, left)[1]
    return end_at


def _check_own_end(life: Life, moment: Moment) -> None:
    """A step with a limit of its own ends when that has passed, counted as any limit from its receipt."""
    said = moment.payload
    step = life.version.steps.get(said["node"]) if life.version else None
    message = "not what the pinned version of the procedure says"
    life.expect(moment, "payload.own_limit", step and step.own_limit, said["own_limit"], message)
    office = life.office(said["calendar"])
    if office is not None:
        begins, due_at = slow_time.due(office, moment.at, Limit.parse(said["own_limit"]), None)
        message = "counted again from the step's own limit, it is another end"
        life.expect(moment, "payload.stage_from", begins, moment.when("stage_from"), message)
        life.expect(moment, "payload.due_at", due_at, moment.when("due_at"), message)


def _check_unit(life: Life, moment: Moment, unit: int, agency: int) -> None:
    known = life.reference.units.get(unit)
    found = None if known is None else known["owner_agency_id"]
    life.expect(moment, "payload.agency", found, agency, "the unit belongs to another agency")


HANDLERS = {
    EventKind.TASK_OPENED: opened,
    EventKind.TASK_CLAIMED: claimed,
    EventKind.TASK_ASSIGNED: claimed,
    EventKind.TASK_RELEASED: released,
    EventKind.TASK_COMPLETED: completed,
    EventKind.TASK_CANCELLED: cancelled,
    EventKind.TRANSFERRED: transferred,
    EventKind.HANDED_OVER: handed_over,
    EventKind.HANDOVER_RECEIVED: handover_received,
}
