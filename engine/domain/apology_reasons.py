"""What a reason for lateness must say: more than the name of its cause, else it is a robot's letter (peers.md §4.9)."""

from __future__ import annotations

import re
from typing import Final

from engine.domain.dossier import Cause
from engine.domain.text import fold

FEWEST_WORDS = 4  #: Vietnamese words of one syllable each: "Thiếu người thụ lý"
LABELS: Final[dict[Cause, str]] = {  #: as the desk's list of causes words them (domain.md §6.4)
    Cause.RULE: "Quy định pháp luật chưa rõ hoặc vướng mắc",
    Cause.STAFF: "Cán bộ, công chức (thiếu người, chậm xử lý)",
    Cause.COOPERATION: "Cơ quan phối hợp chậm trả lời",
    Cause.DOSSIER: "Hồ sơ phức tạp, cần xác minh thêm",
    Cause.OTHER: "Nguyên nhân khác",
}
_WORD = re.compile(r"\w+")
_EMPTY = frozenset(fold("do vì bởi tại lý do nguyên nhân là của bị nên và hoặc khác").split())


def says_something(cause: Cause, reason: str) -> bool:
    """Tell whether a reason has a few words, and one at least that the label of its cause does not have."""
    words = _WORD.findall(fold(reason))
    known = {*_WORD.findall(fold(LABELS[cause])), *_EMPTY}
    return len(words) >= FEWEST_WORDS and any(word not in known and not word.isdigit() for word in words)
