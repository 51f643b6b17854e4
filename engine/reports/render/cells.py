"""Cells of CSV files that spreadsheets open as what they are: text stays text, numbers stay numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

BOM = "\ufeff"  # tells Excel that the file is UTF-8
Cell = str | int | float | bool | None
_GUARD = "'"
_STARTS = tuple("=+-@＝＋－＠")  # a spreadsheet computes what begins so
_ROWS_AT_ONCE = 100  # of a CSV file that are made into one text
_SKIPPED = ' \t\r\n\v\f\0;,"\u00a0\u3000\ufeff'  # what it may skip before looking

_SUSPECT = frozenset((*_STARTS, *_SKIPPED, _GUARD))  # with what else a text begins, it is what it is


def guarded(text: str) -> str:
    """Return text that a spreadsheet shows and never computes: ``'`` in front where it could begin a formula.

    ``unguarded`` gives the text back (speed_scale §D.4; attack S15).
    """
    if not text or text[0] not in _SUSPECT:
        return text
    might_compute = text.lstrip(_SKIPPED).startswith(_STARTS)
    return _GUARD + text if might_compute or text.startswith(_GUARD) else text


def unguarded(text: str) -> str:
    """Return what ``guarded`` was given."""
    return text.removeprefix(_GUARD)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield a CSV file in parts: UTF-8 with BOM, comma, CRLF; an empty cell for None, 1 and 0 for yes and no."""
    buffer = io.StringIO(newline="")
    write = csv.writer(buffer, lineterminator="\r\n").writerow
    write([guarded(label) for label in header])
    yield BOM
    for no, row in enumerate(rows, start=1):
        write([_cell(value) for value in row])
        if no % _ROWS_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Cell) -> str | int | float | None:
    if isinstance(value, str):
        return guarded(value)
    return int(value) if isinstance(value, bool) else value  # None is written as nothing
