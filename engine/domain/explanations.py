"""Why this date: the lines that account for every part of a limit (docs/reference/working-time.md).

The ``amount`` of the lines ``days`` and ``make_up`` of a segment add up to the segment's amount, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction

from engine.domain import axes
from engine.domain.calendar import DayKind, DayRule, WorkingCalendar
from engine.domain.limits import Segment, Unit, amount_text

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NOUNS = {
    Unit.WORKING_DAY: "working day",
    Unit.WORKING_HOUR: "working hour",
    Unit.CALENDAR_DAY: "calendar day",
}
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation.

    ``kind`` is ``start``, ``days`` (time that counts), ``make_up`` (a declared working day that counts), ``day_off``
    (a declared day off that was met), ``roll`` (an end moved to a working moment), ``same_day`` or ``due``.
    ``amount`` is what the line consumes, in ``unit``; ``decision`` is the paper behind a declared day.
    """

    kind: str
    from_at: datetime
    to_at: datetime
    text: str
    amount: Fraction | None = None
    unit: Unit | None = None
    decision: str | None = None

    def as_json(self, zone: tzinfo = UTC) -> dict[str, str | None]:
        """Give the line as JSON-ready values; instants with the offset of ``zone``."""
        return {
            "kind": self.kind,
            "from": instant_text(self.from_at.astimezone(zone)),
            "to": instant_text(self.to_at.astimezone(zone)),
            "amount": None if self.amount is None else amount_text(self.amount),
            "unit": self.unit,
            "text": self.text,
            "decision": self.decision,
        }


def instant_text(at: datetime) -> str:
    """Write ISO 8601: to the minute where the seconds are 0 (``2026-02-24T09:00+07:00``), else in full."""
    return at.isoformat(timespec="minutes" if at.second == at.microsecond == 0 else "auto")


def clock_text(calendar: WorkingCalendar, at: datetime) -> str:
    """Write an instant for a sentence: ``Tue 2026-02-24 09:00``."""
    clock = axes.local_clock(calendar, at)
    return f"{_WEEKDAYS[clock.weekday()]} {instant_text(clock).replace('T', ' ')}"


def quantity_text(amount: Fraction, unit: Unit) -> str:
    """Write an amount for a sentence: ``1 working day``, ``2.5 calendar days``."""
    return f"{amount_text(amount)} {_NOUNS[unit]}{'' if amount == 1 else 's'}"


def days_off_between(calendar: WorkingCalendar, first_on: date, until_on: date) -> list[Line]:
    """List the declared days off from ``first_on`` until before ``until_on``, each with its decision."""
    rules = (calendar.day_rule(on) for on in _dates(first_on, until_on - _ONE_DAY))
    return [_day_off(calendar, rule) for rule in rules if rule is not None and rule.kind is DayKind.OFF]


def segment_lines(calendar: WorkingCalendar, start_at: datetime, segment: Segment, end_at: datetime) -> list[Line]:
    """Account for a segment that was spent from ``start_at`` to ``end_at``.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    if segment.unit is Unit.CALENDAR_DAY:
        return _calendar_lines(calendar, start_at, segment, end_at)
    if segment.amount == 0:
        text = f"No time of its own: it ends on {clock_text(calendar, end_at)}."
        if segment.unit is Unit.WORKING_DAY:
            text = f"Within the day: it ends at the last closing, {clock_text(calendar, end_at)}."
        return [Line("same_day", start_at, end_at, text, segment.amount, segment.unit)]
    return _working_lines(calendar, start_at, segment, end_at)


def _working_lines(calendar: WorkingCalendar, start_at: datetime, segment: Segment, end_at: datetime) -> list[Line]:
    """Walk the dates: ordinary working days run together, each declared day has a line of its own."""
    lines: list[Line] = []
    run: list[tuple[date, Fraction]] = []
    begins = axes.position(calendar, start_at, segment.unit)
    for on in _dates(calendar.local_date(start_at), calendar.local_date(end_at)):
        rule = calendar.day_rule(on)
        amount = _amount_on(calendar, on, segment.unit, begins, begins + segment.amount)
        if rule is None:
            if amount:
                run.append((on, amount))
            continue
        lines += _run_line(calendar, run, start_at, end_at, segment.unit)
        run = []
        lines.append(_rule_line(calendar, rule, amount, segment.unit, start_at, end_at))
    return lines + _run_line(calendar, run, start_at, end_at, segment.unit)


def _amount_on(calendar: WorkingCalendar, on: date, unit: Unit, begins: Fraction, ends: Fraction) -> Fraction:
    """Measure how much of ``begins..ends`` on the axis lies on one local date."""
    if not calendar.is_working_day(on):
        return Fraction(0)
    day = calendar.working_days_before(on)
    low, high = Fraction(day), Fraction(day + 1)
    if unit is Unit.WORKING_HOUR:
        low, high = (Fraction(ticks, axes.HOUR) for ticks in calendar.day_span(day))
    return max(min(ends, high) - max(begins, low), Fraction(0))


def _run_line(
    calendar: WorkingCalendar, run: list[tuple[date, Fraction]], start_at: datetime, end_at: datetime, unit: Unit
) -> list[Line]:
    if not run:
        return []
    from_at = max(start_at, calendar.slots(run[0][0])[0][0])
    to_at = min(end_at, calendar.slots(run[-1][0])[-1][1])
    amount = sum((part for _, part in run), Fraction(0))
    what = quantity_text(amount, unit)
    text = f"{what}, from {clock_text(calendar, from_at)} to {clock_text(calendar, to_at)}."
    return [Line("days", from_at, to_at, text, amount, unit)]


def _rule_line(
    calendar: WorkingCalendar, rule: DayRule, amount: Fraction, unit: Unit, start_at: datetime, end_at: datetime
) -> Line:
    if rule.kind is DayKind.OFF:
        return _day_off(calendar, rule)
    slots = calendar.slots(rule.on)
    from_at, to_at = max(start_at, slots[0][0]), min(end_at, slots[-1][1])
    text = f"{_date_text(rule.on)} is a working day ({rule.note}; {rule.decision}): {quantity_text(amount, unit)}."
    return Line("make_up", from_at, max(from_at, to_at), text, amount, unit, rule.decision)


def _day_off(calendar: WorkingCalendar, rule: DayRule) -> Line:
    from_at = calendar.at_local(_midnight(rule.on))
    to_at = calendar.at_local(_midnight(rule.on + _ONE_DAY))
    awaited = ", provisional" if rule.provisional else ""
    text = f"{_date_text(rule.on)} is off ({rule.note}; {rule.decision}{awaited}) and does not count."
    return Line("day_off", from_at, to_at, text, decision=rule.decision)


def _calendar_lines(calendar: WorkingCalendar, start_at: datetime, segment: Segment, end_at: datetime) -> list[Line]:
    clock = axes.raw_end(calendar, start_at, segment.amount)
    raw_at = calendar.at_local(clock)
    what = quantity_text(segment.amount, segment.unit)
    text = f"{what}, from {clock_text(calendar, start_at)} to {clock_text(calendar, raw_at)}."
    lines = [Line("days", start_at, raw_at, text, segment.amount, segment.unit)]
    if raw_at == end_at:
        return lines
    end_on = calendar.local_date(end_at)
    lines += days_off_between(calendar, clock.date(), end_on)
    why = "lies outside office hours"
    if clock.date() != end_on:
        why = "falls on a day off" if not calendar.is_working_day(clock.date()) else "lies after closing"
    text = f"The end, {clock_text(calendar, raw_at)}, {why}: it moves to {clock_text(calendar, end_at)}."
    return [*lines, Line("roll", raw_at, end_at, text)]


def _dates(first_on: date, last_on: date) -> Iterator[date]:
    for ordinal in range(first_on.toordinal(), last_on.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day)  # noqa: DTZ001 - a local clock, given a zone by at_local


def _date_text(on: date) -> str:
    return f"{_WEEKDAYS[on.weekday()]} {on.isoformat()}"
