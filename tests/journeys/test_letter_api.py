"""Letters over HTTP: pages of them, dispatch without and with a seal, proof of a print, and what is refused."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.services import letter_dispatch, letter_signatures, people
from tests.support.builders import NO_EMAIL, Office, a_person, a_received_dossier, an_office, turn_clock_to
from tests.support.signing import PIN
from tests.support.signing_office import a_signing_office, an_approved_letter
from tests.support.site import make_site


class Api:
    """A client that speaks for one officer."""

    def __init__(self, ctx: Context, username: str) -> None:
        self._client = make_site(ctx).test_client()
        token = people.create_token(ctx, by=SYSTEM, username=username, label="test")
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> Any:
        return self._client.get(f"/api/v1{path}", headers=self._headers)

    def post(self, path: str, **more: Any) -> Any:
        headers = self._headers | more.pop("headers", {})
        return self._client.post(f"/api/v1{path}", headers=headers, **more)


def clerk(ctx: Context, office: Office) -> Api:
    a_person(ctx, office.id, "clerk", [Role.CLERK])
    return Api(ctx, "clerk")


def test_list_of_letters_goes_on_where_a_page_ended(ctx: Context) -> None:
    office = an_office(ctx)
    for _ in range(5):
        a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T14:00")
    api = Api(ctx, "supervisor")

    first = api.get("/letters?limit=2&state=draft").json
    second = api.get(f"/letters?limit=2&state=draft&cursor={first['next_cursor']}").json
    third = api.get(f"/letters?limit=2&state=draft&cursor={second['next_cursor']}").json

    seen = [each["id"] for page in (first, second, third) for each in page["items"]]
    assert (len(seen), len(set(seen)), third["next_cursor"]) == (5, 5, None)
    assert api.get("/letters?state=numbered").json == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("query", ["cursor=x", "cursor=WyIyMDI2LTAzLTA1VDAxOjAwOjAwKzAwOjAwIiwieCJd", "cursor=W10"])
def test_cursor_of_another_list_is_refused(sqlite_ctx: Context, query: str) -> None:
    an_office(sqlite_ctx)

    answer = Api(sqlite_ctx, "supervisor").get(f"/letters?{query}")

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-cursor")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "state=lost", "kind=bill"])
def test_question_that_the_list_cannot_answer_is_refused(sqlite_ctx: Context, query: str) -> None:
    an_office(sqlite_ctx)

    assert Api(sqlite_ctx, "supervisor").get(f"/letters?{query}").status_code == 422


def test_clerk_seals_and_sends_by_a_pin_that_no_answer_repeats(ctx: Context) -> None:
    office = a_signing_office(ctx)
    letter = an_approved_letter(ctx, office)
    letter_signatures.sign(ctx, by=office.approver, letter_id=letter, pin=PIN)
    api, key = clerk(ctx, office), {"Idempotency-Key": "k1"}

    wrong = api.post(f"/letters/{letter}/dispatch", json={"pin": "999999"}, headers=key)
    too_long = api.post(f"/letters/{letter}/dispatch", json={"pin": "9" * 129})
    sent = api.post(f"/letters/{letter}/dispatch", json={"pin": PIN}, headers=key)
    again = api.post(f"/letters/{letter}/dispatch", json={"pin": "another"}, headers=key)

    assert (wrong.json["code"], "999999" in wrong.text, too_long.status_code) == ("signing-pin-wrong", False, 422)
    assert (sent.json["letter"]["state"], sent.json["letter"]["number"]) == ("sent", "01/PXL")
    assert again.json == sent.json  # the key names the request; the PIN is no part of it
    assert api.get(f"/letters/{letter}.pdf").data == ctx.files.get(_file_of(ctx, letter))


def test_print_is_proven_by_a_picture_or_a_note(ctx: Context) -> None:
    office = an_office(ctx)
    letter = an_approved_letter(ctx, office, NO_EMAIL)
    letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter)
    api = clerk(ctx, office)

    bare = api.post(f"/letters/{letter}/proof", data={"how": "posted"})
    picture = (BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(40)), "ky-nhan.png")
    proven = api.post(f"/letters/{letter}/proof", data={"how": "handed-over", "photo": picture})
    again = api.post(f"/letters/{letter}/proof", data={"how": "posted", "note": "EMS 12"})

    assert (bare.status_code, bare.json["code"]) == (422, "letter-proof-missing")
    assert (proven.status_code, proven.json["letter"]["delivered_at"] is not None) == (200, True)
    assert (again.status_code, again.json["code"]) == (409, "letter-state")
    assert api.post(f"/letters/{letter}/proof", data={"how": "sung"}).status_code == 422
    assert api.post("/letters/none/proof", data={"how": "posted", "note": "EMS 12"}).status_code == 404


def _file_of(ctx: Context, letter_id: str) -> str:
    with ctx.unit_of_work(read_only=True) as uow:
        return next(str(row.file_sha256) for row in uow.letters.listed(agencies=None, kind=None, state=None, limit=9))
