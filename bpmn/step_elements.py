"""The `motcua:step` of a task or call, made where there is none."""

from __future__ import annotations

from lxml import etree

from bpmn.names import MOTCUA
from bpmn.xml import extension, tag


def step_of(node: etree._Element) -> etree._Element:
    """Return the `motcua:step` of a task or call, made where there is none."""
    said = extension(node, "step")
    if said is not None:
        return said
    holder = node.find(tag("extensionElements"))
    if holder is None:
        holder = etree.Element(tag("extensionElements"))
        node.insert(len(node.findall(tag("documentation"))), holder)
    return etree.SubElement(holder, f"{{{MOTCUA}}}step")
