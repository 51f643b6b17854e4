"""A calendar change among receipts, steps, the clock and other changes: nobody counts by the old calendar after it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.office_hours import DayKind
from engine.errors import EngineError
from engine.services import calendar_changes, intake, processing, timekeeping
from engine.services.transactions import Request
from engine.store.unit_of_work import CalendarBusyError
from engine.verification.verify import verify
from tests.support.builders import (
    Office,
    a_filing,
    a_received_dossier,
    an_office,
    ask_supplement,
    bring_supplement,
    turn_clock_to,
)
from tests.support.calendar_acts import calendar_of, days, dump, hours, make, moves_of, now_of, undo
from tests.support.contexts import make_context

PRINTED, MOVED, LATER = "2026-03-06T08:00:00+07:00", "2026-03-09T07:00:00+07:00", "2026-03-09T08:00:00+07:00"


@pytest.fixture
def office(ctx: Context) -> Office:
    """An office whose clock pauses for a supplement."""
    return an_office(ctx, policy={"supplement": {"clock": "pause"}})


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; return answers, or the code of the error."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait(timeout=60)
        try:
            return call()
        except EngineError as error:
            return error.code

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.parametrize("round_no", range(3))
def test_receipt_beside_a_change_is_promised_by_the_new_calendar_or_moved(
    ctx: Context, office: Office, round_no: int
) -> None:
    receipts = [lambda: intake.receive(ctx, by=office.desk, filing=a_filing(office)) for _ in range(6)]

    answers = at_once(*receipts[:3], lambda: make(ctx, days(6)), *receipts[3:])

    dossiers = [each for each in answers if "code" in each]
    assert len(dossiers) == 6
    for each in dossiers:
        moved = [fact["facts"]["moves"] for fact in moves_of(ctx, each)]
        assert now_of(ctx, each)["due_at"] == (MOVED if moved else LATER), "never on the new day off"
        assert each["due_at"] == (PRINTED if moved else LATER)
    (change,) = calendar_changes.history(ctx, by=SYSTEM)
    assert change["moved"] == sum(each["due_at"] == PRINTED for each in dossiers)
    assert verify(ctx) == []


def test_resume_beside_a_change_ends_on_no_day_off(ctx: Context, office: Office) -> None:
    waiting = [ask_supplement(ctx, office, a_received_dossier(ctx, office)) for _ in range(4)]

    at_once(*(lambda each=each: bring_supplement(ctx, office, each) for each in waiting), lambda: make(ctx, days(6)))

    assert {now_of(ctx, each)["due_at"] for each in waiting} <= {MOVED, LATER}
    assert verify(ctx) == []


def test_two_changes_of_other_days_both_count(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)

    made = at_once(lambda: make(ctx, days(6)), lambda: make(ctx, days(9)), lambda: make(ctx, hours(10, "08:00-12:00")))

    assert sorted(each["id"] for each in made) == [1, 2, 3]
    assert [row["no"] for row in dump(ctx, "calendar_version")["calendar_version"]] == [1, 2, 3, 4]
    calendar = calendar_of(ctx)
    assert calendar.version == made[[each["id"] for each in made].index(3)]["calendar"]["after"]
    assert now_of(ctx, dossier)["due_at"] == "2026-03-16T08:00:00+07:00", "whatever the order"
    assert verify(ctx) == []


def test_of_two_that_saw_the_same_preview_one_is_told_to_look_again(ctx: Context, office: Office) -> None:
    a_received_dossier(ctx, office)
    changes = [days(6, no="1"), days(6, no="2")]
    tokens = [calendar_changes.preview(ctx, by=SYSTEM, change=each)["token"] for each in changes]

    made = at_once(
        *(
            lambda each=each, token=token: calendar_changes.apply(ctx, by=SYSTEM, change=each, expected=token)
            for each, token in zip(changes, tokens, strict=True)
        )
    )

    assert [each for each in made if isinstance(each, str)] == ["calendar-changed"]
    assert len(dump(ctx, "calendar_change")["calendar_change"]) == 1
    assert verify(ctx) == []


def test_decision_imported_by_two_at_once_counts_once(ctx: Context, office: Office) -> None:
    made = at_once(*(lambda: make(ctx, days(6)) for _ in range(3)))
    assert [each for each in made if isinstance(each, str)] == ["calendar-decision-known"] * 2
    assert len(dump(ctx, "calendar_change")["calendar_change"]) == 1


def test_change_asked_for_by_two_threads_with_one_key_is_made_once(ctx: Context, office: Office) -> None:
    a_received_dossier(ctx, office)
    request = Request(key="one", fingerprint="f")

    told = at_once(
        *(lambda: calendar_changes.apply(ctx, by=office.admin, change=days(6), request=request) for _ in range(4))
    )

    assert told == [told[0]] * 4
    undone = at_once(*(lambda: undo(ctx, told[0]) for _ in range(3)))
    assert [each for each in undone if isinstance(each, str)] == ["calendar-change-superseded"] * 2
    assert verify(ctx) == []


@pytest.mark.parametrize("round_no", range(3))
def test_step_and_change_of_the_same_dossier_both_happen(ctx: Context, office: Office, round_no: int) -> None:
    dossier = a_received_dossier(ctx, office)
    (task,) = dossier["open_tasks"]

    outcomes = at_once(
        lambda: make(ctx, days(3, 6)),
        lambda: processing.complete(ctx, by=office.officer, task_id=task["id"]),
    )

    assert [each for each in outcomes if isinstance(each, str)] == []
    now = now_of(ctx, dossier)
    assert now["due_at"] == MOVED
    assert now["open_tasks"][0]["id"] != task["id"]
    assert verify(ctx) == []


@pytest.mark.parametrize("undoes", [False, True], ids=["change", "undo"])
def test_clock_process_beside_a_change_and_an_undo(ctx: Context, office: Office, undoes: bool) -> None:
    dossiers = [a_received_dossier(ctx, office) for _ in range(5)]
    made = make(ctx, days(6)) if undoes else None
    turn_clock_to(ctx, "2026-03-07T09:00", ticker=False)

    at_once(
        lambda: make(ctx, days(6)) if made is None else undo(ctx, made),
        lambda: timekeeping.pass_due(ctx),
        lambda: timekeeping.pass_due(ctx),
    )

    assert {now_of(ctx, each)["late"] for each in dossiers} == {undoes}
    timekeeping.pass_due(ctx)
    assert verify(ctx) == []
    for each in dossiers:
        assert len(now_of(ctx, each)["letters"]) == 1
    turn_clock_to(ctx, "2026-03-12T08:00")
    assert {len(now_of(ctx, each)["letters"]) for each in dossiers} == {1}
    assert verify(ctx) == []


def test_everything_at_once_leaves_nothing_that_verify_does_not_understand(ctx: Context, office: Office) -> None:
    dossiers = [a_received_dossier(ctx, office) for _ in range(4)]
    first = make(ctx, days(10))
    turn_clock_to(ctx, "2026-03-05T09:00", ticker=False)

    outcomes = at_once(
        lambda: make(ctx, days(6)),
        lambda: undo(ctx, first),
        lambda: make(ctx, days(7, kind=DayKind.WORK)),
        lambda: timekeeping.pass_due(ctx),
        lambda: intake.receive(ctx, by=office.desk, filing=a_filing(office)),
        lambda: ask_supplement(ctx, office, dossiers[0]),
        lambda: processing.complete(ctx, by=office.officer, task_id=dossiers[1]["open_tasks"][0]["id"]),
    )

    assert [each for each in outcomes if isinstance(each, str)] == []
    assert verify(ctx) == []
    turn_clock_to(ctx, "2026-03-16T08:00")
    assert verify(ctx) == []


# --- who waits too long (PostgreSQL; SQLite has one writer, whose turn others await for 30 s) -------------------------


@contextmanager
def impatient(folder: Path, url: str) -> Iterator[Context]:
    """Yield a context whose connections wait a fifth of a second for a lock, not ten seconds."""
    ctx = make_context(folder, url)

    @event.listens_for(ctx.database.engine, "connect")
    def hurry(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = 200")
        connection.commit()

    yield ctx
    ctx.database.close()


def test_step_that_waits_too_long_for_a_change_is_told_to_come_again(tmp_path: Path, postgres_url: str) -> None:
    with impatient(tmp_path, postgres_url) as ctx:
        office = an_office(ctx)
        dossier = a_received_dossier(ctx, office)
        turn_clock_to(ctx, "2026-03-05T10:00", ticker=False)
        (task,) = dossier["open_tasks"]
        acts: list[Callable[[], Any]] = [
            lambda: processing.complete(ctx, by=office.officer, task_id=task["id"]),
            lambda: timekeeping.pass_due(ctx),
            lambda: make(ctx, days(6)),
        ]
        with ctx.unit_of_work(changes_calendar=True):
            for act in acts:
                with pytest.raises(CalendarBusyError, match="nothing was saved, try again in a few seconds"):
                    act()
            assert now_of(ctx, dossier)["open_tasks"] == dossier["open_tasks"], "reading never waits"
        for act in acts:
            act()
        assert now_of(ctx, dossier)["open_tasks"][0]["id"] != task["id"]
        assert verify(ctx) == []


def test_change_that_waits_too_long_for_open_work_is_told_so(tmp_path: Path, postgres_url: str) -> None:
    with impatient(tmp_path, postgres_url) as ctx:
        an_office(ctx)
        with ctx.unit_of_work(), pytest.raises(CalendarBusyError, match="keeps this change waiting"):
            make(ctx, days(6))
        assert dump(ctx, "calendar_change") == {"calendar_change": []}
        assert make(ctx, days(6))["id"] == 1
