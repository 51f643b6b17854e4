"""Workbooks: the same content gives the same bytes, text is never computed, dates are dates, and they print on A4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import IO, Any

import xlsxwriter

from engine.reports.render.cells import Cell

SheetCell = Cell | datetime | date  #: an instant is local already: a sheet knows no offsets
SHEET_ROWS = 1_048_576  #: of a worksheet, its header among them (speed_scale §A.4 P14)
_SAMPLE = 200  # rows by which the widths of columns are chosen
_NARROWEST, _WIDEST = 8, 60  # characters
_LINE, _MOST_LINES = 15, 25  # points of a line; lines of the highest row
_SPARE = 1.15  # lines break between words
_LONGEST = 32_767  # UTF-16 units of a cell
_A4 = 9  # number of the paper size
_EPOCH = date(1899, 12, 30).toordinal()  # day 0 of sheets
_FIRST_YEAR = 1901
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@contextmanager
def workbook(to: IO[bytes], *, created: datetime, title: str = "", by_rows: bool = True) -> Iterator[Any]:
    """Open a workbook of XlsxWriter that writes to ``to`` when the block ends.

    Args:
        created: instant that the file names as its making; nothing else of it depends on when it is written.
        title: of the document, in its properties.
        by_rows: rows are written one after another, from left to right, and leave the memory at once; False for a
            small one whose cells are merged over several rows or written in another order.
    """
    with xlsxwriter.Workbook(to, {"constant_memory": by_rows, **_OPTIONS}) as book:
        book.use_zip64()  # only an archive that needs it is written so
        book.set_properties({"title": title, "created": created.astimezone(UTC).replace(tzinfo=None, microsecond=0)})
        yield book


def print_on_a4(sheet: Any, *, header: int, header_to: int | None = None) -> None:
    """Set a sheet up for A4 landscape, as wide as the paper, with its header on every page and the pages numbered.

    Args:
        header: row of the header, from 0; the first of them where it has several.
        header_to: the last of them.
    """
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(header, header if header_to is None else header_to)
    sheet.set_footer("&L&8&A&R&8&P / &N")


def serial(at: datetime | date) -> float:
    """Return the number by which sheets know a local instant or a date: days since 1899-12-30 (exact from 1900-03).

    Of an instant the whole seconds: sheets round, and the last microsecond of a day must not become the next day.
    """
    if isinstance(at, datetime):
        return at.toordinal() - _EPOCH + (at.hour * 3600 + at.minute * 60 + at.second) / 86_400
    return float(at.toordinal() - _EPOCH)


class Cells:
    """Puts values of any kind into a workbook's sheets, each in the form of its kind."""

    def __init__(self, book: Any, **style: Any) -> None:
        self._text = book.add_format({"valign": "top", **style})
        self._wide = book.add_format({"valign": "top", "text_wrap": True, **style})
        self._number = book.add_format({"valign": "top", **style})
        self._instant = book.add_format({"valign": "top", "num_format": "dd/mm/yyyy hh:mm", **style})
        self._day = book.add_format({"valign": "top", "num_format": "dd/mm/yyyy", **style})

    def put(self, sheet: Any, row: int, column: int, value: SheetCell) -> None:
        """Write a value: text as text whatever it begins with, None as nothing, yes and no as 1 and 0."""
        if value is None:
            return
        if isinstance(value, str):
            long = len(value) > _WIDEST
            sheet.write_string(row, column, _cut(value) if long else value, self._wide if long else self._text)
        elif not isinstance(value, date):  # an instant is a date, too
            sheet.write_number(row, column, value, self._number)
        elif value.year < _FIRST_YEAR:
            sheet.write_string(row, column, value.isoformat(), self._text)
        else:
            form = self._instant if isinstance(value, datetime) else self._day
            sheet.write_number(row, column, serial(value), form)


def write_list(
    to: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[SheetCell]], *, sheet: str, created: datetime
) -> int:
    """Write a list, one row after another in constant memory; return how many rows.

    The header stays in sight, is repeated on every printed page and has filters; columns are as wide as the content of
    the first rows. What one sheet cannot hold goes on in the next, ``sheet (2)``, under the same header.
    """
    rows, count, parts = iter(rows), 0, 0
    with workbook(to, created=created, title=sheet) as book:
        cells = Cells(book)
        head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E7ECF3", "border": 1}
        )
        first = next(rows, None)
        while first is not None or parts == 0:
            parts += 1
            page = book.add_worksheet(sheet if parts == 1 else f"{sheet} ({parts})")
            written = _write_part(page, header, head, cells, chain(() if first is None else (first,), rows))
            count += written
            first = next(rows, None)
    return count


def _write_part(page: Any, header: Sequence[str], head: Any, cells: Cells, rows: Iterator[Sequence[SheetCell]]) -> int:
    """Write a sheet until it is full; return how many rows are in it."""
    page.freeze_panes(1, 1)
    print_on_a4(page, header=0)
    for column, label in enumerate(header):
        page.write_string(0, column, label, head)
    put, last = cells.put, 0
    widths = [_width(label, is_header=True) for label in header]
    for last, row in enumerate(islice(rows, SHEET_ROWS - 1), start=1):
        for column, value in enumerate(row):
            put(page, last, column, value)
        if last <= _SAMPLE:
            widths = [max(pair) for pair in zip(widths, map(_width, row), strict=True)]
        _fit_height(page, last, row, widths)
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    page.autofilter(0, 0, last, max(len(header) - 1, 0))
    return last


def _fit_height(page: Any, at: int, row: Sequence[SheetCell], widths: Sequence[float]) -> None:
    """Make a row as high as its longest text needs: not every reader does so by itself."""
    page.row_info.pop(at - 1, None)  # written already; kept, a million heights would stay in memory
    page.row_sizes.pop(at - 1, None)
    long = [(len(text), no) for no, text in enumerate(row) if isinstance(text, str) and len(text) > _WIDEST]
    if long:
        lines = max(length / widths[no] for length, no in long)
        page.set_row(at, _LINE * min(int(lines * _SPARE) + 1, _MOST_LINES))


def _width(value: SheetCell, *, is_header: bool = False) -> float:
    if isinstance(value, datetime):
        return 16
    if isinstance(value, date):
        return 11
    text = "" if value is None else str(value)
    longest = max(map(len, text.split())) + 3 if is_header and text else len(text) + 2  # a header breaks between words
    return min(max(longest, _NARROWEST), _WIDEST)


def _cut(text: str) -> str:
    """Return what of a text a cell can hold; what is cut ends with an ellipsis."""
    if len(text) <= _LONGEST // 2 or len(text.encode("utf-16-le")) // 2 <= _LONGEST:
        return text
    return text.encode("utf-16-le")[: 2 * (_LONGEST - 1)].decode("utf-16-le", "ignore") + "…"
