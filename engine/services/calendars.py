"""Working calendars: which one is in force for an agency, and new versions of it."""

from __future__ import annotations

from engine.context import Context
from engine.domain.calendar import WorkingCalendar
from engine.domain.ids import AgencyId
from engine.store.calendars import CalendarDay, CalendarVersion
from engine.store.unit_of_work import UnitOfWork


def in_force(uow: UnitOfWork, agency_id: AgencyId) -> WorkingCalendar:
    """Return the calendar that promises of this agency are computed from: its own, or the nearest above it.

    Raises:
        CalendarVersionNotFoundError: neither the agency nor one above it, nor the default agency, has a calendar.
    """
    agency = uow.agencies.get(agency_id)
    version = uow.calendars.current_version(agency.id)
    while version is None and agency.parent_id is not None:
        agency = uow.agencies.get(agency.parent_id)
        version = uow.calendars.current_version(agency.id)
    if version is None:
        version = uow.calendars.current_version(uow.agencies.default().id) or ""
    return pinned(uow, version)


def pinned(uow: UnitOfWork, version: str) -> WorkingCalendar:
    """Return the calendar of a kept version; built once a process, because its name is the hash of its content.

    Raises:
        CalendarVersionNotFoundError: the version is not kept.
    """
    calendar = _built.get(version)
    if calendar is None:
        calendar = WorkingCalendar.from_content(uow.calendars.content(version))
        _built[version] = calendar
    return calendar


def publish(ctx: Context, uow: UnitOfWork, *, agency_id: AgencyId, calendar: WorkingCalendar) -> str:
    """Make this calendar the one in force for the agency and keep it for ever; return its version."""
    if uow.calendars.current_version(agency_id) == calendar.version:
        return calendar.version
    uow.calendars.add_version(
        CalendarVersion(
            owner_agency_id=agency_id,
            version=calendar.version,
            no=uow.calendars.latest_no(agency_id) + 1,
            content=calendar.content(),
            made_at=ctx.clock.now(),
        )
    )
    return calendar.version


def keep_days(uow: UnitOfWork, *, agency_id: AgencyId, calendar: WorkingCalendar) -> None:
    """Write the calendar's days off and make-up days as rows that an administrator can see and correct."""
    for rule in calendar.days:
        uow.calendars.put_day(
            CalendarDay(
                owner_agency_id=agency_id,
                on=rule.on,
                kind=rule.kind.value,
                decision=rule.decision,
                note=rule.note,
                is_provisional=rule.provisional,
            )
        )


_built: dict[str, WorkingCalendar] = {}
