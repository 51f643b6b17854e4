"""The figures of an agency's month so far, ordered once a day for the city's operations centre (domain.md §9.4).

Sums only: no dossier, nobody's name. The order is a row of the outbox; it is signed, sent and tried again by delivery.
"""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.ids import AgencyId
from engine.domain.messages import INDICATORS
from engine.domain.statistics import Column
from engine.reports.index_766 import index_766
from engine.reports.localities import Localities
from engine.reports.on_time import Question, on_time
from engine.reports.on_time_values import Per, Period
from engine.reports.scope import Asked
from engine.reports.targets import targets
from engine.store.unit_of_work import ChangedMeanwhileError

FORMAT = "motcua-indicators-1"


def order_due(ctx: Context) -> int:
    """Order the figures of today of each agency that has not had them, by its own date; return how many.

    Nothing is ordered while no centre is configured. Whoever was down for days sends the present day alone: the
    figures are those of the month so far.
    """
    if ctx.centre is None:
        return 0
    with ctx.unit_of_work(read_only=True) as uow:
        localities = Localities.read(uow)
        now = ctx.clock.now()
        due = [
            (key, agency.code, Period(today.replace(day=1), today))
            for key, agency in localities.agencies.items()
            if agency.is_in_force(today := localities.calendar(key).local_date(now))
            and not uow.outbox.has(INDICATORS, _key(agency.code, Period(today, today)))
        ]
    return sum(_order(ctx, *each) for each in due)


def figures(ctx: Context, *, agency: str, period: Period) -> dict[str, Any]:
    """Return the figures of an agency; percentages are null without anything to divide by, never 100."""
    report = on_time(ctx, by=SYSTEM, question=Question(period, Per.AGENCY, agency=agency)).as_json()
    total, asked = report["total"], Asked(period, agency)
    index = index_766(ctx, by=SYSTEM, asked=asked).as_json()["total"]
    rows = targets(ctx, by=SYSTEM, asked=asked).as_json()["rows"]
    plan = [{name: value for name, value in row.items() if name != "note"} for row in rows]  # free text stays here
    return {
        "format": FORMAT,
        "agency": agency,
        "from": period.from_on.isoformat(),
        "to": period.to_on.isoformat(),
        "generated_at": report["generated_at"],
        "on_time": {name: total[name] for name in (column.value for column in Column)} | {"rates": total["rates"]},
        "open": total[Column.OPEN_IN_TIME.value] + total[Column.OPEN_LATE.value],
        "late": total[Column.OPEN_LATE.value],
        "index_766": index,
        "targets": plan,
    }


def _order(ctx: Context, agency: AgencyId, code: str, period: Period) -> int:
    payload = figures(ctx, agency=code, period=period)
    try:
        with ctx.unit_of_work() as uow:
            key = _key(code, period)
            uow.outbox.add(agency=agency, topic=INDICATORS, key=key, payload=payload, at=ctx.clock.now())
    except ChangedMeanwhileError:  # another clock process was faster
        return 0
    return 1


def _key(code: str, period: Period) -> str:
    return f"{code}:{period.to_on.isoformat()}"
