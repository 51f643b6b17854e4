"""The books of a desk: the ledger of what it received (form 07), and the slips of what units handed over."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from flask_babel import LazyString, lazy_gettext

from engine.documents.ledgers import RemarkKind
from engine.errors import EngineError
from engine.reports import bundles, ledger
from engine.reports.filters import storable
from engine.reports.localities import InvalidDateError
from engine.reports.render import ledger_files
from engine.services import office_documents
from web.auth import actor, current_context
from web.docx_files import docx_response
from web.errors import status_of
from web.i18n import zone
from web.pages.dossier import pdf_response
from web.refusals import wording_of
from web.streamed_files import streamed

blueprint = Blueprint("books", __name__)

LONGEST = 200  #: characters of what an address may say
LARGEST_ID = 2**31 - 1
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
REMARKS: dict[RemarkKind, LazyString] = {
    RemarkKind.RESERVED: lazy_gettext("Nhập từ sổ dự phòng"),
    RemarkKind.LATE_ENTRY: lazy_gettext("Vào sổ sau ngày nhận"),
    RemarkKind.CORRECTED: lazy_gettext("Đính chính, cấp lại giấy tiếp nhận"),
    RemarkKind.RECEIPT_VOID: lazy_gettext("Giấy tiếp nhận đã hủy"),
    RemarkKind.EXTENDED: lazy_gettext("Xin lỗi, hẹn lại đến"),
    RemarkKind.REFUSED: lazy_gettext("Từ chối giải quyết"),
    RemarkKind.WITHDRAWN: lazy_gettext("Rút hồ sơ"),
    RemarkKind.STOPPED: lazy_gettext("Dừng giải quyết"),
    RemarkKind.NUMBER_VOID: lazy_gettext("Số dự phòng đã hủy"),
}


@blueprint.get("/so-theo-doi")
def show() -> tuple[str, int]:
    """Show the ledger of a period, page by page; a period that cannot be read is told beside the form."""
    ctx, by = current_context(), actor()
    agencies = ledger.agencies(ctx, by=by)
    page, problem, status = None, None, 200
    try:
        page = ledger.page(ctx, by=by, question=_question(), cursor=request.args.get("sau") or None)
    except EngineError as error:
        status = status_of(error)
        problem = _problem(error, status)
    shown = render_template(
        "books/ledger.html",
        page=page,
        problem=problem,
        asked=_asked(),
        agencies=agencies,
        fields=ledger.fields(ctx),
        remarks=REMARKS,
    )
    return shown, status


@blueprint.get("/so-theo-doi.<any('pdf', 'docx', 'xlsx', 'csv'):kind>")
def ledger_file(kind: str) -> Response:
    """Return the ledger of a period: a part of it as PDF or .docx, or all of it as a workbook or CSV."""
    question = _question()
    if kind in {"pdf", "docx"}:
        return _ledger_part(question, kind)
    ctx, by = current_context(), actor()
    return streamed(
        lambda file: ledger_files.write(ctx, by=by, question=question, to=file, wanted=kind),
        media_type=TYPES[kind],
        name=ledger_files.file_name(question, kind),
    )


def _ledger_part(question: ledger.Question, kind: str) -> Response:
    ctx, part = current_context(), request.args.get("phan", default=1, type=int)
    if kind == "pdf":
        content, parts = ledger.pdf(ctx, by=actor(), question=question, part=part)
        return pdf_response(content, _part_name(question, part, parts))
    agency, values = ledger.values(ctx, by=actor(), question=question, part=part)
    return docx_response(office_documents.of_values(ctx, agency, values), _part_name(question, part, values.parts))


def _part_name(question: ledger.Question, part: int, parts: int) -> str:
    return ledger_files.file_name(question, "pdf", part if parts > 1 else None).removesuffix(".pdf")


@blueprint.get("/ban-giao")
def handovers() -> tuple[str, int]:
    """Show between which units something was handed over on a day, and what from one to the other."""
    ctx, by = current_context(), actor()
    given = request.args.get("ngay", "") or _today().isoformat()
    found: dict[str, object] = {"ways": [], "bundle": None}
    problem, status = None, 200
    try:
        found["ways"] = bundles.ways(ctx, by=by, on=_day(given))
        if _asks_for_units():
            found["bundle"] = bundles.page(
                ctx, by=by, on=_day(given), **_units(), cursor=request.args.get("sau") or None
            )
    except EngineError as error:
        status = status_of(error)
        problem = _problem(error, status)
    page = render_template("books/handovers.html", on=given[:LONGEST], problem=problem, chosen=_units(), **found)
    return page, status


@blueprint.get("/ban-giao.<any('pdf', 'docx'):kind>")
def bundle_slip(kind: str) -> Response:
    """Return the slip of what one unit handed to another on a day."""
    ctx, on = current_context(), _day(request.args.get("ngay", ""))
    if kind == "pdf":
        return pdf_response(bundles.pdf(ctx, by=actor(), on=on, **_units()), f"ban-giao-{on}")
    agency, values = bundles.values(ctx, by=actor(), on=on, **_units())
    return docx_response(office_documents.of_values(ctx, agency, values), f"ban-giao-{on}")


def _asked() -> dict[str, str]:
    """Return what the form asks for; the present month without one."""
    today = _today()
    asked = {"tu": today.replace(day=1).isoformat(), "den": today.isoformat(), "co-quan": "", "linh-vuc": ""}
    return asked | {name: value[:LONGEST] for name in asked if (value := storable(request.args.get(name, "")))}


def _question() -> ledger.Question:
    asked = _asked()
    return ledger.Question(
        first_on=_day(asked["tu"]),
        last_on=_day(asked["den"]),
        agency=asked["co-quan"] or None,
        field=asked["linh-vuc"] or None,
    )


def _asks_for_units() -> bool:
    return all(_units().values())


def _units() -> dict[str, int]:
    """Return which units the address names; 0 where it names none."""
    given = {"from_unit": "tu", "to_unit": "den"}
    return {key: min(max(request.args.get(name, 0, int), 0), LARGEST_ID) for key, name in given.items()}


def _today() -> date:
    return current_context().clock.now().astimezone(ZoneInfo(zone())).date()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidDateError(f"{text[:20]!r} is no date", field="tu") from None


def _problem(error: EngineError, status: int) -> str:
    wording = wording_of(error, status)
    return f"{wording.happened} {wording.remedy}"
