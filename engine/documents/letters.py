"""Form 04: *Phiếu xin lỗi và đề nghị gia hạn thời gian giải quyết*."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.documents import headed, words
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.documents.receipts import qr_svg
from engine.documents.render import found, pdf
from engine.documents.values import ApologyValues
from engine.domain.official_forms import CURRENT, OLD
from engine.domain.signing import DATE_FIELD, NUMBER_FIELD, SEAL_FIELD, SIGNATURE_FIELD, Place, Places
from engine.errors import InvalidInputError

TITLES = {  #: by set, a line each (domain.md §2.1)
    CURRENT: ["PHIẾU XIN LỖI", "VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT"],
    OLD: ["PHIẾU XIN LỖI", "VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ"],
}

_A4 = 841.8898  # points of its height
_NEEDED = ("number", "reason", "new_due_at", "issued_at", "signer_name")  # in a letter that goes out


class LetterUnprintableError(InvalidInputError):
    """A letter that is no draft lacks what form 04 must state, or its new date is no extension."""

    code = "letter-unprintable"


def apology_pdf(values: ApologyValues, *, blank_number: bool = False) -> bytes:
    """Print the letter as PDF/A-2b; the same values give the same bytes (domain.md §2.5).

    A letter issued before the promised instant says that the result cannot be returned in time, a later one that it
    was not returned in time. When the dossier has finished or ended meanwhile, or the letter is about the first of two
    appointments and that was met late, the letter says so and only apologises, whatever new date there is. A draft may
    have gaps (dots) and carries the mark "BẢN NHÁP".

    Args:
        blank_number: for an electronic signature: number and day stay blank until the office fills them in (see
            ``places``), and between title and name there is room for the stamps. The values need no number then, and
            their ``issued_at`` is the instant of the signature.

    Raises:
        LetterUnprintableError: number, reason, new date, date of issue or signer is missing in a letter that is no
            draft, or the new date is not later than the promised one. No new date is needed when the letter only
            apologises.
        ValueError: an instant is naive.
    """
    shown = _blank(values) if blank_number else fields(values)
    return pdf("apology", shown, made_at=made_at(values), images=_images(values))


def places(values: ApologyValues) -> Places:
    """Return where number, day and stamps stand on ``apology_pdf(values, blank_number=True)``.

    Raises:
        LetterUnprintableError, ValueError: see ``apology_pdf``.
    """
    spots = {
        each["value"]["name"]: each["value"] for each in found("apology", _blank(values), "<spot>", _images(values))
    }
    number, dated, signature, seal = (
        _place(spots[name]) for name in (NUMBER_FIELD, DATE_FIELD, SIGNATURE_FIELD, SEAL_FIELD)
    )
    return Places(number=number, dated=dated, signature=signature, seal=seal)


def _place(spot: dict[str, Any]) -> Place:
    left, top = float(spot["x"]), _A4 - float(spot["y"])
    return Place(
        page=int(spot["page"]) - 1,
        left=left,
        bottom=top - float(spot["height"]),
        right=left + float(spot["width"]),
        top=top,
    )


def _blank(values: ApologyValues) -> dict[str, Any]:
    return fields(replace(values, number="0")) | {"blanks": True}


def _images(values: ApologyValues) -> dict[str, str]:
    return {"qr": qr_svg(values.tracking_url)} if values.tracking_url else {}


def made_at(values: ApologyValues) -> datetime:
    """Return the day of issue, of a draft that of the dossier."""
    return values.issued_at or values.received_at


def _check(values: ApologyValues) -> None:
    extends = _extends(values)
    missing = [name for name in _NEEDED if not getattr(values, name) and (extends or name != "new_due_at")]
    if missing and not values.draft:
        raise LetterUnprintableError(
            f"the apology for {values.code} lacks {', '.join(missing)}; complete it or print it as a draft",
            dossier=values.code,
            missing=missing,
        )
    if extends and values.new_due_at is not None and values.new_due_at <= values.due_at:
        raise LetterUnprintableError(
            f"the new date of the apology for {values.code} is not later than the promised one; choose a later one",
            dossier=values.code,
            due_at=values.due_at.isoformat(),
            new_due_at=values.new_due_at.isoformat(),
        )


def _extends(values: ApologyValues) -> bool:
    return values.met_at is None and values.finished_at is None and values.ended_at is None


def fields(values: ApologyValues) -> dict[str, Any]:
    """Return what the letter prints, worded.

    Raises:
        LetterUnprintableError, ValueError: see ``apology_pdf``.
    """
    _check(values)
    zone = values.zone
    return {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer": one_line(values.agency_name, limit=HEAD).upper(),
        **words.numbered(values.number, values.symbol),
        "place": headed.line(values.place, limit=CODE),
        "dated": None if values.issued_at is None else words.date(values.issued_at, zone),
        "form": words.form_line(values.form),
        "title": TITLES.get(values.form.form_set, TITLES[CURRENT]) if _extends(values) else ["PHIẾU XIN LỖI"],
        "addressee": one_line(values.addressee, limit=LINE),
        "received": words.date(values.received_at, zone).removeprefix("ngày "),  # stands after a capital one
        "receiving_unit": one_line(values.receiving_unit, limit=LINE),
        "agency": one_line(values.agency_name, limit=LINE),
        "procedure_code": one_line(values.procedure_code, limit=CODE),
        "procedure_name": one_line(values.procedure_name, limit=LINE),
        "applicant": one_line(values.applicant_name, limit=LINE),
        "identity_number": one_line(values.identity_number, limit=CODE) if values.identity_number else None,
        "code": one_line(values.code, limit=CODE),
        "due": words.moment(values.due_at, zone),
        "overdue": values.issued_at is not None and values.issued_at > values.due_at,
        "reason": values.reason or None,
        "new_due": None if values.new_due_at is None else words.moment(values.new_due_at, zone),
        "provisional": values.new_due_provisional,
        "met": None if values.met_at is None else words.moment(values.met_at, zone),
        "finished": None if values.finished_at is None else words.moment(values.finished_at, zone),
        "ended": None if values.ended_at is None else words.moment(values.ended_at, zone),
        "extends": _extends(values),
        "signer_title": headed.title_of(values.signer_title),
        "signer_name": one_line(values.signer_name, limit=HEAD) if values.signer_name else None,
        "recipients": [one_line(name, limit=HEAD).rstrip(" ;.") for name in values.recipients],
        "draft": values.draft,
        "caused_by": one_line(values.caused_by, limit=LINE) if values.caused_by else None,
        "tracking_url": values.tracking_url,
    }
