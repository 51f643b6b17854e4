"""Form 02: *Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ* (domain.md §2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.documents import headed, words
from engine.documents.headed import NoticeValues
from engine.documents.printable import CODE, HEAD, LINE, one_line

TITLE = ["PHIẾU YÊU CẦU", "BỔ SUNG, HOÀN THIỆN HỒ SƠ"]
GUIDE = "NGƯỜI HƯỚNG DẪN"  #: who signs at the desk; during appraisal the head of the agency does (domain.md §1.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementValues(NoticeValues):
    """All that form 02 prints; ``signer_name`` is the guide's, or the head's during appraisal."""

    items: tuple[str, ...]  #: what is asked for, all of it at once
    reason: str  #: may have several lines
    contact_name: str  #: the officer whom the citizen can ask
    contact_phone: str | None  #: of that officer or the desk
    answer_due_at: datetime | None = None  #: until when the citizen can answer, before the dossier is closed
    signer_title: str = GUIDE  #: a line each, where somebody else signs


def fields(values: SupplementValues) -> dict[str, Any]:
    """Return what the request prints, worded.

    Raises:
        ValueError: an instant is naive.
    """
    until = values.answer_due_at
    return {
        **headed.fields(values, title=TITLE),
        "items": [one_line(item, limit=LINE) for item in values.items],
        "reason": headed.lines(values.reason),
        "contact": {
            "name": headed.line(values.contact_name, limit=HEAD),
            "phone": headed.line(values.contact_phone, limit=CODE),
        },
        "answer_due": None if until is None else words.moment(until, values.zone),
        "signer_title": headed.title_of(values.signer_title),
    }
