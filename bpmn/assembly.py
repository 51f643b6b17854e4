"""From what people draw to what runs: shared parts are put in, what follows by rule is written, the frame goes around.

A *source* is one process with lanes that names the procedure and calls parts of the library. The *model* made from it
stands by itself: it holds a copy of each part for each call, with node ids `<call>__<node>`, and the frame that all
procedures share (decision 0007). A published version keeps both; only the model runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from bpmn.completion import complete_steps
from bpmn.drawing import Attributes, Extension
from bpmn.elements import FLOW_NODES, kind
from bpmn.errors import InvalidModelError
from bpmn.frame import has_frame, put_frame, take_frame
from bpmn.names import MOTCUA, PART_PREFIX
from bpmn.own_elements import step_of
from bpmn.parts import Part, library, process_of
from bpmn.xml import extension, parse_document, procedure_process, tag

SEPARATOR = "__"
MAX_DEPTH = 5
INHERITED = (
    "unit", "stage", "stageLabel", "stageLimit", "limit", "phase", "role", "form", "issues", "countsInLimit",
    "decision",
)  # fmt: skip
_CALLERS_LIMIT = "=limit"
_REFERENCES = {"messageRef": "message", "errorRef": "error", "escalationRef": "escalation"}
_ID_ATTRIBUTES = ("id", "sourceRef", "targetRef", "attachedToRef", "default")


def assemble(xml: str) -> str:
    """Return the model of a source. A model stays as it is: it has its parts and its frame already.

    Raises: InvalidModelError when no process names the procedure, a part is unknown, or parts call each other in a
    circle. Whatever else is wrong is told by the linter of source and model.
    """
    root = parse_document(xml)
    process = procedure_process(root)
    for call in list(process.iter(tag("callActivity"))):
        _put_part(root, call, depth=1)
    if has_frame(process):
        return _text(root)
    complete_steps(root, process)
    put_frame(root, process, _attributes(process))
    return _text(root)


def source_of(model: str) -> str:
    """Return a model that was made from a step table as the source that makes it: its steps without the frame.

    Raises: InvalidModelError when it is no such model.
    """
    root = parse_document(model)
    take_frame(root, procedure_process(root))
    return _text(root)


def _attributes(process: etree._Element) -> Extension:
    said = extension(process, "procedure")
    assert said is not None  # noqa: S101 - the process was chosen by it
    attributes: Attributes = tuple((str(name), str(value)) for name, value in said.attrib.items())
    holder = said.getparent()
    assert holder is not None  # noqa: S101 - it was found in one
    holder.remove(said)
    if not len(holder):
        process.remove(holder)
    return Extension("procedure", attributes)


def _text(root: etree._Element) -> str:
    etree.indent(root, space="  ")
    return etree.tostring(root, encoding="unicode") + "\n"


def _put_part(root: etree._Element, call: etree._Element, *, depth: int) -> None:
    """Copy the part that a call names into the file, and let the call name the copy."""
    called = call.get("calledElement") or ""
    if not called.startswith(PART_PREFIX):
        return
    part = library().get(called)
    if part is None:
        raise InvalidModelError(f"{call.get('id')}: the library has no part `{called[:80]}`.")
    if depth > MAX_DEPTH:
        raise InvalidModelError(f"{call.get('id')}: shared parts call each other deeper than {MAX_DEPTH}.")
    prefix = (call.get("id") or "") + SEPARATOR
    copy = process_of(part)
    _rename(copy, prefix)
    _name_definitions(root, copy, part, prefix)
    call.set("calledElement", copy.get("id") or "")
    _inherit(call, copy)
    last = [each for each in root.iterchildren(tag("process"))][-1]
    last.addnext(copy)
    for inner in list(copy.iter(tag("callActivity"))):
        _put_part(root, inner, depth=depth + 1)


def _rename(copy: etree._Element, prefix: str) -> None:
    for element in copy.iter():
        for name in _ID_ATTRIBUTES:
            if name in element.attrib:
                element.set(name, prefix + element.attrib[name])
        if kind(element) in ("incoming", "outgoing", "flowNodeRef"):
            element.text = prefix + (element.text or "").strip()


def _name_definitions(root: etree._Element, copy: etree._Element, part: Part, prefix: str) -> None:
    """Take over the messages, errors and escalations of a part, each once; a clash of ids is solved by the prefix."""
    theirs = parse_document(part.xml)
    for attribute, name in _REFERENCES.items():
        known = {each.get("id") or "": each for each in root.iterchildren(tag(name))}
        for definition in theirs.iterchildren(tag(name)):
            own = definition.get("id") or ""
            here = known.get(own)
            target = own if here is None or dict(here.attrib) == dict(definition.attrib) else prefix + own
            if target not in known:
                added = deepcopy(definition)
                added.set("id", target)
                _before_processes(root).addprevious(added)
            for element in copy.iter():
                if element.get(attribute) == own:
                    element.set(attribute, target)


def _before_processes(root: etree._Element) -> etree._Element:
    first = root.find(tag("process"))
    assert first is not None  # noqa: S101 - the named process is there
    return first


def _inherit(call: etree._Element, copy: etree._Element) -> None:
    """Give the steps of a part what the call says and they do not."""
    said = extension(call, "step")
    given = {} if said is None else {name: said.attrib[name] for name in INHERITED if name in said.attrib}
    for step in _steps(copy):
        for name, value in given.items():
            if name not in step.attrib:
                step.set(name, value)
    limit = given.get("limit")
    for wait in list(copy.iter(f"{{{MOTCUA}}}wait")):
        if wait.get("after") == _CALLERS_LIMIT and limit is not None:
            wait.set("after", limit)
        elif wait.get("after") == _CALLERS_LIMIT:
            holder = wait.getparent()
            assert holder is not None  # noqa: S101 - it was found in one
            holder.remove(wait)


def _steps(copy: etree._Element) -> Iterator[etree._Element]:
    """Yield the `motcua:step` of each task and call of a part, made where there is none."""
    for node in copy.iter():
        if kind(node) in FLOW_NODES and kind(node) in ("userTask", "callActivity"):
            yield step_of(node)
