"""Geometry of a drawing: boxes, the points where edges leave them, and routes of right angles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

Point = tuple[int, int]

TASK = (120, 80)
EVENT = (36, 36)
GATEWAY = (50, 50)
HEADER = 30
MARGIN = 40
GAP = 50
LANE_HEIGHT = 130


class Side(Enum):
    """A side of a box, as (horizontal, vertical) direction from its centre."""

    LEFT = (-1, 0)
    RIGHT = (1, 0)
    TOP = (0, -1)
    BOTTOM = (0, 1)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; x and y are its upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def centred(cls, x: int, y: int, size: tuple[int, int]) -> Box:
        """Return the box of a size around a centre."""
        return cls(x - size[0] // 2, y - size[1] // 2, *size)

    @property
    def centre(self) -> Point:
        """Return the centre."""
        return self.x + self.width // 2, self.y + self.height // 2

    @property
    def right(self) -> int:
        """Return the x of the right border."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """Return the y of the lower border."""
        return self.y + self.height

    def anchor(self, side: Side) -> Point:
        """Return the middle of a side."""
        x, y = self.centre
        across, down = side.value
        return x + across * self.width // 2, y + down * self.height // 2

    def moved(self, across: int, down: int) -> Box:
        """Return the box shifted."""
        return Box(self.x + across, self.y + down, self.width, self.height)


def route(start: Box, leave: Side, end: Box, enter: Side, via: int | None = None) -> tuple[Point, ...]:
    """Return waypoints of right angles from the side of one box to the side of another.

    Two points when the anchors are in line; one corner when the sides are perpendicular; two corners at the
    abscissa `via` when the edge leaves and enters sideways.
    """
    first, last = start.anchor(leave), end.anchor(enter)
    if first[0] == last[0] or first[1] == last[1]:
        return first, last
    if via is not None:
        return first, (via, first[1]), (via, last[1]), last
    corner = (first[0], last[1]) if leave in (Side.TOP, Side.BOTTOM) else (last[0], first[1])
    return first, corner, last


def columns(sizes: Sequence[tuple[int, int]], start: int) -> list[int]:
    """Return the centre abscissa of each shape when every shape has a column of its own from `start` on."""
    centres = []
    at = start
    for width, _ in sizes:
        centres.append(at + width // 2)
        at += width + GAP
    return centres
