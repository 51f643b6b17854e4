"""The process map as values: steps, which followed which, and the ways that dossiers took."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.reports.about import About
from engine.reports.on_time_values import Period, Rate


@dataclass(frozen=True, slots=True)
class StepFlow:
    """A step of the map; medians and ``spent`` in minutes of office time, None where no calendar knows the time.

    Args:
        times: how often it was done, by ``dossiers`` dossiers.
        waiting: until somebody took it.
        working: from then until it was done.
        spent: both, of all times together.
        share: of what all steps spent.
        heat: 1 to 5 by what was spent; 0 when nothing was.
    """

    node: str
    name: str
    times: int
    dossiers: int
    sent_back: int
    waiting: int | None
    working: int | None
    spent: int
    share: Rate
    heat: int

    def as_json(self) -> dict[str, Any]:
        """Return the step JSON-ready."""
        return {
            "node": self.node,
            "name": self.name,
            "times": self.times,
            "dossiers": self.dossiers,
            "sent_back": self.sent_back,
            "median_waiting_minutes": self.waiting,
            "median_working_minutes": self.working,
            "spent_minutes": self.spent,
            "share": self.share.as_json(),
        }


@dataclass(frozen=True, slots=True)
class EdgeFlow:
    """How often a step directly followed another; ``waiting`` is the median office time until somebody took it."""

    source: str
    source_name: str
    target: str
    target_name: str
    times: int
    dossiers: int
    waiting: int | None

    def as_json(self) -> dict[str, Any]:
        """Return the edge JSON-ready."""
        return {
            "from": self.source,
            "to": self.target,
            "times": self.times,
            "dossiers": self.dossiers,
            "median_waiting_minutes": self.waiting,
        }


@dataclass(frozen=True, slots=True)
class Variant:
    """A way through the process, and the dossiers that took it; ``used`` is their median office time, in minutes."""

    key: str
    nodes: tuple[str, ...]
    names: tuple[str, ...]
    dossiers: int
    share: Rate
    kept: Rate
    used: int | None

    def as_json(self) -> dict[str, Any]:
        """Return the variant JSON-ready."""
        return {
            "key": self.key,
            "nodes": list(self.nodes),
            "names": list(self.names),
            "dossiers": self.dossiers,
            "share": self.share.as_json(),
            "on_time": self.kept.as_json(),
            "median_used_minutes": self.used,
        }


@dataclass(frozen=True, slots=True)
class Diagram:
    """Whose model is drawn: the version that most of the dossiers ran."""

    agency: str
    version: int


@dataclass(frozen=True, slots=True)
class ProcessMap:
    """What happened to the dossiers of a procedure that were closed in a period.

    Args:
        diagram: None when there is no dossier.
        dossiers: how many are on the map.
        is_cut: there were more; those closed last are on it.
        unmeasured: steps whose time lies outside the calendars.
    """

    code: str
    name: str
    period: Period
    diagram: Diagram | None
    dossiers: int
    is_cut: bool
    unmeasured: int
    kept: Rate
    steps: Sequence[StepFlow]
    edges: Sequence[EdgeFlow]
    variants: Sequence[Variant]
    about: About

    def as_json(self) -> dict[str, Any]:
        """Return the document of the API."""
        return {
            "report": "process-map",
            "procedure": {"code": self.code, "name": self.name},
            "from": self.period.from_on.isoformat(),
            "to": self.period.to_on.isoformat(),
            "dossiers": self.dossiers,
            "is_cut": self.is_cut,
            "unmeasured_steps": self.unmeasured,
            "on_time": self.kept.as_json(),
            "steps": [step.as_json() for step in self.steps],
            "edges": [edge.as_json() for edge in self.edges],
            "variants": [variant.as_json() for variant in self.variants],
            "about": self.about.as_json(),
        }


def key_of(nodes: Sequence[str]) -> str:
    """Return a short name for a way through a process, the same wherever it is computed."""
    return hashlib.sha256("\n".join(nodes).encode()).hexdigest()[:12]
