"""Beside the list: its filters, saved views, columns and files. Each is a page of its own; scripts show it in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import ConflictError, InvalidInputError
from engine.reports import worklists
from engine.reports.filter_choices import choices
from engine.services import officer_settings
from engine.services.officer_settings import InboxColumn
from web.auth import actor, current_context
from web.forms import FieldError, Refusal, refusal, refuse_unstorable, text
from web.pages.inbox_columns import COLUMN_LABELS, cells, header
from web.pages.inbox_query import LABELS, NAMES, QUEUES, Listed, of_view, read
from web.streamed_files import list_file

blueprint = Blueprint("inbox_places", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)


@blueprint.get("/viec/loc")
def filters() -> BaseResponse:
    """Show the filters of a list."""
    return filter_page(read(request.args), None)


def filter_page(listed: Listed, refused: Refusal | None) -> BaseResponse:
    """Show the filters with what was typed, and why it cannot be used."""
    offered = choices(current_context(), by=actor())
    return _place("filters", refused, listed=listed, choices=offered, names=NAMES, labels=LABELS)


@blueprint.get("/viec/cach-xem")
def views() -> BaseResponse:
    """Show the saved views, and the form that saves the present one."""
    return _views(read(request.args), None)


@blueprint.get("/viec/cach-xem/<int:view_id>")
def open_view(view_id: int) -> BaseResponse:
    """Go to the list that a saved view names."""
    view = officer_settings.inbox(current_context(), by=actor()).view(view_id)
    if view is None:
        raise officer_settings.ViewNotFoundError(f"there is no saved view {view_id}")
    return redirect(of_view(view).address())


@blueprint.post("/viec/cach-xem")
def save() -> BaseResponse:
    """Save queue, filters and columns of the list under a name."""
    listed = read(request.args)
    if listed.problem is not None:
        return _views(listed, refusal("save", listed.problem))
    settings = officer_settings.inbox(current_context(), by=actor())
    kept = {name: getattr(listed.filters, name) for name in listed.typed}
    try:
        view = officer_settings.save_view(
            current_context(),
            by=actor(),
            name=text("name"),
            queue=listed.queue.value,
            filters=kept,
            columns=settings.columns_of(listed.view_id),
        )
    except (InvalidInputError, ConflictError) as error:
        return _views(listed, refusal("save", error))
    flash(_("Đã lưu cách xem “%(name)s”.", name=view.name), "success")
    return redirect(of_view(view).address(), 303)


@blueprint.post("/viec/cach-xem/<int:view_id>/<any('doi-ten', 'xoa', 'mo-dau', 'thoi-mo-dau'):what>")
def change(view_id: int, what: str) -> BaseResponse:
    """Rename or delete a saved view, or begin with it, or no more."""
    listed = read(request.args)
    try:
        flash(_CHANGES[what](view_id), "success")
    except (InvalidInputError, ConflictError) as error:
        return _views(listed, refusal(f"view-{view_id}", error))
    gone = {"xem": None} if what == "xoa" else {}
    return redirect(listed.address("inbox_places.views", **gone), 303)


@blueprint.get("/viec/cot")
def columns() -> BaseResponse:
    """Show which columns a list has, in which order, and how many rows a page."""
    return _columns(read(request.args), None)


@blueprint.post("/viec/cot")
def choose() -> BaseResponse:
    """Keep columns, their order and the page size."""
    ctx, by, listed = current_context(), actor(), read(request.args)
    shown = officer_settings.inbox(ctx, by=by).columns_of(listed.view_id)
    try:
        officer_settings.choose_columns(
            ctx, by=by, columns=_ordered(shown), page_size=_page_size(), view_id=listed.view_id
        )
    except InvalidInputError as error:
        return _columns(listed, refusal("columns", error))
    flash(_("Đã lưu cột và số dòng mỗi trang."), "success")
    return redirect(listed.address(), 303)


@blueprint.get("/viec/tai-ve.<any('csv', 'xlsx'):kind>")
def file(kind: str) -> BaseResponse:
    """Return exactly this list as a file: all its rows in its order, its filters, its columns."""
    listed = read(request.args)
    if listed.problem is not None:
        return filter_page(listed, refusal("loc", listed.problem))
    chosen = officer_settings.inbox(current_context(), by=actor()).columns_of(listed.view_id)
    found = worklists.walk(current_context(), by=actor(), queue=listed.queue, filters=listed.filters, sort=listed.sort)
    rows = (cells(row, chosen) for row in found)
    return list_file(kind, header(chosen), rows, sheet=_("Hồ sơ"), name=f"hop-viec-{listed.queue}")


def _views(listed: Listed, refused: Refusal | None) -> BaseResponse:
    settings = officer_settings.inbox(current_context(), by=actor())
    lists = {view.id: of_view(view) for view in settings.views}
    return _place("views", refused, listed=listed, settings=settings, lists=lists, queues=QUEUES, labels=LABELS)


def _columns(listed: Listed, refused: Refusal | None) -> BaseResponse:
    settings = officer_settings.inbox(current_context(), by=actor())
    chosen = settings.columns_of(listed.view_id)
    return _place(
        "columns",
        refused,
        listed=listed,
        view=settings.view(listed.view_id),
        settings=settings,
        labels=COLUMN_LABELS,
        places={column: chosen.index(column) + 1 if column in chosen else "" for column in COLUMN_LABELS},
    )


def _place(name: str, refused: Refusal | None, **facts: Any) -> BaseResponse:
    """Show a place as a page, or as a part of the list's page where a script asked for it."""
    whole = "inbox/place_page.html" if refused or "X-Fragment" not in request.headers else f"inbox/{name}.html"
    page = render_template(whole, body=f"inbox/{name}.html", refused=refused, **facts)
    return make_response(page, refused.status if refused else 200)


def _ordered(shown: Sequence[InboxColumn]) -> list[str]:
    """Return the columns by the numbers that were written beside them; those without a number are not shown.

    Of two with the same number the one comes first whose number was changed: it was put there.
    """
    before = {column: str(at) for at, column in enumerate(shown, start=1)}
    places: list[tuple[int, bool, str]] = []
    for column in InboxColumn:
        written = text(f"tt-{column.value}", longest=4)
        if not written:
            continue
        if not (written.isascii() and written.isdigit()):
            raise FieldError("write a whole number, or nothing to hide the column", field=f"tt-{column.value}")
        places.append((int(written), before.get(column) == written, column.value))
    return [column for *_place, column in sorted(places, key=lambda each: each[:2])]


def _page_size() -> int:
    written = text("page_size", longest=4)
    return int(written) if written.isascii() and written.isdigit() else 0


def _rename(view_id: int) -> str:
    officer_settings.rename_view(current_context(), by=actor(), view_id=view_id, name=text("name"))
    return _("Đã đổi tên cách xem.")


def _delete(view_id: int) -> str:
    name = officer_settings.delete_view(current_context(), by=actor(), view_id=view_id)
    return _("Đã xóa cách xem “%(name)s”.", name=name)


def _begin_with(view_id: int) -> str:
    officer_settings.set_default_view(current_context(), by=actor(), view_id=view_id)
    return _("Từ nay Hộp việc mở bằng cách xem này.")


def _begin_as_usual(_view_id: int) -> str:
    officer_settings.set_default_view(current_context(), by=actor(), view_id=None)
    return _("Từ nay Hộp việc mở bằng việc của bạn.")


_CHANGES: dict[str, Callable[[int], str]] = {
    "doi-ten": _rename,
    "xoa": _delete,
    "mo-dau": _begin_with,
    "thoi-mo-dau": _begin_as_usual,
}
