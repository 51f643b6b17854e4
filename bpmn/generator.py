"""Executable BPMN 2.0 from a step table: one file with two drawn pools, the same bytes for the same table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lxml import etree

from bpmn.drawing import Edge, Extension, Lane, Node, Pool
from bpmn.layout import Box
from bpmn.names import BPMN, BPMNDI, DC, DI, MESSAGES, MOTCUA, NAMESPACES, XSI
from bpmn.shell_pool import build_shell_pool
from bpmn.steps_pool import build_steps_pool, identifier, next_top, unit_names
from bpmn.tables import StepTable

_NO_NAMES: Mapping[str, str] = MappingProxyType({})


def build(table: StepTable, names: Mapping[str, str] = _NO_NAMES) -> str:
    """Return the BPMN model of a procedure as XML text.

    `names` gives units the names that lanes show; a unit without one shows its first label in the table. The result
    is deterministic in both arguments. One process holds the steps, the other, the executable one, the fragments
    that all procedures share; both are drawn (docs/decisions/0007).
    """
    units = unit_names(table, names)
    first = table.steps[0].unit
    code = identifier(table.code)
    procedure = [("code", table.code), ("name", table.name), ("limit", table.limit)]
    if table.fee_vnd is not None:
        procedure.append(("feeVnd", str(table.fee_vnd)))
    extension = Extension("procedure", tuple(procedure))
    shell = build_shell_pool(f"case_{code}", f"steps_{code}", f"Hồ sơ: {table.name}", first, units[first], extension)
    steps = build_steps_pool(table, names, next_top(shell))
    return _render(code, (shell, steps))


def _render(code: str, pools: tuple[Pool, ...]) -> str:
    root = etree.Element(f"{{{BPMN}}}definitions", nsmap=NAMESPACES)
    root.set("id", f"definitions_{code}")
    root.set("targetNamespace", MOTCUA)
    collaboration = _child(root, "collaboration", id=f"collaboration_{code}")
    for pool in pools:
        _child(collaboration, "participant", id=pool.id, name=pool.name, processRef=pool.process)
    for message in MESSAGES:
        _child(root, "message", id=_message_id(message), name=message)
    for pool in pools:
        _render_process(root, pool)
    _render_diagram(root, collaboration.get("id") or "", pools)
    etree.indent(root, space="  ")
    return etree.tostring(root, encoding="unicode") + "\n"


def _child(parent: etree._Element, tag: str, namespace: str = BPMN, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{namespace}}}{tag}")
    for name, value in attributes.items():
        child.set(name, value)
    return child


def _extend(parent: etree._Element, extension: Extension) -> None:
    holder = _child(parent, "extensionElements")
    element = _child(holder, extension.tag, MOTCUA)
    for name, value in extension.attributes:
        element.set(name, value)


def _message_id(message: str) -> str:
    return f"message_{identifier(message)}"


def _render_process(root: etree._Element, pool: Pool) -> None:
    process = _child(root, "process", id=pool.process, name=pool.name, isExecutable="true")
    if pool.extension is not None:
        _extend(process, pool.extension)
    lanes = _child(process, "laneSet", id=f"{pool.id}_lanes")
    for lane in pool.lanes:
        _render_lane(lanes, lane, pool)
    for node in pool.nodes:
        _render_node(process, node, pool.edges)
    for edge in pool.edges:
        flow = _child(process, "sequenceFlow", id=edge.id, sourceRef=edge.source, targetRef=edge.target)
        if edge.name:
            flow.set("name", edge.name)
        if edge.condition is not None:
            condition = _child(flow, "conditionExpression")
            condition.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
            condition.text = edge.condition


def _render_lane(parent: etree._Element, lane: Lane, pool: Pool) -> None:
    element = _child(parent, "lane", id=lane.id, name=lane.name)
    if lane.unit is not None:
        _extend(element, Extension("lane", (("unit", lane.unit),)))
    for node in pool.nodes:
        if node.lane == lane.id:
            _child(element, "flowNodeRef").text = node.id


def _render_node(process: etree._Element, node: Node, edges: tuple[Edge, ...]) -> None:
    element = _child(process, node.tag, id=node.id, **_node_attributes(node))
    if node.extension is not None:
        _extend(element, node.extension)
    for edge in edges:
        if edge.target == node.id:
            _child(element, "incoming").text = edge.id
    for edge in edges:
        if edge.source == node.id:
            _child(element, "outgoing").text = edge.id
    if node.message is not None:
        _child(element, "messageEventDefinition", id=f"{node.id}_message", messageRef=_message_id(node.message))
    if node.terminates:
        _child(element, "terminateEventDefinition", id=f"{node.id}_terminate")


def _node_attributes(node: Node) -> dict[str, str]:
    attributes = {
        "name": node.name or None,
        "calledElement": node.calls,
        "default": node.default,
        "attachedToRef": node.attached,
        "cancelActivity": None if node.attached is None else str(node.interrupting).lower(),
    }
    return {name: value for name, value in attributes.items() if value is not None}


def _render_diagram(root: etree._Element, collaboration: str, pools: tuple[Pool, ...]) -> None:
    diagram = _child(root, "BPMNDiagram", BPMNDI, id="diagram")
    plane = _child(diagram, "BPMNPlane", BPMNDI, id="plane", bpmnElement=collaboration)
    for pool in pools:
        _render_shape(plane, pool.id, pool.box, horizontal=True)
        for lane in pool.lanes:
            _render_shape(plane, lane.id, lane.box, horizontal=True)
        for node in pool.nodes:
            _render_shape(plane, node.id, node.box, label=node.label)
        for edge in pool.edges:
            _render_edge(plane, edge)


def _bounds(parent: etree._Element, box: Box) -> None:
    _child(parent, "Bounds", DC, x=str(box.x), y=str(box.y), width=str(box.width), height=str(box.height))


def _render_label(parent: etree._Element, label: Box | None) -> None:
    if label is not None:
        _bounds(_child(parent, "BPMNLabel", BPMNDI), label)


def _render_shape(
    plane: etree._Element, element: str, box: Box, *, label: Box | None = None, horizontal: bool = False
) -> None:
    shape = _child(plane, "BPMNShape", BPMNDI, id=f"{element}_shape", bpmnElement=element)
    if horizontal:
        shape.set("isHorizontal", "true")
    _bounds(shape, box)
    _render_label(shape, label)


def _render_edge(plane: etree._Element, edge: Edge) -> None:
    line = _child(plane, "BPMNEdge", BPMNDI, id=f"{edge.id}_edge", bpmnElement=edge.id)
    for x, y in edge.points:
        _child(line, "waypoint", DI, x=str(x), y=str(y))
    _render_label(line, edge.label)
