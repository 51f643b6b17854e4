"""Moving dossiers to another version by pages and API: seen, decided, ordered, done by the clock process, undone."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people, reading, version_moves, version_verdicts
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support import version_acts as v
from tests.support.forms import send, text_of
from tests.support.site import PASSWORD, bearer, make_site, sign_in
from web.pages import version_moves as pages

PAGE = "/thu-tuc/H00/TP99/chuyen-phien-ban"
API = "/api/v1/procedures/TP99/moves"


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """An office whose administrator and supervisor can sign in."""
    made = b.an_office(sqlite_ctx)
    for username in ("admin", "supervisor"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context, office: b.Office) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


@pytest.fixture
def admin(site: Flask) -> FlaskClient:
    """The administrator, signed in."""
    client = site.test_client()
    sign_in(client, "admin")
    return client


def selects(page: TestResponse) -> dict[str, list[str]]:
    """Return the values that each list of the page offers, by name."""
    found = html.fromstring(page.text).xpath("//select")
    return {each.get("name"): [option.get("value") for option in each.xpath("./option")] for each in found}


def test_administrator_decides_a_gone_step_orders_and_undoes(
    sqlite_ctx: Context, office: b.Office, admin: FlaskClient
) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office)
    v.second_version(sqlite_ctx, office, steps=v.without("THU_LY", instead="THAM_TRA"), total_days="6")

    first = admin.get(PAGE)
    assert "phiên bản 2 (đang áp dụng)" in text_of(first)
    seen = admin.get(PAGE, query_string={"den": "2"})
    assert "Bước “Bước THU_LY” không còn trong phiên bản mới." in text_of(seen)
    assert selects(seen)["buoc:s02_THU_LY"][:3] == ["", "-", "s02_THAM_TRA"]
    assert "Chuyển hồ sơ sang phiên bản khác" in text_of(seen)
    assert 'name="ground"' not in seen.text, "there is nothing to order yet"

    decided = admin.get(PAGE, query_string={"den": "2", "buoc:s02_THU_LY": "s02_THAM_TRA"})
    refused = send(admin, decided, "/chuyen", ground=" ")
    assert refused.status_code == 422
    assert 'value="s02_THAM_TRA" selected' in refused.text, "what was decided is not lost"
    done = send(admin, refused, "/chuyen", ground=v.GROUND)
    shown = admin.get(done.location)

    assert (done.status_code, done.location) == (303, f"{PAGE}/1")
    assert "Đã chuyển xong" in text_of(shown)
    assert v.GROUND in text_of(shown)
    after = reading.detail(sqlite_ctx, by=SYSTEM, dossier=dossier["id"])
    assert (after["procedure_version"], after["due_at"]) == (2, "2026-03-10T08:00:00+07:00")
    assert verify(sqlite_ctx) == []
    undone = send(admin, shown, "/hoan-tac")
    assert "Đã hoàn tác" in text_of(admin.get(undone.location))
    assert reading.detail(sqlite_ctx, by=SYSTEM, dossier=dossier["id"])["procedure_version"] == 1
    assert verify(sqlite_ctx) == []


def test_each_count_opens_its_list(sqlite_ctx: Context, office: b.Office, admin: FlaskClient) -> None:
    blocked = b.a_received_dossier(sqlite_ctx, office)
    going = b.do_next_step(sqlite_ctx, office, b.a_received_dossier(sqlite_ctx, office))
    v.second_version(sqlite_ctx, office, steps=v.without("THU_LY", instead="THAM_TRA"))

    page = admin.get(PAGE, query_string={"den": "2"})
    links = html.fromstring(page.text).xpath("//nav[@aria-label='Kết quả theo loại']//a/@href")
    lists = {link.rpartition("xem=")[2]: text_of(admin.get(link)) for link in links if "xem=" in link}

    assert sorted(lists) == ["blocked", "moves"]
    assert (blocked["code"] in lists["blocked"], going["code"] in lists["blocked"]) == (True, False)
    assert (blocked["code"] in lists["moves"], going["code"] in lists["moves"]) == (False, True)


def test_long_move_is_done_by_the_clock_process(
    sqlite_ctx: Context, office: b.Office, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages.version_moves, "IN_A_REQUEST", 2)
    for _ in range(5):
        b.a_received_dossier(sqlite_ctx, office)
    v.second_version(sqlite_ctx, office, total_days="6")

    done = send(admin, admin.get(PAGE, query_string={"den": "2", "ngay": "keep"}), "/chuyen", ground=v.GROUND)
    under_way = text_of(admin.get(done.location))
    while version_moves.carry_on_all(sqlite_ctx, most=2):
        pass

    assert "Còn 3 hồ sơ chưa xét." in under_way
    assert "Đang chuyển" in under_way
    assert "Đã chuyển xong" in text_of(admin.get(done.location))
    (move,) = version_verdicts.history(sqlite_ctx, by=SYSTEM, code=office.procedure)
    assert (move["counts"]["moves"], move["dates"], move["made_by"]) == (5, "keep", "Cán bộ admin")


def test_only_the_administrator_gets_the_pages(site: Flask, office: b.Office) -> None:
    client = site.test_client()
    sign_in(client, "supervisor")

    assert client.get(PAGE).status_code == 403
    assert client.get(f"{PAGE}/1").status_code == 403


def test_address_that_names_nothing_is_answered(admin: FlaskClient, office: b.Office) -> None:
    assert admin.get(PAGE, query_string={"den": "7"}).status_code == 404
    assert admin.get(f"{PAGE}/7").status_code == 404
    assert admin.get(PAGE, query_string={"den": "x", "xem": "y", "ngay": "z"}).status_code == 200
    assert admin.get(PAGE, query_string={"den": "1", "sau": "kein"}).status_code == 422


# --- API -------------------------------------------------------------------------------------------------------------


def test_program_previews_orders_looks_and_undoes(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office)
    v.second_version(sqlite_ctx, office, total_days="6")
    client, headers = site.test_client(), bearer(sqlite_ctx, "admin")
    body = {"to_version": 2, "dates": "follow"}

    seen = client.post(f"{API}/preview", json=body, headers=headers)
    assert (seen.status_code, seen.json["counts"]["moves_date"]) == (200, 1)
    assert seen.json["dossiers"][0]["code"] == dossier["code"]
    key = {"Idempotency-Key": "once"}
    first, again = (
        client.post(API, json=body | {"ground": v.GROUND}, headers=headers | key) for _ in range(2)
    )  # fmt: skip
    assert (first.status_code, first.json["state"], first.json["id"]) == (202, "done", again.json["id"])
    shown = client.get(f"{API}/{first.json['id']}", headers=headers, query_string={"verdict": "moves_date"})
    assert [row["verdict"] for row in shown.json["dossiers"]] == ["moves_date"]
    undone = client.post(f"{API}/{first.json['id']}/undo", headers=headers)
    assert (undone.status_code, undone.json["state"], undone.json["counts"]["undone"]) == (202, "undone", 1)
    assert [each["id"] for each in client.get(API, headers=headers).json["items"]] == [first.json["id"]]
    assert verify(sqlite_ctx) == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"to_version": 2}, 422, None),
        ({"to_version": 2, "ground": " "}, 422, "ground-missing"),
        ({"to_version": 2, "ground": "x", "dates": "later"}, 422, None),
        ({"to_version": 2, "ground": "x", "mapping": {"s09_X": None}}, 422, "version-mapping-invalid"),
        ({"to_version": 5, "ground": "x"}, 404, "procedure-version-not-found"),
    ],
)
def test_order_that_a_program_gets_wrong_is_refused_with_its_code(
    sqlite_ctx: Context, site: Flask, office: b.Office, body: dict[str, object], status: int, code: str | None
) -> None:
    v.second_version(sqlite_ctx, office, total_days="6")

    answer = site.test_client().post(API, json=body, headers=bearer(sqlite_ctx, "admin"))

    assert answer.status_code == status
    assert code in (None, answer.json["code"])


def test_program_of_somebody_else_may_not(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    v.second_version(sqlite_ctx, office, total_days="6")
    headers = bearer(sqlite_ctx, "supervisor")

    for path, body in ((f"{API}/preview", {"to_version": 2}), (API, {"to_version": 2, "ground": "x"})):
        assert site.test_client().post(path, json=body, headers=headers).status_code == 403


def test_procedure_leads_the_administrator_there_and_nobody_else(
    site: Flask, admin: FlaskClient, office: b.Office
) -> None:
    other = site.test_client()
    sign_in(other, "supervisor")

    assert f'href="{PAGE}"' in admin.get("/thu-tuc/H00/TP99").text
    assert f'href="{PAGE}"' not in other.get("/thu-tuc/H00/TP99").text
