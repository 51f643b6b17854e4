"""Which stages share the promise in force, and what those to come need of it: read from a procedure version.

Services ask for one dossier, lists for many (docs/reference/working-time.md, "Two appointments", "Near, and will be
late").
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bpmn import model as models
from bpmn.phases import Phase
from engine.domain.foresight import StageRun
from engine.domain.limits import Limit
from engine.domain.stages import Stage, shares_of
from engine.store.procedures import ProcedureVersion
from engine.store.tasks import Placed, current


def limits(version: ProcedureVersion) -> list[Limit]:
    """Return the limits of a version's promises in order: the one of the procedure, or two of its policy."""
    return [Limit.parse(text) for text in version.policy.get("appointments") or [version.limit]]


def pausing_stage(facts: models.ModelFacts) -> int | None:
    """Return the stage of the first step that pauses the clock before processing ends: the first appointment's last."""
    stages = [
        step.stage
        for step in facts.steps.values()
        if step.pauses_clock and not step.ends_processing and step.phase is not Phase.RETURN
    ]
    return min(stages, default=None)


def stages_of(version: ProcedureVersion, *, left_at: int | None) -> list[Stage]:
    """Return the stages of the promise in force, at most up to the one that ends processing (domain.md §1.11).

    Args:
        left_at: the stage at which the first of two appointments ended, None while it runs.
    """
    facts = models.facts(version.model)
    last = max((step.stage for step in facts.steps.values() if step.ends_processing), default=0)
    after = 0
    if len(limits(version)) > 1:
        after, last = (left_at, last) if left_at is not None else (0, min(pausing_stage(facts) or last, last))
    return [Stage(stage.no, Limit.parse(stage.limit)) for stage in facts.stages if after < stage.no <= last]


def stage_run(
    tasks: Iterable[Placed], stages: list[Stage], *, limit: Limit, running_from: datetime | None
) -> StageRun | None:
    """Return the stage that runs; None when none is open, nothing can be compared with its share, or the clock stands.

    Args:
        tasks: the open ones of a dossier.
        stages: those of its promise (``stages_of``).
        limit: as its promise granted it.
        running_from: since when the promise runs.
    """
    task = current(tasks)
    if task is None or task.due_at is None or running_from is None:
        return None
    shares = shares_of(stages, current=task.stage, total=limit)
    if shares is None:
        return None
    (later,) = shares.later.segments
    return StageRun(max(task.opened_at, running_from), later)
