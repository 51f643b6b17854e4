"""Amounts of money in Vietnamese words, as receipts and notices write them under the figures."""

from __future__ import annotations

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
SCALES = ("", " nghìn", " triệu")  #: of the groups of three digits, below a thousand million (tỷ)
LARGEST = 10**15  #: đồng; far beyond any amount that is asked for


def money(amount: int) -> str:
    """Return an amount in words: ``Năm mươi nghìn đồng``.

    Raises:
        ValueError: it is negative, or beyond ``LARGEST``.
    """
    if not 0 <= amount <= LARGEST:
        raise ValueError(f"an amount in words lies between 0 and {LARGEST} đồng, not {amount}")
    said = number(amount)
    return f"{said[0].upper()}{said[1:]} đồng"


def number(value: int) -> str:
    """Return a number from 0 in words: ``một nghìn không trăm linh năm``."""
    if value == 0:
        return DIGITS[0]
    billions, rest = divmod(value, 10**9)
    said = [f"{number(billions)} tỷ"] if billions else []
    return " ".join(said + ([_below_billion(rest, full=bool(billions))] if rest else []))


def _below_billion(value: int, *, full: bool) -> str:
    """Return a number below a thousand million; ``full`` says that something stands before it."""
    said: list[str] = []
    for place in (2, 1, 0):
        group = value // 1000**place % 1000
        if group:
            said.append(_group(group, full=full or bool(said)) + SCALES[place])
    return " ".join(said)


def _group(value: int, *, full: bool) -> str:
    """Return three digits; with ``full`` the empty hundreds are said, too."""
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    said = [f"{DIGITS[hundreds]} trăm"] if hundreds or full else []
    if tens == 0 and ones:
        return " ".join([*said, f"linh {DIGITS[ones]}" if said else DIGITS[ones]])
    if tens:
        said.append("mười" if tens == 1 else f"{DIGITS[tens]} mươi")
    if ones:
        said.append(_ones_after(tens, ones))
    return " ".join(said)


def _ones_after(tens: int, ones: int) -> str:
    """Return the last digit after tens, with the changes of sound: mốt, tư (as in ``hai mươi tư``) and lăm."""
    if ones == 5:
        return "lăm"
    if tens > 1 and ones in (1, 4):
        return "mốt" if ones == 1 else "tư"
    return DIGITS[ones]
