"""Signing and sealing a letter: what is kept, what is refused, and that nothing slips in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import Role
from engine.domain.dossier import Cause
from engine.errors import EngineError
from engine.integrations.remote_signer import SignerUnavailableError
from engine.integrations.signature_checks import check
from engine.integrations.signing_keys import open_file
from engine.ports import SigningKey
from engine.services import apologies, letter_dispatch, letter_signatures, signing_keys
from engine.services.case import as_uuid
from engine.services.signing_keys import Owner
from engine.services.transactions import Request
from engine.verification.verify import verify
from tests.support.builders import Office, a_person, local
from tests.support.signing import PIN, authority
from tests.support.signing_office import a_signing_office, add_key, an_approved_letter, signing_electronically


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(EngineError) as refused:
        call()
    return refused.value.code


def sign(ctx: Context, office: Office, letter: str, pin: str = PIN, **more: Any) -> dict[str, Any]:
    return letter_signatures.sign(ctx, by=more.pop("by", office.approver), letter_id=letter, pin=pin, **more)


def row_of(ctx: Context, letter: str) -> Any:
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.letters.get(as_uuid(letter))  # type: ignore[arg-type]


def signatures_of(ctx: Context, letter: str) -> list[Any]:
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.signatures.of_document(as_uuid(letter))  # type: ignore[arg-type]


def events_of(ctx: Context, letter: str, kind: str) -> list[Any]:
    with ctx.unit_of_work(read_only=True) as uow:
        return [each for each in uow.events.of(row_of(ctx, letter).dossier_id) if each.kind == kind]


def rewrite(ctx: Context, office: Office, letter: str) -> None:
    draft = apologies.Draft(
        cause=Cause.STAFF, reason="Một lý do khác, đã rõ hơn.", new_due_at=local("2026-03-11T09:00")
    )
    apologies.write(ctx, by=office.officer, letter_id=letter, draft=draft)


def test_head_signs_clerk_seals_and_both_hold(ctx: Context) -> None:
    office = a_signing_office(ctx)
    letter = an_approved_letter(ctx, office)

    assert sign(ctx, office, letter)["letter"]["state"] == "signed"
    ctx.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    sent = letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter, pin=PIN)

    assert (sent["letter"]["state"], sent["letter"]["number"]) == ("sent", "01/PXL")
    row = row_of(ctx, letter)
    file = ctx.files.get(row.file_sha256)
    head, seal = check(file, trust=authority().trust, now=ctx.clock.now())
    assert (head.holds, seal.holds, head.changed_after) == (True, True, "fields")
    assert head.signed_at == row.signed_at
    assert [(each.revision, each.subject) for each in signatures_of(ctx, letter)] == [
        (1, head.certificate.subject),
        (2, seal.certificate.subject),
    ]
    assert ctx.files.get(row.file_sha256).startswith(ctx.files.get(row.signed_sha256))
    assert verify(ctx) == []


def test_who_may_not_approve_may_not_sign_and_paper_stays_paper(ctx: Context) -> None:
    office = a_signing_office(ctx)
    letter = an_approved_letter(ctx, office)
    assert code_of(lambda: sign(ctx, office, letter, by=office.officer)) == "not-allowed"
    assert code_of(lambda: sign(ctx, office, letter, by=office.supervisor)) == "signing-key-missing"
    assert code_of(lambda: sign(ctx, office, "nothing")) == "letter-not-found"
    with ctx.unit_of_work() as uow:
        uow.agencies.get(office.id).signs_letters = "paper"
    assert code_of(lambda: sign(ctx, office, letter)) == "signing-off"


def test_wrong_pins_are_counted_and_the_key_rests(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = a_signing_office(ctx)
    letter = an_approved_letter(ctx, office)
    left = []
    for _ in range(5):
        with pytest.raises(EngineError) as refused:
            sign(ctx, office, letter, "111111")
        left.append((refused.value.code, refused.value.details.get("left"), refused.value.details.get("field")))
        assert "111111" not in f"{refused.value} {refused.value.details}"
    assert left == [("signing-pin-wrong", each, "pin") for each in (4, 3, 2, 1, 0)]
    assert code_of(lambda: sign(ctx, office, letter)) == "signing-key-resting"
    ctx.clock.advance(timedelta(minutes=15))  # type: ignore[attr-defined]
    assert sign(ctx, office, letter)["letter"]["state"] == "signed"
    with ctx.unit_of_work(read_only=True) as uow:
        acts = [(each.kind, each.facts) for each in uow.administration.acts(None, 100)]
    assert len([kind for kind, _facts in acts if kind == "signing-key.pin_wrong"]) == 5
    assert "111111" not in repr(acts)
    assert verify(ctx) == []


def test_a_right_pin_sets_the_count_back(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = a_signing_office(ctx)
    first = an_approved_letter(ctx, office)
    for _ in range(4):
        code_of(lambda: sign(ctx, office, first, "x"))
    ctx.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    sign(ctx, office, first)
    rewrite(ctx, office, first)
    apologies.approve(ctx, by=office.approver, letter_id=first)
    ctx.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    with pytest.raises(EngineError) as refused:
        sign(ctx, office, first, "x")
    assert refused.value.details["left"] == 4


def test_a_letter_that_is_written_anew_is_signed_anew(ctx: Context) -> None:
    office = a_signing_office(ctx)
    letter = an_approved_letter(ctx, office)
    sign(ctx, office, letter)
    before = row_of(ctx, letter).signed_sha256
    rewrite(ctx, office, letter)
    assert row_of(ctx, letter).signed_sha256 is None
    apologies.approve(ctx, by=office.approver, letter_id=letter)
    sign(ctx, office, letter)
    [one] = signatures_of(ctx, letter)
    assert one.file_sha256 == row_of(ctx, letter).signed_sha256 != before
    assert verify(ctx) == []


class Meanwhile:
    """A signing service with the keys of files, during whose work something else happens."""

    def __init__(self, then: Callable[[], None]) -> None:
        self._then = then

    def certificates(self, credential: str) -> tuple[bytes, ...]:
        return open_file(authority().head.p12(), PIN).certificates

    def opened(self, credential: str, certificates: tuple[bytes, ...], pin: str) -> SigningKey:
        key = open_file(authority().head.p12(), pin)
        then = self._then

        class Slow:
            def __init__(self) -> None:
                self.certificates = key.certificates

            def sign(self, content: bytes) -> bytes:
                with ThreadPoolExecutor(1) as other:  # somebody else, at the same moment
                    other.submit(then).result()
                return key.sign(content)

        return Slow()


def with_service(ctx: Context, office: Office, then: Callable[[], None]) -> Context:
    slow = replace(ctx, signer=Meanwhile(then))
    signing_keys.add_remote(
        slow, by=office.approver, owner=Owner(office.code, "approver"), label="Từ xa", credential="head"
    )
    return slow


@pytest.mark.parametrize("what", ["rewritten", "rewritten and approved", "signed by another", "on paper again"])
def test_what_changes_while_the_head_signs_refuses_the_signature(ctx: Context, what: str) -> None:
    office = a_signing_office(ctx)
    letter = an_approved_letter(ctx, office)
    other = a_person(ctx, office.id, "second", [Role.APPROVER])
    add_key(ctx, office, authority().head, "second")

    def then() -> None:
        if what.startswith("rewritten"):
            rewrite(ctx, office, letter)
        if what.endswith("approved"):
            apologies.approve(ctx, by=office.approver, letter_id=letter)
        if what.startswith("signed"):
            sign(ctx, office, letter, by=other)
        if what.startswith("on paper"):
            with ctx.unit_of_work() as uow:
                uow.agencies.get(office.id).signs_letters = "paper"

    code = code_of(lambda: sign(with_service(ctx, office, then), office, letter))

    assert code in ("letter-stale", "letter-state", "signing-off")
    row = row_of(ctx, letter)
    assert row.signed_by == (other.id if what.startswith("signed") else None)
    assert len(events_of(ctx, letter, "letter.signed")) == (1 if what.startswith("signed") else 0)
    assert verify(ctx) == []


def test_two_heads_at_once_one_wins(ctx: Context) -> None:
    office = a_signing_office(ctx)
    letter = an_approved_letter(ctx, office)
    other = a_person(ctx, office.id, "second", [Role.APPROVER])
    add_key(ctx, office, authority().head, "second")
    start, told = threading.Barrier(2), []

    def one(by: Any) -> None:
        start.wait()
        try:
            told.append(sign(ctx, office, letter, by=by)["letter"]["state"])
        except EngineError as error:
            told.append(error.code)

    threads = [threading.Thread(target=one, args=(each,)) for each in (office.approver, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) in (["letter-stale", "signed"], ["letter-state", "signed"])
    assert len(events_of(ctx, letter, "letter.signed")) == len(signatures_of(ctx, letter)) == 1
    assert verify(ctx) == []


def test_a_signer_that_is_away_changes_nothing(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = a_signing_office(ctx)
    letter = an_approved_letter(ctx, office)

    def away() -> None:
        raise SignerUnavailableError("away")

    assert code_of(lambda: sign(with_service(ctx, office, away), office, letter)) == "signer-unavailable"
    assert code_of(lambda: sign(ctx, office, letter)) == "signer-unavailable"  # the key is there, the service is not
    assert row_of(ctx, letter).state.value == "approved"
    assert signatures_of(ctx, letter) == []


def test_a_request_that_is_repeated_signs_once_and_its_key_keeps_no_pin(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = a_signing_office(ctx)
    letter = an_approved_letter(ctx, office)
    request = Request(key="once", fingerprint="0" * 64)
    first = sign(ctx, office, letter, request=request)
    again = sign(ctx, office, letter, "wrong", request=request)
    assert first == again
    assert PIN not in repr(again)


def test_a_wrong_pin_of_the_seal_leaves_a_numbered_letter_that_goes_on(ctx: Context) -> None:
    office = a_signing_office(ctx)
    letter = an_approved_letter(ctx, office)
    sign(ctx, office, letter)
    for pin in ("wrong", None):
        refused = code_of(lambda: letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter, pin=pin))  # noqa: B023
        assert refused == "signing-pin-wrong"
    row = row_of(ctx, letter)
    assert (row.state.value, row.number, row.file_sha256) == ("numbered", "01/PXL", None)
    assert verify(ctx) == []
    sent = letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter, pin=PIN)
    assert (sent["letter"]["state"], sent["letter"]["number"]) == ("sent", "01/PXL")
    assert verify(ctx) == []


def test_verification_finds_a_signed_file_that_is_another_one(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = a_signing_office(ctx)
    letter = an_approved_letter(ctx, office)
    sign(ctx, office, letter)
    with ctx.unit_of_work() as uow:
        [one] = uow.signatures.of_document(as_uuid(letter))  # type: ignore[arg-type]
        one.certificate_sha256 = "0" * 64
    assert [(each.table, each.field) for each in verify(ctx)] == [("paper_signature", "certificate_sha256")]


@pytest.mark.parametrize(("who", "code"), [("expired", "certificate-unfit"), ("wrong_use", "certificate-unfit")])
def test_keys_that_are_not_fit_are_not_taken(sqlite_ctx: Context, who: str, code: str) -> None:
    office = a_signing_office(sqlite_ctx)
    assert code_of(lambda: add_key(sqlite_ctx, office, getattr(authority(), who))) == code


def test_who_keeps_keys(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = a_signing_office(ctx)
    content = authority().head.p12()

    def add(by: Any, username: str | None, **more: Any) -> dict[str, Any]:
        facts = {"label": "", "content": content, "pin": PIN} | more
        return signing_keys.add_pkcs12(ctx, by=by, owner=Owner(office.code, username), **facts)

    assert add(office.approver, "approver")["officer"] == office.approver.name  # their own
    assert add(office.admin, None)["is_seal"] is True
    assert code_of(lambda: add(office.approver, None)) == "not-allowed"
    assert code_of(lambda: add(office.approver, "supervisor")) == "not-allowed"
    assert code_of(lambda: add(office.officer, "officer")) == "not-allowed"
    assert code_of(lambda: add(office.admin, "nobody")) == "officer-not-found"
    assert code_of(lambda: add(office.admin, None, pin="wrong")) == "signing-pin-wrong"
    assert code_of(lambda: add(office.admin, None, content=b"junk")) == "signing-key-unreadable"
    assert code_of(lambda: add(office.admin, None, label="x" * 200)) == "admin-fact-invalid"
    kept = signing_keys.listed(ctx, by=office.approver)
    assert {each["officer"] for each in kept} == {office.approver.name}
    assert signing_keys.listed(ctx, by=office.officer) == []
    assert code_of(lambda: signing_keys.retire(ctx, by=office.officer, key_id=kept[0]["id"])) == "signing-key-not-found"
    for each in kept:
        assert signing_keys.retire(ctx, by=office.approver, key_id=each["id"])["usable"] is False
    letter = an_approved_letter(ctx, office)
    assert code_of(lambda: sign(ctx, office, letter)) == "signing-key-missing"
    assert code_of(lambda: signing_keys.add_remote(
        ctx, by=office.admin, owner=Owner(office.code), label="", credential="x"
    )) == "no-signer"  # fmt: skip


def test_electronic_letters_are_not_sent_unsigned(sqlite_ctx: Context) -> None:
    office = a_signing_office(sqlite_ctx)
    letter = an_approved_letter(sqlite_ctx, office)
    signing_electronically(sqlite_ctx, office)
    refused = code_of(lambda: letter_dispatch.dispatch(sqlite_ctx, by=office.approver, letter_id=letter, pin=PIN))
    assert refused == "letter-state"
