"""Folding what moves the promise: pauses, resumes, restarts; each is counted again on the working axis."""

from __future__ import annotations

from datetime import datetime

from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.verification import on_extensions, slow_time
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.rows import Row
from engine.verification.slow_time import Office


def paused(life: Life, moment: Moment) -> None:
    """Stop the clock; a promise that is broken stays broken. The first of two appointments ends with one for money."""
    said = moment.payload
    promise, ends = life.need_promise(), _ends_appointment(life, moment)
    if life.open_pause() is not None or promise["state"] != "running":
        raise MisfitError("payload.no", "a running clock", promise["state"], "the clock stood already")
    life.expect(moment, "payload.no", len(life.rows["pause"]) + 1, said["no"], "pauses are numbered from 1")
    life.expect(moment, "payload.due_before", promise["due_at"], moment.when("due_before"), "another promise stood")
    message = "a due date moves only by an act that names its ground (invariant 1)"
    life.expect(moment, "payload.ground", True, bool(str(said["ground"]).strip()), message)
    is_broken = moment.at > promise["late_after"]
    life.expect(moment, "payload.broken", is_broken, said["broken"], "broken means: paused after late_after")
    marked = promise["passed_at"] is not None or not is_broken
    life.expect(moment, "payload.broken", True, marked, "a broken promise is marked before its clock stands still")
    row = {
        "owner_agency_id": life.dossier["resolving_agency_id"],
        "reason": said["reason"],
        "ground": said["ground"],
        "started_by": moment.actor,
        "started_at": moment.at,
        "ended_at": None,
    }
    life.put("pause", (said["no"],), row)
    _check_rest(life, moment, promise, ends=ends)
    promise.update(state="ended" if ends else "paused", is_broken=said["broken"], rest=said["rest"])
    life.dossier["is_paused"] = True
    if ends:
        _end_appointment(life, moment, promise)
        on_extensions.ended(life, life.promise_no)
    else:
        on_extensions.paused(life, moment)
    if ends or not said["broken"]:
        life.counted_from, promise["running_from"] = promise["running_from"], None
        life.dossier["late_after"] = None


def _ends_appointment(life: Life, moment: Moment) -> bool:
    """Tell whether the pause ends the first of two appointments: it waits for money (domain.md §1.8)."""
    limits = life.version.limits if life.version else []
    outside = "outside" in moment.payload
    _check_outside(life, moment, outside=outside)
    ends = not outside and moment.payload["reason"] in ("obligation", "step") and life.promise_no < len(limits)
    wanted = life.promise_no if ends else None
    message = "the first pause for money ends the first of two appointments, and no other"
    life.expect(moment, "payload.appointment", wanted, moment.payload.get("appointment"), message)
    return ends


def _check_outside(life: Life, moment: Moment, *, outside: bool) -> None:
    """The clock stands without another status only while all open steps are outside the limit."""
    message = "only steps outside the limit leave the status as it is"
    life.expect(moment, "payload.outside", moment.payload.get("status") is None, outside, message)
    if outside:
        message = "a step inside the limit is open, or none"
        life.expect(moment, "payload.outside", True, are_outside(life), message)


def are_outside(life: Life) -> bool:
    """Tell whether steps are open, and all of them are outside the limit."""
    steps = life.version.steps if life.version else {}
    opened = [steps.get(task["node"]) for task in life.open_tasks()]
    return bool(opened) and not any(step is None or step.counts_in_limit for step in opened)


def _end_appointment(life: Life, moment: Moment, promise: Row) -> None:
    """Judge the appointment at this instant; one that was missed makes the dossier late for good."""
    said = moment.payload
    open_stages = [task["stage"] for task in life.open_tasks()]
    done = life.last_done["stage"] if said["reason"] == "step" and life.last_done else None
    stage = max(open_stages, default=0) if done is None else done
    life.expect(moment, "payload.stage", stage, said["stage"], "the dossier stood at another stage")
    life.missed[life.promise_no] = said["broken"]
    life.left_at = said["stage"]
    if said["broken"]:
        life.dossier["missed_late_after"] = promise["late_after"]


def made(life: Life, moment: Moment) -> None:
    """Make the appointment that follows payment, counted again from the end of the pause by the start rule."""
    said = moment.payload
    open_pause, limits = life.open_pause(), life.version.limits if life.version else []
    if open_pause is None or open_pause[0] != said["no"] or life.promise_no not in life.missed:
        raise MisfitError("payload.no", open_pause and open_pause[0], said["no"], "no pause between appointments ends")
    number = life.promise_no + 1
    life.expect(moment, "payload.promise", number, said["promise"], "promises are numbered from 1")
    message = "not what the pinned version of the procedure says"
    life.expect(moment, "payload.limit", limits[number - 1] if limits else said["limit"], said["limit"], message)
    cutoff = life.version.policy["cutoff"] if life.version else said["cutoff"]
    life.expect(moment, "payload.cutoff", cutoff, said["cutoff"], message)
    office = life.office(said["calendar"])
    if office is not None:
        begins, due_at = slow_time.due(office, moment.at, Limit.parse(said["limit"]), said["cutoff"])
        _check_moved(life, moment, office, begins, due_at, begins_name="counted_from")
    promise: Row = {
        "owner_agency_id": life.dossier["resolving_agency_id"],
        "time_limit": said["limit"],
        "is_broken": False,
        "passed_at": None,
    }
    life.dossier["extended_due_at"] = None
    facts = {**said, "rest": said["limit"], "running_from": said["counted_from"]}
    _run(life, Moment(moment.seq, moment.kind, moment.at, moment.actor, facts), promise, open_pause[1])
    life.put("deadline", ("promise", number), promise)


def resumed(life: Life, moment: Moment) -> None:
    """Let the clock run again with what was left."""
    promise, pause = _take_up(life, moment)
    if not promise["is_broken"]:
        office = life.office(moment.payload["calendar"])
        if office is not None and _on_its_last_day(office, moment, promise):
            same = [promise["due_at"], promise["late_after"], promise["calendar_version"], moment.at]
            kept = [moment.when("due_at"), moment.when("late_after"), moment.payload["calendar"]]
            message = "its time was used up and its day is not over: the promise stays"
            life.expect(moment, "payload.due_at", same, [*kept, moment.when("running_from")], message)
        elif office is not None:
            at = max(moment.at, life.counted_from or moment.at)  # a pause before the counting began paused nothing
            begins, due_at = slow_time.resume(office, at, Limit.parse(promise["rest"]))
            _check_moved(life, moment, office, begins, due_at)
        life.expect(moment, "payload.rest", promise["rest"], moment.payload["rest"], "what was left at the pause")
    _run(life, moment, promise, pause)
    on_extensions.resumed(life, moment)


def restarted(life: Life, moment: Moment) -> None:
    """Let the whole limit run anew."""
    promise, pause = _take_up(life, moment)
    if not promise["is_broken"]:
        office = life.office(moment.payload["calendar"])
        limit = Limit.parse(promise["time_limit"])
        if office is not None:
            cutoff = life.version.policy["cutoff"] if life.version else None
            _check_moved(life, moment, office, *slow_time.due(office, moment.at, limit, cutoff))
        life.expect(moment, "payload.rest", str(limit), moment.payload["rest"], "a restart gives the whole limit")
    _run(life, moment, promise, pause)
    on_extensions.resumed(life, moment)


def close_pause(life: Life, at: datetime) -> None:
    """End an open pause without moving the promise: the dossier has ended."""
    open_pause = life.open_pause()
    if open_pause is not None:
        open_pause[1]["ended_at"] = at
        life.dossier["is_paused"] = False
        promise = life.promise
        life.stood_still = promise is not None and not promise["is_broken"]


def _on_its_last_day(office: Office, moment: Moment, promise: Row) -> bool:
    is_today = office.local_date(promise["due_at"]) == office.local_date(moment.at)
    return is_today and Limit.parse(promise["rest"]).is_zero


def _take_up(life: Life, moment: Moment) -> tuple[Row, Row]:
    said = moment.payload
    promise, open_pause = life.need_promise(said["promise"]), life.open_pause()
    if open_pause is None or open_pause[0] != said["no"]:
        raise MisfitError("payload.no", open_pause and open_pause[0], said["no"], "this pause is not open")
    if promise["state"] != "paused":
        raise MisfitError("payload.promise", "a promise that stands still", promise["state"], "it does not run on")
    life.expect(moment, "payload.broken", promise["is_broken"], said["broken"], "no pause cures a broken promise")
    if promise["is_broken"]:
        same = [promise["due_at"], promise["late_after"], promise["running_from"], promise["calendar_version"]]
        found = [moment.when("due_at"), moment.when("late_after"), moment.when("running_from"), said["calendar"]]
        life.expect(moment, "payload.due_at", same, found, "a broken promise does not move")
    return promise, open_pause[1]


def _run(life: Life, moment: Moment, promise: Row, pause: Row) -> None:
    said = moment.payload
    _check_stage_ends(life, moment, pause["started_at"])
    pause["ended_at"] = moment.at
    life.late_rule = said.get("late_rule") or life.late_rule
    promise.update(
        state="running",
        rest=said["rest"],
        running_from=moment.when("running_from"),
        due_at=moment.instant("due_at"),
        late_after=moment.instant("late_after"),
        calendar_version=said["calendar"],
    )
    life.dossier.update(
        due_at=promise["due_at"],
        late_after=promise["late_after"],
        is_provisional=said["provisional"],
        calendar_version=said["calendar"],
        is_paused=False,
    )
    for row in life.open_tasks():
        if row["due_at"] is not None and not life.is_apart(row):
            row["due_at"] = _new_end(life, row, said["task_due"])


def _new_end(life: Life, row: Row, ends: dict[str, str]) -> datetime:
    task = next(key[0] for key, each in life.rows["task"].items() if each is row)
    if str(task) not in ends:
        raise MisfitError("payload.task_due", str(task), None, "an open task with a stage end has no new one")
    return datetime.fromisoformat(ends[str(task)])


def _check_rest(life: Life, moment: Moment, promise: Row, *, ends: bool) -> None:
    said = moment.payload
    runs_on = said["broken"] and not ends
    office = life.office(said.get("calendar") or promise["calendar_version"])
    if runs_on or office is None:
        message = "a broken promise keeps its rest"
        rest = promise["rest"] if runs_on else said["rest"]
    else:
        message = "counted again on the axis of the limit, something else was left"
        rest = str(_rest(office, promise, moment.at))
    life.expect(moment, "payload.rest", rest, said["rest"], message)


def _rest(office: Office, promise: Row, at: datetime) -> Limit:
    """What is left by the ledger; where a calendar change kept the date, the office time until that."""
    limit, running_from = Limit.parse(promise["rest"]), promise["running_from"]
    if limit.is_zero or slow_time.advance_all(office, running_from, limit) == promise["due_at"]:
        return slow_time.rest(office, limit, running_from, at)
    return slow_time.left_until(office, max(at, running_from), promise["due_at"])


def _check_moved(
    life: Life, moment: Moment, office: Office, begins: datetime, due_at: datetime, begins_name: str = "running_from"
) -> None:
    said = moment.payload
    message = "counted again from the end of the pause, it is another one"
    life.expect(moment, f"payload.{begins_name}", begins, moment.when(begins_name), message)
    life.expect(moment, "payload.due_at", due_at, moment.when("due_at"), message)
    rule = said.get("late_rule") or life.late_rule or "day"
    late_after = slow_time.late_after(office, due_at, rule)
    life.expect(moment, "payload.late_after", late_after, moment.when("late_after"), message)
    provisional = office.is_provisional(begins, due_at)
    life.expect(moment, "payload.provisional", provisional, said["provisional"], message)


def _check_stage_ends(life: Life, moment: Moment, started_at: datetime) -> None:
    """What was left of a stage when the pause began is what it has afterwards, by the calendar of that day.

    A promise that did not move names the calendar of its own day; then the one that came into force since counts.
    """
    calendar = moment.payload["calendar"]
    offices = [office for office in (life.office(calendar), *life.reference.others(calendar)) if office is not None]
    for key, row in life.rows["task"].items():
        if row["state"] != "open" or row["due_at"] is None or not offices or life.is_apart(row):
            continue
        found = moment.payload["task_due"].get(str(key[0]))
        ends_at = None if found is None else datetime.fromisoformat(found)
        wanted = _stage_end(offices[0], moment.at, started_at, row["due_at"])
        if ends_at not in (wanted, *(_stage_end(each, moment.at, started_at, row["due_at"]) for each in offices[1:])):
            message = "counted again from what was left of the stage, it is another end"
            life.expect(moment, "payload.task_due", wanted, ends_at, message)


def _stage_end(office: Office, resumed_at: datetime, started_at: datetime, due_at: datetime) -> datetime:
    return slow_time.resume(office, resumed_at, slow_time.left_until(office, started_at, due_at))[1]


HANDLERS = {
    EventKind.CLOCK_PAUSED: paused,
    EventKind.CLOCK_RESUMED: resumed,
    EventKind.CLOCK_RESTARTED: restarted,
    EventKind.PROMISE_MADE: made,
}
