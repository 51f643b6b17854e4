"""Which late dossiers were apologised for, and whether the new date was kept: numbers beside the rate, never in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Join, and_, func, outerjoin, select

from engine.domain.dossier import DeadlineKind, DeadlineState
from engine.domain.statistics import Column
from engine.store.deadlines import Deadline
from engine.store.dossiers import Dossier
from engine.store.letters import Letter

_SENT = (
    select(Letter.dossier_id, func.min(Letter.sent_at, type_=Letter.ordered_at.type).label("sent_at"))
    .where(Letter.sent_at.is_not(None))
    .group_by(Letter.dossier_id)
    .subquery()
)

FACTS: tuple[ColumnElement[Any], ...] = (
    _SENT.c.sent_at.label("apologised_at"),
    Deadline.late_after.label("new_late_after"),
    Deadline.is_broken.label("new_is_broken"),
    Deadline.state.label("new_state"),
)  #: of a row of ``with_letters``: when a letter was sent first, and how its new date stands


def with_letters() -> Join:
    """Return the dossiers, each once, beside what ``FACTS`` says of their letters."""
    watched = and_(
        Deadline.dossier_id == Dossier.id, Deadline.kind == DeadlineKind.EXTENSION, Dossier.extension_count > 0
    )
    return outerjoin(outerjoin(Dossier, _SENT, _SENT.c.dossier_id == Dossier.id), Deadline, watched)


def columns_of(row: Any, *, cut_at: datetime, is_late: bool, is_finished: bool) -> tuple[Column, ...]:
    """Return the columns of letters in which a dossier counts (domain.md §1.9, §6.3).

    Args:
        row: has ``FACTS`` and ``finished_at``, ``ended_at`` of the dossier.
        is_late: a promise was broken by ``cut_at``, the last instant of the period or now.
        is_finished: and the dossier had its result by then.
    """
    if not is_late or row.apologised_at is None or row.apologised_at > cut_at:
        return ()
    if row.new_late_after is None:  # it only apologised, or an older version did not watch its date
        return (Column.APOLOGISED,)
    closed_at = row.finished_at or row.ended_at
    passed = row.new_late_after < cut_at
    running = row.new_state is DeadlineState.RUNNING and (closed_at is None or closed_at > row.new_late_after)
    if passed and (row.new_is_broken or running):
        return Column.APOLOGISED, Column.APOLOGISED_UNKEPT
    if is_finished and not row.new_is_broken:
        return Column.APOLOGISED, Column.APOLOGISED_MET
    return (Column.APOLOGISED,)
