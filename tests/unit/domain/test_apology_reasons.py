"""A reason says what happened: not the name of its cause, not a word or two."""

from __future__ import annotations

import pytest

from engine.domain.apology_reasons import LABELS, says_something
from engine.domain.dossier import Cause


@pytest.mark.parametrize("cause", Cause)
def test_label_of_a_cause_is_no_reason(cause: Cause) -> None:
    assert not says_something(cause, LABELS[cause])
    assert not says_something(cause, f"Do {LABELS[cause].upper()}!!! 2026")


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "Thiếu người",
        "chậm",
        "... --- !!!",
        "Do cán bộ thiếu người nên chậm xử lý",
        "can bo cham xu ly 12",
    ],
)
def test_words_that_say_nothing_are_no_reason(reason: str) -> None:
    assert not says_something(Cause.STAFF, reason)


@pytest.mark.parametrize(
    "reason",
    [
        "Thiếu người thụ lý",
        "Cán bộ thụ lý nghỉ ốm từ ngày 02/3",
        "Cơ quan phối hợp chậm trả lời",  # the name of another cause tells something about this one
    ],
)
def test_what_happened_is_a_reason(reason: str) -> None:
    assert says_something(Cause.STAFF, reason)
