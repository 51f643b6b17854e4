"""Administration: officers, their roles and units; fields of procedures; what was done (issue 5)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.actors import Role
from engine.reports.filters import storable
from engine.services import admin_scope, agency_register, officer_accounts, people, procedure_fields
from web.auth import actor, current_context
from web.forms import FieldError, Refusal, refuse_unstorable, text
from web.labels import ROLE_LABELS
from web.pages.form_acts import carry_out

blueprint = Blueprint("administration", __name__, url_prefix="/quan-tri")
blueprint.url_value_preprocessor(refuse_unstorable)


@blueprint.get("")
def start() -> str:
    """Show the parts of administration and the latest acts."""
    return render_template("administration/start.html", acts=admin_scope.acts(current_context(), by=actor()))


@blueprint.get("/nguoi-dung")
def officers() -> str:
    """List officers, and the form for a new one."""
    return _officers(None)


@blueprint.post("/nguoi-dung")
def add_officer() -> BaseResponse:
    """Add an officer."""

    def add() -> None:
        people.add_officer(
            current_context(),
            by=actor(),
            username=text("username", longest=60),
            name=text("name", longest=200),
            title=text("title", longest=200),
            email=text("email", longest=200) or None,
            agency_code=text("agency", longest=40),
            roles=[],
            password=_password(),
        )

    said = _("Đã thêm người dùng. Chọn vai trò và đơn vị.")
    return carry_out(add, form="add", page=_officers, said=said, then=_person_address())


@blueprint.get("/nguoi-dung/<username>")
def officer(username: str) -> str:
    """Show one officer with the forms that change them."""
    return _officer(username, None)


@blueprint.post("/nguoi-dung/<username>/thong-tin")
def change_officer(username: str) -> BaseResponse:
    """Change name, title and mail address."""

    def change() -> None:
        officer_accounts.change(
            current_context(),
            by=actor(),
            username=username,
            name=text("name", longest=200),
            title=text("title", longest=200),
            email=text("email", longest=200) or None,
        )

    return _do_with(username, change, "change", _("Đã lưu."))


@blueprint.post("/nguoi-dung/<username>/vai-tro")
def set_roles(username: str) -> BaseResponse:
    """Give roles and units in one agency."""
    agency = text("agency", longest=40)

    def give() -> None:
        officer_accounts.set_roles(
            current_context(),
            by=actor(),
            username=username,
            agency=agency,
            roles=[Role(each) for each in request.form.getlist("role") if each in set(Role)],
            units=[storable(each) for each in request.form.getlist("unit")],
        )

    return _do_with(username, give, f"roles-{agency}", _("Đã lưu vai trò và đơn vị; có hiệu lực ngay."))


@blueprint.post("/nguoi-dung/<username>/mat-khau")
def set_password(username: str) -> BaseResponse:
    """Set a password; the sessions of the account end."""

    def change() -> None:
        people.set_password(current_context(), by=actor(), username=username, password=text("password", longest=300))

    return _do_with(username, change, "password", _("Đã đặt mật khẩu mới; mọi phiên đăng nhập cũ đã kết thúc."))


@blueprint.post("/nguoi-dung/<username>/trang-thai")
def set_active(username: str) -> BaseResponse:
    """Disable an account or let it sign in again."""
    active = text("active") == "1"

    def change() -> None:
        officer_accounts.set_active(
            current_context(), by=actor(), username=username, active=active, ground=text("ground")
        )

    said = _("Đã mở lại tài khoản.") if active else _("Đã khóa tài khoản.")
    return _do_with(username, change, "active", said)


@blueprint.get("/linh-vuc")
def fields() -> str:
    """List the fields of procedures."""
    return _fields(None)


@blueprint.post("/linh-vuc")
def add_field() -> BaseResponse:
    """Declare a field."""

    def add() -> None:
        procedure_fields.add(
            current_context(),
            by=actor(),
            agency=text("agency", longest=40),
            name=text("name", longest=300),
            code=text("code", longest=60),
        )

    then = url_for("administration.fields")
    return carry_out(add, form="add", page=_fields, said=_("Đã thêm lĩnh vực."), then=then)


@blueprint.post("/linh-vuc/doi")
def change_field() -> BaseResponse:
    """Rename a field, or close or open it."""
    ctx, by, agency = current_context(), actor(), text("agency", longest=40)

    def change() -> None:
        if text("what") == "rename":
            procedure_fields.rename(
                ctx, by=by, agency=agency, old=text("name", longest=300), new=text("new", longest=300)
            )
        else:
            active = text("what") == "open"
            procedure_fields.set_active(ctx, by=by, agency=agency, name=text("name", longest=300), active=active)

    then = url_for("administration.fields")
    return carry_out(change, form="change", page=_fields, said=_("Đã lưu."), then=then)


def _do_with(username: str, act: Callable[[], object], form: str, said: str) -> BaseResponse:
    then = url_for("administration.officer", username=username)
    return carry_out(act, form=form, page=lambda refused: _officer(username, refused), said=said, then=then)


def _person_address() -> str:
    username = text("username", longest=60).strip().lower()
    return url_for("administration.officer", username=username) if username else url_for("administration.officers")


def _password() -> str | None:
    typed = text("password", longest=300)
    if not typed:
        return None
    if len(typed) != len(request.form.get("password", "")):
        raise FieldError("a password has no blanks at its ends", field="password")
    return typed


def _officers(refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    agency, query = (storable(request.args.get(name, ""))[:100] for name in ("co-quan", "q"))
    return render_template(
        "administration/officers.html",
        officers=officer_accounts.listed(ctx, by=by, agency=agency or None, q=query),
        choices=agency_register.names(ctx, by=by),
        agency=agency,
        query=query,
        roles=ROLE_LABELS,
        refused=refused,
    )


def _officer(username: str, refused: Refusal | None) -> str:
    found = officer_accounts.show(current_context(), by=actor(), username=username)
    return render_template("administration/officer.html", person=found, roles=ROLE_LABELS, refused=refused)


def _fields(refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    return render_template(
        "administration/fields.html",
        fields=procedure_fields.listed(ctx, by=by),
        choices=agency_register.names(ctx, by=by),
        refused=refused,
    )
