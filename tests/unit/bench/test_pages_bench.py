"""The bench of pages: what fills its database, how figures are judged, and which database it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from bench import many_dossiers, pages
from bench.calendar_change import DatabaseInUseError
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.reports import worklists
from engine.reports.filters import Filters, Queue
from engine.services import reading
from tests.support import builders as b
from tests.support.contexts import make_context
from web.cli.bench import bench


@pytest.fixture
def filled(tmp_path: Path, postgres_url: str) -> Iterator[Context]:
    """An office with an open and a returned dossier, and closed copies up to 500 in all."""
    ctx = make_context(tmp_path, postgres_url)
    office = b.an_office(ctx)
    b.a_received_dossier(ctx, office)
    b.advance_to(ctx, office, b.a_received_dossier(ctx, office), Status.RETURNED)
    many_dossiers.prepare(ctx)
    many_dossiers.fill(ctx, 500)
    yield ctx
    ctx.database.close()


def test_copies_are_dossiers_that_pages_can_show(filled: Context) -> None:
    everything = worklists.page(filled, by=SYSTEM, queue=Queue.ALL, limit=200)
    copy = next(row for row in everything.items if row["status"] == 10 and len(row["code"].split("-")[-1]) > 4)

    assert everything.counts[Queue.ALL] >= 500
    assert len({row["code"] for row in everything.items}) == 200
    assert reading.detail(filled, by=SYSTEM, dossier=copy["code"])["status"] == 10
    found = worklists.page(filled, by=SYSTEM, filters=Filters(q=copy["code"][-9:])).items
    assert copy["id"] in {row["id"] for row in found}
    phone = reading.detail(filled, by=SYSTEM, dossier=copy["code"])["applicant"]["phone"]
    assert {row["id"] for row in worklists.page(filled, by=SYSTEM, filters=Filters(q=phone)).items} == {copy["id"]}


def test_offices_keep_their_open_work_at_every_size(filled: Context) -> None:
    def by_agency() -> list[tuple[int, int]]:
        open_ones = "select owner_agency_id, count(*) from dossier where status <> 10 group by 1 order by 1"
        with filled.database.engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(text(open_ones))]

    before = by_agency()
    many_dossiers.fill(filled, 900)

    assert by_agency() == before
    assert len(before) == many_dossiers.AGENCIES - 1  # the default agency of the test has no dossier


def test_figures_are_judged_by_ping_by_growth_and_by_statements() -> None:
    few = {"inbox": (0.010, 4), "ping": (0.001, 0)}
    many = {"inbox": (0.016, 9), "ping": (0.002, 0)}

    found = pages.Pages([*pages._judged(few, 10, {}), *pages._judged(many, 1000, few)]).as_json()

    assert [(part["ratio"], part["of_few"], part["statements"]) for part in found["parts"]] == [
        (10.0, None, 4),
        (8.0, 1.6, 9),
    ]
    assert (found["of_few"], found["kept"]) == (1.6, False)


def test_statements_are_read_from_the_servers_log(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    mark = "bench." + b"inbox tail".hex()
    lines = [json.dumps({"request_id": mark, "statements": count}) for count in (3, 5, 4)]
    log.write_text("[INFO] started\n" + "\n".join(lines) + '\n{"request_id": "other", "statements": 90}\n')

    assert pages._statements(log) == {"inbox tail": 5}


def test_pages_are_measured_on_a_postgresql_that_is_empty(tmp_path: Path, filled: Context) -> None:
    with pytest.raises(DatabaseInUseError):
        pages.measure(database_url=filled.settings.database_url)
    with pytest.raises(DatabaseInUseError):
        pages.measure(database_url=f"sqlite:///{tmp_path}/x.db")

    refused = CliRunner().invoke(bench, ["pages"])
    assert (refused.exit_code, "needs --database" in refused.output) == (2, True)
