"""How index 766, targets and tasks are worded: names in the language of the page, numbers as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from flask import Flask
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from engine.domain.index_766 import Group, Metric, Rank
from engine.domain.indicator_catalogue import INDICATORS
from engine.domain.indicators import Indicator, Origin, Shape, Value
from engine.domain.plan_facts import Comparison, TaskState
from engine.reports.index_766 import number
from engine.reports.indicator_dossiers import Part
from engine.reports.indicator_values import Split
from engine.reports.on_time_values import Rate
from engine.reports.plan_lists import FigureLine, TaskStanding
from engine.reports.targets import Verdict
from engine.reports.targets import measured as of_target
from web.admin_refusals import ADMINISTRATION
from web.i18n import language
from web.labels import Look
from web.plan_refusals import PLANS

GROUPS: dict[Group, LazyString] = {
    Group.TRANSPARENCY: lazy_gettext("Công khai, minh bạch"),
    Group.PROGRESS: lazy_gettext("Tiến độ giải quyết"),
    Group.DIGITISATION: lazy_gettext("Số hóa hồ sơ"),
    Group.ONLINE: lazy_gettext("Cung cấp dịch vụ trực tuyến"),
    Group.SATISFACTION: lazy_gettext("Mức độ hài lòng"),
}
RANKS: dict[Rank, LazyString] = {
    Rank.EXCELLENT: lazy_gettext("Xuất sắc"),
    Rank.GOOD: lazy_gettext("Tốt"),
    Rank.FAIR: lazy_gettext("Khá"),
    Rank.AVERAGE: lazy_gettext("Trung bình"),
    Rank.WEAK: lazy_gettext("Yếu"),
}
SPLITS: dict[str, LazyString] = {
    "": lazy_gettext("chung một bảng"),
    Split.AGENCY.value: lazy_gettext("thêm từng cơ quan"),
    Split.UNIT.value: lazy_gettext("thêm từng đơn vị"),
}
ORIGINS: dict[Origin, LazyString] = {
    Origin.FACTS: lazy_gettext("tính từ hồ sơ"),
    Origin.REGISTER: lazy_gettext("tính từ danh mục thủ tục"),
    Origin.TASKS: lazy_gettext("tính từ nhiệm vụ của kế hoạch"),
    Origin.FIGURE: lazy_gettext("nhập tay"),
}
PARTS: dict[Part, LazyString] = {
    Part.COUNTED: lazy_gettext("hồ sơ được tính"),
    Part.MET: lazy_gettext("hồ sơ đạt"),
    Part.LOST: lazy_gettext("hồ sơ làm mất điểm"),
    Part.SAVABLE: lazy_gettext("hồ sơ còn kịp"),
}
COMPARISONS: dict[Comparison, LazyString] = {
    Comparison.AT_LEAST: lazy_gettext("từ"),
    Comparison.MORE: lazy_gettext("trên"),
    Comparison.AT_MOST: lazy_gettext("không quá"),
    Comparison.LESS: lazy_gettext("dưới"),
}
VERDICTS: dict[Verdict, Look] = {
    Verdict.MET: Look(lazy_gettext("Đạt"), "check", "good"),
    Verdict.BEHIND: Look(lazy_gettext("Chưa đạt"), "hourglass", "near"),
    Verdict.MISSED: Look(lazy_gettext("Không đạt"), "overdue", "late"),
    Verdict.NO_DATA: Look(lazy_gettext("Chưa có số liệu"), "info", "ended"),
    Verdict.NOT_APPLICABLE: Look(lazy_gettext("Không phát sinh"), "cross", "ended"),
}
STATES: dict[TaskState, LazyString] = {
    TaskState.TO_DO: lazy_gettext("Chưa làm"),
    TaskState.UNDER_WAY: lazy_gettext("Đang làm"),
    TaskState.DONE: lazy_gettext("Đã xong"),
    TaskState.CANCELLED: lazy_gettext("Đã bỏ"),
}
STANDINGS: dict[TaskStanding, Look] = {
    TaskStanding.DONE_IN_TIME: Look(lazy_gettext("Xong đúng hạn"), "check", "good"),
    TaskStanding.DONE_LATE: Look(lazy_gettext("Xong quá hạn"), "overdue", "late"),
    TaskStanding.OVERDUE: Look(lazy_gettext("Quá hạn"), "overdue", "late"),
    TaskStanding.DUE: Look(lazy_gettext("Trong hạn"), "running", "info"),
    TaskStanding.CANCELLED: Look(lazy_gettext("Đã bỏ"), "cross", "ended"),
}


def indicator_name(named: Indicator | Metric | str) -> str:
    """Return what an indicator is called in the language of the page."""
    found = INDICATORS[named] if isinstance(named, str) else named
    return found.vi if language() == "vi" else found.en


def indicator_choices(origins: Iterable[Origin] = Origin) -> list[tuple[str, str]]:
    """Return key and name of the indicators of these origins, in the order of the catalogue."""
    wanted = set(origins)
    return [(key, indicator_name(row)) for key, row in INDICATORS.items() if row.origin in wanted]


def points(value: Fraction | None) -> str:
    """Return points with up to two decimals; a dash for what is not known."""
    if value is None:
        return "—"
    return _decimal(Fraction(round(value * 100), 100))


def measured(value: Fraction | None, indicator: Indicator) -> str:
    """Return a value in the unit of its indicator: percent for a share."""
    if value is None:
        return "—"
    sign = "-" if value < 0 else ""
    text = sign + _decimal(Fraction(round(abs(value) * 100), 100))
    return f"{text}%" if indicator.shape is Shape.SHARE else text


def gap_words(value: Fraction | None, indicator: Indicator) -> str:
    """Return how far a value lies from its target, with its sign."""
    if value is None:
        return "—"
    return ("+" if value > 0 else "") + measured(value, indicator)


def month(value: Value, indicator: Indicator) -> str:
    """Return the value of one month as ``measured`` writes it."""
    return measured(of_target(indicator, value), indicator)


def figure(row: FigureLine) -> str:
    """Return a figure that is no share as a decimal."""
    return _decimal(Fraction(row.numerator, row.denominator))


def problem(found: Mapping[str, Any]) -> str:
    """Return why a row of a file was refused: what happened and what to do, else the sentence as it is."""
    known = PLANS.get(found["code"]) or ADMINISTRATION.get(found["code"])
    told = f"{known.happened} {known.remedy} " if known else ""
    return f"{told}({found['message']})"


def share(value: Value) -> Rate:
    """Return a value as a share to be printed; nothing to divide by when it is not known."""
    return Rate(value.numerator or 0, value.denominator or 0)


def days_words(days: int | None) -> str:
    """Return how many days a task has left, as people say it."""
    if days is None:
        return ""
    if days == 0:
        return _("hạn hôm nay")
    return _("còn %(days)s ngày", days=days) if days > 0 else _("quá %(days)s ngày", days=-days)


def _decimal(value: Fraction) -> str:
    text = f"{number(value):.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language() == "vi" else text


def init_plan_words(app: Flask) -> None:
    """Let templates name indicators and write their numbers."""
    for each in (indicator_name, points, measured, gap_words, days_words, month, figure, problem):
        app.add_template_filter(each, f"plan_{each.__name__}")
