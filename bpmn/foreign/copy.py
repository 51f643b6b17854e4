"""Copying the nodes and flows of a foreign process: what we know as it is, what we can say otherwise in our words.

What has no counterpart is kept as a bare shape, so that a person sees it on the diagram, and refused with a remedy.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from bpmn.elements import kind
from bpmn.foreign.conditions import translate
from bpmn.foreign.ids import Ids
from bpmn.foreign.notes import Notes, is_vendor
from bpmn.names import MESSAGES, MOTCUA, XSI
from bpmn.vocabulary import DEFINITIONS, FLOW_NODES, REMEDIES, WORDS, XSI_TYPE
from bpmn.xml import tag

MAX_DEPTH = 8
MAX_TEXT = 2000
_TO_USER = {"task": "has no kind", "manualTask": "is done by hand", "sendTask": "sends something"}
_DETAILS = frozenset({"documentation", "extensionElements", "incoming", "outgoing", "laneSet"})
_LOOPS = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})
_EVENT_DEFINITIONS = (*DEFINITIONS, *(name for name in REMEDIES if name.endswith("EventDefinition")))
# Attributes that say what is so anyway.
_DEFAULTS = {
    "isForCompensation": "false", "startQuantity": "1", "completionQuantity": "1", "parallelMultiple": "false",
    "instantiate": "false", "isClosed": "false", "processType": "None", "gatewayDirection": "Unspecified",
    "triggeredByEvent": "false",
}  # fmt: skip
_QUIET = frozenset(
    {"implementation", "operationRef", "isExecutable", "processType", "isClosed", "default", "scriptFormat"}
)


class Copier:
    """Copies one file; `root` is the foreign one, `target` the definitions element of ours."""

    def __init__(self, root: etree._Element, target: etree._Element, ids: Ids, notes: Notes) -> None:
        self.root = root
        self.target = target
        self.ids = ids
        self.notes = notes
        self._roots = {(kind(each), each.get("id") or ""): each for each in root.iterchildren()}
        self._copied: set[tuple[str, str]] = set()

    def scope(self, source: etree._Element, target: etree._Element, depth: int = 0) -> None:
        """Copy the nodes, then the flows, of a process or subprocess."""
        for child in source.iterchildren():
            name = kind(child)
            if name == "sequenceFlow" or name in _DETAILS or name in _LOOPS:
                continue
            if is_node(name):
                self._node(child, target, depth)
            elif is_vendor(name):
                self.notes.drop_vendor(name, source.get("id") or "file", kind(source))
            else:
                self.notes.drop("element-dropped", f"`{name[:60]}`", child.get("id") or source.get("id") or "file")
        for flow in source.iterchildren(tag("sequenceFlow")):
            self._flow(flow, target)

    def described(self, source: etree._Element, target: etree._Element) -> None:
        """Copy documentation and our own extension elements; count those of others."""
        texts = [("".join(each.itertext())).strip() for each in source.iterchildren(tag("documentation"))]
        for text in filter(None, texts):
            if len(text) > MAX_TEXT:
                self.notes.warn(
                    "text-cut", source.get("id") or "file", f"The documentation is cut at {MAX_TEXT} signs."
                )
            etree.SubElement(target, tag("documentation")).text = text[:MAX_TEXT]
        own = []
        for holder in source.iterchildren(tag("extensionElements")):
            for each in holder.iterchildren():
                if kind(each).startswith(f"{{{MOTCUA}}}"):
                    own.append(each)
                else:
                    self.notes.drop_vendor(str(each.tag), source.get("id") or "file", kind(source))
        if own:
            holder = etree.SubElement(target, tag("extensionElements"))
            for each in own:
                holder.append(deepcopy(each))

    def attributes(self, source: etree._Element, target: etree._Element, name: str, where: str = "file") -> None:
        """Copy the attributes that an element may have, but for ids and references."""
        where = source.get("id") or where
        for attribute, value in source.attrib.items():
            text = str(attribute)
            if is_vendor(text) and text not in (XSI_TYPE, f"{{{XSI}}}schemaLocation"):
                self.notes.drop_vendor(text, where, kind(source))
            elif text == "name":
                target.set("name", " ".join(value.split()))
            elif text in WORDS[name].attributes:
                target.set(text, value)
            elif text not in _QUIET and value != _DEFAULTS.get(text) and not text.startswith("{"):
                what = f"The attribute `{text[:60]}` of `{kind(source)}`"
                self.notes.drop("attribute-dropped", what, where)

    def _node(self, source: etree._Element, parent: etree._Element, depth: int) -> None:
        name = kind(source)
        identity = self.ids.of(source, name)
        if name == "receiveTask":
            self._receive(source, parent, identity)
            return
        ours = self._converted(source, identity)
        target = etree.SubElement(parent, tag(ours))
        target.set("id", identity)
        if ours not in FLOW_NODES:
            target.set("name", " ".join((source.get("name") or "").split()))
            self._refuse(name, identity)
            return
        self.attributes(source, target, ours)
        target.set("id", identity)
        for reference in ("default", "attachedToRef", "calledElement"):
            if source.get(reference) is not None:
                target.set(reference, self.ids.reference(source.get(reference)))
        if source.get("isForCompensation") == "true":
            self._refuse("compensateEventDefinition", identity)
        self.described(source, target)
        self._inside(source, target, identity)
        if ours == "subProcess":
            self._subprocess(source, target, identity, depth)

    def _converted(self, source: etree._Element, identity: str) -> str:
        """Return what an element is with us, and say so where it is something else."""
        name = kind(source)
        empty = name == "subProcess" and source.get("triggeredByEvent") != "true" and not _holds_nodes(source)
        if name not in _TO_USER and not empty:
            return name
        message = f"The {name} {_TO_USER.get(name)}; it is a user task now. Say who does it, or choose a service."
        if empty:
            message = "The subprocess is empty; it is a user task now. Draw what is in it, or call a process."
        self.notes.warn("task-converted", identity, message)
        return "userTask"

    def _subprocess(self, source: etree._Element, target: etree._Element, identity: str, depth: int) -> None:
        if depth >= MAX_DEPTH:
            self.notes.refuse("nesting-too-deep", identity, f"Subprocesses are nested deeper than {MAX_DEPTH}.")
        else:
            self.scope(source, target, depth + 1)

    def _refuse(self, name: str, where: str) -> None:
        remedy = REMEDIES.get(name, "draw it with the elements of the subset (docs/reference/process-model.md).")
        self.notes.refuse("element-not-allowed", where, f"`bpmn:{name}` is not part of our models: {remedy}")

    def _receive(self, source: etree._Element, parent: etree._Element, identity: str) -> None:
        message = self._message_of(source)
        if message in MESSAGES:
            text = f"The task that receives `{message}` is an event that waits for it now."
            self.notes.warn("task-converted", identity, text)
            target = etree.SubElement(parent, tag("intermediateCatchEvent"))
        else:
            self._unknown_message(identity, message)
            target = etree.SubElement(parent, tag("receiveTask"))
        target.set("id", identity)
        target.set("name", " ".join((source.get("name") or "").split()))
        if message in MESSAGES:
            self.described(source, target)
            definition = etree.SubElement(target, tag("messageEventDefinition"))
            definition.set("messageRef", self._declared("message", source.get("messageRef")))

    def _unknown_message(self, where: str, message: str) -> None:
        text = f"Nobody sends `{message[:60]}`; wait for one of {', '.join(MESSAGES)}."
        self.notes.refuse("message-unknown", where, text)

    def _message_of(self, element: etree._Element) -> str:
        given = (element.get("messageRef") or "").strip()
        for name in (given, given.rpartition(":")[2]):
            found = self._roots.get(("message", name))
            if found is not None:
                return (found.get("name") or "").strip()
        return ""

    def _declared(self, name: str, given: str | None) -> str:
        """Copy the message, error or escalation that a reference means, once; return its id."""
        identity = self.ids.reference(given)
        text = (given or "").strip()
        source = self._roots.get((name, text))
        if source is None:
            source = self._roots.get((name, text.rpartition(":")[2]))
        if source is not None and (name, identity) not in self._copied:
            self._copied.add((name, identity))
            copied = etree.Element(tag(name))
            self.attributes(source, copied, name)
            copied.set("id", identity)
            self.target.insert(len(self._copied) - 1, copied)
        return identity

    def _inside(self, source: etree._Element, target: etree._Element, identity: str) -> None:
        """Copy event definitions and repetition; drop data and roles, which belong to other engines."""
        for child in source.iterchildren():
            name = kind(child)
            if name == "eventDefinitionRef":
                child = self._defined(child)
                name = kind(child)
            if name in DEFINITIONS:
                self._definition(child, target, identity)
            elif name.endswith(("EventDefinition", "eventDefinitionRef")) or name == "standardLoopCharacteristics":
                etree.SubElement(target, tag(name))
                self._refuse(name, identity)
            elif name == "multiInstanceLoopCharacteristics":
                self._repetition(child, target, identity)
            elif name not in _DETAILS and kind(target) != "subProcess":
                self.notes.drop("element-dropped", f"`{etree.QName(child).localname[:60]}`", identity)

    def _defined(self, reference: etree._Element) -> etree._Element:
        """Return the event definition of the file that a reference means, or the reference itself."""
        name = (reference.text or "").strip().rpartition(":")[2]
        found = (self._roots.get((definition, name)) for definition in _EVENT_DEFINITIONS)
        return next((each for each in found if each is not None), reference)

    def _definition(self, source: etree._Element, target: etree._Element, identity: str) -> None:
        name = kind(source)
        if name == "messageEventDefinition" and not self._keeps_message(source, target, identity):
            return
        definition = etree.SubElement(target, tag(name))
        if source.get("id") and source.getparent() is not self.root:
            definition.set("id", self.ids.fit(source.get("id") or ""))
        for attribute, declared in (("messageRef", "message"), ("errorRef", "error"), ("escalationRef", "escalation")):
            if source.get(attribute) is not None and attribute in WORDS[name].attributes:
                definition.set(attribute, self._declared(declared, source.get(attribute)))

    def _keeps_message(self, source: etree._Element, target: etree._Element, identity: str) -> bool:
        """Tell whether an event stays one of a message; say so where it does not, or where nobody sends it."""
        holder, around, message = kind(target), target.getparent(), self._message_of(source)
        if holder == "startEvent" and (around is None or around.get("triggeredByEvent") != "true"):
            text = "The receipt of a dossier starts the process; the start event waits for no message now."
            self.notes.warn("start-converted", identity, text)
            return False
        if message in MESSAGES:
            return True
        if holder in ("intermediateThrowEvent", "endEvent"):
            text = f"The message `{message[:60]}` is not sent to anybody; the event only marks a place now."
            self.notes.warn("message-dropped", identity, text)
            if not target.get("name"):
                target.set("name", message or "Mốc")
            return False
        self._unknown_message(identity, message)
        return True

    def _repetition(self, source: etree._Element, target: etree._Element, identity: str) -> None:
        copied = etree.SubElement(target, tag("multiInstanceLoopCharacteristics"))
        self.attributes(source, copied, "multiInstanceLoopCharacteristics", identity)
        if source.get("id"):
            copied.set("id", self.ids.fit(source.get("id") or ""))
        for child in source.iterchildren():
            if kind(child) == "loopCardinality":
                text = "".join(child.itertext()).strip()
                translated = translate(text) or text
                number = etree.SubElement(copied, tag("loopCardinality"))
                number.set(XSI_TYPE, "bpmn:tFormalExpression")
                number.text = translated
                if translated != text:
                    message = f"The number `{text[:80]}` is written `{translated[:80]}` now."
                    self.notes.warn("condition-translated", identity, message)
            elif kind(child) == "completionCondition":
                etree.SubElement(copied, tag("completionCondition"))
                self._refuse("completionCondition", identity)
            else:
                self.notes.drop("element-dropped", f"`{etree.QName(child).localname[:60]}`", identity)

    def _flow(self, source: etree._Element, parent: etree._Element) -> None:
        target = etree.SubElement(parent, tag("sequenceFlow"))
        identity = self.ids.of(source, "flow")
        self.attributes(source, target, "sequenceFlow")
        target.attrib.pop("isImmediate", None)
        target.set("id", identity)
        target.set("sourceRef", self.ids.reference(source.get("sourceRef")))
        target.set("targetRef", self.ids.reference(source.get("targetRef")))
        self.described(source, target)
        condition = source.find(tag("conditionExpression"))
        if condition is not None:
            self._condition(condition, target, identity)

    def _condition(self, condition: etree._Element, flow: etree._Element, identity: str) -> None:
        text = "".join(condition.itertext()).strip()
        if not text and not any(is_vendor(str(attribute)) for attribute in condition.attrib if attribute != XSI_TYPE):
            return  # editors leave empty conditions behind
        translated = translate(text)
        if translated is None:
            message = f"The condition `{text[:80]}` has no counterpart; write it like `approved = true and amount > 5`."
            self.notes.refuse("condition-language", identity, message)
        elif translated != text:
            message = f"The condition `{text[:80]}` is written `{translated[:80]}` now."
            self.notes.warn("condition-translated", identity, message)
        copied = etree.SubElement(flow, tag("conditionExpression"))
        copied.set(XSI_TYPE, "bpmn:tFormalExpression")
        copied.text = translated or text[:MAX_TEXT]


def is_node(name: str) -> bool:
    """Tell whether an element is a flow node, ours or one that we refuse by name."""
    return (
        name in FLOW_NODES
        or name.endswith(("Task", "Gateway", "Event", "SubProcess"))
        or name in ("task", "transaction")
    )


def _holds_nodes(scope: etree._Element) -> bool:
    return any(is_node(kind(child)) for child in scope.iterchildren())
