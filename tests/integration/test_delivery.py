"""Outbox messages: sent at least once, one at a time, given up in the open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from engine.context import Context
from engine.domain.ids import AgencyId
from engine.errors import NotFoundError
from engine.integrations.mail import MailRefusedError, MailServerUnavailableError
from engine.services import apologies, delivery
from engine.services.delivery import InvalidPayloadError, UnknownTopicError, wait_after
from engine.store.agencies import Agency
from engine.store.unit_of_work import ChangedMeanwhileError
from tests.support import builders
from tests.support.outbox import orders


def a_message(ctx: Context, *, key: str = "letter-1", topic: str = "mail", **changes: Any) -> int:
    payload: dict[str, Any] = {
        "to": "citizen@example.test",
        "subject": "Xin lỗi và hẹn lại ngày trả kết quả",
        "text": "Kính gửi …",
        "file_name": "xin-loi.pdf",
        "file_sha256": ctx.files.put(b"%PDF-1.7 letter"),
    } | changes
    with ctx.unit_of_work() as uow:
        agency = uow.agencies.find("UB01") or uow.agencies.add(
            Agency(code="UB01", name="Ủy ban nhân dân phường", superior_name="", place="", phone="", late_rule="day")
        )
        uow.outbox.add(
            agency=AgencyId(agency.id),
            topic=topic,
            key=key,
            payload={name: value for name, value in payload.items() if value is not None},
            at=ctx.clock.now(),
        )
    with ctx.unit_of_work() as uow:
        return max(uow.outbox.due(ctx.clock.now(), 100))


def facts(ctx: Context, message_id: int) -> dict[str, Any]:
    with ctx.unit_of_work() as uow:
        message = uow.outbox.get(message_id)
        assert message is not None
        return {
            "attempts": message.attempts,
            "claimed": message.claimed_until is not None,
            "done": message.done_at is not None,
            "dead": message.dead_at is not None,
            "error": message.last_error,
        }


def test_deliver_sends_the_letter_with_its_paper(ctx: Context) -> None:
    message_id = a_message(ctx)

    assert delivery.deliver(ctx, message_id=message_id) is True

    (mail,) = ctx.mail.sent
    assert (mail.to, mail.attachment, mail.attachment_name) == (
        "citizen@example.test",
        b"%PDF-1.7 letter",
        "xin-loi.pdf",
    )
    assert facts(ctx, message_id) == {"attempts": 1, "claimed": False, "done": True, "dead": False, "error": None}
    assert delivery.due(ctx, limit=10) == []


def test_deliver_twice_sends_once(ctx: Context) -> None:
    message_id = a_message(ctx)

    assert [delivery.deliver(ctx, message_id=message_id) for _ in range(2)] == [True, False]
    assert len(ctx.mail.sent) == 1


def test_deliver_of_an_unknown_id_does_nothing(ctx: Context) -> None:
    assert delivery.deliver(ctx, message_id=404) is False


def test_message_of_a_worker_that_died_is_due_again_after_its_lease(ctx: Context) -> None:
    message_id = a_message(ctx)
    with ctx.unit_of_work() as uow:
        uow.outbox.claim(message_id, now=ctx.clock.now(), lease=delivery.LEASE)

    assert delivery.due(ctx, limit=10) == []
    assert delivery.deliver(ctx, message_id=message_id) is False
    ctx.clock.advance(delivery.LEASE)
    assert delivery.due(ctx, limit=10) == [message_id]
    assert delivery.deliver(ctx, message_id=message_id) is True
    assert facts(ctx, message_id)["attempts"] == 2


def test_message_at_which_every_worker_dies_is_given_up(ctx: Context) -> None:
    message_id = a_message(ctx)
    for _ in range(delivery.MOST_ATTEMPTS):
        with ctx.unit_of_work() as uow:
            assert uow.outbox.claim(message_id, now=ctx.clock.now(), lease=delivery.LEASE) is not None
        ctx.clock.advance(delivery.LEASE)

    assert delivery.deliver(ctx, message_id=message_id) is False

    assert ctx.mail.sent == []
    assert facts(ctx, message_id) == {
        "attempts": delivery.MOST_ATTEMPTS,
        "claimed": False,
        "done": False,
        "dead": True,
        "error": "no try came to an end: each worker that had it died",
    }
    assert delivery.due(ctx, limit=10) == []


def test_every_try_carries_the_same_message_id(ctx: Context) -> None:
    message_id = a_message(ctx)
    delivery.deliver(ctx, message_id=message_id)
    with ctx.unit_of_work() as uow:
        uow.outbox.get(message_id).done_at = None  # as if the commit after sending had been lost

    delivery.deliver(ctx, message_id=message_id)

    first, second = ctx.mail.sent
    assert first.message_id == second.message_id
    assert first.message_id.endswith("@127.0.0.1>")


def test_server_that_does_not_answer_puts_the_message_back_with_a_wait(ctx: Context) -> None:
    message_id = a_message(ctx)
    ctx.mail.fail_with = MailServerUnavailableError("no answer")

    with pytest.raises(MailServerUnavailableError):
        delivery.deliver(ctx, message_id=message_id)

    assert facts(ctx, message_id) == {
        "attempts": 1,
        "claimed": False,
        "done": False,
        "dead": False,
        "error": "mail-server-unavailable: no answer",
    }
    assert delivery.due(ctx, limit=10) == []
    assert delivery.deliver(ctx, message_id=message_id) is False
    ctx.mail.fail_with = None
    ctx.clock.advance(delivery.FIRST_WAIT)
    assert delivery.due(ctx, limit=10) == [message_id]
    assert delivery.deliver(ctx, message_id=message_id) is True
    assert facts(ctx, message_id)["error"] is None


def test_message_is_given_up_after_the_last_attempt(ctx: Context) -> None:
    message_id = a_message(ctx)
    ctx.mail.fail_with = MailServerUnavailableError("no answer")

    for _ in range(delivery.MOST_ATTEMPTS):
        with pytest.raises(MailServerUnavailableError):
            delivery.deliver(ctx, message_id=message_id)
        ctx.clock.advance(delivery.LONGEST_WAIT)

    assert facts(ctx, message_id)["dead"] is True
    assert delivery.due(ctx, limit=10) == []
    assert delivery.deliver(ctx, message_id=message_id) is False


def test_refused_mail_is_dead_at_once(ctx: Context) -> None:
    message_id = a_message(ctx)
    ctx.mail.fail_with = MailRefusedError("no such mailbox")

    with pytest.raises(MailRefusedError):
        delivery.deliver(ctx, message_id=message_id)

    assert facts(ctx, message_id) == {
        "attempts": 1,
        "claimed": False,
        "done": False,
        "dead": True,
        "error": "mail-refused: no such mailbox",
    }


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"topic": "letter.pigeon"}, UnknownTopicError, id="unknown-topic"),
        pytest.param({"to": None}, InvalidPayloadError, id="payload-lacks-a-field"),
        pytest.param({"file_sha256": "0" * 64}, NotFoundError, id="paper-is-gone"),
    ],
)
def test_message_that_cannot_succeed_is_dead_and_stops_no_other(
    ctx: Context, changes: dict[str, Any], error: type[Exception]
) -> None:
    broken, sound = a_message(ctx, key="broken", **changes), a_message(ctx, key="sound")

    with pytest.raises(error):
        delivery.deliver(ctx, message_id=broken)

    assert facts(ctx, broken)["dead"] is True
    assert delivery.deliver(ctx, message_id=sound) is True


def test_bug_while_sending_frees_the_message_for_a_later_try(sqlite_ctx: Context) -> None:
    message_id = a_message(sqlite_ctx)
    sqlite_ctx.mail.fail_with = ZeroDivisionError("bug")

    with pytest.raises(ZeroDivisionError):
        delivery.deliver(sqlite_ctx, message_id=message_id)

    assert facts(sqlite_ctx, message_id)["error"] == "ZeroDivisionError: bug"
    assert facts(sqlite_ctx, message_id)["dead"] is False


def test_failure_after_the_lease_ran_out_leaves_the_next_worker_alone(sqlite_ctx: Context) -> None:
    class SlowMail:
        """Fails after its lease ran out and another worker has sent the mail."""

        def send(self, mail: object) -> None:
            sqlite_ctx.clock.advance(delivery.LEASE)
            assert delivery.deliver(sqlite_ctx, message_id=message_id) is True
            raise MailServerUnavailableError("late")

    message_id = a_message(sqlite_ctx)

    with pytest.raises(MailServerUnavailableError):
        delivery.deliver(replace(sqlite_ctx, mail=SlowMail()), message_id=message_id)

    assert facts(sqlite_ctx, message_id) == {
        "attempts": 2,
        "claimed": False,
        "done": True,
        "dead": False,
        "error": None,
    }


def test_without_a_mail_server_mail_waits_and_no_attempt_is_counted(sqlite_ctx: Context) -> None:
    message_id = a_message(sqlite_ctx)
    mute = replace(sqlite_ctx, mail=None)

    assert delivery.due(mute, limit=10) == []
    assert delivery.deliver(mute, message_id=message_id) is False
    assert facts(sqlite_ctx, message_id)["attempts"] == 0


@pytest.mark.parametrize(
    ("attempts", "wait"),
    [
        (1, timedelta(minutes=5)),
        (2, timedelta(minutes=10)),
        (7, timedelta(minutes=320)),
        (8, timedelta(hours=6)),
        (10_000, timedelta(hours=6)),
    ],
)
def test_wait_doubles_up_to_the_longest(attempts: int, wait: timedelta) -> None:
    assert wait_after(attempts) == wait


def test_mail_that_cannot_be_noted_is_not_sent_again(ctx: Context) -> None:
    office = builders.an_office(ctx)
    dossier = builders.a_received_dossier(ctx, office, applicant=builders.WITH_EMAIL)
    builders.apologise(ctx, office, dossier, new_due="2026-03-12T09:00")
    message_id = orders(ctx, "message.email")[-1]  # that of the receipt is before it
    with ctx.unit_of_work() as uow:
        uow.session.execute(text("update dossier set event_seq = 0"))  # the delivery finds no place in its history

    with pytest.raises(ChangedMeanwhileError):
        delivery.deliver(ctx, message_id=message_id)

    assert len(ctx.mail.sent) == 1
    told = facts(ctx, message_id)
    assert (told["attempts"], told["claimed"], told["done"], told["dead"]) == (1, False, True, False)
    assert told["error"].startswith("sent, but not noted: ")
    assert delivery.deliver(ctx, message_id=message_id) is False


def test_mail_without_a_paper_has_no_attachment(sqlite_ctx: Context) -> None:
    message_id = a_message(sqlite_ctx, file_sha256=None)

    assert delivery.deliver(sqlite_ctx, message_id=message_id) is True
    assert (sqlite_ctx.mail.sent[0].attachment, sqlite_ctx.mail.sent[0].attachment_name) == (None, None)


def test_workers_at_the_same_time_send_each_message_once(ctx: Context) -> None:
    ids = [a_message(ctx, key=f"letter-{number}") for number in range(20)]

    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(delivery.deliver, ctx, message_id=message_id) for message_id in ids * 4]
        done = [run.result() for run in runs]

    assert done.count(True) == 20
    assert len(ctx.mail.sent) == len({mail.message_id for mail in ctx.mail.sent}) == 20


def test_sent_apology_is_marked_delivered_with_an_event(ctx: Context) -> None:
    office = builders.an_office(ctx)
    dossier = builders.a_received_dossier(ctx, office, applicant=builders.WITH_EMAIL)
    builders.apologise(ctx, office, dossier, new_due="2026-03-12T09:00")

    message_id = orders(ctx, "message.email")[-1]  # that of the receipt is before it
    assert delivery.deliver(ctx, message_id=message_id) is True

    (mail,) = ctx.mail.sent
    assert (mail.to, mail.attachment[:5]) == ("thu@example.test", b"%PDF-")
    (letter,) = apologies.listed(ctx, by=office.supervisor)
    assert datetime.fromisoformat(letter["delivered_at"]) == ctx.clock.now()
    assert facts(ctx, message_id)["error"] is None
