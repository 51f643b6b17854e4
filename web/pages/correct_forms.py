"""The form of a correction: what was typed becomes what should be otherwise; empty lines of papers are none."""

from __future__ import annotations

from typing import Any, Protocol

from flask import request

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.acts import Act
from engine.domain.dossier import Channel, ResultChannel
from engine.services import correction_form, corrections
from engine.services.corrected_parts import PaperChange
from engine.services.corrections import Correction
from engine.services.intake import Person
from engine.services.transactions import Answer
from web.asked_fields import answers
from web.forms import FieldError, instant, text, whole_number

NEW_LINES = 3  #: papers that were brought and not written down
PERSON = {"name": 200, "identity_number": 20, "phone": 20, "email": 200, "address": 300}  #: longest of each field


class Asked(Protocol):
    """One form as it came in."""

    ctx: Context
    by: Actor
    dossier: str

    @property
    def usual(self) -> dict:
        """What most services want beside the fields."""
        ...


def correct(asked: Asked) -> Answer:
    """Correct the dossier as the form says."""
    shown = correction_form.form(asked.ctx, by=asked.by, dossier=asked.dossier, procedure=chosen_procedure())
    return corrections.correct(asked.ctx, correction=correction_of(shown), **asked.usual)


def chosen_procedure() -> str | None:
    """Return the code of the procedure that was chosen."""
    return text("procedure_code", longest=60) or None


def correction_of(shown: dict[str, Any]) -> Correction:
    """Return what the form asks for; what stayed as it was changes nothing.

    Args:
        shown: of ``correction_form.form``.

    Raises:
        FieldError: a time, a number or a choice cannot be read.
    """
    owner = _person("owner_") if text("has_owner") or text("owner_name") else None
    received_at = instant("received_at")
    same_minute = received_at is not None and received_at.isoformat()[:16] == shown["received_at"][:16]
    return Correction(
        reason=text("reason", longest=500),
        applicant=_person(""),
        owner=None if text("no_owner") else owner,
        no_owner=bool(text("no_owner")),
        papers=_papers(shown),
        channel=_one_of(Channel, "channel"),
        result_channel=_one_of(ResultChannel, "result_channel"),
        notify_by=text("notify_by", longest=20) or None,
        notify_language=text("notify_language", longest=20) or None,
        case=text("case", longest=120),
        authorisation=text("authorisation", longest=120),
        received_at=None if same_minute else received_at,
        facts=answers(shown["asked"]) if shown["asked"] else None,
        procedure_code=chosen_procedure(),
    )


def _person(prefix: str) -> Person:
    typed = {name: text(prefix + name, longest=longest) for name, longest in PERSON.items()}
    number = "".join(typed["identity_number"].split())
    others = {name: typed[name] or None for name in ("phone", "email", "address")}
    return Person(name=typed["name"], identity_number=number or None, **others)


def _papers(shown: dict[str, Any]) -> tuple[PaperChange, ...]:
    known = [
        PaperChange(
            no=paper["no"],
            name=text(f"paper-{paper['no']}-name", longest=300),
            originals=_sheets(f"paper-{paper['no']}-originals"),
            copies=_sheets(f"paper-{paper['no']}-copies"),
            struck=bool(request.form.get(f"paper-{paper['no']}-struck")),
        )
        for paper in shown["papers"]
        if f"paper-{paper['no']}-name" in request.form
    ]
    written = [
        PaperChange(None, name, _sheets(f"paper-new-{at}-originals"), _sheets(f"paper-new-{at}-copies"))
        for at in range(NEW_LINES)
        if (name := text(f"paper-new-{at}-name", longest=300))
    ]
    return (*known, *written)


def _sheets(name: str) -> int:
    if not text(name):
        return 0
    number = whole_number(name)
    if number > 999:
        raise FieldError("a number of sheets lies between 0 and 999", field=name)
    return number


def _one_of(kind: type[Channel] | type[ResultChannel], name: str) -> Any:
    if not text(name):
        return None
    try:
        return kind(text(name))
    except ValueError:
        raise FieldError(f"choose {name} from the list", field=name) from None


FORMS = {Act.CORRECT: correct}
