"""The workbench's pages without a browser: what is refused keeps what was typed, who may see, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.services import draft_making, drafts, procedures
from tests.support.builders import Office, an_office
from tests.support.sheets import as_csv, as_xlsx, rows
from tests.support.site import an_account, csrf_of, make_site, sign_in

Send = Callable[..., TestResponse]
CODE = "9.000009"
SETTINGS = {
    "code": CODE, "name": "Tên mới", "limit": "2,5", "limit_unit": "working_day", "fee": "8.000", "cutoff": "15h",
    "supplement_max": "1", "supplement_clock": "restart", "answer_limit": "15", "answer_limit_unit": "working_day",
    "papers": "Tờ khai | 1 | 0 | TK\nCăn cước", "partners": "cong_an = H01",
}  # fmt: skip


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """An office with an administrator, an auditor and a desk officer who can sign in."""
    made = an_office(sqlite_ctx)
    for name, role in (("quantri", Role.ADMIN), ("kiemtoan", Role.AUDITOR), ("quay", Role.DESK)):
        an_account(sqlite_ctx, name, role, agency="H00")
    return made


@pytest.fixture
def client(sqlite_ctx: Context, office: Office) -> FlaskClient:
    """A browser of the administrator."""
    made = make_site(sqlite_ctx).test_client()
    sign_in(made, "quantri")
    return made


@pytest.fixture
def draft(sqlite_ctx: Context, office: Office) -> int:
    """The draft of the small sheet."""
    made = draft_making.from_file(sqlite_ctx, by=SYSTEM, content=as_xlsx(rows()), kind="xlsx", agency="H00")
    return int(made["drafts"][0]["id"])


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Send a form of the workbench."""
    return client.post(path, data={"csrf_token": csrf_of(client.get("/quy-trinh")), **fields})


def shown(ctx: Context, draft: int) -> dict[str, Any]:
    """Return what the draft holds."""
    return drafts.show(ctx, by=SYSTEM, draft_id=draft)


def test_template_sheet_is_itself_a_procedure_without_errors(client: FlaskClient, sqlite_ctx: Context) -> None:
    sheet = client.get("/quy-trinh/mau.xlsx")

    assert openpyxl.load_workbook(BytesIO(sheet.data)).active is not None
    page = post(client, "/quy-trinh/tu-tep", file=(BytesIO(sheet.data), "quy-trinh-mau.xlsx"))
    assert page.status_code == 201
    assert "Lỗi</span>" not in page.text
    assert [each["code"] for each in drafts.listed(sqlite_ctx, by=SYSTEM)] == ["9.000001"]


@pytest.mark.parametrize("name", ["a.doc", "noending", "a.xlsx", "a.bpmn", ""])
def test_file_that_is_none_is_refused_in_words(client: FlaskClient, name: str) -> None:
    page = post(client, "/quy-trinh/tu-tep", file=(BytesIO(b"\x00\x01"), name))

    assert page.status_code in (409, 422)
    assert 'role="alert"' in page.text


def test_second_click_on_a_file_makes_one_draft(client: FlaskClient, sqlite_ctx: Context) -> None:
    for _ in range(2):
        post(client, "/quy-trinh/tu-tep", file=(BytesIO(as_csv(rows())), "a.csv"), idempotency_key="k1")

    assert len(drafts.listed(sqlite_ctx, by=SYSTEM)) == 1


def test_settings_are_saved_as_typed_here(client: FlaskClient, sqlite_ctx: Context, draft: int) -> None:
    assert post(client, f"/quy-trinh/{draft}/thong-tin", **SETTINGS).status_code == 303

    kept = shown(sqlite_ctx, draft)
    assert kept["procedure"] == {"code": CODE, "name": "Tên mới", "limit": "2.5 working_day", "feeVnd": "8000"}
    assert (kept["policy"]["cutoff"], kept["policy"]["partners"]) == ("15:00", {"cong_an": "H01"})
    assert kept["policy"]["papers"] == [
        {"name": "Tờ khai", "originals": 1, "copies": 0, "code": "TK"},
        {"name": "Căn cước", "originals": 1, "copies": 0},
    ]
    page = client.get(f"/quy-trinh/{draft}/thong-tin").text
    assert "Tờ khai | 1 | 0 | TK" in page
    assert 'value="2,5"' in page


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("limit", "hai"), ("limit", "0"), ("limit", "1e999"), ("limit_unit", "fortnight"), ("fee", "nhiều"),
        ("cutoff", "25:99"), ("supplement_max", "99"), ("papers", "Tờ khai | một"), ("partners", "cong_an"),
        ("appointments", "16"), ("code", "x" * 41), ("name", ""), ("answer_limit", ""),
    ],
)  # fmt: skip
def test_wrong_setting_is_refused_and_all_that_was_typed_stays(
    client: FlaskClient, sqlite_ctx: Context, draft: int, field: str, typed: str
) -> None:
    before = shown(sqlite_ctx, draft)

    page = post(client, f"/quy-trinh/{draft}/thong-tin", **(SETTINGS | {field: typed, "field": "Lĩnh vực gõ dở"}))

    assert page.status_code == 422
    assert "Lĩnh vực gõ dở" in page.text
    assert shown(sqlite_ctx, draft) == before


def test_stale_settings_are_refused_with_what_was_typed(client: FlaskClient, sqlite_ctx: Context, draft: int) -> None:
    seen = shown(sqlite_ctx, draft)["version"]
    drafts.save(sqlite_ctx, by=SYSTEM, draft_id=draft, changes={"procedure": {"name": "Người khác"}})

    page = post(client, f"/quy-trinh/{draft}/thong-tin", **SETTINGS, expected=str(seen))

    assert page.status_code == 412
    assert "Bản thảo đã được người khác lưu" in page.text
    assert "Tên mới" in page.text


def test_stale_drawing_is_refused(client: FlaskClient, sqlite_ctx: Context, draft: int) -> None:
    drawing = client.get(f"/quy-trinh/{draft}/so-do.bpmn")
    drafts.save(sqlite_ctx, by=SYSTEM, draft_id=draft, changes={"procedure": {"name": "Người khác"}})
    headers = {"X-CSRFToken": csrf_of(client.get("/quy-trinh"))}
    path = f"/quy-trinh/{draft}/so-do.bpmn"

    stale = client.put(path, data=drawing.data, headers=headers | {"If-Match": drawing.headers["ETag"]})

    assert stale.status_code == 412
    assert client.put(path, data=drawing.data, headers=headers).status_code == 428
    assert client.put(path, data=b"\xff", headers=headers | {"If-Match": '"2"'}).status_code == 422


@pytest.mark.parametrize(
    "fields",
    [
        {"received_at": "hôm nay"}, {"name": ""}, {"do0": "wait"}, {"do0": "complete"}, {"do0": "dance"},
        {"do0": "complete", "step0": "Thẩm định", "fields0": "không có dấu bằng"}, {"expect_status": "99"},
    ],
)  # fmt: skip
def test_wrong_scenario_is_refused_in_words(client: FlaskClient, draft: int, fields: dict[str, str]) -> None:
    usual = {"act": "run", "name": "Kịch bản gõ dở", "received_at": "2026-03-02T08:00"}

    page = post(client, f"/quy-trinh/{draft}/chay-thu", **(usual | fields))

    assert page.status_code == 422
    assert 'role="alert"' in page.text


def test_step_that_is_not_open_stops_the_run_and_names_those_that_are(client: FlaskClient, draft: int) -> None:
    page = post(
        client, f"/quy-trinh/{draft}/chay-thu", act="run", name="A", received_at="2026-03-02T08:00", do0="complete",
        step0="Ký giấy",
    )  # fmt: skip

    assert page.status_code == 200
    assert "Dừng ở việc số 2." in page.text
    assert "Đang mở: Thẩm định." in page.text


def test_auditor_reads_and_changes_nothing_and_the_desk_sees_nothing(
    client: FlaskClient, sqlite_ctx: Context, draft: int
) -> None:
    for name, reads, writes in (("kiemtoan", 200, 403), ("quay", 404, 404)):
        other = make_site(sqlite_ctx).test_client()
        sign_in(other, name)
        token = csrf_of(other.get("/thu-tuc"))
        for part in ("", "/thong-tin", "/so-do", "/bieu-mau", "/chay-thu", "/ban-hanh", "/bang-mau.json"):
            assert other.get(f"/quy-trinh/{draft}{part}").status_code == reads
        assert other.post(f"/quy-trinh/{draft}/xoa", data={"csrf_token": token}).status_code == writes
        assert other.get("/quy-trinh").status_code == (200 if reads == 200 else 403)


def test_versions_are_compared_and_a_scheduled_one_is_taken_back(
    client: FlaskClient, sqlite_ctx: Context, draft: int
) -> None:
    post(client, f"/quy-trinh/{draft}/ban-hanh", when="now")
    post(client, f"/quy-trinh/{draft}/thong-tin", **SETTINGS)
    post(client, f"/quy-trinh/{draft}/ban-hanh", when="later", starts="2026-03-10")
    at = f"/thu-tuc/H00/{CODE}"

    (changed,) = client.get(f"{at}/so-sanh.json?cu=1&moi=2").get_json()["changed"]
    assert {each["field"] for each in changed["what"]} == {"name", "limit", "feeVnd"}
    assert client.get(f"{at}/so-sanh?cu=1&moi=2").status_code == 200
    assert client.get(f"{at}/so-sanh?cu=1&moi=9").status_code == 404
    assert client.get(f"{at}?v=nine").status_code == 404
    assert "Sẽ có hiệu lực" in client.get(at).text
    assert post(client, f"{at}/trang-thai", act="unschedule", number="2").status_code == 303
    assert [each["state"] for each in procedures.versions(sqlite_ctx, code=CODE, agency="H00")] == ["past", "in_force"]
    assert post(client, f"{at}/trang-thai", act="nonsense").status_code == 422
    assert post(client, f"{at}/trang-thai", act="retire", starts="mai").status_code == 422
