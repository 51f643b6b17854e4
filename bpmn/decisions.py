"""Decisions in DMN: fee, limit, papers and route by case, as tables that an administrator edits (decisions/0018).

`parse` reads a file, `lint_decisions` says what is wrong with one, `build` writes one, `Decisions.evaluate` decides.
Cells are in the language of `bpmn.expressions`; nothing in a file is ever run.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpmn.decision.coverage import coverage_findings
from bpmn.decision.evaluation import Decisions
from bpmn.decision.examples import check_examples, untested_rules
from bpmn.decision.rules import table_findings
from bpmn.decision.tables import DecisionTable, Input, InvalidDecisionError, NoRuleError, Output, Rule
from bpmn.decision.xml import build_xml, read_tables
from bpmn.errors import InvalidModelError
from bpmn.findings import Finding, error, has_errors
from bpmn.xml import HostileXmlError

__all__ = [
    "DecisionTable",
    "Decisions",
    "Input",
    "InvalidDecisionError",
    "NoRuleError",
    "Output",
    "Rule",
    "build",
    "check_examples",
    "decisions_of",
    "lint_decisions",
    "lint_tables",
    "parse",
    "untested_rules",
]


def parse(xml: str | bytes) -> Decisions:
    """Return the decisions of a DMN file.

    Raises: InvalidDecisionError with the first of the findings that refuse it.
    """
    tables, findings = _read(xml)
    return decisions_of(tables, findings)


def lint_decisions(xml: str | bytes) -> tuple[Finding, ...]:
    """Return what is wrong (errors) or doubtful (warnings) about a DMN file; `where` names decision, rule, column."""
    tables, findings = _read(xml)
    return findings + (lint_tables(tables) if tables or not has_errors(findings) else ())


def lint_tables(tables: Sequence[DecisionTable]) -> tuple[Finding, ...]:
    """Return the same for tables that stand in no file yet; overlaps and gaps are looked for when all else is well."""
    findings = tuple(table_findings(tables))
    return findings or tuple(coverage_findings(tables))


def build(decisions: Decisions | Sequence[DecisionTable]) -> str:
    """Return decisions, finished or not, as a DMN 1.3 file: `parse(build(x)) == x`, the same text for the same tables.

    Raises: InvalidDecisionError when a text has a control character.
    """
    return build_xml(decisions.tables if isinstance(decisions, Decisions) else decisions)


def decisions_of(tables: Sequence[DecisionTable], findings: Sequence[Finding] = ()) -> Decisions:
    """Return tables as decisions that can be evaluated.

    Raises: InvalidDecisionError when the tables break a rule, or a finding of reading them refuses them.
    """
    broken = [each for each in (*findings, *table_findings(tables)) if has_errors([each])]
    if broken:
        said = "; ".join(f"{each.where}: {each.message} [{each.rule}]" for each in broken[:3])
        more = f" ({len(broken) - 3} more)" if len(broken) > 3 else ""
        raise InvalidDecisionError(f"The decisions cannot be used: {said}{more}")
    return Decisions(tuple(tables))


def _read(xml: str | bytes) -> tuple[tuple[DecisionTable, ...], tuple[Finding, ...]]:
    try:
        return read_tables(xml)
    except HostileXmlError as problem:
        return (), (error("xml-hostile", "file", str(problem)),)
    except InvalidModelError as problem:
        return (), (error("xml-malformed", "file", str(problem)),)
