"""Folding the letters of apology: ordered at the right instant, moved through their states, sent with a number."""

from __future__ import annotations

import re
from uuid import UUID

from engine.domain.events import EventKind, digest
from engine.verification import on_extensions
from engine.verification.lateness import is_late_in_fact, order_instants
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.rows import Found, Row

_NUMBER = re.compile(r"0*(\d+)/")
_UNSENT = ("draft", "approved", "signed", "numbered")
_BY_CHANNEL = ("email", "sms", "zalo")
_UNAPPROVED = dict.fromkeys(
    (
        "approved_by", "approved_at", "caused_by_unit_id", "signed_by", "signed_at", "signed_sha256", "number",
        "numbered_at", "numbered_by", "paper_id",
    )
)  # fmt: skip


def ordered(life: Life, moment: Moment) -> None:
    """Order the one letter of a lateness; the clock must not do so before it has to."""
    said = moment.payload
    promise = life.need_promise(said["promise"])
    earlier = life.letter_of(said["promise"])
    again = bool(said.get("again")) and earlier is not None and said["promise"] in life.taken_back
    if earlier is not None and not again:
        raise MisfitError("payload.promise", None, said["promise"], "this lateness has its letter already")
    row = {
        "owner_agency_id": life.dossier["resolving_agency_id"],
        "promise_no": said["promise"],
        "kind": "apology",
        "state": "draft",
        "trigger_kind": said["trigger"],
        "cause": None,
        "reason": None,
        "old_due_at": moment.instant("old_due_at"),
        "new_due_at": None,
        "ordered_at": moment.at,
        **_UNAPPROVED,
        "sent_at": None,
        "sent_by": None,
        "sent_how": None,
        "proof_sha256": None,
        "delivered_at": None,
        "withdrawn_at": None,
        "file_sha256": None,
    }
    if again:
        life.taken_back.discard(said["promise"])
        life.part("letter", "letter", UUID(said["letter"])).update(row)
    else:
        life.put("letter", (UUID(said["letter"]),), row)
    kept = life.is_over(said["promise"]) and not is_late_in_fact(life, said["promise"], promise)
    life.expect(moment, "payload.letter", False, kept, "ordered for a promise that was kept")
    life.expect(moment, "payload.old_due_at", promise["due_at"], row["old_due_at"], "not the date that was promised")
    _check_trigger(life, moment, promise)


def drafted(life: Life, moment: Moment) -> None:
    """Write cause, reason and new date; approval, signature and number of what was there before are gone."""
    said = moment.payload
    row = _letter(life, moment, *_UNSENT)
    _check_void(life, moment, row)
    row.update(_UNAPPROVED, state="draft", old_due_at=moment.instant("old_due_at"))
    promise = life.need_promise(row["promise_no"])
    life.expect(moment, "payload.old_due_at", promise["due_at"], row["old_due_at"], "not the date that was promised")
    row.update(cause=said["cause"], reason=said["reason"], new_due_at=moment.when("new_due_at"))


def approved(life: Life, moment: Moment) -> None:
    """Fix the content."""
    row = _letter(life, moment, "draft")
    complete = row["cause"] is not None and bool(row["reason"])
    life.expect(moment, "payload.letter", True, complete, "approved without cause or reason")
    caused_by = moment.payload.get("caused_by")
    row.update(state="approved", approved_by=moment.actor, approved_at=moment.at, caused_by_unit_id=caused_by)
    held = caused_by is None or caused_by in {task["unit_id"] for task in life.rows["task"].values()}
    life.expect(moment, "payload.caused_by", True, held, "caused by a unit that never held the dossier")


def numbered(life: Life, moment: Moment) -> None:
    """Give a signed letter its number and day; the paper that bears them was issued in the same transaction."""
    _take_number(life, moment, _letter(life, moment, "signed"))
    _letter(life, moment, "signed")["state"] = "numbered"


def sent(life: Life, moment: Moment) -> None:
    """Send, and number on the way what was not numbered before."""
    said = moment.payload
    row = _letter(life, moment, "approved", "numbered")
    if row["state"] == "approved":
        _take_number(life, moment, row)
    life.expect(moment, "payload.number", row["number"], said["number"], "sent under another number than it has")
    row.update(
        state="sent", sent_at=moment.at, sent_by=moment.actor, sent_how=said["how"], file_sha256=said["file"]
    )  # fmt: skip


def _take_number(life: Life, moment: Moment, row: Row) -> None:
    said = moment.payload
    row["number"] = said["number"]
    row.update(numbered_at=moment.at, numbered_by=moment.actor, paper_id=UUID(said["paper"]))
    paper = life.part("issued_paper", "paper", UUID(said["paper"]))
    message = "the paper that was issued bears another number, or is of another promise"
    wanted = (row["promise_no"], said["number"], said["counter"], said["year"])
    found = (paper["subject_no"], paper["number"], paper["counter"], paper["year"])
    life.expect(moment, "payload.paper", list(wanted), list(found), message)
    life.numbers.append(("letter-04", row["owner_agency_id"], str(said["year"]), said["counter"]))
    printed = _NUMBER.match(said["number"])
    counted = int(printed[1]) if printed else said["number"]
    life.expect(moment, "payload.number", said["counter"], counted, "the printed number is not the one that was taken")


def extended(life: Life, moment: Moment) -> None:
    """Keep the new date beside the promise, which never moves; once only (domain.md §1.15, invariant 3)."""
    said = moment.payload
    row = life.part("letter", "letter", UUID(said["letter"]))
    new_due_at = moment.instant("new_due_at")
    life.dossier["extension_count"] += 1
    life.dossier["extended_due_at"] = new_due_at
    once = life.dossier["extension_count"] == 1
    life.expect(moment, "payload.promise", True, once, "the date was extended a second time (invariant 3)")
    life.expect(moment, "payload.new_due_at", row["new_due_at"], new_due_at, "not the date that the letter names")
    life.expect(moment, "payload.new_due_at", True, new_due_at > row["old_due_at"], "the new date is not a later one")
    on_extensions.begun(life, moment)


def delivered(life: Life, moment: Moment) -> None:
    """Note that the citizen's channel took it, or the proof that it was handed over or posted."""
    said = moment.payload
    row = _letter(life, moment, "sent")
    life.expect(moment, "payload.letter", None, row["delivered_at"], "delivered a second time")
    row["delivered_at"] = moment.at
    if "how" in said:
        row["proof_sha256"] = said["proof"]
        life.proofs[UUID(said["letter"])] = said["note"]
        shown = said["proof"] is not None or said["note"] is not None
        life.expect(moment, "payload.proof", True, shown, "handed over or posted without any proof")
        return
    by_channel = row["sent_how"] in _BY_CHANNEL
    life.expect(moment, "payload.letter", True, by_channel, "delivered, but by no channel that could say so")


def withdrawn(life: Life, moment: Moment) -> None:
    """Take back a letter that was not sent: the promise was kept after all."""
    row = _letter(life, moment, *_UNSENT)
    _check_void(life, moment, row)
    row.update(state="withdrawn", withdrawn_at=moment.at)
    if moment.payload.get("early"):
        _check_not_near(life, moment, row["promise_no"])
        return
    over = life.is_over(row["promise_no"])
    life.expect(moment, "payload.letter", True, over, "taken back before the promise was kept")


def passed(life: Life, moment: Moment) -> None:
    """Mark the promise as broken: only after it was, and once."""
    number = moment.payload["promise"]
    promise = life.need_promise(number)
    late_after = moment.instant("late_after")
    life.expect(moment, "payload.late_after", promise["late_after"], late_after, "another promise stood")
    life.expect(moment, "at", True, moment.at > promise["late_after"], "marked as passed before it had")
    life.expect(moment, "payload.promise", True, number not in life.passed, "marked as passed a second time")
    life.passed.add(number)
    promise["passed_at"] = moment.at


def check_proofs(life: Life, found: Found) -> None:
    """Compare the notes of proofs with the digests that the events keep; a note itself is never printed."""
    for key, row in found.parts["letter"].items():
        wanted = life.proofs.get(key[0])
        made = digest([str(key[0]), row["proof_note"]]) if row["proof_note"] else None
        if made != wanted and key in life.rows["letter"]:
            message = "the note of the proof is not what was written (shown: the digests)"
            life.differ("letter", life.name(*key), "proof_note", wanted, made, message)


def _check_void(life: Life, moment: Moment, row: Row) -> None:
    """A number that was given to a letter that nobody sends, or that is written anew, is void with a reason."""
    if row["state"] != "numbered":
        return
    paper = life.part("issued_paper", "letter", row["paper_id"])
    void = paper["voided_at"] is not None
    life.expect(moment, "payload.letter", True, void, "its number was given, and is not void")


def _check_not_near(life: Life, moment: Moment, promise_no: int) -> None:
    """A correction may take a letter back whose promise it moved out of the reach of lateness; it may come again."""
    life.taken_back.add(promise_no)
    instants = order_instants(life, life.need_promise(promise_no), at=moment.at)
    near = bool(instants) and all(at <= moment.at for at, _ in instants)
    life.expect(moment, "payload.early", False, near, "taken back while the promise is near its end, or late")


def _letter(life: Life, moment: Moment, *states: str) -> Row:
    row = life.part("letter", "letter", UUID(moment.payload["letter"]))
    if row["state"] not in states:
        raise MisfitError("payload.letter", list(states), row["state"], "the letter was in another state")
    return row


def _check_trigger(life: Life, moment: Moment, promise: Row) -> None:
    trigger = moment.payload["trigger"]
    if trigger == "officer":
        return
    if trigger == "passed":
        late = moment.at > promise["late_after"] and not life.stood_still
        life.expect(moment, "payload.trigger", True, late, "ordered for a promise that was not broken")
        return
    instants = order_instants(life, promise, at=moment.at)
    if instants and not any(why == trigger and at <= moment.at for at, why in instants):
        at, why = instants[0]
        message = f"counted again, the letter is due {at.isoformat()} ({why})"
        life.expect(moment, "payload.trigger", why, trigger if why != trigger else moment.at, message)


HANDLERS = {
    EventKind.LETTER_ORDERED: ordered,
    EventKind.LETTER_DRAFTED: drafted,
    EventKind.LETTER_APPROVED: approved,
    EventKind.LETTER_NUMBERED: numbered,
    EventKind.LETTER_SENT: sent,
    EventKind.EXTENDED: extended,
    EventKind.LETTER_DELIVERED: delivered,
    EventKind.LETTER_WITHDRAWN: withdrawn,
    EventKind.DEADLINE_PASSED: passed,
}
