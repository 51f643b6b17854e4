"""The calendar's forms from end to end: what is typed, previewed, saved once, and by whom; the list as a file."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import calendar_changes, people
from engine.verification.verify import verify
from tests.support.builders import Office, a_received_dossier, an_office
from tests.support.calendar_acts import USUAL, below, calendar_of, days, dump, make, now_of, undo
from tests.support.forms import form_fields, send, text_of
from tests.support.site import PASSWORD, csrf_of, make_site, sign_in

PREVIEW, SAVE = "/lich/xem-truoc", "/lich/luu"
PRINTED, MOVED = "2026-03-06T08:00:00+07:00", "2026-03-09T07:00:00+07:00"
PEOPLE = ("admin", "supervisor", "auditor", "desk", "officer", "admin.h01")


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """The office of the default agency and a ward below it, whose people can sign in."""
    made = an_office(sqlite_ctx)
    below(sqlite_ctx, made.code, "H01")
    for username in PEOPLE:
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context, office: Office) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


@pytest.fixture
def admin(site: Flask) -> FlaskClient:
    """An administrator of the default agency, signed in."""
    return signed_in(site, "admin")


def signed_in(site: Flask, username: str) -> FlaskClient:
    client = site.test_client()
    sign_in(client, username)
    return client


def type_days(client: FlaskClient, **typed: str) -> TestResponse:
    """Send the form of days as it stands on the page."""
    fields = {"form": "days", "agency": "H00", "decision": "12/QĐ", **typed}
    return client.post(PREVIEW, data={"csrf_token": csrf_of(client.get("/lich")), **fields})


def type_hours(client: FlaskClient, *week: str, **typed: str) -> TestResponse:
    """Send the form of weekly hours; days that are not named are off."""
    hours = {f"day{no}": (week[no] if no < len(week) else "") for no in range(7)}
    fields = {"form": "hours", "agency": "H00", "decision": "15/QĐ", "from": "9/3/2026", **hours, **typed}
    return client.post(PREVIEW, data={"csrf_token": csrf_of(client.get("/lich")), **fields})


def send_file(client: FlaskClient, content: str) -> TestResponse:
    """Upload a decision."""
    fields = {"form": "file", "agency": "H00", "file": (BytesIO(content.encode()), "qd.csv")}
    return client.post(PREVIEW, data={"csrf_token": csrf_of(client.get("/lich")), **fields})


def declared(ctx: Context) -> list[tuple[str, str, str]]:
    """Return date, kind and hours of the days that were declared by an act."""
    rows = dump(ctx, "calendar_day")["calendar_day"]
    return [(str(row["on_date"]), row["kind"], row["shifts"]) for row in rows if row["change_id"] is not None]


# --- what is typed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["22/8/2026", "22-08-2026", "22.8.2026", "22 08 2026", "22082026", "2026-08-22", " 22/08/2026 "]
)
def test_date_is_read_as_people_type_it(sqlite_ctx: Context, admin: FlaskClient, typed: str) -> None:
    page = type_days(admin, date1=typed, kind1="off")

    assert "T7 22/08/2026: nghỉ" in text_of(page)
    assert send(admin, page, SAVE).status_code == 303
    assert declared(sqlite_ctx) == [("2026-08-22", "off", "")]


@pytest.mark.parametrize(
    "typed", ["31/02/2026", "22/13/2026", "8/22/2026", "22/08-2026", "228", "hôm nay", "2026-8-22"]
)
def test_what_is_no_date_is_refused_and_still_there(sqlite_ctx: Context, admin: FlaskClient, typed: str) -> None:
    before = dump(sqlite_ctx)
    page = type_days(admin, date1=typed)

    assert page.status_code == 422
    assert "Ngày: không phải ngày hợp lệ" in text_of(page)
    assert f'value="{typed}"' in page.text
    assert 'value="12/QĐ"' in page.text
    assert dump(sqlite_ctx) == before


@pytest.mark.parametrize(
    ("typed", "kind"), [("06/03/2026", "nghỉ"), ("07/03/2026", "làm bù"), ("08/03/2026", "làm bù")]
)
def test_kind_follows_the_weekday_unless_it_is_named(admin: FlaskClient, typed: str, kind: str) -> None:
    assert f"{typed}: {kind}" in text_of(type_days(admin, date1=typed))
    assert f"{typed}: làm bù" in text_of(type_days(admin, date1=typed, kind1="work"))


def test_two_days_are_swapped_in_one_act(sqlite_ctx: Context, site: Flask, office: Office, admin: FlaskClient) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)

    page = type_days(admin, date1="06/03/2026", date2="07/03/2026", note="hoán đổi")
    done = send(admin, page, SAVE)

    assert done.location.endswith("/lich?nam=2026&co-quan=H00")
    assert declared(sqlite_ctx) == [("2026-03-06", "off", ""), ("2026-03-07", "work", "")]
    assert now_of(sqlite_ctx, dossier)["due_at"] == "2026-03-07T07:00:00+07:00"
    (act,) = calendar_changes.history(sqlite_ctx, by=SYSTEM)
    assert (act["made_by"], act["moved"], act["ground"]) == ("Cán bộ admin", 1, "12/QĐ")
    assert verify(sqlite_ctx) == []


def test_half_day_is_declared_with_its_hours(sqlite_ctx: Context, admin: FlaskClient) -> None:
    page = type_days(admin, date1="06/03/2026", kind1="work", shifts1="07:00-11:30")
    assert "T6 06/03/2026: làm nửa ngày (07:00-11:30)" in text_of(page)
    send(admin, page, SAVE)
    assert declared(sqlite_ctx) == [("2026-03-06", "work", "07:00-11:30")]


def test_weekly_hours_are_previewed_and_saved(sqlite_ctx: Context, admin: FlaskClient) -> None:
    page = type_hours(admin, "07:30-11:30", "", "", "", "", "08:00-10:00")
    assert "Giờ làm từ 09/03/2026: T2 07:30-11:30; T3 nghỉ" in text_of(page)
    assert dump(sqlite_ctx, "office_hours") == {"office_hours": []}

    assert "Đã lưu thay đổi số 1." in admin.get(send(admin, page, SAVE).location).text

    (row,) = dump(sqlite_ctx, "office_hours")["office_hours"]
    assert row["week"] == [["07:30-11:30"], [], [], [], [], ["08:00-10:00"], []]
    assert (str(row["valid_from"]), row["decision"], row["unit_id"]) == ("2026-03-09", "15/QĐ", None)


def test_reception_hours_of_a_desk_are_saved_for_it_alone(
    sqlite_ctx: Context, office: Office, admin: FlaskClient
) -> None:
    before = calendar_of(sqlite_ctx)
    dossier = a_received_dossier(sqlite_ctx, office)

    page = type_hours(admin, *[USUAL] * 5, "07:00-11:30", desk="BP_MOT_CUA")
    shown = admin.get(send(admin, page, SAVE).location)

    (row,) = dump(sqlite_ctx, "office_hours")["office_hours"]
    assert row["unit_id"] == office.units["BP_MOT_CUA"]
    assert calendar_of(sqlite_ctx) == before
    assert now_of(sqlite_ctx, dossier)["due_at"] == PRINTED
    assert "Giờ tiếp nhận: " in text_of(shown)
    send(admin, admin.get("/lich/thay-doi/1/hoan-tac"), "/hoan-tac")
    assert dump(sqlite_ctx, "office_hours") == {"office_hours": []}


# --- a decision as a file --------------------------------------------------------------------------------------------


def test_file_with_several_errors_names_each_and_saves_nothing(sqlite_ctx: Context, admin: FlaskClient) -> None:
    before = dump(sqlite_ctx)
    rows = (
        "2026-03-06,off,12/QĐ,bão",
        "2026-02-30,off,12/QĐ,",
        "2026-03-09,nghi,12/QĐ,",
        "2026-03-10,off,,",
        "2026-03-06,work,12/QĐ,",
    )
    page = send_file(admin, "date,kind,decision,note\n" + "\n".join(rows))

    assert page.status_code == 422
    said = text_of(page)
    for place in ("Dòng 3, cột 1 (date)", "Dòng 4, cột 2 (kind)", "Dòng 5, cột 3 (decision)", "Dòng 6, cột 1 (date)"):
        assert place in said
    assert "Dòng 2" not in said
    assert dump(sqlite_ctx) == before


def test_file_is_previewed_saved_and_known_afterwards(sqlite_ctx: Context, office: Office, admin: FlaskClient) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)
    content = "date;kind;decision;note\n2026-03-06;off;12/QĐ;bão\n2026-03-14;work;12/QĐ;làm bù\n"

    page = send_file(admin, content)
    assert "1 hồ sơ đổi ngày" in text_of(page)
    assert dossier["code"] in text_of(page)
    send(admin, page, SAVE)

    assert declared(sqlite_ctx) == [("2026-03-06", "off", ""), ("2026-03-14", "work", "")]
    assert now_of(sqlite_ctx, dossier)["due_at"] == MOVED
    assert send_file(admin, content).status_code == 409
    assert verify(sqlite_ctx) == []


def test_list_of_the_preview_as_a_file_has_every_date(sqlite_ctx: Context, office: Office, admin: FlaskClient) -> None:
    codes = [a_received_dossier(sqlite_ctx, office)["code"] for _ in range(3)]
    before = dump(sqlite_ctx)

    page = type_days(admin, date1="06/03/2026")
    answer = send(admin, page, "/lich/xem-truoc.csv")

    assert (answer.mimetype, answer.headers["Content-Disposition"]) == (
        "text/csv",
        "attachment; filename=thay-doi-lich.csv",
    )
    text = answer.data.decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert [(row["code"], row["what"], row["due_before"], row["due_after"]) for row in rows] == [
        (code, "promise", PRINTED, MOVED) for code in codes
    ]
    assert dump(sqlite_ctx) == before


# --- saved once, and only what was seen ------------------------------------------------------------------------------


def test_second_click_has_no_second_effect(sqlite_ctx: Context, office: Office, admin: FlaskClient) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)
    page = type_days(admin, date1="06/03/2026")

    first, second = send(admin, page, SAVE), send(admin, page, SAVE)

    assert (first.status_code, second.status_code, first.location) == (303, 303, second.location)
    assert len(calendar_changes.history(sqlite_ctx, by=SYSTEM)) == 1
    undone = admin.get("/lich/thay-doi/1/hoan-tac")
    for _ in range(2):
        assert send(admin, undone, "/hoan-tac").status_code == 303
    assert [each["kind"] for each in calendar_changes.history(sqlite_ctx, by=SYSTEM)] == ["undo", "days"]
    assert now_of(sqlite_ctx, dossier)["due_at"] == PRINTED


def test_key_of_a_form_saves_no_other_change(sqlite_ctx: Context, admin: FlaskClient) -> None:
    page = type_days(admin, date1="06/03/2026")
    send(admin, page, SAVE)

    other = type_days(admin, date1="10/03/2026")
    key = form_fields(page, SAVE)["idempotency_key"]
    refused = send(admin, other, SAVE, idempotency_key=key)

    assert refused.status_code == 409
    assert declared(sqlite_ctx) == [("2026-03-06", "off", "")]


def test_change_of_somebody_else_meanwhile_shows_the_preview_anew(
    sqlite_ctx: Context, office: Office, admin: FlaskClient
) -> None:
    a_received_dossier(sqlite_ctx, office)
    page = type_days(admin, date1="06/03/2026")
    make(sqlite_ctx, days(9, no="13/QĐ"))

    stale = send(admin, page, SAVE)

    assert stale.status_code == 409
    assert "Lịch đã được người khác đổi sau khi bạn xem trước." in text_of(stale)
    assert "10/03/2026" in text_of(stale), "where the promise moves now"
    assert len(calendar_changes.history(sqlite_ctx, by=SYSTEM)) == 1
    assert send(admin, stale, SAVE).status_code == 303
    assert declared(sqlite_ctx) == [("2026-03-06", "off", ""), ("2026-03-09", "off", "")]
    assert verify(sqlite_ctx) == []


def test_undo_after_a_change_of_somebody_else_is_shown_anew(
    sqlite_ctx: Context, office: Office, admin: FlaskClient
) -> None:
    make(sqlite_ctx, days(6))
    page = admin.get("/lich/thay-doi/1/hoan-tac")
    make(sqlite_ctx, days(9, no="13/QĐ"))

    stale = send(admin, page, "/hoan-tac")

    assert stale.status_code == 409
    assert "Dưới đây là kết quả tính lại." in text_of(stale)
    assert send(admin, stale, "/hoan-tac").status_code == 303
    assert declared(sqlite_ctx) == [("2026-03-09", "off", "")]
    assert admin.get("/lich/thay-doi/1/hoan-tac").status_code == 409
    assert admin.get("/lich/thay-doi/77/hoan-tac").status_code == 404


def test_settings_are_saved_or_refused(sqlite_ctx: Context, admin: FlaskClient) -> None:
    page = admin.get("/lich")
    done = send(admin, page, "/lich/cai-dat", late_rule="instant", nearing_percent="70", ground="16/QĐ")
    assert "Đã lưu cài đặt thời hạn." in admin.get(done.location).text
    agencies = {row["code"]: row for row in dump(sqlite_ctx, "agency")["agency"]}
    assert (agencies["H00"]["late_rule"], agencies["H00"]["nearing_percent"]) == ("instant", 70)
    assert (agencies["H01"]["late_rule"], agencies["H01"]["nearing_percent"]) == ("day", 80)
    before = dump(sqlite_ctx, "agency")
    for typed in ({"nearing_percent": "0"}, {"nearing_percent": "80%"}, {"late_rule": "never"}):
        refused = send(admin, admin.get("/lich"), "/lich/cai-dat", **{"ground": "17/QĐ", **typed})
        assert refused.status_code == 422
    assert dump(sqlite_ctx, "agency") == before
    assert verify(sqlite_ctx) == []


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["supervisor", "auditor", "desk", "officer"])
def test_others_read_the_calendar_and_change_nothing(sqlite_ctx: Context, site: Flask, who: str) -> None:
    make(sqlite_ctx, days(6))
    before = dump(sqlite_ctx)
    client = signed_in(site, who)

    page = client.get("/lich?nam=2026")

    assert page.status_code == 200
    assert "06/03/2026" in text_of(page)
    assert PREVIEW not in page.text
    assert "/hoan-tac" not in page.text
    assert type_days(client, date1="10/03/2026").status_code == 403
    assert type_hours(client, USUAL).status_code == 403
    document = json.dumps({"days": [{"date": "2026-03-10", "kind": "off", "decision": "1"}]})
    token = csrf_of(page)
    for to in (SAVE, "/lich/xem-truoc.csv"):
        assert client.post(to, data={"csrf_token": token, "agency": "H00", "document": document}).status_code == 403
    assert client.get("/lich/thay-doi/1/hoan-tac").status_code == 403
    assert client.post("/lich/thay-doi/1/hoan-tac", data={"csrf_token": token}).status_code == 403
    settings = {"csrf_token": token, "agency": "H00", "late_rule": "instant", "nearing_percent": "50", "ground": "1"}
    assert client.post("/lich/cai-dat", data=settings).status_code == 403
    assert dump(sqlite_ctx) == before


def test_administrator_of_a_ward_changes_its_calendar_alone(sqlite_ctx: Context, site: Flask) -> None:
    client = signed_in(site, "admin.h01")
    make(sqlite_ctx, days(6))
    before = dump(sqlite_ctx)
    assert type_days(client, date1="10/03/2026").status_code == 403
    assert client.get("/lich/thay-doi/1/hoan-tac").status_code == 403
    assert dump(sqlite_ctx) == before

    page = type_days(client, date1="10/03/2026", agency="H01")
    assert send(client, page, SAVE).status_code == 303

    assert not calendar_of(sqlite_ctx, "H01").is_working_day(days(10).rules[0].on)
    assert calendar_of(sqlite_ctx).is_working_day(days(10).rules[0].on)


def test_nobody_changes_a_calendar_without_signing_in_or_from_elsewhere(sqlite_ctx: Context, site: Flask) -> None:
    before = dump(sqlite_ctx)
    stranger = site.test_client()
    assert stranger.get("/lich").status_code == 302
    assert stranger.post(SAVE, data={"document": "{}"}).status_code in (401, 403)
    forged = signed_in(site, "admin").post(SAVE, data={"document": "{}", "agency": "H00"})
    assert forged.status_code == 403
    assert dump(sqlite_ctx) == before


def test_undone_change_is_shown_as_such(sqlite_ctx: Context, admin: FlaskClient) -> None:
    undo(sqlite_ctx, make(sqlite_ctx, days(6)))
    page = text_of(admin.get("/lich?nam=2026"))
    assert "đã hoàn tác bởi số 2" in page
    assert "hoàn tác thay đổi số 1 (12/QĐ)" in page
