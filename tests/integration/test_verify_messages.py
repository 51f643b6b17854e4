"""``verify`` finds messages that nothing carries out, and what says otherwise than the outbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.context import Context
from engine.services import corrections, delivery
from engine.verification.verify import verify
from tests.support import builders as b

TAMPERED = {
    "delete from outbox where topic = 'message.email'": ("message", "*", "nothing carries this message out"),
    "delete from message": ("outbox", "*", "the message of this order does not exist"),
    "update message set state = 'queued'": ("message", "state", "the outbox says otherwise"),
    "update message set channel = 'sms'": ("message", "channel", "it goes by another channel"),
    "update outbox set done_at = null where topic = 'message.email'": ("message", "state", "the outbox says otherwise"),
    "update message set address = 'ai-do@example.test'": ("message", "address", "it goes to nobody of the dossier"),
    "update outbox set created_at = '2026-03-01 00:00:00.000000' where topic = 'message.email'": (
        "message", "ordered_at", "it was put into the outbox at another instant",
    ),
    "update message set ordered_at = '2026-03-01 00:00:00.000000'": (
        "message", "ordered_at", "nothing happened to its dossier then that it could tell",
    ),
}  # fmt: skip


def test_address_of_people_who_were_corrected_since_is_no_finding(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office, applicant=b.WITH_EMAIL)
    ctx.clock.advance(timedelta(minutes=5))
    person = replace(b.WITH_EMAIL, email="dia-chi-moi@example.test")
    wish = corrections.Correction(reason="Gõ nhầm thư điện tử", applicant=person)
    corrections.correct(ctx, by=office.supervisor, dossier=dossier["id"], correction=wish)

    assert verify(ctx) == []


@pytest.mark.parametrize(("statement", "expected"), TAMPERED.items())
def test_tampered_messages_are_found(sqlite_ctx: Context, statement: str, expected: tuple[str, str, str]) -> None:
    ctx = sqlite_ctx
    b.a_received_dossier(ctx, b.an_office(ctx), applicant=b.WITH_EMAIL)
    for message_id in delivery.due(ctx, limit=10):
        delivery.deliver(ctx, message_id=message_id)
    assert verify(ctx) == []
    with ctx.unit_of_work() as uow:
        uow.session.connection().exec_driver_sql(statement)

    found = {(each.table, each.field, each.message) for each in verify(ctx)}

    assert any(each[:2] == expected[:2] and expected[2] in each[2] for each in found), found


def test_letter_that_is_said_to_be_sent_without_a_message_is_found(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office, applicant=b.WITH_EMAIL)
    b.turn_clock_to(ctx, "2026-03-16T08:00")
    b.apologise(ctx, office, dossier, new_due="2026-03-20T09:00")
    for message_id in delivery.due(ctx, limit=10):
        delivery.deliver(ctx, message_id=message_id)
    assert verify(ctx) == []
    with ctx.unit_of_work() as uow:
        uow.session.connection().exec_driver_sql("delete from message where kind = 'apology'")

    found = {(each.table, each.message) for each in verify(ctx)}

    assert ("letter", "the letter is said to have been sent, no message of it was ordered") in found
