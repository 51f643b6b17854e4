"""Why this date: the lines that account for every part of a limit (docs/reference/working-time.md).

The ``amount`` of the lines ``days`` and ``make_up`` of a segment add up to the segment's amount, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from fractions import Fraction

from engine.domain import axes
from engine.domain.calendar import DayKind, DayRule, OfficeHours, WorkingCalendar
from engine.domain.limits import Limit, Segment, Unit, amount_text
from engine.domain.office_hours import shifts_text

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NOUNS = {
    Unit.WORKING_DAY: "working day",
    Unit.WORKING_HOUR: "working hour",
    Unit.CALENDAR_DAY: "calendar day",
}
_ONE_DAY = timedelta(days=1)
_SHORTEST_PLACES = 4  # decimals, and
_SMALLEST_SHARE = 12  # denominators, that a sentence still writes out


class StartRule(StrEnum):
    """Which rule said where counting starts (docs/reference/working-time.md, "Where counting starts")."""

    INSIDE = "inside"  #: within office hours: the receipt itself
    RECEIPT = "receipt"  #: calendar days: the receipt itself
    BEFORE_OPENING = "before_opening"
    BREAK = "break"
    AFTER_CLOSING = "after_closing"
    DAY_OFF = "day_off"
    CUTOFF = "cutoff"  #: strictly after the procedure's cut-off


PUBLISHED = "thủ tục đã công bố"
DECREE_297 = "Nghị định 297/2025/NĐ-CP"
DECREE_297_6_4 = f"{DECREE_297} Điều 6 khoản 4"
CIVIL_CODE_148_5 = "Bộ luật Dân sự 2015 Điều 148 khoản 5"
_OFFICE_HOURS = "giờ làm việc của cơ quan"
_START_WORDS = {
    StartRule.INSIDE: "within office hours",
    StartRule.RECEIPT: "calendar days count from the receipt itself",
    StartRule.BEFORE_OPENING: "before opening",
    StartRule.BREAK: "in the break",
    StartRule.AFTER_CLOSING: "at or after the last closing",
    StartRule.DAY_OFF: "on a day off",
    StartRule.CUTOFF: "after the cut-off",
}
START_SOURCES = {
    StartRule.INSIDE: PUBLISHED,
    StartRule.RECEIPT: PUBLISHED,
    StartRule.BEFORE_OPENING: _OFFICE_HOURS,
    StartRule.BREAK: _OFFICE_HOURS,
    StartRule.AFTER_CLOSING: DECREE_297,
    StartRule.DAY_OFF: DECREE_297,
    StartRule.CUTOFF: PUBLISHED,
}
"""Where each rule comes from; a cut-off is a rule of the procedure (domain.md §1.5)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation.

    ``kind`` is ``start``, ``resume``, ``days`` (time that counts), ``make_up`` (a declared working day that counts),
    ``day_off`` (a declared day off that was met), ``hours`` (weekly hours begin that differ from those before),
    ``roll`` (an end moved to a working moment), ``same_day`` or ``due``. ``amount`` is what the line consumes, in
    ``unit``; ``decision`` is the paper behind a declared day. ``details`` are JSON-ready and depend on the kind: the
    ``rule``, ``source``, ``limit`` and ``cutoff`` of a start, the ``note`` of a day, the ``hours`` of a half day.
    """

    kind: str
    from_at: datetime
    to_at: datetime
    text: str
    amount: Fraction | None = None
    unit: Unit | None = None
    decision: str | None = None
    details: Mapping[str, object] = field(default_factory=dict, hash=False)

    def as_json(self, zone: tzinfo = UTC) -> dict[str, object]:
        """Give the line as JSON-ready values; instants with the offset of ``zone``."""
        return {
            "kind": self.kind,
            "from": instant_text(self.from_at.astimezone(zone)),
            "to": instant_text(self.to_at.astimezone(zone)),
            "amount": None if self.amount is None else amount_text(self.amount),
            "unit": self.unit,
            "text": self.text,
            "decision": self.decision,
            **self.details,
        }


def instant_text(at: datetime) -> str:
    """Write ISO 8601: to the minute where the seconds are 0 (``2026-02-24T09:00+07:00``), else in full."""
    return at.isoformat(timespec="minutes" if at.second == at.microsecond == 0 else "auto")


def clock_text(calendar: WorkingCalendar, at: datetime) -> str:
    """Write an instant for a sentence: ``Tue 2026-02-24 09:00``."""
    clock = axes.local_clock(calendar, at)
    return f"{_WEEKDAYS[clock.weekday()]} {instant_text(clock).replace('T', ' ')}"


def quantity_text(amount: Fraction, unit: Unit) -> str:
    """Write an amount for a sentence: ``1 working day``, ``2.5 calendar days``, ``≈ 2.47 working days``."""
    return f"{readable(amount)} {_NOUNS[unit]}{'' if amount == 1 else 's'}"


def readable(amount: Fraction) -> str:
    """Write an amount as people read it: exact where that is short (``2.5``, ``1/3``), else ``≈ 2.47``."""
    exact = amount_text(amount)
    if "/" not in exact:
        return exact if len(exact.partition(".")[2]) <= _SHORTEST_PLACES else _about(amount)
    return exact if amount.denominator <= _SMALLEST_SHARE else _about(amount)


def _about(amount: Fraction) -> str:
    return f"≈ {float(amount):.2f}" if amount >= Fraction(1, 200) else "< 0.01"


def start_line(
    calendar: WorkingCalendar, received_at: datetime, start_at: datetime, *, rule: StartRule, cutoff: str, limit: Limit
) -> Line:
    """Say which rule found where counting starts; ``cutoff`` is named when it is the rule."""
    why = _START_WORDS[rule]
    details: dict[str, object] = {"rule": rule.value, "source": START_SOURCES[rule], "limit": str(limit)}
    if rule is StartRule.CUTOFF:
        why = f"{why} ({cutoff})"
        details["cutoff"] = cutoff
    text = f"Received {clock_text(calendar, received_at)}, {why}: counted from {clock_text(calendar, start_at)}."
    return Line("start", received_at, start_at, text, details=details)


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
    first_on = calendar.local_date(start_at)
    changes = {hours.valid_from: hours for hours in calendar.hours if hours.valid_from > first_on}
    for on in _dates(first_on, calendar.local_date(end_at)):
        rule = calendar.day_rule(on)
        if on in changes:
            lines += _run_line(calendar, run, start_at, end_at, segment.unit)
            lines.append(_hours_line(calendar, changes[on]))
            run = []
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
    details: dict[str, object] = {"note": rule.note}
    if rule.shifts:
        details["hours"] = shifts_text(rule.shifts)
    hours = f" with the hours {details['hours']}" if rule.shifts else ""
    why = f"{rule.note}; {rule.decision}"
    text = f"{_date_text(rule.on)} is a working day{hours} ({why}): {quantity_text(amount, unit)}."
    return Line("make_up", from_at, max(from_at, to_at), text, amount, unit, rule.decision, details)


def _hours_line(calendar: WorkingCalendar, hours: OfficeHours) -> Line:
    at = calendar.at_local(_midnight(hours.valid_from))
    week = "; ".join(f"{name} {shifts_text(shifts)}" for name, shifts in zip(_WEEKDAYS, hours.week, strict=True))
    text = f"From {_date_text(hours.valid_from)} the office has other weekly hours ({hours.decision}): {week}."
    details = {"note": hours.note, "week": [shifts_text(shifts) for shifts in hours.week]}
    return Line("hours", at, at, text, decision=hours.decision, details=details)


def _day_off(calendar: WorkingCalendar, rule: DayRule) -> Line:
    from_at = calendar.at_local(_midnight(rule.on))
    to_at = calendar.at_local(_midnight(rule.on + _ONE_DAY))
    awaited = ", provisional" if rule.provisional else ""
    text = f"{_date_text(rule.on)} is off ({rule.note}; {rule.decision}{awaited}) and does not count."
    details = {"note": rule.note, "provisional": rule.provisional}
    return Line("day_off", from_at, to_at, text, decision=rule.decision, details=details)


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
    why, details = "lies outside office hours", {}
    if not calendar.is_working_day(clock.date()):
        why, details = "falls on a day off", {"source": CIVIL_CODE_148_5}
    elif clock.date() != end_on:
        why = "lies after closing"
    text = f"The end, {clock_text(calendar, raw_at)}, {why}: it moves to {clock_text(calendar, end_at)}."
    return [*lines, Line("roll", raw_at, end_at, text, details=details)]


def _dates(first_on: date, last_on: date) -> Iterator[date]:
    for ordinal in range(first_on.toordinal(), last_on.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day)  # noqa: DTZ001 - a local clock, given a zone by at_local


def _date_text(on: date) -> str:
    return f"{_WEEKDAYS[on.weekday()]} {on.isoformat()}"
