"""What the database holds after a fault, read as rows and compared with what clients were told."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import func, select, text

from engine.context import Context
from engine.domain.events import EventKind
from engine.store.events import Event


def events(ctx: Context) -> Counter[str]:
    """Return how many events there are of each kind."""
    with ctx.unit_of_work(read_only=True) as uow:
        rows = uow.session.execute(select(Event.kind, func.count()).group_by(Event.kind)).all()
    return Counter({str(kind): count for kind, count in rows})


def tasks_done(ctx: Context) -> Counter[str]:
    """Return how often each task was completed, by the events."""
    with ctx.unit_of_work(read_only=True) as uow:
        payloads = uow.session.scalars(select(Event.payload).where(Event.kind == EventKind.TASK_COMPLETED.value)).all()
    return Counter(str(payload["task"]) for payload in payloads)


def column(ctx: Context, statement: str) -> list[Any]:
    """Return the first column of a query."""
    with ctx.unit_of_work(read_only=True) as uow:
        return list(uow.session.scalars(text(statement)))


def number(ctx: Context, statement: str) -> int:
    """Return the one number of a query."""
    return int(column(ctx, statement)[0])
