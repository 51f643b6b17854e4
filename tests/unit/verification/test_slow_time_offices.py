"""The walking arithmetic of verify agrees with the engine in random offices: weekly hours, half days, other zones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import deadlines
from engine.domain.calendar import CalendarGapError
from engine.domain.limits import Unit
from engine.verification import slow_time
from tests.support.random_offices import (
    CUTOFFS,
    DATES,
    FIRST,
    VIETNAM,
    Office,
    limits,
    moments,
    night_spans,
    offices,
)

ZONES = [(VIETNAM, FIRST), ("Europe/Berlin", date(2026, 3, 10)), ("America/New_York", date(2026, 10, 10))]
IN_ANY_ZONE = pytest.mark.parametrize(("zone", "first"), ZONES, ids=[zone for zone, _ in ZONES])


def both(data: st.DataObject, zone: str, first: date) -> tuple[Office, slow_time.Office]:
    office = data.draw(offices(zone, first, night_spans()) if zone != VIETNAM else offices())
    return office, slow_time.Office(office.calendar.content())


def unless_outside(call: Callable[[], datetime]) -> datetime | None:
    """What is found, or nothing where the calendar ends: hours of long days, looked for where they were short."""
    try:
        return call()
    except (CalendarGapError, slow_time.OutsideCalendarError):
        return None


@IN_ANY_ZONE
@settings(max_examples=15)
@given(data=st.data())
def test_slow_time_knows_the_shifts_of_each_date(data: st.DataObject, zone: str, first: date) -> None:
    office, walked = both(data, zone, first)
    for on in (first + timedelta(days=n) for n in range(-3, DATES + 10)):
        assert tuple(walked.slots(on)) == office.calendar.slots(on)


@IN_ANY_ZONE
@settings(max_examples=30)
@given(data=st.data(), cutoff=CUTOFFS)
def test_slow_time_agrees_on_promises_and_pauses(
    data: st.DataObject, zone: str, first: date, cutoff: str | None
) -> None:
    office, walked = both(data, zone, first)
    received_at, limit = data.draw(moments(office)), data.draw(limits(office))
    found = deadlines.due(office.calendar, received_at=received_at, limit=limit, cutoff=deadlines.Cutoff.parse(cutoff))
    assert slow_time.due(walked, received_at, limit, cutoff) == (found.counted_from, found.due_at)
    assert walked.is_provisional(found.counted_from, found.due_at) is found.provisional
    paused_at, resumed_at = sorted(data.draw(moments(office)) for _ in range(2))
    left = deadlines.rest(office.calendar, limit=limit, running_from=found.counted_from, at=paused_at)
    assert slow_time.rest(walked, limit, found.counted_from, paused_at) == left
    until = deadlines.left_until(office.calendar, at=paused_at, end_at=found.due_at)
    assert slow_time.left_until(walked, paused_at, found.due_at) == until
    again = deadlines.resume(office.calendar, resumed_at=resumed_at, rest=left)
    assert slow_time.resume(walked, resumed_at, left) == (again.counted_from, again.due_at)


@IN_ANY_ZONE
@settings(max_examples=25)
@given(data=st.data())
def test_slow_time_agrees_on_measuring_and_looking_back(data: st.DataObject, zone: str, first: date) -> None:
    office, walked = both(data, zone, first)
    limit, first_at, last_at = data.draw(limits(office)), data.draw(moments(office)), data.draw(moments(office))
    for unit in Unit:
        assert slow_time.spent(walked, first_at, last_at, unit) == (
            deadlines.spent(office.calendar, first_at, last_at, unit)
        )
    assert unless_outside(lambda: slow_time.before(walked, last_at, limit)) == (
        unless_outside(lambda: deadlines.before(office.calendar, last_at, limit))
    )
    assert unless_outside(lambda: slow_time.lead(walked, limit, last_at)) == (
        unless_outside(lambda: deadlines.order_at(office.calendar, limit=limit, due_at=last_at))
    )
