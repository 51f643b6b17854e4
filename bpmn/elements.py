"""An index over a parsed model: processes with their nodes, flows and lanes, for the rules of the linter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from bpmn.names import BPMN
from bpmn.xml import extension, tag

FLOW_NODES = frozenset(
    {
        "startEvent",
        "endEvent",
        "userTask",
        "exclusiveGateway",
        "eventBasedGateway",
        "callActivity",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
    }
)


def kind(element: etree._Element) -> str:
    """Return the local name of a BPMN element, or its full tag when it is of another namespace."""
    name = element.tag
    return name.removeprefix(f"{{{BPMN}}}") if isinstance(name, str) else "comment"


def identity(element: etree._Element) -> str:
    """Return how a finding names an element: its id, else its kind and line."""
    return (element.get("id") or f"{kind(element)} in line {element.sourceline}")[:120]


@dataclass(frozen=True)
class Process:
    """One process of the file."""

    element: etree._Element
    nodes: dict[str, etree._Element] = field(default_factory=dict)
    flows: list[etree._Element] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Return the id of the process."""
        return self.element.get("id") or ""

    @property
    def is_top(self) -> bool:
        """Tell whether this process names the procedure, so that a dossier starts here."""
        return extension(self.element, "procedure") is not None

    @cached_property
    def children(self) -> set[str]:
        """Return the ids of all elements of the process, those included that are not allowed."""
        return {child.get("id") or "" for child in self.element.iterchildren()}

    @cached_property
    def outgoing(self) -> dict[str, list[etree._Element]]:
        """Return the flows that leave each node."""
        return self._grouped("sourceRef")

    @cached_property
    def incoming(self) -> dict[str, list[etree._Element]]:
        """Return the flows that enter each node."""
        return self._grouped("targetRef")

    @cached_property
    def borders(self) -> dict[str, list[str]]:
        """Return the boundary events of each host."""
        found: dict[str, list[str]] = defaultdict(list)
        for node, element in self.nodes.items():
            if kind(element) == "boundaryEvent":
                found[element.get("attachedToRef") or ""].append(node)
        return found

    @cached_property
    def lane_of(self) -> dict[str, etree._Element]:
        """Return the lane of each node that is in one; of nested lanes the innermost."""
        found: dict[str, etree._Element] = {}
        for lane in self.element.iter(tag("lane")):
            for reference in lane.findall(tag("flowNodeRef")):
                found[(reference.text or "").strip()] = lane
        return found

    def of_kind(self, *kinds: str) -> Iterator[etree._Element]:
        """Return the nodes of some kinds."""
        return (element for element in self.nodes.values() if kind(element) in kinds)

    def _grouped(self, end: str) -> dict[str, list[etree._Element]]:
        found: dict[str, list[etree._Element]] = defaultdict(list)
        for flow in self.flows:
            found[flow.get(end) or ""].append(flow)
        return found


@dataclass(frozen=True)
class Document:
    """A whole file."""

    root: etree._Element
    processes: tuple[Process, ...]
    messages: dict[str, str]

    @classmethod
    def index(cls, root: etree._Element) -> Document:
        """Return the index of a parsed file."""
        processes = []
        for element in root.iterchildren(tag("process")):
            process = Process(element)
            for child in element.iterchildren():
                if kind(child) in FLOW_NODES:
                    process.nodes.setdefault(child.get("id") or "", child)
                elif kind(child) == "sequenceFlow":
                    process.flows.append(child)
            processes.append(process)
        messages = {item.get("id") or "": item.get("name") or "" for item in root.iterchildren(tag("message"))}
        return cls(root, tuple(processes), messages)
