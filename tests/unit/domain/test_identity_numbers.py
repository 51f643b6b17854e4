"""What is odd about an identity number: shown to the desk, never a reason to refuse."""

from __future__ import annotations

import pytest

from engine.domain.identity_numbers import Doubt, doubts


@pytest.mark.parametrize(
    ("number", "odd"),
    [
        ("031090000001", []),
        ("031190000001", []),  # a woman
        ("001226000017", []),  # born this year
        ("184090000001", []),  # born abroad
        ("003090000001", [Doubt.PROVINCE]),
        ("000090000001", [Doubt.PROVINCE]),
        ("031227000017", [Doubt.FUTURE]),
        ("031499000017", [Doubt.FUTURE]),
        ("031005000017", [Doubt.AGE]),
        ("031006000017", []),  # 120 years ago
        ("003227000017", [Doubt.PROVINCE, Doubt.FUTURE]),
        ("111111111111", [Doubt.REPEATED]),
        ("123456789", [Doubt.OLD_CARD]),
        ("12345", [Doubt.LENGTH]),
        ("0310900000011", [Doubt.LENGTH]),
        ("03109000000x", [Doubt.LETTERS]),
        ("٠٣١٠٩٠٠٠٠٠٠١", [Doubt.LETTERS]),  # digits, but not those that cards carry
    ],
)
def test_what_is_odd_about_a_number(number: str, odd: list[Doubt]) -> None:
    assert doubts(number, year=2026) == odd
