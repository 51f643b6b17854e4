"""Rules on what the procedure needs: its limit, the lane and the unit of every task, stages, phases, the finish."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from bpmn.elements import Document, Process, identity
from bpmn.findings import Finding, error
from bpmn.phases import Phase
from bpmn.xml import extension

_SEGMENT = r"\d{1,5}(\.\d{1,4})? (working_day|working_hour|calendar_day)"
AMOUNT = re.compile(rf"{_SEGMENT}( ?\+ ?{_SEGMENT}){{0,9}}")
_FLAGS = ("pausesClock", "resumesClock", "endsProcessing", "singleOfficer")
_PHASES = frozenset(Phase)
_COUNT = re.compile(r"\d{1,3}")
_FEE = re.compile(r"\d{1,13}")


def step_findings(document: Document) -> Iterator[Finding]:
    """Yield what tasks, lanes and the procedure lack."""
    finishing = 0
    for process in document.processes:
        if process.is_top:
            yield from _procedure(process)
        for task in process.of_kind("userTask"):
            yield from _task(process, task)
            said = extension(task, "step")
            finishing += said is not None and said.get("endsProcessing") == "true"
        for event in process.of_kind("intermediateThrowEvent"):
            yield from _handover(event)
    if finishing != 1:
        yield error("ends-count", "file", f"Exactly one step must end processing, not {finishing}.")


def _procedure(process: Process) -> Iterator[Finding]:
    said = extension(process.element, "procedure")
    if said is None:
        return
    for attribute in ("code", "name"):
        if not (said.get(attribute) or "").strip():
            yield error("procedure-attribute", process.id, f"`motcua:procedure` needs `{attribute}`.")
    limit = said.get("limit") or ""
    if not AMOUNT.fullmatch(limit) or not any(float(part.split()[0]) > 0 for part in limit.split("+")):
        yield error("procedure-attribute", process.id, "`limit` must be an amount above zero, e.g. `15 working_day`.")
    fee = said.get("feeVnd")
    if fee is not None and not _FEE.fullmatch(fee):
        yield error("procedure-attribute", process.id, "`feeVnd` must be a whole number of đồng.")


def _task(process: Process, task: etree._Element) -> Iterator[Finding]:
    where = identity(task)
    if not (task.get("name") or "").strip():
        yield error("task-name", where, "A user task needs a name.")
    lane = process.lane_of.get(task.get("id") or "")
    if lane is None or not (lane.get("name") or "").strip():
        yield error("task-lane", where, "A user task must lie in a lane with a name.")
    said = extension(task, "step")
    if said is None:
        yield error("step-missing", where, "A user task needs a `motcua:step` with its unit, stage and phase.")
        return
    yield from _step(where, said)
    unit = extension(lane, "lane") if lane is not None else None
    if lane is not None and (unit is None or unit.get("unit") != said.get("unit")):
        yield error("lane-unit", where, "The task's unit must be the unit of its lane (`motcua:lane unit`).")


def _step(where: str, said: etree._Element) -> Iterator[Finding]:
    if not said.get("unit", "").strip():
        yield error("step-attribute", where, "`motcua:step` needs `unit`.")
    if not _COUNT.fullmatch(said.get("stage", "")):
        yield error("step-attribute", where, "`stage` must be the number of the stage, 0 outside the stages.")
    if not _COUNT.fullmatch(said.get("order", "0")):
        yield error("step-attribute", where, "`order` must be the number of the step.")
    if said.get("phase") not in _PHASES:
        yield error("step-attribute", where, f"`phase` must be one of {', '.join(_PHASES)}.")
    for attribute, given in (("stageLimit", said.get("stageLimit", "")), ("limit", said.get("limit", "0 working_day"))):
        if not AMOUNT.fullmatch(given):
            yield error("step-attribute", where, f"`{attribute}` must be an amount, e.g. `0.5 working_day`.")
    yield from (
        error("step-attribute", where, f"`{flag}` must be `true` or `false`.")
        for flag in _FLAGS
        if said.get(flag) not in (None, "true", "false")
    )


def _handover(event: etree._Element) -> Iterator[Finding]:
    said = extension(event, "handover")
    if said is None or not said.get("from") or not said.get("to"):
        yield error("handover-missing", identity(event), "The event needs a `motcua:handover` with `from` and `to`.")
