"""What can be filled in with a task."""

from __future__ import annotations

import pytest

from engine.domain.events import canonical, holds_float
from engine.domain.fields import InvalidFieldsError, check_fields


@pytest.mark.parametrize("value", ["", "x" * 2000, "1e22", True, False, None, 0, 2**53, -(2**53)])
def test_check_fields_takes_what_every_database_keeps(value: object) -> None:
    check_fields({"x" * 100: value})


@pytest.mark.parametrize(
    "value", [1e22, -0.0, 0.5, float("nan"), float("inf"), 2**53 + 1, -(2**53) - 1, "x" * 2001, [], {}, ["a"]]
)
def test_check_fields_refuses_what_a_database_may_change(value: object) -> None:
    with pytest.raises(InvalidFieldsError):
        check_fields({"a": value})


def test_check_fields_bounds_number_and_names() -> None:
    check_fields({str(no): no for no in range(50)})
    for fields in ({str(no): no for no in range(51)}, {"x" * 101: 1}):
        with pytest.raises(InvalidFieldsError):
            check_fields(fields)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_canonical_refuses_what_is_no_json(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": value})


def test_holds_float_looks_everywhere() -> None:
    assert holds_float({"a": [{"b": ("x", 1.0)}]})
    assert not holds_float({"a": [{"b": ("x", 1, True, None, "1.0")}]})
