"""Who must come for a result, which originals are collected, what a scanner sends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from engine.domain.dossier import Decision
from engine.domain.result_return import is_collected, is_uncollected, numbers_differ, receivers_needed, scanned

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@dataclass(frozen=True)
class APaper:
    originals: int
    copies: int
    source: str = "filed"


@pytest.mark.parametrize(
    ("policy", "code", "decision", "people"),
    [
        ({}, "1.001193", Decision.GRANTED, 1),
        ({}, "1.000894", Decision.GRANTED, 2),
        ({}, "1.000894", Decision.REFUSED, 1),
        ({"receivers": 1}, "1.000894", Decision.GRANTED, 1),
        ({"receivers": 2}, "TP99", Decision.GRANTED, 2),
        ({"receivers": 2}, "TP99", None, 1),
    ],
)
def test_receivers_follow_policy_and_decision(
    policy: dict[str, int], code: str, decision: Decision | None, people: int
) -> None:
    assert receivers_needed(policy, code=code, decision=decision) == people


@pytest.mark.parametrize(
    ("paper", "collected"),
    [(APaper(0, 1), True), (APaper(1, 0), False), (APaper(1, 2), False), (APaper(0, 0), False),
     (APaper(0, 1, "reused"), False), (APaper(0, 1, "added"), True)],
)  # fmt: skip
def test_originals_of_copies_are_collected(paper: APaper, collected: bool) -> None:
    assert is_collected(paper) is collected


@pytest.mark.parametrize(
    ("typed", "known", "differs"),
    [
        ("031090000001", ["031090000001", None], False),
        ("031090000002", ["031090000001"], True),
        (None, ["031090000001"], None),
        ("031090000002", [None], None),
    ],
)
def test_numbers_are_compared_where_there_are_two(typed: str | None, known: list[str | None], differs: object) -> None:
    assert numbers_differ(typed, known) is differs


def test_result_is_uncollected_after_thirty_days() -> None:
    assert not is_uncollected(arrived_at=NOW - timedelta(days=30), now=NOW)
    assert is_uncollected(arrived_at=NOW - timedelta(days=30, microseconds=1), now=NOW)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("H00-260302-0001", "H00-260302-0001"),
        (" h00-260302-0001\t\r\n", "H00-260302-0001"),
        ("0001", "0001"),
        ("https://motcua.example/tra-cuu/H00-260302-0001", "H00-260302-0001"),
        ("http://127.0.0.1:8000/tra-cuu/H00-260302-0001/?x=1#y", "H00-260302-0001"),
        ("/tra-cuu/H00%2D260302-0001", "H00-260302-0001"),
        ("", ""),
        ("\0\x1b", ""),
        ("x" * 1000, "X" * 300),
    ],
)
def test_scan_is_read(sent: str, code: str) -> None:
    assert scanned(sent) == code
