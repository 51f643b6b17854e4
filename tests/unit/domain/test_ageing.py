"""Buckets of lateness at their ends, since when a dossier is late, and nearest ranks."""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.domain.ageing import Age, age, due_that_broke, percentile
from tests.support.stories import CALENDAR, instant

DUE = instant("2026-03-02T08:00")  # a Monday; 8 working hours a day, Wednesday off, Saturday morning at work


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        ("2026-03-02T08:00", Age.HOURS),
        ("2026-03-02T14:00", Age.HOURS),  # exactly 4 hours: the break is no office time
        ("2026-03-02T14:01", Age.DAY),
        ("2026-03-03T08:00", Age.DAY),  # exactly 1 day
        ("2026-03-03T08:01", Age.DAYS),
        ("2026-03-04T12:00", Age.DAYS),  # a day off: two days less an hour
        ("2026-03-06T08:00", Age.DAYS),  # exactly 3 days
        ("2026-03-06T08:01", Age.WEEKS),
        ("2026-03-30T08:00", Age.LONGER),
    ],
)
def test_each_end_belongs_to_the_shorter_bucket(at: str, wanted: Age) -> None:
    assert age(CALENDAR, DUE, instant(at)) is wanted


def test_what_lies_before_the_calendar_is_old() -> None:
    assert age(CALENDAR, datetime.fromisoformat("1990-01-01T08:00+07:00"), DUE) is Age.LONGER


def test_a_missed_appointment_counts_from_its_end() -> None:
    before, after = instant("2026-02-27T08:00"), instant("2026-03-09T08:00")
    assert due_that_broke(after, after, before, DUE) == before
    assert due_that_broke(before, before, None, DUE) == before
    assert due_that_broke(after, after, after, DUE) is None
    assert due_that_broke(after, None, None, DUE) is None


@pytest.mark.parametrize(
    ("numbers", "median", "ninetieth"),
    [
        ([], None, None),
        ([7], 7, 7),
        ([1, 2], 1, 2),
        ([1, 2, 3], 2, 3),
        (list(range(1, 11)), 5, 9),
        (list(range(1, 12)), 6, 10),
    ],
)
def test_percentiles_are_nearest_ranks(numbers: list[int], median: int | None, ninetieth: int | None) -> None:
    assert percentile(numbers, 50) == median
    assert percentile(numbers, 90) == ninetieth
