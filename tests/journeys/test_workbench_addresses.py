"""Addresses of the workbench that nobody is led to: numbers beyond all rows, days of another age, drawings opened."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.services import draft_making, drafts, procedures
from tests.support.builders import an_office
from tests.support.forms import form_fields
from tests.support.site import an_account, make_site, sign_in

CODE = "9.000009"
PAGES = ("", "/thong-tin", "/so-do", "/so-do.bpmn", "/bieu-mau", "/quyet-dinh/fee", "/chay-thu", "/ban-hanh")


@pytest.fixture
def visitor(ctx: Context) -> FlaskClient:
    an_office(ctx)
    an_account(ctx, "quantri", Role.ADMIN, agency="H00")
    draft_making.blank(ctx, by=SYSTEM, code=CODE, name="Thủ tục thử", agency="H00")
    drafts.publish(ctx, by=SYSTEM, draft_id=1)
    visitor = make_site(ctx).test_client()
    sign_in(visitor, "quantri")
    return visitor


@pytest.mark.parametrize("number", ["2147483648", "9" * 25])
def test_numbers_that_no_row_can_have_are_not_found(visitor: FlaskClient, number: str) -> None:
    addresses = [f"/quy-trinh/{number}{page}" for page in PAGES]
    addresses += [f"/thu-tuc/H00/{CODE}/chuyen-phien-ban/{number}", f"/lich/thay-doi/{number}/hoan-tac"]

    assert {address: visitor.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 404)


def test_numbers_with_thousands_of_digits_are_answered(visitor: FlaskClient) -> None:
    assert visitor.get(f"/thu-tuc/H00/{CODE}?v={'9' * 5000}").status_code == 404
    assert visitor.get(f"/quy-trinh/1/chay-thu?kich-ban={'9' * 5000}").status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "0206-07-01", "9999-12-31"])
def test_procedure_is_not_retired_on_a_day_of_another_age(ctx: Context, visitor: FlaskClient, day: str) -> None:
    address = f"/thu-tuc/H00/{CODE}"
    typed = {"csrf_token": form_fields(visitor.get("/quy-trinh/1/thong-tin"), "/thong-tin")["csrf_token"]}

    answer = visitor.post(f"{address}/trang-thai", data=typed | {"act": "retire", "starts": day})

    assert answer.status_code == 422
    assert procedures.show(ctx, code=CODE, agency="H00")["retired_at"] is None


def test_drawing_of_a_draft_is_a_file_for_a_browser(visitor: FlaskClient) -> None:
    answer = visitor.get("/quy-trinh/1/so-do.bpmn")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
