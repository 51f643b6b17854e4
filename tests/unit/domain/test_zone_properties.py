"""Sanity in other zones: clocks that are put forward and back, and dates beside the date line.

Vietnam has had one offset since 1975; the calendar names its zone all the same, and a wrong one must not bend dates.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.calendar import Shift, WorkingCalendar
from engine.domain.deadlines import LateRule, due, due_instant, late_after, rest, resume, spent
from engine.domain.limits import Limit, Unit
from tests.support.random_offices import amounts_of, limits, moments, night_spans, offices
from tests.support.slow_calendar import TICK

ZONES = [
    pytest.param("Europe/Berlin", date(2026, 3, 10), id="clocks-put-forward"),
    pytest.param("Europe/Berlin", date(2026, 10, 5), id="clocks-put-back"),
    pytest.param("America/New_York", date(2026, 2, 20), id="behind-utc-clocks-put-forward"),
    pytest.param("Pacific/Kiritimati", date(2025, 12, 22), id="fourteen-hours-ahead"),
    pytest.param("Pacific/Pago_Pago", date(2025, 12, 22), id="eleven-hours-behind"),
    pytest.param("Asia/Kathmandu", date(2025, 12, 22), id="a-quarter-of-an-hour-off"),
]


@pytest.mark.parametrize(("zone", "first"), ZONES)
@settings(max_examples=25)
@given(data=st.data())
def test_dates_are_right_in_any_zone(data: st.DataObject, zone: str, first: date) -> None:
    office = data.draw(offices(zone, first, night_spans()))
    received_at, limit = data.draw(moments(office)), data.draw(limits(office))
    found = due(office.calendar, received_at=received_at, limit=limit)
    assert found.due_at == office.slow.due(received_at, amounts_of(limit))
    assert office.slow.open_at(found.due_at) or office.slow.open_at(found.due_at - TICK)
    after = late_after(office.calendar, found.due_at, LateRule.DAY)
    assert found.due_at <= after
    assert office.slow.date_of(after) == office.slow.date_of(found.due_at) < office.slow.date_of(after + TICK)
    for unit in Unit:
        first_at, last_at = sorted((received_at, data.draw(moments(office))))
        assert spent(office.calendar, first_at, last_at, unit) == office.slow.spent(first_at, last_at, unit.value)
    paused_at = max(found.counted_from, min(data.draw(moments(office)), found.due_at))
    left = rest(office.calendar, limit=limit, running_from=found.counted_from, at=paused_at)
    assert resume(office.calendar, resumed_at=paused_at, rest=left).due_at == found.due_at


def berlin(*shifts: str) -> WorkingCalendar:
    return WorkingCalendar.build(
        zone="Europe/Berlin", shifts=tuple(map(Shift.parse, shifts)), days=(), years=range(2026, 2027)
    )


def test_a_working_day_keeps_its_clock_time_when_clocks_are_put_forward() -> None:
    office = berlin("08:00-12:00", "13:00-17:00")
    friday = office.at_local(datetime.fromisoformat("2026-03-27T09:00"))
    for text, clock in [("1 working_day", "2026-03-30T09:00"), ("3 calendar_day", "2026-03-30T09:00")]:
        end_at = due_instant(office, received_at=friday, limit=Limit.parse(text))
        assert office.local(end_at).strftime("%Y-%m-%dT%H:%M") == clock
        assert end_at - friday == timedelta(hours=71)
