"""Why a calendar was refused, as the screen says it: by the problem's code and place, never by the English message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _

from engine.errors import EngineError
from engine.services.calendar_files import LONGEST_TEXT

DAYS: tuple[LazyString, ...] = (
    _("Thứ hai"),
    _("Thứ ba"),
    _("Thứ tư"),
    _("Thứ năm"),
    _("Thứ sáu"),
    _("Thứ bảy"),
    _("Chủ nhật"),
)
FIELDS: dict[str, LazyString] = {
    "date": _("Ngày"),
    "kind": _("Là ngày"),
    "decision": _("Số quyết định"),
    "note": _("Ghi chú"),
    "shifts": _("Giờ làm"),
    "from": _("Từ ngày"),
}
PROBLEMS: dict[str, LazyString] = {
    "shift-backwards": _("ca phải kết thúc sau khi bắt đầu: %(shift)s"),
    "shift-unreadable": _("“%(shift)s” không phải ca làm việc; viết như 07:00-11:30"),
    "shifts-overlap": _("các ca chồng lên nhau hoặc không theo thứ tự: %(before)s và %(after)s"),
    "week-empty": _("cả tuần không có ca nào: nhập giờ của ít nhất một ngày"),
    "day-twice": _("ngày này được khai hai lần: giữ một lần"),
    "date-out-of-range": _("ngày này nằm ngoài các năm mà lịch có thể có: sửa năm"),
    "off-with-shifts": _("ngày nghỉ không có giờ làm: nửa ngày thì chọn làm bù và ghi giờ còn làm"),
    "decision-missing": _("chưa nêu"),
    "year-too-far": _("năm %(year)s cách lịch hiện có quá %(furthest)s năm: sửa năm, hoặc chỉ khai những năm gần hơn"),
    "year-not-national": _("năm %(year)s chưa có trong lịch chung của cả nước: khai ngày lễ năm đó ở đó trước"),
    "missing": _("chưa nhập"),
    "too-long": _("dài quá %(longest)s ký tự: rút gọn lại"),
    "date-unreadable": _("không phải ngày hợp lệ; viết ngày/tháng/năm"),
    "unreadable": _("không đọc được: nhập lại"),
}
IN_FILE: dict[str, LazyString] = {
    "no-day": _("không khai ngày nào: mỗi dòng sau dòng tiêu đề là một ngày"),
    "too-large": _("tệp quá lớn: không quyết định nào dài như vậy"),
    "not-utf-8": _("không phải văn bản UTF-8: trong Excel, lưu dạng “CSV UTF-8”"),
    "not-text": _("không phải văn bản: trong Excel, lưu dạng “CSV UTF-8”"),
    "empty": _("tệp trống: dòng đầu ghi tên các cột date, kind, decision, note"),
    "too-many-fields": _("có nhiều ô hơn số cột: để dấu phẩy trong ngoặc kép"),
    "not-csv": _("không phải CSV: kiểm tra dấu ngoặc kép"),
    "unknown-column": _("tên cột lạ hoặc lặp lại: chỉ dùng date, kind, decision, note và shifts"),
    "column-missing": _("thiếu cột: dòng đầu phải có date, kind, decision, note"),
    "day-twice": _("ngày này đã khai ở một dòng trên: giữ một dòng"),
    "date-unreadable": _("không phải ngày như 2027-02-04: viết năm-tháng-ngày"),
    "kind-unknown": _("không phải off (ngày nghỉ) hay work (làm bù, nửa ngày)"),
    "shifts-unreadable": _("giờ làm không dùng được: viết như 07:00-11:30, ca sau tiếp ca trước"),
}  #: further ones are worded as those of forms


def file_problem_words(problem: Mapping[str, Any]) -> str:
    """Return what is wrong at one place of a file; the place is told beside."""
    words = IN_FILE.get(problem["code"]) or PROBLEMS[problem["code"]]
    return str(words) % {"longest": LONGEST_TEXT}


def words_of(error: EngineError) -> str | None:
    """Return what is wrong and where: ``Thứ bảy: ca phải …``; None where the code of the error says it all."""
    details = error.details
    if details.get("problem") not in PROBLEMS:
        return None
    words = str(PROBLEMS[details["problem"]]) % {"longest": LONGEST_TEXT, **details}
    return say("%(field)s: %(problem)s", field=_place(details), problem=words) if _place(details) else _sentence(words)


def field_details(messages: Any, body: Any) -> dict[str, Any]:
    """Return the details of an error about the first field that a schema refuses.

    Args:
        messages: of the schema, nested as ``body`` is.
    """
    field, weekday = "", None
    while isinstance(messages, dict) and messages:
        key, messages = next(iter(messages.items()))
        weekday = key if field == "week" else None
        field = key if isinstance(key, str) else field
        body = _inside(body, key)
    place = {"field": field} if weekday is None else {"weekday": weekday}
    return place | {"problem": _problem_with(field, body)}


def _problem_with(field: str, value: Any) -> str:
    if value is None or value == "":
        return "missing"
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return "too-long"
    return "date-unreadable" if field in ("date", "from") else "unreadable"


def _inside(body: Any, key: str | int) -> Any:
    try:
        return body[key]
    except (KeyError, IndexError, TypeError):
        return None


def _place(details: Mapping[str, Any]) -> str:
    if "weekday" in details:
        return str(DAYS[details["weekday"]])
    if "on" in details:
        year, month, day = details["on"].split("-")
        return f"{day}/{month}/{year}"
    return str(FIELDS.get(details.get("field", ""), ""))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
