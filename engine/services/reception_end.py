"""How a dossier leaves reception: the check is closed, and the receipt of its step table has taken place."""

from __future__ import annotations

from engine.services import steps
from engine.services.case import Case
from engine.store.tasks import Task


def leave_reception(case: Case, check: Task) -> None:
    """Close the check of completeness, which the process has passed, and open what follows."""
    steps.close(case, check, outcome="complete", note=None)
    for task in steps.follow(case, done=check):
        if _is_receipt(case, task):  # the first step of the table is the receipt that just took place
            steps.complete(case, task, {"outcome": "done"})
            steps.close(case, task, outcome="done", note=None)
            steps.follow(case, done=task)


def _is_receipt(case: Case, task: Task) -> bool:
    step = case.facts.steps[task.node]
    return task.phase == "reception" and not step.outcomes and not step.inputs
