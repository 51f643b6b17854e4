"""Folding how a dossier is decided, handed over, withdrawn or stopped."""

from __future__ import annotations

from engine.domain.dossier import Decision
from engine.domain.events import EventKind
from engine.verification.life import Life, Moment
from engine.verification.on_clock import close_pause
from engine.verification.on_consultations import refusal_accepted
from engine.verification.on_intake import end_answers
from engine.verification.on_work import standing


def processing_started(life: Life, moment: Moment) -> None:
    """Only the status moves."""


def finished(life: Life, moment: Moment) -> None:
    """Freeze the end of processing; only the resolving agency may do this (domain.md §1.15, invariant 9)."""
    said = moment.payload
    promise = life.need_promise()
    finished_at = moment.instant("finished_at")
    life.dossier.update(finished_at=finished_at, decision=said["decision"])
    message = "the end of processing is when it was written down"
    life.expect(moment, "payload.finished_at", moment.at, finished_at, message)
    wanted = standing(life, finished_at, promise["due_at"], promise["late_after"]) or said["standing"]
    wanted = "late" if any(life.missed.values()) else wanted
    life.expect(moment, "payload.standing", wanted, said["standing"], "measured again against the promise")
    promise["state"] = "ended"
    refusal_accepted(life, moment)
    if said["decision"] == Decision.GRANTED.value and life.last_done is not None:
        message = "only the resolving agency decides (invariant 9)"
        agency = life.dossier["resolving_agency_id"]
        life.expect(moment, "actor_id", agency, life.last_done["owner_agency_id"], message)


def returned(life: Life, moment: Moment) -> None:
    """Hand the result over; only the returning agency's desk may do this (invariant 9)."""
    said = moment.payload
    life.dossier["ended_at"] = moment.instant("ended_at")
    life.expect(moment, "payload.ended_at", moment.at, life.dossier["ended_at"], "ended when it was written down")
    life.people["receiver"] = said["receiver"]["digest"]
    life.put("party", ("receiver",), {"owner_agency_id": life.dossier["owner_agency_id"]})
    done = life.last_done or {"phase": None, "owner_agency_id": None}
    wanted = ["return", life.dossier["returning_agency_id"]]
    found = [done["phase"], done["owner_agency_id"]]
    life.expect(moment, "actor_id", wanted, found, "only the desk that returns results hands over (invariant 9)")


def ended(life: Life, moment: Moment) -> None:
    """End before the decision: withdrawn or stopped; what ran ends with it."""
    life.dossier["ended_at"] = moment.instant("ended_at")
    life.expect(moment, "payload.ended_at", moment.at, life.dossier["ended_at"], "ended when it was written down")
    life.expect(moment, "payload.reason", True, bool(moment.payload["reason"]), "an end names its ground (invariant 1)")
    end_answers(life)
    close_pause(life, moment.at)
    promise = life.promise
    if promise is not None:
        promise["state"] = "ended"


HANDLERS = {
    EventKind.PROCESSING_STARTED: processing_started,
    EventKind.FINISHED: finished,
    EventKind.RETURNED: returned,
    EventKind.WITHDRAWN: ended,
    EventKind.STOPPED: ended,
}
