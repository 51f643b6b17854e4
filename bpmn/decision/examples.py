"""Examples of what decisions must give: written by an administrator, kept with the procedure, tried at every change.

An example is `{"decision": id, "given": {variable: value}, "expect": {output: value}}`; outputs that "expect" does not
name are not looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from bpmn.decision.evaluation import Decisions
from bpmn.decision.tables import InvalidDecisionError
from bpmn.errors import InvalidExpressionError
from bpmn.expression.values import Value, kind_of, read
from bpmn.expressions import Scalar
from bpmn.findings import Finding, error, warning

MAX_EXAMPLES = 1000


def check_examples(decisions: Decisions, examples: object) -> tuple[Finding, ...]:
    """Return an error for each example that the decisions do not bear out.

    `where` is "fee example 2", counted from 1 among the examples of a decision, or "example 3" among all for one that
    cannot be read. `examples` may be whatever a JSON file held.
    """
    if not isinstance(examples, list | tuple) or len(examples) > MAX_EXAMPLES:
        return (error("example-malformed", "file", f"Examples are a list of at most {MAX_EXAMPLES} objects."),)
    seen: Counter[str] = Counter()
    found: list[Finding] = []
    for at, example in enumerate(examples, 1):
        where = f"example {at}"
        if isinstance(example, Mapping) and isinstance(ref := example.get("decision"), str):
            seen[ref] += 1
            where = f"{ref[:80]} example {seen[ref]}"
        found += _check(decisions, where, example)
    return tuple(found)


def untested_rules(decisions: Decisions, examples: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Return a warning for each decision that has examples, and rules that none of them matches.

    Examples of a decision are examples of what it requires, too; those that fail match nothing.
    """
    met: dict[str, set[int]] = {}
    for example in examples:
        if not list(_malformed(example)):
            _note_met(decisions, example, met)
    findings = []
    for table in decisions.tables:
        rows = range(1, len(table.rules) + 1) if table.id in met else ()
        open_rules = [str(row) for row in rows if row not in met[table.id]]
        if open_rules:
            message = f"No example matches rule {', '.join(open_rules)}: add one, so that a change is noticed."
            findings.append(warning("example-missing", table.id, message))
    return tuple(findings)


def _note_met(decisions: Decisions, example: Mapping[str, Any], met: dict[str, set[int]]) -> None:
    with suppress(InvalidDecisionError):
        for table in decisions.with_required(example["decision"]):
            met.setdefault(table.id, set()).update(decisions.matching(table.id, example["given"]))


def _check(decisions: Decisions, where: str, example: object) -> Iterator[Finding]:
    problems = list(_malformed(example))
    if problems or not isinstance(example, Mapping):
        yield error("example-malformed", where, problems[0])
        return
    try:
        results = decisions.evaluate(example["decision"], example["given"])
    except InvalidDecisionError as problem:
        yield error("example-fails", where, str(problem))
        return
    for name, wanted in example["expect"].items():
        if name not in results:
            message = f"`{example['decision']}` has no output `{str(name)[:60]}`; it gives {', '.join(results)}."
            yield error("example-differs", where, message)
        elif not _same(results[name], wanted):
            message = f"`{name}` is {results[name]!r}, not {wanted!r} as expected: mend the table or the example."
            yield error("example-differs", where, message)


def _malformed(example: object) -> Iterator[str]:
    if not isinstance(example, Mapping) or not isinstance(example.get("decision"), str):
        yield 'An example is an object with "decision", "given" and "expect".'
        return
    for key in ("given", "expect"):
        values = example.get(key)
        if not isinstance(values, Mapping) or (key == "expect" and not values):
            yield f'`{key}` is an object of names and values, e.g. {{"pages": 3}}.'
            continue
        try:
            for name, value in values.items():
                read(str(name)[:60], value)
        except InvalidExpressionError as problem:
            yield f"`{key}`: {problem}"


def _same(result: Scalar, wanted: Scalar) -> bool:
    one: Value = read("result", result)
    two: Value = read("expected", wanted)
    return kind_of(one) == kind_of(two) and one == two
