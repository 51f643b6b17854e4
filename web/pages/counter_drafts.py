"""Drafts at the counter: what of it is unfinished, and a form filled in again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.domain.acts import Act
from engine.domain.ids import DossierId
from engine.services import form_drafts
from engine.services.form_drafts import Draft
from web.auth import actor, current_context

COUNTER, DOSSIER = "counter", "dossier"


@dataclass(frozen=True, slots=True)
class Shown:
    """A form that is shown with what was typed into it before."""

    typed: Mapping[str, Any]
    place: str
    mark: str | None = None  #: of the draft that it was filled in from
    saved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A draft as the counter lists it: a reception (``key``, ``procedure``), or an act on a dossier (``act``)."""

    place: str
    saved_at: datetime
    name: str  #: of the person, or the code of the dossier; empty when nothing was typed yet
    procedure: str = ""
    agency: str = ""
    key: str = ""
    dossier: DossierId | None = None
    act: str = ""


def read(key: str) -> Shown | None:
    """Return the form of a draft; None when it was sent, discarded or is too old."""
    draft = form_drafts.read(current_context(), by=actor(), place=f"{COUNTER}/{key}")
    return None if draft is None else Shown(_first(draft), draft.place, draft.mark, draft.saved_at)


def listed() -> list[Unfinished]:
    """Return what the officer has begun and not sent, the latest first."""
    found = [each for each in map(_unfinished, form_drafts.listed(current_context(), by=actor())) if each is not None]
    about = [each.dossier for each in found if each.dossier is not None]
    codes = form_drafts.codes(current_context(), by=actor(), dossiers=about)
    return [
        each if each.dossier is None else replace(each, name=codes[each.dossier] or "")
        for each in found
        if each.dossier is None or each.dossier in codes
    ]


def _unfinished(draft: Draft) -> Unfinished | None:
    """Return a draft as it is listed; None for one of a form that is not listed here."""
    kind, _slash, rest = draft.place.partition("/")
    if kind == COUNTER:
        typed = _first(draft)
        name, procedure, agency = (typed.get(field, "") for field in ("name", "procedure", "agency"))
        return Unfinished(draft.place, draft.saved_at, name, procedure=procedure, agency=agency, key=rest)
    dossier, _slash, act = rest.partition("/")
    if kind != DOSSIER or act not in set(Act):
        return None
    try:
        return Unfinished(draft.place, draft.saved_at, "", dossier=DossierId(UUID(dossier)), act=act)
    except ValueError:
        return None


def _first(draft: Draft) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[0] for name, value in draft.typed.items()}
