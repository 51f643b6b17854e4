"""The pool of the steps: a lane for each unit, the steps in a row, a hand-over wherever the unit changes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bpmn.drawing import Edge, Extension, Lane, Node, Pool
from bpmn.layout import EVENT, GAP, HEADER, LANE_HEIGHT, MARGIN, TASK, Box, Side, columns, route
from bpmn.tables import StepTable, TableStep

HANDOVER = "Bàn giao"
LABEL = (70, 14)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A node before it has a place."""

    id: str
    tag: str
    name: str
    unit: str
    extension: Extension | None = None


def identifier(text: str) -> str:
    """Return a text as part of an XML id: ASCII letters, digits and underscores."""
    return re.sub(r"[^A-Za-z0-9_]", "_", text)


def step_node(step: TableStep) -> str:
    """Return the node id of a step: its place and the last part of its key."""
    return f"s{step.order:02d}_{identifier(step.key.rpartition('::')[2])[:60]}"


def unit_names(table: StepTable, names: Mapping[str, str]) -> dict[str, str]:
    """Return the name of each unit in the order of appearance: the one given, else its first label."""
    found: dict[str, str] = {}
    for step in table.steps:
        found.setdefault(step.unit, names.get(step.unit) or step.unit_label)
    return found


def build_steps_pool(table: StepTable, names: Mapping[str, str], top: int) -> Pool:
    """Return the drawn pool whose upper border is at `top`."""
    drafts = _drafts(table.steps)
    sizes = [EVENT if draft.tag != "userTask" else TASK for draft in drafts]
    left = HEADER * 2 + MARGIN
    centres = columns(sizes, left)
    width = centres[-1] + sizes[-1][0] // 2 + MARGIN
    units = unit_names(table, names)
    lanes = {
        unit: Lane(
            f"lane_{at + 1:02d}", label, Box(HEADER, top + at * LANE_HEIGHT, width - HEADER, LANE_HEIGHT), unit=unit
        )
        for at, (unit, label) in enumerate(units.items())
    }
    nodes = [
        _place(draft, lanes[draft.unit], centre, size, _next_unit(drafts, at), lanes)
        for at, (draft, centre, size) in enumerate(zip(drafts, centres, sizes, strict=True))
    ]
    edges = tuple(_edge(source, target) for source, target in pairwise(nodes))
    process = f"steps_{identifier(table.code)}"
    box = Box(0, top, width, LANE_HEIGHT * len(lanes))
    return Pool("pool_steps", process, f"Các bước: {table.name}", box, tuple(lanes.values()), tuple(nodes), edges)


def _drafts(steps: Sequence[TableStep]) -> list[_Draft]:
    drafts = [_Draft("steps_start", "startEvent", "Bắt đầu", steps[0].unit)]
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        drafts.append(_Draft(step_node(step), "userTask", step.name, step.unit, _step_extension(step)))
        if following is not None and following.unit != step.unit:
            line = Extension("handover", (("from", step.unit), ("to", following.unit)))
            drafts.append(_Draft(f"handover_{step.order:02d}", "intermediateThrowEvent", HANDOVER, step.unit, line))
    drafts.append(_Draft("steps_end", "endEvent", "Kết thúc", steps[-1].unit))
    return drafts


def _step_extension(step: TableStep) -> Extension:
    attributes = [
        ("key", step.key),
        ("order", str(step.order)),
        ("unit", step.unit),
        ("stage", str(step.stage)),
        ("stageLabel", step.unit_label),
        ("stageLimit", step.stage_limit),
    ]
    if step.limit is not None:
        attributes.append(("limit", step.limit))
    attributes.append(("phase", str(step.phase)))
    flags = {
        "pausesClock": step.pauses_clock,
        "resumesClock": step.resumes_clock,
        "endsProcessing": step.ends_processing,
        "singleOfficer": step.single_officer,
    }
    attributes.extend((flag, "true") for flag, value in flags.items() if value)
    return Extension("step", tuple(attributes))


def _next_unit(drafts: Sequence[_Draft], at: int) -> str:
    return drafts[min(at + 1, len(drafts) - 1)].unit


def _place(
    draft: _Draft, lane: Lane, centre: int, size: tuple[int, int], following: str, lanes: Mapping[str, Lane]
) -> Node:
    middle = lane.box.centre[1]
    box = Box.centred(centre, middle, size)
    label = None
    if draft.tag != "userTask":
        # The label keeps away from the side on which the edge to another lane leaves.
        leaves_down = lanes[following].box.y > lane.box.y
        offset = -(size[1] // 2 + 12) if leaves_down else size[1] // 2 + 12
        label = Box.centred(centre, middle + offset, LABEL)
    return Node(draft.id, draft.tag, draft.name, lane.id, box, label, draft.extension)


def _edge(source: Node, target: Node) -> Edge:
    drop = target.box.centre[1] - source.box.centre[1]
    leave = Side.RIGHT if drop == 0 else Side.BOTTOM if drop > 0 else Side.TOP
    points = route(source.box, leave, target.box, Side.LEFT)
    return Edge(f"flow_{source.id}", source.id, target.id, points)


def next_top(pool: Pool) -> int:
    """Return where a pool below this one may begin."""
    return pool.box.bottom + GAP
