"""The time ledger of a dossier: who used its working time, and who is charged with its lateness (domain.md §1.7, §6.4).

Times are working microseconds as exact fractions; minutes are made of them once, by largest remainder, so that every
way of adding them up gives the same total (docs/reference/working-time.md, "Who used the time").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import TypeAlias, TypeVar

from engine.domain.calendar import WorkingCalendar
from engine.domain.holding import Appointment, History, Hold, Holder, Pause, Piece
from engine.domain.ids import AgencyId, UnitId
from engine.domain.limits import Limit, Unit
from engine.domain.local_clock import HOUR
from engine.domain.stages import Stage, shares_of

MINUTE = 60_000_000
"""Microseconds of a minute."""

NOTHING = Fraction(0)

Times: TypeAlias = dict[Holder, Fraction]
"""Working microseconds of each holder, in the order in which they came to hold the dossier."""


Blame: TypeAlias = dict["Who", Fraction]
"""Working microseconds of lateness by who is charged with them; who is blamed most comes first."""


class Side(StrEnum):
    """Who is charged with lateness: the resolving agency, another agency, or the citizen."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    CITIZEN = "citizen"


@dataclass(frozen=True, slots=True)
class Entry:
    """The time of one holder; no share is measured by what does not count: time before a restart, or between two
    appointments.
    """

    holder: Holder
    counts: bool
    minutes: int


@dataclass(frozen=True, slots=True)
class StageUse:
    """What a stage was given and used, in working minutes.

    ``over`` is negative while less than the share is used; ``share`` and ``over`` are None without comparable shares.
    ``uncounted`` is the part of ``used`` that is not set against the share: it lies before a restart, or between two
    appointments.
    """

    no: int
    share: int | None
    used: int
    uncounted: int
    over: int | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What is asked of an appointment: when it was due, whether it is broken, what each stage is of its limit.

    Without ``parts`` the shares of the stages cannot be compared with the limit (``parts_of``).
    """

    due_at: datetime
    is_broken: bool
    parts: Mapping[int, Fraction] | None


@dataclass(frozen=True, slots=True)
class Who:
    """Who is charged: the citizen has neither agency nor unit, and time that nobody held has no unit."""

    side: Side
    agency: AgencyId | None
    unit: UnitId | None


@dataclass(frozen=True, slots=True)
class Charge:
    """A part of the lateness."""

    who: Who
    minutes: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole account, in working minutes; ``charges`` are None unless a promise is broken, largest first.

    ``limit`` is that of all appointments made so far.
    """

    minutes: int
    limit: int
    entries: tuple[Entry, ...]
    stages: tuple[StageUse, ...]
    charges: tuple[Charge, ...] | None

    @property
    def late_minutes(self) -> int | None:
        """Working minutes by which promises were broken, up to the end of processing or now."""
        return None if self.charges is None else sum(charge.minutes for charge in self.charges)


def ledger(
    calendar: WorkingCalendar, history: History, promises: Mapping[int, Promise], *, resolving: AgencyId
) -> Ledger:
    """Account for the time of a dossier.

    Args:
        calendar: the one in force for the resolving agency; everything is measured on it.
        promises: by number of the appointment.
        resolving: the agency that decides.

    Raises:
        CalendarGapError: the calendar does not cover the dossier's time.
    """
    comparable = all(promise.parts is not None for promise in promises.values())
    shares: dict[int, Fraction] = {}
    counted: Times = {}
    blames: list[Blame] = []
    limit = 0
    for appointment in history.appointments:
        promise = promises[appointment.no]
        length = granted(calendar, history.pauses, appointment, due_at=promise.due_at)
        limit += length
        _add(shares, {no: part * length for no, part in (promise.parts or {}).items()})
        used = held(calendar, history.pieces, appointment.granted_from, appointment.until)
        if promise.is_broken:
            late = held(calendar, history.pieces, promise.due_at, appointment.until)
            left = _left(shares, counted) if comparable else None
            blames.append(blame(late=late, used=used, shares=left, resolving=resolving))
        _add(counted, used)
    entries = _entries(held(calendar, history.pieces, history.counted_from, history.until), counted)
    return Ledger(
        minutes=sum(entry.minutes for entry in entries),
        limit=limit // MINUTE,
        entries=entries,
        stages=_stages(entries, shares if comparable else None),
        charges=charges(blames) if blames else None,
    )


def held(calendar: WorkingCalendar, pieces: Iterable[Piece], from_at: datetime, to_at: datetime) -> Times:
    """Measure the working time of each holder between two instants; k holders at once have a k-th each.

    Raises:
        CalendarGapError: a piece lies outside the calendar.
    """
    times: Times = {}
    for piece in pieces:
        begins, ends = max(piece.from_at, from_at), min(piece.to_at, to_at)
        if begins >= ends:
            continue
        each = Fraction(calendar.worked(ends) - calendar.worked(begins), len(piece.holders))
        for holder in piece.holders:
            times[holder] = times.get(holder, NOTHING) + each
    return {holder: time for holder, time in times.items() if time}


def granted(calendar: WorkingCalendar, pauses: Iterable[Pause], appointment: Appointment, *, due_at: datetime) -> int:
    """Measure a limit in working microseconds: a working day is a whole day of the hours in force when it was granted.

    So a day that is declared off later, while the promise is kept, takes nothing from what was granted. A limit with
    calendar days is measured as it fell on the days of this dossier: until the promise, without the pauses that moved
    it.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    if all(segment.unit is not Unit.CALENDAR_DAY for segment in appointment.limit.segments):
        lengths = {Unit.WORKING_HOUR: HOUR, Unit.WORKING_DAY: calendar.whole_day(appointment.granted_from)}
        return floor(sum((each.amount * lengths[each.unit] for each in appointment.limit.segments), NOTHING))

    def until_due(from_at: datetime, to_at: datetime) -> int:
        begins, ends = max(from_at, appointment.granted_from), min(to_at, due_at)
        return calendar.worked(ends) - calendar.worked(begins) if begins < ends else 0

    ended = [(pause.from_at, pause.to_at) for pause in pauses if pause.to_at and pause.to_at <= appointment.until]
    return until_due(appointment.granted_from, due_at) - sum(until_due(*span) for span in ended)


def parts_of(stages: Sequence[Stage], *, total: Limit) -> dict[int, Fraction] | None:
    """Find what each stage is of the limit, cut as ``shares_of`` cuts; None when they cannot be compared with it."""
    amount = sum((segment.amount for segment in total.segments), NOTHING)
    parts = {}
    for stage in stages:
        shares = shares_of(stages, current=stage.no, total=total)
        if shares is None or amount == 0:
            return None
        parts[stage.no] = shares.own.segments[0].amount / amount
    return parts or None


def advice(share: int, *, step: Limit, stage: Limit) -> int | None:
    """Find what a step should use of its stage's share, in minutes; None when the two limits cannot be compared."""
    segments = (*step.segments, *stage.segments)
    whole = sum((segment.amount for segment in stage.segments), NOTHING)
    if len({segment.unit for segment in segments}) != 1 or whole == 0:
        return None
    return floor(share * sum((segment.amount for segment in step.segments), NOTHING) / whole)


def blame(*, late: Times, used: Times, shares: Mapping[int, Fraction] | None, resolving: AgencyId) -> Blame:
    """Divide the lateness of one promise exactly among those who caused it, who overran most first.

    Time in which the dossier stood still is the citizen's: only a pause after the promise was broken lies in it. The
    rest is divided by what each stage used beyond its share, and inside a stage by who used it. Without comparable
    shares, or when no stage exceeds its own, it is divided among those who held the dossier while it was late.

    Args:
        late: who held the dossier since the promise was due.
        used: who held it since its limit was counted from.
        shares: what each stage may use of it, in working microseconds.
        resolving: the agency that decides; every other one is outside.
    """
    waited = sum((time for holder, time in late.items() if isinstance(holder, Pause)), NOTHING)
    rest = sum(late.values(), NOTHING) - waited
    causes = {} if shares is None else _overruns(used, shares)
    if not causes:
        causes = {holder: time for holder, time in late.items() if not isinstance(holder, Pause)}
    whole = sum(causes.values(), NOTHING)
    found: Blame = {}
    for holder, time in sorted(causes.items(), key=lambda item: -item[1]):
        _add(found, {_who(holder, resolving): rest * time / whole})
    if waited:
        found[Who(Side.CITIZEN, None, None)] = waited
    return found


def charges(blames: Iterable[Blame]) -> tuple[Charge, ...]:
    """Add up what is to be charged, the largest part first; the minutes sum exactly to the whole lateness."""
    whole: Blame = {}
    for each in blames:
        _add(whole, each)
    ordered = sorted(whole.items(), key=lambda item: -item[1])
    minutes = whole_numbers([time / MINUTE for _, time in ordered])
    return tuple(Charge(who, count) for (who, _), count in zip(ordered, minutes, strict=True))


def main_cause(account: Ledger) -> UnitId | None:
    """Find the unit that caused a lateness: that of the largest charge; before there are any, of the worst overrun.

    None when most is the citizen's or nobody's, or no stage has used more than its share.
    """
    if account.charges:
        return account.charges[0].who.unit
    over = {stage.no: stage.over for stage in account.stages if stage.over is not None and stage.over > 0}
    if not over:
        return None
    worst = max(over, key=lambda no: over[no])
    used: dict[UnitId, int] = {}
    for entry in account.entries:
        if isinstance(entry.holder, Hold) and entry.holder.stage == worst and entry.counts:
            used[entry.holder.unit] = used.get(entry.holder.unit, 0) + entry.minutes
    return max(used, key=lambda unit: used[unit], default=None)


def whole_numbers(quotas: Sequence[Fraction]) -> list[int]:
    """Round quotas down or up so that they sum to their whole sum: the largest remainders go up, of equals the first.

    None of them is negative.
    """
    numbers = [floor(quota) for quota in quotas]
    short = floor(sum(quotas, NOTHING)) - sum(numbers)
    by_remainder = sorted(range(len(quotas)), key=lambda at: numbers[at] - quotas[at])
    for at in by_remainder[:short]:
        numbers[at] += 1
    return numbers


_Key = TypeVar("_Key")


def _add(times: dict[_Key, Fraction], more: Mapping[_Key, Fraction]) -> None:
    for key, time in more.items():
        times[key] = times.get(key, NOTHING) + time


def _left(shares: Mapping[int, Fraction], counted: Times) -> dict[int, Fraction]:
    """Take off what earlier appointments used of the shares: a stage may lie on both sides of a payment."""
    left = dict(shares)
    for holder, time in counted.items():
        if isinstance(holder, Hold):
            left[holder.stage] = max(left.get(holder.stage, NOTHING) - time, NOTHING)
    return left


def _entries(times: Times, counted: Times) -> tuple[Entry, ...]:
    parts = [
        (holder, counts, part)
        for holder, time in times.items()
        for counts, part in ((False, time - counted.get(holder, NOTHING)), (True, counted.get(holder, NOTHING)))
        if part
    ]
    minutes = whole_numbers([part / MINUTE for _, _, part in parts])
    return tuple(Entry(holder, counts, count) for (holder, counts, _), count in zip(parts, minutes, strict=True))


def _stages(entries: Sequence[Entry], shares: Mapping[int, Fraction] | None) -> tuple[StageUse, ...]:
    times = shares or {}
    given = dict(zip(times, whole_numbers([share / MINUTE for share in times.values()]), strict=True))
    used: dict[int, int] = dict.fromkeys(given, 0)
    uncounted = dict(used)
    for entry in entries:
        if isinstance(entry.holder, Hold):
            no = entry.holder.stage
            used[no] = used.get(no, 0) + entry.minutes
            uncounted[no] = uncounted.get(no, 0) + (0 if entry.counts else entry.minutes)
    if shares is None:
        return tuple(StageUse(no, None, used[no], uncounted[no], None) for no in sorted(used))
    return tuple(
        StageUse(no, given.get(no, 0), used[no], uncounted[no], used[no] - uncounted[no] - given.get(no, 0))
        for no in sorted(used)
    )


def _overruns(times: Times, shares: Mapping[int, Fraction]) -> Times:
    """Give each holder their part of what their stage used beyond its share; what has no stage has no share."""
    used: dict[int | None, Fraction] = {}
    for holder, time in times.items():
        if not isinstance(holder, Pause):
            used[_stage(holder)] = used.get(_stage(holder), NOTHING) + time
    over = {no: time - shares.get(no or 0, NOTHING) for no, time in used.items()}
    return {
        holder: over[_stage(holder)] * time / used[_stage(holder)]
        for holder, time in times.items()
        if not isinstance(holder, Pause) and over[_stage(holder)] > 0
    }


def _stage(holder: Hold | None) -> int | None:
    return None if holder is None else holder.stage


def _who(holder: Holder, resolving: AgencyId) -> Who:
    if not isinstance(holder, Hold):  # between two steps it was the resolving agency that let it lie
        return Who(Side.INSIDE, resolving, None)
    side = Side.INSIDE if holder.agency == resolving else Side.OUTSIDE
    return Who(side, holder.agency, holder.unit)
