"""Drawn pools as BPMN 2.0 elements: processes, shapes and edges."""

from __future__ import annotations

from lxml import etree

from bpmn.drawing import Edge, Extension, Lane, Node, Pool
from bpmn.layout import Box
from bpmn.names import BPMN, BPMNDI, DC, DI, MOTCUA, XSI
from bpmn.steps_pool import identifier


def child(parent: etree._Element, tag: str, namespace: str = BPMN, **attributes: str) -> etree._Element:
    """Append an element with attributes and return it."""
    added = etree.SubElement(parent, f"{{{namespace}}}{tag}")
    for name, value in attributes.items():
        added.set(name, value)
    return added


def extend(parent: etree._Element, extension: Extension) -> None:
    """Append an element of ours in the extensions of another."""
    holder = child(parent, "extensionElements")
    element = child(holder, extension.tag, MOTCUA)
    for name, value in extension.attributes:
        element.set(name, value)


def message_id(message: str) -> str:
    """Return the id under which a message is defined."""
    return f"message_{identifier(message)}"


def render_process(root: etree._Element, pool: Pool) -> etree._Element:
    """Append the process of a pool to the definitions and return it."""
    process = child(root, "process", id=pool.process, name=pool.name, isExecutable="true")
    if pool.extension is not None:
        extend(process, pool.extension)
    lanes = child(process, "laneSet", id=f"{pool.id}_lanes")
    for lane in pool.lanes:
        _render_lane(lanes, lane, pool)
    for node in pool.nodes:
        _render_node(process, node, pool.edges)
    for edge in pool.edges:
        flow = child(process, "sequenceFlow", id=edge.id, sourceRef=edge.source, targetRef=edge.target)
        if edge.name:
            flow.set("name", edge.name)
        if edge.condition is not None:
            condition = child(flow, "conditionExpression")
            condition.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
            condition.text = edge.condition
    return process


def _render_lane(parent: etree._Element, lane: Lane, pool: Pool) -> None:
    element = child(parent, "lane", id=lane.id, name=lane.name)
    if lane.unit is not None:
        extend(element, Extension("lane", (("unit", lane.unit),)))
    for node in pool.nodes:
        if node.lane == lane.id:
            child(element, "flowNodeRef").text = node.id


def _render_node(process: etree._Element, node: Node, edges: tuple[Edge, ...]) -> None:
    element = child(process, node.tag, id=node.id, **_node_attributes(node))
    if node.extension is not None:
        extend(element, node.extension)
    for edge in edges:
        if edge.target == node.id:
            child(element, "incoming").text = edge.id
    for edge in edges:
        if edge.source == node.id:
            child(element, "outgoing").text = edge.id
    if node.message is not None:
        child(element, "messageEventDefinition", id=f"{node.id}_message", messageRef=message_id(node.message))
    if node.terminates:
        child(element, "terminateEventDefinition", id=f"{node.id}_terminate")


def _node_attributes(node: Node) -> dict[str, str]:
    attributes = {
        "name": node.name or None,
        "calledElement": node.calls,
        "default": node.default,
        "attachedToRef": node.attached,
        "cancelActivity": None if node.attached is None else str(node.interrupting).lower(),
    }
    return {name: value for name, value in attributes.items() if value is not None}


def render_pool(plane: etree._Element, pool: Pool) -> None:
    """Append the shapes and edges of a pool to a plane."""
    render_shape(plane, pool.id, pool.box, horizontal=True)
    for lane in pool.lanes:
        render_shape(plane, lane.id, lane.box, horizontal=True)
    for node in pool.nodes:
        render_shape(plane, node.id, node.box, label=node.label)
    for edge in pool.edges:
        render_edge(plane, edge)


def _bounds(parent: etree._Element, box: Box) -> None:
    child(parent, "Bounds", DC, x=str(box.x), y=str(box.y), width=str(box.width), height=str(box.height))


def _render_label(parent: etree._Element, label: Box | None) -> None:
    if label is not None:
        _bounds(child(parent, "BPMNLabel", BPMNDI), label)


def render_shape(
    plane: etree._Element, element: str, box: Box, *, label: Box | None = None, horizontal: bool = False
) -> None:
    """Append the shape of an element to a plane."""
    shape = child(plane, "BPMNShape", BPMNDI, id=f"{element}_shape", bpmnElement=element)
    if horizontal:
        shape.set("isHorizontal", "true")
    _bounds(shape, box)
    _render_label(shape, label)


def render_edge(plane: etree._Element, edge: Edge) -> None:
    """Append the line of a flow to a plane."""
    line = child(plane, "BPMNEdge", BPMNDI, id=f"{edge.id}_edge", bpmnElement=edge.id)
    for x, y in edge.points:
        child(line, "waypoint", DI, x=str(x), y=str(y))
    _render_label(line, edge.label)
