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
from typing import TypeAlias

from engine.domain.calendar import WorkingCalendar
from engine.domain.holding import History, Hold, Holder, Pause, Piece
from engine.domain.ids import AgencyId, UnitId
from engine.domain.limits import Limit
from engine.domain.stages import Stage, shares_of

MINUTE = 60_000_000
"""Microseconds of a minute."""

NOTHING = Fraction(0)

Times: TypeAlias = dict[Holder, Fraction]
"""Working microseconds of each holder, in the order in which they came to hold the dossier."""


class Side(StrEnum):
    """Who is charged with lateness: the resolving agency, another agency, or the citizen."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    CITIZEN = "citizen"


@dataclass(frozen=True, slots=True)
class Entry:
    """The time of one holder; ``counts`` is False for what lies before a restart: no share is measured by it."""

    holder: Holder
    counts: bool
    minutes: int


@dataclass(frozen=True, slots=True)
class StageUse:
    """What a stage was given and used, in working minutes.

    ``over`` is negative while less than the share is used; ``share`` and ``over`` are None without comparable shares.
    What was used before a restart is part of ``used``, and not set against the share.
    """

    no: int
    share: int | None
    used: int
    before_restart: int
    over: int | None


@dataclass(frozen=True, slots=True)
class Charge:
    """A part of the lateness; the citizen has neither agency nor unit, and time that nobody held has no unit."""

    side: Side
    agency: AgencyId | None
    unit: UnitId | None
    minutes: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole account, in working minutes; ``charges`` are None unless the promise is broken, largest first."""

    minutes: int
    limit: int
    entries: tuple[Entry, ...]
    stages: tuple[StageUse, ...]
    charges: tuple[Charge, ...] | None

    @property
    def late_minutes(self) -> int | None:
        """Working minutes between the broken promise and the end of processing, or now."""
        return None if self.charges is None else sum(charge.minutes for charge in self.charges)


def ledger(
    calendar: WorkingCalendar,
    history: History,
    *,
    due_at: datetime,
    is_late: bool,
    parts: Mapping[int, Fraction] | None,
    resolving: AgencyId,
) -> Ledger:
    """Account for the time of a dossier.

    Args:
        calendar: the one in force for the resolving agency; everything is measured on it.
        due_at: the promise.
        parts: what each stage is of the limit (``parts_of``).

    Raises:
        CalendarGapError: the calendar does not cover the dossier's time.
    """
    before = held(calendar, history.pieces, history.counted_from, history.granted_from)
    counted = held(calendar, history.pieces, history.granted_from, history.until)
    limit = granted(calendar, history, due_at=due_at)
    shares = None if parts is None else {no: part * limit for no, part in parts.items()}
    charges = None
    if is_late:
        late = held(calendar, history.pieces, max(due_at, history.counted_from), history.until)
        charges = charge(late=late, counted=counted, shares=shares, resolving=resolving)
    entries = _entries([(holder, False, time) for holder, time in before.items()]
                       + [(holder, True, time) for holder, time in counted.items()])  # fmt: skip
    return Ledger(
        minutes=sum(entry.minutes for entry in entries),
        limit=limit // MINUTE,
        entries=entries,
        stages=_stages(entries, shares),
        charges=charges,
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


def granted(calendar: WorkingCalendar, history: History, *, due_at: datetime) -> int:
    """Measure the limit as it fell on the days of this dossier: until the promise, without the pauses that moved it.

    Every unit of limits becomes comparable with time used in this way, calendar days as well.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """

    def until_due(from_at: datetime, to_at: datetime) -> int:
        begins, ends = max(from_at, history.granted_from), min(to_at, due_at)
        return calendar.worked(ends) - calendar.worked(begins) if begins < ends else 0

    paused = sum(until_due(pause.from_at, pause.to_at) for pause in history.pauses if pause.to_at is not None)
    return until_due(history.granted_from, due_at) - paused


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


def charge(
    *, late: Times, counted: Times, shares: Mapping[int, Fraction] | None, resolving: AgencyId
) -> tuple[Charge, ...]:
    """Divide lateness among those who caused it, the largest part first; the minutes sum exactly to the lateness.

    Time in which the dossier stood still is the citizen's: only a pause after the promise was broken lies in it. The
    rest is divided by what each stage used beyond its share, and inside a stage by who used it. Without comparable
    shares, or when no stage exceeds its own, it is divided among those who held the dossier while it was late.

    Args:
        late: who held the dossier between the promise and the end of processing, or now.
        counted: who held it since the limit was counted from last.
        shares: of the stages, in working microseconds.
        resolving: the agency that decides; every other one is outside.
    """
    waited = sum((time for holder, time in late.items() if isinstance(holder, Pause)), NOTHING)
    rest = sum(late.values(), NOTHING) - waited
    blame = {} if shares is None else _overruns(counted, shares)
    if not blame:
        blame = {holder: time for holder, time in late.items() if not isinstance(holder, Pause)}
    whole = sum(blame.values(), NOTHING)
    parts: dict[tuple[Side, AgencyId | None, UnitId | None], Fraction] = {}
    for holder, time in sorted(blame.items(), key=lambda item: -item[1]):
        who = _place(holder, resolving)
        parts[who] = parts.get(who, NOTHING) + rest * time / whole
    if waited:
        parts[Side.CITIZEN, None, None] = waited
    ordered = sorted(parts.items(), key=lambda item: -item[1])
    minutes = whole_numbers([time / MINUTE for _, time in ordered])
    return tuple(Charge(*who, count) for (who, _), count in zip(ordered, minutes, strict=True))


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


def _entries(times: list[tuple[Holder, bool, Fraction]]) -> tuple[Entry, ...]:
    minutes = whole_numbers([time / MINUTE for _, _, time in times])
    return tuple(Entry(holder, counts, count) for (holder, counts, _), count in zip(times, minutes, strict=True))


def _stages(entries: Sequence[Entry], shares: Mapping[int, Fraction] | None) -> tuple[StageUse, ...]:
    times = shares or {}
    given = dict(zip(times, whole_numbers([share / MINUTE for share in times.values()]), strict=True))
    used: dict[int, int] = dict.fromkeys(given, 0)
    before = dict(used)
    for entry in entries:
        if isinstance(entry.holder, Hold):
            no = entry.holder.stage
            used[no] = used.get(no, 0) + entry.minutes
            before[no] = before.get(no, 0) + (0 if entry.counts else entry.minutes)
    if shares is None:
        return tuple(StageUse(no, None, used[no], before[no], None) for no in sorted(used))
    return tuple(
        StageUse(no, given.get(no, 0), used[no], before[no], used[no] - before[no] - given.get(no, 0))
        for no in sorted(used)
    )


def _overruns(counted: Times, shares: Mapping[int, Fraction]) -> Times:
    """Give each holder their part of what their stage used beyond its share; what has no stage has no share."""
    used: dict[int | None, Fraction] = {}
    for holder, time in counted.items():
        if not isinstance(holder, Pause):
            used[_stage(holder)] = used.get(_stage(holder), NOTHING) + time
    over = {no: time - shares.get(no or 0, NOTHING) for no, time in used.items()}
    return {
        holder: over[_stage(holder)] * time / used[_stage(holder)]
        for holder, time in counted.items()
        if not isinstance(holder, Pause) and over[_stage(holder)] > 0
    }


def _stage(holder: Hold | None) -> int | None:
    return None if holder is None else holder.stage


def _place(holder: Holder, resolving: AgencyId) -> tuple[Side, AgencyId | None, UnitId | None]:
    if not isinstance(holder, Hold):  # between two steps it was the resolving agency that let it lie
        return Side.INSIDE, resolving, None
    side = Side.INSIDE if holder.agency == resolving else Side.OUTSIDE
    return side, holder.agency, holder.unit
