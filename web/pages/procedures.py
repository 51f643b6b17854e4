"""Procedures: the catalogue, and one with its steps, diagram and findings."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask_babel import LazyString, lazy_gettext

from engine.domain.text import fold
from engine.services import procedures, units
from web.auth import actor, current_context
from web.forms import refuse_unstorable

blueprint = Blueprint("catalogue", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)

# What the linter says of a published version, for people who know procedures and no BPMN; its own words stay beside.
FINDINGS: dict[str, LazyString] = {
    "total-missing": lazy_gettext("Bảng không ghi tổng thời hạn: lấy tổng các chặng."),
    "total-differs": lazy_gettext("Tổng thời hạn khác tổng các chặng: giữ tổng thời hạn."),
    "total-unreadable": lazy_gettext("Tổng thời hạn không đọc được: coi như không ghi."),
    "decimal-comma": lazy_gettext("Số ngày viết với dấu phẩy: đọc là phần thập phân (1,5 là một ngày rưỡi)."),
    "stage-conflict": lazy_gettext("Một chặng ghi nhiều thời hạn: lấy số lớn nhất."),
    "stage-negative": lazy_gettext("Thời hạn chặng âm: coi như không có."),
    "stage-unreadable": lazy_gettext("Thời hạn chặng không đọc được: coi như không có."),
    "step-limit-unreadable": lazy_gettext("Thời hạn bước không đọc được: bỏ qua."),
    "fee-unreadable": lazy_gettext("Phí không đọc được: coi như chưa rõ."),
    "ends-missing": lazy_gettext("Không có bước kết thúc xử lý: lấy bước cuối trước thu phí và trả kết quả."),
    "ends-many": lazy_gettext("Nhiều bước kết thúc xử lý: lấy bước cuối."),
    "ends-pauses": lazy_gettext("Bước kết thúc xử lý hoặc sau đó có tạm dừng: không dừng đồng hồ."),
    "return-missing": lazy_gettext("Bảng không có bước trả kết quả: đã thêm."),
    "pause-without-resume": lazy_gettext("Có bước tạm dừng mà không có bước tính tiếp."),
    "resume-without-pause": lazy_gettext("Có bước tính tiếp mà không có bước tạm dừng."),
    "field-unknown": lazy_gettext("Bảng có cột lạ: bỏ qua."),
}


@blueprint.get("/thu-tuc")
def listed() -> str:
    """Show the catalogue, narrowed by what was typed."""
    actor()
    query = request.args.get("q", "").strip()[:100]
    words = fold(query).split()
    known = procedures.catalogue(current_context())
    shown = [row for row in known if all(word in fold(f"{row['code']} {row['name']} {row['field']}") for word in words)]
    return render_template(
        "procedures/list.html", procedures=shown, query=query, many=len({r["agency"] for r in known})
    )


@blueprint.get("/thu-tuc/<agency>/<code>")
def show(agency: str, code: str) -> str:
    """Show one procedure."""
    actor()
    procedure = procedures.show(current_context(), code=code, agency=agency)
    names = units.names(current_context(), agency=agency)
    return render_template("procedures/one.html", procedure=procedure, findings=FINDINGS, units=names)


@blueprint.get("/thu-tuc/<agency>/<code>/so-do.bpmn")
def diagram(agency: str, code: str) -> Response:
    """Return the model."""
    actor()
    facts = procedures.show(current_context(), code=code, agency=agency)
    return Response(facts["model"], mimetype="application/xml")
