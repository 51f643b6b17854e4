"""Commands of plans: files that are taken whole, reports in three formats whose bytes repeat."""

from __future__ import annotations

import csv
import json
from datetime import date
from importlib.resources import files
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.indicator_catalogue import INDICATORS
from engine.reports.on_time_values import Period
from engine.reports.render import index_files
from engine.reports.scope import Asked
from engine.reports.targets import targets
from engine.services import plan_targets
from tests.support.builders import an_office
from web.cli.main import DONE, WRONG, run

TEMPLATE = files("engine.seeds").joinpath("plan_targets_vn.csv").read_bytes()


@pytest.fixture
def ctx_of_command(sqlite_ctx: Context, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setenv("MOTCUA_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    an_office(sqlite_ctx)
    return sqlite_ctx


def test_template_has_every_plan_and_only_known_indicators(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)
    rows = list(csv.DictReader(StringIO(TEMPLATE.decode())))
    assert {row["indicator"] for row in rows} <= INDICATORS.keys()
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        code = uow.agencies.default().code
    for plan in sorted({row["plan"] for row in rows}):
        count = plan_targets.import_file(
            sqlite_ctx, by=SYSTEM, agency=code, content=TEMPLATE, name="plan_targets_vn.csv", plan=plan
        )
        assert count == sum(row["plan"] == plan for row in rows)


def test_commands(ctx_of_command: Context, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plans, year = tmp_path / "plans.csv", ["--from", "2026-01-01", "--to", "2026-12-31"]
    assert run(["targets", "template", "-o", str(plans)]) == DONE
    assert run(["targets", "import", str(plans)]) == WRONG
    assert run(["targets", "import", str(plans), "--plan", "bac-hong-linh-2026"]) == DONE
    said = tmp_path / "figures.csv"
    said.write_text("indicator,from,to,numerator,denominator,source\nsipas,2026-01-01,2026-12-31,x,,S\n")
    capsys.readouterr()
    assert run(["figures", "import", str(said)]) == WRONG
    assert "row 2, numerator: numerator: 'x' is no number" in capsys.readouterr().err
    said.write_text("indicator,from,to,numerator,denominator,source\nsipas,2026-01-01,2026-12-31,91.5,,S\n")
    assert run(["figures", "import", str(said)]) == DONE
    capsys.readouterr()
    assert run(["report", "targets", *year]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert [row["figure"] for row in told["rows"] if row["indicator"] == "online_payment"] == ["95"]
    assert "definitions" in told["about"]
    assert run(["report", "index-766", *year, "--by", "agency"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["total"]["max"], told["total"]["points"]) == (100, 0)
    for name in ("index-766", "targets"):
        for kind in ("csv", "xlsx", "json"):
            assert run(["report", name, *year, "-o", str(tmp_path / f"{name}.{kind}")]) == DONE
    rows = list(csv.DictReader(StringIO((tmp_path / "targets.csv").read_text("utf-8-sig"))))
    assert len(rows) == 18
    book = openpyxl.load_workbook(tmp_path / "index-766.xlsx")
    sheet = book["Bộ chỉ số"]
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "Tổng số" in cells
    assert not any(isinstance(value, str) and value.startswith("=") for value in cells)


def test_workbooks_have_the_same_bytes_again(ctx_of_command: Context) -> None:
    asked = Asked(Period(date(2026, 1, 1), date(2026, 12, 31)))
    with ctx_of_command.unit_of_work(read_only=True) as uow:
        code = uow.agencies.default().code
    plan_targets.import_file(
        ctx_of_command, by=SYSTEM, agency=code, content=TEMPLATE, name="x", plan="bac-hong-linh-2026"
    )
    first, second = (index_files.targets_xlsx(targets(ctx_of_command, by=SYSTEM, asked=asked)) for _again in range(2))
    assert first == second
    sheet = openpyxl.load_workbook(BytesIO(first))["Chỉ tiêu"]
    assert sheet.freeze_panes == "B6"
    assert [sheet.cell(6, column).data_type for column in (1, 2, 10)] == ["s", "s", "s"]
