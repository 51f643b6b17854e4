"""Properties of due dates in random offices, beside an oracle that walks minutes (issue 3, "The rule")."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.domain.axes import advance
from engine.domain.deadlines import Cutoff, LateRule, due, due_instant, is_late, late_after
from engine.domain.limits import Limit, Segment, Unit
from tests.support.random_offices import (
    CUTOFFS,
    WORKING,
    Office,
    amounts_of,
    limits,
    moments,
    offices,
    one_working,
)
from tests.support.slow_calendar import TICK


def due_at(office: Office, at: datetime, limit: Limit, cutoff: str | None = None) -> datetime:
    return due_instant(office.calendar, received_at=at, limit=limit, cutoff=Cutoff.parse(cutoff))


@settings(max_examples=120)
@given(st.data(), offices(), CUTOFFS)
def test_due_equals_the_walking_oracle(data: st.DataObject, office: Office, cutoff: str | None) -> None:
    for _ in range(2):
        received_at, limit = data.draw(moments(office)), data.draw(limits(office))
        found = due(office.calendar, received_at=received_at, limit=limit, cutoff=Cutoff.parse(cutoff))
        amounts = amounts_of(limit)
        assert found.counted_from == office.slow.start(received_at, amounts[0][1], cutoff)
        assert found.due_at == office.slow.due(received_at, amounts, cutoff=cutoff)
        assert found.due_at == due_at(office, received_at, limit, cutoff)


@settings(max_examples=40)
@given(st.data(), offices(), CUTOFFS)
def test_nothing_is_due_outside_a_shift_or_born_overdue(
    data: st.DataObject, office: Office, cutoff: str | None
) -> None:
    for _ in range(4):
        received_at, limit = data.draw(moments(office)), data.draw(limits(office))
        found = due(office.calendar, received_at=received_at, limit=limit, cutoff=Cutoff.parse(cutoff))
        assert office.slow.open_at(found.due_at) or office.slow.open_at(found.due_at - TICK)
        assert received_at <= found.counted_from <= found.due_at
        for rule in LateRule:
            after = late_after(office.calendar, found.due_at, rule)
            assert not is_late(received_at, after)
            assert not is_late(found.due_at, after)
            assert is_late(after + TICK, after)
            assert office.slow.date_of(after) == office.slow.date_of(found.due_at)


@settings(max_examples=40)
@given(st.data(), offices())
def test_provisional_is_what_touches_a_year_without_decision(data: st.DataObject, office: Office) -> None:
    found = due(office.calendar, received_at=data.draw(moments(office)), limit=data.draw(limits(office)))
    declared = {rule.on.year for rule in office.calendar.days}
    awaited = {rule.on.year for rule in office.calendar.days if rule.provisional}
    touched = range(office.slow.date_of(found.counted_from).year, office.slow.date_of(found.due_at).year + 1)
    assert found.provisional is any(year not in declared or year in awaited for year in touched)


# --- monotone ------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.data(), offices(), CUTOFFS)
def test_a_later_receipt_is_never_due_earlier(data: st.DataObject, office: Office, cutoff: str | None) -> None:
    for _ in range(3):
        limit = data.draw(limits(office))
        if limit.segments[0].unit is Unit.CALENDAR_DAY:
            cutoff = None  # after it, a receipt counts from the next opening; a later one on a day off from itself
        first_at, last_at = sorted(data.draw(moments(office)) for _ in range(2))
        early, late = due_at(office, first_at, limit, cutoff), due_at(office, last_at, limit, cutoff)
        counted = [segment for segment in limit.segments if segment.amount] or list(limit.segments)
        if any(segment.unit is Unit.CALENDAR_DAY for segment in counted[:-1]):
            continue  # a moved day keeps its clock time, and what is counted after it begins there
        if counted[-1].unit is Unit.CALENDAR_DAY:  # a moved day keeps its clock time
            assert office.slow.date_of(early) <= office.slow.date_of(late)
        else:
            assert early <= late


@settings(max_examples=40)
@given(st.data(), offices())
def test_a_longer_limit_is_never_due_earlier(data: st.DataObject, office: Office) -> None:
    for _ in range(4):
        at, limit = data.draw(moments(office)), data.draw(limits(office, most=1))
        segment = limit.segments[0]
        assume(segment.amount > 0 or segment.unit is not Unit.WORKING_DAY)  # 0 is the whole of the counted day
        more = data.draw(st.fractions(0, 2))
        longer = Limit((Segment(segment.amount + more, segment.unit),))
        early, late = due_at(office, at, limit), due_at(office, at, longer)
        if segment.unit is Unit.CALENDAR_DAY:
            assert office.slow.date_of(early) <= office.slow.date_of(late)
        else:
            assert early <= late


# --- unit boundaries -----------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.data(), offices(), st.integers(1, 6))
def test_whole_days_from_an_opening_end_on_the_opening_of_a_later_day(
    data: st.DataObject, office: Office, days: int
) -> None:
    on = office.calendar.working_day_from(office.slow.date_of(data.draw(moments(office))))
    opening, later = office.slow.open_minutes(on)[0], on
    for _ in range(days):
        later = office.slow.working_date(later + timedelta(days=1))
    assert (
        due_at(office, opening, Limit((Segment(Fraction(days), Unit.WORKING_DAY),)))
        == (office.slow.open_minutes(later)[0])
    )


@settings(max_examples=40)
@given(st.data(), offices(), st.integers(1, 6))
def test_the_hours_of_whole_days_end_on_the_last_closing(data: st.DataObject, office: Office, days: int) -> None:
    on = office.calendar.working_day_from(office.slow.date_of(data.draw(moments(office))))
    opening, last, minutes = office.slow.open_minutes(on)[0], on, 0
    for n in range(days):
        last = office.slow.working_date(last + timedelta(days=min(n, 1)))
        minutes += len(office.slow.open_minutes(last))
    hours = Limit((Segment(Fraction(minutes, 60), Unit.WORKING_HOUR),))
    assert due_at(office, opening, hours) == office.slow.closing(last)


@settings(max_examples=40)
@given(st.data(), offices())
def test_days_leave_a_closing_and_hours_stay_on_it(data: st.DataObject, office: Office) -> None:
    for _ in range(4):
        at, segment = data.draw(moments(office)), data.draw(one_working(office))
        end_at = due_at(office, at, Limit((segment,)))
        if segment.unit is Unit.WORKING_DAY:
            assert office.slow.open_at(end_at)
        else:
            assert office.slow.open_at(end_at - TICK)


@settings(max_examples=40)
@given(st.data(), offices())
def test_no_days_end_on_the_last_closing_of_the_counted_day(data: st.DataObject, office: Office) -> None:
    found = due(office.calendar, received_at=data.draw(moments(office)), limit=Limit.parse("0 working_day"))
    assert found.due_at == office.slow.closing(office.slow.date_of(found.counted_from))


@settings(max_examples=40)
@given(st.data(), offices())
def test_one_amount_after_the_other_is_their_sum(data: st.DataObject, office: Office) -> None:
    at = office.calendar.next_opening(data.draw(moments(office)))
    first, then = data.draw(one_working(office)), data.draw(st.fractions(0, 3, max_denominator=8))
    assume(then > 0)
    between = advance(office.calendar, at, first)
    in_two = advance(office.calendar, between, Segment(then, first.unit))
    at_once = advance(office.calendar, at, Segment(first.amount + then, first.unit))
    rounding = office.slow.spent(min(in_two, at_once), max(in_two, at_once), first.unit)
    assert rounding <= Fraction(2, 60_000_000)  # ends are rounded up to a microsecond, of at least a minute a day
    assert first.unit in WORKING
