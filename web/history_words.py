"""History imports in words: what another system's history tells of a dossier."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from engine.domain.events import EventKind
from web.i18n import zone


def history_words(kind: EventKind, said: dict[str, Any]) -> list[str]:
    """Return what the history says of a dossier that was imported: from where, and its steps there.

    Args:
        said: payload of the event.
    """
    if kind is EventKind.IMPORTED:
        return [_("hệ thống %(source)s, mã ở đó %(key)s", source=said["source"], key=said["key"])]
    if kind is not EventKind.HISTORY_STEP:
        return []
    at = datetime.fromisoformat(said["at"]).astimezone(ZoneInfo(zone()))
    who = ", ".join(each for each in (said["officer"], said["unit"]) if each)
    done = _("lúc %(at)s", at=at.strftime("%H:%M %d/%m/%Y"))
    return [said["step"], done, *([who] if who else [])]
