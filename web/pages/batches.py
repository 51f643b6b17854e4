"""Many tasks in one act: the confirmation that says what will happen, the verdicts with progress, retry and undo."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError, NotFoundError
from engine.services import batch_previews, processing, task_batches
from engine.services.batch_previews import MixedStepsError
from web.auth import actor, current_context, safe_next
from web.error_texts import ErrorTexts
from web.errors import status_of
from web.forms import named_request, refuse_unstorable, text
from web.refusals import wording_for, wording_of

blueprint = Blueprint("batches", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)

OF_MANY: dict[str, ErrorTexts] = {  # what the same refusal says where many are done together
    "invalid-fields": ErrorTexts(
        lazy_gettext("Bước này có thông tin phải điền riêng cho từng hồ sơ."), lazy_gettext("Mở hồ sơ để làm.")
    ),
    "acted-since": ErrorTexts(lazy_gettext("Đã có người làm tiếp nên giữ nguyên."), lazy_gettext("Không hoàn tác.")),
}


@blueprint.post("/viec/hoan-thanh")
def confirm() -> BaseResponse:
    """Say what completing the chosen tasks will do to each; with ``confirmed`` do it."""
    chosen = [value.partition("|")[0] for value in request.form.getlist("task")]
    if not chosen:
        flash(_("Chưa chọn việc nào."), "warning")
        return redirect(_back(), 303)
    if request.form.get("confirmed"):
        return _carry_out(chosen)
    return _confirmation(chosen, None)


@blueprint.get("/viec/lo/<batch_id>")
def show(batch_id: str) -> str:
    """Show a batch: how far it is, and what became of each dossier."""
    found = task_batches.told(current_context(), by=actor(), batch_id=batch_id)
    part = "inbox/batch_part.html" if "HX-Request" in request.headers else "inbox/batch.html"
    return render_template(part, batch=found, lines=_worded(found["verdicts"]), back=_back(), is_open=_is_open(found))


@blueprint.post("/viec/lo/<batch_id>/thu-lai")
def retry(batch_id: str) -> BaseResponse:
    """Do the refused ones again, as a batch of their own."""

    def again() -> str:
        ordered = task_batches.retry(current_context(), by=actor(), batch_id=batch_id, request=named_request())
        return str(task_batches.first_of(current_context(), batch_id=ordered["id"]))

    return _done(batch_id, again)


@blueprint.post("/viec/lo/<batch_id>/hoan-tac")
def undo(batch_id: str) -> BaseResponse:
    """Take back each step of the batch on which nobody has acted since."""

    def back() -> str:
        found = task_batches.undo(current_context(), by=actor(), batch_id=batch_id, request=named_request())
        return str(found["id"])

    return _done(batch_id, back)


def _confirmation(chosen: list[str], refused: EngineError | None) -> BaseResponse:
    outcome = None if refused is not None else text("outcome", longest=40) or None
    status = 200 if refused is None else status_of(refused)
    try:
        seen = batch_previews.preview(current_context(), by=actor(), task_ids=chosen, outcome=outcome)
    except MixedStepsError as error:
        page = render_template(
            "inbox/mixed_steps.html", groups=error.details["groups"], note=text("note"), back=_back()
        )
        return make_response(page, status_of(error))
    except (InvalidInputError, NotFoundError) as error:
        wording = wording_of(error, status_of(error))
        flash(f"{wording.happened} {wording.remedy}", "warning")
        return redirect(_back(), 303)
    lines = [line | {"dossier": line["code"], "code": line["error"]} for line in seen["lines"]]
    page = render_template(
        "inbox/confirm.html",
        seen=seen,
        lines=_worded(lines),
        chosen=[line["task"] for line in lines],
        note=text("note"),
        back=_back(),
        problem=None if refused is None else wording_of(refused, status),
    )
    return make_response(page, status)


def _carry_out(chosen: list[str]) -> BaseResponse:
    try:
        made = task_batches.run(
            current_context(),
            by=actor(),
            task_ids=chosen,
            outcome=text("outcome", longest=40) or processing.DONE,
            note=text("note") or None,
            request=named_request(),
        )
    except (InvalidInputError, ConflictError, ForbiddenError, NotFoundError) as error:
        return _confirmation(chosen, error)
    return redirect(url_for("batches.show", batch_id=made["id"], next=_back()), 303)


def _done(batch_id: str, act: Any) -> BaseResponse:
    try:
        batch_id = act()
    except (ConflictError, ForbiddenError, InvalidInputError) as error:
        wording = wording_of(error, status_of(error))
        flash(f"{wording.happened} {wording.remedy}", "warning")
    return redirect(url_for("batches.show", batch_id=batch_id, next=_back()), 303)


def _worded(verdicts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return lines with the reason in words: what happened, who, and what to do."""
    return [verdict | {"reason": _reason(verdict)} for verdict in verdicts]


def _reason(verdict: dict[str, Any]) -> str:
    code = verdict["code"]
    if code is None:
        return ""
    wording = OF_MANY.get(code) or wording_for(code, HTTPStatus.CONFLICT)
    who = _("Người làm: %(who)s.", who=verdict["who"]) if verdict["who"] else ""
    return " ".join(part for part in (str(wording.happened), who or str(wording.remedy)) if part)


def _is_open(batch: dict[str, Any]) -> bool:
    return batch["state"] in task_batches.UNDER_WAY


def _back() -> str:
    """Return the list that the officer came from."""
    found = safe_next(request.values.get("next"))
    return url_for("inbox.show") if found == "/" else found
