"""What `limit` and `fee` give is read when a procedure is linted, not first when a citizen stands at the counter."""

from __future__ import annotations

import pytest

from bpmn.decision_tables import DecisionTable, Input, Output, Rule
from bpmn.decisions import build
from engine.services import procedure_library
from engine.services.procedure_contents import Content, read_content, read_sheet
from tests.support.sheets import as_xlsx, rows


def findings(table: str, output: str, result: str) -> list[tuple[str, str]]:
    (read,) = read_sheet(as_xlsx(rows()), "xlsx")
    assert read.content is not None
    made = DecisionTable(
        id=table, name="Thử", hit_policy="UNIQUE", inputs=(Input("", "urgent"),), outputs=(Output(output),),
        rules=(Rule(("true",), (result,)), Rule(("false",), (result,))),
    )  # fmt: skip
    form = {"fields": [{"name": "urgent", "label": "Gấp", "type": "boolean"}]}
    content = Content(read.content.source, build([made]), form)
    return [(each.rule, each.where) for each in read_content(content).findings if each.severity == "error"]


@pytest.mark.parametrize(
    ("table", "output", "result"),
    [
        ("limit", "limit", '"15 ngày"'),
        ("limit", "limit", "15"),
        ("fee", "fee_vnd", '"75000"'),
        ("fee", "fee_vnd", "-1"),
    ],
)
def test_result_that_no_receipt_can_use_refuses_the_procedure(table: str, output: str, result: str) -> None:
    unfit = "decision-output-unfit"
    assert findings(table, output, result) == [(unfit, f"{table} rule {row} output 1") for row in (1, 2)]


@pytest.mark.parametrize(
    ("table", "output", "result"),
    [
        ("limit", "limit", '"15 working_day"'),
        ("fee", "fee_vnd", "if urgent then 1 else 2"),
        ("way", "way", '"15 ngày"'),
    ],
)
def test_result_that_can_be_used_or_is_worked_out_is_left_alone(table: str, output: str, result: str) -> None:
    assert findings(table, output, result) == []


def test_table_without_its_output_is_named() -> None:
    assert findings("fee", "amount", "5") == [("decision-output-missing", "fee")]


def test_library_has_none_of_this() -> None:
    found = [
        each.rule
        for listed in procedure_library.listing()
        for each in read_content(procedure_library.content_of(listed["code"], partners={})).findings
    ]
    assert not {"decision-output-missing", "decision-output-unfit"} & set(found)
