"""Facts for statistics, one row a counted dossier, and the roll-ups that add them up (docs/decisions/0026).

A change of a fact writes two journal rows in the same transaction: what it was (weight -1) and what it is (+1). The
clock process adds the journal to the cells; a reader adds both, so that no number is ever behind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CursorResult, Date, Index, Integer, String, bindparam, insert, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.calendar import WorkingCalendar
from engine.domain.dossier import Channel
from engine.domain.fact_rules import Values
from engine.domain.ids import AgencyId, DossierId, OfficerId, ProcedureId, UnitId
from engine.domain.statistics import NEVER, Apologised, Outcome
from engine.store.base import Base
from engine.store.dossiers import Dossier
from engine.store.fact_parts import Known, read_known


class DossierFact(Base):
    """What statistics know of a dossier that was received; a chain is one row, that of its first (domain.md §1.7).

    Days that have not come are ``NEVER``. No foreign keys: rows are written and compared in bulk, ``verify`` finds
    orphans.
    """

    __tablename__ = "dossier_fact"
    __table_args__ = (
        Index("ix_dossier_fact_resolving_closed", "resolving_agency_id", "closed_on", "late_on"),
        Index("ix_dossier_fact_resolving_received", "resolving_agency_id", "received_on"),
        Index("ix_dossier_fact_resolving_late", "resolving_agency_id", "late_on"),
        Index("ix_dossier_fact_receiving_closed", "receiving_agency_id", "closed_on"),
        Index("ix_dossier_fact_returning_closed", "returning_agency_id", "closed_on"),
        Index("ix_dossier_fact_closed_on", "closed_on"),
        Index("ix_dossier_fact_received_on", "received_on"),
        Index("ix_dossier_fact_late_on", "late_on"),
    )

    dossier_id: Mapped[DossierId] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(String(60))
    receiving_agency_id: Mapped[AgencyId]
    resolving_agency_id: Mapped[AgencyId]
    returning_agency_id: Mapped[AgencyId]
    procedure_id: Mapped[ProcedureId]
    procedure_code: Mapped[str] = mapped_column(String(40))
    channel: Mapped[Channel] = mapped_column(String(12))
    unit_id: Mapped[UnitId | None]
    officer_id: Mapped[OfficerId | None]
    received_at: Mapped[datetime]
    received_on: Mapped[date] = mapped_column(Date)
    due_at: Mapped[datetime | None]
    late_after: Mapped[datetime | None]
    late_on: Mapped[date] = mapped_column(Date)
    closed_at: Mapped[datetime | None]
    closed_on: Mapped[date] = mapped_column(Date)
    outcome: Mapped[Outcome] = mapped_column(String(12))
    apologised: Mapped[Apologised] = mapped_column(String(8))
    apologised_on: Mapped[date] = mapped_column(Date)
    unkept_on: Mapped[date] = mapped_column(Date)
    used_minutes: Mapped[int | None]
    limit_minutes: Mapped[int | None]
    legal_minutes: Mapped[int | None]
    percent_used: Mapped[int]  # of the limit, rounded up; -1 while not known
    members: Mapped[int]  # dossiers of the chain, itself included
    event_seq: Mapped[int]  # of its events together: tells whether the row is of today
    # who and why, of a dossier that ended late; of an open one the cause that was named by now
    late_minutes: Mapped[int | None]  # office minutes after the promise
    late_cause: Mapped[str | None] = mapped_column(String(24))  # engine.domain.dossier.Cause
    charged_side: Mapped[str | None] = mapped_column(String(16))  # engine.domain.time_ledger.Side
    charged_agency_id: Mapped[AgencyId | None]
    charged_unit_id: Mapped[UnitId | None]
    # what the index of decision 766 counts (domain.md §5)
    has_obligation: Mapped[bool]
    paid_online: Mapped[bool]
    papers: Mapped[int]
    digitised: Mapped[int]
    reused: Mapped[int]
    has_result: Mapped[bool]
    electronic_result: Mapped[bool]
    source: Mapped[str | None] = mapped_column(String(40))  # the system that an imported dossier comes from


class _Rolled:
    """What both journal and cells tell dossiers apart by; half-months begin on the 1st and the 15th."""

    received_half: Mapped[date] = mapped_column(Date)
    closed_half: Mapped[date] = mapped_column(Date)
    late_half: Mapped[date] = mapped_column(Date)
    outcome: Mapped[str] = mapped_column(String(12))
    apologised: Mapped[str] = mapped_column(String(8))
    apologised_half: Mapped[date] = mapped_column(Date)
    unkept_half: Mapped[date] = mapped_column(Date)


class RollupDelta(_Rolled, Base):
    """The journal: a fact that came (weight 1) or went (-1) and is in no cell yet."""

    __tablename__ = "rollup_delta"
    __table_args__ = (Index("ix_rollup_delta_fold", "fold"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    weight: Mapped[int]
    fold: Mapped[int | None]  # the round that adds it to the cells
    receiving_agency_id: Mapped[AgencyId]
    resolving_agency_id: Mapped[AgencyId]
    returning_agency_id: Mapped[AgencyId]
    procedure_code: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(12))
    used_minutes: Mapped[int | None]
    limit_minutes: Mapped[int | None]
    legal_minutes: Mapped[int | None]
    percent_used: Mapped[int]


class RollupCell(Base):
    """How many dossiers are alike: by agency in one of three roles, by procedure or by channel over all agencies."""

    __tablename__ = "rollup_cell"
    __table_args__ = (Index("ix_rollup_cell_closed", "grain", "closed_half", "received_half"),)

    grain: Mapped[str] = mapped_column(String(12), primary_key=True)  # of ROLES, procedure or channel
    agency_id: Mapped[int] = mapped_column(primary_key=True)  # 0 for procedure and channel
    code: Mapped[str] = mapped_column(String(40), primary_key=True)  # of the procedure, or the channel; "" for agencies
    received_half: Mapped[date] = mapped_column(Date, primary_key=True)
    closed_half: Mapped[date] = mapped_column(Date, primary_key=True)
    late_half: Mapped[date] = mapped_column(Date, primary_key=True)
    outcome: Mapped[str] = mapped_column(String(12), primary_key=True)
    apologised: Mapped[str] = mapped_column(String(8), primary_key=True)
    apologised_half: Mapped[date] = mapped_column(Date, primary_key=True)
    unkept_half: Mapped[date] = mapped_column(Date, primary_key=True)
    dossiers: Mapped[int] = mapped_column(BigInteger)
    online: Mapped[int] = mapped_column(BigInteger)  # of them: filed online
    timed: Mapped[int] = mapped_column(BigInteger)  # of them: with used and promised time
    used_minutes: Mapped[int] = mapped_column(BigInteger)  # of those that are timed
    limit_minutes: Mapped[int] = mapped_column(BigInteger)
    legal_timed: Mapped[int] = mapped_column(BigInteger)  # of the timed: with a time that the law grants
    legal_used_minutes: Mapped[int] = mapped_column(BigInteger)
    legal_minutes: Mapped[int] = mapped_column(BigInteger)


class RollupTime(Base):
    """How many dossiers used which share of their limit: the histogram from which percentiles are read exactly."""

    __tablename__ = "rollup_time"
    __table_args__ = (Index("ix_rollup_time_closed", "grain", "closed_from"),)

    grain: Mapped[str] = mapped_column(String(12), primary_key=True)  # resolving | procedure; with -q by quarter
    agency_id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    closed_from: Mapped[date] = mapped_column(Date, primary_key=True)  # first day of the half-month, or quarter
    percent_used: Mapped[int] = mapped_column(primary_key=True)
    dossiers: Mapped[int] = mapped_column(BigInteger)


_FACT, _DELTA = (Base.metadata.tables[row.__tablename__] for row in (DossierFact, RollupDelta))
_COLUMNS = tuple(column.name for column in _FACT.columns)
_REPLACE = update(_FACT).where(
    _FACT.c.dossier_id == bindparam("b_id"),
    _FACT.c.event_seq == bindparam("b_seq"),
    _FACT.c.members == bindparam("b_members"),
)


class FactStore:
    """Queries over facts and the journal of the write side; reports read by themselves."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._noted: dict[DossierId, tuple[Dossier, WorkingCalendar]] = {}

    def note(self, dossier: Dossier, calendar: WorkingCalendar) -> None:
        """Remember that the fact of a dossier may have changed in this transaction, and the calendar it goes by."""
        self._noted[dossier.id] = dossier, calendar

    def take_noted(self) -> list[tuple[Dossier, WorkingCalendar]]:
        """Return what was noted since the last call, each dossier once."""
        noted, self._noted = self._noted, {}
        return list(noted.values())

    def dossiers(self, ids: Collection[DossierId]) -> list[Dossier]:
        """Return up to 500 dossiers as the database has them, whatever was read before."""
        query = select(Dossier).where(Dossier.id.in_(ids)).order_by(Dossier.id)
        return list(self._session.scalars(query.execution_options(populate_existing=True)))

    def known(self, ids: Collection[DossierId]) -> dict[DossierId, Known]:
        """Return of up to 500 dossiers what their facts are computed from, and the facts; in one statement."""
        return read_known(self._session, _FACT, ids)

    def insert(self, rows: Sequence[Values]) -> None:
        """Add facts of dossiers that have none; a second one of the same violates the key."""
        if rows:
            self._session.connection().execute(insert(_FACT), list(rows))

    def replace(self, rows: Sequence[tuple[Values, Mapping[str, Any]]]) -> bool:
        """Replace facts by what they are now, each beside what it was when it was read.

        Returns:
            Whether all of them still were so; if not, another transaction changed a dossier of the same chain first.
        """
        if not rows:
            return True
        values = [
            {**{name: row[name] for name in _COLUMNS if name != "dossier_id"}, "b_id": row["dossier_id"],
             "b_seq": before["event_seq"], "b_members": before["members"]}
            for row, before in rows
        ]  # fmt: skip
        done: CursorResult[Any] = self._session.connection().execute(_REPLACE, values)
        return done.rowcount == len(rows)

    def write_journal(self, rows: Sequence[Values]) -> None:
        """Add rows to the journal."""
        if rows:
            self._session.connection().execute(insert(_DELTA), list(rows))

    def unfilled(self, *, after: DossierId | None, limit: int) -> list[DossierId]:
        """Return ids of received dossiers without a fact, first ones of their chains, by id; and lock them."""
        query = select(Dossier.id).outerjoin(DossierFact, DossierFact.dossier_id == Dossier.id)
        query = query.where(
            Dossier.received_at.is_not(None), Dossier.follows_id.is_(None), DossierFact.dossier_id.is_(None)
        )
        if after is not None:
            query = query.where(Dossier.id > after)
        return list(self._session.scalars(query.order_by(Dossier.id).limit(limit).with_for_update(of=Dossier)))

    def all_after(
        self, after: DossierId | None, *, procedure: ProcedureId | None = None, limit: int
    ) -> list[DossierId]:
        """Return ids of dossiers that have a fact, by id from after ``after``.

        Args:
            procedure: only those of this procedure; None: of all.
        """
        query = select(DossierFact.dossier_id).order_by(DossierFact.dossier_id).limit(limit)
        if after is not None:
            query = query.where(DossierFact.dossier_id > after)
        if procedure is not None:
            query = query.where(DossierFact.procedure_id == procedure)
        return list(self._session.scalars(query))

    def closed_around(self, agencies: Collection[AgencyId], *, first: date, since: datetime) -> list[DossierId]:
        """Return closed dossiers of these resolving agencies whose time, or promise, reaches ``first`` or beyond.

        Args:
            since: the same as an instant, for promises.
        """
        query = select(DossierFact.dossier_id).where(
            DossierFact.resolving_agency_id.in_(agencies),
            DossierFact.closed_on != NEVER,
            or_(DossierFact.closed_on >= first, DossierFact.due_at >= since),
        )
        return list(self._session.scalars(query.order_by(DossierFact.dossier_id)))
