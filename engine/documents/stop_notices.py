"""Form 05: *Thông báo dừng giải quyết hồ sơ*; our draft of its layout, as the annex was not found (domain.md §2.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.documents import headed, words
from engine.documents.headed import NoticeValues
from engine.documents.printable import LINE, one_line
from engine.documents.values import PaperLine

TITLE = ["THÔNG BÁO", "DỪNG GIẢI QUYẾT HỒ SƠ"]
DRAFT_LAYOUT = "Bố cục dự thảo, chờ phụ lục chính thức"
HEAD_OF_DESK = "TRƯỞNG BỘ PHẬN\nTIẾP NHẬN VÀ TRẢ KẾT QUẢ"


@dataclass(frozen=True, slots=True, kw_only=True)
class StopValues(NoticeValues):
    """All that form 05 prints: at the citizen's request (domain.md §1.10), or on a legal ground of the agency."""

    received_at: datetime | None  #: of the dossier
    requested_at: datetime | None  #: when the citizen asked for it; None: nobody did, it ends on a ground of the agency
    requested_how: str | None  #: ``direct``, ``online`` or ``postal``
    state: str  #: of the dossier at that time, in words
    reason: str  #: of the request, or the legal ground; may have several lines
    papers_back: tuple[PaperLine, ...]  #: what is given back
    refund_vnd: int | None  #: đồng that is paid back; 0: none; None: not settled, prints dots
    signer_title: str = HEAD_OF_DESK  #: a line each


def fields(values: StopValues) -> dict[str, Any]:
    """Return what the notice prints, worded.

    Raises:
        UnknownWordError: the channel is unknown.
        ValueError: an instant is naive.
    """
    zone, how = values.zone, values.requested_how
    return {
        **headed.fields(values, title=TITLE),
        "draft_layout": DRAFT_LAYOUT,
        "received": None if values.received_at is None else words.moment(values.received_at, zone),
        "requested": None if values.requested_at is None else words.moment(values.requested_at, zone),
        "requested_how": None if how is None else words.channel(how),
        "state": one_line(values.state, limit=LINE),
        "reason": headed.lines(values.reason),
        "papers_back": [headed.paper(each) for each in values.papers_back],
        "refund": _refund(values.refund_vnd),
        "signer_title": headed.title_of(values.signer_title),
    }


def _refund(amount: int | None) -> str | None:
    if amount is None:
        return None
    return "không có" if amount == 0 else words.money(amount)
