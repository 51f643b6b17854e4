"""Rules on decision tables, whether read from a file or typed into the workbench: each a small function."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from bpmn.decision.tables import (
    AGGREGATIONS,
    HIT_POLICIES,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_DECISIONS,
    MAX_RULES,
    DecisionTable,
    Input,
)
from bpmn.decision.unary_tests import cell_tests, constants_of, kinds_of, names_of_tests
from bpmn.errors import InvalidExpressionError
from bpmn.expression.tokens import KEYWORDS, NAME
from bpmn.expressions import compile_expression, names_of, value_of
from bpmn.findings import Finding, error

MAX_TEXT = 300
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,79}")


def table_findings(tables: Sequence[DecisionTable]) -> Iterator[Finding]:
    """Yield what a set of decision tables breaks, errors only."""
    if not tables:
        yield error("decision-missing", "file", "There is no decision: a decision with a table is expected.")
    if len(tables) > MAX_DECISIONS:
        yield error("decision-too-large", "file", f"A file has at most {MAX_DECISIONS} decisions, not {len(tables)}.")
        return
    cells = sum(len(rule.tests) + len(rule.outputs) for table in tables for rule in table.rules)
    if cells > MAX_CELLS:
        yield error("decision-too-large", "file", f"A file has at most {MAX_CELLS} cells, not {cells}.")
        return
    yield from _ids(tables)
    yield from _requirements(tables)
    for table in tables:
        sizes = list(_sizes(table))
        yield from sizes
        if not sizes:
            yield from _texts(table)
            yield from _policy(table)
            yield from _outputs(table)
            yield from _columns(table)
            yield from _rows(table)


def _ids(tables: Sequence[DecisionTable]) -> Iterator[Finding]:
    for identity, count in Counter(table.id for table in tables).items():
        if not _ID.fullmatch(identity):
            message = "A decision needs an id: letters without accents, digits, `_`, `-`, `.`, at most 80."
            yield error("decision-id", identity[:80] or "?", message)
        elif count > 1:
            yield error("decision-id", identity, f"{count} decisions have this id; give each its own.")


def _requirements(tables: Sequence[DecisionTable]) -> Iterator[Finding]:
    known = {table.id: table for table in tables}
    for table in tables:
        unknown = [required for required in table.requires if required not in known]
        for required in unknown:
            message = f"It requires `{required[:80]}`, which this file does not have: add it or remove the requirement."
            yield error("decision-requirement", table.id, message)
        for required in sorted(each for each, count in Counter(table.requires).items() if count > 1):
            yield error("decision-requirement", table.id, f"It requires `{required[:80]}` twice: once is enough.")
        outputs = Counter(
            output.name for required in {*table.requires} - {*unknown} for output in known[required].outputs
        )
        for name in sorted(name for name, count in outputs.items() if count > 1):
            message = f"Two required decisions give `{name[:60]}`: rename one output."
            yield error("decision-requirement", table.id, message)
    for identity in _in_cycles({table.id: table.requires for table in tables}):
        yield error("decision-cycle", identity, "The decision requires itself, directly or through others.")


def _in_cycles(requires: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the decisions that are left when those with nothing open before them are taken away again and again."""
    left = {each: {needed for needed in needs if needed in requires} for each, needs in requires.items()}
    while free := [each for each, needs in left.items() if not needs & left.keys()]:
        for each in free:
            del left[each]
    return sorted(left)


def _sizes(table: DecisionTable) -> Iterator[Finding]:
    columns = len(table.inputs) + len(table.outputs)
    if columns > MAX_COLUMNS:
        yield error("decision-too-large", table.id, f"A table has at most {MAX_COLUMNS} columns, not {columns}.")
    if len(table.rules) > MAX_RULES:
        yield error("decision-too-large", table.id, f"A table has at most {MAX_RULES} rules, not {len(table.rules)}.")
    if not table.outputs:
        yield error("decision-outputs", table.id, "The table has no output column: add what it decides.")
    if not table.rules:
        yield error("decision-rules", table.id, "The table has no rule: add one.")
    for at, rule in enumerate(table.rules, 1):
        if (len(rule.tests), len(rule.outputs)) != (len(table.inputs), len(table.outputs)):
            message = (
                f"The rule has {len(rule.tests)} tests and {len(rule.outputs)} outputs, the table "
                f"{len(table.inputs)} inputs and {len(table.outputs)} outputs."
            )
            yield error("decision-rules", f"{table.id} rule {at}", message)


def _texts(table: DecisionTable) -> Iterator[Finding]:
    texts = [table.name, *(asked.label for asked in table.inputs), *(output.label for output in table.outputs)]
    if not table.name:
        yield error("decision-text", table.id, "The decision needs a name.")
    for text in (*texts, table.description, *(rule.annotation for rule in table.rules)):
        if len(text) > MAX_TEXT or not text.isprintable():
            message = f"`{text[:40]!a}`: a label or remark is one line of at most {MAX_TEXT} characters."
            yield error("decision-text", table.id, message)


def _policy(table: DecisionTable) -> Iterator[Finding]:
    if table.hit_policy not in HIT_POLICIES:
        message = f"The hit policy `{table.hit_policy[:40]}` is not evaluated; there are {', '.join(HIT_POLICIES)}."
        yield error("decision-hit-policy", table.id, message)
    elif table.aggregation and table.hit_policy != "COLLECT":
        yield error("decision-aggregation", table.id, f"`{table.hit_policy}` has no aggregation; only COLLECT has.")
    elif table.aggregation and table.aggregation not in AGGREGATIONS:
        message = f"The aggregation `{table.aggregation[:40]}` is unknown; there are {', '.join(AGGREGATIONS)}."
        yield error("decision-aggregation", table.id, message)
    elif table.aggregation and len(table.outputs) > 1:
        yield error("decision-aggregation", table.id, "A table that aggregates has one output; make a table for each.")


def _outputs(table: DecisionTable) -> Iterator[Finding]:
    for at, (name, count) in enumerate(Counter(output.name for output in table.outputs).items(), 1):
        where = f"{table.id} output {at}"
        if not NAME.fullmatch(name) or name in KEYWORDS:
            message = (
                f"`{name[:60]}` is no name of an output: small letters, digits, `_`, a letter first; e.g. `fee_vnd`."
            )
            yield error("decision-output-name", where, message)
        elif count > 1:
            yield error("decision-output-name", where, f"{count} outputs are named `{name}`; give each its own name.")


def _columns(table: DecisionTable) -> Iterator[Finding]:
    for at, asked in enumerate(table.inputs, 1):
        where = f"{table.id} input {at}"
        yield from _checked("decision-input", where, asked.expression, compile_expression)
        broken = list(_checked("decision-input", where, asked.values, _constant_tests))
        yield from broken
        if not broken and names_of_tests(cell_tests(asked.values)):
            yield error("decision-input", where, 'The values of an input are literals, e.g. `"a", "b"` or `[1..9]`.')


def _rows(table: DecisionTable) -> Iterator[Finding]:
    kinds: list[dict[str, str]] = [{} for _ in table.inputs]
    for row, rule in enumerate(table.rules, 1):
        for column, cell in enumerate(rule.tests, 1):
            broken = list(_checked("decision-cell", f"{table.id} rule {row} input {column}", cell, _constant_tests))
            yield from broken
            for kind in () if broken else sorted(kinds_of(cell_tests(cell))):
                kinds[column - 1].setdefault(kind, f"rule {row}")
        for column, cell in enumerate(rule.outputs, 1):
            read = _constant_number if table.aggregation in ("SUM", "MIN", "MAX") else _constant_output
            yield from _checked("decision-cell", f"{table.id} rule {row} output {column}", cell, read)
    for at, (found, asked) in enumerate(zip(kinds, table.inputs, strict=True), 1):
        yield from _kinds(f"{table.id} input {at}", found, asked)


def _kinds(where: str, found: dict[str, str], asked: Input) -> Iterator[Finding]:
    with suppress(InvalidExpressionError):  # which is a finding of its own
        for kind in sorted(kinds_of(cell_tests(asked.values))):
            found.setdefault(kind, "the declared values")
    if len(found) > 1:
        said = " and ".join(f"{kind} in {place}" for kind, place in found.items())
        yield error("decision-kinds", where, f"The column compares with {said}; a column has one kind of values.")


def _constant_tests(text: str) -> object:
    """Read a cell, and work out what it compares with when that needs no data."""
    return constants_of(cell_tests(text))


def _constant_output(text: str) -> object:
    """Read an output, and work it out when it needs no data."""
    return value_of(text, {}) if not names_of(text) else None


def _constant_number(text: str) -> object:
    value = _constant_output(text)
    if not names_of(text) and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise InvalidExpressionError("The table aggregates numbers, and this is none.")
    return value


def _checked(rule: str, where: str, text: str, read: Callable[[str], object]) -> Iterator[Finding]:
    try:
        read(text)
    except InvalidExpressionError as problem:
        yield error(rule, where, f"`{text[:80]}`: {problem}")


def names_read(table: DecisionTable) -> frozenset[str]:
    """Return the variables that a table reads: by its inputs, its cells and its outputs."""
    found: set[str] = set()
    for asked in table.inputs:
        found |= names_of(asked.expression)
    for rule in table.rules:
        for cell in rule.tests:
            found |= names_of_tests(cell_tests(cell))
        for cell in rule.outputs:
            found |= names_of(cell)
    return frozenset(found)
