"""A mail server that counts copies and can hold a conversation at the moment at which its client is to die."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

SLOW = 0.08  #: seconds for each mail, so that a worker is mostly in the middle of one


class Postbox:
    """Keeps (recipient, Message-ID) of each copy that it takes."""

    def __init__(self, slow: float) -> None:
        self._slow = slow
        self.copies: Counter[tuple[str, str]] = Counter()
        self.talking = threading.Event()  # a client has sent a mail and waits for the answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Take a mail; as far as we are concerned it is delivered from now on, whatever the client hears of it."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.copies[envelope.rcpt_tos[0], str(message_from_bytes(content)["Message-ID"])] += 1
        self.talking.set()
        await asyncio.sleep(self._slow)
        return "250 OK"


@contextmanager
def taking_mail(slow: float = SLOW) -> Iterator[tuple[Postbox, str]]:
    """Run the server on a free port of this machine; yield it and its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    postbox = Postbox(slow)
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield postbox, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()
