"""Messages to citizens: ordered with the act, once, by the channel that the citizen has chosen, outside quiet hours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.context import Context
from engine.domain.messages import MessageKind, Way
from engine.ports import ShortMessage
from engine.services import delivery, messages
from engine.services.case import Case, open_case
from engine.store.messages import Message
from tests.support import builders
from tests.support.builders import NO_EMAIL, WITH_EMAIL


class RecordingTexts:
    """TextSender in memory: ``sent`` holds what was handed over."""

    def __init__(self) -> None:
        self.sent: list[ShortMessage] = []

    def send(self, message: ShortMessage) -> None:
        """Keep it."""
        self.sent.append(message)


def connected(ctx: Context) -> Context:
    """Return the context of an office with gateways for SMS and Zalo."""
    return replace(ctx, texts={Way.SMS: RecordingTexts(), Way.ZALO: RecordingTexts()})


def told(ctx: Context, dossier: dict[str, Any]) -> list[Message]:
    """Return the messages of a dossier."""
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.messages.of_dossier(uow.dossiers.by_code(dossier["code"]).id)


def order(ctx: Context, office: builders.Office, dossier: dict[str, Any], kind: MessageKind, **how: Any) -> bool:
    """Order a message in a transaction of its own; return whether there is one."""
    with ctx.unit_of_work() as uow:
        case: Case = open_case(ctx, uow, by=office.desk, reference=dossier["code"])
        return messages.order(case, kind, **how) is not None


def deliver_all(ctx: Context) -> None:
    """Carry out whatever is due."""
    for message_id in delivery.due(ctx, limit=100):
        delivery.deliver(ctx, message_id=message_id)


def test_message_by_email_carries_its_paper(ctx: Context) -> None:
    office = builders.an_office(ctx)
    dossier = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)
    paper = ctx.files.put(b"%PDF-1.7 letter")

    assert order(ctx, office, dossier, MessageKind.APOLOGY, attachment=(paper, "xin-loi.pdf"))
    deliver_all(ctx)

    mail = next(each for each in ctx.mail.sent if each.attachment is not None)
    assert (mail.to, mail.attachment, mail.attachment_name) == (WITH_EMAIL.email, b"%PDF-1.7 letter", "xin-loi.pdf")
    assert dossier["code"] in mail.subject
    assert [each.state for each in told(ctx, dossier) if each.kind == "apology"] == ["sent"]


def test_message_of_a_subject_is_ordered_once(ctx: Context) -> None:
    office = builders.an_office(ctx)
    dossier = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)

    for _ in range(2):
        assert order(ctx, office, dossier, MessageKind.APOLOGY)
    assert order(ctx, office, dossier, MessageKind.APOLOGY, subject_no=2)
    deliver_all(ctx)

    assert sum("Xin lỗi" in mail.subject for mail in ctx.mail.sent) == 2
    assert len({mail.message_id for mail in ctx.mail.sent}) == len(ctx.mail.sent)


def test_order_that_is_rolled_back_tells_nobody(ctx: Context) -> None:
    office = builders.an_office(ctx)
    dossier = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)

    def act() -> None:
        with ctx.unit_of_work() as uow:
            case = open_case(ctx, uow, by=office.desk, reference=dossier["code"])
            assert messages.order(case, MessageKind.STOPPED) is not None
            raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"):
        act()

    deliver_all(ctx)

    assert [each.kind for each in told(ctx, dossier) if each.kind == "stopped"] == []
    assert not any("dừng" in mail.subject for mail in ctx.mail.sent)


def test_who_has_no_email_is_told_by_sms_where_the_office_can(sqlite_ctx: Context) -> None:
    ctx, office = connected(sqlite_ctx), builders.an_office(sqlite_ctx)
    dossier = builders.a_received_dossier(ctx, office, applicant=NO_EMAIL)

    assert not order(sqlite_ctx, office, dossier, MessageKind.STOPPED)  # no gateway: a paper has to do
    assert order(ctx, office, dossier, MessageKind.STOPPED)
    deliver_all(ctx)

    (sent,) = [each for each in ctx.texts[Way.SMS].sent if each.kind == "stopped"]  # type: ignore[attr-defined]
    assert (sent.to, sent.kind, sent.language) == ("+84912000001", "stopped", "vi")
    assert sent.text.isascii()
