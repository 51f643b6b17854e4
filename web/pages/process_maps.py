"""The process map of a procedure: what really happened, on the model and in tables, and the dossiers behind it."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.statistics import Column
from engine.domain.traces import END, START
from engine.reports import fact_lists, process_map
from engine.reports.on_time_values import Dimension, Per
from engine.reports.process_map import Chosen
from engine.reports.process_map_values import EdgeFlow, ProcessMap, StepFlow
from web import report_periods
from web.asked_reports import AskedPage, asked_page
from web.auth import actor, current_context
from web.pages.report_lists import list_page, page_no
from web.wording import hours_minutes

blueprint = Blueprint("process_maps", __name__)

VARIANTS = 20  #: ways that are shown, the most frequent first; the others are told by their number
LEVELS = 5  #: widths of the lines between steps
ENDED = [each.value for each in (Column.EARLY, Column.ON_TIME, Column.LATE, Column.WITHDRAWN, Column.STOPPED)]
LONGEST = 200  # characters of a part of an address


@blueprint.get("/bao-cao/dong-chay")
def show() -> tuple[str, int]:
    """Show the map of a procedure, or the procedures of the period to choose from."""
    asked, code = asked_page(), _part("thu-tuc")
    if asked.period is None:
        return render_template("reports/process_maps.html", asked=asked, offered=None), asked.status
    whose = {"by": actor(), "period": asked.period, "agency": asked.agency}
    if not code:  # histories are not frozen: the map is of now, also for a period that was closed
        offered = process_map.procedures(current_context(), **whose)
        return render_template("reports/process_maps.html", asked=asked, offered=offered, list_of=_closed(asked)), 200
    found = process_map.process_map(current_context(), procedure=code, **whose)
    page = render_template(
        "reports/process_map.html",
        asked=asked,
        found=found,
        edges=[(edge, *_ends(edge), _level(edge, found)) for edge in found.edges],
        drawn=_drawn(found),
        most=process_map.MOST,
        shown=VARIANTS,
        list_of=lambda **which: url_for("process_maps.dossiers", **{"thu-tuc": code}, **asked.query, **which),
    )
    return page, 200


@blueprint.get("/bao-cao/dong-chay/ho-so")
def dossiers() -> tuple[str, int]:
    """List the dossiers behind a number of the map: of a way, of a step, or where one step followed another."""
    asked, code, no = asked_page(), _part("thu-tuc"), page_no()
    if asked.period is None:
        return list_page(asked, None, _("Danh sách hồ sơ"))
    edge = (_part("truoc"), _part("sau"))
    chosen = Chosen(_part("bien-the") or None, _part("buoc") or None, edge if all(edge) else None)
    found = fact_lists.on_map(
        current_context(), by=actor(), procedure=code, period=asked.period, chosen=chosen, agency=asked.agency, page=no
    )
    back = url_for("process_maps.show", **{"thu-tuc": code}, **asked.query)
    title = _("Dòng chảy của %(code)s: %(count)s hồ sơ", code=code, count=found.count)
    return list_page(asked, found, title, back=back)


def _closed(asked: AskedPage) -> Callable[[str], str]:
    """Return what gives the list of the dossiers of a procedure that were closed in the period, all of them."""
    of_now = asked.query | {"vai": Dimension.RESOLVING.value, report_periods.DATA: report_periods.OF_NOW}
    return lambda code: url_for("report_lists.show", cot=ENDED, theo=Per.PROCEDURE.value, khoa=code, **of_now)


def _part(name: str) -> str:
    return request.args.get(name, "").replace("\0", "").strip()[:LONGEST]


def _ends(edge: EdgeFlow) -> tuple[str, str]:
    """Return what both ends of an edge are called; the start and the end of the process are no steps."""
    names = {START: _("Tiếp nhận"), END: _("Kết thúc")}
    return names.get(edge.source, edge.source_name), names.get(edge.target, edge.target_name)


def _level(edge: EdgeFlow, found: ProcessMap) -> int:
    return max(1, -(-LEVELS * edge.times // max(each.times for each in found.edges)))


def _drawn(found: ProcessMap) -> dict[str, str]:
    """Return what the script draws on the model, and where it finds that."""
    if found.diagram is None:
        return {}
    steps = [{"node": step.node, "name": step.name, "heat": step.heat, "text": _text(step)} for step in found.steps]
    edges = [{"source": edge.source, "target": edge.target, "times": edge.times} for edge in found.edges]
    model = url_for("catalogue.diagram", agency=found.diagram.agency, code=found.code, v=found.diagram.version)
    return {"model": model, "steps": json.dumps(steps), "edges": json.dumps(edges)}


def _text(step: StepFlow) -> str:
    """Return what stands at a step: how often, and the medians of waiting and working."""
    times = _("%(times)s lần", times=step.times)
    if step.waiting is None or step.working is None:
        return times
    return f"{times} · {hours_minutes(step.waiting)} + {hours_minutes(step.working)}"
