"""Counting the on-time report again from the folded events, and comparing it with what the report says.

The period is everything up to yesterday: whatever is counted then is the same an instant later. The report reads the
database by itself; when somebody has written meanwhile there is nothing to compare, and the run says so.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.domain.statistics import Column
from engine.errors import EngineError
from engine.reports.on_time import Question, on_time
from engine.reports.on_time_values import Line, Per, Period
from engine.store.base import Base
from engine.verification.differences import Difference, Findings
from engine.verification.life import Life
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
        table = Base.metadata.tables["procedure"]
        self._codes = {row.id: row.code for row in connection.execute(select(table.c.id, table.c.code))}
        self._procedures: dict[str, Counter[Column]] = {}
        self._months: dict[str, Counter[Column]] = {}

    def add(self, life: Life) -> None:
        """Count a dossier in the whole period, and in each month that it concerns."""
        with contextlib.suppress(KeyError, TypeError):  # a history with holes: reported where it has them
            self._add(life)

    def _add(self, life: Life) -> None:
        if self.from_on is None or self.from_on > self.to_on or life.dossier.get("received_at") is None:
            return
        zone = ZoneInfo(life.reference.agencies[life.dossier["resolving_agency_id"]]["zone"])
        code = self._codes.get(life.dossier["procedure_id"], "")
        whole = self._columns(life, zone, self.from_on, self.to_on)
        if whole:
            self._procedures.setdefault(code, Counter()).update(whole)
        for first, last in self._split():
            columns = self._columns(life, zone, first, last)
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

    def _columns(self, life: Life, zone: ZoneInfo, first: date, last: date) -> list[Column]:
        row = life.dossier
        start_at = datetime.combine(first, time.min, zone).astimezone(UTC)
        cut_at = min(datetime.combine(last, time.max, zone).astimezone(UTC), self._now)
        ended_at = life.ended_at
        if row["received_at"] > cut_at or (ended_at is not None and ended_at < start_at):
            return []
        is_ended = ended_at is not None and ended_at <= cut_at
        stands = self._standing(life, zone, cut_at if not is_ended else None)
        columns = [stands]
        given_up = stands in (Column.WITHDRAWN, Column.STOPPED)
        ended_late = given_up and _passed(row, row["ended_at"])
        if ended_late:
            columns.append(Column.ENDED_LATE)
        if ended_late or stands in (Column.LATE, Column.OPEN_LATE):
            columns += _apologised(life, cut_at, is_finished=stands is Column.LATE)
        if row["received_at"] < start_at:
            return [*columns, Column.CARRIED_OVER]
        columns.append(Column.RECEIVED_IN_PERIOD)
        if stands in (Column.EARLY, Column.ON_TIME):
            columns.append(Column.RECEIVED_ON_TIME)
        return [*columns, Column.RECEIVED_ENDED] if given_up else columns

    def _standing(self, life: Life, zone: ZoneInfo, open_at: datetime | None) -> Column:
        row = life.dossier
        if open_at is not None:
            return Column.OPEN_LATE if _passed(row, open_at) else Column.OPEN_IN_TIME
        if row["finished_at"] is None:
            return Column.WITHDRAWN if life.status is Status.WITHDRAWN else Column.STOPPED
        if _passed(row, row["finished_at"]):
            return Column.LATE
        early = row["finished_at"].astimezone(zone).date() < row["due_at"].astimezone(zone).date()
        return Column.EARLY if early else Column.ON_TIME


def _apologised(life: Life, cut_at: datetime, *, is_finished: bool) -> list[Column]:
    """Count a late dossier whose letter was sent by then, and how the new date stood."""
    sent = [row["sent_at"] for row in life.rows["letter"].values() if row["sent_at"] is not None]
    if not sent or min(sent) > cut_at:
        return []
    dates = [row for key, row in life.rows["deadline"].items() if key[0] == "extension"]
    if not dates:
        return [Column.APOLOGISED]
    (new,) = dates
    closed_at = life.ended_at
    late = new["is_broken"] or (
        new["state"] == "running" and (closed_at is None or closed_at > new["late_after"])
    )  # fmt: skip
    if late and new["late_after"] < cut_at:
        return [Column.APOLOGISED, Column.APOLOGISED_UNKEPT]
    return [Column.APOLOGISED, *([Column.APOLOGISED_MET] if is_finished and not new["is_broken"] else [])]


def _passed(row: Row, at: datetime) -> bool:
    """Tell whether the promise that stands, or an appointment missed before, had passed at an instant."""
    return any(row[name] is not None and at > row[name] for name in ("late_after", "missed_late_after"))


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
