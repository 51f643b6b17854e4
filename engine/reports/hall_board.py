"""What a screen in the waiting hall shows: codes of dossiers and where they stand, and nothing of any person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, select

from engine.context import Context
from engine.domain.dossier import Status
from engine.domain.hall_boards import KIND, HallBoardOffError, is_on
from engine.store.agencies import Agency
from engine.store.dossiers import Dossier
from engine.store.events import Event
from engine.store.unit_of_work import UnitOfWork

MOST = 100  #: dossiers on the board: those that changed last
_SEEN = 3000  #: events that are looked through for them; a busy agency writes as many in a day


class Standing(StrEnum):
    """Where a dossier stands, as the hall is told; in the order in which the board shows them."""

    READY = "ready"  #: the result waits at the desk
    SUPPLEMENT = "supplement"  #: papers are missing
    PAYMENT = "payment"  #: something has to be paid
    PROCESSING = "processing"


STANDINGS: dict[int, Standing] = {
    Status.FINISHED.value: Standing.READY,
    Status.SUPPLEMENT.value: Standing.SUPPLEMENT,
    Status.OBLIGATION.value: Standing.PAYMENT,
    Status.RECEIVED.value: Standing.PROCESSING,
    Status.PROCESSING.value: Standing.PROCESSING,
}


@dataclass(frozen=True, slots=True)
class Board:
    """The board of an agency: pairs of code and standing, results first, then what changed last."""

    agency: str
    rows: tuple[tuple[str, Standing], ...]


def board(ctx: Context, *, agency: str) -> Board:
    """Return the board of an agency; public on purpose, so it holds codes and standings alone.

    Args:
        agency: its code.

    Raises:
        HallBoardOffError: the agency shows none, or there is no such agency; the two are not told apart.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        shown = _shown_by(uow, agency)
        latest = (
            select(Event.dossier_id, Event.seq, Event.at)
            .where(Event.owner_agency_id == shown.id)
            .order_by(Event.at.desc(), Event.dossier_id, Event.seq.desc())
            .limit(_SEEN)
            .subquery()
        )
        changed = (
            select(Dossier.code, Dossier.status)
            .join(latest, and_(latest.c.dossier_id == Dossier.id, latest.c.seq == Dossier.event_seq))
            .where(Dossier.status.in_(STANDINGS), Dossier.code.is_not(None))
            .order_by(latest.c.at.desc(), Dossier.code)
            .limit(MOST)
        )
        rows = [(str(code), STANDINGS[status]) for code, status in uow.session.execute(changed)]
    order = list(Standing)
    return Board(shown.name, tuple(sorted(rows, key=lambda row: order.index(row[1]))))


def _shown_by(uow: UnitOfWork, code: str) -> Agency:
    agency = uow.agencies.find(code)
    act = None if agency is None else uow.administration.latest_acts(KIND, [agency.id]).get(agency.id)
    if agency is None or not is_on(None if act is None else act.facts):
        raise HallBoardOffError("this agency shows no hall board; its supervisor can switch it on")
    return agency
