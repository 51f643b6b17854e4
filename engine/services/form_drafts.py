"""What an officer has typed and not sent: kept with every change, gone when the form is sent or after a week.

A draft belongs to one officer and to nobody else. It carries the key under which its form will be sent, so that a form
that was sent, whose answer got lost on the way, is not offered again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.events import digest
from engine.domain.ids import DossierId, OfficerId
from engine.domain.permissions import READING, NotAllowedError
from engine.errors import ConflictError, InvalidInputError
from engine.services.case import iso
from engine.services.transactions import Answer, actor_name, transact
from engine.store.form_drafts import FormDraft
from engine.store.unit_of_work import UnitOfWork

KEPT = timedelta(days=7)  #: personal data is not kept for longer than a form is plausibly finished
MOST_DRAFTS = 200  #: of one officer
MOST_FIELDS = 1000
LONGEST_NAME = 100  #: of a field, in characters
LONGEST_TEXT = 100_000  #: of all that was typed into a form, in characters
_PLACE = re.compile(r"[a-z][a-z0-9-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){1,4}")
_LONGEST_PLACE = 160

Typed = Mapping[str, str | list[str]]  #: what each field holds; a field that stands there several times, all of it


class InvalidFormDraftError(InvalidInputError):
    """What was typed cannot be kept as a draft: too much of it, or of no form."""

    code = "invalid-form-draft"


class FormSentError(ConflictError):
    """The form was sent already; there is nothing left to keep."""

    code = "form-sent"


class FormDraftElsewhereError(ConflictError):
    """The same form is open in another tab or window, and was typed into there."""

    code = "form-draft-elsewhere"


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that was not sent yet."""

    place: str  #: which form: ``counter/<id>``, ``dossier/<id>/<act>``
    typed: dict[str, str | list[str]]
    based_on: int | None  #: number of the last event of its dossier when it was opened
    saved_at: datetime

    @property
    def mark(self) -> str:
        """What tells this content from any other."""
        return digest(self.typed)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page knows of the draft that it saves.

    Args:
        key: under which its form will be sent (Idempotency-Key).
        seen: mark of the draft that it shows or has saved, None when it began with an empty form.
        based_on: number of the last event of its dossier when it was opened.
    """

    key: str
    seen: str | None = None
    based_on: int | None = None


def save(ctx: Context, *, by: Actor, place: str, typed: Typed, page: Page, insist: bool = False) -> Answer:
    """Keep what a form holds, and return ``saved_at`` with the ``mark`` of what is kept now.

    Args:
        insist: the officer has been told of the other tab and wants this one to stand.

    Raises:
        InvalidFormDraftError: too much was typed, or the place is none.
        FormSentError: the form was sent under this key.
        FormDraftElsewhereError: the draft is not the one that the page has seen.
        NotAllowedError: nobody in person types here.
    """
    officer = _officer(by)
    _check(place, typed)

    def work(uow: UnitOfWork) -> Answer:
        now = ctx.clock.now()
        uow.form_drafts.drop_older(now - KEPT)
        if uow.numbers.used(actor_name(by), [page.key]):
            uow.form_drafts.drop(officer, place)
            return {"sent": True}
        content: dict[str, Any] = {"typed": dict(typed), "key": page.key}
        row = uow.form_drafts.lock(officer, place)
        if row is None:
            _check_room(uow, officer)
            agency = uow.people.get(officer).owner_agency_id
            row = FormDraft(officer_id=officer, place=place, owner_agency_id=agency, fields=content, saved_at=now)
            row.based_on = page.based_on
            uow.form_drafts.add(row)
        else:
            if not insist and digest(row.fields["typed"]) not in (page.seen, digest(content["typed"])):
                raise FormDraftElsewhereError(
                    "this form was typed into in another tab; take that or insist on this one",
                    saved_at=iso(row.saved_at),
                )
            row.fields, row.based_on, row.saved_at = content, page.based_on, now
        return {"sent": False, "saved_at": iso(now), "mark": digest(content["typed"])}

    answer = transact(ctx, by=by, request=None, work=work)
    if answer["sent"]:
        raise FormSentError("this form was sent; nothing is left to keep")
    return answer


def read(ctx: Context, *, by: Actor, place: str) -> Draft | None:
    """Return the actor's draft of a form; None when there is none, or it was sent."""
    return next((draft for draft in listed(ctx, by=by, prefix=place) if draft.place == place), None)


def listed(ctx: Context, *, by: Actor, prefix: str = "") -> Sequence[Draft]:
    """Return the actor's drafts whose place begins so, the latest first; in one statement."""
    if by.id is None:
        return []
    with ctx.unit_of_work(read_only=True) as uow:
        rows = uow.form_drafts.of(by.id, actor=actor_name(by), prefix=prefix, limit=MOST_DRAFTS)
    oldest = ctx.clock.now() - KEPT
    return [Draft(row.place, row.fields["typed"], row.based_on, row.saved_at) for row in rows if row.saved_at >= oldest]


def codes(ctx: Context, *, by: Actor, dossiers: Collection[DossierId]) -> dict[DossierId, str | None]:
    """Return the codes of dossiers that drafts are about, as far as the actor may read them."""
    if not dossiers:
        return {}
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.dossiers.shared_codes(dossiers, by.agencies_with(*READING))


def drop(ctx: Context, *, by: Actor, place: str) -> None:
    """Delete the actor's draft of a form, because it was sent or is not wanted; there may be none."""
    officer = _officer(by)
    with ctx.unit_of_work() as uow:
        uow.form_drafts.drop(officer, place)


def _officer(by: Actor) -> OfficerId:
    if by.id is None:
        raise NotAllowedError("drafts of forms belong to people")
    return by.id


def _check(place: str, typed: Typed) -> None:
    if len(place) > _LONGEST_PLACE or not _PLACE.fullmatch(place):
        raise InvalidFormDraftError("a form is named like counter/<id> or dossier/<id>/<act>", field="place")
    if len(typed) > MOST_FIELDS or any(len(name) > LONGEST_NAME for name in typed):
        raise InvalidFormDraftError(f"a form has at most {MOST_FIELDS} fields of {LONGEST_NAME} characters in the name")
    long = sum(len(part) for value in typed.values() for part in ([value] if isinstance(value, str) else value))
    if long > LONGEST_TEXT:
        raise InvalidFormDraftError(f"a draft holds at most {LONGEST_TEXT} characters; send the form", long=long)


def _check_room(uow: UnitOfWork, officer: OfficerId) -> None:
    if uow.form_drafts.count(officer) >= MOST_DRAFTS:
        raise InvalidFormDraftError(f"there are {MOST_DRAFTS} drafts already; send or discard some at the counter")
