"""Sums and histograms of used time in SQL: from roll-ups and their journal where they can tell, else from facts.

Dossiers count by the day on which they were closed. Halves of months that an end of the period tears are counted from
facts, as in ``tally``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from engine.domain.ids import AgencyId
from engine.domain.rollups import half_after, half_of, quarter_after, quarter_of
from engine.reports.on_time_values import Per, Period
from engine.store.facts import DossierFact, RollupCell, RollupDelta, RollupTime
from engine.store.rollups import BY_QUARTER, BY_YEAR
from engine.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Sums:
    """Office minutes of dossiers added up.

    Args:
        timed: dossiers whose used and promised time is known.
        legal_timed: of them, those whose procedure says what the law grants.
    """

    timed: int = 0
    used_minutes: int = 0
    limit_minutes: int = 0
    legal_timed: int = 0
    legal_used_minutes: int = 0
    legal_minutes: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is added up.

    Args:
        per: agency or procedure.
        counted: resolving agencies.
        is_everybody: these are all agencies there are, so that roll-ups by procedure tell of them.
    """

    period: Period
    per: Per
    counted: frozenset[AgencyId]
    is_everybody: bool


def sums(uow: UnitOfWork, asked: Asked) -> dict[Any, Sums]:
    """Return the sums of each line that has any dossier, by the id of the agency or the code of the procedure."""
    found: dict[Any, Sums] = {}
    for key, *numbers in uow.session.execute(_united(asked, _SUMS)):
        found[key] = found.get(key, Sums()) + Sums(*(int(number) for number in numbers))
    return {key: each for key, each in found.items() if each.timed}


def shares(uow: UnitOfWork, asked: Asked) -> dict[Any, Counter[int]]:
    """Return of each line how many dossiers used which share of their limit, in percent."""
    counted = _united(asked, _SHARES).subquery().c
    pair = cast(counted.percent_used, String) + ":" + cast(counted.number, String)
    # a row a line: thousands of rows would take longer to fetch than to find
    told = select(counted.key, func.aggregate_strings(pair, ",")).group_by(counted.key)
    found: dict[Any, Counter[int]] = {}
    for key, pairs in uow.session.execute(told):
        line = found.setdefault(key, Counter())
        for each in pairs.split(","):
            percent, _, number = each.partition(":")
            line[int(percent)] += int(number)
    return {key: +each for key, each in found.items() if +each}


def averages(
    uow: UnitOfWork, counted: Collection[AgencyId], period: Period
) -> dict[tuple[AgencyId, str], tuple[int, int]]:
    """Return by resolving agency and procedure how many dossiers were closed, and the minutes that they used."""
    query = select(
        DossierFact.resolving_agency_id, DossierFact.procedure_code, func.count(), func.sum(DossierFact.used_minutes)
    ).where(
        DossierFact.resolving_agency_id.in_(sorted(counted)),
        DossierFact.closed_on.between(period.from_on, period.to_on),
        DossierFact.percent_used >= 0,
    )
    rows = uow.session.execute(query.group_by(DossierFact.resolving_agency_id, DossierFact.procedure_code))
    return {(agency, code): (count, int(minutes or 0)) for agency, code, count, minutes in rows}


def torn(period: Period) -> list[tuple[date, date]]:
    """Return the parts of a period, both ends included, that are no whole halves of months."""
    begins, ends = half_of(period.from_on), half_after(period.to_on) - timedelta(days=1)
    is_whole_first, is_whole_last = begins == period.from_on, ends == period.to_on
    if begins == half_of(period.to_on):
        return [] if is_whole_first and is_whole_last else [(period.from_on, period.to_on)]
    parts = [] if is_whole_first else [(period.from_on, half_after(period.from_on) - timedelta(days=1))]
    return parts if is_whole_last else [*parts, (half_of(period.to_on), period.to_on)]


_SUMS, _SHARES = "sums", "shares"


def _united(asked: Asked, what: str) -> Any:
    queries = [_from_facts(asked, what, [(asked.period.from_on, asked.period.to_on)])]
    if asked.per is Per.AGENCY or asked.is_everybody:
        queries = [_from_cells(asked, what), _from_journal(asked, what)]
        if parts := torn(asked.period):
            queries.append(_from_facts(asked, what, parts))
    return union_all(*queries) if len(queries) > 1 else queries[0]


def _key(asked: Asked, agency: Any, procedure: Any) -> Any:
    return (agency if asked.per is Per.AGENCY else procedure).label("key")


def _whole(closed_half: Any, period: Period) -> ColumnElement[bool]:
    """Return the condition that the whole half of a cell lies in the period."""
    return and_(closed_half >= period.from_on, closed_half < _torn_from(period))


def _torn_from(period: Period) -> date:
    """Return the first day that the last whole half of a period does not reach."""
    after = half_after(period.to_on)
    return after if after - timedelta(days=1) == period.to_on else half_of(period.to_on)


def _histograms(grain: str, period: Period) -> ColumnElement[bool]:
    """Return which histograms together tell of the whole halves of a period: years, quarters and halves around them."""
    first, end = period.from_on, _torn_from(period)
    parts = _spans(first, end, [(BY_YEAR, _year_of, _year_after), (BY_QUARTER, quarter_of, quarter_after)])
    grain_of, closed_from = RollupTime.grain, RollupTime.closed_from
    return or_(
        false(), *(and_(grain_of == grain + suffix, closed_from >= of, closed_from < to) for suffix, of, to in parts)
    )


def _year_of(on: date) -> date:
    return date(on.year, 1, 1)


def _year_after(on: date) -> date:
    return date(on.year + 1, 1, 1)


_Day = Callable[[date], date]


def _spans(first: date, end: date, levels: Sequence[tuple[str, _Day, _Day]]) -> list[tuple[str, date, date]]:
    """Cut the days from ``first`` up to before ``end`` into the longest spans: the suffix of their grain, from, to."""
    if first >= end:
        return []
    if not levels:
        return [("", first, end)]
    (suffix, begin, after), *shorter = levels
    of, to = (first if begin(first) == first else after(first)), begin(end)
    if of >= to:
        return _spans(first, end, shorter)
    return [*_spans(first, of, shorter), (suffix, of, to), *_spans(to, end, shorter)]


def _from_cells(asked: Asked, what: str) -> Select[*tuple[Any, ...]]:
    by_agency = asked.per is Per.AGENCY
    grain = "resolving" if by_agency else "procedure"
    if what is _SHARES:
        key = _key(asked, RollupTime.agency_id, RollupTime.code)
        mine = true() if asked.is_everybody else RollupTime.agency_id.in_(sorted(asked.counted))
        share = RollupTime.percent_used
        return select(key, share, RollupTime.dossiers.label("number")).where(_histograms(grain, asked.period), mine)
    table = RollupCell
    key = _key(asked, table.agency_id, table.code)
    mine = true() if asked.is_everybody else table.agency_id.in_(sorted(asked.counted))
    where = and_(table.grain == grain, mine, _whole(table.closed_half, asked.period))
    return select(key, *(func.sum(getattr(table, name)) for name in Sums.__slots__)).where(where).group_by(key)


def _from_journal(asked: Asked, what: str) -> Select[*tuple[Any, ...]]:
    table = RollupDelta
    where = and_(table.resolving_agency_id.in_(sorted(asked.counted)), _whole(table.closed_half, asked.period))
    return _added(asked, what, table, table.weight).where(where)


def _from_facts(asked: Asked, what: str, parts: list[tuple[date, date]]) -> Select[*tuple[Any, ...]]:
    table = DossierFact
    closed = or_(*(table.closed_on.between(first, last) for first, last in parts))
    return _added(asked, what, table, literal(1)).where(table.resolving_agency_id.in_(sorted(asked.counted)), closed)


def _added(asked: Asked, what: str, table: Any, weight: Any) -> Select[*tuple[Any, ...]]:
    key = _key(asked, table.resolving_agency_id, table.procedure_code)
    if what is _SHARES:
        query = select(key, table.percent_used, func.sum(weight).label("number")).where(table.percent_used >= 0)
        return query.group_by(key, table.percent_used)
    legal = table.legal_minutes.is_not(None)
    numbers = (
        weight,
        weight * table.used_minutes,
        weight * table.limit_minutes,
        case((legal, weight), else_=0),
        case((legal, weight * table.used_minutes), else_=0),
        case((legal, weight * table.legal_minutes), else_=0),
    )
    return select(key, *(func.sum(number) for number in numbers)).where(table.percent_used >= 0).group_by(key)
