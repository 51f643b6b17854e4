"""How screens call messages to citizens: what they tell, by which channel, where they are, why they did not go."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from engine.domain.messages import NO_MESSAGES, MessageKind, MessageState, Way
from web.error_texts import ErrorTexts
from web.labels import Look
from web.message_refusals import NEVER_AN_ANSWER, NO_END, UNKNOWN
from web.refusals import WORDINGS

KINDS: dict[MessageKind, LazyString] = {
    MessageKind.RECEIVED: _("Đã tiếp nhận"),
    MessageKind.SUPPLEMENT: _("Cần bổ sung giấy tờ"),
    MessageKind.OBLIGATION: _("Nghĩa vụ tài chính"),
    MessageKind.REFUSED: _("Từ chối, có văn bản trả lời"),
    MessageKind.APOLOGY: _("Xin lỗi, hẹn lại"),
    MessageKind.RESULT_READY: _("Đã có kết quả"),
    MessageKind.STOPPED: _("Dừng giải quyết"),
    MessageKind.NOTICE: _("Thông báo của quy trình"),
}
CHANNELS: dict[str, LazyString] = {
    Way.EMAIL.value: _("Thư điện tử"),
    Way.SMS.value: _("Tin nhắn SMS"),
    Way.ZALO.value: _("Tin nhắn Zalo"),
    NO_MESSAGES: _("Không nhắn tin"),
}
LANGUAGES: dict[str, LazyString] = {"vi": _("Tiếng Việt"), "en": _("Tiếng Anh")}
STATES: dict[MessageState, Look] = {
    MessageState.DEAD: Look(_("Không gửi được"), "cross", "late"),
    MessageState.QUEUED: Look(_("Đang chờ"), "hourglass", "near"),
    MessageState.SENT: Look(_("Đã gửi"), "check", "good"),
    MessageState.LAPSED: Look(_("Không còn cần gửi"), "back", "ended"),
}
EMPTY: dict[MessageState, LazyString] = {
    MessageState.DEAD: _("Không có tin nhắn nào bị dừng."),
    MessageState.QUEUED: _("Không có tin nhắn nào đang chờ."),
    MessageState.SENT: _("Chưa gửi tin nhắn nào."),
    MessageState.LAPSED: _("Không có tin nhắn nào hết cần gửi."),
}
TOPICS: dict[str, LazyString] = {  # of the outbox, what is no message to a citizen
    "mail": _("Thư nhắc việc, bản tin"),
    "dossier.next": _("Lập hồ sơ của thủ tục tiếp theo"),
    "paper.render": _("Lưu tệp của giấy tờ đã phát hành"),
}


def reason_of(code: str | None) -> ErrorTexts:
    """Return why a message did not go, and what to do, by the code that the outbox has kept."""
    if code is None:
        return NO_END
    return NEVER_AN_ANSWER.get(code) or WORDINGS.get(code) or UNKNOWN
