"""How often the promises of a procedure were kept lately: what the counter may tell a citizen (issue 3, Build 6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.statistics import Outcome
from engine.reports.columns_sql import DECIDED
from engine.reports.localities import Localities
from engine.reports.on_time_values import Rate
from engine.store.facts import DossierFact

DAYS = 90  #: local dates, today among them


def kept_lately(ctx: Context, *, by: Actor, procedure: str, agency: str) -> dict[str, Any]:
    """Return the share of the procedure's dossiers, finished in the last 90 days by this agency, that were not late.

    The rate ``finished`` of the on-time report for that period: decided dossiers only, by the promise as lawful pauses
    moved it. ``percent`` is None when none was finished, never 100.

    Args:
        procedure: its code.
        agency: code of the resolving agency.

    Raises:
        ProcedureNotFoundError, AgencyNotFoundError.
        NotAllowedError: the actor holds the desk role nowhere.
    """
    permissions.check_can_use_counter(by)
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        resolving = uow.agencies.by_code(agency).id
        calendar = Localities.read(uow).calendar(resolving)
        today = calendar.local_date(now)
        from_on = today - timedelta(days=DAYS - 1)
        finished, late = uow.session.execute(
            select(func.count(), func.count().filter(DossierFact.outcome == Outcome.LATE)).where(
                DossierFact.resolving_agency_id == resolving,
                DossierFact.procedure_id == uow.procedures.by_code(resolving, procedure).id,  # of this agency alone
                DossierFact.closed_on.between(from_on, today),
                DossierFact.outcome.in_(DECIDED),
            )
        ).one()
    return {"from": from_on.isoformat(), "to": today.isoformat(), **Rate(finished - late, finished).as_json()}
