"""Who caused a lateness, by the ledger of time: the unit that the letter's approval names (domain.md §6.4)."""

from __future__ import annotations

from contextlib import suppress

from engine.domain.calendar import CalendarGapError
from engine.domain.ids import UnitId
from engine.domain.time_ledger import main_cause
from engine.services import receipts, time_used
from engine.services.case import Case


def unit_of(case: Case) -> UnitId | None:
    """Return the unit to which most of the lateness is charged, or whose stage has used most beyond its share.

    None: it is the citizen's, nobody held the dossier, nothing is overrun yet, or the calendar does not reach.
    """
    with suppress(CalendarGapError, receipts.NotReceivedError):
        return main_cause(time_used.ledger_of(case)[1])
    return None
