"""Small drawn processes, written as lanes, nodes and ways through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from lxml import etree

from bpmn.autolayout import lay_out
from bpmn.names import BPMN, MOTCUA, NAMESPACES

# Kind or part (or `error CODE on HOST`: an event on its border), unit of its lane, attributes of `motcua:step`.
Node = tuple[str, str, Mapping[str, str]]


def a_source(
    *,
    lanes: Mapping[str, str],
    nodes: Mapping[str, Node],
    flows: Sequence[str],
    code: str = "9.000001",
    limit: str = "3 working_day",
) -> str:
    """Return a source: `lanes` maps names to units, `flows` are ways such as `start > take > end`."""
    root = etree.Element(f"{{{BPMN}}}definitions", nsmap=NAMESPACES, id="definitions_1", targetNamespace=MOTCUA)
    process = _add(root, "process", id="drawn", name="Thủ tục thử", isExecutable="true")
    named = {"code": code, "name": "Thủ tục thử", "limit": limit}
    etree.SubElement(_add(process, "extensionElements"), f"{{{MOTCUA}}}procedure", named)
    lane_set = _add(process, "laneSet", id="lanes")
    for name, unit in lanes.items():
        lane = _add(lane_set, "lane", id=f"lane_{unit}", name=name)
        etree.SubElement(_add(lane, "extensionElements"), f"{{{MOTCUA}}}lane", {"unit": unit})
        for node, (_, where, _) in nodes.items():
            if where == unit:
                _add(lane, "flowNodeRef").text = node
    for node, (kind, _, step) in nodes.items():
        _node(process, node, kind, step)
    for way in flows:
        for source, target in pairwise(each.strip() for each in way.split(">")):
            _add(process, "sequenceFlow", id=f"flow_{source}_{target}", sourceRef=source, targetRef=target)
    return lay_out(etree.tostring(root, encoding="unicode"))


def _node(process: etree._Element, node: str, kind: str, step: Mapping[str, str]) -> None:
    if kind.startswith("error "):
        _, code, _, host = kind.split()
        error = etree.Element(f"{{{BPMN}}}error", {"id": f"error_{code}", "name": code, "errorCode": code})
        process.addprevious(error)
        event = _add(process, "boundaryEvent", id=node, name=f"Bước {node}", attachedToRef=host)
        _add(event, "errorEventDefinition", id=f"{node}_error", errorRef=f"error_{code}")
        return
    is_part = kind.startswith("part_")
    element = _add(process, "callActivity" if is_part else kind, id=node, name=f"Bước {node}")
    if is_part:
        element.set("calledElement", kind)
    if is_part or kind == "userTask":
        etree.SubElement(_add(element, "extensionElements"), f"{{{MOTCUA}}}step", dict(step))


def _add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{BPMN}}}{tag}", attributes)
