"""Files and mappings of other systems for tests: small ones built by hand, and the real log where it is at hand."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor
from engine.services import history_imports
from engine.services.history_imports import HistoryReport
from engine.services.history_rows import HistoryFile
from tests.support.sources import ROOT

LOG = ROOT.parent / "shared" / "data" / "receipt-log.csv.gz"
LOG_MAPPING = (ROOT / "docs" / "examples" / "receipt-log.toml").read_text(encoding="utf-8")
needs_log = pytest.mark.skipif(not LOG.exists(), reason="the real log is not beside the project")

HEAD = "key,received,due,ended,channel,who,step1"
ROWS = (
    "A-1,2024-03-01 08:30,2024-03-05 17:00,2024-03-04 10:00,desk,Nguyễn Văn Thử,2024-03-02 09:00",
    "A-2,2024-03-01 09:00,2024-03-05 17:00,2024-03-07 10:00,web,,2024-03-06 09:00",
    "A-3,2024-03-02 09:00,2024-03-05 17:00,,web,,",
)
MAPPING = """
source = "old-desk"
rows = "dossier"
zone = "Asia/Ho_Chi_Minh"
late_rule = "instant"

[columns]
key = "key"
received_at = "received"
due_at = "due"
finished_at = "ended"
channel = "channel"
applicant = "who"

[constants]
procedure = "birth"

[channels]
"desk" = "direct"
"web" = "online"

[status]
with_end = "returned"
without_end = "processing"

[procedures."birth"]
code = "OLD-1"
name = "Khai sinh (hệ thống cũ)"
field = "Hộ tịch"
limit = "2 working_day"

[[steps]]
called = "Thẩm tra"
at = "step1"
"""


def a_file(content: bytes | str, name: str = "old.csv") -> HistoryFile:
    """Return a file with this content."""
    raw = content.encode() if isinstance(content, str) else content
    return HistoryFile(name, lambda: io.BytesIO(raw))


def a_table(*rows: str, head: str = HEAD) -> HistoryFile:
    """Return a CSV file with these rows under the usual head."""
    return a_file("\n".join((head, *rows)) + "\n")


def a_workbook(*rows: list[Any], head: str = HEAD, change: Callable[[Any], None] | None = None) -> HistoryFile:
    """Return an XLSX file with these rows; ``change`` does more to its sheet."""
    book, content = Workbook(), io.BytesIO()
    for row in (head.split(","), *rows):
        book.active.append(row)
    if change is not None:
        change(book.active)
    book.save(content)
    return a_file(content.getvalue(), "old.xlsx")


def the_log(path: Path = LOG) -> HistoryFile:
    """Return the real log."""
    return HistoryFile(path.name, lambda: path.open("rb"))


def imported(
    ctx: Context, file: HistoryFile, mapping: str = MAPPING, *, by: Actor = SYSTEM, agency: str | None = None
) -> HistoryReport:
    """Import a file."""
    return history_imports.run(ctx, by=by, file=file, mapping=mapping, agency=agency)
