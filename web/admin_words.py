"""What administrators did, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Flask
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from engine.domain.hall_boards import KIND as HALL_BOARD
from engine.domain.hall_boards import is_on
from web.labels import ROLE_LABELS
from web.letter_words import KIND_LABELS
from web.wording import limit_words

NOTHING = "—"
SIGNED: dict[str, LazyString] = {"paper": _("Ký tay trên bản in"), "electronic": _("Ký số, đóng dấu số")}
SWITCHED: dict[bool, LazyString] = {True: _("bật bảng tin ở sảnh"), False: _("tắt bảng tin ở sảnh")}
ACTS: dict[str, LazyString] = {
    "officer.added": _("thêm người dùng"),
    "officer.password": _("đặt mật khẩu mới"),
    "officer.token": _("tạo mã truy cập cho phần mềm"),
    "signing-key.added": _("thêm khóa ký số"),
    "signing-key.retired": _("ngừng dùng khóa ký số"),
    "signing-key.pin_wrong": _("nhập sai mã PIN của khóa ký số"),
    "message.resent": _("gửi lại tin nhắn đã dừng gửi"),
    "officer.changed": _("sửa thông tin người dùng"),
    "officer.roles": _("đổi vai trò, đơn vị"),
    "officer.disabled": _("khóa tài khoản"),
    "officer.enabled": _("mở lại tài khoản"),
    "agency.added": _("thêm cơ quan"),
    "agency.described": _("sửa mô tả cơ quan"),
    "agency.merged": _("khai sáp nhập"),
    "agency.split": _("khai chia tách"),
    "agency.renamed": _("khai đổi tên"),
    "agency.change_applied": _("thực hiện thay đổi đã khai"),
    "agency.change_dropped": _("bỏ thay đổi đã khai"),
    "unit.added": _("thêm đơn vị"),
    "unit.changed": _("sửa đơn vị"),
    "field.added": _("thêm lĩnh vực"),
    "field.renamed": _("đổi tên lĩnh vực"),
    "field.closed": _("đóng lĩnh vực"),
    "field.opened": _("mở lại lĩnh vực"),
    "fee.set": _("đặt mức phí"),
    "fee.dropped": _("bỏ mức phí"),
    "figure.entered": _("nhập số liệu báo cáo"),
    "figure.withdrawn": _("bỏ số liệu báo cáo"),
    "target.set": _("đặt chỉ tiêu"),
    "target.withdrawn": _("bỏ chỉ tiêu"),
    "plan_task.put": _("ghi nhiệm vụ của kế hoạch"),
    "procedure.registered": _("sửa danh mục thủ tục"),
    "form.uploaded": _("tải mẫu giấy lên"),
    "form.activated": _("dùng mẫu giấy của cơ quan"),
    "form.retired": _("thôi dùng mẫu giấy của cơ quan"),
    "letters.set": _("đặt cách làm thư xin lỗi, ký hiệu giấy tờ và giờ không gửi tin"),
}


def admin_act(act: dict[str, Any]) -> LazyString | str:
    """Return what an act was, in words."""
    if act["kind"] == HALL_BOARD:
        return SWITCHED[is_on(act["facts"])]
    return ACTS.get(act["kind"], act["kind"])


def admin_act_change(act: dict[str, Any]) -> str:
    """Return what an act changed, before and after; empty where its name says all."""
    facts = act["facts"]
    if act["kind"].startswith("fee."):
        return f"{facts['amount_vnd']:,}".replace(",", ".") + f" đ, {_day(facts['valid_from'])}"
    if "before" in facts and "after" in facts:
        before, after = facts["before"], facts["after"]
        changed = [key for key in after if after[key] != before.get(key)]
        return "; ".join(f"{_said(key, before.get(key))} → {_said(key, after[key])}" for key in changed)
    if "effective_on" in facts:
        to = facts.get("into") or facts.get("new")
        return f"→ {to}, {_day(facts['effective_on'])}" if to else _day(facts["effective_on"])
    return f"{facts['old']} →" if facts.get("old") else ""


def _said(key: str, value: Any) -> str:
    if isinstance(value, str):
        return _text(key, value)
    if isinstance(value, dict):
        return ", ".join(f"{KIND_LABELS.get(kind, kind)}: {text}" for kind, text in value.items()) or NOTHING
    each: Iterable[str] = value or ()
    return ", ".join(str(ROLE_LABELS.get(one, one)) if key == "roles" else one for one in each) or NOTHING


def _text(key: str, value: str) -> str:
    if key == "valid_to":
        return _day(value)
    if key == "apology_lead":
        return limit_words(value)
    return str(SIGNED.get(value, value)) if key == "signs_letters" else value or NOTHING


def _day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d/%m/%Y")


def init_admin_words(app: Flask) -> None:
    """Let templates name acts."""
    app.add_template_filter(admin_act)
    app.add_template_filter(admin_act_change)
