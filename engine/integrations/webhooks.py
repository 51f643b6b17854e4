"""Short messages and figures handed over: a POST of JSON, signed in the manner of Standard Webhooks (libraries.md §15).

The address is one that the operator has configured, and nothing else is ever called: no redirect is followed, no
proxy of the environment asked, and in clear only this very machine is spoken to (speed_scale_faults_attacks.md S21).
"""

from __future__ import annotations

import hmac
import json
import ssl
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from engine.domain.clock import Clock, SystemClock
from engine.errors import InvalidInputError, UnavailableError
from engine.ports import ShortMessage

TIMEOUT_SECONDS = 20.0  #: for connecting and for the answer
SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with, none itself
_SECRET_BYTES = range(24, 65)  # as the specification asks
_WHERE = "the gateway's address (MOTCUA_SMS_URL, MOTCUA_ZALO_URL or MOTCUA_IOC_URL)"
_HAD_IT = 409  # Conflict: the gateway has a message of this id
_MAY_PASS = frozenset({408, 425, 429})  # of 4xx: too slow, too early, too many; the same again may work


class InvalidWebhookError(InvalidInputError):
    """The address of a gateway or the secret that signs is malformed."""

    code = "invalid-webhook"


class WebhookRefusedError(InvalidInputError):
    """The gateway refused the message for good."""

    code = "webhook-refused"


class WebhookUnavailableError(UnavailableError):
    """The gateway did not take the message now."""

    code = "webhook-unavailable"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where short messages are handed over; made from a checked address."""

    host: str
    port: int | None
    path: str  # with the query
    is_encrypted: bool


class Webhook:
    """One address that gets signed JSON, each in a connection of its own."""

    def __init__(self, url: str, secret: str, *, clock: Clock | None = None) -> None:
        """Read the address and the secret, ``whsec_`` and base64 of 24 to 64 bytes.

        Raises:
            InvalidWebhookError: one of them is malformed.
        """
        self._gateway, self._key = gateway(url), key_of(secret)
        self._clock = clock or SystemClock()

    def post(self, message_id: str, kind: str, data: Mapping[str, Any]) -> None:
        """Hand a message over: 2xx and 409 mean that the receiver has it.

        Raises:
            WebhookRefusedError: it answered 4xx; the same again would be refused again.
            WebhookUnavailableError: it did not answer, or 3xx or 5xx; try again later.
        """
        at = int(self._clock.now().timestamp())
        body = json.dumps(
            {"type": kind, "timestamp": self._clock.now().isoformat(), "data": dict(data)}, ensure_ascii=False
        ).encode()
        status = self._send(
            body,
            {
                "content-type": "application/json",
                "user-agent": "motcua",
                "webhook-id": message_id,
                "webhook-timestamp": str(at),
                "webhook-signature": signature(self._key, message_id=message_id, at=at, body=body),
            },
        )
        _judge(status, message_id)

    def _send(self, body: bytes, headers: dict[str, str]) -> int:
        try:
            with closing(self._connection()) as connection:
                connection.request("POST", self._gateway.path, body, headers)
                return connection.getresponse().status  # what else it says nobody looks at
        except (HTTPException, OSError) as error:  # a timeout and a wrong certificate are such, too
            # "from None" and the kind alone: an exception might quote what we sent
            raise WebhookUnavailableError(
                f"the gateway {self._gateway.host} did not answer ({type(error).__name__}); check it, then try again"
            ) from None

    def _connection(self) -> HTTPConnection:
        to = self._gateway
        if to.is_encrypted:
            return HTTPSConnection(to.host, to.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
        return HTTPConnection(to.host, to.port, timeout=TIMEOUT_SECONDS)


class WebhookTexts:
    """A ``TextSender`` that hands each message to one gateway."""

    def __init__(self, url: str, secret: str, *, channel: str, clock: Clock | None = None) -> None:
        """Read the address and the secret.

        Args:
            channel: ``sms`` or ``zalo``, said in the message's type.

        Raises:
            InvalidWebhookError: one of them is malformed.
        """
        self._webhook, self._channel = Webhook(url, secret, clock=clock), channel

    def send(self, message: ShortMessage) -> None:
        """Hand the message over; raises as ``Webhook.post``."""
        data = {"to": message.to, "text": message.text, "kind": message.kind, "language": message.language}
        self._webhook.post(message.id, f"message.{self._channel}", data)


class WebhookIndicators:
    """An ``IndicatorSender`` that hands the figures of a day to an operations centre."""

    def __init__(self, url: str, secret: str, *, clock: Clock | None = None) -> None:
        """Read the address and the secret.

        Raises:
            InvalidWebhookError: one of them is malformed.
        """
        self._webhook = Webhook(url, secret, clock=clock)

    def send(self, document_id: str, figures: Mapping[str, Any]) -> None:
        """Hand the figures over; raises as ``Webhook.post``."""
        self._webhook.post(document_id, "indicators.day", figures)


def gateway(url: str) -> Gateway:
    """Return where an address leads.

    Raises:
        InvalidWebhookError: it is malformed, holds a password, or is in clear to another machine. The message does
            not repeat it: the path of a gateway may hold a key.
    """
    try:
        parts = urlsplit(url)
        port = parts.port  # reading it checks it
    except ValueError as error:
        raise InvalidWebhookError(f"{_WHERE} has an impossible host or port") from error
    if any(not "!" <= char <= "~" for char in url) or parts.username is not None or not parts.hostname or port == 0:
        raise InvalidWebhookError(f"{_WHERE} looks like https://gateway.example/messages, without a password in it")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts.hostname)):
        raise InvalidWebhookError(f"{_WHERE} begins with https://; http:// is only for 127.0.0.1, [::1] or localhost")
    return Gateway(parts.hostname, port, _path(parts), parts.scheme == "https")


def key_of(secret: str) -> bytes:
    """Return the key in a secret such as ``whsec_…``.

    Raises:
        InvalidWebhookError: it is malformed.
    """
    try:
        key = b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or len(key) not in _SECRET_BYTES:
        raise InvalidWebhookError("MOTCUA_WEBHOOK_SECRET is whsec_ and the base64 of 24 to 64 random bytes")
    return key


def signature(key: bytes, *, message_id: str, at: int, body: bytes) -> str:
    """Return the signature over id, second and body: ``v1,`` and base64 of HMAC-SHA-256."""
    signed = b".".join((message_id.encode(), str(at).encode(), body))
    return f"v1,{b64encode(hmac.new(key, signed, sha256).digest()).decode()}"


def _judge(status: int, message_id: str) -> None:
    if 200 <= status < 300 or status == _HAD_IT:
        return
    if 400 <= status < 500 and status not in _MAY_PASS:
        raise WebhookRefusedError(f"the gateway refused the message for good ({status})", message_id=message_id)
    what = "sent us elsewhere, which is not followed" if 300 <= status < 400 else "put the message off"
    raise WebhookUnavailableError(f"the gateway {what} ({status})", message_id=message_id)


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _is_here(host: str) -> bool:
    # the canonical spellings only: 2130706433 and 0x7f.1 are some resolvers' 127.0.0.1, and 0.0.0.0 is anything
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
