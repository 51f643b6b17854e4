"""What tasks say of themselves in `motcua:step`, as far as the rules on a whole process ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from bpmn.elements import Document, Process, kind
from bpmn.names import MOTCUA
from bpmn.phases import Phase
from bpmn.xml import extension


@dataclass(frozen=True, slots=True)
class Said:
    """A user task. `stage` is 0 for the tasks of the frame and for steps beside the others."""

    node: str
    unit: str
    stage: int
    stage_limit: str
    limit: str | None
    phase: str
    pauses: bool
    resumes: bool
    ends: bool
    counts: bool
    decision: str
    inputs: tuple[str, ...]
    is_frame: bool

    @property
    def is_return(self) -> bool:
        """Tell whether the step gives the result to the citizen."""
        return self.phase == Phase.RETURN


def steps_of(document: Document) -> Mapping[str, Said]:
    """Return what each user task of a file says, by node id."""
    return {
        said.node: said
        for scope in document.scopes
        for element in scope.of_kind("userTask")
        for said in [_said(scope, element)]
    }


def _said(scope: Process, element: etree._Element) -> Said:
    step = extension(element, "step")
    given = {} if step is None else {str(name): str(value) for name, value in step.attrib.items()}
    inputs = () if step is None else tuple(each.get("name") or "" for each in step.iterchildren(f"{{{MOTCUA}}}input"))
    stage = given.get("stage", "0")
    return Said(
        node=element.get("id") or "",
        unit=given.get("unit", ""),
        stage=int(stage) if stage.isdigit() else 0,
        stage_limit=given.get("stageLimit", ""),
        limit=given.get("limit"),
        phase=given.get("phase", ""),
        pauses=given.get("pausesClock") == "true",
        resumes=given.get("resumesClock") == "true",
        ends=given.get("endsProcessing") == "true",
        counts=given.get("countsInLimit") != "false",
        decision=given.get("decision", "granted"),
        inputs=inputs,
        is_frame=scope.is_top and any(kind(each) == "callActivity" for each in scope.nodes.values()) and stage == "0",
    )
