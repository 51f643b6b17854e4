"""The dossiers behind an indicator: those that count, those that are met, those that cost it, those that still may be.

As many as the number says, so that a number on a screen opens its list.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.indicator_catalogue import by_key
from engine.domain.statistics import Window
from engine.errors import NotFoundError
from engine.reports import indicator_shares
from engine.reports.fact_entries import Entry, entries
from engine.reports.fact_lists import PAGE, Found, Row
from engine.reports.indicator_shares import Share
from engine.reports.localities import last_instant
from engine.reports.scope import Asked, Scope
from engine.store.facts import DossierFact

LATE_OPEN = "open_late"  #: the indicator whose numerator is what costs it
LISTED = frozenset(
    {"on_time_received", "on_time_finished", LATE_OPEN, "online_dossiers", "online_payment", "electronic_results",
     "papers_digitised", "papers_reused"}
)  # fmt: skip
#: keys of the indicators whose numbers open a list


class Part(StrEnum):
    """Which dossiers of an indicator."""

    COUNTED = "counted"  #: the denominator; where papers count, the dossiers that have some
    MET = "met"  #: the numerator
    LOST = "lost"  #: what costs points
    SAVABLE = "savable"  #: open ones that may still be met by the end of the period


class NoSuchListError(NotFoundError):
    """No dossiers stand behind this number."""

    code = "indicator-list-not-found"


def dossiers_of(
    ctx: Context, *, by: Actor, asked: Asked, indicator: str, part: Part, unit: str | None = None
) -> list[Entry]:  # fmt: skip
    """Return the dossiers of a part of an indicator, by code.

    Args:
        indicator: key, of ``LISTED``.
        unit: ``AGENCY/UNIT``; None: of all units.

    Raises:
        NoSuchListError: the indicator is no number of dossiers, or nothing is open for it.
        UnknownIndicatorError, NotAllowedError, AgencyNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        scope = Scope.read(ctx, uow, by=by, asked=asked)
        return entries(scope, _chosen(scope, indicator, part, unit, DossierFact))


def page_of(
    ctx: Context, *, by: Actor, asked: Asked, indicator: str, part: Part, unit: str | None = None, page: int = 1
) -> Found:  # fmt: skip
    """Return one page of the same list, and how many there are; the first page is 1.

    Raises:
        as ``dossiers_of``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        scope = Scope.read(ctx, uow, by=by, asked=asked)
        count = uow.session.scalar(_chosen(scope, indicator, part, unit, func.count(DossierFact.dossier_id))) or 0
        some = _chosen(scope, indicator, part, unit, DossierFact).limit(PAGE).offset((page - 1) * PAGE)
        rows = [_row(each) for each in entries(scope, some)]

    def every() -> Iterator[Row]:
        return map(_row, dossiers_of(ctx, by=by, asked=asked, indicator=indicator, part=part, unit=unit))

    return Found(count, page, rows, every)


def _row(each: Entry) -> Row:
    return Row(
        code=each.code or "",
        procedure_code=each.procedure_code,
        procedure_name=each.procedure_name,
        agency=each.agency,
        received_at=each.received_at,
        due_at=each.due_at,
        closed_at=each.closed_at,
        outcome=each.outcome,
        percent_used=None,
        is_late=each.is_late,
        source=each.source,
    )


def _chosen(scope: Scope, indicator: str, part: Part, unit: str | None, *columns: Any) -> Any:
    key = by_key(indicator).key
    if key not in LISTED:
        raise NoSuchListError(f"{key} is not counted from dossiers one by one")
    parts = [
        and_(
            DossierFact.resolving_agency_id.in_(agencies),
            _condition(_share(scope, window, agencies, key), key, part),
        )
        for window, agencies in scope.shared_windows.items()
    ]
    query = scope.facts(*columns).where(or_(*parts))
    return query if unit is None else query.where(DossierFact.unit_id == _unit(scope, unit))


def _share(scope: Scope, window: Window, agencies: Any, key: str) -> Share:
    calendar = scope.localities.calendar(min(agencies))
    return indicator_shares.of_window(window, last_instant(calendar, window.to_on))[key]


def _condition(share: Share, key: str, part: Part) -> ColumnElement[bool]:
    if part is Part.COUNTED:
        return share.counted
    met = and_(share.counted, share.met) if share.done is None else and_(share.counted, share.done > 0)
    if part is Part.MET:
        return met
    if part is Part.LOST:
        return met if key == LATE_OPEN else share.lost
    if share.savable is None:
        raise NoSuchListError(f"{key} has no open dossiers that tell whether it can still be met")
    return share.savable


def _unit(scope: Scope, named: str) -> Any:
    found = next((unit for unit, (key, _name) in scope.units.items() if key == named), None)
    if found is None:
        raise NoSuchListError(f"there is no unit {named[:60]!r}")
    return found
