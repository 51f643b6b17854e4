"""*Phiếu góp ý*: what a citizen says about how they were served, to fill in by hand (domain.md §2.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.documents import words
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.domain.official_forms import OfficialForm

QUESTIONS = (
    "Thời gian giải quyết hồ sơ so với hẹn",
    "Thái độ, trách nhiệm của công chức tiếp nhận, giải quyết",
    "Sự rõ ràng của hướng dẫn, giấy tờ phải nộp",
    "Nơi tiếp nhận, trang thiết bị, cách bố trí",
    "Kết quả giải quyết hồ sơ",
)
ANSWERS = ("Rất hài lòng", "Hài lòng", "Bình thường", "Không hài lòng")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackValues:
    """All that the slip prints; a text that is None prints as dots."""

    form: OfficialForm
    superior_body: str
    unit_name: str
    place: str
    phone: str | None  #: of the agency, for who would rather call
    code: str | None
    applicant_name: str | None
    procedure_name: str | None
    tracking_url: str  #: what the QR code opens
    printed_at: datetime
    zone: str


def fields(values: FeedbackValues) -> dict[str, Any]:
    """Return what the slip prints, worded.

    Raises:
        ValueError: an instant is naive.
    """
    return {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer": one_line(values.unit_name, limit=HEAD).upper(),
        "unit": one_line(values.unit_name, limit=LINE),
        "place": one_line(values.place, limit=CODE),
        "dated": words.date(values.printed_at, values.zone),
        "phone": None if not values.phone else one_line(values.phone, limit=CODE),
        "code": None if values.code is None else one_line(values.code, limit=CODE),
        "applicant": None if values.applicant_name is None else one_line(values.applicant_name, limit=LINE),
        "procedure": None if values.procedure_name is None else one_line(values.procedure_name, limit=LINE),
        "questions": list(QUESTIONS),
        "answers": list(ANSWERS),
        "tracking_url": values.tracking_url,
    }


def made_at(values: FeedbackValues) -> datetime:
    """Return when the slip was made."""
    return values.printed_at
