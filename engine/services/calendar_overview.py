"""A year of an agency's calendar for people: who declares which day, by which decision, and what should be seen to."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.context import Context
from engine.domain import calendar_warnings, permissions
from engine.domain.actors import Actor, Role
from engine.domain.calendar import CalendarGapError, WorkingCalendar
from engine.domain.calendar_layers import owners
from engine.domain.calendar_warnings import CalendarWarning
from engine.domain.ids import AgencyId, OfficerId
from engine.domain.office_hours import DayKind, DayRule, OfficeHours, shifts_text
from engine.services import calendars
from engine.store.agencies import Agency
from engine.store.unit_of_work import UnitOfWork

_NOBODY = {"owner": None, "entered_by": None, "entered_at": None, "change": None}


def overview(ctx: Context, *, by: Actor, year: int, agency: str | None = None) -> dict[str, Any]:
    """Return a year of the calendar in force, each declared day with its owner, and the desks' reception hours.

    Raises:
        CalendarGapError: the calendar does not cover the year.
        NotAllowedError, AgencyNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.agencies.by_code(agency) if agency else uow.agencies.default()
        permissions.check_can_see_calendar(by, agency=row.id)
        calendar = calendars.in_force(uow, row.id)
        facts = year_of(calendar, year)
        marks = _marks(uow, row.id, calendar)
        return {
            "agency": row.code,
            "name": row.name,
            "late_rule": row.late_rule,
            "nearing_percent": row.nearing_percent,
            **facts,
            "desks": _desks(uow, row, year),
            "days": [day | marks.get(day["date"], _NOBODY) for day in facts["days"]],
        }


def year_of(calendar: WorkingCalendar, year: int) -> dict[str, Any]:
    """Return what a calendar alone says of a year: weekly hours in force, declared days, working days by month.

    Raises:
        CalendarGapError: the calendar does not cover the year.
    """
    if not calendar.first_year <= year <= calendar.last_year:
        covered = f"{calendar.first_year}–{calendar.last_year}"
        message = f"the working calendar covers {covered}, not {year}: import the decision of {year} to add it"
        raise CalendarGapError(message, year=year, covered=covered)
    return {
        "year": year,
        "years": [calendar.first_year, calendar.last_year],
        "zone": calendar.zone,
        "calendar": calendar.version,
        "provisional": year in calendar.provisional_years,
        "hours": _hours_of(calendar, year),
        "days": [_day(rule) for rule in calendar.days if rule.on.year == year],
        "months": _months(calendar, year),
    }


def agencies(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the agencies whose calendar the actor sees, those that it administers first, each with ``may_change``."""
    with ctx.unit_of_work(read_only=True) as uow:
        rows = uow.agencies.all()
        mine = frozenset(row.id for row in rows) if by.is_system else by.agencies_with(Role.ADMIN)
        seen = [row for row in rows if row.id in mine or row.id in by.agencies]
        seen.sort(key=lambda row: (row.id not in mine, row.id))
        return [{"code": row.code, "name": row.name, "may_change": row.id in mine} for row in seen]


def warnings(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return what the actor should see to in the calendars that it administers; nothing for who administers none.

    The same warning of several calendars is one; ``agencies`` names whose it is, None when it is that of all.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        known = {agency.id: (agency, version) for agency, version in uow.calendars.everywhere()}
        mine = list(known) if by.is_system else sorted(by.agencies_with(Role.ADMIN))
        found: dict[CalendarWarning, list[str]] = {}
        for agency_id in mine:
            chain = owners(agency_id, parent_of=lambda each: known[each][0].parent_id, country=min(known))
            version = next((known[owner][1] for owner in chain if known[owner][1] is not None), "")
            calendar = calendars.pinned(uow, version or "")
            for each in calendar_warnings.warnings(calendar, today=calendar.local_date(ctx.clock.now())):
                found.setdefault(each, []).append(known[agency_id][0].name)
        return [
            each.as_json() | {"agencies": None if len(names) == len(mine) else names} for each, names in found.items()
        ]


def _hours_of(calendar: WorkingCalendar, year: int) -> list[dict[str, Any]]:
    """Return the weekly hours that hold at some time of the year, the first of them from before it."""
    usual = OfficeHours.usual(calendar.shifts)
    begun = [each for each in (usual, *calendar.hours) if each.valid_from <= date(year, 12, 31)]
    first = max((no for no, each in enumerate(begun) if each.valid_from <= date(year, 1, 1)), default=0)
    return [_week(each) for each in begun[first:]]


def _week(hours: OfficeHours) -> dict[str, Any]:
    return {
        "from": None if hours.valid_from == date.min else hours.valid_from.isoformat(),
        "week": [shifts_text(shifts) for shifts in hours.week],
        "decision": hours.decision,
        "note": hours.note,
    }


def _desks(uow: UnitOfWork, agency: Agency, year: int) -> list[dict[str, Any]]:
    return [
        {
            "unit": unit.code,
            "name": unit.name,
            "hours": _hours_of(calendars.reception(uow, agency.id, unit.id), year),
            "own": bool(uow.calendars.hours(agency.id, unit.id)),
        }
        for unit in uow.agencies.units(agency.id)
        if unit.is_one_stop or uow.calendars.hours(agency.id, unit.id)
    ]


def _day(rule: DayRule) -> dict[str, Any]:
    return {
        "date": rule.on.isoformat(),
        "kind": rule.kind.value,
        "decision": rule.decision,
        "note": rule.note,
        "provisional": rule.provisional,
        "shifts": shifts_text(rule.shifts),
    }


def _marks(uow: UnitOfWork, agency_id: AgencyId, calendar: WorkingCalendar) -> dict[str, dict[str, Any]]:
    """Return who declares each day, by date; the nearest owner's word counts."""
    marks: dict[str, dict[str, Any]] = {}
    for owner in reversed(calendars.owners_of(uow, agency_id)):
        code = uow.agencies.get(owner).code
        for row in uow.calendars.days(owner):
            at = row.entered_at
            marks[row.on.isoformat()] = {
                "owner": code,
                "entered_by": _name(uow, row.entered_by),
                "entered_at": None if at is None else calendar.local(at).isoformat(),
                "change": row.change_id,
            }
    return marks


def _name(uow: UnitOfWork, officer: OfficerId | None) -> str | None:
    return None if officer is None else uow.people.get(officer).name


def _months(calendar: WorkingCalendar, year: int) -> list[dict[str, Any]]:
    """Return for each month its working days, and the state of each of its days from the first on."""
    first = date(year, 1, 1).toordinal()
    states: dict[int, list[str]] = {month: [] for month in range(1, 13)}
    for ordinal in range(first, date(year, 12, 31).toordinal() + 1):
        on = date.fromordinal(ordinal)
        states[on.month].append(_state(calendar, on))
    idle = ("off", "weekly")
    return [
        {"month": month, "working_days": sum(state not in idle for state in days), "days": days}
        for month, days in states.items()
    ]


def _state(calendar: WorkingCalendar, on: date) -> str:
    """Return ``work``, ``weekly`` (the week has no hours), ``off``, ``make-up`` or ``half`` (declared)."""
    rule = calendar.day_rule(on)
    if rule is None:
        return "work" if calendar.is_working_day(on) else "weekly"
    if rule.kind is DayKind.OFF:
        return "off"
    return "half" if rule.shifts else "make-up"
