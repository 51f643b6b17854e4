"""The form of the counter: what it asks, what was typed into it, and the filing that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import request

from engine.domain.dossier import Channel, ResultChannel
from engine.domain.identity_numbers import InvalidIdentityError, check_identity_number
from engine.domain.ids import DossierId
from engine.domain.messages import Way
from engine.domain.papers import KnownPaper, PaperFile
from engine.services import attachments, intake, known_papers
from engine.services.attachments import FileNotAllowedError
from engine.services.filed_papers import PaperNotReusableError
from web.asked_fields import answers
from web.auth import actor, current_context
from web.forms import FieldError, instant, text

FREE_LINES = 3  #: papers beside the procedure's list
MOST_PAPERS = 110  #: of the list and beside it
PARTS = ("have", "name", "originals", "copies", "known")  #: fields of a line of the check-list


def filing(chosen: Mapping[str, Any]) -> intake.Filing:
    """Return what the form asks to receive; its files are stored by then.

    Raises:
        FieldError, ApplicantMissingError, InvalidIdentityError, FileNotAllowedError, PaperNotReusableError: with the
            name of the field.
    """
    owner = None
    if any(text(f"owner_{name}") for name in ("name", "identity_number", "phone", "address")):
        owner = _person("owner_")
    return intake.Filing(
        procedure_code=text("procedure", longest=60),
        applicant=_person(""),
        owner=owner,
        authorisation=text("authorisation", longest=300) or None,
        case=text("case", longest=120) or None,
        channel=_one_of(Channel, "channel"),
        result_channel=_one_of(ResultChannel, "result_channel"),
        notify_by=text("notify_by", longest=20) or Way.EMAIL.value,
        notify_language=text("notify_language", longest=20) or "vi",
        agency=text("receiving", longest=40) or None,
        resolving_agency=text("agency", longest=40) or None,
        papers=_papers(),
        received_at=instant("received_at"),
        slip=text("slip", longest=60) or None,
        facts=answers(chosen["form"]),
    )


def number_of(typed: Mapping[str, Any]) -> str:
    """Return the identity number of the person whose dossier it will be: the owner's where there is one."""
    owner, applicant = (_bare(str(typed.get(name, ""))) for name in ("owner_identity_number", "identity_number"))
    return owner or ("" if str(typed.get("owner_name", "")).strip() else applicant)


def paper_rows(chosen: Mapping[str, Any] | None, number: str) -> list[dict[str, Any]]:
    """Return the lines of the check-list: those of the procedure with what is there already, and some to write."""
    listed = [] if chosen is None else chosen["papers"]
    known = known_papers.offered(current_context(), by=actor(), identity_number=number, papers=listed)
    return [
        *({**paper, "known": there} for paper, there in zip(listed, known, strict=True)),
        *({"code": "", "name": "", "originals": 1, "copies": 0, "free": True} for _line in range(FREE_LINES)),
    ]


def kept_ticks(chosen: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, str]:
    """Return what was typed under the places that the papers have in the list now; they are known by name."""
    before = {
        str(value): name.removesuffix("-name")
        for name, value in typed.items()
        if name.startswith("paper-") and name.endswith("-name") and value
    }
    now = {paper["name"]: f"paper-{at}" for at, paper in enumerate(chosen["papers"])}
    first_free = len(chosen["papers"])
    others = [name for name in before if name not in now]
    written = [name for name in others if f"{before[name]}-code" not in typed]  # those of the list have a code field
    now |= {name: f"paper-{first_free + at}" for at, name in enumerate(written[:FREE_LINES])}
    kept: dict[str, str] = {}
    for name, place in now.items():
        was = before.get(name)
        for part in PARTS if was else ():
            if f"{was}-{part}" in typed:
                kept[f"{place}-{part}"] = typed[f"{was}-{part}"]
    return kept


def _person(prefix: str) -> intake.Person:
    name = text(f"{prefix}name", longest=200)
    if not name:
        raise intake.ApplicantMissingError("the name must not be empty", field=f"{prefix}name")
    number = _bare(text(f"{prefix}identity_number", longest=40))
    try:
        if number:
            check_identity_number(number)
    except InvalidIdentityError as error:
        raise InvalidIdentityError(error.message, field=f"{prefix}identity_number") from None
    return intake.Person(
        name=name,
        identity_number=number or None,
        phone=text(f"{prefix}phone", longest=20) or None,
        email=text(f"{prefix}email", longest=200) or None,
        address=text(f"{prefix}address", longest=300) or None,
    )


def _bare(number: str) -> str:
    """Return a number without the spaces that people type between its groups."""
    return "".join(number.split())


def _one_of(kind: type[Channel] | type[ResultChannel], name: str) -> Any:
    try:
        return kind(text(name))
    except ValueError:
        raise FieldError(f"choose {name} from the list", field=name) from None


def _papers() -> tuple[intake.PaperLine, ...]:
    """Return the papers that were ticked, written, scanned or taken over."""
    found = []
    for at in range(MOST_PAPERS):
        line = f"paper-{at}"
        name, code = text(f"{line}-name", longest=300), text(f"{line}-code", longest=60)
        known, files = text(f"{line}-known", longest=60), _files(f"{line}-files")
        if not name:
            if files:
                raise FieldError("the paper of a file needs a name", field=f"{line}-name")
            continue
        if known:
            found.append(intake.PaperLine(name=name, code=code, known=_known(known, f"{line}-known")))
        elif request.form.get(f"{line}-have") or files:
            originals, copies = _count(f"{line}-originals"), _count(f"{line}-copies")
            found.append(intake.PaperLine(name, code, originals, copies, files))
    return tuple(found)


def _files(field: str) -> tuple[PaperFile, ...]:
    """Store the files of a line; two that are the same are kept once."""
    stored = []
    for upload in request.files.getlist(field):
        if upload.filename:
            try:
                stored.append(attachments.store(current_context(), file_name=upload.filename, content=upload.read()))
            except FileNotAllowedError as error:
                raise FileNotAllowedError(error.message, field=field) from None
    return tuple(stored)


def _known(typed: str, field: str) -> KnownPaper:
    dossier, _slash, no = typed.partition("/")
    try:
        return KnownPaper(DossierId(UUID(dossier)), int(no))
    except ValueError:
        raise PaperNotReusableError("choose the paper from the list", field=field) from None


def _count(name: str) -> int:
    typed = text(name, longest=4) or "0"
    if not (typed.isascii() and typed.isdigit()) or int(typed) > 999:
        raise FieldError("a number of sheets lies between 0 and 999", field=name)
    return int(typed)
