"""The supervisor's pages: tiles, loads, trend, heat maps, who is charged, the morning digest, and giving tasks away."""

from __future__ import annotations

import json
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.actors import Role
from engine.errors import InvalidInputError
from engine.reports import charges, digests, heat_map, officer_load, supervision, trend
from engine.reports.localities import InvalidDateError
from engine.reports.on_time_values import Period
from engine.reports.supervision import LISTS, Tile
from engine.services import supervision as acts
from web.auth import actor, current_context, safe_next
from web.charts import trend_chart
from web.forms import refuse_unstorable, text
from web.pages.overdue import MOST_AT_ONCE, list_of, verdicts_page
from web.refusals import wording_of
from web.wording import hours_minutes, office_time

blueprint = Blueprint("supervisor", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)
blueprint.record_once(lambda state: state.app.add_template_filter(office_time))

TILES: dict[Tile, tuple[LazyString, str, str]] = {  # label, icon, tone
    Tile.WILL_BE_LATE: (lazy_gettext("Sẽ trễ"), "forecast", "risk"),
    Tile.OVERDUE: (lazy_gettext("Quá hạn"), "overdue", "late"),
    Tile.DUE_SOON: (lazy_gettext("Sắp đến hạn"), "hourglass", "near"),
    Tile.PROCESSING: (lazy_gettext("Đang xử lý"), "running", "info"),
    Tile.PAUSED: (lazy_gettext("Tạm dừng"), "pause", "paused"),
    Tile.TO_RETURN: (lazy_gettext("Chờ trả kết quả"), "check", "good"),
}
SIDES: dict[str, LazyString] = {
    "inside": lazy_gettext("Cơ quan giải quyết"),
    "outside": lazy_gettext("Cơ quan khác"),
    "citizen": lazy_gettext("Thời gian chờ người dân"),
}


@blueprint.get("/giam-sat")
def show() -> tuple[str, int]:
    """Show the tiles; a period that cannot be read is told beside its form, and the usual one is shown."""
    problem, status = None, 200
    try:
        period = _period()
    except InvalidInputError as error:
        period, status = None, 422
        wording = wording_of(error, status)
        problem = f"{wording.happened} {wording.remedy}"
    overview = supervision.overview(current_context(), by=actor(), period=period)
    page = render_template(
        "supervisor/overview.html",
        overview=overview,
        tiles=TILES,
        link_of=_list_of_tile,
        problem=problem,
        typed={name: request.args.get(name, "")[:20] for name in ("tu", "den")},
        few=supervision.FEW,
        may_have_digest=bool(actor().agencies_with(Role.SUPERVISOR)),
    )
    return page, status


@blueprint.get("/giam-sat/dung-han")
def finished() -> str:
    """List the dossiers behind the on-time share: those that were late, or with ``tre=0`` the others."""
    ctx, by, period = current_context(), actor(), _period()
    late = request.args.get("tre", "1") != "0"
    if period is None:
        period = supervision.overview(ctx, by=by).period
    found = supervision.finished_in(ctx, by=by, period=period, late=late)
    return render_template("supervisor/finished.html", found=found, period=period, late=late)


@blueprint.post("/giam-sat/ban-tin")
def digest() -> BaseResponse:
    """Ask for the morning digest, or for none."""
    wanted = text("nhan", longest=5) == "1"
    digests.want(current_context(), by=actor(), wanted=wanted)
    said = _("Từ ngày làm việc tới, bạn nhận bản tin sáng.") if wanted else _("Bạn không nhận bản tin sáng nữa.")
    flash(said, "success")
    return redirect(url_for("supervisor.show"), 303)


@blueprint.get("/giam-sat/tai-viec")
def load() -> str:
    """Show how much work each officer has."""
    units = officer_load.loads(current_context(), by=actor())
    return render_template("supervisor/load.html", units=units, list_of=list_of)


@blueprint.get("/giam-sat/xu-huong")
def weeks() -> str:
    """Show the last 12 weeks."""
    known = trend.trend(current_context(), by=actor())
    return render_template("supervisor/trend.html", weeks=known, chart=trend_chart(known))


@blueprint.get("/giam-sat/cham-do-ai")
def charged() -> str:
    """Show to whom the lateness of what is overdue is charged."""
    found = charges.charges(current_context(), by=actor())
    return render_template("supervisor/charges.html", found=found, sides=SIDES, most=charges.MOST)


@blueprint.get("/giam-sat/thu-tuc")
def procedures() -> str:
    """List the procedures whose heat can be seen."""
    return render_template("supervisor/procedures.html", known=heat_map.procedures(current_context(), by=actor()))


@blueprint.get("/giam-sat/thu-tuc/<code>")
def heat(code: str) -> str:
    """Show where time goes in a procedure, on its diagram and in a table."""
    agency = request.args.get("co-quan") or None
    found = heat_map.heat_map(current_context(), by=actor(), procedure=code, agency=agency)
    marks = [
        {
            "node": step.node,
            "name": step.name,
            "heat": step.heat,
            "text": f"{hours_minutes(step.waiting)} + {hours_minutes(step.working)}",
        }
        for step in found["steps"]
    ]
    return render_template("supervisor/heat.html", found=found, marks=json.dumps(marks), most=heat_map.MOST)


@blueprint.get("/giam-sat/phan-cong")
def assignment() -> str | BaseResponse:
    """Show who could take the chosen tasks over: their load, and until when they are away."""
    chosen = request.args.getlist("viec")[:MOST_AT_ONCE]
    units = officer_load.assignment(current_context(), by=actor(), task_ids=chosen)
    if not units:
        flash(_("Các hồ sơ đã chọn không có bước nào đang mở mà bạn được phân công."), "warning")
        return redirect(url_for("overdue.show"), 303)
    left_out = len(set(chosen)) - sum(len(unit["tasks"]) for unit in units)
    return render_template("supervisor/assignment.html", units=units, left_out=left_out)


@blueprint.post("/giam-sat/phan-cong")
def assign() -> str | BaseResponse:
    """Give the tasks of each unit to who was chosen there; a verdict for each."""
    given: list[tuple[str, str | None]] = []
    codes: dict[str, str] = {}
    for value in request.form.getlist("viec")[:MOST_AT_ONCE]:
        unit, _bar, rest = value.partition("|")
        task, _bar, code = rest.partition("|")
        who = text(f"nguoi-{unit}", longest=60)
        if who:
            given.append((task, None if who == "-" else who))
            codes[task] = code
    if not given:
        flash(_("Chưa chọn người nhận việc."), "warning")
        tasks = [value.split("|")[1] for value in request.form.getlist("viec") if value.count("|") == 2]
        return redirect(url_for("supervisor.assignment", viec=tasks), 303)
    made = acts.assign_many(current_context(), by=actor(), given=given, note=text("note", longest=500) or None)
    verdicts = [each | {"dossier": codes[each["task"]]} for each in made]
    return verdicts_page(verdicts, back=safe_next(request.form.get("next")), act="assign")


def _list_of_tile(tile: Tile) -> str:
    listed = LISTS[tile]
    where = {} if listed.filters.status is None else {"status": listed.filters.status}
    return list_of(listed.queue.value, where)


def _period() -> Period | None:
    """Return the period that the address names, None when it names none.

    Raises:
        InvalidDateError: one of its dates is no date, or it ends before it begins.
    """
    typed = [request.args.get(name, "").strip() for name in ("tu", "den")]
    if not any(typed):
        return None
    try:
        first, last = (date.fromisoformat(each) for each in typed)
    except ValueError:
        raise InvalidDateError("both ends of the period must be dates", field="tu") from None
    return Period(first, last)
