"""Alembic environment: runs over the connection that ``engine.store.schema`` hands in."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from engine.store.base import Base, UTCDateTime
from engine.store.schema import load_rows


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our types as plain ones, so that an old migration does not depend on today's code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


load_rows()
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_item,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
