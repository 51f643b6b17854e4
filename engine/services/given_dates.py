"""Dates that open dossiers were given, when a calendar changes: which move, why, and the event that says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from bpmn import model
from engine.domain import deadlines
from engine.domain.actors import Actor
from engine.domain.calendar import WorkingCalendar
from engine.domain.calendar_moves import kept_or_moved, newly_off
from engine.domain.deadlines import LateRule
from engine.domain.dossier import LetterState
from engine.domain.events import EventKind
from engine.domain.ids import AgencyId, DossierId
from engine.errors import ConflictError
from engine.services.case import event_after, iso
from engine.services.lateness import JUST_AFTER
from engine.store.events import Moves
from engine.store.given_dates import GivenDate, MovingDossier, Name, Rows, Writes, batches
from engine.store.letters import Letter
from engine.store.unit_of_work import UnitOfWork


class DatesBeyondCalendarError(ConflictError):
    """Open dossiers have dates in years that only the change to be undone had added."""

    code = "calendar-dates-beyond"


Calendars = Mapping[AgencyId, WorkingCalendar]  #: by resolving agency


@dataclass(frozen=True, slots=True)
class Move:
    """A given date that a change moves to another instant."""

    given: GivenDate
    to: datetime
    late_after: datetime | None  # of a promise, an answer or a wait
    late_rule: LateRule


def forced(uow: UnitOfWork, *, old: Calendars, new: Calendars, back: Collection[Move] = ()) -> list[Move]:
    """Return the dates whose day becomes a day off; every other date stays as it was given.

    Args:
        back: of dates that an undo moves anyway.

    Raises:
        DatesBeyondCalendarError: the new calendar does not reach all of them.
    """
    shared: dict[tuple[str, str], list[AgencyId]] = defaultdict(list)
    for agency in new:
        shared[old[agency].version, new[agency].version].append(agency)
    moves: list[Move] = []
    gone = {move.given.name for move in back}
    for agencies in shared.values():
        before, after = old[agencies[0]], new[agencies[0]]
        _refuse_lost_years(uow, agencies, before, after, gone)
        off = newly_off(before, after)
        if not off:
            continue
        first = after.at_local(datetime.combine(min(off), time.min))
        last = after.at_local(datetime.combine(max(off), time.max))
        for given in _running(uow, uow.given_dates.between(agencies, first, last)):
            if after.local_date(given.at) in off and given.name not in gone:
                moves.append(_move(uow, given, kept_or_moved(after, given.at), after))
    return moves


def _refuse_lost_years(
    uow: UnitOfWork,
    agencies: Sequence[AgencyId],
    before: WorkingCalendar,
    after: WorkingCalendar,
    gone: Collection[Name],
) -> None:
    if after.last_year >= before.last_year:
        return
    first, last = (after.at_local(datetime(year + 1, 1, 1)) for year in (after.last_year, before.last_year))  # noqa: DTZ001
    lost = [given for given in _running(uow, uow.given_dates.between(agencies, first, last)) if given.name not in gone]
    if lost:
        when = f"{after.last_year + 1} or later"
        message = f"{len(lost)} dates of open dossiers lie in {when}, which the calendar would not cover any more"
        raise DatesBeyondCalendarError(f"{message}: keep the change until they have passed", dates=len(lost))


def taken_back(uow: UnitOfWork, change_id: int, *, new: Calendars) -> list[Move]:
    """Return the dates that a change moved and that nothing moved since, each back to where it was given.

    Where it was given by an earlier change that was undone meanwhile, and could not go back then, it goes back to
    before that one, too. One whose old day does not work any more goes to the next working moment.
    """
    moved = _ends(uow.events.of_move(change_id))
    undone = _ends(uow.events.of_moves_undone_since(change_id))
    moves = []
    for given in _running(uow, uow.given_dates.moved_by(change_id)):
        calendar, was = new.get(given.agency_id), moved.get((*given.name, given.at))
        if was is None or calendar is None:
            continue
        while (*given.name, was) in undone:
            was = undone[*given.name, was]
        to = kept_or_moved(calendar, was)
        if to != given.at:  # another owner's word may keep it where it is
            moves.append(_move(uow, given, to, calendar))
    return moves


def _running(uow: UnitOfWork, dates: Iterable[GivenDate]) -> Iterator[GivenDate]:
    """Yield the dates that do not wait for a clock that stands.

    After a pause the end of a stage is counted anew; a limit of a step's own has run on meanwhile.
    """
    for given in dates:
        if given.stands is None:
            yield given
            continue
        version, node = given.stands
        step = model.facts(uow.procedures.version(version).model).steps.get(node)
        if step is not None and step.own_limit is not None:
            yield given


def _ends(events: Sequence[Moves]) -> dict[tuple[Any, ...], datetime]:
    """Return where each date stood before a move, by its name and where it stood after."""
    return {
        (dossier, each["what"], each["key"], datetime.fromisoformat(each["after"])): datetime.fromisoformat(
            each["before"]
        )
        for dossier, payload in events
        for each in payload["moves"]
    }


def _move(uow: UnitOfWork, given: GivenDate, to: datetime, calendar: WorkingCalendar) -> Move:
    if given.late_rule is not None:  # a wait has its own
        rule = LateRule(given.late_rule)
        return Move(given, to, deadlines.late_after(calendar, to, rule), rule)
    if given.late_after is None:  # no limit: a step's end, an apology's date
        return Move(given, to, None, LateRule(uow.agencies.get(given.agency_id).late_rule))
    # it keeps the rule that it was made with, whatever the agency's is by now
    rule = LateRule.INSTANT if given.late_after == given.at else LateRule.DAY
    return Move(given, to, deadlines.late_after(calendar, to, rule), rule)


def described(uow: UnitOfWork, moves: Sequence[Move], *, new: Calendars, now: datetime) -> dict[str, Any]:
    """Return the moves for people, with what becomes late, what stops being late, and which letters are out."""
    dossiers = sorted({move.given.dossier_id for move in moves})
    names, letters = uow.given_dates.names(dossiers), uow.given_dates.letters(dossiers)
    shown: list[dict[str, Any]] = []
    for move in sorted(moves, key=lambda each: (names[each.given.dossier_id][0], each.given.what, str(each.given.key))):
        given, calendar = move.given, new[move.given.agency_id]
        letter = _letter_about(given, letters)
        shown.append(
            {
                "dossier": str(given.dossier_id),
                "code": names[given.dossier_id][0],
                "procedure": names[given.dossier_id][1],
                "what": given.what,
                "no": given.key if isinstance(given.key, int) else None,
                "due_before": calendar.local(given.at).isoformat(),
                "due_after": calendar.local(move.to).isoformat(),
                "was_late": given.late_after is not None and deadlines.is_late(now, given.late_after),
                "is_late": given.late_after is not None and deadlines.is_late(now, _late_after(move)),
                "letter": letter and {"id": str(letter.id), "state": letter.state.value, "number": letter.number},
            }
        )
    promises = [each for each in shown if each["what"] == "promise"]
    out = {each["letter"]["id"] for each in shown if each["letter"] and each["letter"]["state"] == LetterState.SENT}
    return {
        "moves": shown,
        "moved": len(dossiers),
        "become_late": sum(each["is_late"] and not each["was_late"] for each in promises),
        "stop_late": sum(each["was_late"] and not each["is_late"] for each in promises),
        "letters_out": len(out),
    }


def _letter_about(given: GivenDate, letters: Mapping[tuple[DossierId, int], Letter]) -> Letter | None:
    """Return the apology that speaks of a date: for a promise its own, for a new date the one that gave it."""
    if given.what == "promise":
        return letters.get((given.dossier_id, int(given.key or 0)))
    if given.what != "extension":
        return None
    about = (letters.get((given.dossier_id, no)) for no in (2, 1))  # a dossier has at most two appointments
    return next((letter for letter in about if letter is not None and letter.new_due_at == given.at), None)


@dataclass(frozen=True, slots=True)
class Act:
    """The change whose moves are written: its number, ground, time and person, and the calendars after it."""

    change: int
    ground: str
    at: datetime
    by: Actor
    new: Calendars


def carry_out(uow: UnitOfWork, act: Act, moves: Sequence[Move]) -> None:
    """Move the dates, each dossier's with one event that names the ground; the clock process looks at all again."""
    uow.given_dates.look_again(list(act.new), act.at)
    grouped: dict[DossierId, list[Move]] = defaultdict(list)
    for move in moves:
        grouped[move.given.dossier_id].append(move)
    for ids in batches(sorted(grouped)):
        rows, writes = uow.given_dates.behind(ids), Writes()
        for dossier in rows.dossiers:
            _move_dossier(act, dossier, grouped[dossier.id], rows, writes)
        uow.given_dates.write(writes)


def _move_dossier(act: Act, dossier: MovingDossier, moves: Sequence[Move], rows: Rows, writes: Writes) -> None:
    calendar = act.new[dossier.resolving_agency_id]
    facts: dict[str, Any] = {
        "change": act.change,
        "ground": act.ground,
        "calendar": calendar.version,
        "late_rule": next((each.late_rule for each in moves if each.given.late_after), moves[0].late_rule).value,
        "moves": [],
    }
    new: dict[str, Any] = {}
    for move in moves:
        given = move.given
        facts["moves"].append({"what": given.what, "key": given.key, "before": iso(given.at), "after": iso(move.to)})
        if given.what == "extension":
            new["extended_due_at"] = move.to
            facts["moves"][-1] |= _write_extension(calendar, move, rows, writes)
        elif given.what == "step":
            writes.steps.append({"b_id": UUID(str(given.key)), "due_at": move.to})
        elif given.what == "wait":
            dates = {"due_at": move.to, "calendar_version": calendar.version, "wake_at": _late_after(move) + JUST_AFTER}
            writes.waits.append({"b_dossier": dossier.id, "b_wait": given.key, **dates})
        elif given.what == "answer":
            _write_answer(calendar, move, rows, writes)
        else:
            new |= (promised := _write_promise(act, calendar, move, rows, writes))
            facts |= _promise_facts(move, promised)
    event = event_after(dossier, EventKind.PROMISE_MOVED, at=act.at, actor=act.by.id, payload=facts)
    writes.events.append(event)
    writes.dossiers.append({"b_id": dossier.id, "event_seq": event["seq"], "event_hash": event["hash"], **new})
    writes.marks.append(
        {
            "change_id": act.change,
            "dossier_id": dossier.id,
            "owner_agency_id": dossier.owner_agency_id,
            "seq": event["seq"],
        }
    )


def _write_answer(calendar: WorkingCalendar, move: Move, rows: Rows, writes: Writes) -> None:
    dossier, no, late_after = move.given.dossier_id, int(move.given.key or 0), _late_after(move)
    limit = rows.limits[dossier, "answer", no]
    dates = {"due_at": move.to, "late_after": late_after, "calendar_version": calendar.version}
    writes.answers.append({"b_id": limit.id, "wake_at": late_after + JUST_AFTER, **dates})
    writes.supplements.append({"b_dossier": dossier, "b_no": no, "answer_due_at": move.to})


def _write_extension(calendar: WorkingCalendar, move: Move, rows: Rows, writes: Writes) -> dict[str, Any]:
    """Move the limit that watches the new date of an apology; return what the event says of it."""
    running = (
        limit
        for (dossier, kind, _no), limit in rows.limits.items()
        if dossier == move.given.dossier_id and kind == "extension" and limit.running_from is not None
    )
    limit = next(running, None)
    if limit is None:
        return {}
    late_after = deadlines.late_after(calendar, move.to, move.late_rule)
    dates = {"due_at": move.to, "late_after": late_after, "calendar_version": calendar.version}
    writes.answers.append({"b_id": limit.id, "wake_at": late_after + JUST_AFTER, **dates})
    return {"late_after": iso(late_after)}


def _write_promise(act: Act, calendar: WorkingCalendar, move: Move, rows: Rows, writes: Writes) -> dict[str, Any]:
    """Write the limit; return the new columns of the dossier."""
    late_after = _late_after(move)
    limit = rows.limits[move.given.dossier_id, "promise", int(move.given.key or 0)]
    # where it stopped being late the mark goes; should it become late again, it is marked then
    passed_at = limit.passed_at if deadlines.is_late(act.at, late_after) else None
    dates = {"due_at": move.to, "late_after": late_after, "calendar_version": calendar.version}
    writes.promises.append({"b_id": limit.id, "wake_at": act.at, "passed_at": passed_at, **dates})
    begins = min(limit.running_from or act.at, move.to)
    provisional = calendar.is_provisional(calendar.local_date(begins), calendar.local_date(move.to))
    return {**dates, "is_provisional": provisional}


def _promise_facts(move: Move, promised: dict[str, Any]) -> dict[str, Any]:
    return {
        "promise": int(move.given.key or 0),
        "due_at": iso(promised["due_at"]),
        "late_after": iso(promised["late_after"]),
        "provisional": promised["is_provisional"],
    }


def _late_after(move: Move) -> datetime:
    assert move.late_after is not None  # noqa: S101 - a limit has one
    return move.late_after
