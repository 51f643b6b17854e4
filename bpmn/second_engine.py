"""The shortest ways through a process, run in both interpreters: ours and SpiffWorkflow (decision 0020).

Conditions that the data would decide get the answers that the walk assumed on the way. The order in which parallel
branches pass is left open by BPMN, so that only what is passed, what is open and whether it is over are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeVar

from bpmn.armed import armed
from bpmn.elements import Document
from bpmn.errors import BpmnError, InvalidExpressionError, NoFlowError
from bpmn.expressions import evaluate, value_of
from bpmn.findings import Finding, warning
from bpmn.interpreter import Game
from bpmn.net import Flow, Kind, Net, Node, TriggerKind, compile_net
from bpmn.process_steps import steps_of
from bpmn.rules.loop import loop_without_human
from bpmn.spiff import ConditionEngine, LibraryModel, LibraryRun, parse_model
from bpmn.tokens import Token, Values
from bpmn.walk import Move, Walk, walk
from bpmn.xml import parse_document, top_process

RULE = "second-engine-differs"
MAX_WAYS = 30

Answers = Mapping[str, bool | int]


@dataclass(frozen=True, slots=True)
class _Run:
    """What can be seen at the end of a way, in no order."""

    passed: tuple[str, ...]
    open: tuple[str, ...]
    finished: bool


_R = TypeVar("_R", _Run, str, _Run | str)


def second_engine_findings(xml: str) -> Iterator[Finding]:
    """Yield where SpiffWorkflow runs a model otherwise than we do; the model has passed the linter.

    Raises: InvalidModelError when it is none.
    """
    root = parse_document(xml)
    net = compile_net(root, top_process(root))
    if any(True for _ in loop_without_human(net)):
        return
    try:
        library = parse_model(xml)
    except BpmnError as problem:
        yield warning(RULE, net.top, f"SpiffWorkflow cannot read the model: {problem}")
        return
    told: set[str] = set()
    for way, answers, ours in islice(_ways(net, walk(net, steps_of(Document.index(root)))), MAX_WAYS):
        habit = _ended_by_error(net, ours)
        ours, theirs = _without(ours, habit), _without(_in_library(library, way, answers), habit)
        if theirs != ours:
            where = _first_difference(ours, theirs, net)
            if where not in told:
                told.add(where)
                yield warning(RULE, where, _difference(way, ours, theirs))


def _ways(net: Net, found: Walk) -> Iterator[tuple[Sequence[Move], Answers, _Run]]:
    """Yield ways, those to an end first, each of which passes a node that none before passed."""
    passed: set[str] = set()
    for last in (*found.endings, *found.firsts):
        way = found.way(last)
        answers = _answers(way)
        ours = None if answers is None else _in_ours(net, way, answers)
        if answers is not None and ours is not None and not set(ours.passed) <= passed:
            passed.update(ours.passed)
            yield way, answers, ours


def _answers(way: Sequence[Move]) -> dict[str, bool | int] | None:
    """Return the answers that were assumed on a way; None where one thing was answered in two ways."""
    found: dict[str, bool | int] = {}
    for move in way:
        for text, answer in move.assumed:
            if found.setdefault(text, answer) != answer:
                return None
    return found


class _AnsweringJudge:
    """Decides by given answers, and by the data where there is none."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def flows(self, node: Node, data: Values) -> Sequence[Flow]:
        """Return the flows of a gateway."""
        conditional = [flow for flow in node.outgoing if flow.id != node.default]
        true = [flow for flow in conditional if flow.condition is None or self.holds(flow.condition, data)]
        chosen = true if node.kind is Kind.OR else true[:1]
        chosen = chosen or [flow for flow in node.outgoing if flow.id == node.default]
        if not chosen:
            raise NoFlowError(node.id)
        return chosen

    def holds(self, text: str, data: Mapping[str, Any]) -> bool:
        """Return the truth of a condition; one that cannot be evaluated is not true."""
        if text in self._answers:
            return bool(self._answers[text])
        try:
            return evaluate(text, data)
        except InvalidExpressionError:
            return False

    def number(self, node: Node, data: Values) -> int:
        """Return how many items there are."""
        text = node.multi.number if node.multi else "0"
        number = self._answers[text] if text in self._answers else value_of(text, data)
        return number if isinstance(number, int) else 0

    def decide(self, node: Node, data: Values) -> Values:  # noqa: ARG002 - the protocol's signature
        """Write nothing: the answers stand for it."""
        return {}


def _in_ours(net: Net, way: Sequence[Move], answers: Answers) -> _Run | None:
    """Return what our interpreter does on a way; None where it cannot be followed by nodes and messages alone."""
    game = Game(net, Token(0, "", None, {}), 1, _AnsweringJudge(answers))
    passed: list[str] = []
    try:
        for move in way:
            game = Game(net, game.root, game.next_number, _AnsweringJudge(answers))
            if not _act(net, game, move):
                return None
            passed += game.passed
            for task in move.then:
                game = Game(net, game.root, game.next_number, _AnsweringJudge(answers))
                if not _act(net, game, Move("complete", task, "", 0)):
                    return None
                passed += game.passed
    except BpmnError:
        return None
    places = [token.place for token in game.root.walk() if not token.is_multi]
    open_nodes = [place for place in places if place in net.nodes and net.nodes[place].kind is Kind.USER]
    return _Run(tuple(sorted(passed)), tuple(sorted(open_nodes)), game.finished)


def _act(net: Net, game: Game, move: Move) -> bool:
    if move.kind == "start":
        game.begin()
        return True
    if move.kind == "send":
        event = next((each for each in armed(net, game.root) if each.message == move.said), None)
        if event is None or event.event.id != move.node:
            return False
        game.catch(event.token, event.event)
        return True
    token = next((each for each in game.root.walk() if each.place == move.node and not each.is_multi), None)
    if token is None:
        return False
    keeper = token.keeps().data
    if keeper is not None:
        keeper.pop("outcome", None)
        keeper.update(_data(move))
    game.finish(token)
    return True


def _data(move: Move) -> dict[str, str]:
    return {"outcome": move.said} if move.said else {}


class _AnsweringEngine(ConditionEngine):
    """Gives the library the same answers."""

    def __init__(self, answers: Answers) -> None:
        super().__init__(lambda _node, _data: {})
        self._given = answers
        self._judge = _AnsweringJudge(answers)

    def evaluate(self, task: Any, expression: str, external_context: object = None) -> Any:  # noqa: ARG002 - Spiff's signature
        """Return the answer to a condition or number."""
        text = expression.strip()
        if text in self._given:
            return self._given[text]
        try:
            return value_of(text, task.data)
        except InvalidExpressionError:
            return False


def _ended_by_error(net: Net, run: _Run) -> frozenset[str]:
    """Return the calls and sub-processes that an error ended: the library counts them as passed, which is its habit."""
    borders = [net.nodes[node] for node in run.passed if net.nodes[node].host is not None]
    errors = [event for event in borders if event.trigger is not None and event.trigger.kind is TriggerKind.ERROR]
    return frozenset(event.host for event in errors if event.host is not None)


def _without(run: _R, nodes: frozenset[str]) -> _R:
    if isinstance(run, str):
        return run
    return replace(run, passed=tuple(node for node in run.passed if node not in nodes))


def _in_library(library: LibraryModel, way: Sequence[Move], answers: Answers) -> _Run | str:
    """Return what the library does on a way, or what it says when it stops."""
    try:
        run = LibraryRun(library, {}, _AnsweringEngine(answers))
        for move in way[1:]:
            if move.kind == "send":
                run.send(move.said)
            else:
                run.complete(move.node, _data(move))
            for task in move.then:
                run.complete(task, {})
    except Exception as problem:  # the library raises many kinds; each is a difference
        return str(problem)[:200]
    return _Run(tuple(sorted(run.passed)), tuple(sorted(run.open)), run.finished)


def _first_difference(ours: _Run, theirs: _Run | str, net: Net) -> str:
    if isinstance(theirs, str):
        return net.top
    differing = [node for node in net.nodes if ours.passed.count(node) != theirs.passed.count(node)]
    return differing[0] if differing else net.top


def _difference(way: Sequence[Move], ours: _Run, theirs: _Run | str) -> str:
    acts = ", ".join(f"{move.kind} {move.said or move.node}" for move in way[1:][:8])
    if isinstance(theirs, str):
        return f"SpiffWorkflow stops on the way `{acts}`: {theirs}"
    more = [node for node in dict.fromkeys(ours.passed) if ours.passed.count(node) > theirs.passed.count(node)]
    less = [node for node in dict.fromkeys(theirs.passed) if theirs.passed.count(node) > ours.passed.count(node)]
    return (
        f"On the way `{acts}` only we pass {', '.join(more[:5]) or 'nothing'}, "
        f"only SpiffWorkflow passes {', '.join(less[:5]) or 'nothing'}."
    )
