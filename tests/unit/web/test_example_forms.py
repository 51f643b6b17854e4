"""What is typed for an example of a decision table becomes a value, and the value is shown as it was typed."""

from __future__ import annotations

from typing import Any

import pytest

from web.example_forms import shown, value_of


@pytest.mark.parametrize("kind", [None, "number", "boolean", "text", "choice"])
@pytest.mark.parametrize("value", ["a", "", "10", "1,5", "true", "null", '"a"', '""', "15 working_day", None])
def test_text_comes_back_as_it_was_shown(value: Any, kind: str | None) -> None:
    assert value_of(shown(value, kind), kind) == value


@pytest.mark.parametrize("value", [True, False, 0, -3, 10**15 - 1, 1.5, -0.000001, 123456.25])
def test_number_and_truth_come_back_as_they_were_shown(value: Any) -> None:
    again = value_of(shown(value))
    assert again == value
    assert type(again) is type(value)


def test_number_typed_for_a_text_stays_a_text() -> None:
    assert [value_of("10", kind) for kind in (None, "text", "choice", "number")] == [10, "10", "10", 10]
    assert value_of("0,5") == 0.5
