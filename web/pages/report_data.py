"""Data of a period to take away: event logs for process mining, and what may be published as open data."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

from flask import Blueprint, Response

from engine.domain.ids import AgencyId
from engine.reports import ocel, open_data, xes
from engine.reports.countable import countable
from engine.reports.event_log import Log
from engine.reports.export import Selection
from engine.reports.filters import Filters
from engine.reports.on_time_values import Period
from web import report_periods
from web.auth import actor, current_context
from web.i18n import zone
from web.streamed_files import streamed

blueprint = Blueprint("report_data", __name__, url_prefix="/bao-cao/du-lieu")


@blueprint.get("/nhat-ky.<any('xes', 'json', 'xml'):kind>")
def log(kind: str) -> Response:
    """Return what happened to the dossiers received in the period: XES, or OCEL 2.0 as JSON or XML; no personal data.

    The dossiers are those that the agencies resolve whose numbers the actor may see; officers have pseudonyms.
    """
    ctx, by = current_context(), actor()
    period, agencies = _asked()
    filters = Filters(received_from=period.from_on, received_to=period.to_on)
    chosen = Log(Selection(filters=filters), resolving=agencies)
    name = f"nhat-ky-{period.from_on}-{period.to_on}.{kind}"
    if kind == "xes":
        return streamed(lambda to: xes.write(ctx, by=by, to=to, log=chosen), media_type="application/xml", name=name)
    form = ocel.Json if kind == "json" else ocel.Xml
    return streamed(
        lambda to: ocel.write(ctx, by=by, to=to, log=chosen, form=form), media_type=f"application/{kind}", name=name
    )


@blueprint.get("/du-lieu-mo.zip")
def opened() -> Response:
    """Return the open data of the period's whole months that are past: a CSV file, and its description by DCAT-AP."""
    ctx, by = current_context(), actor()
    period, agencies = _asked()
    name = f"du-lieu-mo-{period.from_on}-{period.to_on}"

    def write(to: BinaryIO) -> None:
        with TemporaryDirectory() as folder, ZipFile(to, "w", ZIP_DEFLATED) as packed:
            made = open_data.save(ctx, by=by, to=Path(folder) / f"{name}.csv", period=period, only=agencies)
            for each in (made.data, made.description):
                packed.write(each, each.name)

    return streamed(write, media_type="application/zip", name=f"{name}.zip")


def has_past_month(period: Period) -> bool:
    """Whether there is open data of a period."""
    today = current_context().clock.now().astimezone(ZoneInfo(zone())).date()
    return open_data.past_months(period, today) is not None


def _asked() -> tuple[Period, frozenset[AgencyId]]:
    """Return the period, and the agencies that the address asks for; histories are of now, also of a closed period.

    Raises:
        NotAllowedError, AgencyNotFoundError, InvalidDateError, InvalidPeriodNameError.
    """
    _frozen, period, closed = report_periods.asked()
    agency = closed.agency if closed else report_periods.part(report_periods.AGENCY) or None
    with current_context().unit_of_work(read_only=True) as uow:
        return period, countable(uow, actor(), agency)
