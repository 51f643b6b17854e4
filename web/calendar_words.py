"""How calendars are worded on screens: states of days, what a change moves, what it declared."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

WEEKDAYS: tuple[LazyString, ...] = (
    lazy_gettext("T2"),
    lazy_gettext("T3"),
    lazy_gettext("T4"),
    lazy_gettext("T5"),
    lazy_gettext("T6"),
    lazy_gettext("T7"),
    lazy_gettext("CN"),
)
LOOKS: dict[str, tuple[LazyString, str]] = {  # state: what it is called, the mark in the cell
    "work": (lazy_gettext("làm việc"), ""),
    "weekly": (lazy_gettext("nghỉ hằng tuần"), ""),
    "off": (lazy_gettext("nghỉ"), "N"),
    "make-up": (lazy_gettext("làm bù"), "B"),
    "half": (lazy_gettext("làm nửa ngày"), "½"),
}
WHAT: dict[str, LazyString] = {
    "promise": lazy_gettext("Ngày hẹn trả"),
    "answer": lazy_gettext("Hạn bổ sung của người dân"),
    "extension": lazy_gettext("Ngày hẹn lại trong thư xin lỗi"),
    "step": lazy_gettext("Hạn của bước"),
    "wait": lazy_gettext("Thời hạn chờ của quy trình"),
}
NOTICES: dict[str, LazyString] = {
    "changes-nothing": lazy_gettext("Ngày %(on)s vốn đã như vậy; chỉ ghi thêm quyết định."),
    "in-the-past": lazy_gettext("Ngày %(on)s đã qua: những gì đã tính qua ngày đó giữ nguyên."),
    "make-up-alone": lazy_gettext(
        "Ngày làm bù %(on)s không có ngày nghỉ hoán đổi trong cùng quyết định: khai cả ngày nghỉ đó, nếu có."
    ),
    "year-provisional": lazy_gettext("Năm %(year)s vẫn chưa có quyết định nghỉ lễ, tết: ngày hẹn còn tạm tính."),
}
KINDS: dict[str, LazyString] = {
    "days": lazy_gettext("Khai ngày nghỉ, ngày làm bù"),
    "hours": lazy_gettext("Đổi giờ làm việc"),
    "reception": lazy_gettext("Đổi giờ tiếp nhận"),
    "undo": lazy_gettext("Hoàn tác"),
    "settings": lazy_gettext("Cài đặt thời hạn"),
}
LATE_RULES: dict[str, LazyString] = {
    "day": lazy_gettext("quá hạn khi hết ngày hẹn"),
    "instant": lazy_gettext("quá hạn khi qua giờ hẹn"),
}


def init_calendar_words(app: Flask) -> None:
    """Give templates the words of plain dates."""
    app.add_template_filter(plain_date)
    app.add_template_filter(weekday_of_date)


def plain_date(on: str) -> str:
    """Write an ISO date as people do: ``22/08/2026``."""
    return date.fromisoformat(on).strftime("%d/%m/%Y")


def weekday_of_date(on: str) -> int:
    """Return the weekday of an ISO date, Monday 0."""
    return date.fromisoformat(on).weekday()


def act_words(act: dict[str, Any]) -> str:
    """Return what an act of the history did: ``Khai ngày nghỉ, ngày làm bù: 22/08/2026 …``."""
    if act["kind"] == "settings":
        return f"{KINDS['settings']}: {_settings_words(act['replaced'][0])} → {_settings_words(act['declared'][0])}"
    days = [each["on"] for each in act["declared"] if "on" in each]
    begins = [each["from"] for each in act["declared"] if "from" in each]
    shown = ", ".join(plain_date(on) for on in (days + begins)[:4])
    more = len(days) + len(begins) - 4
    return f"{KINDS[act['kind']]}{': ' + shown if shown else ''}{f' (+{more})' if more > 0 else ''}"


def _settings_words(values: dict[str, Any]) -> str:
    return _(
        "%(late)s, sắp đến hạn khi đã dùng %(percent)s%% thời hạn",
        late=LATE_RULES[values["late_rule"]],
        percent=values["nearing_percent"],
    )
