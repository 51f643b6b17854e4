"""Folding how a dossier is decided, handed over, withdrawn or stopped."""

from __future__ import annotations

from engine.domain.dossier import Decision, Status
from engine.domain.events import EventKind
from engine.verification import on_extensions
from engine.verification.life import Life, Moment
from engine.verification.on_clock import close_pause
from engine.verification.on_consultations import refusal_accepted
from engine.verification.on_intake import end_answers
from engine.verification.on_work import standing
from engine.verification.rows import Row

POSTED = ("posted_at", "carrier", "tracking_number", "proof_sha256", "proof_media_type")


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
    on_extensions.ended(life, life.promise_no)
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
    _signed(life, moment)
    done = life.last_done or {"phase": None, "owner_agency_id": None}
    wanted = ["return", life.dossier["returning_agency_id"]]
    found = [done["phase"], done["owner_agency_id"]]
    life.expect(moment, "actor_id", wanted, found, "only the desk that returns results hands over (invariant 9)")


def _signed(life: Life, moment: Moment) -> None:
    """Keep who took the result and how; hand-overs of before there were signatures kept none of it (issue 5)."""
    said = moment.payload
    if "second" in said["receiver"]:
        life.people["receiver2"] = said["receiver"]["second"]
        life.put("party", ("receiver2",), {"owner_agency_id": life.dossier["owner_agency_id"]})
    if "signature" not in said:
        return
    at = moment.instant("handed_over_at")
    row = _return(life)
    since = row["posted_at"] or life.dossier["finished_at"]
    life.expect(moment, "payload.handed_over_at", True, since <= at <= moment.at, "taken before it was given, or later")
    row.update(
        signature=said["signature"],
        signature_sha256=said["signature_sha256"],
        originals_collected=said["originals_collected"],
        handed_over_by=moment.actor,
        handed_over_at=at,
    )


def _return(life: Life) -> Row:
    """Return the expected row of the return, made by its first event."""
    empty = dict.fromkeys(
        (
            "notified_at", "notified_how", *POSTED, "signature", "signature_sha256", "originals_collected",
            "handed_over_by", "handed_over_at",
        )
    )  # fmt: skip
    places = {"owner_agency_id": life.dossier["returning_agency_id"], "arrived_at": life.dossier["finished_at"]}
    return life.rows["result_return"].setdefault((), empty | places)


def _waits(life: Life, moment: Moment) -> Row:
    """Return the row of a result that waits at the desk or is in the post."""
    life.expect(moment, "kind", Status.FINISHED, life.status, "only a result that waits is told of, posted, delivered")
    return _return(life)


def notified(life: Life, moment: Moment) -> None:
    """Tell people that the result is ready."""
    row = _waits(life, moment)
    if row["notified_at"] is not None:
        life.expect(moment, "at", True, row["notified_at"] < moment.at, "told once a day at most")
    row.update(notified_at=moment.at, notified_how=moment.payload["how"])


def posted(life: Life, moment: Moment) -> None:
    """Give the result to the post."""
    row, said = _waits(life, moment), moment.payload
    life.expect(moment, "kind", None, row["posted_at"], "it was in the post already")
    row.update(
        posted_at=moment.at,
        carrier=said["carrier"],
        tracking_number=said["tracking_number"],
        proof_sha256=said["file_sha256"],
        proof_media_type=said["media_type"],
    )


def delivered(life: Life, moment: Moment) -> None:
    """Say what became of it: brought, which its hand-over follows, or brought back."""
    row, said = _waits(life, moment), moment.payload
    life.expect(moment, "kind", True, row["posted_at"] is not None, "nothing was in the post")
    if not said["delivered"]:
        life.expect(moment, "payload.reason", True, bool(said["reason"]), "what comes back has a reason")
        row.update(dict.fromkeys(POSTED))


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
        on_extensions.ended(life, life.promise_no)


HANDLERS = {
    EventKind.PROCESSING_STARTED: processing_started,
    EventKind.FINISHED: finished,
    EventKind.RESULT_NOTIFIED: notified,
    EventKind.RESULT_POSTED: posted,
    EventKind.RESULT_DELIVERED: delivered,
    EventKind.RETURNED: returned,
    EventKind.WITHDRAWN: ended,
    EventKind.STOPPED: ended,
}
