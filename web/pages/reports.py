"""The on-time report on screen and as files, and the list of dossiers behind it as a file."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from flask_babel import LazyString, lazy_gettext
from werkzeug.exceptions import NotFound

from engine.domain.statistics import Column
from engine.errors import EngineError
from engine.reports import export, on_time
from engine.reports.filters import Filters
from engine.reports.localities import InvalidDateError
from engine.reports.on_time_values import Dimension, Per, Period, Report
from engine.reports.render import on_time_files
from web.auth import actor, current_context
from web.errors import status_of
from web.i18n import zone
from web.refusals import wording_of
from web.report_tabs import init_report_tabs
from web.streamed_files import streamed

blueprint = Blueprint("reports", __name__)
blueprint.record_once(lambda state: init_report_tabs(state.app))

PERS: dict[Per, LazyString] = {
    Per.AGENCY: lazy_gettext("Cơ quan"),
    Per.PROCEDURE: lazy_gettext("Thủ tục"),
    Per.FIELD: lazy_gettext("Lĩnh vực"),
    Per.CHANNEL: lazy_gettext("Kênh nộp"),
    Per.OFFICER: lazy_gettext("Cán bộ xử lý chính"),
    Per.MONTH: lazy_gettext("Tháng"),
}
DIMENSIONS: dict[Dimension, LazyString] = {
    Dimension.RESOLVING: lazy_gettext("Cơ quan giải quyết"),
    Dimension.RECEIVING: lazy_gettext("Cơ quan tiếp nhận"),
    Dimension.RETURNING: lazy_gettext("Cơ quan trả kết quả"),
}
COLUMNS: dict[Column, LazyString] = {
    Column.RECEIVED_IN_PERIOD: lazy_gettext("Nhận trong kỳ"),
    Column.RECEIVED_ONLINE: lazy_gettext("Trong đó trực tuyến"),
    Column.CARRIED_OVER: lazy_gettext("Kỳ trước chuyển"),
    Column.EARLY: lazy_gettext("Xong trước hạn"),
    Column.ON_TIME: lazy_gettext("Xong đúng hạn"),
    Column.LATE: lazy_gettext("Xong quá hạn"),
    Column.WITHDRAWN: lazy_gettext("Rút"),
    Column.STOPPED: lazy_gettext("Dừng"),
    Column.OPEN_IN_TIME: lazy_gettext("Đang làm, trong hạn"),
    Column.OPEN_LATE: lazy_gettext("Đang làm, quá hạn"),
    Column.APOLOGISED: lazy_gettext("Quá hạn, đã xin lỗi"),
    Column.APOLOGISED_MET: lazy_gettext("Xin lỗi, đúng hẹn lại"),
    Column.APOLOGISED_UNKEPT: lazy_gettext("Xin lỗi, không giữ hẹn lại"),
}
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@blueprint.get("/bao-cao")
def show() -> tuple[str, int]:
    """Show the report of a period; a period that cannot be read is told beside the form."""
    report, problem, status = None, None, 200
    try:
        report = _report()
    except EngineError as error:
        status = status_of(error)
        problem = _problem(error, status)
    page = render_template(
        "reports/on_time.html",
        report=report,
        problem=problem,
        asked=_asked(),
        pers=PERS,
        dimensions=DIMENSIONS,
        columns=COLUMNS,
    )
    return page, status


@blueprint.get("/bao-cao/dung-han.<any('csv', 'xlsx'):kind>")
def on_time_file(kind: str) -> Response:
    """Return the report as a file, with exactly what the screen shows."""
    report = _report()
    name = f"dung-han-{report.period.from_on}-{report.period.to_on}.{kind}"
    content = on_time_files.as_csv(report).encode() if kind == "csv" else on_time_files.as_xlsx(report)
    response = Response(content, mimetype=TYPES[kind])
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@blueprint.get("/bao-cao/ho-so.<any('csv', 'xlsx'):kind>")
def dossiers_file(kind: str) -> Response:
    """Return the dossiers received in the period as a file, without personal data."""
    ctx, by, asked = current_context(), actor(), _asked()
    selection = export.Selection(filters=Filters(received_from=_on(asked["tu"]), received_to=_on(asked["den"])))
    return streamed(
        lambda file: export.write_dossiers(ctx, by=by, to=file, wanted=export.Format(kind), selection=selection),
        media_type=TYPES[kind],
        name=f"ho-so-{asked['tu']}-{asked['den']}.{kind}",
    )


def _report() -> Report:
    asked = _asked()
    question = on_time.Question(
        period=Period(from_on=_on(asked["tu"]), to_on=_on(asked["den"])),
        per=Per(asked["theo"]),
        dimension=Dimension(asked["vai"]),
    )
    return on_time.on_time(current_context(), by=actor(), question=question)


def _asked() -> dict[str, str]:
    """Return what the form asks for; the present month without one."""
    today = current_context().clock.now().astimezone(ZoneInfo(zone())).date()
    asked = {"tu": today.replace(day=1).isoformat(), "den": today.isoformat(), "theo": "agency", "vai": "resolving"}
    asked |= {name: value for name in asked if (value := request.args.get(name, ""))}
    if asked["theo"] not in set(Per) or asked["vai"] not in set(Dimension):
        raise NotFound
    return asked


def _on(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidDateError(f"{text[:20]!r} is no date", field="tu") from None


def _problem(error: EngineError, status: int) -> str:
    wording = wording_of(error, status)
    return f"{wording.happened} {wording.remedy}"
