"""Running limits as rows with the instant at which the clock process must look at them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    func,
    select,
    text,
    update,
)
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.dossier import DeadlineKind, DeadlineState, PauseReason
from engine.domain.foresight import Ledger
from engine.domain.ids import AgencyId, DossierId, OfficerId
from engine.domain.limits import Limit
from engine.store.base import Base, text_enum
from engine.store.dossiers import Dossier, DossierAgency


class Deadline(Base):
    """A limit as a ledger: what was granted, what is left, since when it runs (issue rule; domain.md §1.5).

    ``promise_no`` counts the promises of a dossier; a pause or restart moves a promise and keeps its number, so
    that one lateness is one (dossier, promise).
    """

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("dossier_id", "kind", "promise_no"),
        Index("ix_deadline_wake", "wake_at", "id", postgresql_where=text("wake_at IS NOT NULL"),
              sqlite_where=text("wake_at IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"))
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    kind: Mapped[DeadlineKind] = mapped_column(text_enum(DeadlineKind))
    promise_no: Mapped[int]
    state: Mapped[DeadlineState] = mapped_column(text_enum(DeadlineState))
    limit: Mapped[str] = mapped_column("time_limit", String(120))  # as granted
    rest: Mapped[str] = mapped_column(String(200))  # what was left at ``running_from``
    running_from: Mapped[datetime | None]  # None while paused
    due_at: Mapped[datetime]
    late_after: Mapped[datetime]
    is_broken: Mapped[bool] = mapped_column(default=False)  # passed before a pause began: no pause cures it
    passed_at: Mapped[datetime | None]  # when it was marked as broken; late itself is derived, never this
    calendar_version: Mapped[str] = mapped_column(String(64))
    wake_at: Mapped[datetime | None]  # when the clock process has to act next
    wake_for: Mapped[str | None] = mapped_column(String(12))  # letter | passed | lapse
    attempts: Mapped[int] = mapped_column(default=0)  # failed wakes in a row

    @property
    def ledger(self) -> Ledger:
        """What the domain measures the promise by."""
        return Ledger(Limit.parse(self.limit), Limit.parse(self.rest), self.running_from, self.due_at)


class Pause(Base):
    """A half-open interval in which the clock of a dossier stood still."""

    __tablename__ = "pause"
    __table_args__ = (Index("ix_pause_started_at", "started_at"),)

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    reason: Mapped[PauseReason] = mapped_column(text_enum(PauseReason))
    ground: Mapped[str] = mapped_column(Text)  # legal ground
    started_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class FailingLimit:
    """A limit that the clock process could not handle ``attempts`` times in a row; tried again at ``wake_at``."""

    dossier_id: DossierId
    code: str | None  # None: not received yet
    attempts: int
    wake_at: datetime


class DeadlineStore:
    """Queries over limits and pauses."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._promises: dict[DossierId, Deadline | None] = {}  # read once a transaction
        self._pauses: dict[DossierId, list[Pause]] = {}  # read ahead, see ``read``

    def read(self, dossier_ids: Collection[DossierId]) -> None:
        """Read latest promise and pauses of up to 500 dossiers at once, for a unit that writes nothing.

        What was read ahead before is let go.
        """
        self._promises = dict.fromkeys(dossier_ids)
        self._pauses = {each: [] for each in dossier_ids}
        promises = select(Deadline).where(Deadline.dossier_id.in_(dossier_ids), Deadline.kind == DeadlineKind.PROMISE)
        for promise in self._session.scalars(promises.order_by(Deadline.promise_no)):
            self._promises[promise.dossier_id] = promise
        pauses = select(Pause).where(Pause.dossier_id.in_(dossier_ids)).order_by(Pause.dossier_id, Pause.no)
        for pause in self._session.scalars(pauses):
            self._pauses[pause.dossier_id].append(pause)

    def add(self, row: Deadline | Pause) -> None:
        """Add a row."""
        self._session.add(row)
        self._promises.pop(row.dossier_id, None)
        self._pauses.pop(row.dossier_id, None)
        self._session.flush()

    def promise(self, dossier_id: DossierId) -> Deadline | None:
        """Return the latest promise of a dossier, if it has one."""
        if dossier_id not in self._promises:
            self._promises[dossier_id] = self._session.scalar(
                select(Deadline)
                .where(Deadline.dossier_id == dossier_id, Deadline.kind == DeadlineKind.PROMISE)
                .order_by(Deadline.promise_no.desc())
                .limit(1)
            )
        return self._promises[dossier_id]

    def answer(self, dossier_id: DossierId) -> Deadline | None:
        """Return the citizen's running limit to supplement, if any."""
        return self._session.scalar(
            select(Deadline).where(
                Deadline.dossier_id == dossier_id,
                Deadline.kind == DeadlineKind.ANSWER,
                Deadline.state == DeadlineState.RUNNING,
            )
        )

    def extension(self, dossier_id: DossierId) -> Deadline | None:
        """Return the new date of an apology that is still to be kept, if any; it may stand still."""
        return self._session.scalar(
            select(Deadline).where(
                Deadline.dossier_id == dossier_id,
                Deadline.kind == DeadlineKind.EXTENSION,
                Deadline.state != DeadlineState.ENDED,
            )
        )

    def all_of(self, dossier_id: DossierId) -> list[Deadline]:
        """Return all limits of a dossier by kind and number."""
        return list(
            self._session.scalars(
                select(Deadline).where(Deadline.dossier_id == dossier_id).order_by(Deadline.kind, Deadline.promise_no)
            )
        )

    def pauses(self, dossier_id: DossierId) -> list[Pause]:
        """Return the pauses of a dossier in order."""
        if dossier_id in self._pauses:
            return list(self._pauses[dossier_id])
        return list(self._session.scalars(select(Pause).where(Pause.dossier_id == dossier_id).order_by(Pause.no)))

    def due_for_wake(self, now: datetime, limit: int) -> list[tuple[int, datetime, DossierId]]:
        """Return (id, wake_at, dossier) of the limits that the clock process must look at, oldest first."""
        rows = self._session.execute(
            select(Deadline.id, Deadline.wake_at, Deadline.dossier_id)
            .where(Deadline.wake_at.is_not(None), Deadline.wake_at <= now)
            .order_by(Deadline.wake_at, Deadline.id)
            .limit(limit)
        )
        return [(row[0], row[1], row[2]) for row in rows if row[1] is not None]

    def next_wake(self) -> datetime | None:
        """Return the earliest instant at which a limit has to be looked at."""
        return self._session.scalar(
            select(Deadline.wake_at).where(Deadline.wake_at.is_not(None)).order_by(Deadline.wake_at).limit(1)
        )

    def overdue(self, before: datetime) -> tuple[int, datetime | None]:
        """Return how many limits should have been looked at before that instant and were not, and the oldest's."""
        count, oldest_at = self._session.execute(
            select(func.count(), func.min(Deadline.wake_at)).where(Deadline.wake_at < before)
        ).one()
        return count, oldest_at

    def failing(self, until: datetime) -> int:
        """Return how many limits failed when they were looked at last, and are looked at again by that instant."""
        return self._session.scalar(select(func.count()).select_from(Deadline).where(_fails(until))) or 0

    def failing_of(self, agencies: Collection[AgencyId] | None, *, until: datetime, most: int) -> list[FailingLimit]:
        """Return those of ``failing`` whose dossier one of the agencies shares (None: all), the longest failing first.

        Args:
            most: how many at most.
        """
        rows = (
            select(Deadline.dossier_id, Dossier.code, Deadline.attempts, Deadline.wake_at)
            .join(Dossier, Dossier.id == Deadline.dossier_id)
            .where(_fails(until))
            .order_by(Deadline.attempts.desc(), Deadline.id)
            .limit(most)
        )
        if agencies is not None:
            theirs = select(DossierAgency.dossier_id).where(DossierAgency.owner_agency_id.in_(agencies))
            rows = rows.where(Deadline.dossier_id.in_(theirs))
        return [
            FailingLimit(dossier_id, code, attempts, wake_at)
            for dossier_id, code, attempts, wake_at in self._session.execute(rows)
            if wake_at is not None
        ]

    def claim(self, deadline_id: int, wake_at: datetime) -> Deadline | None:
        """Take a due limit if nobody did meanwhile: the guarded write decides who acts."""
        result: CursorResult[Any] = self._session.execute(  # type: ignore[assignment]  # an UPDATE has a row count
            update(Deadline).where(Deadline.id == deadline_id, Deadline.wake_at == wake_at).values(wake_at=None)
        )
        if result.rowcount != 1:
            return None
        return self._session.get(Deadline, deadline_id, populate_existing=True)


def _fails(until: datetime) -> ColumnElement[bool]:
    return and_(Deadline.attempts > 0, Deadline.wake_at <= until)
