"""Version moves: open dossiers of a procedure taken to a newer version, with a verdict for each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    Text,
    and_,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, DossierId, OfficerId, ProcedureId, VersionId
from engine.domain.version_moves import MoveState as MoveState  # part of this module's interface, as is Verdict
from engine.domain.version_moves import Verdict as Verdict
from engine.errors import NotFoundError
from engine.store.base import Base, text_enum
from engine.store.dossiers import OPEN_STATUSES, Dossier


class VersionMoveNotFoundError(NotFoundError):
    """The procedure has no version move with that number."""

    code = "version-move-not-found"


class VersionMove(Base):
    """One act that takes open dossiers to a version."""

    __tablename__ = "version_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), index=True)
    procedure_id: Mapped[ProcedureId] = mapped_column(ForeignKey("procedure.id"))
    to_version_id: Mapped[VersionId] = mapped_column(ForeignKey("procedure_version.id"))
    mapping: Mapped[dict[str, Any]]  # old step -> new step; null leaves dossiers that stand there
    dates: Mapped[str] = mapped_column(String(8))  # follow | keep: whether the new limit moves promises
    ground: Mapped[str] = mapped_column(Text)
    state: Mapped[MoveState] = mapped_column(text_enum(MoveState))
    made_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    undone_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))


class VersionMoveVerdict(Base):
    """What became of one dossier, and what is needed to take it back."""

    __tablename__ = "version_move_verdict"
    __table_args__ = (Index("ix_version_move_verdict_dossier", "dossier_id"),)

    move_id: Mapped[int] = mapped_column(ForeignKey("version_move.id"), primary_key=True)
    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    verdict: Mapped[Verdict] = mapped_column(text_enum(Verdict))
    why: Mapped[list[Any]]  # reason, and where it is of a place: node, name
    from_version_id: Mapped[VersionId] = mapped_column(ForeignKey("procedure_version.id"))
    state_before: Mapped[bytes | None] = mapped_column(
        LargeBinary
    )  # of the process; None: no undo, or it was looked at
    event_seq: Mapped[int] = mapped_column(Integer)  # of the dossier when the verdict was there, and it had moved
    due_before: Mapped[datetime | None]
    due_after: Mapped[datetime | None]
    decided_at: Mapped[datetime]


class VersionMoveStore:
    """Queries over version moves."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: VersionMove | VersionMoveVerdict) -> None:
        """Add a move, which gets its number, or a verdict."""
        self._session.add(row)
        self._session.flush()

    def get(self, move_id: int, *, lock: bool = False) -> VersionMove:
        """Return the move with that number.

        Args:
            lock: other writers wait until the transaction ends (PostgreSQL).

        Raises:
            VersionMoveNotFoundError: there is none.
        """
        query = select(VersionMove).where(VersionMove.id == move_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        move = self._session.scalar(query)
        if move is None:
            raise VersionMoveNotFoundError(f"there is no version move {move_id}", move=move_id)
        return move

    def of(self, procedure_id: ProcedureId) -> list[VersionMove]:
        """Return the moves of a procedure, newest first."""
        query = select(VersionMove).where(VersionMove.procedure_id == procedure_id)
        return list(self._session.scalars(query.order_by(VersionMove.id.desc())))

    def under_way(self) -> list[int]:
        """Return the numbers of the moves that are carried out or taken back, oldest first."""
        states = (MoveState.RUNNING, MoveState.UNDOING)
        return list(
            self._session.scalars(select(VersionMove.id).where(VersionMove.state.in_(states)).order_by(VersionMove.id))
        )

    def elsewhere(
        self, procedure_id: ProcedureId, to: VersionId, *, after: DossierId | None, limit: int
    ) -> list[DossierId]:
        """Return open dossiers of a procedure that are on another version than ``to``, by id from after ``after``."""
        return self._some(select(Dossier.id).where(*_elsewhere(procedure_id, to)), after, limit)

    def open_by_version(self, procedure_id: ProcedureId) -> dict[VersionId, int]:
        """Return how many open dossiers of a procedure are on each of its versions."""
        query = select(Dossier.version_id, func.count()).where(
            Dossier.procedure_id == procedure_id, Dossier.status.in_(OPEN_STATUSES), Dossier.source.is_(None)
        )
        return {row[0]: row[1] for row in self._session.execute(query.group_by(Dossier.version_id))}

    def to_judge(self, move: VersionMove, *, after: DossierId | None, limit: int) -> list[DossierId]:
        """Return open dossiers without a verdict of this move, by id from after ``after``."""
        judged = _verdict_of(move.id).exists()
        found = select(Dossier.id).where(*_elsewhere(move.procedure_id, move.to_version_id), ~judged)
        return self._some(found, after, limit)

    def count_to_judge(self, move: VersionMove) -> int:
        """Count the dossiers of ``to_judge``."""
        found = select(func.count()).select_from(Dossier).where(*_elsewhere(move.procedure_id, move.to_version_id))
        return self._session.scalar(found.where(~_verdict_of(move.id).exists())) or 0

    def changed_since(self, move: VersionMove) -> bool:
        """Tell whether an open dossier on another version has no verdict of this move, or changed after it."""
        same = _verdict_of(move.id).where(VersionMoveVerdict.event_seq == Dossier.event_seq).exists()
        found = select(Dossier.id).where(*_elsewhere(move.procedure_id, move.to_version_id), ~same)
        return self._session.scalar(found.limit(1)) is not None

    def to_undo(self, move_id: int, *, after: DossierId | None, limit: int) -> list[DossierId]:
        """Return dossiers that a move took along and whose undo nobody has looked at, by id from after ``after``."""
        query = select(VersionMoveVerdict.dossier_id).where(_undoable(move_id))
        if after is not None:
            query = query.where(VersionMoveVerdict.dossier_id > after)
        return list(self._session.scalars(query.order_by(VersionMoveVerdict.dossier_id).limit(limit)))

    def count_to_undo(self, move_id: int) -> int:
        """Count the dossiers of ``to_undo``."""
        query = select(func.count()).select_from(VersionMoveVerdict).where(_undoable(move_id))
        return self._session.scalar(query) or 0

    def verdict(self, move_id: int, dossier_id: DossierId) -> VersionMoveVerdict | None:
        """Return what became of a dossier in a move, if it has been judged."""
        return self._session.get(VersionMoveVerdict, (move_id, dossier_id))

    def counts(self, move_ids: Collection[int]) -> dict[int, dict[Verdict, int]]:
        """Return how many dossiers have each verdict, by move."""
        found: dict[int, dict[Verdict, int]] = {number: {} for number in move_ids}
        query = select(VersionMoveVerdict.move_id, VersionMoveVerdict.verdict, func.count())
        query = query.where(VersionMoveVerdict.move_id.in_(move_ids))
        for number, verdict, count in self._session.execute(
            query.group_by(VersionMoveVerdict.move_id, VersionMoveVerdict.verdict)
        ):
            found[number][verdict] = count
        return found

    def verdicts(
        self, move_id: int, *, verdict: Verdict | None, after: DossierId | None, limit: int
    ) -> list[tuple[VersionMoveVerdict, str | None]]:
        """Return verdicts of a move with the dossier's code, by dossier from after ``after``."""
        query = select(VersionMoveVerdict, Dossier.code).join(Dossier, Dossier.id == VersionMoveVerdict.dossier_id)
        query = query.where(VersionMoveVerdict.move_id == move_id)
        if verdict is not None:
            query = query.where(VersionMoveVerdict.verdict == verdict)
        if after is not None:
            query = query.where(VersionMoveVerdict.dossier_id > after)
        rows = self._session.execute(query.order_by(VersionMoveVerdict.dossier_id).limit(limit))
        return [(row[0], row[1]) for row in rows]

    def _some(self, query: Select[DossierId], after: DossierId | None, limit: int) -> list[DossierId]:
        if after is not None:
            query = query.where(Dossier.id > after)
        return list(self._session.scalars(query.order_by(Dossier.id).limit(limit)))


TAKEN = (Verdict.MOVES, Verdict.MOVES_DATE)  #: verdicts of dossiers that went along


def _elsewhere(procedure_id: ProcedureId, to: VersionId) -> tuple[ColumnElement[bool], ...]:
    return (
        Dossier.procedure_id == procedure_id,
        Dossier.status.in_(OPEN_STATUSES),
        Dossier.version_id != to,
        Dossier.source.is_(None),  # what was imported has no process that could move
    )


def _undoable(move_id: int) -> ColumnElement[bool]:
    return and_(
        VersionMoveVerdict.move_id == move_id,
        VersionMoveVerdict.verdict.in_(TAKEN),
        VersionMoveVerdict.state_before.is_not(None),
    )


def _verdict_of(move_id: int) -> Select[int]:
    same = and_(VersionMoveVerdict.move_id == move_id, VersionMoveVerdict.dossier_id == Dossier.id)
    return select(VersionMoveVerdict.move_id).where(same)
