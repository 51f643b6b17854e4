"""Counting the on-time report again from the folded facts, and comparing it with what the report says.

The period is everything up to yesterday: whatever is counted then is the same an instant later. The report reads the
database by itself; when somebody has written meanwhile there is nothing to compare, and the run says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.statistics import Column
from engine.errors import EngineError
from engine.reports.on_time import Question, on_time
from engine.reports.on_time_values import Line, Per, Period
from engine.verification.differences import Difference, Findings
from engine.verification.reference import Reference
from engine.verification.rows import DOSSIER, Row
from engine.verification.slow_time import ONE_DAY

TABLE = "report on-time"
MOST_MONTHS = 120  # a longer report by month is refused


class Recount:
    """The numbers of the report, added up dossier by dossier."""

    def __init__(self, connection: Connection, reference: Reference, now: datetime) -> None:
        self._written = written(connection)
        self._now = now
        zone = ZoneInfo(reference.agencies[min(reference.agencies)]["zone"]) if reference.agencies else UTC
        first_at = _first_receipt(connection)
        self.from_on = None if first_at is None else first_at.astimezone(zone).date()
        self.to_on = now.astimezone(zone).date() - ONE_DAY
        self._procedures: dict[str, Counter[Column]] = {}
        self._months: dict[str, Counter[Column]] = {}

    def add(self, fact: Row) -> None:
        """Count a fact in the whole period, and in each month that it concerns."""
        if self.from_on is None or self.from_on > self.to_on:
            return
        whole = _columns(fact, self.from_on, self.to_on)
        if whole:
            self._procedures.setdefault(fact["procedure_code"], Counter()).update(whole)
        for first, last in self._split():
            columns = _columns(fact, first, last)
            if columns:
                self._months.setdefault(f"{first:%Y-%m}", Counter()).update(columns)

    def check(self, ctx: Context, findings: Findings) -> None:
        """Compare with the report, by procedure and by month."""
        if self.from_on is None or self.from_on > self.to_on:
            return
        differences: list[Difference] = []
        numbers = 0
        for per, recounted in ((Per.PROCEDURE, self._procedures), (Per.MONTH, self._months)):
            if per is Per.MONTH and len(self._split()) > MOST_MONTHS:
                continue
            try:
                question = Question(Period(self.from_on, self.to_on), per=per)
                lines = on_time(ctx, by=SYSTEM, question=question).lines
            except (EngineError, KeyError, LookupError, TypeError, ValueError) as error:
                message = f"the report cannot be made: {error!r}"
                differences.append(Difference(TABLE, f"by {per.value}", "*", "a report", None, message))
                continue
            numbers += _compare(per, recounted, lines, differences.append)
        with ctx.unit_of_work(read_only=True) as uow:
            unchanged = written(uow.session.connection()) == self._written
        if unchanged:
            findings.differences.extend(differences)
            findings.count("statistics", numbers)
        else:
            findings.notes.append("the on-time report was not compared: others were writing meanwhile; run it again")

    def _split(self) -> list[tuple[date, date]]:
        assert self.from_on is not None  # noqa: S101 - the callers have looked
        months, first = [], self.from_on
        while first <= self.to_on:
            after = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
            months.append((first, min(after - ONE_DAY, self.to_on)))
            first = after
        return months


def _columns(fact: Row, first: date, last: date) -> list[Column]:
    """Return the columns of a period that has passed; days that have not come lie after every one of it."""
    if fact["received_on"] > last or fact["closed_on"] < first:
        return []
    late = fact["late_on"] <= last
    stands = Column(fact["outcome"]) if fact["closed_on"] <= last else Column.OPEN_LATE if late else Column.OPEN_IN_TIME
    given_up = stands in (Column.WITHDRAWN, Column.STOPPED)
    columns = [stands, *([Column.ENDED_LATE] if given_up and late else [])]
    if late:
        columns += _apologised(fact, last, is_finished=stands is Column.LATE)
    if fact["received_on"] < first:
        return [*columns, Column.CARRIED_OVER]
    columns.append(Column.RECEIVED_IN_PERIOD)
    if fact["channel"] == "online":
        columns.append(Column.RECEIVED_ONLINE)
    if stands in (Column.EARLY, Column.ON_TIME):
        columns.append(Column.RECEIVED_ON_TIME)
    return [*columns, Column.RECEIVED_ENDED] if given_up else columns


def _apologised(fact: Row, last: date, *, is_finished: bool) -> list[Column]:
    """Count a late dossier whose letter was sent by then, and how the new date stood."""
    if fact["apologised_on"] > last:
        return []
    if fact["unkept_on"] <= last:
        return [Column.APOLOGISED, Column.APOLOGISED_UNKEPT]
    return [Column.APOLOGISED, *([Column.APOLOGISED_MET] if is_finished and fact["apologised"] == "met" else [])]


def written(connection: Connection) -> int:
    """Return the number of events that dossiers count: it grows with every change."""
    return int(connection.scalar(select(func.coalesce(func.sum(DOSSIER.table.c.event_seq), 0))) or 0)


def _first_receipt(connection: Connection) -> datetime | None:
    try:
        first_at: datetime | None = connection.scalar(select(func.min(DOSSIER.table.c.received_at)))
        return first_at
    except ValueError:  # no date at all: reported with the dossier
        return None


def _compare(
    per: Per, recounted: dict[str, Counter[Column]], lines: tuple[Line, ...], report: Callable[[Difference], None]
) -> int:
    reported = {line.key: line for line in lines}
    for key in sorted(recounted.keys() | reported.keys()):
        for column in Column:
            expected = recounted.get(key, Counter())[column]
            found = reported[key][column] if key in reported else 0
            if expected != found:
                message = "the events add up to another number"
                report(Difference(TABLE, f"{per.value} {key}", column.value, expected, found, message))
    return len(reported) * len(Column)
