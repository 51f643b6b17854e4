"""A drawn process as values: pools with lanes, nodes and edges, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field

from bpmn.layout import Box, Point

Attributes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Extension:
    """One element of our namespace inside a BPMN element."""

    tag: str
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node: `tag` is its BPMN element, `message` the message it catches, `attached` its host."""

    id: str
    tag: str
    name: str
    lane: str
    box: Box
    label: Box | None = None
    extension: Extension | None = None
    message: str | None = None
    terminates: bool = False
    attached: str | None = None
    interrupting: bool = True
    calls: str | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """A sequence flow with its waypoints."""

    id: str
    source: str
    target: str
    points: tuple[Point, ...]
    name: str = ""
    condition: str | None = None
    label: Box | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane; `unit` is the unit that works in it."""

    id: str
    name: str
    box: Box
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool with its whole process."""

    id: str
    process: str
    name: str
    box: Box
    lanes: tuple[Lane, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    extension: Extension | None = field(default=None)
