"""The real log of another system comes over whole, and statistics of it equal a recount with pandas."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.statistics import Column
from engine.reports import xes
from engine.reports.event_log import Log, Officers
from engine.reports.on_time import Question, on_time
from engine.reports.on_time_values import Per, Period
from engine.seeds import base
from engine.services import history_imports
from engine.verification.verify import verify
from tests.support.contexts import VIETNAM
from tests.support.histories import LOG, LOG_MAPPING, imported, needs_log, the_log

pytestmark = needs_log
COLUMNS = (
    Column.RECEIVED_IN_PERIOD, Column.RECEIVED_ONLINE, Column.CARRIED_OVER, Column.EARLY, Column.ON_TIME, Column.LATE,
    Column.OPEN_IN_TIME, Column.OPEN_LATE, Column.RECEIVED_ON_TIME,
)  # fmt: skip


def test_the_log_comes_over_once_and_is_counted_as_pandas_counts_it(ctx: Context) -> None:
    base.ensure(ctx)
    looked = history_imports.preview(ctx, by=SYSTEM, file=the_log(), mapping=LOG_MAPPING)
    report = imported(ctx, the_log(), LOG_MAPPING)

    assert report.refusals == []
    assert report.counts == looked.counts
    counted = {"rows": 8577, "dossiers": 1434, "new": 1434, "continued": 0, "known": 0, "refused": 0}
    assert report.counts.as_json() == counted | {"open": 105, "steps": 8577}
    again = imported(ctx, the_log(), LOG_MAPPING).counts
    assert (again.new, again.continued, again.known, again.steps) == (0, 0, 1434, 8577)
    cases = _cases()
    whole = Period(date(2010, 1, 1), date(2013, 12, 31))
    for per, keys in ((Per.AGENCY, None), (Per.CHANNEL, cases["channel"]), (Per.MONTH, None)):
        for period in (whole, Period(date(2011, 3, 10), date(2011, 9, 20))):
            lines = on_time(ctx, by=SYSTEM, question=Question(period, per)).lines
            found = {line.key: {column: line[column] for column in COLUMNS} for line in lines}
            if per is Per.MONTH:
                wanted = {f"{first:%Y-%m}": _recount(cases, first, last) for first, last in _months(period)}
                found = {key: columns for key, columns in found.items() if any(columns.values())}
                wanted = {key: columns for key, columns in wanted.items() if any(columns.values())}
            elif keys is None:
                wanted = {"H00": _recount(cases, period.from_on, period.to_on)}
            else:
                wanted = {key: _recount(cases[keys == key], period.from_on, period.to_on) for key in sorted(set(keys))}
            assert found == wanted, (per, period)
    assert verify(ctx) == []


def test_pm4py_reads_the_same_cases_events_and_variants(sqlite_ctx: Context, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of itself and of what is not there
        pm4py = pytest.importorskip("pm4py")
    base.ensure(sqlite_ctx)
    imported(sqlite_ctx, the_log(), LOG_MAPPING)

    told = xes.save(sqlite_ctx, by=SYSTEM, to=tmp_path / "log.xes", log=Log(officers=Officers.USERNAME))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pm4py.read_xes(str(tmp_path / "log.xes"), show_progress_bar=False)
    rows = pd.read_csv(LOG, dtype=str)
    assert told == (found["case:concept:name"].nunique(), len(found)) == (1434, 8577)
    assert _variants(found) == _variants(rows)
    assert Counter(found["org:resource"]) == Counter(rows["org:resource"])
    theirs = pd.to_datetime(rows["time:timestamp"], utc=True, format="ISO8601")
    assert sorted(found["time:timestamp"]) == sorted(theirs.dt.floor("ms"))


def _variants(rows: pd.DataFrame) -> Counter[tuple[str, ...]]:
    return Counter(rows.groupby("case:concept:name", sort=False)["concept:name"].agg(tuple))


def _cases() -> pd.DataFrame:
    """Return a row a case with local dates, by nothing of ours."""
    rows = pd.read_csv(LOG, dtype=str).groupby("case:concept:name").first()
    found = pd.DataFrame(index=rows.index)
    for name, column in (("received", "case:startdate"), ("due", "case:deadline"), ("closed", "case:enddate")):
        found[name] = pd.to_datetime(rows[column], utc=True, format="ISO8601")
        found[f"{name}_on"] = found[name].dt.tz_convert(ZoneInfo(str(VIETNAM))).dt.date
    words = {"Internet": "online", "e-mail": "online", "Desk": "direct", "Intern": "direct", "Post": "postal"}
    found["channel"] = rows["case:channel"].map(words)
    return found


def _recount(cases: pd.DataFrame, first: date, last: date) -> dict[Column, int]:
    ended = cases["closed"].notna()
    far = cases["closed_on"].where(ended, date(9999, 1, 1))
    concerned = (cases["received_on"] <= last) & (far >= first)
    closed, is_new = concerned & (far <= last), cases["received_on"] >= first
    late = cases["closed"] > cases["due"]
    early = (far < cases["due_on"]) & ~late
    is_open, passed = concerned & ~closed, cases["due_on"] <= last
    masks = {
        Column.RECEIVED_IN_PERIOD: concerned & is_new,
        Column.RECEIVED_ONLINE: concerned & is_new & (cases["channel"] == "online"),
        Column.CARRIED_OVER: concerned & ~is_new,
        Column.EARLY: closed & early,
        Column.ON_TIME: closed & ~early & ~late,
        Column.LATE: closed & late,
        Column.OPEN_IN_TIME: is_open & ~passed,
        Column.OPEN_LATE: is_open & passed,
        Column.RECEIVED_ON_TIME: closed & ~late & is_new,
    }
    return {column: int(mask.sum()) for column, mask in masks.items()}


def _months(period: Period) -> Iterator[tuple[date, date]]:
    for month in pd.period_range(period.from_on, period.to_on, freq="M"):
        yield max(month.start_time.date(), period.from_on), min(month.end_time.date(), period.to_on)
