"""Ranks of an automatic drawing: which column a node stands in, so that flows go from left to right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A sequence flow as the layout sees it: `source` is a node or, for the flow of a boundary event, its host."""

    id: str
    source: str
    target: str
    event: str | None = None  # the boundary event that the flow leaves
    name: str = ""


@dataclass(frozen=True)
class Ranking:
    """The columns of the nodes of one scope, and what else rows are chosen by."""

    rank: Mapping[str, int]
    height: Mapping[str, int]  # steps of the longest way to an end
    dominator: Mapping[str, str]  # the last node that every way to a node goes through
    forward: tuple[Link, ...]  # the flows that go from left to right
    back: frozenset[str]  # ids of the flows that go back


def rank_nodes(nodes: Sequence[str], links: Sequence[Link]) -> Ranking:
    """Return the ranks of nodes; flows that close a circle are found depth first and go back."""
    back = _back(nodes, links)
    forward = tuple(link for link in links if link.id not in back)
    after: dict[str, list[str]] = defaultdict(list)
    before: dict[str, list[str]] = defaultdict(list)
    for link in forward:
        after[link.source].append(link.target)
        before[link.target].append(link.source)
    order = _topological(nodes, after, before)
    rank: dict[str, int] = {}
    for node in order:
        rank[node] = max((rank[each] + 1 for each in before[node]), default=0)
    height: dict[str, int] = {}
    for node in reversed(order):
        height[node] = max((height[each] + 1 for each in after[node]), default=0)
    return Ranking(rank, height, _dominators(order, before), forward, back)


def _back(nodes: Sequence[str], links: Sequence[Link]) -> frozenset[str]:
    leaving: dict[str, list[Link]] = defaultdict(list)
    entered = set()
    for link in links:
        leaving[link.source].append(link)
        entered.add(link.target)
    back: set[str] = set()
    done: set[str] = set()
    roots = [*(node for node in nodes if node not in entered), *nodes]
    for root in roots:
        if root not in done:
            _walk(root, leaving, done, back)
    return frozenset(back)


def _walk(root: str, leaving: Mapping[str, list[Link]], done: set[str], back: set[str]) -> None:
    """Go depth first without recursion: models of others may be deep."""
    path: list[tuple[str, Iterator[Link]]] = [(root, iter(leaving.get(root, ())))]
    active = {root}
    done.add(root)
    while path:
        node, rest = path[-1]
        link = next(rest, None)
        if link is None:
            active.discard(node)
            path.pop()
        elif link.target in active:
            back.add(link.id)
        elif link.target not in done:
            done.add(link.target)
            active.add(link.target)
            path.append((link.target, iter(leaving.get(link.target, ()))))


def _topological(
    nodes: Sequence[str], after: Mapping[str, Sequence[str]], before: Mapping[str, Sequence[str]]
) -> list[str]:
    missing = {node: len(before[node]) for node in nodes}
    order = [node for node in nodes if not missing[node]]
    for node in order:
        for each in after[node]:
            missing[each] -= 1
            if not missing[each]:
                order.append(each)
    return order


def _dominators(order: Iterable[str], before: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the immediate dominator of each node with predecessors, by meeting upwards in topological order."""
    found: dict[str, str] = {}
    depth: dict[str, int] = {}
    for node in order:
        meeting: str | None = None
        for number, each in enumerate(before[node]):
            meeting = each if number == 0 else _meet(meeting, each, found, depth)
        if meeting is not None:
            found[node] = meeting
        depth[node] = depth[meeting] + 1 if meeting is not None else 0
    return found


def _meet(one: str | None, other: str | None, found: Mapping[str, str], depth: Mapping[str, int]) -> str | None:
    while one is not None and other is not None and one != other:
        if depth[one] >= depth[other]:
            one = found.get(one)
        else:
            other = found.get(other)
    return one if one == other else None
