"""Running a process: a pure function from a model, a stored state and a command to a step.

No clock, no I/O, no randomness in the result: the same command on the same state gives the same step. Business data
stays outside; a process carries only the few flat values its gateways ask for (engine.md §8).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bpmn import tokens
from bpmn.armed import armed
from bpmn.decisions import Decisions
from bpmn.decisions import parse as parse_decisions
from bpmn.errors import (
    InvalidDataError,
    InvalidModelError,
    InvalidStateError,
    MessageNotAwaitedError,
    MoveBlockedError,
    NoFlowError,
    NoWayBackError,
    TaskNotOpenError,
)
from bpmn.expressions import evaluate, value_of
from bpmn.findings import Severity
from bpmn.interpreter import Effect, Game
from bpmn.joins import hopeless
from bpmn.lint import lint
from bpmn.net import Flow, Kind, Net, Node, compile_net
from bpmn.tokens import Token, Values
from bpmn.way_back import leads_straight
from bpmn.xml import content_hash, parse_document, top_process

MAX_DATA_BYTES = 600
MAX_KEPT_BYTES = 4000
MAX_TEXT = 100
MAX_ITEMS = 30
_RESTING = frozenset({Kind.USER, Kind.CATCH, Kind.EVENTS, Kind.CALL, Kind.SUB})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that somebody has to do: `id` is unique within the dossier's process, `node` is its place.

    Of a multi-instance it has the number of its item, from 1, and the item itself.
    """

    id: str
    node: str
    item: str | None = None
    loop: int | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """A message event with a time, `after` which the engine sends the message to just this event.

    A boundary event that does not interrupt stays armed after it happened, under the same id; its time runs once.
    """

    id: str
    node: str
    message: str
    after: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a token rests: a node, or a flow in front of a join; `inside` names what is around it, outer ones first."""

    number: int
    place: str
    inside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of one command: what to store, what is open, which nodes were run through, in order.

    `effects` are what the engine has to do for it, in order; `waits` are all that are armed now.
    """

    state: bytes
    open: tuple[OpenTask, ...]
    passed: tuple[str, ...]
    finished: bool
    effects: tuple[Effect, ...] = ()
    waits: tuple[Wait, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A parsed model, shared by all threads and never changed: `digest` is its content hash."""

    digest: str
    net: Net
    decisions: Decisions | None


@lru_cache(maxsize=1024)
def load(xml: str, decisions: str = "") -> Model:
    """Return the parsed model of an XML text; each text is parsed once in a process and may be shared by threads.

    Args:
        decisions: the DMN text of its business rule tasks, or nothing.

    Raises: InvalidModelError when the linter refuses it or it cannot run.
    """
    refused = next((finding for finding in lint(xml) if finding.severity is Severity.ERROR), None)
    if refused is not None:
        raise InvalidModelError(f"{refused.where}: {refused.message} ({refused.rule})")
    root = parse_document(xml)
    tables = parse_decisions(decisions) if decisions else None
    return Model(content_hash(root), compile_net(root, top_process(root)), tables)


def start(model: Model, data: Mapping[str, Scalar]) -> Step:
    """Begin a process with its routing data and run it to the first tasks.

    Raises: InvalidDataError, InvalidExpressionError, NoFlowError, StepBudgetError.
    """
    game = Game(model.net, Token(0, "", None, _checked(data)), 1, _DataJudge(model.decisions))
    game.begin()
    return _step(model, game)


def complete(model: Model, state: bytes, task: str, data: Mapping[str, Scalar]) -> Step:
    """Complete an open task with routing data and run on; without an `outcome` none is known to the gateways behind.

    Raises: TaskNotOpenError when the task is not open, InvalidDataError, InvalidExpressionError when a condition
    cannot be evaluated, NoFlowError, UncaughtErrorEventError, InvalidStateError, StepBudgetError.
    """
    values = _checked(data)
    game = _resume(model, state)
    token = next((each for each in game.root.walk() if _is_task(model.net, each) and str(each.number) == task), None)
    if token is None:
        raise TaskNotOpenError(f"Task {task[:40]} is not open.")
    keeper = token.keeps().data
    assert keeper is not None  # noqa: S101 - `keeps` returns a token with data
    keeper.pop("outcome", None)  # of the task before
    keeper.update(values)
    game.finish(token)
    return _step(model, game)


def send(
    model: Model, state: bytes, message: str, data: Mapping[str, Scalar] | None = None, *, token: str | None = None
) -> Step:
    """Deliver a message to the one place that has waited for it longest, and run on.

    Args:
        token: id of the `Wait` that it is for; None: any event that waits for the message.

    Raises: MessageNotAwaitedError when nothing waits for it, InvalidDataError, InvalidStateError, StepBudgetError.
    """
    values = _checked(data or {})
    game = _resume(model, state)
    waiting = [each for each in armed(model.net, game.root) if each.message == message]
    found = next((each for each in waiting if token in (None, each.id)), None)
    if found is None:
        raise MessageNotAwaitedError(f"Nothing in the process waits for `{message[:60]}`.")
    keeper = found.token.keeps().data
    assert keeper is not None  # noqa: S101 - `keeps` returns a token with data
    keeper.update(values)
    game.catch(found.token, found.event)
    return _step(model, game)


def open_tasks(model: Model, state: bytes) -> tuple[OpenTask, ...]:
    """Return the open tasks of a stored state, oldest first. Raises: InvalidStateError."""
    return _open(model.net, _resume(model, state).root)


def awaited(model: Model, state: bytes) -> frozenset[str]:
    """Return the names of the messages that something waits for now. Raises: InvalidStateError."""
    return frozenset(each.message for each in armed(model.net, _resume(model, state).root))


def waits(model: Model, state: bytes) -> tuple[Wait, ...]:
    """Return the message events with a time that are armed now. Raises: InvalidStateError."""
    return _waits(model.net, _resume(model, state).root)


def data_of(model: Model, state: bytes) -> dict[str, Scalar]:
    """Return the routing data of the process. Raises: InvalidStateError."""
    return dict(_resume(model, state).root.data or {})


def places(model: Model, state: bytes) -> tuple[Place, ...]:
    """Return where the tokens of a stored state rest, outer ones first. Raises: InvalidStateError."""
    return tuple(
        Place(token.number, token.place, tuple(each.place for each in _around(token)))
        for token in _resume(model, state).root.walk()
    )


def moved(old: Model, new: Model, state: bytes, mapping: Mapping[str, str]) -> bytes:
    """Return the state as one of another model: each token at the same or the mapped place, with its number.

    Args:
        mapping: old place -> new place.

    Raises: MoveBlockedError naming the places without a counterpart of the same kind in the same scope, or the flows
    on which tokens would wait for ever; InvalidStateError.
    """
    game = _resume(old, state)
    blocked: list[str] = []
    for token in game.root.walk():
        target = mapping.get(token.place, token.place)
        if not _fits(old.net, new.net, token.place, target, token.parent):
            blocked.append(token.place)
        token.place = target
    if not blocked:
        blocked = hopeless(new.net, game.root)
    if blocked:
        raise MoveBlockedError(tuple(dict.fromkeys(blocked)))
    return tokens.encode(new.digest, game.root, game.next_number)


def sent_back(model: Model, state: bytes, task: str, node: str) -> Step:
    """Put the token of an open task back to the earlier task from which it alone came straight; it has a new number.

    Raises: TaskNotOpenError; NoWayBackError when others came with it, joined it or wait for it; InvalidStateError.
    """
    game = _resume(model, state)
    token = next((each for each in game.root.walk() if _is_task(model.net, each) and str(each.number) == task), None)
    if token is None:
        raise TaskNotOpenError(f"Task {task[:40]} is not open.")
    here, before = model.net.nodes[token.place], model.net.nodes.get(node)
    is_single = before is not None and before.kind is Kind.USER and here.multi is None and before.multi is None
    if before is None or not is_single or before.scope != here.scope or not leads_straight(model.net, node, here.id):
        raise NoWayBackError(f"No token comes alone from {node[:60]} to {here.id}, so it cannot go back there.")
    token.number, token.place = game.next_number, node
    game.next_number += 1
    if hopeless(model.net, game.root):
        raise NoWayBackError(f"Others would wait for ever when {here.id} goes back to {node[:60]}.")
    return _step(model, game)


def _fits(old: Net, new: Net, place: str, target: str, around: Token | None) -> bool:
    """Tell whether a token may rest at the target; tokens around it have been moved before it."""
    scope = new.opened_at("" if around is None else around.place)
    if place in old.flows:
        flow = new.flows.get(target)
        join = new.nodes.get(flow.target) if flow is not None else None
        return join is not None and join.scope == scope and _joins(join)
    before, after = old.nodes[place], new.nodes.get(target)
    if after is None or before.kind is not after.kind or (before.multi is None) is not (after.multi is None):
        return False
    is_item = around is not None and around.is_multi
    return is_item or after.scope == scope


def _joins(node: Node) -> bool:
    """Tell whether tokens wait for each other in front of a node."""
    return node.kind in (Kind.AND, Kind.OR) and len(node.incoming) > 1


def _around(token: Token) -> list[Token]:
    found: list[Token] = []
    at = token.parent
    while at is not None and at.parent is not None:
        found.insert(0, at)
        at = at.parent
    return found


def _waits(net: Net, root: Token) -> tuple[Wait, ...]:
    return tuple(
        Wait(each.id, each.event.id, each.message, each.event.wait)
        for each in armed(net, root)
        if each.event.wait is not None
    )


def _is_task(net: Net, token: Token) -> bool:
    node = net.nodes.get(token.place)
    return node is not None and node.kind is Kind.USER and not token.is_multi


def _open(net: Net, root: Token) -> tuple[OpenTask, ...]:
    found = sorted((token for token in root.walk() if _is_task(net, token)), key=lambda token: token.number)
    return tuple(_task(token) for token in found)


def _task(token: Token) -> OpenTask:
    data = token.keeps().data or {}
    item = data.get("item")
    return OpenTask(str(token.number), token.place, None if item is None else str(item), data.get("loop"))


def _resume(model: Model, state: bytes) -> Game:
    root, next_number = tokens.decode(model.digest, state)
    if not all(_may_rest(model.net, token) for token in root.walk()):
        raise InvalidStateError("The stored process state does not fit its model.")
    return Game(model.net, root, next_number, _DataJudge(model.decisions))


def _may_rest(net: Net, token: Token) -> bool:
    """Tell whether a token can be where a stored state says; the tokens around it have been looked at before."""
    around = token.parent
    scope = net.opened_at("" if around is None else around.place)
    flow, node = net.flows.get(token.place), net.nodes.get(token.place)
    if flow is not None:
        return net.nodes[flow.target].scope == scope and _joins(net.nodes[flow.target])
    if node is None or node.kind not in _RESTING:
        return False
    if around is not None and around.is_multi:
        return around.place == token.place
    return node.scope == scope and (bool(token.inner) or node.opens is None)


def _step(model: Model, game: Game) -> Step:
    if len(json.dumps(game.root.data, ensure_ascii=False).encode("utf-8", "replace")) > MAX_KEPT_BYTES:
        raise InvalidDataError(f"The process keeps more than {MAX_KEPT_BYTES} bytes of routing data.")
    return Step(
        tokens.encode(model.digest, game.root, game.next_number),
        _open(model.net, game.root),
        tuple(game.passed),
        game.finished,
        tuple(game.effects),
        _waits(model.net, game.root),
    )


class _DataJudge:
    """Decides by the routing data: conditions, numbers of items, decision tables."""

    def __init__(self, decisions: Decisions | None) -> None:
        self._decisions = decisions

    def flows(self, node: Node, data: Values) -> Sequence[Flow]:
        """Return the flow of an exclusive gateway, or the flows of an inclusive one."""
        conditional = [flow for flow in node.outgoing if flow.id != node.default]
        true = (flow for flow in conditional if flow.condition is None or evaluate(flow.condition, data))
        chosen = list(true) if node.kind is Kind.OR else [flow for flow in [next(true, None)] if flow is not None]
        if not chosen:
            chosen = [flow for flow in node.outgoing if flow.id == node.default]
        if not chosen:
            raise NoFlowError(f"{node.id}: no condition is true, and the gateway has no default flow.")
        return chosen

    def number(self, node: Node, data: Values) -> int:
        """Return how many items there are."""
        number = value_of(node.multi.number if node.multi else "0", data)
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MAX_ITEMS:
            raise InvalidDataError(f"{node.id}: the number of items must be 0 to {MAX_ITEMS}, not {str(number)[:40]}.")
        return number

    def decide(self, node: Node, data: Values) -> Values:
        """Return the outputs of the decision that a business rule task names."""
        if self._decisions is None or node.decision is None:
            raise InvalidModelError(f"{node.id}: the version has no decision `{(node.decision or '')[:60]}`.")
        return dict(self._decisions.evaluate(node.decision, data))


def _checked(data: Mapping[str, Scalar]) -> dict[str, Any]:
    values = dict(data)
    for name, value in values.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InvalidDataError(f"{str(name)[:60]!r} is not a name of a routing variable.")
        if value is not None and not isinstance(value, str | int | float | bool):
            raise InvalidDataError(f"The routing variable `{name}` must be a plain value, not {type(value).__name__}.")
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise InvalidDataError(f"The routing variable `{name}` has more than {MAX_TEXT} characters.")
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidDataError(f"The routing variable `{name}` is not a finite number.")
    if len(json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")) > MAX_DATA_BYTES:
        raise InvalidDataError(f"Routing data has more than {MAX_DATA_BYTES} bytes; keep business data outside.")
    return values
