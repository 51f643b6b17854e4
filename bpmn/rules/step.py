"""Rules on what the procedure needs: its limit, the lane and the unit of every task, stages, phases, the finish."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from bpmn.elements import Document, Process, identity, kind
from bpmn.findings import Finding, error
from bpmn.names import MOTCUA, PART_PREFIX, SERVICES
from bpmn.phases import Phase
from bpmn.xml import extension, tag

_SEGMENT = r"\d{1,5}(\.\d{1,4})? (working_day|working_hour|calendar_day)"
AMOUNT = re.compile(rf"{_SEGMENT}( ?\+ ?{_SEGMENT}){{0,9}}")
ITEM_UNIT = "=item"
OWN_LIMIT = "=limit"
MAX_OUTCOMES = 10
ROLES = ("desk", "officer", "approver", "clerk")
DECISIONS = ("granted", "refused")
_FLAGS = ("pausesClock", "resumesClock", "endsProcessing", "singleOfficer", "countsInLimit")
_PHASES = tuple(Phase)
_COUNT = re.compile(r"\d{1,3}")
_FEE = re.compile(r"\d{1,13}")
_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


def step_findings(
    document: Document, *, source: bool = False, decisions: frozenset[str] | None = None
) -> Iterator[Finding]:
    """Yield what tasks, lanes and the procedure lack; in a `source` what the assembly fills in may be absent."""
    finishing = 0
    for scope in document.scopes:
        if scope.is_top:
            yield from _procedure(scope)
        for task in scope.of_kind("userTask", "callActivity"):
            yield from _task(scope, task, source=source)
            said = extension(task, "step")
            finishing += said is not None and said.get("endsProcessing") == "true"
        for task in scope.of_kind("serviceTask", "businessRuleTask"):
            yield from _automatic(task, decisions)
        for event in scope.of_kind("intermediateThrowEvent"):
            yield from _throw(event, source=source)
        for event in scope.of_kind("intermediateCatchEvent", "boundaryEvent"):
            yield from _wait(event, source=source)
    if not finishing and not (source and _calls_a_part(document)):
        message = 'No step ends processing: write `endsProcessing="true"` on the step after which the result is ready.'
        yield error("ends-count", "file", message)


def _procedure(process: Process) -> Iterator[Finding]:
    said = extension(process.element, "procedure")
    if said is None:
        return
    for attribute in ("code", "name"):
        if not (said.get(attribute) or "").strip():
            yield error("procedure-attribute", process.id, f"`motcua:procedure` needs `{attribute}`.")
    if not _is_limit(said.get("limit") or ""):
        yield error("procedure-attribute", process.id, "`limit` must be an amount above zero, e.g. `15 working_day`.")
    fee = said.get("feeVnd")
    if fee is not None and not _FEE.fullmatch(fee):
        yield error("procedure-attribute", process.id, "`feeVnd` must be a whole number of đồng.")


def _is_limit(text: str) -> bool:
    return AMOUNT.fullmatch(text) is not None and any(float(part.split()[0]) > 0 for part in text.split("+"))


def _task(process: Process, task: etree._Element, *, source: bool) -> Iterator[Finding]:
    where, said = identity(task), extension(task, "step")
    lane = process.lane_of.get(task.get("id") or "")
    if not (task.get("name") or "").strip():
        yield error("task-name", where, "A user task or call needs a name.")
    is_user = kind(task) == "userTask"
    if is_user and not process.is_part and (lane is None or not (lane.get("name") or "").strip()):
        yield error("task-lane", where, "A user task must lie in a lane with a name.")
    if said is None:
        if is_user and not source:
            yield error("step-missing", where, "A user task needs a `motcua:step` with its unit, stage and phase.")
        return
    yield from _values(where, said)
    yield from _children(where, said)
    if is_user and not source:
        yield from _needed(where, said)
    if is_user and lane is not None and not process.is_part:
        yield from _unit_of_lane(where, said, lane, source=source)


def _unit_of_lane(where: str, said: etree._Element, lane: etree._Element, *, source: bool) -> Iterator[Finding]:
    unit = extension(lane, "lane")
    of_lane, of_step = None if unit is None else unit.get("unit"), said.get("unit")
    if of_step == ITEM_UNIT or (source and (of_lane is None or of_step is None)):
        return
    if of_lane is None or of_lane != of_step:
        yield error("lane-unit", where, "The task's unit must be the unit of its lane (`motcua:lane unit`).")


def _needed(where: str, said: etree._Element) -> Iterator[Finding]:
    if not said.get("unit", "").strip():
        yield error("step-attribute", where, "`motcua:step` needs `unit`.")
    for attribute in ("stage", "stageLimit", "phase"):
        if said.get(attribute) is None:
            yield error("step-attribute", where, f"`motcua:step` needs `{attribute}`.")


def _values(where: str, said: etree._Element) -> Iterator[Finding]:
    """Yield what is nonsense among the attributes that are given."""
    for attribute, fits, meaning in (
        ("unit", lambda text: 0 < len(text.strip()) <= 80, "a code of at most 80 characters"),
        ("stage", _COUNT.fullmatch, "the number of the stage, 0 outside the stages"),
        ("order", _COUNT.fullmatch, "the number of the step"),
        ("phase", _PHASES.__contains__, f"one of {', '.join(_PHASES)}"),
        ("stageLimit", AMOUNT.fullmatch, "an amount, e.g. `0.5 working_day`"),
        ("limit", AMOUNT.fullmatch, "an amount, e.g. `0.5 working_day`"),
        ("role", ROLES.__contains__, f"one of {', '.join(ROLES)}"),
        ("decision", DECISIONS.__contains__, f"one of {', '.join(DECISIONS)}"),
        ("form", _FORM.fullmatch, "the key of a section of the form: letters, digits, `_`, `.`, `-`"),
        ("issues", _are_forms, "blank-separated keys of papers, e.g. `mau-01`"),
    ):
        given = said.get(attribute)
        if given is not None and not fits(given):
            yield error("step-attribute", where, f"`{attribute}` must be {meaning}.")
    yield from (
        error("step-attribute", where, f"`{flag}` must be `true` or `false`.")
        for flag in _FLAGS
        if said.get(flag) not in (None, "true", "false")
    )


def _are_forms(text: str) -> bool:
    keys = text.split()
    return 0 < len(keys) <= 20 and all(_FORM.fullmatch(key) for key in keys)


def _children(where: str, said: etree._Element) -> Iterator[Finding]:
    outcomes = said.findall(f"{{{MOTCUA}}}outcome")
    values = [outcome.get("value") or "" for outcome in outcomes]
    if len(outcomes) > MAX_OUTCOMES or len(values) != len(set(values)):
        message = f"A step has at most {MAX_OUTCOMES} outcomes, each with a value of its own."
        yield error("step-outcome", where, message)
    for outcome, value in zip(outcomes, values, strict=True):
        if not _VARIABLE.fullmatch(value) or not (outcome.get("label") or "").strip():
            message = "An outcome needs a `value` of small letters, digits and `_`, and a `label` that people read."
            yield error("step-outcome", where, message)
    for field in said.findall(f"{{{MOTCUA}}}input"):
        if not _VARIABLE.fullmatch(field.get("name") or ""):
            yield error("step-input", where, "The `name` of an input is small letters, digits and `_`.")


def _automatic(task: etree._Element, decisions: frozenset[str] | None) -> Iterator[Finding]:
    where = identity(task)
    if kind(task) == "serviceTask":
        said = extension(task, "service")
        name = "" if said is None else said.get("name") or ""
        if name not in SERVICES:
            message = f"`motcua:service` names `{name[:60]}`; the services are {', '.join(SERVICES)}."
            yield error("service-unknown", where, message)
        return
    said = extension(task, "decision")
    ref = "" if said is None else (said.get("ref") or "").strip()
    if not ref:
        yield error("decision-unknown", where, "A business rule task needs a `motcua:decision` with `ref`.")
    elif decisions is not None and ref not in decisions:
        known = ", ".join(sorted(decisions)[:20]) or "none"
        message = f"The decision tables have no `{ref[:60]}`; they have {known}."
        yield error("decision-unknown", where, message)


def _throw(event: etree._Element, *, source: bool) -> Iterator[Finding]:
    said = extension(event, "handover")
    throws = any(kind(child).endswith("EventDefinition") for child in event.iterchildren())
    if said is None:
        if not throws and not (event.get("name") or "").strip():
            message = "Give the event a name (a milestone) or a `motcua:handover` with `from` and `to`."
            yield error("handover-missing", identity(event), message)
        return
    if not source and not (said.get("from") and said.get("to")):
        yield error("handover-missing", identity(event), "The event needs a `motcua:handover` with `from` and `to`.")


def _calls_a_part(document: Document) -> bool:
    """Tell whether the work goes on in a part of the library, which may end processing; the assembled model tells."""
    calls = (call for scope in document.scopes for call in scope.of_kind("callActivity"))
    only_parts = all(process.is_part for process in document.processes)
    return only_parts or any((call.get("calledElement") or "").startswith(PART_PREFIX) for call in calls)


def _wait(event: etree._Element, *, source: bool) -> Iterator[Finding]:
    said = extension(event, "wait")
    if source and said is not None and said.get("after") == OWN_LIMIT:
        return  # the assembly writes the limit of the step or of the call
    if said is not None and not _is_limit(said.get("after") or ""):
        message = "`after` of `motcua:wait` must be an amount above zero, e.g. `15 calendar_day`."
        yield error("wait-after", identity(event), message)


def lane_findings(document: Document) -> Iterator[Finding]:
    """Yield what lanes say wrongly about who works in them."""
    for lane in document.root.iter(tag("lane")):
        said = extension(lane, "lane")
        if said is None:
            continue
        for attribute in ("unit", "agency"):
            given = said.get(attribute)
            if given is not None and not 0 < len(given.strip()) <= 80:
                message = f"`{attribute}` of `motcua:lane` is a code of at most 80 characters."
                yield error("lane-attribute", identity(lane), message)
