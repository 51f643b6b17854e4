"""The tasks of a plan as JSON, CSV and XLSX."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

from engine.domain.plan_facts import TaskState
from engine.reports.plan_lists import TaskLine, Tasks, TaskStanding
from engine.reports.render.cells import csv_text
from engine.reports.render.index_files import write_row
from engine.reports.render.official_sheets import Styles, set_up
from engine.reports.render.official_words import day
from engine.reports.render.workbooks import workbook

STANDINGS = {
    TaskStanding.DONE_IN_TIME: "Xong đúng hạn",
    TaskStanding.DONE_LATE: "Xong quá hạn",
    TaskStanding.OVERDUE: "Quá hạn",
    TaskStanding.DUE: "Trong hạn",
    TaskStanding.CANCELLED: "Đã bỏ",
}
_HEAD = (
    "Số", "Nhiệm vụ", "Chủ trì", "Phối hợp", "Sản phẩm", "Hạn", "Tình trạng", "Ngày xong", "Văn bản", "Ghi chú",
    "Cơ quan",
)  # fmt: skip
_WIDTHS = (8, 46, 26, 26, 26, 12, 16, 12, 26, 26, 12)
_AT = 3  # row of the header


def tasks_json(found: Tasks) -> str:
    """Return the tasks as one JSON document with a line end."""
    return json.dumps(found.as_json(), ensure_ascii=False, indent=2) + "\n"


def tasks_csv(found: Tasks) -> str:
    """Return a row a task, in the columns of the file that brings tasks, with its agency and how it stands."""
    header = [
        "agency", "year", "number", "name", "lead", "cooperating", "product", "due", "state", "done_on", "document",
        "note", "standing",
    ]  # fmt: skip
    told = (line.as_json() for line in found.lines)
    return "".join(csv_text(header, ([row[name] for name in header] for row in told)))


def tasks_xlsx(found: Tasks, *, at: datetime) -> bytes:
    """Return a workbook with a row a task.

    Args:
        at: when it is made.
    """
    buffer, rate = io.BytesIO(), found.on_time
    with workbook(buffer, created=at, title="Nhiệm vụ kế hoạch", by_rows=False) as book:
        styles, sheet = Styles(book), book.add_worksheet("Nhiệm vụ")
        set_up(sheet, widths=_WIDTHS, header=_AT, header_to=_AT, frozen=2)
        sheet.write_string(0, 0, f"NHIỆM VỤ CỦA KẾ HOẠCH NĂM {found.year}", styles.label)
        percent = "—" if rate.percent is None else f"{rate.percent}%".replace(".", ",")
        part = f"{rate.numerator} trong {rate.denominator} nhiệm vụ đã xong hoặc đã đến hạn"
        sheet.write_string(1, 0, f"Hoàn thành đúng hạn: {percent} ({part})", styles.label)
        write_row(sheet, _AT, [(title, styles.head) for title in _HEAD], _WIDTHS)
        for row, line in enumerate(found.lines, start=_AT + 1):
            write_row(sheet, row, _cells(line, styles), _WIDTHS)
    return buffer.getvalue()


def _cells(line: TaskLine, styles: Styles) -> list[tuple[Any, Any]]:
    row, standing = line.row, STANDINGS[line.standing]
    if row.state == TaskState.UNDER_WAY:
        standing = f"{standing} (đang làm)"
    done_on = "" if row.done_on is None else day(row.done_on)
    texts = (
        row.number, row.name, row.lead, row.cooperating, row.product, day(row.due_on), standing, done_on, row.document,
        row.note, line.agency,
    )  # fmt: skip
    return [(text, styles.text) for text in texts]
