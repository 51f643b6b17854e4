"""What would be promised if a dossier came now, after the break, or on the next working day (issue 3, Build 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from engine.domain import deadlines
from engine.domain.calendar import CalendarGapError, WorkingCalendar
from engine.domain.deadlines import Cutoff
from engine.domain.limits import Limit


class Receipt(StrEnum):
    """When the dossier would be received."""

    NOW = "now"
    AFTER_BREAK = "after_break"  #: the next opening of the desk, if there is one later today
    TOMORROW = "tomorrow"  #: the first opening of the desk's next working day


@dataclass(frozen=True, slots=True)
class Rules:
    """By what a promise is made: the resolving agency's calendar, the limit, the procedure's cut-off."""

    calendar: WorkingCalendar
    limit: Limit
    cutoff: Cutoff | None


def simulate(rules: Rules, *, desk: WorkingCalendar, now: datetime) -> list[dict[str, Any]]:
    """Return the promise of each receipt, JSON-ready, instants local to the resolving agency.

    ``reason`` is the start rule when counting does not begin at the receipt itself, else None. A later receipt that
    cannot be computed has ``error`` (code and message) and no dates; nothing else in the list suffers from it.

    Args:
        desk: when the desk receives; the citizen cannot come back at another time.

    Raises:
        CalendarGapError: what would be promised now cannot be computed.
    """
    promised = [_promise(rules, Receipt.NOW, now)]
    for receipt, find in ((Receipt.AFTER_BREAK, _next_opening_today), (Receipt.TOMORROW, _next_working_day)):
        try:
            received_at = find(desk, now)
            if received_at is not None:
                promised.append(_promise(rules, receipt, received_at))
        except CalendarGapError as error:
            promised.append({"when": receipt.value, "error": {"code": error.code, "message": error.message}})
    return promised


def _promise(rules: Rules, receipt: Receipt, received_at: datetime) -> dict[str, Any]:
    calendar, unit = rules.calendar, rules.limit.segments[0].unit
    due = deadlines.due(calendar, received_at=received_at, limit=rules.limit, cutoff=rules.cutoff)
    rule = deadlines.start_rule(calendar, received_at=received_at, unit=unit, cutoff=rules.cutoff)
    return {
        "when": receipt.value,
        "received_at": calendar.local(received_at).isoformat(),
        "counted_from": calendar.local(due.counted_from).isoformat(),
        "due_at": calendar.local(due.due_at).isoformat(),
        "provisional": due.provisional,
        "reason": None if due.counted_from == received_at else rule.value,
    }


def _next_opening_today(desk: WorkingCalendar, now: datetime) -> datetime | None:
    return next((opening for opening, _ in desk.slots(desk.local_date(now)) if opening > now), None)


def _next_working_day(desk: WorkingCalendar, now: datetime) -> datetime:
    return desk.slots(desk.working_day_from(desk.local_date(now) + timedelta(days=1)))[0][0]
