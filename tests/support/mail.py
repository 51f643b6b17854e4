"""A mail server that keeps what it is given."""

from __future__ import annotations

from engine.ports import Mail


class RecordingMail:
    """MailSender in memory: ``sent`` holds the mails; ``fail_with`` makes the next sends fail."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.fail_with: Exception | None = None

    def send(self, mail: Mail) -> None:
        """Keep the mail, or raise what the test asked for."""
        if self.fail_with is not None:
            raise self.fail_with
        self.sent.append(mail)
