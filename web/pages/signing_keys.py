"""Administration: with which keys officers sign and agencies seal. A PIN is asked for and kept nowhere."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.actors import Role
from engine.domain.signing import PIN_LONGEST, KeyKind
from engine.services import signature_verification, signing_keys
from engine.services.signing_keys import Owner
from web.auth import actor, current_context
from web.forms import PIN, FieldError, Refusal, refuse_unstorable, text
from web.labels import Look
from web.pages.form_acts import carry_out

blueprint = Blueprint("signing_keys", __name__, url_prefix="/quan-tri/khoa-ky")
blueprint.url_value_preprocessor(refuse_unstorable)

USABLE = Look(lazy_gettext("Đang dùng được"), "check", "good")
RETIRED = Look(lazy_gettext("Đã ngừng dùng"), "cross", "ended")
OUT_OF_TERM = Look(lazy_gettext("Ngoài thời hạn chứng thư"), "overdue", "late")
KINDS = {KeyKind.PKCS12.value: lazy_gettext("Tệp khóa"), KeyKind.REMOTE.value: lazy_gettext("Dịch vụ ký từ xa")}


@blueprint.get("")
def listed() -> str:
    """List the keys, with the form to add one."""
    return _page(None)


@blueprint.post("")
def add() -> BaseResponse:
    """Add a key of a file, or one at the signing service."""
    form = "key-remote" if text("kind", longest=12) == KeyKind.REMOTE else "key"
    return carry_out(_add, form=form, page=_page, said=_("Đã thêm khóa ký."), then=url_for("signing_keys.listed"))


@blueprint.post("/<int:key_id>/thoi")
def retire(key_id: int) -> BaseResponse:
    """Put a key out of use for good."""
    return carry_out(
        lambda: signing_keys.retire(current_context(), by=actor(), key_id=key_id),
        form="retire",
        page=_page,
        said=_("Đã ngừng dùng khóa. Những gì đã ký bằng khóa này vẫn giữ nguyên giá trị."),
        then=url_for("signing_keys.listed"),
    )


def _add() -> None:
    agency, _slash, username = text("owner", longest=120).partition("/")
    facts: dict[str, Any] = {"by": actor(), "owner": Owner(agency, username or None), "label": text("label")}
    if text("kind", longest=12) == KeyKind.REMOTE:
        signing_keys.add_remote(current_context(), credential=text("credential"), **facts)
        return
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise FieldError("choose the file of the key", field="file")
    content = upload.stream.read(signing_keys.LARGEST_FILE + 1)
    pin = request.form.get(PIN, "")[: PIN_LONGEST + 1]
    signing_keys.add_pkcs12(current_context(), content=content, pin=pin, **facts)


def _page(refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    return render_template(
        "signatures/keys.html",
        keys=signing_keys.listed(ctx, by=by),
        owners=[(_value(each), _label(each)) for each in signing_keys.owners(ctx, by=by)],
        administers=bool(by.agencies_with(Role.ADMIN)),
        remote=ctx.signer is not None,
        kinds=KINDS,
        look_of=_look,
        name_words=signature_verification.written_out,
        refused=refused,
    )


def _value(owner: dict[str, Any]) -> str:
    return f"{owner['agency']}/{owner['username'] or ''}".rstrip("/")


def _label(owner: dict[str, Any]) -> str:
    if owner["username"] is None:
        return _("Con dấu của %(agency)s", agency=owner["agency_name"])
    return f"{owner['name']} ({owner['username']}), {owner['agency_name']}"


def _look(key: dict[str, Any]) -> Look:
    if key["retired_at"]:
        return RETIRED
    return USABLE if key["usable"] else OUT_OF_TERM
