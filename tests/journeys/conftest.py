"""Journeys in a browser run twice: a desk's screen on SQLite, a phone's on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.contexts import make_context
from tests.support.desk_journey import Journey, a_journey


@pytest.fixture(params=[("sqlite_url", "desk"), ("postgres_url", "phone")], ids=["sqlite-desk", "postgresql-phone"])
def journey(request: pytest.FixtureRequest, tmp_path: Path, chromium: str) -> Iterator[Journey]:
    """A served site over an empty, migrated database and a browser; ``journey.ctx`` is its context."""
    database, size = request.param
    ctx = make_context(tmp_path, request.getfixturevalue(database))
    with a_journey(chromium, ctx, size) as made:
        yield made
    ctx.database.close()
