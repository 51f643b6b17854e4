"""Many letters of apology in one act: the confirmation that shows each of them, and a verdict for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as BaseResponse

from engine.domain import permissions_letters
from engine.domain.actors import Actor, Role
from engine.domain.signing import PIN_LONGEST
from engine.reports import apology_desk
from engine.reports.apology_desk import DeskQueue, Row
from engine.services import letter_batches
from web.auth import actor, current_context, safe_next
from web.error_texts import ErrorTexts
from web.forms import PIN
from web.refusals import wording_for

blueprint = Blueprint("letter_batches", __name__)

APPROVE, SEND = "duyet", "gui"
BULK: dict[DeskQueue, str] = {
    DeskQueue.TO_APPROVE: APPROVE,
    DeskQueue.TO_SIGN: APPROVE,
    DeskQueue.TO_NUMBER: SEND,
}  #: what is done with many letters of a queue at once
ROLES: dict[str, tuple[Role, ...]] = {
    APPROVE: permissions_letters.APPROVING,
    SEND: permissions_letters.SENDING,
}
CHANGED = "letter-changed"
OF_MANY: dict[str, ErrorTexts] = {  # what only happens where many are done together
    CHANGED: ErrorTexts(
        lazy_gettext("Thư đã thay đổi sau khi bạn xem."), lazy_gettext("Xem lại nội dung mới rồi làm lại.")
    ),
}
OF_KEY = letter_batches.OF_KEY | {"signer-unavailable"}  #: refusals that are all letters' alike: the PIN is asked again


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one letter: the reason in words where it was not done."""

    row: Row
    done: bool
    code: str | None
    reason: str


def may_do(by: Actor, act: str | None) -> str | None:
    """Return the act when the actor's roles allow it in some agency; the service decides for each letter."""
    return act if act is not None and by.agencies_with(*ROLES[act]) else None


def seal_of(row: Row) -> str:
    """Return the letter's id with a seal of what was shown of it: nobody signs a text that changed since."""
    shown = (row.state, row.cause, row.reason, row.new_due_at, row.old_due_at)
    return f"{row.id}.{sha256(repr(shown).encode()).hexdigest()[:16]}"


@blueprint.post("/xin-loi/nhieu/<any('duyet', 'gui'):act>")
def confirm(act: str) -> BaseResponse:
    """Show the chosen letters as they will be approved and signed, or numbered and sent; with ``confirmed`` do it."""
    seals = list(dict.fromkeys(request.form.getlist("thu")))
    if len(seals) > letter_batches.MOST:
        wording = wording_for(letter_batches.LetterBatchError.code, HTTPStatus.UNPROCESSABLE_ENTITY)
        flash(f"{wording.happened} {wording.remedy}", "warning")
        return redirect(_back(), 303)
    ids = [seal.partition(".")[0] for seal in seals]
    rows = apology_desk.chosen(current_context(), by=actor(), letter_ids=ids)
    if not rows:
        flash(_("Chưa chọn thư nào."), "warning")
        return redirect(_back(), 303)
    if not request.form.get("confirmed"):
        return make_response(_confirmation(act, rows, None))
    lines = _carry_out(act, rows, frozenset(seals))
    refused = next((line.code for line in lines if line.code in OF_KEY), None)
    if refused and not any(line.done for line in lines):
        rows = apology_desk.chosen(current_context(), by=actor(), letter_ids=ids)  # one may be approved by now
        return make_response(_confirmation(act, rows, wording_for(refused, HTTPStatus.CONFLICT)), HTTPStatus.CONFLICT)
    signs = act == APPROVE and any(row.electronic for row in rows)
    page = render_template("apologies/verdicts.html", act=act, lines=lines, back=_back(), seal_of=seal_of, signs=signs)
    return make_response(page)


def _confirmation(act: str, rows: Sequence[Row], problem: ErrorTexts | None) -> str:
    able = [row for row in rows if BULK.get(apology_desk.queue_of(row)) == act]
    return render_template(
        "apologies/confirm.html",
        act=act,
        able=able,
        unable=[row for row in rows if row not in able],
        signs=any(row.electronic for row in able),
        back=_back(),
        seal_of=seal_of,
        problem=problem,
    )


def _carry_out(act: str, rows: Sequence[Row], seals: frozenset[str]) -> list[Line]:
    """Do it to each letter that is as it was shown; the others say that they changed."""
    same = [row.id for row in rows if seal_of(row) in seals]
    many = letter_batches.approve_many if act == APPROVE else letter_batches.dispatch_many
    pin = request.form.get(PIN, "")[: PIN_LONGEST + 1] or None
    told = {each.id: each for each in many(current_context(), by=actor(), letter_ids=same, pin=pin)} if same else {}
    lines = [Line(row, done=False, code=CHANGED, reason=_reason(CHANGED, {})) for row in rows if row.id not in told]
    for row in rows:
        if (verdict := told.get(row.id)) is not None:
            reason = "" if verdict.done else _reason(verdict.refusal, verdict.facts or {})
            lines.append(Line(row, done=verdict.done, code=verdict.refusal, reason=reason))
    return sorted(lines, key=lambda line: (line.done, line.row.old_due_at, line.row.code))


def _reason(code: str | None, facts: dict[str, Any]) -> str:
    wording = OF_MANY.get(code or "") or wording_for(code or "", HTTPStatus.CONFLICT)
    who = facts.get("officer") or facts.get("by")
    return " ".join(str(part) for part in (wording.happened, wording.remedy, who and f"({who})") if part)


def _back() -> str:
    found = safe_next(request.form.get("next"))
    return url_for("apologies.listed") if found == "/" else found
