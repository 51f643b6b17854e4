"""The page that takes over dossiers of another system: upload, look, confirm, and what a refusal keeps."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.services import people
from tests.support.builders import an_office
from tests.support.histories import HEAD, MAPPING, ROWS
from tests.support.site import PASSWORD, an_account, csrf_of, make_site, sign_in

PLACE = "/quan-tri/nhap-so-lieu"
FILE = "\n".join((HEAD, *ROWS)).encode()
KEPT = re.compile(r'name="kept" value="([^"]*)"')


@pytest.fixture
def client(sqlite_ctx: Context) -> FlaskClient:
    """A signed-in administrator."""
    an_office(sqlite_ctx)
    for username in ("admin", "supervisor"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    client = make_site(sqlite_ctx).test_client()
    sign_in(client, "admin")
    return client


def sent(client: FlaskClient, place: str = "/xem-truoc", content: bytes | None = FILE, **fields: Any) -> TestResponse:
    """Send the form as a browser does."""
    form = {"csrf_token": csrf_of(client.get(PLACE)), "agency": "H00", "mapping": MAPPING, **fields}
    if content is not None:
        form["file"] = (io.BytesIO(content), "old.csv")
    return client.post(f"{PLACE}{place}", data=form, content_type="multipart/form-data")


def kept_of(page: TestResponse) -> str:
    """Return the seal of the uploaded file."""
    match = KEPT.search(page.text)
    assert match is not None
    return match[1]


def test_what_was_looked_at_is_imported_without_choosing_the_file_again(client: FlaskClient) -> None:
    looked = sent(client)

    assert looked.status_code == 200
    assert "Nhập 3 hồ sơ" in looked.text
    assert "Các lần nhập" not in looked.text
    done = sent(client, "", None, kept=kept_of(looked))
    assert "Đã nhập" in done.text
    assert "Các lần nhập" in done.text
    again = sent(client)
    assert "Không có hồ sơ nào để nhập." in again.text


def test_a_mapping_may_come_as_a_file_and_is_shown_for_editing(client: FlaskClient) -> None:
    page = sent(client, mapping="", mapping_file=(io.BytesIO(MAPPING.encode()), "m.toml"))

    assert page.status_code == 200
    assert "old-desk" in page.text.split('id="mapping"')[1]


def test_a_wrong_mapping_keeps_file_and_text(client: FlaskClient) -> None:
    page = sent(client, mapping=MAPPING.replace("Asia/Ho_Chi_Minh", "Asia/Hanoi"))

    assert page.status_code == 422
    assert "Tệp ánh xạ chưa đúng." in page.text
    assert "<code>zone</code>" in page.text
    assert "Asia/Hanoi" in page.text
    assert "Đã tải lên old.csv" in page.text
    assert sent(client, content=None, kept=kept_of(page)).status_code == 200


@pytest.mark.parametrize(
    ("content", "fields", "said"),
    [
        (None, {}, "Chưa có tệp số liệu."),
        (b"", {}, "Chưa có tệp số liệu."),
        (None, {"kept": "forged"}, "Chưa có tệp số liệu."),
        (b"a,b\n1,2", {}, "Không đọc được tệp số liệu."),
        (FILE, {"mapping": ""}, "Tệp ánh xạ chưa đúng."),
        (FILE, {"mapping": "", "mapping_file": (io.BytesIO(b"\xff\xfe\x00"), "m.toml")}, "Tệp ánh xạ chưa đúng."),
    ],
    ids=["none", "empty", "forged", "columns", "no-mapping", "no-text"],
)
def test_what_cannot_be_used_is_refused(
    client: FlaskClient, content: bytes | None, fields: dict[str, Any], said: str
) -> None:
    page = sent(client, content=content, **fields)

    assert page.status_code == 422
    assert said in page.text


def test_refused_rows_say_why_in_the_language_of_the_reader(client: FlaskClient) -> None:
    page = sent(client, content=FILE + b"\nA-4,never,,,web,,")

    assert "Không đọc được ngày" in page.text
    assert "Nhập 3 hồ sơ" in page.text


def test_a_long_file_is_left_to_the_command(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.pages.history.MOST_HERE", 2)

    page = sent(client)

    assert page.status_code == 422
    assert "motcua history import" in page.text


def test_only_administrators_see_it_and_a_seal_is_its_owners(sqlite_ctx: Context, client: FlaskClient) -> None:
    seal = kept_of(sent(client))
    an_account(sqlite_ctx, "quantri", Role.ADMIN, agency="H00")
    other = client.application.test_client()
    sign_in(other, "quantri")
    assert "Chưa có tệp số liệu." in sent(other, content=None, kept=seal).text
    stranger = client.application.test_client()
    sign_in(stranger, "supervisor")

    assert stranger.get(PLACE).status_code == 403
    token = csrf_of(stranger.get("/viec"))
    form = {"csrf_token": token, "agency": "H00", "mapping": MAPPING, "kept": seal}
    for place in ("", "/xem-truoc"):
        assert stranger.post(f"{PLACE}{place}", data=form).status_code == 403
