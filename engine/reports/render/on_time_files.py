"""The on-time report as JSON, CSV and XLSX."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from engine.domain.statistics import Column
from engine.reports.on_time_values import Line, Per, Report
from engine.reports.render import official_words
from engine.reports.render.cells import csv_text
from engine.reports.render.official_sheets import Styles, definitions_sheet
from engine.reports.render.workbooks import print_on_a4, workbook

RATES = ("finished", "finished_with_ended", "received", "received_with_ended")
_KEY_TITLES = {
    Per.AGENCY: "Mã cơ quan",
    Per.PROCEDURE: "Mã thủ tục",
    Per.FIELD: "Lĩnh vực",
    Per.CHANNEL: "Kênh",
    Per.UNIT: "Mã đơn vị",
    Per.OFFICER: "Tài khoản",
    Per.MONTH: "Tháng",
}
_TITLES = {
    Column.RECEIVED_IN_PERIOD: "Tiếp nhận trong kỳ",
    Column.RECEIVED_ONLINE: "Trong đó trực tuyến",
    Column.CARRIED_OVER: "Từ kỳ trước",
    Column.EARLY: "Đã giải quyết trước hạn",
    Column.ON_TIME: "Đã giải quyết đúng hạn",
    Column.LATE: "Đã giải quyết quá hạn",
    Column.WITHDRAWN: "Công dân rút",
    Column.STOPPED: "Dừng giải quyết",
    Column.ENDED_LATE: "Rút/dừng khi đã quá hạn",
    Column.OPEN_IN_TIME: "Đang giải quyết, trong hạn",
    Column.OPEN_LATE: "Đang giải quyết, quá hạn",
    Column.RECEIVED_ON_TIME: "Tiếp nhận trong kỳ, đã giải quyết đúng hạn",
    Column.RECEIVED_ENDED: "Tiếp nhận trong kỳ, đã rút/dừng",
    Column.APOLOGISED: "Quá hạn, đã gửi thư xin lỗi",
    Column.APOLOGISED_MET: "Xin lỗi, đúng hẹn lại",
    Column.APOLOGISED_UNKEPT: "Xin lỗi, không giữ hẹn lại",
}
_RATE_TITLES = {
    "finished": "Tỷ lệ đúng hạn / đã giải quyết",
    "finished_with_ended": "Tỷ lệ đúng hạn / đã giải quyết (kể cả rút, dừng)",
    "received": "Tỷ lệ đúng hạn / tiếp nhận (trừ rút, dừng)",
    "received_with_ended": "Tỷ lệ đúng hạn / tiếp nhận",
}
_TABLE_ROW = 4  # of the header, from 0
_LEADING = 2  # key and name
_PAUSED = "Trong số đang giải quyết: đang tạm dừng tính giờ"
_RATES_AT = _LEADING + len(Column) + 1


def as_json(report: Report) -> str:
    """Return the report as one JSON document with a line end."""
    return json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n"


def as_csv(report: Report) -> str:
    """Return the report as CSV: a row a line, the total last with key ``total``; percent empty without denominator.

    The last columns say in each row which late rule is in force: ``day``, or agency by agency where they differ; and
    how many dossiers of the whole report are judged by either: ``day: 3; instant: 2``.
    """
    header = ["key", "name", *(column.value for column in Column), "paused"]
    for name in RATES:
        header += [f"{name}_numerator", f"{name}_denominator", f"{name}_percent"]
    rule = _late_rule({agency["code"]: agency["late_rule"] for agency in report.agencies})
    rows = [[*_csv_row(line, key), rule, _numbers(report.late_rules)] for line, key in _keyed(report)]
    return "".join(csv_text([*header, "late_rule", "late_rules"], rows))


def as_xlsx(report: Report) -> bytes:
    """Return the report as a workbook: a printable sheet (A4 landscape) and a sheet of definitions."""
    buffer = io.BytesIO()
    created = datetime.fromisoformat(report.generated_at)
    with workbook(buffer, created=created, title="Tình hình giải quyết hồ sơ đúng hạn") as book:
        _table(book, report)
        definitions_sheet(book, Styles(book), report.about)
    return buffer.getvalue()


def _keyed(report: Report) -> list[tuple[Line, str]]:
    return [*((line, line.key) for line in report.lines), (report.total, "total")]


def _late_rule(rules: Mapping[str, str]) -> str:
    """Return the rule that all agencies of the report share, otherwise each agency's; empty without agency."""
    shared = set(rules.values())
    return shared.pop() if len(shared) == 1 else "; ".join(f"{code}: {rule}" for code, rule in rules.items())


def _rule_words(agency: Mapping[str, Any]) -> str:
    """Return the rule in force in words, and how many dossiers were promised by the other one."""
    others = [(rule, n) for rule, n in agency["late_rules"].items() if n and rule != agency["late_rule"]]
    counted = "".join(f" ({n} hồ sơ đã hẹn theo cách cũ: {official_words.RULES[rule]})" for rule, n in others)
    return official_words.RULES[agency["late_rule"]] + counted


def _numbers(counts: Mapping[str, int | None]) -> str:
    """Return counts by name; what was not counted is a question mark."""
    return "; ".join(f"{name}: {'?' if n is None else n}" for name, n in counts.items())


def _csv_row(line: Line, key: str) -> list[str | int | float | None]:
    row: list[str | int | float | None] = [key, line.name, *(line[column] for column in Column), line.paused]
    for name in RATES:
        rate = line.rates[name].as_json()
        row += [rate["numerator"], rate["denominator"], rate["percent"]]
    return row


def _table(book: Any, report: Report) -> None:
    sheet = book.add_worksheet("Đúng hạn")
    print_on_a4(sheet, header=_TABLE_ROW)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 36)
    sheet.set_column(_LEADING, _RATES_AT + len(RATES) - 1, 12)
    sheet.freeze_panes(_TABLE_ROW + 1, _LEADING)
    sheet.write_string(0, 0, "TÌNH HÌNH GIẢI QUYẾT HỒ SƠ ĐÚNG HẠN", book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, f"Kỳ báo cáo: từ {_day(report.period.from_on)} đến {_day(report.period.to_on)}")
    sheet.write_string(2, 0, f"Lập lúc: {official_words.generated(report.about)}")
    rule = _late_rule({agency["code"]: _rule_words(agency) for agency in report.agencies})
    sheet.write_string(3, 0, f"Tính là quá hạn: {rule or '—'}")
    head = book.add_format({"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "border": 1})
    titles = [_KEY_TITLES[report.per], "Tên", *(_TITLES[column] for column in Column), _PAUSED]
    for at, title in enumerate([*titles, *(_RATE_TITLES[name] for name in RATES)]):
        sheet.write_string(_TABLE_ROW, at, title, head)
    plain, bold = _formats(book, {"border": 1}), _formats(book, {"border": 1, "bold": True})
    for at, line in enumerate(report.lines, start=_TABLE_ROW + 1):
        _row(sheet, at, line, plain)
    _row(sheet, _TABLE_ROW + 1 + len(report.lines), report.total, bold)


def _formats(book: Any, style: dict[str, Any]) -> tuple[Any, Any, Any]:
    numbers = book.add_format(style | {"num_format": "#,##0"})
    return book.add_format(style), numbers, book.add_format(style | {"num_format": "0.00%"})


def _row(sheet: Any, at: int, line: Line, formats: tuple[Any, Any, Any]) -> None:
    text, number, percent = formats
    sheet.write_string(at, 0, line.key, text)
    sheet.write_string(at, 1, line.name, text)
    for offset, column in enumerate(Column, start=_LEADING):
        sheet.write_number(at, offset, line[column], number)
    sheet.write_number(at, _RATES_AT - 1, line.paused, number)
    for offset, name in enumerate(RATES, start=_RATES_AT):
        rate = line.rates[name]
        if rate.denominator:
            sheet.write_number(at, offset, rate.numerator / rate.denominator, percent)
        else:
            sheet.write_blank(at, offset, None, percent)


def _day(on: date) -> str:
    return f"{on:%d/%m/%Y}"
