"""What a check of signatures found, in words."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from web.labels import Look

ROLES: dict[int | None, LazyString] = {
    1: _("Chữ ký của người có thẩm quyền"),
    2: _("Chữ ký của cơ quan"),
    None: _("Chữ ký"),
}
CHANGES: dict[str, LazyString] = {
    "nothing": _("Sau chữ ký này tệp không thay đổi."),
    "fields": _("Sau chữ ký này chỉ có số, ngày và chữ ký của cơ quan được điền vào, như chữ ký cho phép."),
    "text": _("Sau chữ ký này nội dung tệp đã bị thay đổi."),
}
PROBLEMS: dict[str, LazyString] = {
    "no-roots": _("Hệ thống này chưa khai tổ chức chứng thực nào là tin cậy."),
    "unknown-issuer": _("Không do tổ chức chứng thực tin cậy cấp."),
    "expired": _("Chứng thư không còn, hoặc chưa có, hiệu lực vào lúc ký."),
    "revoked": _("Chứng thư đã bị thu hồi trước lúc ký."),
    "usage": _("Chứng thư không được cấp để ký giấy tờ."),
}


HOLDS = Look(_("Có giá trị"), "check", "good")
FAILS = Look(_("Không có giá trị"), "cross", "late")
UNSURE = Look(_("Nguyên vẹn, chưa rõ người ký"), "overdue", "near")


def look_of(found: dict[str, Any]) -> Look:
    """Return the verdict on a signature."""
    if found["holds"]:
        return HOLDS
    return UNSURE if found["intact"] and found["changed_after"] != "text" and is_unknown(found) else FAILS


def is_unknown(found: dict[str, Any]) -> bool:
    """Whether nothing speaks against the signer but that nobody here vouches for them."""
    return found["problem"] in ("no-roots", "unknown-issuer")


def trust_words(found: dict[str, Any]) -> LazyString:
    """Return whether the signer is believed, and why not."""
    if not found["intact"]:
        return _("Không xét: chữ ký hoặc phần được ký đã bị sửa.")
    return (
        PROBLEMS[found["problem"]] if found["problem"] else _("Do tổ chức chứng thực tin cậy cấp, còn hiệu lực lúc ký.")
    )
