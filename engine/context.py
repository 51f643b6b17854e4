"""What every service receives: clock, transactions, files, mail, settings."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from uuid import UUID

import uuid_utils

from engine.domain.clock import Clock
from engine.domain.messages import Way
from engine.ports import FileStore, IndicatorSender, MailSender, RemoteSigner, TextSender
from engine.settings import Settings
from engine.store.unit_of_work import Database, UnitOfWork


@dataclass(frozen=True)
class Context:
    """Made once a process by bootstrap; a service takes everything it needs from here."""

    clock: Clock
    database: Database
    files: FileStore
    mail: MailSender | None  # None: no mail server is configured, mail waits in the outbox
    settings: Settings
    texts: Mapping[Way, TextSender] = field(default_factory=dict, hash=False)  # by telephone, as configured

    signer: RemoteSigner | None = None  # None: no signing service is configured
    centre: IndicatorSender | None = None  # None: no operations centre is told figures

    def unit_of_work(
        self, *, read_only: bool = False, changes_calendar: bool = False
    ) -> AbstractContextManager[UnitOfWork]:
        """Open a transaction; leaving the block commits it. Nobody else writes while one changes a calendar."""
        return self.database.unit_of_work(read_only=read_only, changes_calendar=changes_calendar)

    def new_id(self) -> UUID:
        """Return a UUIDv7 of the present instant: ordered by time, so that rows of one day lie together."""
        nanoseconds = round(self.clock.now().timestamp() * 1_000_000) * 1000
        return UUID(bytes=uuid_utils.uuid7(nanoseconds=nanoseconds).bytes)
