"""What a published model says about its procedure: limits, units, steps, stages and their effects on the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from lxml import etree

from bpmn import xml as document
from bpmn.errors import InvalidModelError
from bpmn.names import MOTCUA
from bpmn.net import compile_net, last_tasks
from bpmn.phases import Phase
from bpmn.xml import extension, parse_document, tag, top_process


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit that works on the procedure, under the name that its lane shows.

    `agency` is the role of a partner agency whose unit it is; None: of the agency that resolves.
    """

    code: str
    label: str
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class StepFacts:
    """A user task. `order` and `stage` count from 1; both are 0 for the two tasks of the shared fragments.

    Limits are amounts such as `11.5 working_day`; `stage_limit` binds, `limit` is advice and may be unknown. A step
    beside the others has stage 0, and its own limit binds. A unit `=item` is the item of its multi-instance.
    """

    node: str
    key: str
    name: str
    unit: str
    unit_label: str
    stage: int
    stage_limit: str
    limit: str | None
    phase: Phase
    pauses_clock: bool
    resumes_clock: bool
    ends_processing: bool
    single_officer: bool
    order: int
    agency: str | None = None  # role of the partner agency of its lane
    outcomes: tuple[tuple[str, str], ...] = ()  # value and label; none: only `done`
    inputs: tuple[str, ...] = ()  # fields asked here that become routing data
    role: str | None = None
    form: str | None = None
    issues: tuple[str, ...] = ()
    counts_in_limit: bool = True
    decision: str = "granted"  # what a step that ends processing decides
    last: bool = False  # no other step follows it on any way

    @property
    def own_limit(self) -> str | None:
        """The limit that the step has for itself, as its time is no part of a stage or of the promise."""
        is_apart = self.stage == 0 or not self.counts_in_limit
        return self.limit if is_apart and self.phase is Phase.PROCESSING else None


@dataclass(frozen=True, slots=True)
class StageFacts:
    """A share of the limit: a unit's consecutive steps."""

    no: int
    unit: str
    label: str
    limit: str


@dataclass(frozen=True, slots=True)
class HandoverFacts:
    """The event at which one unit hands the dossier to the next (domain.md §1.7)."""

    node: str
    from_unit: str
    to_unit: str


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """All that the engine asks of a version; `steps` and `handovers` are keyed by node id, in order."""

    code: str
    name: str
    limit: str
    fee_vnd: int | None
    units: tuple[UnitFacts, ...]
    steps: Mapping[str, StepFacts]
    stages: tuple[StageFacts, ...]
    first_unit: str
    handovers: Mapping[str, HandoverFacts]

    @classmethod
    def from_xml(cls, xml: str) -> ModelFacts:
        """Return the facts of a model. Raises: InvalidModelError when the XML does not state them."""
        return facts(xml)


@lru_cache(maxsize=1024)
def facts(xml: str) -> ModelFacts:
    """Return the facts of a model; each text is read once in a process.

    Raises: InvalidModelError when the XML is no model or does not state them.
    """
    root = parse_document(xml)
    try:
        return _read(root)
    except (KeyError, ValueError, IndexError) as problem:
        raise InvalidModelError(f"The model does not state what a procedure needs: {problem}") from problem


def content_hash(xml: str) -> str:
    """Return the name of a version: the SHA-256 of its canonical XML, in hexadecimal.

    Raises: InvalidModelError when the text is not well-formed.
    """
    return document.content_hash(parse_document(xml))


def _read(root: etree._Element) -> ModelFacts:
    top = top_process(root)
    processes = sorted(root.iter(tag("process")), key=lambda process: process.get("id") == top)
    units: dict[str, UnitFacts] = {}
    for lane in (lane for process in processes for lane in process.iter(tag("lane"))):
        said = extension(lane, "lane")
        if said is not None:
            code = said.attrib["unit"]
            units.setdefault(code, UnitFacts(code, lane.get("name") or code, said.get("agency") or None))
    tasks = [task for process in processes for task in process.iter(tag("userTask"))]
    last = last_tasks(compile_net(root, top))
    found = [_step(task, units, last) for task in tasks]
    numbered = sorted((step for step in found if step.stage > 0), key=lambda step: step.order)
    procedure = extension(next(process for process in processes if process.get("id") == top), "procedure")
    if procedure is None or not numbered:
        raise ValueError("no procedure with steps")
    fee = procedure.get("feeVnd")
    ordered = [*numbered, *(step for step in found if step.stage == 0)]
    return ModelFacts(
        code=procedure.attrib["code"],
        name=procedure.attrib["name"],
        limit=procedure.attrib["limit"],
        fee_vnd=None if fee is None else int(fee),
        units=tuple(units.values()),
        steps=MappingProxyType({step.node: step for step in ordered}),
        stages=_stages(tasks),
        first_unit=numbered[0].unit,
        handovers=MappingProxyType(_handovers(processes)),
    )


def _step(task: etree._Element, units: Mapping[str, UnitFacts], last: frozenset[str]) -> StepFacts:
    said = extension(task, "step")
    node = task.attrib["id"]
    if said is None:
        raise ValueError(f"task {node} has no motcua:step")
    unit = said.attrib["unit"]
    lane = units.get(unit)
    return StepFacts(
        node=node,
        key=said.get("key") or node,
        name=task.attrib["name"],
        unit=unit,
        unit_label=lane.label if lane else unit,
        stage=int(said.attrib["stage"]),
        stage_limit=said.attrib["stageLimit"],
        limit=said.get("limit"),
        phase=Phase(said.attrib["phase"]),
        pauses_clock=said.get("pausesClock") == "true",
        resumes_clock=said.get("resumesClock") == "true",
        ends_processing=said.get("endsProcessing") == "true",
        single_officer=said.get("singleOfficer") == "true",
        order=int(said.get("order") or 0),
        agency=lane.agency if lane else None,
        outcomes=tuple(
            (each.get("value") or "", each.get("label") or each.get("value") or "") for each in _all(said, "outcome")
        ),
        inputs=tuple(each.get("name") or "" for each in _all(said, "input")),
        role=said.get("role") or None,
        form=said.get("form") or None,
        issues=tuple((said.get("issues") or "").split()),
        counts_in_limit=said.get("countsInLimit") != "false",
        decision=said.get("decision") or "granted",
        last=node in last,
    )


def _all(step: etree._Element, name: str) -> list[etree._Element]:
    return list(step.iterchildren(f"{{{MOTCUA}}}{name}"))


def _stages(tasks: list[etree._Element]) -> tuple[StageFacts, ...]:
    stages: dict[int, StageFacts] = {}
    for task in tasks:
        said = extension(task, "step")
        no = int(said.attrib["stage"]) if said is not None else 0
        if said is not None and no > 0:
            unit = said.attrib["unit"]
            stages.setdefault(no, StageFacts(no, unit, said.get("stageLabel") or unit, said.attrib["stageLimit"]))
    return tuple(stages[no] for no in sorted(stages))


def _handovers(processes: list[etree._Element]) -> dict[str, HandoverFacts]:
    found = {}
    for process in processes:
        for event in process.iter(tag("intermediateThrowEvent")):
            said = extension(event, "handover")
            if said is not None:
                node = event.attrib["id"]
                found[node] = HandoverFacts(node, said.attrib["from"], said.attrib["to"])
    return found
