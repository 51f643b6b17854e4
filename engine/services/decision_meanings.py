"""Decision tables beside form and policy: whether what they read is there, and what they give can be used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from bpmn import expressions
from bpmn.decision.unary_tests import cell_tests, names_of_tests
from bpmn.decisions import Decisions, DecisionTable
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


def unknown_at_receipt(tables: Decisions, asked: Collection[str]) -> Iterator[Finding]:
    """Yield what `limit`, `fee`, `papers` and what they require read, and nobody has said when a dossier is received.

    Args:
        asked: fields of the form that are asked at receipt.
    """
    for table in _at_receipt(tables):
        given = {name for required in table.requires for name in tables.outputs(required)}
        for where, name in _unwritten(table, given | set(asked)):
            message = (
                f"The decision `{table.id}` reads `{name}` at receipt, where neither the form asks it nor a required "
                "decision gives it: add the field to the form, asked at receipt, or correct this column."
            )
            yield error("decision-input-unknown", where, message)


def unknown_on_the_way(tables: Decisions, written: Collection[str]) -> Iterator[Finding]:
    """Yield what the other decisions read, and no field, step or decision writes.

    Args:
        written: names that form, steps and decisions of the procedure write.
    """
    early = {table.id for table in _at_receipt(tables)}
    for table in tables.tables:
        for where, name in () if table.id in early else _unwritten(table, written):
            message = (
                f"The decision `{table.id}` reads `{name}`, which nothing writes: "
                "add a field to the form, an input to a step before it, or correct this column."
            )
            yield error("decision-input-unknown", where, message)


def unknown_papers(tables: Decisions, papers: Collection[str]) -> Iterator[Finding]:
    """Yield the codes that `papers` gives, and that stand for no paper of the procedure.

    Args:
        papers: codes of the papers in the policy.
    """
    for table in (table for table in tables.tables if table.id == "papers"):
        for row, rule in enumerate(table.rules, start=1):
            for column, text in enumerate(rule.outputs, start=1):
                for code in _codes(text):
                    if code not in papers:
                        known = ", ".join(sorted(papers)) or "none"
                        message = (
                            f"`{code}` is the code of no paper of the procedure (they are: {known}): "
                            "write one of these, or add the paper with this code to the policy."
                        )
                        yield error("decision-paper-unknown", f"papers rule {row} output {column}", message)


def _at_receipt(tables: Decisions) -> tuple[DecisionTable, ...]:
    """Return the tables that are decided when a dossier is received, with those that they require."""
    found = (each for ref in ("limit", "fee", "papers") if ref in tables.ids for each in tables.with_required(ref))
    return tuple({each.id: each for each in found}.values())


def _unwritten(table: DecisionTable, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the column or cell that reads a name first, and the name, for each that is not known."""
    told: set[str] = set()
    for where, names in _reads(table):
        for name in sorted(names - set(known) - told):
            told.add(name)
            yield f"{table.id} {where}", name


def _reads(table: DecisionTable) -> Iterator[tuple[str, frozenset[str]]]:
    for column, asked in enumerate(table.inputs, start=1):
        yield f"input {column}", expressions.names_of(asked.expression)
    for row, rule in enumerate(table.rules, start=1):
        for column, cell in enumerate(rule.tests, start=1):
            yield f"rule {row} input {column}", names_of_tests(cell_tests(cell))
        for column, cell in enumerate(rule.outputs, start=1):
            yield f"rule {row} output {column}", expressions.names_of(cell)


def _codes(text: str) -> list[str]:
    """Return the codes that an output gives; none when they are worked out from the case."""
    try:
        return str(expressions.value_of(text, {}) or "").split()
    except InvalidExpressionError:
        return []
