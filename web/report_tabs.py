"""The tabs of the report pages, and the periods that their form offers by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from engine.domain.report_periods import CALENDAR, FIFTEENTH, Kind, NamedPeriod, containing
from web.auth import current_context
from web.i18n import zone

KEPT = ("ky", "tu", "den", "vai", "co-quan", "so-lieu")  #: parts of an address that go along from tab to tab
OFFERED = {Kind.MONTH: 14, Kind.QUARTER: 5, Kind.HALF: 3, Kind.YEAR: 2}  #: how many, the present one among them
GROUPS = {
    CALENDAR: {
        Kind.MONTH: lazy_gettext("Tháng"),
        Kind.QUARTER: lazy_gettext("Quý"),
        Kind.HALF: lazy_gettext("6 tháng"),
        Kind.YEAR: lazy_gettext("Năm"),
    },
    FIFTEENTH: {
        Kind.MONTH: lazy_gettext("Tháng, từ ngày 15"),
        Kind.QUARTER: lazy_gettext("Quý, từ ngày 15"),
        Kind.HALF: lazy_gettext("6 tháng, từ ngày 15"),
        Kind.YEAR: lazy_gettext("Năm, từ ngày 15"),
    },
}


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of reports."""

    path: str
    label: LazyString


@dataclass(frozen=True, slots=True)
class Named:
    """A period that has a name; both dates are included."""

    name: str
    label: str
    from_on: date
    to_on: date


TABS = (
    Tab("/bao-cao", lazy_gettext("Tổng quan")),
    Tab("/bao-cao/bieu-06", lazy_gettext("Biểu II.06")),
    Tab("/bao-cao/bieu-07", lazy_gettext("Biểu II.07")),
    Tab("/bao-cao/tre-han", lazy_gettext("Hồ sơ trễ")),
    Tab("/bao-cao/thoi-gian", lazy_gettext("Thời gian")),
    Tab("/bao-cao/dong-chay", lazy_gettext("Dòng chảy")),
    Tab("/bao-cao/chi-so-766", lazy_gettext("Chỉ số 766")),
    Tab("/bao-cao/chi-tieu", lazy_gettext("Chỉ tiêu")),
    Tab("/bao-cao/nhiem-vu", lazy_gettext("Nhiệm vụ")),
    Tab("/bao-cao/chat-luong", lazy_gettext("Chất lượng số liệu")),
    Tab("/bao-cao/ky", lazy_gettext("Kỳ báo cáo")),
)


def init_report_tabs(app: Flask) -> None:
    """Give templates the tabs and the periods."""
    app.jinja_env.globals.update(report_tabs=report_tabs, named_periods=named_periods)


def report_tabs() -> list[tuple[str, LazyString, bool]]:
    """Return of each page its address under the period that is asked for, its label, and whether it is shown now."""
    kept = {name: request.args[name] for name in KEPT if request.args.get(name)}
    endpoints = {rule.rule: rule.endpoint for rule in current_app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    known = [tab for tab in TABS if tab.path in endpoints]
    here = max((tab.path for tab in known if f"{request.path}/".startswith(f"{tab.path}/")), key=len, default=None)
    return [(current_app.url_for(endpoints[tab.path], **kept), tab.label, tab.path == here) for tab in known]


def named_periods() -> list[tuple[LazyString, list[Named]]]:
    """Return the latest periods by kind, the newest first: those of the calendar, then those from the 15th."""
    today = current_context().clock.now().astimezone(ZoneInfo(zone())).date()
    return [
        (label, [_named(containing(today, kind, first_day).shifted(-back)) for back in range(OFFERED[kind])])
        for first_day, labels in GROUPS.items()
        for kind, label in labels.items()
    ]


def label_of(period: NamedPeriod) -> str:
    """Return the name of a period as people say it, without the day on which it begins."""
    words = {"no": period.no, "year": period.year}
    match period.kind:
        case Kind.MONTH:
            return _("Tháng %(no)s/%(year)s", **words)
        case Kind.QUARTER:
            return _("Quý %(no)s/%(year)s", **words)
        case Kind.HALF if period.no == 1:
            return _("6 tháng đầu năm %(year)s", **words)
        case Kind.HALF:
            return _("6 tháng cuối năm %(year)s", **words)
    return _("Năm %(year)s", **words)


def _named(period: NamedPeriod) -> Named:
    return Named(period.name, label_of(period), period.from_on, period.to_on)
