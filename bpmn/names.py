"""The names that models and engine share: XML namespaces and messages."""

from __future__ import annotations

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
MOTCUA = "urn:motcua:bpmn:1"
NAMESPACES = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI, "motcua": MOTCUA}

# What the frame waits for; the order is part of the content, and so of the names, of published versions.
FRAME_MESSAGES = (
    "supplement.received",
    "supplement.requested",
    "obligation.raised",
    "obligation.settled",
    "refused",
    "stopped",
    "withdrawn",
)

# What the engine tells a process; a model may wait for these and no others.
MESSAGES = (
    *FRAME_MESSAGES,
    "limit.passed",  # the own limit of a task or of a wait
    "wait.over",  # a fixed time, such as the 15 days of a posting
    "opinion.answered",
    "verification.answered",
    "payment.confirmed",
    "objection.raised",
    "result.arrived",  # of the procedure before in a chain, or of another agency
    "applicant.confirmed",
)

# What a service task may ask of the engine, by name.
SERVICES = (
    "notify_applicant",
    "notify_supervisor",
    "start_next",
    "record_milestone",
)

PART_PREFIX = "part_"  # process ids of the library of shared parts
