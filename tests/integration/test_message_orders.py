"""Messages to citizens: ordered with the act, once, by the channel that the citizen has chosen, outside quiet hours."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.context import Context
from engine.domain.dossier import Status
from engine.domain.ids import DossierId
from engine.domain.messages import MessageKind, NotifyChoiceError, Way
from engine.domain.permissions import NotAllowedError
from engine.errors import EngineError, UnavailableError
from engine.integrations.mail import MailRefusedError, SmtpMail
from engine.integrations.webhooks import WebhookTexts
from engine.ports import ShortMessage
from engine.reports import message_desk as message_desk_report
from engine.services import corrections, delivery, message_delivery, message_desk, messages
from engine.services.case import Case, open_case
from engine.store.administration import AdminAct
from engine.store.messages import Message
from engine.store.outbox import OutboxMessage
from engine.verification.verify import verify
from tests.faults.postbox import taking_mail
from tests.support import builders
from tests.support.builders import NO_EMAIL, WITH_EMAIL
from tests.support.contexts import VIETNAM
from tests.support.gateways import SECRET, a_gateway


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


def sms_of(ctx: Context, kind: str) -> list[ShortMessage]:
    """Return the short messages of a kind that were handed over."""
    return [each for each in ctx.texts[Way.SMS].sent if each.kind == kind]  # type: ignore[attr-defined]


def kinds(ctx: Context, dossier: dict[str, Any]) -> list[tuple[str, str]]:
    """Return kind and state of each message of a dossier, by kind."""
    return sorted((each.kind, each.state) for each in told(ctx, dossier))  # of one instant there is no order


def test_course_of_a_dossier_is_told_step_by_step(ctx: Context) -> None:
    office = builders.an_office(ctx)
    dossier = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)
    builders.ask_supplement(ctx, office, dossier)
    dossier = builders.bring_supplement(ctx, office, dossier)
    builders.advance_to(ctx, office, dossier, Status.FINISHED)
    stopped = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)
    builders.stop(ctx, office, stopped)
    refused = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)
    builders.refuse(ctx, office, refused)
    withdrawn = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)
    builders.withdraw(ctx, office, withdrawn)

    assert [kind for kind, _ in kinds(ctx, dossier)] == ["received", "result-ready", "supplement"]
    assert [kind for kind, _ in kinds(ctx, stopped)] == ["received", "stopped"]
    assert [kind for kind, _ in kinds(ctx, refused)] == ["received", "refused"]
    assert [kind for kind, _ in kinds(ctx, withdrawn)] == ["received"]  # who withdraws knows it
    assert verify(ctx) == []


def test_citizen_s_choice_is_kept(sqlite_ctx: Context) -> None:
    ctx = connected(sqlite_ctx)
    office = builders.an_office(ctx)
    by_zalo = builders.a_received_dossier(
        ctx, office, applicant=WITH_EMAIL, notify_by="zalo", notify_language="en"
    )  # fmt: skip
    silent = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL, notify_by="none")
    deliver_all(ctx)

    (message,) = ctx.texts[Way.ZALO].sent  # type: ignore[attr-defined]
    assert (message.to, message.language) == ("+84912000001", "en")
    assert "has been received" in message.text
    assert told(ctx, silent) == []
    assert kinds(ctx, by_zalo) == [("received", "sent")]
    assert ctx.mail.sent == []  # type: ignore[union-attr]
    assert verify(ctx) == []


def test_unknown_channel_is_refused_before_anything_is_written(sqlite_ctx: Context) -> None:
    office = builders.an_office(sqlite_ctx)
    with pytest.raises(NotifyChoiceError):
        builders.a_received_dossier(sqlite_ctx, office, notify_by="pigeon")


def test_correction_changes_the_channel_of_what_comes(sqlite_ctx: Context) -> None:
    ctx = connected(sqlite_ctx)
    office = builders.an_office(ctx)
    dossier = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)
    wish = corrections.Correction(reason="Đổi kênh báo tin", notify_by="sms", notify_language="en")
    corrections.correct(ctx, by=office.desk, dossier=dossier["id"], correction=wish)
    builders.stop(ctx, office, dossier)

    assert sorted((each.kind, each.channel, each.language) for each in told(ctx, dossier)) == [
        ("received", "email", "vi"),
        ("stopped", "sms", "en"),
    ]
    assert verify(ctx) == []


def test_telephone_is_quiet_at_night_and_rings_in_the_morning(ctx: Context) -> None:
    ctx = connected(ctx)
    office = builders.an_office(ctx)
    builders.turn_clock_to(ctx, "2026-03-02T21:30", ticker=False)
    builders.a_received_dossier(ctx, office, applicant=NO_EMAIL)
    deliver_all(ctx)
    assert sms_of(ctx, "received") == []

    builders.turn_clock_to(ctx, "2026-03-03T06:59", ticker=False)
    deliver_all(ctx)
    assert sms_of(ctx, "received") == []

    builders.turn_clock_to(ctx, "2026-03-03T07:00", ticker=False)
    deliver_all(ctx)
    assert len(sms_of(ctx, "received")) == 1


def test_later_try_waits_for_the_morning_too_and_is_no_attempt(sqlite_ctx: Context) -> None:
    ctx = connected(sqlite_ctx)
    office = builders.an_office(ctx)
    builders.turn_clock_to(ctx, "2026-03-02T20:50", ticker=False)
    dossier = builders.a_received_dossier(ctx, office, applicant=NO_EMAIL)
    builders.turn_clock_to(ctx, "2026-03-02T23:00", ticker=False)  # the worker comes back in the night
    deliver_all(ctx)

    assert sms_of(ctx, "received") == []
    order = the_order(ctx, dossier)
    assert (order.attempts, order.claimed_until) == (0, None)
    assert order.not_before == builders.local("2026-03-03T07:00")


def the_order(ctx: Context, dossier: dict[str, Any], kind: str = "received") -> OutboxMessage:
    """Return the outbox row of a dossier's message."""
    (message,) = [each for each in told(ctx, dossier) if each.kind == kind]
    with ctx.unit_of_work(read_only=True) as uow:
        found = uow.session.query(OutboxMessage).filter_by(key=str(message.id)).one()
        return found


def test_call_to_act_that_is_over_lapses_and_news_is_still_told(sqlite_ctx: Context) -> None:
    """A dossier that is withdrawn before its SMS could go: nobody is called for papers, but told what happened."""
    ctx = connected(sqlite_ctx)
    office = builders.an_office(ctx)
    builders.turn_clock_to(ctx, "2026-03-02T21:30", ticker=False)
    dossier = builders.a_received_dossier(ctx, office, applicant=NO_EMAIL)
    builders.ask_supplement(ctx, office, dossier)
    builders.withdraw(ctx, office, dossier)
    builders.turn_clock_to(ctx, "2026-03-03T08:00", ticker=False)
    deliver_all(ctx)

    assert kinds(ctx, dossier) == [("received", "sent"), ("supplement", "lapsed")]
    assert len(sms_of(ctx, "received")) == 1
    assert sms_of(ctx, "supplement") == []
    assert message_desk_report.given_up(ctx, by=office.supervisor) == 0


def test_request_that_was_answered_is_not_asked_again(sqlite_ctx: Context) -> None:
    office = builders.an_office(sqlite_ctx)
    dossier = builders.a_received_dossier(sqlite_ctx, office, applicant=WITH_EMAIL)
    builders.ask_supplement(sqlite_ctx, office, dossier)
    builders.bring_supplement(sqlite_ctx, office, dossier)
    deliver_all(sqlite_ctx)

    assert kinds(sqlite_ctx, dossier) == [("received", "sent"), ("supplement", "lapsed")]


def test_news_that_waited_a_week_for_its_channel_asks_a_person(sqlite_ctx: Context) -> None:
    office = builders.an_office(sqlite_ctx)
    dossier = builders.a_received_dossier(sqlite_ctx, office, applicant=WITH_EMAIL)
    order(sqlite_ctx, office, dossier, MessageKind.APOLOGY)
    builders.turn_clock_to(sqlite_ctx, "2026-03-09T08:01", ticker=False)
    deliver_all(sqlite_ctx)

    assert kinds(sqlite_ctx, dossier) == [("apology", "sent"), ("received", "dead")]  # an apology is owed for good
    (row,) = message_desk_report.outbox(sqlite_ctx, by=office.supervisor)
    assert row["reason"] == "message-too-old"
    message_desk.resend(sqlite_ctx, by=office.supervisor, outbox_id=row["outbox_id"])
    deliver_all(sqlite_ctx)
    assert kinds(sqlite_ctx, dossier) == [("apology", "sent"), ("received", "sent")]


def test_refused_message_is_dead_and_goes_again_to_the_corrected_address(ctx: Context) -> None:
    office = builders.an_office(ctx)
    dossier = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)
    ctx.mail.fail_with = MailRefusedError("the mail server refused the mail for good (550)")  # type: ignore[union-attr]
    for message_id in delivery.due(ctx, limit=100):
        with suppress(EngineError):
            delivery.deliver(ctx, message_id=message_id)
    ctx.mail.fail_with = None  # type: ignore[union-attr]
    assert kinds(ctx, dossier) == [("received", "dead")]
    (row,) = message_desk_report.page(ctx, by=office.desk).items
    assert (row["reason"], row["address"]) == ("mail-refused", "t…@example.test")
    right = replace(WITH_EMAIL, email="dung@example.test")
    corrections.correct(
        ctx, by=office.desk, dossier=dossier["id"], correction=corrections.Correction(reason="Sai", applicant=right)
    )

    message_desk.resend(ctx, by=office.desk, outbox_id=row["outbox_id"])
    with ctx.unit_of_work(read_only=True) as uow:
        [act] = uow.session.query(AdminAct).filter(AdminAct.kind == "message.resent")
        assert (act.made_by, act.facts["outbox"]) == (office.desk.id, row["outbox_id"])
    with pytest.raises(message_desk.MessageNotDeadError):
        message_desk.resend(ctx, by=office.desk, outbox_id=row["outbox_id"])
    deliver_all(ctx)

    assert [mail.to for mail in ctx.mail.sent] == ["dung@example.test"]  # type: ignore[union-attr]
    assert kinds(ctx, dossier) == [("received", "sent")]
    assert message_desk_report.given_up(ctx, by=office.desk) == 0


def test_message_without_an_address_any_more_stays_dead(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = builders.an_office(ctx)
    dossier = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)
    builders.turn_clock_to(ctx, "2026-03-09T08:01", ticker=False)
    deliver_all(ctx)
    wish = corrections.Correction(reason="Không có thư điện tử", applicant=NO_EMAIL)
    corrections.correct(ctx, by=office.desk, dossier=dossier["id"], correction=wish)

    with pytest.raises(message_desk.MessageAddressError):
        message_desk.resend(ctx, by=office.desk, outbox_id=the_order(ctx, dossier).id)
    assert kinds(ctx, dossier) == [("received", "dead")]


def test_messages_of_another_agency_are_not_there(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office, other = builders.an_office(ctx), builders.an_office(ctx, code="H02", procedure="TP98")
    dossier = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)
    builders.turn_clock_to(ctx, "2026-03-09T08:01", ticker=False)
    deliver_all(ctx)
    outbox_id = the_order(ctx, dossier).id

    for stranger in (other.desk, other.supervisor, office.officer, office.approver, office.auditor, office.admin):
        for known in (outbox_id, outbox_id + 10_000):
            with pytest.raises(message_delivery.MessageNotFoundError):
                message_desk.resend(ctx, by=stranger, outbox_id=known)
    assert message_desk_report.page(ctx, by=other.desk).items == ()
    assert message_desk_report.page(ctx, by=other.desk).counts["dead"] == 0
    assert message_desk_report.given_up(ctx, by=other.supervisor) == 0
    with pytest.raises(NotAllowedError):
        message_desk_report.page(ctx, by=office.officer)
    assert len(message_desk_report.page(ctx, by=office.desk).items) == 1


def test_crash_between_sending_and_noting_repeats_the_same_id(ctx: Context) -> None:
    """The gateway has it and the worker dies: after its lease another hands it over again, and 409 is done."""
    with a_gateway(204, 409) as there:
        ctx = replace(ctx, texts={Way.SMS: WebhookTexts(there.url, SECRET, channel="sms", clock=ctx.clock)})
        office = builders.an_office(ctx)
        dossier = builders.a_received_dossier(ctx, office, applicant=NO_EMAIL)
        row = the_order(ctx, dossier)
        note, delivery_note = message_delivery.note_sent, message_delivery
        delivery_note.note_sent = _die  # type: ignore[assignment]
        try:
            with pytest.raises(KeyboardInterrupt):
                delivery.deliver(ctx, message_id=row.id)
        finally:
            delivery_note.note_sent = note
        ctx.clock.advance(delivery.LEASE)  # type: ignore[attr-defined]
        assert delivery.deliver(ctx, message_id=row.id)

    assert len({post["id"] for post in there.posts}) == 1
    assert [post["is_signed"] for post in there.posts] == [True, True]
    assert kinds(ctx, dossier) == [("received", "sent")]


def _die(*_args: Any, **_kwargs: Any) -> None:
    raise KeyboardInterrupt  # no EngineError, no Exception: as a signal that ends the process


def test_gateway_that_is_away_is_asked_again_and_given_up_in_the_open(sqlite_ctx: Context) -> None:
    with a_gateway(*[503] * delivery.MOST_ATTEMPTS) as there:
        ctx = replace(
            sqlite_ctx, texts={Way.SMS: WebhookTexts(there.url, SECRET, channel="sms", clock=sqlite_ctx.clock)}
        )
        office = builders.an_office(ctx)
        dossier = builders.a_received_dossier(ctx, office, applicant=NO_EMAIL)
        row_id = the_order(ctx, dossier).id
        for _ in range(200):
            with suppress(UnavailableError):
                delivery.deliver(ctx, message_id=row_id)
            ctx.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
            if kinds(ctx, dossier) == [("received", "dead")]:
                break
    (row,) = message_desk_report.page(ctx, by=office.desk).items

    assert (row["reason"], row["attempts"]) == ("webhook-unavailable", delivery.MOST_ATTEMPTS)
    assert len({post["id"] for post in there.posts}) == 1
    for post in there.posts:
        hour = datetime.fromtimestamp(int(post["at"]), tz=VIETNAM).hour
        assert 7 <= hour < 21  # no try rings at night


def test_nothing_personal_is_in_outbox_or_history(sqlite_ctx: Context) -> None:
    ctx = connected(sqlite_ctx)
    office = builders.an_office(ctx)
    dossier = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)
    builders.a_received_dossier(ctx, office, applicant=NO_EMAIL)
    with ctx.unit_of_work(read_only=True) as uow:
        payloads = [str(row.payload) for row in uow.session.query(OutboxMessage) if row.topic.startswith("message.")]
        events = [str(event.payload) for event in uow.events.of(DossierId(UUID(dossier["id"])))]

    assert len(payloads) == 2
    for personal in (WITH_EMAIL.name, WITH_EMAIL.email, WITH_EMAIL.phone, "+8491", WITH_EMAIL.identity_number):
        assert not any(str(personal) in text for text in [*payloads, *events])


def test_mail_server_takes_each_message_once_under_its_own_id(sqlite_ctx: Context) -> None:
    with taking_mail(slow=0) as (postbox, url):
        ctx = replace(sqlite_ctx, mail=SmtpMail(url, "motcua@example.test"))
        office = builders.an_office(ctx)
        dossier = builders.a_received_dossier(ctx, office, applicant=WITH_EMAIL)
        builders.stop(ctx, office, dossier)
        for message_id in delivery.due(ctx, limit=10):
            for _ in range(2):
                delivery.deliver(ctx, message_id=message_id)

    assert sorted(postbox.copies.values()) == [1, 1]
    assert {to for to, _ in postbox.copies} == {WITH_EMAIL.email}
    assert kinds(ctx, dossier) == [("received", "sent"), ("stopped", "sent")]
