"""The time ledger: every working minute has its holder, and lateness is charged to who caused it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from engine.domain.dossier import PauseReason
from engine.domain.events import EventKind
from engine.domain.holding import Hold, Holder, Pause, history_of
from engine.domain.ids import OfficerId, UnitId
from engine.domain.limits import Limit
from engine.domain.stages import Stage
from engine.domain.time_ledger import MINUTE, Ledger, Promise, Side, advice, blame, charges, parts_of
from tests.support.stories import (
    ANN,
    BINH,
    DESK,
    FOUR_DAYS,
    HEAD,
    HOME,
    LAND_OFFICE,
    OFFICE,
    START,
    SURVEY,
    WARD,
    Story,
    instant,
)


def minutes_of(account: Ledger) -> dict[Any, int]:
    """Minutes by unit and officer, by number of the pause, or None for nobody."""
    found: dict[Any, int] = {}
    for entry in account.entries:
        who: Any = entry.holder
        if isinstance(who, Hold):
            who = (who.unit, who.officer)
        elif isinstance(who, Pause):
            who = who.no
        found[who] = found.get(who, 0) + entry.minutes
    return found


def charged(account: Ledger) -> list[tuple[str, UnitId | None, int]]:
    assert account.charges is not None
    return [(each.who.side.value, each.who.unit, each.minutes) for each in account.charges]


# --- who held it ---------------------------------------------------------------------------------------------------


def test_time_goes_from_hand_to_hand() -> None:
    story = Story().opened(START, "a", OFFICE).received(START)
    story.add(EventKind.TASK_CLAIMED, "2026-03-02T09:00", task="a", officer=ANN)
    story.add(EventKind.TASK_RELEASED, "2026-03-02T10:00", task="a")
    story.add(EventKind.TASK_ASSIGNED, "2026-03-02T10:30", task="a", officer=BINH, note=None)
    story.add(EventKind.TRANSFERRED, "2026-03-02T14:00", task="a", agency=LAND_OFFICE, to=SURVEY)
    story.done("2026-03-02T15:00", "a").opened("2026-03-02T15:00", "b", HEAD, 2)

    assert minutes_of(story.account("2026-03-03T08:00", due="2026-03-06T08:00")) == {
        (OFFICE, None): 60 + 30,
        (OFFICE, ANN): 60,
        (OFFICE, BINH): 60 + 30,  # until the break, and after it
        (SURVEY, None): 60,
        (HEAD, None): 120 + 60,
    }


def test_pause_is_nobody_elses_time_and_a_gap_is_shown() -> None:
    story = Story().opened(START, "a", OFFICE).received(START).paused("2026-03-02T09:00").resumed("2026-03-02T10:00")
    story.done("2026-03-02T10:30", "a").opened("2026-03-02T11:00", "b", HEAD, 2)

    account = story.account("2026-03-02T14:00", due="2026-03-06T08:00")

    assert minutes_of(account) == {(OFFICE, None): 90, 1: 60, None: 30, (HEAD, None): 60}


def test_time_begins_where_the_promise_is_counted_from_and_stops_at_the_end() -> None:
    story = (
        Story().opened("2026-03-02T15:30", "check", DESK, 0).received("2026-03-03T07:00", entered="2026-03-02T16:00")
    )
    story.done("2026-03-02T16:00", "check").opened("2026-03-02T16:00", "a", OFFICE)
    story.done("2026-03-03T09:00", "a").opened("2026-03-03T09:00", "return", DESK, 4)

    story.done("2026-03-03T10:00", "return")

    assert minutes_of(story.account("2026-03-03T09:00", due="2026-03-10T08:00")) == {(OFFICE, None): 120}
    finished = history_of(story.events, until=instant("2026-03-03T09:00"))
    waiting = history_of(story.events, until=instant("2026-03-02T16:30"))
    assert finished is not None
    assert waiting is not None
    assert finished.pieces[-1].to_at == finished.until == instant("2026-03-03T09:00")
    assert (waiting.pieces, waiting.until) == ((), waiting.counted_from)


def test_receipt_entered_later_was_held_by_the_desk_that_enters_it() -> None:
    entered = "2026-03-03T09:00"
    story = Story().opened(entered, "check", DESK, 0).received(START, entered=entered).done(entered, "check")
    story.opened(entered, "a", OFFICE)

    account = story.account("2026-03-03T10:00", due="2026-03-03T08:00", late=True, parts=FOUR_DAYS)

    assert minutes_of(account) == {(DESK, None): 540, (OFFICE, None): 60}
    assert [(stage.no, stage.share, stage.used) for stage in account.stages][:1] == [(0, 0, 540)]
    assert charged(account) == [("inside", DESK, 120)]


def test_steps_open_at_once_divide_the_time() -> None:
    story = Story().opened(START, "a", OFFICE).opened(START, "b", SURVEY).opened(START, "c", SURVEY).received(START)

    account = story.account("2026-03-02T08:10", due="2026-03-06T08:00")

    assert [entry.minutes for entry in account.entries] == [4, 3, 3]  # 10 minutes, a third each


def test_dossier_that_is_not_received_has_no_time() -> None:
    assert history_of(Story().opened(START, "check", DESK, 0).events, until=instant(START)) is None


def test_event_of_a_clock_that_runs_behind_takes_no_time_away() -> None:
    story = Story().opened(START, "a", OFFICE).received(START).done("2026-03-02T09:00", "a")
    story.opened("2026-03-02T08:59", "b", HEAD)

    account = story.account("2026-03-02T10:00", due="2026-03-06T08:00")
    assert minutes_of(account) == {(OFFICE, None): 60, (HEAD, None): 60}


# --- shares --------------------------------------------------------------------------------------------------------


def test_shares_are_parts_of_the_limit_in_whole_days_whatever_the_days_it_fell_on() -> None:
    story = Story().opened(START, "a", OFFICE, 2).received(START).paused("2026-03-02T09:00").resumed("2026-03-02T10:00")

    account = story.account("2026-03-02T17:00", due="2026-03-09T09:00", parts=FOUR_DAYS)

    assert account.limit == 4 * 480  # though a Saturday morning of 4.5 h is one of the days
    assert sum(stage.share or 0 for stage in account.stages) == account.limit
    assert [(stage.no, stage.used) for stage in account.stages] == [(1, 0), (2, 360), (3, 0)]
    assert all(stage.over == stage.used - (stage.share or 0) for stage in account.stages)


@pytest.mark.parametrize(
    ("limit", "minutes"),
    [
        ("1 working_day", 480),
        ("1/2 working_day", 240),
        ("3 working_hour", 180),
        ("1 working_day + 2 working_hour", 600),
    ],
)
def test_a_kept_date_before_which_no_office_time_is_left_takes_nothing_from_the_shares(
    limit: str, minutes: int
) -> None:
    story = Story().opened("2026-03-04T07:00", "a", OFFICE).received("2026-03-04T07:00", limit=limit)  # a day off

    account = story.account("2026-03-05T07:00", due="2026-03-05T07:00", parts={1: Fraction(1)})

    (stage,) = account.stages
    assert (account.limit, stage.share, stage.over) == (minutes, minutes, -minutes)


def test_calendar_days_are_measured_as_they_fell_without_pauses() -> None:
    story = Story().opened(START, "a", OFFICE).received(START, limit="1 calendar_day").paused("2026-03-02T09:00")

    assert story.account("2026-03-02T17:00", due="2026-03-03T08:00").limit == 480  # the pause has not moved it yet
    assert story.resumed("2026-03-02T10:00").account("2026-03-02T17:00", due="2026-03-03T09:00").limit == 480


@pytest.mark.parametrize(("broken", "before"), [(False, 60), (True, 0)])
def test_restart_gives_the_whole_share_again_unless_the_promise_was_broken(broken: bool, before: int) -> None:
    story = Story().opened(START, "a", OFFICE).received(START, limit="1 working_day").paused("2026-03-02T09:00")
    story.restarted("2026-03-02T14:00", broken=broken)

    account = story.account("2026-03-02T15:00", due="2026-03-03T14:00", parts={1: Fraction(1)})

    (stage,) = account.stages
    assert (stage.used, stage.uncounted, stage.share, account.limit) == (120, before, 480, 480)
    assert stage.over == 120 - before - 480


def test_limits_in_different_units_have_no_comparable_shares() -> None:
    day, hour = Limit.parse("1 working_day"), Limit.parse("4 working_hour")

    assert parts_of([Stage(1, day), Stage(2, day)], total=Limit.parse("4 working_day")) == {
        1: Fraction(1, 4),
        2: Fraction(1, 4),
    }
    assert parts_of([Stage(1, day), Stage(2, day)], total=Limit.parse("1 working_day")) == {
        1: Fraction(1, 2),
        2: Fraction(1, 2),
    }
    assert parts_of([Stage(1, day), Stage(2, hour)], total=day) is None
    assert parts_of([Stage(1, day)], total=Limit.parse("0 working_day")) is None
    assert parts_of([], total=day) is None


def test_advice_of_a_step_is_its_part_of_the_stage() -> None:
    one, three = Limit.parse("0.5 working_day"), Limit.parse("1.5 working_day")

    assert advice(720, step=one, stage=three) == 240
    assert advice(720, step=Limit.parse("4 working_hour"), stage=three) is None
    assert advice(720, step=Limit.parse("0 working_day"), stage=Limit.parse("0 working_day")) is None


# --- lateness ------------------------------------------------------------------------------------------------------


def a_hold(unit: UnitId, stage: int, officer: OfficerId | None = None) -> Hold:
    return Hold(agency=HOME[unit], unit=unit, officer=officer, stage=stage, node=f"s{stage}", name="Bước")


def a_pause(reason: PauseReason = PauseReason.SUPPLEMENT) -> Pause:
    return Pause(1, reason, "vì", instant(START), None)


def hours(times: dict[Holder, int]) -> dict[Holder, Fraction]:
    return {holder: Fraction(60 * MINUTE * count) for holder, count in times.items()}


def charged_hours(late: dict[Holder, int], used: dict[Holder, int], shares: dict[int, int] | None) -> list[Any]:
    given = None if shares is None else {no: Fraction(60 * MINUTE * count) for no, count in shares.items()}
    found = charges([blame(late=hours(late), used=hours(used), shares=given, resolving=WARD)])
    return [(each.who.side, each.who.unit, Fraction(each.minutes, 60)) for each in found]


def test_lateness_is_charged_by_overrun_and_not_to_who_holds_it_at_the_end() -> None:
    desk, survey, head = a_hold(DESK, 1), a_hold(SURVEY, 2), a_hold(HEAD, 3)

    found = charged_hours({head: 12}, {desk: 2, survey: 32, head: 16}, {1: 8, 2: 16, 3: 8})

    assert found == [(Side.OUTSIDE, SURVEY, 8), (Side.INSIDE, HEAD, 4)]


def test_overrun_of_a_stage_is_divided_by_what_each_used_in_it() -> None:
    ann, survey = a_hold(OFFICE, 1, ANN), a_hold(SURVEY, 1)

    assert charged_hours({survey: 8}, {ann: 4, survey: 12}, {1: 8}) == [
        (Side.OUTSIDE, SURVEY, 6),
        (Side.INSIDE, OFFICE, 2),
    ]


@pytest.mark.parametrize("reason", PauseReason)
def test_waiting_for_the_citizen_after_the_promise_was_broken_is_the_citizens(reason: PauseReason) -> None:
    office, pause = a_hold(OFFICE, 1), a_pause(reason)

    found = charged_hours({office: 2, pause: 6}, {office: 10, pause: 6}, {1: 8})

    assert found == [(Side.CITIZEN, None, 6), (Side.INSIDE, OFFICE, 2)]


@pytest.mark.parametrize("shares", [None, {1: 80, 2: 80}], ids=["no-shares", "no-overrun"])
def test_without_overrun_lateness_is_charged_to_who_held_it_then(shares: dict[int, int] | None) -> None:
    office, head, survey, pause = a_hold(OFFICE, 1), a_hold(HEAD, 2), a_hold(SURVEY, 2), a_pause()

    found = charged_hours({head: 3, pause: 1, survey: 2}, {office: 30, head: 3, pause: 1, survey: 2}, shares)

    assert found == [(Side.INSIDE, HEAD, 3), (Side.OUTSIDE, SURVEY, 2), (Side.CITIZEN, None, 1)]


def test_time_that_nobody_held_has_no_share_and_is_the_resolving_agencys() -> None:
    survey = a_hold(SURVEY, 1)

    assert charged_hours({survey: 4}, {survey: 10, None: 2}, {1: 8}) == [
        (Side.OUTSIDE, SURVEY, 2),
        (Side.INSIDE, None, 2),
    ]


def test_lateness_without_working_time_still_names_who_overran() -> None:
    office, head = a_hold(OFFICE, 1), a_hold(HEAD, 2)

    assert charged_hours({}, {office: 9, head: 12}, {1: 8, 2: 8}) == [
        (Side.INSIDE, HEAD, 0),
        (Side.INSIDE, OFFICE, 0),
    ]
    assert charged_hours({}, {office: 9}, None) == []


def test_what_lies_before_a_restart_overruns_no_share() -> None:
    story = Story().opened(START, "a", SURVEY).received(START).paused("2026-03-03T08:00").restarted("2026-03-05T08:00")
    story.done("2026-03-05T09:00", "a").opened("2026-03-05T09:00", "b", HEAD, 2)

    account = story.account(
        "2026-03-06T10:00", due="2026-03-06T08:00", late=True, parts={1: Fraction(1, 2), 2: Fraction(1, 2)}
    )

    assert charged(account) == [("inside", HEAD, 120)]


def test_promise_that_is_not_broken_charges_nobody() -> None:
    account = Story().opened(START, "a", OFFICE).received(START).account("2026-03-02T10:00", due="2026-03-02T09:00")

    assert (account.charges, account.late_minutes) == (None, None)


# --- two appointments ----------------------------------------------------------------------------------------------


def two_appointments(limit: str = "1 working_day") -> Story:
    """Promised for Tuesday 08:00 and met an hour late; after payment on Thursday promised for Friday 08:00."""
    story = Story().opened(START, "a", OFFICE, 1).received(START, limit=limit)
    facts = {"no": 1, "reason": "obligation", "ground": "Thuế", "appointment": 1, "stage": 1, "broken": True}
    story.add(EventKind.CLOCK_PAUSED, "2026-03-03T09:00", due_before=instant("2026-03-03T08:00").isoformat(), **facts)
    made = {"no": 1, "promise": 2, "limit": "1 working_day", "counted_from": instant("2026-03-05T08:00").isoformat()}
    story.add(EventKind.PROMISE_MADE, "2026-03-05T07:30", **made)
    return story.done("2026-03-05T09:00", "a").opened("2026-03-05T09:00", "b", HEAD, 2)


def test_second_appointment_has_shares_of_its_own_and_each_lateness_its_cause() -> None:
    first = Promise(instant("2026-03-03T08:00"), True, {1: Fraction(1)})
    second = Promise(instant("2026-03-06T08:00"), True, {2: Fraction(1)})

    account = two_appointments().account_for("2026-03-07T08:00", {1: first, 2: second})

    assert account.limit == 2 * 480
    assert minutes_of(account) == {(OFFICE, None): 540 + 30 + 60, 1: 360 + 30, (HEAD, None): 360 + 480 + 60}
    assert [(use.no, use.share, use.used, use.uncounted, use.over) for use in account.stages] == [
        (1, 480, 630, 30, 120),
        (2, 480, 900, 0, 420),
    ]
    # 60 minutes of the first; 480 of the second, for which stage 1 used 60 and stage 2 420 too many
    assert charged(account) == [("inside", HEAD, 420), ("inside", OFFICE, 120)]


def test_stage_may_use_after_payment_what_it_left_before() -> None:
    first = Promise(instant("2026-03-05T09:00"), False, {1: Fraction(1)})  # 17 h, 9 of them used
    second = Promise(instant("2026-03-06T08:00"), True, {2: Fraction(1)})

    account = two_appointments("17 working_hour").account_for("2026-03-07T08:00", {1: first, 2: second})

    assert account.limit == 1020 + 480
    assert charged(account) == [("inside", HEAD, 480)]
