"""What the fact of a dossier says, computed from its rows: pure functions (docs/reference/statistics.md).

The members of a chain, the dossiers filed by the result of the one before, make one fact (domain.md §1.7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.domain import deadlines
from engine.domain.calendar import WorkingCalendar
from engine.domain.dossier import Channel, DeadlineState, Status, TaskState
from engine.domain.holding import Appointment, Pause
from engine.domain.ids import AgencyId, DossierId, OfficerId, ProcedureId, TaskId, UnitId
from engine.domain.limits import Limit, Unit
from engine.domain.statistics import NEVER, Apologised, Outcome
from engine.domain.time_ledger import MINUTE, Ledger, Who, granted

LATER = timedelta(microseconds=1)
Values = dict[str, Any]  #: a row of ``dossier_fact`` by column


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter of apology."""

    ordered_at: datetime
    promise_no: int
    cause: str | None
    is_withdrawn: bool
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewDate:
    """The new date in a letter that is watched; ``is_broken`` once the clock process, or the end, has found it so."""

    promise_no: int
    late_after: datetime
    is_broken: bool
    state: str


@dataclass(frozen=True, slots=True)
class Component:
    """A paper of the dossier; one with ``replaces_no`` stands for the paper before it."""

    no: int
    replaces_no: int | None
    has_file: bool
    source: str


@dataclass(frozen=True, slots=True)
class Duty:
    """A financial obligation."""

    settled_how: str | None
    paid_by: str | None
    is_nothing: bool  #: of 0 đồng


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the processing."""

    id: TaskId
    state: str
    unit_id: UnitId
    assignee_id: OfficerId | None
    closed_by: OfficerId | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Parts:
    """The rows of a dossier that its fact depends on."""

    letters: Sequence[SentLetter] = ()
    new_dates: Sequence[NewDate] = ()
    papers: Sequence[Component] = ()
    duties: Sequence[Duty] = ()
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class TimeUsed:
    """Office minutes of a closed dossier: used of the limit, promised, late, and who is charged with most of it.

    Of an open one that is late: up to its last event.
    """

    used: int
    limit: int
    late: int | None
    charged: Who | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A dossier, alone or in a chain."""

    id: DossierId
    code: str | None
    receiving_agency_id: AgencyId
    resolving_agency_id: AgencyId
    returning_agency_id: AgencyId
    procedure_id: ProcedureId
    procedure_code: str
    channel: Channel
    status: Status
    received_at: datetime | None
    due_at: datetime | None
    late_after: datetime | None
    missed_late_after: datetime | None
    finished_at: datetime | None
    ended_at: datetime | None
    is_granted: bool
    returns_online: bool
    late_cause: str | None
    source: str | None
    event_seq: int
    parts: Parts
    time: TimeUsed | None = None  #: None while it is open in time, and when the calendar does not cover its time
    legal_minutes: int | None = None

    @property
    def decided_at(self) -> datetime | None:
        """When its processing ended with a decision; an imported dossier may only say when it was returned."""
        return self.finished_at or (self.ended_at if self.status is Status.RETURNED else None)

    @property
    def closed_at(self) -> datetime | None:
        """When its time ended (domain.md §1.11)."""
        return self.finished_at or self.ended_at

    @property
    def waits(self) -> bool:
        """Whether it waits to be received."""
        return self.received_at is None and self.status is not Status.NOT_RECEIVED

    @property
    def promise(self) -> datetime | None:
        """The first instant after which a promise of it is, or was, broken."""
        return min((each for each in (self.missed_late_after, self.late_after) if each is not None), default=None)

    @property
    def is_broken(self) -> bool:
        """Whether it ended after a promise; of an open one nothing is known."""
        return self.closed_at is not None and self.promise is not None and self.closed_at > self.promise


def fact_of(members: Iterable[Member], local_date: Callable[[datetime], date]) -> Values | None:
    """Return the row of ``dossier_fact`` of a dossier or chain; None before the first of it is received.

    Args:
        members: the whole chain, its first dossier first.
        local_date: by the calendar of the first one's resolving agency.
    """
    chain = list(members)
    root = chain[0]
    received = sorted((each for each in chain if each.received_at is not None), key=lambda each: _place(each, root))
    if root.received_at is None:
        return None
    waits = any(each.waits for each in chain)
    closed_at = None if waits else _closed_at(received)
    row: Values = {
        "dossier_id": root.id,
        "code": root.code,
        "receiving_agency_id": root.receiving_agency_id,
        "resolving_agency_id": root.resolving_agency_id,
        "returning_agency_id": root.returning_agency_id,
        "procedure_id": root.procedure_id,
        "procedure_code": root.procedure_code,
        "channel": root.channel,
        "received_at": root.received_at,
        "received_on": local_date(root.received_at),
        "closed_at": closed_at,
        "closed_on": _day(closed_at, local_date),
        "members": len(received) + sum(each.waits for each in chain),
        "event_seq": sum(each.event_seq for each in chain),
        "source": root.source,
    }
    row |= _promise(received, closed_at, local_date)
    row |= _letters(received, closed_at, local_date)
    row |= _time(received, closed_at)
    row |= _lateness(received, is_open=closed_at is None, is_late=row["late_on"] != NEVER)
    return row | _who(received, closed_at) | _papers(received)


def _place(member: Member, root: Member) -> tuple[bool, datetime, DossierId]:
    assert member.received_at is not None  # noqa: S101 - only received ones are sorted
    return member is not root, member.received_at, member.id


def _closed_at(received: Sequence[Member]) -> datetime | None:
    """Return when the last of them ended; None while one is open."""
    ends = [each.closed_at for each in received]
    known = [each for each in ends if each is not None]
    return max(known) if len(known) == len(ends) else None


def _day(at: datetime | None, local_date: Callable[[datetime], date]) -> date:
    return NEVER if at is None else local_date(at)


def _promise(received: Sequence[Member], closed_at: datetime | None, local_date: Callable[[datetime], date]) -> Values:
    """Return the promise that decides, and how it stands (domain.md §6.3).

    ``late_after`` is the first of all that were broken or can still be; of a kept one that of the last dossier.
    """
    last = received[-1]
    matter = [each.promise for each in received if each.is_broken or each.closed_at is None]
    late_after = min((each for each in matter if each is not None), default=None)
    broken = any(each.is_broken for each in received)
    row: Values = {
        "due_at": last.due_at,
        "late_after": last.promise if late_after is None and closed_at is not None else late_after,
        # a due date that ends at midnight by the day rule is late on the next date, an instant on its own
        "late_on": NEVER if late_after is None else local_date(late_after + LATER),
    }
    if closed_at is None:
        return row | {"outcome": Outcome.OPEN}
    if last.decided_at is None:
        return row | {"outcome": Outcome.WITHDRAWN if last.status is Status.WITHDRAWN else Outcome.STOPPED}
    if broken:
        return row | {"outcome": Outcome.LATE}
    early = last.due_at is not None and local_date(closed_at) < local_date(last.due_at)
    return row | {"outcome": Outcome.EARLY if early else Outcome.ON_TIME}


def _letters(received: Sequence[Member], closed_at: datetime | None, local_date: Callable[[datetime], date]) -> Values:
    """Return what became of the letters of apology and their new dates (domain.md §1.9)."""
    sent = [letter.sent_at for each in received for letter in each.parts.letters if letter.sent_at is not None]
    if not sent:
        return {"apologised": Apologised.NONE, "apologised_on": NEVER, "unkept_on": NEVER}
    dates = [(new, _is_unkept(new, each.closed_at)) for each in received for new in each.parts.new_dates]
    unkept = any(is_unkept for _, is_unkept in dates)
    met = dates and closed_at is not None
    became = Apologised.UNKEPT if unkept else Apologised.MET if met else Apologised.SENT
    # a new date that still runs passes on a known day, whether or not the clock process sees it then
    runs = closed_at is None
    passes = [new for new, is_unkept in dates if is_unkept or (runs and new.state == DeadlineState.RUNNING)]
    return {
        "apologised": became,
        "apologised_on": local_date(min(sent)),
        "unkept_on": min((local_date(new.late_after + LATER) for new in passes), default=NEVER),
    }


def _is_unkept(new: NewDate, closed_at: datetime | None) -> bool:
    """Tell whether a new date is known not to be kept: it is marked, or the dossier ended after it."""
    ended_late = closed_at is not None and closed_at > new.late_after
    return new.is_broken or (new.state == DeadlineState.RUNNING and ended_late)


def _time(received: Sequence[Member], closed_at: datetime | None) -> Values:
    """Return used and promised minutes of a closed dossier, and those that the law grants."""
    times = [each.time for each in received if each.time is not None]
    legal = [each.legal_minutes for each in received if each.legal_minutes is not None]
    row: Values = {"used_minutes": None, "limit_minutes": None, "percent_used": -1}
    row["legal_minutes"] = sum(legal) if len(legal) == len(received) else None
    if closed_at is None or len(times) < len(received):
        return row
    row["used_minutes"], row["limit_minutes"] = sum(each.used for each in times), sum(each.limit for each in times)
    row["percent_used"] = percent(row["used_minutes"], row["limit_minutes"])
    return row


def percent(used: int, limit: int) -> int:
    """Return which share of the limit was used, in percent and rounded up; -1 when nothing was promised."""
    return -(-100 * used // limit) if limit > 0 else -1


def _lateness(received: Sequence[Member], *, is_open: bool, is_late: bool) -> Values:
    """Return how late a dossier ended, why, and who is charged with most of it (domain.md §6.4).

    Of an open one, the cause that was named by now, and who is charged as of its last event: minutes grow with time.
    """
    row: Values = dict.fromkeys(
        ("late_minutes", "late_cause", "charged_side", "charged_agency_id", "charged_unit_id"), None
    )
    if not is_open and not is_late:
        return row
    row["late_cause"] = next((cause for each in reversed(received) if (cause := _cause(each)) is not None), None)
    late = [each.time for each in received if each.time is not None and each.time.late is not None]
    if not late:
        return row
    if not is_open:
        row["late_minutes"] = sum(each.late or 0 for each in late)
    worst = max(late, key=lambda each: each.late or 0).charged
    if worst is not None:
        row |= {
            "charged_side": worst.side.value,
            "charged_agency_id": worst.agency,
            "charged_unit_id": worst.unit,
        }
    return row


def _cause(member: Member) -> str | None:
    """Return the cause in its latest letter that was not withdrawn and names one; else what its page says."""
    named = [each for each in member.parts.letters if each.cause is not None and not each.is_withdrawn]
    latest = max(named, key=lambda each: (each.ordered_at, each.promise_no), default=None)
    return member.late_cause if latest is None else latest.cause


def _who(received: Sequence[Member], closed_at: datetime | None) -> Values:
    """Return who did the longest step of the processing; while it is open, who has the step that waits longest.

    An open step is nobody's before somebody takes it; then who did the longest one before it is named.
    """
    steps = sorted((step for each in received for step in each.parts.steps), key=lambda step: (step.opened_at, step.id))
    waiting = [step for step in steps if step.state == TaskState.OPEN]
    taken = [step for step in waiting if step.assignee_id is not None]
    done = [step for step in steps if step.state == TaskState.DONE and (step.closed_by or step.assignee_id)]
    if closed_at is None and taken:
        return {"unit_id": taken[0].unit_id, "officer_id": taken[0].assignee_id}
    if done:
        longest = max(done, key=lambda step: (step.closed_at or step.opened_at) - step.opened_at)
        return {"unit_id": longest.unit_id, "officer_id": longest.closed_by or longest.assignee_id}
    any_unit = [*waiting, *reversed(steps)]
    return {"unit_id": any_unit[0].unit_id if any_unit else None, "officer_id": None}


def _papers(received: Sequence[Member]) -> Values:
    """Return what the index of decision 766 counts (domain.md §5)."""
    duties = [duty for each in received for duty in each.parts.duties if not duty.is_nothing]
    owed = [duty for duty in duties if duty.settled_how != "exempt"]
    papers = [paper for each in received for paper in _in_force(each.parts.papers)]
    last = received[-1]
    has_result = last.is_granted and last.decided_at is not None
    return {
        "has_obligation": bool(owed),
        "paid_online": any(duty.settled_how == "paid" and duty.paid_by == "online" for duty in owed),
        "papers": len(papers),
        "digitised": sum(paper.has_file for paper in papers),
        "reused": sum(paper.source == "reused" for paper in papers),
        "has_result": has_result,
        "electronic_result": has_result and last.returns_online,
    }


def _in_force(papers: Iterable[Component]) -> list[Component]:
    found = list(papers)
    replaced = {each.replaces_no for each in found}
    return [each for each in found if each.no not in replaced]


def time_of(account: Ledger) -> TimeUsed:
    """Return what of the account of a closed dossier its fact keeps: time in a pause, or before a restart, is not used.

    The largest charge names who is charged.
    """
    used = sum(entry.minutes for entry in account.entries if entry.counts and not isinstance(entry.holder, Pause))
    charged = account.charges[0].who if account.charges else None
    return TimeUsed(used, account.limit, account.late_minutes, charged)


def legal_minutes(calendar: WorkingCalendar, *, received_at: datetime, limit: Limit) -> int:
    """Measure what the law grants in office minutes, as a promise of the same limit is measured (``time_ledger``).

    Raises:
        CalendarGapError: the calendar does not cover it.
    """
    unit = limit.segments[0].unit
    begins = deadlines.counted_from(calendar, received_at=received_at, unit=unit, cutoff=None)
    ends = begins
    if any(each.unit is Unit.CALENDAR_DAY for each in limit.segments):
        ends = deadlines.due_instant(calendar, received_at=received_at, limit=limit)
    return granted(calendar, (), Appointment(1, limit, begins, ends), due_at=ends) // MINUTE
