"""Index 766 and the targets of a plan as JSON, CSV and XLSX."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from engine.domain.index_766 import Group, Points, Rank, ScoredTerm
from engine.domain.indicator_catalogue import INDICATORS
from engine.domain.indicators import State
from engine.reports.about import About
from engine.reports.index_766 import Index766, Scores, number
from engine.reports.render.cells import Cell, csv_text
from engine.reports.render.official_sheets import Styles, definitions_sheet, fit_height, made_at, set_up
from engine.reports.render.official_words import day
from engine.reports.render.workbooks import workbook
from engine.reports.targets import TargetLine, Targets, Verdict

GROUPS = {
    Group.TRANSPARENCY: "Công khai, minh bạch",
    Group.PROGRESS: "Tiến độ giải quyết",
    Group.DIGITISATION: "Số hóa hồ sơ",
    Group.ONLINE: "Cung cấp dịch vụ trực tuyến",
    Group.SATISFACTION: "Mức độ hài lòng",
}
RANKS = {
    Rank.EXCELLENT: "Xuất sắc",
    Rank.GOOD: "Tốt",
    Rank.FAIR: "Khá",
    Rank.AVERAGE: "Trung bình",
    Rank.WEAK: "Yếu",
}
STATES = {
    State.COMPUTED: "",
    State.NO_DATA: "chưa có số liệu",
    State.NOT_APPLICABLE: "không phát sinh",
}
VERDICTS = {
    Verdict.MET: "Đạt",
    Verdict.BEHIND: "Chưa đạt",
    Verdict.MISSED: "Không đạt",
    Verdict.NO_DATA: "Chưa có số liệu",
    Verdict.NOT_APPLICABLE: "Không phát sinh",
}
_INDEX_HEAD = (
    "Chỉ số", "Cách tính", "Thành phần", "Tử số", "Mẫu số", "Tỷ lệ", "Điểm", "Điểm tối đa", "Ghi chú",
)  # fmt: skip
_INDEX_WIDTHS = (34, 22, 46, 11, 11, 10, 9, 9, 22)
_TARGET_HEAD = (
    "Chỉ tiêu", "Mức đặt ra", "Từ ngày", "Đến ngày", "Văn bản", "Tử số", "Mẫu số", "Hiện nay", "Chênh lệch", "Đánh giá",
    "Dự báo cuối kỳ", "Cần thêm", "Cơ quan",
)  # fmt: skip
_TARGET_WIDTHS = (46, 10, 12, 12, 26, 10, 10, 10, 10, 15, 11, 34, 30)
_METHOD = (
    "Cách dự báo: hồ sơ đã xong giữ nguyên; hồ sơ đang mở còn hạn trong kỳ coi như đúng hạn, hồ sơ đã quá hạn coi như "
    "trễ; không đoán hồ sơ đang tạm dừng và hồ sơ chưa nộp."
)
_AT = 4  # row of the header


def as_json(report: Index766 | Targets) -> str:
    """Return the report as one JSON document with a line end."""
    return json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n"


def index_csv(report: Index766) -> str:
    """Return a row for each summand of each indicator, of the whole (line empty) and of each line."""
    header = ["line", "group", "metric", "indicator", "state", "numerator", "denominator", "points", "max", "by_rule"]
    rows: list[list[Cell]] = []
    for scores in (report.total, *report.rows):
        for metric in scores.metrics:
            rows += [
                [scores.key, metric.metric.group.value, metric.metric.code, *_term_cells(term)] for term in metric.terms
            ]
            rows.append(_metric_cells(scores.key, metric.metric.group.value, metric.metric.code, metric.points))
        rows.append(_metric_cells(scores.key, "total", "", scores.total))
    return "".join(csv_text(header, rows))


def targets_csv(report: Targets) -> str:
    """Return a row a target: what is asked, what is, and where it will stand."""
    header = [
        "agency", "indicator", "comparison", "figure", "from", "to", "base_year", "document", "state", "numerator",
        "denominator", "measured", "gap", "verdict", "forecast_numerator", "forecast_denominator", "forecast_percent",
        "savable", "needed", "further",
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for line in report.lines:
        said = line.as_json()
        ahead = said["forecast"] or {}
        rows.append(
            [said[name] for name in header[:14]]
            + [ahead.get(name) for name in ("numerator", "denominator", "percent", "savable", "needed", "further")]
        )
    return "".join(csv_text(header, rows))


def index_xlsx(report: Index766) -> bytes:
    """Return a workbook: a sheet for the whole, one for the lines together, and the definitions."""
    buffer = io.BytesIO()
    with workbook(buffer, created=made_at(report.about), title="Bộ chỉ số 766", by_rows=False) as book:
        styles = Styles(book)
        _index_sheet(book.add_worksheet("Bộ chỉ số"), styles, report)
        if report.rows:
            _lines_sheet(book.add_worksheet("Từng dòng"), styles, report)
        definitions_sheet(book, styles, report.about)
    return buffer.getvalue()


def targets_xlsx(report: Targets) -> bytes:
    """Return a workbook: a row a target, and the definitions."""
    buffer = io.BytesIO()
    with workbook(buffer, created=made_at(report.about), title="Chỉ tiêu kế hoạch", by_rows=False) as book:
        styles, sheet = Styles(book), book.add_worksheet("Chỉ tiêu")
        set_up(sheet, widths=_TARGET_WIDTHS, header=_AT, header_to=_AT, frozen=1)
        _titles(sheet, styles, "CHỈ TIÊU CỦA KẾ HOẠCH", report.about, _METHOD)
        write_row(sheet, _AT, [(title, styles.head) for title in _TARGET_HEAD], _TARGET_WIDTHS)
        for at, line in enumerate(report.lines, start=_AT + 1):
            write_row(sheet, at, _target_cells(line, styles), _TARGET_WIDTHS)
        definitions_sheet(book, styles, report.about)
    return buffer.getvalue()


def note_of(term: ScoredTerm) -> str:
    """Return in words why a summand has no value, or points all the same."""
    words = STATES[term.value.state]
    if term.value.missing:
        words = f"{words}: còn {term.value.missing} mục chưa khai"
    return f"{words}; tính điểm theo quy định" if term.by_rule else words


def write_row(sheet: Any, at: int, cells: Sequence[tuple[Any, Any]], widths: Sequence[float]) -> None:
    """Write the cells of a row, each with its format, and make it as high as its texts need."""
    for column, (value, style) in enumerate(cells):
        if value is None:
            sheet.write_blank(at, column, None, style)
        elif isinstance(value, str):
            sheet.write_string(at, column, value, style)
        else:
            sheet.write_number(at, column, value, style)
    fit_height(
        sheet, at, [(value, width) for (value, _), width in zip(cells, widths, strict=True) if isinstance(value, str)]
    )


def _term_cells(term: ScoredTerm) -> list[Cell]:
    value = term.value
    return [
        term.term.indicator, value.state.value, value.numerator, value.denominator, number(term.points),
        number(term.term.most), term.by_rule,
    ]  # fmt: skip


def _metric_cells(key: str, group: str, code: str, points: Points) -> list[Cell]:
    return [key, group, code, "", "", None, None, number(points.points), number(points.most), None]


def _index_sheet(sheet: Any, styles: Styles, report: Index766) -> None:
    set_up(sheet, widths=_INDEX_WIDTHS, header=_AT, header_to=_AT, frozen=1)
    _titles(sheet, styles, "BỘ CHỈ SỐ THEO QUYẾT ĐỊNH 766/QĐ-TTg", report.about, _summary(report.total))
    write_row(sheet, _AT, [(title, styles.head) for title in _INDEX_HEAD], _INDEX_WIDTHS)
    at = _AT + 1
    for group in Group:
        points = report.total.group(group)
        write_row(sheet, at, _sum_cells(GROUPS[group], points, styles), _INDEX_WIDTHS)
        at += 1
        for metric in report.total.of_group(group):
            for no, term in enumerate(metric.terms):
                first = [metric.metric.vi, metric.metric.formula] if no == 0 else ["", ""]
                write_row(sheet, at, [*((text, styles.text) for text in first), *_values(term, styles)], _INDEX_WIDTHS)
                at += 1
    write_row(sheet, at, _sum_cells("Tổng số", report.total.total, styles), _INDEX_WIDTHS)


def _lines_sheet(sheet: Any, styles: Styles, report: Index766) -> None:
    widths = (18, 40, *([14] * len(Group)), 12, 14)
    set_up(sheet, widths=widths, header=_AT, header_to=_AT, frozen=2)
    _titles(sheet, styles, "BỘ CHỈ SỐ THEO TỪNG DÒNG", report.about, "Để trống: chưa có số liệu.")
    titles = ["Mã", "Tên", *GROUPS.values(), "Tổng số", "Chưa có số liệu"]
    write_row(sheet, _AT, [(title, styles.head) for title in titles], widths)
    for at, scores in enumerate(report.rows, start=_AT + 1):
        points = [*(scores.group(group) for group in Group), scores.total]
        cells: list[tuple[Any, Any]] = [(scores.key, styles.text), (scores.name, styles.text)]
        cells += [(number(each.points), styles.number) for each in points]
        write_row(sheet, at, [*cells, (number(scores.total.unknown), styles.number)], widths)


def _values(term: ScoredTerm, styles: Styles) -> list[tuple[Any, Any]]:
    value = term.value
    return [
        (INDICATORS[term.term.indicator].vi, styles.text),
        (value.numerator, styles.number),
        (value.denominator, styles.number),
        (None if value.ratio is None else float(value.ratio), styles.percent),
        (number(term.points), styles.text),
        (number(term.term.most), styles.text),
        (note_of(term), styles.text),
    ]


def _sum_cells(name: str, points: Points, styles: Styles) -> list[tuple[Any, Any]]:
    empty = [("", styles.text_bold)] * 5
    note = f"chưa có số liệu: {_decimal(points.unknown)} điểm" if points.unknown else ""
    sums = [(number(points.points), styles.text_bold), (number(points.most), styles.text_bold)]
    return [(name, styles.text_bold), *empty, *sums, (note, styles.text_bold)]


def _summary(scores: Scores) -> str:
    total = scores.total
    rank = "chưa xếp loại được" if total.rank is None else RANKS[total.rank]
    return (
        f"Đã biết {_decimal(total.points or Fraction())}/{_decimal(total.most)} điểm; chưa có số liệu "
        f"{_decimal(total.unknown)} điểm; không phát sinh {_decimal(total.not_applicable)} điểm; {rank}"
    )


def _target_cells(line: TargetLine, styles: Styles) -> list[tuple[Any, Any]]:
    row, found = line.target, line.forecast
    ahead = None if found is None or found.value.ratio is None else float(found.value.ratio)
    return [
        (line.indicator.vi, styles.text),
        (f"{row.comparison} {row.figure.replace('.', ',')}", styles.text),
        (day(row.from_on), styles.text),
        (day(row.to_on), styles.text),
        (row.document, styles.text),
        (line.value.numerator, styles.number),
        (line.value.denominator, styles.number),
        (number(line.measured), styles.text),
        (number(line.gap), styles.text),
        (VERDICTS[line.verdict], styles.text),
        (ahead, styles.percent),
        (_needed(line), styles.text),
        (line.agency_name, styles.text),
    ]


def _needed(line: TargetLine) -> str:
    found = line.forecast
    if found is None:
        return ""
    if found.needed is not None:
        return f"ít nhất {found.needed} trong {found.savable} hồ sơ đang mở"
    if found.further is not None:
        return f"cả {found.savable} hồ sơ đang mở và {found.further} hồ sơ mới"
    return "không còn đạt được bằng hồ sơ đang mở"


def _titles(sheet: Any, styles: Styles, title: str, about: About, summary: str) -> None:
    period = about.period
    sheet.write_string(0, 0, title, styles.label)
    sheet.write_string(1, 0, f"Từ ngày {day(period.from_on)} đến ngày {day(period.to_on)}", styles.label)
    sheet.write_string(2, 0, summary, styles.label)


def _decimal(points: Fraction) -> str:
    return f"{number(points):g}".replace(".", ",")
