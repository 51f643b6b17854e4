"""What administrators did, in words."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

ACTS: dict[str, LazyString] = {
    "officer.added": _("thêm người dùng"),
    "officer.password": _("đặt mật khẩu mới"),
    "officer.token": _("tạo mã truy cập cho phần mềm"),
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
}


def admin_act(act: dict[str, Any]) -> LazyString | str:
    """Return what an act was, in words."""
    return ACTS.get(act["kind"], act["kind"])


def init_admin_words(app: Flask) -> None:
    """Let templates name acts."""
    app.add_template_filter(admin_act)
