"""Counting in SQL: from cells of the roll-ups and their journal where they can tell, else from facts.

A cell knows halves of months. Where an end of a period lies inside of a half, the cells that the end tears are left out
and the facts that they are made of are counted themselves; so both ways say the same to the last dossier. Cells,
journal and torn facts are read by one statement: they are of one moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from engine.domain.dossier import Channel
from engine.domain.ids import AgencyId
from engine.domain.rollups import half_after, half_of, quarter_of
from engine.domain.statistics import NEVER, Apologised, Column, Window
from engine.reports import columns_sql, fact_rows
from engine.reports.columns_sql import FAR, Days, Ends
from engine.reports.localities import Localities, last_instant
from engine.reports.on_time_values import Dimension, Per, Period
from engine.store.base import UTCDateTime
from engine.store.deadlines import Pause
from engine.store.facts import DossierFact, RollupCell, RollupDelta
from engine.store.rollups import BY_QUARTER, letter_days
from engine.store.unit_of_work import UnitOfWork

WHOLE = date(1970, 1, 1)  # a half before all halves: nothing is torn
_BY_CODE = {Per.PROCEDURE: "procedure", Per.FIELD: "procedure", Per.CHANNEL: "channel"}  # grains over all agencies
Key = tuple[int, Any]  #: number of the period, and what stands for the line: an id, a code, or "" by month
_FACT_KEYS: Mapping[Per, Any] = {
    Per.PROCEDURE: DossierFact.procedure_code,
    Per.FIELD: DossierFact.procedure_id,
    Per.CHANNEL: DossierFact.channel,
    Per.OFFICER: DossierFact.officer_id,
    Per.UNIT: DossierFact.unit_id,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted.

    Args:
        periods: the first is the whole; further ones are counted for all agencies together (by month).
        counted: ids of agencies.
        by_code: of lines by field: procedures of one code are of one field, so that codes tell fields.
    """

    periods: Sequence[Period]
    per: Per
    dimension: Dimension
    counted: frozenset[AgencyId]
    by_code: bool = True


def tally(uow: UnitOfWork, asked: Asked, localities: Localities, now: datetime) -> dict[Key, Counter[Column]]:
    """Return the columns of each line that has any, for each period by its number.

    The key of a line: id of the agency, code of the procedure (by field: code or id of the procedure), channel, id of
    officer or unit, by month "".
    """
    zones = _zones(localities, now)
    if len(zones) == 1 and _cells_tell(asked, localities):
        is_everybody = asked.counted >= localities.agencies.keys()
        queries = _from_cells(asked, today=min(zones), now=now, is_everybody=is_everybody)
    else:
        queries = [
            _from_facts(asked, no, _window(period, today, now), _resolved_by(agencies))
            for today, agencies in zones.items()
            for no, period in enumerate(asked.periods)
        ]
    counts: dict[Key, Counter[Column]] = {}
    for row in uow.session.execute(union_all(*queries) if len(queries) > 1 else queries[0]):
        line = counts.setdefault((row[0], row[1]), Counter())
        for column, number in zip(Column, row[2:], strict=True):
            line[column] += int(number)
    return {key: line for key, line in counts.items() if line.total()}


def paused(uow: UnitOfWork, asked: Asked, localities: Localities, now: datetime) -> dict[Key, int]:
    """Return how many dossiers of each line were open at the end of each period, or are now, while their clock stood.

    Of a chain, pauses of the first dossier.
    """
    counts: Counter[Key] = Counter()
    for agencies in _zones(localities, now).values():
        calendar = localities.calendar(min(agencies))
        table = union_all(
            *(
                select(
                    literal(no).label("no"),
                    literal(period.to_on, Date()).label("to_on"),
                    literal(min(last_instant(calendar, period.to_on), now), UTCDateTime()).label("cut_at"),
                )
                for no, period in enumerate(asked.periods)
            )
        ).cte("ends")
        key = _fact_key(asked).label("key")
        joined = select(table.c.no, key, func.count()).select_from(table)
        query = joined.join(DossierFact, _stands(table.c.to_on, table.c.cut_at)).where(
            _counts(asked), _resolved_by(agencies)
        )
        for no, name, count in uow.session.execute(query.group_by(table.c.no, key)):
            counts[no, name] += count
    return counts


def is_paused(period: Period, localities: Localities, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a fact is one of those that ``paused`` counts."""
    parts: list[ColumnElement[bool]] = []
    for agencies in _zones(localities, now).values():
        cut_at = min(last_instant(localities.calendar(min(agencies)), period.to_on), now)
        parts.append(and_(_resolved_by(agencies), _stands(literal(period.to_on), literal(cut_at, UTCDateTime()))))
    return or_(*parts)


def _stands(to_on: ColumnElement[date], cut_at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Tell of a fact whether it was open at the end of a period while its clock stood."""
    stood = exists().where(
        Pause.dossier_id == DossierFact.dossier_id,
        Pause.started_at <= cut_at,
        or_(Pause.ended_at.is_(None), Pause.ended_at > cut_at),
    )
    return and_(DossierFact.received_on <= to_on, DossierFact.closed_on > to_on, stood)


def _resolved_by(agencies: Sequence[AgencyId]) -> ColumnElement[bool]:
    return DossierFact.resolving_agency_id.in_(agencies)


def windows(period: Period, localities: Localities, now: datetime) -> dict[Window, list[AgencyId]]:
    """Return the resolving agencies by the window of the period: more than one where local dates differ now."""
    return {_window(period, today, now): agencies for today, agencies in _zones(localities, now).items()}


def _window(period: Period, today: date, now: datetime) -> Window:
    return Window(period.from_on, period.to_on, today, now)


def _zones(localities: Localities, now: datetime) -> dict[date, list[AgencyId]]:
    zones: dict[date, list[AgencyId]] = {}
    for agency in sorted(localities.agencies):
        zones.setdefault(localities.calendar(agency).local_date(now), []).append(agency)
    return zones


def _cells_tell(asked: Asked, localities: Localities) -> bool:
    """Whether the lines are lines of cells: those of codes know no agency, nobody's know officer or unit."""
    if asked.per in (Per.OFFICER, Per.UNIT) or (asked.per is Per.FIELD and not asked.by_code):
        return False
    return asked.per not in _BY_CODE or asked.counted >= localities.agencies.keys()


def _fact_key(asked: Asked) -> ColumnElement[Any]:
    key: ColumnElement[Any]
    if asked.per is Per.AGENCY:
        key = fact_rows.AGENCY[asked.dimension].expression
    elif asked.per is Per.MONTH:
        key = literal("")
    elif asked.per is Per.FIELD and asked.by_code:
        key = DossierFact.procedure_code.expression
    else:
        key = _FACT_KEYS[asked.per]
    return key


def _counts(asked: Asked) -> ColumnElement[bool]:
    return fact_rows.AGENCY[asked.dimension].in_(sorted(asked.counted))


def _from_facts(asked: Asked, no: int, window: Window, which: ColumnElement[bool]) -> Select[Any]:
    """Count the facts of a period for which a condition holds."""
    days, ends, key = columns_sql.of_facts(window), columns_sql.ends_of(window), _fact_key(asked)
    columns = columns_sql.sums(days, ends, literal(1))
    found = select(literal(no).label("no"), key.label("key"), *columns)
    return found.where(_counts(asked), columns_sql.concerned(days, ends), which).group_by(key)


# --- cells ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Torn:
    """The halves that the ends of a period tear, ``WHOLE`` where an end lies between two of them.

    Args:
        by_until: torn by the end of the period, or by now where that is earlier: a new date of today may have passed.
        by_now: in which the promise of an open dossier may be broken or not, by the hour; of a period that goes on.
    """

    by_from: Any
    by_to: Any
    by_until: Any
    by_now: Any

    @classmethod
    def of(cls, window: Window) -> _Torn:
        begins = half_of(window.from_on)
        now = half_of(window.today) if window.to_on >= window.today else WHOLE
        return cls(
            by_from=WHOLE if begins == window.from_on else begins,
            by_to=_torn_by_end(window.to_on),
            by_until=_torn_by_end(window.to_on) if now == WHOLE else now,
            by_now=now,
        )

    def halves(self) -> tuple[Any, ...]:
        return (self.by_from, self.by_to, self.by_until, self.by_now)


def _torn_by_end(on: date) -> date:
    return WHOLE if _last_of_half(on) == on else half_of(on)


def _last_of_half(on: date) -> date:
    return half_after(on) - timedelta(days=1)


def _from_cells(asked: Asked, *, today: date, now: datetime, is_everybody: bool) -> list[Select[Any]]:
    """Count the cells and the journal for all periods, and for each period the facts of what its ends tear."""
    windows = [_window(period, today, now) for period in asked.periods]
    rolled = _rolled(asked, by_quarter=all(map(_is_quarters, windows)), is_everybody=is_everybody)
    if len(windows) == 1:
        ends, torn, no = columns_sql.ends_of(windows[0]), _Torn.of(windows[0]), literal(0)
    else:
        table = _table(windows)
        ends = Ends(table.c.from_on, table.c.to_on, table.c.until, table.c.is_present)
        torn, no = _Torn(table.c.by_from, table.c.by_to, table.c.by_until, table.c.by_now), table.c.no
    days = _days(rolled, half_of(today))
    key = rolled.c.key
    whole = select(no.label("no"), key.label("key"), *columns_sql.sums(days, ends, rolled.c.dossiers)).where(
        columns_sql.concerned(days, ends), ~_is_torn(days, torn), ~_letter_is_torn(days, ends, torn)
    )
    queries = [whole.group_by(no, key) if len(windows) > 1 else whole.group_by(key)]
    for at, window in enumerate(windows):
        torn = _Torn.of(window)
        if any(half != WHOLE for half in torn.halves()):
            queries.append(_from_facts(asked, at, window, _torn_facts(rolled, window, torn)))
    return queries


def _is_quarters(window: Window) -> bool:
    """Whether a period is whole calendar quarters that have passed: cells by quarter say the same, and are fewer."""
    begins, after = window.from_on, window.to_on + timedelta(days=1)
    return window.to_on < window.today and (quarter_of(begins), quarter_of(after)) == (begins, after)


def _rolled(asked: Asked, *, by_quarter: bool, is_everybody: bool) -> Any:
    """Return what is rolled up: cells and journal with the key of a line, bounded by the whole period."""
    grain = _BY_CODE.get(asked.per, asked.dimension.value) + (BY_QUARTER if by_quarter else "")
    numbers = RollupCell.dossiers, RollupCell.online
    cells = select(*_parts(RollupCell, _rolled_key(asked, RollupCell)), *numbers).where(
        RollupCell.grain == grain,
        true() if asked.per in _BY_CODE or is_everybody else RollupCell.agency_id.in_(sorted(asked.counted)),
    )
    agency = {
        Dimension.RECEIVING: RollupDelta.receiving_agency_id,
        Dimension.RESOLVING: RollupDelta.resolving_agency_id,
        Dimension.RETURNING: RollupDelta.returning_agency_id,
    }[asked.dimension]
    online = case((RollupDelta.channel == Channel.ONLINE.value, RollupDelta.weight), else_=0)
    numbers_of_journal = RollupDelta.weight.label("dossiers"), online.label("online")
    journal = select(*_parts(RollupDelta, _rolled_key(asked, RollupDelta)), *numbers_of_journal).where(
        true() if is_everybody else agency.in_(sorted(asked.counted))
    )
    from_half, to_on = half_of(min(each.from_on for each in asked.periods)), max(each.to_on for each in asked.periods)
    both = union_all(
        *(
            query.where(table.received_half <= to_on, table.closed_half >= from_half)
            for query, table in ((cells, RollupCell), (journal, RollupDelta))
        )
    ).subquery("rolled")
    if len(asked.periods) == 1:
        return both
    # few are left to be looked at for each period
    parts = [column for column in both.c if column.name not in ("dossiers", "online")]
    added = [func.sum(both.c[name]).label(name) for name in ("dossiers", "online")]
    return select(*parts, *added).group_by(*parts).cte("gathered")


def _parts(table: Any, key: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    names = "received_half", "closed_half", "late_half", "outcome", "apologised", "apologised_half"
    parts: list[ColumnElement[Any]] = [getattr(table, name).label(name) for name in (*names, "unkept_half")]
    return [key.label("key"), *parts]


def _rolled_key(asked: Asked, table: Any) -> ColumnElement[Any]:
    names = {Per.CHANNEL: "channel", Per.PROCEDURE: "procedure_code", Per.FIELD: "procedure_code"}
    names[Per.AGENCY] = f"{asked.dimension.value}_agency_id"
    name = names.get(asked.per)
    if name is not None and table is RollupCell:
        name = "agency_id" if asked.per is Per.AGENCY else "code"
    key: ColumnElement[Any] = literal("") if name is None else getattr(table, name)
    return key


def _table(windows: Sequence[Window]) -> Any:
    """Return the windows as a table, to be joined with what is counted."""
    rows = []
    for no, window in enumerate(windows):
        torn = _Torn.of(window)
        days = {"from_on": window.from_on, "to_on": window.to_on, "until": min(window.to_on, window.today)}
        days |= dict(zip(("by_from", "by_to", "by_until", "by_now"), torn.halves(), strict=True))
        named = [literal(day, Date()).label(name) for name, day in days.items()]
        rows.append(select(literal(no).label("no"), *named, literal(window.to_on >= window.today).label("is_present")))
    return union_all(*rows).cte("windows")


def _days(rolled: Any, present_half: date) -> Days:
    return Days(
        received=rolled.c.received_half,
        closed=rolled.c.closed_half,
        late=rolled.c.late_half,
        outcome=rolled.c.outcome,
        channel=literal(""),
        apologised=rolled.c.apologised,
        apologised_on=rolled.c.apologised_half,
        unkept=rolled.c.unkept_half,
        is_broken_now=rolled.c.late_half < present_half,
        online=rolled.c.online,
    )


def _is_torn(days: Days, torn: _Torn) -> ColumnElement[bool]:
    """Tell of a cell whether an end of the period tears it, so that its facts are counted instead."""
    ends = (torn.by_from, torn.by_to)
    return or_(
        days.received.in_(ends),
        days.closed.in_(ends),
        days.late == torn.by_to,
        and_(days.closed > FAR, days.late == torn.by_now),
    )


def _letter_is_torn(days: Days, ends: Ends, torn: _Torn) -> ColumnElement[bool]:
    """Tell of a cell whether its letters were sent, or their new date passed, in the half that the end tears."""
    return and_(
        days.apologised != Apologised.NONE.value,
        days.late <= ends.to_on,
        or_(days.apologised_on == torn.by_to, days.unkept == torn.by_until),
    )


def _torn_facts(rolled: Any, window: Window, torn: _Torn) -> ColumnElement[bool]:
    """Return the condition that a fact belongs to a cell that is torn; indexes find what it holds for.

    Letters have no index: the cells tell since when those have been late that lie in torn ones.
    """
    days, ends = _days(rolled, half_of(window.today)), columns_sql.ends_of(window)
    torn_letters = and_(columns_sql.concerned(days, ends), _letter_is_torn(days, ends, torn))
    earliest = select(func.min(rolled.c.late_half)).where(torn_letters).scalar_subquery()
    fact = DossierFact
    apologised_on, unkept_on = letter_days(fact)
    letters = or_(_within(apologised_on, torn.by_to), _within(unkept_on, torn.by_until))
    return or_(
        *(_within(on, half) for on in (fact.received_on, fact.closed_on) for half in (torn.by_from, torn.by_to)),
        _within(fact.late_on, torn.by_to),
        and_(fact.closed_on == NEVER, _within(fact.late_on, torn.by_now)),
        and_(
            fact.late_on >= earliest,
            fact.late_on <= window.to_on,
            fact.apologised != Apologised.NONE.value,
            letters,
        ),
    )


def _within(on: Any, half: date) -> ColumnElement[bool]:
    return false() if half == WHOLE else on.between(half, _last_of_half(half))
