"""How results reach their people: told, posted, handed over, with the proof (issue 5; domain.md §1.11)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, DossierId, OfficerId
from engine.store.base import Base
from engine.store.dossiers import Dossier


class ResultReturn(Base):
    """The return of one dossier's result; who received it stands with its people (``party``)."""

    __tablename__ = "result_return"

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))  # the agency that returns it
    arrived_at: Mapped[datetime]  # decided: it waits at the desk since
    notified_at: Mapped[datetime | None]
    notified_how: Mapped[str | None] = mapped_column(String(12))  # email | phone | print
    posted_at: Mapped[datetime | None]
    carrier: Mapped[str | None] = mapped_column(String(80))
    tracking_number: Mapped[str | None] = mapped_column(String(60))
    proof_sha256: Mapped[str | None] = mapped_column(String(64))  # the slip of the post
    proof_media_type: Mapped[str | None] = mapped_column(String(100))
    signature: Mapped[str | None] = mapped_column(String(12))  # screen | paper
    signature_sha256: Mapped[str | None] = mapped_column(String(64))  # drawn on the screen, or the signed slip
    originals_collected: Mapped[bool | None]  # None: the procedure collects none
    handed_over_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    handed_over_at: Mapped[datetime | None]


class ResultReturnStore:
    """Queries over the return of results."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[DossierId, ResultReturn | None] = {}

    def find(self, dossier_id: DossierId) -> ResultReturn | None:
        """Return what was done to return a result; None before the first act. Asked twice, it is read once."""
        if dossier_id not in self._known:
            self._known[dossier_id] = self._session.get(ResultReturn, dossier_id)
        return self._known[dossier_id]

    def of(self, dossier: Dossier) -> ResultReturn:
        """Return the row of a decided dossier, made now when this is the first act of its return."""
        row = self.find(dossier.id)
        if row is None:
            assert dossier.finished_at is not None  # noqa: S101 - only results are returned
            row = ResultReturn(
                dossier_id=dossier.id, owner_agency_id=dossier.returning_agency_id, arrived_at=dossier.finished_at
            )
            self._session.add(row)
            self._known[dossier.id] = row
        return row
