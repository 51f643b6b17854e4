"""What a correction changes, in the words of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _

from engine.domain.dossier import Channel, ResultChannel
from web.i18n import zone
from web.message_words import CHANNELS as NOTIFY_BY
from web.message_words import LANGUAGES as NOTIFY_LANGUAGES

CHANNELS: dict[str, LazyString] = {
    Channel.DIRECT: _("Trực tiếp"),
    Channel.ONLINE: _("Trực tuyến"),
    Channel.POSTAL: _("Bưu chính công ích"),
}
RESULT_CHANNELS: dict[str, LazyString] = {
    ResultChannel.DESK: _("Tại quầy"),
    ResultChannel.POSTAL: _("Qua bưu chính"),
    ResultChannel.ONLINE: _("Trực tuyến"),
}
WHAT: dict[str, LazyString] = {
    "applicant.name": _("Họ tên người nộp"),
    "applicant.identity_number": _("Số định danh người nộp"),
    "applicant.phone": _("Điện thoại người nộp"),
    "applicant.email": _("Thư điện tử người nộp"),
    "applicant.address": _("Địa chỉ người nộp"),
    "owner": _("Chủ hồ sơ"),
    "owner.name": _("Họ tên chủ hồ sơ"),
    "owner.identity_number": _("Số định danh chủ hồ sơ"),
    "owner.phone": _("Điện thoại chủ hồ sơ"),
    "owner.email": _("Thư điện tử chủ hồ sơ"),
    "owner.address": _("Địa chỉ chủ hồ sơ"),
    "authorisation": _("Giấy tờ ủy quyền"),
    "papers": _("Giấy tờ"),
    "channel": _("Hình thức nộp"),
    "result_channel": _("Nơi nhận kết quả"),
    "notify_by": _("Báo tin qua"),
    "notify_language": _("Ngôn ngữ báo tin"),
    "case": _("Trường hợp"),
    "received_at": _("Thời điểm nhận"),
    "facts": _("Thông tin của hồ sơ"),
    "procedure": _("Thủ tục"),
}

_LABELS = {
    "channel": CHANNELS, "result_channel": RESULT_CHANNELS, "notify_by": NOTIFY_BY, "notify_language": NOTIFY_LANGUAGES,
}  # fmt: skip


def told(what: str, value: Any) -> str:
    """Return a value of a difference as people read it; nothing is a dash."""
    if value in (None, "", {}):
        return "–"
    if what == "papers":
        sheets = say(
            "%(originals)s bản chính, %(copies)s bản sao", originals=value["originals"], copies=value["copies"]
        )
        return f"{value['name']} ({sheets})"
    if what == "facts":
        return "; ".join(f"{name}: {_said(each)}" for name, each in value.items())
    if what in _LABELS:
        return str(_LABELS[what].get(value, value))
    if what == "received_at":
        return datetime.fromisoformat(value).astimezone(ZoneInfo(zone())).strftime("%d/%m/%Y %H:%M")
    return str(value)


def changed_words(names: list[str]) -> str:
    """Return what an event of a correction says has changed, without values."""
    return ", ".join(dict.fromkeys(str(WHAT.get(name, name)).lower() for name in names))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return say("có") if value else say("không")
    return str(value)
