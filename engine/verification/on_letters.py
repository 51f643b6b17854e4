"""Folding the letters of apology: ordered at the right instant, moved through their states, sent with a number."""

from __future__ import annotations

import re
from uuid import UUID

from engine.domain.events import EventKind
from engine.verification.lateness import is_late_in_fact, order_instants
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.rows import Row

_NUMBER = re.compile(r"0*(\d+)/")


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
        "approved_by": None,
        "approved_at": None,
        "number": None,
        "sent_at": None,
        "sent_by": None,
        "sent_how": None,
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
    """Write cause, reason and new date; an approval of what was there before is gone."""
    said = moment.payload
    row = _letter(life, moment, "draft", "approved")
    row.update(state="draft", approved_by=None, approved_at=None, old_due_at=moment.instant("old_due_at"))
    promise = life.need_promise(row["promise_no"])
    life.expect(moment, "payload.old_due_at", promise["due_at"], row["old_due_at"], "not the date that was promised")
    row.update(cause=said["cause"], reason=said["reason"], new_due_at=moment.when("new_due_at"))


def approved(life: Life, moment: Moment) -> None:
    """Fix the content."""
    row = _letter(life, moment, "draft")
    complete = row["cause"] is not None and bool(row["reason"])
    life.expect(moment, "payload.letter", True, complete, "approved without cause or reason")
    row.update(state="approved", approved_by=moment.actor, approved_at=moment.at)


def sent(life: Life, moment: Moment) -> None:
    """Number and send."""
    said = moment.payload
    row = _letter(life, moment, "approved")
    row.update(
        state="sent",
        number=said["number"],
        sent_at=moment.at,
        sent_by=moment.actor,
        sent_how=said["how"],
        file_sha256=said["file"],
    )
    life.numbers.append(("letter-04", row["owner_agency_id"], str(said["year"]), said["counter"]))
    printed = _NUMBER.match(said["number"])
    found = int(printed[1]) if printed else said["number"]
    life.expect(moment, "payload.number", said["counter"], found, "the printed number is not the one that was taken")
    if said["how"] == "email":
        life.mail[said["letter"]] = moment.at


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


def delivered(life: Life, moment: Moment) -> None:
    """Note that the mail server took it."""
    _letter(life, moment, "sent")["delivered_at"] = moment.at
    by_mail = moment.payload["letter"] in life.mail
    life.expect(moment, "payload.letter", True, by_mail, "delivered, but it was not sent by e-mail")


def withdrawn(life: Life, moment: Moment) -> None:
    """Take back a letter that was not sent: the promise was kept after all."""
    row = _letter(life, moment, "draft", "approved")
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
    EventKind.LETTER_SENT: sent,
    EventKind.EXTENDED: extended,
    EventKind.LETTER_DELIVERED: delivered,
    EventKind.LETTER_WITHDRAWN: withdrawn,
    EventKind.DEADLINE_PASSED: passed,
}
