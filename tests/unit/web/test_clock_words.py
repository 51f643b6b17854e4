"""How the clock of a dossier is worded: a state in text and icon for each, and what it will be missing."""

from __future__ import annotations

import pytest
from flask import Flask

from engine.context import Context
from engine.domain.foresight import SlaState
from tests.support.builders import turn_clock_to
from tests.support.site import make_site
from web.labels import CLOCK_LOOKS
from web.wording import clock_of, left_text, missing_text, sla_text


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
        "paused": False,
    }
    return usual | changes


ROWS = [
    (a_row(None, due_at=None), "Chưa có hạn"),
    (a_row(SlaState.ON_TIME), "Còn hạn"),
    (a_row(SlaState.DUE_SOON), "Sắp đến hạn (đã dùng 85%)"),
    (a_row(SlaState.DUE_SOON, used_percent=None), "Sắp đến hạn"),
    (a_row(SlaState.WILL_BE_LATE, will_be_late={"missing_minutes": 600}), "Sẽ trễ (thiếu 1 ngày 2 giờ)"),
    (a_row(SlaState.WILL_BE_LATE), "Sẽ trễ"),
    (a_row(SlaState.OVERDUE, late=True, due_at="2026-03-03T08:00:00+07:00"), "Quá hạn 2 ngày"),
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
        (1, "1 phút"),
        (60, "1 giờ"),
        (135, "2 giờ 15 phút"),
        (479, "7 giờ 59 phút"),
        (480, "1 ngày"),
        (481, "1 ngày 1 giờ"),
        (600, "1 ngày 2 giờ"),
        (959, "2 ngày"),
        (4800, "10 ngày"),
    ],
)
def test_what_is_missing_is_said_in_office_days_rounded_up(site: Flask, minutes: int, text: str) -> None:
    with site.test_request_context("/"):
        assert missing_text({"will_be_late": {"missing_minutes": minutes}}) == text


def test_what_is_left_is_said_beside_the_state(site: Flask) -> None:
    with site.test_request_context("/"):
        assert left_text(a_row(SlaState.DUE_SOON)) == "Ngày mai 08:00"
