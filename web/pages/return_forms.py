"""The forms by which a result is returned: handed over, told of, posted, delivered."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from flask import request

from engine.domain.acts import Act
from engine.domain.result_return import Notice, SignatureKind
from engine.errors import InvalidInputError
from engine.services import endings, receivers, result_returns
from engine.services.receivers import Receiver, SecondReceiver, SignatureNotReadableError
from engine.services.result_returns import Photo
from engine.services.transactions import Answer
from web.forms import FieldError, instant, text

if TYPE_CHECKING:
    from web.pages.dossier_forms import Asked

DRAWN = "data:image/png;base64,"  #: what the script puts into the field ``signature``
LONGEST_DRAWING = 4 * receivers.LARGEST_SIGNATURE // 3 + 100  #: characters


class NotSignedForError(InvalidInputError):
    """A result is handed over at the desk against a signature, on the screen or on paper."""

    code = "not-signed-for"


class OriginalsUnansweredError(InvalidInputError):
    """Papers were filed as copies; whether their originals were collected has to be said."""

    code = "originals-unanswered"


def _hand_over(asked: Asked) -> Answer:
    how = text("how") or "signature"
    drawing = drawn_signature() if how == "signature" else None
    on_paper = bool(text("signed_on_paper"))
    if how == "signature" and drawing is None and not on_paper:
        raise NotSignedForError("let the receiver sign on the screen or on paper", field="signed_on_paper")
    kind = SignatureKind.SCREEN if drawing is not None else SignatureKind.PAPER
    second = text("second_name", longest=200)
    receiver = Receiver(
        name=text("name", longest=200),
        identity_number=_number("identity_number"),
        capacity=text("capacity") or "owner",
        how=how,
        authorisation=text("authorisation", longest=200) or None,
        second=SecondReceiver(second, _number("second_identity_number")) if second else None,
        signature=kind if how == "signature" else None,
        originals_collected=_originals(),
        receipt_given_back=bool(text("receipt_given_back")),
    )
    note = text("note") or None
    return endings.hand_over_result(asked.ctx, receiver=receiver, note=note, signature=drawing, **asked.usual)


def _notify(asked: Asked) -> Answer:
    try:
        how = Notice(text("how"))
    except ValueError:
        raise FieldError("choose how people were told", field="how") from None
    return result_returns.notify(asked.ctx, how=how, **asked.usual)


def _post(asked: Asked) -> Answer:
    return result_returns.post(
        asked.ctx,
        carrier=text("carrier", longest=200),
        tracking_number=text("tracking_number", longest=200),
        slip=_photo("slip"),
        **asked.usual,
    )


def _confirm_delivery(asked: Asked) -> Answer:
    outcome = text("outcome")
    if outcome == "returned":
        return result_returns.not_delivered(asked.ctx, reason=text("reason"), **asked.usual)
    if outcome != "delivered":
        raise FieldError("say whether it was delivered", field="outcome")
    receiver = Receiver(
        name=text("name", longest=200),
        capacity=text("capacity") or "owner",
        authorisation=text("authorisation", longest=200) or None,
        signature=SignatureKind.PAPER,
    )
    at = instant("delivered_at")
    return result_returns.confirm_delivery(
        asked.ctx, receiver=receiver, delivered_at=at, proof=_photo("proof"), **asked.usual
    )


def drawn_signature() -> bytes | None:
    """Return the PNG that was drawn, None when nothing was.

    Raises:
        SignatureNotReadableError: the field holds something else.
    """
    typed = text("signature", longest=LONGEST_DRAWING)
    if not typed:
        return None
    if not typed.startswith(DRAWN):
        raise SignatureNotReadableError("a drawn signature is a PNG; draw again or sign on paper", field="signature")
    try:
        return base64.b64decode(typed.removeprefix(DRAWN), validate=True)
    except binascii.Error:
        message = "the drawn signature arrived incomplete; draw again or sign on paper"
        raise SignatureNotReadableError(message, field="signature") from None


def _originals() -> bool | None:
    """Return whether originals were collected; None where the form does not ask."""
    if "asks_originals" not in request.form:
        return None
    if text("originals") not in ("yes", "no"):
        raise OriginalsUnansweredError("say whether the originals were collected", field="originals")
    return text("originals") == "yes"


def _number(name: str) -> str | None:
    return text(name, longest=20).replace(" ", "") or None


def _photo(name: str) -> Photo | None:
    file = request.files.get(name)
    return Photo(file.filename, file.read()) if file is not None and file.filename else None


FORMS = {
    Act.HAND_OVER: _hand_over,
    Act.NOTIFY_RESULT: _notify,
    Act.POST_RESULT: _post,
    Act.CONFIRM_DELIVERY: _confirm_delivery,
}
