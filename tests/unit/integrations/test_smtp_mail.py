"""Mail over a real SMTP conversation."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from engine.domain.clock import TurnedClock
from engine.errors import EngineError
from engine.integrations.mail import InvalidMailServerError, MailRefusedError, MailServerUnavailableError, SmtpMail
from engine.ports import Mail

NOW = datetime(2026, 3, 24, 7, 0, tzinfo=UTC)
MAIL = Mail(
    to="vi.du@example.vn",
    subject="Phiếu xin lỗi về hồ sơ H24.45-260305-0007, Ủy ban nhân dân phường Thí Điểm",
    text="Kính gửi Bà Nguyễn Thị Ví Dụ,\n\nXin xem phiếu kèm theo.\n.\nTrân trọng.\n",
    message_id="<0192f0c1-0000-7000-8000-000000000001@motcua.thanhphothidiem.example.vn>",
    attachment_name="Phiếu xin lỗi H24.45-260305-0007.pdf",
    attachment=b"%PDF-1.7\n\x00\xff\r\n.\r\n",
)


class Server:
    """Keeps what it is given and answers what the test wants."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.rcpt_answer = "250 OK"
        self.data_answer = "250 OK"
        self.hang_up_after_data = False

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt_answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_answer.startswith("250"):
            self.taken.append(envelope)
        return self.data_answer

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hang_up_after_data:
            server.transport.abort()
        return "221 Bye"

    def message(self) -> EmailMessage:
        """Return the only mail taken."""
        [envelope] = self.taken
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        return message


@contextmanager
def running(handler: Server, **options: object) -> Iterator[str]:
    """Run a server on a free port of this machine and give its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def sender(server: Server) -> Iterator[SmtpMail]:
    with running(server) as url:
        yield SmtpMail(url, "motcua@example.vn", TurnedClock(NOW))


def test_mail_arrives_with_its_vietnamese_text_subject_and_attachment(server: Server, sender: SmtpMail) -> None:
    sender.send(MAIL)

    message = server.message()
    assert server.taken[0].mail_from == "motcua@example.vn"
    assert server.taken[0].rcpt_tos == ["vi.du@example.vn"]
    assert message["From"] == "motcua@example.vn"
    assert message["To"] == "vi.du@example.vn"
    assert message["Subject"] == MAIL.subject
    assert message["Message-ID"].strip() == MAIL.message_id  # a long one stands on a line of its own
    assert message["Date"].datetime == NOW
    body = message.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == MAIL.text
    [attachment] = message.iter_attachments()
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_filename() == MAIL.attachment_name
    assert attachment.get_content() == MAIL.attachment


def test_mail_travels_in_ascii(server: Server, sender: SmtpMail) -> None:
    sender.send(MAIL)

    content = server.taken[0].content
    assert isinstance(content, bytes)
    assert content.isascii()


def test_mail_without_attachment_is_plain_text(server: Server, sender: SmtpMail) -> None:
    sender.send(replace(MAIL, attachment=None, attachment_name=None))

    assert server.message().get_content_type() == "text/plain"


@pytest.mark.parametrize("attachment", [None, MAIL.attachment])
def test_mail_with_html_says_the_same_twice(server: Server, sender: SmtpMail, attachment: bytes | None) -> None:
    sender.send(replace(MAIL, html="<p>Kính gửi \0 Bà Ví Dụ</p>", attachment=attachment))

    message = server.message()
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert "Kính gửi Bà Nguyễn Thị Ví Dụ" in text.get_content()
    assert html.get_content().strip() == "<p>Kính gửi  Bà Ví Dụ</p>"
    assert [part.get_content() for part in message.iter_attachments()] == ([attachment] if attachment else [])


def test_line_ends_in_subject_and_file_name_start_no_header(server: Server, sender: SmtpMail) -> None:
    sender.send(
        replace(MAIL, subject="Hồ sơ\r\nBcc: x@example.vn\n\nbody\x00", attachment_name='../a\r\nX-Evil: "1"\\b.pdf')
    )

    message = server.message()
    assert message["Subject"] == "Hồ sơ Bcc: x@example.vn body"
    assert message["Bcc"] is None
    [attachment] = message.iter_attachments()
    assert attachment.get_filename() == "_a X-Evil_ _1__b.pdf"
    assert attachment["X-Evil"] is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "vi.du",
        "@example.vn",
        "a@",
        "a@b.vn\r\nBcc: c@d.vn",
        "a@b.vn, c@d.vn",
        "a b@c.vn",
        "<a@b.vn>",
        "é@b.vn",
        "a@b\x00",
    ],
)
def test_malformed_recipient_is_refused_before_anything_is_sent(server: Server, sender: SmtpMail, address: str) -> None:
    with pytest.raises(MailRefusedError) as caught:
        sender.send(replace(MAIL, to=address))

    assert caught.value.code == "mail-refused"
    assert server.taken == []


@pytest.mark.parametrize("message_id", ["", "no-brackets@x", "<a@b>\r\nBcc: c@d", "<a b@c>", "<a@b"])
def test_malformed_message_id_is_refused(sender: SmtpMail, message_id: str) -> None:
    with pytest.raises(MailRefusedError):
        sender.send(replace(MAIL, message_id=message_id))


def test_recipient_that_the_server_refuses_for_good_is_refused(server: Server, sender: SmtpMail) -> None:
    server.rcpt_answer = "550 5.1.1 No such user"

    with pytest.raises(MailRefusedError) as caught:
        sender.send(MAIL)

    assert caught.value.details == {"message_id": MAIL.message_id, "status": 550, "answer": "5.1.1 No such user"}


def test_recipient_that_the_server_puts_off_may_be_tried_again(server: Server, sender: SmtpMail) -> None:
    server.rcpt_answer = "451 4.7.1 Greylisted"

    with pytest.raises(MailServerUnavailableError) as caught:
        sender.send(MAIL)

    assert caught.value.details["status"] == 451


@pytest.mark.parametrize(
    ("answer", "error"),
    [("554 5.7.1 Refused", MailRefusedError), ("452 4.3.1 Disk full", MailServerUnavailableError)],
)
def test_content_that_the_server_does_not_take(
    server: Server, sender: SmtpMail, answer: str, error: type[Exception]
) -> None:
    server.data_answer = answer

    with pytest.raises(error):
        sender.send(MAIL)


@pytest.mark.parametrize("answer", ["550 5.1.1 no such mailbox", "451 4.3.0 try again later"])
def test_traceback_does_not_name_the_recipient(server: Server, sender: SmtpMail, answer: str) -> None:
    server.rcpt_answer = answer

    with pytest.raises(EngineError) as caught:
        sender.send(MAIL)

    assert MAIL.to not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("address", ["vi.du@example.vn, b@example.vn", "vi.du@example.vn\n", "vi.du@@example.vn"])
def test_traceback_does_not_quote_a_malformed_recipient(sender: SmtpMail, address: str) -> None:
    with pytest.raises(MailRefusedError) as caught:
        sender.send(replace(MAIL, to=address))

    assert "vi.du" not in "".join(traceback.format_exception(caught.value))


def test_goodbye_that_gets_lost_does_not_make_the_mail_fail(server: Server, sender: SmtpMail) -> None:
    server.hang_up_after_data = True

    sender.send(MAIL)

    assert len(server.taken) == 1


def test_server_that_is_down_may_be_tried_again() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # taken, and nobody listens
        sender = SmtpMail(f"smtp://127.0.0.1:{probe.getsockname()[1]}", "motcua@example.vn")

        with pytest.raises(MailServerUnavailableError) as caught:
            sender.send(MAIL)

    assert caught.value.code == "mail-server-unavailable"


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # what this server is here for
@pytest.mark.filterwarnings("ignore:Session.login_data is deprecated")
def test_user_and_password_of_the_url_sign_in(server: Server) -> None:
    seen: list[tuple[bytes, bytes]] = []

    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        seen.append((data.login, data.password))  # type: ignore[attr-defined]
        return AuthResult(success=data.password == b"p@ss/w:rd", handled=False)  # type: ignore[attr-defined]

    with running(server, authenticator=authenticate, auth_required=True, auth_require_tls=False) as url:
        good = url.replace("//", "//may%40chu:p%40ss%2Fw%3Ard@")
        SmtpMail(good, "motcua@example.vn").send(MAIL)
        with pytest.raises(MailServerUnavailableError) as caught:
            SmtpMail(url.replace("//", "//may%40chu:sai-mat-khau@"), "motcua@example.vn").send(MAIL)

    assert len(server.taken) == 1
    assert seen[0] == (b"may@chu", b"p@ss/w:rd")
    assert "sai-mat-khau" not in caught.value.message


@pytest.mark.parametrize(
    "url", ["", "http://h", "smtp://", "smtp://h:99999", "smtp://h:x", "smtp://h:0", "smtp://[::1", "smtp://a..b"]
)
def test_malformed_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidMailServerError):
        SmtpMail(url, "motcua@example.vn")


@pytest.mark.parametrize("address", ["", "motcua", "motcua@", "a@b\r\nX: y", "Một cửa <a@b.vn>", "a@b..vn"])
def test_malformed_sender_is_refused(address: str) -> None:
    with pytest.raises(InvalidMailServerError):
        SmtpMail("smtp://127.0.0.1", address)


def test_password_is_not_sent_in_clear_to_another_machine(server: Server) -> None:
    with running(server) as url:  # 0.0.0.0 reaches the same server, and is no name of this machine to the sender
        away = url.replace("//127.0.0.1", "//may:mat-khau@0.0.0.0")
        with pytest.raises(MailServerUnavailableError) as caught:
            SmtpMail(away, "motcua@example.vn").send(MAIL)

    assert "STARTTLS" in caught.value.message
    assert server.taken == []
