"""Dossiers, their people and papers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.dossier import RUNNING, UNFINISHED, Channel, Decision, ResultChannel, Status
from engine.domain.foresight import Marks
from engine.domain.ids import AgencyId, DossierId, OfficerId, ProcedureId, VersionId
from engine.errors import NotFoundError
from engine.store.base import Base, text_enum

OPEN_STATUSES = (1, 2, 4, 5, 6)
RUNNING_STATUSES = tuple(sorted(status.value for status in RUNNING))


class DossierNotFoundError(NotFoundError):
    """There is no such dossier, or the actor may not know of it."""

    code = "dossier-not-found"


class Dossier(Base):
    """The snapshot of a dossier: what its events add up to (contract §2 ``verify``)."""

    __tablename__ = "dossier"
    # Worklists read these in their order and stop at the end of the page, however much has been closed (decision 0022).
    # Conditions are written as the queues write theirs: the planner takes an index only where it sees that they agree.
    __table_args__ = (
        Index("ix_dossier_agency_status_due", "owner_agency_id", "status", "due_at"),
        Index("ix_dossier_received_at", "received_at"),
        Index("ix_dossier_resolved", "resolving_agency_id", "finished_at"),
        Index(
            "uq_dossier_source",
            "source",
            "source_key",
            unique=True,
            postgresql_where=text("source IS NOT NULL"),
            sqlite_where=text("source IS NOT NULL"),
        ),
        *(
            Index(name, *columns, postgresql_where=text(condition), sqlite_where=text(condition))
            for name, columns, condition in (
                ("ix_dossier_open", ("due_at", "id"), "status IN (1, 2, 4, 5, 6)"),
                ("ix_dossier_finished", ("due_at", "id"), "status IN (3, 7, 8, 9, 10)"),
                ("ix_dossier_to_return", ("due_at", "id"), "status = 9"),
                ("ix_dossier_waiting", ("returning_agency_id", "finished_at"), "status = 9"),
                ("ix_dossier_ended", ("id",), "status IN (3, 7, 8, 10)"),
                ("ix_dossier_paused", ("due_at", "id"), "is_paused IS true"),
                ("ix_dossier_nears", ("nears_at",), "status IN (2, 4) AND is_paused IS false"),
                ("ix_dossier_foreseen", ("foreseen_at",), "status IN (2, 4) AND is_paused IS false"),
                ("ix_dossier_undated", ("id",), "due_at IS NULL"),
                ("ix_dossier_returned", ("ended_at",), "status = 10"),
            )
        ),
        Index("ix_dossier_search", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}).ddl_if(
            dialect="postgresql"
        ),
    )

    id: Mapped[DossierId] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))  # whose row: the receiving agency
    receiving_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    resolving_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    returning_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    code: Mapped[str | None] = mapped_column(String(60), unique=True)  # mã hồ sơ, given at receipt
    procedure_id: Mapped[ProcedureId] = mapped_column(ForeignKey("procedure.id"), index=True)
    version_id: Mapped[VersionId] = mapped_column(ForeignKey("procedure_version.id"))
    form_set: Mapped[str] = mapped_column(String(20))
    calendar_version: Mapped[str | None] = mapped_column(String(64))  # of the latest computed promise
    channel: Mapped[Channel] = mapped_column(text_enum(Channel))
    result_channel: Mapped[ResultChannel] = mapped_column(text_enum(ResultChannel))
    case: Mapped[str | None] = mapped_column("case_name", String(120))
    status: Mapped[int]
    decision: Mapped[Decision | None] = mapped_column(text_enum(Decision))
    submitted_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # the promise; stands while paused, moves on resume or restart
    late_after: Mapped[datetime | None]  # derived from due_at; None while a pause leaves the promise open
    is_provisional: Mapped[bool] = mapped_column(default=False)  # a year without decision was counted
    is_paused: Mapped[bool] = mapped_column(default=False)
    nears_at: Mapped[datetime | None]  # when the share of the limit that the agency calls near is used up
    foreseen_at: Mapped[datetime | None]  # from when what is left of the stages does not fit any more
    missed_late_after: Mapped[datetime | None]  # ``late_after`` of an earlier appointment that was missed
    extended_due_at: Mapped[datetime | None]  # from an apology; beside the promise, never instead of it
    extension_broken_at: Mapped[datetime | None]  # when that date was marked as not kept
    notify_by: Mapped[str] = mapped_column(String(8), default="email", server_default="email")  # email|sms|zalo|none
    notify_language: Mapped[str] = mapped_column(String(2), default="vi", server_default="vi")
    finished_at: Mapped[datetime | None]  # decision issued: business time ends (domain.md §1.11)
    ended_at: Mapped[datetime | None]  # returned, withdrawn, stopped or not received
    supplement_count: Mapped[int] = mapped_column(default=0)
    extension_count: Mapped[int] = mapped_column(default=0)
    event_seq: Mapped[int] = mapped_column(default=0)  # of the last event; the tail cannot be cut unseen
    event_hash: Mapped[str] = mapped_column(String(64), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # answers to the procedure's form
    follows_id: Mapped[DossierId | None] = mapped_column(index=True)  # the dossier whose result filed this one
    authorisation: Mapped[str | None] = mapped_column(String(300))  # paper by which somebody files for another
    received_late: Mapped[bool] = mapped_column(default=False, server_default="0")  # written down after the receipt
    late_cause: Mapped[str | None] = mapped_column(String(24))  # why it is late, when no letter of apology says so
    source: Mapped[str | None] = mapped_column(String(40))  # the system that it was imported from
    source_key: Mapped[str | None] = mapped_column(String(120))  # its name there
    search: Mapped[str] = mapped_column(Text, default="")  # folded: code, name, identity number, phone
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - two writers: the second is refused

    def marks(self, *, late: bool) -> Marks:
        """Return what decides how its clock stands; ``late`` is derived by the caller."""
        return Marks(late, Status(self.status) in UNFINISHED, self.is_paused, self.nears_at, self.foreseen_at)

    def counts_at(self, now: datetime) -> datetime:
        """Return the instant until which its time counts: the end of processing, its end, or now (domain.md §1.11)."""
        return self.finished_at or self.ended_at or now


class DossierAgency(Base):
    """Which agencies may see a dossier; the ground for row-level security (decision 0005)."""

    __tablename__ = "dossier_agency"

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), primary_key=True)

    __table_args__ = (Index("ix_dossier_agency_agency", "owner_agency_id", "dossier_id"),)


class Party(Base):
    """Personal data of a dossier, apart from everything else so that it can be masked or erased."""

    __tablename__ = "party"

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(12), primary_key=True)  # applicant | owner | authoriser
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    name: Mapped[str] = mapped_column(String(200))
    identity_number: Mapped[str | None] = mapped_column(String(20), index=True)
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(200))
    address: Mapped[str | None] = mapped_column(String(300))
    salt: Mapped[str] = mapped_column(String(32))  # of the digest that the event keeps instead of the data


class Paper(Base):
    """A component of the dossier (thành phần hồ sơ)."""

    __tablename__ = "paper"

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    code: Mapped[str] = mapped_column(String(60), default="")
    name: Mapped[str] = mapped_column(String(300))
    originals: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str | None] = mapped_column(String(200))
    media_type: Mapped[str | None] = mapped_column(String(100))
    added_at: Mapped[datetime]
    added_by: Mapped[OfficerId | None]  # no foreign key: the column came to a table that SQLite cannot alter
    source: Mapped[str] = mapped_column(String(12), default="filed", server_default="filed")  # filed | reused | added
    source_dossier_id: Mapped[DossierId | None]  # from where a paper was taken over that we had already
    source_no: Mapped[int | None]
    replaces_no: Mapped[int | None]  # the paper of which this is a new version
    supplement_no: Mapped[int | None]  # the request that it answers


class Supplement(Base):
    """A request to complete the dossier (form 02)."""

    __tablename__ = "supplement"

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    stage: Mapped[str] = mapped_column(String(12))  # reception | appraisal
    clock: Mapped[str] = mapped_column(String(12))  # pause | restart
    reason: Mapped[str] = mapped_column(Text)
    items: Mapped[list[Any]]
    requested_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    requested_at: Mapped[datetime]
    answer_due_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    lapsed_at: Mapped[datetime | None]


class Obligation(Base):
    """A financial obligation: fee, charge or tax notice (domain.md §1.8)."""

    __tablename__ = "obligation"

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    amount_vnd: Mapped[int] = mapped_column(BigInteger)
    notice: Mapped[str] = mapped_column(String(200))  # number of the notice, or what it is for
    raised_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    raised_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_how: Mapped[str | None] = mapped_column(String(20))  # paid | exempt | deferred
    paid_by: Mapped[str | None] = mapped_column(String(12))  # cash | transfer | online, of what was paid
    reference: Mapped[str | None] = mapped_column(String(200))


class DossierStore:
    """Queries over single dossiers; lists are in engine.reports.worklists."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._new: dict[DossierId, list[Base]] = {}  # parts of dossiers that this unit has made: nobody else adds any

    def add(self, dossier: Dossier) -> None:
        """Add a dossier."""
        self._session.add(dossier)
        self._session.flush()
        self._new[dossier.id] = []

    def add_part(self, row: Party | Paper | Supplement | Obligation | DossierAgency) -> None:
        """Add a row that belongs to a dossier."""
        self._session.add(row)
        self._new.get(row.dossier_id, []).append(row)

    def remove_party(self, party: Party) -> None:
        """Take a person out of a dossier, with all their data."""
        self._session.delete(party)
        self._new.pop(party.dossier_id, None)

    def find(self, dossier_id: DossierId) -> Dossier | None:
        """Return the dossier with that id, if any."""
        return self._session.get(Dossier, dossier_id)

    def count_of(self, agency_id: AgencyId, statuses: Collection[Status]) -> int:
        """Return how many dossiers an agency receives or resolves that stand in these statuses."""
        concerned = or_(Dossier.receiving_agency_id == agency_id, Dossier.resolving_agency_id == agency_id)
        standing = Dossier.status.in_(sorted(status.value for status in statuses))
        return self._session.scalar(select(func.count()).select_from(Dossier).where(concerned, standing)) or 0

    def following(self, dossier_id: DossierId) -> list[Dossier]:
        """Return the dossiers that the result of this one has filed."""
        query = select(Dossier).where(Dossier.follows_id == dossier_id).order_by(Dossier.submitted_at, Dossier.id)
        return list(self._session.scalars(query))

    def get(self, dossier_id: DossierId) -> Dossier:
        """Return the dossier with that id.

        Raises:
            DossierNotFoundError: there is none.
        """
        dossier = self.find(dossier_id)
        if dossier is None:
            raise DossierNotFoundError(f"there is no dossier with id {dossier_id}")
        return dossier

    def has_any_of(self, procedure_id: ProcedureId) -> bool:
        """Whether a dossier of the procedure was ever filed."""
        return self._session.scalar(select(Dossier.id).where(Dossier.procedure_id == procedure_id).limit(1)) is not None

    def was_received(self, procedure_id: ProcedureId, *, since: datetime) -> bool:
        """Whether a dossier of the procedure was received at that instant or later."""
        query = select(Dossier.id).where(Dossier.procedure_id == procedure_id, Dossier.received_at >= since).limit(1)
        return self._session.scalar(query) is not None

    def lock(self, dossier_id: DossierId) -> Dossier:
        """Return the dossier and keep other writers waiting until the transaction ends (PostgreSQL)."""
        query = select(Dossier).where(Dossier.id == dossier_id).with_for_update()
        # what was read before the wait for the lock is stale
        dossier = self._session.scalar(query.execution_options(populate_existing=True))
        if dossier is None:
            raise DossierNotFoundError(f"there is no dossier with id {dossier_id}")
        return dossier

    def running(
        self, *, after: DossierId | None, resolving: AgencyId | None, unmarked: bool, limit: int
    ) -> list[DossierId]:
        """Return ids of dossiers whose clock runs, by id from after ``after``.

        Args:
            resolving: only those of this agency; None: of all.
            unmarked: only those that nothing says of when they come near.
        """
        query = select(Dossier.id).where(Dossier.status.in_(RUNNING_STATUSES), Dossier.is_paused.is_(False))
        if after is not None:
            query = query.where(Dossier.id > after)
        if resolving is not None:
            query = query.where(Dossier.resolving_agency_id == resolving)
        if unmarked:
            query = query.where(Dossier.nears_at.is_(None))
        return list(self._session.scalars(query.order_by(Dossier.id).limit(limit)))

    def foresee(self, dossier_id: DossierId, *, nears_at: datetime | None, foreseen_at: datetime | None) -> None:
        """Keep both instants of a locked dossier; its version stays: no form that somebody fills in depends on them."""
        self._session.execute(
            update(Dossier).where(Dossier.id == dossier_id).values(nears_at=nears_at, foreseen_at=foreseen_at)
        )

    def by_code(self, code: str) -> Dossier:
        """Return the dossier with that code.

        Raises:
            DossierNotFoundError: there is none.
        """
        dossier = self._session.scalar(select(Dossier).where(Dossier.code == code))
        if dossier is None:
            raise DossierNotFoundError(f"there is no dossier with code {code!r}")
        return dossier

    def some(self, dossier_ids: Collection[DossierId]) -> list[Dossier]:
        """Return up to 500 dossiers by id."""
        return list(self._session.scalars(select(Dossier).where(Dossier.id.in_(dossier_ids)).order_by(Dossier.id)))

    def codes(self, dossier_ids: Collection[DossierId]) -> dict[DossierId, str | None]:
        """Return the codes of dossiers by id, in one query for up to 500."""
        codes: dict[DossierId, str | None] = {}
        wanted = list(dossier_ids)
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            rows = self._session.execute(select(Dossier.id, Dossier.code).where(Dossier.id.in_(some)))
            codes.update((row[0], row[1]) for row in rows)
        return codes

    def shared_codes(
        self, dossier_ids: Collection[DossierId], agencies: Collection[AgencyId]
    ) -> dict[DossierId, str | None]:
        """Return the codes of those dossiers, of up to 500, that one of the agencies may see; in one query."""
        shared = select(DossierAgency.dossier_id).where(DossierAgency.owner_agency_id.in_(agencies))
        query = select(Dossier.id, Dossier.code).where(Dossier.id.in_(dossier_ids), Dossier.id.in_(shared))
        return {row[0]: row[1] for row in self._session.execute(query)}

    def agencies(self, dossier_id: DossierId) -> frozenset[AgencyId]:
        """Return the agencies that may see the dossier."""
        return frozenset(
            self._session.scalars(select(DossierAgency.owner_agency_id).where(DossierAgency.dossier_id == dossier_id))
        )

    def parties(self, dossier_id: DossierId) -> dict[str, Party]:
        """Return the people of the dossier by role."""
        if dossier_id in self._new:
            return {row.role: row for row in self._new[dossier_id] if isinstance(row, Party)}
        rows = self._session.scalars(select(Party).where(Party.dossier_id == dossier_id))
        return {row.role: row for row in rows}

    def papers(self, dossier_id: DossierId) -> list[Paper]:
        """Return the papers in order."""
        if dossier_id in self._new:
            return [row for row in self._new[dossier_id] if isinstance(row, Paper)]
        return list(self._session.scalars(select(Paper).where(Paper.dossier_id == dossier_id).order_by(Paper.no)))

    def supplements(self, dossier_id: DossierId) -> list[Supplement]:
        """Return the supplement requests in order."""
        return list(
            self._session.scalars(select(Supplement).where(Supplement.dossier_id == dossier_id).order_by(Supplement.no))
        )

    def obligations(self, dossier_id: DossierId) -> list[Obligation]:
        """Return the financial obligations in order."""
        return list(
            self._session.scalars(select(Obligation).where(Obligation.dossier_id == dossier_id).order_by(Obligation.no))
        )

    def known_applicant(self, agencies: frozenset[AgencyId], identity_number: str) -> Party | None:
        """Return the latest applicant with that identity number among dossiers the agencies may see."""
        return self._session.scalar(
            select(Party)
            .join(DossierAgency, DossierAgency.dossier_id == Party.dossier_id)
            .where(
                Party.identity_number == identity_number,
                or_(Party.role == "applicant", Party.role == "owner"),
                DossierAgency.owner_agency_id.in_(agencies),
            )
            .order_by(Party.dossier_id.desc())
            .limit(1)
        )
