"""The oracle of the working calendar: walks minutes and dates on the local clock, shares no code with the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from math import ceil

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class SlowCalendar:
    """Office hours as minutes of the day; all instants are naive, local and whole minutes."""

    hours: tuple[tuple[int, int], ...]
    off: frozenset[date] = frozenset()
    work: dict[date, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    def hours_on(self, on: date) -> tuple[tuple[int, int], ...]:
        if on in self.work:
            return self.work[on] or self.hours
        return () if on in self.off or on.weekday() in (5, 6) else self.hours

    def open_at(self, at: datetime) -> bool:
        minute = at.hour * 60 + at.minute
        return any(start <= minute < end for start, end in self.hours_on(at.date()))

    def minutes_on(self, on: date) -> list[datetime]:
        """Every minute of the date during which the office works."""
        midnight = datetime.combine(on, time())
        return [midnight + n * MINUTE for start, end in self.hours_on(on) for n in range(start, end)]

    def closing(self, on: date) -> datetime:
        return self.minutes_on(on)[-1] + MINUTE

    def next_working(self, on: date) -> date:
        while not self.hours_on(on):
            on += DAY
        return on

    def next_open(self, at: datetime) -> datetime:
        while not self.open_at(at):
            at += MINUTE
        return at

    def past_cutoff(self, at: datetime, cutoff: str | None) -> bool:
        if cutoff is None:
            return False
        if cutoff != "last-hour":
            return at.time() > time.fromisoformat(cutoff)
        minutes = self.minutes_on(at.date())
        left = [minute for minute in minutes if minute >= at]
        return bool(minutes) and at > minutes[0] and len(left) < 60

    def start(self, at: datetime, unit: str, cutoff: str | None) -> datetime:
        past = self.past_cutoff(at, cutoff)
        if unit == "calendar_day" and not past:
            return at
        closed = not self.hours_on(at.date()) or at >= self.closing(at.date())
        if past or closed:
            return self.minutes_on(self.next_working(at.date() + DAY))[0]
        return self.next_open(at)

    def advance(self, at: datetime, amount: Fraction, unit: str) -> datetime:
        return getattr(self, f"_{unit}")(at, amount)

    def due(self, at: datetime, segments: list[tuple[Fraction, str]], cutoff: str | None = None) -> datetime:
        at = self.start(at, segments[0][1], cutoff)
        for amount, unit in segments:
            at = self.advance(at, amount, unit)
        return at

    def _working_hour(self, at: datetime, amount: Fraction) -> datetime:
        left = amount * 60
        assert left.denominator == 1
        if left == 0:
            return at if self.open_at(at) or self.open_at(at - MINUTE) else self.next_open(at)
        while left:
            left -= self.open_at(at)
            at += MINUTE
        return at

    def _working_day(self, at: datetime, amount: Fraction) -> datetime:
        on = at.date()
        if not self.hours_on(on) or (at >= self.closing(on) and amount) or at > self.closing(on):
            on = self.next_working(on + DAY)
            at = self.minutes_on(on)[0]
        if amount == 0:
            return self.closing(on)
        minutes = self.minutes_on(on)
        left = Fraction(sum(minute < at for minute in minutes), len(minutes)) + amount
        while left >= 1:
            left -= 1
            on = self.next_working(on + DAY)
        minutes = self.minutes_on(on)
        needed = left * len(minutes)
        whole = needed.numerator // needed.denominator
        return minutes[whole] + timedelta(microseconds=ceil((needed - whole) * 60_000_000))

    def _calendar_day(self, at: datetime, amount: Fraction) -> datetime:
        end = at + timedelta(microseconds=ceil(amount * 86_400_000_000))
        end = datetime.combine(self.next_working(end.date()), end.time())
        on = end.date()
        while not self.open_at(end) and end.date() == on and end < self.closing(on):
            end += MINUTE
        end = min(end, self.closing(on))
        return end if end >= at else self.next_open(at)
