"""The on-time report as values: period, columns, rates with their denominators, and what each of them means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine.domain.statistics import DEFINITIONS, Column
from engine.reports.localities import InvalidDateError, check_year

if TYPE_CHECKING:
    from engine.reports.about import About


class Per(StrEnum):
    """What a row of the report stands for."""

    AGENCY = "agency"
    PROCEDURE = "procedure"
    FIELD = "field"
    CHANNEL = "channel"
    UNIT = "unit"  #: in which the longest step of the processing was done
    OFFICER = "officer"  #: who did the longest step of the processing
    MONTH = "month"  #: each month of the period is reported as a period of its own


class Dimension(StrEnum):
    """Which of a dossier's three agencies counts (domain.md §1.12)."""

    RECEIVING = "receiving"
    RESOLVING = "resolving"
    RETURNING = "returning"


@dataclass(frozen=True, slots=True)
class Period:
    """Local dates from ``from_on`` to ``to_on``, both included.

    Raises:
        InvalidDateError: it ends before it begins, or no calendar knows its years.
    """

    from_on: date
    to_on: date

    def __post_init__(self) -> None:
        check_year(self.from_on)
        check_year(self.to_on)
        if self.to_on < self.from_on:
            raise InvalidDateError(f"the period ends ({self.to_on}) before it begins ({self.from_on})", field="to")


@dataclass(frozen=True, slots=True)
class Rate:
    """An exact share; ``percent`` is None without anything to divide by, never 100 by default."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> Decimal | None:
        """The share in percent with 2 decimals, half up."""
        if self.denominator == 0:
            return None
        return (Decimal(100 * self.numerator) / self.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def as_json(self) -> dict[str, Any]:
        """Return numerator, denominator and percent."""
        percent = self.percent
        return {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "percent": None if percent is None else float(percent),
        }


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its key (a code or a name, ``""`` for none), what it is called, and its numbers.

    Args:
        paused: of those open at the end of the period, or now: how many clocks stood.
    """

    key: str
    name: str
    counts: Mapping[Column, int]
    paused: int = 0

    def __getitem__(self, column: Column) -> int:
        return self.counts.get(column, 0)

    @property
    def rates(self) -> dict[str, Rate]:
        """Both denominators, each without and with what was withdrawn or stopped (domain.md §6.3)."""
        kept = self[Column.EARLY] + self[Column.ON_TIME]
        ended = self[Column.WITHDRAWN] + self[Column.STOPPED]
        finished = kept + self[Column.LATE]
        received, received_ended = self[Column.RECEIVED_IN_PERIOD], self[Column.RECEIVED_ENDED]
        received_kept = self[Column.RECEIVED_ON_TIME]
        return {
            "finished": Rate(kept, finished),
            "finished_with_ended": Rate(kept + ended, finished + ended),
            "received": Rate(received_kept, received - received_ended),
            "received_with_ended": Rate(received_kept + received_ended, received),
        }

    def as_json(self) -> dict[str, Any]:
        """Return key, name, every column and every rate."""
        return {
            "key": self.key,
            "name": self.name,
            **{column.value: self[column] for column in Column},
            "paused": self.paused,
            "rates": {name: rate.as_json() for name, rate in self.rates.items()},
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report, with all that is needed to understand and to repeat it."""

    about: About
    per: Per
    lines: tuple[Line, ...]
    total: Line

    @property
    def period(self) -> Period:
        """The local dates that are counted."""
        return self.about.period

    @property
    def generated_at(self) -> str:
        """When it was made, local, with offset."""
        return self.about.generated_at

    @property
    def agencies(self) -> tuple[dict[str, Any], ...]:
        """Code, name, late rule, late rules and calendar version of each agency whose dossiers are counted."""
        return self.about.agencies

    @property
    def late_rules(self) -> dict[str, int | None]:
        """How many dossiers are judged by either rule, whichever is in force now."""
        return self.about.late_rules

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document of the command and of the API."""
        return {
            "report": "on-time",
            "from": self.period.from_on.isoformat(),
            "to": self.period.to_on.isoformat(),
            "by": self.per.value,
            "dimension": self.about.dimension.value,
            "agency": self.about.agency,
            "generated_at": self.generated_at,
            "rows": [line.as_json() for line in self.lines],
            "total": self.total.as_json(),
            "late_rules": self.late_rules,
            "agencies": list(self.agencies),
            "definitions": DEFINITIONS,
            "about": self.about.as_json(),
        }
