"""Lanes of a foreign process: who works where, taken from lanes, from their place on the drawing, or from the pool."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from lxml import etree

from bpmn.elements import kind
from bpmn.foreign.copy import Copier, is_node
from bpmn.layout import Box
from bpmn.own_elements import own_element
from bpmn.xml import extension, tag

_SIGNS = re.compile(r"[^A-Z0-9]+")


def unit_code(name: str) -> str:
    """Return the code of a unit made from its name: `Phòng Tư pháp` is PHONG_TU_PHAP. Without letters it is empty."""
    plain = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return _SIGNS.sub("_", letters.upper()).strip("_")[:60]


def copy_lanes(
    source: etree._Element, target: etree._Element, pool: str, copier: Copier, boxes: Mapping[str, Box]
) -> None:
    """Give a copied process the lanes of the foreign one, with units and with every user task in one of them."""
    Lanes(source, target, copier, boxes).complete(pool)


class Lanes:
    """Copies the lanes of one process; `boxes` is the foreign drawing by foreign id."""

    def __init__(
        self, source: etree._Element, target: etree._Element, copier: Copier, boxes: Mapping[str, Box]
    ) -> None:
        self.source = source
        self.target = target
        self.ids = copier.ids
        self.notes = copier.notes
        self.copier = copier
        self.boxes = {copier.ids.fit(given): box for given, box in boxes.items() if given}
        self.nodes = {each.get("id") or "": each for each in target.iterchildren() if is_node(kind(each))}
        self.lane_of: dict[str, etree._Element] = {}
        self.leaves: list[etree._Element] = []

    def complete(self, pool: str) -> None:
        """Copy or make the lanes, fill them, name their units."""
        holder = etree.Element(tag("laneSet"))
        given = self.source.find(tag("laneSet"))
        holder.set("id", self.ids.fit((given.get("id") if given is not None else None) or self.ids.made("lanes")))
        for lanes in self.source.iterchildren(tag("laneSet")):
            self._copy(lanes, holder, 0)
        if not self.leaves:
            lane = self._lane(holder, self.ids.made("lane"), pool)
            self.lane_of.update(dict.fromkeys(self.nodes, lane))
            message = f"The process has no lanes; all of it is done in one lane, `{pool[:80]}`."
            self.notes.warn("lane-made", lane.get("id") or "", message)
        self._place()
        for node, lane in self.lane_of.items():
            etree.SubElement(lane, tag("flowNodeRef")).text = node
        self._units()
        before = [each for each in self.target if kind(each) in ("documentation", "extensionElements")]
        self.target.insert(len(before), holder)

    def _copy(self, lanes: etree._Element, holder: etree._Element, depth: int) -> None:
        for lane in lanes.iterchildren(tag("lane")):
            identity = self.ids.of(lane, "lane")
            name = " ".join((lane.get("name") or "").split())
            inner = [each for each in lane.iterchildren(tag("childLaneSet")) if each.find(tag("lane")) is not None]
            copied = self._lane(holder, identity, name, leaf=not inner)
            self.copier.described(lane, copied)
            for reference in lane.iterchildren(tag("flowNodeRef")):
                node = self.ids.reference(reference.text)
                if node in self.nodes:
                    self.lane_of[node] = copied
            if inner and depth < 8:
                child = etree.SubElement(copied, tag("childLaneSet"))
                for each in inner:
                    self._copy(each, child, depth + 1)

    def _lane(self, holder: etree._Element, identity: str, name: str, *, leaf: bool = True) -> etree._Element:
        lane = etree.SubElement(holder, tag("lane"))
        lane.set("id", identity)
        lane.set("name", name or identity)
        if leaf:
            self.leaves.append(lane)
        return lane

    def _place(self) -> None:
        """Put nodes that no lane names into the lane that they are drawn in, else into that of a neighbour."""
        for node in self.nodes:
            box, lane = self.boxes.get(node), None
            if node not in self.lane_of and box is not None:
                lane = next((each for each in self.leaves if self._holds(each, box)), None)
            if lane is not None:
                self.lane_of[node] = lane
                self._say(
                    node, "lane-from-drawing", f"It is drawn in the lane `{lane.get('name')}` and belongs to it now."
                )
        if len(self.lane_of) < len(self.nodes):
            self._neighbours()

    def _neighbours(self) -> None:
        hosts = [
            (each.get("attachedToRef") or "", node) for node, each in self.nodes.items() if each.get("attachedToRef")
        ]
        flows = [
            (flow.get("sourceRef") or "", flow.get("targetRef") or "")
            for flow in self.target.iterchildren(tag("sequenceFlow"))
        ]
        pairs = [*hosts, *flows, *((two, one) for one, two in flows)]
        for _ in range(4):
            for one, two in pairs:
                if one in self.lane_of and two not in self.lane_of and two in self.nodes:
                    self._adopt(two, self.lane_of[one])
        for node in self.nodes:
            if node not in self.lane_of:
                self._adopt(node, self.leaves[0])

    def _adopt(self, node: str, lane: etree._Element) -> None:
        self.lane_of[node] = lane
        self._say(
            node, "lane-from-neighbour", f"It lay in no lane; it is in `{lane.get('name')}` now, like its neighbour."
        )

    def _say(self, node: str, rule: str, message: str) -> None:
        if kind(self.nodes[node]).endswith(("Task", "task", "Activity", "Process")):
            self.notes.warn(rule, node, message)

    def _holds(self, lane: etree._Element, box: Box) -> bool:
        around = self.boxes.get(lane.get("id") or "")
        x, y = box.centre
        return around is not None and around.x <= x <= around.right and around.y <= y <= around.bottom

    def _units(self) -> None:
        taken = {said.get("unit") for lane in self.leaves if (said := extension(lane, "lane")) is not None}
        for lane in self.leaves:
            said = extension(lane, "lane")
            if said is not None and (said.get("unit") or "").strip():
                continue
            wanted = unit_code(lane.get("name") or "") or unit_code(lane.get("id") or "") or "DON_VI"
            unit, at = wanted, 2
            while unit in taken:
                unit, at = f"{wanted}_{at}", at + 1
            taken.add(unit)
            own_element(lane, "lane").set("unit", unit)
            message = (
                f"The unit of the lane is `{unit}`, made from its name; write the code of the unit if it has another."
            )
            self.notes.warn("lane-unit-derived", lane.get("id") or "", message)
