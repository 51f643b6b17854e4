"""``motcua bench due-dates``: due dates of mixed units, in bulk beside numpy and one by one beside a bisect pair."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.domain.bulk_reckoning import due_ticks
from engine.domain.calendar import DayKind, WorkingCalendar
from engine.domain.cutoffs import Cutoff
from engine.domain.limits import Limit
from engine.domain.local_clock import DAY, HOUR
from engine.domain.reckoning import planner
from engine.seeds.calendar_vn import default_calendar

PLANS = (
    ("1 working_day", None),
    ("0.5 working_day", None),
    ("2.5 working_day", "15:00"),
    ("15 working_day", "17:00"),
    ("10 working_day", "last-hour"),
    ("1/3 working_day", None),
    ("4 working_hour", None),
    ("36 working_hour", "15:00"),
    ("5 calendar_day", None),
    ("30 calendar_day", "17:00"),
    ("7.5 calendar_day", "last-hour"),
    ("15 working_day + 2.5 calendar_day", None),
)
ROUNDS = 7  # of each side in turn; the median counts, because these machines are noisy
LONGEST = 90 * DAY  # no limit above takes longer from a receipt to its due date


@dataclass(frozen=True, slots=True)
class Measure:
    """Nanoseconds of processor time for one due date, beside those of its floor in the same run."""

    name: str
    value: float
    unit: str
    floor: float
    ratio: float
    at_most: float
    what: str

    @classmethod
    def of(cls, name: str, ours: list[float], floors: list[float], *, at_most: float, what: str) -> Measure:
        """Take the medians of rounds that were run in turns."""
        value, floor = median(ours), median(floors)
        return cls(name, value, "ns/due date", floor, value / floor, at_most, what)

    def as_json(self) -> dict[str, Any]:
        """Return the values, rounded."""
        return {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class DueDates:
    """Both figures; the one in bulk stands for the whole (contract §2 ``bench``)."""

    in_bulk: Measure
    one_by_one: Measure

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document that the command prints."""
        parts = [part.as_json() for part in (self.in_bulk, self.one_by_one)]
        return {**parts[0], "name": "due-dates", "parts": parts}


def measure(*, rows: int = 1_000_000, calls: int = 120_000) -> DueDates:
    """Measure on the national calendar, with receipts at any time of day, week and year."""
    calendar = default_calendar()
    return DueDates(in_bulk=_in_bulk(calendar, rows), one_by_one=_one_by_one(calendar, calls))


def _in_bulk(calendar: WorkingCalendar, rows: int) -> Measure:
    draw = np.random.default_rng(118)
    received = _receipts(calendar, draw, rows)
    plans = [(Limit.parse(limit), Cutoff.parse(cutoff)) for limit, cutoff in PLANS]
    plan_of_row = draw.integers(0, len(plans), rows)
    dates = (received // DAY).astype("datetime64[D]")
    days = draw.integers(1, 31, rows)
    national = np.busdaycalendar(holidays=[rule.on for rule in calendar.days if rule.kind is DayKind.OFF])
    ours, floors = [], []
    for _ in range(ROUNDS):
        ours.append(_time(lambda: due_ticks(calendar, received=received, plans=plans, plan_of_row=plan_of_row)))
        floors.append(_time(lambda: np.busday_offset(dates, days, roll="forward", busdaycal=national)))
    return Measure.of(
        "in bulk",
        [seconds / rows * 1e9 for seconds in ours],
        [seconds / rows * 1e9 for seconds in floors],
        at_most=6,
        what=f"{rows} due dates of {len(plans)} limits in one call; floor: numpy.busday_offset on as many whole days",
    )


def _one_by_one(calendar: WorkingCalendar, calls: int) -> Measure:
    draw = np.random.default_rng(297)
    planners = [planner(calendar, Limit.parse(limit), Cutoff.parse(cutoff)) for limit, cutoff in PLANS]
    batches = [_receipts(calendar, draw, calls // len(planners)).tolist() for _ in planners]
    bare = _bisect_pair(calendar)
    ours, floors = [], []
    for _ in range(ROUNDS):
        turns = [
            (_time(lambda due=due, batch=batch: _call(due, batch)), _time(lambda batch=batch: _call(bare, batch)))
            for due, batch in zip(planners, batches, strict=True)
        ]
        ours.append(sum(turn for turn, _ in turns))
        floors.append(sum(turn for _, turn in turns))
    count = sum(len(batch) for batch in batches)
    return Measure.of(
        "one by one",
        [seconds / count * 1e9 for seconds in ours],
        [seconds / count * 1e9 for seconds in floors],
        at_most=3,
        what=f"a call for each of {count} receipts; floor: a bare pair of bisect calls for the same receipts",
    )


def _receipts(calendar: WorkingCalendar, draw: np.random.Generator, count: int) -> NDArray[np.int64]:
    return draw.integers(calendar.table.begins, calendar.table.ends - LONGEST, count)


def _call(due: Callable[[int], int], batch: list[int]) -> None:
    for received in batch:
        due(received)


def _bisect_pair(calendar: WorkingCalendar) -> Callable[[int], int]:
    """Return the barest way to add 36 working hours (libraries.md §10): no start rule, no ties, no check."""
    opens, closes, worked = calendar.table.opens, calendar.table.closes, calendar.table.worked
    added = 36 * HOUR

    def due(start: int) -> int:
        slot = bisect_right(closes, start)
        work = worked[slot] + max(start - opens[slot], 0) + added
        slot = bisect_left(worked, work) - 1
        return opens[slot] + work - worked[slot]

    return due


def _time(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began
