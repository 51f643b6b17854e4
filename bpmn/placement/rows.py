"""Rows of an automatic drawing: the main way of a lane stays straight, branches go below or around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from bpmn.placement.ranks import Link, Ranking


def choose_rows(nodes: Sequence[str], lane_of: Mapping[str, str], ranking: Ranking) -> dict[str, int]:
    """Return the row of each node inside its lane, counted from 0 in every lane without gaps."""
    return _Rows(nodes, lane_of, ranking).chosen()


class _Rows:
    def __init__(self, nodes: Sequence[str], lane_of: Mapping[str, str], ranking: Ranking) -> None:
        self.nodes = nodes
        self.lane_of = lane_of
        self.ranking = ranking
        self.row: dict[str, int] = {}
        self.taken: set[tuple[str, int, int]] = set()  # (lane, row, rank)
        self.entering: dict[str, list[Link]] = defaultdict(list)
        self.leaving: dict[str, list[Link]] = defaultdict(list)
        for link in ranking.forward:
            self.entering[link.target].append(link)
            self.leaving[link.source].append(link)

    def chosen(self) -> dict[str, int]:
        position = {node: at for at, node in enumerate(self.nodes)}
        rank, height = self.ranking.rank, self.ranking.height
        aside = {node for node in self.nodes if self._is_aside(node)}
        for node in sorted(self.nodes, key=lambda each: (rank[each], each in aside, -height[each], position[each])):
            self._place(node)
        return self._packed()

    def _place(self, node: str) -> None:
        wanted, source = self._wish(node)
        for candidate in count(wanted) if self._is_aside(node) else _around(wanted):
            if self._fits(node, candidate, source):
                break
        lane, rank = self.lane_of[node], self.ranking.rank[node]
        self.row[node] = candidate
        self.taken.add((lane, candidate, rank))
        for each in self.entering[node]:
            if self.lane_of[each.source] == lane and self.row[each.source] == candidate:
                self.taken.update((lane, candidate, between) for between in range(self._rank(each.source) + 1, rank))

    def _is_aside(self, node: str) -> bool:
        """Tell whether only boundary events lead to a node, so that it belongs below their host."""
        return bool(self.entering[node]) and all(link.event is not None for link in self.entering[node])

    def _rank(self, node: str) -> int:
        return self.ranking.rank[node]

    def _fits(self, node: str, row: int, source: str | None) -> bool:
        lane, rank = self.lane_of[node], self._rank(node)
        first = rank
        if source is not None and self.lane_of[source] == lane and self.row[source] == row:
            first = self._rank(source) + 1  # the straight line to here must be free as well
        return not any((lane, row, at) in self.taken for at in range(first, rank + 1))

    def _wish(self, node: str) -> tuple[int, str | None]:
        """Return the row that a node would like, and the node that it would like to follow straight."""
        lane = self.lane_of[node]
        entering = [link for link in self.entering[node] if link.event is None] or self.entering[node]
        if len(entering) > 1:
            gate = self.ranking.dominator.get(node)
            if gate is not None and self.lane_of[gate] == lane:
                return self.row[gate], None
        near = [link for link in entering if self.lane_of[link.source] == lane]
        if not near:
            return 0, None
        link = max(near, key=lambda each: self._rank(each.source))
        return self.row[link.source] + self._offset(link), link.source

    def _offset(self, link: Link) -> int:
        if link.event is not None:  # the rightmost event leads to the nearest row, so that no two ways cross
            events = [each.event for each in self.leaving[link.source] if each.event is not None]
            return len(events) - events.index(link.event)
        lane = self.lane_of[link.source]
        fan = [each for each in self.leaving[link.source] if each.event is None and self.lane_of[each.target] == lane]
        if len(fan) < 3:
            fan.sort(key=lambda each: -self.ranking.height[each.target])
            return fan.index(link)
        return fan.index(link) - (len(fan) - 1) // 2

    def _packed(self) -> dict[str, int]:
        used: dict[str, set[int]] = defaultdict(set)
        for node, row in self.row.items():
            used[self.lane_of[node]].add(row)
        packed = {lane: {row: at for at, row in enumerate(sorted(rows))} for lane, rows in used.items()}
        return {node: packed[self.lane_of[node]][row] for node, row in self.row.items()}


def _around(row: int) -> Iterable[int]:
    """Yield rows from a wished one outwards, below before above; without end."""
    yield row
    away = 1
    while True:
        yield row + away
        yield row - away
        away += 1
