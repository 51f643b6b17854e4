"""Another procedure after all: the process of the right one begins anew, in place of the one that was begun wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.domain.dossier import TaskState
from engine.domain.events import EventKind
from engine.domain.official_forms import set_of
from engine.services import acceptance, decided, intake, process_waits, promises, steps, version_plans
from engine.services.case import Case, record
from engine.services.corrected_dates import CorrectionBlockedError
from engine.services.reception_end import leave_reception


def version_of(case: Case, code: str | None, *, at: datetime | None) -> Case | None:
    """Return the case on the procedure that it should have been received for; None when it is that already.

    Args:
        code: of a procedure of the resolving agency; None: the procedure stays.
        at: corrected instant of the receipt, by which the version is chosen; None: that on record.

    Raises:
        ProcedureNotFoundError, ProcedureClosedError: there was none at that time.
        CorrectionBlockedError: a step of processing is done, or the clock stands still.
    """
    if code is None:
        return None
    procedure = case.uow.procedures.by_code(case.dossier.resolving_agency_id, code)
    if procedure.id == case.dossier.procedure_id:
        return None
    _check_nothing_done(case)
    received_at = at or case.dossier.received_at or case.now
    return version_plans.on_version(case, acceptance.version_for(case.uow, procedure, received_at))


def begin_anew(case: Case, after: Case) -> dict[str, Any]:
    """Close the steps of the wrong procedure and begin the process of the right one; return the facts for the event.

    Raises:
        ProcessStuckError: the model cannot begin with the answers to its form.
    """
    promises.end_outside(case)
    for task in case.uow.tasks.open_of(case.dossier.id):
        task.state, task.closed_at, task.closed_by = TaskState.CANCELLED, case.now, case.by.id
        record(case, EventKind.TASK_CANCELLED, {"task": str(task.id)})
    process_waits.follow(case, ())
    said = {
        "from": case.version.id,
        "to": after.version.id,
        "procedure": after.version.procedure_id,
        "stages": {str(stage.no): 0 for stage in case.facts.stages},  # what was done there is of no stage any more
    }
    case.dossier.procedure_id, case.dossier.version_id = after.version.procedure_id, after.version.id
    form_set = set_of(after.version.policy)
    if form_set != case.dossier.form_set:
        case.dossier.form_set = said["form_set"] = form_set
    steps.restart(after, decided.known(after.version.form, case.dossier.facts))
    return said


def go_on(case: Case, dates: Mapping[str, Any]) -> None:
    """Take the process of the right procedure past its reception, which has taken place."""
    if "to" not in dates:
        return
    steps.follow(case)
    check = intake.check_task(case)
    known = decided.known(case.version.form, case.dossier.facts)
    steps.complete(case, check, {**known, "outcome": "complete"})
    leave_reception(case, check)


def _check_nothing_done(case: Case) -> None:
    if case.dossier.is_paused and not promises.is_outside(case):
        message = "the clock stands still; take what the citizen was asked for first, then correct the procedure"
        raise CorrectionBlockedError(message, field="procedure_code")
    done = [
        task
        for task in case.uow.tasks.all_of(case.dossier.id)
        if task.phase != "reception" and task.state is TaskState.DONE
    ]
    if done or promises.current(case).promise_no > 1:
        names = ", ".join(task.name for task in done) or "the first appointment"
        message = f"{names} is done under the wrong procedure; stop this dossier and receive it anew"
        raise CorrectionBlockedError(message, field="procedure_code")
    if case.uow.waits.of(case.dossier.id):
        message = "the wrong procedure has already asked others and waits for them; stop this dossier, receive it anew"
        raise CorrectionBlockedError(message, field="procedure_code")
