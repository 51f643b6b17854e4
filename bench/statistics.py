"""``motcua bench statistics``: reports of a year from roll-ups beside a scan of all facts that gives the same (P10).

The scan is a statement by hand over the whole table, the indexes switched off; the numbers of both are compared, and
the bench fails when one differs. The overdue list of an agency is measured beside a look-up by primary key.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bench import lean_facts, many_dossiers
from bench.calendar_change import DatabaseInUseError
from engine import bootstrap
from engine.context import Context
from engine.domain.statistics import NEVER, Column, Window
from engine.reports import columns_sql, tally, time_sums
from engine.reports.localities import Localities
from engine.reports.on_time import split
from engine.reports.on_time_values import Dimension, Per, Period
from engine.seeds import demo
from engine.services import facts, rollups
from engine.store.facts import DossierFact

DOSSIERS = 200_000
FULL = 100  # of so many facts, one is of a whole dossier with all its events
AT_MOST_OF_SCAN = 1 / 30  # (issue 7), from ten million dossiers on
AT_MOST_OF_LOOK_UP = 5.0
ROUNDS, SCANS, LOOK_UPS = 9, 3, 200
LISTED = 50  # dossiers on the first page of a list

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Measure:
    """A report or list: the median time beside that of its floor in the same run."""

    name: str
    value: float
    unit: str
    floor: float
    ratio: float
    at_most: float
    what: str

    def as_json(self) -> dict[str, Any]:
        """Return the values, rounded."""
        found = {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(self).items()}
        return found | {"kept": self.ratio <= self.at_most}


@dataclass(frozen=True, slots=True)
class Statistics:
    """All figures; the report whose share of its scan is the largest stands for the whole (contract §2 ``bench``)."""

    parts: list[Measure]
    dossiers: int
    cells: int

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document that the command prints."""
        parts = [part.as_json() for part in self.parts]
        slowest = max(parts, key=lambda part: part["ratio"] / part["at_most"])
        whole = slowest | {"name": "statistics", "slowest": slowest["name"]}
        whole |= {"dossiers": self.dossiers, "cells": self.cells, "kept": all(part["kept"] for part in parts)}
        return whole | {"parts": parts}


class NumbersDifferError(RuntimeError):
    """Roll-ups and scan do not say the same."""


def measure(*, database_url: str, dossiers: int = DOSSIERS) -> Statistics:
    """Fill the database with facts, roll them up, and measure reports of the year before this one, and lists.

    Args:
        database_url: of an empty PostgreSQL database, to be thrown away afterwards.

    Raises:
        DatabaseInUseError: the database is not empty, or no PostgreSQL.
        NumbersDifferError: roll-ups and scan do not say the same.
    """
    if not database_url.startswith("postgresql"):
        raise DatabaseInUseError("statistics are measured on PostgreSQL: name an empty database of it")
    with tempfile.TemporaryDirectory() as folder:
        env = {"MOTCUA_DATA": folder, "MOTCUA_SECRET_KEY": secrets.token_hex(), "MOTCUA_DATABASE_URL": database_url}
        ctx = bootstrap.from_environment(env)
        try:
            _fill(ctx, dossiers)
            return _measured(ctx)
        finally:
            ctx.database.close()


def _fill(ctx: Context, dossiers: int) -> None:
    bootstrap.migrate(ctx)
    with ctx.database.engine.connect() as connection:
        if connection.scalar(text("select count(*) from dossier")):
            raise DatabaseInUseError("the database holds dossiers: name an empty one, to be thrown away afterwards")
    demo.load(ctx)
    facts.fill(ctx)
    many_dossiers.prepare(ctx)
    whole = dossiers // FULL
    many_dossiers.fill(ctx, whole, _told("dossiers"), parts=(*many_dossiers.PARTS, "dossier_fact"))
    today = ctx.clock.now().date()
    lean_facts.fill(ctx, dossiers - whole, today=today, never=NEVER, progress=_told("facts"))
    rollups.rebuild(ctx)
    lean_facts.settle(ctx)


def _told(what: str) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done} of {total} {what}", end="" if done < total else "\n", file=sys.stderr)

    return tell


def _measured(ctx: Context) -> Statistics:
    now = ctx.clock.now()
    year = Period(date(now.year - 1, 1, 1), date(now.year - 1, 12, 31))
    parts = [
        _counted(ctx, Per.PROCEDURE, [year], now),
        _counted(ctx, Per.AGENCY, [year], now),
        _counted(ctx, Per.MONTH, [year, *split(year)], now),
        _shares(ctx, year),
        _overdue(ctx, now),
    ]
    with ctx.database.engine.connect() as connection:
        dossiers, cells = (
            int(connection.scalar(text(f"select count(*) from {table}")) or 0)  # noqa: S608 - names of ours
            for table in ("dossier_fact", "rollup_cell")
        )
    return Statistics(parts, dossiers, cells)


def _counted(ctx: Context, per: Per, periods: list[Period], now: datetime) -> Measure:
    """Measure an on-time report: its numbers by line, of one period or by month."""
    with ctx.unit_of_work(read_only=True) as uow:
        localities = Localities.read(uow)
        asked = tally.Asked(periods, per, Dimension.RESOLVING, frozenset(localities.agencies))
        rolled, seconds = _median(ROUNDS, lambda: tally.tally(uow, asked, localities, now))
        wanted = periods if len(periods) == 1 else periods[1:]  # the whole is the sum of nothing: it is not scanned
        scanned, floor = _median(SCANS, lambda: _scan_columns(uow.session, per, wanted))
    first = 0 if len(periods) == 1 else 1
    if {key: +line for key, line in rolled.items() if key[0] >= first} != {
        (no + first, key): +line for (no, key), line in scanned.items()
    }:
        raise NumbersDifferError(f"on-time by {per.value}: roll-ups and scan differ")
    what = f"{len(rolled)} lines of a year; floor: a scan of all facts, the same numbers"
    return _judged(f"on-time by {per.value}", seconds, floor, AT_MOST_OF_SCAN, what)


_LATE = "late_on <= {to}"
_SCANNED = {
    Column.RECEIVED_IN_PERIOD: "received_on >= {of}",
    Column.RECEIVED_ONLINE: "received_on >= {of} and channel = 'online'",
    Column.CARRIED_OVER: "received_on < {of}",
    **{
        Column(outcome): f"closed_on <= {{to}} and outcome = '{outcome}'"
        for outcome in ("early", "on_time", "late", "withdrawn", "stopped")
    },
    Column.ENDED_LATE: f"closed_on <= {{to}} and outcome in ('withdrawn', 'stopped') and {_LATE}",
    Column.OPEN_IN_TIME: "closed_on > {to} and late_on > {to}",
    Column.OPEN_LATE: f"closed_on > {{to}} and {_LATE}",
    Column.RECEIVED_ON_TIME: "received_on >= {of} and closed_on <= {to} and outcome in ('early', 'on_time')",
    Column.RECEIVED_ENDED: "received_on >= {of} and closed_on <= {to} and outcome in ('withdrawn', 'stopped')",
    Column.APOLOGISED: f"{_LATE} and apologised_on <= {{to}}",
    Column.APOLOGISED_MET: (
        f"{_LATE} and apologised_on <= {{to}} and unkept_on > {{to}} and apologised = 'met' and closed_on <= {{to}}"
        " and outcome = 'late'"
    ),
    Column.APOLOGISED_UNKEPT: f"{_LATE} and apologised_on <= {{to}} and unkept_on <= {{to}}",
}  # of a period that has ended, written by hand once more
_LINE = {Per.PROCEDURE: "procedure_code", Per.AGENCY: "resolving_agency_id", Per.MONTH: "text ''"}


def _scan_columns(session: Session, per: Per, periods: list[Period]) -> dict[tally.Key, Counter[Column]]:
    """Count the periods that have ended, each fact in each that it concerns."""
    counts = ", ".join(f"count(*) filter (where {_SCANNED[column]})" for column in Column).format(
        of="of_on", to="to_on"
    )
    listed = ", ".join(f"({no}, date '{each.from_on}', date '{each.to_on}')" for no, each in enumerate(periods))
    query = (
        f"select no, {_LINE[per]} line, {counts} from dossier_fact, (values {listed}) period (no, of_on, to_on)"  # noqa: S608 - ours
        " where received_on <= to_on and closed_on >= of_on group by no, line"
    )
    found = {}
    for no, key, *numbers in _scan(session, query, {}):
        found[no, key] = Counter(dict(zip(Column, numbers, strict=True)))
    return found


def _shares(ctx: Context, year: Period) -> Measure:
    """Measure the histogram of used time by agency, from which percentiles are read."""
    with ctx.unit_of_work(read_only=True) as uow:
        counted = frozenset(Localities.read(uow).agencies)
        asked = time_sums.Asked(year, Per.AGENCY, counted, is_everybody=True)
        rolled, seconds = _median(ROUNDS, lambda: _percentiles(time_sums.shares(uow, asked)))
        query = (
            "select resolving_agency_id, percentile_disc(array[0.5, 0.9, 0.95]) within group (order by percent_used)"
            " from dossier_fact where closed_on between :of and :to and percent_used >= 0 group by resolving_agency_id"
        )
        given = {"of": year.from_on, "to": year.to_on}
        scanned, floor = _median(SCANS, lambda: {key: tuple(each) for key, each in _scan(uow.session, query, given)})
    if rolled != scanned:
        raise NumbersDifferError("percentiles: roll-ups and scan differ")
    what = "median, 90th and 95th percentile of the limit used, by agency; floor: percentile_disc over all facts"
    return _judged("percentiles by agency", seconds, floor, AT_MOST_OF_SCAN, what)


def _percentiles(shares: dict[Any, Counter[int]]) -> dict[Any, tuple[int, ...]]:
    return {key: tuple(_nearest(each, percent) for percent in (50, 90, 95)) for key, each in shares.items()}


def _nearest(shares: Counter[int], percent: int) -> int:
    wanted, seen = -(-shares.total() * percent // 100), 0
    for share in sorted(shares):
        seen += shares[share]
        if seen >= wanted:
            return share
    raise AssertionError("of nothing there is no percentile")


def _overdue(ctx: Context, now: datetime) -> Measure:
    """Measure the first page of what is overdue in one agency beside one fact by its key."""
    today = now.date()
    window = Window(today - timedelta(days=30), today, today, now)
    with ctx.unit_of_work(read_only=True) as uow:
        agency = max(Localities.read(uow).agencies)
        mine = DossierFact.resolving_agency_id == agency
        late = select(DossierFact).where(mine, columns_sql.in_column(Column.OPEN_LATE, window))
        listed = late.order_by(DossierFact.late_after).limit(LISTED).with_only_columns(*DossierFact.__table__.c)
        known = uow.session.scalar(select(DossierFact.dossier_id).where(mine).limit(1))
        one = select(*DossierFact.__table__.c).where(DossierFact.dossier_id == known)
        rows, seconds = _median(LOOK_UPS, lambda: uow.session.execute(listed).all())
        _, floor = _median(LOOK_UPS, lambda: uow.session.execute(one).all())
    what = f"first page of the overdue dossiers of an agency, {len(rows)} rows; floor: one by its primary key"
    return _judged("overdue list", seconds, floor, AT_MOST_OF_LOOK_UP, what)


def _scan(session: Session, query: str, given: dict[str, Any]) -> list[Any]:
    """Run a statement that may use no index."""
    for kind in ("indexscan", "bitmapscan", "indexonlyscan"):
        session.execute(text(f"set local enable_{kind} = off"))
    rows = session.execute(text(query), given).all()
    for kind in ("indexscan", "bitmapscan", "indexonlyscan"):
        session.execute(text(f"set local enable_{kind} = on"))
    return list(rows)


def _median(rounds: int, act: Callable[[], _T]) -> tuple[_T, float]:
    """Return what it gives, and the median of the seconds that it takes; the first time warms up."""
    found, taken = act(), []
    for _ in range(rounds):
        began = time.perf_counter()
        found = act()
        taken.append(time.perf_counter() - began)
    return found, sorted(taken)[rounds // 2]


def _judged(name: str, seconds: float, floor: float, at_most: float, what: str) -> Measure:
    return Measure(name, seconds * 1000, "ms", floor * 1000, seconds / floor, at_most, what)
