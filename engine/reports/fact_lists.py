"""The dossiers behind a number of a report, a page at a time: what the number counts, each once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.statistics import Column, Outcome
from engine.reports import on_time, process_map
from engine.reports.on_time import Question
from engine.reports.on_time_values import Period
from engine.reports.process_map import Chosen
from engine.store.agencies import Agency
from engine.store.facts import DossierFact
from engine.store.procedures import Procedure

PAGE = 50  #: dossiers on one page


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
    source: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """How many dossiers a number counts, and those of one page, the first page being 1."""

    count: int
    page: int
    rows: Sequence[Row]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.count // PAGE))


def behind(
    ctx: Context, *, by: Actor, question: Question, columns: Collection[Column], key: str | None, page: int = 1
) -> Found:
    """Return the dossiers that a number of the on-time report counts, by code.

    Args:
        columns: of the number, of which each dossier is in one at most.
        key: of the line; None for the total.

    Raises:
        as ``on_time``.
    """
    codes = sorted(
        code
        for column in set(columns)
        for code in on_time.dossiers_behind(ctx, by=by, question=question, column=column, key=key)
    )
    shown = codes[(page - 1) * PAGE : page * PAGE]
    return Found(len(codes), page, _rows(ctx, DossierFact.code.in_(shown), (DossierFact.code,)))


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
    return Found(len(ids), page, _rows(ctx, DossierFact.dossier_id.in_(shown), newest))


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
        is_late=fact.late_after is not None and fact.late_after < (fact.closed_at or now),
        source=fact.source,
    )
