"""Labels of an automatic drawing: how large a name is, and where it covers nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from bpmn.layout import Box, Point

LINE, SIGN, WIDTH = 14, 6, 90
_GAP = 4
MAX_LINES, MAX_BOXES = 1000, 300  # in larger drawings a label takes its first place, whatever lies there


def label_size(text: str) -> tuple[int, int]:
    """Return width and height in pixels of a name that is broken into lines of at most 90 pixels."""
    lines = wrapped(text, WIDTH // SIGN)
    longest = max(len(line) for line in lines)
    return min(max(longest * SIGN + 6, 20), max(WIDTH, longest * SIGN + 6)), LINE * len(lines)


def wrapped(text: str, longest: int) -> list[str]:
    """Return the lines of a text; a word longer than a line stands alone."""
    lines = [""]
    for word in text.split()[:60]:
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= longest or not lines[-1]:
            lines[-1] = joined[:120]
        else:
            lines.append(word[:120])
    return lines


class Labeller:
    """Puts one label after another where it covers least."""

    def __init__(self, boxes: Iterable[Box], edges: Iterable[Sequence[Point]]) -> None:
        self.solid = list(boxes)
        self.lines = [piece for points in edges for piece in pairwise(points)]
        self._quick = len(self.lines) > MAX_LINES or len(self.solid) > MAX_BOXES

    def around(self, name: str, box: Box, *, border: bool = False) -> Box:
        """Return the place of the name of an event or a gateway, which stands outside of it."""
        width, height = label_size(name)
        x, _ = box.centre
        under, over = box.bottom + _GAP, box.y - height - _GAP
        places = [
            (x - width // 2, under),
            (x - width // 2, over),
            (box.right, under - 2),
            (box.right - 6, over + 2),
            (box.x - width, under - 2),
            (box.x - width + 6, over + 2),
            (box.right + _GAP, box.centre[1] - height - _GAP),
        ]
        if border:
            places = [places[2], places[4], *places]
        return self._best(Box(*place, width, height) for place in places)

    def along(self, name: str, points: Sequence[Point]) -> Box:
        """Return the place of the name of an edge, near to where it begins."""
        width, height = label_size(name)
        places = []
        for (x, y), (to_x, to_y) in self._own(points):
            if y == to_y:
                left = x + _GAP if to_x > x else x - width - _GAP
                middle = (x + to_x - width) // 2
                places += [(left, y - height - 2), (middle, y - height - 2), (left, y + 3), (middle, y + 3)]
            else:
                top = y + _GAP if to_y > y else y - height - _GAP
                middle = (y + to_y - height) // 2
                places += [(x + _GAP, top), (x + _GAP, middle), (x - width - _GAP, top), (x - width - _GAP, middle)]
        return self._best(Box(*place, width, height) for place in places)

    def _own(self, points: Sequence[Point]) -> list[tuple[Point, Point]]:
        """Return the first pieces of an edge that it does not share with others, else its first ones."""
        pieces = list(pairwise(points))
        if self._quick:
            return pieces[:1]
        own = [piece for piece in pieces if sum(_along(piece, line) for line in self.lines) == 1]
        return (own or pieces)[:3]

    def _best(self, places: Iterable[Box]) -> Box:
        if self._quick:
            return next(iter(places))
        best = min(enumerate(places), key=lambda each: self._harm(each[1]) + each[0] * 40)[1]
        self.solid.append(best)
        return best

    def _harm(self, label: Box) -> int:
        covered = sum(_overlap(label, box) for box in self.solid)
        crossed = sum(1 for line in self.lines if _meets(label, line))
        return covered * 4 + crossed * 900


def _overlap(one: Box, other: Box) -> int:
    across = min(one.right, other.right) - max(one.x, other.x)
    down = min(one.bottom, other.bottom) - max(one.y, other.y)
    return across * down if across > 0 and down > 0 else 0


def _along(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Tell whether two pieces lie on each other for some length."""
    for level, across in ((1, 0), (0, 1)):
        if one[0][level] == one[1][level] == other[0][level] == other[1][level]:
            first = max(min(one[0][across], one[1][across]), min(other[0][across], other[1][across]))
            last = min(max(one[0][across], one[1][across]), max(other[0][across], other[1][across]))
            return last > first
    return False


def _meets(box: Box, line: tuple[Point, Point]) -> bool:
    (x, y), (to_x, to_y) = line
    return min(x, to_x) < box.right and max(x, to_x) > box.x and min(y, to_y) < box.bottom and max(y, to_y) > box.y


def edge_labels(labeller: Labeller, names: Mapping[str, str], edges: Mapping[str, Sequence[Point]]) -> dict[str, Box]:
    """Return the places of the names of edges."""
    return {edge: labeller.along(names[edge], points) for edge, points in edges.items() if names.get(edge)}
