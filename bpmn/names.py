"""The names that models and engine share: XML namespaces and messages."""

from __future__ import annotations

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
MOTCUA = "urn:motcua:bpmn:1"
NAMESPACES = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI, "motcua": MOTCUA}

# What the engine tells a process; a model may wait for these and no others.
MESSAGES = (
    "supplement.received",
    "supplement.requested",
    "obligation.raised",
    "obligation.settled",
    "refused",
    "stopped",
    "withdrawn",
)
