"""The bench of due dates measures both figures beside their floors in one run."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bench import due_dates
from bench.due_dates import LONGEST, PLANS
from engine.domain.cutoffs import Cutoff
from engine.domain.limits import Limit
from engine.domain.reckoning import planner
from engine.seeds.calendar_vn import default_calendar
from web.cli import bench as command


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command measure few dates; how long they take is nobody's matter here."""
    monkeypatch.setitem(command.BENCHES, "due-dates", lambda: due_dates.measure(rows=50_000, calls=12_000))


def test_due_dates_are_measured_beside_their_floors(small: None) -> None:
    found = json.loads(CliRunner().invoke(command.bench, ["due-dates", "--json"]).stdout)

    assert (found["name"], found["unit"]) == ("due-dates", "ns/due date")
    assert [(part["name"], part["at_most"]) for part in found["parts"]] == [("in bulk", 6), ("one by one", 3)]
    assert {key: found[key] for key in ("value", "floor", "ratio")}.items() <= found["parts"][0].items()
    for part in found["parts"]:
        assert part["value"] > 0
        assert part["ratio"] == pytest.approx(part["value"] / part["floor"], rel=1e-3)


def test_due_dates_print_both_figures_for_people(small: None) -> None:
    lines = CliRunner().invoke(command.bench, ["due-dates"]).stdout.splitlines()

    assert [line.partition(":")[0] for line in lines[::2]] == ["in bulk", "one by one"]
    assert lines[0].endswith("(at most 6)")


@pytest.mark.parametrize(("limit", "cutoff"), PLANS)
def test_every_receipt_that_is_measured_has_a_due_date(limit: str, cutoff: str | None) -> None:
    calendar = default_calendar()
    last = calendar.table.ends - LONGEST

    due = planner(calendar, Limit.parse(limit), Cutoff.parse(cutoff))

    assert all(due(received) > received for received in range(last - LONGEST, last, LONGEST // 1000))
