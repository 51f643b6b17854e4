"""Results reach their people: told once a day, signed for, by two where two must come, or by post with proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.context import Context
from engine.domain.acts import Act
from engine.domain.dossier import Status
from engine.domain.events import EventKind
from engine.domain.ids import DossierId
from engine.domain.permissions import NotAllowedError
from engine.domain.result_return import Notice, SignatureKind
from engine.errors import EngineError
from engine.services import acts, endings, hall_boards, intake, reading, receivers, result_returns, result_slips
from engine.services.policies import check_policy
from engine.services.receivers import Receiver, SecondReceiver
from engine.services.result_returns import Photo
from engine.store.dossiers import DossierNotFoundError
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.mail import RecordingMail
from tests.support.pictures import PNG

TWO = {"receivers": 2}
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(40)
BOTH = Receiver(
    "Nguyễn Văn Thử", identity_number="031090000001", second=SecondReceiver("Trần Thị Thử", "031190000002"),
    signature=SignatureKind.SCREEN,
)  # fmt: skip


def a_result(ctx: Context, office: b.Office, **changes: Any) -> b.Dossier:
    """Return a dossier whose last step, the hand-over, is open."""
    dossier = b.advance_to(ctx, office, b.a_received_dossier(ctx, office, **changes), Status.FINISHED)
    while [task["name"] for task in dossier["open_tasks"]] != [b.LAST_STEP]:
        dossier = b.do_next_step(ctx, office, dossier)
    return dossier


def shown(ctx: Context, office: b.Office, dossier: b.Dossier) -> dict[str, Any]:
    found: dict[str, Any] = reading.detail(ctx, by=office.desk, dossier=dossier["id"])["result_return"]
    return found


def offered(ctx: Context, by: Any, dossier: b.Dossier) -> set[Act]:
    mine = {Act.HAND_OVER, Act.NOTIFY_RESULT, Act.POST_RESULT, Act.CONFIRM_DELIVERY}
    return mine & set(acts.offered(ctx, by=by, dossier=dossier["id"])["acts"])


def payloads(ctx: Context, dossier: b.Dossier, kind: EventKind) -> list[dict[str, Any]]:
    with ctx.unit_of_work(read_only=True) as uow:
        return [event.payload for event in uow.events.of_kind(DossierId(UUID(dossier["id"])), kind)]


def refused(act: Any, code: str, **details: Any) -> None:
    with pytest.raises(EngineError) as error:
        act()
    assert (error.value.code, {name: error.value.details.get(name) for name in details}) == (code, details)


def test_people_are_told_once_a_day_and_by_mail_where_there_is_an_address(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = a_result(ctx, office, applicant=b.WITH_EMAIL)
    told = {"ctx": ctx, "by": office.desk, "dossier": dossier["id"]}
    result_returns.notify(**told, how=Notice.EMAIL)
    refused(lambda: result_returns.notify(**told, how=Notice.PHONE), "already-notified-today")
    assert Act.NOTIFY_RESULT not in offered(ctx, office.desk, dossier)
    ctx.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    result_returns.notify(**told, how=Notice.PHONE)

    assert shown(ctx, office, dossier)["notified_how"] == "phone"
    with ctx.unit_of_work(read_only=True) as uow:
        due = uow.outbox.due(ctx.clock.now(), 9, topics=["message.email"])
        mails = [each for each in map(uow.outbox.get, due) if each is not None and "đã có kết quả" in str(each.payload)]
        ordered = uow.messages.of_dossier(DossierId(UUID(dossier["id"])))
    assert len(mails) == 2  # when it was made, and when the desk told them
    assert {each.address for each in ordered} == {b.WITH_EMAIL.email}
    for mail in mails:
        assert dossier["code"] in mail.payload["subject"]
        assert b.WITH_EMAIL.name not in str(mail.payload)
        assert b.WITH_EMAIL.email not in str(mail.payload)
    assert verify(ctx) == []
    assert isinstance(ctx.mail, RecordingMail)


def test_nobody_is_told_without_address_or_before_there_is_a_result(ctx: Context) -> None:
    office = b.an_office(ctx)
    early, dossier = b.a_received_dossier(ctx, office), a_result(ctx, office)
    told = {"ctx": ctx, "by": office.desk}
    refused(lambda: result_returns.notify(**told, dossier=dossier["id"], how=Notice.EMAIL), "no-email-address")
    refused(lambda: result_returns.notify(**told, dossier=early["id"], how=Notice.PHONE), "no-result-waits")
    with pytest.raises(NotAllowedError):
        result_returns.notify(ctx, by=office.officer, dossier=dossier["id"], how=Notice.PHONE)
    assert shown(ctx, office, dossier) is None


def test_marriage_is_handed_to_both_with_their_signature(ctx: Context) -> None:
    office = b.an_office(ctx, policy=TWO)
    dossier = a_result(ctx, office)
    hand = {"ctx": ctx, "by": office.desk, "dossier": dossier["id"]}
    refused(
        lambda: endings.hand_over_result(**hand, receiver=replace(BOTH, second=None)),
        "second-receiver-missing", field="second_name",
    )  # fmt: skip
    wrong = replace(BOTH, second=SecondReceiver("Trần Thị Thử", "số 12"))
    refused(
        lambda: endings.hand_over_result(**hand, receiver=wrong),
        "invalid-identity-number",
        field="second_identity_number",
    )
    refused(lambda: result_returns.post(**hand, carrier="Bưu điện", tracking_number="A1"), "must-come-in-person")
    assert offered(ctx, office.desk, dossier) == {Act.HAND_OVER, Act.NOTIFY_RESULT}
    answer = endings.hand_over_result(**hand, receiver=BOTH, signature=PNG)

    assert answer["status"] == Status.RETURNED
    told = shown(ctx, office, dossier)
    assert [each["name"] for each in told["receivers"]] == ["Nguyễn Văn Thử", "Trần Thị Thử"]
    assert result_returns.picture(ctx, by=office.auditor, dossier=dossier["id"], which="signature") == (
        "image/png", PNG,
    )  # fmt: skip
    (said,) = payloads(ctx, dossier, EventKind.RETURNED)
    assert said["receiver"]["number_differs"] is False
    assert "Thử" not in str(said)
    assert "0311" not in str(said)
    assert verify(ctx) == []


def test_two_receivers_are_not_one_person_named_twice(ctx: Context) -> None:
    office = b.an_office(ctx, policy=TWO)
    dossier = a_result(ctx, office)
    number = "031190000002"
    receiver = Receiver("Nguyễn Văn Thử", number, second=receivers.SecondReceiver("Trần Thị Hai", number))
    refused(
        lambda: endings.hand_over_result(ctx, by=office.desk, dossier=dossier["id"], receiver=receiver),
        "second-receiver-missing", field="second_identity_number",
    )  # fmt: skip


def test_one_receiver_is_enough_for_a_refusal(ctx: Context) -> None:
    office = b.an_office(ctx, policy=TWO)
    dossier = b.refuse(ctx, office, b.a_received_dossier(ctx, office))
    assert b.hand_over(ctx, office, dossier)["status"] == Status.RETURNED


def test_other_number_is_noted_and_blocks_nothing(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = a_result(ctx, office)
    receiver = Receiver("Lê Văn Nhận", "031090000009", capacity="authorised", authorisation="Giấy số 3/2026")
    endings.hand_over_result(ctx, by=office.desk, dossier=dossier["id"], receiver=receiver)
    assert payloads(ctx, dossier, EventKind.RETURNED)[0]["receiver"]["number_differs"] is True


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": "  "}, "receiver-missing", "name"),
        ({"capacity": "authorised"}, "authorisation-missing", "authorisation"),
        ({"capacity": "authorised", "authorisation": "  "}, "authorisation-missing", "authorisation"),
    ],
)
def test_impossible_hand_over_changes_nothing(ctx: Context, changes: dict[str, Any], code: str, field: str) -> None:
    office = b.an_office(ctx)
    dossier = a_result(ctx, office)
    receiver = replace(Receiver("Nguyễn Văn Thử"), **changes)
    refused(
        lambda: endings.hand_over_result(ctx, by=office.desk, dossier=dossier["id"], receiver=receiver),
        code, field=field,
    )  # fmt: skip
    assert reading.detail(ctx, by=office.desk, dossier=dossier["id"])["version"] == dossier["version"]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", PNG + bytes(receivers.LARGEST_SIGNATURE)])
def test_signature_that_is_no_small_png_is_refused(sqlite_ctx: Context, content: bytes) -> None:
    refused(lambda: receivers.store_signature(sqlite_ctx, content), "signature-not-readable", field="signature")


def test_post_brings_the_result_back_and_then_delivers_it(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = a_result(ctx, office)
    by = {"ctx": ctx, "by": office.desk, "dossier": dossier["id"]}
    slip = Photo("phieu.jpg", JPG)
    result_returns.post(**by, carrier="Bưu điện Việt Nam", tracking_number="EA1VN", slip=slip)
    refused(lambda: result_returns.post(**by, carrier="X", tracking_number="2"), "result-in-post")
    for how in receivers.WAYS:  # also by post: what became of it is said by the confirmation, with its proof
        refused(lambda how=how: endings.hand_over_result(**by, receiver=Receiver("A", how=how)), "result-in-post")  # type: ignore[misc]
    assert offered(ctx, office.desk, dossier) == {Act.CONFIRM_DELIVERY}
    refused(lambda: result_returns.not_delivered(**by, reason=" "), "ground-missing", field="reason")
    result_returns.not_delivered(**by, reason="Không có người nhận")
    assert shown(ctx, office, dossier)["posted_at"] is None
    refused(lambda: result_returns.confirm_delivery(**by, receiver=Receiver("A")), "not-posted")
    result_returns.post(**by, carrier="Bưu điện Việt Nam", tracking_number="EA2VN", slip=slip)
    ctx.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
    now = ctx.clock.now()
    for wrong in (now - timedelta(days=3), now + timedelta(minutes=1)):
        refused(
            lambda at=wrong: result_returns.confirm_delivery(**by, receiver=Receiver("A"), delivered_at=at),  # type: ignore[misc]
            "delivery-date-invalid", field="delivered_at",
        )  # fmt: skip
    answer = result_returns.confirm_delivery(
        **by, receiver=Receiver("Nguyễn Văn Thử", signature=SignatureKind.PAPER), delivered_at=now - timedelta(days=1),
        proof=Photo("bao-phat.png", PNG),
    )  # fmt: skip

    assert answer["status"] == Status.RETURNED
    told = shown(ctx, office, dossier)
    assert (told["tracking_number"], told["has_slip"], told["has_signature"]) == ("EA2VN", True, True)
    assert result_returns.picture(**by, which="slip") == ("image/jpeg", JPG)
    assert [each["delivered"] for each in payloads(ctx, dossier, EventKind.RESULT_DELIVERED)] == [False, True]
    assert verify(ctx) == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [(("", "EA1"), "carrier"), (("Bưu điện", " "), "tracking_number"), (("x" * 81, "1"), "carrier"),
     (("x", "1" * 61), "tracking_number")],
)  # fmt: skip
def test_incomplete_posting_is_refused(sqlite_ctx: Context, typed: tuple[str, str], field: str) -> None:
    refused(
        lambda: result_returns.post(
            sqlite_ctx, by=b.SYSTEM, dossier="x", carrier=typed[0], tracking_number=typed[1]
        ),
        "posting-incomplete", field=field,
    )  # fmt: skip


def test_file_that_is_not_what_it_says_is_no_slip(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = a_result(ctx, office)
    slip = Photo("phieu.png", b"<script>")
    refused(
        lambda: result_returns.post(
            ctx, by=office.desk, dossier=dossier["id"], carrier="x", tracking_number="1", slip=slip
        ),
        "file-not-allowed",
    )


def test_fee_before_the_hand_over_keeps_the_result_from_the_post(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.advance_to(ctx, office, b.a_received_dossier(ctx, office), Status.FINISHED)
    by = {"ctx": ctx, "by": office.desk, "dossier": dossier["id"]}
    refused(lambda: result_returns.post(**by, carrier="Bưu điện", tracking_number="1"), "not-finished")
    assert offered(ctx, office.desk, dossier) == {Act.NOTIFY_RESULT}


def test_originals_of_copies_are_named_to_the_desk(ctx: Context) -> None:
    office = b.an_office(ctx)
    papers = (intake.PaperLine("Tờ khai"), intake.PaperLine("Bản sao hộ khẩu", originals=0, copies=1))
    dossier = a_result(ctx, office, papers=papers)
    found = acts.offered(ctx, by=office.desk, dossier=dossier["id"])["result"]
    assert found["collects"] == ["Bản sao hộ khẩu"]
    assert found["numbers"] == [b.NO_EMAIL.identity_number]


def test_pictures_and_slips_are_for_those_who_may_read_the_dossier(ctx: Context) -> None:
    office, other = b.an_office(ctx), b.an_office(ctx, code="H01")
    dossier = a_result(ctx, office)
    endings.hand_over_result(
        ctx, by=office.desk, dossier=dossier["id"], receiver=Receiver("A", signature=SignatureKind.SCREEN),
        signature=PNG,
    )  # fmt: skip
    for act in (
        lambda: result_returns.picture(ctx, by=other.desk, dossier=dossier["id"], which="signature"),
        lambda: result_slips.receipt(ctx, by=other.desk, dossier=dossier["id"]),
    ):
        with pytest.raises(DossierNotFoundError):
            act()
    refused(
        lambda: result_returns.picture(ctx, by=office.desk, dossier=dossier["id"], which="slip"),
        "signature-not-found",
    )
    for made in (result_slips.invitation, result_slips.receipt, result_slips.handover):
        assert made(ctx, by=office.desk, dossier=dossier["id"]).startswith(b"%PDF-")


def test_slip_before_there_is_a_result_is_refused(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    refused(lambda: result_slips.invitation(ctx, by=office.desk, dossier=dossier["id"]), "no-result-waits")


def test_second_desk_is_told_that_the_result_was_handed_over(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = a_result(ctx, office)
    b.hand_over(ctx, office, dossier)
    by = {"ctx": ctx, "by": office.desk, "dossier": dossier["id"]}
    refused(lambda: endings.hand_over_result(**by, receiver=Receiver("B")), "not-finished")
    stale = {"receiver": Receiver("B"), "expected": dossier["version"]}
    refused(lambda: endings.hand_over_result(**by, **stale), "version-mismatch")
    refused(lambda: result_returns.notify(**by, how=Notice.PHONE), "no-result-waits")
    assert verify(ctx) == []


@pytest.mark.parametrize("receivers_", [0, 3, "2", True, None])
def test_policy_with_another_number_of_receivers_is_refused(receivers_: object) -> None:
    refused(lambda: check_policy({"receivers": receivers_}), "invalid-policy")


def test_hall_board_is_switched_by_supervisor_and_administrator_only(ctx: Context) -> None:
    office = b.an_office(ctx)
    assert hall_boards.listed(ctx, by=office.supervisor)[0]["on"] is False
    for stranger in (office.desk, office.auditor):
        with pytest.raises(NotAllowedError):
            hall_boards.switch(ctx, by=stranger, agency=office.code, on=True)
        with pytest.raises(NotAllowedError):
            hall_boards.listed(ctx, by=stranger)
    hall_boards.switch(ctx, by=office.supervisor, agency=office.code, on=True)
    hall_boards.switch(ctx, by=office.admin, agency=office.code, on=True)  # nothing new
    assert hall_boards.listed(ctx, by=office.admin)[0]["on"] is True
    hall_boards.switch(ctx, by=office.admin, agency=office.code, on=False)
    assert hall_boards.listed(ctx, by=office.supervisor)[0]["on"] is False
    with ctx.unit_of_work(read_only=True) as uow:
        acts_ = uow.administration.acts([office.id], 9)
    assert [act.facts for act in acts_] == [{"on": False}, {"on": True}]
