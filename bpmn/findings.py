"""What a reader or the linter has to say about a procedure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: an error refuses, a warning travels with what is published."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: the rule that was broken, where, and what to do about it."""

    rule: str
    severity: Severity
    where: str
    message: str

    def as_json(self) -> dict[str, str]:
        """Return the finding as a JSON object `{rule, severity, where, message}`."""
        return {"rule": self.rule, "severity": str(self.severity), "where": self.where, "message": self.message}


def error(rule: str, where: str, message: str) -> Finding:
    """Return a finding that refuses."""
    return Finding(rule, Severity.ERROR, where, message)


def warning(rule: str, where: str, message: str) -> Finding:
    """Return a finding that is published along."""
    return Finding(rule, Severity.WARNING, where, message)


def has_errors(findings: tuple[Finding, ...] | list[Finding]) -> bool:
    """Tell whether any of the findings refuses."""
    return any(finding.severity is Severity.ERROR for finding in findings)
