"""Properties of pauses in random offices: a pause takes nothing and gives nothing, wherever it lies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.axes import advance_all
from engine.domain.deadlines import due, left_until, rest, resume
from engine.domain.foresight import Ledger, used
from engine.domain.limits import Limit, Unit
from tests.support.random_offices import WORKING, Office, amounts_of, limits, moments, offices, one_working, pauses
from tests.support.slow_calendar import TICK, Pause


def paused(office: Office, limit: Limit, running_from: datetime, found: Iterable[Pause]) -> datetime:
    """Run a limit through pauses the way a dossier does, and say when it ends; a pause after the end is none."""
    calendar = office.calendar
    left, end_at = limit, advance_all(calendar, running_from, limit)
    for paused_at, resumed_at in found:
        if paused_at >= end_at:
            break
        left = rest(calendar, limit=left, running_from=running_from, at=paused_at)
        resumed = resume(calendar, resumed_at=resumed_at, rest=left)
        running_from, end_at = resumed.counted_from, resumed.due_at
    return end_at


@st.composite
def running(draw: st.DrawFn, office: Office, units: tuple[Unit, ...] = tuple(Unit)) -> tuple[Limit, datetime, datetime]:
    """A limit, from when it counts and when it ends."""
    limit = draw(limits(office, units))
    found = due(office.calendar, received_at=draw(moments(office)), limit=limit)
    return limit, found.counted_from, found.due_at


@st.composite
def instants_within(draw: st.DrawFn, office: Office, first_at: datetime, last_at: datetime) -> datetime:
    """An instant from one to another, often an opening or a closing between them."""
    edges = {first_at, last_at}
    on = office.slow.date_of(first_at)
    for on in office.slow.dates(first_at):
        if on > office.slow.date_of(last_at):
            break
        edges |= {edge for edge in office.edges(on) if first_at <= edge <= last_at}
    if draw(st.booleans()):
        return draw(st.sampled_from(sorted(edges)))
    return first_at + draw(st.integers(0, (last_at - first_at) // TICK)) * TICK


@settings(max_examples=100)
@given(st.data(), offices())
def test_a_due_date_moved_by_pauses_equals_the_walking_oracle(data: st.DataObject, office: Office) -> None:
    limit, running_from, _ = data.draw(running(office))
    met = data.draw(pauses(office, running_from))
    assert paused(office, limit, running_from, met) == office.slow.end(running_from, amounts_of(limit), met)


@settings(max_examples=80)
@given(st.data(), offices())
def test_a_pause_of_no_length_changes_nothing(data: st.DataObject, office: Office) -> None:
    for _ in range(3):
        limit, running_from, due_at = data.draw(running(office))
        at = data.draw(instants_within(office, running_from, due_at))
        left = rest(office.calendar, limit=limit, running_from=running_from, at=at)
        assert resume(office.calendar, resumed_at=at, rest=left).due_at == due_at


@settings(max_examples=40)
@given(st.data(), offices())
def test_two_pauses_next_to_one_another_are_one(data: st.DataObject, office: Office) -> None:
    for _ in range(3):
        limit, running_from, due_at = data.draw(running(office))
        first = data.draw(instants_within(office, running_from, due_at))
        between, last = sorted(data.draw(moments(office)) for _ in range(2))
        between, last = max(first, between), max(first, last)
        in_two = paused(office, limit, running_from, [(first, between), (between, last)])
        assert in_two == paused(office, limit, running_from, [(first, last)])


@settings(max_examples=40)
@given(st.data(), offices())
def test_a_pause_outside_office_time_moves_no_working_time(data: st.DataObject, office: Office) -> None:
    limit, running_from, due_at = data.draw(running(office, WORKING))
    at = data.draw(instants_within(office, running_from, due_at))
    if not office.slow.open_at(at):
        opening = office.slow.next_open(at)
        until = data.draw(instants_within(office, at, opening))
        assert paused(office, limit, running_from, [(at, until)]) == due_at


@settings(max_examples=40)
@given(st.data(), offices())
def test_pauses_add_exactly_the_work_they_took(data: st.DataObject, office: Office) -> None:
    segment = data.draw(one_working(office))
    found = due(office.calendar, received_at=data.draw(moments(office)), limit=Limit((segment,)))
    met = data.draw(pauses(office, found.counted_from))
    end_at = paused(office, Limit((segment,)), found.counted_from, met)
    unit = segment.unit.value
    taken = sum(
        (office.slow.spent(max(first, found.counted_from), last, unit) for first, last in met if first < end_at),
        Fraction(0),
    )
    over = office.slow.spent(found.counted_from, end_at, unit) - segment.amount - taken
    assert 0 <= over < Fraction(2, 60_000_000)  # its end is rounded up to a microsecond


@settings(max_examples=40)
@given(st.data(), offices())
def test_a_later_resumption_is_never_due_earlier(data: st.DataObject, office: Office) -> None:
    limit, running_from, due_at = data.draw(running(office, WORKING))
    at = data.draw(instants_within(office, running_from, due_at))
    left = rest(office.calendar, limit=limit, running_from=running_from, at=at)
    first, last = sorted(max(data.draw(moments(office)), at) for _ in range(2))
    early, late = (resume(office.calendar, resumed_at=each, rest=left).due_at for each in (first, last))
    assert first <= early <= late


@settings(max_examples=40)
@given(st.data(), offices())
def test_office_time_left_until_an_end_gives_that_end_back(data: st.DataObject, office: Office) -> None:
    for _ in range(3):
        _, running_from, end_at = data.draw(running(office))
        at = data.draw(instants_within(office, running_from, end_at))
        left = left_until(office.calendar, at=at, end_at=end_at)
        assert resume(office.calendar, resumed_at=at, rest=left).due_at == end_at
        assert left_until(office.calendar, at=end_at + TICK, end_at=end_at) == Limit.parse("0 working_hour")


@settings(max_examples=40)
@given(st.data(), offices())
def test_nothing_is_left_from_the_end_on(data: st.DataObject, office: Office) -> None:
    limit, running_from, due_at = data.draw(running(office))
    for at in (due_at, due_at + TICK, max(due_at, data.draw(moments(office)))):
        left = rest(office.calendar, limit=limit, running_from=running_from, at=at)
        assert left == Limit.parse("0 working_hour")


@settings(max_examples=40)
@given(st.data(), offices())
def test_the_share_used_is_what_rest_leaves(data: st.DataObject, office: Office) -> None:
    segment = data.draw(one_working(office))
    limit = Limit((segment,))
    found = due(office.calendar, received_at=data.draw(moments(office)), limit=limit)
    at = data.draw(instants_within(office, found.counted_from, found.due_at))
    ledger = Ledger(limit, limit, found.counted_from, found.due_at)
    share = used(office.calendar, ledger, at)
    left = rest(office.calendar, limit=limit, running_from=found.counted_from, at=at)
    assert abs(left.segments[0].amount - segment.amount * (1 - share)) < Fraction(2, 60_000_000)
    assert used(office.calendar, ledger, found.counted_from) == 0
    assert used(office.calendar, ledger, found.due_at) == 1
    assert used(office.calendar, ledger, found.due_at + TICK) >= 1
