"""Work items, hand-over lines and the stored state of process instances."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.dossier import TaskState
from engine.domain.ids import AgencyId, DossierId, OfficerId, TaskId, UnitId, VersionId
from engine.errors import NotFoundError
from engine.store.base import Base, text_enum


class TaskNotFoundError(NotFoundError):
    """There is no such task."""

    code = "task-not-found"


class ProcessInstance(Base):
    """The running process of a dossier: the runner's state without its model (engine.md §8)."""

    __tablename__ = "process_instance"

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    version_id: Mapped[VersionId] = mapped_column(ForeignKey("procedure_version.id"))
    state: Mapped[bytes] = mapped_column(LargeBinary)


class Task(Base):
    """A work item: a user task of the model that waits for, or was done by, a person."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_open_unit", "unit_id", "due_at", postgresql_where=text("state = 'open'"),
              sqlite_where=text("state = 'open'")),
        Index("ix_task_open_assignee", "assignee_id", "due_at", postgresql_where=text("state = 'open'"),
              sqlite_where=text("state = 'open'")),
        Index("ix_task_open_dossier", "dossier_id", postgresql_where=text("state = 'open'"),
              sqlite_where=text("state = 'open'")),
        Index("ix_task_closed_at", "closed_at"),
    )  # fmt: skip

    id: Mapped[TaskId] = mapped_column(primary_key=True)
    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), index=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))  # the agency that has to act
    process_task: Mapped[str] = mapped_column(String(40))  # id inside the process instance
    node: Mapped[str] = mapped_column(String(120))  # element id in the model
    name: Mapped[str] = mapped_column(String(300))
    phase: Mapped[str] = mapped_column(String(12))  # reception | processing | return
    stage: Mapped[int]  # number of the stage, 0 outside the stages
    unit_id: Mapped[UnitId] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[TaskState] = mapped_column(text_enum(TaskState))
    assignee_id: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # when its stage should be done; advice, the promise decides
    claimed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    outcome: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)
    came_from: Mapped[TaskId | None]  # the task whose completion opened it
    before: Mapped[bytes | None] = mapped_column(LargeBinary)  # the process state just before it was completed
    first_seq: Mapped[int | None]  # of the events of the act that completed it
    last_seq: Mapped[int | None]


class Handover(Base):
    """A line of the control slip (form 06): who gave, who took, when, and how the giver stood (domain.md §2.7)."""

    __tablename__ = "handover"

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    from_unit_id: Mapped[UnitId] = mapped_column(ForeignKey("unit.id"))
    to_unit_id: Mapped[UnitId] = mapped_column(ForeignKey("unit.id"))
    given_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    given_at: Mapped[datetime]
    result: Mapped[str] = mapped_column(String(10))  # early | on_time | late: of the giver's stage
    taken_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    taken_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(Text)


class Placed(Protocol):
    """What of an open task says where its dossier is; a task, or a row of a query."""

    @property
    def stage(self) -> int: ...

    @property
    def opened_at(self) -> datetime: ...

    @property
    def due_at(self) -> datetime | None: ...


_P = TypeVar("_P", bound=Placed)


def current(tasks: Iterable[_P]) -> _P | None:
    """Return the open task that says where a dossier is: of its last stage, and there the one opened last."""
    staged = [task for task in tasks if task.stage > 0]
    return max(staged, key=lambda task: (task.stage, task.opened_at), default=None)


class TaskStore:
    """Queries over work items, hand-overs and process instances.

    What a dossier has is read once a transaction and kept here, so that a step does not ask again for what it changes.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._open: dict[DossierId, list[Task]] = {}
        self._handovers: dict[DossierId, list[Handover]] = {}
        self._processes: dict[DossierId, ProcessInstance] = {}

    def read(self, dossier_ids: Collection[DossierId]) -> None:
        """Read open tasks and process instances of up to 500 dossiers at once, for a unit that writes nothing.

        What was read ahead before is let go.
        """
        self._open = {each: [] for each in dossier_ids}
        for task in self._session.scalars(
            select(Task).where(Task.dossier_id.in_(dossier_ids), Task.state == TaskState.OPEN)
        ):
            self._open[task.dossier_id].append(task)
        instances = select(ProcessInstance).where(ProcessInstance.dossier_id.in_(dossier_ids))
        self._processes = {row.dossier_id: row for row in self._session.scalars(instances)}

    def add(self, row: Task | Handover | ProcessInstance) -> None:
        """Add a row; it is written with the transaction."""
        if isinstance(row, Task):
            self._known_open(row.dossier_id).append(row)
        elif isinstance(row, Handover):
            self._known_handovers(row.dossier_id).append(row)
        else:
            self._processes[row.dossier_id] = row
        self._session.add(row)

    def reopen(self, task: Task) -> None:
        """Open a task again that was closed, for who had it."""
        known = self._known_open(task.dossier_id)
        task.state, task.closed_at, task.closed_by, task.outcome, task.note = TaskState.OPEN, None, None, None, None
        if task not in known:
            known.append(task)

    def withdraw(self, line: Handover) -> None:
        """Take the last hand-over line away."""
        self._known_handovers(line.dossier_id).remove(line)
        self._session.delete(line)

    def get(self, task_id: TaskId) -> Task:
        """Return the task with that id.

        Raises:
            TaskNotFoundError: there is none.
        """
        task = self._session.get(Task, task_id)
        if task is None:
            raise TaskNotFoundError(f"there is no task with id {task_id}")
        return task

    def open_of(self, dossier_id: DossierId) -> list[Task]:
        """Return the open tasks of a dossier by id, as this transaction has made them."""
        tasks = [task for task in self._known_open(dossier_id) if task.state is TaskState.OPEN]
        return sorted(tasks, key=lambda task: task.id)

    def all_of(self, dossier_id: DossierId) -> list[Task]:
        """Return all tasks of a dossier in the order they were opened."""
        query = select(Task).where(Task.dossier_id == dossier_id).order_by(Task.opened_at, Task.id)
        return list(self._session.scalars(query))

    def open_count_of(self, officer_id: OfficerId) -> int:
        """Return how many open tasks an officer has claimed."""
        mine = (Task.assignee_id == officer_id, Task.state == TaskState.OPEN)
        return self._session.scalar(select(func.count()).select_from(Task).where(*mine)) or 0

    def process(self, dossier_id: DossierId) -> ProcessInstance:
        """Return the process instance of a dossier."""
        row = self._processes.get(dossier_id) or self._session.get(ProcessInstance, dossier_id)
        if row is None:
            raise TaskNotFoundError(f"dossier {dossier_id} has no process instance")
        self._processes[dossier_id] = row
        return row

    def handovers(self, dossier_id: DossierId) -> list[Handover]:
        """Return the hand-over lines in order."""
        return list(self._known_handovers(dossier_id))

    def _known_open(self, dossier_id: DossierId) -> list[Task]:
        if dossier_id not in self._open:
            query = select(Task).where(Task.dossier_id == dossier_id, Task.state == TaskState.OPEN)
            self._open[dossier_id] = list(self._session.scalars(query))
        return self._open[dossier_id]

    def _known_handovers(self, dossier_id: DossierId) -> list[Handover]:
        if dossier_id not in self._handovers:
            query = select(Handover).where(Handover.dossier_id == dossier_id).order_by(Handover.no)
            self._handovers[dossier_id] = list(self._session.scalars(query))
        return self._handovers[dossier_id]
