"""Dates that open dossiers were given, when a calendar changes: which move, why, and the event that says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from bpmn import model as models
from engine.context import Context
from engine.domain import deadlines
from engine.domain.actors import Actor
from engine.domain.calendar import WorkingCalendar
from engine.domain.calendar_moves import kept_or_moved, newly_off
from engine.domain.deadlines import LateRule
from engine.domain.dossier import LetterState
from engine.domain.events import EventKind
from engine.domain.ids import AgencyId, DossierId
from engine.services.case import Case, iso, record
from engine.services.lateness import JUST_AFTER
from engine.store.calendars import CalendarMove
from engine.store.dossiers import Dossier
from engine.store.given_dates import GivenDate, Rows, batches
from engine.store.unit_of_work import UnitOfWork

Calendars = Mapping[AgencyId, WorkingCalendar]  #: by resolving agency


@dataclass(frozen=True, slots=True)
class Move:
    """A given date that a change moves to another instant."""

    given: GivenDate
    to: datetime
    late_after: datetime | None  # of a promise or an answer


def forced(uow: UnitOfWork, *, old: Calendars, new: Calendars) -> list[Move]:
    """Return the dates whose day becomes a day off; every other date stays as it was given."""
    shared: dict[tuple[str, str], list[AgencyId]] = defaultdict(list)
    for agency in new:
        shared[old[agency].version, new[agency].version].append(agency)
    moves: list[Move] = []
    for agencies in shared.values():
        before, after = old[agencies[0]], new[agencies[0]]
        off = newly_off(before, after)
        if not off:
            continue
        first = after.at_local(datetime.combine(min(off), time.min))
        last = after.at_local(datetime.combine(max(off), time.max))
        for given in uow.given_dates.between(agencies, first, last):
            if after.local_date(given.at) in off:
                moves.append(_move(uow, given, kept_or_moved(after, given.at), after))
    return moves


def taken_back(uow: UnitOfWork, change_id: int, *, new: Calendars) -> list[Move]:
    """Return the dates that a change moved and that nothing moved since, each back to where it was given.

    One whose old day does not work any more goes to the next working moment.
    """
    rows = uow.calendars.moves(change_id)
    events = uow.events.at([(row.dossier_id, row.seq) for row in rows])
    before = {
        (event.dossier_id, each["what"], each["key"]): (each["before"], each["after"])
        for event in events
        for each in event.payload["moves"]
    }
    moves = []
    for given in uow.given_dates.of(sorted({row.dossier_id for row in rows})):
        was, then = before.get((given.dossier_id, given.what, given.key), (None, None))
        calendar = new.get(given.agency_id)
        if was is None or then is None or calendar is None or given.at != datetime.fromisoformat(then):
            continue
        moves.append(_move(uow, given, kept_or_moved(calendar, datetime.fromisoformat(was)), calendar))
    return moves


def _move(uow: UnitOfWork, given: GivenDate, to: datetime, calendar: WorkingCalendar) -> Move:
    late_after = None
    if given.what in ("promise", "answer"):
        rule = LateRule(uow.agencies.get(given.agency_id).late_rule)
        late_after = deadlines.late_after(calendar, to, rule)
    return Move(given, to, late_after)


def described(uow: UnitOfWork, moves: Sequence[Move], *, new: Calendars, now: datetime) -> dict[str, Any]:
    """Return the moves for people, with what becomes late, what stops being late, and which letters are out."""
    dossiers = sorted({move.given.dossier_id for move in moves})
    names, letters = uow.given_dates.names(dossiers), uow.given_dates.letters(dossiers)
    shown: list[dict[str, Any]] = []
    for move in sorted(moves, key=lambda each: (names[each.given.dossier_id][0], each.given.what, str(each.given.key))):
        given, calendar = move.given, new[move.given.agency_id]
        letter = letters.get((given.dossier_id, int(given.key or 0))) if given.what == "promise" else None
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
                "is_late": move.late_after is not None and deadlines.is_late(now, move.late_after),
                "letter": letter and {"id": str(letter.id), "state": letter.state.value, "number": letter.number},
            }
        )
    promises = [each for each in shown if each["what"] == "promise"]
    out = LetterState.SENT.value
    return {
        "moves": shown,
        "moved": len(dossiers),
        "become_late": sum(each["is_late"] and not each["was_late"] for each in promises),
        "stop_late": sum(each["was_late"] and not each["is_late"] for each in promises),
        "letters_out": sum(each["letter"] is not None and each["letter"]["state"] == out for each in promises),
    }


def carry_out(
    ctx: Context, uow: UnitOfWork, *, by: Actor, moves: Sequence[Move], new: Calendars, change: int, ground: str
) -> None:
    """Move the dates, each dossier's with one event that names the ground; the clock process looks at all again."""
    uow.given_dates.look_again(list(new), ctx.clock.now())
    grouped: dict[DossierId, list[Move]] = defaultdict(list)
    for move in moves:
        grouped[move.given.dossier_id].append(move)
    for ids in batches(sorted(grouped)):
        rows = uow.given_dates.lock(ids)
        marks = []
        for dossier in rows.dossiers:
            case = _case(ctx, uow, by, dossier, new[dossier.resolving_agency_id])
            payload = {"change": change, "ground": ground, **_carry_out(case, grouped[dossier.id], rows)}
            event = record(case, EventKind.PROMISE_MOVED, payload)
            marks.append(
                CalendarMove(
                    change_id=change, dossier_id=dossier.id, owner_agency_id=dossier.owner_agency_id, seq=event.seq
                )
            )
        uow.calendars.add_moves(marks)
        uow.flush()


def _case(ctx: Context, uow: UnitOfWork, by: Actor, dossier: Dossier, calendar: WorkingCalendar) -> Case:
    """Open a locked dossier without asking for the calendar again, of which there is one for thousands."""
    version = uow.procedures.version(dossier.version_id)
    return Case(
        ctx=ctx,
        uow=uow,
        by=by,
        now=ctx.clock.now(),
        dossier=dossier,
        version=version,
        facts=models.facts(version.model),
        calendar=calendar,
        late_rule=LateRule(uow.agencies.get(dossier.resolving_agency_id).late_rule),
    )


def _carry_out(case: Case, moves: Sequence[Move], rows: Rows) -> dict[str, Any]:
    """Change the rows; return the facts of the event."""
    facts: dict[str, Any] = {"calendar": case.calendar.version, "late_rule": case.late_rule.value, "moves": []}
    for move in moves:
        given = move.given
        facts["moves"].append({"what": given.what, "key": given.key, "before": iso(given.at), "after": iso(move.to)})
        if given.what == "step":
            rows.tasks[str(given.key)].due_at = move.to
        elif given.what == "extension":
            case.dossier.extended_due_at = move.to
        else:
            facts |= _move_limit(case, move, rows)
    return facts


def _move_limit(case: Case, move: Move, rows: Rows) -> dict[str, Any]:
    given, dossier = move.given, case.dossier
    no = int(given.key or 0)
    limit = rows.limits[dossier.id, given.what, no]
    assert move.late_after is not None  # noqa: S101 - a limit has one
    limit.due_at, limit.late_after, limit.calendar_version = move.to, move.late_after, case.calendar.version
    if given.what == "answer":
        limit.wake_at = move.late_after + JUST_AFTER
        rows.supplements[dossier.id, no].answer_due_at = move.to
        return {}
    limit.wake_at, limit.wake_for = case.now, limit.wake_for or "passed"
    if limit.passed_at is not None and not deadlines.is_late(case.now, move.late_after):
        limit.passed_at = None  # it stopped being late; should it become so again, that is marked then
    dossier.due_at, dossier.late_after, dossier.calendar_version = move.to, move.late_after, case.calendar.version
    begins = limit.running_from or case.now
    dossier.is_provisional = case.calendar.is_provisional(
        case.calendar.local_date(min(begins, move.to)), case.calendar.local_date(move.to)
    )
    return {
        "promise": no,
        "due_at": iso(move.to),
        "late_after": iso(move.late_after),
        "provisional": dossier.is_provisional,
    }
