"""Amounts in Vietnamese words."""

from __future__ import annotations

import pytest

from engine.documents import spelled


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (5, "Năm đồng"),
        (10, "Mười đồng"),
        (11, "Mười một đồng"),
        (14, "Mười bốn đồng"),
        (15, "Mười lăm đồng"),
        (20, "Hai mươi đồng"),
        (21, "Hai mươi mốt đồng"),
        (24, "Hai mươi tư đồng"),
        (55, "Năm mươi lăm đồng"),
        (100, "Một trăm đồng"),
        (105, "Một trăm linh năm đồng"),
        (111, "Một trăm mười một đồng"),
        (1_005, "Một nghìn không trăm linh năm đồng"),
        (8_000, "Tám nghìn đồng"),
        (50_000, "Năm mươi nghìn đồng"),
        (100_000, "Một trăm nghìn đồng"),
        (1_000_000, "Một triệu đồng"),
        (3_250_000, "Ba triệu hai trăm năm mươi nghìn đồng"),
        (5_025_500, "Năm triệu không trăm hai mươi lăm nghìn năm trăm đồng"),
        (1_100_000_000, "Một tỷ một trăm triệu đồng"),
        (2_000_000_001, "Hai tỷ không trăm linh một đồng"),
        (10**13, "Mười nghìn tỷ đồng"),
    ],
)
def test_amount_is_written_in_words(amount: int, words: str) -> None:
    assert spelled.money(amount) == words


@pytest.mark.parametrize("amount", [-1, spelled.LARGEST + 1])
def test_amount_beyond_the_words_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match="amount in words"):
        spelled.money(amount)


def test_every_amount_reads_differently() -> None:
    amounts = [*range(2_000), *range(99_900, 101_100), *range(999_900, 1_000_200), *range(10**9 - 50, 10**9 + 1_100)]

    assert len({spelled.number(amount) for amount in amounts}) == len(set(amounts))
