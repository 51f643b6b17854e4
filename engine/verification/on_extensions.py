"""Folding the new date of an apology: watched, moved by nothing but a pause, kept or counted apart (domain.md §1.9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.verification import slow_time
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.rows import Key, Row

KIND = "extension"


def begun(life: Life, moment: Moment) -> None:
    """Watch the new date."""
    said = moment.payload
    due_at, stands = moment.instant("new_due_at"), life.dossier["is_paused"]
    _check_late_after(life, moment, said, due_at)
    _check_rest(life, moment, said, due_at)
    row: Row = {
        "owner_agency_id": life.dossier["resolving_agency_id"],
        "state": "paused" if stands else "running",
        "time_limit": said["rest"],
        "rest": said["rest"],
        "running_from": None if stands else moment.at,
        "due_at": due_at,
        "late_after": moment.instant("late_after"),
        "is_broken": False,
        "passed_at": None,
        "calendar_version": said["calendar"],
    }
    life.put("deadline", (KIND, said["promise"]), row)


def paused(life: Life, moment: Moment) -> None:
    """Let it stand still with the clock, unless it has passed."""
    row, said = _running(life), moment.payload.get(KIND)
    stands = row is not None and moment.at <= row["late_after"]
    message = "the new date of the apology stands still with the clock"
    life.expect(moment, "payload.extension", stands, said is not None, message)
    if row is None or said is None:
        return
    _check_rest(life, moment, said, row["due_at"])
    row.update(state="paused", rest=said["rest"], running_from=None)


def resumed(life: Life, moment: Moment) -> None:
    """Let it run again with what was left of it."""
    row, said = _open(life, "paused"), moment.payload.get(KIND)
    message = "the new date of the apology runs again with the clock"
    life.expect(moment, "payload.extension", row is not None, said is not None, message)
    if row is None or said is None:
        return
    begins, due_at, late_after = (
        datetime.fromisoformat(said[name]) for name in ("running_from", "due_at", "late_after")
    )
    office = life.office(said["calendar"])
    if office is not None:
        wanted = slow_time.resume(office, moment.at, Limit.parse(row["rest"]))
        life.expect(moment, "payload.extension", wanted, (begins, due_at), "counted again, it is another date")
    _check_late_after(life, moment, said, due_at)
    row.update(
        state="running", running_from=begins, due_at=due_at, late_after=late_after, calendar_version=said["calendar"]
    )
    life.dossier["extended_due_at"] = due_at


def moved(life: Life, moment: Moment, said: dict[str, Any], after: datetime) -> None:
    """Move it because its day does not work any more by a change of the calendar."""
    row = _running(life)
    if row is None or "late_after" not in said:
        return
    late_after = datetime.fromisoformat(said["late_after"])
    office = life.office(moment.payload["calendar"])
    if office is not None:
        allowed = [slow_time.late_after(office, after, rule) for rule in ("day", "instant")]
        life.expect(moment, "payload.moves", True, late_after in allowed, "late by neither rule")
    row.update(due_at=after, late_after=late_after, calendar_version=moment.payload["calendar"])


def ended(life: Life, promise_no: int) -> None:
    """Close it with its promise."""
    row = life.rows["deadline"].get((KIND, promise_no))
    if row is not None:
        row.update(state="ended", running_from=None)


def broken(life: Life, moment: Moment) -> None:
    """Count a new date that was not kept: once, after it had passed, and not while the clock stood."""
    said = moment.payload
    row = life.rows["deadline"].get((KIND, said["promise"]))
    if row is None:
        raise MisfitError("payload.promise", "a new date of an apology", said["promise"], "no earlier event made it")
    judged_at = life.dossier.get("finished_at") or moment.at
    life.expect(moment, "at", True, judged_at > row["late_after"], "the new date had not passed")
    life.expect(moment, "payload.late_after", row["late_after"], moment.instant("late_after"), "another date stood")
    first = life.dossier.get("extension_broken_at") is None
    life.expect(moment, "payload.promise", True, first, "counted a second time")
    row.update(state="ended", running_from=None, is_broken=True, passed_at=moment.at)
    life.dossier["extension_broken_at"] = moment.at


def check(life: Life) -> None:
    """Report a new date that passed before the end of the dossier, and is not counted."""
    for key, row in _rows(life):
        ended_at = life.ended_at
        if ended_at is None or row["is_broken"] or row["late_after"] >= ended_at or key[1] in life.missed:
            continue  # an appointment is judged at its own end
        if _stood(life, ended_at):
            continue
        message = "the new date of the apology was not kept, and nobody counts it"
        life.differ("deadline", life.name(*key), "is_broken", True, False, message)


def _stood(life: Life, at: datetime) -> bool:
    """Tell whether the clock stood at the end: what it left of the new date was never used up."""
    return any(row["ended_at"] is None or row["ended_at"] == at for row in life.rows["pause"].values())


def _rows(life: Life) -> list[tuple[Key, Row]]:
    return [(key, row) for key, row in life.rows["deadline"].items() if key[0] == KIND]


def _open(life: Life, state: str) -> Row | None:
    return next((row for _, row in _rows(life) if row["state"] == state), None)


def _running(life: Life) -> Row | None:
    return _open(life, "running")


def _check_rest(life: Life, moment: Moment, said: dict[str, Any], due_at: datetime) -> None:
    office = life.office(said["calendar"])
    if office is not None:
        wanted = str(slow_time.left_until(office, moment.at, due_at))
        life.expect(moment, "payload.rest", wanted, said["rest"], "counted again, something else was left")


def _check_late_after(life: Life, moment: Moment, said: dict[str, Any], due_at: datetime) -> None:
    office = life.office(said["calendar"])
    if office is not None:
        wanted = slow_time.late_after(office, due_at, said["late_rule"])
        found = datetime.fromisoformat(said["late_after"])
        life.expect(moment, "payload.late_after", wanted, found, "counted again, it is another instant")


HANDLERS = {EventKind.EXTENSION_BROKEN: broken}
