"""Where a dossier is at home: the calendar of its resolving agency gives local dates, offsets and working days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from engine.domain.calendar import WorkingCalendar
from engine.domain.calendar_layers import owners
from engine.domain.ids import AgencyId
from engine.errors import InvalidInputError
from engine.store.agencies import Agency
from engine.store.calendars import CalendarVersion
from engine.store.dossiers import Dossier
from engine.store.unit_of_work import UnitOfWork

YEARS = range(1971, 9990)  # any zone has an instant for each of their dates


class InvalidDateError(InvalidInputError):
    """A date lies outside any calendar, or a period ends before it begins."""

    code = "invalid-date"


@dataclass(frozen=True)
class Localities:
    """The agencies and the calendar in force for each, read once for a list or report."""

    agencies: dict[AgencyId, Agency]
    _versions: dict[AgencyId, str]
    _uow: UnitOfWork = field(repr=False)

    @classmethod
    def read(cls, uow: UnitOfWork) -> Localities:
        """Read all agencies and the name of the calendar version in force for each, in one statement."""
        newest = select(CalendarVersion.owner_agency_id, func.max(CalendarVersion.no).label("no"))
        latest = newest.group_by(CalendarVersion.owner_agency_id).subquery()  # the greatest number is in force
        in_force = and_(CalendarVersion.owner_agency_id == Agency.id, CalendarVersion.no == latest.c.no)
        query = select(Agency, CalendarVersion.version).outerjoin(latest, latest.c.owner_agency_id == Agency.id)
        rows = uow.session.execute(query.outerjoin(CalendarVersion, in_force).order_by(Agency.id)).all()
        agencies = {row[0].id: row[0] for row in rows}
        own = {row[0].id: row[1] for row in rows if row[1] is not None}
        return cls(agencies, {key: _in_force(agencies, own, key) for key in agencies}, uow)

    def version(self, agency: AgencyId) -> str:
        """Return the name of the calendar version in force for the agency."""
        return self._versions[agency]

    def calendar(self, agency: AgencyId) -> WorkingCalendar:
        """Return the calendar in force for the agency.

        Raises:
            CalendarVersionNotFoundError: neither it, nor one above it, nor the default agency has a calendar.
        """
        return _built(self._versions[agency], self._uow)

    def text(self, agency: AgencyId, at: datetime | None) -> str | None:
        """Return an instant as local ISO 8601 with offset."""
        return None if at is None else self.calendar(agency).local(at).isoformat()

    def where(self, condition: Callable[[WorkingCalendar], ColumnElement[bool]]) -> ColumnElement[bool]:
        """Return a condition on dossiers that depends on the calendar of their resolving agency."""
        shared: dict[str, list[AgencyId]] = {}
        for agency, version in self._versions.items():
            shared.setdefault(version, []).append(agency)
        if not shared:
            return false()
        if len(shared) == 1:
            return condition(self.calendar(next(iter(self._versions))))
        parts = [
            and_(Dossier.resolving_agency_id.in_(agencies), condition(self.calendar(agencies[0])))
            for agencies in shared.values()
        ]
        return or_(*parts)


def check_year(on: date) -> None:
    """Refuse a date whose year is not one that people mean.

    Raises:
        InvalidDateError: it is not.
    """
    if on.year not in YEARS:
        raise InvalidDateError(f"the year {on.year} is not between {YEARS[0]} and {YEARS[-1]}", date=on.isoformat())


def first_instant(calendar: WorkingCalendar, on: date) -> datetime:
    """Return the instant at which the local date begins.

    Raises:
        InvalidDateError: the year is not one that people mean.
    """
    check_year(on)
    return calendar.at_local(datetime.combine(on, time.min))


def last_instant(calendar: WorkingCalendar, on: date) -> datetime:
    """Return the last microsecond of the local date.

    Raises:
        InvalidDateError: the year is not one that people mean.
    """
    check_year(on)
    return calendar.at_local(datetime.combine(on, time.max))


def _in_force(agencies: dict[AgencyId, Agency], own: dict[AgencyId, str], key: AgencyId) -> str:
    chain = owners(key, parent_of=lambda each: agencies[each].parent_id, country=min(agencies))
    return next((own[each] for each in chain if each in own), "")


def _built(version: str, uow: UnitOfWork) -> WorkingCalendar:
    calendar = _calendars.get(version)
    if calendar is None:
        calendar = _calendars[version] = WorkingCalendar.from_content(uow.calendars.content(version))
    return calendar


_calendars: dict[str, WorkingCalendar] = {}  # built once a process: the version is the hash of the content
