"""Finding rows whose dossier or letter is gone."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Connection, select

from engine.store.base import Base
from engine.verification.differences import ROW, Difference
from engine.verification.rows import DOSSIER, EVENT, LETTER_MAIL, PARTS

BATCH = 500


def check(connection: Connection, report: Callable[[Difference], None]) -> None:
    """Report rows of dossiers that do not exist, and messages of letters that do not exist."""
    dossiers = DOSSIER.table
    for kept in (EVENT, *PARTS):
        table = kept.table
        known = select(dossiers.c.id).where(dossiers.c.id == table.c.dossier_id).exists()
        columns = [table.c.dossier_id, *(table.c[name] for name in kept.key)]
        lost = select(*columns).where(~known, table.c.dossier_id.is_not(None))  # some papers belong to no dossier
        for row in connection.execute(lost.order_by(*columns)):
            name = " ".join(str(part) for part in row)
            report(Difference(kept.name, name, ROW, None, "a row", "its dossier does not exist", str(row[0])))
    _check_mail(connection, report)


def _check_mail(connection: Connection, report: Callable[[Difference], None]) -> None:
    outbox, letter = Base.metadata.tables["outbox"], Base.metadata.tables["letter"]
    last = 0
    while True:
        query = select(outbox.c.id, outbox.c.business_key).where(outbox.c.topic == LETTER_MAIL, outbox.c.id > last)
        rows = connection.execute(query.order_by(outbox.c.id).limit(BATCH)).all()
        if not rows:
            return
        last = rows[-1][0]
        keys = {row[1]: _uuid(row[1]) for row in rows}
        ids = [each for each in keys.values() if each is not None]
        known = set(connection.scalars(select(letter.c.id).where(letter.c.id.in_(ids))))
        for key, letter_id in keys.items():
            if letter_id not in known:
                message = "the letter of this message does not exist"
                report(Difference("outbox", f"{LETTER_MAIL} {key}", ROW, None, "a message", message))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
