"""What foreign drawings leave to the reader, written down: splits without gateways, starts, ends, defaults."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from lxml import etree

from bpmn.elements import kind
from bpmn.foreign.conditions import negates
from bpmn.foreign.copy import is_node
from bpmn.foreign.ids import Ids
from bpmn.foreign.notes import Notes
from bpmn.foreign.outcomes import derive_outcomes, forget
from bpmn.own_elements import step_of
from bpmn.xml import extension, tag


class Graph:
    """The nodes and flows of one copied process or subprocess."""

    def __init__(self, scope: etree._Element, ids: Ids, notes: Notes) -> None:
        self.scope = scope
        self.ids = ids
        self.notes = notes
        self.nodes = {each.get("id") or "": each for each in scope.iterchildren() if is_node(kind(each))}
        self.leaving: dict[str, list[etree._Element]] = defaultdict(list)
        self.entering: dict[str, list[etree._Element]] = defaultdict(list)
        for flow in scope.iterchildren(tag("sequenceFlow")):
            self.leaving[flow.get("sourceRef") or ""].append(flow)
            self.entering[flow.get("targetRef") or ""].append(flow)

    def complete(self) -> None:
        """Write down what the drawing implies, and say so."""
        self._ends()
        self._start()
        for node in list(self.nodes.values()):
            if not kind(node).endswith("Gateway"):
                self._split(node)
            elif kind(node) in ("exclusiveGateway", "inclusiveGateway") and not self._outcomes(node):
                self._default(node)

    def _plain(self) -> Iterator[tuple[str, etree._Element]]:
        """Yield the nodes that flows should lead through: no event subprocesses."""
        for identity, node in self.nodes.items():
            if node.get("triggeredByEvent") != "true":
                yield identity, node

    def _ends(self) -> None:
        if any(kind(node) == "endEvent" for node in self.nodes.values()):
            return
        last = [identity for identity, _ in self._plain() if not self.leaving[identity]]
        for identity in last:
            end = self._add("endEvent", "end")
            self._connect(identity, end)
            self.notes.warn("end-made", identity, "Nothing follows here and the drawing has no end; an end is added.")

    def _start(self) -> None:
        if any(kind(node) == "startEvent" for node in self.nodes.values()):
            return
        first = [
            identity
            for identity, node in self._plain()
            if not self.entering[identity] and kind(node) not in ("boundaryEvent", "endEvent")
        ]
        if not first:
            return
        at = self._add("startEvent", "start")
        text = "The drawing has no start; it begins here."
        if len(first) > 1:
            fork = self._add("parallelGateway", "fork")
            self._connect(at, fork)
            at = fork
            text = "The drawing has no start; what nothing leads to begins at once, side by side."
        for identity in first:
            self._connect(at, identity)
            self.notes.warn("start-made", identity, text)

    def _split(self, node: etree._Element) -> None:
        identity = node.get("id") or ""
        default = node.attrib.pop("default", None)
        flows = self.leaving[identity]
        if len(flows) < 2:
            for flow in flows:
                self._unconditional(flow)
            return
        conditional = any(flow.find(tag("conditionExpression")) is not None for flow in flows)
        what = "inclusiveGateway" if conditional else "parallelGateway"
        gateway = self._add(what, "split")
        for flow in list(flows):
            flow.set("sourceRef", gateway)
            self.leaving[gateway].append(flow)
        flows.clear()
        self._connect(identity, gateway)
        message = f"Several flows leave without a gateway; a {what} is added after it."
        self.notes.warn("split-made", identity, message)
        if conditional:
            if default is not None:
                self.nodes[gateway].set("default", default)
            self._default(self.nodes[gateway])

    def _outcomes(self, gateway: etree._Element) -> bool:
        entering = self.entering[gateway.get("id") or ""]
        task = self.nodes.get(entering[0].get("sourceRef") or "") if len(entering) == 1 else None
        if task is None or kind(task) != "userTask" or len(self.leaving[task.get("id") or ""]) != 1:
            return False
        step = extension(task, "step")
        flows = self.leaving[gateway.get("id") or ""]
        if not derive_outcomes(gateway, flows, made := step_of(task), task, self.notes):
            if step is None:
                forget(made)
            return False
        return True

    def _unconditional(self, flow: etree._Element) -> None:
        condition = flow.find(tag("conditionExpression"))
        if condition is not None:
            message = "The only flow out of a step has a condition: without it nothing follows. Use a gateway with two."
            self.notes.refuse("condition-place", flow.get("id") or "", message)

    def _default(self, gateway: etree._Element) -> None:
        """Find the default flow of a choice where the drawing leaves no doubt which it is."""
        flows = self.leaving[gateway.get("id") or ""]
        if len(flows) < 2:
            for flow in flows:
                self._drop_condition(flow)
            gateway.attrib.pop("default", None)
            return
        named = next((flow for flow in flows if flow.get("id") == gateway.get("default")), None)
        if named is None:
            gateway.attrib.pop("default", None)
            named = self._evident(gateway, flows)
        if named is not None:
            gateway.set("default", named.get("id") or "")
            self._drop_condition(named)

    def _evident(self, gateway: etree._Element, flows: list[etree._Element]) -> etree._Element | None:
        bare = [flow for flow in flows if flow.find(tag("conditionExpression")) is None]
        found: etree._Element | None = None
        if kind(gateway) == "exclusiveGateway" and len(bare) == 1:
            found = bare[0]
        elif len(flows) == 2 and not bare:
            texts = [flow.findtext(tag("conditionExpression")) or "" for flow in flows]
            found = flows[1] if negates(*texts) else None
        if found is not None:
            message = "The choice has no default flow; the one that is left when the others are not taken is it now."
            self.notes.warn("default-derived", found.get("id") or "", message)
        return found

    def _drop_condition(self, flow: etree._Element) -> None:
        for condition in flow.findall(tag("conditionExpression")):
            flow.remove(condition)

    def _add(self, what: str, name: str) -> str:
        identity = self.ids.made(name)
        node = etree.SubElement(self.scope, tag(what))
        node.set("id", identity)
        self.nodes[identity] = node
        return identity

    def _connect(self, source: str, target: str) -> None:
        flow = etree.SubElement(self.scope, tag("sequenceFlow"))
        flow.set("id", self.ids.made("flow"))
        flow.set("sourceRef", source)
        flow.set("targetRef", target)
        self.leaving[source].append(flow)
        self.entering[target].append(flow)
