"""*Thông báo nghĩa vụ tài chính*: what the citizen has to pay before the dossier goes on (domain.md §1.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.documents import headed, spelled, words
from engine.documents.headed import NoticeValues
from engine.documents.printable import CODE, LINE, one_line

TITLE = ["THÔNG BÁO", "VỀ VIỆC THỰC HIỆN NGHĨA VỤ TÀI CHÍNH"]
OFFICER = "NGƯỜI THÔNG BÁO"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationValues(NoticeValues):
    """All that the notice prints; no official form exists."""

    amount_vnd: int  #: đồng, from 0 to 10^13
    notice: str  #: the number of the tax notice, or what it is for
    pay_where: str | None  #: where and how to pay; None prints dots
    second_limit_text: str | None = None  #: of the appointment that counts from payment, where there are two
    signer_title: str = OFFICER  #: a line each


def fields(values: ObligationValues) -> dict[str, Any]:
    """Return what the notice prints, worded.

    Raises:
        ValueError: an instant is naive.
    """
    return {
        **headed.fields(values, title=TITLE),
        "notice": one_line(values.notice, limit=LINE),
        "amount": words.money(values.amount_vnd),
        "amount_spelled": spelled.money(values.amount_vnd),
        "pay_where": headed.line(values.pay_where),
        "second_limit": headed.line(values.second_limit_text, limit=CODE),
        "signer_title": headed.title_of(values.signer_title),
    }
