"""A drawing for a process that has none: columns from left to right, rows inside lanes, edges of right angles.

The drawing is a pure function of the document: the same bytes for the same model. It stays bounded for models of
others: beyond a budget of visited places edges take the plain way, which may cross a box.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from bpmn.elements import FLOW_NODES, kind
from bpmn.errors import InvalidModelError
from bpmn.layout import EVENT, GAP, GATEWAY, HEADER, TASK, Box
from bpmn.names import BPMN, BPMNDI
from bpmn.placement.labels import label_size, wrapped
from bpmn.placement.ranks import Link
from bpmn.placement.render import Drawing, render
from bpmn.placement.scope import Item, Placed, place
from bpmn.xml import parse_document, tag

MAX_DEPTH = 12
MAX_NODES, MAX_FLOWS = 1000, 1500
_BORDER_ROOM = 44
_NOTE = (180, 60)
_OTHERS = frozenset({"task", "transaction"})


@dataclass(frozen=True)
class _Lane:
    """A lane of the document; only the innermost ones hold nodes."""

    id: str
    depth: int
    parents: tuple[str, ...]


def lay_out(xml: str | bytes) -> str:
    """Return the model with a complete drawing in place of the one it had, if any.

    A process with lanes gets a pool if the file has none. Raises: InvalidModelError when the text is no BPMN,
    when it has more than 1,000 nodes or 1,500 flows, or when subprocesses are nested deeper than 12.
    """
    root = parse_document(xml)
    if kind(root) != "definitions":
        raise InvalidModelError("The file is not BPMN 2.0: its root is no `bpmn:definitions`.")
    draw(root)
    etree.indent(root, space="  ")
    return etree.tostring(root, encoding="unicode") + "\n"


def draw(root: etree._Element) -> None:
    """Put a drawing into a parsed document, in place of the one it had. Raises: InvalidModelError."""
    for old in root.findall(f"{{{BPMNDI}}}BPMNDiagram"):
        root.remove(old)
    processes = list(root.iterchildren(tag("process")))
    if not processes:
        raise InvalidModelError("The file has no process that could be drawn.")
    nodes, flows = (sum(1 for each in root.iter() if fits(kind(each))) for fits in (_is_node, "sequenceFlow".__eq__))
    if nodes > MAX_NODES or flows > MAX_FLOWS:
        raise InvalidModelError(f"A drawing has at most {MAX_NODES} nodes and {MAX_FLOWS} flows.")
    collaboration = _collaboration(root, processes)
    if collaboration is None:
        drawing = Drawing()
        _add_process(drawing, processes[0], None, 0)
        render(root, processes[0].get("id") or "", drawing)
        return
    drawing = Drawing()
    top = 0
    for participant in collaboration.findall(tag("participant")):
        called = participant.get("processRef")
        process = next((each for each in processes if each.get("id") == called), None)
        if process is None:
            drawing.pools[participant.get("id") or ""] = Box(0, top, 600, 80)
            top += 80 + GAP
        else:
            top = _add_process(drawing, process, participant, top) + GAP
    render(root, collaboration.get("id") or "", drawing)


def _collaboration(root: etree._Element, processes: list[etree._Element]) -> etree._Element | None:
    """Return the collaboration whose pools are drawn; made where lanes or several processes need pools."""
    found = root.find(tag("collaboration"))
    if found is None:
        if len(processes) == 1 and processes[0].find(tag("laneSet")) is None:
            return None
        found = etree.Element(tag("collaboration"), nsmap={None: BPMN} if root.prefix is None else None)
        found.set("id", _free(root, "collaboration"))
        root.insert(root.index(processes[0]), found)
    shown = {each.get("processRef") for each in found.findall(tag("participant"))}
    for process in processes:
        identity = process.get("id") or ""
        if identity not in shown:
            pool = etree.Element(tag("participant"))
            pool.set("id", _free(root, f"pool_{identity}"))
            pool.set("name", process.get("name") or identity)
            pool.set("processRef", identity)
            found.insert(len(found.findall(tag("participant"))), pool)
    return found


def _free(root: etree._Element, wanted: str) -> str:
    taken = {element.get("id") for element in root.iter()}
    at = 1
    name = wanted
    while name in taken:
        at += 1
        name = f"{wanted}_{at}"
    return name


def _add_process(drawing: Drawing, process: etree._Element, pool: etree._Element | None, top: int) -> int:
    """Add one process below `top`; return where it ends."""
    lanes = [lane for each in process.findall(tag("laneSet")) for lane in _lanes(each, ())]
    leaves = [lane for lane in lanes if not any(lane.id in other.parents for other in lanes)]
    depth = max((lane.depth for lane in leaves), default=-1) + 1
    placed = _scope(drawing, process, [lane.id for lane in leaves], 0)
    left = HEADER * (depth + 1) if pool is not None else 0
    notes = _notes(drawing, process, placed, left, top)
    width = max(placed.width, 200)
    drawing.add(placed.moved(left, top))
    if pool is None:
        return notes
    drawing.pools[pool.get("id") or ""] = Box(0, top, left + width, placed.height)
    for lane in lanes:
        spans = [placed.lanes[leaf.id] for leaf in leaves if leaf.id == lane.id or lane.id in leaf.parents]
        first, last = min(span[0] for span in spans), max(span[1] for span in spans)
        x = HEADER * (lane.depth + 1)
        drawing.pools[lane.id] = Box(x, top + first, left + width - x, last - first)
    return notes


def _lanes(lane_set: etree._Element, parents: tuple[str, ...]) -> Iterator[_Lane]:
    if len(parents) > MAX_DEPTH:
        raise InvalidModelError(f"Lanes are nested deeper than {MAX_DEPTH}.")
    for lane in lane_set.findall(tag("lane")):
        identity = lane.get("id") or ""
        yield _Lane(identity, len(parents), parents)
        for inner in lane.findall(tag("childLaneSet")):
            yield from _lanes(inner, (*parents, identity))


def _scope(drawing: Drawing, scope: etree._Element, lanes: list[str], depth: int) -> Placed:
    """Return the places of what a process or subprocess holds."""
    if depth > MAX_DEPTH:
        raise InvalidModelError(f"Subprocesses are nested deeper than {MAX_DEPTH}.")
    nodes = {child.get("id") or "": child for child in scope.iterchildren() if _is_node(kind(child))}
    borders = {node: child for node, child in nodes.items() if kind(child) == "boundaryEvent"}
    home = lanes or [""]
    flows = scope.findall(tag("sequenceFlow"))
    lane_of = _membership(scope, lanes)
    _adopt(lane_of, [(flow.get("sourceRef") or "", flow.get("targetRef") or "") for flow in flows], borders)
    items = []
    for node, child in nodes.items():
        if node not in borders:
            near = {event: each for event, each in borders.items() if each.get("attachedToRef") == node}
            items.append(_item(drawing, child, lane_of.get(node, home[0]), near, depth))
    placed = {item.id for item in items}
    links = [link for flow in flows if (link := _link(flow, borders, placed)) is not None]
    return place(items, links, home, drawing.budget, titled=depth > 0)


def _is_node(name: str) -> bool:
    """Tell whether an element is drawn as a node: those, too, that the linter will refuse by name."""
    return name in FLOW_NODES or name.endswith(("Task", "Gateway", "Event", "SubProcess")) or name in _OTHERS


def _membership(scope: etree._Element, lanes: list[str]) -> dict[str, str]:
    known = set(lanes)
    return {
        (reference.text or "").strip(): lane.get("id") or ""
        for lane in scope.iter(tag("lane"))
        if (lane.get("id") or "") in known
        for reference in lane.findall(tag("flowNodeRef"))
    }


def _adopt(lane_of: dict[str, str], flows: list[tuple[str, str]], borders: dict[str, etree._Element]) -> None:
    """Give a node that no lane names the lane of a neighbour: first of one before it, then of one after it."""
    if not lane_of:
        return
    for event, element in borders.items():
        lane_of.setdefault(event, lane_of.get(element.get("attachedToRef") or "", lane_of.get(event, "")))
    pairs = [*flows, *((target, source) for source, target in flows)]
    for _ in range(3):
        for source, target in pairs:
            if lane_of.get(source) and not lane_of.get(target):
                lane_of[target] = lane_of[source]


def _link(flow: etree._Element, borders: dict[str, etree._Element], placed: set[str]) -> Link | None:
    source, target = flow.get("sourceRef") or "", flow.get("targetRef") or ""
    event = source if source in borders else None
    if event is not None:
        source = borders[event].get("attachedToRef") or ""
    if source not in placed or target not in placed:
        return None  # the linter names a flow that leads nowhere
    return Link(flow.get("id") or "", source, target, event, (flow.get("name") or "").strip())


def _item(drawing: Drawing, node: etree._Element, lane: str, near: dict[str, etree._Element], depth: int) -> Item:
    name = kind(node)
    identity = node.get("id") or ""
    inner = None
    size, shape = TASK, "box"
    if name.endswith("Event"):
        size, shape = EVENT, "event"
    elif name.endswith("Gateway"):
        size, shape = GATEWAY, "gateway"
    elif name == "subProcess":
        drawing.expanded.add(identity)
        inner = _scope(drawing, node, [], depth + 1)
        size = (max(inner.width, TASK[0]), max(inner.height, TASK[1]))
    else:
        size = _task_size(node.get("name") or "")
    events = tuple((event, (each.get("name") or "").strip()) for event, each in near.items())
    room = max((label_size(name)[0] + 12 for _, name in events if name), default=0) if len(events) > 1 else 0
    size = (max(size[0], max(room, _BORDER_ROOM) * len(events)), size[1])
    floating = name == "subProcess" and node.get("triggeredByEvent") == "true"
    return Item(identity, size, lane, shape, (node.get("name") or "").strip(), events, inner, floating)


def _task_size(name: str) -> tuple[int, int]:
    """Return the size of a task: wider where the name needs more than two lines beside the task's sign."""
    for width in (TASK[0], 150, 180):
        if len(wrapped(name, (width - 16) // 7)) <= 2:
            break
    return width, TASK[1]


def _notes(drawing: Drawing, process: etree._Element, placed: Placed, left: int, top: int) -> int:
    """Put the text annotations of a process in a line below it; return where everything ends."""
    bottom = top + placed.height
    notes = process.findall(tag("textAnnotation"))
    for at, note in enumerate(notes):
        drawing.boxes[note.get("id") or ""] = Box(left + at * (_NOTE[0] + 20), bottom + 20, *_NOTE)
    for line in process.findall(tag("association")):
        drawing.ties[line.get("id") or ""] = (line.get("sourceRef") or "", line.get("targetRef") or "")
    return bottom + (20 + _NOTE[1] if notes else 0)
