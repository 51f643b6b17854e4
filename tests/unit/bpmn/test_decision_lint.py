"""Findings on decision files: what is refused, what is doubtful, and that each names its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bpmn.decisions import (
    DecisionTable,
    Input,
    InvalidDecisionError,
    Output,
    Rule,
    build,
    decisions_of,
    lint_decisions,
    lint_tables,
    parse,
)
from bpmn.findings import Finding, Severity
from bpmn.xml import MAX_BYTES

LIMIT = (Path(__file__).parent / "decisions" / "building_permit_limit.dmn").read_text(encoding="utf-8")
FEE = (Path(__file__).parent / "decisions" / "certification_fee.dmn").read_text(encoding="utf-8")


def _grid(*rows: str, outputs: int = 1, **changes: Any) -> DecisionTable:
    """Return a table from rows like `1 | "a" | 5`: tests of the columns `a`, `b` …, then outputs."""
    cells = [[cell.strip() for cell in row.split(" | ")] for row in rows]
    inputs = len(cells[0]) - outputs
    return DecisionTable(
        **(
            {
                "id": "t",
                "name": "T",
                "inputs": tuple(Input(name, name) for name in "abcdefgh"[:inputs]),
                "outputs": tuple(Output(f"y{at}") for at in range(outputs)),
                "rules": tuple(Rule(tuple(row[:inputs]), tuple(row[inputs:])) for row in cells),
            }
            | changes
        )
    )


def _said(*tables: DecisionTable) -> list[tuple[str, str]]:
    return [(finding.rule, finding.where) for finding in lint_tables(tables)]


def _changed(xml: str, old: str, new: str) -> tuple[Finding, ...]:
    assert old in xml
    return lint_decisions(xml.replace(old, new))


def _requires(decision: str) -> str:
    href = f'<dmn:requiredDecision href="#{decision}"/>'
    return f"<dmn:informationRequirement>{href}</dmn:informationRequirement>"


CELL = '<dmn:outputEntry><dmn:text>"15 working_day"</dmn:text></dmn:outputEntry>'
TABLE = '<dmn:decisionTable hitPolicy="FIRST">'


@pytest.mark.parametrize(
    ("old", "new", "rule", "where"),
    [
        (TABLE, "<dmn:literalExpression><dmn:text>1</dmn:text></dmn:literalExpression>" + TABLE,
         "decision-element", "limit"),
        (TABLE, "<dmn:invocation/>" + TABLE, "decision-element", "limit"),
        (TABLE, "<dmn:context/>" + TABLE, "decision-element", "limit"),
        (TABLE, "<dmn:knowledgeRequirement/>" + TABLE, "decision-element", "limit"),
        (TABLE, '<script xmlns="urn:x">1</script>' + TABLE, "decision-element", "limit"),
        (TABLE, TABLE + "<dmn:functionDefinition/>", "decision-element", "limit"),
        ("<dmn:decision ", '<dmn:import namespace="x" importType="y"/><dmn:decision ', "decision-element", "file"),
        ("<dmn:decision ", "<dmn:businessKnowledgeModel/><dmn:decision ", "decision-element", "file"),
        ("<dmn:decision ", "<dmn:decisionService/><dmn:decision ", "decision-element", "file"),
        ("<dmn:text>true</dmn:text>", "<dmn:text>true<dmn:text>false</dmn:text></dmn:text>",
         "decision-element", "limit"),
        ('typeRef="string"/>', 'typeRef="string"><dmn:defaultOutputEntry/></dmn:output>', "decision-element", "limit"),
        ("<dmn:outputEntry>", '<dmn:outputEntry expressionLanguage="javascript">', "decision-language", "limit"),
        ('expressionLanguage="http://www.omg.org/spec/DMN/20180521/FEEL/"', 'expressionLanguage="groovy"',
         "decision-language", "file"),
        ('hitPolicy="FIRST"', 'hitPolicy="PRIORITY"', "decision-hit-policy", "limit"),
        ('hitPolicy="FIRST"', 'hitPolicy="RULE ORDER"', "decision-hit-policy", "limit"),
        ('hitPolicy="FIRST"', 'hitPolicy="first"', "decision-hit-policy", "limit"),
        ('hitPolicy="FIRST"', 'hitPolicy="FIRST" aggregation="SUM"', "decision-aggregation", "limit"),
        ('hitPolicy="FIRST"', 'hitPolicy="COLLECT" aggregation="MEAN"', "decision-aggregation", "limit"),
        ('hitPolicy="FIRST"', 'hitPolicy="COLLECT" aggregation="SUM"', "decision-cell", "limit rule 1 output 1"),
        ('id="limit" name', 'id="giới hạn" name', "decision-id", "giới hạn"),
        ('id="limit" name', "name", "decision-id", "?"),
        (' name="Thời hạn giải quyết"', "", "decision-text", "limit"),
        ('<dmn:output id="out" name="limit"', '<dmn:output id="out" name="Limit"',
         "decision-output-name", "limit output 1"),
        ('<dmn:output id="out" name="limit"', '<dmn:output id="out" name="null"',
         "decision-output-name", "limit output 1"),
        ('<dmn:output id="out" name="limit"', '<dmn:output id="out"', "decision-output-name", "limit output 1"),
        (CELL, "", "decision-rules", "limit rule 1"),
        (CELL, "<dmn:outputEntry/>", "decision-cell", "limit rule 1 output 1"),
        ('"15 working_day"', '__import__("os")', "decision-cell", "limit rule 1 output 1"),
        ('"15 working_day"', "1/0", "decision-cell", "limit rule 1 output 1"),
        ("<dmn:text>true</dmn:text>", "<dmn:text>x &gt; 5</dmn:text>", "decision-cell", "limit rule 1 input 1"),
        ("<dmn:text>true</dmn:text>", "<dmn:text>&lt; true</dmn:text>", "decision-cell", "limit rule 1 input 1"),
        ("<dmn:text>true</dmn:text>", "<dmn:text>[1..1/0]</dmn:text>", "decision-cell", "limit rule 1 input 1"),
        ("<dmn:text>-</dmn:text>", "<dmn:text>5</dmn:text>", "decision-kinds", "limit input 1"),
        ("<dmn:text>private_house</dmn:text>", "<dmn:text>house.private</dmn:text>", "decision-input", "limit input 1"),
        ("<dmn:text>private_house</dmn:text>", "", "decision-input", "limit input 1"),
        ("</dmn:inputExpression>", "</dmn:inputExpression><dmn:inputValues><dmn:text>x</dmn:text></dmn:inputValues>",
         "decision-input", "limit input 1"),
        (TABLE, _requires("limit") + TABLE,
         "decision-cycle", "limit"),
        (TABLE, _requires("no") + TABLE,
         "decision-requirement", "limit"),
        ("http://www.omg.org/spec/DMN/20180521/MODEL/", "http://www.omg.org/spec/BPMN/20100524/MODEL",
         "not-dmn", "file"),
        ("</dmn:definitions>", "", "xml-malformed", "file"),
        ("<dmn:definitions", "<!DOCTYPE x><dmn:definitions", "xml-hostile", "file"),
    ],
)  # fmt: skip
def test_what_is_outside_is_refused_where_it_stands(old: str, new: str, rule: str, where: str) -> None:
    assert lint_decisions(LIMIT) == ()
    findings = _changed(LIMIT, old, new)
    assert (rule, where) in [(finding.rule, finding.where) for finding in findings]
    assert all(finding.severity is Severity.ERROR for finding in findings)
    with pytest.raises(InvalidDecisionError, match=rule):
        parse(LIMIT.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<dmn:decision ", '<x:note xmlns:x="urn:other"/><dmn:decision '),
        (TABLE, '<dmn:extensionElements><x:run xmlns:x="urn:other"/></dmn:extensionElements>' + TABLE),
    ],
)
def test_extensions_of_other_tools_are_dropped_with_a_warning(old: str, new: str) -> None:
    (finding,) = _changed(LIMIT, old, new)
    assert (finding.rule, finding.severity) == ("decision-foreign", Severity.WARNING)
    assert "urn:other" in finding.message
    assert parse(LIMIT.replace(old, new)) == parse(LIMIT)


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_dmn_1_1_to_1_5_read_alike(namespace: str) -> None:
    assert parse(LIMIT.replace("http://www.omg.org/spec/DMN/20180521/MODEL/", namespace)) == parse(LIMIT)


def test_bounds_on_size_are_findings() -> None:
    row = "1 | 2"
    assert _said(*[_grid(row, id=f"t{at}") for at in range(51)]) == [("decision-too-large", "file")]
    assert _said(_grid(*[row] * 201)) == [("decision-too-large", "t")]
    assert _said(_grid(" | ".join(["1"] * 21), outputs=18)) == [("decision-too-large", "t")]
    assert _said() == [("decision-missing", "file")]
    assert _said(_grid("1 | 2", name="x" * 301)) == [("decision-text", "t")]
    assert _said(_grid("1 | 2", name="a\x07b")) == [("decision-text", "t")]
    assert _said(_grid("1 | " + "1" * 501)) == [("decision-cell", "t rule 1 output 1")]
    full = [_grid(*[" | ".join(["1"] * 3)] * 80, id=f"t{at}") for at in range(50)]
    assert {finding.rule for finding in lint_tables(full)} == {"decision-overlap", "decision-gap"}
    assert parse(build(full)).tables == tuple(full)
    assert _said(*full[1:], _grid(*[" | ".join(["1"] * 3)] * 81)) == [("decision-too-large", "file")]
    (hostile,) = lint_decisions(b" " * (MAX_BYTES + 1))
    assert hostile.rule == "xml-hostile"


def test_structure_is_checked_without_a_file_too() -> None:
    assert _said(_grid("1 | 2"), _grid("1 | 2")) == [("decision-id", "t")]
    assert _said(_grid("1 | 2", rules=())) == [("decision-rules", "t")]
    assert _said(_grid("1 | 2", outputs=2, inputs=(), rules=(Rule((), ("1", "2")),))) == []
    assert _said(_grid("1 | 2", outputs=0, inputs=(), rules=())) == [("decision-outputs", "t"), ("decision-rules", "t")]
    double = _grid("- | 1 | 2", outputs=2, hit_policy="COLLECT", aggregation="SUM")
    assert _said(double) == [("decision-aggregation", "t")]
    same = _grid("- | 1 | 2", outputs=2)
    assert _said(DecisionTable("u", "U", outputs=(Output("z"), Output("z")), rules=(Rule((), ("1", "2")),)), same) == [
        ("decision-output-name", "u output 1")
    ]


def test_requirements_form_no_cycle_and_give_no_name_twice() -> None:
    one, two = _grid("- | 1", id="one", requires=("two",)), _grid("- | 1", id="two", requires=("one",))
    after = _grid("- | 1", id="after", requires=("one",))
    assert _said(one, two, after) == [("decision-cycle", "after"), ("decision-cycle", "one"), ("decision-cycle", "two")]
    one, two = _grid("- | 1", id="one"), _grid("- | 1", id="two")
    assert _said(one, two, _grid("- | 1", requires=("one", "two"))) == [("decision-requirement", "t")]
    assert _said(one, _grid("- | 1", requires=("one", "one"))) == [("decision-requirement", "t")]


def test_the_reader_says_how_many_findings_it_leaves_out() -> None:
    with pytest.raises(InvalidDecisionError, match=r"t rule 1 output 1: .*\(2 more\)"):
        decisions_of([_grid(*["1 | *"] * 5)])


# --- warnings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["< 5 | 1", ">= 5 | 2"], []),
        (["< 5 | 1", "> 3 | 2"], ["decision-overlap: Rules 1 and 2 both match `a` = 4"]),
        (["< 5 | 1", "> 5 | 2"], ["decision-gap: No rule matches `a` = 5:"]),
        (["[0..2] | 1", "[3..9] | 2", "> 9 | 3"], []),
        (["[1..2] | 1", "> 2 | 3"], ["decision-gap: No rule matches `a` = 0:"]),
        (["[1..2) | 1", "(2..9] | 3"], ["`a` = 0:"]),
        (["-5 | 1", "> -5 | 2"], ["decision-gap: No rule matches `a` = -6:"]),
        (["<= 1.5 | 1", ">= 1.7 | 2"], []),
        (["<= 1.5 | 1", ">= 2.5 | 2"], ["decision-gap: No rule matches `a` = 2:"]),
        (["true | 1"], ["decision-gap: No rule matches `a` = false:"]),
        (["true | 1", "false | 2"], []),
        (["true | 1", "- | 2"], ["decision-overlap: Rules 1 and 2 both match `a` = true"]),
        (['"x" | 1', '"y" | 2'], []),
        (['not("x") | 1', 'not("y") | 2'], ["decision-overlap: Rules 1 and 2 both match `a` ="]),
        (['"x" | 1', 'not("x") | 2'], []),
        (["null | 1", "not(null) | 2"], []),
        (['> "a" | 1', '< "b" | 2'], ["Rules 1 and 2 both match `a` = anything else"]),
        (["5, 7 | 1", "not(5) | 2"], ["decision-overlap: Rules 1 and 2 both match `a` = 7"]),
        (["true | < 5 | 1", "true | >= 5 | 2", "false | < 7 | 3"], ["No rule matches `a` = false, `b` = 7:"]),
        (["true | - | 1", "- | 3 | 2", "false | not(3) | 3"], ["Rules 1 and 2 both match `a` = true, `b` = 3"]),
        (["x | 1", "5 | 2"], []),
        (["[9..8.5+1] | 1", "9.25 | 2"], ["Rules 1 and 2 both match `a` = 9.25", "`a` = 8:"]),
        (["< 5 | 1", "> 9, (5+4) | 2"], ["decision-gap: No rule matches `a` = 5:"]),
        (["(1..1) | 1", "- | 2"], ["decision-rule-unreachable: No value of the inputs matches this rule."]),
    ],
)
def test_unique_tables_are_searched_for_overlaps_and_gaps(rows: list[str], says: list[str]) -> None:
    findings = lint_tables([_grid(*rows)])
    assert all(finding.severity is Severity.WARNING for finding in findings)
    said = [f"{finding.rule}: {finding.message}" for finding in findings]
    for wanted in says:
        assert any(wanted in message for message in said), said
    assert bool(said) is bool(says), said


def test_first_tables_are_searched_for_rules_that_are_never_reached() -> None:
    assert _said(_grid("< 5 | 1", "< 3 | 2", "- | 3", hit_policy="FIRST")) == [
        ("decision-rule-unreachable", "t rule 2")
    ]
    assert _said(_grid("< 5 | - | 1", "< 3 | 1 | 2", "- | - | 3", hit_policy="ANY")) == []


def test_declared_values_make_a_gap_of_a_text_and_close_one_of_a_number() -> None:
    asked = (Input("A", "a", '"x", "y", "z"'),)
    assert _said(_grid('"x" | 1', '"y" | 2', inputs=asked)) == [("decision-gap", "t")]
    assert _said(_grid('"x" | 1', '"y" | 2', '"z" | 3', inputs=asked)) == []
    assert _said(_grid("[1..2] | 1", "> 2 | 2", inputs=(Input("A", "a", ">= 1"),))) == []
    assert _said(_grid("1 | 1", inputs=asked)) == [("decision-kinds", "t input 1")]


def test_columns_that_read_the_same_variable_are_not_judged() -> None:
    asked = (Input("A", "a"), Input("B", "a + 1"))
    assert _said(_grid("< 5 | > 1 | 1", "> 3 | > 2 | 2", inputs=asked)) == []


def test_many_overlaps_and_gaps_are_summed_up() -> None:
    said = lint_tables([_grid(*["- | 1"] * 10)])
    assert [finding.rule for finding in said] == ["decision-overlap"] * 6
    said = lint_tables([_grid(*[f"{at} | {at} | {at}" for at in range(9)])])
    assert [finding.rule for finding in said] == ["decision-gap"] * 6
    assert "more" in said[-1].message


def test_a_table_too_large_to_judge_is_named_once_and_the_judgement_is_bounded() -> None:
    crowded = ",".join(str(at) for at in range(100, 200))
    large = _grid(*[f"{crowded} | {row}" for row in range(200)], hit_policy="ANY", id="large")
    assert ("decision-unchecked", "large") not in _said(large)
    wide = _grid(*[" | ".join([f"{row * 7 + c}" for c in range(8)] + ["1"]) for row in range(200)], id="wide")
    assert ("decision-unchecked", "wide") in _said(wide)


def test_a_warning_travels_and_does_not_refuse() -> None:
    xml = build([_grid("< 5 | 1", "> 3 | 2")])
    assert [finding.rule for finding in lint_decisions(xml)] == ["decision-overlap"]
    assert parse(xml).evaluate("t", {"a": 1}) == {"y0": 1}


def test_output_values_are_dropped_with_a_warning() -> None:
    (finding,) = _changed(
        FEE, 'name="fee_vnd" typeRef="number" />',
        'name="fee_vnd" typeRef="number"><outputValues><text>1</text></outputValues></output>',
    )  # fmt: skip
    assert (finding.rule, finding.where) == ("decision-foreign", "fee")
