"""How the return of a result is told: who was told how, what the post did, how the receiver signed."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from engine.domain.events import EventKind
from engine.domain.result_return import Notice, SignatureKind

NOTICES: dict[str, LazyString] = {
    Notice.EMAIL: lazy_gettext("qua thư điện tử"),
    Notice.PHONE: lazy_gettext("qua điện thoại"),
    Notice.PRINT: lazy_gettext("bằng giấy mời"),
}
SIGNATURES: dict[str, LazyString] = {
    SignatureKind.SCREEN: lazy_gettext("ký trên màn hình"),
    SignatureKind.PAPER: lazy_gettext("ký trên giấy"),
}


def return_words(kind: EventKind, said: dict[str, Any]) -> list[str]:
    """Return what matters of an event of the return; nothing for other events."""
    if kind is EventKind.RESULT_NOTIFIED:
        return [str(NOTICES[said["how"]])]
    if kind is EventKind.RESULT_POSTED:
        return [_("%(carrier)s, số phiếu gửi %(number)s", carrier=said["carrier"], number=said["tracking_number"])]
    if kind is EventKind.RESULT_DELIVERED:
        return [_("đã phát") if said["delivered"] else _("không phát được, kết quả về lại quầy")]
    return _returned(said) if kind is EventKind.RETURNED else []


def _returned(said: dict[str, Any]) -> list[str]:
    receiver = said["receiver"]
    words = [_("hai người nhận")] if receiver.get("second") else []
    words += [_("người được ủy quyền")] if receiver["capacity"] == "authorised" else []
    words += [str(SIGNATURES[said["signature"]])] if said.get("signature") else []
    words += [_("số định danh khác với hồ sơ")] if receiver.get("number_differs") else []
    words += [_("đã thu bản chính")] if said.get("originals_collected") else []
    words += [_("chưa thu bản chính")] if said.get("originals_collected") is False else []
    return words
