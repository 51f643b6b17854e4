"""What a supervisor watches: how many dossiers stand how, each number that of the list which it opens (peers.md §5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from engine.context import Context
from engine.domain import permissions_supervision
from engine.domain.actors import Actor
from engine.domain.dossier import Status
from engine.reports.filters import Filters, Queue, in_queue, is_unfinished, matching, visible
from engine.reports.lateness_sql import is_late
from engine.reports.localities import Localities, first_instant, last_instant
from engine.reports.on_time_values import Period, Rate
from engine.store.dossiers import Dossier
from engine.store.officer_settings import OfficerSetting

FEW = 20  #: with fewer finished dossiers a share says little, and the page says so
DIGEST = "digest"  #: name of the setting that asks for the morning digest
USUAL_DAYS = 30  #: of the period, today among them


class Tile(StrEnum):
    """A number of the supervisor's page; each is the size of a list."""

    PROCESSING = "processing"  #: status 4 of the national list
    DUE_SOON = "due_soon"
    WILL_BE_LATE = "will_be_late"
    OVERDUE = "overdue"
    PAUSED = "paused"
    TO_RETURN = "to_return"


@dataclass(frozen=True, slots=True)
class Listed:
    """The list that a tile opens: a queue, and the filters on it."""

    queue: Queue
    filters: Filters


LISTS: dict[Tile, Listed] = {
    Tile.PROCESSING: Listed(Queue.ALL, Filters(status=Status.PROCESSING.value)),
    Tile.DUE_SOON: Listed(Queue.DUE_SOON, Filters()),
    Tile.WILL_BE_LATE: Listed(Queue.WILL_BE_LATE, Filters()),
    Tile.OVERDUE: Listed(Queue.OVERDUE, Filters()),
    Tile.PAUSED: Listed(Queue.PAUSED, Filters()),
    Tile.TO_RETURN: Listed(Queue.TO_RETURN, Filters()),
}


@dataclass(frozen=True, slots=True)
class Overview:
    """The tiles.

    Args:
        counts: dossiers of each tile's list.
        unfinished: what the tiles are parts of: dossiers that are neither decided nor ended.
        kept: finished in the period and not late, of all that were; that of the on-time report (rate ``finished``).
        period: local dates in which they were finished.
        wants_digest: whether the actor asked for the morning digest.
    """

    counts: dict[Tile, int]
    unfinished: int
    kept: Rate
    period: Period
    wants_digest: bool

    @property
    def says_little(self) -> bool:
        """Whether the share rests on few dossiers."""
        return 0 < self.kept.denominator < FEW

    def as_json(self) -> dict[str, Any]:
        """Return the answer of the API; a share without dossiers has ``percent`` null, never 100."""
        return {
            "tiles": {tile.value: count for tile, count in self.counts.items()},
            "unfinished": self.unfinished,
            "on_time": self.kept.as_json()
            | {"from": self.period.from_on.isoformat(), "to": self.period.to_on.isoformat()}
            | {"says_little": self.says_little},
        }


def overview(ctx: Context, *, by: Actor, period: Period | None = None) -> Overview:
    """Return the tiles of what the actor may read, and how promises were kept in the agencies that they watch.

    Args:
        period: local dates; None: the last 30, today among them.

    Raises:
        NotAllowedError: the actor watches no agency.
    """
    watched = permissions_supervision.watched(by)
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        localities = Localities.read(uow)
        asked = period or last_days(localities.calendar(min(watched)).local_date(now), USUAL_DAYS)
        conditions = [
            and_(matching(each.filters, localities=localities), in_queue(each.queue, by=by, now=now))
            for each in LISTS.values()
        ]
        # what is counted is open: a part that an index holds, however many dossiers were closed
        sizes = [func.count().filter(condition) for condition in (*conditions, is_unfinished())]
        still = or_(Dossier.status.in_([status.value for status in _OPEN]), Dossier.is_paused.is_(True))
        *counts, unfinished = uow.session.execute(select(*sizes).select_from(Dossier).where(visible(by), still)).one()
        finished = select(func.count(), func.count().filter(is_late(now))).where(
            Dossier.resolving_agency_id.in_(watched), finished_within(localities, asked), Dossier.finished_at <= now
        )
        of_all, late = uow.session.execute(finished).one()
        wants = select(OfficerSetting.value).where(OfficerSetting.officer_id == by.id, OfficerSetting.name == DIGEST)
        setting = uow.session.scalar(wants)
    return Overview(
        counts=dict(zip(LISTS, counts, strict=True)),
        unfinished=unfinished,
        kept=Rate(of_all - late, of_all),
        period=asked,
        wants_digest=bool((setting or {}).get("wanted")),
    )


def finished_in(ctx: Context, *, by: Actor, period: Period, late: bool, limit: int = 200) -> dict[str, Any]:
    """Return the dossiers behind the on-time share, what was late or what was not, the latest first.

    Args:
        limit: rows that are returned; ``count`` tells of all.

    Raises:
        NotAllowedError: the actor watches no agency.
    """
    watched = permissions_supervision.watched(by)
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        localities = Localities.read(uow)
        broken = is_late(now)
        wanted: Sequence[ColumnElement[bool]] = (
            Dossier.resolving_agency_id.in_(watched),
            finished_within(localities, period),
            Dossier.finished_at <= now,
            broken if late else ~broken,
        )
        columns = (Dossier.code, Dossier.due_at, Dossier.finished_at, Dossier.resolving_agency_id)
        query = select(*columns, func.count().over()).where(*wanted)
        rows = uow.session.execute(query.order_by(Dossier.finished_at.desc(), Dossier.id).limit(limit)).all()
        items = [
            {"code": row[0], "due_at": localities.text(row[3], row[1]), "finished_at": localities.text(row[3], row[2])}
            for row in rows
        ]
    return {"items": items, "count": rows[0][-1] if rows else 0}


def finished_within(localities: Localities, period: Period) -> ColumnElement[bool]:
    """Return the condition that processing ended on a local date of the period (domain.md §6.3)."""
    return localities.where(
        lambda days: and_(
            Dossier.finished_at >= first_instant(days, period.from_on),
            Dossier.finished_at <= last_instant(days, period.to_on),
        )
    )


def last_days(today: date, days: int) -> Period:
    """Return the period of so many local dates that ends today."""
    return Period(today - timedelta(days=days - 1), today)


_OPEN = (
    Status.SUBMITTED, Status.RECEIVED, Status.PROCESSING, Status.SUPPLEMENT, Status.OBLIGATION, Status.FINISHED,
)  # fmt: skip
