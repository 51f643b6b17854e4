"""Steps outside the limit: while only such steps are open, the clock of the promise stands (``countsInLimit``).

A procedure may say that others are asked outside its limit (domain.md §1.8). The dossier stays in processing: nobody
waits for the citizen. A fixed time that runs beside, such as a posting, counts as the steps do that are open with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpmn.model import StepFacts
from engine.domain.dossier import DeadlineState, PauseReason, Status
from engine.services import promises
from engine.services.appointments import OUTSIDE
from engine.services.case import Case


def run_on(case: Case, opened: Sequence[StepFacts]) -> None:
    """Let the clock run again when a step inside the limit is among those that are open from now on, or none is."""
    if not _are_outside(opened):
        promises.end_outside(case)


def stand_still(case: Case) -> None:
    """Stop the clock when only steps outside the limit are open."""
    tasks = case.uow.tasks.open_of(case.dossier.id)
    opened = [case.facts.steps[task.node] for task in tasks]
    if case.status is not Status.PROCESSING or case.dossier.is_paused or not _are_outside(opened):
        return
    if promises.current(case).state is DeadlineState.RUNNING:
        names = ", ".join(dict.fromkeys(step.name for step in opened))
        promises.pause(case, reason=PauseReason.STEP, ground=f"bước {names}: {OUTSIDE}", status=None)


def _are_outside(steps: Sequence[StepFacts]) -> bool:
    return bool(steps) and not any(step.counts_in_limit for step in steps)
