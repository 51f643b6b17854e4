"""What a source leaves to rule is written down: units by lane, the order of steps, stages with their shares, phases.

Each rule only fills what is missing, so that a model which says everything stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lxml import etree

from bpmn.elements import kind
from bpmn.own_elements import step_of
from bpmn.phases import Phase, assign_phases
from bpmn.xml import extension, tag

NOTHING = "0 working_day"
_SCOPES = ("process", "subProcess")


@dataclass(slots=True)
class _Drawn:
    """A task with its `motcua:step`, and the lane that it or the call around it lies in."""

    task: etree._Element
    step: etree._Element
    lane: etree._Element | None

    def get(self, name: str, otherwise: str = "") -> str:
        """Return an attribute of the step."""
        return self.step.get(name) or otherwise


def complete_steps(root: etree._Element, process: etree._Element) -> None:
    """Fill what the steps of a process and of all that it calls leave out."""
    called = {each.get("id") or "": each for each in root.iterchildren(tag("process"))}
    drawn = list(_in_order(process, called, None, frozenset()))
    for each in drawn:
        _fill_unit(each)
    if not all(each.step.get("order") for each in drawn):
        for at, each in enumerate(drawn, start=1):
            each.step.set("order", str(at))
    drawn.sort(key=lambda each: int(each.get("order")) if each.get("order").isdigit() else 0)
    _fill_stages(drawn)
    _fill_phases(drawn)
    for each in drawn:
        if each.step.get("key") is None:
            each.step.set("key", each.task.get("id") or "")


def _in_order(
    scope: etree._Element, called: Mapping[str, etree._Element], lane: etree._Element | None, inside: frozenset[str]
) -> Iterator[_Drawn]:
    """Yield the tasks of a scope in the order of its flows, those of calls and sub-processes at their place."""
    own = scope.get("id") or ""
    if own in inside:
        return  # a call cycle, which the linter names
    lanes = _lanes(scope)
    for node in _ordered(scope):
        around = lanes.get(node.get("id") or "", lane)
        if kind(node) == "userTask":
            yield _Drawn(node, step_of(node), around)
        elif kind(node) == "subProcess":
            yield from _in_order(node, called, around, inside | {own})
        elif kind(node) == "callActivity":
            target = called.get(node.get("calledElement") or "")
            if target is not None:
                yield from _in_order(target, called, around, inside | {own})


def _lanes(scope: etree._Element) -> dict[str, etree._Element]:
    return {
        (reference.text or "").strip(): lane
        for lane in scope.iter(tag("lane"))
        for reference in lane.findall(tag("flowNodeRef"))
        if kind(scope) in _SCOPES
    }


def _ordered(scope: etree._Element) -> list[etree._Element]:
    """Return the nodes of a scope by the length of the longest way from the start, flows that lead back left out."""
    nodes = {each.get("id") or "": each for each in scope.iterchildren() if each.get("id")}
    following: dict[str, list[str]] = {node: [] for node in nodes}
    for flow in scope.iterchildren(tag("sequenceFlow")):
        following.setdefault(flow.get("sourceRef") or "", []).append(flow.get("targetRef") or "")
    for border in scope.iterchildren(tag("boundaryEvent")):
        following.setdefault(border.get("attachedToRef") or "", []).append(border.get("id") or "")
    starts = [node for node, element in nodes.items() if kind(element) == "startEvent"]
    starts += [node for node, element in nodes.items() if element.get("triggeredByEvent") == "true"]
    finished = _postorder(starts, following)
    rank = dict.fromkeys(reversed(finished), 0)
    seen: set[str] = set()
    for node in reversed(finished):
        seen.add(node)
        for target in following.get(node, []):
            if target in rank and target not in seen:
                rank[target] = max(rank[target], rank[node] + 1)
    places = {node: at for at, node in enumerate(nodes)}
    reached = sorted((node for node in rank if node in nodes), key=lambda node: (rank[node], places[node]))
    return [nodes[node] for node in [*reached, *(node for node in nodes if node not in rank)]]


def _postorder(starts: Sequence[str], following: Mapping[str, Sequence[str]]) -> list[str]:
    finished: list[str] = []
    seen: set[str] = set()
    stack = [(start, iter(following.get(start, ()))) for start in reversed(starts)]
    seen.update(starts)
    while stack:
        node, targets = stack[-1]
        target = next((each for each in targets if each not in seen), None)
        if target is None:
            finished.append(node)
            stack.pop()
        else:
            seen.add(target)
            stack.append((target, iter(following.get(target, ()))))
    return finished


def _fill_unit(drawn: _Drawn) -> None:
    said = extension(drawn.lane, "lane") if drawn.lane is not None else None
    if drawn.step.get("unit") is None and said is not None and said.get("unit"):
        drawn.step.set("unit", said.attrib["unit"])
    if drawn.step.get("stageLabel") is None and drawn.lane is not None and drawn.lane.get("name"):
        drawn.step.set("stageLabel", drawn.lane.attrib["name"])


def _fill_stages(drawn: Sequence[_Drawn]) -> None:
    """Number the stages: consecutive steps of one unit under one label are one, and share the sum of their limits.

    What runs beside the others has stage 0 already, or does not count in the limit, and keeps its own limit.
    """
    if not all(each.step.get("stage") for each in drawn):
        _number_stages(drawn)
    stages: dict[str, list[_Drawn]] = {}
    for each in drawn:
        stages.setdefault(each.get("stage"), []).append(each)
    for stage, steps in stages.items():
        given = next((each.get("stageLimit") for each in steps if each.get("stageLimit")), None)
        share = NOTHING if stage == "0" else given or _summed([each.get("limit") for each in steps])
        for each in steps:
            if each.step.get("stageLimit") is None:
                each.step.set("stageLimit", share)


def _number_stages(drawn: Sequence[_Drawn]) -> None:
    no, before = 0, ("", "")
    for each in drawn:
        if each.step.get("stage") == "0" or each.get("countsInLimit") == "false":
            each.step.set("stage", "0")
            continue
        mark = (each.get("unit"), each.get("stageLabel"))
        no += mark != before
        before = mark
        each.step.set("stage", str(no))


def _summed(limits: Sequence[str]) -> str:
    """Return the sum of amounts in one unit; other shapes are joined, and read as one limit of several segments."""
    segments = [part.split() for limit in limits if limit for part in limit.split("+")]
    units = {part[1] for part in segments if len(part) == 2}
    if not segments:
        return NOTHING
    try:
        amounts = [Decimal(part[0]) for part in segments]
    except InvalidOperation:
        return segments[0][0] if len(segments[0]) == 1 else " ".join(segments[0])  # the linter says what is wrong
    if len(units) == 1 and all(len(part) == 2 for part in segments):
        return f"{_plain(sum(amounts, Decimal(0)))} {units.pop()}"
    return " + ".join(" ".join(part) for part in segments)


def _plain(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fill_phases(drawn: Sequence[_Drawn]) -> None:
    staged = [each for each in drawn if each.step.get("stage") != "0"]
    finishing = max((at for at, each in enumerate(staged) if each.get("endsProcessing") == "true"), default=None)
    if staged and finishing is not None:
        phases = assign_phases([each.get("unit") for each in staged], finishing)
        for each, phase in zip(staged, phases, strict=True):
            if each.step.get("phase") is None:
                each.step.set("phase", str(phase))
    for each in drawn:
        if each.step.get("phase") is None:
            each.step.set("phase", str(Phase.PROCESSING))
