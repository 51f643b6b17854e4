"""Files of history imports: hostile and broken ones end in one sentence, and none is unpacked whole."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from engine.domain.history_mapping import read_mapping
from engine.services import history_rows
from engine.services.history_rows import HistoryFile, UnreadableHistoryError, records
from tests.support.histories import HEAD, MAPPING, ROWS, a_file, a_table, a_workbook

READ = read_mapping(MAPPING)
TEXT = "\n".join((HEAD, *ROWS)) + "\n"


def keys(file: HistoryFile, mapping: str = MAPPING) -> list[str]:
    """Return the key of each row."""
    return [str(record.cells["key"]) for record in records(file, read_mapping(mapping))]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        gzip.compress(TEXT.encode()),
        TEXT.replace(",", ";").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\n,,\n").encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "gzip", "semicolons", "crlf", "empty-rows"],
)
def test_files_of_offices_are_read(content: bytes) -> None:
    assert keys(a_file(content)) == ["A-1", "A-2", "A-3"]


def test_an_old_encoding_is_read_when_the_mapping_names_it() -> None:
    content = TEXT.replace("Nguyễn Văn Thử", "Đă\u0323ng").encode("windows-1258")

    with pytest.raises(UnreadableHistoryError, match=r"after row 1 .* \[file\] encoding"):
        keys(a_file(content))
    mapping = read_mapping(MAPPING.replace("[columns]", '[file]\nencoding = "windows-1258"\n[columns]'))
    assert next(records(a_file(content), mapping)).cells["who"] == "Đặng"


def test_a_workbook_gives_dates_and_numbers_of_rows() -> None:
    row = [7.0, "2024-03-01 08:30", "2024-03-05 17:00", None, "desk", None, None]

    (record,) = records(a_workbook([None] * 7, row), READ)

    assert (record.no, record.cells["key"], record.refusals) == (3, "7", ())


def test_a_formula_is_refused_in_its_row() -> None:
    row = ["A-1", "=NOW()", "2024-03-05 17:00", None, "desk", None, None]

    (record,) = records(a_workbook(row), READ)

    assert [(each.row, each.column, each.code) for each in record.refusals] == [(2, "received", "cell-formula")]


def test_a_row_with_too_many_cells_is_refused() -> None:
    (record,) = records(a_table("A-1,2024-03-01 08:30,,,desk,Thử, Văn,,x"), READ)

    assert [each.code for each in record.refusals] == ["row-too-long"]


def test_a_cell_that_is_too_long_is_refused_in_its_row() -> None:
    (record,) = records(a_table(f"A-1,2024-03-01 08:30,,,desk,{'x' * 5_000},"), READ)

    assert [(each.column, each.code, each.value) for each in record.refusals] == [("who", "cell-too-long", "")]


def _zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        for no in range(9):
            parts.writestr(f"xl/worksheets/sheet{no}.xml", b" " * (50 * 1024**2))
    return packed.getvalue()


def _with_entity() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as parts:
        parts.writestr("xl/workbook.xml", b" " * 3_000_000 + b'<!DOCTYPE x [<!ENTITY a "aaa">]>')
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no column"),
        (b"a,b\n1,2\n", "no column 'channel'"),
        (HEAD.encode() + b",key\n", "two columns are called 'key'"),
        (TEXT.encode() + b'"A-4,2024', "row 5 cannot be read"),
        (TEXT.encode() + b"A-4,\0", "NUL"),
        (TEXT.encode() + b"A-4," + b"x" * 10_000_000, "a line of more than"),
        (TEXT.encode() + b'A-4,"' + b"x\n" * 100_000 + b'",', "row 5 cannot be read"),
        (TEXT.encode() + b"A-4" + b"," * 400, "row 5 has more than"),
        (TEXT.encode() + b"\xff", "after row 4"),
        (gzip.compress(TEXT.encode() * 2000)[:2000], "cannot be unpacked"),
        (b"\x1f\x8b not gzip", "cannot be unpacked"),
        (b"\xd0\xcf\x11\xe0 old", "old .xls"),
        (b"PK\x03\x04 not a zip", "no .xlsx workbook"),
        (_zip_bomb(), "unpacks to more"),
        (_with_entity(), "document type or an entity"),
    ],
    ids=[
        "empty", "columns", "double", "quote", "nul", "line", "cell", "cells", "encoding", "cut-gzip", "bad-gzip",
        "xls", "no-zip", "bomb", "entity",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_where_and_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableHistoryError, match=said):
        keys(a_file(content))


def test_reading_ends_at_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_rows, "LARGEST", 100)

    with pytest.raises(UnreadableHistoryError, match="split it"):
        keys(a_file(gzip.compress(TEXT.encode())))


def test_a_sheet_is_chosen_by_its_name() -> None:
    row = ["A-1", "2024-03-01 08:30", None, None, "desk", None, None]
    named = MAPPING.replace("[columns]", '[file]\nsheet = "{}"\n[columns]')

    assert keys(a_workbook(row), named.format("Sheet")) == ["A-1"]
    with pytest.raises(UnreadableHistoryError, match="there are 'Sheet'"):
        keys(a_workbook(row), named.format("Hồ sơ"))
