"""The tabs of a dossier's page over HTTP: what stands where, in how few statements, what comes back when refused."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.services import attachments, people, processing
from tests.support import builders as b
from tests.support.forms import form_fields, send, text_of
from tests.support.site import PASSWORD, make_site, sign_in
from tests.support.statements import count_statements

TABS = ("", "/giay-to", "/dien-bien", "/trao-doi", "/thoi-han")
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def office(ctx: Context) -> b.Office:
    """An office whose people can sign in."""
    made = b.an_office(ctx)
    for username in ("desk", "officer", "approver", "supervisor"):
        people.set_password(ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


def signed_in(ctx: Context, username: str) -> FlaskClient:
    """Return a browser in which this officer is signed in."""
    client = make_site(ctx).test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


def lives(ctx: Context, office: b.Office) -> list[b.Dossier]:
    """Return a dossier at work, one that waits, one decided and one handed over."""
    at_work = b.a_received_dossier(ctx, office)
    waits = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    decided = b.advance_to(ctx, office, b.a_received_dossier(ctx, office), Status.FINISHED)
    returned = b.advance_to(ctx, office, b.a_received_dossier(ctx, office), Status.RETURNED)
    return [at_work, waits, decided, returned]


def test_each_tab_takes_eight_statements(ctx: Context, office: b.Office) -> None:
    """With sign-in and frame, for an officer and for a supervisor, whatever has happened to the dossier."""
    dossiers = lives(ctx, office)
    for username in ("officer", "supervisor"):
        client = signed_in(ctx, username)
        for dossier in dossiers:
            for tab in TABS:
                with count_statements(ctx) as sent:
                    assert client.get(f"/ho-so/{dossier['code']}{tab}").status_code == 200
                sent.hold()


def test_news_take_three_statements_while_nothing_is_new(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    client = signed_in(ctx, "officer")
    address = client.get(f"/ho-so/{dossier['code']}").text.split('data-news="')[1].split('"')[0]
    with count_statements(ctx) as sent:
        assert client.get(address).status_code == 204
    sent.hold(3)


def test_open_page_is_told_what_others_did(ctx: Context, office: b.Office) -> None:
    """One's own acts are no news; those of others are, with who and what."""
    dossier = b.a_received_dossier(ctx, office)
    officer, supervisor = signed_in(ctx, "officer"), signed_in(ctx, "supervisor")
    address = officer.get(f"/ho-so/{dossier['code']}").text.split('data-news="')[1].split('"')[0]
    processing.claim(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])
    assert officer.get(address).status_code == 204
    told = supervisor.get(address)
    assert told.status_code == 200
    assert "Hồ sơ vừa thay đổi: <strong>Nhận việc</strong>" in told.text
    assert "Cán bộ officer" in told.text


def test_line_tells_who_was_when_and_what_comes(ctx: Context, office: b.Office) -> None:
    """Stations in order: done with who and used time, open with what is left, ahead with planned dates."""
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-02T10:00")
    b.do_next_step(ctx, office, dossier)
    page = signed_in(ctx, "approver").get(f"/ho-so/{dossier['code']}")
    line = text_of(page).split("Chặng đường của hồ sơ")[1]
    assert "Cán bộ officer" in line
    assert "đã dùng 2 giờ / chặng" in line
    assert line.index("Cán bộ officer") < line.index("Đang ở đây") < line.index("dự kiến xong trước")
    assert page.text.count('aria-current="step"') == 1


def test_new_version_of_a_paper_keeps_the_old_one(ctx: Context, office: b.Office) -> None:
    """The newest stands in the list, the older under it; it is new to others and not to whom it comes from."""
    dossier = b.a_received_dossier(ctx, office)
    usual = {"ctx": ctx, "by": office.desk, "dossier": dossier["code"], "content": PDF}
    attachments.add_paper(**usual, name="Tờ khai", file_name="to-khai.pdf")
    b.turn_clock_to(ctx, "2026-03-02T09:00")
    officer = signed_in(ctx, "officer")
    page = officer.get(f"/ho-so/{dossier['code']}/giay-to")
    numbers = [option for option in page.text.split('<option value="') if "Bản mới của số" in option]
    no = numbers[-1].split('"')[0]
    fields = form_fields(page, "/add-paper") | {"replaces": no, "file": (BytesIO(PDF + b" "), "to-khai-2.pdf")}
    answer = officer.post(f"/ho-so/{dossier['code']}/add-paper", data=fields)
    assert answer.location == f"/ho-so/{dossier['code']}/giay-to"
    mine, theirs = (text_of(who.get(answer.location)) for who in (officer, signed_in(ctx, "supervisor")))
    assert "1 bản cũ : Tờ khai" in mine or "1 bản cũ: Tờ khai" in mine
    assert "to-khai-2.pdf" in mine
    assert "mới" not in mine.split("to-khai-2.pdf")[0].split("Thêm lúc")[1]
    assert "Cán bộ officer" in theirs
    again = officer.post(
        f"/ho-so/{dossier['code']}/add-paper",
        data=form_fields(officer.get(answer.location), "/add-paper")
        | {"name": "Bản ba", "replaces": no, "file": (BytesIO(PDF), "to-khai-3.pdf")},
    )
    assert again.status_code == 409
    assert "Giấy tờ này đã có bản mới hơn" in text_of(again)
    assert form_fields(again, "/add-paper")["name"] == "Bản ba"


def test_papers_of_others_are_marked_new(ctx: Context, office: b.Office) -> None:
    """What came since my task was opened is marked, until the dossier ends."""
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-02T09:00")
    attachments.add_paper(
        ctx, by=office.desk, dossier=dossier["code"], name="Bản đồ", file_name="ban-do.pdf", content=PDF
    )
    officer = signed_in(ctx, "officer")
    assert "Giấy tờ 1 mới" in text_of(officer.get(f"/ho-so/{dossier['code']}"))
    assert "Bản đồ mới" in text_of(officer.get(f"/ho-so/{dossier['code']}/giay-to"))
    assert "Bản đồ mới" not in text_of(signed_in(ctx, "desk").get(f"/ho-so/{dossier['code']}/giay-to"))


def test_slips_are_listed_and_print(ctx: Context, office: b.Office) -> None:
    """Every slip that is listed opens; one of a dossier that has none of that kind is not found."""
    dossier = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    officer = signed_in(ctx, "officer")
    place = f"/ho-so/{dossier['code']}"
    page = officer.get(f"{place}/giay-to").text
    addresses = [each.split('"')[0].replace("&amp;", "&") for each in page.split('href="')[1:]]
    slips = [address for address in addresses if "/in/" in address or address.endswith(".pdf")]
    assert len(slips) >= 4
    assert {officer.get(address).status_code for address in slips} == {200}
    assert f"{place}/phieu-kiem-soat.pdf" in slips
    assert f"{place}/qua-trinh-xu-ly.pdf" in slips
    assert "Bản sao giấy khai sinh" in text_of(officer.get(f"{place}/in/yeu-cau-bo-sung?no=1"))
    for nothing in ("yeu-cau-bo-sung?no=2", "tu-choi", "nghia-vu-tai-chinh?no=1", "yeu-cau-bo-sung?no=x", "giay-la"):
        assert officer.get(f"{place}/in/{nothing}").status_code == 404


def test_refused_dossier_prints_its_refusal(ctx: Context, office: b.Office) -> None:
    dossier = b.refuse(ctx, office, b.a_received_dossier(ctx, office))
    slip = text_of(signed_in(ctx, "desk").get(f"/ho-so/{dossier['code']}/in/tu-choi"))
    assert "Hồ sơ không được giải quyết với lý do sau" in slip


def test_every_tab_is_for_those_who_may_know(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    b.an_office(ctx, code="H77", procedure="TP77")
    people.set_password(ctx, by=SYSTEM, username="officer.h77", password=PASSWORD)
    stranger = signed_in(ctx, "officer.h77")
    for place in (*TABS, "/moi", "/phieu-kiem-soat.pdf", "/qua-trinh-xu-ly.pdf", "/phieu-gop-y.pdf", "/bien-lai.pdf"):
        assert stranger.get(f"/ho-so/{dossier['code']}{place}").status_code == 404


def test_completing_behind_anothers_back_is_told(ctx: Context, office: b.Office) -> None:
    """The form of the slower one comes back with what was typed, and says who did what."""
    dossier = b.a_received_dossier(ctx, office)
    officer = signed_in(ctx, "officer")
    page = officer.get(f"/ho-so/{dossier['code']}")
    processing.complete(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])
    answer = send(officer, page, "/complete", note="Đã đối chiếu")
    assert answer.status_code in (409, 412)
    assert "Cán bộ officer" in text_of(answer)
    assert "Đã đối chiếu" in text_of(answer)
