"""What a procedure consists of, read from whatever form it comes in; the one place where findings are put together.

Step tables, spreadsheets, drawings and drafts all become a `Reading`; CLI, API, workbench and publishing ask here, so
that the same content has the same findings everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from bpmn import (
    assembly,
    decisions,
    generator,
    lint,
    model,
    normaliser,
    parts,
    sheets,
    sources,
    table_findings,
    tables,
)
from bpmn.errors import BpmnError
from bpmn.findings import Finding, Severity, has_errors
from bpmn.rules.variable import written_in
from engine.domain import examples, forms, scenarios
from engine.errors import InvalidInputError
from engine.services.decision_meanings import (
    meaning_findings,
    unknown_at_receipt,
    unknown_on_the_way,
    unknown_papers,
)
from engine.services.policies import InvalidPolicyError, check_fits, check_policy

ONE_STOP_NAME = "Bộ phận Một cửa"
SHEET_KINDS = ("csv", "xlsx")
UNMAPPED = "partner-unmapped"  #: the finding that an administrator answers by naming an agency

_STEP = re.compile(r"^(?P<code>.+), step (?P<step>.+)$")


@dataclass(frozen=True, slots=True)
class Content:
    """A procedure as people edit it: the drawing, decision tables (DMN text), form, policy and test runs."""

    source: str
    decisions: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    scenarios: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A procedure that was read: what was found, and what can be published when none of it is an error.

    Args:
        code: of the procedure; empty when it could not be read.
        xml: the model that runs; empty when none could be built.
        policy: complete, with the defaults of what was left out.
    """

    code: str
    findings: tuple[Finding, ...]
    xml: str
    policy: dict[str, Any]
    content: Content | None = None

    @property
    def is_publishable(self) -> bool:
        """Whether nothing found refuses it."""
        return bool(self.xml) and self.content is not None and not has_errors(self.findings)


def read_tables(data: object) -> Iterator[Reading]:
    """Read, build and lint step tables with their policies, one after another; needs no database.

    Args:
        data: decoded JSON of the shape of ``procedures-real.json``; a table may add ``policy``
            (``field``, ``cutoff``, ``supplement``, ``papers``).
    """
    entries = data if isinstance(data, list) else []
    for at, reading in enumerate(tables.read_tables(_bare(data))):
        raw = entries[at] if at < len(entries) else None
        policy, wrong = _policy(raw.get("policy", {}) if isinstance(raw, dict) else {}, reading.code)
        found = (*reading.findings, *wrong)
        if reading.table is None:
            yield Reading(reading.code, found, "", policy)
            continue
        source = assembly.source_of(generator.build(reading.table, lane_names(reading.table)))
        read = read_content(Content(source, policy=policy))
        of_model = table_findings.not_said_before(read.findings, reading.findings)
        yield replace(read, code=reading.code, findings=(*reading.findings, *of_model, *wrong))


def read_sheet(content: bytes, kind: str) -> Iterator[Reading]:
    """Read, build and lint the step tables of a spreadsheet; findings name its rows.

    Args:
        content: the file.
        kind: ``csv`` or ``xlsx``.
    """
    sheet = sheets.read_sheet(content, kind)
    if not sheet.tables:
        yield Reading("", sheet.findings, "", {})
        return
    first = sheet.findings
    for table in sheet.tables:
        found, first = (*first, *table.findings), ()
        if has_errors(found):
            yield Reading(table.code, found, "", {})
            continue
        for reading in read_tables([table.entry]):
            yield replace(reading, findings=(*found, *_with_rows(reading.findings, table)))


def read_json(raw: bytes) -> Iterator[Reading]:
    """Read step tables from the bytes of a JSON file, as ``read_tables``."""
    decoded = tables.decode(raw)
    if isinstance(decoded, Finding):
        yield Reading("", (decoded,), "", {})
    else:
        yield from read_tables(decoded[0])


@dataclass(frozen=True, slots=True)
class Heading:
    """What a drawing of others does not say of its procedure; None leaves it to the file."""

    code: str | None = None
    name: str | None = None
    limit: str | None = None  #: an amount such as `15 working_day`


AS_DRAWN = Heading()


def read_model(raw: bytes | str, heading: Heading = AS_DRAWN) -> Reading:
    """Read a drawing of anybody: ours as it is, others brought into our subset where that is plain.

    Args:
        heading: goes before what the file says of its procedure.
    """
    own = raw if isinstance(raw, str) else _text_of(raw)
    if heading == AS_DRAWN and not isinstance(own, Finding):
        read = read_content(Content(own))
        if not has_errors(tuple(each for each in read.findings if each.rule != UNMAPPED)):
            return read
    found = normaliser.normalise(raw, code=heading.code, name=heading.name, limit=heading.limit)
    if not found.xml:
        return Reading("", found.findings, "", {})
    read = read_content(Content(found.xml))
    told = {(each.rule, each.where) for each in found.findings}
    more = tuple(each for each in read.findings if (each.rule, each.where) not in told)
    return replace(read, findings=(*found.findings, *more))


def name_of(read: Reading) -> str:
    """Return the name of a procedure as its drawing says it; empty when it does not."""
    if read.content is None:
        return ""
    try:
        return sources.procedure_of(read.content.source).get("name", "")
    except BpmnError:
        return ""


def step_told(step: model.StepFacts) -> dict[str, Any]:
    """Return a step of a model as pages and the API tell it."""
    return {
        "node": step.node,
        "name": step.name,
        "unit": step.unit,
        "stage": step.stage,
        "stage_limit": step.stage_limit,
        "limit": step.limit,
        "phase": step.phase.value,
        "pauses_clock": step.pauses_clock,
        "resumes_clock": step.resumes_clock,
        "ends_processing": step.ends_processing,
    }


def read_content(content: Content) -> Reading:
    """Build and lint a procedure from its parts; needs no database. Never raises: what is wrong is a finding."""
    code = _code_of(content.source)
    policy, wrong = _policy(dict(content.policy), code)
    tables_there, decided = _decisions(content, policy)
    found = [*decided, *wrong, *_form_findings(content, code)]
    drawn = lint.lint(content.source, source=True, parts=frozenset(parts.library()), decisions=tables_there)
    if has_errors(drawn):
        return Reading(code, (*drawn, *found), "", policy, content)
    try:
        xml = assembly.assemble(content.source)
    except BpmnError as problem:
        refused = Finding(problem.code, Severity.ERROR, code or "file", str(problem))
        return Reading(code, (*drawn, refused, *found), "", policy, content)
    assembled = lint.lint(xml, decisions=tables_there, known=_known(content))
    drawn = tuple(dict.fromkeys((*drawn, *assembled)))
    if not has_errors((*drawn, *wrong)):
        found += [*_misfits(policy, xml), *_routes(content, xml)]
    return Reading(code, (*drawn, *found), xml, policy, content)


def _known(content: Content) -> frozenset[str]:
    """Return the names that the form and the decisions of a procedure write."""
    try:
        names = set(forms.fields_of(content.form))
        outputs = decisions.parse(content.decisions).tables if content.decisions else ()
        return frozenset(names | {output.name for table in outputs for output in table.outputs})
    except (InvalidInputError, BpmnError):
        return frozenset()  # what is wrong with them is told by their own rules


def _decisions(content: Content, policy: Mapping[str, Any]) -> tuple[frozenset[str], tuple[Finding, ...]]:
    """Return the ids of the decision tables, and what is wrong with these."""
    if not content.decisions:
        return frozenset(), _tried_by_examples(content, decisions.Decisions())
    try:
        found = decisions.lint_decisions(content.decisions)
        if has_errors(found):
            return frozenset(), found
        there = decisions.parse(content.decisions)
    except BpmnError as problem:
        return frozenset(), (Finding(problem.code, Severity.ERROR, "decisions", str(problem)),)
    meant = tuple(each for table in there.tables for each in meaning_findings(table))
    tried = _tried_by_examples(content, there)
    return frozenset(there.ids), (*found, *meant, *tried, *_beside_tables(content, there, policy))


def _beside_tables(content: Content, there: decisions.Decisions, policy: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what the tables of the receipt ask of form and policy, and these do not have; neither when it is wrong."""
    with suppress(InvalidInputError):  # told by the rule on forms
        fields = forms.fields_of(content.form).values()
        yield from unknown_at_receipt(there, {each.name for each in fields if each.asked is forms.Asked.RECEIPT})
    if policy:
        yield from unknown_papers(there, {each.get("code", "") for each in policy["papers"]})


def _tried_by_examples(content: Content, there: decisions.Decisions) -> tuple[Finding, ...]:
    """Return the examples that the tables do not bear out, and the rules that those of a table leave untried."""
    try:
        kept = examples.examples_of(content.form)
    except InvalidInputError:
        return ()  # told by the rule on forms
    return (*decisions.check_examples(there, kept), *decisions.untested_rules(there, kept))


def _routes(content: Content, xml: str) -> Iterator[Finding]:
    """Yield what the tables of the way read, and nothing in the procedure writes."""
    with suppress(InvalidInputError, BpmnError):  # told by their own rules
        there = decisions.parse(content.decisions) if content.decisions else decisions.Decisions(())
        yield from unknown_on_the_way(there, _known(content) | written_in(xml))


def lane_names(table: tables.StepTable) -> dict[str, str]:
    """Return the name of the receiving unit's lane, where the table calls it by what it does (receives, returns …).

    It depends on the table alone: the same table gives the same model, whatever is in the database.
    """
    first = table.steps[0].unit
    labels = {step.unit_label for step in table.steps if step.unit == first}
    return {first: ONE_STOP_NAME} if len(labels) > 1 else {}


def _text_of(raw: bytes) -> str | Finding:
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as problem:
        message = "The file is neither UTF-8 nor UTF-16; save it as UTF-8."
        return Finding("file-encoding", Severity.ERROR, f"byte {problem.start}", message)


def _code_of(source: str) -> str:
    try:
        return sources.procedure_of(source).get("code", "")
    except BpmnError:
        return ""


def _form_findings(content: Content, code: str) -> list[Finding]:
    where, found = code or "form", []
    try:
        forms.fields_of(content.form)
        examples.examples_of(content.form)
    except InvalidInputError as error:
        found.append(Finding("form-invalid", Severity.ERROR, where, error.message))
    try:
        scenarios.read(list(content.scenarios))
    except InvalidInputError as error:
        found.append(Finding("scenario-invalid", Severity.ERROR, where, error.message))
    return found


def _policy(raw: object, code: str) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Return the policy of a procedure, and what is wrong with it."""
    try:
        return check_policy(raw), ()
    except InvalidPolicyError as error:
        return {}, (Finding("policy-invalid", Severity.ERROR, code or "policy", error.message),)


def _misfits(policy: dict[str, Any], xml: str) -> tuple[Finding, ...]:
    """Return what of the policy does not fit the model."""
    facts = model.facts(xml)
    try:
        check_fits(policy, facts)
    except InvalidPolicyError as error:
        return (Finding("policy-invalid", Severity.ERROR, facts.code, error.message),)
    return unmapped_partners(facts, policy)


def unmapped_partners(facts: model.ModelFacts, policy: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return the partner lanes for which the policy names no agency: their steps would be nobody's."""
    named = policy.get("partners", {})
    return tuple(
        Finding(
            UNMAPPED, Severity.ERROR, unit.code,
            f"The lane `{unit.label}` is of the partner `{unit.agency}`, and no agency is named for it; "
            "name its code in the policy's partners.",
        )
        for unit in facts.units
        if unit.agency is not None and unit.agency not in named
    )  # fmt: skip


def _bare(data: object) -> object:
    if not isinstance(data, list):
        return data
    return [
        {key: value for key, value in entry.items() if key != "policy"} if isinstance(entry, dict) else entry
        for entry in data
    ]


def _with_rows(findings: tuple[Finding, ...], table: sheets.SheetTable) -> tuple[Finding, ...]:
    """Say in which row of the sheet a step stands that a finding names by number or id."""
    by_id = {step["id"]: row for step, row in zip(table.entry["steps"], table.rows, strict=True)}
    told = []
    for finding in findings:
        match = _STEP.match(finding.where)
        row = None if match is None else by_id.get(match["step"]) or _row_of_number(match["step"], table)
        told.append(finding if row is None else replace(finding, where=f"{finding.where} ({row})"))
    return tuple(told)


def _row_of_number(step: str, table: sheets.SheetTable) -> str | None:
    at = int(step) - 1 if step.isascii() and step.isdigit() and len(step) < 5 else -1
    return table.rows[at] if 0 <= at < len(table.rows) else None
