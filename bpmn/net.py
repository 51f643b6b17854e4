"""A model compiled for running: nodes, flows and scopes by id, read once from the XML and shared by all threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from lxml import etree

from bpmn.elements import kind
from bpmn.errors import InvalidModelError
from bpmn.names import MOTCUA
from bpmn.xml import extension, tag


class Kind(StrEnum):
    """What a node does when a token reaches it."""

    START = "startEvent"
    END = "endEvent"
    CATCH = "intermediateCatchEvent"
    THROW = "intermediateThrowEvent"
    BOUNDARY = "boundaryEvent"
    USER = "userTask"
    SERVICE = "serviceTask"
    DECISION = "businessRuleTask"
    XOR = "exclusiveGateway"
    AND = "parallelGateway"
    OR = "inclusiveGateway"
    EVENTS = "eventBasedGateway"
    CALL = "callActivity"
    SUB = "subProcess"


class TriggerKind(StrEnum):
    """What an event throws or waits for."""

    MESSAGE = "message"
    ERROR = "error"
    ESCALATION = "escalation"
    TERMINATE = "terminate"


@dataclass(frozen=True, slots=True)
class Trigger:
    """What an event is about; an error or escalation event without a name catches any."""

    kind: TriggerKind
    name: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is None where there is none."""

    id: str
    source: str
    target: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class Multi:
    """How often an activity is done: `number` is an expression, `prefix` names the variables of its items."""

    number: str
    sequential: bool
    prefix: str | None


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. `scope` is the process or sub-process around it, `opens` the one that it opens when entered."""

    id: str
    kind: Kind
    scope: str
    outgoing: tuple[Flow, ...]
    incoming: tuple[str, ...]
    default: str | None
    trigger: Trigger | None
    host: str | None
    interrupting: bool
    opens: str | None
    borders: tuple[str, ...]
    multi: Multi | None
    outcomes: tuple[str, ...]
    service: tuple[str, str] | None
    decision: str | None
    wait: str | None


@dataclass(frozen=True, slots=True)
class Scope:
    """A process or sub-process: the node at which it starts and the event sub-processes that may begin in it.

    `events` are pairs of an event sub-process and its start event.
    """

    id: str
    start: str
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """All nodes, flows and scopes of a file; ids are unique in it."""

    top: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    scopes: Mapping[str, Scope]

    def opened_at(self, place: str) -> str | None:
        """Return the scope of the tokens inside one that rests at a place: the process's own has no place, `""`."""
        if not place:
            return self.top
        node = self.nodes.get(place)
        return None if node is None else node.opens

    def inside(self, scope: str) -> tuple[Node, ...]:
        """Return the nodes of a scope and of all scopes that open in it; a call cycle ends where it closes."""
        found: list[Node] = []
        seen: set[str] = set()
        waiting = [scope]
        while waiting:
            at = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            nodes = [node for node in self.nodes.values() if node.scope == at]
            found.extend(nodes)
            waiting.extend(node.opens for node in nodes if node.opens)
        return tuple(found)


def last_tasks(net: Net) -> frozenset[str]:
    """Return the user tasks after which no other follows on any way, whatever happens at borders."""
    holders: dict[str, list[str]] = {}
    for node in net.nodes.values():
        if node.opens is not None:
            holders.setdefault(node.opens, []).append(node.id)
    return frozenset(
        node.id for node in net.nodes.values() if node.kind is Kind.USER and not _tasks_after(net, node, holders)
    )


def _tasks_after(net: Net, start: Node, holders: Mapping[str, list[str]]) -> bool:
    """Tell whether a task can be reached from a node: along flows, into calls, and out of the scope where it ends."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        out = [net.nodes[flow.target] for flow in node.outgoing]
        if not out:  # the scope may end here; of an event sub-process the one around it, too
            around = [net.nodes[holder] for holder in holders.get(node.scope, ()) if holder not in seen]
            seen.update(holder.id for holder in around)
            waiting.extend(around)
        for target in out:
            if target.kind is Kind.USER:
                return True
            if target.id not in seen:
                seen.add(target.id)
                waiting.append(target)
                if target.opens is not None and target.opens in net.scopes:
                    waiting.append(net.nodes[net.scopes[target.opens].start])
    return False


_DEFINITIONS = {f"{each.value}EventDefinition": each for each in TriggerKind}
_REFERENCE = {
    TriggerKind.MESSAGE: ("messageRef", "message", "name"),
    TriggerKind.ERROR: ("errorRef", "error", "errorCode"),
    TriggerKind.ESCALATION: ("escalationRef", "escalation", "escalationCode"),
}


def compile_net(root: etree._Element, top: str) -> Net:
    """Return the net of a linted file that starts with process `top`.

    Raises: InvalidModelError when a part that the interpreter needs is missing.
    """
    reader = _Reader(root)
    for process in root.iterchildren(tag("process")):
        reader.read(process)
    missing = next((node for node in reader.nodes.values() if node.opens and node.opens not in reader.scopes), None)
    if missing is not None:
        raise InvalidModelError(f"{missing.id}: calls `{(missing.opens or '')[:80]}`, which the file does not have.")
    if top not in reader.scopes:
        raise InvalidModelError(f"The file has no process `{top[:80]}` with a start event.")
    return Net(top, MappingProxyType(reader.nodes), MappingProxyType(reader.flows), MappingProxyType(reader.scopes))


class _Reader:
    """Collects the nodes of all scopes of one file."""

    def __init__(self, root: etree._Element) -> None:
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.scopes: dict[str, Scope] = {}
        self._names = {
            (name, item.get("id") or ""): item.get(attribute) or ""
            for _, name, attribute in _REFERENCE.values()
            for item in root.iterchildren(tag(name))
        }

    def read(self, holder: etree._Element) -> None:
        """Read a process or sub-process and what lies in it."""
        scope = holder.get("id") or ""
        flows = [self._flow(each) for each in holder.iterchildren(tag("sequenceFlow"))]
        self.flows.update((flow.id, flow) for flow in flows)
        elements = [each for each in holder.iterchildren() if kind(each) in frozenset(Kind)]
        borders = [each for each in elements if kind(each) == Kind.BOUNDARY]
        for element in elements:
            node = self._node(element, scope, flows, borders)
            self.nodes[node.id] = node
            if node.kind is Kind.SUB:
                self.read(element)
        starts = [each for each in elements if kind(each) == Kind.START]
        if starts:
            self.scopes[scope] = Scope(scope, starts[0].get("id") or "", self._events(elements))

    def _events(self, elements: list[etree._Element]) -> tuple[tuple[str, str], ...]:
        subs = [each for each in elements if kind(each) == Kind.SUB and each.get("triggeredByEvent") == "true"]
        return tuple((sub.get("id") or "", self.scopes[sub.get("id") or ""].start) for sub in subs)

    def _flow(self, element: etree._Element) -> Flow:
        condition = element.find(tag("conditionExpression"))
        text = None if condition is None else (condition.text or "").strip()
        source, target = element.get("sourceRef") or "", element.get("targetRef") or ""
        return Flow(element.get("id") or "", source, target, text)

    def _node(
        self, element: etree._Element, scope: str, flows: list[Flow], borders: list[etree._Element]
    ) -> Node:  # fmt: skip
        node, what = element.get("id") or "", Kind(kind(element))
        opens = {Kind.CALL: element.get("calledElement"), Kind.SUB: node}.get(what)
        called, decided, waited = (extension(element, name) for name in ("service", "decision", "wait"))
        step = extension(element, "step")
        flag = "isInterrupting" if what is Kind.START else "cancelActivity"
        return Node(
            id=node,
            kind=what,
            scope=scope,
            outgoing=tuple(flow for flow in flows if flow.source == node),
            incoming=tuple(flow.id for flow in flows if flow.target == node),
            default=element.get("default"),
            trigger=self._trigger(element),
            host=element.get("attachedToRef"),
            interrupting=element.get(flag, "true") == "true",
            opens=opens,
            borders=tuple(each.get("id") or "" for each in borders if each.get("attachedToRef") == node),
            multi=_multi(element),
            outcomes=_outcomes(step),
            service=None if called is None else (called.get("name") or "", called.get("value") or ""),
            decision=None if decided is None else decided.get("ref"),
            wait=None if waited is None else waited.get("after"),
        )

    def _trigger(self, element: etree._Element) -> Trigger | None:
        for child in element.iterchildren():
            what = _DEFINITIONS.get(kind(child))
            if what is None:
                continue
            if what is TriggerKind.TERMINATE:
                return Trigger(what, "")
            attribute, name, _ = _REFERENCE[what]
            return Trigger(what, self._names.get((name, child.get(attribute) or ""), ""))
        return None


def _outcomes(step: etree._Element | None) -> tuple[str, ...]:
    named = () if step is None else step.iterchildren(f"{{{MOTCUA}}}outcome")
    return tuple(each.get("value") or "" for each in named)


def _multi(element: etree._Element) -> Multi | None:
    said = element.find(tag("multiInstanceLoopCharacteristics"))
    if said is None:
        return None
    each = extension(element, "each")
    number = (said.findtext(tag("loopCardinality")) or "").strip()
    return Multi(number, said.get("isSequential") == "true", None if each is None else each.get("prefix"))
