"""Properties of the axes in random offices: measure, go forward, go back."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from engine.domain.axes import advance, position
from engine.domain.calendar import CalendarGapError
from engine.domain.deadlines import before, due_instant, latest_start, order_at, spent
from engine.domain.limits import Limit, Segment, Unit
from tests.support.random_offices import WORKING, Office, limits, moments, offices, one_working, segments
from tests.support.slow_calendar import TICK

ROUNDING = Fraction(2, 60_000_000)
"""Two microseconds of the shortest working day, a minute: more than what rounding up takes or gives."""


@settings(max_examples=60)
@given(st.data(), offices(), st.sampled_from(Unit))
def test_time_spent_equals_the_walking_oracle(data: st.DataObject, office: Office, unit: Unit) -> None:
    first_at, last_at = sorted(data.draw(moments(office)) for _ in range(2))
    assert spent(office.calendar, first_at, last_at, unit) == office.slow.spent(first_at, last_at, unit.value)


@settings(max_examples=40)
@given(st.data(), offices(), st.sampled_from(Unit))
def test_positions_rise_while_the_office_works_and_only_then(data: st.DataObject, office: Office, unit: Unit) -> None:
    moments_of = [data.draw(moments(office)) for _ in range(6)]
    positions = [position(office.calendar, at, unit) for at in sorted(moments_of)]
    assert positions == sorted(positions)
    for at in moments_of:
        risen = position(office.calendar, at + TICK, unit) - position(office.calendar, at, unit)
        assert (risen > 0) is (office.slow.open_at(at) or unit is Unit.CALENDAR_DAY)


@settings(max_examples=40)
@given(st.data(), offices(), st.sampled_from(Unit))
def test_time_spent_adds_up_and_turns_round(data: st.DataObject, office: Office, unit: Unit) -> None:
    first_at, between, last_at = (data.draw(moments(office)) for _ in range(3))
    whole = spent(office.calendar, first_at, last_at, unit)
    assert whole == spent(office.calendar, first_at, between, unit) + spent(office.calendar, between, last_at, unit)
    assert whole == -spent(office.calendar, last_at, first_at, unit)


# --- inverse -------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.data(), offices())
def test_the_time_spent_until_an_end_is_the_amount(data: st.DataObject, office: Office) -> None:
    for _ in range(4):
        start_at, segment = data.draw(moments(office)), data.draw(one_working(office))
        end_at = advance(office.calendar, start_at, segment)
        assert 0 <= spent(office.calendar, start_at, end_at, segment.unit) - segment.amount < ROUNDING


@settings(max_examples=40)
@given(st.data(), offices())
def test_going_back_comes_to_the_start_but_for_ties(data: st.DataObject, office: Office) -> None:
    for _ in range(4):
        start_at, segment = data.draw(moments(office)), data.draw(one_working(office))
        back_at = before(office.calendar, advance(office.calendar, start_at, segment), Limit((segment,)))
        assert 0 <= spent(office.calendar, start_at, back_at, segment.unit) < ROUNDING
        assert office.slow.open_at(back_at)  # of two instants without work between, the later


@settings(max_examples=40)
@given(st.data(), offices())
def test_whole_hours_go_back_exactly(data: st.DataObject, office: Office) -> None:
    start_at = office.calendar.next_opening(data.draw(moments(office)))
    limit = Limit((Segment(Fraction(data.draw(st.integers(1, 100)), 60), Unit.WORKING_HOUR),))
    assert before(office.calendar, due_instant(office.calendar, received_at=start_at, limit=limit), limit) == start_at


@settings(max_examples=40)
@given(st.data(), offices(), st.integers(0, 12 * 48))
def test_calendar_days_go_forward_to_where_they_went_back_from(
    data: st.DataObject, office: Office, half_hours: int
) -> None:
    end_at = office.calendar.next_opening(data.draw(moments(office)))
    segment = Segment(Fraction(half_hours, 48), Unit.CALENDAR_DAY)
    start_at = before(office.calendar, end_at, Limit((segment,)))
    assert advance(office.calendar, start_at, segment) == end_at


# --- looking back --------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.data(), offices())
def test_shares_fit_from_their_latest_start_and_not_after_it(data: st.DataObject, office: Office) -> None:
    due_at = office.calendar.next_opening(data.draw(moments(office)))
    share = data.draw(one_working(office))
    try:
        last_at = latest_start(office.calendar, due_at=due_at, shares=Limit((share,)))
    except CalendarGapError:  # hours of long days, looked for where they were short
        reject()
    assert last_at <= due_at
    assert 0 <= share.amount - spent(office.calendar, last_at, due_at, share.unit) < ROUNDING
    assert spent(office.calendar, last_at - TICK, due_at, share.unit) >= share.amount - ROUNDING
    assert office.slow.open_at(last_at)


@settings(max_examples=40)
@given(st.data(), offices())
def test_the_apology_is_ordered_before_the_end_and_no_earlier_than_a_day(data: st.DataObject, office: Office) -> None:
    limit = data.draw(limits(office))
    due_at = due_instant(office.calendar, received_at=data.draw(moments(office)), limit=limit)
    latest = order_at(office.calendar, limit=limit, due_at=due_at)
    assert latest <= due_at
    assert spent(office.calendar, latest, due_at, Unit.WORKING_DAY) <= 1


@settings(max_examples=40)
@given(st.data(), offices())
def test_the_apology_leaves_a_quarter_of_a_short_limit(data: st.DataObject, office: Office) -> None:
    segment = data.draw(segments(office, WORKING))
    received_at = office.calendar.next_opening(data.draw(moments(office)))
    due_at = due_instant(office.calendar, received_at=received_at, limit=Limit((segment,)))
    latest = order_at(office.calendar, limit=Limit((segment,)), due_at=due_at)
    left = spent(office.calendar, latest, due_at, segment.unit)
    assert left <= segment.amount / 4
    day_before = spent(office.calendar, latest, due_at, Unit.WORKING_DAY)
    assert segment.amount / 4 - left < ROUNDING or 1 - day_before < ROUNDING
