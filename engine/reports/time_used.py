"""Time used against what was promised, what the law grants, and what a base year took (issue 7; domain.md §9.1).

Counted are dossiers that were closed in the period (finished, withdrawn or stopped) and whose used and promised office
time is known. Percentiles are by the nearest rank over the share of its limit that each dossier used, rounded up to
whole percents; they come exactly from the histogram that is rolled up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId
from engine.reports import line_names, quality, time_sums
from engine.reports.about import About
from engine.reports.countable import countable
from engine.reports.localities import YEARS, InvalidDateError, Localities
from engine.reports.on_time_values import Per, Period, Rate
from engine.reports.time_sums import Asked, Sums
from engine.store.unit_of_work import UnitOfWork

PERS = (Per.AGENCY, Per.PROCEDURE)  #: what a line can stand for
DEFINITIONS = {
    "dossiers": "closed in the period (finished, withdrawn or stopped), with used and promised office time known",
    "percentiles": (
        "of the share of its limit that each dossier used, in percent rounded up; by the nearest rank: the value that "
        "at least 50, 90 or 95 % of the dossiers do not exceed"
    ),
    "used_minutes": "office minutes that counted: without lawful pauses and what came before a restart",
    "limit_minutes": "office minutes that were promised",
    "legal": "of the dossiers whose procedure says what the law grants: 1 - used / granted",
    "base": (
        "against the year before named: 1 - used / what as many dossiers of the same procedures of the same agencies "
        "took then on average; only procedures that had dossiers in both"
    ),
}  #: what the words of the report mean


@dataclass(frozen=True, slots=True)
class Against:
    """Minutes now beside what as many dossiers of the same procedures took in the base year, on average."""

    dossiers: int = 0
    minutes_now: int = 0
    minutes_then: Fraction = Fraction(0)

    def __add__(self, other: Against) -> Against:
        return Against(
            self.dossiers + other.dossiers,
            self.minutes_now + other.minutes_now,
            self.minutes_then + other.minutes_then,
        )

    @property
    def cut_percent(self) -> Decimal | None:
        """By how much less time was used, with 2 decimals, half up; below 0 when it was more; None without base."""
        if not self.minutes_then:
            return None
        cut = 100 * (1 - self.minutes_now / self.minutes_then)
        return (Decimal(cut.numerator) / cut.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def as_json(self) -> dict[str, Any]:
        """Return the numbers; ``minutes_then`` to the nearest minute."""
        percent = self.cut_percent
        return {
            "dossiers": self.dossiers,
            "minutes_now": self.minutes_now,
            "minutes_then": int(self.minutes_then + Fraction(1, 2)),
            "cut_percent": None if percent is None else float(percent),
        }


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its key, what it is called, its sums, the histogram of shares, and the comparison with the base year."""

    key: str
    name: str
    sums: Sums
    shares: Mapping[int, int]
    base: Against | None

    def percentile(self, percent: int) -> int | None:
        """Return the share of the limit, in percent, that ``percent`` of the dossiers do not exceed; None of none."""
        wanted = max(1, -(-sum(self.shares.values()) * percent // 100))
        seen = 0
        for share in sorted(self.shares):
            seen += self.shares[share]
            if seen >= wanted:
                return share
        return None

    @property
    def cut_against_law(self) -> Rate:
        """Minutes saved of those that the law grants; below 0 when more were used."""
        return Rate(self.sums.legal_minutes - self.sums.legal_used_minutes, self.sums.legal_minutes)

    def as_json(self) -> dict[str, Any]:
        """Return key, name, percentiles, sums and cuts."""
        return {
            "key": self.key,
            "name": self.name,
            "dossiers": self.sums.timed,
            "median_percent": self.percentile(50),
            "p90_percent": self.percentile(90),
            "p95_percent": self.percentile(95),
            "used_minutes": self.sums.used_minutes,
            "limit_minutes": self.sums.limit_minutes,
            "used_of_limit": Rate(self.sums.used_minutes, self.sums.limit_minutes).as_json(),
            "legal": {
                "dossiers": self.sums.legal_timed,
                "used_minutes": self.sums.legal_used_minutes,
                "legal_minutes": self.sums.legal_minutes,
                "cut": self.cut_against_law.as_json(),
            },
            "base": None if self.base is None else self.base.as_json(),
        }


@dataclass(frozen=True, slots=True)
class TimeUsed:
    """The report; ``base_year`` None when no year was asked to compare with."""

    about: About
    per: Per
    base_year: int | None
    lines: tuple[Line, ...]
    total: Line

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document of the command and of the API."""
        return {
            "report": "time",
            "by": self.per.value,
            "base_year": self.base_year,
            "rows": [line.as_json() for line in self.lines],
            "total": self.total.as_json(),
            "definitions": DEFINITIONS,
            "about": self.about.as_json(),
        }


def time_used(
    ctx: Context,
    *,
    by: Actor,
    period: Period,
    per: Per = Per.AGENCY,
    agency: str | None = None,
    base_year: int | None = None,
) -> TimeUsed:
    """Add up the time that closed dossiers used, by resolving agency or by procedure.

    Args:
        per: one of ``PERS``.
        agency: code; None counts all agencies whose numbers the actor may see.
        base_year: a calendar year to compare with.

    Raises:
        NotAllowedError, AgencyNotFoundError: see ``countable``.
        InvalidDateError: no calendar knows the base year.
    """
    if per not in PERS:
        raise ValueError(f"time used is told by {' or '.join(PERS)}, not by {per.value}")
    base = None if base_year is None else whole_year(base_year)
    with ctx.unit_of_work(read_only=True) as uow:
        counted = countable(uow, by, agency)
        localities = Localities.read(uow)
        asked = Asked(period, per, counted, is_everybody=counted >= localities.agencies.keys())
        sums, shares = time_sums.sums(uow, asked), time_sums.shares(uow, asked)
        compared = None if base is None else _compared(uow, asked, base)
        names = line_names.names(uow, per, sums, localities)
        lines = [Line(*names[key], sums[key], shares.get(key, {}), _of(compared, key)) for key in sums]
        return TimeUsed(
            about=quality.under(ctx, uow, counted=counted, period=period, agency=agency, localities=localities),
            per=per,
            base_year=base_year,
            lines=tuple(sorted(lines, key=lambda line: (line.key, line.name))),
            total=_total(sums.values(), shares.values(), compared),
        )


def whole_year(year: int) -> Period:
    """Return the period of a calendar year.

    Raises:
        InvalidDateError: no calendar knows it.
    """
    if year not in YEARS:
        raise InvalidDateError(f"the base year {year} is not between {YEARS[0]} and {YEARS[-1]}", field="base_year")
    return Period(date(year, 1, 1), date(year, 12, 31))


def against(
    uow: UnitOfWork, counted: Collection[AgencyId], period: Period, base: Period
) -> dict[tuple[AgencyId, str], Against]:
    """Compare each procedure of each resolving agency with itself in a base period; only those that both have."""
    now, then = (time_sums.averages(uow, counted, each) for each in (period, base))
    found = {}
    for key, (dossiers, minutes) in now.items():
        if key in then:
            count, took = then[key]
            found[key] = Against(dossiers, minutes, Fraction(dossiers * took, count))
    return found


def _of(compared: Mapping[Any, Against] | None, key: Any) -> Against | None:
    return None if compared is None else compared.get(key, Against())


def _compared(uow: UnitOfWork, asked: Asked, base: Period) -> dict[Any, Against]:
    """Compare each procedure of each agency with itself in the base year, and add up by line."""
    lines: dict[Any, Against] = {}
    for (agency, procedure), each in against(uow, asked.counted, asked.period, base).items():
        key = agency if asked.per is Per.AGENCY else procedure
        lines[key] = lines.get(key, Against()) + each
    return lines


def _total(sums: Iterable[Sums], shares: Iterable[Mapping[int, int]], compared: Mapping[Any, Against] | None) -> Line:
    all_shares: Counter[int] = Counter()
    for each in shares:
        all_shares.update(each)
    base = None if compared is None else sum(compared.values(), Against())
    return Line("", "Tổng số", sum(sums, Sums()), all_shares, base)
