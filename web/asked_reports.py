"""What a report page is asked for: period, agency, role; a period that cannot be read is told beside the form."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import request

from engine.context import Context
from engine.errors import EngineError
from engine.reports.on_time_values import Period
from engine.services.closed_periods import Closed
from web import report_periods
from web.auth import current_context
from web.errors import status_of
from web.refusals import wording_of
from web.report_tabs import KEPT

LONGEST = 60  #: characters of a part of an address


@dataclass(frozen=True, slots=True)
class AskedPage:
    """What the address of a report page says.

    Args:
        ctx: to ask the report of: over the data of now, or those that were frozen.
        period: None when it cannot be read; then ``problem`` says why and what to do.
        agency: code of the only agency that is counted.
        typed: the parts of the address as the period form wants them.
    """

    ctx: Context
    period: Period | None
    closed: Closed | None = None
    agency: str | None = None
    problem: str | None = None
    status: int = 200
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        """The parts of an address that ask for the same period, role and agency."""
        return {name: request.args[name][:LONGEST] for name in KEPT if request.args.get(name)}


def asked_page() -> AskedPage:
    """Return what the address asks for; the present month where it says nothing."""
    typed = {name.replace("-", "_"): request.args.get(name, "").strip()[:LONGEST] for name in KEPT}
    try:
        ctx, period, closed = report_periods.asked()
    except EngineError as error:
        status = status_of(error)
        if status not in (400, 422):
            raise
        return AskedPage(current_context(), None, problem=problem_of(error, status), status=status, typed=typed)
    typed |= {"tu": period.from_on.isoformat(), "den": period.to_on.isoformat()}
    agency = closed.agency if closed else typed["co_quan"] or None
    return AskedPage(ctx, period, closed, agency, typed=typed)


def problem_of(error: EngineError, status: int) -> str:
    """Return what happened and what to do, in words."""
    wording = wording_of(error, status)
    return f"{wording.happened} {wording.remedy}"
