"""Forms of the workbench that are refused: nothing happens by mistake, and nothing that was typed is lost."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from lxml import html

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.services import draft_making, drafts, procedures
from tests.support.builders import an_office
from tests.support.forms import form_fields, send
from tests.support.site import an_account, make_site, sign_in


@pytest.fixture
def visitor(sqlite_ctx: Context) -> FlaskClient:
    an_office(sqlite_ctx)
    an_account(sqlite_ctx, "quantri", Role.ADMIN, agency="H00")
    visitor = make_site(sqlite_ctx).test_client()
    sign_in(visitor, "quantri")
    return visitor


def a_draft(ctx: Context) -> int:
    made = draft_making.blank(ctx, by=SYSTEM, code="9.000009", name="Thủ tục thử", agency="H00")
    number: int = made["drafts"][0]["id"]
    return number


@pytest.mark.parametrize(
    "typed",
    [
        {"when": "later", "starts": ""},
        {"when": "now", "starts": "2030-01-01"},
        {"when": "later", "starts": "2020-01-01"},
    ],
)
def test_nothing_takes_effect_when_the_day_is_in_doubt(
    sqlite_ctx: Context, visitor: FlaskClient, typed: dict[str, str]
) -> None:
    address = f"/quy-trinh/{a_draft(sqlite_ctx)}/ban-hanh"

    answer = send(visitor, visitor.get(address), "/ban-hanh", **typed)

    assert answer.status_code == 422
    assert 'id="e-starts"' in answer.text
    assert "Chưa ban hành" in visitor.get("/quy-trinh").text
    assert form_fields(answer, "/ban-hanh")["starts"] == typed["starts"]


def test_publishing_what_is_in_force_says_that_nothing_is_new(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    address = f"/quy-trinh/{a_draft(sqlite_ctx)}/ban-hanh"
    first = send(visitor, visitor.get(address), "/ban-hanh")
    assert "Đã ban hành phiên bản 1." in visitor.get(first.location).text

    again = send(visitor, visitor.get(address), "/ban-hanh")

    assert "Không khác phiên bản 1" in visitor.get(again.location).text


def test_table_that_is_refused_keeps_columns_and_rows(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    draft = a_draft(sqlite_ctx)
    address = f"/quy-trinh/{draft}/quyet-dinh/route"
    typed = {"expression0": "a", "expression2": "b", "output0": "one", "output3": "two", "r7i2": "true", "r7o3": "5"}
    opened = visitor.get(address)
    drafts.save(sqlite_ctx, by=SYSTEM, draft_id=draft, changes={"policy": {"field": "Thử"}})

    page = send(visitor, opened, "/quyet-dinh/route", act="save", **typed)

    assert page.status_code == 412
    fields = form_fields(page, "/quyet-dinh/route")
    assert {name: fields.get(name) for name in typed} == typed


@pytest.mark.parametrize(
    ("typed", "words", "wrong"),
    [
        ({"name2": "Sai Tên"}, "Tên ô, dòng 3", "name2"),
        ({"name2": "loai", "type2": "choice"}, "Các lựa chọn, dòng 3", "choices2"),
        ({"name0": "a", "type0": "text", "name2": "a", "type2": "text"}, "Tên ô, dòng 3", "name2"),
        ({"name2": "loai", "type2": "number", "asked2": "never"}, "Hỏi khi, dòng 3", "asked2"),
    ],
)
def test_form_that_is_refused_names_the_row_and_the_field(
    sqlite_ctx: Context, visitor: FlaskClient, typed: dict[str, str], words: str, wrong: str
) -> None:
    address = f"/quy-trinh/{a_draft(sqlite_ctx)}/bieu-mau"

    page = send(visitor, visitor.get(address), "/bieu-mau", **typed)

    assert page.status_code == 422
    (notice,) = html.fromstring(page.text).xpath("//*[@role='alert']")
    assert " ".join(notice.text_content().split()).endswith(f" {words}")
    assert html.fromstring(page.text).xpath("//*[@aria-invalid]/@name") == [wrong]


def test_test_run_that_is_refused_names_the_row_and_the_field(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    address = f"/quy-trinh/{a_draft(sqlite_ctx)}/chay-thu"
    for typed, words in (({"fields1": "no equals sign"}, "Ô hỏi, dòng 2"), ({"do8": "wait"}, "Chờ đến lúc, dòng 9")):
        page = send(visitor, visitor.get(address), "/chay-thu", act="run", **typed)

        (notice,) = html.fromstring(page.text).xpath("//*[@role='alert']")
        assert " ".join(notice.text_content().split()).endswith(f" {words}")


def test_page_of_a_deleted_draft_says_so_and_keeps_what_was_typed(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    draft = a_draft(sqlite_ctx)
    opened = visitor.get(f"/quy-trinh/{draft}/bieu-mau")
    drafts.delete(sqlite_ctx, by=SYSTEM, draft_id=draft)

    page = send(visitor, opened, "/bieu-mau", name0="urgent", label0="Hồ sơ gấp?")

    assert page.status_code == 404
    told = html.fromstring(page.text)
    assert "đã bị xóa" in told.xpath("string(//h1)")
    typed = told.xpath("string(//textarea[@id='typed'])").splitlines()
    assert [line.strip() for line in typed][:2] == ["Tên ô, dòng 1: urgent", "Câu hỏi, dòng 1: Hồ sơ gấp?"]
    assert not html.fromstring(visitor.get(f"/quy-trinh/{draft}").text).xpath("//textarea[@id='typed']")


def test_test_run_that_is_refused_keeps_everything(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    draft = a_draft(sqlite_ctx)
    form = {"fields": [{"name": "urgent", "label": "Gấp", "type": "boolean"}]}
    drafts.save(sqlite_ctx, by=SYSTEM, draft_id=draft, changes={"form": form})
    address = f"/quy-trinh/{draft}/chay-thu"
    typed = {
        "name": "Trường hợp riêng", "fact_urgent": "true", "do8": "message", "message8": "opinion.answered",
        "fields8": "no equals sign", "expect_status": "4", "expect_open": "Trả kết quả",
    }  # fmt: skip

    page = send(visitor, visitor.get(address), "/chay-thu", act="run", **typed)

    assert page.status_code == 422
    fields = form_fields(page, "/chay-thu")
    assert {name: fields.get(name) for name in typed} == typed


def test_more_rows_for_a_new_test_run_do_not_make_it_the_first_one(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    draft = a_draft(sqlite_ctx)
    address = f"/quy-trinh/{draft}/chay-thu"
    send(visitor, visitor.get(address), "/chay-thu", act="run", name="Trường hợp một")

    page = send(visitor, visitor.get(f"{address}?kich-ban=moi"), "/chay-thu", act="more", name="Trường hợp hai")
    send(visitor, page, "/chay-thu", act="run")

    kept = drafts.show(sqlite_ctx, by=SYSTEM, draft_id=draft)["scenarios"]
    assert [each["name"] for each in kept] == ["Trường hợp một", "Trường hợp hai"]


@pytest.mark.parametrize("number", ["2147483648", "99999999999999999999"])
def test_number_that_no_draft_can_have_is_not_found(visitor: FlaskClient, number: str) -> None:
    assert visitor.get(f"/quy-trinh/{number}").status_code == 404


def test_the_counter_names_what_takes_the_place_of_a_retired_procedure(
    sqlite_ctx: Context, visitor: FlaskClient
) -> None:
    draft = a_draft(sqlite_ctx)
    drafts.publish(sqlite_ctx, by=SYSTEM, draft_id=draft)
    procedures.retire(sqlite_ctx, by=SYSTEM, code="TP99", agency="H00", replaced_by="9.000009")
    an_account(sqlite_ctx, "quay", Role.DESK, agency="H00")
    desk = visitor.application.test_client()
    sign_in(desk, "quay")

    page = desk.get("/quay?procedure=TP99&agency=H00")

    assert "Nhận theo thủ tục thay thế: 9.000009 – Thủ tục thử." in page.text


def test_reference_process_is_drafted_for_the_agency_that_is_chosen(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    an_office(sqlite_ctx, code="H01")
    with sqlite_ctx.unit_of_work() as uow:
        quantri = uow.people.find("quantri")
        assert quantri is not None
        uow.people.grant(quantri.id, uow.agencies.by_code("H01").id, Role.ADMIN)

    choices = html.fromstring(visitor.get("/quy-trinh").text).xpath("//tr//select[@name='agency']")

    assert {tuple(choice.value_options) for choice in choices} == {("H00", "H01")}
