"""The workbench: drafts of procedures, and how one begins: from a spreadsheet, a drawing, the library, a version."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import xlsxwriter
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain import permissions
from engine.domain.actors import Role
from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError, NotFoundError
from engine.services import agency_settings, draft_making, drafts, procedure_library
from web.auth import actor, current_context
from web.finding_words import finding_words
from web.forms import Refusal, named_request, refusal, refuse_unstorable, text

blueprint = Blueprint("workbench", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)

LARGEST_FILE = 5 * 1024 * 1024  #: bytes
REFUSALS = (InvalidInputError, ConflictError, ForbiddenError, NotFoundError)
TEMPLATE_ROWS = (
    ("Mã thủ tục", "9.000001"),
    ("Tên thủ tục", "Ghi tên thủ tục ở đây"),
    ("Tổng thời hạn", "2 ngày"),
    ("Lệ phí", "0"),
    (),
    ("STT", "Bước", "Đơn vị", "Thời gian", "Tạm dừng", "Tính tiếp", "Kết thúc xử lý", "Ghi chú"),
    (1, "Tiếp nhận hồ sơ", "Bộ phận Một cửa", "2 giờ", "", "", "", ""),
    (2, "Thẩm định hồ sơ", "Phòng chuyên môn", "1 ngày", "", "", "", ""),
    (3, "Ký kết quả", "Phòng chuyên môn", "4 giờ", "", "", "x", "x: ở bước này có kết quả"),
    (4, "Vào sổ, đóng dấu", "Phòng chuyên môn", "", "", "", "", ""),
    (5, "Trả kết quả", "Bộ phận Một cửa", "2 giờ", "", "", "", ""),
)


@blueprint.get("/quy-trinh")
def listed() -> str:
    """Show the drafts, and the ways to begin one."""
    return _page(None)


@blueprint.get("/quy-trinh/mau.xlsx")
def template_sheet() -> Response:
    """Return a spreadsheet to fill in: the small table of five steps."""
    permissions.check_can_see_a_workbench(actor())
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Quy trình")
        plain, bold = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "bold": True})
        sheet.set_column(0, 0, 16, plain)
        sheet.set_column(1, 2, 32, plain)
        sheet.set_column(3, 7, 16, plain)
        for no, row in enumerate(TEMPLATE_ROWS):
            sheet.write_row(no, 0, row, bold if no == 5 else plain)
    headers = {"Content-Disposition": "attachment; filename=quy-trinh-mau.xlsx"}
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(out.getvalue(), mimetype=kind, headers=headers)


@blueprint.post("/quy-trinh/tu-tep")
def from_file() -> BaseResponse:
    """Make drafts of a file, and show what became of each with its drawing and findings."""
    upload = request.files.get("file")
    name = (upload.filename if upload else "") or ""
    content = upload.stream.read(LARGEST_FILE + 1) if upload else b""
    kind = name.rpartition(".")[2].lower()
    try:
        made = draft_making.from_file(
            current_context(), by=actor(), content=content, kind=kind, agency=text("agency") or None,
            request=named_request(),
        )  # fmt: skip
    except REFUSALS as error:
        return _refused("file", error)
    return make_response(render_template("workbench/made.html", made=made, file=name, words=finding_words), 201)


@blueprint.post("/quy-trinh/tu-thu-vien")
def from_library() -> BaseResponse:
    """Make a draft of a reference process."""
    try:
        made = draft_making.from_library(
            current_context(), by=actor(), code=text("code", longest=40), agency=text("agency") or None,
            request=named_request(),
        )  # fmt: skip
    except REFUSALS as error:
        return _refused("library", error)
    return _opened(made)


@blueprint.post("/quy-trinh/moi")
def blank() -> BaseResponse:
    """Make a draft of the steps that every procedure has."""
    try:
        made = draft_making.blank(
            current_context(), by=actor(), code=text("code", longest=80), name=text("name", longest=600),
            agency=text("agency") or None, request=named_request(),
        )  # fmt: skip
    except REFUSALS as error:
        return _refused("blank", error)
    return _opened(made)


@blueprint.post("/quy-trinh/tu-phien-ban")
def from_version() -> BaseResponse:
    """Make a draft of a published version."""
    number = text("number", longest=6)
    made = draft_making.from_version(
        current_context(), by=actor(), code=text("code", longest=40), agency=text("agency", longest=40),
        number=int(number) if number.isascii() and number.isdigit() else None, request=named_request(),
    )  # fmt: skip
    return _opened(made)


def _opened(made: dict[str, Any]) -> BaseResponse:
    draft = made["drafts"][0]
    flash(_("Đã tạo bản thảo %(code)s.", code=draft["code"]), "success")
    return redirect(url_for("drafts.show", draft_id=draft["id"]), 303)


def _refused(form: str, error: EngineError) -> BaseResponse:
    shown = refusal(form, error)
    return make_response(_page(shown, error.details.get("refused", ())), shown.status)


def _page(refused: Refusal | None, refusals: Any = ()) -> str:
    ctx, by = current_context(), actor()
    permissions.check_can_see_a_workbench(by)
    return render_template(
        "workbench/list.html", drafts=drafts.listed(ctx, by=by), agencies=agency_settings.listed(ctx, by=by),
        library=procedure_library.listing(), refused=refused, refusals=refusals, words=finding_words,
        may_edit=bool(by.agencies_with(Role.ADMIN)),
    )  # fmt: skip
