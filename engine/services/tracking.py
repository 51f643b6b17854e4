"""What anybody may know of a dossier whose code they hold, as printed in the QR code of the receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import LetterState, TaskState
from engine.domain.events import EventKind
from engine.domain.numbering import CODE
from engine.services import appointments, dossier_file, explaining
from engine.services.case import Case
from engine.services.views import summary
from engine.store.dossiers import DossierNotFoundError


def look_up(ctx: Context, *, code: str) -> dict[str, Any]:
    """Return code, procedure, status, dates, why the promise is what it is, apologies sent and the stages so far.

    No name, number or other personal data.

    Public on purpose: no actor (contract §4, the citizen).

    Raises:
        DossierNotFoundError: no dossier has this code.
    """
    if CODE.match(code) is None:
        raise DossierNotFoundError("this is no dossier code")
    with dossier_file.opened(ctx, by=SYSTEM, dossier=code) as case:
        facts, agencies = summary(case), case.uow.agencies
        known = (
            "code", "status", "procedure_code", "received_at", "due_at", "late_after", "provisional", "paused",
            "extended_due_at", "finished_at", "late", "unfinished",
        )  # fmt: skip
        return {key: facts[key] for key in known} | {
            "procedure_name": case.facts.name,
            "agency_name": agencies.get(case.dossier.resolving_agency_id).name,
            "returning_name": agencies.get(case.dossier.returning_agency_id).name,
            "decision": case.dossier.decision.value if case.dossier.decision else None,
            "appointments": appointments.listed(case),
            "apologies": _apologies(case),
            "extension_broken": case.dossier.extension_broken_at is not None,
            "units": _units_so_far(case),
            "why": explaining.for_the_public(case),
        }


def _apologies(case: Case) -> list[dict[str, Any]]:
    """Return the letters that were sent: number, when, and the new date if one was named; nothing of their text."""
    sent = [row for row in case.uow.letters.of_dossier(case.dossier.id) if row.state is LetterState.SENT]
    return [
        {"number": row.number, "sent_at": _local(case, row.sent_at), "new_due_at": _local(case, row.new_due_at)}
        for row in sent
    ]


def _local(case: Case, at: datetime | None) -> str | None:
    return None if at is None else case.calendar.local(at).isoformat()


def _units_so_far(case: Case) -> list[dict[str, Any]]:
    """Return the units that have, or had, the dossier, in order; each run of steps once."""
    runs: list[dict[str, Any]] = []
    opened = [
        event.payload["task"] for event in case.uow.events.of(case.dossier.id) if event.kind == EventKind.TASK_OPENED
    ]
    tasks = {str(task.id): task for task in case.uow.tasks.all_of(case.dossier.id)}
    names = case.uow.agencies.some_units({task.unit_id for task in tasks.values()})
    for task in (tasks[task_id] for task_id in opened):
        if task.state is TaskState.CANCELLED:
            continue
        name = names[task.unit_id].name
        closed = _local(case, task.closed_at)
        if runs and runs[-1]["unit"] == name:
            runs[-1]["until"] = closed
        else:
            runs.append({"unit": name, "since": _local(case, task.opened_at), "until": closed})
    return runs
