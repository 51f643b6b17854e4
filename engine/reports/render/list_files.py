"""A list as a file: CSV that spreadsheets open as what it is, and a workbook whose dates are dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO

from engine.reports.render.cells import Cell, csv_text
from engine.reports.render.workbooks import SheetCell as ListCell
from engine.reports.render.workbooks import write_list

__all__ = ["ListCell", "write_csv", "write_xlsx"]


def write_csv(to: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[ListCell]]) -> None:
    """Write UTF-8 with BOM, comma, CRLF; instants as ``2026-03-06 08:00``, which spreadsheets read as such."""
    for text in csv_text(header, _texts(rows)):
        to.write(text.encode())


def write_xlsx(
    to: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[ListCell]], *, sheet: str, created: datetime
) -> None:
    """Write a workbook with a fixed header; text is never computed, instants are dates of the sheet."""
    write_list(to, header, rows, sheet=sheet, created=created)


def _texts(rows: Iterable[Sequence[ListCell]]) -> Iterator[list[Cell]]:
    for row in rows:
        yield [_text(value) if isinstance(value, date) else value for value in row]


def _text(value: date) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value.isoformat()
