"""Choices that a drawing only names: the names of the ways become the outcomes of the step in front of the gateway."""

from __future__ import annotations

import re

from lxml import etree

from bpmn.elements import kind
from bpmn.foreign.lanes import unit_code
from bpmn.foreign.notes import Notes
from bpmn.names import MOTCUA
from bpmn.rules.step import MAX_OUTCOMES
from bpmn.vocabulary import XSI_TYPE
from bpmn.xml import tag

_VALUE = re.compile(r"[a-z][a-z0-9_]{0,39}")


def derive_outcomes(
    gateway: etree._Element, flows: list[etree._Element], step: etree._Element, task: etree._Element, notes: Notes
) -> bool:
    """Let the ways out of an exclusive gateway be chosen by the outcome of the task before it; tell whether that went.

    It goes where no way has a condition, each has a name of its own, and the task's `motcua:step` has no outcomes yet.
    """
    if kind(gateway) != "exclusiveGateway" or not 2 <= len(flows) <= MAX_OUTCOMES:
        return False
    labels = [" ".join((flow.get("name") or "").split()) for flow in flows]
    values = [unit_code(label).lower()[:40].strip("_") for label in labels]
    bare = all(flow.find(tag("conditionExpression")) is None for flow in flows)
    fit = all(_VALUE.fullmatch(value) for value in values) and len(set(values)) == len(values)
    if not bare or not fit or len(step):
        return False
    default = next((flow for flow in flows if flow.get("id") == gateway.get("default")), flows[-1])
    gateway.set("default", default.get("id") or "")
    for flow, label, value in zip(flows, labels, values, strict=True):
        outcome = etree.SubElement(step, f"{{{MOTCUA}}}outcome")
        outcome.set("value", value)
        outcome.set("label", label)
        if flow is not default:
            condition = etree.SubElement(flow, tag("conditionExpression"))
            condition.set(XSI_TYPE, "bpmn:tFormalExpression")
            condition.text = f'outcome = "{value}"'
    message = f"Its ways have only names; they are the outcomes of the step `{(task.get('name') or '')[:60]}` now."
    notes.warn("outcomes-derived", gateway.get("id") or "", message)
    return True


def forget(step: etree._Element) -> None:
    """Take away a `motcua:step` that nothing was written on, with the holder that was made for it."""
    holder = step.getparent()
    if holder is not None:
        holder.remove(step)
        task = holder.getparent()
        if task is not None and not len(holder):
            task.remove(holder)
