"""Many tasks advanced in one act: the job, and a verdict for each task (issue 5)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, DossierId, OfficerId, TaskId
from engine.errors import NotFoundError
from engine.store.base import Base
from engine.store.dossiers import Dossier, DossierAgency
from engine.store.tasks import Task

RUNNING, DONE, UNDOING, UNDONE = "running", "done", "undoing", "undone"  #: states of a batch
UNDER_WAY = (RUNNING, UNDOING)


class TaskBatchNotFoundError(NotFoundError):
    """There is no such batch of tasks, or it is somebody else's."""

    code = "task-batch-not-found"


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


@dataclass(frozen=True, slots=True)
class Chosen:
    """A task with its dossier, and the agencies that may know of it."""

    task: Task
    dossier: Dossier
    agencies: frozenset[AgencyId]


class TaskBatchStore:
    """Queries over batches of tasks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, batch: TaskBatch, lines: list[TaskBatchLine]) -> None:
        """Add a batch with its lines; they are written with the transaction."""
        self._session.add(batch)
        self._session.flush()
        self._session.add_all(lines)

    def get(self, batch_id: UUID, *, lock: bool = False) -> TaskBatch:
        """Return the batch with that id, as it is in the database now.

        Raises:
            TaskBatchNotFoundError: there is none.
        """
        batch = self._session.get(TaskBatch, batch_id, with_for_update=lock, populate_existing=True)
        if batch is None:
            raise TaskBatchNotFoundError(f"there is no batch of tasks with id {batch_id}")
        return batch

    def lines(self, batch_id: UUID) -> list[TaskBatchLine]:
        """Return the lines of a batch in order."""
        query = select(TaskBatchLine).where(TaskBatchLine.batch_id == batch_id).order_by(TaskBatchLine.no)
        return list(self._session.scalars(query))

    def line(self, batch_id: UUID, no: int) -> TaskBatchLine:
        """Return a line of a batch, as it is in the database now."""
        line = self._session.get(TaskBatchLine, (batch_id, no), populate_existing=True)
        if line is None:
            raise TaskBatchNotFoundError(f"the batch {batch_id} has no line {no}")
        return line

    def numbers(self, batch_id: UUID, state: str, *, after: int, limit: int) -> list[int]:
        """Return the numbers of lines in a state, in order, behind a number."""
        query = select(TaskBatchLine.no).where(
            TaskBatchLine.batch_id == batch_id, TaskBatchLine.state == state, TaskBatchLine.no > after
        )
        return list(self._session.scalars(query.order_by(TaskBatchLine.no).limit(limit)))

    def under_way(self) -> list[UUID]:
        """Return the batches that have not ended, oldest first."""
        query = select(TaskBatch.id).where(TaskBatch.state.in_(UNDER_WAY)).order_by(TaskBatch.made_at, TaskBatch.id)
        return list(self._session.scalars(query))

    def chosen(self, task_ids: Collection[TaskId]) -> dict[TaskId, Chosen]:
        """Return tasks with their dossier and the agencies that may know of it, in two statements."""
        query = select(Task, Dossier).join(Dossier, Dossier.id == Task.dossier_id).where(Task.id.in_(task_ids))
        rows = self._session.execute(query).all()
        shared: dict[DossierId, set[AgencyId]] = {dossier.id: set() for _, dossier in rows}
        part = select(DossierAgency.dossier_id, DossierAgency.owner_agency_id)
        for dossier_id, agency in self._session.execute(part.where(DossierAgency.dossier_id.in_(shared))):
            shared[dossier_id].add(agency)
        return {task.id: Chosen(task, dossier, frozenset(shared[dossier.id])) for task, dossier in rows}
