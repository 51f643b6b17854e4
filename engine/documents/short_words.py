"""Words for tables: short dates."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def short_date(at: datetime, zone: str) -> str:
    """Return the local date of an aware instant: ``05/03/2026``.

    Raises:
        ValueError: the instant is naive.
    """
    return f"{_local(at, zone):%d/%m/%Y}"


def short_moment(at: datetime, zone: str) -> str:
    """Return the local time and date of an aware instant: ``09:00 05/03/2026``.

    Raises:
        ValueError: the instant is naive.
    """
    return f"{_local(at, zone):%H:%M %d/%m/%Y}"


def _local(at: datetime, zone: str) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return at.astimezone(ZoneInfo(zone))
