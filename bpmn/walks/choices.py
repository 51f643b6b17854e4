"""A judge for the walk: where the data would decide, it takes every way in turn."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import product

from bpmn.errors import InvalidExpressionError, NoFlowError
from bpmn.expressions import evaluate, names_of, value_of
from bpmn.net import Flow, Kind, Node
from bpmn.tokens import Values

Truths = frozenset[tuple[str, bool]]
ITEM_NUMBERS = (0, 1, 2)
MAX_FREE = 4  # conditions of one inclusive gateway that are tried in all combinations


class Choices:
    """A script of choices, played again and again until every combination has been taken."""

    def __init__(self) -> None:
        self._script: list[int] = []
        self._sizes: list[int] = []
        self._at = 0

    def rewind(self) -> None:
        """Begin to play from the start."""
        self._at = 0

    def choose(self, size: int) -> int:
        """Return which of `size` ways is taken this time."""
        if self._at == len(self._script):
            self._script.append(0)
            self._sizes.append(size)
        self._at += 1
        return self._script[self._at - 1]

    def advance(self) -> bool:
        """Go to the next combination; return False when there is none."""
        del self._script[self._at :], self._sizes[self._at :]
        while self._script and self._script[-1] + 1 == self._sizes[-1]:
            self._script.pop()
            self._sizes.pop()
        if self._script:
            self._script[-1] += 1
        return bool(self._script)


class FreeJudge:
    """Knows the outcome of the task that was just completed, and which way earlier gateways took on the same condition.

    Args:
        lasting: the texts of conditions whose truth cannot change and that stand at several gateways.
        truths: what has been assumed of them so far.
    """

    def __init__(self, choices: Choices, lasting: Collection[str], truths: Truths) -> None:
        self._choices = choices
        self._lasting = lasting
        self.truths = dict(truths)
        self.asked: list[tuple[str, bool | int]] = []
        self.recalled: list[str] = []  # gateways that read the outcome of a task before this move

    def flows(self, node: Node, data: Values) -> Sequence[Flow]:
        """Return one of the ways that some data would take. Raises: NoFlowError where no data can."""
        if "outcome" not in data and any("outcome" in _names(flow.condition or "") for flow in node.outgoing):
            self.recalled.append(node.id)
        ways = list(self._exclusive(node, data) if node.kind is Kind.XOR else self._inclusive(node, data))
        if not ways:
            raise NoFlowError(node.id)
        flows, assumed = ways[self._choices.choose(len(ways)) if len(ways) > 1 else 0]
        self.asked.extend(assumed)
        self.truths.update((text, truth) for text, truth in assumed if text in self._lasting)
        return flows

    def number(self, node: Node, data: Values) -> int:  # noqa: ARG002 - the protocol's signature
        """Return none, one or two items; of a fixed number at most two."""
        said = node.multi.number if node.multi else "0"
        if names_of(said):
            chosen = ITEM_NUMBERS[self._choices.choose(len(ITEM_NUMBERS))]
            self.asked.append((said, chosen))
            return chosen
        number = value_of(said, {})
        return min(number, 2) if isinstance(number, int) else 0

    def decide(self, node: Node, data: Values) -> Values:  # noqa: ARG002 - the protocol's signature
        """Write nothing; what was assumed may have changed."""
        self.truths.clear()
        return {}

    def _exclusive(self, node: Node, data: Values) -> Iterator[tuple[Sequence[Flow], list[tuple[str, bool]]]]:
        before: list[tuple[str, bool]] = []
        for flow in node.outgoing:
            if flow.id == node.default:
                continue
            known = self._known(flow, data, before)
            if known is not False:
                yield [flow], [*before, (flow.condition or "", True)] if known is None else before
            if known is True:
                return
            before = [*before, (flow.condition or "", False)] if known is None else before
        yield from (([flow], before) for flow in node.outgoing if flow.id == node.default)

    def _inclusive(self, node: Node, data: Values) -> Iterator[tuple[Sequence[Flow], list[tuple[str, bool]]]]:
        conditional = [flow for flow in node.outgoing if flow.id != node.default]
        known = [self._known(flow, data, []) for flow in conditional]
        free = [at for at, truth in enumerate(known) if truth is None]
        for combination in _combinations(len(free)):
            truths = dict(enumerate(known)) | dict(zip(free, combination, strict=True))
            assumed = [(conditional[at].condition or "", truths[at] is True) for at in free]
            if len(dict(assumed)) < len(set(assumed)):
                continue  # one condition on two flows cannot be true and false
            chosen = [flow for at, flow in enumerate(conditional) if truths[at]]
            chosen = chosen or [flow for flow in node.outgoing if flow.id == node.default]
            if chosen:
                yield chosen, assumed

    def _known(self, flow: Flow, data: Values, assumed: Sequence[tuple[str, bool]]) -> bool | None:
        """Return the truth of a condition as far as it is certain."""
        if flow.condition is None:
            return True
        said = dict(assumed)
        if flow.condition in said:
            return said[flow.condition]
        if flow.condition in self.truths:
            return self.truths[flow.condition]
        names = names_of(flow.condition)
        if names <= {"outcome"} and ("outcome" in data or not names):
            try:
                return evaluate(flow.condition, data)
            except InvalidExpressionError:
                return None
        return None


def _names(condition: str) -> frozenset[str]:
    try:
        return names_of(condition) if condition else frozenset()
    except InvalidExpressionError:
        return frozenset()


def _combinations(size: int) -> Iterator[tuple[bool, ...]]:
    """Yield all combinations of truths; of many conditions only those with one, all or none of them true."""
    if size <= MAX_FREE:
        yield from product((True, False), repeat=size)
        return
    yield (True,) * size
    yield (False,) * size
    yield from (tuple(at == each for at in range(size)) for each in range(size))
