"""Folding what supervisors do beside the process: they urge who has a task, and take a dossier to those who sign."""

from __future__ import annotations

from uuid import UUID

from engine.domain.events import EventKind
from engine.verification.life import Life, Moment

CAUSES = frozenset({"rule", "staff", "cooperation", "dossier", "other"})


def urged(life: Life, moment: Moment) -> None:
    """No row follows; the task must be open and theirs who was urged, and it is urged once a local day."""
    said = moment.payload
    task = life.part("task", "task", UUID(said["task"]))
    life.expect(moment, "payload.task", "open", task["state"], "a task that is closed cannot be urged")
    life.expect(moment, "payload.to", task["assignee_id"], said["to"], "somebody else had the task")
    version = life.dossier["calendar_version"]
    office = life.office(version) if version else None
    if office is not None:
        day = (said["task"], office.local_date(moment.at))
        life.expect(moment, "payload.task", False, day in life.urged, "the task was urged on this day before")
        life.urged.add(day)


def raised(life: Life, moment: Moment) -> None:
    """No row follows; whom it was taken to must exist, and the reason must say something."""
    said = moment.payload
    unknown = [officer for officer in said["officers"] if officer not in life.reference.officers]
    life.expect(moment, "payload.officers", [], unknown, "there is no such officer")
    life.expect(moment, "payload.officers", True, bool(said["officers"]), "it was taken to nobody")
    life.expect(moment, "payload.reason", True, bool(said["reason"].strip()), "the reason is missing")


def late_cause_given(life: Life, moment: Moment) -> None:
    """Say why the dossier is late: one of the controlled list, (domain.md §6.4)."""
    cause = moment.payload["cause"]
    life.expect(moment, "payload.cause", True, cause in CAUSES, "no such cause is on the list")
    life.dossier["late_cause"] = cause


HANDLERS = {
    EventKind.URGED: urged,
    EventKind.RAISED: raised,
    EventKind.LATE_CAUSE_GIVEN: late_cause_given,
}
