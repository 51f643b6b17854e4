"""How the clock of a dossier is worded: a state in text and icon for each, and what it will be missing."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale

from engine.context import Context
from engine.domain.foresight import SlaState
from tests.support.builders import turn_clock_to
from tests.support.site import make_site
from web.labels import CLOCK_LOOKS
from web.wording import clock_of, left_text, limit_words, missing_text, sla_text


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    turn_clock_to(sqlite_ctx, "2026-03-05T10:00", ticker=False)
    return make_site(sqlite_ctx)


def a_row(state: SlaState | None, **changes: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "sla_state": state and state.value,
        "used_percent": 85,
        "will_be_late": None,
        "due_at": "2026-03-06T08:00:00+07:00",
        "finished_at": None,
        "unfinished": True,
        "late": False,
        "left_minutes": 360,
        "paused": False,
    }
    return usual | changes


PAST = "2026-03-03T08:00:00+07:00"
ROWS = [
    (a_row(None, due_at=None), "Chưa có hạn"),
    (a_row(SlaState.ON_TIME), "Còn hạn"),
    (a_row(SlaState.DUE_SOON), "Sắp đến hạn (đã dùng 85%)"),
    (a_row(SlaState.DUE_SOON, used_percent=None), "Sắp đến hạn"),
    (a_row(SlaState.WILL_BE_LATE, will_be_late={"missing_minutes": 600}), "Sẽ trễ (thiếu 1 ngày 2 giờ làm việc)"),
    (a_row(SlaState.WILL_BE_LATE, will_be_late={"missing_minutes": 0}), "Sẽ trễ"),  # the office is closed since then
    (a_row(SlaState.WILL_BE_LATE), "Sẽ trễ"),
    (a_row(SlaState.OVERDUE, late=True, due_at=PAST, left_minutes=-1080), "Quá hạn 2 ngày 2 giờ làm việc"),
    (a_row(SlaState.OVERDUE, late=True, due_at=PAST, left_minutes=-75), "Quá hạn 1 giờ 15 phút làm việc"),
    (a_row(SlaState.OVERDUE, late=True, due_at=PAST, left_minutes=0), "Quá hạn"),
    (a_row(SlaState.OVERDUE, late=True, due_at=PAST, left_minutes=None), "Quá hạn"),
    (a_row(SlaState.OVERDUE, late=True), "Quá hạn"),
    (a_row(SlaState.PAUSED, paused=True), "Tạm dừng"),
    (a_row(SlaState.DONE, unfinished=False, finished_at="2026-03-04T08:00:00+07:00"), "Đúng hạn"),
]


@pytest.mark.parametrize(("row", "text"), ROWS)
def test_each_state_is_said_in_words(site: Flask, row: dict[str, object], text: str) -> None:
    with site.test_request_context("/"):
        assert sla_text(row) == text


def test_each_state_has_an_icon_of_its_own() -> None:
    assert set(CLOCK_LOOKS) == {*(state.value for state in SlaState), "no_date"}
    told = [CLOCK_LOOKS[clock_of(row)] for row, _ in ROWS if row["due_at"]]
    assert len({look.icon for look in told}) == len({str(look.label) for look in told}) == len(SlaState)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (1, "1 phút làm việc"),
        (60, "1 giờ làm việc"),
        (135, "2 giờ 15 phút làm việc"),
        (479, "7 giờ 59 phút làm việc"),
        (480, "1 ngày làm việc"),
        (481, "1 ngày 1 giờ làm việc"),
        (600, "1 ngày 2 giờ làm việc"),
        (959, "2 ngày làm việc"),
        (4800, "10 ngày làm việc"),
    ],
)
def test_what_is_missing_is_said_in_office_days_rounded_up(site: Flask, minutes: int, text: str) -> None:
    with site.test_request_context("/"):
        assert missing_text({"will_be_late": {"missing_minutes": minutes}}) == text


def test_what_is_left_is_said_beside_the_state(site: Flask) -> None:
    with site.test_request_context("/"):
        assert left_text(a_row(SlaState.DUE_SOON)) == "Ngày mai 08:00"


@pytest.mark.parametrize(
    ("minutes", "vietnamese", "english"),
    [
        (1140, "Còn 2 ngày 3 giờ làm việc", "2 working days 3 h left"),
        (539, "Còn 1 ngày làm việc", "1 working day left"),
        (205, "Còn 3 giờ 25 phút làm việc", "3 h 25 min of office time left"),
        (0, "Không còn giờ làm việc", "No office time left"),
        (None, "Còn hạn", "On time"),
    ],
)
def test_what_is_left_is_said_in_office_time(site: Flask, minutes: int | None, vietnamese: str, english: str) -> None:
    row = a_row(SlaState.ON_TIME, due_at="2026-03-16T08:00:00+07:00", left_minutes=minutes)
    with site.test_request_context("/"):
        assert left_text(row) == vietnamese
        with force_locale("en"):
            assert left_text(row) == english


def test_one_working_day_has_no_plural_in_english(site: Flask) -> None:
    with site.test_request_context("/"), force_locale("en"):
        said = [limit_words(text) for text in ("1 working_day", "2 working_day", "1 working_hour")]
    assert said == ["1 working day", "2 working days", "1 working hour"]
