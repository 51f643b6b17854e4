"""Letters of apology: one for a lateness, whatever crashes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.dossier import Cause, LetterState
from engine.domain.ids import AgencyId, DossierId, LetterId, OfficerId, UnitId
from engine.errors import NotFoundError
from engine.store.base import Base, text_enum


class LetterNotFoundError(NotFoundError):
    """There is no such letter, or the actor may not know of it."""

    code = "letter-not-found"


class Letter(Base):
    """A letter of apology (form 04; domain.md §1.9, §2.5)."""

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("dossier_id", "promise_no", "kind"),)

    id: Mapped[LetterId] = mapped_column(primary_key=True)
    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"))
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), index=True)  # who apologises
    promise_no: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))  # apology
    state: Mapped[LetterState] = mapped_column(text_enum(LetterState), index=True)
    trigger: Mapped[str] = mapped_column("trigger_kind", String(12))  # foreseen | lead | passed | officer
    cause: Mapped[Cause | None] = mapped_column(text_enum(Cause))
    reason: Mapped[str | None] = mapped_column(Text)
    old_due_at: Mapped[datetime]
    new_due_at: Mapped[datetime | None]
    ordered_at: Mapped[datetime]
    approved_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    approved_at: Mapped[datetime | None]
    signed_by: Mapped[OfficerId | None]  # no foreign key: came to a table that SQLite cannot alter
    signed_at: Mapped[datetime | None]  # None for a letter that is signed by hand on paper
    signed_sha256: Mapped[str | None] = mapped_column(String(64))  # the PDF with the head's signature
    caused_by_unit_id: Mapped[UnitId | None]  # who took the time, by the ledger, when it was approved; None: nobody
    number: Mapped[str | None] = mapped_column(String(40))
    numbered_at: Mapped[datetime | None]  # the date that the letter bears
    numbered_by: Mapped[OfficerId | None]
    paper_id: Mapped[UUID | None]  # the issued paper that holds number and bytes
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    sent_how: Mapped[str | None] = mapped_column(String(12))  # email | sms | zalo | print
    proof_sha256: Mapped[str | None] = mapped_column(String(64))  # that a printed letter was handed over or posted
    proof_note: Mapped[str | None] = mapped_column(Text)
    delivered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    file_sha256: Mapped[str | None] = mapped_column(String(64))  # the PDF as sent
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - two approvers: the second is refused


class LetterStore:
    """Queries over letters."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, letter: Letter) -> None:
        """Add a letter; a second one for the same lateness violates its unique key."""
        self._session.add(letter)
        self._session.flush()

    def get(self, letter_id: LetterId) -> Letter:
        """Return the letter with that id.

        Raises:
            LetterNotFoundError: there is none.
        """
        letter = self._session.get(Letter, letter_id)
        if letter is None:
            raise LetterNotFoundError(f"there is no letter with id {letter_id}")
        return letter

    def of_promise(self, dossier_id: DossierId, promise_no: int) -> Letter | None:
        """Return the letter of apology of a promise, if it has one."""
        return self._session.scalar(
            select(Letter).where(
                Letter.dossier_id == dossier_id, Letter.promise_no == promise_no, Letter.kind == "apology"
            )
        )

    def of_dossier(self, dossier_id: DossierId) -> list[Letter]:
        """Return the letters of a dossier by promise."""
        return list(
            self._session.scalars(select(Letter).where(Letter.dossier_id == dossier_id).order_by(Letter.promise_no))
        )

    def listed(
        self, *, agencies: frozenset[AgencyId] | None, kind: str | None, state: LetterState | None,
        after: tuple[datetime, UUID] | None = None, limit: int,
    ) -> list[Letter]:  # fmt: skip
        """Return letters, oldest order first; ``agencies`` None means all, ``after`` is order and id of the last."""
        query = select(Letter).order_by(Letter.ordered_at, Letter.id).limit(limit)
        if agencies is not None:
            query = query.where(Letter.owner_agency_id.in_(agencies))
        if kind is not None:
            query = query.where(Letter.kind == kind)
        if state is not None:
            query = query.where(Letter.state == state)
        if after is not None:
            at, last = after
            query = query.where(or_(Letter.ordered_at > at, and_(Letter.ordered_at == at, Letter.id > last)))
        return list(self._session.scalars(query))

    def counts(self, *, agencies: frozenset[AgencyId] | None) -> dict[str, int]:
        """Return how many letters are in each state; ``agencies`` None means all."""
        query = select(Letter.state, func.count()).group_by(Letter.state)
        if agencies is not None:
            query = query.where(Letter.owner_agency_id.in_(agencies))
        return {row[0].value: row[1] for row in self._session.execute(query)}
