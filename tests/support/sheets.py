"""Spreadsheets for tests: rows of cells as CSV or XLSX bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl

TITLES = ("STT", "Trình tự", "Trách nhiệm", "Thời gian", "Kết thúc xử lý")
ABOVE = (("Mã thủ tục", "9.000009"), ("Tên thủ tục", "Cấp giấy thử"))
STEPS: tuple[tuple[Any, ...], ...] = (
    (1, "Tiếp nhận hồ sơ", "Bộ phận Một cửa", "0,25", ""),
    (2, "Thẩm định", "Phòng Tư pháp", "1", ""),
    (3, "Ký giấy", "Phòng Tư pháp", "0,5", "x"),
    (4, "Vào sổ", "Phòng Tư pháp", "", ""),
    (5, "Trả kết quả", "Bộ phận Một cửa", "0,25", ""),
)  #: 5 steps, 2 working days, one transfer there and one back


def rows(
    *, above: Iterable[Sequence[Any]] = ABOVE, titles: Sequence[Any] = TITLES, steps: Iterable[Sequence[Any]] = STEPS
) -> list[Sequence[Any]]:
    """Return the rows of a small sheet."""
    return [*above, titles, *steps]


def change(at: int, column: int, value: Any) -> list[Sequence[Any]]:
    """Return the steps with another value in a cell, both counted from 0."""
    changed = [list(step) for step in STEPS]
    changed[at][column] = value
    return changed


def as_csv(lines: Iterable[Sequence[Any]], *, separator: str = ",", encoding: str = "utf-8") -> bytes:
    """Return the rows as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(lines)
    return text.getvalue().encode(encoding)


def as_xlsx(lines: Iterable[Sequence[Any]], *, merged: Iterable[str] = (), more: Iterable[str] = ()) -> bytes:
    """Return the rows as a workbook.

    Args:
        merged: ranges of merged cells.
        more: titles of further sheets, which hold one cell of text.
    """
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(list(line))
    for cells in merged:
        sheet.merge_cells(cells)
    for title in more:
        book.create_sheet(title)["A1"] = "Ghi chú của tỉnh"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
