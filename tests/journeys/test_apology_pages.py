"""The apology desk over HTTP, without scripts: queues as long as they say, many letters at once, one letter's page."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.dossier import Cause, Status
from engine.errors import InvalidInputError
from engine.reports import apology_desk
from engine.reports.apology_desk import DeskQueue
from engine.reports.cursors import InvalidCursorError
from engine.services import apologies, letter_dispatch, people
from tests.support import builders as b
from tests.support.forms import form_fields, send, text_of
from tests.support.signing import PIN, authority
from tests.support.signing_office import add_key, signing_electronically
from tests.support.site import PASSWORD, csrf_of, make_site, sign_in
from tests.support.statements import count_statements
from web.forms import named_request, refusal

REASON = "Thiếu người thụ lý tuần này"
NEW_DUE = "2026-03-10T09:00"
PHOTO = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    made = b.an_office(sqlite_ctx)
    b.a_person(sqlite_ctx, made.id, "clerk", [Role.CLERK])
    for username in ("officer", "approver", "supervisor", "clerk", "admin", "desk"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context, office: b.Office) -> Flask:
    return make_site(sqlite_ctx)


def signed_in(site: Flask, username: str) -> FlaskClient:
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


def ordered(ctx: Context, office: b.Office, count: int, **filing: Any) -> list[dict[str, Any]]:
    """Receive dossiers and let the clock come to the morning on which their apologies wait; return the letters."""
    for _ in range(count):
        b.a_received_dossier(ctx, office, **filing)
    b.turn_clock_to(ctx, "2026-03-06T07:40")
    letters = apologies.listed(ctx, by=office.supervisor)
    assert len(letters) == count
    return letters


def written(
    ctx: Context, office: b.Office, letter: dict[str, Any], reason: str = "Thiếu người thụ lý tuần này"
) -> None:
    draft = apologies.Draft(cause=Cause.STAFF, reason=reason, new_due_at=b.local(NEW_DUE))
    apologies.write(ctx, by=office.officer, letter_id=letter["id"], draft=draft)


def signs_with_keys(ctx: Context, office: b.Office) -> None:
    signing_electronically(ctx, office)
    add_key(ctx, office, authority().head)
    add_key(ctx, office, authority().seal, None)


def choose(client: FlaskClient, page: TestResponse, act: str, take: int) -> TestResponse:
    """Tick the first letters of a list and send the form under it."""
    seals = html.fromstring(page.text).xpath("//input[@name='thu']/@value")[:take]
    return client.post(f"/xin-loi/nhieu/{act}", data={"csrf_token": csrf_of(page), "thu": seals, "next": "/xin-loi"})


def again(client: FlaskClient, page: TestResponse, act: str, **typed: str) -> TestResponse:
    """Send the form of a confirmation, or of the verdicts."""
    (form,) = [each for each in html.fromstring(page.text).forms if each.action == f"/xin-loi/nhieu/{act}"]
    data: dict[str, Any] = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    return client.post(form.action, data=data | typed)


def states(ctx: Context, office: b.Office) -> list[str]:
    return sorted(each["state"] for each in apologies.listed(ctx, by=office.supervisor))


def test_each_queue_is_as_long_as_it_says(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossiers = [b.a_received_dossier(ctx, office) for _ in range(7)]
    b.turn_clock_to(ctx, "2026-03-06T07:40")
    letters = {each["dossier"]: each for each in apologies.listed(ctx, by=office.supervisor)}
    of = [letters[each["id"]] for each in dossiers]
    for letter in of[1:]:
        written(ctx, office, letter)
    for letter in of[2:6]:
        apologies.approve(ctx, by=office.approver, letter_id=letter["id"])
    for letter in of[4:6]:
        letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter["id"])
    b.advance_to(ctx, office, dossiers[6], Status.FINISHED)

    found = {}
    for queue in DeskQueue:
        page = apology_desk.page(ctx, by=office.supervisor, queue=queue)
        assert page.counts[queue] == len(page.rows), queue
        found[queue] = {row.id for row in page.rows}
    ids = [letter["id"] for letter in of]
    assert found == {
        DeskQueue.TO_WRITE: {ids[0]},
        DeskQueue.TO_APPROVE: {ids[1]},
        DeskQueue.TO_SIGN: set(),
        DeskQueue.TO_NUMBER: {ids[2], ids[3]},
        DeskQueue.SENT: {ids[4], ids[5]},
        DeskQueue.UNPROVEN: {ids[4], ids[5]},
        DeskQueue.BROKEN: set(),
        DeskQueue.WITHDRAWN: {ids[6]},
    }

    with ctx.unit_of_work() as uow:
        agency = uow.agencies.by_code(office.code)
        agency.signs_letters = "electronic"
    counts = apology_desk.page(ctx, by=office.supervisor, queue=DeskQueue.TO_SIGN).counts
    assert (counts[DeskQueue.TO_SIGN], counts[DeskQueue.TO_NUMBER]) == (2, 0)
    stranger = b.an_office(ctx, code="H01")
    assert set(apology_desk.page(ctx, by=stranger.supervisor, queue=DeskQueue.SENT).counts.values()) == {0}
    assert set(apology_desk.page(ctx, by=office.admin, queue=DeskQueue.SENT).counts.values()) == {0}


def test_pages_of_a_queue_neither_skip_nor_repeat(ctx: Context) -> None:
    office = b.an_office(ctx)
    letters = ordered(ctx, office, 5)
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = apology_desk.page(ctx, by=office.supervisor, queue=DeskQueue.TO_WRITE, cursor=cursor, limit=2)
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
    assert cursor is None
    assert sorted(seen) == sorted(letter["id"] for letter in letters)
    tail = letters[0]["dossier_code"][-4:]
    found = apology_desk.page(ctx, by=office.supervisor, queue=DeskQueue.TO_WRITE, code=tail.lower())
    assert [row.code for row in found.rows] == [letters[0]["dossier_code"]]
    assert found.counts[DeskQueue.TO_WRITE] == 1
    assert apology_desk.page(ctx, by=office.supervisor, queue=DeskQueue.TO_WRITE, code="100%_").rows == ()
    for cursor in ("x", "WyJhIiwiYiJd", "WyIyMDI2LTAzLTA2VDAwOjAwOjAwKzAwOjAwIiwieCJd"):
        with pytest.raises(InvalidCursorError):
            apology_desk.page(ctx, by=office.supervisor, queue=DeskQueue.TO_WRITE, cursor=cursor)


def test_many_letters_are_approved_and_sent_with_a_verdict_for_each(
    sqlite_ctx: Context, site: Flask, office: b.Office
) -> None:
    letters = ordered(sqlite_ctx, office, 3)
    for letter in letters:
        written(sqlite_ctx, office, letter)
    approver, clerk = signed_in(site, "approver"), signed_in(site, "clerk")

    page = approver.get("/xin-loi")  # an approver begins with what waits for approval
    assert 'data-count="to_approve">3<' in page.text
    asked = choose(approver, page, "duyet", 3)
    assert "Duyệt 3 thư xin lỗi" in text_of(asked)
    assert text_of(asked).count("Thiếu người thụ lý") == 3
    assert text_of(asked).count("10/03/2026 09:00") == 3
    assert states(sqlite_ctx, office) == ["draft"] * 3  # nothing is done before the confirmation
    written(sqlite_ctx, office, letters[1], "Chờ xác minh ở tỉnh bạn")
    done = again(approver, asked, "duyet")
    assert "Đã duyệt 2 thư, không duyệt được 1" in text_of(done)
    assert "Thư đã thay đổi sau khi bạn xem." in text_of(done)
    assert states(sqlite_ctx, office) == ["approved", "approved", "draft"]
    retried = again(approver, done, "duyet")
    assert "Duyệt 1 thư xin lỗi" in text_of(retried)
    assert "Chờ xác minh ở tỉnh bạn" in text_of(retried)
    assert "Đã duyệt 1 thư, không duyệt được 0" in text_of(again(approver, retried, "duyet"))
    assert "Thư không còn ở bước này" not in text_of(again(approver, asked, "duyet"))  # a second click: all changed

    page = clerk.get("/xin-loi")  # and a clerk with what waits for a number
    assert 'data-count="to_number">3<' in page.text
    sent = again(clerk, choose(clerk, page, "gui", 3), "gui")
    assert "Đã gửi 3 thư, không gửi được 0" in text_of(sent)
    assert states(sqlite_ctx, office) == ["sent"] * 3
    shown = text_of(clerk.get("/xin-loi?trang-thai=unproven"))
    assert all(f"{number:02d}/PXL" in shown for number in (1, 2, 3))


def test_who_may_not_gets_no_boxes_and_nothing_chosen_is_said(
    sqlite_ctx: Context, site: Flask, office: b.Office
) -> None:
    (letter,) = ordered(sqlite_ctx, office, 1)
    written(sqlite_ctx, office, letter)
    officer, approver = signed_in(site, "officer"), signed_in(site, "approver")
    page = officer.get("/xin-loi?trang-thai=to_approve")
    assert letter["dossier_code"] in page.text
    assert 'name="thu"' not in page.text
    data = {"csrf_token": csrf_of(page), "thu": f"{letter['id']}.x", "confirmed": "1"}
    refused = officer.post("/xin-loi/nhieu/duyet", data=data)  # by hand, with a seal of nothing that was shown
    assert "không duyệt được 1" in text_of(refused)
    nothing = approver.post("/xin-loi/nhieu/duyet", data={"csrf_token": csrf_of(approver.get("/xin-loi"))})
    assert nothing.status_code == 303
    assert "Chưa chọn thư nào." in text_of(approver.get(nothing.location))
    assert states(sqlite_ctx, office) == ["draft"]
    assert 'checked aria-label="Chọn thư' in approver.get("/xin-loi?trang-thai=to_approve&chon=1").text


def test_a_page_is_at_most_eight_statements(ctx: Context) -> None:
    office = b.an_office(ctx)
    people.set_password(ctx, by=SYSTEM, username="supervisor", password=PASSWORD)
    letters = ordered(ctx, office, 3)
    for letter in letters:
        written(ctx, office, letter)
    b.turn_clock_to(ctx, "2026-03-10T08:00")
    client = signed_in(make_site(ctx), "supervisor")
    for address in (
        "/xin-loi?trang-thai=to_approve",
        f"/xin-loi/{letters[0]['id']}",
        f"/tra-cuu/{letters[0]['dossier_code']}",
    ):
        assert client.get(address).status_code == 200
        with count_statements(ctx) as sent:
            page = client.get(address)
        assert page.status_code == 200
        sent.hold()


def test_a_letter_is_signed_sealed_and_proved_on_its_page(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    signs_with_keys(sqlite_ctx, office)
    (letter,) = ordered(sqlite_ctx, office, 1)
    written(sqlite_ctx, office, letter)
    approver, clerk, url = signed_in(site, "approver"), signed_in(site, "clerk"), f"/xin-loi/{letter['id']}"

    assert send(approver, approver.get(url), "/approve").status_code == 303
    page = approver.get(url)
    assert html.fromstring(page.text).xpath("//input[@name='pin']/@autocomplete") == ["off"]
    wrong = send(approver, page, "/sign", pin="000000")
    assert wrong.status_code == 422
    assert "PIN" in text_of(wrong)
    assert "000000" not in wrong.text
    assert send(approver, wrong, "/sign", pin=PIN).status_code == 303
    assert "Đã ký thư bằng khóa ký của bạn." in text_of(approver.get(url))
    assert send(clerk, clerk.get(url), "/send", pin=PIN).status_code == 303
    assert "01/PXL" in text_of(clerk.get(url))

    nothing = send(clerk, clerk.get(url), "/proof", how="posted", note="")
    assert nothing.status_code == 422
    given = form_fields(clerk.get(url), "/proof") | {"how": "posted", "note": "Bưu gửi EB 123"}
    photo = {"photo": (BytesIO(PHOTO), "bien-lai.png")}
    assert clerk.post(f"{url}/proof", data=given | photo).status_code == 303
    assert "Bưu gửi EB 123" in text_of(clerk.get(url))
    kept = clerk.get(f"{url}/bang-chung")
    assert kept.data == PHOTO
    assert kept.headers["Content-Disposition"] == "attachment; filename=bang-chung.png"
    assert clerk.get("/xin-loi?trang-thai=unproven").text.count("data-open href") == 0


def test_a_wrong_pin_is_tried_once_and_asked_again(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    signs_with_keys(sqlite_ctx, office)
    for letter in ordered(sqlite_ctx, office, 6):
        written(sqlite_ctx, office, letter)
    approver = signed_in(site, "approver")
    asked = choose(approver, approver.get("/xin-loi"), "duyet", 6)
    assert "Duyệt và ký 6 thư xin lỗi" in text_of(asked)
    wrong = again(approver, asked, "duyet", pin="000000")
    assert wrong.status_code == 409
    assert "Duyệt và ký 6 thư xin lỗi" in text_of(wrong)
    assert "000000" not in wrong.text
    done = again(approver, wrong, "duyet", pin=PIN)  # six wrong ones would have laid the key to rest
    assert "Đã duyệt và ký 6 thư, không được 0" in text_of(done)
    assert states(sqlite_ctx, office) == ["signed"] * 6


def test_what_is_typed_into_a_letter_is_kept_until_it_is_sent(
    sqlite_ctx: Context, site: Flask, office: b.Office
) -> None:
    (letter,) = ordered(sqlite_ctx, office, 1)
    officer, url = signed_in(site, "officer"), f"/xin-loi/{letter['id']}"
    page, place = officer.get(url), f"letter/{letter['id']}/write"
    assert f'data-draft="{place}"' in page.text
    kept = officer.put(f"/nhap/{place}", data={"reason": "Đang viết"}, headers={"X-CSRFToken": csrf_of(page)})
    assert kept.status_code == 200
    assert [each["typed"] for each in officer.get(f"/nhap/letter/{letter['id']}/").json] == [{"reason": "Đang viết"}]
    assert send(officer, page, "/write", cause="staff", reason=REASON, new_due_at=NEW_DUE).status_code == 303
    assert officer.get(f"/nhap/letter/{letter['id']}/").json == []
    officer.put(f"/nhap/{place}", data={"reason": "Lại"}, headers={"X-CSRFToken": csrf_of(page)})
    dropped = officer.post("/nhap/bo", data={"csrf_token": csrf_of(page), "place": place})
    assert dropped.location == url


def test_a_pin_is_in_no_fingerprint_and_comes_back_to_no_page(site: Flask) -> None:
    prints = []
    for pin in ("111111", "222222"):
        with site.test_request_context("/xin-loi/1/sign", method="POST", data={"pin": pin, "idempotency_key": "k"}):
            named, shown = named_request(), refusal("sign", InvalidInputError("no"))
        assert named is not None
        assert "pin" not in shown.typed
        prints.append(named.fingerprint)
    assert prints[0] == prints[1]


def test_more_than_a_page_at_once_is_said(site: Flask, office: b.Office) -> None:
    approver = signed_in(site, "approver")
    seals = [f"{number:032x}.x" for number in range(51)]
    data = {"csrf_token": csrf_of(approver.get("/xin-loi")), "thu": seals, "confirmed": "1"}
    asked = approver.post("/xin-loi/nhieu/duyet", data=data)
    assert "Mỗi lần chọn từ 1 đến 50 thư." in text_of(approver.get(asked.location))


def test_a_new_date_that_is_not_kept_is_said_to_all(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    (letter,) = ordered(sqlite_ctx, office, 1)
    written(sqlite_ctx, office, letter)
    apologies.approve(sqlite_ctx, by=office.approver, letter_id=letter["id"])
    letter_dispatch.dispatch(sqlite_ctx, by=office.approver, letter_id=letter["id"])
    code, public = letter["dossier_code"], site.test_client()
    told = text_of(public.get(f"/tra-cuu/{code}"))
    assert "số 01/PXL, gửi ngày 06/03/2026" in told
    assert "10/03/2026 09:00" in told
    assert "Không giữ được ngày hẹn lại" not in told
    assert REASON not in told
    assert b.NO_EMAIL.name not in told

    b.turn_clock_to(sqlite_ctx, "2026-03-11T09:00")
    told = text_of(public.get(f"/tra-cuu/{code}"))
    assert "ngày hẹn lại cũng không giữ được" in told
    assert "Không giữ được ngày hẹn lại" in told
    supervisor = signed_in(site, "supervisor")
    page = supervisor.get("/xin-loi?trang-thai=broken")
    assert 'data-count="broken">1<' in page.text
    assert code in text_of(page)
    assert "Hẹn lại không giữ được" in text_of(supervisor.get(f"/xin-loi/{letter['id']}"))


def test_settings_are_saved_together_or_not_at_all(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    admin, supervisor = signed_in(site, "admin"), signed_in(site, "supervisor")
    page = admin.get("/quan-tri/thu-xin-loi")
    typed = {
        "lead": "2,5",
        "signs": "electronic",
        "chair": "approver",
        "symbol-apology": "xl-ubnd",
        "quiet_from": "20:30",
    }
    saved = send(admin, page, "/thu-xin-loi", **typed)
    assert saved.status_code == 303
    page = admin.get(saved.location)
    assert "Đã lưu." in text_of(page)
    kept = form_fields(page, "/thu-xin-loi")
    assert (kept["lead"], kept["signs"], kept["chair"]) == ("2.5", "electronic", "approver")
    assert (kept["symbol-apology"], kept["quiet_from"]) == ("XL-UBND", "20:30")
    log = text_of(admin.get("/quan-tri"))
    assert "1 ngày làm việc → 2,5 ngày làm việc; Ký tay trên bản in → Ký số, đóng dấu số" in log
    assert "— → Thư xin lỗi: XL-UBND" in log
    refused = send(admin, page, "/thu-xin-loi", lead="1", quiet_to="25:00")
    assert refused.status_code == 422
    assert form_fields(refused, "/thu-xin-loi")["quiet_to"] == "25:00"
    assert form_fields(admin.get("/quan-tri/thu-xin-loi"), "/thu-xin-loi")["lead"] == "2.5"
    assert supervisor.get("/quan-tri/thu-xin-loi").status_code == 403
    assert admin.get("/quan-tri/thu-xin-loi?co-quan=H01").status_code == 404


@pytest.mark.parametrize(
    ("filing", "said"),
    [
        ({"applicant": b.WITH_EMAIL}, "Gửi tới thu@example.test."),
        ({"applicant": b.WITH_EMAIL, "notify_by": "none"}, "Không có kênh nào để gửi cho người dân"),
        (
            {"applicant": b.WITH_EMAIL, "owner": b.NO_EMAIL, "notify_by": "sms"},  # no gateway is connected
            "Gửi tới thu@example.test.",
        ),
    ],
)
def test_the_page_says_how_the_letter_will_go(
    sqlite_ctx: Context, site: Flask, office: b.Office, filing: dict[str, Any], said: str
) -> None:
    [letter] = ordered(sqlite_ctx, office, 1, **filing)
    draft = apologies.Draft(Cause.STAFF, REASON, b.local(NEW_DUE))
    apologies.write(sqlite_ctx, by=office.officer, letter_id=letter["id"], draft=draft)
    apologies.approve(sqlite_ctx, by=office.approver, letter_id=letter["id"])

    page = signed_in(site, "clerk").get(f"/xin-loi/{letter['id']}")

    assert said in page.text
