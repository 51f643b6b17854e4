"""Reading the file of a history import row by row: CSV, CSV packed with gzip, and XLSX, however large.

Hostile files are refused before anything expands them; a row takes as much memory as a row.
"""

from __future__ import annotations

import csv
import gzip
import io
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import IO, Any, cast

import openpyxl

from bpmn.sheet import packed
from engine.domain.history_mapping import HistoryMapping
from engine.domain.history_records import Cell, Record, Refusal, at_midnight
from engine.errors import InvalidInputError

LARGEST = 1024**3  #: bytes of a file, unpacked
LARGEST_WORKBOOK = 400 * 1024**2  #: bytes of all parts of a workbook
LONGEST_LINE = 1_000_000  #: characters
LONGEST_CELL = 4_000
MOST_COLUMNS = 300

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_BROKEN = (gzip.BadGzipFile, zlib.error, EOFError)


class UnreadableHistoryError(InvalidInputError):
    """The file of a history import cannot be read, or lacks a column that the mapping names."""

    code = "history-file-unreadable"


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A file that can be opened again and again; ``name`` is for people."""

    name: str
    opened: Callable[[], IO[bytes]]


def records(file: HistoryFile, mapping: HistoryMapping) -> Iterator[Record]:
    """Yield the rows that are not empty, in order.

    Raises:
        UnreadableHistoryError: see the message, which names the row and the remedy; rows before it were yielded.
    """
    with ExitStack() as stack:
        raw = stack.enter_context(file.opened())
        start = raw.read(4)
        raw.seek(0)
        if start in (_ZIP, packed.OLD_WORKBOOK):
            lines = _of_workbook(raw, mapping)
        else:
            unpacked = stack.enter_context(_unpacked(raw)) if start[:2] == _GZIP else raw
            lines = _of_text(unpacked, mapping)
        yield from _under_head(lines, mapping)


def _unpacked(raw: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(raw))


def _under_head(lines: Iterator[tuple[int, Sequence[Any]]], mapping: HistoryMapping) -> Iterator[Record]:
    _no, head = next(lines, (1, ()))
    names = [str(_plain(cell) or "").strip() for cell in head]
    missing = sorted(mapping.wanted - set(names))
    if missing:
        there = ", ".join(repr(name) for name in names[:30] if name) or "none"
        raise UnreadableHistoryError(
            f"the file has no column {missing[0]!r}, which the mapping names; its columns are {there}",
            column=missing[0], row=1,
        )  # fmt: skip
    double = next((name for name in mapping.wanted if names.count(name) > 1), None)
    if double is not None:
        raise UnreadableHistoryError(f"two columns are called {double!r}; rename one of them", column=double, row=1)
    wanted = [(names.index(name), name) for name in sorted(mapping.wanted)]
    key = mapping.columns["key"]
    for no, cells in lines:
        if any(_plain(cell) is not None for cell in cells):
            yield _record(no, cells, wanted, len(names), key)


def _record(no: int, cells: Sequence[Any], wanted: list[tuple[int, str]], width: int, key: str) -> Record:
    found: dict[str, Cell] = {}
    wrong: list[tuple[str, str, dict[str, str]]] = []
    for at, name in wanted:
        cell = cells[at] if at < len(cells) else None
        if _is_formula(cell):
            wrong.append((name, "cell-formula", {}))
            continue
        value = _plain(cell)
        if isinstance(value, str) and len(value) > LONGEST_CELL:
            wrong.append((name, "cell-too-long", {"most": str(LONGEST_CELL)}))
            continue
        found[name] = value
    if any(_plain(cell) is not None for cell in cells[width:]):
        wrong.append(("", "row-too-long", {}))
    named = found.get(key)
    key_text = named if isinstance(named, str) else ""
    return Record(no, found, tuple(Refusal(no, key_text, column, code, "", facts) for column, code, facts in wrong))


# --- CSV -------------------------------------------------------------------------------------------------------------


def _of_text(raw: IO[bytes], mapping: HistoryMapping) -> Iterator[tuple[int, Sequence[Any]]]:
    no = 0
    encoding = mapping.encoding or "utf-8-sig"
    try:
        start = raw.read(2)
        raw.seek(0)
        if mapping.encoding is None and start in (b"\xff\xfe", b"\xfe\xff"):
            encoding = "utf-16"
        lines = _bounded(_decoded(raw, encoding))
        first = next(lines, "")
        separator = mapping.separator or _separator(first)
        reader = csv.reader(chain([first], lines), delimiter=separator, strict=True)
        for no, cells in enumerate(reader, start=1):
            if len(cells) > MOST_COLUMNS:
                raise UnreadableHistoryError(f"row {no} has more than {MOST_COLUMNS} cells; look at its quotes", row=no)
            yield no, cells
    except UnicodeDecodeError as error:
        said = "say its encoding in the mapping: [file] encoding" if mapping.encoding is None else "name the right one"
        message = f"after row {no} the file is not {encoding.removesuffix('-sig').upper()}; {said}"
        raise UnreadableHistoryError(message, row=no + 1) from error
    except csv.Error as error:
        message = f"row {no + 1} cannot be read ({error}); look for a quotation mark that is not closed"
        raise UnreadableHistoryError(message, row=no + 1) from error
    except _BROKEN as error:
        raise UnreadableHistoryError(
            f"the file cannot be unpacked after row {no}; pack it again", row=no + 1
        ) from error


def _decoded(raw: IO[bytes], encoding: str) -> Iterator[str]:
    """Decode line by line, so that the row with a wrong byte is known; not where a line end has several bytes."""
    if encoding.startswith(("utf-16", "utf-32")):
        text = io.TextIOWrapper(raw, encoding, newline="")
        while line := text.readline(LONGEST_LINE):
            yield line
        return
    while piece := raw.readline(LONGEST_LINE):
        yield piece.decode(encoding)


def _bounded(lines: Iterator[str]) -> Iterator[str]:
    read = 0
    for line in lines:
        read += len(line)
        if len(line) >= LONGEST_LINE or "\0" in line:
            what = "NUL characters" if "\0" in line else f"a line of more than {LONGEST_LINE:,} characters"
            raise UnreadableHistoryError(f"the file has {what}, as no table has; save it as CSV again")
        if read > LARGEST:
            raise UnreadableHistoryError(f"the file has more than {LARGEST // 2**20} MB of text; split it")
        yield unicodedata.normalize("NFC", line)  # old encodings write accents as letters of their own


def _separator(first: str) -> str:
    """Return the sign that the head has most of: names of columns hold none of the others so often."""
    return max(";\t,", key=first.count)


# --- XLSX ------------------------------------------------------------------------------------------------------------


def _of_workbook(raw: IO[bytes], mapping: HistoryMapping) -> Iterator[tuple[int, Sequence[Any]]]:
    refused = packed.refusal_of(raw, most_unpacked=LARGEST_WORKBOOK)
    if refused is not None:
        raise UnreadableHistoryError(refused.message)
    try:
        raw.seek(0)
        book = openpyxl.load_workbook(raw, read_only=True, data_only=False, keep_links=False)
        sheet = _sheet(book, mapping.sheet)
        sheet.reset_dimensions()  # what the file says of its size may be a lie
        rows = enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1)
        yield from rows
    except UnreadableHistoryError:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise on a broken file
        message = "the workbook cannot be read; open it in a spreadsheet program and save it again as .xlsx"
        raise UnreadableHistoryError(message) from error


def _sheet(book: Any, wanted: str | None) -> Any:
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if wanted is not None:
        visible = [sheet for sheet in visible if sheet.title == wanted]
    if not visible:
        there = ", ".join(repr(sheet.title) for sheet in book.worksheets[:20])
        raise UnreadableHistoryError(f"the workbook has no visible sheet {wanted or ''!r}; there are {there}")
    return visible[0]


def _is_formula(cell: Any) -> bool:
    return getattr(cell, "data_type", "") in ("f", "e") and cell.value is not None


def _plain(cell: Any) -> Cell:
    """Return what a cell says: text, date and time, date, or nothing."""
    value = cell if isinstance(cell, str) else getattr(cell, "value", None)
    if value is None:
        return None
    if isinstance(value, datetime):
        return at_midnight(value)
    if isinstance(value, date):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFC", str(value)).strip() or None
