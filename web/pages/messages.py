"""Messages to citizens: what waits, what went, what was given up and why, and "send again"."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import LazyString
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.messages import NO_MESSAGES, MessageState, Way
from engine.errors import ConflictError, EngineError, InvalidInputError
from engine.reports import message_desk as report
from engine.services import message_desk, messages
from web import message_count
from web.auth import actor, current_context
from web.forms import LARGEST_ID, Refusal, named_request, refusal, refuse_unstorable
from web.message_words import CHANNELS, EMPTY, KINDS, LANGUAGES, STATES, TOPICS, reason_of

blueprint = Blueprint("messages", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)


@blueprint.record_once
def _give_words(state: BlueprintSetupState) -> None:
    words = {"notify_labels": CHANNELS, "notify_languages": LANGUAGES, "message_kinds": KINDS, "message_states": STATES}
    state.app.jinja_env.globals.update(notify_choices=notify_choices, **words)


def notify_choices(chosen: str = "") -> list[tuple[str, LazyString]]:
    """Return the channels that a citizen can choose here: those that the office has, and what is chosen already."""
    has = {Way.EMAIL.value, NO_MESSAGES, chosen, *(way.value for way in messages.connected(current_context()))}
    return [(value, label) for value, label in CHANNELS.items() if value in has]


@blueprint.get("/tin-nhan")
def listed() -> str:
    """Show the messages in a state, at first those that were given up."""
    return _page(None)


@blueprint.post("/tin-nhan/<int:outbox_id>/gui-lai")
def resend(outbox_id: int) -> BaseResponse:
    """Send one again."""
    try:
        message_desk.resend(current_context(), by=actor(), outbox_id=outbox_id, request=named_request())
    except (InvalidInputError, ConflictError) as error:
        shown = refusal(str(outbox_id), error)
        return make_response(_page(shown), shown.status)
    message_count.forget()
    flash(_("Đã đưa vào hàng chờ, gửi lại ngay khi được."), "success")
    return redirect(url_for("messages.listed"), 303)


@blueprint.post("/tin-nhan/gui-lai")
def resend_many() -> BaseResponse:
    """Send again all that the page showed, each by itself; say how many could not."""
    ids = {int(text) for text in request.form.getlist("ids")[: report.PAGE] if _is_id(text)}
    done, failed = 0, 0
    for outbox_id in sorted(ids):
        try:
            message_desk.resend(current_context(), by=actor(), outbox_id=outbox_id)
            done += 1
        except EngineError:
            failed += 1
    message_count.forget()
    if done:
        flash(_("%(count)s tin đã vào hàng chờ.", count=done), "success")
    if failed:
        flash(_("%(count)s tin không gửi lại được; mở từng tin để xem vì sao.", count=failed), "warning")
    return redirect(url_for("messages.listed"), 303)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST_ID


def _page(refused: Refusal | None) -> str:
    wanted = request.args.get("trang-thai", "")
    state = MessageState(wanted) if wanted in set(MessageState) else MessageState.DEAD
    cursor = request.args.get("sau") or None
    return render_template(
        "messages/list.html",
        page=report.page(current_context(), by=actor(), state=state, cursor=cursor),
        state=state,
        states=STATES,
        empty=EMPTY[state],
        kinds=KINDS,
        channels=CHANNELS,
        topics=TOPICS,
        reason_of=reason_of,
        refused=refused,
    )
