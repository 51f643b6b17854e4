"""One by one, prepared or in bulk: the same ticks, and those that the rule in fractions and datetimes gives."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.bulk_reckoning import due_ticks
from engine.domain.bulk_tables import Marks
from engine.domain.calendar import CalendarGapError, DayKind, DayRule, OfficeHours, Shift, WorkingCalendar
from engine.domain.cutoffs import Cutoff
from engine.domain.deadlines import due, due_instant
from engine.domain.limits import Limit, Segment, Unit
from engine.domain.local_clock import LocalClock, instant_of, ticks_of
from engine.domain.reckoning import counting_from, planner
from engine.seeds.calendar_vn import SHIFTS, default_calendar
from tests.support.exact_dates import exact_due

VN = default_calendar()
FIRST = date(2026, 3, 9)  # the clocks of Berlin change on the 29th


def ticks(clock: str, calendar: WorkingCalendar = VN) -> int:
    return ticks_of(calendar.at_local(datetime.fromisoformat(clock)))


def plan(limit: str, cutoff: str | None = None) -> tuple[Limit, Cutoff | None]:
    return Limit.parse(limit), Cutoff.parse(cutoff)


def in_bulk(calendar: WorkingCalendar, plans: list[Any], rows: list[tuple[int, int]]) -> list[int]:
    received = np.array([at for at, _ in rows], np.int64)
    return due_ticks(
        calendar, received=received, plans=plans, plan_of_row=np.array([which for _, which in rows], np.int64)
    ).tolist()


# --- the three ways agree ------------------------------------------------------------------------------------------


@st.composite
def shifts(draw: st.DrawFn) -> tuple[Shift, ...]:
    """One to three shifts after 04:00, when no clock changes: neighbours may touch, ends may be odd."""
    count = draw(st.integers(1, 3))
    steps = draw(st.sampled_from([(48, 300_000_000), (24 * 60, 7_000_001)]))
    marks = sorted(draw(st.lists(st.integers(0, steps[0] * 4), min_size=2 * count, max_size=2 * count, unique=True)))
    clocks = [(datetime(2026, 1, 1, 4) + timedelta(microseconds=mark * steps[1])).time() for mark in marks]  # noqa: DTZ001
    if count > 1 and draw(st.booleans()):
        clocks[2] = clocks[1]
    return tuple(Shift(clocks[2 * n], clocks[2 * n + 1]) for n in range(count))


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Days off, make-up days and half days crowded where the receipts are; weeks of their own; three zones."""
    days = {
        FIRST + timedelta(days=offset): draw(st.one_of(st.none(), st.just(()), shifts()))
        for offset in draw(st.lists(st.integers(-3, 40), max_size=20, unique=True))
    }
    rules = [
        DayRule(on, DayKind.OFF if own is None else DayKind.WORK, "1/QĐ", "note", shifts=own or ())
        for on, own in days.items()
    ]
    week = draw(st.none() | st.lists(st.just(()) | shifts(), min_size=7, max_size=7).filter(any))
    hours = [] if week is None else [OfficeHours(FIRST + timedelta(days=draw(st.integers(0, 30))), tuple(week), "2/QĐ")]
    zone = draw(st.sampled_from(["Asia/Ho_Chi_Minh", "Asia/Kathmandu", "Europe/Berlin"]))
    return WorkingCalendar.build(zone=zone, shifts=draw(shifts()), days=rules, years=range(2026, 2029), hours=hours)


AMOUNTS = st.one_of(
    st.integers(0, 40).map(lambda n: Fraction(n, 2)),
    st.fractions(0, 12, max_denominator=60),
    st.fractions(0, 3, max_denominator=10**18),
)
SEGMENTS = st.builds(Segment, AMOUNTS, st.sampled_from(Unit))
LIMITS = st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda segments: Limit(tuple(segments)))
CUTOFFS = st.sampled_from([None, "15:00", "03:59:59.999999", "00:00", "09:07", "last-hour"])
PLANS = st.lists(st.tuples(LIMITS, CUTOFFS), min_size=1, max_size=4)
RECEIPTS = st.one_of(st.integers(0, 40 * 24 * 12).map(lambda n: n * 300_000_000), st.integers(0, 40 * 86_400_000_000))


@settings(max_examples=250)
@given(calendars(), PLANS, st.lists(st.tuples(RECEIPTS, st.integers(0, 3)), min_size=1, max_size=12))
def test_one_by_one_in_bulk_explained_and_by_the_rule_are_the_same(calendar, worded, draws):
    plans = [(limit, Cutoff.parse(cutoff)) for limit, cutoff in worded]
    begins = ticks_of(calendar.at_local(datetime.combine(FIRST, time())))
    rows = [(begins + offset, which % len(plans)) for offset, which in draws]
    expected = [by_the_rule(calendar, instant_of(received), *worded[which]) for received, which in rows]
    for due_at, (received, which) in zip(expected, rows, strict=True):
        assert one_by_one(calendar, instant_of(received), *plans[which]) == (due_at,) * 3
    dated = [row for row, due_at in zip(rows, expected, strict=True) if due_at is not None]
    assert in_bulk(calendar, plans, dated) == [ticks_of(due_at) for due_at in expected if due_at is not None]
    if None in expected:
        with pytest.raises(CalendarGapError, match=f"row {expected.index(None)}: "):
            in_bulk(calendar, plans, rows)


def by_the_rule(calendar: WorkingCalendar, received_at: datetime, limit: Limit, cutoff: str | None) -> datetime | None:
    """``None`` where the calendar ends first: some have a shift of seconds a week."""
    try:
        return exact_due(calendar, received_at, limit, cutoff)
    except CalendarGapError:
        return None


def one_by_one(
    calendar: WorkingCalendar, received_at: datetime, limit: Limit, cutoff: Cutoff | None
) -> tuple[datetime | None, ...]:
    found: list[datetime | None] = []
    for way in (
        lambda: instant_of(planner(calendar, limit, cutoff)(ticks_of(received_at))),
        lambda: due_instant(calendar, received_at=received_at, limit=limit, cutoff=cutoff),
        lambda: due(calendar, received_at=received_at, limit=limit, cutoff=cutoff).due_at,
    ):
        try:
            found.append(way())
        except CalendarGapError:
            found.append(None)
    return tuple(found)


@pytest.mark.parametrize("boundary", [-1, 0, 1])
@pytest.mark.parametrize("cutoff", [None, "15:00", "12:00", "last-hour"])
@pytest.mark.parametrize("limit", ["0.5 working_day", "8 working_hour", "0.1 calendar_day", "1 calendar_day"])
def test_each_side_of_each_boundary_is_the_same_in_bulk(limit, cutoff, boundary):
    clocks = ("00:00", "07:00", "11:30", "12:00", "13:30", "15:00", "16:00", "17:00", "23:59:59.999999")
    dates = ("2026-02-13", "2026-02-14", "2026-08-21", "2026-08-22", "2026-12-31")
    rows = [(ticks(f"{on}T{clock}") + boundary, 0) for on in dates for clock in clocks]
    one_by_one = planner(VN, *plan(limit, cutoff))
    assert in_bulk(VN, [plan(limit, cutoff)], rows) == [one_by_one(at) for at, _ in rows]


@pytest.mark.parametrize(
    ("received", "limit", "end"),
    [
        pytest.param("2026-03-02T07:00", f"{10**16 - 1}/{10**16} working_day", "2026-03-03T07:00", id="of-a-day"),
        pytest.param(
            "2026-03-02T07:00", f"{9 * 10**15 - 1}/{16 * 10**15} working_day", "2026-03-02T13:30", id="of-a-shift"
        ),
        pytest.param(
            "2026-03-02T07:00", f"{9 * 10**15 - 1}/{2 * 10**15} working_hour", "2026-03-02T11:30", id="of-hours"
        ),
        pytest.param("2028-12-29T07:00", f"{10**16 - 1}/{10**16} working_day", None, id="of-the-last-day"),
    ],
)
def test_an_end_less_than_a_tick_before_a_boundary_is_that_boundary(received, limit, end):
    rows = [(ticks(received), 0)]
    if end is None:
        with pytest.raises(CalendarGapError):
            in_bulk(VN, [plan(limit)], rows)
        return
    assert planner(VN, *plan(limit))(ticks(received)) == ticks(end)
    assert in_bulk(VN, [plan(limit)], rows) == [ticks(end)]


def test_many_rows_are_the_same_in_bulk():
    plans = [plan("2.5 working_day", "15:00"), plan("1/3 working_hour"), plan("3 working_day + 10 calendar_day")]
    rows = [(VN.table.begins + n * 3_600_000_037, n % 3) for n in range(40_000)]
    one_by_one = [planner(VN, *each) for each in plans]
    assert in_bulk(VN, plans, rows) == [one_by_one[which](at) for at, which in rows]


@pytest.mark.parametrize(
    ("received", "counted"),
    [("12:00", "13:30"), ("13:30", "13:30"), ("13:30:00.000001", None), ("14:29", None)],
)
def test_a_shift_of_an_hour_is_the_last_hour_once_it_has_begun(received, counted):
    short = WorkingCalendar.build(
        zone="Asia/Ho_Chi_Minh",
        shifts=(Shift(time(7), time(11, 30)), Shift(time(13, 30), time(14, 30))),
        days=(),
        years=range(2026, 2027),
    )
    at = ticks(f"2026-03-02T{received}", short)
    wanted = ticks(f"2026-03-02T{counted}" if counted else "2026-03-03T07:00", short)
    assert counting_from(short.table, Unit.WORKING_DAY, Cutoff.parse("last-hour"))(at) == wanted
    assert in_bulk(short, [plan("0.001 working_hour", "last-hour")], [(at, 0)]) == [wanted + 3_600_000]


def test_no_row_is_no_date():
    assert in_bulk(VN, [], []) == []
    assert in_bulk(VN, [plan("1 working_day")], []) == []


# --- what cannot be computed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "limit", "year"),
    [
        ("2022-12-31T23:59:59.999999", "1 working_day", 2022),
        ("2029-01-01T00:00", "1 working_day", 2029),
        ("2028-12-29T17:00", "1 working_hour", 2029),
        ("2028-12-28T09:00", "2 working_day", 2029),
        ("2028-12-28T09:00", "17 working_hour", 2029),
        ("2028-12-28T09:00", "30 calendar_day", 2029),
        ("2028-12-29T09:00", "1 calendar_day", 2029),
        ("2028-12-29T09:00", "4000 calendar_day", 2039),
        ("2028-12-29T09:00", "10000 working_day", 2029),
        ("2028-12-20T09:00", "8 calendar_day + 2 working_day", 2029),
    ],
)
def test_a_date_beyond_the_calendar_names_year_and_row(received, limit, year):
    beyond = ticks(received)
    with pytest.raises(CalendarGapError) as alone:
        planner(VN, *plan(limit))(beyond)
    with pytest.raises(CalendarGapError) as among:
        in_bulk(VN, [plan(limit), plan("3 working_day")], [(ticks("2026-03-02T09:00"), 1), (beyond, 0), (beyond, 0)])
    assert alone.value.details["year"] == year
    assert among.value.message == f"row 1: {alone.value.message}"
    assert among.value.details == {**alone.value.details, "row": 1}


def test_a_receipt_after_its_cutoff_on_the_last_working_day_has_no_date():
    late = ticks("2028-12-29T16:30")
    for limit in ("1 working_hour", "1 working_day", "0 working_day", "1 calendar_day"):
        with pytest.raises(CalendarGapError):
            planner(VN, *plan(limit, "15:00"))(late)
        with pytest.raises(CalendarGapError, match="row 0"):
            in_bulk(VN, [plan(limit, "last-hour")], [(late, 0)])
    with pytest.raises(CalendarGapError):
        counting_from(VN.table, Unit.CALENDAR_DAY, Cutoff.parse("15:00"))(late)


def test_an_end_at_the_very_last_closing_is_a_date():
    last = ticks("2028-12-29T17:00")
    assert in_bulk(VN, [plan("8 working_hour")], [(ticks("2028-12-29T07:00"), 0)]) == [last]
    assert in_bulk(VN, [plan("8 working_hour + 0 working_hour")], [(ticks("2028-12-29T07:00"), 0)]) == [last]


@pytest.mark.parametrize("which", [-1, 1])
def test_a_row_that_names_no_plan_is_refused(which):
    with pytest.raises(IndexError, match="of 1, counted from 0"):
        in_bulk(VN, [plan("1 working_day")], [(ticks("2026-03-02T09:00"), which)])


# --- the tables ----------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=60), st.lists(st.floats(0, 1), min_size=1))
def test_marks_passed_are_those_that_bisect_counts(gaps, shares):
    marks = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    values = [int(share * marks[-1]) for share in shares]
    found = Marks.of(marks, begins=0).passed(np.array(values, np.int64))
    assert found.tolist() == [bisect_right(marks, value) for value in values]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Ho_Chi_Minh", "America/St_Johns"])
def test_local_clock_reads_as_the_zone_does(zone):
    tz = ZoneInfo(zone)
    begins, ends = ticks_of(datetime(2026, 1, 1, tzinfo=UTC)), ticks_of(datetime(2027, 1, 1, tzinfo=UTC))
    clock = LocalClock.of(tz, begins, ends)
    for at in range(begins, ends, 900_000_000):
        shown = instant_of(at).astimezone(tz).replace(tzinfo=UTC, fold=0)
        assert clock.reading(at) == ticks_of(shown)
        assert clock.ticks(ticks_of(shown)) == ticks_of(shown.replace(tzinfo=tz))
        skipped = shown + timedelta(hours=1)
        assert clock.ticks(ticks_of(skipped)) == ticks_of(skipped.replace(tzinfo=tz))


def test_a_clock_that_changes_counts_by_its_own_hours():
    berlin = WorkingCalendar.build(zone="Europe/Berlin", shifts=SHIFTS, days=(), years=range(2026, 2027))
    rows = [(ticks("2026-03-27T09:00", berlin), which) for which in range(3)]
    found = in_bulk(berlin, [plan("3 calendar_day"), plan("1 working_day", "15:00"), plan("8 working_hour")], rows)
    assert found == [ticks("2026-03-30T09:00", berlin)] * 3
