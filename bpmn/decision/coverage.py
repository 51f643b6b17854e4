"""What a table leaves open, decides twice or never reaches, by trying every class of values that its cells tell apart.

The cells of a column compare with finitely many constants. Between two neighbours all numbers are alike, and so are all
texts that no cell names; one of each stands for its class. A column whose cells depend on other data has no such
classes, and a table with one is not judged, nor is one whose columns read the same variable: they are not independent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce
from itertools import combinations, islice, pairwise
from operator import and_

from bpmn.decision.tables import DecisionTable
from bpmn.decision.unary_tests import admits, cell_tests, constants_of
from bpmn.errors import InvalidExpressionError
from bpmn.expression.values import Value, finished
from bpmn.expressions import names_of
from bpmn.findings import Finding, warning

BUDGET = 300_000  # tests tried in one file
_MOST_SHOWN = 5
_MOST_STEPS = 20_000
_AFTER = "\uffff"  # after a text: what is ordered between it and the next; no cell can hold this character


@dataclass(frozen=True, slots=True)
class _Column:
    """A value of each class of a column; for each rule the classes that it admits, a bit each; and the classes that
    need a rule, as the rules that admit them (a bit each) with a value.
    """

    name: str
    values: tuple[Value, ...]
    rows: tuple[int, ...]
    gaps: tuple[tuple[int, Value], ...]


def coverage_findings(tables: Sequence[DecisionTable]) -> Iterator[Finding]:
    """Yield warnings on tables that break no other rule: rules that overlap, that are never reached, and gaps."""
    left = BUDGET
    for table in tables:
        cost = _cost(table)
        left -= cost or 0
        if cost is not None and left < 0:
            yield warning("decision-unchecked", table.id, "The table is too large to look for overlaps and gaps.")
        elif cost is not None:
            yield from _judged(table)


def _judged(table: DecisionTable) -> Iterator[Finding]:
    try:
        columns = [_column(table, at) for at in range(len(table.inputs))]
    except InvalidExpressionError:  # kinds that only data could tell apart
        return
    yield from _unreached(table, columns)
    if table.hit_policy == "UNIQUE":
        yield from _overlaps(table, columns)
    yield from _gaps(table, columns)


def _cost(table: DecisionTable) -> int | None:
    """Return how many tests a judgement takes, or None when the table cannot be judged."""
    names = [names_of(asked.expression) for asked in table.inputs]
    if not all(names) or len(frozenset().union(*names)) != sum(map(len, names)):
        return None
    cost = 0
    for at in range(len(table.inputs)):
        constants = _constants(table, at)
        if constants is None:
            return None
        cost += (2 * len(constants) + 3) * len(table.rules)
    return cost


def _constants(table: DecisionTable, column: int) -> frozenset[Value] | None:
    found: set[Value] = set()
    for cell in (*(rule.tests[column] for rule in table.rules), table.inputs[column].values):
        constants = constants_of(cell_tests(cell))
        if constants is None:
            return None
        found.update(constants)
    return frozenset(found)


def _column(table: DecisionTable, at: int) -> _Column:
    declared = table.inputs[at].values
    cells = [cell_tests(rule.tests[at]) for rule in table.rules]
    needed: dict[int, Value] = {}
    values: list[Value] = []
    rows = [0] * len(cells)
    for value, worth in _classes(_constants(table, at) or frozenset()):
        if not admits(cell_tests(declared), value, {}):
            continue
        admitted = [admits(cell, value, {}) for cell in cells]
        for row, yes in enumerate(admitted):
            rows[row] |= yes << len(values)
        values.append(value)
        mask = sum(yes << row for row, yes in enumerate(admitted))
        if (worth or (declared and isinstance(value, str))) and mask not in needed:
            needed[mask] = value
    return _Column(table.inputs[at].expression, tuple(values), tuple(rows), tuple(needed.items()))


def _classes(constants: frozenset[Value]) -> Iterator[tuple[Value, bool]]:
    """Yield a value of each class, and whether it is sure to occur, so that a rule for it is missed."""
    numbers = sorted(value for value in constants if isinstance(value, Decimal))
    texts = sorted(value for value in constants if isinstance(value, str))
    if any(isinstance(value, bool) for value in constants):
        yield from ((True, True), (False, True))
    if numbers:
        yield from _number_classes(numbers)
    if texts:
        yield "", False
    for text in texts:
        yield text, True
        yield text + _AFTER, False
    if constants == {None}:  # any value that is there
        yield _AFTER, True
    if None in constants or not constants:
        yield None, True


def _number_classes(numbers: Sequence[Decimal]) -> Iterator[tuple[Decimal, bool]]:
    """Yield each number, one between neighbours, one beyond either end; whole ones from 0 on are sure to occur."""
    first, last = numbers[0], numbers[-1]
    below = first.to_integral_value(ROUND_CEILING) - 1
    yield below, below >= 0 or first < 0
    for number, following in pairwise(numbers):
        yield number, True
        whole = number.to_integral_value(ROUND_FLOOR) + 1
        yield (whole, True) if whole < following else ((number + following) / 2, False)
    yield last, True
    yield last.to_integral_value(ROUND_FLOOR) + 1, True


# --- what the classes tell ----------------------------------------------------------------------------------------


def _unreached(table: DecisionTable, columns: Sequence[_Column]) -> Iterator[Finding]:
    for row in range(len(table.rules)):
        where = f"{table.id} rule {row + 1}"
        if any(not column.rows[row] for column in columns):
            yield warning("decision-rule-unreachable", where, "No value of the inputs matches this rule.")
            continue
        before = range(row) if table.hit_policy == "FIRST" else ()
        for other in before:
            if all(not column.rows[row] & ~column.rows[other] for column in columns):
                message = f"Rule {other + 1} matches all that this rule does, and comes first: move or remove one."
                yield warning("decision-rule-unreachable", where, message)
                break


def _overlaps(table: DecisionTable, columns: Sequence[_Column]) -> Iterator[Finding]:
    found = 0
    for one, two in combinations(range(len(table.rules)), 2):
        both = [column.rows[one] & column.rows[two] for column in columns]
        if not all(both):
            continue
        found += 1
        if found > _MOST_SHOWN:
            yield warning("decision-overlap", table.id, "More rules overlap.")
            return
        at = ", ".join(
            _shown(column.name, column.values[(shared & -shared).bit_length() - 1])
            for column, shared in zip(columns, both, strict=True)
        )
        message = f"Rules {one + 1} and {two + 1} both match {at or 'always'}: a UNIQUE table stops there."
        yield warning("decision-overlap", table.id, message)


def _gaps(table: DecisionTable, columns: Sequence[_Column]) -> Iterator[Finding]:
    cases = list(islice(_uncovered(len(table.rules), columns), _MOST_SHOWN + 1))
    for values in cases[:_MOST_SHOWN]:
        at = ", ".join(_shown(column.name, value) for column, value in zip(columns, values, strict=False))
        yield warning("decision-gap", table.id, f"No rule matches {at}: add one, or declare the values of the inputs.")
    if len(cases) > _MOST_SHOWN:
        yield warning("decision-gap", table.id, "There are more cases without a rule.")


def _uncovered(rules: int, columns: Sequence[_Column]) -> Iterator[tuple[Value, ...]]:
    """Yield cases that no rule matches, as the values of the first columns; gives up after _MOST_STEPS."""
    always = [(1 << rules) - 1]  # from a column on, the rules that match whatever follows
    for column in reversed(columns):
        always.append(reduce(and_, (mask for mask, _ in column.gaps), always[-1]))
    always.reverse()
    waiting: list[tuple[int, tuple[Value, ...]]] = [((1 << rules) - 1, ())]
    for _ in range(_MOST_STEPS):
        if not waiting:
            return
        alive, values = waiting.pop()
        if not alive:
            yield values
        elif not alive & always[len(values)]:
            waiting.extend((alive & mask, (*values, value)) for mask, value in reversed(columns[len(values)].gaps))


def _shown(name: str, value: Value) -> str:
    if isinstance(value, str):
        return f"`{name}` = anything else" if value.endswith(_AFTER) else f'`{name}` = "{value}"'
    said = {None: "null", True: "true", False: "false"}
    return f"`{name}` = {said[value] if value is None or isinstance(value, bool) else finished(value)}"
