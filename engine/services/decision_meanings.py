"""Decision tables with a meaning (`limit`, `fee`): whether what they give can be used when a dossier is received."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bpmn import expressions
from bpmn.decisions import DecisionTable
from bpmn.errors import InvalidExpressionError
from bpmn.findings import Finding, error
from engine.services import decided

_READERS: dict[str, tuple[str, Callable[[object], object], str]] = {
    "limit": ("limit", decided.limit_of, 'write an amount in quotes, such as "15 working_day"'),
    "fee": ("fee_vnd", decided.fee_in_dong, "write a whole number of đồng, such as 75000"),
}


def meaning_findings(table: DecisionTable) -> Iterator[Finding]:
    """Yield the results of a table that every receipt of such a case would be refused for.

    Results that are worked out from the case are left to the test runs.
    """
    if table.id not in _READERS:
        return
    name, read, remedy = _READERS[table.id]
    column = next((at for at, output in enumerate(table.outputs) if output.name == name), None)
    if column is None:
        message = f"The table `{table.id}` must have the output `{name}`: name a column of results so."
        yield error("decision-output-missing", table.id, message)
        return
    for row, rule in enumerate(table.rules, start=1):
        text = rule.outputs[column]
        try:
            read(expressions.value_of(text, {}))
        except InvalidExpressionError:
            continue  # worked out from the case
        except decided.DecisionFailedError:
            where = f"{table.id} rule {row} output {column + 1}"
            yield error("decision-output-unfit", where, f"`{text}` is no {name}: {remedy}.")
