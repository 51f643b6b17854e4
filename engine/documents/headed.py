"""What the notices to a citizen have in common: head, number, the person and the dossier (domain.md §2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.documents import words
from engine.documents.printable import CODE, HEAD, LINE, one_line, printable
from engine.documents.render import LONGEST
from engine.documents.values import PaperLine
from engine.domain.official_forms import OfficialForm

TITLE_LINES = 4  #: "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"; the longest has three


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who handed in a dossier; None prints dots to fill in by hand."""

    name: str
    identity_number: str | None
    address: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeValues:
    """What every notice prints. Instants are aware; they print in ``zone``."""

    form: OfficialForm
    superior_body: str  #: printed in capitals
    unit_name: str  #: who issues; printed in capitals in the head
    place: str  #: the place name before the date
    number: str | None  #: "5", or "05/<symbol>" with a symbol of its own; None prints dots
    symbol: str  #: printed after a number that has none
    issued_at: datetime
    person: Person
    code: str | None  #: of the dossier; None where it has none yet
    procedure_code: str
    procedure_name: str
    signer_name: str  #: may be empty: then a name is written by hand
    tracking_url: str | None  #: what the QR code opens; None where there is nothing to track
    zone: str  #: IANA name of the agency's zone


def fields(values: NoticeValues, *, title: list[str]) -> dict[str, Any]:
    """Return what the head, the person and the dossier print, worded.

    Args:
        title: a line each, in capitals.

    Raises:
        ValueError: an instant is naive.
    """
    return {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer": one_line(values.unit_name, limit=HEAD).upper(),
        "unit_name": one_line(values.unit_name, limit=LINE),
        **words.numbered(values.number, values.symbol),
        "place": line(values.place, limit=CODE),
        "dated": words.date(values.issued_at, values.zone),
        "form": words.form_line(values.form),
        "title": title,
        "applicant": person(values.person),
        "code": line(values.code, limit=CODE),
        "procedure_code": one_line(values.procedure_code, limit=CODE),
        "procedure_name": one_line(values.procedure_name, limit=LINE),
        "signer": one_line(values.signer_name, limit=HEAD),
        "tracking_url": values.tracking_url,
    }


def made_at(values: NoticeValues) -> datetime:
    """Return when the notice was issued."""
    return values.issued_at


def person(values: Person) -> dict[str, str | None]:
    """Return the lines of a person; None where there is nothing to print but dots."""
    return {
        "name": one_line(values.name, limit=LINE),
        "identity_number": line(values.identity_number),
        "address": line(values.address),
        "phone": line(values.phone),
        "email": line(values.email),
    }


def paper(values: PaperLine) -> dict[str, Any]:
    """Return the cells of a paper."""
    return {"name": one_line(values.name, limit=LINE), "originals": values.originals, "copies": values.copies}


def line(text: str | None, *, limit: int = LINE) -> str | None:
    """Return a field's text, or None when there is nothing to print but dots."""
    return (one_line(text, limit=limit) or None) if text is not None else None


def lines(text: str) -> list[str]:
    """Return the lines of a longer text."""
    return [each for each in printable(text, limit=LONGEST).split("\n") if each]


def title_of(text: str) -> str:
    """Return the title over a signature: in capitals, of at most ``TITLE_LINES`` lines."""
    return "\n".join(lines(printable(text, limit=HEAD))[:TITLE_LINES]).upper()
