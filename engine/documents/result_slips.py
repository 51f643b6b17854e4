"""Slips of the returning desk: the invitation to fetch a result, and what is signed for it (domain.md §1.11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.documents import words
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.documents.render import pdf

INVITATION, HANDOVER = "invitation", "handover"  #: kinds of slip


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSlipValues:
    """All that a slip prints; no official form exists. A text that is None prints as dots to fill in by hand."""

    kind: str  #: INVITATION or HANDOVER
    agency_name: str  #: of the returning agency; printed in capitals
    place: str
    code: str
    owner_name: str
    address: str | None
    procedure_code: str
    procedure_name: str
    finished_at: datetime
    receivers: tuple[str | None, ...]  #: one signature each; None leaves the name open
    collects: tuple[str, ...]  #: papers of which the originals are collected
    fee_vnd: int | None
    officer_name: str
    printed_at: datetime
    zone: str


def result_slip_pdf(values: ResultSlipValues) -> bytes:
    """Print the slip as PDF/A-2b; the same values give the same bytes.

    Raises:
        ValueError: an instant is naive.
    """
    fields = {
        "kind": values.kind,
        "issuer": one_line(values.agency_name, limit=HEAD).upper(),
        "agency": one_line(values.agency_name, limit=LINE),
        "place": one_line(values.place, limit=CODE),
        "dated": words.date(values.printed_at, values.zone),
        "code": one_line(values.code, limit=CODE),
        "owner": one_line(values.owner_name, limit=LINE),
        "address": None if values.address is None else one_line(values.address, limit=LINE),
        "procedure": one_line(f"{values.procedure_name} (mã thủ tục: {values.procedure_code})", limit=LINE),
        "finished": words.moment(values.finished_at, values.zone),
        "receivers": [None if each is None else one_line(each, limit=HEAD) for each in values.receivers],
        "collects": [one_line(each, limit=LINE) for each in values.collects],
        "fee": None if values.fee_vnd is None else words.money(values.fee_vnd),
        "officer": one_line(values.officer_name, limit=HEAD),
    }
    return pdf("result", fields, made_at=values.printed_at)
