"""The page of a decision table keeps examples, says which hold, and takes what comes for what is expected."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.services import draft_making, drafts
from tests.support.builders import an_office
from tests.support.forms import form_fields, send
from tests.support.site import an_account, make_site, sign_in

PAGE = "/quyet-dinh/fee"
FIELDS = [
    {"name": name, "label": name, "type": kind, "asked": "receipt"}
    for name, kind in (("pages", "number"), ("kind", "text"))
]
TABLE = {
    "expression0": "pages", "expression1": "kind", "output0": "fee_vnd",
    "r0i0": "<= 2", "r0o0": "2000 * pages", "r1i0": "> 2", "r1i1": '"10"', "r1o0": "5000",
}  # fmt: skip


@pytest.fixture
def visitor(sqlite_ctx: Context) -> FlaskClient:
    an_office(sqlite_ctx)
    an_account(sqlite_ctx, "quantri", Role.ADMIN, agency="H00")
    visitor = make_site(sqlite_ctx).test_client()
    sign_in(visitor, "quantri")
    return visitor


@pytest.fixture
def draft(sqlite_ctx: Context, visitor: FlaskClient) -> int:
    made = draft_making.blank(sqlite_ctx, by=SYSTEM, code="9.000009", name="Thủ tục thử", agency="H00")
    number: int = made["drafts"][0]["id"]
    drafts.save(sqlite_ctx, by=SYSTEM, draft_id=number, changes={"form": {"fields": FIELDS, "sections": {"a": "A"}}})
    address = f"/quy-trinh/{number}{PAGE}"
    assert send(visitor, visitor.get(address), PAGE, act="save", **TABLE).status_code == 303
    return number


def opened(visitor: FlaskClient, draft: int) -> TestResponse:
    return visitor.get(f"/quy-trinh/{draft}{PAGE}")


def typed(visitor: FlaskClient, draft: int, act: str = "save", **examples: str) -> TestResponse:
    answer = send(visitor, opened(visitor, draft), PAGE, act=act, **examples)
    return visitor.get(answer.location) if answer.status_code == 303 else answer


def verdicts(page: TestResponse) -> list[str]:
    rows = html.fromstring(page.text).xpath("//section[@aria-labelledby='examples-title']//tbody/tr")
    return [" ".join(row.xpath("string(td[last()]/span)").split()) for row in rows]


def kept(ctx: Context, draft: int) -> Any:
    return drafts.show(ctx, by=SYSTEM, draft_id=draft)["form"].get("examples")


def test_examples_are_saved_with_the_table_and_say_whether_they_hold(
    sqlite_ctx: Context, visitor: FlaskClient, draft: int
) -> None:
    page = typed(
        visitor, draft, x0g0="2", x0g1="10", x0o0="4000", x2g0="3", x2g1="10", x2o0="6000", x1g0="3", x1g1="a", x1o0="1"
    )

    assert kept(sqlite_ctx, draft) == [
        {"decision": "fee", "given": {"pages": 2, "kind": "10"}, "expect": {"fee_vnd": 4000}},
        {"decision": "fee", "given": {"pages": 3, "kind": "a"}, "expect": {"fee_vnd": 1}},
        {"decision": "fee", "given": {"pages": 3, "kind": "10"}, "expect": {"fee_vnd": 6000}},
    ]
    assert verdicts(page)[:4] == ["Đúng", "Không tính được", "Khác mong đợi", ""]
    found = html.fromstring(page.text).xpath("string(//section[@aria-labelledby='findings-title'])")
    assert "Ví dụ ra kết quả khác" in found
    assert "fee example 3" in found
    assert form_fields(page, PAGE)["x0g1"] == "10"


def test_what_comes_is_taken_for_what_is_expected(sqlite_ctx: Context, visitor: FlaskClient, draft: int) -> None:
    page = typed(visitor, draft, act="take0", x0g0="3", x0g1="10")
    assert verdicts(page)[0] == "Đúng"
    assert kept(sqlite_ctx, draft)[0]["expect"] == {"fee_vnd": 5000}

    nothing = typed(visitor, draft, act="take1", x1g0="3", x1g1="b")
    assert nothing.status_code == 422
    assert verdicts(nothing)[:2] == ["Đúng", "Không tính được"]
    assert form_fields(nothing, PAGE)["x1g1"] == "b"
    assert len(kept(sqlite_ctx, draft)) == 1


def test_example_that_expects_nothing_is_refused_with_its_row(
    sqlite_ctx: Context, visitor: FlaskClient, draft: int
) -> None:
    page = typed(visitor, draft, x1g0="3")
    assert page.status_code == 422
    (notice,) = html.fromstring(page.text).xpath("//*[@role='alert']")
    assert "Ví dụ, dòng 2" in notice.text_content()
    assert form_fields(page, PAGE)["x1g0"] == "3"
    assert kept(sqlite_ctx, draft) is None


def test_emptied_row_and_removed_table_take_their_examples_along(
    sqlite_ctx: Context, visitor: FlaskClient, draft: int
) -> None:
    typed(visitor, draft, x0g0="1", x0g1="a", x0o0="2000", x1g0="2", x1g1="a", x1o0="4000")
    typed(visitor, draft, x0g0="", x0g1="", x0o0="")
    assert [each["given"]["pages"] for each in kept(sqlite_ctx, draft)] == [2]
    typed(visitor, draft, act="remove")
    assert kept(sqlite_ctx, draft) is None


def test_saving_the_fields_leaves_examples_and_sections(sqlite_ctx: Context, visitor: FlaskClient, draft: int) -> None:
    typed(visitor, draft, x0g0="1", x0g1="a", x0o0="2000")
    send(visitor, visitor.get(f"/quy-trinh/{draft}/bieu-mau"), "/bieu-mau", label0="Số trang")
    form = drafts.show(sqlite_ctx, by=SYSTEM, draft_id=draft)["form"]
    assert form["fields"][0]["label"] == "Số trang"
    assert len(form["examples"]) == 1
    assert form["sections"] == {"a": "A"}


def test_enter_in_the_form_of_a_table_saves(visitor: FlaskClient, draft: int) -> None:
    first = html.fromstring(opened(visitor, draft).text).xpath(f"//form[contains(@action, '{PAGE}')]//button[1]")[0]
    assert first.get("value") == "save"
