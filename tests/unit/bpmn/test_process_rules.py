"""Each rule on a process as a whole: a small model that breaks it, and one that just does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpmn.assembly import assemble
from bpmn.lint import lint
from bpmn.runner import complete, load, send, start
from bpmn.soundness import SEEN
from tests.support import small_models as small
from tests.support.small_models import flows, model, parallel, task, with_end, xor

IN_TURN = ("start -> split -> a -> join -> decide", "split -> b -> join")
TWO = (task("a"), task("b"))
CONFIRMED = "applicant.confirmed"
CHECKED = task("check_it", "good", "bad")


def _items(inner: str, *, border: str = "", each: str = '<motcua:each prefix="opinion"/>') -> str:
    """Return a model whose call asks two units at once."""
    ask = small.element("callActivity", "ask", small.repeated("2"), calledElement="part_ask", step=each)
    called = small.part("ask", small.start("in"), inner, small.end("out"), flows("in -> answer -> out"))
    late = flows("silent -> decide") if border else ""
    return with_end(ask, border, late, flow=("start -> ask -> decide",), processes=called)


SILENT = small.border("silent", "ask", small.message("limit.passed"))
ANSWER = task("answer", "agree", "disagree", unit="=item")


def _heard(*flow: str) -> str:
    """Return a model with a task, an answer that is awaited and a choice in one branch, and a task in another."""
    gateways = (parallel("split"), parallel("join"), xor("choice", "a"), xor("met"))
    nodes = (CHECKED, *TWO, task("c"), small.catch("heard", CONFIRMED))
    return with_end(*gateways, *nodes, flow=("start -> split -> c -> join -> decide", *flow))


TAKEN = ('choice -[outcome = "bad"]-> b -> met -> join', "choice -> a -> met")

# Rule, element, the model that breaks it, the one that does not.
CASES = {
    "deadlock": (
        "join",
        with_end(*TWO, xor("split", "a"), parallel("join"), flow=(*IN_TURN[:1], "split -[urgent = true]-> b -> join")),
        with_end(*TWO, xor("split", "a"), xor("join"), flow=(*IN_TURN[:1], "split -[urgent = true]-> b -> join")),
    ),
    "synchronisation-lacking": (
        "decide",
        with_end(*TWO, parallel("split"), xor("join"), flow=IN_TURN),
        with_end(*TWO, parallel("split"), parallel("join"), flow=IN_TURN),
    ),
    "branch-outlives-end": (
        "a",
        with_end(
            task("a"), parallel("split"), small.end("other"), flow=("start -> split -> decide", "split -> a -> other")
        ),
        with_end(
            task("a"),
            *(parallel(each) for each in ("split", "join")),
            flow=("start -> split -> join -> decide", "split -> a -> join"),
        ),
    ),
    "end-cuts-branch": (
        "stop",
        with_end(
            *TWO,
            parallel("split"),
            small.end("stop", small.TERMINATE),
            flow=("start -> split -> a -> decide", "split -> b -> stop"),
        ),
        model(
            small.start(),
            *TWO,
            *(parallel(each) for each in ("split", "join")),
            task("decide", endsProcessing="true"),
            task("give", phase="return"),
            small.end("stop", small.TERMINATE),
            flows(*IN_TURN, "decide -> give -> stop"),
        ),
    ),
    "error-uncaught": (
        "failed",
        with_end(
            small.sub(
                "work",
                small.start("in"),
                task("a"),
                small.end("failed", small.error("bad")),
                flows("in -> a -> failed"),
            ),
            small.border("late", "work", small.message(CONFIRMED)),
            flow=("start -> work -> decide", "late -> decide"),
        ),
        with_end(
            small.sub(
                "work",
                small.start("in"),
                task("a"),
                small.end("failed", small.error("bad")),
                flows("in -> a -> failed"),
            ),
            small.border("late", "work", small.error("bad")),
            flow=("start -> work -> decide", "late -> decide"),
        ),
    ),
    "outcome-of-another-branch": (
        "choice",
        _heard("split -> check_it -> heard -> choice", *TAKEN),
        _heard("split -> heard -> check_it -> choice", *TAKEN),
    ),
    "no-return": (
        "end",
        model(small.start(), task("decide", endsProcessing="true"), small.end(), flows("start -> decide -> end")),
        with_end(flow=("start -> decide",)),
    ),
    "no-decision": (
        "end",
        with_end(
            task("a"),
            xor("choice", "decide"),
            flow=("start -> a -> choice -> decide", "choice -[urgent = true]-> give"),
        ),
        with_end(
            task("a"),
            xor("choice", "decide"),
            task("no", endsProcessing="true", decision="refused"),
            flow=("start -> a -> choice -> decide", "choice -[urgent = true]-> no -> give"),
        ),
    ),
    "decided-twice": (
        "end",
        with_end(task("a", endsProcessing="true"), flow=("start -> a -> decide",)),
        with_end(
            task("a", endsProcessing="true"),
            xor("choice", "decide"),
            flow=("start -> choice -> decide", "choice -[urgent = true]-> a -> give"),
        ),
    ),
    "pause-without-resume": (
        "a",
        with_end(
            task("a", pausesClock="true"),
            task("b", resumesClock="true"),
            xor("choice", "b"),
            xor("meet"),
            task("x"),
            flow=("start -> a -> choice -> b -> meet -> x -> decide", "choice -[urgent = true]-> give"),
        ),
        with_end(task("a", pausesClock="true"), task("b", resumesClock="true"), flow=("start -> a -> b -> decide",)),
    ),
    "resume-without-pause": (
        "b",
        with_end(
            task("a", pausesClock="true"),
            task("b", resumesClock="true"),
            xor("choice", "b"),
            flow=("start -> choice -> b -> decide", "choice -[urgent = true]-> a -> b"),
        ),
        with_end(task("a", pausesClock="true"), task("b", resumesClock="true"), flow=("start -> a -> b -> decide",)),
    ),
    "loop-without-human": (
        "meet",
        with_end(
            xor("meet"),
            xor("choice", "decide"),
            flow=("start -> meet -> choice -> decide", "choice -[urgent = true]-> meet"),
        ),
        with_end(
            xor("meet"),
            task("a"),
            xor("choice", "decide"),
            flow=("start -> meet -> a -> choice -> decide", "choice -[urgent = true]-> meet"),
        ),
    ),
    "never-reached": (
        "a",
        with_end(
            CHECKED,
            *TWO,
            xor("choice", "b"),
            flow=("start -> check_it -> choice", 'choice -[outcome = "worse"]-> a -> decide', "choice -> b -> decide"),
        ),
        with_end(
            CHECKED,
            *TWO,
            xor("choice", "b"),
            flow=("start -> check_it -> choice", 'choice -[outcome = "bad"]-> a -> decide', "choice -> b -> decide"),
        ),
    ),
    "outcome-unused": (
        "choice_a",
        with_end(
            CHECKED,
            *TWO,
            xor("choice", "b"),
            flow=(
                "start -> check_it -> choice",
                'choice -[outcome in ("bad", "worse")]-> a -> decide',
                "choice -> b -> decide",
            ),
        ),
        with_end(
            CHECKED,
            *TWO,
            xor("choice", "b"),
            flow=("start -> check_it -> choice", 'choice -[outcome in ("bad")]-> a -> decide', "choice -> b -> decide"),
        ),
    ),
    "outcome-unhandled": (
        "choice",
        with_end(
            task("c", "good", "fair", "bad"),
            *TWO,
            xor("choice", "b"),
            flow=("start -> c -> choice", 'choice -[outcome = "bad"]-> a -> decide', "choice -> b -> decide"),
        ),
        with_end(
            task("c", "good", "fair", "bad"),
            *TWO,
            xor("choice", "b"),
            flow=(
                "start -> c -> choice",
                'choice -[outcome = "bad" or outcome = "fair"]-> a -> decide',
                "choice -> b -> decide",
            ),
        ),
    ),
    "stages-exceed-limit": (
        "p",
        with_end(
            task("a", stage="2", stageLimit="2 working_day"), flow=("start -> a -> decide",), limit="3.5 working_day"
        ),
        with_end(
            task("a", stage="2", stageLimit="2 working_day"), flow=("start -> a -> decide",), limit="4 working_day"
        ),
    ),
    "stages-below-limit": (
        "p",
        with_end(
            task("a", stage="2", stageLimit="2 working_day"), flow=("start -> a -> decide",), limit="4.5 working_day"
        ),
        with_end(
            task("a", stage="2", stageLimit="2 working_day"), flow=("start -> a -> decide",), limit="32 working_hour"
        ),
    ),
    "stage-limits-differ": (
        "b",
        with_end(
            task("a", stage="2", stageLimit="1 working_day"),
            task("b", stage="2", stageLimit="2 working_hour"),
            flow=("start -> a -> b -> decide",),
            limit="5 working_day",
        ),
        with_end(
            task("a", stage="2", stageLimit="1 working_day"),
            task("b", stage="2", stageLimit="8 working_hour"),
            flow=("start -> a -> b -> decide",),
            limit="5 working_day",
        ),
    ),
    "step-without-limit": (
        "a",
        with_end(
            task("a", stage="2", stageLimit="0 working_day", limit="0 working_day"), flow=("start -> a -> decide",)
        ),
        with_end(
            task("a", stage="2", stageLimit="0 working_day", limit="2 working_hour"), flow=("start -> a -> decide",)
        ),
    ),
    "stage-without-owner": ("answer", _items(ANSWER, each=""), _items(ANSWER)),
    "opinion-without-timeout": ("answer", _items(ANSWER), _items(ANSWER, border=SILENT)),
    "no-refusal-path": (
        "p",
        with_end(flow=("start -> decide",)),
        with_end(
            task("no", endsProcessing="true", decision="refused"),
            xor("choice", "decide"),
            flow=("start -> choice -> decide", "choice -[urgent = true]-> no -> give"),
        ),
    ),
    "name-missing": (
        "split",
        with_end(
            *TWO,
            xor("split", "a").replace("Tên split", " "),
            xor("join"),
            flow=(*IN_TURN[:1], "split -[urgent = true]-> b -> join"),
        ),
        with_end(*TWO, xor("split", "a"), xor("join"), flow=(*IN_TURN[:1], "split -[urgent = true]-> b -> join")),
    ),
}


def _where(rule: str, xml: str) -> list[str]:
    return [found.where for found in lint(xml) if found.rule == rule]


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_names_what_breaks_it(rule: str) -> None:
    where, broken, _ = CASES[rule]
    assert _where(rule, broken) == [where]


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_says_nothing_of_what_just_keeps_it(rule: str) -> None:
    _, _, kept = CASES[rule]
    assert _where(rule, kept) == []
    assert not [found for found in lint(kept) if found.severity == "error"]


# The frame refuses; the two others call a process that is no part of the library.
UNFRAMED = {"no-refusal-path", "opinion-without-timeout", "stage-without-owner"}


@pytest.mark.parametrize("rule", sorted(set(CASES) - UNFRAMED))
def test_a_rule_holds_inside_the_frame_as_well(rule: str) -> None:
    _, broken, kept = CASES[rule]
    assert rule in {found.rule for found in lint(assemble(broken))}
    assert rule not in {found.rule for found in lint(assemble(kept))}


def test_every_sight_of_the_walk_has_a_case() -> None:
    assert set(SEEN) <= set(CASES)


def test_every_rule_is_in_the_table_of_the_reference() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "process-model.md"
    listed = page.read_text(encoding="utf-8").split("### Rules on the process")[1]
    severities = {found.rule: found.severity for _, broken, _ in CASES.values() for found in lint(broken)}
    for rule in CASES:
        assert f"| `{rule}` | {severities[rule]} |" in listed


def test_an_outcome_is_read_behind_a_wait_where_no_other_task_is_open() -> None:
    gateways = (parallel("split"), parallel("join"), xor("choice", "a"))
    before = with_end(CHECKED, *TWO, xor("choice", "a"), small.catch("heard", CONFIRMED), flow=(
        "start -> check_it -> heard -> choice -> a -> decide", 'choice -[outcome = "bad"]-> b -> decide'))  # fmt: skip
    after = with_end(*gateways, CHECKED, *TWO, task("c"), task("d"), small.catch("heard", CONFIRMED), flow=(
        "start -> split -> c -> join -> check_it -> heard -> choice -> a -> decide", "split -> d -> join",
        'choice -[outcome = "bad"]-> b -> decide'))  # fmt: skip
    for quiet in (before, after):
        assert "outcome-of-another-branch" not in {found.rule for found in lint(quiet)}


def test_opinions_leave_the_outcome_of_another_branch_behind_them() -> None:
    each = '<motcua:each prefix="opinion"/>'
    ask = small.element("callActivity", "ask", small.repeated("2"), calledElement="part_ask", step=each)
    called = small.part("ask", small.start("in"), ANSWER, small.end("out"), flows("in -> answer -> out"))
    gateways = (parallel("split"), parallel("join"), xor("choice", "a"), xor("met"))
    for text, is_told in (('outcome = "agree"', True), ("opinion_agree > 1", False)):
        flow = ("start -> split -> c -> join -> decide", "split -> ask -> choice", "choice -> a -> met -> join",
                f"choice -[{text}]-> b -> met")  # fmt: skip
        xml = with_end(*gateways, *TWO, task("c"), ask, flow=flow, processes=called)
        assert ("outcome-of-another-branch" in {found.rule for found in lint(xml)}) is is_told


@pytest.mark.parametrize(("also", "leads_to"), [((), "b"), (("c",), "a")])
def test_a_task_beside_a_wait_does_write_the_outcome_that_is_read_behind_it(
    also: tuple[str, ...], leads_to: str
) -> None:
    process = load(_heard("split -> check_it -> heard -> choice", *TAKEN))
    step = start(process, {})
    for node, outcome in (("check_it", "bad"), *((each, "done") for each in also)):
        step = complete(process, step.state, next(t.id for t in step.open if t.node == node), {"outcome": outcome})
    assert leads_to in {t.node for t in send(process, step.state, CONFIRMED).open}
