"""Version moves in words: verdicts with their looks, and why a dossier stays where it is."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from engine.domain.version_moves import Dates

VERDICTS: dict[str, tuple[LazyString, str, str]] = {  # label, icon, tone
    "moves": (lazy_gettext("Chuyển, ngày hẹn giữ nguyên"), "check", "good"),
    "moves_date": (lazy_gettext("Chuyển, đổi ngày hẹn"), "clock", "info"),
    "blocked": (lazy_gettext("Bị chặn"), "cross", "late"),
    "left": (lazy_gettext("Để lại phiên bản cũ"), "pause", "paused"),
    "undone": (lazy_gettext("Đã hoàn tác"), "back", "ended"),
}
STATES: dict[str, tuple[LazyString, str, str]] = {
    "running": (lazy_gettext("Đang chuyển"), "running", "info"),
    "done": (lazy_gettext("Đã chuyển xong"), "check", "good"),
    "undoing": (lazy_gettext("Đang hoàn tác"), "running", "info"),
    "undone": (lazy_gettext("Đã hoàn tác"), "back", "ended"),
}
DATES: dict[Dates, LazyString] = {
    Dates.FOLLOW: lazy_gettext("Tính lại ngày hẹn theo thời hạn của phiên bản mới"),
    Dates.KEEP: lazy_gettext("Giữ nguyên ngày đã hẹn"),
}
REASONS: dict[str, LazyString] = {
    "step-gone": lazy_gettext("Bước “%(name)s” không còn trong phiên bản mới."),
    "join-gone": lazy_gettext(
        "Đang chờ các nhánh khác ở điểm nối “%(name)s”, mà trong phiên bản mới các nhánh không cùng đến đó được."
    ),
    "position-unsound": lazy_gettext(
        "Từ vị trí đang đứng (%(at)s) phiên bản mới không chạy đúng: %(fault)s. Chuyển khi các nhánh đã nối lại."
    ),
    "position-bounded": lazy_gettext(
        "Nên xem lại: từ vị trí đang đứng (%(at)s) có quá nhiều nhánh song song, không xét hết được các cách đi."
    ),
    "left": lazy_gettext("Đang ở bước “%(name)s”, được để lại."),
    "phase": lazy_gettext("Bước “%(name)s” thuộc giai đoạn khác trong phiên bản mới."),
    "unit-missing": lazy_gettext("Cơ quan chưa có đơn vị làm bước “%(name)s”."),
    "appointments": lazy_gettext("Hai phiên bản có số lần hẹn khác nhau mà hồ sơ đã được hẹn."),
    "clock": lazy_gettext("Đồng hồ của hồ sơ đang dừng hoặc đang chạy khác với phiên bản mới."),
    "unreadable": lazy_gettext("Không đọc được trạng thái hoặc không tính được ngày: %(text)s"),
    "broken": lazy_gettext("Đã quá hạn từ trước: ngày hẹn giữ nguyên."),
    "would-have-passed": lazy_gettext("Theo thời hạn mới thì ngày hẹn đã qua: ngày hẹn giữ nguyên."),
    "advanced": lazy_gettext("Không hoàn tác: hồ sơ đã được xử lý tiếp sau khi chuyển."),
    "waits": lazy_gettext("Không hoàn tác: thời gian chờ đã bị hủy khi chuyển."),
}
FAULTS: dict[str, LazyString] = {  # what the walk sees from there
    "deadlock": lazy_gettext("điểm nối “%(name)s” chờ mãi một nhánh không đến"),
    "synchronisation-lacking": lazy_gettext("“%(name)s” bị làm hai lần"),
    "branch-outlives-end": lazy_gettext("“%(name)s” còn mở khi đã trả kết quả"),
    "decided-twice": lazy_gettext("xử lý kết thúc hai lần trước “%(name)s”"),
    "end-cuts-branch": lazy_gettext("“%(name)s” dừng cả việc của nhánh còn đang mở"),
}


def reason_words(why: dict[str, Any]) -> str:
    """Return a reason as a sentence; one that this version does not know, as it is."""
    words = REASONS.get(why["reason"])
    if words is None:
        return str(why["reason"])
    name, text = why.get("name", ""), why.get("text", "")
    fault = FAULTS.get(why.get("rule", ""))
    said = "" if fault is None else _(str(fault), name=name)
    return _(str(words), name=name, text=text, at=", ".join(why.get("at", [])), fault=said)
