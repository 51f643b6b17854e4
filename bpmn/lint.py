"""What a model may contain: everything else is refused before anything reads it (engine.md §7, attacks S01 and S03).

The library accepts and silently ignores several BPMN elements, and evaluates Python where BPMN has expressions. So a
whitelist decides, and each finding names the element.
"""

from __future__ import annotations

from itertools import chain, islice

from bpmn.elements import Document, kind
from bpmn.errors import InvalidModelError
from bpmn.findings import Finding, error, has_errors
from bpmn.rules.element import content_findings
from bpmn.rules.flow import flow_findings
from bpmn.rules.step import lane_findings, step_findings
from bpmn.soundness import soundness_findings
from bpmn.xml import HostileXmlError, parse_document

MAX_FINDINGS = 200
MAX_PROCESSES = 20


def lint(
    xml: str | bytes,
    *,
    source: bool = False,
    parts: frozenset[str] = frozenset(),
    decisions: frozenset[str] | None = None,
    known: frozenset[str] | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong with a model, at most 200 findings; no error among them means that it can run.

    In a `source` what the assembly fills in may be absent (unit, stage, order, phase), and calls may name `parts` that
    the assembly puts in. `decisions` are the ids of the decision tables beside the model, `known` the names that its
    form and these decisions write; None means that nobody asks. A model without errors is walked (bpmn/soundness.py).
    Never raises and never expands an entity, whatever the bytes are.
    """
    try:
        root = parse_document(xml)
    except HostileXmlError as problem:
        return (error("xml-hostile", "file", str(problem)),)
    except InvalidModelError as problem:
        return (error("xml-malformed", "file", str(problem)),)
    if kind(root) != "definitions":
        return (error("not-bpmn", "file", "The file is not BPMN 2.0: its root is no `bpmn:definitions`."),)
    document = Document.index(root)
    if not document.processes:
        return (error("process-missing", "file", "The file has no process."),)
    if len(document.processes) > MAX_PROCESSES:
        message = f"A file has at most {MAX_PROCESSES} processes, not {len(document.processes)}."
        return (error("processes-too-many", "file", message),)
    content = list(islice(content_findings(document, parts), MAX_FINDINGS))
    rules = chain(
        flow_findings(document, source=source),
        lane_findings(document),
        step_findings(document, source=source, decisions=decisions),
    )
    found = (*content, *islice(rules, MAX_FINDINGS - len(content)))
    if source or has_errors(found):
        return found
    return (*found, *islice(soundness_findings(document, known), MAX_FINDINGS - len(found)))
