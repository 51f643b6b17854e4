"""Step tables: a commune's internal procedure as rows, read with everything that may be wrong in them.

The rules of reading (issue 2, point 2): the stage is the share of the limit, a step's own limit is advice; a total
that is missing, 0 or -1 becomes the sum of the stages, a total that differs from the sum stays, another negative or an
absurd one is refused. Each remark is a finding; an error refuses the one procedure it belongs to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bpmn.findings import Finding, error, has_errors, warning
from bpmn.phases import Phase
from bpmn.rows import Row, RowReader, clean_text, order_rows
from bpmn.stages import Stage, mark_steps, read_fee_of, read_limit, read_stages

MAX_STEPS = 100
PROCEDURE_FIELDS = frozenset({"code", "name", "total_days", "fee", "steps"})


@dataclass(frozen=True, slots=True)
class TableStep:
    """One step of a procedure; limits are amounts such as `0.5 working_day`, the step's own one is advice."""

    order: int
    key: str
    name: str
    unit: str
    unit_label: str
    stage: int
    stage_limit: str
    limit: str | None
    phase: Phase
    single_officer: bool
    pauses_clock: bool
    resumes_clock: bool
    ends_processing: bool


@dataclass(frozen=True, slots=True)
class TableStage:
    """A unit's consecutive steps under one label, with their share of the limit."""

    no: int
    unit: str
    label: str
    limit: str


@dataclass(frozen=True, slots=True)
class StepTable:
    """A procedure that can be published: `limit` in working days, `fee_vnd` in đồng or None when unknown."""

    code: str
    name: str
    limit: str
    fee_vnd: int | None
    steps: tuple[TableStep, ...]
    stages: tuple[TableStage, ...]


@dataclass(frozen=True, slots=True)
class TableReading:
    """What came of one entry: the table, or None when an error refuses it, and all findings."""

    code: str
    table: StepTable | None
    findings: tuple[Finding, ...]


def read_tables(data: object) -> list[TableReading]:
    """Read a list of step tables, given as JSON bytes or as decoded JSON; one bad entry never stops the others.

    Never raises: whatever is wrong is a finding with the name of its rule.
    """
    if isinstance(data, bytes | bytearray):
        decoded = decode(bytes(data))
        if isinstance(decoded, Finding):
            return [TableReading("", None, (decoded,))]
        data = decoded[0]
    if not isinstance(data, list):
        return [TableReading("", None, (error("file-not-list", "file", "The file must hold a list of procedures."),))]
    readings: list[TableReading] = []
    seen: set[str] = set()
    for at, entry in enumerate(data):
        readings.append(_read_entry(entry, f"entry {at + 1}", seen))
    return readings


def decode(raw: bytes) -> Finding | tuple[object]:
    """Return the JSON value in a file, in a tuple, or what is wrong with the file."""
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as problem:
        where = f"byte {problem.start}"
        return error("file-encoding", where, "The file is neither UTF-8 nor UTF-16; save it as UTF-8.")
    try:
        return (json.loads(text),)
    except (ValueError, RecursionError):
        return error("file-json", "file", "The file is not valid JSON.")


def _read_entry(entry: object, where: str, seen: set[str]) -> TableReading:
    if not isinstance(entry, Mapping):
        finding = error("entry-not-object", where, "A procedure must be an object with code, name and steps.")
        return TableReading("", None, (finding,))
    findings: list[Finding] = []
    code = clean_text(entry.get("code"), "code", where, 40, findings)
    if code is None:
        return TableReading("", None, tuple(findings))
    if code in seen:
        findings.append(error("code-duplicate", code, "Another procedure before this one has the same code."))
        return TableReading(code, None, tuple(findings))
    seen.add(code)
    name = clean_text(entry.get("name"), "name", code, 500, findings)
    reader = RowReader(code, findings)
    reader.warn_unknown(entry, PROCEDURE_FIELDS, code)
    rows = _read_rows(entry.get("steps"), reader)
    table = None
    if rows:
        table = _build_table(code, name or "", entry, rows, findings)
    return TableReading(code, None if has_errors(findings) else table, tuple(findings))


def _read_rows(raw: object, reader: RowReader) -> list[Row]:
    code, findings = reader.code, reader.findings
    if raw is None or raw == []:
        findings.append(error("steps-missing", code, "The procedure has no steps."))
        return []
    if not isinstance(raw, list):
        findings.append(error("steps-not-list", code, "`steps` must be a list."))
        return []
    if len(raw) > MAX_STEPS:
        findings.append(error("steps-too-many", code, f"A procedure has at most {MAX_STEPS} steps, not {len(raw)}."))
        return []
    rows = [row for at, item in enumerate(raw) if (row := reader.read(item, at)) is not None]
    if len(rows) < len(raw):
        return []
    return order_rows(rows, reader)


def _build_table(
    code: str, name: str, entry: Mapping[str, object], rows: list[Row], findings: list[Finding]
) -> StepTable | None:
    rows = _with_return(code, rows, findings)
    stages, numbers = read_stages(code, rows, findings)
    limit = read_limit(code, entry.get("total_days"), stages, findings)
    fee = read_fee_of(code, entry.get("fee"), findings)
    finishing, phases = mark_steps(code, rows, findings)
    if limit is None:
        return None
    steps = tuple(
        TableStep(
            order=at + 1,
            key=row.key,
            name=row.name,
            unit=row.unit,
            unit_label=row.unit_label,
            stage=numbers[at],
            stage_limit=stages[numbers[at] - 1].limit,
            limit=row.limit,
            phase=phases[at],
            single_officer=row.single_officer,
            pauses_clock=row.pauses_clock,
            resumes_clock=row.resumes_clock,
            ends_processing=at == finishing,
        )
        for at, row in enumerate(rows)
    )
    return StepTable(code, name, limit, fee, steps, tuple(_published(stage) for stage in stages))


def _with_return(code: str, rows: list[Row], findings: list[Finding]) -> list[Row]:
    """Add the return of the result where a table ends with the decision: without it nobody could hand it over."""
    last = rows[-1]
    if not last.ends_processing and len(rows) > 1:
        return rows
    message = f"No step follows {last.key}, which ends processing; the return of the result is added."
    findings.append(warning("return-missing", code, message))
    added = replace(
        rows[0],
        key=f"{code}::TRA_KET_QUA_BO_SUNG",
        name="Trả kết quả",
        unit_label="Trả kết quả",
        limit=None,
        stage_limit="0",
        next=None,
        pauses_clock=False,
        resumes_clock=False,
        ends_processing=False,
    )
    return [*rows, added]


def _published(stage: Stage) -> TableStage:
    return TableStage(stage.no, stage.unit, stage.label, stage.limit)
