"""Properties of the calendar's tables and of its layers, beside what each date declares."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.calendar import DayKind, WorkingCalendar
from engine.domain.calendar_layers import Layer, merged
from tests.support.random_offices import (
    DATES,
    FIRST,
    SPANS,
    VIETNAM,
    YEARS,
    Office,
    moments,
    offices,
    rules,
    shifts_of,
    spans_of,
    weekly_hours,
)
from tests.support.slow_calendar import MINUTE, TICK, Spans

CROWDED = [FIRST + timedelta(days=n) for n in range(-3, DATES + 10)]


@settings(max_examples=40)
@given(offices())
def test_the_slots_of_each_date_are_its_open_minutes(office: Office) -> None:
    worked = 0
    for on in CROWDED:
        minutes = office.slow.open_minutes(on)
        slots = office.calendar.slots(on)
        assert sum((closing - opening) // MINUTE for opening, closing in slots) == len(minutes)
        assert all(any(opening <= minute < closing for opening, closing in slots) for minute in minutes)
        assert office.calendar.is_working_day(on) is bool(minutes)
        assert office.calendar.working_day_from(on) == office.slow.working_date(on)
        before = office.calendar.working_days_before(CROWDED[0])
        assert office.calendar.working_days_before(on) - before == worked
        worked += bool(minutes)


@settings(max_examples=40)
@given(st.data(), offices())
def test_openings_and_moments_equal_the_walking_oracle(data: st.DataObject, office: Office) -> None:
    for _ in range(5):
        at = data.draw(moments(office))
        assert office.calendar.next_opening(at) == office.slow.next_open(at)
        assert office.calendar.is_working_moment(at) is (office.slow.open_at(at) or office.slow.open_at(at - TICK))


@settings(max_examples=40)
@given(offices())
def test_stored_content_builds_the_same_calendar(office: Office) -> None:
    again = WorkingCalendar.from_content(office.calendar.content())
    assert again == office.calendar
    assert again.version == office.calendar.version
    assert [again.slots(on) for on in CROWDED] == [office.calendar.slots(on) for on in CROWDED]


@settings(max_examples=40)
@given(offices(), st.randoms())
def test_the_order_of_rows_does_not_name_a_calendar(office: Office, random: Random) -> None:
    days, hours = list(office.calendar.days), list(office.calendar.hours)
    random.shuffle(days)
    random.shuffle(hours)
    again = WorkingCalendar.build(zone=VIETNAM, shifts=office.calendar.shifts, days=days, years=YEARS, hours=hours)
    assert again.version == office.calendar.version


# --- layers --------------------------------------------------------------------------------------------------------


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """What one owner declares: days, weekly hours, both or nothing."""
    days = sorted(draw(st.one_of(st.just([]), rules())), key=lambda rule: rule.on)
    return Layer(tuple(days), tuple(draw(st.one_of(st.just([]), weekly_hours()))))


def nearest_word(layered: list[Layer], usual: Spans, on: date) -> Spans:
    """Ask the owners one after the other what they say of a date: first of the date itself, then of its week."""
    week = (usual,) * 5 + ((),) * 2
    for layer in layered:
        begun = sorted((each for each in layer.hours if each.valid_from <= on), key=lambda each: each.valid_from)
        if begun:
            week = tuple(map(spans_of, begun[-1].week))
            break
    for layer in layered:
        for rule in layer.days:
            if rule.on == on and rule.kind is DayKind.OFF:
                return ()
            if rule.on == on:
                return spans_of(rule.shifts) or next(hours for hours in week if hours)
    return week[on.weekday()]


@settings(max_examples=40)
@given(st.lists(layers(), max_size=4), SPANS)
def test_a_date_is_what_its_nearest_owner_says_of_it(layered: list[Layer], usual: Spans) -> None:
    calendar = merged(zone=VIETNAM, shifts=shifts_of(usual), years=YEARS, layers=layered)
    for on in CROWDED:
        midnight = calendar.at_local(datetime.combine(on, time()))
        hours = tuple(
            ((opening - midnight) // MINUTE, (closing - midnight) // MINUTE) for opening, closing in calendar.slots(on)
        )
        assert hours == nearest_word(layered, usual, on)


@settings(max_examples=40)
@given(layers(), layers(), SPANS)
def test_an_owner_that_declares_nothing_changes_nothing(own: Layer, above: Layer, usual: Spans) -> None:
    def version(layered: list[Layer]) -> str:
        return merged(zone=VIETNAM, shifts=shifts_of(usual), years=YEARS, layers=layered).version

    assert version([Layer(), own, Layer(), above]) == version([own, above])
