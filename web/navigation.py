"""What the navigation offers to whom; the services decide again at each call."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from engine.domain.actors import Actor, Role
from engine.domain.permissions import DRAFTING
from web.auth import signed_in_officer
from web.i18n import LANGUAGES, language, zone
from web.request_log import request_id


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place of the site and who goes there."""

    path: str
    label: LazyString
    purpose: LazyString  #: one line for the start page
    icon: str  #: name of a symbol in icons.svg
    roles: frozenset[Role]
    without: frozenset[Role] = frozenset()  #: who finds the same behind another place


_WORKING = frozenset({Role.DESK, Role.OFFICER, Role.APPROVER, Role.CLERK})
_WATCHING = frozenset({Role.SUPERVISOR, Role.AUDITOR})

IN_BAR = 8  #: places that the bar shows; what is left goes under one more, unless it is a single one

NAVIGATION = (
    NavItem("/quay", _("Quầy tiếp nhận"), _("Tiếp nhận hồ sơ, in giấy hẹn"), "counter", frozenset({Role.DESK})),
    NavItem(
        "/tra-ket-qua",
        _("Trả kết quả"),
        _("Kết quả chờ trả: báo, ký nhận, gửi bưu chính"),
        "received",
        frozenset({Role.DESK}),
    ),
    NavItem("/viec", _("Hộp việc"), _("Việc của tôi và việc chờ nhận, theo hạn"), "inbox", _WORKING | _WATCHING),
    NavItem(
        "/so-theo-doi",
        _("Sổ theo dõi"),
        _("Sổ theo dõi hồ sơ: mọi giấy tiếp nhận theo số thứ tự"),
        "columns",
        frozenset({Role.DESK, Role.CLERK}) | _WATCHING | {Role.APPROVER},
    ),
    NavItem(
        "/ban-giao",
        _("Bàn giao"),
        _("Giấy bàn giao hồ sơ giữa các đơn vị trong ngày"),
        "running",
        _WORKING | _WATCHING,
    ),
    NavItem(
        "/giam-sat",
        _("Giám sát"),
        _("Hồ sơ đang thế nào, ai quá tải, chỗ nào chậm"),
        "forecast",
        _WATCHING,
    ),
    NavItem(
        "/qua-han",
        _("Quá hạn"),
        _("Hồ sơ quá hạn và sắp quá hạn"),
        "overdue",
        _WATCHING | {Role.OFFICER, Role.APPROVER},
    ),
    NavItem(
        "/xin-loi",
        _("Xin lỗi"),
        _("Thư xin lỗi và hẹn lại ngày trả kết quả"),
        "letter",
        _WATCHING | {Role.OFFICER, Role.APPROVER, Role.CLERK},
    ),
    NavItem("/bao-cao", _("Báo cáo"), _("Tỷ lệ đúng hạn, xuất số liệu"), "report", _WATCHING | {Role.APPROVER}),
    NavItem(
        "/tin-nhan",
        _("Tin nhắn"),
        _("Tin gửi người dân: đang chờ, đã gửi, không gửi được"),
        "message",
        frozenset({Role.DESK, Role.CLERK, Role.SUPERVISOR}),
    ),
    NavItem("/thu-tuc", _("Thủ tục"), _("Danh mục thủ tục và quy trình"), "procedure", frozenset(Role)),
    NavItem(
        "/quy-trinh",
        _("Soạn thủ tục"),
        _("Thêm, sửa, chạy thử và ban hành thủ tục"),
        "procedure",
        frozenset(DRAFTING),
    ),
    NavItem(
        "/lich",
        _("Lịch làm việc"),
        _("Ngày nghỉ, ngày làm bù, giờ làm việc; xem trước hồ sơ nào đổi ngày"),
        "calendar",
        _WATCHING | {Role.ADMIN},
    ),
    NavItem(
        "/vang-mat",
        _("Vắng mặt"),
        _("Ai vắng mặt, ai làm thay; hết hạn thì tự trở lại"),
        "person",
        _WORKING | {Role.SUPERVISOR, Role.ADMIN},
    ),
    NavItem(
        "/bang-tin",
        _("Bảng tin"),
        _("Màn hình ở sảnh: mã hồ sơ và trạng thái"),
        "inbox",
        frozenset({Role.SUPERVISOR, Role.ADMIN}),
    ),
    NavItem(
        "/quan-tri",
        _("Quản trị"),
        _("Người dùng, cơ quan, lĩnh vực, phí"),
        "person",
        frozenset({Role.ADMIN}),
    ),
    NavItem(
        "/quan-tri/khoa-ky",
        _("Khóa ký"),
        _("Khóa bạn dùng để ký số thư xin lỗi"),
        "check",
        frozenset({Role.APPROVER, Role.SUPERVISOR}),
        without=frozenset({Role.ADMIN}),
    ),
    NavItem(
        "/clock",
        _("Đồng hồ hệ thống"),
        _("Tiến trình canh giờ còn chạy không, hạn nào chưa được xử lý"),
        "clock",
        frozenset({Role.SUPERVISOR, Role.ADMIN}),
    ),
)


def nav_items(actor: Actor) -> tuple[NavItem, ...]:
    """Return the places that the actor's roles allow, what is used all day first."""
    held = {role for _agency, role in actor.grants}
    return tuple(item for item in NAVIGATION if item.roles & held and not item.without & held)


def in_bar(items: tuple[NavItem, ...]) -> tuple[tuple[NavItem, ...], tuple[NavItem, ...]]:
    """Return what the bar shows, and what it folds away."""
    return (items, ()) if len(items) <= IN_BAR + 1 else (items[:IN_BAR], items[IN_BAR:])


def init_navigation(app: Flask) -> None:
    """Give templates the officer, the navigation and the languages."""

    @app.context_processor
    def offer() -> dict[str, object]:
        officer = signed_in_officer()
        items = nav_items(officer.actor) if officer else ()
        shown, folded = in_bar(items)
        return {
            "officer": officer,
            "nav": items,
            "nav_shown": shown,
            "nav_folded": folded,
            "here": request.path,
            "here_again": request.full_path.rstrip("?") if request.method == "GET" else "/",  # to come back to
            "language": language(),
            "languages": LANGUAGES,
            "zone": zone(),
            "request_id": request_id(),
        }
