"""Deciding by tables: which rules match, what the hit policy makes of them, and what is said when none does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from bpmn.decision.rules import names_read
from bpmn.decision.tables import DecisionDataError, DecisionTable, NoRuleError, RuleConflictError, UnknownDecisionError
from bpmn.decision.unary_tests import cell_tests
from bpmn.errors import InvalidExpressionError
from bpmn.expression.syntax import parse_expression
from bpmn.expression.tree import Node, UnaryTests
from bpmn.expression.values import Value, admits, finished, kind_of, total, value_in
from bpmn.expressions import Scalar


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A table with its texts parsed."""

    table: DecisionTable
    inputs: tuple[Node, ...]
    declared: tuple[UnaryTests, ...]
    tests: tuple[tuple[UnaryTests, ...], ...]
    outputs: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True)
class Decisions:
    """The decision tables of a procedure, immutable; made by `bpmn.decisions`, which checks them."""

    tables: tuple[DecisionTable, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of the decisions, as they stand in the file."""
        return tuple(table.id for table in self.tables)

    def table(self, ref: str) -> DecisionTable:
        """Return a decision's table.

        Raises: UnknownDecisionError.
        """
        return self._compiled_table(ref).table

    def outputs(self, ref: str) -> tuple[str, ...]:
        """Return the names of the routing variables that a decision gives.

        Raises: UnknownDecisionError.
        """
        return tuple(output.name for output in self.table(ref).outputs)

    def reads(self, ref: str) -> frozenset[str]:
        """Return the variables that must be set to evaluate a decision, those of required decisions included.

        Raises: UnknownDecisionError.
        """
        found: set[str] = set()
        for each in self.with_required(ref):
            given = {name for required in each.requires for name in self.outputs(required)}
            found |= names_read(each) - given
        return frozenset(found)

    def with_required(self, ref: str) -> tuple[DecisionTable, ...]:
        """Return a decision's table and those of all that it requires, directly or through others, each once.

        Raises: UnknownDecisionError.
        """
        found: dict[str, DecisionTable] = {}
        waiting = [ref]
        while waiting:
            if (at := waiting.pop()) not in found:
                found[at] = self.table(at)
                waiting.extend(found[at].requires)
        return tuple(found.values())

    def evaluate(self, ref: str, data: Mapping[str, Any]) -> dict[str, Scalar]:
        """Return the outputs of a decision on flat data, by name; a number is an int when it is whole, else a float.

        Required decisions are evaluated first; their outputs stand before data of the same name. COLLECT without
        aggregation gives a text for each output: those of the rules that match, in their order, joined by a blank;
        rules that give the same count once, rules that give nothing (`null`, `""`) not at all.

        Raises: UnknownDecisionError; NoRuleError when no rule matches; RuleConflictError when several do where one may
        or where they differ; DecisionDataError when a variable is missing, a value is not among those declared, or
        kinds do not fit. All are InvalidDecisionError.
        """
        return self._decided(ref, data, {})

    def matching(self, ref: str, data: Mapping[str, Any]) -> tuple[int, ...]:
        """Return the numbers (from 1) of the rules that match, before the hit policy chooses.

        Raises: as `evaluate`, but neither NoRuleError nor RuleConflictError of this decision itself.
        """
        compiled = self._compiled_table(ref)
        known = self._known(compiled, data, {})
        asked = _asked(compiled, known)
        return tuple(row + 1 for row in range(len(compiled.tests)) if _matches(compiled, row, asked, known))

    def _decided(self, ref: str, data: Mapping[str, Any], before: dict[str, dict[str, Scalar]]) -> dict[str, Scalar]:
        if ref not in before:
            compiled = self._compiled_table(ref)
            before[ref] = _evaluated(compiled, self._known(compiled, data, before))
        return before[ref]

    def _known(
        self, compiled: _Compiled, data: Mapping[str, Any], before: dict[str, dict[str, Scalar]]
    ) -> Mapping[str, Any]:
        known = dict(data)
        for required in compiled.table.requires:
            known.update(self._decided(required, data, before))
        return known

    def _compiled_table(self, ref: str) -> _Compiled:
        compiled = self._compiled.get(ref)
        if compiled is None:
            known = ", ".join(f"`{table.id}`" for table in self.tables) or "none"
            raise UnknownDecisionError(f"There is no decision `{str(ref)[:80]}`; there are {known}.")
        return compiled

    @cached_property
    def _compiled(self) -> dict[str, _Compiled]:
        return {table.id: _compile(table) for table in self.tables}


def _compile(table: DecisionTable) -> _Compiled:
    return _Compiled(
        table,
        tuple(parse_expression(asked.expression) for asked in table.inputs),
        tuple(cell_tests(asked.values) for asked in table.inputs),
        tuple(tuple(cell_tests(cell) for cell in rule.tests) for rule in table.rules),
        tuple(tuple(parse_expression(cell) for cell in rule.outputs) for rule in table.rules),
    )


def _evaluated(compiled: _Compiled, known: Mapping[str, Any]) -> dict[str, Scalar]:
    table = compiled.table
    asked = _asked(compiled, known)
    rows: list[int] = []
    for row in range(len(table.rules)):
        if _matches(compiled, row, asked, known):
            rows.append(row)
            if table.hit_policy == "FIRST":
                break
    if not rows:
        raise NoRuleError(f"Decision `{table.id}`: no rule matches {_said(table, asked)}. Add a rule for it.")
    if table.hit_policy == "UNIQUE" and len(rows) > 1:
        raise RuleConflictError(f"Decision `{table.id}`: {_rules(rows)} match {_said(table, asked)}; only one may.")
    results = [_results(compiled, row, known) for row in rows]
    if table.hit_policy == "COLLECT":
        columns = [_aggregated(table, [result[0] for result in results])] if table.aggregation else _listed(results)
    elif len({_key(result) for result in results}) > 1:
        raise RuleConflictError(
            f"Decision `{table.id}`: {_rules(rows)} match {_said(table, asked)} and differ in what they give."
        )
    else:
        columns = list(results[0])
    return {output.name: finished(value) for output, value in zip(table.outputs, columns, strict=True)}


def _asked(compiled: _Compiled, known: Mapping[str, Any]) -> tuple[Value, ...]:
    """Return the values of the inputs, each checked against those that its column declares."""
    values: list[Value] = []
    for at, (node, declared) in enumerate(zip(compiled.inputs, compiled.declared, strict=True), 1):
        with _in(f"Decision `{compiled.table.id}`, input {at}"):
            value = value_in(node, known)
            if not admits(declared, value, known):
                column = compiled.table.inputs[at - 1]
                raise InvalidExpressionError(f"`{column.expression}` is {_text(value)}; declared are {column.values}.")
            values.append(value)
    return tuple(values)


def _matches(compiled: _Compiled, row: int, asked: Sequence[Value], known: Mapping[str, Any]) -> bool:
    for at, (tests, value) in enumerate(zip(compiled.tests[row], asked, strict=True), 1):
        with _in(f"Decision `{compiled.table.id}`, rule {row + 1}, input {at}"):
            if not admits(tests, value, known):
                return False
    return True


def _results(compiled: _Compiled, row: int, known: Mapping[str, Any]) -> tuple[Value, ...]:
    values: list[Value] = []
    for at, node in enumerate(compiled.outputs[row], 1):
        with _in(f"Decision `{compiled.table.id}`, rule {row + 1}, output {at}"):
            values.append(value_in(node, known))
    return tuple(values)


def _key(row: tuple[Value, ...]) -> tuple[object, ...]:
    """Return what makes rows equal: to Python, true is 1."""
    return tuple((kind_of(value), value) for value in row)


def _listed(results: Sequence[tuple[Value, ...]]) -> list[Value]:
    """Return a text for each output; row k of each belongs to row k of the others."""
    each_once = {_key(row): row for row in results}.values()
    rows = [row for row in each_once if any(value not in (None, "") for value in row)]
    return [" ".join(_plain(row[at]) for row in rows) for at in range(len(results[0]))]


def _aggregated(table: DecisionTable, values: Sequence[Value]) -> Value:
    if table.aggregation == "COUNT":
        return Decimal(len(values))
    numbers = [value for value in values if isinstance(value, Decimal)]
    if len(numbers) < len(values):
        other = next(value for value in values if not isinstance(value, Decimal))
        raise DecisionDataError(f"Decision `{table.id}`: {table.aggregation} takes numbers, not {kind_of(other)}.")
    with _in(f"Decision `{table.id}`"):
        if table.aggregation == "SUM":
            return total(numbers)
        return min(numbers) if table.aggregation == "MIN" else max(numbers)


@contextmanager
def _in(where: str) -> Iterator[None]:
    """Say where in a table an expression failed."""
    try:
        yield
    except InvalidExpressionError as problem:
        raise DecisionDataError(f"{where}: {problem}") from None


def _rules(rows: Sequence[int]) -> str:
    return "rules " + ", ".join(str(row + 1) for row in rows)


def _said(table: DecisionTable, asked: Sequence[Value]) -> str:
    said = (f"`{each.expression}` = {_text(value)}" for each, value in zip(table.inputs, asked, strict=True))
    return ", ".join(said) or "a table without inputs"


def _text(value: Value) -> str:
    return f'"{value[:60]}"' if isinstance(value, str) else _plain(value)


def _plain(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return str(finished(value))
