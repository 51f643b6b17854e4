"""What leaves the database in tests: orders by topic, since each issued paper orders its own print."""

from __future__ import annotations

from engine.context import Context
from engine.services import delivery


def orders(ctx: Context, *topics: str) -> list[int]:
    """Return ids of what is due now of some topics, oldest first."""
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.outbox.due(ctx.clock.now(), 1000, topics=topics)


def carry_out(ctx: Context, *topics: str) -> int:
    """Carry out what is due now of some topics, all when none is named; return how many it were."""
    due = orders(ctx, *topics) if topics else delivery.due(ctx, limit=1000)
    return sum(delivery.deliver(ctx, message_id=message) for message in due)
