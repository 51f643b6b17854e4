"""The clock's health: what its processes seem to do, and the limits that should have passed and have not."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.clock import TurnedClock
from engine.domain.permissions import NotAllowedError
from engine.services import clock_health, diagnosis, heartbeats, timekeeping
from engine.services.clock_health import Finding, ProcessState
from engine.services.diagnosis import Level
from engine.store.deadlines import Deadline
from tests.support.builders import (
    Office,
    a_received_dossier,
    a_submitted_dossier,
    an_office,
    turn_clock_to,
)
from tests.support.signs import a_clock_sign

ORDERED_AT = "2026-03-05T08:00"  # the apology of a dossier of 4 days that came on 2 March 08:00, one day before


@pytest.fixture
def office(ctx: Context) -> Office:
    return an_office(ctx)


def findings(ctx: Context) -> list[str]:
    found: list[str] = clock_health.health(ctx, by=SYSTEM)["findings"]
    return found


def states(ctx: Context) -> list[tuple[int, ProcessState]]:
    return [(process.pid, process.state) for process in clock_health.processes(ctx)]


def break_limits(ctx: Context) -> None:
    """Have every look at a limit fail: what was granted cannot be read any more."""
    with ctx.unit_of_work() as uow:
        uow.session.connection().exec_driver_sql("update deadline set time_limit = 'four moons'")


def test_running_clock_with_nothing_due_has_no_finding(ctx: Context, office: Office) -> None:
    a_received_dossier(ctx, office)
    a_clock_sign(ctx, ago=2, lag_seconds=0.25)

    health = clock_health.health(ctx, by=office.admin)

    assert health["findings"] == []
    assert health["limits"] == {
        "overdue": 0, "oldest_at": None, "oldest_age_seconds": 0.0, "failing": 0, "named": [],
    }  # fmt: skip
    (process,) = health["processes"]
    assert (process["seconds_since"], process["lag_seconds"], process["state"]) == (2.0, 0.25, "running")
    assert json.loads(json.dumps(health)) == health


def test_no_process_ever_is_said_so(ctx: Context) -> None:
    assert findings(ctx) == [Finding.NEVER_RAN]


@pytest.mark.parametrize(
    ("ago", "ended", "state"),
    [
        (60, False, ProcessState.RUNNING),
        (60.001, False, ProcessState.SILENT),
        (1, True, ProcessState.ENDED),
        (-60.001, False, ProcessState.AHEAD),
    ],
)
def test_state_follows_from_the_last_sign(sqlite_ctx: Context, ago: float, ended: bool, state: ProcessState) -> None:
    a_clock_sign(sqlite_ctx, ago=ago, ended=ended)

    assert states(sqlite_ctx) == [(100, state)]
    assert (Finding.NOT_RUNNING in findings(sqlite_ctx)) is (state is not ProcessState.RUNNING)
    assert (Finding.AHEAD in findings(sqlite_ctx)) is (state is ProcessState.AHEAD)
    assert diagnosis.is_stopped(sqlite_ctx) is (state is not ProcessState.RUNNING)


def test_one_living_copy_is_enough_and_the_dead_one_is_told(sqlite_ctx: Context) -> None:
    a_clock_sign(sqlite_ctx, pid=1, host="a", ago=3600)
    a_clock_sign(sqlite_ctx, pid=1, host="b", ago=1)

    assert states(sqlite_ctx) == [(1, ProcessState.RUNNING), (1, ProcessState.SILENT)]
    assert findings(sqlite_ctx) == []


def test_part_of_a_round_that_failed_is_a_finding_of_a_living_process_alone(sqlite_ctx: Context) -> None:
    a_clock_sign(sqlite_ctx, pid=1, ago=3600, troubles=["relay"])
    a_clock_sign(sqlite_ctx, pid=2)
    assert findings(sqlite_ctx) == []

    a_clock_sign(sqlite_ctx, pid=2, troubles=["deadlines"], lag_seconds=None)
    assert findings(sqlite_ctx) == [Finding.TROUBLE]
    assert clock_health.processes(sqlite_ctx)[0].lag_seconds is None


def test_limit_is_overdue_after_two_rounds_and_the_oldest_is_told(ctx: Context, office: Office) -> None:
    a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-02T08:30")
    a_received_dossier(ctx, office)
    turn_clock_to(ctx, ORDERED_AT, ticker=False)
    ctx.clock.advance(clock_health.PATIENCE)
    a_clock_sign(ctx)
    assert findings(ctx) == []

    ctx.clock.advance(timedelta(microseconds=1))
    limits = clock_health.health(ctx, by=SYSTEM)["limits"]
    assert (limits["overdue"], limits["oldest_at"]) == (1, "2026-03-05T01:00:00+00:00")
    assert limits["oldest_age_seconds"] == pytest.approx(3.000001)

    turn_clock_to(ctx, "2026-03-05T09:00", ticker=False)
    assert clock_health.health(ctx, by=SYSTEM)["limits"]["overdue"] == 2


def test_process_that_hangs_with_a_fresh_sign_is_betrayed_by_the_limits(ctx: Context, office: Office) -> None:
    a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T08:01", ticker=False)
    a_clock_sign(ctx)

    assert findings(ctx) == [Finding.OVERDUE]
    assert timekeeping.lag(ctx) == timedelta(minutes=1)

    timekeeping.pass_due(ctx)
    assert findings(ctx) == []
    assert timekeeping.lag(ctx) == timedelta()


def test_failing_limit_is_counted_and_named_to_those_who_may_read_it(ctx: Context, office: Office) -> None:
    other = an_office(ctx, code="H01", procedure="TP01")
    code = a_received_dossier(ctx, office)["code"]
    turn_clock_to(ctx, ORDERED_AT, ticker=False)
    a_clock_sign(ctx)
    break_limits(ctx)

    timekeeping.pass_due(ctx)
    ctx.clock.advance(timedelta(hours=1))
    timekeeping.pass_due(ctx)
    a_clock_sign(ctx)

    assert findings(ctx) == [Finding.FAILING]
    seen = clock_health.health(ctx, by=office.supervisor)["limits"]
    assert (seen["overdue"], seen["failing"]) == (0, 1)
    (named,) = seen["named"]
    assert (named["code"], named["attempts"]) == (code, 2)
    assert named["next_try_at"] == (ctx.clock.now() + timedelta(hours=1)).isoformat()
    for stranger in (office.admin, other.supervisor):
        hidden = clock_health.health(ctx, by=stranger)["limits"]
        assert (hidden["failing"], hidden["named"]) == (1, [])


@pytest.mark.parametrize(("late_by", "failing"), [(timedelta(), 1), (timedelta(microseconds=1), 0)])
def test_limit_that_an_act_set_anew_fails_no_more(
    ctx: Context, office: Office, late_by: timedelta, failing: int
) -> None:
    """The clock pushes a limit that fails an hour ahead; what lies further ahead was set by an act that worked."""
    a_received_dossier(ctx, office)
    a_clock_sign(ctx)
    with ctx.unit_of_work() as uow:
        (limit,) = uow.session.scalars(select(Deadline))
        limit.attempts, limit.wake_at = 3, ctx.clock.now() + timedelta(hours=1) + late_by

    assert clock_health.health(ctx, by=SYSTEM)["limits"]["failing"] == failing


@pytest.mark.parametrize("who", ["desk", "officer", "approver", "auditor"])
def test_health_is_for_supervisors_and_administrators(ctx: Context, office: Office, who: str) -> None:
    with pytest.raises(NotAllowedError):
        clock_health.health(ctx, by=getattr(office, who))


def test_doctor_tells_overdue_and_failing_limits(ctx: Context, office: Office) -> None:
    code = a_received_dossier(ctx, office)["code"]
    a_submitted_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T08:01", ticker=False)

    def limits(*, queue_answers: bool) -> diagnosis.Check:
        checks = diagnosis.examine(ctx, queue_answers=queue_answers)
        return next(check for check in checks if check.name == "limits")

    message = "1 should have passed and have not, the oldest at 2026-03-05T01:00:00+00:00"
    assert limits(queue_answers=True) == diagnosis.Check("limits", Level.ERROR, message)
    assert limits(queue_answers=False) == diagnosis.Check("limits", Level.WARNING, message)

    break_limits(ctx)
    timekeeping.pass_due(ctx)
    message = f"1 failed and are tried again each hour: {code}"
    assert limits(queue_answers=True) == diagnosis.Check("limits", Level.WARNING, message)


def test_doctor_tells_copies_and_troubles_of_the_clock(sqlite_ctx: Context) -> None:
    a_clock_sign(sqlite_ctx, pid=1, ago=4)
    a_clock_sign(sqlite_ctx, pid=2, ago=9)

    def clock() -> diagnosis.Check:
        checks = diagnosis.examine(sqlite_ctx, queue_answers=True)
        return next(check for check in checks if check.name == "clock")

    assert clock() == diagnosis.Check("clock", Level.OK, "last round 4 s ago, 2 copies")
    a_clock_sign(sqlite_ctx, pid=2, ago=2, troubles=["relay"])
    assert clock() == diagnosis.Check("clock", Level.WARNING, "last round 2 s ago, 2 copies; failed in it: relay")


# --- signs of life -------------------------------------------------------------------------------------------------


def test_each_process_has_a_sign_of_its_own(sqlite_ctx: Context) -> None:
    mine = heartbeats.begin(sqlite_ctx, part="clock")
    heartbeats.beat(sqlite_ctx, process=mine, facts={"acted": 1})
    a_clock_sign(sqlite_ctx, host="máy chủ/số 2", pid=mine.pid, ago=5)

    signs = heartbeats.beats(sqlite_ctx, part="clock")
    assert [sign.process.host for sign in signs] == [mine.host, "máy chủ/số 2"]
    assert (mine.pid, mine.started_at) == (os.getpid(), sqlite_ctx.clock.now())


def test_processes_that_ended_long_ago_are_forgotten_except_the_last(sqlite_ctx: Context) -> None:
    for number in (1, 2):
        a_clock_sign(sqlite_ctx, pid=number, ago=86_400 * 2 + number)
    heartbeats.begin(sqlite_ctx, part="clock")
    assert [pid for pid, _ in states(sqlite_ctx)] == [1]

    for number in range(10, 30):
        a_clock_sign(sqlite_ctx, pid=number, ago=100 + number)
    heartbeats.begin(sqlite_ctx, part="clock")
    assert [pid for pid, _ in states(sqlite_ctx)] == list(range(10, 20))


def test_living_processes_are_never_forgotten(sqlite_ctx: Context) -> None:
    for number in range(15):
        a_clock_sign(sqlite_ctx, pid=number, ago=number)
    heartbeats.begin(sqlite_ctx, part="clock")

    assert len(states(sqlite_ctx)) == 15


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": "a", "pid": 1}', '{"at": 3}'])
def test_sign_that_cannot_be_read_counts_as_none(sqlite_ctx: Context, content: str) -> None:
    folder = sqlite_ctx.settings.data / heartbeats.FOLDER
    folder.mkdir()
    (folder / "clock-a-1.json").write_text(content)

    assert states(sqlite_ctx) == []


def test_sign_of_another_part_is_none_of_the_clock(sqlite_ctx: Context) -> None:
    other = replace(heartbeats.begin(sqlite_ctx, part="clock"), part="clock2")
    heartbeats.beat(replace(sqlite_ctx, clock=TurnedClock(sqlite_ctx.clock.now())), process=other, facts={})

    assert states(sqlite_ctx) == []
