"""What differs between two models: nodes added, removed and changed, by the facts that an administrator knows.

Drawings and the order in a file do not count. A node is the same when its id is; the frame and copied parts compare as
the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from bpmn.elements import FLOW_NODES, kind
from bpmn.names import MOTCUA
from bpmn.xml import extension, parse_document, tag

STEP_FIELDS = {
    "unit": "unit", "stage": "stage", "stageLimit": "stageLimit", "limit": "limit", "phase": "phase", "role": "role",
    "pausesClock": "pausesClock", "resumesClock": "resumesClock", "endsProcessing": "endsProcessing",
    "countsInLimit": "countsInLimit", "decision": "decision", "form": "form", "issues": "issues",
}  # fmt: skip
MOST = 500  #: entries of each kind


def differences(old: str, new: str) -> dict[str, Any]:
    """Return ``{"added": [id], "removed": [id], "changed": [{"id", "what": [{"field", "old", "new"}]}]}``.

    ``old`` and ``new`` of a field are texts, or None where it is not said. The procedure's own facts (name, limit, fee)
    are changes of its process.

    Raises: InvalidModelError when one of the texts is no XML.
    """
    before, after = _facts(parse_document(old)), _facts(parse_document(new))
    changed = [
        {"id": node, "what": what}
        for node, facts in after.items()
        if node in before and (what := list(_changes(before[node], facts)))
    ]
    return {
        "added": [node for node in after if node not in before][:MOST],
        "removed": [node for node in before if node not in after][:MOST],
        "changed": changed[:MOST],
    }


def _changes(old: Mapping[str, str | None], new: Mapping[str, str | None]) -> Iterator[dict[str, str | None]]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield {"field": name, "old": old.get(name), "new": new.get(name)}


def _facts(root: etree._Element) -> dict[str, dict[str, str | None]]:
    """Return the facts of each node, and of the process that names the procedure, by id."""
    found: dict[str, dict[str, str | None]] = {}
    for process in root.iter(tag("process")):
        said = extension(process, "procedure")
        if said is not None:
            own = {name: said.get(name) for name in ("code", "name", "limit", "feeVnd")}
            found[process.get("id") or "process"] = own
    flows = _flows(root)
    for element in root.iter():
        if isinstance(element.tag, str) and kind(element) in FLOW_NODES:
            node = element.get("id") or ""
            found[node] = _node(element) | {"flows": flows.get(node)}
    return found


def _node(element: etree._Element) -> dict[str, str | None]:
    facts: dict[str, str | None] = {"kind": kind(element), "name": element.get("name")}
    said = extension(element, "step")
    if said is not None:
        facts |= {name: said.get(attribute) for name, attribute in STEP_FIELDS.items()}
        outcomes = [each.get("value") or "" for each in said.iterchildren(f"{{{MOTCUA}}}outcome")]
        facts["outcomes"] = ", ".join(outcomes) or None
        facts["inputs"] = ", ".join(each.get("name") or "" for each in said.iterchildren(f"{{{MOTCUA}}}input")) or None
    for name, attribute in (("wait", "after"), ("service", "name"), ("decision", "ref")):
        other = extension(element, name)
        if other is not None:
            facts[f"{name}.{attribute}"] = other.get(attribute)
    if kind(element) == "callActivity":
        facts["calledElement"] = element.get("calledElement")
    return facts


def _flows(root: etree._Element) -> dict[str, str]:
    """Return where the flows of each node lead, with their conditions, in an order that the drawing does not decide."""
    found: dict[str, list[str]] = {}
    for flow in root.iter(tag("sequenceFlow")):
        condition = flow.find(tag("conditionExpression"))
        asked = "" if condition is None else " ".join((condition.text or "").split())
        target = flow.get("targetRef") or ""
        found.setdefault(flow.get("sourceRef") or "", []).append(f"{target} [{asked}]" if asked else target)
    return {node: ", ".join(sorted(targets)) for node, targets in found.items()}
