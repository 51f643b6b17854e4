"""Properties of explanations in random offices: every part is accounted for, and every declared day met is named."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.calendar import DayKind
from engine.domain.deadlines import Cutoff, Due, Line, due, rest, resume
from engine.domain.limits import Limit, Unit
from tests.support.random_offices import CUTOFFS, WORKING, Office, limits, moments, offices
from tests.support.slow_calendar import TICK

COUNTED = ("days", "make_up", "same_day")


def accounted(found: Due, limit: Limit) -> None:
    """Check that the lines that count something add up to a limit, unit by unit, and end at the due instant."""
    for unit in Unit:
        parts = [line.amount for line in found.explanation if line.unit is unit and line.amount is not None]
        assert sum(parts) == sum(segment.amount for segment in limit.segments if segment.unit is unit)
    last = found.explanation[-1]
    assert (last.kind, last.from_at, last.to_at) == ("due", found.due_at, found.due_at)


def dates_between(office: Office, found: Due, first_on: date) -> list[date]:
    last_on = office.slow.date_of(found.due_at)
    return [first_on + timedelta(days=n) for n in range((last_on - first_on).days + 1)]


def named(office: Office, found: Due, kind: str) -> list[date]:
    return [office.slow.date_of(line.from_at) for line in found.explanation if line.kind == kind]


@settings(max_examples=40)
@given(st.data(), offices(), CUTOFFS)
def test_the_parts_of_a_promise_add_up_to_its_limit(data: st.DataObject, office: Office, cutoff: str | None) -> None:
    for _ in range(2):
        received_at, limit = data.draw(moments(office)), data.draw(limits(office))
        found = due(office.calendar, received_at=received_at, limit=limit, cutoff=Cutoff.parse(cutoff))
        accounted(found, limit)
        first = found.explanation[0]
        assert (first.kind, first.from_at, first.to_at) == ("start", received_at, found.counted_from)


@settings(max_examples=40)
@given(st.data(), offices())
def test_the_parts_of_what_is_resumed_add_up_to_what_was_left(data: st.DataObject, office: Office) -> None:
    limit = data.draw(limits(office))
    found = due(office.calendar, received_at=data.draw(moments(office)), limit=limit)
    paused_at, resumed_at = sorted(max(data.draw(moments(office)), found.counted_from) for _ in range(2))
    left = rest(office.calendar, limit=limit, running_from=found.counted_from, at=paused_at)
    again = resume(office.calendar, resumed_at=resumed_at, rest=left)
    accounted(again, left)
    first = again.explanation[0]
    assert (first.from_at, first.to_at) == (resumed_at, again.counted_from)


@settings(max_examples=40)
@given(st.data(), offices())
def test_each_line_counts_what_the_oracle_measures_between_its_instants(data: st.DataObject, office: Office) -> None:
    found = due(office.calendar, received_at=data.draw(moments(office)), limit=data.draw(limits(office)))
    at = found.counted_from
    for line in counted_lines(found):
        assert at <= line.from_at <= line.to_at
        at = line.to_at if line.unit is not Unit.CALENDAR_DAY else line.from_at
        if line.kind != "same_day":
            measured = office.slow.spent(line.from_at, line.to_at, line.unit.value)
            assert 0 <= measured - line.amount < Fraction(2, 60_000_000)  # ends are rounded up to a microsecond


def counted_lines(found: Due) -> list[Line]:
    return [line for line in found.explanation if line.kind in COUNTED]


@settings(max_examples=40)
@given(st.data(), offices(), CUTOFFS)
def test_each_declared_day_met_is_named_once_with_its_decision(
    data: st.DataObject, office: Office, cutoff: str | None
) -> None:
    received_at, limit = data.draw(moments(office)), data.draw(limits(office, WORKING, most=1))
    found = due(office.calendar, received_at=received_at, limit=limit, cutoff=Cutoff.parse(cutoff))
    rules = {rule.on: rule for rule in office.calendar.days}
    off = {on for on, rule in rules.items() if rule.kind is DayKind.OFF}
    assert named(office, found, "day_off") == [
        on for on in dates_between(office, found, office.slow.date_of(received_at)) if on in off
    ]
    if limit.segments[0].amount:
        counted = office.slow.date_of(found.counted_from)
        work = [on for on in dates_between(office, found, counted) if on in rules and on not in off]
        assert named(office, found, "make_up") == work
    for line in found.explanation:
        if line.kind in ("day_off", "make_up"):
            assert line.decision == rules[office.slow.date_of(line.from_at)].decision


@settings(max_examples=40)
@given(st.data(), offices())
def test_an_end_that_was_moved_says_so(data: st.DataObject, office: Office) -> None:
    limit = data.draw(limits(office, (Unit.CALENDAR_DAY,), most=1))
    found = due(office.calendar, received_at=data.draw(moments(office)), limit=limit)
    (counted,) = (line for line in found.explanation if line.kind == "days")
    rolls = [line for line in found.explanation if line.kind == "roll"]
    assert [(line.from_at, line.to_at) for line in rolls] == (
        [] if counted.to_at == found.due_at else [(counted.to_at, found.due_at)]
    )
    met = {on for on in named(office, found, "day_off")}
    raw_on = office.slow.date_of(counted.to_at)
    passed = [on for on in dates_between(office, found, raw_on) if on < office.slow.date_of(found.due_at)]
    assert met == {on for on in passed if not office.slow.hours_on(on) and on in office.slow.days}
    assert all(counted.to_at - counted.from_at - TICK <= line.to_at - counted.from_at for line in rolls) or rolls
