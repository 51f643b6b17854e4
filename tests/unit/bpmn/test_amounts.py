"""Spellings of days and fees."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bpmn.amounts import Unreadable, format_days, read_days, read_fee

BAD = Unreadable.VALUE
TOO_LARGE = Unreadable.TOO_LARGE


@pytest.mark.parametrize(
    ("raw", "days"),
    [
        ("15", Decimal(15)),
        (" 0.5 ", Decimal("0.5")),
        ("0,5", Decimal("0.5")),
        (3, Decimal(3)),
        (1.5, Decimal("1.5")),
        ("-1", Decimal(-1)),
        ("", None),
        ("  ", None),
        (None, None),
        ("ba ngày", BAD),
        ("1e3", BAD),
        ("１５", BAD),
        ("99999", TOO_LARGE),
        pytest.param(10**5000, TOO_LARGE, id="huge"),
        (float("nan"), BAD),
        (float("inf"), TOO_LARGE),
        (True, BAD),
        ([], BAD),
    ],
)
def test_read_days_takes_numbers_as_tables_spell_them(raw: object, days: object) -> None:
    assert read_days(raw) == days


@pytest.mark.parametrize(
    ("raw", "fee"),
    [
        ("50000", 50000),
        ("50.000", 50000),
        ("50,000", 50000),
        ("1.500.000", 1500000),
        ("8.000 đồng", 8000),
        ("8000đ", 8000),
        ("20000 VNĐ", 20000),
        ("0", 0),
        (25000, 25000),
        ("", None),
        (None, None),
        ("50.00", BAD),
        ("50.0000", BAD),
        ("1.500,000", BAD),
        ("-5", BAD),
        ("miễn phí", BAD),
        (50.0, BAD),
        (True, BAD),
        ("9999999999999", BAD),
        pytest.param(10**5000, BAD, id="huge"),
    ],
)
def test_read_fee_takes_points_as_thousands(raw: object, fee: object) -> None:
    assert read_fee(raw) == fee


@pytest.mark.parametrize(("days", "text"), [("15", "15"), ("11.50", "11.5"), ("0", "0"), ("0.0", "0"), ("100", "100")])
def test_format_days_has_one_spelling(days: str, text: str) -> None:
    assert format_days(Decimal(days)) == f"{text} working_day"
