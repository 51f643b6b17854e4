"""Pages, routes and commands of an office's own templates, and .docx of letters over HTTP."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from bench import letters as letters_bench
from engine.context import Context
from engine.documents.docx import render
from engine.domain.actors import SYSTEM, Role
from engine.domain.dossier import Cause
from engine.domain.official_forms import CURRENT, FormKind
from engine.services import apologies, form_templates, people
from tests.support.builders import a_received_dossier, an_office, local
from tests.support.docx_files import text_of, with_text
from tests.support.site import PASSWORD, an_account, an_agency, bearer, csrf_of, make_site, sign_in
from web.cli import bench as bench_command
from web.cli.forms import forms
from web.docx_files import DOCX

FORM = form_templates.form_named(CURRENT, FormKind.APOLOGY)
OWN = with_text(render.shipped(FORM), "Mẫu của phường")
BAD = with_text(render.shipped(FORM), "{{ ma_ho_so }}", "{{ <script> }}")
LIST = "/quan-tri/mau-giay"


@pytest.fixture
def client(sqlite_ctx: Context) -> FlaskClient:
    """A browser of the administrator of H01."""
    an_agency(sqlite_ctx)
    an_account(sqlite_ctx, "admin", Role.ADMIN)
    made = make_site(sqlite_ctx).test_client()
    assert sign_in(made, "admin").status_code == 303
    return made


def send(client: FlaskClient, content: bytes, **fields: str) -> tuple[int, str, str]:
    """Upload a template; return status, address and text of the next page."""
    data = {"csrf_token": csrf_of(client.get(LIST)), "agency": "H01", "form": f"{CURRENT} apology"} | fields
    answer = client.post(LIST, data=data | {"file": (BytesIO(content), "xin-loi.docx")})
    if answer.status_code != 303:
        return answer.status_code, "", answer.text
    return 303, answer.location, client.get(answer.location).text


def test_refused_template_is_told_in_words(client: FlaskClient) -> None:
    status, address, page = send(client, with_text(render.shipped(FORM), "{{ ma_ho_so }}"))

    assert status == 303
    assert "Không có ô điền ma_ho_so. Các ô có: addressee, agency," in page
    assert "Không đạt" in page
    assert "Dùng mẫu này" not in page
    assert client.get(f"{address}/thu.docx").status_code == 409
    assert "ma_ho_so" in client.get(f"{address}?lang=en").text
    assert "Không đạt" in client.get(LIST).text


def test_what_a_file_says_is_never_markup(client: FlaskClient) -> None:
    _status, _address, page = send(client, BAD)

    assert "<script> }}" not in page


def test_template_is_put_to_use_and_retired(client: FlaskClient) -> None:
    _status, address, page = send(client, OWN)
    assert "Mẫu đạt." in page
    sample = client.get(f"{address}/thu.docx")
    assert (sample.mimetype, sample.headers["Content-Disposition"][:10]) == (DOCX, "attachment")
    assert text_of(sample.data).startswith("Mẫu của phường")
    token = csrf_of(client.get(address))

    assert client.post(f"{address}/dung", data={"csrf_token": token}).status_code == 303
    assert "Đang dùng" in client.get(address).text
    again = client.post(f"{address}/dung", data={"csrf_token": token})
    assert again.status_code == 409
    assert "không còn ở trạng thái" in again.text
    assert client.post(f"{address}/thoi", data={"csrf_token": token}).status_code == 303
    assert "Thôi dùng" in client.get(address).text
    assert "dùng mẫu giấy của cơ quan" in client.get("/quan-tri").text


@pytest.mark.parametrize(
    ("content", "fields", "status", "said"),
    [
        (b"", {}, 303, "Tệp rỗng"),
        (b"x", {"form": "TT03/2025 nothing"}, 404, "Chưa lưu gì"),
        (b"x", {"form": ""}, 404, "Chưa lưu gì"),
        (b"x", {"agency": "H77"}, 404, "Chưa lưu gì"),
    ],
    ids=["empty", "no form", "blank form", "no agency"],
)
def test_bad_uploads_are_named(
    client: FlaskClient, content: bytes, fields: dict[str, str], status: int, said: str
) -> None:
    found = send(client, content, **fields)

    assert (found[0], said in found[2]) == (status, True)


def test_placeholders_and_the_template_to_begin_with_are_shown(client: FlaskClient) -> None:
    page = client.get(f"{LIST}/o-dien", query_string={"mau": f"{CURRENT} receipt"})
    begin = client.get(f"{LIST}/goc.docx", query_string={"mau": f"{CURRENT} receipt"})

    assert "<code>applicant.name</code>" in page.text
    assert "for each in papers" in page.text
    assert begin.data == render.shipped(form_templates.form_named(CURRENT, "receipt"))
    assert client.get(f"{LIST}/o-dien").status_code == 200
    for odd in ("TT03/2025 fee", "x", "../../etc/passwd receipt"):
        assert client.get(f"{LIST}/goc.docx", query_string={"mau": odd}).status_code == 404


def test_others_see_nothing(sqlite_ctx: Context, client: FlaskClient) -> None:
    _status, address, _page = send(client, OWN)
    an_agency(sqlite_ctx, "H02")
    an_account(sqlite_ctx, "other", Role.ADMIN, agency="H02")
    an_account(sqlite_ctx, "officer", Role.OFFICER)
    for who, status in (("other", 404), ("officer", 403)):
        theirs = make_site(sqlite_ctx).test_client()
        sign_in(theirs, who)
        assert theirs.get(address).status_code == status
        assert theirs.get(f"{address}/thu.docx").status_code == status
        assert theirs.get(f"{LIST}/goc.docx").status_code == (200 if who == "other" else 403)
    assert client.get(f"{LIST}/99999").status_code == 404


def test_letter_is_given_as_docx(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    dossier = a_received_dossier(sqlite_ctx, office)
    draft = apologies.Draft(cause=Cause.STAFF, reason="Thiếu người thụ lý hồ sơ", new_due_at=local("2026-04-06T09:00"))
    letter = apologies.extend(sqlite_ctx, by=office.officer, dossier=dossier["id"], draft=draft)["letter"]["id"]
    site, token = make_site(sqlite_ctx).test_client(), bearer(sqlite_ctx, "officer")

    over_http = site.get(f"/api/v1/letters/{letter}.docx", headers=token)

    assert over_http.status_code == 200
    assert over_http.mimetype == DOCX
    assert "Thiếu người thụ lý hồ sơ" in text_of(over_http.data)
    assert site.get("/api/v1/letters/x.docx", headers=token).status_code == 404
    an_agency(sqlite_ctx, "H55")
    an_account(sqlite_ctx, "stranger", Role.OFFICER, agency="H55")
    theirs = site.get(f"/api/v1/letters/{letter}.docx", headers=bearer(sqlite_ctx, "stranger"))
    assert theirs.status_code == 404


def test_slips_of_a_dossier_are_given_as_docx(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    dossier = a_received_dossier(sqlite_ctx, office)
    people.set_password(sqlite_ctx, by=SYSTEM, username="officer", password=PASSWORD)
    site = make_site(sqlite_ctx).test_client()
    sign_in(site, "officer")

    for name, said in (("phieu-kiem-soat", "PHIẾU KIỂM SOÁT"), ("qua-trinh-xu-ly", "QUÁ TRÌNH XỬ LÝ HỒ SƠ")):
        answer = site.get(f"/ho-so/{dossier['code']}/{name}.docx")
        assert (answer.status_code, answer.mimetype) == (200, DOCX)
        assert said in text_of(answer.data)
        assert dossier["code"] in text_of(answer.data)
    assert site.get("/ho-so/khong-co/phieu-kiem-soat.docx").status_code == 404


def test_commands_check_and_show(tmp_path: Path) -> None:
    run = CliRunner().invoke
    begun, bad = tmp_path / "a.docx", tmp_path / "b.docx"
    bad.write_bytes(BAD)

    assert "TT03/2025  06    control" in run(forms, ["list"]).stdout
    listed = json.loads(run(forms, ["list", "--json"]).stdout)["forms"]
    assert {each["kind"] for each in listed if not each["docx"]} == {"fee"}
    assert run(forms, ["template", "--kind", "bundle", "-o", str(begun)]).exit_code == 0
    good = run(forms, ["check", str(begun), "--kind", "bundle"], standalone_mode=False)
    assert (good.return_value, good.stdout) == (0, f"{begun}: can be used\n")
    found = run(forms, ["check", str(bad), "--kind", "apology", "--json"], standalone_mode=False)
    assert found.return_value == 1
    assert not json.loads(found.stdout)["usable"]
    assert "code *: H99.99-260302-0001" in run(forms, ["placeholders", "--kind", "receipt"]).stdout
    assert run(forms, ["check", str(bad), "--kind", "nothing"]).exit_code != 0


def test_letters_are_measured_beside_the_bare_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bench_command.BENCHES, "letters", lambda: letters_bench.measure(letters=2, issued=1))

    found = json.loads(CliRunner().invoke(bench_command.bench, ["letters", "--json"]).stdout)

    assert [part["name"] for part in found["parts"]] == ["letters pdf", "letters docx", "letters issued"]
    assert found["ratio"] == min(part["ratio"] for part in found["parts"][:2])
    assert "own claim" in found["pdf_a"]
    for part in found["parts"]:
        assert part["ratio"] == pytest.approx(part["value"] / part["floor"], rel=0.05)
