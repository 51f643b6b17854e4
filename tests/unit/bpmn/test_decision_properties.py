"""Properties of decision tables: what is written is read the same, warnings are true, no file does harm."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn.decision.tables import AGGREGATIONS, DecisionDataError, NoRuleError, RuleConflictError
from bpmn.decision.unary_tests import admits, cell_tests
from bpmn.decisions import (
    Decisions,
    DecisionTable,
    Input,
    InvalidDecisionError,
    Output,
    Rule,
    build,
    check_examples,
    decisions_of,
    lint_decisions,
    lint_tables,
    parse,
)
from bpmn.errors import InvalidExpressionError
from bpmn.expression.values import read
from bpmn.findings import has_errors

FILES = sorted((Path(__file__).parent / "decisions").glob("*.dmn"))
LABELS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="\ufffe\uffff"), max_size=12
)
NAMES = st.from_regex(r"v[a-z0-9_]{0,8}", fullmatch=True)
NUMBERS = st.integers(-3, 12).map(str) | st.sampled_from(["0.5", "2.25", "7.5"])


@st.composite
def _number_tests(draw: st.DrawFn) -> str:
    """Return a cell of literal numbers."""
    ends = sorted(draw(st.lists(NUMBERS, min_size=2, max_size=2)), key=Decimal)
    test = st.one_of(
        NUMBERS,
        st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), NUMBERS),
        st.builds(
            "{}{}..{}{}".format, st.sampled_from("[]("), st.just(ends[0]), st.just(ends[1]), st.sampled_from("[])")
        ),
    )
    tests = ", ".join(draw(st.lists(test, min_size=1, max_size=3)))
    return draw(st.sampled_from(["-", tests, tests, f"not({tests})"]))


TEXT_TESTS = st.sampled_from(["-", '"a"', '"a", "Đ"', 'not("a")', "null", 'not(null, "b")', '["a".."c"]', '> "a"'])
TRUTH_TESTS = st.sampled_from(["-", "true", "false", "null", "not(true)"])
COLUMNS = {"n": _number_tests(), "m": _number_tests(), "s": TEXT_TESTS, "b": TRUTH_TESTS}
VALUES = {
    "n": st.integers(-5, 14) | st.sampled_from([0.5, 0.75, 2.25, 7.1]),
    "m": st.integers(-5, 14) | st.sampled_from([0.5, 0.75, 2.25, 7.1]),
    "s": st.sampled_from(["a", "b", "Đ", "", "zz", None]),
    "b": st.sampled_from([True, False, None]),
}


@st.composite
def _tables(draw: st.DrawFn) -> tuple[DecisionTable, ...]:
    """Return tables without any error, each perhaps requiring one before it."""
    tables: list[DecisionTable] = []
    for identity in draw(st.lists(st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,9}", fullmatch=True), min_size=1,
                                  max_size=3, unique=True)):  # fmt: skip
        policy = draw(st.sampled_from(["UNIQUE", "FIRST", "ANY", "COLLECT"]))
        aggregation = draw(st.sampled_from(["", *AGGREGATIONS])) if policy == "COLLECT" else ""
        asked = draw(st.lists(st.sampled_from(sorted(COLUMNS)), max_size=3, unique=True))
        given_names = draw(st.lists(NAMES, min_size=1, max_size=1 if aggregation else 3, unique=True))
        rules = [
            Rule(
                tuple(draw(COLUMNS[name]) for name in asked),
                tuple(draw(NUMBERS) for _ in given_names),
                draw(LABELS),
            )
            for _ in range(draw(st.integers(1, 5)))
        ]
        requires = (draw(st.sampled_from(tables)).id,) if tables and draw(st.booleans()) else ()
        tables.append(
            DecisionTable(
                id=identity,
                name=draw(LABELS.filter(bool)),
                hit_policy=policy,
                aggregation=aggregation,
                inputs=tuple(Input(draw(LABELS), name) for name in asked),
                outputs=tuple(Output(name, draw(LABELS)) for name in given_names),
                rules=tuple(rules),
                requires=requires,
                description=draw(LABELS),
            )
        )
    return tuple(tables)


DATA = st.fixed_dictionaries(VALUES)


@given(_tables())
@settings(max_examples=60)
def test_what_is_built_is_read_the_same(tables: tuple[DecisionTable, ...]) -> None:
    assert not has_errors(lint_tables(tables))
    xml = build(tables)
    assert parse(xml) == Decisions(tables)
    assert build(parse(xml)) == xml
    assert lint_decisions(xml) == lint_tables(tables)


def _matching(table: DecisionTable, data: dict[str, Any]) -> list[int]:
    """Return the numbers of the rules that match, by asking each cell alone."""
    return [
        number
        for number, rule in enumerate(table.rules, 1)
        if all(
            admits(cell_tests(cell), read("x", data[asked.expression]), {})
            for cell, asked in zip(rule.tests, table.inputs, strict=True)
        )
    ]


@given(_tables(), DATA)
@settings(max_examples=80)
def test_each_hit_policy_does_what_it_says(tables: tuple[DecisionTable, ...], data: dict[str, Any]) -> None:
    table = tables[0]
    decisions = decisions_of(tables)
    rows = _matching(table, data)
    assert decisions.matching(table.id, data) == tuple(rows)
    results = [tuple(map(float, table.rules[row - 1].outputs)) for row in rows]
    try:
        outputs = tuple(decisions.evaluate(table.id, data).values())
    except NoRuleError:
        assert not rows
        return
    except RuleConflictError:
        assert len(rows) > 1
        assert table.hit_policy == "UNIQUE" or (table.hit_policy == "ANY" and len(set(results)) > 1)
        return
    assert rows
    if table.hit_policy != "COLLECT":
        assert outputs == results[0]
        assert table.hit_policy != "UNIQUE" or len(rows) == 1
    elif table.aggregation:
        numbers = [result[0] for result in results]
        expected = {"SUM": sum(numbers), "MIN": min(numbers), "MAX": max(numbers), "COUNT": len(numbers)}
        assert outputs == (expected[table.aggregation],)
    else:
        assert [tuple(map(float, row)) for row in zip(*(str(text).split() for text in outputs), strict=True)] == list(
            dict.fromkeys(results)
        )


@given(_tables(), DATA)
@settings(max_examples=150)
def test_a_table_without_warnings_decides_every_whole_case_and_never_twice(
    tables: tuple[DecisionTable, ...], data: dict[str, Any]
) -> None:
    table = tables[0]
    rules = {finding.rule for finding in lint_tables([DecisionTable(**_fields(table) | {"requires": ()})])}
    rows = _matching(table, data)
    if table.hit_policy == "UNIQUE" and "decision-overlap" not in rules:
        assert len(rows) <= 1
    numbers = [value for value in (data["n"], data["m"]) if value != int(value) or value < 0]
    foreseen = data["b"] is not None and data["s"] == "a" and not numbers
    if foreseen and "decision-gap" not in rules:
        assert rows


def _fields(table: DecisionTable) -> dict[str, Any]:
    return {name: getattr(table, name) for name in table.__slots__}


# --- attacks ------------------------------------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
PIECES = [
    *("<", ">", "&lt;", "</text>", "<text>", "</rule>", "<rule>", '"', "[1..", "not(", "-", "1/0", "decision", "\x00"),
    *('hitPolicy="COLLECT"', "<!DOCTYPE x>", "<?x?>", "&x;", "]]>", "xmlns=''", "id='fee'", "__import__('os')"),
    *("\ud800", "copy_fee", "pages", "<literalExpression/>", "<input/>", "<output/>", "9" * 40),
]


@st.composite
def _spoilt(draw: st.DrawFn) -> str:
    """Return one of the drawn files with some places overwritten."""
    text = draw(st.sampled_from(FILES)).read_text(encoding="utf-8")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(PIECES)) + text[at + draw(st.integers(0, 30)) :]
    return text


def _survives(xml: str | bytes) -> None:
    """Hold that a file is either refused by both readers, or evaluates to scalars or to an error of ours."""
    findings = lint_decisions(xml)
    try:
        decisions = parse(xml)
    except InvalidDecisionError:
        assert has_errors(findings)
        return
    assert not has_errors(findings)
    data = {"pages": 3, "copies": 2, "private_house": True, "work": "nha-o", "floors": 9, "adjacent": False}
    for ref in decisions.ids:
        try:
            outputs = decisions.evaluate(ref, data)
        except InvalidDecisionError:
            continue
        assert all(value is None or type(value) in (bool, int, float, str) for value in outputs.values())


@given(st.binary(max_size=300) | st.text(max_size=300))
@settings(max_examples=200)
def test_any_bytes_are_no_decisions(raw: str | bytes) -> None:
    _survives(raw)


@given(_spoilt())
@settings(max_examples=200)
def test_a_spoilt_file_is_refused_or_decides(xml: str) -> None:
    _survives(xml)


@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.integers(0, 4))
@settings(max_examples=150)
def test_any_text_in_any_place_of_a_table_is_refused_or_decides(text: str, place: int) -> None:
    texts = ["x", "", "1", "2", "remark"]
    texts[place] = text
    asked, values, test, output, remark = texts
    table = DecisionTable(
        "t", "T", inputs=(Input("", asked, values),), outputs=(Output("y"),), rules=(Rule((test,), (output,), remark),)
    )
    with suppress(InvalidDecisionError):
        decisions_of([table]).evaluate("t", {"x": 1, "pages": 1})
    try:
        xml = build([table])
    except InvalidDecisionError:
        return
    assert isinstance(lint_decisions(xml), tuple)


@given(ANYTHING)
@settings(max_examples=60)
def test_any_examples_give_findings(examples: Any) -> None:
    decisions = parse(FILES[0].read_bytes())
    for given_examples in (examples, [{"decision": "limit", "given": examples, "expect": examples}]):
        assert isinstance(check_examples(decisions, given_examples), tuple)


@given(st.text(max_size=30) | st.lists(st.sampled_from(PIECES), max_size=5).map(" ".join))
@settings(max_examples=150)
def test_any_text_is_a_cell_or_an_expression_error(text: str) -> None:
    try:
        tests = cell_tests(text)
        for value in (Decimal(1), "a", None, True):
            admits(tests, value, {"pages": 1, "copy_fee": "x"})
    except InvalidExpressionError:
        return


@given(_tables(), st.dictionaries(st.sampled_from(sorted(VALUES)), ANYTHING, min_size=4))
@settings(max_examples=80)
def test_any_data_gives_outputs_or_an_error_that_names_the_decision(
    tables: tuple[DecisionTable, ...], data: dict[str, Any]
) -> None:
    said = []
    for table in tables:
        try:
            decisions_of(tables).evaluate(table.id, data)
        except (DecisionDataError, NoRuleError, RuleConflictError) as problem:
            said.append(str(problem))
    assert all(message.startswith("Decision `") for message in said)
