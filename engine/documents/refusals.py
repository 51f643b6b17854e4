"""Form 03: *Phiếu từ chối tiếp nhận giải quyết hồ sơ*, and form CT06 of the residence law (domain.md §2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.documents import headed, words
from engine.documents.headed import NoticeValues
from engine.domain.official_forms import RESIDENCE

TITLE = ["PHIẾU TỪ CHỐI", "TIẾP NHẬN GIẢI QUYẾT HỒ SƠ"]
TITLE_CT = ["PHIẾU TỪ CHỐI", "TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ"]
RECEIVER = "NGƯỜI TIẾP NHẬN HỒ SƠ"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalValues(NoticeValues):
    """All that form 03 and CT06 print; ``signer_name`` is the receiver's, or the head's after appraisal."""

    at_reception: bool  #: it was never received; otherwise it was, and is not granted
    reason: str  #: specific reasons, a line each
    submitted_at: datetime  #: printed for what came online
    channel: str  #: ``direct``, ``online`` (then only the office signs) or ``postal``
    papers_count: int | None = None  #: how many papers came with it; printed for what came online
    signer_title: str = RECEIVER  #: a line each, where the head signs (domain.md §1.6)


def fields(values: RefusalValues) -> dict[str, Any]:
    """Return what the refusal prints, worded.

    Raises:
        UnknownWordError: the channel is unknown.
        ValueError: an instant is naive.
    """
    online = values.channel == "online"
    residence = values.form.form_set == RESIDENCE
    count = values.papers_count
    return {
        **headed.fields(values, title=TITLE_CT if residence else TITLE),
        "office_label": "Đơn vị tiếp nhận" if values.at_reception else "Cơ quan giải quyết",
        "at_reception": values.at_reception,
        "reason": headed.lines(values.reason),
        "channel": words.channel(values.channel),
        "submitted": words.moment(values.submitted_at, values.zone) if online else None,
        "papers_count": words.number(str(count)) if online and count is not None else None,
        "submitter_signs": not online,
        "signer_title": headed.title_of(values.signer_title),
    }
