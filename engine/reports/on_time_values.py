"""The on-time report as values: period, columns, rates with their denominators, and what each of them means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from engine.domain.deadlines import LateRule
from engine.reports.localities import InvalidDateError, check_year


class Per(StrEnum):
    """What a row of the report stands for."""

    AGENCY = "agency"
    PROCEDURE = "procedure"
    FIELD = "field"
    CHANNEL = "channel"
    OFFICER = "officer"  #: who did the longest step of the processing
    MONTH = "month"  #: each month of the period is reported as a period of its own


class Dimension(StrEnum):
    """Which of a dossier's three agencies counts (domain.md §1.12)."""

    RECEIVING = "receiving"
    RESOLVING = "resolving"
    RETURNING = "returning"


class Column(StrEnum):
    """A number of the report; each counts every dossier at most once."""

    RECEIVED_IN_PERIOD = "received_in_period"
    CARRIED_OVER = "carried_over"
    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    ENDED_LATE = "ended_late"
    OPEN_IN_TIME = "open_in_time"
    OPEN_LATE = "open_late"
    RECEIVED_ON_TIME = "received_on_time"
    RECEIVED_ENDED = "received_ended"
    APOLOGISED = "apologised"
    APOLOGISED_MET = "apologised_met"
    APOLOGISED_UNKEPT = "apologised_unkept"


DEFINITIONS = {
    "received_in_period": "received on a local date of the period",
    "carried_over": "received before the period, neither finished nor ended before it began",
    "early": "finished in the period, on a local date before the due date",
    "on_time": "finished in the period on the due date or later, but not late",
    "late": "finished in the period after late_after",
    "withdrawn": "withdrawn by the citizen in the period, before a decision",
    "stopped": "stopped in the period, before a decision",
    "ended_late": "of withdrawn and stopped: those whose promise was broken when they ended",
    "open_in_time": "not finished and not ended when the period ends (now, if that is earlier), promise not broken",
    "open_late": "not finished and not ended when the period ends (now, if that is earlier), promise broken",
    "received_on_time": "of received_in_period: finished early or on time by the end of the period",
    "received_ended": "of received_in_period: withdrawn or stopped by the end of the period",
    "apologised": "of late, open_late and ended_late: a letter of apology was sent by the end of the period",
    "apologised_met": "of late: apologised, and finished within the new date; they stay late in every rate",
    "apologised_unkept": "of late, open_late and ended_late: apologised, and the new date has passed, too",
    "rates.finished": "(early + on_time) / (early + on_time + late): decided dossiers only",
    "rates.finished_with_ended": (
        "(early + on_time + withdrawn + stopped) / (the same + late): withdrawn and stopped count as on time, "
        "as in column 9 of form II.06"
    ),
    "rates.received": "received_on_time / (received_in_period - received_ended): on time of those received",
    "rates.received_with_ended": (
        "(received_on_time + received_ended) / received_in_period: on time of all that were received (index 766)"
    ),
    "late_rule": (
        "of the agency now. day: late after the end of the local due date; instant: late after the due instant. The "
        "promise decides, as it stands now, by the rule that it was made with; an extension by apology never moves it"
    ),
    "late_rules": (
        "how many dossiers of the report are judged by either rule, that of their promise; "
        "a dossier whose clock stands is in neither"
    ),
    "excluded": "dossiers that were never received (statuses 1 and 3)",
}


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
    """A row: its key (a code or a name, ``""`` for none), what it is called, and its numbers."""

    key: str
    name: str
    counts: Mapping[Column, int]

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
            "rates": {name: rate.as_json() for name, rate in self.rates.items()},
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report, with all that is needed to understand and to repeat it."""

    period: Period
    per: Per
    dimension: Dimension
    agency: str | None
    generated_at: str  # local, with offset
    agencies: tuple[dict[str, Any], ...]  # code, name, late rule, late rules, calendar version of each that is counted
    lines: tuple[Line, ...]
    total: Line

    @property
    def late_rules(self) -> dict[str, int]:
        """How many dossiers are judged by either rule, whichever is in force now."""
        return {rule.value: sum(agency["late_rules"][rule.value] for agency in self.agencies) for rule in LateRule}

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document of the command and of the API."""
        return {
            "report": "on-time",
            "from": self.period.from_on.isoformat(),
            "to": self.period.to_on.isoformat(),
            "by": self.per.value,
            "dimension": self.dimension.value,
            "agency": self.agency,
            "generated_at": self.generated_at,
            "rows": [line.as_json() for line in self.lines],
            "total": self.total.as_json(),
            "late_rules": self.late_rules,
            "agencies": list(self.agencies),
            "definitions": DEFINITIONS,
        }
