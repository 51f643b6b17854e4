"""What a stage has left of its share: time used while the clock ran, and nothing else."""

from __future__ import annotations

from fractions import Fraction

import pytest

from engine.domain.limits import Limit
from engine.domain.stages import Grant, left_of
from tests.support.stories import CALENDAR, instant

FIRST = ("2026-03-02T09:00", "2026-03-02T11:00")
SECOND = ("2026-03-03T09:00", "2026-03-05T09:00")  # over the day off


@pytest.mark.parametrize(
    ("unit", "pauses", "opened", "runs", "used"),
    [  # in a stage that began on Monday 08:00
        ("working_hour", [], "2026-03-02T08:00", "2026-03-02T08:00", 0),
        ("working_hour", [], "2026-03-02T10:00", "2026-03-02T08:00", 2),  # its second step
        ("working_hour", [FIRST], "2026-03-02T08:00", "2026-03-02T11:00", 1),
        ("working_hour", [FIRST, SECOND], "2026-03-02T08:00", "2026-03-05T09:00", 1 + 4 + 2),
        ("working_hour", [FIRST, SECOND], "2026-03-05T10:00", "2026-03-05T09:00", 1 + 4 + 2 + 1),
        ("working_hour", [FIRST], "2026-03-02T08:00", "2026-03-03T07:00", 1),  # a restart counts from the next day
        ("working_day", [FIRST, SECOND], "2026-03-05T10:00", "2026-03-05T09:00", 1),
        ("calendar_day", [SECOND], "2026-03-02T08:00", "2026-03-05T09:00", Fraction(25, 24)),
    ],
)
def test_only_time_in_which_the_clock_ran_is_used(
    unit: str, pauses: list[tuple[str, str]], opened: str, runs: str, used: Fraction
) -> None:
    grant = Grant(instant("2026-03-02T08:00"), Limit.parse(f"9 {unit}"))
    spans = [(instant(begins), instant(ends)) for begins, ends in pauses]
    left = left_of(CALENDAR, grant, spans, opened_at=instant(opened), running_from=instant(runs))
    assert left == 9 - used


def test_a_stage_that_used_more_than_its_share_has_nothing_left() -> None:
    grant = Grant(instant("2026-03-02T08:00"), Limit.parse("1 working_hour"))
    left = left_of(CALENDAR, grant, [], opened_at=instant("2026-03-03T08:00"), running_from=instant("2026-03-02T08:00"))
    assert left == 0
