"""The oracle of the working calendar: it walks the minutes of an office and shares no code with the engine.

All it knows of a date is which of its minutes are open, found by asking the clock minute after minute. Amounts are
spent minute by minute. An instant may lie anywhere; shifts and pauses begin and end on whole minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from itertools import count
from math import ceil
from zoneinfo import ZoneInfo

Span = tuple[int, int]
"""A shift: the minutes of the day from which and until which it lasts."""

Spans = tuple[Span, ...]
Amount = tuple[Fraction, str]
Pause = tuple[datetime, datetime]

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
MINUTE_TICKS = 60_000_000
HOUR_TICKS = 60 * MINUTE_TICKS
DAY_TICKS = 24 * HOUR_TICKS


@cache
def clock_minutes(zone: str, on: date) -> list[tuple[datetime, int]]:
    """Each real minute for which the clock of ``zone`` shows a date, with the minute of the day that it shows."""
    first = datetime.combine(on, time(), tzinfo=UTC) - timedelta(hours=15)
    shown = ((first + n * MINUTE, (first + n * MINUTE).astimezone(ZoneInfo(zone))) for n in range(54 * 60))
    return [(minute, clock.hour * 60 + clock.minute) for minute, clock in shown if clock.date() == on]


@dataclass
class SlowCalendar:
    """One office. Of the ``weeks`` (Monday first) the last one begun holds; ``days`` are the declared dates.

    A declared date has shifts of its own, none when it is off, or the hours of the week's first working day (None).
    """

    zone: str
    weeks: list[tuple[date, tuple[Spans, ...]]]
    days: Mapping[date, Spans | None] = field(default_factory=dict)
    _open: dict[date, list[datetime]] = field(default_factory=dict, repr=False)

    @classmethod
    def usual(cls, zone: str, hours: Spans, days: Mapping[date, Spans | None]) -> SlowCalendar:
        """An office with the same shifts from Monday to Friday."""
        return cls(zone, [(date.min, (hours,) * 5 + ((),) * 2)], days)

    # --- what is open ------------------------------------------------------------------------------------------

    def hours_on(self, on: date) -> Spans:
        """The shifts of a date."""
        week = [hours for begins, hours in self.weeks if begins <= on][-1]
        if on not in self.days:
            return week[on.weekday()]
        declared = self.days[on]
        return next(hours for hours in week if hours) if declared is None else declared

    def open_minutes(self, on: date) -> list[datetime]:
        """Every minute of a date during which the office works."""
        if on not in self._open:
            numbers = {number for start, end in self.hours_on(on) for number in range(start, end)}
            self._open[on] = [minute for minute, number in clock_minutes(self.zone, on) if number in numbers]
        return self._open[on]

    def open_at(self, at: datetime) -> bool:
        """Whether work goes on at an instant."""
        clock = self.clock(at)
        return any(start <= clock.hour * 60 + clock.minute < end for start, end in self.hours_on(clock.date()))

    def closing(self, on: date) -> datetime:
        """The last closing of a working day."""
        return self.open_minutes(on)[-1] + MINUTE

    def working_date(self, on: date) -> date:
        """The first date from ``on`` with an open minute."""
        while not self.open_minutes(on):
            on += DAY
        return on

    def next_open(self, at: datetime) -> datetime:
        """The instant itself when the office works, otherwise the next opening."""
        return next(begins for on in self.dates(at) for begins, _ in self.work_on(on, at))

    def work_on(self, on: date, at: datetime, pauses: Sequence[Pause] = ()) -> Iterator[tuple[datetime, int]]:
        """Walk the open minutes of a date from an instant on, except those in a pause; the first may be half over.

        Each comes as the instant at which it begins and the number of its microseconds.
        """
        for minute in self.open_minutes(on):
            if minute + MINUTE <= at:
                continue
            begins = max(minute, at)
            if not any(first <= begins < last for first, last in pauses):
                yield begins, MINUTE_TICKS if begins == minute else (minute + MINUTE - begins) // TICK

    def dates(self, at: datetime) -> Iterator[date]:
        """The dates from that of an instant on."""
        return (self.date_of(at) + n * DAY for n in count())

    def date_of(self, at: datetime) -> date:
        """The date that the clock shows."""
        return self.clock(at).date()

    def clock(self, at: datetime) -> datetime:
        """What the clock shows, naive."""
        return at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def instant(self, clock: datetime) -> datetime:
        """When the clock first shows a naive date and time."""
        return clock.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    # --- where counting starts ---------------------------------------------------------------------------------

    def past_cutoff(self, at: datetime, cutoff: str | None) -> bool:
        """Whether a receipt lies strictly after the cut-off of its date."""
        if cutoff is None:
            return False
        if cutoff != "last-hour":
            return self.clock(at).time() > time.fromisoformat(cutoff)
        minutes = self.open_minutes(self.date_of(at))
        left = sum(ticks for _, ticks in self.work_on(self.date_of(at), at))
        return bool(minutes) and at > minutes[0] and left < HOUR_TICKS

    def start(self, at: datetime, unit: str, cutoff: str | None) -> datetime:
        """From when a receipt counts."""
        is_past, on = self.past_cutoff(at, cutoff), self.date_of(at)
        if unit == "calendar_day" and not is_past:
            return at
        if is_past or not self.open_minutes(on) or at >= self.closing(on):
            return self.open_minutes(self.working_date(on + DAY))[0]
        return self.next_open(at)

    # --- where counting ends -----------------------------------------------------------------------------------

    def due(
        self, at: datetime, segments: Sequence[Amount], *, cutoff: str | None = None, pauses: Sequence[Pause] = ()
    ) -> datetime:
        """When a limit ends that is received at an instant; no pause begins before counting does."""
        return self.end(self.start(at, segments[0][1], cutoff), segments, pauses)

    def end(self, at: datetime, segments: Sequence[Amount], pauses: Sequence[Pause] = ()) -> datetime:
        """When a limit ends that counts from an instant, one amount after the other, not counting the pauses."""
        for amount, unit in segments:
            met: list[Pause] = []
            while True:
                end_at = getattr(self, f"_{unit}")(at, amount, met)
                pause = next((each for each in pauses if each not in met and at < each[1] and each[0] < end_at), None)
                if pause is None:  # what begins at the end or later is none
                    break
                met.append(pause)
            at = end_at
        return at

    def _working_hour(self, at: datetime, amount: Fraction, pauses: Sequence[Pause]) -> datetime:
        left = ceil(amount * HOUR_TICKS)
        if not left:  # a closing is kept
            return at if self.open_at(at) or self.open_at(at - TICK) else self.next_open(at)
        for on in self.dates(at):
            for begins, ticks in self.work_on(on, at, pauses):
                if left <= ticks:
                    return begins + left * TICK
                left -= ticks
        raise AssertionError("time has ended")

    def _working_day(self, at: datetime, amount: Fraction, pauses: Sequence[Pause]) -> datetime:
        if amount:
            return self._days_later(at, amount, pauses)
        on = self.date_of(at)
        is_over = not self.open_minutes(on) or at > self.closing(on)
        return self._unless_paused(at, self.closing(self.working_date(on + DAY) if is_over else on), pauses)

    def _days_later(self, at: datetime, left: Fraction, pauses: Sequence[Pause]) -> datetime:
        """A minute is its share of its date; with nothing left the end is where the next minute begins."""
        for on in self.dates(at):
            length = len(self.open_minutes(on)) * MINUTE_TICKS
            needed, done = ceil(left * length), 0
            for begins, ticks in self.work_on(on, at, pauses):
                if needed - done < ticks:
                    return begins + (needed - done) * TICK
                done += ticks
            left = max(left - Fraction(done, length or 1), Fraction(0))  # below it by a part of a microsecond
        raise AssertionError("time has ended")

    def _calendar_day(self, at: datetime, amount: Fraction, pauses: Sequence[Pause]) -> datetime:
        settled = self._settled(self.clock(at) + ceil(amount * DAY_TICKS) * TICK)
        end_at = settled if settled >= at else self.next_open(at)
        met = [pause for pause in pauses if at <= pause[0] < min(pause[1], end_at)]
        left = amount - self.spent(at, met[0][0], "calendar_day") if met else Fraction(0)
        if left > 0:
            return self._calendar_day(met[0][1], left, pauses)
        return self._unless_paused(at, end_at, pauses)

    def _settled(self, clock: datetime) -> datetime:
        on = self.working_date(clock.date())
        at = self.instant(datetime.combine(on, clock.time()))
        return next((begins for begins, _ in self.work_on(on, at)), self.closing(on))

    def _unless_paused(self, at: datetime, end_at: datetime, pauses: Sequence[Pause]) -> datetime:
        """An end that its axis does not reach: a pause leaves the office time until it, in the unit that keeps it."""
        met = [pause for pause in pauses if at <= pause[0] < min(pause[1], end_at)]
        if not met:
            return end_at
        unit = "working_day" if self.open_at(end_at) else "working_hour"
        left = self.spent(met[0][0], end_at, unit)
        later = self._days_later if unit == "working_day" else self._working_hour
        return later(met[0][1], left, pauses)

    # --- measuring ---------------------------------------------------------------------------------------------

    def spent(self, first_at: datetime, last_at: datetime, unit: str) -> Fraction:
        """The time between two instants, the first not after the last."""
        if unit == "calendar_day":
            return Fraction((self.clock(last_at) - self.clock(first_at)) // TICK, DAY_TICKS)
        found = Fraction(0)
        for on in self.dates(first_at):
            if on > self.date_of(last_at):
                return found
            work = [(begins, ticks) for begins, ticks in self.work_on(on, first_at) if begins < last_at]
            done = sum(min(ticks, (last_at - begins) // TICK) for begins, ticks in work)
            length = HOUR_TICKS if unit == "working_hour" else len(self.open_minutes(on)) * MINUTE_TICKS
            found += Fraction(done, length or 1)
        raise AssertionError("time has ended")
