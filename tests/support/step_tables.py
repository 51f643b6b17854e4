"""Step tables for tests: small ones built by hand, and the real ones where their folder is at hand."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from bpmn.generator import build
from bpmn.tables import StepTable, TableReading, read_tables

REAL = Path(__file__).parents[2].parent / "shared" / "data" / "procedures-real.json"
needs_real = pytest.mark.skipif(not REAL.exists(), reason="the real procedures are not beside the project")
DESK, OFFICE, HEAD = "BP_MOT_CUA", "PHONG_TU_PHAP", "LANH_DAO"


def a_step(key: str, unit: str = OFFICE, following: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return a row that nothing is wrong with."""
    row = {
        "id": key,
        "name": f"Bước {key}",
        "unit": unit,
        "unit_label": f"Tên {unit}",
        "limit_days": "0.5",
        "stage_limit_days": "1",
        "next": following,
        "single_officer": False,
        "pauses_clock": False,
        "resumes_clock": False,
        "ends_processing": False,
    }
    return row | changes


def linear(*steps: tuple[str, str], ends: str | None = None) -> list[dict[str, Any]]:
    """Return rows in a line from (key, unit) pairs; `ends` is the key of the step that ends processing."""
    keys = [key for key, _ in steps]
    rows = []
    for at, (key, unit) in enumerate(steps):
        following = keys[at + 1] if at + 1 < len(keys) else None
        rows.append(a_step(key, unit, following, ends_processing=key == ends))
    return rows


def usual_steps() -> list[dict[str, Any]]:
    """Return the rows of a small procedure: received, handed over, worked on, signed, returned."""
    return linear(("NHAN", DESK), ("THU_LY", OFFICE), ("KY", HEAD), ("THU_PHI", DESK), ("TRA", DESK), ends="KY")


def an_entry(**changes: Any) -> dict[str, Any]:
    """Return a procedure that nothing is wrong with: 4 stages of 1 day, 4 days in all."""
    entry = {"code": "TP99", "name": "Thủ tục thử", "total_days": "4", "fee": "8000", "steps": usual_steps()}
    return entry | changes


def read_one(**changes: Any) -> TableReading:
    """Return the reading of one entry."""
    (reading,) = read_tables([an_entry(**changes)])
    return reading


def a_table(**changes: Any) -> StepTable:
    """Return a table that can be published."""
    table = read_one(**changes).table
    assert table is not None
    return table


def a_model_xml(**changes: Any) -> str:
    """Return the generated model of a small procedure."""
    return build(a_table(**changes))


@lru_cache(maxsize=1)
def real_readings() -> tuple[TableReading, ...]:
    """Return the readings of the real procedures."""
    return tuple(read_tables(json.loads(REAL.read_text(encoding="utf-8"))))


@lru_cache(maxsize=1)
def real_models() -> dict[str, str]:
    """Return the generated model of each real procedure that can be published."""
    return {reading.code: build(reading.table) for reading in real_readings() if reading.table is not None}
