"""Many tasks advanced in one act: the job, and a verdict for each task (issue 5)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, DossierId, OfficerId, TaskId
from engine.store.base import Base


class TaskBatch(Base):
    """The act of one officer on many tasks of the same step."""

    __tablename__ = "task_batch"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    made_by: Mapped[OfficerId] = mapped_column(ForeignKey("officer.id"), index=True)
    made_at: Mapped[datetime]
    step: Mapped[str] = mapped_column(String(300))  # name of the step that they stand at
    outcome: Mapped[str] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), index=True)  # running | done | undoing | undone
    finished_at: Mapped[datetime | None]
    undo_until: Mapped[datetime | None]


class TaskBatchLine(Base):
    """One task of a batch and what became of it."""

    __tablename__ = "task_batch_line"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("task_batch.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    task_id: Mapped[TaskId] = mapped_column(ForeignKey("task.id"))
    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"))
    state: Mapped[str] = mapped_column(String(12))  # waiting | done | refused | undone | kept
    code: Mapped[str | None] = mapped_column(String(60))  # of the error that refused it, or that kept it from undo
    why: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]


class TaskBatchStore:
    """Queries over batches of tasks."""

    def __init__(self, session: Session) -> None:
        self._session = session
