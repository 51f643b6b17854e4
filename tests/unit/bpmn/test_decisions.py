"""Decision tables: what they decide, hit policy by hit policy, and what they say instead of guessing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bpmn.decision.tables import DecisionDataError, RuleConflictError, UnknownDecisionError
from bpmn.decisions import (
    Decisions,
    DecisionTable,
    Input,
    InvalidDecisionError,
    NoRuleError,
    Output,
    Rule,
    build,
    check_examples,
    decisions_of,
    lint_decisions,
    parse,
    untested_rules,
)

FILES = Path(__file__).parent / "decisions"


def _file(name: str) -> Decisions:
    return parse((FILES / f"{name}.dmn").read_bytes())


def _a_table(*rows: tuple[str, str], **changes: Any) -> DecisionTable:
    """Return a table that asks for `x` and gives `y`."""
    rules = tuple(Rule((test,), (output,)) for test, output in rows)
    return DecisionTable(
        **({"id": "t", "name": "T", "inputs": (Input("X", "x"),), "outputs": (Output("y"),), "rules": rules} | changes)
    )


def _gives(table: DecisionTable, x: Any, **data: Any) -> Any:
    return decisions_of([table]).evaluate(table.id, {"x": x, **data})["y"]


@pytest.mark.parametrize("name", ["certification_fee", "building_permit_limit", "building_permit_papers"])
def test_the_drawn_files_have_no_finding_and_are_written_as_they_are_read(name: str) -> None:
    assert lint_decisions((FILES / f"{name}.dmn").read_bytes()) == ()
    decisions = _file(name)
    assert parse(build(decisions)) == decisions
    assert build(parse(build(decisions))) == build(decisions)


@pytest.mark.parametrize(
    ("pages", "copies", "fee"),
    [
        (1, 1, 2000),
        (2, 1, 4000),
        (3, 1, 5000),
        (10, 3, 36_000),
        (198, 1, 200_000),
        (199, 1, 200_000),
        (500, 2, 400_000),
    ],
)
def test_certification_costs_by_pages_and_copies(pages: int, copies: int, fee: int) -> None:
    """Source: domain.md §8, 2.000815."""
    decisions = _file("certification_fee")
    assert decisions.evaluate("fee", {"pages": pages, "copies": copies}) == {"fee_vnd": fee}
    assert decisions.reads("fee") == {"pages", "copies"}
    assert decisions.outputs("fee") == ("fee_vnd",)


def test_building_permit_has_the_limit_of_the_kind_of_house() -> None:
    decisions = _file("building_permit_limit")
    assert decisions.table("limit").description == "Nhà ở riêng lẻ 15 ngày, công trình khác 20 ngày"
    assert decisions.evaluate("limit", {"private_house": True}) == {"limit": "15 working_day"}
    assert decisions.evaluate("limit", {"private_house": False}) == {"limit": "20 working_day"}
    assert decisions.matching("limit", {"private_house": True}) == (1, 2)


def test_papers_by_case_are_one_text_in_the_order_of_rules() -> None:
    house = {"work": "nha-o", "floors": 3, "adjacent": True}
    assert _file("building_permit_papers").evaluate("papers", house) == {
        "papers": "don-mau-01 giay-to-dat ban-ve-nha-o cam-ket-lien-ke",
        "copies": "1 1 2 1",
    }
    sign = {"work": "quang-cao", "floors": 0, "adjacent": False}
    assert _file("building_permit_papers").evaluate("papers", sign) == {"papers": "don-mau-01", "copies": "1"}


@pytest.mark.parametrize(
    ("test", "yes", "no"),
    [
        ("-", [1, "a", None, True], []),
        ("", [1, None], []),
        ("5", [5, 5.0], [4, None]),
        ('"a","b"', ["a", "b"], ["c", "", None]),
        ("< 5", [4.9, -1], [5, None]),
        (">= limit", [10, 11], [9]),
        ("limit + 1", [11], [10]),
        ("-3", [-3], [3]),
        ("!= 3", [2, None], [3]),
        ("[1..5]", [1, 5], [0.9, 5.1, None]),
        ("(1..5]", [2, 5], [1]),
        ("]1..5[", [2], [1, 5]),
        ("[1..limit)", [1, 9], [10]),
        ('["a".."c"]', ["b"], ["d"]),
        ("< 2, [4..5], 9", [1, 4, 9], [2, 6]),
        ("not(1, > 5)", [2, 5, None], [1, 6]),
        ('not("a")', ["b", None], ["a"]),
        ("true", [True], [False, None]),
        ("null", [None], [0, "", False]),
        ("not(null)", [0, ""], [None]),
        ("(limit - 5)", [5], [10]),
        ('"Đà Nẵng"', ["Đà Nẵng"], ["Đa Nang"]),
    ],
)
def test_unary_tests_admit_what_they_say(test: str, yes: list[Any], no: list[Any]) -> None:
    table = _a_table((test, '"yes"'), ("-", '"no"'), hit_policy="FIRST")
    assert [_gives(table, x, limit=10) for x in yes] == ["yes"] * len(yes)
    assert [_gives(table, x, limit=10) for x in no] == ["no"] * len(no)


def test_unique_refuses_two_rules_and_names_them() -> None:
    table = _a_table(("< 5", "1"), ("> 8", "2"), ("> 3", "3"))
    assert _gives(table, 6) == 3
    with pytest.raises(RuleConflictError, match=r"rules 1, 3 match `x` = 4"):
        _gives(table, 4)


def test_first_takes_the_first() -> None:
    assert _gives(_a_table(("< 5", "1"), ("> 3", "2"), hit_policy="FIRST"), 4) == 1


def test_any_allows_several_rules_that_agree() -> None:
    table = _a_table(("< 5", "x * 2"), ("> 3", "x + x"), ("> 7", "0"), hit_policy="ANY")
    assert _gives(table, 4) == 8
    with pytest.raises(RuleConflictError, match=r"rules 2, 3 .* differ"):
        _gives(table, 8)
    with pytest.raises(RuleConflictError):
        _gives(_a_table(("-", "1"), ("-", "true"), hit_policy="ANY"), 0)


@pytest.mark.parametrize(
    ("aggregation", "result"), [("SUM", 6.5), ("MIN", 1), ("MAX", 3.5), ("COUNT", 3), ("", "3.5 1 2")]
)
def test_collect_puts_the_outputs_of_all_rules_together(aggregation: str, result: object) -> None:
    table = _a_table(
        ("> 0", "3.5"), ("> 1", "1"), ("> 9", "100"), ("-", "2"), hit_policy="COLLECT", aggregation=aggregation
    )
    assert _gives(table, 5) == result


def test_collect_names_equal_rows_once_and_leaves_out_nothing_at_all() -> None:
    table = _a_table(("-", '"a"'), ("> 1", '"b"'), ("> 2", '"a"'), ("-", "null"), ("-", '""'), hit_policy="COLLECT")
    assert _gives(table, 5) == "a b"


def test_aggregating_a_text_is_refused() -> None:
    table = _a_table(("-", "1"), ("-", "given"), hit_policy="COLLECT", aggregation="SUM")
    with pytest.raises(DecisionDataError, match="SUM takes numbers, not a text"):
        _gives(table, 1, given="a")
    with pytest.raises(DecisionDataError, match="beyond"):
        _gives(table, 1, given=10**15)


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST", "ANY", "COLLECT"])
def test_no_rule_is_an_error_that_names_decision_and_inputs(policy: str) -> None:
    table = _a_table(("1", "1"), ("2", "2"), hit_policy=policy)
    with pytest.raises(NoRuleError, match=r"Decision `t`: no rule matches `x` = 3\.") as caught:
        _gives(table, 3)
    assert caught.value.code == "decision-no-rule"
    assert isinstance(caught.value, InvalidDecisionError)


@pytest.mark.parametrize(
    ("rows", "data", "says"),
    [
        ([("1", "1")], {}, "input 1: .*`x`, which is not set"),
        ([("1", "1"), ("missing", "1")], {"x": 2}, "rule 2, input 1: .*`missing`, which is not set"),
        ([("1", "1"), ("-", "1 / x")], {"x": 0}, "rule 2, output 1: .*divides by zero"),
        ([("1", "1")], {"x": "a"}, "rule 1, input 1: .*a text with a number"),
        ([("< 1", "1")], {"x": "a"}, "rule 1, input 1: .*a text with a number"),
        ([("-", "1")], {"x": [1]}, "input 1: .*holds list"),
    ],
)
def test_data_that_does_not_fit_is_refused_at_its_cell(
    rows: list[tuple[str, str]], data: dict[str, Any], says: str
) -> None:
    with pytest.raises(DecisionDataError, match=f"Decision `t`, {says}"):
        decisions_of([_a_table(*rows)]).evaluate("t", data)


def test_values_that_a_column_does_not_declare_are_refused() -> None:
    table = _a_table(("-", "1"), inputs=(Input("X", "x", '"a", "b"'),))
    assert _gives(table, "b") == 1
    for other in ("c", None):
        with pytest.raises(DecisionDataError, match=r"`x` is .*; declared are \"a\", \"b\""):
            _gives(table, other)


def test_a_decision_that_the_file_lacks_is_named_with_those_it_has() -> None:
    for ask in (lambda d: d.evaluate("fee", {}), lambda d: d.reads("fee"), lambda d: d.outputs("fee")):
        with pytest.raises(UnknownDecisionError, match="no decision `fee`; there are `limit`"):
            ask(_file("building_permit_limit"))


def test_required_decisions_come_first_and_each_once_however_often_they_are_required() -> None:
    tables = [_a_table(("-", "x + 1"), id="d0", outputs=(Output("v0"),))]
    for at in range(1, 50):  # without remembering, 2^49 evaluations
        before = tuple(dict.fromkeys((f"d{at - 1}", f"d{max(at - 2, 0)}")))
        tables.append(
            _a_table(
                ("-", f"v{at - 1} + 1"), id=f"d{at}", inputs=(), outputs=(Output(f"v{at}"),), requires=before,
                rules=(Rule((), (f"v{at - 1} + 1",)),),
            )
        )  # fmt: skip
    decisions = decisions_of(tables)
    assert decisions.evaluate("d49", {"x": 1, "v48": 10**6}) == {"v49": 51}
    assert decisions.reads("d49") == {"x"}
    assert untested_rules(decisions, [{"decision": "d49", "given": {"x": 1}, "expect": {"v49": 51}}]) == ()


EXAMPLES = [
    {"decision": "fee", "given": {"pages": 1, "copies": 1}, "expect": {"fee_vnd": 2000}},
    {"decision": "fee", "given": {"pages": 3, "copies": 1}, "expect": {"fee_vnd": 5000.0}},
]


def test_examples_that_hold_give_no_finding_and_cover_the_rules() -> None:
    decisions = _file("certification_fee")
    assert check_examples(decisions, EXAMPLES) == ()
    assert untested_rules(decisions, EXAMPLES) == ()
    assert untested_rules(decisions, []) == ()  # nobody has begun to write any
    (missing,) = untested_rules(decisions, EXAMPLES[:1])
    assert (missing.rule, missing.where) == ("example-missing", "copy_fee")
    assert "rule 2" in missing.message


@pytest.mark.parametrize(
    ("example", "rule", "says"),
    [
        (EXAMPLES[0] | {"expect": {"fee_vnd": 2001}}, "example-differs", "`fee_vnd` is 2000, not 2001"),
        (EXAMPLES[0] | {"expect": {"fee_vnd": "2000"}}, "example-differs", "not '2000'"),
        (EXAMPLES[0] | {"expect": {"fee_vnd": True}}, "example-differs", "not True"),
        (EXAMPLES[0] | {"expect": {"fee": 1}}, "example-differs", "has no output `fee`"),
        (EXAMPLES[0] | {"given": {"pages": 1}}, "example-fails", "`copies`, which is not set"),
        (EXAMPLES[0] | {"decision": "other"}, "example-fails", "no decision `other`"),
        (EXAMPLES[0] | {"given": {"pages": [1]}}, "example-malformed", "`given`: .*holds list"),
        (EXAMPLES[0] | {"expect": {}}, "example-malformed", "`expect`"),
        (EXAMPLES[0] | {"expect": {"fee_vnd": {}}}, "example-malformed", "`expect`: .*dict"),
        (EXAMPLES[0] | {"given": None}, "example-malformed", "`given`"),
        (None, "example-malformed", "object"),
        ({"decision": ["fee"]}, "example-malformed", "object"),
    ],
)
def test_an_example_that_does_not_hold_is_named(example: Any, rule: str, says: str) -> None:
    (finding,) = check_examples(_file("certification_fee"), [EXAMPLES[0], example])
    ref = example["decision"] if isinstance(example, dict) else None
    where = {"fee": "fee example 2", "other": "other example 1"}.get(str(ref), "example 2")
    assert (finding.rule, finding.where) == (rule, where)
    assert re.search(says, finding.message)


@pytest.mark.parametrize("examples", [None, {}, "x", [{}] * 1001])
def test_what_is_no_list_of_examples_is_refused_as_a_whole(examples: Any) -> None:
    (finding,) = check_examples(_file("certification_fee"), examples)
    assert (finding.rule, finding.where) == ("example-malformed", "file")
