"""E-mail by SMTP."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from engine.domain.clock import Clock, SystemClock
from engine.errors import InvalidInputError, UnavailableError
from engine.ports import Mail

TIMEOUT_SECONDS = 20.0  #: for each answer of the mail server
_LONGEST_NAME = 120  # of an attachment, without its ending
_PORTS = {"smtp": 25, "smtps": 465}
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")


class InvalidMailServerError(InvalidInputError):
    """The mail server's URL or the sender's address is malformed."""

    code = "invalid-mail-server"


class MailRefusedError(InvalidInputError):
    """This mail can never be delivered: its address is impossible, or the server refused it for good."""

    code = "mail-refused"


class MailServerUnavailableError(UnavailableError):
    """The mail server did not take the mail now."""

    code = "mail-server-unavailable"


class SmtpMail:
    """A ``MailSender`` that hands each mail to one server, in a connection of its own.

    With a user in the URL the password travels over TLS only: ``smtps``, or STARTTLS when the server offers it, the
    certificate checked. A server on this machine may do without.
    """

    def __init__(self, url: str, from_addr: str, clock: Clock | None = None) -> None:
        """Read ``smtp://user:password@host:port`` (or ``smtps://``), user and password percent-encoded.

        Raises:
            InvalidMailServerError: URL or sender is malformed.
        """
        self._parts = _server(url)
        self._clock = clock or SystemClock()
        try:
            self._sender = _address(from_addr)
            # our own name by DNS may take half a minute to be found missing; the sender's domain says as much
            self._name = self._sender.domain.encode("idna").decode()
        except ValueError as error:
            raise InvalidMailServerError(f"{from_addr!r} is not an e-mail address") from error

    def send(self, mail: Mail) -> None:
        """Hand the mail over to the mail server.

        Raises:
            MailRefusedError: its address or Message-ID is malformed, or the server refused it for good (5xx).
            MailServerUnavailableError: it could not be handed over now; try again later.
        """
        message = self._message(mail)
        # "from None": what smtplib raises names the recipient, whose address belongs in no log
        try:
            self._hand_over(message)
        except smtplib.SMTPRecipientsRefused as error:
            [(status, answer)] = error.recipients.values()
            raise _verdict(status, answer, mail) from None
        except smtplib.SMTPDataError as error:
            raise _verdict(error.smtp_code, error.smtp_error, mail) from None
        except smtplib.SMTPNotSupportedError as error:
            if mail.to.isascii():
                raise _unavailable(self._parts, error) from None
            raise MailRefusedError(
                "the mail server does not take addresses with letters beyond ASCII", message_id=mail.message_id
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise _unavailable(self._parts, error) from None

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        if _MESSAGE_ID.fullmatch(mail.message_id) is None:
            raise MailRefusedError("a Message-ID looks like <id@host>", message_id=mail.message_id[:200])
        message["Message-ID"] = mail.message_id
        message["Date"] = format_datetime(self._clock.now())
        message["From"] = self._sender
        message["To"] = _recipient(mail)
        message["Subject"] = _one_line(mail.subject)
        message["Auto-Submitted"] = "auto-generated"  # no out-of-office answers, please (RFC 3834)
        # base64: not every server takes 8-bit text
        message.set_content(_clean(mail.text), cte="base64")
        if mail.html is not None:
            message.add_alternative(_clean(mail.html), subtype="html", cte="base64")
        if mail.attachment is not None:
            message.add_attachment(
                mail.attachment, maintype="application", subtype="pdf", filename=_file_name(mail.attachment_name)
            )
        return message

    def _hand_over(self, message: EmailMessage) -> None:
        server = self._connect()
        try:
            self._sign_in(server)
            server.send_message(message)
        except BaseException:
            server.close()
            raise
        # the server has taken the mail: a lost goodbye must not make us send it again
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()

    def _connect(self) -> smtplib.SMTP:
        parts = self._parts
        if parts.scheme == "smtps":
            return smtplib.SMTP_SSL(
                _host(parts), _port(parts), self._name, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        return smtplib.SMTP(_host(parts), _port(parts), self._name, timeout=TIMEOUT_SECONDS)

    def _sign_in(self, server: smtplib.SMTP) -> None:
        parts = self._parts
        if parts.username is None:
            return
        server.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        elif parts.scheme == "smtp" and not _is_here(_host(parts)):
            raise smtplib.SMTPException("it offers no STARTTLS, and the password is not sent in clear; use smtps://")
        server.login(unquote(parts.username), unquote(parts.password or ""))


def _server(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port  # reading it checks it
        (parts.hostname or "").encode("idna")
    except ValueError as error:
        raise InvalidMailServerError("the mail server's URL has an impossible host or port") from error
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        # the URL may hold a password, so it is not repeated
        raise InvalidMailServerError("the mail server's URL looks like smtp://user:password@host:port, or smtps://…")
    return parts


def _host(parts: SplitResult) -> str:
    return str(parts.hostname)


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _address(text: str) -> Address:
    """Return a bare address such as ``a@example.vn``.

    Raises:
        ValueError: it is none.
    """
    try:
        address = Address(addr_spec=text)
    except (IndexError, MessageError):  # what the parser meets on some malformed ones
        raise ValueError("not an address") from None
    if not address.username or not address.domain or any(char.isspace() or not char.isprintable() for char in text):
        raise ValueError("not an address")
    return address


def _recipient(mail: Mail) -> Address:
    try:
        return _address(mail.to)
    except ValueError:
        raise MailRefusedError("the recipient's address is malformed", message_id=mail.message_id) from None


def _clean(text: str) -> str:
    """Return the text without what no mail can carry: NUL and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _one_line(text: str) -> str:
    """Return a header's text: line ends would start another header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _file_name(name: str | None) -> str:
    stem = re.sub(r'[/\\:*?"<>|]', "_", _one_line(name or "")).removesuffix(".pdf").strip(". ")
    return f"{stem[:_LONGEST_NAME] or 'van-ban'}.pdf"


def _verdict(status: int, answer: bytes | str, mail: Mail) -> InvalidInputError | UnavailableError:
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    facts = {"message_id": mail.message_id, "status": status, "answer": _one_line(said)[:300]}
    if 500 <= status < 600:
        return MailRefusedError(f"the mail server refused the mail for good ({status})", **facts)
    return MailServerUnavailableError(f"the mail server put the mail off ({status}); try again later", **facts)


def _unavailable(parts: SplitResult, error: Exception) -> MailServerUnavailableError:
    return MailServerUnavailableError(
        f"the mail server {_host(parts)}:{_port(parts)} did not take the mail ({error}); check it, then try again"
    )
