"""The definitions of ``engine.domain.statistics.columns_of`` in SQL: the one twin, over facts and over roll-ups.

What it looks at are days; a cell of a roll-up gives halves of months instead, which say the same wherever no half is
torn by an end of the period (``tally`` sees to that). A test holds twin and definition together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_

from engine.domain.dossier import Channel
from engine.domain.statistics import Apologised, Column, Outcome, Window
from engine.store.facts import DossierFact

_ENDED = (Outcome.WITHDRAWN.value, Outcome.STOPPED.value)
_KEPT = (Outcome.EARLY.value, Outcome.ON_TIME.value)
DECIDED = (*_KEPT, Outcome.LATE.value)  #: outcomes of what was finished: the denominator of rate ``finished``
_CLOSED = [outcome for outcome in Outcome if outcome is not Outcome.OPEN]
FAR = date(9990, 1, 1)  #: later than any day that was counted: NEVER, or the half of a month that it lies in


@dataclass(frozen=True, slots=True)
class Days:
    """The columns that decide where a dossier counts.

    Args:
        is_broken_now: of an open dossier: its promise is broken at this instant.
        online: how many were filed online, of rows that count several; else the channel tells.
    """

    received: ColumnElement[date]
    closed: ColumnElement[date]
    late: ColumnElement[date]
    outcome: ColumnElement[str]
    channel: ColumnElement[str]
    apologised: ColumnElement[str]
    apologised_on: ColumnElement[date]
    unkept: ColumnElement[date]
    is_broken_now: ColumnElement[bool]
    online: ColumnElement[int] | None = None


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends of a period: values, or columns of a table of periods.

    Args:
        until: the end, or today where that is earlier.
        is_present: whether it has not ended yet.
    """

    from_on: ColumnElement[date] | date
    to_on: ColumnElement[date] | date
    until: ColumnElement[date] | date
    is_present: ColumnElement[bool]


def of_facts(window: Window) -> Days:
    """Return the columns of ``DossierFact``; its agencies have the window's date today."""
    fact: Any = DossierFact
    return Days(
        received=fact.received_on,
        closed=fact.closed_on,
        late=fact.late_on,
        outcome=fact.outcome,
        channel=fact.channel,
        apologised=fact.apologised,
        apologised_on=fact.apologised_on,
        unkept=fact.unkept_on,
        is_broken_now=and_(fact.late_after.is_not(None), fact.late_after < window.now),
    )


def concerned(days: Days, ends: Ends) -> ColumnElement[bool]:
    """Return the condition that the period concerns a dossier: it counts in some column."""
    return and_(days.received <= ends.to_on, days.closed >= ends.from_on)


def conditions(days: Days, ends: Ends) -> Mapping[Column, ColumnElement[bool]]:
    """Return for each column the condition that a dossier which the period concerns counts in it."""
    closed = days.closed <= ends.to_on
    is_open = days.closed > ends.to_on
    late = _is_late(days, ends)
    ended = and_(closed, days.outcome.in_(_ENDED))
    kept = and_(closed, days.outcome.in_(_KEPT))
    inside = days.received >= ends.from_on
    apologised = and_(late, days.apologised_on <= ends.to_on)
    is_known = or_(days.unkept < ends.until, ~ends.is_present, days.apologised == Apologised.UNKEPT.value)
    has_passed = and_(days.unkept <= ends.until, is_known)
    unkept = and_(apologised, has_passed)
    met = and_(
        apologised,
        ~has_passed,
        days.apologised == Apologised.MET.value,
        closed,
        days.outcome == Outcome.LATE.value,
    )
    return {
        Column.RECEIVED_IN_PERIOD: inside,
        Column.RECEIVED_ONLINE: and_(inside, days.channel == Channel.ONLINE.value),
        Column.CARRIED_OVER: days.received < ends.from_on,
        **{
            Column(each.value): and_(closed, days.outcome == each.value) for each in Outcome if each is not Outcome.OPEN
        },
        Column.ENDED_LATE: and_(ended, late),
        Column.OPEN_IN_TIME: and_(is_open, ~late),
        Column.OPEN_LATE: and_(is_open, late),
        Column.RECEIVED_ON_TIME: and_(inside, kept),
        Column.RECEIVED_ENDED: and_(inside, ended),
        Column.APOLOGISED: apologised,
        Column.APOLOGISED_MET: met,
        Column.APOLOGISED_UNKEPT: unkept,
    }


def in_column(column: Column, window: Window) -> ColumnElement[bool]:
    """Return the condition that a fact counts in a column of one window (all of it, that it is concerned too)."""
    days, ends = of_facts(window), ends_of(window)
    return and_(concerned(days, ends), conditions(days, ends)[column])


def sums(days: Days, ends: Ends, weight: ColumnElement[int]) -> list[ColumnElement[int]]:
    """Return the sum of each column, in the order of ``Column``, over rows that the period concerns."""
    each = conditions(days, ends)
    weights: dict[Column, ColumnElement[int]] = dict.fromkeys(Column, weight)
    if days.online is not None:
        each = {**each, Column.RECEIVED_ONLINE: each[Column.RECEIVED_IN_PERIOD]}
        weights[Column.RECEIVED_ONLINE] = days.online
    return [func.coalesce(func.sum(weights[name]).filter(each[name]), 0).label(name.value) for name in Column]


def ends_of(window: Window) -> Ends:
    """Return the ends of one window."""
    return Ends(window.from_on, window.to_on, min(window.to_on, window.today), literal(window.to_on >= window.today))


def _is_late(days: Days, ends: Ends) -> ColumnElement[bool]:
    """Twin of ``statistics._is_late_by``."""
    # the day alone would do for most; it is said first, so that an index finds the few that are open and late
    return and_(days.late <= ends.to_on, or_(~ends.is_present, days.closed <= FAR, days.is_broken_now))
