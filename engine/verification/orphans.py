"""Finding rows whose dossier is gone."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, select

from engine.verification.differences import ROW, Difference
from engine.verification.rows import DOSSIER, EVENT, PARTS


def check(connection: Connection, report: Callable[[Difference], None]) -> None:
    """Report rows of dossiers that do not exist."""
    dossiers = DOSSIER.table
    for kept in (EVENT, *PARTS):
        table = kept.table
        known = select(dossiers.c.id).where(dossiers.c.id == table.c.dossier_id).exists()
        columns = [table.c.dossier_id, *(table.c[name] for name in kept.key)]
        lost = select(*columns).where(~known, table.c.dossier_id.is_not(None))  # some papers belong to no dossier
        for row in connection.execute(lost.order_by(*columns)):
            name = " ".join(str(part) for part in row)
            report(Difference(kept.name, name, ROW, None, "a row", "its dossier does not exist", str(row[0])))
