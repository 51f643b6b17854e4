"""Where a foreign process ends the office's work: drawings of others do not say it, and the clock needs it.

The rule is that of step tables: the last step returns the result, the one before it ends processing.
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from bpmn.elements import kind
from bpmn.foreign.ids import Ids
from bpmn.foreign.notes import Notes
from bpmn.names import PART_PREFIX
from bpmn.own_elements import step_of
from bpmn.placement.ranks import Link, rank_nodes
from bpmn.xml import extension, tag

RETURN = "Trả kết quả"


def end_processing(process: etree._Element, called: Mapping[str, etree._Element], ids: Ids, notes: Notes) -> None:
    """Mark the step that ends processing if none is, and add the step that returns the result where it is missing.

    `called` are the other processes of the file by id: where the step is a call of one, its last task is marked.
    """
    everywhere = [
        task for each in (process, *called.values()) for task in each.iter(tag("userTask"), tag("callActivity"))
    ]
    said = (extension(task, "step") for task in everywhere)
    if any(step is not None and step.get("endsProcessing") == "true" for step in said):
        return
    ways = _Ways(process)
    if not ways.steps or any((each.get("calledElement") or "").startswith(PART_PREFIX) for each in ways.steps):
        return
    certain = [each for each in ways.steps if ways.is_on_every(each)]
    if len(certain) > 1:
        chosen = certain[-2]
    else:
        chosen = certain[0] if certain else ways.steps[-2:][0]
        if chosen is ways.steps[-1]:
            _add_return(process, chosen, ids, notes)
    inner = called.get(chosen.get("calledElement") or "")
    if inner is not None:
        chosen = next((each for each in _Ways(inner).steps[::-1] if kind(each) == "userTask"), chosen)
    step_of(chosen).set("endsProcessing", "true")
    message = "No step ends processing; this one is taken to, as the last returns the result. Mark another if need be."
    notes.warn("ends-missing", chosen.get("id") or "", message)


def _add_return(process: etree._Element, last: etree._Element, ids: Ids, notes: Notes) -> None:
    """Put the step that returns the result between the only step and the only end."""
    ends = process.findall(tag("endEvent"))
    flows = [flow for flow in process.iterchildren(tag("sequenceFlow")) if flow.get("targetRef") == ends[0].get("id")]
    if len(ends) != 1 or len(flows) != 1:
        return
    task = etree.Element(tag("userTask"))
    task.set("id", ids.made("return"))
    task.set("name", RETURN)
    process.insert(process.index(last) + 1, task)
    flows[0].set("targetRef", task.get("id") or "")
    flow = etree.SubElement(process, tag("sequenceFlow"))
    flow.set("id", ids.made("flow"))
    flow.set("sourceRef", task.get("id") or "")
    flow.set("targetRef", ends[0].get("id") or "")
    lane = next((each for each in process.iter(tag("lane")) if each.find(tag("flowNodeRef")) is not None), None)
    if lane is not None:
        etree.SubElement(lane, tag("flowNodeRef")).text = task.get("id")
    notes.warn(
        "return-missing", task.get("id") or "", f"The process has one step; the step `{RETURN}` is added after it."
    )


class _Ways:
    """The ways through a process; flows that go back are not followed for its steps."""

    def __init__(self, process: etree._Element) -> None:
        self.nodes = {
            each.get("id") or "": each
            for each in process.iterchildren()
            if each.get("id") and kind(each) not in ("sequenceFlow", "laneSet")
        }
        links = [
            Link(flow.get("id") or "", flow.get("sourceRef") or "", flow.get("targetRef") or "")
            for flow in process.iterchildren(tag("sequenceFlow"))
            if flow.get("sourceRef") in self.nodes and flow.get("targetRef") in self.nodes
        ]
        self.after: dict[str, list[str]] = {node: [] for node in self.nodes}
        for link in links:
            self.after[link.source].append(link.target)
        for node, each in self.nodes.items():
            if each.get("attachedToRef") in self.after:
                self.after[each.get("attachedToRef") or ""].append(node)
        self.steps = [each for each in self._longest(links) if kind(each) in ("userTask", "callActivity")]

    def is_on_every(self, step: etree._Element) -> bool:
        """Tell whether every way to an end leads over a step just once."""
        node = step.get("id") or ""
        starts = [each for each, element in self.nodes.items() if kind(element) == "startEvent"]
        around = self._reached(starts, without=node)
        repeated = step.find(tag("multiInstanceLoopCharacteristics")) is not None
        again = node in self._reached(self.after[node], without=None)
        return not repeated and not again and not any(kind(self.nodes[each]) == "endEvent" for each in around)

    def _reached(self, first: list[str], without: str | None) -> set[str]:
        found: set[str] = set()
        waiting = [each for each in first if each != without]
        while waiting:
            at = waiting.pop()
            if at not in found:
                found.add(at)
                waiting.extend(each for each in self.after[at] if each != without)
        return found

    def _longest(self, links: list[Link]) -> list[etree._Element]:
        if not self.nodes:
            return []
        rank = rank_nodes(list(self.nodes), links)
        before = {
            link.target: link.source for link in rank.forward if rank.rank[link.source] + 1 == rank.rank[link.target]
        }
        at: str | None = max(self.nodes, key=lambda each: rank.rank[each])
        way = []
        while at is not None:
            way.append(self.nodes[at])
            at = before.get(at)
        return way[::-1]
