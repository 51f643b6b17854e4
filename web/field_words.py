"""What the workbench calls the field of a refusal; field names are for programs, and no notice shows one."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import request
from flask_babel import gettext

from web.forms import NOT_TYPED, Refusal, text

MOST_ROWS = 80
_NO_WORK = {*NOT_TYPED, "act", "at"}
_ROW = re.compile(r"([a-z]+)([0-9]{1,3})")

# As the pages label them.
_OF_ROWS = {
    "name": "Tên ô, dòng %(no)s",
    "label": "Câu hỏi, dòng %(no)s",
    "type": "Loại, dòng %(no)s",
    "choices": "Các lựa chọn, dòng %(no)s",
    "asked": "Hỏi khi, dòng %(no)s",
    "required": "Bắt buộc, dòng %(no)s",
    "source": "Căn cứ, dòng %(no)s",
    "do": "Việc, dòng %(no)s",
    "step": "Bước, dòng %(no)s",
    "outcome": "Kết quả, dòng %(no)s",
    "until": "Chờ đến lúc, dòng %(no)s",
    "message": "Tin, dòng %(no)s",
    "fields": "Ô hỏi, dòng %(no)s",
    "output": "Tên kết quả, cột %(no)s",
    "example": "Ví dụ, dòng %(no)s",
}
_ALONE = {
    "code": "Mã thủ tục",
    "name": "Tên",
    "limit": "Tổng thời hạn",
    "fee": "Phí, lệ phí (đồng)",
    "fee_vnd": "Phí, lệ phí (đồng)",
    "field": "Lĩnh vực",
    "supplement_max": "Số lần được yêu cầu bổ sung",
    "answer_limit": "Người dân bổ sung trong",
    "papers": "Thành phần hồ sơ, mỗi giấy tờ một dòng",
    "appointments": "Hai lần hẹn, mỗi lần một dòng",
    "partners": "Cơ quan phối hợp, mỗi vai trò một dòng",
    "received_at": "Tiếp nhận lúc",
    "status": "Trạng thái",
    "expect_status": "Trạng thái",
    "due_at": "Ngày hẹn trả",
    "open": "Bước đang mở, mỗi dòng một bước",
    "file": "Bảng các bước hoặc sơ đồ",
    "source": "Sơ đồ",
    "replaced_by": "Mã thủ tục thay thế",
}


def field_words(name: str | None) -> str:
    """Return what the page calls a field such as ``choices3`` (row 4); empty when it has no word for it."""
    name = name or ""
    if name in _ALONE:
        return str(gettext(_ALONE[name]))
    match = _ROW.fullmatch(name)
    if match and match[1] in _OF_ROWS:
        return str(gettext(_OF_ROWS[match[1]], no=int(match[2]) + 1))
    return ""


def typed_lines() -> list[str]:
    """Return what was typed into the form of this request, a line each, to copy when the form has no page any more."""
    said = [(name, value.strip()) for name, value in request.form.items(multi=True) if name not in _NO_WORK]
    labelled = [(field_words(name), value) for name, value in said if value]
    return [f"{label}: {value}" if label else value for label, value in labelled]


def on_its_row(refused: Refusal, key: str, *, parts: dict[str, str] | None = None) -> Refusal:
    """Return a refusal of the entry with a number (``row``) as one of the field of the page's row that carried it.

    Args:
        key: the field without which a row is passed over, so that rows and entries are not numbered alike.
        parts: field of the page for each part of an entry that the page calls otherwise.
    """
    no = refused.details.get("row")
    rows = [at for at in range(MOST_ROWS) if text(f"{key}{at}")]
    if not isinstance(no, int) or not 0 < no <= len(rows):
        return refused
    part = str(refused.details.get("part") or refused.field or key)
    return replace(refused, field=f"{(parts or {}).get(part, part)}{rows[no - 1]}")
