"""Folding what a calendar change moved: a date may only leave a day that became a day off, or go back when undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from engine.domain.events import EventKind
from engine.verification import on_extensions, slow_time
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.rows import Row
from engine.verification.slow_time import Office


def moved(life: Life, moment: Moment) -> None:
    """Move promise, answer, extension, waits and ends of steps as the event says, each from where it stood."""
    said = moment.payload
    message = "a due date moves only by an act that names its ground (invariant 1)"
    life.expect(moment, "payload.ground", True, bool(str(said["ground"]).strip()), message)
    for each in said["moves"]:
        before, after = datetime.fromisoformat(each["before"]), datetime.fromisoformat(each["after"])
        row, column = _row(life, each)
        life.expect(moment, "payload.moves", row[column], before, f"the date of the {each['what']} was another")
        _check_end(life, moment, each, before, after)
        row[column] = after
        if each["what"] == "promise":
            life.expect(moment, "payload.promise", each["key"], said["promise"], "it speaks of another promise")
            _run_promise(life, moment, row, after)
        elif each["what"] == "answer":
            _run_answer(life, moment, row, each["key"], after)
        elif each["what"] == "wait":
            _run_wait(life, moment, row, each["key"], after)
        elif each["what"] == "extension":
            on_extensions.moved(life, moment, each, after)


def _row(life: Life, each: dict[str, Any]) -> tuple[Row, str]:
    if each["what"] == "promise":
        return life.need_promise(each["key"]), "due_at"
    if each["what"] == "extension":
        return life.dossier, "extended_due_at"
    if each["what"] == "step":
        return life.part("task", "moves", UUID(each["key"])), "due_at"
    if each["what"] == "wait":
        return _open_wait(life, each["key"]), "due_at"
    row = life.rows["deadline"].get(("answer", each["key"]))
    if row is None:
        raise MisfitError("payload.moves", "an answer that was asked for", each["key"], "no earlier event made it")
    return row, "due_at"


def _open_wait(life: Life, name: str) -> Row:
    row = life.part("process_wait", "moves", name)
    if row["state"] != "open":
        raise MisfitError("payload.moves", "an open wait", name, f"the wait was {row['state']} before")
    return row


def _check_end(life: Life, moment: Moment, each: dict[str, Any], before: datetime, after: datetime) -> None:
    """The new date is the next working moment of the old one, or of one that it had before (an undo)."""
    office = life.office(moment.payload["calendar"])
    earlier = life.dates.setdefault((each["what"], str(each["key"])), [])
    if office is not None:
        known = (
            at for at in (before, *earlier) if office.local_date(at).year in office.years
        )  # an undo may take a year
        wanted = [_settled(office, at) for at in known]
        message = "not the next working moment after a day that became a day off, nor a date that it had before"
        life.expect(moment, "payload.moves", True, after in wanted and after != before, message)
    earlier.append(before)


def _settled(office: Office, at: datetime) -> datetime:
    return at if office.slots(office.local_date(at)) else office.next_opening(at)


def _run_promise(life: Life, moment: Moment, promise: Row, due_at: datetime) -> None:
    said = moment.payload
    late_after = moment.instant("late_after")
    life.expect(moment, "payload.due_at", due_at, moment.when("due_at"), "the promise moves to another instant")
    office = life.office(said["calendar"])
    if office is not None:
        wanted = slow_time.late_after(office, due_at, said["late_rule"])
        life.expect(moment, "payload.late_after", wanted, late_after, "counted again, it is another instant")
        begins = min(promise["running_from"] or moment.at, due_at)
        provisional = office.is_provisional(begins, due_at)
        life.expect(moment, "payload.provisional", provisional, said["provisional"], "counted again, it is otherwise")
    if promise["passed_at"] is not None and moment.at <= late_after:
        promise["passed_at"] = None  # it stopped being late
        life.passed.discard(said["promise"])
    promise.update(late_after=late_after, calendar_version=said["calendar"])
    life.dossier.update(
        due_at=due_at,
        late_after=late_after,
        is_provisional=said["provisional"],
        calendar_version=said["calendar"],
    )


def _run_answer(life: Life, moment: Moment, answer: Row, no: int, due_at: datetime) -> None:
    said = moment.payload
    office = life.office(said["calendar"])
    if office is not None:
        answer["late_after"] = slow_time.late_after(office, due_at, said["late_rule"])
    answer["calendar_version"] = said["calendar"]
    life.part("supplement", "moves", no)["answer_due_at"] = due_at


def _run_wait(life: Life, moment: Moment, wait: Row, name: str, due_at: datetime) -> None:
    """A wait goes on by the late rule with which it was opened, whatever the agency's is by now."""
    said = moment.payload
    wait["calendar_version"] = said["calendar"]
    office = life.office(said["calendar"])
    if office is not None:
        life.wait_ends[name] = slow_time.late_after(office, due_at, life.wait_rules[name])


HANDLERS = {EventKind.PROMISE_MOVED: moved}
