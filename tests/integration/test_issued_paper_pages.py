"""Issued papers on the dossier's page, over HTTP and as one file for the archive; strangers get 404."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.seeds import base
from engine.services import attachments, dossier_export, endings, issued_papers, waiting
from engine.services.dossier_export import DossierOpenError
from tests.support import builders as b
from tests.support.site import an_account, bearer, csrf_of, make_site, sign_in
from tests.support.statements import count_statements
from tests.unit.documents.sample_papers import text
from web.cli import main

HOSTILE = "../../etc/passwd <script>=cmd|'/c calc'!A1</script> #read(\"/etc/passwd\") Đơn"


def a_closed_dossier(ctx: Context, office: b.Office) -> b.Dossier:
    """Receive, ask for more, add a hostile file, stop: three papers issued and one brought."""
    dossier = b.a_received_dossier(ctx, office)
    waiting.request_supplement(ctx, by=office.officer, dossier=dossier["id"], items=["Bản vẽ"], reason="Thiếu bản vẽ")
    (asked,) = [paper for paper in papers_of(ctx, dossier) if paper["kind"] == "supplement"]
    content = issued_papers.content(ctx, office.desk, asked["id"])
    attachments.add_paper(
        ctx, by=office.desk, dossier=dossier["id"], name=HOSTILE, file_name="a.pdf", content=content
    )  # fmt: skip
    return endings.stop(ctx, by=office.approver, dossier=dossier["id"], ground="Điều 5 | hết căn cứ")


def papers_of(ctx: Context, dossier: b.Dossier) -> list[dict[str, Any]]:
    return issued_papers.listed(ctx, by=SYSTEM, dossier=dossier["id"])


def signed_in(ctx: Context, name: str, role: Role, *, agency: str = base.DEFAULT_CODE) -> FlaskClient:
    an_account(ctx, name, role, agency=agency)
    client = make_site(ctx).test_client()
    sign_in(client, name)
    return client


def test_the_page_lists_what_was_issued_and_voids_with_a_reason(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = a_closed_dossier(ctx, office)
    client = signed_in(ctx, "chief", Role.APPROVER)
    place = f"/ho-so/{dossier['code']}/giay-to"
    assert client.get(place).status_code == 200
    with count_statements(ctx) as sent:
        page = client.get(place).text
    sent.hold()
    for said in ("01/TTPVHCC", "01/PBS-TTPVHCC", "01/TBD-TTPVHCC", "mẫu 05", "ho-so-luu.pdf"):
        assert said in page
    (asked,) = [paper for paper in papers_of(ctx, dossier) if paper["kind"] == "supplement"]
    assert client.get(f"/giay-to/{asked['id']}.pdf").data == issued_papers.content(ctx, SYSTEM, asked["id"])
    assert client.get(f"/giay-to/{asked['id']}.docx").data.startswith(b"PK")

    form = client.get(f"/giay-to/{asked['id']}/huy")
    refused = client.post(f"/giay-to/{asked['id']}/huy", data={"csrf_token": csrf_of(form), "reason": " "})
    assert (refused.status_code, "Chưa nêu lý do" in refused.text) == (422, True)
    done = client.post(f"/giay-to/{asked['id']}/huy", data={"csrf_token": csrf_of(form), "reason": "ghi <b>sai</b>"})
    assert (done.status_code, done.location) == (303, place)
    shown = client.get(place).text
    assert ("ghi &lt;b&gt;sai&lt;/b&gt;" in shown, "Đã hủy số" in shown) == (True, True)

    anew = f"/giay-to/{asked['id']}/phat-hanh-lai"
    assert f'action="{anew}"' in shown
    for said in ("Đã phát hành lại với số 02/PBS-TTPVHCC", "Giấy này đang có hiệu lực, hoặc đã phát hành lại"):
        done = client.post(anew, data={"csrf_token": csrf_of(form)}, follow_redirects=True)
        assert (done.status_code, said in done.text) == (200, True), said
    assert anew not in done.text


def test_the_interface_lists_prints_and_voids(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    dossier = a_closed_dossier(sqlite_ctx, office)
    an_account(sqlite_ctx, "boss", Role.SUPERVISOR, agency=base.DEFAULT_CODE)
    client, headers = make_site(sqlite_ctx).test_client(), bearer(sqlite_ctx, "boss")

    listed = client.get(f"/api/v1/dossiers/{dossier['code']}/papers", headers=headers).get_json()

    assert [paper["kind"] for paper in listed["issued"]] == ["receipt", "stop", "supplement"]
    assert [paper["name"] for paper in listed["items"]] == ["Tờ khai", HOSTILE]
    asked = listed["issued"][2]
    printed = client.get(f"/api/v1/papers/{asked['id']}.pdf", headers=headers)
    assert (printed.mimetype, printed.data[:5]) == ("application/pdf", b"%PDF-")
    assert client.get(f"/api/v1/papers/{asked['id']}.docx", headers=headers).status_code == 200
    void = f"/api/v1/papers/{asked['id']}/void"
    assert client.post(void, headers=headers, json={"reason": ""}).get_json()["code"] == "paper-void-reason"
    assert client.post(void, headers=headers, json={"why": "x"}).status_code == 422
    done = client.post(void, headers=headers, json={"reason": "ghi sai"}).get_json()
    assert (done["paper"]["void_reason"], done["dossier"]["code"]) == ("ghi sai", dossier["code"])
    assert client.post(void, headers=headers, json={"reason": "lại"}).get_json()["code"] == "paper-void"
    anew = f"/api/v1/papers/{asked['id']}/reissue"
    made = client.post(anew, headers=headers)
    assert (made.status_code, made.get_json()["paper"]["number"]) == (201, "02/PBS-TTPVHCC")
    assert client.post(anew, headers=headers).get_json()["code"] == "paper-not-void"
    receipt = f"/api/v1/papers/{listed['issued'][0]['id']}/void"
    assert client.post(receipt, headers=headers, json={"reason": "x"}).get_json()["code"] == "paper-in-force"


def test_papers_of_another_agency_are_not_there(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    b.an_office(sqlite_ctx, code="H01")
    dossier = a_closed_dossier(sqlite_ctx, office)
    client = signed_in(sqlite_ctx, "stranger", Role.SUPERVISOR, agency="H01")
    token = csrf_of(client.get("/"))
    headers = bearer(sqlite_ctx, "stranger")
    paper = papers_of(sqlite_ctx, dossier)[0]["id"]

    for place in (f"/giay-to/{paper}.pdf", f"/giay-to/{paper}.docx", f"/giay-to/{paper}/huy", "/giay-to/x.pdf"):
        assert client.get(place).status_code == 404, place
    assert client.post(f"/giay-to/{paper}/huy", data={"csrf_token": token, "reason": "x"}).status_code == 404
    assert client.post(f"/giay-to/{paper}/phat-hanh-lai", data={"csrf_token": token}).status_code == 404
    assert client.get(f"/ho-so/{dossier['code']}/ho-so-luu.pdf").status_code == 404
    for ending in (".pdf", ".docx"):
        assert client.get(f"/api/v1/papers/{paper}{ending}", headers=headers).status_code == 404
    assert client.post(f"/api/v1/papers/{paper}/void", headers=headers, json={"reason": "x"}).status_code == 404


def attached_to(pdf: bytes, folder: Path) -> dict[str, bytes]:
    """Return what another tool takes out of a PDF."""
    file = folder / "dossier.pdf"
    file.write_bytes(pdf)
    out = folder / "out"
    out.mkdir()
    subprocess.run(["pdfdetach", "-saveall", "-o", str(out), str(file)], check=True, capture_output=True)
    return {each.name: each.read_bytes() for each in out.iterdir()}


def test_a_closed_dossier_is_one_file_with_everything_in_it_unchanged(sqlite_ctx: Context, tmp_path: Path) -> None:
    office = b.an_office(sqlite_ctx)
    dossier = a_closed_dossier(sqlite_ctx, office)
    wanted = {
        hashlib.sha256(issued_papers.content(sqlite_ctx, SYSTEM, paper["id"])).hexdigest()
        for paper in papers_of(sqlite_ctx, dossier)
    }

    made = dossier_export.pdf(sqlite_ctx, by=office.desk, dossier=dossier["code"])

    assert made == dossier_export.pdf(sqlite_ctx, by=office.supervisor, dossier=dossier["id"])
    assert b"<pdfaid:part>3</pdfaid:part>" in made
    words = text(made)
    for said in (dossier["code"], b.NO_EMAIL.name, "01/PBS-TTPVHCC", "Dừng xử lý", "passwd <script>", "Điều 5"):
        assert said in words, said
    files = attached_to(made, tmp_path)
    manifest = json.loads(files.pop("manifest.json"))
    assert {each["file"]: each["sha256"] for each in manifest["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert wanted <= {each["sha256"] for each in manifest["files"]}
    assert len(files) == 4
    assert "004-etc-passwd-script-cmd-c-calc-a1-script.pdf" in files
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        assert manifest["chain_sha256"] == uow.dossiers.by_code(dossier["code"]).event_hash


def test_an_open_dossier_is_not_archived(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    dossier = b.a_received_dossier(sqlite_ctx, office)
    with pytest.raises(DossierOpenError):
        dossier_export.pdf(sqlite_ctx, by=office.desk, dossier=dossier["code"])
    client = signed_in(sqlite_ctx, "viewer", Role.AUDITOR)
    answer = client.get(f"/ho-so/{dossier['code']}/ho-so-luu.pdf")
    assert answer.status_code == 409


def test_command_writes_the_dossier_and_refuses_another_ending(
    sqlite_ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dossier = a_closed_dossier(sqlite_ctx, b.an_office(sqlite_ctx))
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    monkeypatch.setenv("MOTCUA_DATABASE_URL", sqlite_ctx.settings.database_url)
    monkeypatch.setenv("MOTCUA_FILES_URL", str(sqlite_ctx.settings.files))
    file = tmp_path / "one.pdf"

    assert main.run(["export", "dossier", dossier["code"], "-o", str(file)]) == 0
    assert file.read_bytes()[:5] == b"%PDF-"
    assert main.run(["export", "dossier", dossier["code"], "-o", "one.zip"]) == 2
    assert "must end in .pdf" in capsys.readouterr().err
