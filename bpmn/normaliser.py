"""A model as other editors write it, put into the form of our sources, with a finding for everything that is changed.

The file is read without expanding anything and copied element by element: what is not known to us never reaches the
result, and nothing of it is evaluated. What has no counterpart is refused with the element's id and a remedy.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from bpmn.elements import kind
from bpmn.errors import InvalidModelError
from bpmn.findings import Finding, error
from bpmn.foreign.copy import Copier, is_node
from bpmn.foreign.drawing import dropped_styles, keep_or_draw, shapes_of
from bpmn.foreign.finish import end_processing
from bpmn.foreign.graph import Graph
from bpmn.foreign.ids import Ids
from bpmn.foreign.lanes import copy_lanes
from bpmn.foreign.notes import Notes, is_vendor
from bpmn.foreign.pools import Choice, choose
from bpmn.lint import lint
from bpmn.names import BPMN, MOTCUA, NAMESPACES, XSI
from bpmn.own_elements import own_element
from bpmn.rules.flow import MAX_FLOWS, MAX_NODES
from bpmn.xml import HostileXmlError, parse_document, tag

MAX_LANES = 200
_BETA = "http://schema.omg.org/spec/BPMN/2.0"  # what older exporters call the same language


@dataclass(frozen=True, slots=True)
class Normalised:
    """A source with what was changed on the way; `xml` is empty when the file could not be read at all."""

    xml: str
    findings: tuple[Finding, ...]


def normalise(
    xml: bytes | str, *, code: str | None = None, name: str | None = None, limit: str | None = None
) -> Normalised:
    """Return a foreign model in the form of our sources.

    `code`, `name` and `limit` (an amount such as `15 working_day`) go before what the file says of its procedure.
    Never raises: errors among the findings say why the source cannot be used. Lint the result with `source=True`.
    """
    try:
        root = parse_document(xml)
    except HostileXmlError as problem:
        return Normalised("", (error("xml-hostile", "file", str(problem)),))
    except InvalidModelError as problem:
        return Normalised("", (error("xml-malformed", "file", str(problem)),))
    _rename_beta(root)
    if kind(root) != "definitions":
        return Normalised("", (error("not-bpmn", "file", "The file is not BPMN 2.0: its root is no `definitions`."),))
    notes = Notes()
    choice = choose(root, notes)
    if choice is None or not _is_small(root, notes):
        return Normalised("", notes.findings())
    target = etree.Element(tag("definitions"), nsmap=NAMESPACES)
    target.set("targetNamespace", MOTCUA)
    ids = Ids(root, notes)
    target.set("id", ids.of(root, "definitions"))
    _copy(root, target, choice, Copier(root, target, ids, notes))
    _say_procedure(target, notes, {"code": code, "name": name, "limit": limit})
    if not _are_readable(target, notes):
        return Normalised("", notes.findings())
    _finish(target, ids, notes)
    keep_or_draw(root, target, ids, notes)
    etree.indent(target, space="  ")
    return Normalised(etree.tostring(target, encoding="unicode") + "\n", notes.findings())


def read_model(
    xml: bytes | str,
    *,
    code: str | None = None,
    name: str | None = None,
    limit: str | None = None,
    parts: frozenset[str] = frozenset(),
    decisions: frozenset[str] | None = None,
) -> Normalised:
    """Return a foreign model as a source together with what the linter says of it, each rule once for an element.

    No error among the findings means that it can be assembled. Never raises.
    """
    found = normalise(xml, code=code, name=name, limit=limit)
    if not found.xml:
        return found
    known = {(finding.rule, finding.where) for finding in found.findings}
    more = lint(found.xml, source=True, parts=parts, decisions=decisions)
    added = tuple(finding for finding in more if (finding.rule, finding.where) not in known)
    return Normalised(found.xml, (*found.findings, *added))


def _rename_beta(root: etree._Element) -> None:
    if not str(root.tag).startswith(f"{{{_BETA}"):
        return
    for element in root.iter():
        name = etree.QName(element)
        if (name.namespace or "").startswith(_BETA):
            element.tag = f"{{{BPMN}}}{name.localname}"


def _is_small(root: etree._Element, notes: Notes) -> bool:
    """Refuse before any work what nobody could read on a screen."""
    nodes = sum(1 for each in root.iter() if is_node(kind(each)))
    flows = sum(1 for _ in root.iter(tag("sequenceFlow")))
    lanes = sum(1 for _ in root.iter(tag("lane")))
    for number, most, what in (
        (nodes, 4 * MAX_NODES, "nodes"), (flows, 2 * MAX_FLOWS, "flows"), (lanes, MAX_LANES, "lanes"),
    ):  # fmt: skip
        if number > most:
            notes.refuse(f"{what}-too-many", "file", f"A file has at most {most} {what}, not {number}.")
            return False
    return True


def _are_readable(target: etree._Element, notes: Notes) -> bool:
    """Refuse before it is drawn what the linter would refuse for its size."""
    for process in target.iterchildren(tag("process")):
        nodes = sum(1 for each in process.iter() if is_node(kind(each)))
        flows = sum(1 for _ in process.iter(tag("sequenceFlow")))
        for number, most, what in ((nodes, MAX_NODES, "nodes"), (flows, MAX_FLOWS, "flows")):
            if number > most:
                message = f"A process has at most {most} {what}, not {number}; divide it into processes that it calls."
                notes.refuse(f"{what}-too-many", process.get("id") or "file", message)
                return False
    return True


def _copy(root: etree._Element, target: etree._Element, choice: Choice, copier: Copier) -> None:
    notes, ids = copier.notes, copier.ids
    boxes = shapes_of(root)
    for attribute in root.attrib:
        if is_vendor(str(attribute)) and not str(attribute).startswith(f"{{{XSI}}}"):
            notes.drop_vendor(str(attribute), "file", "definitions")
    collaboration = etree.SubElement(target, tag("collaboration"))
    drawn = root.find(tag("collaboration"))
    collaboration.set("id", ids.made("collaboration") if drawn is None else ids.of(drawn, "collaboration"))
    for process in (choice.top, *choice.called):
        pool = choice.pools.get(process.get("id") or "")
        named = next((given for each in (pool, process) if each is not None and (given := each.get("name"))), "")
        participant = etree.SubElement(collaboration, tag("participant"))
        participant.set("id", ids.made("pool") if pool is None else ids.of(pool, "pool"))
        copied = etree.SubElement(target, tag("process"))
        copier.attributes(process, copied, "process")
        copied.set("id", ids.of(process, "process"))
        copied.set("isExecutable", "true")
        title = " ".join((copied.get("name") or named or copied.get("id") or "").split())
        copied.set("name", title)
        participant.set("name", " ".join(named.split()) or title)
        participant.set("processRef", copied.get("id") or "")
        copier.described(process, copied)
        copier.scope(process, copied)
        for scope in [copied, *copied.iter(tag("subProcess"))]:
            Graph(scope, ids, notes).complete()
        copy_lanes(process, copied, participant.get("name") or title, copier, boxes)
    _drop_rest(root, choice, notes)


def _finish(target: etree._Element, ids: Ids, notes: Notes) -> None:
    top, *called = target.iterchildren(tag("process"))
    end_processing(top, {each.get("id") or "": each for each in called}, ids, notes)
    for scope in target.iter(tag("process"), tag("subProcess")):
        _list_flows(scope)


def _drop_rest(root: etree._Element, choice: Choice, notes: Notes) -> None:
    """Count what stands beside the processes: flows of messages, data, other vendors' things, colours."""
    known = ("process", "collaboration", "message", "error", "escalation", "extensionElements", "documentation")
    for element in root.iterchildren():
        name = kind(element)
        if name.startswith("{http://www.omg.org/spec/BPMN/20100524/DI}") or name in known:
            continue
        notes.drop("element-dropped", f"`{etree.QName(element).localname[:60]}`", element.get("id") or "file")
    for element in root.iterfind(f"{tag('collaboration')}/*"):
        if kind(element) not in ("participant", "documentation", "extensionElements"):
            notes.drop("element-dropped", f"`{etree.QName(element).localname[:60]}`", element.get("id") or "file")
    for pool in choice.pools.values():
        _drop_of_pool(pool, notes)
    dropped_styles(root, notes)


def _drop_of_pool(pool: etree._Element, notes: Notes) -> None:
    where = pool.get("id") or "file"
    for each in pool.iterchildren():
        if kind(each) == "extensionElements":
            for extra in each.iterchildren():
                notes.drop_vendor(str(extra.tag), where, "participant")
        elif kind(each) != "documentation":
            notes.drop("element-dropped", f"`{etree.QName(each).localname[:60]}`", where)


def _say_procedure(target: etree._Element, notes: Notes, given: dict[str, str | None]) -> None:
    process = next(each for each in target if kind(each) == "process")
    said = own_element(process, "procedure")
    for attribute, value in given.items():
        if value is not None and value.strip():
            said.set(attribute, " ".join(value.split()))
    if not said.get("name"):
        said.set("name", process.get("name") or "")
    for attribute, example in (("code", "1.004873"), ("limit", "15 working_day")):
        if not (said.get(attribute) or "").strip():
            message = f"The file does not say the `{attribute}` of the procedure; write it at import, e.g. `{example}`."
            notes.refuse("procedure-attribute", process.get("id") or "file", message)


def _list_flows(scope: etree._Element) -> None:
    """Write at each node which flows enter and leave it, as editors expect."""
    flows = scope.findall(tag("sequenceFlow"))
    by_node: dict[str, list[tuple[str, str]]] = {}
    for end, name in (("targetRef", "incoming"), ("sourceRef", "outgoing")):
        for flow in flows:
            by_node.setdefault(flow.get(end) or "", []).append((name, flow.get("id") or ""))
    for node in scope.iterchildren():
        at = sum(1 for child in node if kind(child) in ("documentation", "extensionElements"))
        if not is_node(kind(node)):
            continue
        for name, identity in by_node.get(node.get("id") or "", []):
            listed = etree.Element(tag(name))
            listed.text = identity
            node.insert(at, listed)
            at += 1
    for flow in flows:  # flows stand behind the nodes, also those of nodes that were added
        scope.append(flow)
