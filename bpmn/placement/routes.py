"""Routes of an automatic drawing: the cheapest way of right angles on a grid of tracks between the boxes."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bpmn.layout import Box, Point, Side

BEND, CROSSING, SHARED = 40, 30, 400
FAN, OPPOSED = 60, 120
MAX_VISITS = 50_000  # in one drawing: beyond it edges take the plain way


@dataclass(frozen=True, slots=True)
class Port:
    """A place where an edge may leave or enter, and what that costs."""

    point: Point
    side: Side
    cost: int


@dataclass(frozen=True, slots=True)
class _State:
    column: int
    row: int
    vertical: bool


@dataclass
class Budget:
    """How many places the search for ways may still visit, in all scopes of a drawing together."""

    left: int = MAX_VISITS


class Router:
    """Finds ways between boxes one after another; a way avoids the boxes and the ways found before."""

    def __init__(self, boxes: Iterable[Box], xs: Iterable[int], ys: Iterable[int], budget: Budget) -> None:
        self.xs, self.ys = sorted(set(xs)), sorted(set(ys))
        self._budget = budget
        self._blocked: set[tuple[int, int, bool]] = set()  # (column, row, vertical): the piece that begins there
        self._used: dict[tuple[int, int, bool], set[str]] = defaultdict(set)
        self._ports: set[tuple[Point, bool]] = set()  # (port, leaving)
        for box in boxes:
            self._block(box)

    def route(self, source: str, target: str, starts: Sequence[Port], ends: Sequence[Port]) -> tuple[Point, ...]:
        """Return the corners of the way from a node to another; the plain way when none is found."""
        found = self._search(source, target, starts, ends)
        if found is None:
            return _plain(starts[0], ends[0])
        self._mark(found, source, target)
        return _corners([(self.xs[state.column], self.ys[state.row]) for state in found])

    def _block(self, box: Box) -> None:
        left, right = bisect_left(self.xs, box.x), bisect_right(self.xs, box.right)
        top, bottom = bisect_left(self.ys, box.y), bisect_right(self.ys, box.bottom)
        first_column, first_row = bisect_right(self.xs, box.x) - 1, bisect_right(self.ys, box.y) - 1
        for row in range(top, bottom):
            self._blocked.update(
                (column, row, False) for column in range(max(first_column, 0), right) if self.xs[column] < box.right
            )
        for column in range(left, right):
            self._blocked.update(
                (column, row, True) for row in range(max(first_row, 0), bottom) if self.ys[row] < box.bottom
            )

    def _search(self, source: str, target: str, starts: Sequence[Port], ends: Sequence[Port]) -> list[_State] | None:
        goals = {self._at(port): port for port in ends}
        queue: list[tuple[int, int, int, _State, _State | None]] = []
        number = 0
        for port in starts:
            state = self._at(port)
            cost = port.cost + self._port_cost(port, leaving=True)
            queue.append((cost + self._left(state, goals), number, cost, state, None))
            number += 1
        heapq.heapify(queue)
        came: dict[_State, _State | None] = {}
        begin = {self._at(port): port for port in starts}
        while queue and self._budget.left > 0:
            _, _, cost, state, previous = heapq.heappop(queue)
            if state in came:
                continue
            came[state] = previous
            self._budget.left -= 1
            goal = goals.get(state)
            if goal is not None and previous is not None and _arrives(previous, state, goal):
                return _path(state, came)
            for following, step in self._steps(state, begin.get(state) if previous is None else None, source, target):
                if following not in came:
                    total = cost + step + self._goal_cost(following, goals)
                    number += 1
                    heapq.heappush(queue, (total + self._left(following, goals), number, total, following, state))
        return None

    def _goal_cost(self, state: _State, goals: Mapping[_State, Port]) -> int:
        goal = goals.get(state)
        return 0 if goal is None else goal.cost + self._port_cost(goal, leaving=False)

    def _port_cost(self, port: Port, *, leaving: bool) -> int:
        """Return what it costs to meet another edge here: a join is fine, a fan less so, both ways are bad."""
        against = OPPOSED if (port.point, not leaving) in self._ports else 0
        return against + (FAN if leaving and (port.point, True) in self._ports else 0)

    def _at(self, port: Port) -> _State:
        x, y = port.point
        return _State(bisect_left(self.xs, x), bisect_left(self.ys, y), port.side in (Side.TOP, Side.BOTTOM))

    def _left(self, state: _State, goals: Iterable[_State]) -> int:
        x, y = self.xs[state.column], self.ys[state.row]
        return min(abs(self.xs[goal.column] - x) + abs(self.ys[goal.row] - y) for goal in goals)

    def _steps(self, state: _State, start: Port | None, source: str, target: str) -> Iterable[tuple[_State, int]]:
        for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            if start is not None and (across, down) != start.side.value:
                continue
            column, row, vertical = state.column + across, state.row + down, down != 0
            if not (0 <= column < len(self.xs) and 0 <= row < len(self.ys)):
                continue
            piece = (min(column, state.column), min(row, state.row), vertical)
            if piece in self._blocked:
                continue
            length = abs(self.xs[column] - self.xs[state.column]) + abs(self.ys[row] - self.ys[state.row])
            bend = BEND if vertical != state.vertical else 0
            crossing = 0 if bend else self._crossing(state, source, target)
            yield _State(column, row, vertical), length + bend + crossing + self._sharing(piece, source, target)

    def _sharing(self, piece: tuple[int, int, bool], source: str, target: str) -> int:
        users = self._used.get(piece)
        return 0 if not users or users & {f"from {source}", f"to {target}"} else SHARED

    def _crossing(self, state: _State, source: str, target: str) -> int:
        before = (state.column - 1, state.row, False) if state.vertical else (state.column, state.row - 1, True)
        after = (state.column, state.row, not state.vertical)
        own = {f"from {source}", f"to {target}"}
        met = (self._used.get(before) or set()) & (self._used.get(after) or set())
        return CROSSING if met and not met & own else 0

    def _mark(self, states: Sequence[_State], source: str, target: str) -> None:
        for one, two in pairwise(states):
            piece = (min(one.column, two.column), min(one.row, two.row), one.row != two.row)
            self._used[piece].update((f"from {source}", f"to {target}"))
        first, last = states[0], states[-1]
        self._ports.add(((self.xs[first.column], self.ys[first.row]), True))
        self._ports.add(((self.xs[last.column], self.ys[last.row]), False))


def _arrives(previous: _State, state: _State, port: Port) -> bool:
    """Tell whether the last piece comes from outside the box."""
    across, down = port.side.value
    return (previous.column - state.column) * across > 0 or (previous.row - state.row) * down > 0


def _path(state: _State, came: Mapping[_State, _State | None]) -> list[_State]:
    path = [state]
    while (previous := came[path[-1]]) is not None:
        path.append(previous)
    return path[::-1]


def _corners(points: Sequence[Point]) -> tuple[Point, ...]:
    kept = [points[0]]
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        if not (before[0] == at[0] == after[0] or before[1] == at[1] == after[1]):
            kept.append(at)
    return (*kept, points[-1])


def _plain(start: Port, end: Port) -> tuple[Point, ...]:
    """Return a way of right angles that minds no boxes: for drawings too large to search."""
    first, last = start.point, end.point
    if first[0] == last[0] or first[1] == last[1]:
        return first, last
    if start.side in (Side.TOP, Side.BOTTOM):
        return first, (first[0], last[1]), last
    middle = (first[0] + last[0]) // 2
    return first, (middle, first[1]), (middle, last[1]), last
