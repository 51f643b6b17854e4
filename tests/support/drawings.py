"""Looks at the drawing inside a model and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from lxml import etree

from bpmn.names import BPMN, BPMNDI, DC, DI

Box = tuple[int, int, int, int]
Point = tuple[int, int]


class Drawing:
    """The shapes and edges of one file, by the id of what they draw."""

    def __init__(self, xml: str) -> None:
        root = etree.fromstring(xml.encode())
        self.elements = {element.get("id") or "": element for element in root.iter() if element.get("id")}
        self.boxes: dict[str, Box] = {}
        self.labels: dict[str, Box] = {}
        self.lines: dict[str, list[Point]] = {}
        self.horizontal: set[str] = set()
        for shape in root.iter(f"{{{BPMNDI}}}BPMNShape"):
            name = shape.get("bpmnElement") or ""
            self.boxes[name] = _bounds(shape.find(f"{{{DC}}}Bounds"))
            label = shape.find(f"{{{BPMNDI}}}BPMNLabel/{{{DC}}}Bounds")
            if label is not None:
                self.labels[name] = _bounds(label)
            if shape.get("isHorizontal") == "true":
                self.horizontal.add(name)
        for edge in root.iter(f"{{{BPMNDI}}}BPMNEdge"):
            points = [(int(p.get("x") or 0), int(p.get("y") or 0)) for p in edge.iter(f"{{{DI}}}waypoint")]
            self.lines[edge.get("bpmnElement") or ""] = points

    def of(self, kind: str) -> list[str]:
        """Return the ids of the BPMN elements of a kind."""
        return [name for name, element in self.elements.items() if element.tag == f"{{{BPMN}}}{kind}"]

    def nodes(self) -> list[str]:
        """Return the ids of the flow nodes: what lanes refer to."""
        root = next(iter(self.elements.values())).getroottree().getroot()
        return [reference.text or "" for reference in root.iter(f"{{{BPMN}}}flowNodeRef")]


def _bounds(element: etree._Element | None) -> Box:
    assert element is not None
    x, y, width, height = (int(element.get(name) or 0) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def _inside(inner: Box, outer: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _overlap(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def _on_border(point: Point, box: Box) -> bool:
    x, y = point
    in_x, in_y = box[0] <= x <= box[2], box[1] <= y <= box[3]
    return (in_y and x in (box[0], box[2])) or (in_x and y in (box[1], box[3]))


def _crosses(start: Point, end: Point, box: Box) -> bool:
    line = (min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1]))
    return line[0] < box[2] and box[0] < line[2] + 1 and line[1] < box[3] and box[1] < line[3] + 1


def problems(xml: str) -> list[str]:
    """Return everything that is wrong with the drawing of a model; an empty list when nothing is."""
    drawing = Drawing(xml)
    return [*_missing(drawing), *_places(drawing), *_overlaps(drawing), *_edges(drawing)]


def _missing(drawing: Drawing) -> Iterator[str]:
    for kind in ("participant", "lane"):
        yield from (f"{name} is not drawn sideways" for name in drawing.of(kind) if name not in drawing.horizontal)
    yield from (f"{name} is not drawn" for name in drawing.nodes() if name not in drawing.boxes)
    yield from (f"{name} is not drawn" for name in drawing.of("sequenceFlow") if name not in drawing.lines)
    yield from (f"{name} draws nothing" for name in drawing.boxes if name not in drawing.elements)


def _places(drawing: Drawing) -> Iterator[str]:
    for participant in drawing.of("participant"):
        process = drawing.elements[drawing.elements[participant].get("processRef") or ""]
        for lane in process.iter(f"{{{BPMN}}}lane"):
            outer = drawing.boxes[lane.get("id") or ""]
            if not _inside(outer, drawing.boxes[participant]):
                yield f"lane {lane.get('id')} is outside its pool"
            for reference in lane.iter(f"{{{BPMN}}}flowNodeRef"):
                node = reference.text or ""
                if not _inside(drawing.boxes[node], outer):
                    yield f"{node} is outside its lane"
                if node in drawing.labels and not _inside(drawing.labels[node], outer):
                    yield f"the label of {node} is outside its lane"


def _hosts(drawing: Drawing) -> dict[str, str]:
    return {name: drawing.elements[name].get("attachedToRef") or "" for name in drawing.of("boundaryEvent")}


def _overlaps(drawing: Drawing) -> Iterator[str]:
    hosts = _hosts(drawing)
    pairs = [
        *(
            (one, two)
            for one, two in combinations(drawing.nodes(), 2)
            if hosts.get(one) != two and hosts.get(two) != one
        ),
        *combinations(drawing.of("participant"), 2),
        *combinations(drawing.of("lane"), 2),
    ]
    yield from (f"{one} and {two} overlap" for one, two in pairs if _overlap(drawing.boxes[one], drawing.boxes[two]))
    for name, host in hosts.items():
        box = drawing.boxes[name]
        if not _on_border(((box[0] + box[2]) // 2, (box[1] + box[3]) // 2), drawing.boxes[host]):
            yield f"{name} is not on the border of {host}"
    for name, label in drawing.labels.items():
        around = {each.get("id") for each in drawing.elements[name].iterancestors()}  # a label may lie in a sub-process
        others = [node for node in drawing.nodes() if node not in (name, hosts.get(name)) and node not in around]
        yield from (f"the label of {name} covers {node}" for node in others if _overlap(label, drawing.boxes[node]))


def _edges(drawing: Drawing) -> Iterator[str]:
    hosts = _hosts(drawing)
    for flow in drawing.of("sequenceFlow"):
        element, points = drawing.elements[flow], drawing.lines[flow]
        source, target = element.get("sourceRef") or "", element.get("targetRef") or ""
        if not _on_border(points[0], drawing.boxes[source]) or not _on_border(points[-1], drawing.boxes[target]):
            yield f"{flow} is loose"
        own = {source, target, hosts.get(source)}
        others = [node for node in drawing.nodes() if node not in own and hosts.get(node) not in own]
        for start, end in pairwise(points):
            if (start[0] == end[0]) == (start[1] == end[1]):
                yield f"{flow} is not made of right angles"
            yield from (f"{flow} crosses {node}" for node in others if _crosses(start, end, drawing.boxes[node]))
