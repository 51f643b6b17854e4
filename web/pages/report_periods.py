"""Reporting periods on screen: which there are, when they are sent, closing them, and what was corrected since."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.actors import SYSTEM
from engine.domain.report_periods import (
    CALENDAR,
    FIFTEENTH,
    InvalidPeriodNameError,
    Kind,
    NamedPeriod,
    named,
    usual,
)
from engine.reports import consolidated_06, quality, standard_reports, table_06
from engine.reports.on_time_values import Period
from engine.reports.period_corrections import Corrections, corrections
from engine.reports.render import table_06_xlsx
from engine.reports.scope import Asked
from engine.services import closed_periods, closing, consolidation, periods
from engine.services.periods import Rule
from web import report_periods
from web.auth import actor, current_context
from web.forms import Refusal, refusal, refuse_unstorable, text, whole_number
from web.i18n import zone
from web.pages.form_acts import carry_out
from web.report_table_words import CHECKS
from web.report_tabs import label_of
from web.report_words import COLUMNS

blueprint = Blueprint("report_periods", __name__, url_prefix="/bao-cao/ky")
blueprint.url_value_preprocessor(refuse_unstorable)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

STATES: dict[str, tuple[LazyString, str, str]] = {  # label, icon and tone
    "running": (lazy_gettext("Đang diễn ra"), "hourglass", "info"),
    "over": (lazy_gettext("Chờ chốt"), "clock", "near"),
    "closed": (lazy_gettext("Đã chốt"), "check", "good"),
}
KINDS: dict[Kind, LazyString] = {
    Kind.MONTH: lazy_gettext("Tháng"),
    Kind.QUARTER: lazy_gettext("Quý"),
    Kind.HALF: lazy_gettext("6 tháng"),
    Kind.YEAR: lazy_gettext("Năm"),
}
FIRST_DAYS: dict[int, LazyString] = {
    FIFTEENTH: lazy_gettext("ngày 15 tháng trước đến ngày 14"),
    CALENDAR: lazy_gettext("ngày 1 đến cuối tháng"),
}
SEND_MONTHS: dict[int, LazyString] = {
    0: lazy_gettext("của tháng cuối kỳ"),
    1: lazy_gettext("của tháng sau kỳ"),
}
CHANGED: dict[str, LazyString] = {
    "receiving_agency_id": lazy_gettext("cơ quan tiếp nhận"),
    "resolving_agency_id": lazy_gettext("cơ quan giải quyết"),
    "returning_agency_id": lazy_gettext("cơ quan trả kết quả"),
    "procedure_code": lazy_gettext("thủ tục"),
    "channel": lazy_gettext("kênh nộp"),
    "received_on": lazy_gettext("ngày nhận"),
    "unit_id": lazy_gettext("đơn vị"),
    "officer_id": lazy_gettext("cán bộ"),
    "late_cause": lazy_gettext("nguyên nhân trễ"),
    "late_minutes": lazy_gettext("thời gian trễ"),
    "used_minutes": lazy_gettext("thời gian đã dùng"),
    "charged_side": lazy_gettext("ai làm trễ"),
}


@blueprint.get("")
def show() -> str:
    """Show the periods and schedules of the agencies whose numbers the actor may see."""
    return _page(None)


@blueprint.get("/xem")
def find() -> BaseResponse | str:
    """Go to a period by its name; one that cannot be read is told beside the field."""
    typed = {name: request.args.get(name, "").replace("\0", "").strip()[:60] for name in ("agency", "period")}
    try:
        name = named(typed["period"]).name
    except InvalidPeriodNameError as error:
        told = refusal("find", error)
        again = Refusal("find", told.status, told.code, told.message, told.remedy, "period", typed)
        return make_response(_page(again), told.status)
    return redirect(url_for("report_periods.one", agency=typed["agency"], name=name), 303)


@blueprint.post("/lich")
def schedule() -> BaseResponse:
    """Set how an agency reports a kind of period."""

    def save() -> None:
        rule = Rule(
            kind=text("kind", longest=12),
            first_day=whole_number("first_day"),
            send_month=whole_number("send_month"),
            send_before_day=whole_number("send_before_day"),
            remind_days=whole_number("remind_days"),
            document=text("document", longest=400),
            consolidated_by=text("consolidated_by", longest=40),
        )
        periods.set_schedule(current_context(), by=actor(), agency=text("agency", longest=40), rule=rule)

    said = _("Đã lưu lịch báo cáo; các kỳ đang mở theo lịch mới.")
    return carry_out(save, form="schedule", page=_page, said=said, then=url_for("report_periods.show"))


@blueprint.post("/lich/bo")
def drop_schedule() -> BaseResponse:
    """Let an agency no longer report a kind of period."""

    def drop() -> None:
        periods.drop_schedule(
            current_context(), by=actor(), agency=text("agency", longest=40), kind=text("kind", longest=12)
        )

    said = _("Đã bỏ lịch báo cáo; các kỳ đã chốt vẫn giữ nguyên.")
    return carry_out(drop, form="drop", page=_page, said=said, then=url_for("report_periods.show"))


@blueprint.get("/<agency>/<name>")
def one(agency: str, name: str) -> str:
    """Show a period: what is doubtful before it is closed; its hash and its corrections afterwards."""
    return _one(agency, name, None)


@blueprint.get("/<agency>/<name>/tong-hop.xlsx")
def consolidated(agency: str, name: str) -> Response:
    """Give form II.06 of the agencies whose reports this one adds up: the sum, and a sheet for each.

    Raises:
        NotFound: nobody reports to it, or the name is of no period.
    """
    ctx, by, period = current_context(), actor(), _named(name)
    span, sent = Period(period.from_on, period.to_on), []
    for each in consolidation.members(ctx, by=by, agency=agency, name=name):
        with report_periods.of_name(ctx, name=name, agency=each.agency) as asked:
            table = table_06.table_06(asked.ctx, by=SYSTEM, period=span, agency=each.agency)
        title = each.name if each.is_closed else _("%(name)s (chưa chốt)", name=each.name)
        sent.append(consolidated_06.Sent(each.agency, title, table))
    if not sent:
        raise NotFound
    response = Response(table_06_xlsx.as_xlsx(consolidated_06.added_up(sent)), mimetype=XLSX)
    file = f"bieu-06-tong-hop-{agency}-{period.name}.xlsx"
    response.headers.set("Content-Disposition", "attachment", filename=file)
    return response


@blueprint.post("/<agency>/<name>")
def close(agency: str, name: str) -> BaseResponse:
    """Close a period; its data never changes again."""

    def act() -> None:
        closing.close(
            current_context(), by=actor(), agency=agency, name=name, reports=standard_reports.summary,
            early=request.form.get("early") == "1",
        )  # fmt: skip

    return carry_out(
        act,
        form="close",
        page=lambda refused: _one(agency, name, refused),
        said=_("Đã chốt kỳ: từ nay báo cáo của kỳ này không đổi nữa."),
        then=url_for("report_periods.one", agency=agency, name=name),
    )


def _page(refused: Refusal | None) -> str:
    found = periods.listed(current_context(), by=actor())
    return render_template(
        "reports/periods.html",
        rows=[_shown(row) for row in found["periods"]],
        schedules=[row | {"label": KINDS[Kind(row["kind"])]} for row in found["schedules"]],
        agencies=found["agencies"],
        agency_choices=[(row["code"], row["name"]) for row in found["agencies"]],
        consolidators=found["consolidators"],
        closing=[(row["code"], row["name"]) for row in found["agencies"] if row["may_close"]],
        may_close={row["code"] for row in found["agencies"] if row["may_close"]},
        states=STATES,
        kinds=[(kind.value, label) for kind, label in KINDS.items()],
        first_days=FIRST_DAYS,
        send_months=SEND_MONTHS,
        filled=_filled(found["schedules"]),
        refused=refused,
    )


def _filled(schedules: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the form of schedules shows: that of the schedule to be changed, or the usual one of quarters."""
    changed = request.args.get("sua", "")
    chosen = (row for row in schedules if f"{row['agency']}/{row['kind']}" == changed)
    usually = asdict(usual(Kind.QUARTER, FIFTEENTH)) | {"agency": "", "document": "", "consolidated_by": ""}
    return next(chosen, usually)


def _one(agency: str, name: str, refused: Refusal | None) -> str:
    ctx, by, period = current_context(), actor(), _named(name)
    row = periods.one(ctx, by=by, agency=agency, name=name)
    span = Period(period.from_on, period.to_on)
    found: Corrections | None = None
    if row["state"] == "closed":
        with closed_periods.context_of(ctx, by=by, agency=agency, name=name) as then:
            found = corrections(ctx, then, by=by, agency=agency, period=span)
        doubtful = row["content"].get("quality", {})
    else:
        doubtful = quality.doubtful(ctx, by=by, asked=Asked(span, agency))
    return render_template(
        "reports/period.html",
        row=_shown(row),
        doubtful=doubtful,
        doubts={check.value: words.wrong for check, words in CHECKS.items()},
        found=found,
        columns=COLUMNS,
        changed=CHANGED,
        members=row["members"],
        may_close=row["may_close"],
        states=STATES,
        refused=refused,
    )


def _named(name: str) -> NamedPeriod:
    try:
        return named(name)
    except InvalidPeriodNameError:
        raise NotFound from None


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    period = named(row["period"])
    return row | {
        "label": label_of(period),
        "from_on": period.from_on,
        "to_on": period.to_on,
        "is_fifteenth": period.first_day == FIFTEENTH,
        "send_before_on": date.fromisoformat(row["send_before"]),
        "left": "" if row["state"] == "closed" else _left(date.fromisoformat(row["send_before"])),
    }


def _left(send_before: date) -> str:
    """Return how long there is to send a report, as people say it; the day before the date is the last one."""
    today = current_context().clock.now().astimezone(ZoneInfo(zone())).date()
    days = (send_before - today).days - 1
    if days < 0:
        return _("đã quá hạn gửi")
    return _("hôm nay là ngày cuối") if days == 0 else _("còn %(days)s ngày", days=days)
