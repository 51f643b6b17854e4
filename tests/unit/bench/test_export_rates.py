"""The bench of exports: what it promises, and that a process of its own tells what it wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import exports, written_export
from bench.calendar_change import DatabaseInUseError
from bench.exports import Exports, Measure
from engine.context import Context
from tests.support.builders import a_received_dossier, an_office


def a_measure(ratio: float, memory_mb: float) -> Measure:
    return Measure("exports as csv", 1000 * ratio, "rows/s", 1000, ratio, 0.1, memory_mb, 150, "")


@pytest.mark.parametrize(("ratio", "memory", "kept"), [(0.1, 150, True), (0.099, 20, False), (0.5, 150.1, False)])
def test_a_promise_is_kept_in_speed_and_in_memory(ratio: float, memory: float, kept: bool) -> None:
    whole = Exports([a_measure(0.5, 100), a_measure(ratio, memory)]).as_json()

    assert whole["kept"] is kept
    assert [part["kept"] for part in whole["parts"]] == [True, kept]


def test_exports_are_measured_on_postgresql_alone() -> None:
    with pytest.raises(DatabaseInUseError):
        exports.measure(database_url="sqlite:////tmp/x.db")


def test_an_export_tells_its_rows_and_its_memory(
    sqlite_ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_received_dossier(sqlite_ctx, an_office(sqlite_ctx))
    monkeypatch.setenv("MOTCUA_DATA", str(sqlite_ctx.settings.data))
    monkeypatch.setenv("MOTCUA_DATABASE_URL", sqlite_ctx.settings.database_url)
    told = written_export.write("csv", tmp_path / "d.csv")

    assert told["rows"] == 1
    assert told["memory_mb"] > 10
    assert (tmp_path / "d.csv").stat().st_size > 0
