"""The dossiers behind a number of a report, a page at a time: what the number counts, each once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import DossierId
from engine.domain.statistics import Column, Outcome
from engine.reports import line_names, on_time, process_map
from engine.reports.countable import countable
from engine.reports.on_time import Question
from engine.reports.on_time_values import Dimension, Per, Period
from engine.reports.process_map import Chosen
from engine.store.agencies import Agency
from engine.store.facts import DossierFact
from engine.store.procedures import Procedure

PAGE = 50  #: dossiers on one page
AT_ONCE = 500  # read together for a file
_MOST_USED = (DossierFact.percent_used.desc(), DossierFact.dossier_id)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Row:
    """A dossier as lists of reports show it; ``source`` names the system that it was imported from."""

    code: str
    procedure_code: str
    procedure_name: str
    agency: str  # name of the resolving one
    received_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome
    is_late: bool
    percent_used: int | None  # of its limit, rounded up; None while that is not known
    source: str | None


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the on-time report: dossiers in one of its columns, or those whose clock stands.

    Args:
        columns: of which each dossier is in one at most.
        without: columns whose dossiers are left out.
    """

    columns: tuple[Column, ...] = ()
    without: tuple[Column, ...] = ()
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """How many dossiers a number counts, and those of one page, the first page being 1.

    ``every`` reads all of them in the same order, some hundred at a time, for a file of the list.
    """

    count: int
    page: int
    rows: Sequence[Row]
    every: Callable[[], Iterator[Row]] | None = None

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.count // PAGE))


def behind(
    ctx: Context, *, by: Actor, question: Question, number: Number, key: str | None, page: int = 1
) -> Found:  # fmt: skip
    """Return the dossiers that a number of the on-time report counts, by code.

    Args:
        key: of the line; None for the total.

    Raises:
        as ``on_time``.
    """
    whose: dict[str, Any] = {"by": by, "question": question, "key": key}
    if number.is_paused:
        codes = on_time.paused_behind(ctx, **whose)
    else:
        counted, left_out = (
            [code for column in columns for code in on_time.dossiers_behind(ctx, column=column, **whose)]
            for columns in (number.columns, number.without)
        )
        codes = sorted(set(counted) - set(left_out))
    shown = codes[(page - 1) * PAGE : page * PAGE]
    by_code = (DossierFact.code, DossierFact.dossier_id)
    return Found(len(codes), page, _rows(ctx, _called(shown), by_code), lambda: _every(ctx, codes, _called, by_code))


def _called(codes: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a fact has one of these codes; without a code its id stands for it."""
    ids = [DossierId(UUID(code)) for code in codes if _UUID.fullmatch(code)]
    return or_(DossierFact.code.in_(codes), and_(DossierFact.code.is_(None), DossierFact.dossier_id.in_(ids)))


def on_map(
    ctx: Context, *, by: Actor, procedure: str, period: Period, chosen: Chosen, agency: str | None, page: int = 1
) -> Found:
    """Return the dossiers that a number of the process map counts, those closed last first.

    Raises:
        NotAllowedError, AgencyNotFoundError.
    """
    ids = process_map.dossiers_on(ctx, by=by, procedure=procedure, period=period, chosen=chosen, agency=agency)
    shown = ids[(page - 1) * PAGE : page * PAGE]
    newest = (DossierFact.closed_on.desc(), DossierFact.dossier_id.desc())
    rows = _rows(ctx, DossierFact.dossier_id.in_(shown), newest)
    return Found(len(ids), page, rows, lambda: _every(ctx, ids, DossierFact.dossier_id.in_, newest))


@dataclass(frozen=True, slots=True)
class Timed:
    """A number of the report of used time.

    Args:
        agency: code of the only resolving agency that is counted; None: all that the actor may count.
        key: of the line; None for the total.
        shares: percents of the limit, whole numbers, that the dossiers used.
    """

    period: Period
    per: Per
    agency: str | None
    key: str | None
    shares: range


def timed(ctx: Context, *, by: Actor, number: Timed, page: int = 1) -> Found:
    """Return the dossiers whose time a number counts, those that used most of their limit first.

    Raises:
        NotAllowedError, AgencyNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        line = true() if number.key is None else line_names.condition(number.per, Dimension.RESOLVING, number.key)
        chosen = and_(
            DossierFact.resolving_agency_id.in_(sorted(countable(uow, by, number.agency))),
            DossierFact.closed_on.between(number.period.from_on, number.period.to_on),
            DossierFact.percent_used.between(number.shares.start, number.shares.stop - 1),
            line,
        )
        count = uow.session.scalar(select(func.count()).select_from(DossierFact).where(chosen)) or 0
        most = select(DossierFact.dossier_id).where(chosen).order_by(*_MOST_USED)
        shown = uow.session.scalars(most.offset((page - 1) * PAGE).limit(PAGE)).all()

    def every() -> Iterator[Row]:
        with ctx.unit_of_work(read_only=True) as uow:
            ids = uow.session.scalars(most).all()
        return _every(ctx, ids, DossierFact.dossier_id.in_, _MOST_USED)

    return Found(count, page, _rows(ctx, DossierFact.dossier_id.in_(shown), _MOST_USED), every)


def _every(
    ctx: Context, keys: Sequence[Any], named: Callable[[Sequence[Any]], ColumnElement[bool]], order: Sequence[Any]
) -> Iterator[Row]:
    """Yield the rows of all keys, which are in the order of the rows."""
    for first in range(0, len(keys), AT_ONCE):
        yield from _rows(ctx, named(keys[first : first + AT_ONCE]), order)


def _rows(ctx: Context, chosen: ColumnElement[bool], order: Sequence[Any]) -> list[Row]:
    query = (
        select(DossierFact, Procedure.name, Agency.name)
        .join(Procedure, Procedure.id == DossierFact.procedure_id)
        .join(Agency, Agency.id == DossierFact.resolving_agency_id)
        .where(chosen)
        .order_by(*order)
    )
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        return [_row(fact, procedure, agency, now) for fact, procedure, agency in uow.session.execute(query)]


def _row(fact: DossierFact, procedure: str, agency: str, now: datetime) -> Row:
    return Row(
        code=fact.code or "",
        procedure_code=fact.procedure_code,
        procedure_name=procedure,
        agency=agency,
        received_at=fact.received_at,
        due_at=fact.due_at,
        closed_at=fact.closed_at,
        outcome=Outcome(fact.outcome),
        percent_used=None if fact.percent_used < 0 else fact.percent_used,
        is_late=fact.late_after is not None and fact.late_after < (fact.closed_at or now),
        source=fact.source,
    )
