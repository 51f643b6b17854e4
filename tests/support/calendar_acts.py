"""Changes of calendars for tests, and what they leave in the database."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor
from engine.domain.calendar import DayKind, DayRule, WorkingCalendar
from engine.domain.office_hours import OfficeHours, parse_shifts
from engine.services import calendar_changes, calendars, reading
from engine.services.calendar_changes import Days, Hours
from engine.store.agencies import Agency, Unit
from engine.store.base import Base
from tests.support.builders import Dossier, Office, an_office
from tests.support.step_tables import DESK

USUAL = "07:00-11:30, 13:30-17:00"
CALENDAR_TABLES = ("calendar_day", "office_hours", "calendar_change", "calendar_move", "calendar_version")
GIVEN_TABLES = ("dossier", "deadline", "task", "supplement", "event", "letter", "idempotency_key")


def a_day(on: int | date, kind: DayKind = DayKind.OFF, *, shifts: str = "", no: str = "12/QĐ") -> DayRule:
    """Return a day of March 2026, or any, as a decision declares it."""
    when = date(2026, 3, on) if isinstance(on, int) else on
    return DayRule(when, kind, no, "bão", shifts=parse_shifts(shifts))


def days(*on: int | date, kind: DayKind = DayKind.OFF, shifts: str = "", no: str = "12/QĐ") -> Days:
    """Return a change that declares these days alike."""
    return Days(tuple(a_day(each, kind, shifts=shifts, no=no) for each in on))


def hours(since: int | date, *week: str, desk: str | None = None, no: str = "15/QĐ") -> Hours:
    """Return a change to weekly hours from a day of March 2026, or any; days that are not named are off."""
    when = date(2026, 3, since) if isinstance(since, int) else since
    each = tuple(parse_shifts(text) for text in (*week, *[""] * (7 - len(week))))
    return Hours(OfficeHours(when, each, decision=no), desk)


def make(ctx: Context, change: Days | Hours, *, agency: str | None = None, by: Actor = SYSTEM) -> dict[str, Any]:
    """Make the change."""
    return calendar_changes.apply(ctx, by=by, change=change, agency=agency)


def undo(ctx: Context, made: dict[str, Any], *, by: Actor = SYSTEM) -> dict[str, Any]:
    """Take a change back."""
    return calendar_changes.undo(ctx, by=by, change_id=made["id"])


def now_of(ctx: Context, dossier: Dossier) -> dict[str, Any]:
    """Return the dossier as it is."""
    return reading.detail(ctx, by=SYSTEM, dossier=dossier["code"])


def moves_of(ctx: Context, dossier: Dossier) -> list[dict[str, Any]]:
    """Return the events by which calendar changes moved dates of the dossier."""
    events = reading.timeline(ctx, by=SYSTEM, dossier=dossier["code"])
    return [each for each in events if each["kind"] == "promise.moved"]


def calendar_of(ctx: Context, agency: str | None = None) -> WorkingCalendar:
    """Return the calendar in force."""
    return calendars.of_agency(ctx, code=agency)[0]


def below(ctx: Context, parent: str, code: str) -> Office:
    """Make an office with people under another one."""
    with ctx.unit_of_work() as uow:
        above = uow.agencies.by_code(parent).id
        made = uow.agencies.add(Agency(code=code, name=f"Ủy ban nhân dân {code}", parent_id=above))
        uow.agencies.add_unit(Unit(owner_agency_id=made.id, code=DESK, name="Bộ phận Một cửa", is_one_stop=True))
    return an_office(ctx, code=code)


def dump(ctx: Context, *names: str) -> dict[str, list[Any]]:
    """Return all rows of the tables that a calendar change may touch, to be compared."""
    tables = [Base.metadata.tables[name] for name in names or (*CALENDAR_TABLES, *GIVEN_TABLES)]
    with ctx.database.engine.connect() as connection:
        return {
            table.name: [
                dict(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in tables
        }
