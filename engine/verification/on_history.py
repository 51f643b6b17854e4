"""Folding dossiers of another system: what its file said of them, and the steps of their history there."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from engine.domain.dossier import ENDED
from engine.domain.events import EventKind
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.on_intake import USUAL_FORMS

_ALWAYS: dict[str, Any] = {
    "result_channel": "desk",
    "notify_by": "none",
    "notify_language": "vi",
    "case_name": None,
    "decision": None,
    "missed_late_after": None,
    "calendar_version": None,
    "is_provisional": False,
    "is_paused": False,
    "extended_due_at": None,
    "supplement_count": 0,
    "extension_count": 0,
    "extension_broken_at": None,
    "facts": {},
    "follows_id": None,
    "received_late": False,
    "authorisation": None,
}


def imported(life: Life, moment: Moment) -> None:
    """Begin with all that the other system knew; or go on, when a later file knows more of one that was open."""
    said = moment.payload
    if moment.seq == 1:
        _begin(life, said)
    elif life.dossier.get("source") != said["source"] or life.dossier.get("source_key") != said["key"]:
        raise MisfitError("payload.key", life.dossier.get("source_key"), said["key"], "another dossier's history")
    received_at, due_at = moment.instant("received_at"), moment.when("due_at")
    life.dossier.update(
        channel=said["channel"],
        submitted_at=received_at,
        received_at=received_at,
        due_at=due_at,
        late_after=moment.when("late_after"),
        finished_at=moment.when("finished_at"),
        ended_at=moment.when("ended_at"),
    )
    life.late_rule = said["late_rule"]
    life.expect(
        moment, "payload.late_after", _late_after(life, due_at), moment.when("late_after"), "not of its due date"
    )
    has_ended = said["status"] in {status.value for status in ENDED}
    found = life.dossier["ended_at"] is not None
    life.expect(moment, "payload.ended_at", has_ended, found, "a dossier that has ended has an end, another has none")


def step_told(life: Life, moment: Moment) -> None:
    """No row follows; only a dossier of another system has such steps, and each has a name and a time."""
    said = moment.payload
    life.expect(moment, "kind", True, life.dossier.get("source") is not None, "the dossier was not imported")
    life.expect(moment, "payload.step", True, bool(said["step"].strip()), "a step has a name")
    moment.instant("at")


def _begin(life: Life, said: dict[str, Any]) -> None:
    agency = said["receiving"]
    life.dossier.update(
        owner_agency_id=agency,
        receiving_agency_id=agency,
        resolving_agency_id=said["resolving"],
        returning_agency_id=said["returning"],
        code=said["code"],
        procedure_id=said["procedure"],
        version_id=said["procedure_version"],
        form_set=USUAL_FORMS if life.version is None else life.version.policy.get("form_set", USUAL_FORMS),
        source=said["source"],
        source_key=said["key"],
        late_cause=None,
        **_ALWAYS,
    )
    life.people = dict(said["people"])
    for role in life.people:
        life.put("party", (role,), {"owner_agency_id": agency})
    for each in {agency, said["resolving"]}:
        life.put("dossier_agency", (each,), {"owner_agency_id": each})


def _late_after(life: Life, due_at: datetime | None) -> datetime | None:
    if due_at is None or life.late_rule != "day":
        return due_at
    zone = ZoneInfo(life.reference.agencies[life.dossier["resolving_agency_id"]]["zone"])
    return datetime.combine(due_at.astimezone(zone).date(), time.max, zone).astimezone(UTC)


HANDLERS = {EventKind.IMPORTED: imported, EventKind.HISTORY_STEP: step_told}
