"""What official tables say in words: the period, the rules of counting, what is wrong with the data (domain.md §6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from engine.domain.deadlines import LateRule
from engine.domain.dossier import Cause
from engine.domain.report_periods import CALENDAR, FIFTEENTH, Kind, containing
from engine.reports.about import About
from engine.reports.on_time_values import Period
from engine.reports.quality import Check
from engine.reports.scope import NO_LEVEL

LEVELS: Mapping[str, str] = {
    "province": "Thủ tục hành chính cấp tỉnh",
    "commune": "Thủ tục hành chính cấp xã",
    NO_LEVEL: "Thủ tục không có trong danh mục",
}
NO_FIELD = "(chưa phân lĩnh vực)"
CAUSES: Mapping[str, str] = {
    Cause.RULE: "Quy định thủ tục hành chính",
    Cause.STAFF: "Cán bộ, công chức",
    Cause.COOPERATION: "Cơ quan phối hợp",
    Cause.DOSSIER: "Hồ sơ",
    Cause.OTHER: "Nguyên nhân khác",
}  #: (a) to (e) of form II.07
CHECKS: Mapping[str, str] = {
    Check.NO_CODE: "đã tiếp nhận nhưng không có mã hồ sơ",
    Check.FINISHED_BEFORE_RECEIVED: "kết thúc trước khi tiếp nhận",
    Check.FUTURE_DATE: "có ngày ở tương lai",
    Check.NO_PROMISE: "không có ngày hẹn trả",
    Check.IMPORTED_WITHOUT_DUE: "nhập từ hệ thống khác, không có ngày hẹn trả",
    Check.NO_UNIT: "có kết quả nhưng không rõ đơn vị giải quyết",
    Check.LATE_WITHOUT_CAUSE: "quá hạn chưa ghi nguyên nhân",
    Check.UNKNOWN_PROCEDURE: "thuộc thủ tục không có trong danh mục",
    Check.PROCEDURE_WITHOUT_FIELD: "thuộc thủ tục chưa phân lĩnh vực",
}  #: what is wrong with a dossier
RULES = {LateRule.DAY.value: "khi hết ngày hẹn trả", LateRule.INSTANT.value: "khi qua giờ hẹn trả"}
DIMENSIONS = {"receiving": "tiếp nhận", "resolving": "giải quyết", "returning": "trả kết quả"}
_ROMAN = ("I", "II", "III", "IV")
_HALVES = ("đầu", "cuối")


def day(on: date) -> str:
    """Return a date as papers write it."""
    return f"{on:%d/%m/%Y}"


def instant(at: datetime) -> str:
    """Return a local instant as papers write it."""
    return f"{at:%H:%M %d/%m/%Y}"


def period_words(period: Period) -> str:
    """Return what a period is called; an empty text for one that has no name."""
    for first_day in (CALENDAR, FIFTEENTH):
        for kind in Kind:
            named = containing(period.to_on, kind, first_day)
            if (named.from_on, named.to_on) == (period.from_on, period.to_on):
                return {
                    Kind.MONTH: f"Tháng {named.no} năm {named.year}",
                    Kind.QUARTER: f"Quý {_ROMAN[(named.no - 1) % 4]} năm {named.year}",
                    Kind.HALF: f"6 tháng {_HALVES[(named.no - 1) % 2]} năm {named.year}",
                    Kind.YEAR: f"Năm {named.year}",
                }[kind]
    return ""


def field_words(field: str) -> str:
    """Return the name of a field, and of none."""
    return field or NO_FIELD


def quality_words(found: Mapping[str, int] | None) -> str:
    """Return what the data-quality gate found, in one sentence."""
    if found is None:
        return ""
    wrong = [f"{count} hồ sơ {CHECKS[check]}" for check, count in found.items() if count]
    return "Chất lượng số liệu: " + ("; ".join(wrong) if wrong else "không phát hiện sai sót") + "."


def about_words(about: About) -> list[str]:
    """Return what stands under a table: whose dossiers, when, the rules of lateness, the calendar, the gate."""
    lines = [f"Tính theo cơ quan {DIMENSIONS[about.dimension.value]}. Lập lúc {generated(about)}."]
    lines += [agency_words(agency) for agency in about.agencies]
    said = quality_words(about.quality)
    return [*lines, said] if said else lines


def generated(about: About) -> str:
    """Return when a report was made, as papers write it."""
    return instant(datetime.fromisoformat(about.generated_at)) if about.generated_at else "—"


def agency_words(agency: Mapping[str, Any]) -> str:
    """Return by which rules and which calendar an agency is counted."""
    rules = agency["late_rules"]
    judged = ", ".join(f"{rules[rule]} hồ sơ {words}" for rule, words in RULES.items() if rules[rule])
    counted = f" ({judged})" if judged else ""
    return f"{agency['name']}: quá hạn {RULES[agency['late_rule']]}{counted}; lịch làm việc {agency['calendar']}."
