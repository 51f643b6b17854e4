"""Closing a reporting period: what reports read is frozen under its hash, and never changes again (domain.md §6.2)."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, datetime
from importlib.metadata import version
from io import BytesIO

import structlog

from engine.context import Context
from engine.domain import permissions_reports
from engine.domain.actors import Actor
from engine.domain.report_periods import NamedPeriod, Standard, named
from engine.errors import ConflictError
from engine.services import periods
from engine.services.admin_scope import note
from engine.services.closed_periods import Closed, as_closed, frozen_context
from engine.store import frozen_rows
from engine.store.agencies import Agency
from engine.store.frozen_rows import Extent
from engine.store.periods import ReportPeriod
from engine.store.unit_of_work import UnitOfWork

CLOSED = "period.closed"  #: of the act that records a close
_LEVEL = 6  # of gzip

log = structlog.get_logger(__name__)


class PeriodClosedError(ConflictError):
    """The period is closed; its data does not change again."""

    code = "period-closed"


class PeriodNotOverError(ConflictError):
    """The period is not over, and nobody said that it is to be closed all the same."""

    code = "period-not-over"


Reports = Callable[[Context, str, NamedPeriod], Standard]
"""Computes the standard reports of an agency and a period in a context; reports are no part of the services."""


def close(ctx: Context, *, by: Actor, agency: str, name: str, reports: Reports, early: bool = False) -> Closed:
    """Freeze the data of a period and close it; what is corrected later shows as a correction.

    Nothing is closed when a report cannot be computed from what was frozen.

    Args:
        agency: its code.
        early: close although the period is not over: it is cut off now, as for reports that are sent before its end.

    Raises:
        PeriodClosedError: it was closed before, perhaps a moment ago.
        PeriodNotOverError: it is not over, and ``early`` is not said.
        InvalidPeriodNameError, AgencyNotFoundError, NotAllowedError.
        FileStoreUnavailableError: the frozen data cannot be kept; nothing was closed.
    """
    period, at = named(name), ctx.clock.now()
    content = _freeze(ctx, by, agency, period, at, early=early)
    with frozen_context(ctx, content=content, at=at) as frozen:
        standard = reports(frozen, agency, period)
    digest = ctx.files.put(content)
    facts = {
        "early": early,
        "bytes": len(content),
        "made_by": version("motcua"),
        "reports": dict(sorted(standard.digests.items())),
        "quality": dict(standard.quality),
    }
    with ctx.unit_of_work() as uow:
        owner = _owner(uow, by, agency)
        row = _still_open(uow, owner, period, lock=True)
        row.closed_at, row.closed_by, row.content_sha256, row.content = at, by.id, digest, facts
        uow.periods.add(row)
        said = {"sha256": digest, "early": early}
        note(uow, by=by, at=at, agency=owner, kind=CLOSED, subject=period.name, facts=said)
        answer = as_closed(uow, row)
    log.info("period.closed", by=by.name, agency=agency, period=period.name, sha256=digest)
    return answer


def _freeze(ctx: Context, by: Actor, agency: str, period: NamedPeriod, at: datetime, *, early: bool) -> bytes:
    """Return the frozen bytes of the state of the database at this moment; the same state gives the same bytes."""
    buffer = BytesIO()
    with ctx.unit_of_work(read_only=True) as uow:
        frozen_rows.hold_still(uow.session)
        owner = _owner(uow, by, agency)
        row = _still_open(uow, owner, period)
        if row.cut_off_at > at and not early:
            raise PeriodNotOverError(
                f"period {period.name} ends on {period.to_on}; close it after that, or say that it is to be closed now",
                period=period.name,
            )
        extent = extent_of(uow, owner, period)
        head = {
            "agency": owner.code,
            "period": period.name,
            "from": period.from_on.isoformat(),
            "to": period.to_on.isoformat(),
            "closed_at": at.isoformat(),
            "since": extent.since.isoformat(),
        }
        with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=_LEVEL, mtime=0, filename="") as file:
            file.writelines(frozen_rows.lines(uow.session, extent, head))
    return buffer.getvalue()


def extent_of(uow: UnitOfWork, owner: Agency, period: NamedPeriod) -> Extent:
    """Return what of the database concerns a period of an agency."""
    since: date = frozen_rows.since_of(uow.session, owner.id, period.from_on)
    return Extent(owner.id, since)


def _owner(uow: UnitOfWork, by: Actor, agency: str) -> Agency:
    owner = uow.agencies.by_code(agency)
    permissions_reports.check_can_close(by, owner.id)
    return owner


def _still_open(uow: UnitOfWork, owner: Agency, period: NamedPeriod, *, lock: bool = False) -> ReportPeriod:
    row = uow.periods.find(owner.id, period.name, lock=lock)
    if row is None:
        return periods.new_row(uow, owner, period)
    if row.closed_at is not None:
        raise PeriodClosedError(
            f"period {period.name} was closed at {row.closed_at.isoformat()}; what is corrected since then shows as a "
            "correction",
            period=period.name,
        )
    return row
