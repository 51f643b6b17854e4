"""The bench of steps measures both sides in one run."""

from __future__ import annotations

import pytest

from bench import steps


def test_steps_are_measured_beside_their_floor() -> None:
    found = steps.measure(dossiers=1)

    assert (found.name, found.unit) == ("steps", "steps/s")
    assert found.value > 0
    assert found.ratio == pytest.approx(found.value / found.floor)
