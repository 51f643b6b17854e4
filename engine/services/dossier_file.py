"""A dossier opened to be read: all of it at once, in as many statements as there are fingers on a hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import DossierId
from engine.services.case import Case, as_uuid, case_of, find
from engine.store.dossier_rows import read_dossier


@contextmanager
def opened(ctx: Context, *, by: Actor, dossier: str) -> Iterator[Case]:
    """Open a dossier for reading; whatever asks for its rows inside the block gets them without asking the database.

    Args:
        dossier: id or code.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    dossier_id = as_uuid(dossier)
    with ctx.unit_of_work(read_only=True) as uow:
        rows = read_dossier(uow, code=dossier, dossier_id=None if dossier_id is None else DossierId(dossier_id))
        yield case_of(ctx, rows, by=by, dossier=find(rows, by=by, reference=dossier))
