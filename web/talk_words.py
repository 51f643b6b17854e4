"""The history of what officers ask each other, and of acts on behalf of somebody, in words."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from engine.domain.events import EventKind

STANCES: dict[str, LazyString] = {
    "agree": lazy_gettext("Đồng ý"),
    "disagree": lazy_gettext("Không đồng ý"),
    "remark": lazy_gettext("Có ý kiến khác"),
}
_OPINIONS = frozenset({EventKind.OPINION_ASKED, EventKind.OPINION_GIVEN, EventKind.OPINION_WITHDRAWN})


def talk_words(kind: EventKind, event: dict[str, Any]) -> list[str]:
    """Return what matters of an opinion or a declined refusal, and in whose place the officer acted.

    Args:
        event: of ``reading.timeline``; ``behalf`` is the name of the absent officer.
    """
    said = event["facts"]
    words = []
    if kind in _OPINIONS:
        words.append(_("lần %(no)s", no=said["no"]))
        words.append(str(STANCES[said["stance"]]) if "stance" in said else "")
        words.append(said.get("question", ""))
    elif kind is EventKind.REFUSAL_DECLINED:
        words.append(said["answer"])
    if event.get("behalf"):
        words.append(_("thay mặt %(who)s", who=event["behalf"]))
    return words
