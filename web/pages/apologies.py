"""The apology desk: letters by state, one letter with draft, approval and dispatch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.dossier import LetterState
from engine.errors import ConflictError, ForbiddenError, InvalidInputError
from engine.services import apologies, letter_desk, letter_dispatch
from engine.services.transactions import Answer
from web.auth import actor, current_context
from web.forms import Refusal, expected_version, named_request, refusal
from web.pages.dossier import pdf_response
from web.pages.dossier_forms import draft_of_form

blueprint = Blueprint("apologies", __name__)

LONGEST_PAGE = 200  # letters of one state that are shown; the queue of overdue dossiers leads to the others
DONE: dict[str, LazyString] = {
    "write": lazy_gettext("Đã lưu dự thảo."),
    "approve": lazy_gettext("Đã duyệt. Nội dung thư không sửa được nữa."),
    "send": lazy_gettext("Đã cấp số và gửi thư."),
}


@blueprint.get("/xin-loi")
def listed() -> str:
    """Show the letters of a state."""
    counts = apologies.counts(current_context(), by=actor())
    wanted = request.args.get("trang-thai", LetterState.DRAFT)
    state = LetterState(wanted) if wanted in set(LetterState) else LetterState.DRAFT
    shown = apologies.listed(current_context(), by=actor(), kind="apology", state=state, limit=LONGEST_PAGE + 1)
    return render_template(
        "apologies/list.html", letters=shown[:LONGEST_PAGE], more=len(shown) > LONGEST_PAGE, counts=counts, state=state
    )


@blueprint.get("/xin-loi/<letter_id>")
def show(letter_id: str) -> str:
    """Show one letter."""
    return _page(letter_id, None)


@blueprint.post("/xin-loi/<letter_id>/<any('write', 'approve', 'send'):act>")
def do(letter_id: str, act: str) -> BaseResponse:
    """Write, approve or send the letter."""
    try:
        ACTS[act](letter_id)
    except (InvalidInputError, ConflictError, ForbiddenError) as error:
        shown = refusal(act, error)
        return make_response(_page(letter_id, shown), shown.status)
    flash(str(DONE[act]), "success")
    return redirect(url_for("apologies.show", letter_id=letter_id), 303)


@blueprint.get("/xin-loi/<letter_id>.pdf")
def pdf(letter_id: str) -> Response:
    """Return the letter to read or print: as sent, or as a marked draft."""
    return pdf_response(apologies.pdf(current_context(), by=actor(), letter_id=letter_id), f"xin-loi-{letter_id[:8]}")


def _page(letter_id: str, refused: Refusal | None) -> str:
    letter = letter_desk.show(current_context(), by=actor(), letter_id=letter_id)
    return render_template("apologies/letter.html", letter=letter, refused=refused)


def _write(letter_id: str) -> Answer:
    draft = draft_of_form()
    return apologies.write(current_context(), by=actor(), letter_id=letter_id, draft=draft, **_usual())


def _approve(letter_id: str) -> Answer:
    return apologies.approve(current_context(), by=actor(), letter_id=letter_id, **_usual())


def _send(letter_id: str) -> Answer:
    return letter_dispatch.dispatch(current_context(), by=actor(), letter_id=letter_id, **_usual())


def _usual() -> dict[str, Any]:
    """Return what seals a form: nobody signs a text that changed since the page was shown."""
    return {"expected": expected_version(), "request": named_request()}


ACTS: Mapping[str, Callable[[str], Answer]] = {"write": _write, "approve": _approve, "send": _send}
