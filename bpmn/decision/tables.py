"""Decision tables as plain data: what DMN files are read into, what the workbench edits; and what can go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bpmn.errors import InvalidModelError

HIT_POLICIES = ("UNIQUE", "FIRST", "ANY", "COLLECT")
AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")  # `+ < > #` in a drawn table
MAX_DECISIONS = 50
MAX_RULES = 200
MAX_COLUMNS = 20  # inputs and outputs together
MAX_CELLS = 12_000  # in a file; more would not pass the bound on elements when read again


class InvalidDecisionError(InvalidModelError):
    """The DMN is outside what this package evaluates; the message lists what `lint_decisions` found."""

    code = "decision-invalid"


class UnknownDecisionError(InvalidDecisionError):
    """There is no decision of this id."""

    code = "decision-unknown"


class NoRuleError(InvalidDecisionError):
    """No rule of a decision table matches the data: a rule is missing, or the data is not what the table foresees."""

    code = "decision-no-rule"


class RuleConflictError(InvalidDecisionError):
    """Several rules match where the hit policy allows one (UNIQUE) or asks for equal outputs (ANY)."""

    code = "decision-conflict"


class DecisionDataError(InvalidDecisionError):
    """An input, cell or output of a decision cannot be worked out on this data: a variable is missing, kinds differ."""

    code = "decision-data"


class Input(NamedTuple):
    """A column of tests: what is asked (an expression) and, if declared, the tests that its values must pass."""

    label: str
    expression: str
    values: str = ""


class Output(NamedTuple):
    """A column of results: the name of the routing variable that it becomes."""

    name: str
    label: str = ""


class Rule(NamedTuple):
    """A row: a test for each input (`-` asks nothing), an expression for each output, a remark."""

    tests: tuple[str, ...]
    outputs: tuple[str, ...]
    annotation: str = ""


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision: `requires` are the ids of decisions whose outputs its inputs read; `description` names the law."""

    id: str
    name: str
    hit_policy: str = "UNIQUE"
    aggregation: str = ""
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    rules: tuple[Rule, ...] = ()
    requires: tuple[str, ...] = ()
    description: str = ""
