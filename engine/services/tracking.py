"""What anybody may know of a dossier whose code they hold, as printed in the QR code of the receipt."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import TaskState
from engine.domain.events import EventKind
from engine.domain.numbering import CODE
from engine.services import appointments, explaining
from engine.services.case import Case, case_of
from engine.services.views import summary
from engine.store.dossiers import DossierNotFoundError


def look_up(ctx: Context, *, code: str) -> dict[str, Any]:
    """Return code, procedure, status, dates, why the promise is what it is and the stages so far.

    No name, number or other personal data.

    Public on purpose: no actor (contract §4, the citizen).

    Raises:
        DossierNotFoundError: no dossier has this code.
    """
    if CODE.match(code) is None:
        raise DossierNotFoundError("this is no dossier code")
    with ctx.unit_of_work(read_only=True) as uow:
        case = case_of(ctx, uow, by=SYSTEM, dossier=uow.dossiers.by_code(code))
        facts = summary(case)
        known = (
            "code", "status", "procedure_code", "received_at", "due_at", "late_after", "provisional", "paused",
            "extended_due_at", "finished_at", "late", "unfinished",
        )  # fmt: skip
        return {key: facts[key] for key in known} | {
            "procedure_name": case.facts.name,
            "agency_name": uow.agencies.get(case.dossier.resolving_agency_id).name,
            "returning_name": uow.agencies.get(case.dossier.returning_agency_id).name,
            "decision": case.dossier.decision.value if case.dossier.decision else None,
            "appointments": appointments.listed(case),
            "units": _units_so_far(case),
            "why": explaining.for_the_public(case),
        }


def _units_so_far(case: Case) -> list[dict[str, Any]]:
    """Return the units that have, or had, the dossier, in order; each run of steps once."""
    runs: list[dict[str, Any]] = []
    opened = [
        event.payload["task"] for event in case.uow.events.of(case.dossier.id) if event.kind == EventKind.TASK_OPENED
    ]
    tasks = {str(task.id): task for task in case.uow.tasks.all_of(case.dossier.id)}
    for task in (tasks[task_id] for task_id in opened):
        if task.state is TaskState.CANCELLED:
            continue
        name = case.uow.agencies.unit(task.unit_id).name
        closed = case.calendar.local(task.closed_at).isoformat() if task.closed_at else None
        if runs and runs[-1]["unit"] == name:
            runs[-1]["until"] = closed
        else:
            runs.append({"unit": name, "since": case.calendar.local(task.opened_at).isoformat(), "until": closed})
    return runs
