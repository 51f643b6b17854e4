"""Closed periods: what stood at their close, as a context in which every report runs unchanged (domain.md §6.2).

The frozen rows are put into a database in memory whose clock stands at the close. Nobody can write there.
"""

from __future__ import annotations

import gzip
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO
from threading import Lock
from typing import Any

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.clock import TurnedClock
from engine.domain.ids import AgencyId
from engine.domain.permissions_supervision import WATCHING
from engine.domain.report_periods import named
from engine.errors import ConflictError
from engine.services import rollups
from engine.services.officer_names import OfficerNames
from engine.store import frozen_rows
from engine.store.frozen_rows import FrozenContentError
from engine.store.periods import ReportPeriod
from engine.store.unit_of_work import Database, UnitOfWork

REMEMBERED_BYTES = 64 * 1024 * 1024  #: of databases of closed periods, in each process


class PeriodNotClosedError(ConflictError):
    """The period is not closed, so nothing was frozen."""

    code = "period-not-closed"


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed period of an agency; its dates are included."""

    agency: str  # code
    agency_name: str
    name: str
    from_on: date
    to_on: date
    cut_off_at: datetime  # the end of its last date
    closed_at: datetime
    closed_by: str  # name; empty: the system
    sha256: str  # of the frozen content

    @property
    def was_early(self) -> bool:
        """Whether it was closed before its last date was over: what came after is not in it."""
        return self.closed_at < self.cut_off_at

    def as_json(self) -> dict[str, Any]:
        """Return what every report of a closed period says of itself."""
        return {
            "period": self.name,
            "agency": self.agency,
            "closed_at": self.closed_at.isoformat(),
            "closed_by": self.closed_by,
            "sha256": self.sha256,
        }


def find(ctx: Context, *, by: Actor, agency: str | None, name: str) -> Closed | None:
    """Return the close of a period; None when the agency has not closed a period of that name.

    Args:
        agency: code; None: the one whose numbers the actor may see. With several of them there is no close to show.

    Raises:
        InvalidPeriodNameError, AgencyNotFoundError.
        NotAllowedError: the actor may not see the numbers of the agency.
    """
    period = named(name).name
    with ctx.unit_of_work(read_only=True) as uow:
        known = _agency(uow, by, agency)
        row = None if known is None else uow.periods.find(known, period)
        return None if row is None or row.closed_at is None else as_closed(uow, row)


@contextmanager
def context_of(ctx: Context, *, by: Actor, agency: str, name: str) -> Iterator[Context]:
    """Give a context whose database is what was frozen at the close and whose clock stands there.

    Files, settings and the rest are those of ``ctx``. Reports ask for ``agency`` in it: of others it knows but what
    they share with it.

    Raises:
        PeriodNotFoundError, PeriodNotClosedError, InvalidPeriodNameError, AgencyNotFoundError, NotAllowedError.
        FileMissingError, FileDamagedError: the frozen file is away, or its bytes are not those that were frozen.
        FrozenContentError: this version cannot read it.
    """
    period = named(name).name
    with ctx.unit_of_work(read_only=True) as uow:
        known = uow.agencies.by_code(agency).id
        permissions.check_can_report(by, agency=known)
        row = uow.periods.by_name(known, period)
        closed_at, sha256 = row.closed_at, row.content_sha256
    if closed_at is None or sha256 is None:
        raise PeriodNotClosedError(f"period {name} of agency {agency} is not closed", period=name, agency=agency)
    content = ctx.files.get(sha256)  # checked against its hash each time, whatever is remembered
    with frozen_context(ctx, content=content, at=closed_at, sha256=sha256) as frozen:
        yield frozen


@contextmanager
def frozen_context(ctx: Context, *, content: bytes, at: datetime, sha256: str | None = None) -> Iterator[Context]:
    """Give a context over frozen bytes, its clock at ``at``.

    Args:
        sha256: of the content, when it may be remembered: what was read once is there again at once.

    Raises:
        FrozenContentError: the bytes are none, or of a version that this one cannot read.
    """
    database = Database.in_memory()
    try:
        frozen = replace(ctx, database=database, clock=TurnedClock(at))
        image = None if sha256 is None else _images.get(sha256)
        if image is not None:
            frozen_rows.restore(database, image)
        else:
            frozen_rows.load(database, _lines(content))
            rollups.rebuild(frozen)
            if sha256 is not None:
                _images.put(sha256, frozen_rows.image_of(database))
        frozen_rows.seal(database)
        yield frozen
    finally:
        database.close()


class _Images:
    """Databases of closed periods that were asked for last, for the threads of one process."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._kept, self._lock = most_bytes, OrderedDict[str, bytes](), Lock()

    def get(self, sha256: str) -> bytes | None:
        with self._lock:
            image = self._kept.get(sha256)
            if image is not None:
                self._kept.move_to_end(sha256)
            return image

    def put(self, sha256: str, image: bytes) -> None:
        with self._lock:
            self._kept[sha256] = image
            while sum(map(len, self._kept.values())) > self._most:
                self._kept.popitem(last=False)


_images = _Images(REMEMBERED_BYTES)


def _lines(content: bytes) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=BytesIO(content)) as file:
            yield from file
    except (OSError, EOFError, zlib.error) as error:
        raise FrozenContentError("the frozen content is no gzip file, or is cut off") from error


def _agency(uow: UnitOfWork, by: Actor, code: str | None) -> AgencyId | None:
    if code is not None:
        known = uow.agencies.by_code(code).id
        permissions.check_can_report(by, agency=known)
        return known
    mine = {row.id for row in uow.agencies.all()} if by.is_system else by.agencies_with(*WATCHING)
    return next(iter(mine)) if len(mine) == 1 else None


def as_closed(uow: UnitOfWork, row: ReportPeriod) -> Closed:
    """Return a closed row as others know it."""
    assert row.closed_at is not None  # noqa: S101 - asked for by the callers
    agency = uow.agencies.get(row.owner_agency_id)
    return Closed(
        agency=agency.code,
        agency_name=agency.name,
        name=row.name,
        from_on=row.from_on,
        to_on=row.to_on,
        cut_off_at=row.cut_off_at,
        closed_at=row.closed_at,
        closed_by=OfficerNames(uow).of(row.closed_by) or "",
        sha256=row.content_sha256 or "",
    )
