"""Counting a promise again with another limit, stages that get another share, and steps that take another's place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.domain import deadlines
from engine.domain.cutoffs import Cutoff
from engine.domain.deadlines import LateRule
from engine.domain.limits import Limit, Unit
from engine.domain.stages import Grant
from engine.domain.version_moves import (
    Origin,
    left_stage,
    recounted,
    same_steps,
    stage_end_over,
    stages_after,
    suggested,
)
from tests.support.stories import CALENDAR, instant

MONDAY = instant("2026-03-09T08:00")  # no day off until long after


@dataclass(frozen=True)
class Step:
    """A step of a version."""

    node: str
    key: str = ""
    name: str = "Bước"
    unit: str = "A"
    stage: int = 1
    order: int = 1


def steps(*made: Step) -> dict[str, Step]:
    return {step.node: step for step in made}


def again(limit: str, *pauses: tuple[str, str | None], now: str = "2026-03-09T09:00", cutoff: str | None = None):  # type: ignore[no-untyped-def]
    spans = [(instant(begins), None if ends is None else instant(ends)) for begins, ends in pauses]
    origin = Origin(MONDAY, Cutoff.parse(cutoff))
    return recounted(CALENDAR, origin, Limit.parse(limit), spans, late_rule=LateRule.DAY, now=instant(now))


def test_without_pause_it_is_the_date_of_a_receipt() -> None:
    found = again("3 working_day")

    assert (found.due_at, found.running_from, str(found.rest)) == (instant("2026-03-12T08:00"), MONDAY, "3 working_day")
    assert found.late_after == instant("2026-03-12T23:59:59.999999")


def test_cut_off_of_the_day_of_receipt_counts() -> None:
    assert again("3 working_day", cutoff="07:30").due_at == instant("2026-03-13T07:00")


def test_pause_holds_what_it_held() -> None:
    found = again("3 working_day", ("2026-03-10T08:00", "2026-03-12T08:00"), now="2026-03-12T09:00")

    assert (found.due_at, str(found.rest)) == (instant("2026-03-16T08:00"), "2 working_day")
    assert found.running_from == instant("2026-03-12T08:00")


def test_pause_that_lasts_leaves_the_date_of_before_and_the_rest() -> None:
    found = again("3 working_day", ("2026-03-10T08:00", None), now="2026-04-10T09:00")

    assert (found.running_from, found.due_at, str(found.rest)) == (None, instant("2026-03-12T08:00"), "2 working_day")
    assert found.counted_from == MONDAY


@pytest.mark.parametrize(
    ("limit", "pauses", "now"),
    [
        ("1 working_day", (), "2026-03-11T08:00"),
        ("1 working_day", (("2026-03-11T08:00", "2026-03-12T08:00"),), "2026-03-12T09:00"),
        ("1 working_day", (("2026-03-11T08:00", None),), "2026-03-12T09:00"),
    ],
    ids=["now", "at-a-pause", "at-the-open-pause"],
)
def test_date_that_would_have_passed_is_none(limit: str, pauses: tuple[tuple[str, str | None], ...], now: str) -> None:
    assert again(limit, *pauses, now=now) is None


def test_date_of_today_has_not_passed() -> None:
    assert again("1 working_day", now="2026-03-10T16:59").due_at == instant("2026-03-10T08:00")


@given(
    limit=st.integers(1, 20),
    waits=st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 9000)), max_size=4),
)
def test_it_is_what_the_acts_themselves_would_have_counted(limit: int, waits: list[tuple[int, int]]) -> None:
    """The ledger of a promise that was paused and resumed act by act, with this limit from the beginning."""
    whole = Limit.parse(f"{limit} working_day")
    due = deadlines.due(CALENDAR, received_at=MONDAY, limit=whole)
    runs_from, rest, due_at = due.counted_from, whole, due.due_at
    pauses: list[tuple[datetime, datetime]] = []
    at = MONDAY
    for run, wait in waits:
        begins = at + timedelta(minutes=run)
        assume(begins < due_at)
        rest = deadlines.rest(CALENDAR, limit=rest, running_from=runs_from, at=begins)
        at = begins + timedelta(minutes=wait)
        assume(not (rest.is_zero and CALENDAR.local_date(due_at) == CALENDAR.local_date(at)))
        resumed = deadlines.resume(CALENDAR, resumed_at=max(at, runs_from), rest=rest)
        runs_from, due_at = resumed.counted_from, resumed.due_at
        pauses.append((begins, at))

    origin = Origin(MONDAY, None)
    found = recounted(CALENDAR, origin, whole, pauses, late_rule=LateRule.DAY, now=at)

    assert found is not None
    assert (found.due_at, found.rest, found.running_from) == (due_at, rest, runs_from)


# --- stages ----------------------------------------------------------------------------------------------------------


def test_stage_ends_when_its_share_has_passed_beside_the_pauses() -> None:
    grant = Grant(MONDAY, Limit.parse("2 working_day"))
    day = (instant("2026-03-10T08:00"), instant("2026-03-12T08:00"))

    assert stage_end_over(CALENDAR, grant, []) == instant("2026-03-11T08:00")
    assert stage_end_over(CALENDAR, grant, [day]) == instant("2026-03-13T08:00")
    assert stage_end_over(CALENDAR, grant, [(day[0], None)]) == instant("2026-03-11T08:00"), "it moves when it resumes"


def test_pauses_before_and_after_a_stage_move_nothing() -> None:
    grant = Grant(MONDAY, Limit.parse("2 working_day"))
    before = (instant("2026-03-05T08:00"), instant("2026-03-06T08:00"))
    after = (instant("2026-03-12T08:00"), instant("2026-03-13T08:00"))

    assert stage_end_over(CALENDAR, grant, [before, after]) == instant("2026-03-11T08:00")


@given(share=st.integers(1, 10), used=st.integers(0, 4000), wait=st.integers(0, 8000))
def test_stage_has_all_of_its_share_and_no_more(share: int, used: int, wait: int) -> None:
    grant = Grant(MONDAY, Limit.parse(f"{share} working_day"))
    begins = MONDAY + timedelta(minutes=used)
    ends = begins + timedelta(minutes=wait)
    plain = stage_end_over(CALENDAR, grant, [])

    found = stage_end_over(CALENDAR, grant, [(begins, ends)])

    spent = deadlines.spent(CALENDAR, MONDAY, min(begins, plain), Unit.WORKING_HOUR)
    rest = deadlines.spent(CALENDAR, max(ends, MONDAY), found, Unit.WORKING_HOUR) if begins < plain else Fraction(0)
    assert spent + max(rest, Fraction(0)) == deadlines.spent(CALENDAR, MONDAY, plain, Unit.WORKING_HOUR)


def test_stages_follow_their_steps() -> None:
    old = [Step("a", stage=1), Step("b", stage=2), Step("gone", stage=3), Step("d", stage=4)]
    new = steps(Step("a", stage=1), Step("new", stage=2), Step("b", stage=3), Step("d", stage=4))

    assert stages_after(old, new, {}) == {1: 1, 2: 3, 3: 3, 4: 4}
    assert stages_after(old, new, {"gone": "new"}) == {1: 1, 2: 3, 3: 2, 4: 4}


def test_stage_at_which_an_appointment_ended_is_numbered_anew() -> None:
    paused = {"appointment": 1, "stage": 2}
    assert left_stage([]) is None
    assert left_stage([{"stage": 7}, paused]) == 2
    assert left_stage([paused, {"left_at": 3}]) == 3
    assert left_stage([paused, {"left_at": 3}, {"left_at": 2}]) == 2
    assert left_stage([{"left_at": None}]) is None


# --- steps -----------------------------------------------------------------------------------------------------------


def test_step_is_the_same_under_another_node_when_its_key_is() -> None:
    old = [Step("s02_X", "X"), Step("s03_Y", "Y"), Step("s04_Z", "Z")]
    new = steps(Step("s02_NEW", "NEW"), Step("s03_X", "X"), Step("s04_Z", "Z"))

    assert same_steps(old, new) == {"s02_X": "s03_X"}


def test_key_of_several_steps_tells_nothing() -> None:
    old = [Step("p1__x", "x"), Step("p2__x", "x"), Step("one", "k")]
    new = steps(Step("q1__x", "x"), Step("q2__x", "x"), Step("two", "k"), Step("three", "k"))

    assert same_steps(old, new) == {}


def test_likeliest_step_has_name_then_unit_then_place() -> None:
    gone = Step("gone", name="Thẩm tra hồ sơ", unit="P", order=3)
    named = Step("named", name="THẨM TRA HỒ SƠ", unit="Q", order=9)
    unit = Step("unit", name="Khác", unit="P", order=5)
    place = Step("place", name="Khác nữa", unit="Q", order=3)
    nothing = Step("nothing", name="Không", unit="Q", order=7)
    framed = Step("framed", name="Thẩm tra hồ sơ", unit="P", stage=0, order=0)

    assert suggested(gone, [nothing, place, unit, named, framed]) == ["named", "unit", "place"]
