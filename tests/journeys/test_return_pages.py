"""The returning desk over HTTP: queue, scan, forms that come back, slips, signatures; the hall board for everybody."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import ResultChannel, Status
from engine.domain.result_return import Notice
from engine.reports import hall_board, waiting_results
from engine.services import hall_boards, intake, people, reading, result_returns
from tests.support import builders as b
from tests.support.forms import form_fields, send, text_of
from tests.support.pictures import PNG
from tests.support.site import PASSWORD, make_site, sign_in
from tests.support.statements import count_statements

DRAWN = "data:image/png;base64," + base64.b64encode(PNG).decode()
COPIES = (intake.PaperLine("Tờ khai"), intake.PaperLine("Bản sao hộ khẩu", originals=0, copies=1))


@pytest.fixture
def office(ctx: Context) -> b.Office:
    """An office whose people can sign in."""
    made = b.an_office(ctx)
    for username in ("desk", "officer", "supervisor"):
        people.set_password(ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def site(ctx: Context) -> Flask:
    """The application."""
    return make_site(ctx)


@pytest.fixture
def desk(site: Flask, office: b.Office) -> FlaskClient:
    """A browser in which the desk is signed in."""
    return signed_in(site, "desk")


def signed_in(site: Flask, username: str) -> FlaskClient:
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


def a_result(ctx: Context, office: b.Office, **changes: object) -> b.Dossier:
    """Return a dossier that waits for its receiver."""
    ctx.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    dossier = b.advance_to(ctx, office, b.a_received_dossier(ctx, office, **changes), Status.FINISHED)
    return b.do_next_step(ctx, office, dossier)


def turn(ctx: Context) -> datetime:
    """Let a minute pass; return the time."""
    ctx.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    return ctx.clock.now()


# --- the queue -----------------------------------------------------------------------------------------------------


def test_queue_is_by_arrival_and_says_what_is_known(ctx: Context, office: b.Office, site: Flask) -> None:
    desk = signed_in(site, "desk")
    assert "Không có kết quả nào chờ trả" in text_of(desk.get("/tra-ket-qua"))
    first = a_result(ctx, office)
    ctx.clock.advance(timedelta(days=31))  # type: ignore[attr-defined]
    second = a_result(ctx, office, result_channel=ResultChannel.POSTAL)
    third = a_result(ctx, office)
    by = {"ctx": ctx, "by": office.desk}
    result_returns.notify(**by, dossier=first["id"], how=Notice.PHONE)
    result_returns.post(**by, dossier=second["id"], carrier="Bưu điện Việt Nam", tracking_number="EA1VN")
    desk = signed_in(site, "desk")  # the session has ended meanwhile
    page = desk.get("/tra-ket-qua")
    shown = text_of(page)

    at = [shown.index(each["code"]) for each in (first, second, third)]
    assert at == sorted(at)
    for words in ("3 kết quả đang chờ", "1 chưa báo", "1 đang gửi bưu chính", "1 quá 30 ngày chưa nhận", "31 ngày",
                  "qua điện thoại", "EA1VN", "Sớm hơn hẹn", "Chưa báo"):  # fmt: skip
        assert words in shown
    with count_statements(ctx) as sent:
        desk.get("/tra-ket-qua")
    sent.hold()


def test_queue_goes_on_to_further_pages(ctx: Context, office: b.Office) -> None:
    codes = [a_result(ctx, office)["code"] for _ in range(3)]
    seen, cursor = [], None
    while True:
        page = waiting_results.page(ctx, by=office.desk, cursor=cursor, limit=1)
        seen += [item["code"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == codes
    assert page.counts["all"] == 3


def test_queue_is_the_desks(ctx: Context, office: b.Office, site: Flask) -> None:
    other = b.an_office(ctx, code="H01")
    a_result(ctx, office)
    assert waiting_results.page(ctx, by=other.desk).items == ()
    assert signed_in(site, "officer").get("/tra-ket-qua").status_code == 403
    assert signed_in(site, "desk").get("/tra-ket-qua?sau=rubbish").status_code == 422


def test_scan_leads_to_the_form(ctx: Context, office: b.Office, desk: FlaskClient) -> None:
    code = a_result(ctx, office)["code"]
    early = b.a_received_dossier(ctx, office)["code"]
    form = f"/ho-so/{code}?mo=hand-over"
    for scan in (code, code.lower(), "0001", f"http%3A//x/tra-cuu/{code}"):
        assert desk.get(f"/tra-ket-qua?ma={scan}").location == form
    assert desk.get(f"/tra-ket-qua?ma={early}").location == f"/ho-so/{early}"
    assert "chưa có kết quả để trả" in text_of(desk.get(f"/ho-so/{early}"))
    b.hand_over(ctx, office, {"id": code})
    assert desk.get(f"/tra-ket-qua?ma={code}").location == f"/ho-so/{code}"
    assert "đã được trả" in text_of(desk.get(f"/ho-so/{code}"))
    for nothing in ("9999", "x" * 400, "100%25"):
        answer = desk.get(f"/tra-ket-qua?ma={nothing}")
        assert (answer.status_code, "Không có kết quả nào chờ trả" in text_of(answer)) == (200, True)


def test_tail_of_several_codes_lists_them(ctx: Context, office: b.Office, site: Flask) -> None:
    first = a_result(ctx, office)["code"]
    ctx.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    second = a_result(ctx, office)["code"]
    assert first[-4:] == second[-4:] == "0001"
    shown = text_of(signed_in(site, "desk").get("/tra-ket-qua?ma=0001"))
    assert "Nhiều hồ sơ có mã kết thúc" in shown
    assert first in shown
    assert second in shown


# --- forms ---------------------------------------------------------------------------------------------------------


def test_result_is_signed_for_on_the_screen_and_the_signature_is_shown(
    ctx: Context, office: b.Office, desk: FlaskClient
) -> None:
    code = a_result(ctx, office, papers=COPIES)["code"]
    page = desk.get(f"/ho-so/{code}?mo=hand-over")
    assert "Bản sao hộ khẩu" in text_of(page)
    assert "Hồ sơ ghi: 031090000001" in text_of(page)
    answer = send(
        desk, page, "/hand-over", signature=DRAWN, originals="no", identity_number="031 090 000 009",
        receipt_given_back="1", note="Bản chính bị mất",
    )  # fmt: skip
    assert answer.status_code == 303
    shown = text_of(desk.get(f"/ho-so/{code}"))
    for words in ("Người nhận", "Nguyễn Văn Thử", "031090000009", "ký trên màn hình", "không thu"):
        assert words in shown
    history = text_of(desk.get(f"/ho-so/{code}/dien-bien"))
    assert "số định danh khác với hồ sơ" in history
    picture = desk.get(f"/tra-ket-qua/{code}/chu-ky")
    assert (picture.data, picture.mimetype, picture.headers["X-Content-Type-Options"]) == (PNG, "image/png", "nosniff")
    assert picture.headers["Content-Disposition"].startswith("attachment")
    assert desk.get(f"/tra-ket-qua/{code}/phieu-gui").status_code == 404
    for slip in ("giay-moi", "phieu-giao-nhan"):
        assert desk.get(f"/tra-ket-qua/{code}/{slip}.pdf").data.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({}, "Người nhận chưa ký"),
        ({"signature": "data:text/html;base64,AAAA"}, "Chữ ký vẽ trên màn hình không đọc được"),
        ({"signature": "data:image/png;base64,@@@"}, "Chữ ký vẽ trên màn hình không đọc được"),
        ({"signature": "data:image/png;base64,AAAA"}, "Chữ ký vẽ trên màn hình không đọc được"),
        ({"signed_on_paper": "1", "name": " "}, "Chưa ghi ai nhận kết quả"),
        ({"signed_on_paper": "1", "capacity": "authorised"}, "Người nhận thay phải có giấy ủy quyền"),
        ({"signed_on_paper": "1", "identity_number": "số mười"}, "Số định danh"),
        ({"signed_on_paper": "1", "originals": ""}, "Chưa ghi đã thu bản chính hay không"),
    ],
)
def test_refused_hand_over_keeps_what_was_typed(
    ctx: Context, office: b.Office, desk: FlaskClient, typed: dict[str, str], says: str
) -> None:
    code = a_result(ctx, office, papers=COPIES)["code"]
    page = desk.get(f"/ho-so/{code}")
    answer = send(desk, page, "/hand-over", **({"note": "ghi chú dài", "originals": "yes"} | typed))
    assert answer.status_code == 422
    assert says in text_of(answer)
    kept = form_fields(answer, "/hand-over")
    assert kept["note"] == "ghi chú dài"
    assert reading.detail(ctx, by=office.desk, dossier=code)["status"] == Status.FINISHED


def test_post_and_its_proof_go_through_the_forms(ctx: Context, office: b.Office, desk: FlaskClient) -> None:
    code = a_result(ctx, office)["code"]
    posted = send(desk, desk.get(f"/ho-so/{code}"), "/post-result", tracking_number="")
    assert (posted.status_code, "Chưa ghi đủ đơn vị bưu chính" in text_of(posted)) == (422, True)
    fields = form_fields(posted, "/post-result") | {"tracking_number": "EA1VN"}
    answer = desk.post(f"/ho-so/{code}/post-result", data=fields | {"slip": (BytesIO(PNG), "phieu.png")})
    assert answer.status_code == 303
    page = desk.get(f"/ho-so/{code}")
    assert "/hand-over" not in page.text
    unsaid = send(desk, page, "/confirm-delivery")
    assert unsaid.status_code == 422
    back = send(desk, page, "/confirm-delivery", outcome="returned", reason="Đi vắng")
    assert back.status_code == 303
    page = desk.get(f"/ho-so/{code}")
    assert form_fields(page, "/hand-over")["name"] == "Nguyễn Văn Thử"
    send(desk, page, "/post-result", tracking_number="EA2VN")
    fields = form_fields(desk.get(f"/ho-so/{code}"), "/confirm-delivery") | {"outcome": "delivered", "name": "Lê A"}
    answer = desk.post(f"/ho-so/{code}/confirm-delivery", data=fields | {"proof": (BytesIO(PNG), "bao-phat.png")})
    assert answer.status_code == 303
    shown = text_of(desk.get(f"/ho-so/{code}"))
    for words in ("Lê A", "EA2VN", "Ảnh phiếu đã ký"):
        assert words in shown


def test_notice_goes_through_its_form_once_a_day(ctx: Context, office: b.Office, desk: FlaskClient) -> None:
    code = a_result(ctx, office)["code"]
    page = desk.get(f"/ho-so/{code}")
    assert "Hồ sơ không có địa chỉ thư điện tử" in text_of(page)
    assert send(desk, page, "/notify-result", how="pigeon").status_code == 422
    assert send(desk, page, "/notify-result", how="email").status_code == 422
    assert send(desk, page, "/notify-result", how="print").status_code == 303
    again = desk.get(f"/ho-so/{code}")
    assert "/notify-result" not in again.text
    assert "bằng giấy mời" in text_of(again)


def test_second_desk_sees_who_handed_the_result_over(ctx: Context, office: b.Office, site: Flask) -> None:
    b.a_person(ctx, office.id, "desk2", [b.Role.DESK], [office.units[b.DESK]])
    people.set_password(ctx, by=SYSTEM, username="desk2", password=PASSWORD)
    code = a_result(ctx, office)["code"]
    first, second = signed_in(site, "desk"), signed_in(site, "desk2")
    mine, theirs = first.get(f"/ho-so/{code}"), second.get(f"/ho-so/{code}")
    assert send(second, theirs, "/hand-over", signed_on_paper="1").status_code == 303
    answer = send(first, mine, "/hand-over", signed_on_paper="1", note="lời của tôi")
    assert answer.status_code == 412
    shown = text_of(answer)
    assert "Cán bộ desk2" in shown
    assert "lời của tôi" in shown


def test_dossier_with_a_returned_result_is_read_in_few_statements(
    ctx: Context, office: b.Office, desk: FlaskClient
) -> None:
    dossier = a_result(ctx, office)
    with count_statements(ctx) as sent:
        desk.get(f"/ho-so/{dossier['code']}")
    sent.hold()
    b.hand_over(ctx, office, dossier)
    with count_statements(ctx) as sent:
        desk.get(f"/ho-so/{dossier['code']}")
    sent.hold()


# --- the hall board ------------------------------------------------------------------------------------------------


def test_hall_board_is_off_until_it_is_switched_on(ctx: Context, office: b.Office, site: Flask) -> None:
    stranger, supervisor = site.test_client(), signed_in(site, "supervisor")
    code = a_result(ctx, office)["code"]
    for agency in (office.code, "XX", "x" * 200):
        assert stranger.get(f"/bang-tin/{agency}").status_code == 404
    send(supervisor, supervisor.get("/bang-tin"), "/bang-tin")
    answer = stranger.get(f"/bang-tin/{office.code}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=10"
    assert "Set-Cookie" not in answer.headers
    shown = text_of(answer)
    assert code in shown
    assert "Đã có kết quả" in shown
    assert b.NO_EMAIL.name not in answer.text
    assert signed_in(site, "desk").get("/bang-tin").status_code == 403
    send(supervisor, supervisor.get("/bang-tin"), "/bang-tin")
    assert stranger.get(f"/bang-tin/{office.code}").status_code == 404


def test_hall_board_says_where_each_dossier_stands(ctx: Context, office: b.Office) -> None:
    hall_boards.switch(ctx, by=office.admin, agency=office.code, on=True)
    b.a_submitted_dossier(ctx, office)  # has no code yet
    running = b.a_received_dossier(ctx, office)
    asked = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    result = a_result(ctx, office)
    b.hand_over(ctx, office, a_result(ctx, office))
    b.withdraw(ctx, office, b.a_received_dossier(ctx, office))
    shown = hall_board.board(ctx, agency=office.code).rows
    assert shown == (
        (result["code"], "ready"), (asked["code"], "supplement"), (running["code"], "processing"),
    )  # fmt: skip


def test_hall_board_shows_the_last_hundred_by_pages(
    ctx: Context, office: b.Office, site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall_boards.switch(ctx, by=office.admin, agency=office.code, on=True)
    monkeypatch.setattr(hall_board, "MOST", 16)
    codes = [b.a_received_dossier(ctx, office, received_at=turn(ctx))["code"] for _ in range(17)]
    client = site.test_client()
    first, second = client.get(f"/bang-tin/{office.code}"), client.get(f"/bang-tin/{office.code}?trang=2")
    assert [each.text.count("hb-code") for each in (first, second)] == [14, 2]
    assert codes[0] not in first.text + second.text
    assert "url=/bang-tin/H00?trang=2" in first.text
    assert "http-equiv" not in client.get(f"/bang-tin/{office.code}?dung=1").text
    for odd in ("0", "3", "-1", "x", "9" * 9):
        assert client.get(f"/bang-tin/{office.code}?trang={odd}").text.count("hb-code") == 14


def test_hall_board_is_read_once_in_ten_seconds(ctx: Context, office: b.Office, site: Flask) -> None:
    hall_boards.switch(ctx, by=office.admin, agency=office.code, on=True)
    client = site.test_client()
    with count_statements(ctx) as sent:
        client.get(f"/bang-tin/{office.code}")
    sent.hold()
    assert sent
    with count_statements(ctx) as sent:
        client.get(f"/bang-tin/{office.code}?trang=2")
    assert sent == []
    ctx.clock.advance(timedelta(seconds=10))  # type: ignore[attr-defined]
    with count_statements(ctx) as sent:
        client.get(f"/bang-tin/{office.code}")
    assert sent


_WORD = st.text(alphabet="qxzwjkQXZWJK", min_size=6, max_size=12)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(_WORD, min_size=5, max_size=5, unique=True))
def test_hall_board_has_nothing_of_any_person(sqlite_ctx: Context, words: list[str]) -> None:
    ctx = sqlite_ctx
    office = b.an_office(ctx)
    hall_boards.switch(ctx, by=office.admin, agency=office.code, on=True)
    name, street, box, paper, number = words
    digits = f"{abs(hash(number)) % 10**9:09d}"
    person = intake.Person(
        name=name, identity_number=f"031{digits}", phone=f"09{digits}", email=f"{box}@example.test", address=street
    )
    b.a_received_dossier(ctx, office, applicant=person, owner=person, papers=(intake.PaperLine(paper),))
    page = make_site(ctx).test_client().get(f"/bang-tin/{office.code}").text
    assert "hb-code" in page
    for personal in (name, street, box, paper, f"031{digits}", f"09{digits}"):
        assert personal not in page
