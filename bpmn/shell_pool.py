"""The pool of the case: the fragments that every procedure shares, around its steps.

Receipt with a check of completeness, one supplement request or a refusal at the desk; while the steps run: refusal,
supplement, financial obligation, withdrawal and stop (domain.md §1.4, §1.6, §1.8). Ends that close the case
terminate it, so that an unanswered request cannot keep a closed case open.
"""

from __future__ import annotations

from bpmn.drawing import Edge, Extension, Lane, Node, Pool
from bpmn.layout import EVENT, GATEWAY, HEADER, TASK, Box, Side, route
from bpmn.phases import Phase

CHECK = "check"
RETURN_REFUSAL = "return_refusal"
STEPS = "steps"
DESK, WORK = "lane_desk", "lane_work"
DESK_HEIGHT, WORK_HEIGHT, WIDTH = 400, 340, 1490
_START, _CHECK, _CHOICE, _CATCH, _END, _DOWN = 120, 230, 400, 530, 650, 730
_CALL_LEFT, _CALL_WIDTH = 780, 560
_HOOKS = (840, 980, 1120, 1260)
_AFTER = 1410
_ROWS = (60, 150, 265, 345)


def _task(unit: str, phase: Phase) -> Extension:
    zero = "0 working_day"
    return Extension("step", (("unit", unit), ("stage", "0"), ("stageLimit", zero), ("phase", str(phase))))


def _event(
    node: str, tag: str, name: str, lane: str, at: tuple[int, int], *, message: str | None = None, aside: bool = False
) -> Node:
    box = Box.centred(*at, EVENT)
    label = Box(at[0] + 22, at[1] - 14, 84, 28) if aside else Box.centred(at[0], at[1] + 34, (90, 28))
    return Node(node, tag, name, lane, box, label, message=message, terminates=tag == "endEvent")


def _desk_nodes(unit: str) -> list[Node]:
    catch, end = "intermediateCatchEvent", "endEvent"
    refused, main, wait, leave = _ROWS
    return [
        _event("start", "startEvent", "Nộp hồ sơ", DESK, (_START, main)),
        Node(
            CHECK,
            "userTask",
            "Kiểm tra thành phần hồ sơ",
            DESK,
            Box.centred(_CHECK, main, TASK),
            extension=_task(unit, Phase.RECEPTION),
        ),
        Node(
            "outcome_choice",
            "exclusiveGateway",
            "Kết quả kiểm tra?",
            DESK,
            Box.centred(_CHOICE, main, GATEWAY),
            label=Box(_CHOICE - 94, main - 52, 86, 28),
            default="flow_complete",
        ),
        _event("end_refused_desk", end, "Từ chối tiếp nhận", DESK, (_CHOICE, refused), aside=True),
        Node("supplement_wait", "eventBasedGateway", "", DESK, Box.centred(_CHOICE, wait, GATEWAY)),
        _event("supplement_desk", catch, "Nhận bổ sung", DESK, (_CHECK, wait), message="supplement.received"),
        _event("stopped_desk", catch, "Dừng", DESK, (_CATCH, wait), message="stopped"),
        _event("end_stopped_desk", end, "Dừng giải quyết", DESK, (_END, wait)),
        _event("withdrawn_desk", catch, "Xin rút", DESK, (_CATCH, leave), message="withdrawn"),
        _event("end_withdrawn_desk", end, "Rút hồ sơ", DESK, (_END, leave)),
        Node(
            RETURN_REFUSAL,
            "userTask",
            "Trả văn bản từ chối",
            DESK,
            Box.centred(_HOOKS[3], main, TASK),
            extension=_task(unit, Phase.RETURN),
        ),
        _event("end_refused", end, "Đã trả từ chối", DESK, (_AFTER, main)),
    ]


def _boundary(node: str, name: str, message: str, at: tuple[int, int], *, interrupting: bool) -> Node:
    box = Box.centred(*at, EVENT)
    label = Box(at[0] + 22, at[1] + 4, 90, 28)
    if message == "refused":
        label = Box(at[0] + 22, at[1] - 34, 90, 28)
    return Node(
        node, "boundaryEvent", name, WORK, box, label, message=message, attached=STEPS, interrupting=interrupting
    )


def _work_nodes(called: str) -> list[Node]:
    catch, end = "intermediateCatchEvent", "endEvent"
    top = DESK_HEIGHT + 60
    call = Box(_CALL_LEFT, top, _CALL_WIDTH, 80)
    first, second = call.bottom + 75, call.bottom + 145
    withdraw, stop, supplement, obligation = _HOOKS
    done = (_AFTER, call.centre[1])
    return [
        Node(STEPS, "callActivity", "Giải quyết theo các bước", WORK, call, calls=called),
        _boundary("on_withdrawn", "Xin rút", "withdrawn", (withdraw, call.bottom), interrupting=True),
        _boundary("on_stopped", "Dừng", "stopped", (stop, call.bottom), interrupting=True),
        _boundary("on_supplement", "Yêu cầu bổ sung", "supplement.requested", (supplement, call.bottom),
                  interrupting=False),
        _boundary("on_obligation", "Nghĩa vụ tài chính", "obligation.raised", (obligation, call.bottom),
                  interrupting=False),
        _boundary("on_refused", "Không đủ điều kiện", "refused", (obligation, call.y), interrupting=True),
        _event("end_withdrawn", end, "Rút hồ sơ", WORK, (withdraw, first), aside=True),
        _event("end_stopped", end, "Dừng giải quyết", WORK, (stop, first), aside=True),
        _event("supplement_received", catch, "Nhận bổ sung", WORK, (supplement, first),
               message="supplement.received", aside=True),
        _event("obligation_settled", catch, "Đã hoàn thành nghĩa vụ", WORK, (obligation, first),
               message="obligation.settled", aside=True),
        _plain_end("end_supplement", "Giải quyết tiếp", (supplement, second)),
        _plain_end("end_obligation", "Giải quyết tiếp", (obligation, second)),
        _event("end_done", end, "Kết thúc", WORK, done),
    ]  # fmt: skip


def _plain_end(node: str, name: str, at: tuple[int, int]) -> Node:
    return Node(node, "endEvent", name, WORK, Box.centred(*at, EVENT), Box(at[0] + 22, at[1] - 14, 84, 28))


_DOWNWARD = (
    ("on_withdrawn", "end_withdrawn"),
    ("on_stopped", "end_stopped"),
    ("on_supplement", "supplement_received"),
    ("on_obligation", "obligation_settled"),
    ("supplement_received", "end_supplement"),
    ("obligation_settled", "end_obligation"),
)
_RIGHTWARD = (
    ("start", CHECK),
    (CHECK, "outcome_choice"),
    ("supplement_wait", "stopped_desk"),
    ("stopped_desk", "end_stopped_desk"),
    ("withdrawn_desk", "end_withdrawn_desk"),
    (RETURN_REFUSAL, "end_refused"),
    (STEPS, "end_done"),
)


def _edges(nodes: dict[str, Box]) -> list[Edge]:
    def flow(source: str, leave: Side, target: str, enter: Side) -> Edge:
        return Edge(f"flow_{source}_{target}", source, target, route(nodes[source], leave, nodes[target], enter))

    choice, main = "outcome_choice", _ROWS[1]
    return [
        *(flow(source, Side.RIGHT, target, Side.LEFT) for source, target in _RIGHTWARD),
        *(flow(source, Side.BOTTOM, target, Side.TOP) for source, target in _DOWNWARD),
        flow("supplement_wait", Side.LEFT, "supplement_desk", Side.RIGHT),
        flow("supplement_wait", Side.BOTTOM, "withdrawn_desk", Side.LEFT),
        flow("supplement_desk", Side.TOP, CHECK, Side.BOTTOM),
        flow("on_refused", Side.TOP, RETURN_REFUSAL, Side.BOTTOM),
        Edge(
            "flow_complete",
            choice,
            STEPS,
            route(nodes[choice], Side.RIGHT, nodes[STEPS], Side.LEFT, via=_DOWN),
            name="Đủ thành phần",
            label=Box(_CHOICE + 40, main - 20, 90, 14),
        ),
        Edge(
            "flow_supplement",
            choice,
            "supplement_wait",
            route(nodes[choice], Side.BOTTOM, nodes["supplement_wait"], Side.TOP),
            name="Cần bổ sung",
            condition='outcome == "supplement"',
            label=Box(_CHOICE + 6, main + 44, 80, 14),
        ),
        Edge(
            "flow_refused",
            choice,
            "end_refused_desk",
            route(nodes[choice], Side.TOP, nodes["end_refused_desk"], Side.BOTTOM),
            name="Từ chối",
            condition='outcome == "refused"',
            label=Box(_CHOICE + 6, main - 50, 60, 14),
        ),
    ]


def build_shell_pool(process: str, called: str, name: str, unit: str, unit_name: str, extension: Extension) -> Pool:
    """Return the drawn pool of the case at the origin; `unit` is the one-stop unit that receives and returns."""
    nodes = [*_desk_nodes(unit), *_work_nodes(called)]
    lanes = (
        Lane(DESK, unit_name, Box(HEADER, 0, WIDTH - HEADER, DESK_HEIGHT), unit=unit),
        Lane(WORK, "Giải quyết", Box(HEADER, DESK_HEIGHT, WIDTH - HEADER, WORK_HEIGHT)),
    )
    box = Box(0, 0, WIDTH, DESK_HEIGHT + WORK_HEIGHT)
    edges = _edges({node.id: node.box for node in nodes})
    return Pool("pool_case", process, name, box, lanes, tuple(nodes), tuple(edges), extension)
