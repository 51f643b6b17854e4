"""Procedures and their immutable published versions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, Text, UniqueConstraint, delete, or_, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from engine.domain.ids import AgencyId, OfficerId, ProcedureId, VersionId
from engine.errors import NotFoundError
from engine.store.base import Base


class ProcedureNotFoundError(NotFoundError):
    """The agency has no procedure with this code."""

    code = "procedure-not-found"


class VersionNotFoundError(NotFoundError):
    """The procedure has no such version."""

    code = "procedure-version-not-found"


class Procedure(Base):
    """An administrative procedure of an agency."""

    __tablename__ = "procedure"
    __table_args__ = (UniqueConstraint("owner_agency_id", "code"),)

    id: Mapped[ProcedureId] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    code: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[str] = mapped_column(Text)
    name_folded: Mapped[str] = mapped_column(Text)  # lower case without accents, for search
    field: Mapped[str] = mapped_column(String(120), default="")
    is_open: Mapped[bool] = mapped_column(default=True)  # closed: receives no new dossier
    current_version_id: Mapped[VersionId | None]  # no foreign key: the two tables would point at each other
    retired_at: Mapped[datetime | None]  # from then on it receives no dossier; those under way go on
    replaced_by: Mapped[str | None] = mapped_column(String(40))  # code of the procedure that takes its place
    level: Mapped[str] = mapped_column(String(12), default="commune", server_default="commune")  # commune | province
    online_level: Mapped[str | None] = mapped_column(String(8))  # none | partial | full; None: nobody has said
    legal_limit: Mapped[str | None] = mapped_column(String(120))  # what the law grants, before it was cut
    kind: Mapped[str] = mapped_column(String(12), default="public", server_default="public")  # public | internal
    published_at: Mapped[date | None] = mapped_column(Date)  # on the national database
    is_nonterritorial: Mapped[bool] = mapped_column(default=False, server_default="0")  # filed anywhere in the province


class ProcedureVersion(Base):
    """A published model; never changes, named by the hash of its content."""

    __tablename__ = "procedure_version"
    __table_args__ = (
        UniqueConstraint("procedure_id", "number"),
        UniqueConstraint("procedure_id", "content_hash"),
    )

    id: Mapped[VersionId] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    procedure_id: Mapped[ProcedureId] = mapped_column(ForeignKey("procedure.id"))
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))  # sha256 of model and policy
    model: Mapped[str] = mapped_column(Text)  # BPMN 2.0 XML as it runs
    source: Mapped[str | None] = mapped_column(Text)  # as it was drawn, before parts and frame were put in
    decisions: Mapped[str] = mapped_column(Text, default="", server_default="")  # DMN 1.3 XML, or nothing
    form: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # fields asked of the applicant
    scenarios: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # run at every publish
    limit: Mapped[str] = mapped_column("time_limit", String(120))
    fee_vnd: Mapped[int | None] = mapped_column(BigInteger)
    policy: Mapped[dict[str, Any]]  # cut-off, supplement policy, papers asked for
    findings: Mapped[list[Any]]
    published_at: Mapped[datetime]
    effective_from: Mapped[datetime | None]  # dossiers filed from then on take it; the latest time, when it came back


class ProcedureAct(Base):
    """What an administrator did to a procedure: published a version from an instant on, closed it, retired it …"""

    __tablename__ = "procedure_act"
    __table_args__ = (Index("ix_procedure_act_procedure", "procedure_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    procedure_id: Mapped[ProcedureId] = mapped_column(ForeignKey("procedure.id"))
    version_id: Mapped[VersionId | None] = mapped_column(ForeignKey("procedure_version.id"))
    kind: Mapped[str] = mapped_column(String(20))  # published | unscheduled | opened | closed | retired | reopened
    facts: Mapped[dict[str, Any]]
    made_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]


class ProcedureStore:
    """Queries over procedures."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._versions: dict[VersionId, ProcedureVersion] = {}  # a session forgets what nobody holds

    def add(self, procedure: Procedure) -> Procedure:
        """Add a procedure and give it its id."""
        self._session.add(procedure)
        self._session.flush()
        return procedure

    def add_version(self, version: ProcedureVersion) -> ProcedureVersion:
        """Add a version and give it its id."""
        self._session.add(version)
        self._session.flush()
        return version

    def find(self, agency_id: AgencyId, code: str) -> Procedure | None:
        """Return the agency's procedure with that code, if any."""
        return self._session.scalar(
            select(Procedure).where(Procedure.owner_agency_id == agency_id, Procedure.code == code)
        )

    def by_code(self, agency_id: AgencyId, code: str) -> Procedure:
        """Return the agency's procedure with that code.

        Raises:
            ProcedureNotFoundError: the agency has none.
        """
        procedure = self.find(agency_id, code)
        if procedure is None:
            raise ProcedureNotFoundError(f"there is no procedure with code {code!r}", procedure_code=code)
        return procedure

    def get(self, procedure_id: ProcedureId) -> Procedure:
        """Return the procedure with that id."""
        procedure = self._session.get(Procedure, procedure_id)
        if procedure is None:
            raise ProcedureNotFoundError(f"there is no procedure with id {procedure_id}")
        return procedure

    def all(self, agency_id: AgencyId | None = None) -> list[Procedure]:
        """Return the procedures, of one agency or all, by agency and code."""
        query = select(Procedure).order_by(Procedure.owner_agency_id, Procedure.code)
        if agency_id is not None:
            query = query.where(Procedure.owner_agency_id == agency_id)
        return list(self._session.scalars(query))

    def in_force(self, procedure: Procedure, at: datetime) -> ProcedureVersion | None:
        """Return the version that a dossier filed at an instant takes, None when there is none yet.

        It is the one whose ``effective_from`` is the latest that has come; a version of the time before dates of
        effect is in force as ``current_version_id`` says. No job is needed when the instant comes: what the procedure
        is called follows later (``publishing.take_effect``).
        """
        chosen = self.in_force_of([procedure], at).get(procedure.id)
        return None if chosen is None else self.version(chosen)

    def in_force_of(self, procedures: Collection[Procedure], at: datetime) -> dict[ProcedureId, VersionId]:
        """Return the versions in force of many procedures, in one query; those without one are left out."""
        current = {row.id: row.current_version_id for row in procedures}
        query = (
            select(ProcedureVersion.procedure_id, ProcedureVersion.id, ProcedureVersion.effective_from)
            .where(ProcedureVersion.effective_from <= at)
            .order_by(ProcedureVersion.effective_from, ProcedureVersion.number)
        )
        if len(procedures) == 1:
            query = query.where(ProcedureVersion.procedure_id == next(iter(procedures)).id)
        latest: dict[ProcedureId, tuple[datetime | None, VersionId]] = {}
        for owner, version, begins in self._session.execute(query):
            before = latest.get(owner)
            if before is None or before[0] != begins or before[1] != current.get(owner):  # of two acts at once the last
                latest[owner] = (begins, version)
        found = {owner: version for owner, version in current.items() if version is not None}
        return found | {owner: version for owner, (_begins, version) in latest.items() if owner in current}

    def overtaken(self, at: datetime) -> list[ProcedureId]:
        """Return the procedures whose version in force at an instant is another than ``current_version_id`` says."""
        current = aliased(ProcedureVersion)
        query = (
            select(ProcedureVersion.procedure_id)
            .join(Procedure, Procedure.id == ProcedureVersion.procedure_id)
            .outerjoin(current, current.id == Procedure.current_version_id)
            .where(ProcedureVersion.effective_from <= at)
            .where(
                or_(current.effective_from.is_(None), ProcedureVersion.effective_from > current.effective_from),
                or_(current.id.is_(None), ProcedureVersion.id != current.id),
            )
        )
        return sorted(set(self._session.scalars(query)))

    def add_act(self, act: ProcedureAct) -> ProcedureAct:
        """Add an act and give it its id."""
        self._session.add(act)
        self._session.flush()
        return act

    def acts(self, procedure_id: ProcedureId) -> list[ProcedureAct]:
        """Return what was done to a procedure, the latest first."""
        query = select(ProcedureAct).where(ProcedureAct.procedure_id == procedure_id).order_by(ProcedureAct.id.desc())
        return list(self._session.scalars(query))

    def delete(self, procedure: Procedure) -> None:
        """Delete a procedure that no dossier has, with its versions and acts."""
        for table in (ProcedureAct, ProcedureVersion):
            self._session.execute(delete(table).where(table.procedure_id == procedure.id))
        self._session.delete(procedure)
        self._session.flush()

    def version(self, version_id: VersionId) -> ProcedureVersion:
        """Return the version with that id."""
        version = self._versions.get(version_id) or self._session.get(ProcedureVersion, version_id)
        if version is None:
            raise VersionNotFoundError(f"there is no procedure version with id {version_id}")
        self._versions[version_id] = version
        return version

    def load_versions(self, version_ids: Collection[VersionId]) -> None:
        """Read many versions in one query; ``version`` has them then."""
        query = select(ProcedureVersion).where(ProcedureVersion.id.in_(version_ids))
        self._versions |= {row.id: row for row in self._session.scalars(query)}

    def version_number(self, procedure_id: ProcedureId, number: int) -> ProcedureVersion:
        """Return the n-th version of a procedure.

        Raises:
            VersionNotFoundError: it has none with that number.
        """
        version = self._session.scalar(
            select(ProcedureVersion).where(
                ProcedureVersion.procedure_id == procedure_id, ProcedureVersion.number == number
            )
        )
        if version is None:
            raise VersionNotFoundError(f"the procedure has no version {number}")
        return version

    def versions(self, procedure_id: ProcedureId) -> list[ProcedureVersion]:
        """Return all versions of a procedure, oldest first."""
        return list(
            self._session.scalars(
                select(ProcedureVersion)
                .where(ProcedureVersion.procedure_id == procedure_id)
                .order_by(ProcedureVersion.number)
            )
        )
