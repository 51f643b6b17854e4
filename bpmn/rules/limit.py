"""Limits of stages and steps against the limit that the citizen is promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from bpmn.findings import Finding, warning
from bpmn.net import Kind, Net, Node
from bpmn.process_steps import Said

MAX_WAYS = 16  # combinations of stages that are followed at one node, the longest ones
_HOURS_A_DAY = 8  # of work, for adding up only

Stages = frozenset[int]


def stages_against_limit(net: Net, steps: Mapping[str, Said], limit: str, where: str) -> Iterator[Finding]:
    """Yield a finding when the stages on the longest way last longer than the procedure may, or not as long.

    Of parallel branches the longest counts, a stage that is passed twice counts once. Working days and hours are added
    up, 8 hours a day; a mixture with calendar days cannot be compared without a calendar and is left alone.
    """
    shares = {no: shared[0].stage_limit for no, shared in _staged(steps).items()}
    units = {_unit(text) for text in (*shares.values(), limit) if _amount(text) > 0}
    if len(units) != 1:
        return
    lengths = {no: _amount(text) for no, text in shares.items()}
    longest = max(_ways(net, steps, lengths), key=lambda way: sum(lengths[no] for no in way), default=frozenset())
    total = sum((lengths[no] for no in longest), Decimal(0))
    if total in (0, _amount(limit)):
        return  # steps without any limit are told one by one
    said = " + ".join(shares[no] for no in sorted(longest) if lengths[no])
    compared = (
        f"The stages on the longest way add up to {total.normalize():f} {next(iter(units))} ({said}), the procedure "
        f"has {_amount(limit).normalize():f}"
    )
    if total > _amount(limit):
        yield warning("stages-exceed-limit", where, f"{compared}: shorten a stage or correct the limit.")
    else:
        yield warning("stages-below-limit", where, f"{compared}: give the rest to a stage or correct the limit.")


def stage_limits_differ(steps: Mapping[str, Said]) -> Iterator[Finding]:
    """Yield the stages whose steps do not agree on the limit that they share; the engine goes by the first."""
    for no, shared in _staged(steps).items():
        first = shared[0]
        other = next((said for said in shared if _amount(said.stage_limit) != _amount(first.stage_limit)), None)
        if other is not None:
            message = (
                f"The steps of stage {no} share one limit, but `{first.node}` gives {first.stage_limit}, which counts, "
                f"and this one {other.stage_limit}: write the same `stageLimit` for all of them."
            )
            yield warning("stage-limits-differ", other.node, message)


def step_without_limit(steps: Mapping[str, Said]) -> Iterator[Finding]:
    """Yield the steps for which no time is given at all, neither by themselves nor by their stage."""
    for said in steps.values():
        if said.is_frame or said.is_return or not said.counts:
            continue
        if _amount(said.stage_limit) == 0 and _amount(said.limit or "") == 0:
            message = "Neither the step nor its stage has a limit: write `stageLimit` or `limit`."
            yield warning("step-without-limit", said.node, message)


def _staged(steps: Mapping[str, Said]) -> dict[int, list[Said]]:
    """Return the steps of each stage, as they stand in the file, the first of which gives the limit (model.facts)."""
    stages: dict[int, list[Said]] = {}
    for said in steps.values():
        if said.stage > 0 and said.counts:
            stages.setdefault(said.stage, []).append(said)
    return stages


def _amount(text: str) -> Decimal:
    """Return an amount as a number of days, calendar or working; 0 where there is none."""
    total = Decimal(0)
    for segment in text.split("+"):
        number, _, unit = segment.strip().partition(" ")
        if unit:
            total += Decimal(number) / (_HOURS_A_DAY if unit == "working_hour" else 1)
    return total


def _unit(text: str) -> str:
    units = {"calendar_day" if "calendar" in segment else "working_day" for segment in text.split("+")}
    return units.pop() if len(units) == 1 else "mixed"


def _ways(net: Net, steps: Mapping[str, Said], lengths: Mapping[int, Decimal]) -> set[Stages]:
    """Return the sets of stages that can be passed on one way from the start of the process."""
    return _Ways(net, steps, lengths).through(net.top, frozenset())


class _Ways:
    """Follows the flows of scopes; a flow that leads back is not followed."""

    def __init__(self, net: Net, steps: Mapping[str, Said], lengths: Mapping[int, Decimal]) -> None:
        self._net = net
        self._steps = steps
        self._lengths = lengths
        self._known: dict[str, set[Stages]] = {}

    def through(self, scope: str, inside: frozenset[str]) -> set[Stages]:
        """Return the ways through a scope; `inside` are the scopes around it."""
        if scope in inside or scope not in self._net.scopes:
            return {frozenset()}
        if scope not in self._known:
            self._known[scope] = self._followed(scope, inside)
        return self._known[scope]

    def _followed(self, scope: str, inside: frozenset[str]) -> set[Stages]:
        order = _order(self._net, self._net.scopes[scope].start)
        ways: dict[str, set[Stages]] = {order[0]: {frozenset()}}
        done: set[Stages] = set()
        for at, name in enumerate(order):
            node = self._net.nodes[name]
            here = self._own(node, ways.get(name, set()), inside | {scope})
            targets = [*(flow.target for flow in node.outgoing), *node.borders]
            if not targets:
                done |= here
            for target in targets:
                if target in order[at + 1 :]:
                    ways[target] = self._fewer(ways.get(target, set()) | here)
        return self._fewer(done)

    def _own(self, node: Node, ways: set[Stages], inside: frozenset[str]) -> set[Stages]:
        said = self._steps.get(node.id)
        if node.kind is Kind.USER and said is not None and said.stage in self._lengths and said.counts:
            return {way | {said.stage} for way in ways}
        if node.opens is not None:
            return self._fewer({way | inner for way in ways for inner in self.through(node.opens, inside)})
        return ways

    def _fewer(self, ways: set[Stages]) -> set[Stages]:
        """Leave out ways that are part of another, and of too many the shorter ones."""
        longest = sorted(ways, key=lambda way: (-sum(self._lengths[no] for no in way), sorted(way)))[:MAX_WAYS]
        return {way for way in longest if not any(way < other for other in longest)}


def _order(net: Net, start: str) -> list[str]:
    """Return the nodes that are reached, each after all that lead to it, flows back left out."""
    done: list[str] = []
    seen = {start}
    stack = [(start, _next(net, start))]
    while stack:
        at, following = stack[-1]
        target = next((each for each in following if each not in seen), None)
        if target is None:
            done.append(at)
            stack.pop()
        else:
            seen.add(target)
            stack.append((target, _next(net, target)))
    return done[::-1]


def _next(net: Net, node: str) -> Iterator[str]:
    yield from (flow.target for flow in net.nodes[node].outgoing)
    yield from net.nodes[node].borders
