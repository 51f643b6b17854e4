"""Version moves: open dossiers of a procedure taken to a newer version, with a verdict for each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, DossierId, OfficerId, ProcedureId, VersionId
from engine.store.base import Base, text_enum


class MoveState(StrEnum):
    """Where a version move stands."""

    RUNNING = "running"
    DONE = "done"
    UNDONE = "undone"


class Verdict(StrEnum):
    """What became, or would become, of one dossier in a version move."""

    MOVES = "moves"
    MOVES_DATE = "moves_date"  #: moves, and its due date changes
    BLOCKED = "blocked"  #: a step at which it stands is gone from the new version
    LEFT = "left"  #: the administrator left it on its version
    UNDONE = "undone"  #: was moved and taken back


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


class VersionMoveVerdict(Base):
    """What became of one dossier, and what is needed to take it back."""

    __tablename__ = "version_move_verdict"
    __table_args__ = (Index("ix_version_move_verdict_dossier", "dossier_id"),)

    move_id: Mapped[int] = mapped_column(ForeignKey("version_move.id"), primary_key=True)
    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    verdict: Mapped[Verdict] = mapped_column(text_enum(Verdict))
    why: Mapped[str] = mapped_column(Text, default="")
    from_version_id: Mapped[VersionId] = mapped_column(ForeignKey("procedure_version.id"))
    state_before: Mapped[bytes | None] = mapped_column(LargeBinary)  # of the process instance, for the undo
    event_seq: Mapped[int | None] = mapped_column(Integer)  # of the dossier when it had moved
    due_before: Mapped[datetime | None]
    due_after: Mapped[datetime | None]
    decided_at: Mapped[datetime]


class VersionMoveStore:
    """Queries over version moves."""

    def __init__(self, session: Session) -> None:
        self._session = session
