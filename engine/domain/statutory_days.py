"""Public holidays of a year, from the law alone: what it has before its decision is published (domain.md §7.1)."""

from __future__ import annotations

from datetime import date
from functools import cache

from holidays.countries.vietnam import Vietnam

from engine.domain.office_hours import AWAITED, DayKind, DayRule, InvalidCalendarError

_LABOUR_CODES = (  # from which year on; the article on holidays, and that on one which meets a weekly day off
    (2021, "Bộ luật Lao động 2019 Điều 112", "Bộ luật Lao động 2019 Điều 111 khoản 3"),
    (2013, "Bộ luật Lao động 2012 Điều 115", "Bộ luật Lao động 2012 Điều 115 khoản 3"),
)
_CHOSEN = f"{AWAITED} (dự kiến)"  # the Prime Minister chooses them each year

_NATIONAL_DAY = (9, 2)
_FIXED = ("Tết Dương lịch", "Ngày Giỗ Tổ Hùng Vương", "Ngày Chiến thắng", "Ngày Quốc tế Lao động")
_TET = ("Giao thừa Tết Nguyên Đán", "Tết Nguyên Đán", "Mùng hai Tết Nguyên Đán", "Mùng ba Tết Nguyên Đán")
"""Off whether one or two days before the new year are chosen: the law gives five in all."""
_ADJACENT = "Quốc khánh"
_OBSERVED = "(nghỉ bù)"
_YEARS = range(_LABOUR_CODES[-1][0], Vietnam.end_year + 1)


def statutory_days(year: int) -> tuple[DayRule, ...]:
    """List the days off of a year by date, all provisional, from the Vietnamese lunar calendar of ``holidays``.

    Days that the law leaves to the yearly decision begin their decision text with ``AWAITED``; the others name the
    article of the Labour Code. Those on a weekend are listed too: a desk may receive on Saturday mornings. Swapped
    days come from decisions only, and a day that only the library declares (24 November) is not off.

    Raises:
        InvalidCalendarError: the law or the lunar calendar does not reach that year.
    """
    if year not in _YEARS:
        message = f"days off are known by law from {_YEARS[0]} to {_YEARS[-1]}, not of {year}: declare another year"
        raise InvalidCalendarError(message, year=year)
    rules = ((on, _decision(on, name), name) for on, name in _named(year))
    return tuple(DayRule(on, DayKind.OFF, law, name, provisional=True) for on, law, name in rules if law)


def lunar_new_year(year: int) -> date:
    """Return the first day of the lunar year that begins in a year; far from now, its latest date.

    It lies between 21 January and 20 February, whatever a decision says.
    """
    if year not in _YEARS:
        return date(year, 2, 20)
    return next(on for on, name in _named(year) if name == "Tết Nguyên Đán")


@cache
def _named(year: int) -> tuple[tuple[date, str], ...]:
    return tuple(sorted(Vietnam(years=year, language="vi").items()))  # no two holidays share a day until 2100


def _decision(on: date, name: str) -> str | None:
    holiday, made_good = next(articles for since, *articles in _LABOUR_CODES if on.year >= since)
    if name.endswith(_OBSERVED) and name.startswith((*_FIXED, _ADJACENT)):
        return made_good
    if name in _FIXED or name in _TET or (name == _ADJACENT and (on.month, on.day) == _NATIONAL_DAY):
        return holiday
    return _CHOSEN if name == _ADJACENT or "Tết" in name else None
