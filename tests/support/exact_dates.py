"""Due dates as the rule words them, in datetimes and fractions, walking the slots of each date: no table, no bisect.

Exact to the microsecond and in any zone, where the minute-walking oracle knows whole minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from math import ceil

from engine.domain.calendar import WorkingCalendar
from engine.domain.limits import Limit, Segment, Unit

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
FOREVER = datetime.max.replace(tzinfo=UTC)
Slot = tuple[datetime, datetime]


def exact_due(calendar: WorkingCalendar, received_at: datetime, limit: Limit, cutoff: str | None) -> datetime:
    """Find the due instant; ``cutoff`` is ``None``, a time or ``last-hour``."""
    at = _start(calendar, received_at, limit.segments[0].unit, cutoff)
    for segment in limit.segments:
        at = _after(calendar, at, segment)
    return at


def _start(calendar: WorkingCalendar, at: datetime, unit: Unit, cutoff: str | None) -> datetime:
    on = calendar.local_date(at)
    if _passed(calendar, at, cutoff):
        return next(_days(calendar, on + DAY))[0][0]
    return at if unit is Unit.CALENDAR_DAY else _opening(calendar, at)


def _passed(calendar: WorkingCalendar, at: datetime, cutoff: str | None) -> bool:
    if cutoff is None:
        return False
    clock = calendar.local(at)
    if cutoff != "last-hour":
        return clock.time() > time.fromisoformat(cutoff)
    slots = calendar.slots(clock.date())
    left = sum((closing - max(opening, at) for opening, closing in slots if closing > at), timedelta())
    return bool(slots) and at > slots[0][0] and left < timedelta(hours=1)


def _after(calendar: WorkingCalendar, at: datetime, segment: Segment) -> datetime:
    if segment.unit is Unit.CALENDAR_DAY:
        return _calendar_days(calendar, at, segment.amount)
    if segment.unit is Unit.WORKING_HOUR:
        return _hours(calendar, at, segment.amount)
    return _days_later(calendar, at, segment.amount)


def _hours(calendar: WorkingCalendar, at: datetime, amount: Fraction) -> datetime:
    left = ceil(amount * 3_600_000_000) * TICK
    for slots in _days(calendar, calendar.local_date(at)):
        for opening, closing in slots:
            begins = max(opening, at)
            if closing >= begins and closing - begins >= left:
                return begins + left
            left -= max(closing - begins, timedelta())
    raise AssertionError


def _days_later(calendar: WorkingCalendar, at: datetime, amount: Fraction) -> datetime:
    days = _days(calendar, calendar.local_date(at))
    if amount == 0:
        return next(slots[-1][1] for slots in days if slots[-1][1] >= at)
    slots = next(slots for slots in days if slots[-1][1] > at)
    left = Fraction(_work(slots) - _work(slots, at), _work(slots))
    while amount >= left:
        amount -= left
        left, slots = Fraction(1), next(days)
        at = slots[0][0]
    return _share(calendar, slots, Fraction(_work(slots, at), _work(slots)) + amount)


def _share(calendar: WorkingCalendar, slots: tuple[Slot, ...], share: Fraction) -> datetime:
    done = ceil(share * _work(slots))
    for opening, closing in slots:
        if done < (closing - opening) // TICK:
            return opening + done * TICK
        done -= (closing - opening) // TICK
    return next(_days(calendar, calendar.local_date(slots[0][0]) + DAY))[0][0]


def _work(slots: tuple[Slot, ...], until: datetime = FOREVER) -> int:
    return sum((min(closing, until) - opening) // TICK for opening, closing in slots if opening < until)


def _calendar_days(calendar: WorkingCalendar, at: datetime, amount: Fraction) -> datetime:
    raw = calendar.local(at).replace(tzinfo=None) + ceil(amount * 86_400_000_000) * TICK
    slots = next(_days(calendar, raw.date()))
    moved = calendar.at_local(datetime.combine(calendar.local_date(slots[0][0]), raw.time()))
    settled = next((max(moved, opening) for opening, closing in slots if moved < closing), slots[-1][1])
    return settled if settled >= at else _opening(calendar, at)


def _opening(calendar: WorkingCalendar, at: datetime) -> datetime:
    for slots in _days(calendar, calendar.local_date(at)):
        for opening, closing in slots:
            if at < closing:
                return max(opening, at)
    raise AssertionError


def _days(calendar: WorkingCalendar, on: date) -> Iterator[tuple[Slot, ...]]:
    """Give the slots of each working day from a date on; past the calendar's last date, ``slots`` raises."""
    while True:
        slots = calendar.slots(on)
        if slots:
            yield slots
        on += DAY
