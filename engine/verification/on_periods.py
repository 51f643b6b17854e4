"""Reporting periods: each is what its name says and its acts left, its frozen file is whole, and reports say the same.

Reports of the latest closes are computed again from what was frozen; older ones are compared by the hash of the file.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from io import BytesIO
from typing import Any

from sqlalchemy import Connection, select

from engine.context import Context
from engine.domain.clock import TurnedClock
from engine.domain.report_periods import InvalidPeriodNameError, named
from engine.errors import EngineError
from engine.reports import standard_reports
from engine.reports.on_time_values import Period
from engine.store import administration, frozen_rows, periods
from engine.store.base import Base
from engine.store.unit_of_work import Database
from engine.verification.differences import ROW, Difference, Findings, plain
from engine.verification.rows import Row

CLOSED, SET, DROPPED = "period.closed", "report_schedule.set", "report_schedule.dropped"  #: acts
REPRODUCED = 3  #: closes whose reports are computed again, the latest ones
_PERIOD, _SCHEDULE = "report_period", "report_schedule"
_MODULES = (administration, periods)  # what makes their tables known


def check(connection: Connection, ctx: Context, findings: Findings) -> None:
    """Compare periods and schedules with the acts, and closed periods with their files."""
    tables = Base.metadata.tables
    codes = {row.id: row.code for row in connection.execute(select(tables["agency"].c.id, tables["agency"].c.code))}
    acts: dict[tuple[int, str], list[Row]] = defaultdict(list)
    act = tables["admin_act"]
    of_periods = select(act).where(act.c.kind.in_((CLOSED, SET, DROPPED))).order_by(act.c.id)
    for row in connection.execute(of_periods).mappings():
        acts[row["owner_agency_id"], _PERIOD if row["kind"] == CLOSED else _SCHEDULE].append(dict(row))
    closed: list[tuple[Row, str]] = []
    found: dict[int, list[Row]] = defaultdict(list)
    for row in connection.execute(select(tables[_PERIOD]).order_by(tables[_PERIOD].c.id)).mappings():
        found[row["owner_agency_id"]].append(dict(row))
    for agency, code in codes.items():
        said = {each["subject"]: each for each in acts[agency, _PERIOD]}
        for period in found[agency]:
            findings.count("report_periods")
            _check_period(period, f"{code} {period['name']}", said.pop(period["name"], None), findings)
            closed += [(period, code)] if period["closed_at"] is not None else []
        for name in said:
            _differ(findings, _PERIOD, f"{code} {name}", ROW, "a closed period", None, "it was closed, and is gone")
    _check_schedules(connection, codes, acts, findings)
    _check_files(ctx, closed, findings)


def _check_period(row: Row, key: str, act: Row | None, findings: Findings) -> None:
    try:
        period = named(row["name"])
    except InvalidPeriodNameError:
        _differ(findings, _PERIOD, key, "name", "the name of a period", row["name"], "no period has this name")
        return
    wanted: dict[str, Any] = {"kind": period.kind.value, "from_on": period.from_on, "to_on": period.to_on}
    wanted |= {"closed_at": None, "closed_by": None, "content_sha256": None}
    if act is not None:
        wanted |= {"closed_at": act["made_at"], "closed_by": act["made_by"], "content_sha256": act["facts"]["sha256"]}
    for name, expected in wanted.items():
        if row[name] != expected:
            _differ(findings, _PERIOD, key, name, expected, row[name], "not what its name and its close say")


def _check_schedules(
    connection: Connection, codes: dict[int, str], acts: dict[tuple[int, str], list[Row]], findings: Findings
) -> None:
    table = Base.metadata.tables[_SCHEDULE]
    found = {(row["owner_agency_id"], row["kind"]): dict(row) for row in connection.execute(select(table)).mappings()}
    said: dict[tuple[int, str], dict[str, Any] | None] = {}
    for (agency, what), made in acts.items():
        for act in made if what == _SCHEDULE else ():
            before = said.get((agency, act["subject"]))
            if act["facts"]["before"] != before:
                key, message = f"{codes[agency]} {act['id']}", "the act does not begin where the one before it ended"
                _differ(findings, "admin_act", key, "facts.before", before, act["facts"]["before"], message)
            said[agency, act["subject"]] = act["facts"]["after"]
    for agency, kind in sorted(found.keys() | said.keys()):
        row, after = found.get((agency, kind)), said.get((agency, kind))
        kept = None if row is None else {name: row[name] for name in after or ("kind",)}
        if kept != after:
            message = "not what the last act on this schedule left"
            _differ(findings, _SCHEDULE, f"{codes[agency]} {kind}", ROW, after, kept, message)


def _check_files(ctx: Context, closed: list[tuple[Row, str]], findings: Findings) -> None:
    closed.sort(key=lambda each: (each[0]["closed_at"], each[0]["id"]), reverse=True)
    for place, (row, code) in enumerate(closed):
        key = f"{code} {row['name']}"
        try:
            content = ctx.files.get(row["content_sha256"] or "")
            _check_head(content, row, code, key, findings)
            if place < REPRODUCED:
                _reproduce(ctx, content, row, code, findings)
        except EngineError as error:
            message = "the frozen data of a closed period cannot be read"
            _differ(findings, _PERIOD, key, "content_sha256", row["content_sha256"], error.code, message)


def _check_head(content: bytes, row: Row, code: str, key: str, findings: Findings) -> None:
    head = json.loads(next(_lines(content), b"{}"))
    wanted = {"agency": code, "period": row["name"], "closed_at": plain(row["closed_at"])}
    said = {name: head.get(name) for name in wanted}
    if said != wanted:
        _differ(findings, _PERIOD, key, "content", wanted, said, "the frozen data are those of something else")


def _reproduce(ctx: Context, content: bytes, row: Row, code: str, findings: Findings) -> None:
    kept = row["content"].get("reports", {})
    if row["content"].get("made_by") != version("motcua"):
        findings.notes.append(f"reports of {code} {row['name']} were made by another version and not compared")
        return
    with _frozen(ctx, content, row) as then:
        made = standard_reports.digests(then, agency=code, period=Period(row["from_on"], row["to_on"]))
    findings.count("report_periods_reproduced")
    for name in sorted(kept.keys() | made.keys()):
        if kept.get(name) != made.get(name):
            message = f"report {name} is not what it was at the close"
            field = f"content.reports.{name}"
            _differ(findings, _PERIOD, f"{code} {row['name']}", field, kept.get(name), made.get(name), message)


@contextmanager
def _frozen(ctx: Context, content: bytes, row: Row) -> Iterator[Context]:
    database = Database.in_memory()
    try:
        frozen_rows.load(database, _lines(content))
        with database.unit_of_work() as uow:
            uow.rollups.rebuild()
        yield replace(ctx, database=database, clock=TurnedClock(row["closed_at"]))
    finally:
        database.close()


def _lines(content: bytes) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=BytesIO(content)) as file:
            yield from file
    except (OSError, EOFError, zlib.error) as error:
        raise frozen_rows.FrozenContentError("the frozen content is no gzip file") from error


def _differ(findings: Findings, table: str, key: str, name: str, expected: Any, found: Any, message: str) -> None:
    findings.differences.append(Difference(table, key, name, plain(expected), plain(found), message))
