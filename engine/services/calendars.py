"""Working calendars: which one is in force for an agency, and how it comes about from what each owner declares."""

from __future__ import annotations

from collections.abc import Mapping

from engine.context import Context
from engine.domain import office_hours
from engine.domain.calendar import WorkingCalendar
from engine.domain.calendar_layers import Layer, merged, owners
from engine.domain.deadlines import LateRule
from engine.domain.ids import AgencyId, UnitId
from engine.domain.office_hours import DayKind, DayRule, InvalidCalendarError, OfficeHours, Shift, parse_shifts
from engine.store.calendars import CalendarDay, CalendarVersion, OfficeHoursRow
from engine.store.unit_of_work import UnitOfWork

FURTHEST_YEARS = office_hours.FURTHEST_YEARS


def in_force(uow: UnitOfWork, agency_id: AgencyId) -> WorkingCalendar:
    """Return the calendar that promises of this agency are computed from: its own, or the nearest above it.

    Raises:
        CalendarVersionNotFoundError: neither the agency nor one above it, nor the default agency, has a calendar.
    """
    for owner in owners_of(uow, agency_id):
        version = uow.calendars.current_version(owner)
        if version is not None:
            return pinned(uow, version)
    return pinned(uow, "")


def owners_of(uow: UnitOfWork, agency_id: AgencyId) -> list[AgencyId]:
    """Return whose declarations count for the agency, the nearest first."""
    country = uow.agencies.default().id
    return owners(agency_id, parent_of=lambda each: uow.agencies.get(each).parent_id, country=country)


def below(uow: UnitOfWork, owner: AgencyId) -> list[AgencyId]:
    """Return the agencies for which the owner's declarations count, itself among them."""
    parents = {agency.id: agency.parent_id for agency in uow.agencies.all()}
    country = min(parents)
    return [each for each in parents if owner in owners(each, parent_of=lambda at: parents[at], country=country)]


def of_agency(ctx: Context, *, code: str | None) -> tuple[WorkingCalendar, LateRule]:
    """Return the calendar in force and the late rule of an agency; None: the default agency.

    Raises:
        AgencyNotFoundError, CalendarVersionNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        agency = uow.agencies.by_code(code) if code else uow.agencies.default()
        return in_force(uow, agency.id), LateRule(agency.late_rule)


def reception(uow: UnitOfWork, agency_id: AgencyId, unit_id: UnitId) -> WorkingCalendar:
    """Return when a desk receives: its own weekly hours over the days of the agency (domain.md §7.1).

    A desk without hours of its own receives when the agency works. Reception hours move no date: a dossier received
    outside the agency's hours counts from their next opening.
    """
    desk = tuple(hours_from(row) for row in uow.calendars.hours(agency_id, unit_id))
    return built(uow, agency_id, desk=Layer(hours=desk)) if desk else in_force(uow, agency_id)


def layer_of(uow: UnitOfWork, owner: AgencyId) -> Layer:
    """Return what the owner itself declares."""
    return Layer(
        days=tuple(rule_from(row) for row in uow.calendars.days(owner)),
        hours=tuple(hours_from(row) for row in uow.calendars.hours(owner)),
    )


def built(
    uow: UnitOfWork, agency_id: AgencyId, *, instead: Mapping[AgencyId, Layer] | None = None, desk: Layer | None = None
) -> WorkingCalendar:
    """Build the calendar of an agency from what its owners declare.

    Args:
        instead: layers that replace what is stored, of a change that is not made yet.
        desk: one more layer, nearest of all.

    Raises:
        InvalidCalendarError: it would contradict itself, or reach too far.
    """
    given = instead or {}
    chain = owners_of(uow, agency_id)
    country = in_force(uow, chain[-1])
    layers = [given[owner] if owner in given else layer_of(uow, owner) for owner in chain]
    if desk is not None:
        layers.insert(0, desk)
    return merged(zone=country.zone, shifts=country.shifts, years=_years(country, layers), layers=layers)


def _years(country: WorkingCalendar, layers: list[Layer]) -> range:
    """Return the years of the new calendar: those of which the country declares days, so that each has its holidays.

    A year that only an undone change had added is gone again.
    """
    national = {rule.on.year for rule in layers[-1].days} or {country.first_year, country.last_year}
    first, last = min(national), max(national)
    for year in (first, last):
        if not country.first_year - FURTHEST_YEARS <= year <= country.last_year + FURTHEST_YEARS:
            covered = f"({country.first_year} to {country.last_year})"
            message = (
                f"{year} lies more than {FURTHEST_YEARS} years outside the calendar {covered}: correct the year, or "
                f"declare only years up to {country.last_year + FURTHEST_YEARS}, at most {FURTHEST_YEARS} further ones "
                "at a time"
            )
            raise InvalidCalendarError(message, problem="year-too-far", year=year, furthest=FURTHEST_YEARS)
    beyond = {rule.on.year for layer in layers for rule in layer.days} - {*range(first, last + 1)}
    if beyond:
        message = f"{min(beyond)} is not in the calendar of the country ({first} to {last}), which alone adds years"
        message += ": declare its public holidays there first"
        raise InvalidCalendarError(message, problem="year-not-national", year=min(beyond))
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


def publish(
    ctx: Context, uow: UnitOfWork, *, agency_id: AgencyId, calendar: WorkingCalendar, change: int | None = None
) -> str:
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
            change_id=change,
        )
    )
    return calendar.version


def republish(ctx: Context) -> None:
    """Publish what owners declare where the version in force says something else: after an upgrade of the schema."""
    with ctx.unit_of_work(changes_calendar=True) as uow:
        for agency in uow.agencies.all():
            if uow.calendars.current_version(agency.id) is not None:
                publish(ctx, uow, agency_id=agency.id, calendar=built(uow, agency.id))


def day_row(owner: AgencyId, rule: DayRule) -> CalendarDay:
    """Lay a declared day out as the owner's row."""
    return CalendarDay(
        owner_agency_id=owner,
        on=rule.on,
        kind=rule.kind.value,
        decision=rule.decision,
        note=rule.note,
        is_provisional=rule.provisional,
        shifts=",".join(str(shift) for shift in rule.shifts),
    )


def rule_from(row: CalendarDay) -> DayRule:
    """Read a row back."""
    return DayRule(
        on=row.on,
        kind=DayKind(row.kind),
        decision=row.decision,
        note=row.note,
        provisional=row.is_provisional,
        shifts=parse_shifts(row.shifts),
    )


def hours_from(row: OfficeHoursRow) -> OfficeHours:
    """Read weekly hours back."""
    week = tuple(tuple(Shift.parse(text) for text in shifts) for shifts in row.week)
    return OfficeHours(row.valid_from, week, decision=row.decision, note=row.note)


_built: dict[str, WorkingCalendar] = {}
