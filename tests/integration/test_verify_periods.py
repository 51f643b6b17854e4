"""What verify says of reporting periods: closes that were touched, files that were, schedules nobody set so."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from engine.context import Context
from engine.reports import standard_reports
from engine.services import closing, periods
from engine.services.closed_periods import Closed
from engine.services.periods import Rule
from engine.store.base import Base
from engine.verification.verify import examine, verify
from tests.support.builders import Office, a_received_dossier, an_office, turn_clock_to
from tests.support.contexts import make_context

RULE = Rule(kind="quarter", first_day=1, send_month=1, send_before_day=5, remind_days=3, document="12/KH-UBND")


@pytest.fixture
def ctx(sqlite_ctx: Context) -> Context:
    """What does not depend on the database."""
    return sqlite_ctx


@pytest.fixture
def office(ctx: Context) -> Office:
    """An office with a dossier."""
    return an_office_with_a_dossier(ctx)


@pytest.fixture
def closed(ctx: Context, office: Office) -> Closed:
    """Its first quarter, closed."""
    return a_close(ctx, office)


def an_office_with_a_dossier(ctx: Context) -> Office:
    made = an_office(ctx)
    a_received_dossier(ctx, made)
    return made


def a_close(ctx: Context, office: Office) -> Closed:
    """Close the first quarter; the schedule was set, changed, and that of months dropped."""
    for rule in (RULE, Rule(**{**_facts(RULE), "send_before_day": 7}), Rule(**{**_facts(RULE), "kind": "month"})):
        periods.set_schedule(ctx, by=office.supervisor, agency=office.code, rule=rule)
    periods.drop_schedule(ctx, by=office.supervisor, agency=office.code, kind="month")
    turn_clock_to(ctx, "2026-04-02T09:00")
    return closing.close(
        ctx, by=office.supervisor, agency=office.code, name="2026-Q1", reports=standard_reports.summary
    )


def _facts(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in Rule.__slots__}


def spoil(ctx: Context, table: str, **values: Any) -> None:
    with ctx.database.engine.begin() as connection:
        where = Base.metadata.tables[table]
        of_quarter = where.c.name == "2026-Q1" if "name" in where.c else True
        connection.execute(update(where).where(of_quarter).values(**values))


def found(ctx: Context) -> list[tuple[str, str]]:
    return sorted((each.table, each.field) for each in verify(ctx))


@pytest.mark.parametrize("url", ["sqlite_url", "postgres_url"])
def test_closed_periods_are_reproduced(request: pytest.FixtureRequest, tmp_path: Path, url: str) -> None:
    ctx = make_context(tmp_path, request.getfixturevalue(url))
    try:
        a_close(ctx, an_office_with_a_dossier(ctx))
        findings = examine(ctx)
    finally:
        ctx.database.close()

    assert findings.differences == []
    assert findings.counts["report_periods_reproduced"] == 1
    assert findings.counts["report_periods"] == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [({"from_on": date(2026, 1, 2)}, "from_on"), ({"closed_by": None}, "closed_by"), ({"kind": "half"}, "kind")],
)
def test_a_close_that_was_touched_is_found(ctx: Context, closed: Closed, values: dict[str, Any], field: str) -> None:
    spoil(ctx, "report_period", **values)

    assert ("report_period", field) in found(ctx)


def test_a_close_that_is_gone_is_found(ctx: Context, closed: Closed) -> None:
    table = Base.metadata.tables["report_period"]
    with ctx.database.engine.begin() as connection:
        connection.execute(delete(table).where(table.c.closed_at.is_not(None)))

    assert found(ctx) == [("report_period", "*")]


def test_a_frozen_file_with_another_byte_is_found(ctx: Context, closed: Closed) -> None:
    path = ctx.settings.files / closed.sha256[:2] / closed.sha256
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.unlink()
    path.write_bytes(content)

    assert found(ctx) == [("report_period", "content_sha256")]


def test_a_file_of_other_data_under_a_changed_hash_is_found(ctx: Context, office: Office, closed: Closed) -> None:
    other = closing.close(ctx, by=office.supervisor, agency=office.code, name="2025-Q4",
                          reports=standard_reports.summary)  # fmt: skip
    spoil(ctx, "report_period", content_sha256=other.sha256)

    assert {("report_period", "content_sha256"), ("report_period", "content")} <= set(found(ctx))


def test_a_report_that_would_say_something_else_is_found(ctx: Context, closed: Closed) -> None:
    with ctx.unit_of_work(read_only=True) as uow:
        content = uow.periods.by_name(uow.agencies.by_code("H00").id, "2026-Q1").content
    name = "on-time.month.xlsx"
    spoil(ctx, "report_period", content={**content, "reports": {**content["reports"], name: "0" * 64}})

    assert found(ctx) == [("report_period", f"content.reports.{name}")]


def test_a_schedule_that_nobody_set_so_is_found(ctx: Context, closed: Closed) -> None:
    spoil(ctx, "report_schedule", send_before_day=20)

    assert found(ctx) == [("report_schedule", "*")]
