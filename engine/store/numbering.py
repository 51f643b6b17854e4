"""Counters: dossier codes by agency and day, letter numbers by agency, form and year; and idempotency keys."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId
from engine.store.base import Base


class Counter(Base):
    """The last number given; taken last in a transaction, because its row is hot (speed_scale §B.2)."""

    __tablename__ = "counter"

    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)  # dossier | letter-04 | paper-<kind>
    period: Mapped[str] = mapped_column(String(10), primary_key=True)  # YYMMDD | YYYY
    value: Mapped[int]


class IdempotencyKey(Base):
    """The answer that a POST with this key got; stored in the same transaction as its effect."""

    __tablename__ = "idempotency_key"

    actor: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column("client_key", String(250), primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    request_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class NumberStore:
    """Takes numbers and remembers answers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, agency_id: AgencyId, kind: str, period: str) -> int:
        """Return the next number, from 1; the row stays locked to the end, so none is lost or double.

        One statement, also for the first number of a period: of two that make the row the second waits for the first.
        """
        insert = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        row = insert(Counter).values(owner_agency_id=agency_id, kind=kind, period=period, value=1)
        keys = (Counter.owner_agency_id, Counter.kind, Counter.period)
        taken = row.on_conflict_do_update(index_elements=keys, set_={"value": Counter.value + 1})
        return self._session.execute(taken.returning(Counter.value)).scalar_one()

    def answer(self, actor: str, key: str) -> IdempotencyKey | None:
        """Return what the key was answered, if it was used."""
        return self._session.get(IdempotencyKey, (actor, key))

    def used(self, actor: str, keys: Collection[str]) -> frozenset[str]:
        """Return which of some keys were used, in one query for up to 500."""
        query = select(IdempotencyKey.key).where(IdempotencyKey.actor == actor, IdempotencyKey.key.in_(keys))
        return frozenset(self._session.scalars(query)) if keys else frozenset()

    def remember(self, row: IdempotencyKey) -> None:
        """Keep the answer of a key."""
        self._session.add(row)
        self._session.flush()
