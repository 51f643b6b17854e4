"""Cells of CSV files that spreadsheets open as what they are: text stays text, numbers stay numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

BOM = "\ufeff"  # tells Excel that the file is UTF-8
Cell = str | int | float | bool | None
_GUARD = "'"
_STARTS = tuple("=+-@＝＋－＠")  # a spreadsheet computes what begins so
_SKIPPED = ' \t\r\n\v\f\0;,"\u00a0\u3000\ufeff'  # what it may skip before looking


def guarded(text: str) -> str:
    """Return text that a spreadsheet shows and never computes: ``'`` in front where it could begin a formula.

    ``unguarded`` gives the text back (speed_scale §D.4; attack S15).
    """
    might_compute = text.lstrip(_SKIPPED).startswith(_STARTS)
    return _GUARD + text if might_compute or text.startswith(_GUARD) else text


def unguarded(text: str) -> str:
    """Return what ``guarded`` was given."""
    return text.removeprefix(_GUARD)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield a CSV file line by line: UTF-8 with BOM, comma, CRLF; an empty cell for None, 1 and 0 for yes and no."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    yield BOM
    for row in chain([header], rows):
        writer.writerow([_cell(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _cell(value: Cell) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    return guarded(value) if isinstance(value, str) else value
