"""The promise simulator as the desk meets it: on the counter's page, by itself each minute, and over the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import expect

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.services import people
from tests.support.builders import Office, a_received_dossier, advance_to, an_office, turn_clock_to
from tests.support.desk_browser import a_browser, axe_findings, overflows, served
from tests.support.forms import text_of
from tests.support.site import PASSWORD, bearer, make_site, sign_in


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """An office whose desk can sign in."""
    made = an_office(sqlite_ctx, policy={"cutoff": "15:00"})
    people.set_password(sqlite_ctx, by=SYSTEM, username="desk", password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


def counter_page(site: Flask) -> str:
    client = site.test_client()
    sign_in(client, "desk")
    answer = client.get("/quay?procedure=TP99")
    assert answer.status_code == 200
    return text_of(answer)


def test_page_shows_each_receipt_and_why_counting_starts_later(
    sqlite_ctx: Context, site: Flask, office: Office
) -> None:
    page = counter_page(site)
    assert "Ca sau, hôm nay 02/03/2026 13:30" in page
    assert "quá giờ chốt" not in page

    turn_clock_to(sqlite_ctx, "2026-03-02T15:30")
    late = counter_page(site)
    assert "quá giờ chốt: tính từ 03/03/2026 07:00" in late
    assert "Ca sau" not in late
    assert "Ngày làm việc sau 03/03/2026 07:00" in late


def test_page_tells_how_promises_were_kept_with_the_denominator(
    sqlite_ctx: Context, site: Flask, office: Office
) -> None:
    empty = counter_page(site)
    assert "Chưa có dữ liệu" in empty
    assert "%" not in empty

    first, second = (a_received_dossier(sqlite_ctx, office) for _ in range(2))
    advance_to(sqlite_ctx, office, first, Status.FINISHED)
    turn_clock_to(sqlite_ctx, "2026-03-09T08:00")
    advance_to(sqlite_ctx, office, second, Status.FINISHED)
    page = counter_page(site)
    assert "1 trên 2 hồ sơ đúng hạn (50,00%)" in page
    assert "giải quyết xong từ 10/12/2025 đến nay" in page


def test_page_keeps_what_it_can_promise_when_the_calendar_ends(
    sqlite_ctx: Context, site: Flask, office: Office
) -> None:
    turn_clock_to(sqlite_ctx, "2028-12-25T08:00")
    page = counter_page(site)
    assert "Nếu nhận bây giờ, hẹn trả: 29/12/2028 08:00" in page
    assert "Không tính được: lịch làm việc chưa có đến ngày đó." in page


def test_api_tells_a_desk_the_promises_and_how_they_were_kept(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    turn_clock_to(sqlite_ctx, "2026-03-02T12:00")
    client = site.test_client()
    answer = client.get("/api/v1/procedures/TP99/promise", headers=bearer(sqlite_ctx, "desk"))

    assert answer.status_code == 200
    told = answer.get_json()
    assert (told["code"], told["agency"], told["cutoff"]) == ("TP99", "H00", "15:00")
    assert [row["when"] for row in told["promises"]] == ["now", "after_break", "tomorrow"]
    assert told["promises"][0] == {
        "when": "now",
        "received_at": "2026-03-02T12:00:00+07:00",
        "counted_from": "2026-03-02T13:30:00+07:00",
        "due_at": "2026-03-06T13:30:00+07:00",
        "provisional": False,
        "reason": "break",
    }
    assert told["kept"] == {"from": "2025-12-03", "to": "2026-03-02", "numerator": 0, "denominator": 0, "percent": None}


def test_api_refuses_who_receives_nowhere_and_what_cannot_be_computed(
    sqlite_ctx: Context, site: Flask, office: Office
) -> None:
    client, path = site.test_client(), "/api/v1/procedures/TP99/promise"
    assert client.get(path, headers=bearer(sqlite_ctx, "officer")).get_json()["code"] == "not-allowed"
    headers = bearer(sqlite_ctx, "desk")
    assert client.get("/api/v1/procedures/XX00/promise", headers=headers).status_code == 404
    turn_clock_to(sqlite_ctx, "2028-12-29T08:00")
    answer = client.get(path, headers=headers).get_json()
    assert answer["code"] == "calendar-gap"
    assert "motcua calendar import" in answer["detail"]


@pytest.fixture
def address(site: Flask, office: Office) -> Iterator[str]:
    """The address of the running site."""
    with served(site) as found:
        yield found


@pytest.mark.browser
@pytest.mark.parametrize("width", [1366, 400])
def test_promises_are_asked_for_again_each_minute_and_read_out_when_the_day_changes(
    chromium: str, address: str, sqlite_ctx: Context, office: Office, width: int
) -> None:
    with a_browser(chromium, address, {"width": width, "height": 768}) as page:
        page.clock.install()
        turn_clock_to(sqlite_ctx, "2026-03-02T14:50")
        page.goto("/dang-nhap")
        page.get_by_label("Tên đăng nhập").fill("desk")
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Xin chào")
        page.goto("/quay?procedure=TP99")
        table = page.get_by_role("table", name="Hẹn trả theo lúc nhận")
        rows = table.get_by_role("rowheader")
        expect(rows).to_have_text(["Bây giờ", "Ngày làm việc sau 03/03/2026 07:00"])
        assert (axe_findings(page), overflows(page)) == ([], False)
        page.get_by_label("Số định danh", exact=False).first.fill("0310")

        turn_clock_to(sqlite_ctx, "2026-03-02T15:30")
        page.clock.fast_forward("01:01")

        expect(rows).to_contain_text(["Bây giờ quá giờ chốt: tính từ 03/03/2026 07:00", "Ngày làm việc sau"])
        expect(page.locator("[aria-live=polite]#promise-said")).to_have_text(
            "Ngày hẹn trả nếu nhận bây giờ: 09/03/2026; tính từ 07:00 03/03 vì nhận sau giờ chốt"
        )
        expect(page.get_by_label("Số định danh", exact=False).first).to_have_value("0310")
        assert (axe_findings(page), overflows(page)) == ([], False)
