"""What an owner declares, as rows: laid out for a change to keep, written by it, and put back when it is undone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from engine.domain.ids import AgencyId, OfficerId, UnitId
from engine.domain.office_hours import DayRule, OfficeHours
from engine.services import calendars
from engine.store.calendars import CalendarDay, OfficeHoursRow
from engine.store.unit_of_work import UnitOfWork

Entry = dict[str, Any]  #: a declared day or weekly hours, with who entered it when, by which act


def day_entries(uow: UnitOfWork, owner: AgencyId) -> dict[str, Entry]:
    """Return the days that the owner declares, by date."""
    return {row.on.isoformat(): calendars.rule_from(row).as_json() | _mark(row) for row in uow.calendars.days(owner)}


def hours_entries(uow: UnitOfWork, owner: AgencyId, desk: UnitId | None) -> dict[str, Entry]:
    """Return the weekly hours of the owner or of its desk, by their first date."""
    rows = uow.calendars.hours(owner, desk)
    return {row.valid_from.isoformat(): calendars.hours_from(row).as_json() | _mark(row) for row in rows}


def entries_of(rules: Iterable[DayRule]) -> dict[str, Entry]:
    """Lay new days out, by date."""
    return {rule.on.isoformat(): rule.as_json() for rule in rules}


def begins_on(entry: Entry) -> date:
    """Return the declared day, or the first one of the weekly hours."""
    return date.fromisoformat(entry["on"] if "on" in entry else entry["from"])


def write_days(uow: UnitOfWork, owner: AgencyId, *, gone: Sequence[Entry], put: Sequence[Entry], mark: Entry) -> None:
    """Replace days: ``gone`` leave, ``put`` come in with their own mark or with that of the present act."""
    uow.calendars.remove_days(owner, [date.fromisoformat(each["on"]) for each in gone])
    rows = [calendars.day_row(owner, DayRule.from_json(each)) for each in put]
    for row, each in zip(rows, put, strict=True):
        _set_mark(row, each if "change" in each else mark)
    uow.calendars.put_days(owner, rows)


def write_hours(
    uow: UnitOfWork,
    owner: AgencyId,
    desk: UnitId | None,
    *,
    gone: Sequence[Entry],
    put: Sequence[Entry],
    mark: Entry,
) -> None:
    """Replace weekly hours as ``write_days`` replaces days."""
    leaving = {each["from"] for each in gone}
    for known in uow.calendars.hours(owner, desk):
        if known.valid_from.isoformat() in leaving:
            uow.calendars.remove_hours(known)
    for each in put:
        hours = OfficeHours.from_json(each)
        row = OfficeHoursRow(
            owner_agency_id=owner,
            unit_id=desk,
            valid_from=hours.valid_from,
            week=each["week"],
            decision=hours.decision,
            note=hours.note,
        )
        _set_mark(row, each if "change" in each else mark)
        uow.calendars.add(row)


def _mark(row: CalendarDay | OfficeHoursRow) -> Entry:
    at = row.entered_at
    return {"change": row.change_id, "by": row.entered_by, "at": None if at is None else at.isoformat()}


def _set_mark(row: CalendarDay | OfficeHoursRow, mark: Entry) -> None:
    row.change_id = mark["change"]
    row.entered_by = None if mark["by"] is None else OfficerId(mark["by"])
    if mark["at"] is not None:
        row.entered_at = datetime.fromisoformat(mark["at"])
