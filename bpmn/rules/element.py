"""Rules on single elements: the words of the vocabulary in their places, ids, references, the drawing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from lxml import etree

from bpmn.elements import Document, Process, identity, kind
from bpmn.findings import Finding, error
from bpmn.names import MESSAGES, MOTCUA
from bpmn.vocabulary import (
    DEFINITIONS,
    DRAWING,
    DRAWING_ATTRIBUTES,
    DRAWING_NUMBERS,
    EXTENSIONS,
    FLAGS,
    FLOW_NODES,
    REMEDIES,
    STEP_CHILDREN,
    WORDS,
)
from bpmn.xml import tag

MAX_TEXT = 2000
_ID = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_-]{0,119}")
_RESERVED = frozenset({"Start", "End", "Root", "constructor", "prototype"})
_NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,20})?")
_NEEDS_ID = FLOW_NODES | {"process", "sequenceFlow", "message", "error", "escalation", "lane"}
_REFERENCES = (
    ("messageEventDefinition", "messageRef", "message"),
    ("errorEventDefinition", "errorRef", "error"),
    ("escalationEventDefinition", "escalationRef", "escalation"),
)


def content_findings(document: Document, parts: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Yield what single elements break; `parts` are processes that a call may name without their being in the file."""
    seen: set[str] = set()
    for element in document.root.iter():
        yield from _sizes(element)
        if kind(element).startswith(DRAWING):
            yield from _drawn(element)
        elif kind(element).startswith("{"):
            yield from _foreign(element)
        else:
            yield from _element(element)
            yield from _id(element, seen)
    yield from _names(document)
    yield from _references(document, parts)


def _names(document: Document) -> Iterator[Finding]:
    for message, name in document.messages.items():
        if name not in MESSAGES:
            known = ", ".join(MESSAGES)
            yield error("message-unknown", message[:120], f"Nobody sends `{name[:60]}`; the messages are {known}.")
    for code, attribute, named in (
        ("error-code", "errorCode", document.errors),
        ("escalation-code", "escalationCode", document.escalations),
    ):
        for element, value in named.items():
            if not value.strip():
                yield error(code, element[:120], f"Give it an `{attribute}`: events are matched by it.")


def _sizes(element: etree._Element) -> Iterator[Finding]:
    longest = max((len(value) for value in (element.text or "", *element.attrib.values())), default=0)
    if longest > MAX_TEXT:
        yield error("text-too-long", identity(element), f"A name or text has more than {MAX_TEXT} characters.")


def _drawn(element: etree._Element) -> Iterator[Finding]:
    where = (element.get("bpmnElement") or identity(element))[:120]
    for attribute, value in element.attrib.items():
        if attribute not in DRAWING_ATTRIBUTES:
            yield error("attribute-not-allowed", where, f"The drawing has no attribute `{str(attribute)[:80]}`.")
        elif attribute in DRAWING_NUMBERS and not _NUMBER.fullmatch(value):
            yield error("drawing-number", where, f"`{attribute}` of the drawing must be a number of pixels.")


def _foreign(element: etree._Element) -> Iterator[Finding]:
    name = etree.QName(element)
    parent = element.getparent()
    known = None if name.namespace != MOTCUA or parent is None else _ours(name.localname, parent)
    if known is None:
        message = f"`{name.localname[:60]}` of another namespace is not allowed here; remove it."
        yield error("element-not-allowed", identity(element), message)
        return
    holders, attributes = known
    owner = _owner(element)
    if holders and (owner is None or kind(owner) not in holders):
        message = f"`motcua:{name.localname}` stands on {' and '.join(sorted(holders))} only."
        yield error("extension-place", identity(element if owner is None else owner), message)
    for attribute in element.attrib:
        if attribute not in attributes:
            message = f"`motcua:{name.localname}` has no attribute `{str(attribute)[:60]}`."
            yield error("attribute-not-allowed", identity(element if owner is None else owner), message)


def _ours(name: str, parent: etree._Element) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the holders and attributes of an element of our namespace, or None when it is unknown in this place."""
    if kind(parent) == "extensionElements" and name in EXTENSIONS:
        return EXTENSIONS[name].parents, EXTENSIONS[name].attributes
    if kind(parent) == f"{{{MOTCUA}}}step" and name in STEP_CHILDREN:
        return frozenset(), STEP_CHILDREN[name]
    return None


def _owner(element: etree._Element) -> etree._Element | None:
    """Return the BPMN element that carries an element of ours."""
    at = element.getparent()
    while at is not None and (kind(at) == "extensionElements" or kind(at).startswith("{")):
        at = at.getparent()
    return at


def _element(element: etree._Element) -> Iterator[Finding]:
    name, where = kind(element), identity(element)
    word = WORDS.get(name)
    if word is None:
        remedy = REMEDIES.get(name, "remove it.")
        yield error("element-not-allowed", where, f"`bpmn:{name[:60]}` is not allowed in a model: {remedy}")
        return
    parent = element.getparent()
    around = "" if parent is None else kind(parent)
    places = DEFINITIONS.get(name)
    if places is not None and around not in places:
        yield error("event-place", where, f"`bpmn:{name}` is allowed in {' and '.join(sorted(places))} only.")
    elif places is None and word.parents and around not in word.parents and (around in WORDS or parent is None):
        yield error("element-place", where, f"`bpmn:{name}` may not stand in `bpmn:{around}`.")
    for attribute in element.attrib:
        if attribute not in word.attributes:
            message = f"The attribute `{str(attribute)[:80]}` is not allowed on `bpmn:{name}`."
            yield error("attribute-not-allowed", where, message)
        elif attribute in FLAGS and element.get(attribute) not in ("true", "false"):
            yield error("attribute-value", where, f"`{attribute!s}` must be `true` or `false`.")


def _id(element: etree._Element, seen: set[str]) -> Iterator[Finding]:
    given = element.get("id")
    if given is None:
        if kind(element) in _NEEDS_ID:
            yield error("id-missing", identity(element), "The element needs an id.")
        return
    if given in seen:
        yield error("id-duplicate", given[:120], "Two elements have this id.")
    seen.add(given)
    if not _ID.fullmatch(given) or given in _RESERVED:
        yield error("id-unfit", given[:120], "An id has letters, digits, `_` and `-`, and is not a reserved word.")


def _references(document: Document, parts: frozenset[str]) -> Iterator[Finding]:
    processes = {process.id for process in document.processes}
    for participant in document.root.iter(tag("participant")):
        called = participant.get("processRef")
        if called is not None and called not in processes:
            yield _dangling(participant, "processRef", called)
    yield from _event_references(document)
    for scope in document.scopes:
        for node in scope.of_kind("callActivity"):
            called = node.get("calledElement") or ""
            if called not in processes and called not in parts:
                yield _dangling(node, "calledElement", called)
    for process in document.processes:
        yield from _lane_references(process, document)


def _event_references(document: Document) -> Iterator[Finding]:
    targets = {"message": document.messages, "error": document.errors, "escalation": document.escalations}
    for name, attribute, target in _REFERENCES:
        for definition in document.root.iter(tag(name)):
            named = definition.get(attribute)
            if named is None and target != "message":
                continue  # an event without a reference catches any; one that throws is asked by the rule on events
            if (named or "") not in targets[target]:
                yield _dangling(definition, attribute, named or "")


def _lane_references(process: Process, document: Document) -> Iterator[Finding]:
    known = set(chain.from_iterable(scope.children for scope in document.scopes_in[process.id]))
    for reference in process.element.iter(tag("flowNodeRef")):
        if (reference.text or "").strip() not in known:
            yield _dangling(reference, "flowNodeRef", reference.text or "")


def _dangling(element: etree._Element, attribute: str, target: str) -> Finding:
    message = f"`{attribute}` names `{target[:80]}`, which this file does not have; name one that it has, or add it."
    return error("ref-dangling", identity(element), message)
