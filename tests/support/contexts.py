"""Contexts for tests: a turned clock, files in a temporary folder, recorded mail."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.domain.clock import TurnedClock
from engine.integrations.files import FolderFiles
from engine.ports import MailSender
from engine.settings import Settings
from engine.store.unit_of_work import Database
from tests.support.mail import RecordingMail
from tests.support.quickly import share_statements

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 3, 2, 8, 0, tzinfo=VIETNAM)  # a Monday in a week without days off


def make_settings(folder: Path, database_url: str, *, redis_url: str | None = None) -> Settings:
    """Return settings of which everything lies in the folder."""
    return Settings(
        data=folder,
        database_url=database_url,
        redis_url=redis_url,
        files=folder / "files",
        given_secret="only-for-tests-" + "0" * 32,
        smtp_url=None,
        mail_from="motcua@example.test",
        public_url="http://127.0.0.1:8000",
    )


def make_context(folder: Path, database_url: str, *, mail: MailSender | None = None) -> Context:
    """Return a context over a migrated database; mail is recorded unless a sender is given."""
    settings, database = make_settings(folder, database_url), Database(database_url)
    share_statements(database.engine)
    return Context(
        clock=TurnedClock(START),
        database=database,
        files=FolderFiles(settings.files),
        mail=RecordingMail() if mail is None else mail,
        settings=settings,
    )
