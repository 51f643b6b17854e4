"""The drawing of a foreign file: kept where it is whole, drawn anew where anything of the model is missing on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from bpmn.autolayout import draw
from bpmn.elements import kind
from bpmn.errors import InvalidModelError
from bpmn.foreign.copy import is_node
from bpmn.foreign.ids import Ids
from bpmn.foreign.notes import Notes
from bpmn.layout import Box
from bpmn.names import BPMNDI, DC, DI
from bpmn.vocabulary import DRAWING_ATTRIBUTES

_NUMBER = re.compile(r"-?\d{1,6}(\.\d+)?")
_NEAR = 120  # pixels from a shape or a corner of an edge to its name
_KEPT = ("isHorizontal", "isExpanded", "isMarkerVisible")


def shapes_of(root: etree._Element) -> dict[str, Box]:
    """Return the boxes of the foreign drawing by the id of what they show; what has no numbers is left out."""
    found: dict[str, Box] = {}
    for shape in root.iter(f"{{{BPMNDI}}}BPMNShape"):
        box = _box(shape)
        if box is not None:
            found.setdefault((shape.get("bpmnElement") or "").rpartition(":")[2], box)
    return found


def keep_or_draw(root: etree._Element, target: etree._Element, ids: Ids, notes: Notes) -> None:
    """Give the copied file the foreign drawing if it shows everything, otherwise one of ours."""
    plane = _kept(root, target, ids)
    wanted = set(_drawn(target))
    shown = {each.get("bpmnElement") for each in plane} if plane is not None else set()
    if plane is not None and wanted <= shown:
        diagram = etree.SubElement(target, f"{{{BPMNDI}}}BPMNDiagram")
        diagram.set("id", ids.made("diagram"))
        diagram.append(plane)
        return
    try:
        draw(target)
    except InvalidModelError as problem:
        notes.refuse("drawing-too-large", "file", f"{problem} Divide the process into parts that it calls.")
        return
    if next(root.iter(f"{{{BPMNDI}}}BPMNShape"), None) is not None:
        message = "The drawing does not show everything that the model has now; the process is drawn anew."
        notes.warn("drawing-renewed", next(iter(sorted(wanted - shown)), "file"), message)


def _drawn(target: etree._Element) -> Iterator[str]:
    for element in target.iter():
        name = kind(element)
        if is_node(name) or name in ("sequenceFlow", "lane", "participant"):
            yield element.get("id") or ""


def _kept(root: etree._Element, target: etree._Element, ids: Ids) -> etree._Element | None:
    """Return a copy of the foreign plane with only what the copied file has, or None when there is none."""
    diagrams = root.findall(f"{{{BPMNDI}}}BPMNDiagram")
    planes = [plane for each in diagrams for plane in each.findall(f"{{{BPMNDI}}}BPMNPlane")]
    collaboration = next((each for each in target if kind(each) == "collaboration"), None)
    if len(planes) != 1 or collaboration is None:
        return None
    wanted = set(_drawn(target))
    copied = etree.Element(f"{{{BPMNDI}}}BPMNPlane", nsmap={"bpmndi": BPMNDI, "dc": DC, "di": DI})
    copied.set("id", ids.made("plane"))
    copied.set("bpmnElement", collaboration.get("id") or "")
    seen: set[str] = set()
    for element in planes[0]:
        shown = ids.reference(element.get("bpmnElement"))
        if shown not in wanted or shown in seen:
            continue
        copy = _shape(element, shown) if etree.QName(element).localname == "BPMNShape" else _edge(element, shown)
        if copy is not None:
            seen.add(shown)
            copied.append(copy)
    return copied


def _shape(element: etree._Element, shown: str) -> etree._Element | None:
    box, place = element.find(f"{{{DC}}}Bounds"), _box(element)
    if box is None or place is None:
        return None
    copy = _element("BPMNShape", shown, "shape")
    for attribute in _KEPT:
        if element.get(attribute) in ("true", "false"):
            copy.set(attribute, element.get(attribute) or "")
    copy.append(_bounds(box))
    _label(element, copy, [place.centre])
    return copy


def _edge(element: etree._Element, shown: str) -> etree._Element | None:
    points = element.findall(f"{{{DI}}}waypoint")
    if len(points) < 2 or not all(_numbers(point, ("x", "y")) for point in points):
        return None
    copy = _element("BPMNEdge", shown, "edge")
    for point in points:
        made = etree.SubElement(copy, f"{{{DI}}}waypoint")
        made.set("x", point.get("x") or "0")
        made.set("y", point.get("y") or "0")
    _label(element, copy, [(float(point.get("x") or 0), float(point.get("y") or 0)) for point in points])
    return copy


def _label(element: etree._Element, copy: etree._Element, points: Sequence[tuple[float, float]]) -> None:
    """Keep the place of a name, unless it is nowhere: some editors count it from the shape, or give it no size."""
    box = element.find(f"{{{BPMNDI}}}BPMNLabel/{{{DC}}}Bounds")
    if box is None or not _numbers(box, ("x", "y", "width", "height")):
        return
    x, y, width, height = (float(box.get(name) or 0) for name in ("x", "y", "width", "height"))
    near = any(
        x - _NEAR <= across <= x + width + _NEAR and y - _NEAR <= down <= y + height + _NEAR for across, down in points
    )
    if near and width > 0 and height > 0 and (x, y) != (0, 0):
        etree.SubElement(copy, f"{{{BPMNDI}}}BPMNLabel").append(_bounds(box))


def _element(name: str, shown: str, suffix: str) -> etree._Element:
    element = etree.Element(f"{{{BPMNDI}}}{name}")
    element.set("id", f"{shown}_{suffix}")
    element.set("bpmnElement", shown)
    return element


def _bounds(box: etree._Element) -> etree._Element:
    copy = etree.Element(f"{{{DC}}}Bounds")
    for attribute in ("x", "y", "width", "height"):
        copy.set(attribute, box.get(attribute) or "0")
    return copy


def _box(shape: etree._Element) -> Box | None:
    box = shape.find(f"{{{DC}}}Bounds")
    if box is None or not _numbers(box, ("x", "y", "width", "height")):
        return None
    x, y, width, height = (round(float(box.get(name) or 0)) for name in ("x", "y", "width", "height"))
    return Box(x, y, width, height)


def _numbers(element: etree._Element, names: tuple[str, ...]) -> bool:
    return all(_NUMBER.fullmatch(element.get(name) or "") for name in names)


def dropped_styles(root: etree._Element, notes: Notes) -> None:
    """Say which colours and other styles of other tools the drawing loses."""
    for element in root.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge"):
        for attribute in element.attrib:
            if attribute not in DRAWING_ATTRIBUTES and str(attribute).startswith("{"):
                notes.drop_vendor(str(attribute), element.get("bpmnElement") or "file", "drawing")
