"""All paths of a model from receipt to the end, found by playing it: every outcome, field value, message and wait.

The runner is a pure function, so a path is played on by trying each act that a state allows. Loops are taken at most
once more. Of tasks that are open beside each other the oldest is done first, as their order changes no choice; a task
that something waits beside may also be left open until the time has passed. A path is a way through the nodes: outcomes
that lead the same way (an opinion that agrees, one that does not) take turns. What the frame around all procedures adds
(withdrawal, stop, supplement, refusal) is no choice of the procedure and is tested on its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from bpmn import runner
from bpmn.expressions import names_of
from bpmn.model import ModelFacts
from bpmn.names import FRAME_MESSAGES
from bpmn.net import Kind
from bpmn.shell_pool import CHECK

MOST_VISITS = 2  # of one task or message in a path: a loop once more
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_DAYS = {"calendar_day": 1.0, "working_day": 1.4, "working_hour": 0.05}


@dataclass(frozen=True)
class Act:
    """What somebody or the clock does: complete the task `task` (`node`), send a message, or let `node`'s time pass."""

    do: str  # complete, message or wait
    node: str
    task: str = ""
    outcome: str = "done"
    fields: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        what = self.outcome if self.do == "complete" else self.do
        return f"{self.node}:{what}" + "".join(f" {name}={value}" for name, value in self.fields)


@dataclass(frozen=True)
class ModelPath:
    """A path: the facts told at receipt, the acts in order, and all nodes that were run through."""

    facts: tuple[tuple[str, Any], ...]
    acts: tuple[Act, ...]
    passed: tuple[str, ...]
    services: tuple[str, ...]

    def __str__(self) -> str:
        return " > ".join(str(act) for act in self.acts)


@dataclass(frozen=True)
class _At:
    """A state on the way, with what was done to come here."""

    step: runner.Step
    acts: tuple[Act, ...] = ()
    passed: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    left: frozenset[str] = frozenset()  # tasks that stay open until time has passed
    fired: frozenset[str] = frozenset()  # waits that do not interrupt and are over
    offered: frozenset[str] = frozenset()  # messages that could have come and did not


class Explorer:
    """Plays one model. `form` tells the values of fields, `decisions` is DMN text or ""."""

    def __init__(self, model: str, form: Mapping[str, Any], decisions: str = "") -> None:
        self.model = runner.load(model, decisions)
        self.facts = ModelFacts.from_xml(model)
        self._fields = {field["name"]: field for field in form.get("fields", [])}
        self._decisions = decisions
        self._conditions = [flow.condition for flow in self.model.net.flows.values() if flow.condition]
        self._counts = {node.multi.number: node.multi.prefix for node in self.model.net.nodes.values() if node.multi}
        self._turns: Counter[Any] = Counter()
        self._read = frozenset(name for text in (*self._conditions, *self._counts) for name in names_of(text))

    def paths(self) -> Iterator[ModelPath]:
        """Yield every path; the facts that no gateway reads take their values in turn."""
        told = [name for name, field in self._fields.items() if field.get("asked", "receipt") == "receipt"]
        for no, facts in enumerate(self._combined(told)):
            for turn, path in enumerate(self._from(dict(facts))):
                rest = [(name, self._turn(name, turn + no)) for name in told if name not in dict(facts)]
                yield replace(path, facts=(*facts, *rest))

    def _from(self, facts: dict[str, Any]) -> Iterator[ModelPath]:
        step = runner.start(self.model, facts)
        assert [task.node for task in step.open] == [CHECK]
        step = runner.complete(self.model, step.state, step.open[0].id, {"outcome": "complete"})
        waiting = [_At(step, passed=step.passed)]
        while waiting:
            at = waiting.pop()
            if at.step.finished:
                yield ModelPath((), at.acts, at.passed, at.services)
                continue
            following = list(self._following(at))
            waiting.extend(reversed(following))

    def _following(self, at: _At) -> Iterator[_At]:
        tasks = [task for task in at.step.open if task.id not in at.left]
        begun = [each for each in self._messages(at) if each not in at.offered]
        for message in begun:
            yield from self._send(at, message)
        at = replace(at, offered=at.offered | set(begun))
        if not tasks:
            yield from self._pass_time(at)
            for message in self._caught(at):
                yield from self._send(at, message)
            return
        task = tasks[0]
        ways: dict[Any, list[_At]] = {}
        for outcome, fields in self._answers(task.node):
            for found in self._complete(at, task, outcome, fields):
                ways.setdefault((_way(found.step), tuple(fields.items())), []).append(found)
        for way, same in ways.items():
            turn = self._turns[task.node, way]
            self._turns[task.node, way] += 1
            yield from same if turn == 0 else [same[turn % len(same)]]  # each outcome once, then in turns
        if any(wait.id.startswith(f"{task.id}:") and wait.id not in at.fired for wait in at.step.waits):
            yield replace(at, left=at.left | {task.id})

    def _complete(self, at: _At, task: runner.OpenTask, outcome: str, fields: Mapping[str, Any]) -> Iterator[_At]:
        act = Act("complete", task.node, task.id, outcome, tuple(fields.items()))
        if not _is_too_often(at, act, task.loop):
            yield _on(at, act, runner.complete(self.model, at.step.state, task.id, {"outcome": outcome, **fields}))

    def _send(self, at: _At, message: str) -> Iterator[_At]:
        act = Act("message", message)
        if not _is_too_often(at, act):
            yield _on(at, act, runner.send(self.model, at.step.state, message))

    def _pass_time(self, at: _At) -> Iterator[_At]:
        """Let the shortest of the armed times pass, with all that are as short: they began together."""
        armed = [wait for wait in at.step.waits if wait.id not in at.fired]
        if not armed:
            return
        shortest = min(_days(wait.after) for wait in armed)
        over = [wait for wait in armed if _days(wait.after) == shortest]
        act = Act("wait", "+".join(sorted({wait.node for wait in over})))
        if _is_too_often(at, act):
            return
        now = at
        for wait in over:
            if wait.id in {each.id for each in now.step.waits}:
                step = runner.send(self.model, now.step.state, wait.message, token=wait.id)
                now = _on(now, None, step)
        freed = {wait.id.partition(":")[0] for wait in over}
        fired = at.fired | {wait.id for wait in over}
        yield replace(now, acts=(*at.acts, act), left=at.left - freed, fired=fired)

    def _messages(self, at: _At) -> list[str]:
        """Return the messages that begin an event sub-process now; other answers wait until no task is in the way."""
        return [name for name in self._awaited(at) if name in self._begun]

    def _caught(self, at: _At) -> list[str]:
        return [name for name in self._awaited(at) if name not in self._begun]

    def _awaited(self, at: _At) -> list[str]:
        timed = {wait.message for wait in at.step.waits}
        names = runner.awaited(self.model, at.step.state) - frozenset(FRAME_MESSAGES) - timed
        return sorted(names)

    @property
    def _begun(self) -> frozenset[str]:
        nodes = self.model.net.nodes.values()
        return frozenset(node.trigger.name for node in nodes if node.kind is Kind.START and node.trigger)

    def _answers(self, node: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each outcome of a task with each value of the fields that gateways read."""
        step = self.facts.steps[node]
        for no, (outcome, _) in enumerate(step.outcomes or (("done", ""),)):
            for fields in self._combined(step.inputs):
                said = dict(fields)
                items = self._items(said)
                rest = {name: self._turn(name, no) for name in step.inputs if name not in said | items}
                yield outcome, said | {name: value for name, value in (rest | items).items() if value is not None}

    def _items(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Return the items of a multi-instance whose number was said: as many as it has, none beyond."""
        found: dict[str, Any] = {}
        for number, prefix in self._counts.items():
            if prefix is not None and number in said:
                for name, field in self._fields.items():
                    place = name.removeprefix(f"{prefix}_")
                    if name != place and place.isdigit():
                        values = _values(field, (), counts=False)
                        found[name] = values[int(place) % len(values)] if int(place) <= said[number] else None
        return found

    def _combined(self, names: Any) -> Iterator[tuple[tuple[str, Any], ...]]:
        read = [name for name in names if name in self._read]
        yield from (tuple(zip(read, values, strict=True)) for values in product(*map(self._values_of, read)))

    def _turn(self, name: str, turn: int) -> Any:
        values = self._values_of(name)
        return values[turn % len(values)]

    def _values_of(self, name: str) -> list[Any]:
        texts = [*self._conditions, *re.findall(r"<text>([^<]*)</text>", self._decisions)]
        return _values(self._fields[name], [text for text in texts if text], counts=name in self._counts)


def _way(step: runner.Step) -> tuple[Any, ...]:
    """Return where a step has led: through which nodes, and to which."""
    return step.passed, tuple(task.node for task in step.open), tuple(wait.node for wait in step.waits)


def _on(at: _At, act: Act | None, step: runner.Step) -> _At:
    services = tuple(f"{effect.name} {effect.value}" for effect in step.effects if effect.kind == "service")
    acts = at.acts if act is None else (*at.acts, act)
    return replace(at, step=step, acts=acts, passed=at.passed + step.passed, services=at.services + services)


def _is_too_often(at: _At, act: Act, loop: int | None = None) -> bool:
    most = MOST_VISITS if loop is None else 30  # each item of a multi-instance is at the same node
    return Counter((each.do, each.node) for each in at.acts)[act.do, act.node] >= most


def _values(field: Mapping[str, Any], texts: Any, *, counts: bool) -> list[Any]:
    """Return what to try for a field: all there is, or for numbers those at and beside each border."""
    match field["type"]:
        case "boolean":
            return [False, True]
        case "choice":
            return [choice["value"] for choice in field["choices"]]
        case "number":
            borders = {int(float(number)) for text in texts for number in _NUMBER.findall(text)} or {1}
            near = {border + off for border in borders for off in (0, 1)} | ({2} if counts else set())
            most = 2 if counts else 100
            return sorted(number for number in near if 0 <= number <= most)
        case _:
            return ["Thử"]


def _days(amount: str) -> float:
    return sum(float(number) * _DAYS[unit] for number, unit in (part.split() for part in amount.split("+")))
