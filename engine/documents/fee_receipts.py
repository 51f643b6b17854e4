"""*Biên lai thu phí, lệ phí*: three copies of one receipt of money, A5 landscape (domain.md §2.10).

Numbers of such receipts are of the books that the tax office registers: they are written in by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.documents import spelled, words
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.domain.official_forms import OfficialForm

COPIES = ("Liên 1: Lưu tại cơ quan thu", "Liên 2: Giao cho người nộp tiền", "Liên 3: Kế toán")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeReceiptValues:
    """All that the receipt of money prints. Instants are aware; they print in ``zone``. None prints as dots."""

    form: OfficialForm
    superior_body: str
    agency_name: str
    place: str
    code: str
    payer_name: str
    identity_number: str | None
    address: str | None
    procedure_name: str
    subject: str  #: what the money is for: the notice, or the fee of the procedure
    amount_vnd: int
    reference: str | None  #: number of the payment
    paid_at: datetime
    collector_name: str
    printed_at: datetime
    zone: str


def fields(values: FeeReceiptValues) -> dict[str, Any]:
    """Return what the receipt of money prints, worded.

    Raises:
        ValueError: an instant is naive, or the amount is below 0.
    """
    return {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer": one_line(values.agency_name, limit=HEAD).upper(),
        "place": one_line(values.place, limit=CODE),
        "dated": words.date(values.paid_at, values.zone),
        "copies": list(COPIES),
        "code": one_line(values.code, limit=CODE),
        "payer": one_line(values.payer_name, limit=LINE),
        "identity_number": _line(values.identity_number),
        "address": _line(values.address),
        "procedure": one_line(values.procedure_name, limit=LINE),
        "subject": one_line(values.subject, limit=LINE),
        "amount": words.money(values.amount_vnd),
        "in_words": spelled.money(values.amount_vnd),
        "reference": _line(values.reference),
        "collector": one_line(values.collector_name, limit=HEAD),
    }


def made_at(values: FeeReceiptValues) -> datetime:
    """Return when the receipt of money was made."""
    return values.printed_at


def _line(text: str | None) -> str | None:
    return None if text is None else (one_line(text, limit=LINE) or None)
