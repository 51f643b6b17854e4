"""kill -9 of clock, desk and delivery at random: each lateness has exactly one letter, no number is lost or double."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from engine.context import Context
from tests.faults.latenesses import receive, under_fire

pytestmark = pytest.mark.fault

COUNT = 40


def test_each_lateness_has_one_letter_whoever_is_killed(ctx: Context, tmp_path: Path, valkey: str) -> None:
    receive(ctx, COUNT)

    seen = under_fire(ctx, tmp_path, valkey, count=COUNT, chance=random.Random(3), pace=1.5)

    assert seen.kills.total() > 0
    assert (seen.latenesses, seen.letters, seen.delivered) == (COUNT, COUNT, COUNT)
    assert seen.numbers == list(range(1, COUNT + 1))
    assert seen.mails == seen.ordered_mails
    assert seen.differences == []
