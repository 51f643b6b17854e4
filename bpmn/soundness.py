"""Rules on a process as a whole: that it can always end, that somebody acts in it, that its clock and limits fit.

Each rule is a small function or one thing that the walk can see. Rules on single elements are in their own modules;
these run when none of them has found an error, because only then is there a process to walk.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from bpmn.elements import Document
from bpmn.errors import InvalidModelError
from bpmn.findings import Finding, Severity
from bpmn.net import Net, compile_net
from bpmn.process_steps import Said, steps_of
from bpmn.rules.limit import stage_limits_differ, stages_against_limit, step_without_limit
from bpmn.rules.loop import loop_without_human
from bpmn.rules.naming import name_missing
from bpmn.rules.opinion import no_refusal_path, opinion_without_timeout, stage_without_owner
from bpmn.rules.outcome import outcome_findings
from bpmn.rules.variable import variable_unknown
from bpmn.walk import Walk, walk
from bpmn.walks.branches import reached
from bpmn.walks.marks import Sighting, is_framed
from bpmn.xml import extension, top_process

TWICE = "synchronisation-lacking"

# What the walk can see: severity, and what the finding says; `also` and `missing` are other elements.
SEEN: Mapping[str, tuple[Severity, str]] = MappingProxyType(
    {
        "deadlock": (
            Severity.ERROR,
            "The join waits for ever: nothing comes by {missing}. "
            "Join with a gateway of the kind that split, or lead every branch here.",
        ),
        TWICE: (
            Severity.ERROR,
            "Two branches come here at the same time, so it is done twice: "
            "join the branches with a parallel gateway before it.",
        ),
        "branch-outlives-end": (
            Severity.ERROR,
            "This can still be open when `{also}` has given the result: join the branches before the result is given.",
        ),
        "end-cuts-branch": (
            Severity.WARNING,
            "This end stops work that is still open (`{also}`): "
            "join the branches first, or use an end that does not terminate.",
        ),
        "error-uncaught": (
            Severity.ERROR,
            "Nothing catches this error: add an error event on the border of the call or sub-process around it.",
        ),
        "no-return": (
            Severity.ERROR,
            'A way ends here without giving the result: lead it over a step with `phase="return"`.',
        ),
        "no-decision": (
            Severity.ERROR,
            'A way ends here without a decision: lead it over a step with `endsProcessing="true"`.',
        ),
        "outcome-of-another-branch": (
            Severity.WARNING,
            "What is waited for before it ends no task, so `{also}` beside it may have written the outcome that is "
            "compared here: put the gateway behind its task, or ask a field of its own.",
        ),
        "decided-twice": (
            Severity.WARNING,
            "A way ends here with more than one step that ends processing, and only the first counts: keep one.",
        ),
        "pause-without-resume": (
            Severity.WARNING,
            'The clock stays paused on a way to `{also}`: add a step with `resumesClock="true"` on it.',
        ),
        "resume-without-pause": (
            Severity.WARNING,
            "On a way to this step nothing has paused the clock: "
            'add `pausesClock="true"` before it, or remove `resumesClock`.',
        ),
    }
)


def soundness_findings(document: Document, known: Collection[str] | None = None) -> Iterator[Finding]:
    """Yield what is wrong with the process of a file that has no other error.

    Args:
        known: the names that form and decisions write; None when nobody asks.
    """
    try:
        top = top_process(document.root)
        net = compile_net(document.root, top)
    except InvalidModelError:
        return  # a part of the library, or what another rule names
    steps = steps_of(document)
    yield from name_missing(document)
    loops = list(loop_without_human(net))
    yield from loops
    yield from _still_rules(document, net, steps, known)
    if not loops:
        yield from walk_findings(net, walk(net, steps))


def _still_rules(
    document: Document, net: Net, steps: Mapping[str, Said], known: Collection[str] | None
) -> Iterator[Finding]:
    """Yield what can be seen without walking."""
    yield from stage_without_owner(net, steps)
    yield from step_without_limit(steps)
    yield from stage_limits_differ(steps)
    yield from stages_against_limit(net, steps, _limit(document, net), net.top)
    yield from opinion_without_timeout(net, steps)
    yield from outcome_findings(net, steps)
    if known is not None:
        yield from variable_unknown(net, steps, known)
    yield from no_refusal_path(net, steps, is_framed=is_framed(net))


def _limit(document: Document, net: Net) -> str:
    element = next(process.element for process in document.processes if process.id == net.top)
    said = extension(element, "procedure")
    return "" if said is None else said.get("limit") or ""


def walk_findings(net: Net, found: Walk) -> Iterator[Finding]:
    """Yield what the walk has seen, one finding for each rule and element."""
    told: set[tuple[str, str]] = set()
    twice = [seen.where for seen in found.sightings if seen.rule == TWICE]
    for seen in found.sightings:
        follows = seen.rule == TWICE and any(_follows(net, seen.where, other) for other in twice)
        if (seen.rule, seen.where) not in told and not follows:
            told.add((seen.rule, seen.where))
            severity, message = SEEN[seen.rule]
            yield Finding(seen.rule, severity, seen.where, _said(message, seen, net))
    if found.is_bounded:
        message_text = f"Only {len(found.came)} states were looked at: too many branches run beside each other."
        yield Finding("walk-bounded", Severity.WARNING, net.top, f"{message_text} Put some one after the other.")
    elif not any(SEEN[seen.rule][0] is Severity.ERROR for seen in found.sightings):
        yield from never_reached(net, found)


def _follows(net: Net, node: str, other: str) -> bool:
    """Tell whether a node lies behind another: what is done twice there is done twice behind it, too."""
    return node in reached(net, [other]) and other not in reached(net, [node])


def never_reached(net: Net, found: Walk) -> Iterator[Finding]:
    """Yield the first nodes of what no way comes to, whatever outcomes and answers there are."""
    opened = {net.top} | {node.opens for node in net.nodes.values() if node.opens and node.id in found.reached}
    for node in net.nodes.values():
        before = [net.flows[flow].source for flow in node.incoming]
        if node.id in found.reached or (before and not any(each in found.reached for each in before)):
            continue
        if node.host is not None and node.host not in found.reached:
            continue
        if node.scope not in opened:
            continue
        message = "No way comes here, whatever is decided: correct the conditions before it, or remove it."
        yield Finding("never-reached", Severity.WARNING, node.id, message)


def _said(message: str, seen: Sighting, net: Net) -> str:
    missing = [f"`{flow}`" for flow in net.nodes[seen.where].incoming if flow != seen.also]
    return message.format(also=seen.also, missing=", ".join(missing[:3]) or "another flow")
