"""Form 01: *Giấy tiếp nhận hồ sơ và hẹn trả kết quả*."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

import segno

from engine.documents import words
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.documents.render import over, pdf
from engine.documents.values import Authoriser, Book, Certification, PaperLine, ReceiptValues, Reissue, ReplacedValues
from engine.domain.official_forms import CURRENT, RESIDENCE

TITLES = {  #: by set, a line each (domain.md §2.1, §2.4)
    CURRENT: ["GIẤY TIẾP NHẬN HỒ SƠ", "VÀ HẸN TRẢ KẾT QUẢ"],
    RESIDENCE: ["PHIẾU TIẾP NHẬN HỒ SƠ", "VÀ HẸN TRẢ KẾT QUẢ"],
}
MOST_PAGES = 30  #: of a receipt; its longest list of papers fills fewer
SHORT = 220  #: characters of a reason in the margin


def receipt_pdf(values: ReceiptValues) -> bytes:
    """Print the receipt as PDF/A-2b; the same values give the same bytes (domain.md §2.3).

    Raises:
        UnknownWordError: the channel is unknown.
        ValueError: an instant is naive.
    """
    return pdf("receipt", fields(values), made_at=made_at(values), images={"qr": qr_svg(values.tracking_url)})


def beside(content: bytes, values: ReplacedValues) -> bytes:
    """Return a receipt as it was handed out, each page marked with what replaced it, when and why."""
    said = {
        "code": one_line(values.code, limit=CODE),
        "agency": one_line(values.agency_name, limit=HEAD),
        "no": values.no,
        "issued": words.date(values.issued_at, values.zone),
        "replaced": words.date(values.replaced_at, values.zone),
        "reason": one_line(values.reason, limit=SHORT),
    }
    marked: bytes | None = None
    for pages in range(1, MOST_PAGES + 1):
        longer = over("replaced", said, made_at=values.replaced_at, under=content, pages=pages)
        if longer is None:
            break
        marked = longer
    return content if marked is None else marked


def qr_svg(text: str) -> str:
    """Return the text as a QR code in SVG, with the quiet zone of four modules that the standard asks for."""
    out = BytesIO()
    segno.make_qr(text, error="m").save(out, kind="svg", xmldecl=False, nl=False, border=4)
    return out.getvalue().decode()


def fields(values: ReceiptValues) -> dict[str, Any]:
    """Return what the receipt prints, worded.

    Raises:
        UnknownWordError: the channel is unknown.
        ValueError: an instant is naive.
    """
    return {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer": one_line(values.unit_name, limit=HEAD).upper(),
        **words.numbered(values.number, values.symbol),
        "place": one_line(values.place, limit=CODE) or None,
        "dated": words.date(values.reissue.issued_at if values.reissue else values.received_at, values.zone),
        "reissue": None if values.reissue is None else _reissue(values.reissue, values.zone),
        "form": words.form_line(values.form),
        "code": one_line(values.code, limit=CODE),
        "office_label": "Đơn vị tiếp nhận",
        "unit_name": one_line(values.unit_name, limit=LINE),
        "applicant": {
            "name": one_line(values.applicant_name, limit=LINE),
            "identity_number": _line(values.identity_number),
            "address": _line(values.address),
            "phone": _line(values.phone),
            "email": _line(values.email),
        },
        "authoriser": None if values.authoriser is None else _authoriser(values.authoriser),
        "procedure_code": one_line(values.procedure_code, limit=CODE),
        "procedure_name": one_line(values.procedure_name, limit=LINE),
        "papers": [_paper(paper) for paper in values.papers],
        "dossier_count": words.number(str(values.dossier_count)),
        "limit": _limit(values),
        "second_limit": _line(values.second_limit_text),
        "received": words.moment(values.received_at, values.zone),
        "due": words.moment(values.due_at, values.zone),
        "provisional": values.provisional,
        "result_place": one_line(values.result_place, limit=LINE),
        "channel": words.channel(values.channel),
        "book": None if values.book is None else _book(values.book),
        "receiver": one_line(values.receiver_name, limit=HEAD),
        "submitter_signs": values.channel != "online",
        "tracking_url": values.tracking_url,
        "title": TITLES.get(values.form.form_set, TITLES[CURRENT]),
        "fee": _line(values.fee_text),
        "certification": None if values.certification is None else _certification(values.certification),
    }


def made_at(values: ReceiptValues) -> datetime:
    """Return when this issue was made."""
    return values.received_at if values.reissue is None else values.reissue.issued_at


def _reissue(reissue: Reissue, zone: str) -> str:
    issued, before = words.date(reissue.issued_at, zone), words.date(reissue.replaces_at, zone)
    return f"Cấp lại lần {reissue.no - 1} (lần cấp {reissue.no}), {issued}, thay cho giấy cấp {before}."


def _limit(values: ReceiptValues) -> str:
    first = one_line(values.limit_text, limit=CODE)
    if values.second_limit_text is None:
        return first
    return f"lần 1: {first}; lần 2: {one_line(values.second_limit_text, limit=CODE)}"


def _authoriser(person: Authoriser) -> dict[str, Any]:
    return {
        "name": one_line(person.name, limit=LINE),
        "identity_number": _line(person.identity_number),
        "address": _line(person.address),
        "phone": _line(person.phone),
        "email": _line(person.email),
        "paper": _line(person.paper),
    }


def _certification(values: Certification) -> str:
    copies = f"{words.number(str(values.pages))} trang; {words.number(str(values.copies))} bản giấy"
    return f"{copies}; có ký bản điện tử" if values.electronic else copies


def _book(book: Book) -> dict[str, str]:
    return {"volume": one_line(book.volume, limit=CODE), "entry": one_line(book.entry, limit=CODE)}


def _paper(paper: PaperLine) -> dict[str, Any]:
    return {"name": one_line(paper.name, limit=LINE), "originals": paper.originals, "copies": paper.copies}


def _line(text: str | None) -> str | None:
    """Return a field's text, or None when there is nothing to print but dots."""
    return (one_line(text, limit=LINE) or None) if text is not None else None
