"""Writing an automatic drawing into the document as BPMN DI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from bpmn.layout import Box, Point
from bpmn.names import BPMNDI, DC, DI
from bpmn.placement.routes import Budget
from bpmn.placement.scope import Placed

_PREFIXES = {"bpmndi": BPMNDI, "dc": DC, "di": DI}


@dataclass
class Drawing:
    """What is drawn in the whole file: pools and lanes first, then nodes, then edges."""

    pools: dict[str, Box] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)
    edges: dict[str, tuple[Point, ...]] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    expanded: set[str] = field(default_factory=set)
    budget: Budget = field(default_factory=Budget)
    ties: dict[str, tuple[str, str]] = field(default_factory=dict)  # associations: what they join

    def add(self, placed: Placed) -> None:
        """Add a scope."""
        self.boxes.update(placed.boxes)
        self.edges.update(placed.edges)
        self.labels.update(placed.labels)


def render(root: etree._Element, plane: str, drawing: Drawing) -> None:
    """Append the diagram; `plane` is the id of the collaboration or of the only process."""
    diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", nsmap=_PREFIXES)
    diagram.set("id", "diagram")
    page = _child(diagram, "BPMNPlane", BPMNDI, id="plane", bpmnElement=plane)
    for element, box in drawing.pools.items():
        _shape(page, element, box, None).set("isHorizontal", "true")
    for element, box in drawing.boxes.items():
        shape = _shape(page, element, box, drawing.labels.get(element))
        if element in drawing.expanded:
            shape.set("isExpanded", "true")
    for element, points in drawing.edges.items():
        _edge(page, element, points, drawing.labels.get(element))
    for element, (source, target) in drawing.ties.items():
        if source in drawing.boxes and target in drawing.boxes:
            _edge(page, element, (drawing.boxes[source].centre, drawing.boxes[target].centre), None)


def _child(parent: etree._Element, name: str, namespace: str, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{namespace}}}{name}")
    for attribute, value in attributes.items():
        child.set(attribute, value)
    return child


def _bounds(parent: etree._Element, box: Box) -> None:
    _child(parent, "Bounds", DC, x=str(box.x), y=str(box.y), width=str(box.width), height=str(box.height))


def _label(parent: etree._Element, label: Box | None) -> None:
    if label is not None:
        _bounds(_child(parent, "BPMNLabel", BPMNDI), label)


def _shape(page: etree._Element, element: str, box: Box, label: Box | None) -> etree._Element:
    shape = _child(page, "BPMNShape", BPMNDI, id=f"{element}_shape", bpmnElement=element)
    _bounds(shape, box)
    _label(shape, label)
    return shape


def _edge(page: etree._Element, element: str, points: Sequence[Point], label: Box | None) -> None:
    line = _child(page, "BPMNEdge", BPMNDI, id=f"{element}_edge", bpmnElement=element)
    for x, y in points:
        _child(line, "waypoint", DI, x=str(x), y=str(y))
    _label(line, label)
