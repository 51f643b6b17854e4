"""The apology desk: letters by what they wait for, one letter with draft, approval, signature, dispatch and proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.actors import Role
from engine.domain.dossier import LetterState
from engine.domain.signing import PIN_LONGEST
from engine.errors import ConflictError, ForbiddenError, InvalidInputError, UnavailableError
from engine.reports import apology_desk
from engine.reports.apology_desk import DeskQueue
from engine.reports.filters import storable
from engine.services import (
    apologies,
    form_drafts,
    letter_desk,
    letter_dispatch,
    letter_proofs,
    letter_signatures,
    office_documents,
)
from engine.services.transactions import Answer
from web.auth import actor, current_context
from web.docx_files import docx_response
from web.forms import PIN, Refusal, expected_version, named_request, refusal, refuse_unstorable, text
from web.letter_words import EMPTY, LOOKS, PROOFS, QUEUES, SENT_HOW
from web.pages.dossier import pdf_response
from web.pages.dossier_forms import draft_of_form
from web.pages.letter_batches import BULK, may_do, seal_of

blueprint = Blueprint("apologies", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)

LONGEST_QUERY = 60
DONE: dict[str, LazyString] = {
    "write": lazy_gettext("Đã lưu dự thảo."),
    "approve": lazy_gettext("Đã duyệt thư."),
    "sign": lazy_gettext("Đã ký thư bằng khóa ký của bạn."),
    "send": lazy_gettext("Đã cấp số và gửi thư."),
    "proof": lazy_gettext("Đã ghi nhận bằng chứng giao thư."),
}


@blueprint.get("/xin-loi")
def listed() -> str:
    """Show the letters of a queue; ``q`` is part of a code, ``chon`` ticks all of the page."""
    queue, query = _queue(), storable(request.args.get("q", ""))[:LONGEST_QUERY].strip()
    page = apology_desk.page(
        current_context(), by=actor(), queue=queue, code=query, cursor=request.args.get("sau") or None
    )
    return render_template(
        "apologies/list.html",
        page=page,
        queue=queue,
        queues=QUEUES,
        empty=EMPTY[queue],
        query=query,
        act=may_do(actor(), BULK.get(queue)),
        all_chosen=request.args.get("chon") == "1",
        seal_of=seal_of,
        sent_how=SENT_HOW,
        address=_address(queue, query),
    )


@blueprint.get("/xin-loi/<letter_id>")
def show(letter_id: str) -> str:
    """Show one letter."""
    return _page(letter_id, None)


@blueprint.post("/xin-loi/<letter_id>/<any('write', 'approve', 'sign', 'send', 'proof'):act>")
def do(letter_id: str, act: str) -> BaseResponse:
    """Write, approve, sign or send the letter, or record that a printed one arrived."""
    try:
        ACTS[act](letter_id)
    except (InvalidInputError, ConflictError, ForbiddenError, UnavailableError) as error:
        shown = refusal(act, error)
        return make_response(_page(letter_id, shown), shown.status)
    flash(str(DONE[act]), "success")
    return redirect(url_for("apologies.show", letter_id=letter_id), 303)


@blueprint.get("/xin-loi/<letter_id>.pdf")
def pdf(letter_id: str) -> Response:
    """Return the letter to read or print: as sent, or as a marked draft."""
    return pdf_response(apologies.pdf(current_context(), by=actor(), letter_id=letter_id), f"xin-loi-{letter_id[:8]}")


@blueprint.get("/xin-loi/<letter_id>.docx")
def docx(letter_id: str) -> Response:
    """Return the letter to edit in a word processor, by the agency's own template if it uses one."""
    content = office_documents.of_letter(current_context(), by=actor(), letter_id=letter_id)
    return docx_response(content, f"xin-loi-{letter_id[:8]}")


@blueprint.get("/xin-loi/<letter_id>/bang-chung")
def proof(letter_id: str) -> Response:
    """Return the picture that shows that a printed letter arrived, always to be saved."""
    name, media_type, content = letter_desk.proof(current_context(), by=actor(), letter_id=letter_id)
    response = Response(content, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _queue() -> DeskQueue:
    """Return the queue that the address names, else the one in which the actor's own work waits."""
    wanted = request.args.get("trang-thai", "")
    if wanted in set(DeskQueue):
        return DeskQueue(wanted)
    own = {Role.OFFICER: DeskQueue.TO_WRITE, Role.APPROVER: DeskQueue.TO_APPROVE, Role.CLERK: DeskQueue.TO_NUMBER}
    return next((queue for role, queue in own.items() if actor().agencies_with(role)), DeskQueue.TO_WRITE)


def _address(queue: DeskQueue, query: str) -> Callable[..., str]:
    """Return what gives the address of this list with some of its parts changed; a new queue begins at its top."""

    def address(**changes: str | None) -> str:
        parts = {"trang-thai": queue.value, "q": query or None} | changes
        return url_for("apologies.listed", **{name: value for name, value in parts.items() if value})

    return address


def _page(letter_id: str, refused: Refusal | None) -> str:
    letter = letter_desk.show(current_context(), by=actor(), letter_id=letter_id)
    return render_template(
        "apologies/letter.html",
        letter=letter,
        refused=refused,
        look=LOOKS[_waiting_in(letter)],
        sent_how=SENT_HOW,
        proofs=PROOFS,
    )


def _waiting_in(letter: dict[str, Any]) -> DeskQueue:
    state = LetterState(letter["state"])
    return apology_desk.waiting_in(state, complete=letter["complete"], electronic=letter["electronic"])


def _write(letter_id: str) -> Answer:
    draft = draft_of_form()
    answer = apologies.write(current_context(), by=actor(), letter_id=letter_id, draft=draft, **_usual())
    form_drafts.drop(current_context(), by=actor(), place=f"letter/{letter_id}/write")
    return answer


def _approve(letter_id: str) -> Answer:
    return apologies.approve(current_context(), by=actor(), letter_id=letter_id, **_usual())


def _sign(letter_id: str) -> Answer:
    return letter_signatures.sign(current_context(), by=actor(), letter_id=letter_id, pin=_pin() or "", **_usual())


def _send(letter_id: str) -> Answer:
    return letter_dispatch.dispatch(current_context(), by=actor(), letter_id=letter_id, pin=_pin(), **_usual())


def _prove(letter_id: str) -> Answer:
    file = request.files.get("photo")
    photo = (file.filename, file.read()) if file is not None and file.filename else None
    return letter_proofs.record_proof(
        current_context(),
        by=actor(),
        letter_id=letter_id,
        how=text("how", longest=20),
        note=text("note", longest=letter_proofs.LONGEST_NOTE),
        photo=photo,
        **_usual(),
    )


def _pin() -> str | None:
    """Return the PIN as it was typed; it goes to the key and nowhere else."""
    return request.form.get(PIN, "")[: PIN_LONGEST + 1] or None


def _usual() -> dict[str, Any]:
    """Return what seals a form: nobody signs a text that changed since the page was shown."""
    return {"expected": expected_version(), "request": named_request()}


ACTS: Mapping[str, Callable[[str], Answer]] = {
    "write": _write,
    "approve": _approve,
    "sign": _sign,
    "send": _send,
    "proof": _prove,
}
