"""Each rule of reading a step table, on a small table that breaks only it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bpmn.findings import Severity
from bpmn.phases import Phase, assign_phases
from bpmn.tables import TableReading, read_tables
from tests.support.step_tables import (
    DESK,
    HEAD,
    OFFICE,
    a_step,
    a_table,
    an_entry,
    linear,
    read_one,
    usual_steps,
)


def _rules(reading: TableReading) -> list[tuple[str, str]]:
    return [(finding.rule, str(finding.severity)) for finding in reading.findings]


def _steps(at: int, **changes: Any) -> list[dict[str, Any]]:
    rows = usual_steps()
    rows[at] |= changes
    return rows


def test_read_tables_reads_a_sound_table_without_findings() -> None:
    reading = read_one()
    assert reading.findings == ()
    table = a_table()
    assert (table.code, table.limit, table.fee_vnd) == ("TP99", "4 working_day", 8000)
    assert [(step.order, step.key, step.stage) for step in table.steps] == [
        (1, "NHAN", 1),
        (2, "THU_LY", 2),
        (3, "KY", 3),
        (4, "THU_PHI", 4),
        (5, "TRA", 4),
    ]
    assert [step.phase for step in table.steps] == [
        Phase.RECEPTION,
        Phase.PROCESSING,
        Phase.PROCESSING,
        Phase.RETURN,
        Phase.RETURN,
    ]
    assert [step.ends_processing for step in table.steps] == [False, False, True, False, False]
    assert [(stage.no, stage.unit, stage.limit) for stage in table.stages] == [
        (1, DESK, "1 working_day"),
        (2, OFFICE, "1 working_day"),
        (3, HEAD, "1 working_day"),
        (4, DESK, "1 working_day"),
    ]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"name": None}, "name-missing"),
        ({"name": 7}, "name-not-text"),
        ({"name": "Cấp gi�y"}, "text-encoding"),
        ({"name": "Cấp\u0000 giấy"}, "text-encoding"),
        ({"name": "x" * 501}, "name-too-long"),
        ({"steps": None}, "steps-missing"),
        ({"steps": []}, "steps-missing"),
        ({"steps": {}}, "steps-not-list"),
        ({"steps": [a_step("A")] * 101}, "steps-too-many"),
        ({"steps": ["A"]}, "step-not-object"),
        ({"steps": _steps(1, id=None)}, "id-missing"),
        ({"steps": _steps(1, id=["x"])}, "id-not-text"),
        ({"steps": _steps(1, name=" ")}, "name-missing"),
        ({"steps": _steps(1, unit=None)}, "unit-missing"),
        ({"steps": _steps(1, unit_label=3)}, "unit_label-not-text"),
        ({"steps": _steps(1, pauses_clock="yes")}, "flag-not-boolean"),
        ({"steps": _steps(1, next="KHONG_CO")}, "next-unknown"),
        ({"steps": [*usual_steps(), a_step("NHAN")]}, "id-duplicate"),
        ({"steps": _steps(4, next="NHAN")}, "steps-cycle"),
        ({"steps": _steps(4, next="KY")}, "steps-cycle"),
        ({"steps": [*usual_steps(), a_step("LAC", following="KY")]}, "step-unreachable"),
        ({"steps": _steps(1, next=None)}, "step-unreachable"),
        ({"total_days": "0", "steps": [a_step("A", stage_limit_days="0")]}, "limit-missing"),
        ({"total_days": "-2"}, "total-negative"),
        ({"total_days": -0.5}, "total-negative"),
        ({"total_days": "10001"}, "total-too-large"),
        ({"total_days": "99999999999999"}, "total-too-large"),
        ({"total_days": 1e300}, "total-too-large"),
        ({"total_days": "0", "steps": _steps(1, stage_limit_days="9999")}, "total-too-large"),
    ],
)
def test_read_tables_refuses(changes: dict[str, Any], rule: str) -> None:
    reading = read_one(**changes)
    assert reading.table is None
    assert rule in [finding.rule for finding in reading.findings if finding.severity is Severity.ERROR]
    assert all(finding.where and finding.message for finding in reading.findings)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"total_days": None}, "total-missing"),
        ({"total_days": "0"}, "total-missing"),
        ({"total_days": "-1"}, "total-missing"),
        ({"total_days": "5"}, "total-differs"),
        ({"total_days": "4,0"}, "decimal-comma"),
        ({"steps": _steps(1, limit_days="0,5")}, "decimal-comma"),
        ({"steps": _steps(1, stage_limit_days="1,0")}, "decimal-comma"),
        ({"fee": "khoảng 50 nghìn"}, "fee-unreadable"),
        ({"fee": -1}, "fee-unreadable"),
        ({"note": "x"}, "field-unknown"),
        ({"steps": _steps(1, pause_clock=True)}, "field-unknown"),
        ({"steps": _steps(1, limit_days="-2")}, "step-limit-unreadable"),
        ({"steps": _steps(3, stage_limit_days="0.5")}, "stage-conflict"),
        ({"steps": _steps(2, ends_processing=False)}, "ends-missing"),
        ({"steps": _steps(1, ends_processing=True)}, "ends-many"),
        ({"steps": _steps(1, pauses_clock=True)}, "pause-without-resume"),
        ({"steps": _steps(2, pauses_clock=True)}, "ends-pauses"),
        ({"steps": _steps(3, pauses_clock=True)}, "ends-pauses"),
        ({"steps": _steps(1, resumes_clock=True)}, "resume-without-pause"),
    ],
)
def test_read_tables_warns_and_publishes(changes: dict[str, Any], rule: str) -> None:
    reading = read_one(**changes)
    assert reading.table is not None
    assert _rules(reading) == [(rule, "warning")]


def test_read_tables_takes_the_sum_when_the_total_is_missing() -> None:
    assert a_table(total_days="0").limit == "4 working_day"
    assert a_table(total_days=None, steps=_steps(1, stage_limit_days="2.5")).limit == "5.5 working_day"


def test_decimal_comma_says_what_was_read() -> None:
    reading = read_one(total_days="1,5")
    said = next(each.message for each in reading.findings if each.rule == "decimal-comma")
    assert said == '`total_days` "1,5" is read as 1.5 working day; write a point for the fraction.'
    assert reading.table is not None
    assert reading.table.limit == "1.5 working_day"


def test_read_tables_keeps_a_total_that_differs() -> None:
    assert a_table(total_days="10").limit == "10 working_day"


def test_read_tables_counts_a_negative_or_unreadable_stage_as_nothing() -> None:
    reading = read_one(steps=_steps(1, stage_limit_days="-1"))
    assert _rules(reading) == [("stage-negative", "warning"), ("total-differs", "warning")]
    reading = read_one(total_days=None, steps=_steps(1, stage_limit_days="hai"))
    assert _rules(reading) == [("stage-unreadable", "warning"), ("total-missing", "warning")]
    assert reading.table is not None
    assert reading.table.limit == "3 working_day"


def test_read_tables_takes_the_largest_share_of_a_stage_in_conflict() -> None:
    assert a_table(steps=_steps(3, stage_limit_days="0.5")).stages[3].limit == "1 working_day"


def test_read_tables_takes_the_last_of_several_finishing_steps() -> None:
    steps = a_table(steps=_steps(1, ends_processing=True)).steps
    assert [step.key for step in steps if step.ends_processing] == ["KY"]


@pytest.mark.parametrize("fee_step", [{"id": "X::THU_PHI"}, {"name": "Thu phí"}, {"name": "THU PHÍ"}])
def test_read_tables_finds_the_step_before_fee_and_return(fee_step: dict[str, str]) -> None:
    rows = linear(("NHAN", DESK), ("KY", OFFICE), ("PHI", DESK), ("TRA", DESK))
    if "id" in fee_step:
        rows[1]["next"] = fee_step["id"]
    rows[2] |= fee_step
    steps = a_table(total_days="3", steps=rows).steps
    assert [step.key for step in steps if step.ends_processing] == ["KY"]


def test_read_tables_reads_one_step_as_processing() -> None:
    step, added = a_table(total_days="1", steps=[a_step("A")]).steps
    assert (step.phase, step.ends_processing) == (Phase.PROCESSING, True)
    assert (added.phase, added.ends_processing) == (Phase.RETURN, False)


def test_read_tables_orders_steps_by_their_successors() -> None:
    assert [step.key for step in a_table(steps=list(reversed(usual_steps()))).steps] == [
        "NHAN",
        "THU_LY",
        "KY",
        "THU_PHI",
        "TRA",
    ]


def test_read_tables_composes_decomposed_text() -> None:
    assert a_table(name="Cấp  giấy ").name == "Cấp giấy"


def test_one_bad_procedure_stops_no_other() -> None:
    readings = read_tables([None, an_entry(code="A1"), {"code": 5}, an_entry(code="A1"), an_entry(code="A2")])
    assert [(reading.code, reading.table is not None) for reading in readings] == [
        ("", False),
        ("A1", True),
        ("", False),
        ("A1", False),
        ("A2", True),
    ]
    assert [reading.findings[0].rule for reading in readings if reading.findings] == [
        "entry-not-object",
        "code-not-text",
        "code-duplicate",
    ]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ({}, "file-not-list"),
        ("[]", "file-not-list"),
        (None, "file-not-list"),
        (b"{}", "file-not-list"),
        (b"[", "file-json"),
        (b"", "file-json"),
        pytest.param(b"[" * 100_000, "file-json", id="deep"),
        pytest.param(b"[" + b"9" * 5000 + b"]", "file-json", id="long number"),
        (b'["C\xa4p gi\xa4y"]', "file-encoding"),
        (b"\xff\xfe[", "file-encoding"),
    ],
)
def test_read_tables_says_what_is_wrong_with_a_file(data: object, rule: str) -> None:
    (reading,) = read_tables(data)
    assert [finding.rule for finding in reading.findings] == [rule]
    assert reading.table is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_read_tables_reads_json_bytes(encoding: str) -> None:
    data = json.dumps([an_entry()], ensure_ascii=False).encode(encoding)
    assert read_tables(data) == read_tables([an_entry()])


def test_findings_travel_as_json() -> None:
    (finding,) = read_one(total_days="5").findings
    assert finding.as_json() == {
        "rule": "total-differs",
        "severity": "warning",
        "where": "TP99",
        "message": "The total is 5 working_day, the stages add up to 4 working_day; the total counts.",
    }


@pytest.mark.parametrize(
    ("units", "finishing", "phases"),
    [
        ("AABC", 2, "rrpt"),
        ("AAAA", 2, "rppt"),
        ("AAB", 1, "rpt"),
        ("ABA", 2, "rpp"),
        ("AA", 0, "pt"),
        ("A", 0, "p"),
        ("AABAA", 3, "rrppt"),
    ],
)
def test_phases_begin_with_the_first_unit(units: str, finishing: int, phases: str) -> None:
    names = {"r": Phase.RECEPTION, "p": Phase.PROCESSING, "t": Phase.RETURN}
    assert assign_phases(units, finishing) == tuple(names[sign] for sign in phases)
