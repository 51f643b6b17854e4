"""A list as a file: CSV that spreadsheets open as what it is, and a workbook whose dates are dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any

import xlsxwriter

from engine.reports.render.cells import Cell, csv_text

ListCell = Cell | datetime  #: an instant is local already; its offset is not written
_WIDTH = 22  # characters of a column


def write_csv(to: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[ListCell]]) -> None:
    """Write UTF-8 with BOM, comma, CRLF; instants as ``2026-03-06 08:00``, which spreadsheets read as such."""
    for text in csv_text(header, _texts(rows)):
        to.write(text.encode())


def write_xlsx(to: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[ListCell]], *, sheet: str) -> None:
    """Write a workbook of one sheet with a fixed header; text is never computed, instants are dates of the sheet."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(to, options) as book:
        page = book.add_worksheet(sheet)
        bold, dated = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        page.freeze_panes(1, 1)
        page.set_column(0, len(header) - 1, _WIDTH)
        for column, label in enumerate(header):
            page.write_string(0, column, label, bold)
        for at, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _put(page, at, column, value, dated)


def _put(page: Any, row: int, column: int, value: ListCell, dated: Any) -> None:
    if isinstance(value, datetime):
        page.write_datetime(row, column, value.replace(tzinfo=None), dated)
    elif isinstance(value, str):
        page.write_string(row, column, value)
    elif value is not None:
        page.write_number(row, column, value)


def _texts(rows: Iterable[Sequence[ListCell]]) -> Iterator[list[Cell]]:
    for row in rows:
        yield [f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value for value in row]
