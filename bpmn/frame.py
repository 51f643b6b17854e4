"""The frame that all procedures share, put around a drawn process or taken off again (decision 0007)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn.drawing import Extension, Pool
from bpmn.elements import kind
from bpmn.layout import HEADER, MARGIN, Box
from bpmn.names import BPMNDI, DC, DI, FRAME_MESSAGES
from bpmn.rendering import child, extend, message_id, render_pool, render_process, render_shape
from bpmn.shell_pool import CHECK, STEPS, build_shell_pool
from bpmn.steps_pool import identifier, next_top
from bpmn.xml import extension, tag

CLASH = "own_"  # what goes before an id that the frame has too
_ID_ATTRIBUTES = ("id", "sourceRef", "targetRef", "attachedToRef", "default", "bpmnElement")


def has_frame(process: etree._Element) -> bool:
    """Tell whether a process is the frame: it has the check of completeness and calls the steps."""
    checks = any(task.get("id") == CHECK for task in process.iterchildren(tag("userTask")))
    return checks and any(call.get("id") == STEPS for call in process.iterchildren(tag("callActivity")))


def put_frame(root: etree._Element, process: etree._Element, procedure: Extension) -> None:
    """Put the pool of the case around a process whose steps are complete, in the document and in the drawing.

    Ids of the process that the frame has too get `own_` before them.
    """
    said = dict(procedure.attributes)
    unit, label = _receiving(process, root)
    code, name = identifier(said.get("code", "")), said.get("name", "")
    shell = build_shell_pool(f"case_{code}", process.get("id") or "", f"Hồ sơ: {name}", unit, label, procedure)
    _avoid(root, shell)
    shell = build_shell_pool(f"case_{code}", process.get("id") or "", f"Hồ sơ: {name}", unit, label, procedure)
    collaboration = _collaboration(root, process, code)
    collaboration.insert(0, collaboration.makeelement(tag("participant"), _participant(shell)))
    defined = {message.get("id") for message in root.iterchildren(tag("message"))}
    for message in FRAME_MESSAGES:
        if message_id(message) not in defined:
            process.addprevious(root.makeelement(tag("message"), {"id": message_id(message), "name": message}))
    framed = render_process(root, shell)
    next(root.iterchildren(tag("process"))).addprevious(framed)
    _draw(root, collaboration, process, shell)


def take_frame(root: etree._Element, case: etree._Element) -> None:
    """Take the frame off: the process of the steps names the procedure, the pool of the case and its drawing go."""
    called = next(call.get("calledElement") for call in case.iter(tag("callActivity")) if call.get("id") == STEPS)
    steps = next(process for process in root.iterchildren(tag("process")) if process.get("id") == called)
    said = extension(case, "procedure")
    assert said is not None  # noqa: S101 - the caller chose the process by it
    extend(steps, Extension("procedure", tuple((str(name), str(value)) for name, value in said.attrib.items())))
    steps.insert(0, steps[-1])
    gone = {element.get("id") for element in case.iter() if element.get("id")}
    for participant in list(root.iter(tag("participant"))):
        if participant.get("processRef") == case.get("id"):
            gone.add(participant.get("id"))
            _drop(participant)
    root.remove(case)
    for plane in root.iter(f"{{{BPMNDI}}}BPMNPlane"):
        for shape in list(plane):
            if shape.get("bpmnElement") in gone:
                plane.remove(shape)
        _shift(plane, -round(_extent(plane)[1]))


def _drop(element: etree._Element) -> None:
    holder = element.getparent()
    if holder is not None:
        holder.remove(element)


def _receiving(process: etree._Element, root: etree._Element) -> tuple[str, str]:
    """Return the unit that receives, that of the first step, and the name of its lane."""
    steps = [said for task in root.iter(tag("userTask")) if (said := extension(task, "step")) is not None]
    staged = [said for said in steps if said.get("stage") != "0"] or steps
    first = min(staged, key=lambda said: int(said.get("order") or 0) if (said.get("order") or "0").isdigit() else 0,
                default=None)  # fmt: skip
    unit = "" if first is None else first.get("unit") or ""
    named = [
        lane.get("name")
        for lane in process.iter(tag("lane"))
        if (said := extension(lane, "lane")) is not None and said.get("unit") == unit
    ]
    return unit, (named[0] if named and named[0] else unit)


def _avoid(root: etree._Element, shell: Pool) -> None:
    """Rename what clashes with the frame, everywhere it is named; shapes and lines too."""
    parts = {each.id for each in shell.nodes} | {each.id for each in shell.edges} | {each.id for each in shell.lanes}
    names = {shell.id, shell.process, f"{shell.id}_lanes", *parts}
    taken = {f"{name}{ending}" for name in names for ending in ("", "_shape", "_edge", "_message", "_terminate")}
    clashing = taken & {element.get("id") or "" for element in root.iter()}
    if not clashing:
        return
    for element in root.iter():
        for name in (*_ID_ATTRIBUTES, "processRef", "calledElement"):
            if element.get(name) in clashing:
                element.set(name, CLASH + element.attrib[name])
        if kind(element) in ("incoming", "outgoing", "flowNodeRef") and (element.text or "").strip() in clashing:
            element.text = CLASH + (element.text or "").strip()


def _participant(pool: Pool) -> dict[str, str]:
    return {"id": pool.id, "name": pool.name, "processRef": pool.process}


def _collaboration(root: etree._Element, process: etree._Element, code: str) -> etree._Element:
    """Return the collaboration with the pool of the process; made where there is none."""
    collaboration = root.find(tag("collaboration"))
    if collaboration is None:
        collaboration = root.makeelement(tag("collaboration"), {"id": f"collaboration_{code}"})
        root.insert(0, collaboration)
    pools = [each for each in collaboration.iterchildren(tag("participant"))]
    if not any(each.get("processRef") == process.get("id") for each in pools):
        child(collaboration, "participant", id="pool_steps", name=process.get("name") or "",
              processRef=process.get("id") or "")  # fmt: skip
    return collaboration


def _draw(root: etree._Element, collaboration: etree._Element, process: etree._Element, shell: Pool) -> None:
    """Draw the frame above what is drawn; a process without a pool gets one around its shapes."""
    plane = next(root.iter(f"{{{BPMNDI}}}BPMNPlane"), None)
    if plane is None:
        diagram = child(root, "BPMNDiagram", BPMNDI, id="diagram")
        plane = child(diagram, "BPMNPlane", BPMNDI, id="plane")
    plane.set("bpmnElement", collaboration.get("id") or "")
    if len(plane):
        _shift(plane, next_top(shell) - round(_extent(plane)[1]))
        pool = next(each.get("id") or "" for each in collaboration if each.get("processRef") == process.get("id"))
        if not any(shape.get("bpmnElement") == pool for shape in plane):
            left, top, right, bottom = (round(edge) for edge in _extent(plane))
            around = Box(left - MARGIN - HEADER, top, right - left + 2 * MARGIN + HEADER, bottom - top)
            render_shape(plane, pool, around, horizontal=True)
            plane.insert(0, plane[-1])
    before = len(plane)
    render_pool(plane, shell)
    for at, shape in enumerate(plane[before:]):
        plane.insert(at, shape)


def _extent(plane: etree._Element) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of what is drawn; zeros when nothing is."""
    boxes = [bounds for shape in plane.iterchildren() for bounds in shape.iterchildren(f"{{{DC}}}Bounds")]
    if not boxes:
        return 0.0, 0.0, 0.0, 0.0
    places = [tuple(_number(box, name) for name in ("x", "y", "width", "height")) for box in boxes]
    return (
        min(x for x, _, _, _ in places),
        min(y for _, y, _, _ in places),
        max(x + width for x, _, width, _ in places),
        max(y + height for _, y, _, height in places),
    )


def _shift(plane: etree._Element, down: int) -> None:
    for point in _points(plane):
        y = _number(point, "y") + down
        point.set("y", str(int(y)) if y == int(y) else str(y))


def _points(plane: etree._Element) -> Iterator[etree._Element]:
    yield from plane.iter(f"{{{DC}}}Bounds", f"{{{DI}}}waypoint")


def _number(element: etree._Element, name: str) -> float:
    try:
        return float(element.get(name) or 0)
    except ValueError:
        return 0.0
