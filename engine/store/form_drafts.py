"""What an officer typed into a form and has not sent yet, so that a closed tab loses nothing (issue 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId
from engine.store.base import Base
from engine.store.numbering import IdempotencyKey


class FormDraft(Base):
    """The fields of one form of one officer: personal data, gone when the form is sent, or after a week."""

    __tablename__ = "form_draft"

    officer_id: Mapped[OfficerId] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(160), primary_key=True)  # which form: counter/<id>, dossier/<id>/<act>
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    fields: Mapped[dict[str, Any]]  # ``typed``: what each field holds; ``key``: under which the form will be sent
    based_on: Mapped[int | None]  # number of the last event of the dossier when the form was opened
    saved_at: Mapped[datetime] = mapped_column(index=True)


class FormDraftStore:
    """Queries over drafts of forms."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self, officer_id: OfficerId, place: str) -> FormDraft | None:
        """Return an officer's draft of a form and keep other writers of it waiting; None when there is none."""
        query = select(FormDraft).where(FormDraft.officer_id == officer_id, FormDraft.place == place)
        return self._session.scalar(query.with_for_update().execution_options(populate_existing=True))

    def of(self, officer_id: OfficerId, *, actor: str, prefix: str = "", limit: int) -> Sequence[FormDraft]:
        """Return an officer's drafts whose place begins so, the latest first; none whose form was sent.

        Args:
            actor: under which name the keys are remembered with which the officer's forms were sent.
        """
        key = FormDraft.fields["key"].as_string()
        sent = select(IdempotencyKey.key).where(IdempotencyKey.actor == actor, IdempotencyKey.key == key).exists()
        query = select(FormDraft).where(FormDraft.officer_id == officer_id, ~sent)
        query = query.where(FormDraft.place.startswith(prefix, autoescape=True))
        return self._session.scalars(query.order_by(FormDraft.saved_at.desc(), FormDraft.place).limit(limit)).all()

    def count(self, officer_id: OfficerId) -> int:
        """Return how many drafts an officer has."""
        return self._session.scalar(select(func.count()).where(FormDraft.officer_id == officer_id)) or 0

    def add(self, row: FormDraft) -> None:
        """Keep a draft of a form that had none."""
        self._session.add(row)
        self._session.flush()

    def drop(self, officer_id: OfficerId, place: str) -> None:
        """Delete an officer's draft of a form, if there is one."""
        gone = delete(FormDraft).where(FormDraft.officer_id == officer_id, FormDraft.place == place)
        self._session.execute(gone)

    def drop_older(self, than: datetime) -> None:
        """Delete everybody's drafts that were saved before an instant."""
        self._session.execute(delete(FormDraft).where(FormDraft.saved_at < than))
