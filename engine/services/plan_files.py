"""Files of targets, figures, tasks and procedures: CSV that is taken whole, or refused with every bad row named."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TypeVar

from engine.errors import InvalidInputError

LARGEST = 5_000_000  #: bytes
MOST_ROWS = 20_000
Made = TypeVar("Made")
_SAVE = 'in Excel, save it as "CSV UTF-8"'


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused; ``row`` is the line of the file (the heading is 1), 0 the file as a whole."""

    row: int
    field: str
    code: str
    message: str


class PlanFileError(InvalidInputError):
    """A file cannot be used; nothing of it was taken.

    ``details`` has ``file`` and ``problems``: a list of ``{"row", "field", "code", "message"}``, by row.
    """

    code = "plan-file-refused"

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        first = problems[0]
        where = f"{name}, row {first.row}: " if first.row else f"{name}: "
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        listed = [{key: getattr(each, key) for key in Problem.__slots__} for each in problems]
        super().__init__(f"{where}{first.message}{more}", file=name, problems=listed, field="file")


class Row(dict[str, str]):
    """A row of a file by column; a column that is not there is empty."""

    def __missing__(self, key: str) -> str:
        return ""


def all_rows(
    content: bytes, name: str, columns: Sequence[str], take: Callable[[Row], Made], *, needed: Sequence[str] = ()
) -> list[Made]:
    """Read each row of a file and return what ``take`` makes of them.

    Args:
        content: CSV in UTF-8, with commas or semicolons; a byte order mark and empty rows are skipped.
        name: of the file, for messages.
        columns: that it may have.
        take: raises InvalidInputError, with a ``field``, for a row that cannot be used.
        needed: columns that it must have; none: all.

    Raises:
        PlanFileError: something in it cannot be used; it lists all that is wrong, and the caller rolls back.
    """
    rows = _rows(content, name, columns, needed or columns)
    made: list[Made] = []
    problems: list[Problem] = []
    for at, row in rows.items():
        try:
            made.append(take(row))
        except InvalidInputError as error:
            problems.append(Problem(at, str(error.details.get("field") or ""), error.code, error.message))
    if problems:
        raise PlanFileError(name, problems)
    return made


def _rows(content: bytes, name: str, columns: Sequence[str], needed: Sequence[str]) -> Mapping[int, Row]:
    text = _decoded(content, name)
    heading, _, _ = text.partition("\n")
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    try:
        found = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise _refused(name, 0, "", "not-csv", f"is no CSV ({error}); {_SAVE}") from None
    names = [cell.strip() for cell in found[0]]
    if lacking := [column for column in needed if column not in names]:
        expected = ", ".join(columns)
        message = f"lacks the column {lacking[0]}: its first row names {expected}"
        raise _refused(name, 1, lacking[0], "no-column", message)
    if strange := [each for each in names if each and each not in columns]:
        message = f"has a column {strange[0][:40]!r} that nothing reads; it may have {', '.join(columns)}"
        raise _refused(name, 1, strange[0][:40], "strange-column", message)
    rows = {
        at: Row(zip(names, (cell.strip() for cell in cells), strict=False))
        for at, cells in enumerate(found[1:], start=2)
        if any(cell.strip() for cell in cells)
    }
    if not rows:
        raise _refused(name, 1, "", "no-row", "has no row below its heading")
    if len(rows) > MOST_ROWS:
        raise _refused(name, 0, "", "too-long", f"has more than {MOST_ROWS} rows; divide it")
    return rows


def _decoded(content: bytes, name: str) -> str:
    if len(content) > LARGEST:
        raise _refused(name, 0, "", "too-large", f"has more than {LARGEST} bytes; divide it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise _refused(name, row, "", "not-utf-8", f"is not UTF-8 text: {_SAVE}") from None
    if "\0" in text:
        raise _refused(name, text[: text.index("\0")].count("\n") + 1, "", "not-text", f"is no text: {_SAVE}")
    if not text.strip():
        raise _refused(name, 0, "", "empty", "is empty; its first row names the columns")
    return text.lstrip()


def _refused(name: str, row: int, field: str, code: str, message: str) -> PlanFileError:
    return PlanFileError(name, [Problem(row, field, code, message)])
