"""Working calendars: which one is in force for an agency, and new versions of it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.calendar import DayRule, InvalidCalendarError, WorkingCalendar
from engine.domain.deadlines import LateRule
from engine.domain.ids import AgencyId
from engine.store.calendars import CalendarDay, CalendarVersion
from engine.store.unit_of_work import UnitOfWork

FURTHEST_YEARS = 10  # a decision further away than this from the calendar's years is a slip of the pen


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


def of_agency(ctx: Context, *, code: str | None) -> tuple[WorkingCalendar, LateRule]:
    """Return the calendar in force and the late rule of an agency; None: the default agency.

    Raises:
        AgencyNotFoundError, CalendarVersionNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        agency = uow.agencies.by_code(code) if code else uow.agencies.default()
        return in_force(uow, agency.id), LateRule(agency.late_rule)


def import_days(ctx: Context, *, by: Actor, rules: Sequence[DayRule], agency: str | None = None) -> WorkingCalendar:
    """Put declared days into the agency's calendar as a new version; open dossiers keep what they were promised.

    A declared year is decided: its provisional days that the file does not name go.

    Raises:
        InvalidCalendarError: a day is declared twice or lies outside the calendar.
        NotAllowedError, AgencyNotFoundError.
    """
    with ctx.unit_of_work() as uow:
        owner = uow.agencies.by_code(agency) if agency else uow.agencies.default()
        permissions.check_can_administer(by, agency=owner.id)
        old = in_force(uow, owner.id)
        named = {rule.on for rule in rules}
        decided = {on.year for on in named}
        kept = [
            rule for rule in old.days if rule.on not in named and not (rule.provisional and rule.on.year in decided)
        ]
        new = WorkingCalendar.build(
            zone=old.zone,
            shifts=old.shifts,
            days=[*kept, *rules],
            years=_years(old, decided),
        )
        publish(ctx, uow, agency_id=owner.id, calendar=new)
        keep_days(uow, agency_id=owner.id, calendar=new)
        return new


def _years(old: WorkingCalendar, decided: set[int]) -> range:
    """Return the years of the new calendar: those of the old one, and further ones that a decision names."""
    first, last = min({old.first_year, *decided}), max({old.last_year, *decided})
    if first < old.first_year - FURTHEST_YEARS or last > old.last_year + FURTHEST_YEARS:
        raise InvalidCalendarError(
            f"the days lie more than {FURTHEST_YEARS} years outside the calendar ({old.first_year} to {old.last_year})"
        )
    return range(first, last + 1)


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
    """Make the agency's day rows, which an administrator sees, those of the calendar."""
    uow.calendars.remove_days(agency_id)
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
