"""Bytes of a spreadsheet to rows of cells: CSV in the encodings and with the separators of offices, and XLSX.

Hostile files are refused before anything expands them (zip bombs, entities), and reading stops at a bound.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter, range_boundaries

from bpmn.findings import Finding, error
from bpmn.sheet import packed

LARGEST = 5 * 1024 * 1024  #: bytes of a file
LARGEST_UNPACKED = 60 * 1024 * 1024  #: bytes of all parts of a workbook
MOST_ROWS = 5_000
MOST_COLUMNS = 60
MOST_SHEETS = 50
LONGEST_CELL = 4_000  #: characters

Value = str | int | float | bool | datetime | date | time | timedelta | None

_SEPARATORS = (";", "\t", ",")
_MERGED = re.compile(rb'<mergeCell[^>]*\bref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')


@dataclass(slots=True)
class Line:
    """A row: its number in the file from 1, its cells, and what of them is no value."""

    no: int
    cells: list[Value]
    formulas: dict[int, str] = field(default_factory=dict)  #: column from 0 to the formula or Excel error there
    spread: frozenset[int] = frozenset()  #: columns that a merged cell above covers
    is_title: bool = False  #: one cell merged over several columns


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet: its name (empty for CSV) and its rows that are not empty."""

    name: str
    lines: tuple[Line, ...]


def read_grids(content: bytes, kind: str) -> tuple[tuple[Grid, ...], tuple[Finding, ...]]:
    """Return the visible sheets of a file; an error finding when it cannot be read.

    Args:
        content: the file.
        kind: ``csv`` or ``xlsx``.
    """
    if len(content) > LARGEST:
        message = f"The file has more than {LARGEST // 2**20} MB; keep the step tables and remove the rest."
        return (), (error("file-too-large", "file", message),)
    if not content.strip():
        return (), (error("file-empty", "file", "The file is empty."),)
    return _workbook(content) if kind == "xlsx" else _text(content)


def column_letter(at: int) -> str:
    """Return the letter of a column counted from 0, as spreadsheets show it."""
    return str(get_column_letter(at + 1))


# --- CSV -------------------------------------------------------------------------------------------------------------


def _text(content: bytes) -> tuple[tuple[Grid, ...], tuple[Finding, ...]]:
    text = _decoded(content)
    if isinstance(text, Finding):
        return (), (text,)
    separator, text = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: list[Line] = []
    try:
        for no, cells in enumerate(reader, start=1):
            if no > MOST_ROWS:
                return (), (_too_many("row", no),)
            if any(cell.strip() for cell in cells[MOST_COLUMNS:]):
                return (), (_too_many("column", no),)
            if any(cell.strip() for cell in cells):
                lines.append(Line(no, [cell.strip()[:LONGEST_CELL] or None for cell in cells[:MOST_COLUMNS]]))
    except csv.Error as problem:
        message = f"This row cannot be read: {problem}; look for a quotation mark that is not closed."
        return (), (error("csv-malformed", f"row {reader.line_num}", message),)
    return (Grid("", tuple(lines)),), ()


def _decoded(content: bytes) -> str | Finding:
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        message = "The file is a workbook, not CSV; give it its own ending (.xlsx), or save it as CSV UTF-8."
        return error("file-kind", "file", message)
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as problem:
        message = "The file is neither UTF-8 nor UTF-16; save it as CSV UTF-8."
        return error("file-encoding", f"byte {problem.start}", message)
    if "\0" in text:
        return error("file-encoding", "file", "The file holds NUL characters; save it as CSV UTF-8.")
    return text


def _separator(text: str) -> tuple[str, str]:
    """Return the separator: what ``sep=;`` in the first line says, else the one that most rows have most of."""
    first, _newline, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return first.strip()[4], rest
    counts = {sign: 0 for sign in _SEPARATORS}
    for line in text.splitlines()[:200]:
        bare = re.sub(r'"[^"]*"', "", line)
        for sign in _SEPARATORS:
            counts[sign] += min(bare.count(sign), MOST_COLUMNS)
    # "0,5" has a comma in files that separate by semicolon or tab, never the other way round
    for sign in (";", "\t"):
        if counts[sign] and counts[sign] * 2 >= counts[","]:
            return sign, text
    return ",", text


def _too_many(what: str, no: int) -> Finding:
    most = MOST_ROWS if what == "row" else MOST_COLUMNS
    message = f"A sheet has at most {most} {what}s; keep the step tables and remove the rest."
    return error(f"sheet-{what}s-too-many", f"row {no}", message)


# --- XLSX ------------------------------------------------------------------------------------------------------------


def _workbook(content: bytes) -> tuple[tuple[Grid, ...], tuple[Finding, ...]]:
    refused = packed.refusal_of(io.BytesIO(content), most_unpacked=LARGEST_UNPACKED)
    if refused is not None:
        return (), (refused,)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        grids: list[Grid] = []
        for sheet in book.worksheets[:MOST_SHEETS]:
            if sheet.sheet_state != "visible":
                continue
            merged = _merged(content, str(getattr(sheet, "_worksheet_path", "")))
            lines = _lines(sheet, merged)
            if isinstance(lines, Finding):
                return (), (lines,)
            grids.append(Grid(sheet.title, tuple(lines)))
    except Exception:  # openpyxl raises whatever its parts raise on a broken file
        message = "The workbook cannot be read; open it in a spreadsheet program and save it again as .xlsx."
        return (), (error("xlsx-malformed", "file", message),)
    return tuple(grids), ()


def _merged(content: bytes, path: str) -> list[tuple[int, int, int, int]]:
    """Return the merged ranges of a sheet as (first column, first row, last column, last row), counted from 1."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        name = path.lstrip("/")
        raw = parts.read(name) if name in parts.namelist() else b""
    found = _MERGED.findall(raw)[:MOST_ROWS]
    return [range_boundaries(text.decode()) for text in found]  # type: ignore[misc]


def _lines(sheet: Any, merged: list[tuple[int, int, int, int]]) -> list[Line] | Finding:
    sheet.reset_dimensions()  # what the file says of its size may be a lie
    lines: list[Line] = []
    for no, cells in enumerate(_rows(sheet), start=1):
        line = Line(no, [])
        for at, cell in enumerate(cells):
            line.cells.append(_value(cell, line, at))
        if any(value is not None for value in line.cells) or line.formulas:
            if no > MOST_ROWS:
                return _too_many("row", no)
            if any(value is not None for value in line.cells[MOST_COLUMNS:]):
                return _too_many("column", no)
            lines.append(line)
    _spread(lines, merged)
    return lines


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    yield from sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1)


def _value(cell: Any, line: Line, at: int) -> Value:
    value: Value = cell.value
    if cell.data_type in ("f", "e") and value is not None:
        line.formulas[at] = str(value)[:60]
        return None
    if isinstance(value, str):
        return value.strip()[:LONGEST_CELL] or None
    return value


def _spread(lines: list[Line], merged: list[tuple[int, int, int, int]]) -> None:
    """Mark what merged cells cover, and put the value of a cell that is merged downwards into the rows below it."""
    by_no = {line.no: line for line in lines}
    for left, top, right, bottom in merged:
        head = by_no.get(top)
        if head is None or left > len(head.cells):
            continue
        value = head.cells[left - 1]
        others = [each for at, each in enumerate(head.cells) if each is not None and at != left - 1]
        if right - left >= 2 and not others:
            head.is_title = True
        for no in range(top + 1, min(bottom, top + MOST_ROWS) + 1):
            line = by_no.get(no)
            if line is None or left != right:
                continue
            line.cells.extend([None] * (left - len(line.cells)))
            line.cells[left - 1] = value
            line.spread |= {left - 1}
