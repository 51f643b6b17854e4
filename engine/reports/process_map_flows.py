"""The process map added up: steps, edges and variants from what happened to each dossier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from engine.domain.ageing import percentile
from engine.domain.calendar import CalendarGapError, WorkingCalendar
from engine.domain.ids import DossierId
from engine.domain.statistics import Outcome
from engine.domain.traces import END, START, Step, edges_of
from engine.reports.on_time_values import Rate
from engine.reports.process_map_values import EdgeFlow, StepFlow, Variant, key_of

HEATS = 5  #: shades; the hottest is the step on which most office time was spent
_MINUTE = 60_000_000  # microseconds
_KEPT = (Outcome.EARLY, Outcome.ON_TIME)


@dataclass(frozen=True, slots=True)
class OfficeClock:
    """The office time of a dossier: its calendar, and when its clock stood still."""

    calendar: WorkingCalendar
    pauses: Sequence[tuple[datetime, datetime | None]] = ()

    def minutes(self, from_at: datetime, to_at: datetime) -> int | None:
        """Return the office minutes between two instants without pauses, rounded down; None outside the calendar."""
        if from_at >= to_at:
            return 0
        try:
            whole = self.calendar.worked(to_at) - self.calendar.worked(from_at)
            for started, ended in self.pauses:
                begins, ends = max(from_at, started), min(to_at, ended or to_at)
                if begins < ends:
                    whole -= self.calendar.worked(ends) - self.calendar.worked(begins)
        except CalendarGapError:
            return None
        return max(0, whole) // _MINUTE


@dataclass(frozen=True)
class Taken:
    """What happened to a dossier: its steps in order, and how it ended; ``used`` are its office minutes."""

    dossier_id: DossierId
    outcome: Outcome
    received_at: datetime
    steps: Sequence[Step]
    used: int | None
    clock: OfficeClock
    owner: str = ""  #: code of the agency whose procedure it ran
    version: int = 0

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """The steps by their names in the model."""
        return tuple(step.node for step in self.steps)

    @cached_property
    def edges(self) -> list[tuple[str, str]]:
        """Which step directly followed which."""
        return edges_of(self.nodes)

    @cached_property
    def key(self) -> str:
        """The name of its way."""
        return key_of(self.nodes)


@dataclass
class _Seen:
    """How often something happened, to how many dossiers, and how long it took, in office minutes."""

    times: int = 0
    dossiers: int = 0
    sent_back: int = 0
    waiting: list[int] = field(default_factory=list)
    working: list[int] = field(default_factory=list)

    @property
    def spent(self) -> int:
        return sum(self.waiting) + sum(self.working)


@dataclass
class _Way:
    nodes: tuple[str, ...]
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    used: list[int] = field(default_factory=list)


@dataclass
class Flows:
    """Adds dossiers up, one after the other."""

    dossiers: int = 0
    unmeasured: int = 0
    _outcomes: Counter[Outcome] = field(default_factory=Counter)
    _steps: dict[str, _Seen] = field(default_factory=dict)
    _edges: dict[tuple[str, str], _Seen] = field(default_factory=dict)
    _ways: dict[str, _Way] = field(default_factory=dict)
    _names: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, taken: Taken) -> None:
        """Add a dossier."""
        self.dossiers += 1
        self._outcomes[taken.outcome] += 1
        way = self._ways.setdefault(taken.key, _Way(taken.nodes))
        way.outcomes[taken.outcome] += 1
        if taken.used is not None:
            way.used.append(taken.used)
        for step in taken.steps:
            self._add_step(step, taken.clock)
        for node in set(taken.nodes):
            self._steps[node].dossiers += 1
        self._add_edges(taken)

    def _add_step(self, step: Step, clock: OfficeClock) -> None:
        seen = self._steps.setdefault(step.node, _Seen())
        self._names.setdefault(step.node, Counter())[step.name] += 1
        seen.times += 1
        seen.sent_back += step.sent_back
        waited = clock.minutes(step.opened_at, step.taken_at)
        worked = clock.minutes(step.taken_at, step.done_at)
        if waited is None or worked is None:
            self.unmeasured += 1
            return
        seen.waiting.append(waited)
        seen.working.append(worked)

    def _add_edges(self, taken: Taken) -> None:
        before = taken.received_at
        for edge, step in zip(taken.edges, (*taken.steps, None), strict=True):
            seen = self._edges.setdefault(edge, _Seen())
            seen.times += 1
            if step is not None:
                waited = taken.clock.minutes(before, step.taken_at)
                before = step.done_at
                if waited is not None:
                    seen.waiting.append(waited)
        for edge in set(taken.edges):
            self._edges[edge].dossiers += 1

    def kept(self) -> Rate:
        """Return the share in time of all that were decided."""
        return kept_of(self._outcomes)

    def names(self) -> dict[str, str]:
        """Return what most dossiers call each step."""
        return {node: max(said, key=lambda name: (said[name], name)) for node, said in self._names.items()}

    def steps(self, names: Mapping[str, str]) -> list[StepFlow]:
        """Return the steps, those first on which most office time was spent: the bottlenecks."""
        spent = {node: seen.spent for node, seen in self._steps.items()}
        whole, hottest = sum(spent.values()), max(spent.values(), default=0)
        found = [
            StepFlow(
                node=node,
                name=names[node],
                times=seen.times,
                dossiers=seen.dossiers,
                sent_back=seen.sent_back,
                waiting=percentile(sorted(seen.waiting), 50),
                working=percentile(sorted(seen.working), 50),
                spent=spent[node],
                share=Rate(spent[node], whole),
                heat=-(-HEATS * spent[node] // hottest) if hottest else 0,
            )
            for node, seen in self._steps.items()
        ]
        return sorted(found, key=lambda step: (-step.spent, -step.times, step.node))

    def edges(self, names: Mapping[str, str]) -> list[EdgeFlow]:
        """Return which step followed which, the most frequent first."""
        named = {START: "", END: "", **names}
        found = [
            EdgeFlow(
                source, named[source], target, named[target], seen.times, seen.dossiers,
                percentile(sorted(seen.waiting), 50),
            )
            for (source, target), seen in self._edges.items()
        ]  # fmt: skip
        return sorted(found, key=lambda edge: (-edge.times, edge.source, edge.target))

    def variants(self, names: Mapping[str, str]) -> list[Variant]:
        """Return the ways that dossiers took, the most frequent first."""
        found = [
            Variant(
                key=key,
                nodes=way.nodes,
                names=tuple(names[node] for node in way.nodes),
                dossiers=way.outcomes.total(),
                share=Rate(way.outcomes.total(), self.dossiers),
                kept=kept_of(way.outcomes),
                used=percentile(sorted(way.used), 50),
            )
            for key, way in self._ways.items()
        ]
        return sorted(found, key=lambda variant: (-variant.dossiers, variant.nodes))


def kept_of(outcomes: Counter[Outcome]) -> Rate:
    """Return the share in time of those that were decided (domain.md §6.3)."""
    kept = sum(outcomes[each] for each in _KEPT)
    return Rate(kept, kept + outcomes[Outcome.LATE])
