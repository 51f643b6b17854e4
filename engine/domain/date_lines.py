"""Lines of an account that an event of a dossier says: pauses, moves, what is kept, when it counts as late."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from engine.domain.calendar import WorkingCalendar
from engine.domain.date_walks import Act, Walk, limit_text
from engine.domain.explanations import Line, clock_text
from engine.domain.limits import Limit

Calendars = Callable[[str], WorkingCalendar]
"""Finds the calendar that an event names by its version."""

_REASONS = {"supplement": "papers are missing", "obligation": "the citizen has to pay", "step": "a step waits outside"}


def by(line: Line, act: Act) -> Line:
    """Add who did it to a line."""
    return replace(line, details={**line.details, "person": act.person})


def pause_line(calendar: WorkingCalendar, act: Act, *, until: datetime | None = None) -> Line:
    """Say why the clock stops, who stopped it and what was left.

    Args:
        until: the promised date, where what is left is the office time to it and not what the limit has left.
    """
    said = act.facts
    details = {name: said[name] for name in ("reason", "ground", "rest")} | {"person": act.person}
    left = f"{limit_text(Limit.parse(said['rest']))} left"
    if until is not None:
        details["until"] = calendar.local(until).isoformat()
        left = f"{left} until {clock_text(calendar, until)}, as the calendar has changed"
    text = f"The clock stops {clock_text(calendar, act.at)} ({_REASONS[said['reason']]}), {left}."
    if said["broken"]:
        details["broken"] = True
        text = f"The clock stops {clock_text(calendar, act.at)}; the promise was broken before."
    return Line("pause", act.at, act.at, text, details=details)


def declared_since(counted: WorkingCalendar, now: WorkingCalendar, from_at: datetime, due_at: datetime) -> list[Line]:
    """List the days on the way that were declared otherwise after the date was given, and that did not move it."""
    first, last = counted.local_date(from_at), counted.local_date(due_at)
    days = (date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1))
    changed = [on for on in days if counted.slots(on) != now.slots(on)]
    return [_declared_line(now, on, due_at) for on in changed]


def _declared_line(now: WorkingCalendar, on: date, due_at: datetime) -> Line:
    rule, slots = now.day_rule(on), now.slots(on)
    hours = ", ".join(f"{now.local(opens):%H:%M}-{now.local(closes):%H:%M}" for opens, closes in slots)
    at = now.at_local(datetime.combine(on, time.min))
    state = f"works {hours}" if slots else "is off"
    text = f"Since the date was given, {on} {state}: the date stays as it was given."
    decision = None if rule is None else rule.decision
    return Line("since", at, due_at, text, decision=decision, details={"hours": hours})


def met_line(calendar: WorkingCalendar, act: Act) -> Line:
    """Say that an appointment ended with a pause, and how."""
    no, broken, due_at = act.facts["appointment"], act.facts["broken"], act.when("due_before")
    how = "missed" if broken else "kept"
    text = f"Appointment {no}, due {clock_text(calendar, due_at)}, ended with this pause and was {how}."
    return Line("met", act.at, due_at, text, details={"promise": no, "broken": broken})


def kept_line(walk: Walk, act: Act, *, why: str) -> Line:
    """Say that a pause did not move the end: ``why`` is ``broken`` or ``last_day``."""
    words = "it was broken before the pause" if why == "broken" else "its time is used up and its day is not over"
    text = f"The date stays {clock_text(walk.calendar, walk.due_at)}: {words}."
    return Line("kept", act.at, walk.due_at, text, details={"why": why, "person": act.person})


def moves_of(act: Act, what: str) -> Sequence[Mapping[str, Any]]:
    """Return the moves of this kind of date that a calendar change made."""
    return [each for each in act.facts["moves"] if each["what"] == what]


def move_end(walk: Walk, act: Act, calendars: Calendars, *, what: str, key: int | str) -> bool:
    """Move the end as a calendar change did; tell whether it did."""
    found = [each for each in moves_of(act, what) if str(each["key"]) == str(key)]
    for each in found:
        calendar = calendars(act.facts["calendar"])
        walk.move(moved_line(calendar, act, each), calendar)
    return bool(found)


def moved_line(calendar: WorkingCalendar, act: Act, move: Mapping[str, Any]) -> Line:
    """Say from when to when a calendar change moved a date, and on what ground."""
    before, after = datetime.fromisoformat(move["before"]), datetime.fromisoformat(move["after"])
    ground = act.facts["ground"]
    text = (
        f"The calendar changed ({ground}): the date moved from {clock_text(calendar, before)} "
        f"to {clock_text(calendar, after)}."
    )
    details = {"person": act.person, "change": act.facts["change"], "at": calendar.local(act.at).isoformat()}
    return Line("moved", before, after, text, decision=ground, details=details)


def version_line(calendar: WorkingCalendar, act: Act, before: datetime | None, after: datetime) -> Line:
    """Say that a date follows the version of the procedure to which the dossier was moved, and on what ground."""
    ground = act.facts["ground"]
    text = f"Moved to another version of the procedure ({ground}): the date is {clock_text(calendar, after)}."
    details = {"person": act.person, "at": calendar.local(act.at).isoformat()}
    return Line("version", before or act.at, after, text, decision=ground, details=details)


def corrected_line(calendar: WorkingCalendar, act: Act, before: datetime | None, after: datetime) -> Line:
    """Say that a date was counted again because what the receipt said was corrected, and why."""
    reason = act.facts["reason"]
    text = f"The receipt was corrected ({reason}): the date is {clock_text(calendar, after)}."
    details = {"person": act.person, "ground": reason, "at": calendar.local(act.at).isoformat()}
    return Line("corrected", before or act.at, after, text, details=details)


def late_line(walk: Walk, late_after: datetime, rule: str) -> Line:
    """Say which late rule is in force, and the last instant that is not late."""
    text = f"It is late after {end_text(walk.calendar, late_after)}, by {rule}."
    return Line("late_after", walk.due_at, late_after, text, details={"late_rule": rule})


def end_text(calendar: WorkingCalendar, at: datetime) -> str:
    """Write the last instant that is not late: the end of a day, or an instant."""
    text = clock_text(calendar, at)
    return f"the end of {text.rpartition(' ')[0]}" if calendar.local(at).time() == time.max else text


def due_line(walk: Walk, what: str, **details: object) -> Line:
    """End an account: ``what`` is ``promise``, ``answer`` or ``step``."""
    text = f"Due {clock_text(walk.calendar, walk.due_at)}."
    return Line("due", walk.due_at, walk.due_at, text, details={"what": what, **details})


def waiting_line(walk: Walk) -> Line:
    """End the account of a date that is counted again when the clock runs."""
    text = (
        f"The clock stands: the date is counted when it runs again; the one before was "
        f"{clock_text(walk.calendar, walk.due_at)}."
    )
    return Line("waiting", walk.due_at, walk.due_at, text)


def ended_line(walk: Walk) -> Line:
    """End the account of a dossier that ended while its clock stood."""
    text = f"The dossier ended while the clock stood; the last date was {clock_text(walk.calendar, walk.due_at)}."
    return Line("ended", walk.due_at, walk.due_at, text)
