"""What `limit` and `fee` give is read when a procedure is linted, not first when a citizen stands at the counter."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn.decision.tables import DecisionTable, Input, Output, Rule
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
    assert not {each for each in found if each.startswith("decision-")}


def beside(made: list[DecisionTable], **more: Any) -> list[tuple[str, str]]:
    (read,) = read_sheet(as_xlsx(rows()), "xlsx")
    assert read.content is not None
    found = read_content(Content(read.content.source, build(made), **more)).findings
    return [(each.rule, each.where) for each in found if each.severity == "error"]


def a_fee(name: str, **more: Any) -> DecisionTable:
    rules = (Rule(("true",), ("1",)), Rule(("false",), ("2",)))
    return DecisionTable(id="fee", name="Phí", inputs=(Input("", name),), outputs=(Output("fee_vnd"),), rules=rules,
                         **more)  # fmt: skip


def a_form(asked: str) -> dict[str, Any]:
    return {"fields": [{"name": "urgent", "label": "Gấp", "type": "boolean", "asked": asked}]}


def test_fee_reads_what_is_asked_at_receipt_or_decided_before() -> None:
    rules = (Rule(("true",), ("true",)), Rule(("false",), ("false",)))
    before = DecisionTable(id="first", name="Trước", inputs=(Input("", "urgent"),), outputs=(Output("quick"),),
                           rules=rules)  # fmt: skip

    assert beside([a_fee("urgent")], form=a_form("receipt")) == []
    assert beside([a_fee("urgent")], form=a_form("step")) == [("decision-input-unknown", "fee input 1")]
    assert beside([a_fee("private_hous")], form=a_form("receipt")) == [("decision-input-unknown", "fee input 1")]
    assert beside([before, a_fee("quick", requires=("first",))], form=a_form("receipt")) == []
    assert beside([before, a_fee("quick", requires=("first",))]) == [("decision-input-unknown", "first input 1")]


def test_table_of_the_way_reads_what_steps_write_too() -> None:
    rules = (Rule(('"done"', "true"), ("1",)), Rule(("-", "false"), ("if other then 1 else 2",)))
    way = DecisionTable(id="way", name="Đường", inputs=(Input("", "outcome"), Input("", "urgent")),
                        outputs=(Output("way"),), rules=rules)  # fmt: skip

    assert beside([way], form=a_form("step")) == [("decision-input-unknown", "way rule 2 output 1")]
    assert beside([way]) == [
        ("decision-input-unknown", "way input 2"),
        ("decision-input-unknown", "way rule 2 output 1"),
    ]


def test_code_of_no_paper_is_named() -> None:
    papers = DecisionTable(id="papers", name="Giấy tờ", hit_policy="COLLECT", outputs=(Output("paper"),),
                           rules=(Rule((), ('"TO_KHAI"',)), Rule((), ('"TO_KHAI BAN_VE"',))))  # fmt: skip
    known = {"papers": [{"name": "Tờ khai", "code": "TO_KHAI", "originals": 1, "copies": 0}]}

    assert beside([papers], policy=known) == [("decision-paper-unknown", "papers rule 2 output 1")]
