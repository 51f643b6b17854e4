"""Slips of the returning desk: the invitation, the receipt for a result, and its way to the desk (domain.md §2.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.documents import words
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.documents.receipts import qr_svg
from engine.documents.render import pdf
from engine.domain.official_forms import OfficialForm

DECISIONS = {"granted": "Giải quyết theo đề nghị", "refused": "Từ chối giải quyết (kèm văn bản nêu lý do)"}
STANDINGS = {"early": "trước hạn", "on_time": "đúng hạn", "late": "quá hạn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationValues:
    """All that the invitation prints; no official form exists. A text that is None prints as dots."""

    agency_name: str  #: of the returning agency; printed in capitals
    place: str
    code: str
    owner_name: str
    address: str | None
    procedure_code: str
    procedure_name: str
    finished_at: datetime
    receivers: int  #: how many must come
    collects: tuple[str, ...]  #: papers of which the originals are collected
    officer_name: str
    tracking_url: str
    printed_at: datetime
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReceiver:
    """Who takes the result; a text that is None prints as dots."""

    name: str | None
    identity_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReceiptValues:
    """All that the citizen signs for the result: *Giấy biên nhận trả kết quả*. Instants are aware."""

    form: OfficialForm
    superior_body: str
    unit_name: str  #: the one-stop unit that returns
    place: str
    code: str
    owner_name: str
    address: str | None
    procedure_code: str
    procedure_name: str
    decision: str | None  #: a key of DECISIONS
    received_at: datetime | None
    due_at: datetime | None
    finished_at: datetime
    handed_over_at: datetime | None  #: None: still to be written in
    receivers: tuple[ResultReceiver, ...]
    authorisation: str | None  #: paper by which somebody takes it for others
    collects: tuple[str, ...]  #: papers of which the originals are collected
    fee_vnd: int | None
    officer_name: str
    tracking_url: str
    printed_at: datetime
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultHandoverValues:
    """The way of a result from who resolved it to the desk: *Phiếu bàn giao kết quả*. Instants are aware."""

    form: OfficialForm
    superior_body: str
    agency_name: str  #: of the resolving agency
    place: str
    code: str
    owner_name: str
    procedure_code: str
    procedure_name: str
    decision: str | None  #: a key of DECISIONS
    standing: str | None  #: a key of STANDINGS
    due_at: datetime | None
    finished_at: datetime
    from_unit: str
    given_by: str | None
    given_at: datetime | None
    to_unit: str
    taken_by: str | None
    taken_at: datetime | None
    printed_at: datetime
    zone: str


def invitation_pdf(values: InvitationValues) -> bytes:
    """Print the invitation as PDF/A-2b; the same values give the same bytes.

    Raises:
        ValueError: an instant is naive.
    """
    said = {
        "issuer": one_line(values.agency_name, limit=HEAD).upper(),
        "agency": one_line(values.agency_name, limit=LINE),
        "place": one_line(values.place, limit=CODE),
        "dated": words.date(values.printed_at, values.zone),
        "code": one_line(values.code, limit=CODE),
        "owner": one_line(values.owner_name, limit=LINE),
        "address": _line(values.address),
        "procedure": _procedure(values.procedure_name, values.procedure_code),
        "finished": words.moment(values.finished_at, values.zone),
        "receivers": values.receivers,
        "collects": [one_line(each, limit=LINE) for each in values.collects],
        "officer": one_line(values.officer_name, limit=HEAD),
        "tracking_url": values.tracking_url,
    }
    return pdf("invitation", said, made_at=values.printed_at, images={"qr": qr_svg(values.tracking_url)})


def receipt_fields(values: ResultReceiptValues) -> dict[str, Any]:
    """Return what the receipt for a result prints, worded.

    Raises:
        ValueError: an instant is naive.
    """
    zone = values.zone
    return {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer": one_line(values.unit_name, limit=HEAD).upper(),
        "unit": one_line(values.unit_name, limit=LINE),
        "place": one_line(values.place, limit=CODE),
        "dated": words.date(values.handed_over_at or values.printed_at, zone),
        "code": one_line(values.code, limit=CODE),
        "owner": one_line(values.owner_name, limit=LINE),
        "address": _line(values.address),
        "procedure": _procedure(values.procedure_name, values.procedure_code),
        "decision": None if values.decision is None else DECISIONS[values.decision],
        "received": _moment(values.received_at, zone),
        "due": _moment(values.due_at, zone),
        "finished": words.moment(values.finished_at, zone),
        "handed_over": _moment(values.handed_over_at, zone),
        "receivers": [
            {"name": _line(each.name), "identity_number": _line(each.identity_number)} for each in values.receivers
        ],
        "authorisation": _line(values.authorisation),
        "collects": [one_line(each, limit=LINE) for each in values.collects],
        "fee": None if values.fee_vnd is None else words.money(values.fee_vnd),
        "officer": one_line(values.officer_name, limit=HEAD),
        "tracking_url": values.tracking_url,
    }


def handover_fields(values: ResultHandoverValues) -> dict[str, Any]:
    """Return what the way of a result to the desk prints, worded.

    Raises:
        ValueError: an instant is naive.
    """
    zone = values.zone
    standing = "" if values.standing is None else f" ({STANDINGS[values.standing]})"
    return {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer": one_line(values.agency_name, limit=HEAD).upper(),
        "place": one_line(values.place, limit=CODE),
        "dated": words.date(values.given_at or values.printed_at, zone),
        "code": one_line(values.code, limit=CODE),
        "owner": one_line(values.owner_name, limit=LINE),
        "procedure": _procedure(values.procedure_name, values.procedure_code),
        "decision": None if values.decision is None else DECISIONS[values.decision],
        "due": _moment(values.due_at, zone),
        "finished": words.moment(values.finished_at, zone) + standing,
        "giver": one_line(values.from_unit, limit=LINE),
        "given_by": _line(values.given_by),
        "given": _moment(values.given_at, zone),
        "receiver": one_line(values.to_unit, limit=LINE),
        "taken_by": _line(values.taken_by),
        "taken": _moment(values.taken_at, zone),
    }


def made_at(values: ResultReceiptValues | ResultHandoverValues) -> datetime:
    """Return when the slip was made."""
    return values.printed_at


def _procedure(name: str, code: str) -> str:
    return one_line(f"{name} (mã thủ tục: {code})", limit=LINE)


def _moment(at: datetime | None, zone: str) -> str | None:
    return None if at is None else words.moment(at, zone)


def _line(text: str | None) -> str | None:
    """Return a field's text, or None when there is nothing to print but dots."""
    return None if text is None else (one_line(text, limit=LINE) or None)
