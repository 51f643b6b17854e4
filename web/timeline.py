"""The history of a dossier in words: a label, an icon and what matters of each event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from engine.domain.events import EventKind
from web.i18n import zone


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the history shows it; a small one is printed quietly."""

    label: LazyString
    icon: str
    text: str
    small: bool


LABELS: dict[EventKind, tuple[LazyString, str]] = {
    EventKind.SUBMITTED: (_l("Nộp hồ sơ"), "new"),
    EventKind.RECEIVED: (_l("Tiếp nhận hồ sơ"), "received"),
    EventKind.NOT_RECEIVED: (_l("Từ chối tiếp nhận"), "cross"),
    EventKind.PROCESSING_STARTED: (_l("Bắt đầu xử lý"), "running"),
    EventKind.TASK_OPENED: (_l("Mở bước"), "running"),
    EventKind.TASK_CLAIMED: (_l("Nhận việc"), "person"),
    EventKind.TASK_RELEASED: (_l("Trả việc về đơn vị"), "back"),
    EventKind.TASK_ASSIGNED: (_l("Phân công"), "person"),
    EventKind.TASK_COMPLETED: (_l("Hoàn thành bước"), "check"),
    EventKind.TASK_CANCELLED: (_l("Hủy bước"), "cross"),
    EventKind.HANDED_OVER: (_l("Bàn giao"), "running"),
    EventKind.HANDOVER_RECEIVED: (_l("Nhận bàn giao"), "received"),
    EventKind.TRANSFERRED: (_l("Chuyển đơn vị xử lý"), "running"),
    EventKind.CLOCK_PAUSED: (_l("Tạm dừng tính thời gian"), "pause"),
    EventKind.CLOCK_RESUMED: (_l("Tính tiếp thời gian"), "clock"),
    EventKind.CLOCK_RESTARTED: (_l("Tính lại thời gian từ đầu"), "clock"),
    EventKind.SUPPLEMENT_REQUESTED: (_l("Yêu cầu bổ sung"), "pause"),
    EventKind.SUPPLEMENT_COMPLETED: (_l("Nhận bổ sung"), "received"),
    EventKind.SUPPLEMENT_LAPSED: (_l("Quá hạn bổ sung"), "overdue"),
    EventKind.OBLIGATION_RAISED: (_l("Thông báo nghĩa vụ tài chính"), "pause"),
    EventKind.OBLIGATION_SETTLED: (_l("Hoàn thành nghĩa vụ tài chính"), "check"),
    EventKind.LETTER_ORDERED: (_l("Phải có thư xin lỗi"), "letter"),
    EventKind.LETTER_DRAFTED: (_l("Soạn thư xin lỗi"), "letter"),
    EventKind.LETTER_APPROVED: (_l("Duyệt thư xin lỗi"), "check"),
    EventKind.LETTER_SENT: (_l("Gửi thư xin lỗi"), "letter"),
    EventKind.LETTER_DELIVERED: (_l("Thư xin lỗi đã đến máy chủ thư"), "check"),
    EventKind.LETTER_WITHDRAWN: (_l("Rút thư xin lỗi"), "back"),
    EventKind.EXTENDED: (_l("Hẹn lại ngày trả"), "clock"),
    EventKind.DEADLINE_PASSED: (_l("Quá hạn trả kết quả"), "overdue"),
    EventKind.FINISHED: (_l("Xử lý xong"), "check"),
    EventKind.RETURNED: (_l("Trả kết quả"), "check"),
    EventKind.WITHDRAWN: (_l("Rút hồ sơ"), "back"),
    EventKind.STOPPED: (_l("Dừng giải quyết"), "cross"),
    EventKind.PAPER_ADDED: (_l("Thêm giấy tờ"), "new"),
}
SMALL = frozenset(
    {EventKind.TASK_OPENED, EventKind.HANDOVER_RECEIVED, EventKind.PROCESSING_STARTED, EventKind.TASK_CANCELLED}
)


FOLLOWING = SMALL | {EventKind.HANDED_OVER, EventKind.LETTER_ORDERED, EventKind.CLOCK_PAUSED}


def entry(event: dict[str, Any], steps: list[dict[str, Any]]) -> Entry:
    """Return an event of ``reading.timeline`` in words.

    Args:
        steps: those of ``reading.detail``, for the names of tasks.
    """
    kind = EventKind(event["kind"])
    label, icon = LABELS[kind]
    names = {step["id"]: step["name"] for step in steps}
    parts = [names.get(event["facts"].get("task"), ""), *_facts(event["facts"])]
    return Entry(
        label=label, icon=icon, text=". ".join(part.rstrip(".") for part in parts if part), small=kind in SMALL
    )


def last_change(timeline: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the latest event that somebody did, rather than one that followed from it."""
    return next((event for event in reversed(timeline) if EventKind(event["kind"]) not in FOLLOWING), timeline[-1])


def _facts(facts: dict[str, Any]) -> list[str]:
    said = ("name", "ground" if facts.get("ground") else "reason", "notice", "note")  # with a ground, reason is a code
    texts = [facts.get(name) or "" for name in (("note",) if "node" in facts else said)]
    if facts.get("items"):
        texts.insert(0, ", ".join(facts["items"]))
    if facts.get("number") and isinstance(facts["number"], str):
        texts.insert(0, _("số %(number)s", number=facts["number"]))
    for name, words in (("new_due_at", _("hẹn lại")), ("due_at", _("hẹn trả"))):
        if facts.get(name) and "task" not in facts:
            texts.append(f"{words} {_moment(facts[name])}")
    if isinstance(facts.get("receiver"), dict):
        texts.append(_("người nhận: %(name)s", name=facts["receiver"]["name"]))
    return list(dict.fromkeys(text for text in texts if text))


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(ZoneInfo(zone())).strftime("%H:%M %d/%m/%Y")
