"""Folding what officers ask each other beside the process: opinions, suggested refusals, notes."""

from __future__ import annotations

from engine.domain.events import EventKind, digest
from engine.domain.limits import Limit
from engine.verification import slow_time
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.rows import Found, Row


def opinion_asked(life: Life, moment: Moment) -> None:
    """Ask a unit; its agency may see the dossier from then on, and its time is counted as any limit."""
    said = moment.payload
    due_at = moment.instant("due_at")
    row = {
        "owner_agency_id": said["agency"],
        "unit_id": said["unit"],
        "question": said["question"],
        "asked_by": moment.actor,
        "asked_at": moment.at,
        "due_at": due_at,
        "stance": None,
        "answer": None,
        "answered_by": None,
        "answered_at": None,
        "withdrawn_at": None,
    }
    _numbered(life, moment, "opinion")
    life.put("opinion", (said["no"],), row)
    life.rows["dossier_agency"].setdefault((said["agency"],), {"owner_agency_id": said["agency"]})
    unit = life.reference.units.get(said["unit"])
    owner = None if unit is None else unit["owner_agency_id"]
    life.expect(moment, "payload.agency", owner, said["agency"], "the unit belongs to another agency")
    office = life.office(said["calendar"])
    if office is not None:
        wanted = slow_time.due(office, moment.at, Limit.parse(said["limit"]), None)[1]
        life.expect(moment, "payload.due_at", wanted, due_at, "counted again from its limit, it is another end")


def opinion_given(life: Life, moment: Moment) -> None:
    """Answer for the unit."""
    said = moment.payload
    _open_opinion(life, moment).update(
        stance=said["stance"], answer=said["text"], answered_by=moment.actor, answered_at=moment.at
    )


def opinion_withdrawn(life: Life, moment: Moment) -> None:
    """Ask no longer."""
    _open_opinion(life, moment)["withdrawn_at"] = moment.at


def refusal_suggested(life: Life, moment: Moment) -> None:
    """Suggest a refusal; there is one at a time."""
    said = moment.payload
    waiting = [key[0] for key, row in life.rows["refusal_suggestion"].items() if row["decision"] is None]
    life.expect(moment, "payload.no", [], waiting, "another one was not decided yet")
    _numbered(life, moment, "refusal_suggestion")
    row = {
        "owner_agency_id": life.dossier["resolving_agency_id"],
        "reason": said["reason"],
        "suggested_by": moment.actor,
        "suggested_at": moment.at,
        "decision": None,
        "answer": None,
        "decided_by": None,
        "decided_at": None,
    }
    life.put("refusal_suggestion", (said["no"],), row)


def refusal_declined(life: Life, moment: Moment) -> None:
    """Decline the suggestion with an answer."""
    _open_suggestion(life, moment.payload["no"]).update(
        decision="declined", answer=moment.payload["answer"], decided_by=moment.actor, decided_at=moment.at
    )


def refusal_accepted(life: Life, moment: Moment) -> None:
    """Take over the suggestion that an end of processing names, if it names one."""
    if "suggestion" in moment.payload:
        row = _open_suggestion(life, moment.payload["suggestion"])
        row.update(decision="accepted", decided_by=moment.actor, decided_at=moment.at)


def note_added(life: Life, moment: Moment) -> None:
    """Add a note; its text is known by its digest alone."""
    said = moment.payload
    _numbered(life, moment, "dossier_note")
    row = {"owner_agency_id": life.dossier["owner_agency_id"], "made_by": moment.actor, "made_at": moment.at}
    life.put("dossier_note", (said["no"],), row)
    life.notes[said["no"]] = said["digest"]


def check_notes(life: Life, found: Found) -> None:
    """Compare the texts of notes with the digests that the events keep; a text itself is never printed."""
    for key, row in found.parts["dossier_note"].items():
        wanted = life.notes.get(key[0])
        made = digest([str(life.id), key[0], row["text"]])
        if wanted is not None and made != wanted:
            message = "the text of the note is not what was written (shown: the digests)"
            life.differ("dossier_note", life.name(*key), "text", wanted, made, message)


def check_cover(life: Life, moment: Moment) -> None:
    """Who acted for somebody else was their cover at that instant."""
    absent = moment.payload.get("for")
    if absent is None:
        return
    covered = any(
        row["officer_id"] == absent and row["starts_at"] <= moment.at <= row["ends_at"]
        for row in life.reference.absences
        if row["cover_id"] == moment.actor
    )
    life.expect(moment, "payload.for", True, covered, "the actor did not cover that officer then")


def _numbered(life: Life, moment: Moment, table: str) -> None:
    wanted = len(life.rows[table]) + 1
    life.expect(moment, "payload.no", wanted, moment.payload["no"], "they are numbered from 1")


def _open_opinion(life: Life, moment: Moment) -> Row:
    row = life.part("opinion", "no", moment.payload["no"])
    if row["answered_at"] is not None or row["withdrawn_at"] is not None:
        raise MisfitError("payload.no", "an open question", moment.payload["no"], "it was answered or withdrawn before")
    return row


def _open_suggestion(life: Life, number: int) -> Row:
    row = life.part("refusal_suggestion", "no", number)
    if row["decision"] is not None:
        raise MisfitError("payload.no", "an open suggestion", number, "it was decided before")
    return row


HANDLERS = {
    EventKind.OPINION_ASKED: opinion_asked,
    EventKind.OPINION_GIVEN: opinion_given,
    EventKind.OPINION_WITHDRAWN: opinion_withdrawn,
    EventKind.REFUSAL_SUGGESTED: refusal_suggested,
    EventKind.REFUSAL_DECLINED: refusal_declined,
    EventKind.NOTE_ADDED: note_added,
}
