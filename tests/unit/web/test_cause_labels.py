"""What a reason must not merely repeat are the very labels that the desk shows."""

from __future__ import annotations

from engine.domain.apology_reasons import LABELS
from web.wording import CAUSES


def test_labels_of_causes_are_those_that_no_reason_may_repeat() -> None:
    assert {cause: str(label) for cause, label in CAUSES.items()} == LABELS
