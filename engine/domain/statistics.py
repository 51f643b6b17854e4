"""What statistics count: the facts of a dossier, the columns, and what each of them means, defined once.

Reports in Python, in SQL over facts, in SQL over roll-ups and of closed periods all count by these definitions; a
test holds them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from engine.domain.dossier import Channel
from engine.domain.ids import AgencyId, DossierId, OfficerId, ProcedureId, UnitId

NEVER = date(9999, 12, 31)  #: how a row keeps a day that has not come, so that it can be compared


class Outcome(StrEnum):
    """How a dossier has ended by now, by its promise; each has exactly one."""

    OPEN = "open"
    EARLY = "early"  #: finished on a local date before the due date
    ON_TIME = "on_time"  #: finished on the due date or later, but not late
    LATE = "late"  #: finished after ``late_after``
    WITHDRAWN = "withdrawn"  #: by the citizen, before a decision
    STOPPED = "stopped"  #: before a decision


class Apologised(StrEnum):
    """What became of the new date in a letter of apology."""

    NONE = "none"  #: no letter was sent
    SENT = "sent"  #: it named no new date, or that date is still to come
    MET = "met"
    UNKEPT = "unkept"


class Column(StrEnum):
    """A number of a report; each counts every dossier at most once."""

    RECEIVED_IN_PERIOD = "received_in_period"
    RECEIVED_ONLINE = "received_online"
    CARRIED_OVER = "carried_over"
    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    ENDED_LATE = "ended_late"
    OPEN_IN_TIME = "open_in_time"
    OPEN_LATE = "open_late"
    RECEIVED_ON_TIME = "received_on_time"
    RECEIVED_ENDED = "received_ended"
    APOLOGISED = "apologised"
    APOLOGISED_MET = "apologised_met"
    APOLOGISED_UNKEPT = "apologised_unkept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A dossier as statistics see it, as of now; a chain of dossiers is one, named by its first (domain.md §1.7).

    Dates are local to the resolving agency. ``None`` is "not yet" or "not known", never zero.
    """

    dossier_id: DossierId
    code: str | None
    receiving_agency_id: AgencyId
    resolving_agency_id: AgencyId
    returning_agency_id: AgencyId
    procedure_id: ProcedureId
    procedure_code: str
    channel: Channel
    unit_id: UnitId | None  #: who did the longest step of the processing
    officer_id: OfficerId | None
    received_at: datetime
    received_on: date
    due_at: datetime | None  #: the promise that decides, of the last dossier of the chain
    late_after: datetime | None  #: the earliest instant after which a promise is or was broken
    late_on: date | None  #: first date at whose end it was open and late, or on which it ended late
    closed_at: datetime | None  #: finished; or withdrawn or stopped
    closed_on: date | None
    outcome: Outcome
    apologised: Apologised
    apologised_on: date | None
    unkept_on: date | None  #: first date at whose end the new date of the apology has passed; to come while it runs
    used_minutes: int | None  #: office minutes that counted, of a closed dossier
    limit_minutes: int | None  #: office minutes that were promised
    legal_minutes: int | None  #: office minutes that the law grants, when the procedure says so


@dataclass(frozen=True, slots=True)
class Window:
    """Local dates of a period, both included, and now.

    A period that has not ended is cut off now: what is late is late by this instant.
    """

    from_on: date
    to_on: date
    today: date
    now: datetime


def columns_of(fact: Fact, window: Window) -> frozenset[Column]:
    """Return the columns in which a dossier counts, none when the period does not concern it (domain.md §6.3).

    Exactly one of received and carried over, exactly one of finished early, on time, late, withdrawn, stopped, open in
    time and open late: so 3 = 4 + 5 + 6 = 7 + 11 holds by construction.
    """
    if fact.received_on > window.to_on or (fact.closed_on is not None and fact.closed_on < window.from_on):
        return frozenset()
    stands = _standing(fact, window)
    columns = {stands}
    has_ended = stands in (Column.WITHDRAWN, Column.STOPPED)
    is_late = _is_late_by(fact, window)
    if has_ended and is_late:
        columns.add(Column.ENDED_LATE)
    if is_late:
        columns |= _letters(fact, window, stands)
    if fact.received_on < window.from_on:
        return frozenset(columns | {Column.CARRIED_OVER})
    columns.add(Column.RECEIVED_IN_PERIOD)
    if fact.channel is Channel.ONLINE:
        columns.add(Column.RECEIVED_ONLINE)
    if stands in (Column.EARLY, Column.ON_TIME):
        columns.add(Column.RECEIVED_ON_TIME)
    if has_ended:
        columns.add(Column.RECEIVED_ENDED)
    return frozenset(columns)


def _standing(fact: Fact, window: Window) -> Column:
    if fact.closed_on is not None and fact.closed_on <= window.to_on:
        return Column(fact.outcome.value)
    return Column.OPEN_LATE if _is_late_by(fact, window) else Column.OPEN_IN_TIME


def _is_late_by(fact: Fact, window: Window) -> bool:
    """Whether its promise was broken when the period ended, or now, whichever was first; or when it ended."""
    if window.to_on >= window.today and fact.closed_on is None:
        return fact.late_after is not None and fact.late_after < window.now
    return fact.late_on is not None and fact.late_on <= window.to_on


def _letters(fact: Fact, window: Window, stands: Column) -> set[Column]:
    if fact.apologised_on is None or fact.apologised_on > window.to_on:
        return set()
    if _has_passed(fact, window):
        return {Column.APOLOGISED, Column.APOLOGISED_UNKEPT}
    if fact.apologised is Apologised.MET and stands is Column.LATE:
        return {Column.APOLOGISED, Column.APOLOGISED_MET}
    return {Column.APOLOGISED}


def _has_passed(fact: Fact, window: Window) -> bool:
    """Whether the new date was not kept by the end of the period; one that ends today once it is known to have passed.

    On its own day the hour decides, and the clock process marks it within seconds.
    """
    if fact.unkept_on is None or fact.unkept_on > min(window.to_on, window.today):
        return False
    return fact.unkept_on < window.today or fact.apologised is Apologised.UNKEPT


DEFINITIONS = {
    "unit": (
        "one dossier that was received, with a code of its own; dossiers that its result filed (follows) are parts of "
        "it: received when the first was, finished when the last is, late when one of them was (domain.md §1.7)"
    ),
    "received_in_period": "received on a local date of the period",
    "received_online": "of received_in_period: filed online (column 4 of form II.06)",
    "carried_over": "received before the period, neither finished nor ended before it began",
    "early": "finished in the period, on a local date before the due date",
    "on_time": "finished in the period on the due date or later, but not late",
    "late": "finished in the period after late_after",
    "withdrawn": "withdrawn by the citizen in the period, before a decision",
    "stopped": "stopped in the period, before a decision",
    "ended_late": "of withdrawn and stopped: those whose promise was broken when they ended",
    "open_in_time": "not finished and not ended when the period ends (now, if that is earlier), promise not broken",
    "open_late": "not finished and not ended when the period ends (now, if that is earlier), promise broken",
    "received_on_time": "of received_in_period: finished early or on time by the end of the period",
    "received_ended": "of received_in_period: withdrawn or stopped by the end of the period",
    "apologised": "of late, open_late and ended_late: a letter of apology was sent by the end of the period",
    "apologised_met": "of late: apologised, and finished within the new date; they stay late in every rate",
    "apologised_unkept": (
        "of late, open_late and ended_late: apologised, and the new date had passed, too, by the end of the period "
        "(now, if that is earlier)"
    ),
    "rates.finished": "(early + on_time) / (early + on_time + late): decided dossiers only",
    "rates.finished_with_ended": (
        "(early + on_time + withdrawn + stopped) / (the same + late): withdrawn and stopped count as on time, "
        "as in column 9 of form II.06 (domain.md §6.3)"
    ),
    "rates.received": "received_on_time / (received_in_period - received_ended): on time of those received",
    "rates.received_with_ended": (
        "(received_on_time + received_ended) / received_in_period: on time of all that were received "
        "(index 766, domain.md §5)"
    ),
    "late_rule": (
        "of the agency now. day: late after the end of the local due date; instant: late after the due instant. The "
        "promise decides, as it stands now, by the rule that it was made with; an extension by apology never moves it"
    ),
    "late_rules": (
        "how many dossiers of the report are judged by either rule, that of their promise; "
        "a dossier whose clock stands is in neither; null in a report of more than 50,000 dossiers"
    ),
    "excluded": "dossiers that were never received (statuses 1 and 3)",
}  #: what the words of a report mean, and where the rule comes from; printed with every report
