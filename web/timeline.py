"""The history of a dossier in words: a label, an icon and what matters of each event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from engine.domain.events import EventKind
from web.correction_words import changed_words
from web.history_words import history_words
from web.i18n import zone
from web.letter_words import PROOFS
from web.return_words import return_words
from web.talk_words import talk_words


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the history shows it; a small one is printed quietly."""

    label: LazyString
    icon: str
    text: str
    small: bool


LABELS: dict[EventKind, tuple[LazyString, str]] = {
    EventKind.SUBMITTED: (lazy_gettext("Nộp hồ sơ"), "new"),
    EventKind.RECEIVED: (lazy_gettext("Tiếp nhận hồ sơ"), "received"),
    EventKind.NOT_RECEIVED: (lazy_gettext("Từ chối tiếp nhận"), "cross"),
    EventKind.CORRECTED: (lazy_gettext("Đính chính, cấp lại giấy tiếp nhận"), "back"),
    EventKind.PROCESSING_STARTED: (lazy_gettext("Bắt đầu xử lý"), "running"),
    EventKind.TASK_OPENED: (lazy_gettext("Mở bước"), "running"),
    EventKind.TASK_CLAIMED: (lazy_gettext("Nhận việc"), "person"),
    EventKind.TASK_RELEASED: (lazy_gettext("Trả việc về đơn vị"), "back"),
    EventKind.TASK_ASSIGNED: (lazy_gettext("Phân công"), "person"),
    EventKind.URGED: (lazy_gettext("Nhắc người xử lý"), "hourglass"),
    EventKind.TASK_COMPLETED: (lazy_gettext("Hoàn thành bước"), "check"),
    EventKind.TASK_CANCELLED: (lazy_gettext("Hủy bước"), "cross"),
    EventKind.TASK_SENT_BACK: (lazy_gettext("Trả lại bước trước"), "back"),
    EventKind.STEP_TAKEN_BACK: (lazy_gettext("Thu hồi bước vừa làm"), "back"),
    EventKind.HANDED_OVER: (lazy_gettext("Bàn giao"), "running"),
    EventKind.HANDOVER_RECEIVED: (lazy_gettext("Nhận bàn giao"), "received"),
    EventKind.TRANSFERRED: (lazy_gettext("Chuyển đơn vị xử lý"), "running"),
    EventKind.RAISED: (lazy_gettext("Báo cáo lên người duyệt, ký"), "overdue"),
    EventKind.CLOCK_PAUSED: (lazy_gettext("Tạm dừng tính thời gian"), "pause"),
    EventKind.CLOCK_RESUMED: (lazy_gettext("Tính tiếp thời gian"), "clock"),
    EventKind.CLOCK_RESTARTED: (lazy_gettext("Tính lại thời gian từ đầu"), "clock"),
    EventKind.SUPPLEMENT_REQUESTED: (lazy_gettext("Yêu cầu bổ sung"), "pause"),
    EventKind.SUPPLEMENT_COMPLETED: (lazy_gettext("Nhận bổ sung"), "received"),
    EventKind.SUPPLEMENT_LAPSED: (lazy_gettext("Quá hạn bổ sung"), "overdue"),
    EventKind.OBLIGATION_RAISED: (lazy_gettext("Thông báo nghĩa vụ tài chính"), "pause"),
    EventKind.OBLIGATION_SETTLED: (lazy_gettext("Hoàn thành nghĩa vụ tài chính"), "check"),
    EventKind.LETTER_ORDERED: (lazy_gettext("Phải có thư xin lỗi"), "letter"),
    EventKind.LETTER_DRAFTED: (lazy_gettext("Soạn thư xin lỗi"), "letter"),
    EventKind.LETTER_APPROVED: (lazy_gettext("Duyệt thư xin lỗi"), "check"),
    EventKind.LETTER_SIGNED: (lazy_gettext("Ký số thư xin lỗi"), "check"),
    EventKind.LETTER_NUMBERED: (lazy_gettext("Cấp số thư xin lỗi"), "letter"),
    EventKind.LETTER_SENT: (lazy_gettext("Gửi thư xin lỗi"), "letter"),
    EventKind.LETTER_DELIVERED: (lazy_gettext("Đã giao thư xin lỗi"), "check"),
    EventKind.LETTER_WITHDRAWN: (lazy_gettext("Rút thư xin lỗi"), "back"),
    EventKind.PROMISE_MADE: (lazy_gettext("Hẹn trả kết quả lần 2"), "clock"),
    EventKind.PROMISE_MOVED: (lazy_gettext("Lịch làm việc thay đổi: chuyển hạn"), "clock"),
    EventKind.VERSION_MOVED: (lazy_gettext("Chuyển sang phiên bản khác của thủ tục"), "clock"),
    EventKind.VERSION_UNDONE: (lazy_gettext("Hoàn tác chuyển phiên bản"), "back"),
    EventKind.EXTENDED: (lazy_gettext("Hẹn lại ngày trả"), "clock"),
    EventKind.EXTENSION_BROKEN: (lazy_gettext("Không giữ được ngày hẹn lại"), "overdue"),
    EventKind.DEADLINE_PASSED: (lazy_gettext("Quá hạn trả kết quả"), "overdue"),
    EventKind.FINISHED: (lazy_gettext("Xử lý xong"), "check"),
    EventKind.RESULT_NOTIFIED: (lazy_gettext("Báo đã có kết quả"), "letter"),
    EventKind.RESULT_POSTED: (lazy_gettext("Gửi kết quả qua bưu chính"), "letter"),
    EventKind.RESULT_DELIVERED: (lazy_gettext("Bưu chính phát kết quả"), "received"),
    EventKind.RETURNED: (lazy_gettext("Trả kết quả"), "check"),
    EventKind.WITHDRAWN: (lazy_gettext("Rút hồ sơ"), "back"),
    EventKind.STOPPED: (lazy_gettext("Dừng giải quyết"), "cross"),
    EventKind.PAPER_ADDED: (lazy_gettext("Thêm giấy tờ"), "new"),
    EventKind.PAPER_ISSUED: (lazy_gettext("Phát hành giấy tờ"), "received"),
    EventKind.PAPER_VOIDED: (lazy_gettext("Hủy số giấy tờ đã phát hành"), "cross"),
    EventKind.OPINION_ASKED: (lazy_gettext("Xin ý kiến"), "person"),
    EventKind.OPINION_GIVEN: (lazy_gettext("Cho ý kiến"), "received"),
    EventKind.OPINION_WITHDRAWN: (lazy_gettext("Thôi xin ý kiến"), "back"),
    EventKind.REFUSAL_SUGGESTED: (lazy_gettext("Đề xuất từ chối giải quyết"), "cross"),
    EventKind.REFUSAL_DECLINED: (lazy_gettext("Không đồng ý từ chối"), "back"),
    EventKind.LATE_CAUSE_GIVEN: (lazy_gettext("Ghi nguyên nhân trễ hạn"), "overdue"),
    EventKind.NOTE_ADDED: (lazy_gettext("Thêm ghi chú"), "new"),
    EventKind.WAIT_OPENED: (lazy_gettext("Bắt đầu chờ"), "clock"),
    EventKind.WAIT_PASSED: (lazy_gettext("Hết thời gian chờ"), "clock"),
    EventKind.WAIT_CANCELLED: (lazy_gettext("Không phải chờ nữa"), "check"),
    EventKind.ANSWER_RECORDED: (lazy_gettext("Có trả lời"), "received"),
    EventKind.APPLICANT_NOTIFIED: (lazy_gettext("Thông báo cho người nộp"), "letter"),
    EventKind.ESCALATED: (lazy_gettext("Báo cáo người giám sát"), "overdue"),
    EventKind.MILESTONE: (lazy_gettext("Dấu mốc"), "check"),
    EventKind.NEXT_ORDERED: (lazy_gettext("Nộp tiếp hồ sơ của thủ tục sau"), "new"),
    EventKind.IMPORTED: (lazy_gettext("Nhập từ hệ thống khác"), "new"),
    EventKind.HISTORY_STEP: (lazy_gettext("Bước đã làm ở hệ thống khác"), "check"),
}
SMALL = frozenset(
    {
        EventKind.TASK_OPENED,
        EventKind.HANDOVER_RECEIVED,
        EventKind.PROCESSING_STARTED,
        EventKind.TASK_CANCELLED,
        EventKind.WAIT_OPENED,
        EventKind.WAIT_CANCELLED,
        EventKind.PAPER_ISSUED,
    }
)


MESSAGES: dict[str, LazyString] = {  # what a process waits for
    "opinion.answered": lazy_gettext("Đã có ý kiến trả lời"),
    "verification.answered": lazy_gettext("Đã có kết quả xác minh"),
    "payment.confirmed": lazy_gettext("Đã xác nhận nộp tiền"),
    "objection.raised": lazy_gettext("Có ý kiến phản đối"),
    "result.arrived": lazy_gettext("Đã nhận kết quả từ cơ quan khác"),
    "applicant.confirmed": lazy_gettext("Người nộp đã xác nhận"),
    "limit.passed": lazy_gettext("Hết thời hạn của bước"),
    "wait.over": lazy_gettext("Hết thời gian quy định"),
}
FOLLOWING = SMALL | {EventKind.HANDED_OVER, EventKind.LETTER_ORDERED, EventKind.CLOCK_PAUSED}


def entry(event: dict[str, Any], steps: list[dict[str, Any]]) -> Entry:
    """Return an event of ``reading.timeline`` in words.

    Args:
        steps: those of ``reading.detail``, for the names of tasks.
    """
    kind = EventKind(event["kind"])
    label, icon = LABELS[kind]
    said = event["facts"]
    step = next((each for each in steps if each["id"] == said.get("task")), None)
    message = MESSAGES.get(said.get("message", ""))
    parts = [
        step["name"] if step else "",
        str(message or ""),
        said.get("text", ""),
        *_said_of(step, said),
        *(_delivered(said) if kind is EventKind.LETTER_DELIVERED else _facts(said)),
        *talk_words(kind, event),
        *return_words(kind, said),
        *history_words(kind, said),
    ]
    return Entry(
        label=label, icon=icon, text=". ".join(part.rstrip(".") for part in parts if part), small=kind in SMALL
    )


def _said_of(step: dict[str, Any] | None, facts: dict[str, Any]) -> list[str]:
    """Return with which outcome a step was done, and what was filled in there, in the words of the form."""
    if step is None:
        return []
    outcomes = {each["value"]: each["label"] for each in step["outcomes"]}
    chosen = outcomes.get(facts.get("outcome", ""))
    typed = facts.get("fields") or {}
    answers = [
        f"{each['label']}: {_answer(each, typed[each['name']])}" for each in step["inputs"] if each["name"] in typed
    ]
    return [*([chosen] if chosen else []), *answers]


def _answer(field: dict[str, Any], value: Any) -> str:
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    return str({each["value"]: each["label"] for each in field["choices"]}.get(value, value))


def _delivered(facts: dict[str, Any]) -> list[str]:
    """Return how a letter arrived; of what was noted then, an event has only the digest."""
    return [str(PROOFS[facts["how"]]) if "how" in facts else _("máy chủ thư hoặc tin nhắn đã nhận")]


def last_change(timeline: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the latest event that somebody did, rather than one that followed from it."""
    return next((event for event in reversed(timeline) if EventKind(event["kind"]) not in FOLLOWING), timeline[-1])


def _facts(facts: dict[str, Any]) -> list[str]:
    said = ("name", "ground" if facts.get("ground") else "reason", "notice", "note")  # with a ground, reason is a code
    texts = [facts.get(name) or "" for name in (("note",) if "node" in facts else said)]
    if facts.get("changed"):
        texts.insert(0, changed_words(facts["changed"]))
    if facts.get("slip"):
        texts.append(_("nhập sau từ sổ dự phòng %(counter)s", counter=facts["slip"]["counter"]))
    if facts.get("items"):
        texts.insert(0, ", ".join(facts["items"]))
    if facts.get("number") and isinstance(facts["number"], str):
        texts.insert(0, _("số %(number)s", number=facts["number"]))
    for name, words in (("new_due_at", _("hẹn lại")), ("due_at", _("hẹn trả")), ("ends_at", _("đến"))):
        if facts.get(name) and "task" not in facts:
            texts.append(f"{words} {_moment(facts[name])}")
    return list(dict.fromkeys(text for text in texts if text))


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(ZoneInfo(zone())).strftime("%H:%M %d/%m/%Y")
