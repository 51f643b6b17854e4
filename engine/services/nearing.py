"""Setting anew when dossiers come near their date and will be late, many at a time: after an upgrade or a new setting.

Every act keeps both instants of its own dossier (``lateness.schedule``); this is for those that no act touches.
"""

from __future__ import annotations

import structlog

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import CalendarGapError
from engine.domain.ids import AgencyId, DossierId
from engine.services import lateness
from engine.services.case import case_of
from engine.store.unit_of_work import UnitOfWork

BATCH = 100  #: dossiers that one transaction locks

log = structlog.get_logger(__name__)


def fill(ctx: Context) -> int:
    """Set the instants of running dossiers that lack them, such as those of an older version; return how many.

    Each batch is a transaction of its own, and a second run finds nothing to do.
    """
    return _walk(ctx, resolving=None, unmarked=True)


def recount(ctx: Context, *, resolving: AgencyId) -> int:
    """Set the instants of the running dossiers that an agency resolves; return how many have them."""
    return _walk(ctx, resolving=resolving, unmarked=False)


def _walk(ctx: Context, *, resolving: AgencyId | None, unmarked: bool) -> int:
    last: DossierId | None = None
    count = 0
    while True:
        with ctx.unit_of_work() as uow:
            ids = uow.dossiers.running(after=last, resolving=resolving, unmarked=unmarked, limit=BATCH)
            count += sum(_foresee(ctx, uow, dossier_id) for dossier_id in ids)
        if not ids:
            return count
        last = ids[-1]


def _foresee(ctx: Context, uow: UnitOfWork, dossier_id: DossierId) -> bool:
    case = case_of(ctx, uow, by=SYSTEM, dossier=uow.dossiers.lock(dossier_id))
    promise = uow.deadlines.promise(dossier_id)
    if promise is None:
        return False  # its row was deleted; verify tells
    try:
        nears_at, foreseen_at = lateness.foresee(case, promise)
    except CalendarGapError as error:  # the others must not wait for it; verify tells which it is
        log.warning("nearing.not_counted", dossier=str(dossier_id), error=str(error))
        return False
    uow.dossiers.foresee(dossier_id, nears_at=nears_at, foreseen_at=foreseen_at)
    return nears_at is not None
