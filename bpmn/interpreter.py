"""The token game: how tokens move over a net, by the execution semantics of BPMN 2.0 (clause 13).

One `Game` is one command on one process: it moves tokens until all of them rest. Conditions are asked of `Judge`, so
that the linter can walk over all choices with the same rules (decision 0020). Which token moves first is decided by
the order in which they were made; a join of an inclusive gateway is looked at when nothing else moves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bpmn.errors import StepBudgetError, UncaughtErrorEventError
from bpmn.joins import ready_inclusive
from bpmn.net import Flow, Kind, Net, Node, Trigger, TriggerKind
from bpmn.tokens import ITEMS, Token, Values

MAX_NODES_A_STEP = 500
MAX_TOKENS = 300


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step asks of the engine: a service by name, a message to send, an escalation that nothing caught."""

    kind: str
    node: str
    name: str
    value: str = ""


class Judge(Protocol):
    """Decides what the data decide."""

    def flows(self, node: Node, data: Values) -> Sequence[Flow]:
        """Return the flows that leave a gateway: one of an exclusive, one or more of an inclusive."""

    def number(self, node: Node, data: Values) -> int:
        """Return how often a multi-instance is done."""

    def decide(self, node: Node, data: Values) -> Values:
        """Return what a business rule task writes."""


_Entry = tuple[Token, int, str, str | None]


class Game:
    """Moves the tokens of one process until they rest."""

    def __init__(self, net: Net, root: Token, next_number: int, judge: Judge) -> None:
        self.net = net
        self.root = root
        self.next_number = next_number
        self.passed: list[str] = []
        self.effects: list[Effect] = []
        self._judge = judge
        self._queue: deque[_Entry] = deque()
        self._budget = MAX_NODES_A_STEP

    @property
    def finished(self) -> bool:
        """Tell whether no token is left."""
        return not self.root.inner

    def begin(self) -> None:
        """Put the first token into the process."""
        self._arrive(self.root, self.net.scopes[self.net.top].start, None)
        self._run()

    def finish(self, token: Token) -> None:
        """Leave a task that is done and run on."""
        node, scope = self.net.nodes[token.place], token.parent
        assert scope is not None  # noqa: S101 - only the process itself has nothing around it
        if scope.is_multi and scope.place == token.place:
            self._item_done(token)
        else:
            scope.inner.remove(token)
            self._leave(scope, node)
        self._run()

    def catch(self, token: Token, event: Node) -> None:
        """Let the event that waits at a token happen: at its place, at its border, or in the scope that it opened."""
        if event.kind is Kind.START:
            self._begin_event_scope(token, event.scope)
        elif event.kind is Kind.BOUNDARY:
            self._leave_by_border(token, event)
        else:
            self._leave_by_event(token, event)
        self._run()

    # What follows moves tokens; each entry of the queue is a token on its way to a node.

    def _run(self) -> None:
        while True:
            while self._queue:
                scope, order, node, flow = self._queue.popleft()
                if scope.order == order and scope.is_alive(self.root):
                    scope.pending -= 1
                    self._enter(scope, self.net.nodes[node], flow)
                    self._complete_if_empty(scope)
            joined = ready_inclusive(self.net, self.root)
            if joined is None:
                return
            self._join(*joined)

    def _arrive(self, scope: Token, node: str, flow: str | None) -> None:
        self._budget -= 1
        if self._budget < 0:
            raise StepBudgetError(f"The model ran through more than {MAX_NODES_A_STEP} nodes in one step.")
        scope.pending += 1
        self._queue.append((scope, scope.order, node, flow))

    def _leave(self, scope: Token, node: Node, flows: Sequence[Flow] | None = None) -> None:
        self.passed.append(node.id)
        for flow in node.outgoing if flows is None else flows:
            self._arrive(scope, flow.target, flow.id)
        self._complete_if_empty(scope)

    def _rest(self, scope: Token, place: str, data: Values | None = None) -> Token:
        if sum(1 for _ in self.root.walk()) >= MAX_TOKENS:
            raise StepBudgetError(f"The process has more than {MAX_TOKENS} tokens.")
        token = Token(self.next_number, place, scope, data)
        self.next_number += 1
        scope.inner.append(token)
        return token

    def _enter(self, scope: Token, node: Node, flow: str | None) -> None:
        if node.multi is not None:
            self._begin_items(scope, node)
            return
        match node.kind:
            case Kind.USER | Kind.CATCH | Kind.EVENTS:
                self._rest(scope, node.id)
            case Kind.CALL | Kind.SUB:
                self._open(self._rest(scope, node.id), node)
            case Kind.AND if len(node.incoming) > 1 and flow is not None:
                self._rest(scope, flow)
                self._join_parallel(scope, node)
            case Kind.OR if len(node.incoming) > 1 and flow is not None:
                self._rest(scope, flow)
            case Kind.END:
                self._end(scope, node)
            case _:
                self._pass(scope, node)

    def _pass(self, scope: Token, node: Node) -> None:
        """Go through a node at which no token rests."""
        if node.kind in (Kind.XOR, Kind.OR) and len(node.outgoing) > 1:
            self._leave(scope, node, self._judge.flows(node, scope.reads()))
            return
        if node.kind is Kind.SERVICE and node.service is not None:
            self.effects.append(Effect("service", node.id, *node.service))
        if node.kind is Kind.DECISION:
            values = scope.keeps().data
            assert values is not None  # noqa: S101 - `keeps` returns a token with data
            values.update(self._judge.decide(node, scope.reads()))
        if node.trigger is not None and node.kind is Kind.THROW:
            self._throw_and_go_on(scope, node, node.trigger)
            return
        self._leave(scope, node)

    def _throw_and_go_on(self, scope: Token, node: Node, trigger: Trigger) -> None:
        """Go through an event that throws; what catches it comes behind it in the order of what was passed."""
        self.passed.append(node.id)
        if self._throw(scope, node, trigger):
            for flow in node.outgoing:
                self._arrive(scope, flow.target, flow.id)

    def _end(self, scope: Token, node: Node) -> None:
        self.passed.append(node.id)
        if node.trigger is None:
            return
        if node.trigger.kind is TriggerKind.TERMINATE:
            self._empty(scope)
        else:
            self._throw(scope, node, node.trigger)

    def _throw(self, scope: Token, node: Node, trigger: Trigger) -> bool:
        """Throw what an event is about; return whether the scope goes on."""
        if trigger.kind is TriggerKind.MESSAGE:
            self.effects.append(Effect("message", node.id, trigger.name))
            return True
        order = scope.order
        if not self._catch_around(scope, trigger):
            if trigger.kind is TriggerKind.ERROR:
                raise UncaughtErrorEventError(f"{node.id}: nothing around it catches the error `{trigger.name}`.")
            self.effects.append(Effect("escalation", node.id, trigger.name))
        return scope.order == order and scope.is_alive(self.root)

    def _catch_around(self, scope: Token, trigger: Trigger) -> bool:
        """Find who catches an error or escalation, from the inside outwards, and let it happen."""
        at: Token | None = scope
        from_event_scope = False
        while at is not None:
            if not from_event_scope and (start := self._event_scope_for(at, trigger)) is not None:
                self._begin_event_scope(at, start)
                return True
            if at.parent is None:
                return False
            if at.parent.is_multi:
                at = at.parent
            node = self.net.nodes[at.place]
            from_event_scope = node.kind is Kind.SUB and not node.incoming
            border = next((each for each in node.borders if _catches(self.net.nodes[each], trigger)), None)
            if border is not None:
                self._leave_by_border(at, self.net.nodes[border])
                return True
            at = at.parent
        return False

    def _event_scope_for(self, scope: Token, trigger: Trigger) -> str | None:
        events = self.net.scopes[self.net.opened_at(scope.place) or ""].events
        return next((sub for sub, start in events if _catches(self.net.nodes[start], trigger)), None)

    # Scopes: calls, sub-processes and items.

    def _open(self, token: Token, node: Node) -> None:
        self._arrive(token, self.net.scopes[node.opens or ""].start, None)

    def _begin_event_scope(self, scope: Token, sub: str) -> None:
        node = self.net.nodes[sub]
        if self.net.nodes[self.net.scopes[sub].start].interrupting:
            self._empty(scope)
        self._open(self._rest(scope, sub), node)

    def _empty(self, scope: Token) -> None:
        """Take away all tokens of a scope, and what is on its way in it."""
        scope.inner.clear()
        scope.pending = 0
        scope.order += 1

    def _leave_by_border(self, host: Token, event: Node) -> None:
        scope = host.parent
        assert scope is not None  # noqa: S101 - a host lies in a scope
        if event.interrupting:
            self._empty(host)
            scope.inner.remove(host)
        self._leave(scope, event)

    def _leave_by_event(self, token: Token, event: Node) -> None:
        scope = token.parent
        assert scope is not None  # noqa: S101 - a resting token lies in a scope
        scope.inner.remove(token)
        if token.place != event.id:
            self.passed.append(token.place)
        self._leave(scope, event)

    def _complete_if_empty(self, scope: Token) -> None:
        if scope.inner or scope.pending or scope.parent is None or not scope.is_alive(self.root):
            return
        node, around = self.net.nodes[scope.place], scope.parent
        if node.opens is None:
            return
        if around.is_multi:
            self._item_done(scope)
            return
        around.inner.remove(scope)
        self._leave(around, node)

    def _begin_items(self, scope: Token, node: Node) -> None:
        assert node.multi is not None  # noqa: S101 - asked by the caller
        number = self._judge.number(node, scope.reads())
        keeper = scope.keeps().data
        if node.multi.prefix is not None and keeper is not None:
            inside = self.net.inside(node.opens) if node.opens else (node,)
            keeper.update({f"{node.multi.prefix}_{each}": 0 for task in inside for each in task.outcomes})
        if number == 0:
            self._leave(scope, node)
            return
        holder = self._rest(scope, node.id, {ITEMS: number})
        for loop in range(1, 2 if node.multi.sequential else number + 1):
            self._begin_item(holder, node, loop)

    def _begin_item(self, holder: Token, node: Node, loop: int) -> None:
        prefix = node.multi.prefix if node.multi else None
        item = holder.reads().get(f"{prefix}_{loop}") if prefix else None
        token = self._rest(holder, node.id, {"loop": loop, "item": item})
        if node.opens is not None:
            self._open(token, node)

    def _item_done(self, item: Token) -> None:
        holder = item.parent
        assert holder is not None  # noqa: S101 - an item lies in its multi-instance
        scope = holder.parent
        assert scope is not None  # noqa: S101 - and that in a scope
        node = self.net.nodes[item.place]
        holder.inner.remove(item)
        done = item.data or {}
        self._count(scope, node, done)
        loop, number = int(done.get("loop", 0)), int((holder.data or {}).get(ITEMS, 0))
        if node.multi is not None and node.multi.sequential and loop < number:
            self._begin_item(holder, node, loop + 1)
        elif not holder.inner:
            scope.inner.remove(holder)
            self._leave(scope, node)

    def _count(self, scope: Token, node: Node, done: Values) -> None:
        """Count the outcome of an item where the gateways behind can read it: `<prefix>_<outcome>`."""
        keeper = scope.keeps().data
        if node.multi is not None and node.multi.prefix is not None and keeper is not None and "outcome" in done:
            name = f"{node.multi.prefix}_{done['outcome']}"
            keeper[name] = int(keeper.get(name) or 0) + 1

    # Joins.

    def _join_parallel(self, scope: Token, node: Node) -> None:
        arrived = [next((t for t in scope.inner if t.place == flow), None) for flow in node.incoming]
        waiting = [token for token in arrived if token is not None]
        if len(waiting) == len(arrived):
            self._consume(scope, waiting)
            self._leave(scope, node)

    def _join(self, scope: Token, node: Node, waiting: Sequence[Token]) -> None:
        self._consume(scope, waiting)
        flows = self._judge.flows(node, scope.reads()) if len(node.outgoing) > 1 else node.outgoing
        self._leave(scope, node, flows)

    def _consume(self, scope: Token, tokens: Sequence[Token]) -> None:
        for token in tokens:
            scope.inner.remove(token)


def _catches(event: Node, trigger: Trigger) -> bool:
    caught = event.trigger
    return caught is not None and caught.kind is trigger.kind and caught.name in ("", trigger.name)
