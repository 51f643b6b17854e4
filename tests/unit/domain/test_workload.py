"""Load of an officer: what is left of the shares, against the office time until each due instant."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.workload import Load, Work, load, need
from tests.support.stories import CALENDAR, instant, is_open

NOW = instant("2026-03-02T08:00")  # a Monday; office hours 07:00-11:30 and 13:30-17:00, Wednesday off


def a_load(*works: tuple[str | None, str | None, bool]) -> Load:
    return load(
        (
            (CALENDAR, Work(due and instant(due), promise and instant(promise), paused))
            for due, promise, paused in works
        ),
        NOW,
    )


def test_one_task_always_fits() -> None:
    assert a_load(("2026-03-02T10:00", "2026-03-02T10:00", False)) == Load(1, 0, 0, 120, 0)


def test_two_tasks_that_are_due_together_do_not_fit_when_their_shares_fill_the_time() -> None:
    both = ("2026-03-02T10:00", "2026-03-02T11:00", False)
    assert a_load(both, both) == Load(2, 0, 0, 240, 60)  # 240 minutes are needed in 180


def test_what_is_due_later_may_wait() -> None:
    first, second = ("2026-03-02T10:00", "2026-03-02T10:00", False), ("2026-03-02T10:00", "2026-03-06T10:00", False)
    assert a_load(first, second).over_minutes == 0
    assert not a_load(first, second).is_overload


def test_a_late_or_paused_task_needs_nothing_and_is_counted_apart() -> None:
    late, paused = ("2026-02-27T10:00", "2026-02-27T10:00", False), ("2026-03-02T10:00", "2026-03-02T10:00", True)
    assert a_load(late, paused, (None, None, False)) == Load(3, 1, 1, 0, 0)


def test_dates_without_a_calendar_say_nothing() -> None:
    far = datetime.fromisoformat("2099-01-01T09:00+07:00")
    assert need(CALENDAR, Work(far, far, False), NOW) is None
    assert load([(CALENDAR, Work(far, far, False))], NOW).tasks == 1


CLOCKS = st.integers(0, 5 * 24 * 4).map(lambda quarters: datetime(2026, 3, 2, 8) + timedelta(minutes=15 * quarters))  # noqa: DTZ001


@given(st.lists(st.tuples(CLOCKS, CLOCKS), min_size=1, max_size=5))
def test_overload_is_what_one_finds_minute_by_minute(pairs: list[tuple[datetime, datetime]]) -> None:
    tasks = [(min(pair), max(pair)) for pair in pairs]  # a stage ends before its dossier is due
    minutes = [datetime(2026, 3, 2, 8) + timedelta(minutes=each) for each in range(6 * 24 * 60)]  # noqa: DTZ001

    def worked(until: datetime) -> int:
        return sum(1 for minute in minutes if minute < until and is_open(minute))

    beyond = max(
        sum(worked(own) for own, promise in tasks if worked(promise) <= worked(by)) - worked(by) for _, by in tasks
    )
    found = a_load(*((own.isoformat(), promise.isoformat(), False) for own, promise in tasks))
    assert found.minutes == sum(worked(own) for own, _ in tasks)
    assert found.over_minutes == max(0, beyond)
