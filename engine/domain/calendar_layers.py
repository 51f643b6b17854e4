"""One calendar out of layers: the country's days, those of the city, of the ward, and the hours of one desk.

Each owner keeps only what it declares itself. A date is what the nearest owner says of it; weekly hours are those of
the nearest owner that has any in force on the date (docs/reference/working-time.md, "Layers").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from engine.domain.calendar import WorkingCalendar
from engine.domain.ids import AgencyId
from engine.domain.office_hours import AWAITED as AWAITED
from engine.domain.office_hours import DayKind, DayRule, OfficeHours, Shift
from engine.domain.statutory_days import lunar_new_year

TET_DAYS = 3
"""Days off, on weekdays around the lunar new year, from which a decision is taken as that of the year."""

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Layer:
    """What one owner declares."""

    days: tuple[DayRule, ...] = ()
    hours: tuple[OfficeHours, ...] = ()

    def with_days(self, rules: Iterable[DayRule]) -> Layer:
        """Return the layer with these days put in, each in place of the one of its date.

        A decision that names Tết decides its year: forecast days that it does not name go, statutory ones stay and
        count as decided.
        """
        named = {rule.on: rule for rule in rules}
        decided = {year for year in {on.year for on in named} if names_tet(named.values(), year)}
        kept = (_decided(rule) if rule.on.year in decided else rule for rule in self.days if rule.on not in named)
        days = sorted((*(rule for rule in kept if rule is not None), *named.values()), key=lambda rule: rule.on)
        return replace(self, days=tuple(days))

    def with_hours(self, hours: OfficeHours) -> Layer:
        """Return the layer with these weekly hours, in place of those that begin on the same date."""
        others = [each for each in self.hours if each.valid_from != hours.valid_from]
        return replace(self, hours=tuple(sorted((*others, hours), key=lambda each: each.valid_from)))


def names_tet(rules: Iterable[DayRule], year: int) -> bool:
    """Tell whether the days off around the lunar new year of that year are named, and not just some days in winter."""
    new_year = lunar_new_year(year)
    first, last = new_year - timedelta(days=3), new_year + timedelta(days=7)
    off = {rule.on for rule in rules if rule.kind is DayKind.OFF and rule.on.weekday() < _SATURDAY}
    return sum(first <= on <= last for on in off) >= TET_DAYS


def owners(agency: AgencyId, *, parent_of: Callable[[AgencyId], AgencyId | None], country: AgencyId) -> list[AgencyId]:
    """List whose words count for an agency, the nearest first: its own, those above it, at last the country's.

    The calendar in force is the version of the first of them that has one.

    Args:
        country: the default agency, which has the national calendar.
    """
    found = [agency]
    while (above := parent_of(found[-1])) is not None and above not in found:
        found.append(above)
    return found if country in found else [*found, country]


def merged(*, zone: str, shifts: tuple[Shift, ...], years: range, layers: Sequence[Layer]) -> WorkingCalendar:
    """Build the calendar in force from layers, the nearest first.

    Args:
        shifts: of Monday to Friday where no layer has weekly hours in force.

    Raises:
        InvalidCalendarError, CalendarGapError: see ``WorkingCalendar.build``.
    """
    days: dict[date, DayRule] = {}
    for layer in reversed(layers):
        days.update({rule.on: rule for rule in layer.days})
    return WorkingCalendar.build(
        zone=zone, shifts=shifts, days=days.values(), years=years, hours=_hours_in_force(layers)
    )


def _hours_in_force(layers: Sequence[Layer]) -> list[OfficeHours]:
    begins = sorted({each.valid_from for layer in layers for each in layer.hours})
    found: list[OfficeHours] = []
    for on in begins:
        hours = next(each for each in (_last_begun(layer, on) for layer in layers) if each is not None)
        if not found or found[-1].week != hours.week:
            found.append(replace(hours, valid_from=on))
    return found


def _last_begun(layer: Layer, on: date) -> OfficeHours | None:
    begun = [each for each in layer.hours if each.valid_from <= on]
    return max(begun, key=lambda each: each.valid_from, default=None)


def _decided(rule: DayRule) -> DayRule | None:
    if not rule.provisional:
        return rule
    return None if rule.decision.startswith(AWAITED) else replace(rule, provisional=False)
