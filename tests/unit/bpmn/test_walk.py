"""The walk over the states of a process: what it finds, what it leaves out, and where it stops."""

from __future__ import annotations

from hypothesis import assume, example, given, settings

from bpmn.elements import Document
from bpmn.lint import lint
from bpmn.net import compile_net
from bpmn.process_steps import steps_of
from bpmn.soundness import walk_findings
from bpmn.walk import Walk, walk
from bpmn.xml import parse_document, top_process
from tests.support import small_models as small
from tests.support.random_nets import Drawn, block_nets, goes_wrong, slips
from tests.support.small_models import parallel, task, with_end, xor
from tests.support.step_tables import a_model_xml

WRONG = {"deadlock", "synchronisation-lacking", "loop-without-human"}
ABOUT_STRUCTURE = {"incoming-count", "outgoing-count", "node-unreachable", "node-without-end", "id-duplicate"}


def _walked(xml: str, **bounds: int) -> Walk:
    root = parse_document(xml)
    return walk(compile_net(root, top_process(root)), steps_of(Document.index(root)), **bounds)


def _rules(xml: str) -> set[str]:
    return {found.rule for found in lint(xml)}


@given(block_nets())
@settings(max_examples=100)
def test_processes_made_of_blocks_are_sound(drawn: Drawn) -> None:
    errors = [found for found in lint(drawn.xml()) if found.severity == "error"]
    assert errors == []
    assert not goes_wrong(drawn)


@given(slips())
@example(
    Drawn(
        {"xor0": "xor", "and1": "and", "task2": "task", "task3": "task"},
        (
            ("start", "xor0"),
            ("xor0", "task2"),
            ("xor0", "task3"),
            ("task2", "and1"),
            ("task3", "and1"),
            ("and1", "decide"),
        ),
    )
)
@settings(max_examples=120, deadline=None)
def test_a_slip_is_found_exactly_when_some_run_goes_wrong(drawn: Drawn) -> None:
    found = _rules(drawn.xml())
    assume(not found & ABOUT_STRUCTURE)
    assert bool(found & WRONG) == goes_wrong(drawn)


def test_a_walk_that_stops_early_says_so() -> None:
    ways = [task(f"a{at}") for at in range(8)]
    flow = ("start -> split", "join -> decide", *(f"split -> a{at} -> join" for at in range(8)))
    xml = with_end(*ways, parallel("split"), parallel("join"), flow=flow)
    root = parse_document(xml)
    net = compile_net(root, top_process(root))
    whole, cut = _walked(xml), _walked(xml, states=50)
    assert (whole.is_bounded, cut.is_bounded) == (False, True)
    assert len(whole.came) == 2**8 + 1  # each subset of the eight that are done, and `give`
    assert [found.rule for found in walk_findings(net, cut)] == ["walk-bounded"]


def test_twelve_splits_in_a_row_stay_small() -> None:
    parts, flow = [], ["start -> split0"]
    for at in range(12):
        parts += [parallel(f"split{at}"), parallel(f"join{at}"), task(f"a{at}"), task(f"b{at}")]
        onward = f"split{at + 1}" if at < 11 else "decide"
        flow += [f"split{at} -> a{at} -> join{at} -> {onward}", f"split{at} -> b{at} -> join{at}"]
    assert len(_walked(with_end(*parts, flow=tuple(flow))).came) == 3 * 12 + 2


def test_the_frame_adds_little_to_the_walk() -> None:
    found = _walked(a_model_xml())
    assert len(found.came) < 30
    assert found.moves < 60
    assert not found.sightings


def test_a_condition_that_is_asked_twice_is_answered_alike() -> None:
    def asked(again: str) -> set[str]:
        return _rules(
            with_end(
                task("a", pausesClock="true"),
                task("b", resumesClock="true"),
                *(xor(node, default) for node, default in (("first", "second"), ("second", "decide"))),
                flow=("start -> first -[needs_tax = true]-> a -> second", "first -> second -> decide",
                      f"second -[{again}]-> b -> decide"),
            )
        )  # fmt: skip

    assert not asked("needs_tax = true") & {"pause-without-resume", "resume-without-pause"}
    assert asked("other = true") >= {"pause-without-resume", "resume-without-pause"}


def test_a_condition_on_what_a_step_writes_may_change() -> None:
    xml = with_end(
        task("a", pausesClock="true", inputs=("needs_tax",)),
        task("b", resumesClock="true"),
        *(xor(node, default) for node, default in (("first", "second"), ("second", "decide"))),
        flow=("start -> first -[needs_tax = true]-> a -> second", "first -> second -> decide",
              "second -[needs_tax = true]-> b -> decide"),
    )  # fmt: skip
    assert "pause-without-resume" in _rules(xml)


def test_variables_are_asked_for_only_where_form_and_decisions_are_known() -> None:
    xml = with_end(
        task("a"), xor("choice", "decide"), flow=("start -> choice -> decide", "choice -[urgent = true]-> a -> decide")
    )
    assert "variable-unknown" not in _rules(xml)
    unknown = [found for found in lint(xml, known=frozenset()) if found.rule == "variable-unknown"]
    assert [(found.where, found.severity) for found in unknown] == [("choice_a", "error")]
    assert "variable-unknown" not in {found.rule for found in lint(xml, known=frozenset({"urgent"}))}


def test_what_happens_beside_a_step_is_walked_once_and_ends_by_itself() -> None:
    aside = (
        small.border("on_news", "a", small.message("objection.raised"), interrupting=False),
        task("read"), small.end("read_it"),
    )  # fmt: skip
    xml = with_end(task("a"), *aside, flow=("start -> a -> decide", "on_news -> read -> read_it"))
    found = _walked(xml)
    assert not found.sightings
    assert {"read", "read_it", "on_news"} <= found.reached


def test_what_begins_beside_a_step_and_joins_its_flow_is_done_twice() -> None:
    aside = small.border("on_news", "a", small.message("objection.raised"), interrupting=False)
    xml = with_end(task("a"), aside, flow=("start -> a -> decide", "on_news -> decide"))
    assert "synchronisation-lacking" in _rules(xml)


def test_an_event_that_interrupts_a_scope_ends_what_is_in_it() -> None:
    aside = small.sub(
        "aside", small.start("told", small.message("objection.raised")), task("judge"), small.end("judged"),
        small.flows("told -> judge -> judged"), triggeredByEvent="true",
    )  # fmt: skip
    inner = ("in", "split", "a", "b", "join", "out")
    work = small.sub(
        "work", small.start("in"), task("a"), task("b"), parallel("split"), parallel("join"), small.end("out"), aside,
        small.flows("in -> split -> a -> join -> out", "split -> b -> join"),
    )  # fmt: skip
    found = _walked(with_end(work, flow=("start -> work -> decide",)))
    assert not found.sightings
    assert {*inner, "told", "judge", "judged"} <= found.reached


def test_items_are_tried_with_none_one_and_two() -> None:
    xml = with_end(
        task("ask", "agree", "refuse", many="opinion_count", each="opinion"),
        xor("choice", "decide"), task("talk"),
        flow=("start -> ask -> choice -> decide", "choice -[opinion_refuse > 0]-> talk -> decide"),
    )  # fmt: skip
    found = _walked(xml)
    assert not found.sightings
    assert {"talk", "decide", "end"} <= found.reached


def test_tasks_in_a_row_count_as_one_where_nothing_can_tell() -> None:
    def branches(length: int) -> Walk:
        tasks = [task(f"{side}{at}") for side in "abc" for at in range(length)]
        ways = tuple(f"split -> {' -> '.join(f'{side}{at}' for at in range(length))} -> join" for side in "abc")
        flow = ("start -> split", "join -> decide", *ways)
        return _walked(with_end(*tasks, parallel("split"), parallel("join"), flow=flow))

    assert len(branches(4).came) == len(branches(1).came) == 2**3 + 1


def test_a_task_in_a_row_that_stops_the_clock_is_looked_at_by_itself() -> None:
    xml = with_end(
        *(task(node) for node in ("a", "x")), task("b", pausesClock="true"), task("c", resumesClock="true"),
        parallel("split"), parallel("join"),
        flow=("start -> split -> a -> b -> join -> decide", "split -> x -> c -> join"),
    )  # fmt: skip
    assert {"pause-without-resume", "resume-without-pause"} <= _rules(xml)


def test_work_without_end_is_cut_and_told() -> None:
    tasks = [task(f"a{at}") for at in range(30)]
    flow = ("start -> split", "join -> decide", *(f"split -> a{at} -> join" for at in range(30)))
    assert "walk-bounded" in _rules(with_end(*tasks, parallel("split"), parallel("join"), flow=flow))
