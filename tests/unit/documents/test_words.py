"""Administrative Vietnamese."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.documents import words
from engine.documents.words import UnknownWordError
from engine.domain.dossier import Channel

ZONE = "Asia/Ho_Chi_Minh"


def test_date_has_leading_zeros_and_is_local() -> None:
    assert words.date(datetime(2026, 3, 4, 17, 0, tzinfo=UTC), ZONE) == "ngày 05 tháng 03 năm 2026"


def test_moment_has_hour_and_minute() -> None:
    assert words.moment(datetime(2026, 3, 5, 2, 0, tzinfo=UTC), ZONE) == "09 giờ 00 phút, ngày 05 tháng 03 năm 2026"


def test_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        words.date(datetime(2026, 3, 5), ZONE)  # noqa: DTZ001 - what must be refused


@pytest.mark.parametrize(
    ("limit", "wording"),
    [
        ("15 working_day", "15 ngày làm việc"),
        ("0.5 working_day", "0,5 ngày làm việc"),
        ("8 working_hour", "8 giờ làm việc"),
        ("20 calendar_day", "20 ngày"),
        ("1.50 working_day", "1,5 ngày làm việc"),
        ("100 working_day", "100 ngày làm việc"),
        ("0 working_day", "trong ngày làm việc"),
        ("0.0 calendar_day", "trong ngày"),
        ("15 calendar_day + 8 working_day", "15 ngày + 8 ngày làm việc"),
        ("15 calendar_day+8 working_day", "15 ngày + 8 ngày làm việc"),
    ],
)
def test_limit_in_words(limit: str, wording: str) -> None:
    assert words.limit(limit) == wording


@pytest.mark.parametrize(
    "limit", ["", "15", "15 days", "-1 working_day", "1,5 working_day", "1 working_day +", "1e3 working_day"]
)
def test_malformed_limit_is_refused(limit: str) -> None:
    with pytest.raises(UnknownWordError):
        words.limit(limit)


@pytest.mark.parametrize(
    ("amount", "wording"), [(0, "0 đồng"), (500, "500 đồng"), (50_000, "50.000 đồng"), (1_250_000, "1.250.000 đồng")]
)
def test_money_in_words(amount: int, wording: str) -> None:
    assert words.money(amount) == wording


@pytest.mark.parametrize(("number", "wording"), [("5", "05"), ("05", "05"), ("12", "12"), ("12a", "12a")])
def test_number_has_two_digits(number: str, wording: str) -> None:
    assert words.number(number) == wording


def test_every_channel_has_its_words() -> None:
    assert [words.channel(channel) for channel in Channel] == ["Trực tiếp", "Trực tuyến", "Bưu chính công ích"]
