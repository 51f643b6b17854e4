"""One scope of an automatic drawing: a process or the inside of a subprocess, from columns and rows to pixels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bpmn.layout import EVENT, Box, Point, Side
from bpmn.placement.labels import Labeller, edge_labels, label_size
from bpmn.placement.ranks import Link, Ranking, rank_nodes
from bpmn.placement.routes import Budget, Port, Router
from bpmn.placement.rows import choose_rows

GUTTER, TRACK, ROW_GAP, PADDING = 64, 10, 40, 30
ROW_HEIGHT = 80
TITLE = 20


@dataclass(frozen=True)
class Item:
    """A node to be placed; `borders` are its boundary events with their names, `inner` what is drawn inside."""

    id: str
    size: tuple[int, int]
    lane: str
    shape: str  # box, event, gateway
    name: str = ""
    borders: tuple[tuple[str, str], ...] = ()
    inner: Placed | None = None
    floating: bool = False  # an event subprocess: no flow leads to it


@dataclass(frozen=True)
class Placed:
    """What a scope looks like; its upper left corner is the origin."""

    width: int = 0
    height: int = 0
    boxes: Mapping[str, Box] = field(default_factory=dict)
    edges: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    labels: Mapping[str, Box] = field(default_factory=dict)
    lanes: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # top and bottom

    def moved(self, across: int, down: int) -> Placed:
        """Return the scope shifted."""
        return Placed(
            self.width,
            self.height,
            {each: box.moved(across, down) for each, box in self.boxes.items()},
            {each: tuple((x + across, y + down) for x, y in points) for each, points in self.edges.items()},
            {each: box.moved(across, down) for each, box in self.labels.items()},
            {each: (top + down, bottom + down) for each, (top, bottom) in self.lanes.items()},
        )


def place(
    items: Sequence[Item], links: Sequence[Link], lanes: Sequence[str], budget: Budget, *, titled: bool = False
) -> Placed:
    """Return the places of the nodes and edges of one scope; `titled` leaves room for a name at the top."""
    flowing = [item for item in items if not item.floating]
    ranking = rank_nodes([item.id for item in flowing], links)
    rows = choose_rows([item.id for item in flowing], {item.id: item.lane for item in flowing}, ranking)
    grid = _Grid(items, links, lanes, ranking, rows, TITLE if titled else 0)
    return grid.drawn(budget)


class _Grid:
    def __init__(
        self,
        items: Sequence[Item],
        links: Sequence[Link],
        lanes: Sequence[str],
        ranking: Ranking,
        rows: Mapping[str, int],
        title: int,
    ) -> None:
        self.items = {item.id: item for item in items}
        self.links = links
        self.ranking = ranking
        self.rows = rows
        self.xs: set[int] = set()
        self.ys: set[int] = set()
        self.spans: dict[str, tuple[int, int]] = {}
        self.middle: dict[tuple[str, int], int] = {}
        self.strip: dict[str, int] = {}
        self.centre: list[int] = []
        self.width = self._columns()
        self.height = self._rows(lanes, title)
        self.boxes = self._boxes()

    def _columns(self) -> int:
        """Fix the centre of each column and the tracks between them; return the width."""
        widest: dict[int, int] = defaultdict(lambda: EVENT[0])
        named: dict[int, int] = defaultdict(int)
        for node, rank in self.ranking.rank.items():
            widest[rank] = max(widest[rank], self.items[node].size[0])
        for link in self.links:
            rank = self.ranking.rank[link.source]
            if link.name:
                named[rank] = max(named[rank], label_size(link.name)[0] + 30)
        at = PADDING
        self.xs.update((at - 20, at - 10))
        for rank in range(max(widest, default=-1) + 1):
            self.centre.append(at + widest[rank] // 2)
            at += widest[rank]
            gap = max(GUTTER, named[rank])
            self.xs.update(range(at + 16, at + gap - 19, TRACK))
            at += gap
        floats = max((sum(item.size[0] + GUTTER for item in group) for group in self._floats().values()), default=0)
        return max(at - GUTTER, PADDING + floats - GUTTER) + PADDING

    def _floats(self) -> dict[str, list[Item]]:
        found: dict[str, list[Item]] = defaultdict(list)
        for item in self.items.values():
            if item.floating:
                found[item.lane].append(item)
        return found

    def _rows(self, lanes: Sequence[str], title: int) -> int:
        """Fix the middle of each row and the tracks between them; return the height."""
        over: dict[tuple[str, int], int] = defaultdict(lambda: ROW_HEIGHT // 2)
        under: dict[tuple[str, int], int] = defaultdict(lambda: ROW_HEIGHT // 2)
        for node, row in self.rows.items():
            item = self.items[node]
            over[item.lane, row] = max(over[item.lane, row], item.size[1] // 2)
            under[item.lane, row] = max(under[item.lane, row], item.size[1] // 2 + _hanging(item))
        floats = self._floats()
        at = title
        for lane in lanes:
            top = at
            self.ys.update((at + 10, at + 20))
            at += PADDING
            for row in range(1 + max((row for each, row in over if each == lane), default=0)):
                self.middle[lane, row] = at + over[lane, row]
                at += over[lane, row] + under[lane, row]
                self.ys.update(range(at + TRACK, at + ROW_GAP, TRACK))
                at += ROW_GAP
            if lane in floats:
                self.strip[lane] = at
                at += max(item.size[1] for item in floats[lane]) + PADDING
            else:
                at += PADDING - ROW_GAP
            self.spans[lane] = (top, at)
        return at

    def _boxes(self) -> dict[str, Box]:
        boxes: dict[str, Box] = {}
        for node, row in self.rows.items():
            item = self.items[node]
            boxes[node] = Box.centred(self.centre[self.ranking.rank[node]], self.middle[item.lane, row], item.size)
        for lane, group in self._floats().items():
            left = PADDING
            for item in group:
                boxes[item.id] = Box(left, self.strip[lane], *item.size)
                left += item.size[0] + GUTTER
        for item in self.items.values():
            host = boxes[item.id]
            for at, (event, _) in enumerate(item.borders):
                share = 0.75 if len(item.borders) == 1 else (at + 0.5) / len(item.borders)
                boxes[event] = Box.centred(host.x + int(host.width * share), host.bottom, EVENT)
        return boxes

    def drawn(self, budget: Budget) -> Placed:
        for box in self.boxes.values():
            self.xs.update((box.centre[0], box.x, box.right))
            self.ys.update((box.centre[1], box.y, box.bottom))
        router = Router(self.boxes.values(), self.xs, self.ys, budget)
        edges = {link.id: self._route(router, link) for link in sorted(self.links, key=self._effort)}
        labels = self._labels(edges)
        boxes = dict(self.boxes)
        for item in self.items.values():
            if item.inner is not None:
                inside = item.inner.moved(self.boxes[item.id].x, self.boxes[item.id].y)
                boxes.update(inside.boxes)
                edges.update(inside.edges)
                labels.update(inside.labels)
        return Placed(self.width, self.height, boxes, edges, labels, self.spans)

    def _effort(self, link: Link) -> tuple[bool, int, int]:
        one, two = self.boxes[link.source].centre, self.boxes[link.target].centre
        return link.id in self.ranking.back, abs(one[1] - two[1]), abs(one[0] - two[0])

    def _route(self, router: Router, link: Link) -> tuple[Point, ...]:
        target = self.items[link.target]
        if link.event is not None:
            starts = [Port(self.boxes[link.event].anchor(Side.BOTTOM), Side.BOTTOM, 0)]
        else:
            source = self.items[link.source]
            aside = 20 if source.shape == "gateway" else 90
            starts = self._ports(source, {Side.RIGHT: 0, Side.BOTTOM: aside, Side.TOP: aside, Side.LEFT: 400})
        aside = 20 if target.shape == "gateway" else 60
        ends = self._ports(target, {Side.LEFT: 0, Side.BOTTOM: aside, Side.TOP: aside, Side.RIGHT: 400})
        return router.route(link.event or link.source, link.target, starts, ends)

    def _ports(self, item: Item, costs: Mapping[Side, int]) -> list[Port]:
        box = self.boxes[item.id]
        taken = {self.boxes[event].centre for event, _ in item.borders}
        ports = [Port(box.anchor(side), side, cost) for side, cost in costs.items()]
        return [port for port in ports if not any(abs(port.point[0] - x) < 25 and port.point[1] == y for x, y in taken)]

    def _labels(self, edges: Mapping[str, tuple[Point, ...]]) -> dict[str, Box]:
        labeller = Labeller(self.boxes.values(), edges.values())
        labels: dict[str, Box] = {}
        for item in self.items.values():
            if item.name and item.shape != "box":
                labels[item.id] = labeller.around(item.name, self.boxes[item.id])
            for event, name in item.borders:
                if name:
                    labels[event] = labeller.around(name, self.boxes[event], border=True)
        labels.update(edge_labels(labeller, {link.id: link.name for link in self.links}, edges))
        return labels


def _hanging(item: Item) -> int:
    """Return how far the boundary events of a node and their names reach below it."""
    names = [label_size(name)[1] for _, name in item.borders if name]
    return EVENT[1] // 2 + max(names, default=0) if item.borders else 0
