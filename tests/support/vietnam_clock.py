"""The national calendar, asked and read in local clock time."""

from __future__ import annotations

from datetime import datetime

from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import Cutoff, due, due_instant
from engine.domain.limits import Limit
from engine.seeds.calendar_vn import default_calendar

VN = default_calendar()


def at(clock: str) -> datetime:
    """The instant of a local clock such as ``2026-03-02T09:00``."""
    return VN.at_local(datetime.fromisoformat(clock))


def clock_of(instant: datetime) -> str:
    """The local clock at an instant, to the minute."""
    return VN.local(instant).strftime("%Y-%m-%dT%H:%M")


def due_clock(received: str, limit: str, cutoff: str | None = None, calendar: WorkingCalendar = VN) -> str:
    """Compute a due date as local text, the way the command prints it."""
    asked = {"received_at": at(received), "limit": Limit.parse(limit), "cutoff": Cutoff.parse(cutoff)}
    found = due(calendar, **asked)
    assert found.due_at == due_instant(calendar, **asked)
    return clock_of(found.due_at)
