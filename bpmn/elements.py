"""An index over a parsed model: processes and subprocesses with their nodes, flows and lanes, for rules on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from bpmn.names import BPMN, PART_PREFIX
from bpmn.vocabulary import DETAILS, FLOW_NODES, WORDS
from bpmn.xml import extension, tag

__all__ = ["FLOW_NODES", "Document", "Process", "identity", "kind"]


def kind(element: etree._Element) -> str:
    """Return the local name of a BPMN element, or its full tag when it is of another namespace."""
    name = element.tag
    return name.removeprefix(f"{{{BPMN}}}") if isinstance(name, str) else "comment"


def identity(element: etree._Element) -> str:
    """Return how a finding names an element: the id of what is drawn, which may be around it, else kind and line."""
    at = element
    while (around := at.getparent()) is not None and _belongs(at, around):
        at = around
    return (at.get("id") or element.get("id") or f"{kind(element)} in line {element.sourceline}")[:120]


def _belongs(element: etree._Element, around: etree._Element) -> bool:
    """Tell whether an element is a detail of the one around it rather than something of its own in a diagram."""
    name, holder = kind(element), kind(around)
    if holder in ("definitions", "collaboration") or (name in WORDS and name not in DETAILS):
        return False
    return name in DETAILS or holder in DETAILS or holder.startswith("{") or holder in FLOW_NODES - {"subProcess"}


@dataclass(frozen=True)
class Process:
    """One process of the file, or a subprocess in one: then `around` is what it lies in."""

    element: etree._Element
    nodes: dict[str, etree._Element] = field(default_factory=dict)
    flows: list[etree._Element] = field(default_factory=list)
    around: Process | None = None

    @property
    def id(self) -> str:
        """Return the id of the process."""
        return self.element.get("id") or ""

    @property
    def is_top(self) -> bool:
        """Tell whether this process names the procedure, so that a dossier starts here."""
        return extension(self.element, "procedure") is not None

    @property
    def is_part(self) -> bool:
        """Tell whether this process is, or lies in, a part of the library or its copy, which has no lanes."""
        name = self.top.id
        return name.startswith(PART_PREFIX) or f"__{PART_PREFIX}" in name

    @property
    def is_event_subprocess(self) -> bool:
        """Tell whether an event starts this subprocess, beside the flows."""
        return self.around is not None and self.element.get("triggeredByEvent") == "true"

    @property
    def top(self) -> Process:
        """Return the process that this subprocess lies in, or the process itself."""
        at = self
        while at.around is not None:
            at = at.around
        return at

    @property
    def depth(self) -> int:
        """Return how many processes and subprocesses this one lies in."""
        at, depth = self, 0
        while at.around is not None:
            at, depth = at.around, depth + 1
        return depth

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
        """Return the lane of each node that is in one, of nested lanes the innermost; a subprocess lends its own."""
        if self.around is not None:
            said, own = self.top.lane_of, self.around.lane_of.get(self.id)
            lanes = {node: said.get(node, own) for node in self.nodes}
            return {node: lane for node, lane in lanes.items() if lane is not None}
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
    """A whole file: its processes, and `scopes`, which are the processes and all subprocesses in them.

    `messages`, `errors` and `escalations` map ids to the name or code that counts.
    """

    root: etree._Element
    processes: tuple[Process, ...]
    scopes: tuple[Process, ...]
    messages: dict[str, str]
    errors: dict[str, str]
    escalations: dict[str, str]

    @cached_property
    def scopes_in(self) -> dict[str, list[Process]]:
        """Return the scopes of each process, by its id; the process itself is the first."""
        found: dict[str, list[Process]] = {process.id: [] for process in self.processes}
        for scope in self.scopes:
            found[scope.top.id].append(scope)
        return found

    @classmethod
    def index(cls, root: etree._Element) -> Document:
        """Return the index of a parsed file."""
        processes = tuple(_process(element, None) for element in root.iterchildren(tag("process")))
        scopes = tuple(scope for process in processes for scope in _with_inner(process))
        named = (
            {item.get("id") or "": item.get(attribute) or "" for item in root.iterchildren(tag(name))}
            for name, attribute in (("message", "name"), ("error", "errorCode"), ("escalation", "escalationCode"))
        )
        return cls(root, processes, scopes, *named)


def _process(element: etree._Element, around: Process | None) -> Process:
    process = Process(element, around=around)
    for child in element.iterchildren():
        if kind(child) in FLOW_NODES:
            process.nodes.setdefault(child.get("id") or "", child)
        elif kind(child) == "sequenceFlow":
            process.flows.append(child)
    return process


def _with_inner(process: Process) -> Iterator[Process]:
    """Yield a process and all subprocesses in it, outer ones first, without recursion."""
    waiting = [process]
    while waiting:
        at = waiting.pop(0)
        yield at
        waiting.extend(_process(inner, at) for inner in at.of_kind("subProcess"))
