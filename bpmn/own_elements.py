"""Elements of ours inside BPMN elements, made where there are none."""

from __future__ import annotations

from lxml import etree

from bpmn.names import MOTCUA
from bpmn.xml import extension, tag


def step_of(node: etree._Element) -> etree._Element:
    """Return the `motcua:step` of a task or call, made where there is none."""
    return own_element(node, "step")


def own_element(node: etree._Element, name: str) -> etree._Element:
    """Return an element of ours in the extensions of another, made where there is none; documentation stands first."""
    said = extension(node, name)
    if said is not None:
        return said
    holder = node.find(tag("extensionElements"))
    if holder is None:
        holder = etree.Element(tag("extensionElements"))
        node.insert(len(node.findall(tag("documentation"))), holder)
    return etree.SubElement(holder, f"{{{MOTCUA}}}{name}")
