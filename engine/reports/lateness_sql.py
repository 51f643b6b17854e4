"""The rule of lateness in SQL: the one twin of ``deadlines.is_broken``; every list and count takes it from here.

``services.views.is_late`` says the same of one loaded dossier; a test holds the two together.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, literal, or_

from engine.store.base import UTCDateTime
from engine.store.dossiers import Dossier


def is_late(at: datetime) -> ColumnElement[bool]:
    """Tell whether a promise is broken: the end of processing, or ``at`` without one, is after ``late_after``.

    False while a pause leaves the promise open (domain.md §1.11), unless an earlier appointment was missed.
    """
    counts_at = func.coalesce(Dossier.finished_at, Dossier.ended_at, literal(at, UTCDateTime()))
    lasts = (Dossier.late_after, Dossier.missed_late_after)
    return or_(*(and_(last.is_not(None), counts_at > last) for last in lasts))
