"""What an automatic drawing must keep: everything is there, nothing lies on anything else, edges go at right angles."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from bpmn.autolayout import lay_out
from bpmn.errors import InvalidModelError
from bpmn.layout import Box
from bpmn.lint import lint
from bpmn.names import BPMN, BPMNDI, DC, DI
from bpmn.placement.labels import label_size, wrapped
from bpmn.placement.ranks import Link, rank_nodes
from bpmn.xml import parse_document
from tests.support.step_tables import a_model_xml

HEAD = f'<bpmn:definitions xmlns:bpmn="{BPMN}" id="d" targetNamespace="x">'
MODELS = sorted((Path(__file__).parents[3] / "bpmn" / "models").rglob("*.bpmn"))
TALL = 'subProcess id="sub" name="Niêm yết"><bpmn:startEvent id="i1"/><bpmn:userTask id="i2" name="Dán"/>'


def _process(lanes: list[list[str]], nodes: dict[str, str], flows: list[tuple[str, str]]) -> str:
    drawn = "".join(
        f'<bpmn:lane id="lane{at}" name="L{at}">'
        + "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in lane)
        + "</bpmn:lane>"
        for at, lane in enumerate(lanes)
    )
    return (
        HEAD
        + '<bpmn:process id="p" name="P">'
        + (f'<bpmn:laneSet id="lanes">{drawn}</bpmn:laneSet>' if lanes else "")
        + "".join(f'<bpmn:{kind} id="{node}" name="Tên {node}"/>' for node, kind in nodes.items())
        + "".join(f'<bpmn:sequenceFlow id="f{at}" sourceRef="{a}" targetRef="{b}"/>' for at, (a, b) in enumerate(flows))
        + "</bpmn:process></bpmn:definitions>"
    )


def _boxes(xml: str) -> dict[str, Box]:
    found = {}
    for shape in parse_document(xml).iter(f"{{{BPMNDI}}}BPMNShape"):
        bounds = shape.find(f"{{{DC}}}Bounds")
        assert bounds is not None
        numbers = [int(bounds.get(name) or "") for name in ("x", "y", "width", "height")]
        found[shape.get("bpmnElement") or ""] = Box(*numbers)
    return found


def _edges(xml: str) -> dict[str, list[tuple[int, int]]]:
    return {
        edge.get("bpmnElement") or "": [
            (int(point.get("x") or ""), int(point.get("y") or "")) for point in edge.findall(f"{{{DI}}}waypoint")
        ]
        for edge in parse_document(xml).iter(f"{{{BPMNDI}}}BPMNEdge")
    }


def _overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def _inside(inner: Box, outer: Box) -> bool:
    return outer.x <= inner.x and inner.right <= outer.right and outer.y <= inner.y and inner.bottom <= outer.bottom


def _touches(point: tuple[int, int], box: Box) -> bool:
    x, y = point
    on_side = x in (box.x, box.right) and box.y <= y <= box.bottom
    return on_side or (y in (box.y, box.bottom) and box.x <= x <= box.right)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[list[str]], dict[str, str], list[tuple[str, str]]]:
    """Draw a process: a line of nodes with lanes at random and any flows between them, also back and across."""
    number = draw(st.integers(2, 12))
    kinds = ["userTask", "exclusiveGateway", "intermediateCatchEvent", "callActivity"]
    nodes = {"n0": "startEvent"} | {f"n{at}": draw(st.sampled_from(kinds)) for at in range(1, number)}
    names = list(nodes)
    extra = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names[1:])), max_size=10))
    lanes: list[list[str]] = [[] for _ in range(draw(st.integers(0, 4)))]
    if lanes:
        for node in names:
            lanes[draw(st.integers(0, len(lanes) - 1))].append(node)
    return lanes, nodes, [*pairwise(names), *extra]


@settings(max_examples=25, deadline=None)
@given(graphs())
def test_any_process_is_drawn_without_overlaps(
    graph: tuple[list[list[str]], dict[str, str], list[tuple[str, str]]],
) -> None:
    lanes, nodes, flows = graph
    xml = lay_out(_process(*graph))
    boxes, edges = _boxes(xml), _edges(xml)
    assert set(nodes) <= set(boxes)
    assert len(edges) == len(flows)
    assert not [pair for pair in combinations(nodes, 2) if _overlap(boxes[pair[0]], boxes[pair[1]])]
    for at, lane in enumerate(lanes):
        assert all(_inside(boxes[node], boxes[f"lane{at}"]) for node in lane)
    assert not [pair for pair in combinations(range(len(lanes)), 2) if _overlap(*(boxes[f"lane{at}"] for at in pair))]
    for at, (source, target) in enumerate(flows):
        points = edges[f"f{at}"]
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))
        assert _touches(points[0], boxes[source])
        assert _touches(points[-1], boxes[target])
    assert lay_out(_process(*graph)) == xml


def _crossed(points: list[tuple[int, int]], box: Box) -> bool:
    return any(
        min(a[0], b[0]) < box.right
        and max(a[0], b[0]) > box.x
        and min(a[1], b[1]) < box.bottom
        and max(a[1], b[1]) > box.y
        for a, b in pairwise(points)
    )


@pytest.mark.parametrize("path", MODELS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_models_of_the_library_are_drawn_with_edges_around_boxes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    xml = lay_out(text)
    boxes, edges = _boxes(xml), _edges(xml)
    root = parse_document(xml)
    parents = {each.get("id"): each for each in root.iter() if each.get("id")}
    for flow, points in edges.items():
        scope = parents[flow].getparent()
        assert scope is not None
        nodes = [each.get("id") or "" for each in scope if each.get("id") in boxes and each.tag != f"{{{BPMN}}}laneSet"]
        assert not [node for node in nodes if _crossed(points, boxes[node])], flow


def test_a_drawing_replaces_the_one_before_and_changes_nothing_else() -> None:
    xml = a_model_xml()
    again = lay_out(xml)
    assert lint(again) == lint(xml)
    assert again.count("BPMNDiagram ") == 1

    def model(text: str) -> bytes:
        root = parse_document(text)
        for diagram in root.findall(f"{{{BPMNDI}}}BPMNDiagram"):
            root.remove(diagram)
        return b"".join(etree.tostring(element, method="c14n").strip() for element in root)

    assert b"".join(model(again).split()) == b"".join(model(xml).split())


def test_subprocesses_hold_what_is_in_them_and_boundary_events_sit_on_the_border() -> None:
    xml = _process([["s", "sub", "e"]], {"s": "startEvent", "e": "endEvent"}, [("s", "sub"), ("sub", "e")])
    inner = f'<bpmn:{TALL}<bpmn:sequenceFlow id="g1" sourceRef="i1" targetRef="i2"/></bpmn:subProcess>'
    border = '<bpmn:boundaryEvent id="b1" attachedToRef="sub"/><bpmn:boundaryEvent id="b2" attachedToRef="sub"/>'
    beside = '<bpmn:subProcess id="ev" triggeredByEvent="true"><bpmn:startEvent id="v1"/></bpmn:subProcess>'
    boxes = _boxes(lay_out(xml.replace("<bpmn:endEvent", inner + border + beside + "<bpmn:endEvent")))
    assert all(_inside(boxes[node], boxes["sub"]) for node in ("i1", "i2"))
    assert _inside(boxes["v1"], boxes["ev"])
    assert all(boxes[node].centre[1] == boxes["sub"].bottom for node in ("b1", "b2"))
    assert not _overlap(boxes["b1"], boxes["b2"])
    assert not _overlap(boxes["ev"], boxes["sub"])
    assert _inside(boxes["ev"], boxes["lane0"])


def test_a_straight_way_stays_straight() -> None:
    names = ["s", "a", "b", "c", "e"]
    kinds = ["startEvent", "userTask", "userTask", "userTask", "endEvent"]
    xml = lay_out(_process([names], dict(zip(names, kinds, strict=True)), [*pairwise(names), ("c", "a")]))
    boxes, edges = _boxes(xml), _edges(xml)
    assert len({boxes[name].centre[1] for name in names}) == 1
    assert all(len(edges[f"f{at}"]) == 2 for at in range(4))
    assert len(edges["f4"]) > 2


def test_lanes_in_lanes_lie_in_each_other() -> None:
    nested = (
        '<bpmn:laneSet id="ls"><bpmn:lane id="outer" name="O"><bpmn:childLaneSet id="c">'
        '<bpmn:lane id="one" name="1"><bpmn:flowNodeRef>s</bpmn:flowNodeRef></bpmn:lane>'
        '<bpmn:lane id="two" name="2"><bpmn:flowNodeRef>e</bpmn:flowNodeRef></bpmn:lane>'
        "</bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"
    )
    xml = _process([], {"s": "startEvent", "e": "endEvent"}, [("s", "e")])
    boxes = _boxes(lay_out(xml.replace("<bpmn:startEvent", nested + "<bpmn:startEvent")))
    assert _inside(boxes["one"], boxes["outer"])
    assert _inside(boxes["two"], boxes["outer"])
    assert _inside(boxes["s"], boxes["one"])
    assert _inside(boxes["e"], boxes["two"])


@pytest.mark.parametrize("text", ["<a/>", HEAD + "</bpmn:definitions>", "not xml"])
def test_what_is_no_process_is_not_drawn(text: str) -> None:
    with pytest.raises(InvalidModelError):
        lay_out(text)


def test_drawings_are_bounded() -> None:
    many = {f"n{at}": "userTask" for at in range(1001)}
    with pytest.raises(InvalidModelError, match="at most 1000 nodes"):
        lay_out(_process([], many, []))
    deep = '<bpmn:subProcess id="d{}">'
    nested = "".join(deep.format(at) for at in range(20)) + "</bpmn:subProcess>" * 20
    with pytest.raises(InvalidModelError, match="nested deeper"):
        lay_out(HEAD + f'<bpmn:process id="p">{nested}</bpmn:process></bpmn:definitions>')


def test_a_large_process_takes_the_plain_way_in_the_end() -> None:
    names = [f"n{at}" for at in range(60)]
    flows = [(a, b) for a in names for b in names[1:] if a != b][:900]
    xml = lay_out(_process([], dict.fromkeys(names, "userTask"), flows))
    assert len(_edges(xml)) == 900


def test_ranks_follow_the_longest_way_and_name_what_goes_back() -> None:
    links = [Link("1", "a", "b"), Link("2", "b", "c"), Link("3", "a", "c"), Link("4", "c", "a"), Link("5", "b", "b")]
    ranking = rank_nodes(["a", "b", "c"], links)
    assert ranking.rank == {"a": 0, "b": 1, "c": 2}
    assert ranking.back == {"4", "5"}
    assert ranking.dominator == {"b": "a", "c": "a"}


def test_names_are_broken_as_the_viewer_breaks_them() -> None:
    assert wrapped("Trả giấy chứng nhận", 15) == ["Trả giấy chứng", "nhận"]
    assert wrapped("", 15) == [""]
    assert label_size("Đủ")[1] == 14
    assert label_size("Không đủ điều kiện")[1] == 28
