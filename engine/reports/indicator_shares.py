"""The indicators that dossiers answer, in SQL over facts: what counts, what is met, and what may still be met.

Each dossier counts as ``columns_of`` says; a test holds these shares and that definition together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Date, and_, case, func, literal, or_, select, union_all

from engine.domain.ids import AgencyId
from engine.domain.statistics import Column, Window
from engine.reports import columns_sql, fact_rows
from engine.reports.columns_sql import Days, Ends
from engine.reports.localities import last_instant
from engine.reports.on_time_values import Period
from engine.reports.scope import Scope
from engine.store.base import UTCDateTime
from engine.store.facts import DossierFact

_FACT: Any = DossierFact
_FINISHED = (Column.EARLY, Column.ON_TIME, Column.LATE)
Key = tuple[int, Any]  #: number of the period, and id of the agency or unit, None for all together


@dataclass(frozen=True, slots=True)
class Share:
    """What counts in the denominator, and what of it is met; ``weight`` and ``done`` count parts of dossiers.

    Args:
        savable: open dossiers that may still be met by the end of the period; None: dossiers do not tell.
    """

    counted: ColumnElement[bool]
    met: ColumnElement[bool]
    weight: ColumnElement[int] | None = None
    done: ColumnElement[int] | None = None
    savable: ColumnElement[bool] | None = None

    @property
    def lost(self) -> ColumnElement[bool]:
        """What counts and is not met, or not in all its parts."""
        if self.weight is None or self.done is None:
            return and_(self.counted, ~self.met)
        return and_(self.counted, self.done < self.weight)

    @property
    def sums(self) -> tuple[ColumnElement[int], ColumnElement[int]]:
        """Numerator and denominator over the rows of a query."""
        weight = literal(1) if self.weight is None else self.weight
        done = weight if self.done is None else self.done
        return _sum(and_(self.counted, self.met), done), _sum(self.counted, weight)


@dataclass(frozen=True, slots=True)
class Sums:
    """What the facts of a line add up to, by key: numerator and denominator; and how many are savable."""

    shares: Mapping[str, tuple[int, int]]
    savable: Mapping[str, int]


def shares(days: Days, ends: Ends, end_at: ColumnElement[datetime] | datetime) -> dict[str, Share]:
    """Return the shares by key of the indicator.

    Args:
        end_at: last instant of the period where the dossiers are resolved: what is due by then is to be kept by then.
    """
    column = columns_sql.conditions(days, ends)
    received = column[Column.RECEIVED_IN_PERIOD]
    finished = or_(*(column[each] for each in _FINISHED))
    is_open = or_(column[Column.OPEN_IN_TIME], column[Column.OPEN_LATE])
    ahead = and_(column[Column.OPEN_IN_TIME], _FACT.due_at.is_not(None), _FACT.due_at <= end_at)
    kept = or_(column[Column.RECEIVED_ON_TIME], column[Column.RECEIVED_ENDED])
    unpaid = and_(received, is_open, _FACT.has_obligation, ~_FACT.paid_online)
    return {
        "on_time_received": Share(received, kept, savable=and_(received, ahead)),
        "on_time_finished": Share(finished, or_(column[Column.EARLY], column[Column.ON_TIME]), savable=ahead),
        "open_late": Share(is_open, column[Column.OPEN_LATE], savable=column[Column.OPEN_LATE]),
        "online_dossiers": Share(received, column[Column.RECEIVED_ONLINE]),
        "online_payment": Share(and_(received, _FACT.has_obligation), _FACT.paid_online, savable=unpaid),
        "electronic_results": Share(
            and_(finished, _FACT.has_result), _FACT.electronic_result, savable=and_(is_open, _FACT.due_at <= end_at)
        ),
        "papers_digitised": _papers(received, _FACT.digitised, is_open),
        "papers_reused": _papers(received, _FACT.reused, is_open),
    }


def of_window(window: Window, end_at: datetime) -> dict[str, Share]:
    """Return the shares of one period."""
    return shares(columns_sql.of_facts(window), columns_sql.ends_of(window), end_at)


def add_up(scope: Scope, periods: Sequence[Period], *, group: Any = None) -> dict[Key, Sums]:
    """Return what facts add up to for each period, by its number, and each line that has any; in one statement.

    Args:
        group: column of facts that tells lines apart; None: all together.
    """
    found: dict[Key, Sums] = {}
    for window, agencies in scope.shared_windows.items():  # one, unless midnight has passed for some
        for row in scope.uow.session.execute(_query(scope, periods, window, agencies, group)).mappings():
            key = (row["no"], row["line"])
            found[key] = _added(found.get(key), row)
    return found


def _query(scope: Scope, periods: Sequence[Period], window: Window, agencies: Sequence[AgencyId], group: Any) -> Any:
    ends = _ends(scope, periods, window, agencies)
    those = Ends(ends.c.from_on, ends.c.to_on, ends.c.until, ends.c.is_present)
    by_key = shares(columns_sql.of_facts(window), those, ends.c.end_at)
    sums = []
    for name, share in by_key.items():
        numerator, denominator = share.sums
        sums += [numerator.label(f"n_{name}"), denominator.label(f"d_{name}")]
        if share.savable is not None:
            sums.append(_sum(share.savable, literal(1)).label(f"s_{name}"))
    owed = by_key["online_payment"]
    line = literal(None) if group is None else group
    query = select(
        ends.c.no.label("no"),
        line.label("line"),
        *sums,
        _distinct(owed.counted).label("fee_all"),
        _distinct(and_(owed.counted, owed.met)).label("fee_paid"),
    )
    concerned = and_(_FACT.received_on <= ends.c.to_on, _FACT.closed_on >= ends.c.from_on)
    query = query.select_from(ends).join(DossierFact, concerned).where(
        fact_rows.AGENCY[scope.asked.dimension].in_(sorted(scope.counted))
    )  # fmt: skip
    if len(scope.shared_windows) > 1:
        query = query.where(_FACT.resolving_agency_id.in_(sorted(agencies)))
    return query.group_by(ends.c.no) if group is None else query.group_by(ends.c.no, group)


def _ends(scope: Scope, periods: Sequence[Period], window: Window, agencies: Sequence[AgencyId]) -> Any:
    calendar = scope.localities.calendar(min(agencies))
    rows = [
        select(
            literal(no).label("no"),
            _day(period.from_on).label("from_on"),
            _day(period.to_on).label("to_on"),
            _day(min(period.to_on, window.today)).label("until"),
            literal(period.to_on >= window.today, Boolean()).label("is_present"),
            literal(last_instant(calendar, period.to_on), UTCDateTime()).label("end_at"),
        )
        for no, period in enumerate(periods)
    ]
    return (union_all(*rows) if len(rows) > 1 else rows[0]).cte("ends")


def _added(before: Sums | None, row: Any) -> Sums:
    found = {
        name[2:]: (int(row[name]), int(row[f"d_{name[2:]}"])) for name in row if name.startswith("n_")
    } | {"fee_services_paid_online": (int(row["fee_paid"]), int(row["fee_all"]))}  # fmt: skip
    savable = {name[2:]: int(row[name]) for name in row if name.startswith("s_")}
    if before is None:
        return Sums(found, savable)
    shares_of = {key: (value[0] + before.shares[key][0], value[1] + before.shares[key][1])
                 for key, value in found.items()}  # fmt: skip
    return Sums(shares_of, {key: value + before.savable[key] for key, value in savable.items()})


def _papers(received: ColumnElement[bool], done: ColumnElement[int], is_open: ColumnElement[bool]) -> Share:
    counted = and_(received, _FACT.papers > 0)
    return Share(counted, counted, _FACT.papers, done, savable=and_(counted, is_open, done < _FACT.papers))


def _sum(condition: ColumnElement[bool], weight: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, weight), else_=0)), 0)


def _distinct(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, _FACT.procedure_code)).distinct())


def _day(on: date) -> ColumnElement[date]:
    return literal(on, Date())
