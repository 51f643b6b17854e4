"""Taking back a step that was just done, and sending one back: what cannot be undone, and for how long (issue 5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from engine.domain.events import EventKind

WINDOW = timedelta(minutes=10)  #: in which many steps that were done in one act can be taken back together
SENT_BACK = "sent-back"  #: outcome of a step whose officer sent the dossier back; no model can name it so
TAKEN_BACK = "taken-back"  #: outcome of a step that was open only until the one before it was taken back

_ROWS_ONLY = frozenset(
    {
        EventKind.HANDOVER_RECEIVED,  # stays: who did the step had the dossier in their hands
        EventKind.TASK_COMPLETED,
        EventKind.TASK_OPENED,
        EventKind.TASK_CANCELLED,
        EventKind.HANDED_OVER,
        EventKind.PROCESSING_STARTED,
        EventKind.WAIT_OPENED,
        EventKind.WAIT_CANCELLED,
        EventKind.MILESTONE,  # stays as a line of the history
    }
)


def lasts(kind: str, payload: Mapping[str, Any]) -> bool:
    """Tell whether what an event says cannot be undone: others know of it, or the promise counts from it.

    A decision, a letter, a message that went out, the next dossier of a chain, a pause or its end.
    """
    if kind == EventKind.APPLICANT_NOTIFIED:
        return bool(payload["sent"])
    if kind == EventKind.ESCALATED:
        return bool(payload["mails"])
    return kind not in _ROWS_ONLY
