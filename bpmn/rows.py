"""The rows of a step table: each read by itself, then put into the order that their successors say."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bpmn.amounts import Unreadable, format_days, read_days
from bpmn.findings import Finding, error, warning

FLAGS = ("single_officer", "pauses_clock", "resumes_clock", "ends_processing")
STEP_FIELDS = frozenset({"id", "name", "unit", "unit_label", "limit_days", "stage_limit_days", "next", *FLAGS})
_UNFIT = frozenset({"Cc", "Cs", "Co", "Cn"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was given, its texts cleaned; `stage_limit` is still raw, stages judge it together."""

    key: str
    name: str
    unit: str
    unit_label: str
    limit: str | None
    stage_limit: object
    next: str | None
    single_officer: bool
    pauses_clock: bool
    resumes_clock: bool
    ends_processing: bool


def clean_text(raw: object, field: str, where: str, longest: int, findings: list[Finding]) -> str | None:
    """Return a text in NFC with plain single spaces, or None with a finding when it is missing or unfit."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        findings.append(error(f"{field}-missing", where, f"`{field}` is missing."))
        return None
    if not isinstance(raw, str):
        findings.append(error(f"{field}-not-text", where, f"`{field}` must be text, not {type(raw).__name__}."))
        return None
    text = unicodedata.normalize("NFC", " ".join(raw.split()))
    if "�" in text or any(unicodedata.category(sign) in _UNFIT for sign in text):
        findings.append(error("text-encoding", where, f"`{field}` holds characters that no text has: wrong encoding?"))
        return None
    if len(text) > longest:
        findings.append(error(f"{field}-too-long", where, f"`{field}` has more than {longest} characters."))
        return None
    return text


def warn_comma(raw: object, field: str, where: str, findings: list[Finding]) -> None:
    """Say how a number with a decimal comma is read: whoever meant thousands must see it."""
    days = read_days(raw)
    if isinstance(raw, str) and "," in raw and isinstance(days, Decimal):
        amount = format_days(days).replace("_", " ")
        message = f'`{field}` "{raw.strip()}" is read as {amount}; write a point for the fraction.'
        findings.append(warning("decimal-comma", where, message))


class RowReader:
    """Reads the rows of one procedure and collects its findings."""

    def __init__(self, code: str, findings: list[Finding]) -> None:
        self.code = code
        self.findings = findings

    def warn_unknown(self, given: Mapping[str, object], known: frozenset[str], where: str) -> None:
        """Add a warning for each field that nothing reads: it may be a misspelt one."""
        for field in sorted(str(name)[:40] for name in given if name not in known):
            self.findings.append(warning("field-unknown", where, f"`{field}` is no field of a table; it is ignored."))

    def read(self, raw: object, at: int) -> Row | None:
        """Return one row, or None with the findings that make it unusable."""
        where = f"{self.code}, step {at + 1}"
        if not isinstance(raw, Mapping):
            self.findings.append(error("step-not-object", where, "A step must be an object."))
            return None
        self.warn_unknown(raw, STEP_FIELDS, where)
        before = len(self.findings)
        key = clean_text(raw.get("id"), "id", where, 120, self.findings)
        name = clean_text(raw.get("name"), "name", where, 200, self.findings)
        unit = clean_text(raw.get("unit"), "unit", where, 80, self.findings)
        label = self._optional_text(raw.get("unit_label"), "unit_label", where)
        following = self._optional_text(raw.get("next"), "next", where)
        flags = [self._flag(raw.get(flag), flag, where) for flag in FLAGS]
        broken = any(finding.severity == "error" for finding in self.findings[before:])
        if broken or key is None or name is None or unit is None:
            return None
        limit = self._advice(raw.get("limit_days"), where)
        return Row(key, name, unit, label or unit, limit, raw.get("stage_limit_days"), following, *flags)

    def _optional_text(self, raw: object, field: str, where: str) -> str | None:
        if raw is None or raw == "":
            return None
        return clean_text(raw, field, where, 200, self.findings)

    def _flag(self, raw: object, field: str, where: str) -> bool:
        if raw is None or isinstance(raw, bool):
            return bool(raw)
        self.findings.append(error("flag-not-boolean", where, f"`{field}` must be true or false."))
        return False

    def _advice(self, raw: object, where: str) -> str | None:
        days = read_days(raw)
        if days is None:
            return None
        if isinstance(days, Unreadable) or days < 0:
            self.findings.append(warning("step-limit-unreadable", where, "`limit_days` is no limit; it is ignored."))
            return None
        warn_comma(raw, "limit_days", where, self.findings)
        return format_days(days)


def order_rows(rows: list[Row], reader: RowReader) -> list[Row]:
    """Return the rows in the order of their successors, or [] with the findings that forbid it.

    Each step names at most one successor. The first step is the one that none names; a table has exactly one such
    step and reaches all others from it.
    """
    by_key: dict[str, Row] = {}
    findings, code = reader.findings, reader.code
    before = len(findings)
    for row in rows:
        if row.key in by_key:
            findings.append(error("id-duplicate", f"{code}, step {row.key}", "Two steps have this id."))
        by_key[row.key] = row
    for row in rows:
        if row.next is not None and row.next not in by_key:
            message = f"The successor {row.next} does not exist."
            findings.append(error("next-unknown", f"{code}, step {row.key}", message))
    if len(findings) > before:
        return []
    named = {row.next for row in rows}
    start = next((row for row in rows if row.key not in named), None)
    if start is None:
        findings.append(error("steps-cycle", code, "Every step is the successor of another: the steps go in a circle."))
        return []
    return _follow(start, rows, by_key, reader)


def _follow(start: Row, rows: list[Row], by_key: dict[str, Row], reader: RowReader) -> list[Row]:
    ordered: dict[str, Row] = {}
    at: Row | None = start
    while at is not None and at.key not in ordered:
        ordered[at.key] = at
        at = by_key[at.next] if at.next is not None else None
    if at is not None:
        message = f"The steps go in a circle back to {at.key}."
        reader.findings.append(error("steps-cycle", f"{reader.code}, step {at.key}", message))
    for row in rows:
        if row.key not in ordered:
            message = f"No way leads here from the first step {start.key}."
            reader.findings.append(error("step-unreachable", f"{reader.code}, step {row.key}", message))
    return list(ordered.values()) if at is None and len(ordered) == len(rows) else []
