"""The list of late dossiers as a report to send upwards (*báo cáo hồ sơ trả kết quả quá hạn*; domain.md §2.10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import aliased

from engine.context import Context
from engine.documents.forms import render_pdf
from engine.documents.late_reports import LateLine, LateReportValues
from engine.domain import permissions_supervision
from engine.domain.actors import Actor
from engine.domain.dossier import Cause, LetterState
from engine.domain.ids import AgencyId
from engine.domain.official_forms import OWN, FormKind, form_of, symbol_of
from engine.errors import ConflictError
from engine.reports.filters import Filters, Queue, in_queue, is_open, matching, visible
from engine.reports.lateness_sql import is_late
from engine.reports.localities import Localities
from engine.store.agencies import Agency, Unit
from engine.store.dossiers import Dossier, Party
from engine.store.letters import Letter
from engine.store.people import Officer
from engine.store.procedures import Procedure
from engine.store.tasks import Task
from engine.store.unit_of_work import UnitOfWork

MOST = 2000  #: dossiers of one report
CAUSES = {
    Cause.RULE: "Do quy định",
    Cause.STAFF: "Do công chức",
    Cause.COOPERATION: "Do cơ quan phối hợp",
    Cause.DOSSIER: "Do hồ sơ",
    Cause.OTHER: "Lý do khác",
}
LETTERS = {
    LetterState.DRAFT: "đang soạn",
    LetterState.APPROVED: "đã duyệt, chưa gửi",
    LetterState.SENT: "đã gửi",
}


class LateReportTooLongError(ConflictError):
    """The list has more dossiers than one report holds."""

    code = "late-report-too-long"


def pdf(ctx: Context, *, by: Actor, what: str, queue: Queue = Queue.OVERDUE, filters: Filters | None = None) -> bytes:
    """Return the late dossiers of a list as PDF; see ``values``."""
    printed = values(ctx, by=by, what=what, queue=queue, filters=filters)[1]
    return render_pdf(printed.form, printed)


def values(
    ctx: Context, *, by: Actor, what: str, queue: Queue = Queue.OVERDUE, filters: Filters | None = None
) -> tuple[AgencyId, LateReportValues]:
    """Return who reports, and the late dossiers of a list to print, those that are due longest first.

    Args:
        what: which list it is, in words; printed below the title.

    Raises:
        NotAllowedError: the actor sees no board of what is overdue.
        LateReportTooLongError: there are more than ``MOST``.
        InvalidFilterError, InvalidDateError.
    """
    permissions_supervision.check_can_see_board(by)
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        condition = and_(
            visible(by),
            matching(filters or Filters(), localities=Localities.read(uow)),
            in_queue(queue, by=by, now=now),
            is_late(now),
        )
        rows = uow.session.execute(_rows().where(condition).limit(MOST + 1)).all()
        if len(rows) > MOST:
            raise LateReportTooLongError(f"a report holds {MOST} dossiers; narrow the list", most=MOST)
        places = _places(uow, [row.Dossier.id for row in rows])
        agency = _reporter(uow, by, Counter(row.Dossier.resolving_agency_id for row in rows))
        return agency.id, _values(agency, by, what, now, tuple(_line(row, places, now) for row in rows))


def _values(agency: Agency, by: Actor, what: str, now: datetime, lines: tuple[LateLine, ...]) -> LateReportValues:
    return LateReportValues(
        form=form_of(OWN, FormKind.LATE_REPORT),
        superior_body=agency.superior_name,
        agency_name=agency.name,
        symbol=symbol_of(FormKind.LATE_REPORT, desk_symbol=agency.desk_symbol, own=agency.paper_symbols),
        place=agency.place,
        number=None,
        what=what,
        lines=lines,
        as_of=now,
        reporter_name="Hệ thống" if by.is_system else by.name,
        zone=agency.zone,
    )


def _reporter(uow: UnitOfWork, by: Actor, late: Mapping[AgencyId, int]) -> Agency:
    """Return the agency that reports: of those where the actor sees the board, the one that resolves most of it."""
    held = sorted(by.agencies_with(*permissions_supervision.BOARD), key=lambda each: (-late.get(each, 0), each))
    return uow.agencies.get(held[0]) if held else uow.agencies.default()


_COLUMNS: tuple[Any, ...] = (Dossier, Procedure.name.label("procedure"), Letter)


def _rows() -> Select[Any]:
    applicant, other = aliased(Party), aliased(Letter)
    newest = select(func.max(other.promise_no)).where(other.dossier_id == Dossier.id, other.kind == "apology")
    letter = and_(
        Letter.dossier_id == Dossier.id, Letter.kind == "apology",
        Letter.promise_no == newest.correlate(Dossier).scalar_subquery(), Letter.withdrawn_at.is_(None),
    )  # fmt: skip
    return (
        select(*_COLUMNS, applicant.name.label("person"))
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .outerjoin(applicant, and_(applicant.dossier_id == Dossier.id, applicant.role == "applicant"))
        .outerjoin(Letter, letter)
        .where(Dossier.due_at.is_not(None))
        .order_by(Dossier.due_at, Dossier.id)
    )


def _places(uow: UnitOfWork, dossiers: list[Any]) -> dict[Any, str]:
    """Return where each dossier is: units of its open steps, with who has them."""
    found: dict[Any, list[str]] = {}
    for at in range(0, len(dossiers), 500):
        query = (
            select(Task.dossier_id, Unit.name, Officer.name.label("officer"))
            .join(Unit, Unit.id == Task.unit_id)
            .outerjoin(Officer, Officer.id == Task.assignee_id)
            .where(Task.dossier_id.in_(dossiers[at : at + 500]), is_open())
            .order_by(Task.opened_at, Task.id)
        )
        for row in uow.session.execute(query):
            where = row.name if row.officer is None else f"{row.name} – {row.officer}"
            if where not in found.setdefault(row.dossier_id, []):
                found[row.dossier_id].append(where)
    return {key: "; ".join(places) for key, places in found.items()}


def _line(row: Any, places: dict[Any, str], now: datetime) -> LateLine:
    dossier, letter = row.Dossier, row.Letter
    counted = dossier.counts_at(now)
    return LateLine(
        code=dossier.code or "–",
        person=row.person or "–",
        procedure_name=row.procedure,
        received_at=dossier.received_at,
        due_at=dossier.due_at,
        finished_at=dossier.finished_at,
        days_late=max(0, -((dossier.due_at - counted).days)),
        place=places.get(dossier.id),
        cause=None if letter is None else _cause(letter),
        letter=None if letter is None else letter.number or LETTERS.get(letter.state, "đang làm"),
        extended_due_at=dossier.extended_due_at,
    )


def _cause(letter: Letter) -> str | None:
    said = [CAUSES[letter.cause]] if letter.cause is not None else []
    return ": ".join([*said, *([letter.reason] if letter.reason else [])]) or None
