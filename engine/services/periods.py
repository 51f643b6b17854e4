"""When agencies report: their schedules, the periods that follow from them, and reminders (domain.md §6.2, §9.3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog

from engine.context import Context
from engine.documents import period_reminders
from engine.domain import permissions, permissions_reports
from engine.domain.actors import Actor
from engine.domain.calendar import CalendarGapError, WorkingCalendar
from engine.domain.ids import AgencyId
from engine.domain.permissions_supervision import watched
from engine.domain.report_periods import InvalidScheduleError, Kind, NamedPeriod, Schedule, containing, named, usual
from engine.services import calendars
from engine.services.admin_scope import note
from engine.services.officer_names import OfficerNames
from engine.store.agencies import Agency
from engine.store.periods import ReportPeriod, ReportSchedule
from engine.store.unit_of_work import ChangedMeanwhileError, UnitOfWork

SCHEDULE_SET, SCHEDULE_DROPPED = "report_schedule.set", "report_schedule.dropped"  #: acts
MAIL = "mail"  #: topic of the outbox
SHOWN = 60  #: periods that a list has at most
LONGEST_DOCUMENT = 300  #: characters
_FAR = timedelta(days=130)  # longer than any reminder goes ahead

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a unit says of a kind of period; ``document`` is the paper that sets it."""

    kind: str
    first_day: int
    send_month: int
    send_before_day: int
    remind_days: int
    document: str
    consolidated_by: str = ""  #: code of the agency that adds reports up; empty: none


@dataclass(frozen=True, slots=True)
class Member:
    """An agency whose report of the period is added up; ``state`` is running, over or closed."""

    agency: str  # code
    name: str
    state: str

    @property
    def is_closed(self) -> bool:
        """Whether its numbers are frozen."""
        return self.state == "closed"


def set_schedule(ctx: Context, *, by: Actor, agency: str, rule: Rule) -> dict[str, Any]:
    """Set how an agency reports a kind of period, and make its periods; return the schedule as ``listed`` does.

    Periods of that kind that are still open follow the new rule; closed ones stay as they are.

    Raises:
        InvalidScheduleError: a value is none, or no document is named; ``field`` says which; nothing is saved.
        AgencyNotFoundError, NotAllowedError.
    """
    now = ctx.clock.now()
    with ctx.unit_of_work() as uow:
        owner = uow.agencies.by_code(agency)
        permissions_reports.check_can_close(by, owner.id)
        schedule, document = _schedule(rule), _document(rule.document)
        row = uow.periods.schedule(owner.id, schedule.kind)
        before = None if row is None else facts_of(row)
        if row is None:
            row = ReportSchedule(owner_agency_id=owner.id, kind=schedule.kind.value)
        for name in ("first_day", "send_month", "send_before_day", "remind_days"):
            setattr(row, name, getattr(schedule, name))
        row.consolidated_by = _consolidator(uow, owner, rule.consolidated_by)
        row.document, row.set_by, row.set_at = document, by.id, now
        uow.periods.add(row)
        note(
            uow, by=by, at=now, agency=owner, kind=SCHEDULE_SET, subject=row.kind,
            facts={"before": before, "after": facts_of(row)}, ground=document,
        )  # fmt: skip
        _follow(uow, owner, row, now)
        answer = _schedule_view(uow, row)
    log.info("report-schedule.set", by=by.name, agency=agency, kind=rule.kind)
    return answer


def drop_schedule(ctx: Context, *, by: Actor, agency: str, kind: str) -> None:
    """Let an agency no longer report a kind of period; its open periods go, closed ones stay.

    Raises:
        InvalidScheduleError: it has no schedule of that kind.
        AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        owner = uow.agencies.by_code(agency)
        permissions_reports.check_can_close(by, owner.id)
        row = uow.periods.schedule(owner.id, kind)
        if row is None:
            raise InvalidScheduleError(f"agency {agency} has no schedule for {kind!r}", field="kind")
        facts = {"before": facts_of(row), "after": None}
        note(uow, by=by, at=ctx.clock.now(), agency=owner, kind=SCHEDULE_DROPPED, subject=kind, facts=facts)
        for period in _open(uow, owner.id, row.kind):
            uow.periods.drop(period)
        uow.periods.drop(row)
    log.info("report-schedule.dropped", by=by.name, agency=agency, kind=kind)


def ensure(ctx: Context) -> int:
    """Make the periods that schedules ask for: the present ones, and those before them; return how many were made."""
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        lacking = [row for row in uow.periods.schedules() if _missing(uow, row, now)]
    made = 0
    for row in lacking:
        try:
            with ctx.unit_of_work() as uow:
                made += _make(uow, uow.agencies.get(row.owner_agency_id), row, now)
        except ChangedMeanwhileError:  # another clock process made them at the same moment
            continue
    return made


def remind_due(ctx: Context) -> int:
    """Order the reminders whose day has come, once for each period; return how many periods people were told of.

    A period of an agency none of whose supervisors can be written to waits until one can.
    """
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        due = [row.id for row in uow.periods.to_remind((now + _FAR).date()) if _is_time(uow, row, now)]
    return sum(_remind(ctx, number, now) for number in due)


def listed(ctx: Context, *, by: Actor) -> dict[str, Any]:
    """Return schedules and periods of the agencies whose numbers the actor may see.

    Returns:
        ``agencies`` (code, name, may_close), ``consolidators`` (code and name of all who may add reports up),
        ``schedules`` and ``periods``, the latest first, at most 60.

    Raises:
        NotAllowedError: there is no such agency.
    """
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        rows = uow.agencies.all()
        mine = {row.id for row in rows} if by.is_system else watched(by)
        agencies = {row.id: row for row in rows if row.id in mine}
        return {
            "agencies": [
                {"code": row.code, "name": row.name, "may_close": permissions_reports.can_close(by, row.id)}
                for row in sorted(agencies.values(), key=lambda row: row.code)
            ],
            "consolidators": sorted((row.code, row.name) for row in rows),
            "schedules": [_schedule_view(uow, row) for row in uow.periods.schedules() if row.owner_agency_id in mine],
            "periods": _views(uow, agencies, now),
        }


def one(ctx: Context, *, by: Actor, agency: str, name: str) -> dict[str, Any]:
    """Return one period as ``listed`` does; one that is not there is told as it would be made.

    Returns:
        also ``may_close``, and ``members``: whose reports the agency adds up.

    Raises:
        InvalidPeriodNameError, AgencyNotFoundError, NotAllowedError.
    """
    period = named(name)
    with ctx.unit_of_work(read_only=True) as uow:
        owner = uow.agencies.by_code(agency)
        permissions.check_can_report(by, agency=owner.id)
        row = uow.periods.find(owner.id, period.name) or new_row(uow, owner, period)
        view = _view(owner, row, OfficerNames(uow), ctx.clock.now())
        members = members_of(uow, owner, period, ctx.clock.now())
        return view | {"may_close": permissions_reports.can_close(by, owner.id), "members": members}


def new_row(uow: UnitOfWork, agency: Agency, period: NamedPeriod) -> ReportPeriod:
    """Return a row for a period, not added yet; when it is sent follows the agency's schedule, else the usual one."""
    row = uow.periods.schedule(agency.id, period.kind)
    if row is not None and row.first_day != period.first_day:
        row = None
    schedule = usual(period.kind, period.first_day) if row is None else schedule_of(row)
    return ReportPeriod(
        owner_agency_id=agency.id,
        name=period.name,
        kind=period.kind.value,
        from_on=period.from_on,
        to_on=period.to_on,
        cut_off_at=end_of(calendars.in_force(uow, agency.id), period.to_on),
        send_before=schedule.send_before(period),
        consolidated_by=None if row is None else row.consolidated_by,
        content={},
    )


def members_of(uow: UnitOfWork, owner: Agency, period: NamedPeriod, now: datetime) -> list[Member]:
    """Return the same inside a transaction, with one statement when nobody names the agency."""
    others = uow.periods.added_up_by(owner.id, period) - {owner.id}
    found = sorted((uow.agencies.get(each) for each in others), key=lambda each: each.code)
    rows = [(each, uow.periods.find(each.id, period.name)) for each in ([owner, *found] if found else [])]
    return [Member(each.code, each.name, state_of(row or new_row(uow, each, period), now)) for each, row in rows]


def state_of(row: ReportPeriod, now: datetime) -> str:
    """Return whether a period is ``running``, ``over`` and not closed yet, or ``closed``."""
    return "closed" if row.closed_at else "over" if row.cut_off_at <= now else "running"


def end_of(calendar: WorkingCalendar, on: date) -> datetime:
    """Return the first instant after a local date."""
    return calendar.at_local(datetime.combine(on + timedelta(days=1), time.min))


def schedule_of(row: ReportSchedule) -> Schedule:
    """Return the rule that a row keeps."""
    return Schedule(Kind(row.kind), row.first_day, row.send_month, row.send_before_day, row.remind_days)


def facts_of(row: ReportSchedule) -> dict[str, Any]:
    """Return a schedule as acts keep it."""
    names = ("kind", "first_day", "send_month", "send_before_day", "remind_days", "consolidated_by", "document")
    return {name: getattr(row, name) for name in names}


def _schedule(rule: Rule) -> Schedule:
    if rule.kind not in set(Kind):
        raise InvalidScheduleError(f"a period is one of {', '.join(Kind)}, not {rule.kind[:20]!r}", field="kind")
    return Schedule(Kind(rule.kind), rule.first_day, rule.send_month, rule.send_before_day, rule.remind_days)


def _document(text: str) -> str:
    document = " ".join(text.split())
    if not 1 <= len(document) <= LONGEST_DOCUMENT or not document.isprintable():
        message = f"name the paper that sets the dates, in 1 to {LONGEST_DOCUMENT} characters"
        raise InvalidScheduleError(message, field="document")
    return document


def _consolidator(uow: UnitOfWork, owner: Agency, code: str) -> AgencyId | None:
    if code == owner.code:
        raise InvalidScheduleError("an agency adds up the reports of others, not its own", field="consolidated_by")
    return uow.agencies.by_code(code).id if code else None


def _open(uow: UnitOfWork, agency: AgencyId, kind: str) -> list[ReportPeriod]:
    return [row for row in uow.periods.open_of(agency) if row.kind == kind]


def _follow(uow: UnitOfWork, agency: Agency, row: ReportSchedule, now: datetime) -> None:
    """Bring the open periods of a schedule to what it says now."""
    schedule = schedule_of(row)
    for period in _open(uow, agency.id, row.kind):
        known = named(period.name)
        if known.first_day != schedule.first_day:
            uow.periods.drop(period)
            continue
        if period.send_before != schedule.send_before(known):
            period.send_before, period.reminded_at = schedule.send_before(known), None
        period.consolidated_by = row.consolidated_by
    uow.flush()
    _make(uow, agency, row, now)


def _wanted(uow: UnitOfWork, row: ReportSchedule, now: datetime) -> list[NamedPeriod]:
    today = calendars.in_force(uow, row.owner_agency_id).local_date(now)
    present = containing(today, Kind(row.kind), row.first_day)
    return [present.shifted(-1), present]


def _missing(uow: UnitOfWork, row: ReportSchedule, now: datetime) -> list[NamedPeriod]:
    names = uow.periods.names(row.owner_agency_id)
    return [period for period in _wanted(uow, row, now) if period.name not in names]


def _make(uow: UnitOfWork, agency: Agency, row: ReportSchedule, now: datetime) -> int:
    missing = _missing(uow, row, now)
    for period in missing:
        uow.periods.add(new_row(uow, agency, period))
    return len(missing)


def _is_time(uow: UnitOfWork, row: ReportPeriod, now: datetime) -> bool:
    kept = uow.periods.schedule(row.owner_agency_id, row.kind)
    if kept is None:
        return False
    calendar = calendars.in_force(uow, row.owner_agency_id)
    today = calendar.local_date(now)
    return schedule_of(kept).remind_on(named(row.name), lambda on: _works(calendar, on)) <= today <= row.send_before


def _works(calendar: WorkingCalendar, on: date) -> bool:
    try:
        return calendar.is_working_day(on)
    except CalendarGapError:
        return True  # the reminder comes early rather than not


def _remind(ctx: Context, number: int, now: datetime) -> int:
    try:
        with ctx.unit_of_work() as uow:
            row = uow.periods.get(number)
            if row is None or row.reminded_at is not None or row.closed_at is not None:
                return 0
            agency = uow.agencies.get(row.owner_agency_id)
            readers = uow.periods.supervisors(agency.id)
            for officer, name, email in readers:
                subject, text = period_reminders.write(_reminder(ctx, uow, row, agency.name, name))
                payload = {"to": email, "subject": subject, "text": text}
                key = f"period-reminder:{row.id}:{row.send_before.isoformat()}:{officer}"
                uow.outbox.add(agency=agency.id, topic=MAIL, key=key, payload=payload, at=now)
            if not readers:
                return 0
            row.reminded_at = now
            return 1
    except ChangedMeanwhileError:  # another clock process was faster
        return 0


def _reminder(ctx: Context, uow: UnitOfWork, row: ReportPeriod, agency: str, name: str) -> period_reminders.Reminder:
    kept = uow.periods.schedule(row.owner_agency_id, row.kind)
    return period_reminders.Reminder(
        to_name=name,
        agency=agency,
        period=row.name,
        from_on=row.from_on,
        to_on=row.to_on,
        send_before=row.send_before,
        document="" if kept is None else kept.document,
        address=ctx.settings.public_url,
    )


def _schedule_view(uow: UnitOfWork, row: ReportSchedule) -> dict[str, Any]:
    facts = facts_of(row)
    consolidating = None if row.consolidated_by is None else uow.agencies.get(row.consolidated_by).code
    owner = uow.agencies.get(row.owner_agency_id)
    return {"agency": owner.code, "agency_name": owner.name, **facts, "consolidated_by": consolidating}


def _views(uow: UnitOfWork, agencies: dict[AgencyId, Agency], now: datetime) -> list[dict[str, Any]]:
    names = OfficerNames(uow)
    rows: Collection[ReportPeriod] = uow.periods.of_agencies(agencies.keys(), most=SHOWN)
    return [_view(agencies[row.owner_agency_id], row, names, now) for row in rows]


def _view(agency: Agency, row: ReportPeriod, names: OfficerNames, now: datetime) -> dict[str, Any]:
    return {
        "agency": agency.code,
        "agency_name": agency.name,
        "period": row.name,
        "kind": row.kind,
        "from": row.from_on.isoformat(),
        "to": row.to_on.isoformat(),
        "send_before": row.send_before.isoformat(),
        "state": state_of(row, now),
        "closed_at": None if row.closed_at is None else row.closed_at.isoformat(),
        "closed_by": names.of(row.closed_by),
        "closed_early": row.closed_at is not None and row.closed_at < row.cut_off_at,
        "sha256": row.content_sha256,
        "reminded_at": None if row.reminded_at is None else row.reminded_at.isoformat(),
        "content": row.content,
    }
