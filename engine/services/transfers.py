"""Transfers: an open task moves to another unit, with its hand-over line (domain.md §1.7)."""

from __future__ import annotations

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.dossier import RUNNING
from engine.domain.events import EventKind
from engine.errors import ConflictError, InvalidInputError
from engine.services import steps, views
from engine.services.case import Case, allow, iso, open_case, record
from engine.services.transactions import Answer, Request, transact
from engine.store.agencies import Unit, UnitNotFoundError
from engine.store.dossiers import DossierAgency
from engine.store.unit_of_work import UnitOfWork


class NothingToTransferError(ConflictError):
    """The dossier has no open task that could move, or it waits for the citizen."""

    code = "nothing-to-transfer"


class DecisionStaysError(ConflictError):
    """The step that decides cannot leave the resolving agency (domain.md §1.15, invariant 9)."""

    code = "decision-stays"


def transfer(
    ctx: Context,
    *,
    by: Actor,
    dossier: str,
    unit: str,
    note: str,
    agency: str | None = None,
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Move the open processing task to a unit; re-routing never restarts the clock (domain.md §1.7).

    Args:
        unit: code of the receiving unit.
        agency: code of its agency; None: the resolving agency.
        note: why; printed on the control slip.

    Raises:
        NothingToTransferError: no processing task is open, or the dossier waits.
        DecisionStaysError: the step decides, and the unit belongs to another agency.
        UnitNotFoundError, AgencyNotFoundError, NotAllowedError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        _move(case, unit=unit, agency=agency, note=note.strip())
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def _move(case: Case, *, unit: str, agency: str | None, note: str) -> None:
    uow, dossier = case.uow, case.dossier
    open_tasks = uow.tasks.open_of(dossier.id)
    allow(
        case,
        permissions.check_can_interrupt,
        places=[(task.owner_agency_id, task.unit_id) for task in open_tasks],
        resolving=dossier.resolving_agency_id,
    )
    tasks = [task for task in open_tasks if task.phase == "processing"]
    if not tasks or case.status not in RUNNING:
        raise NothingToTransferError("no processing step is open", status=dossier.status)
    if not note:
        raise InvalidInputError("a transfer says why in its note", field="note")
    to = _target(case, unit, agency)
    for task in tasks:
        if case.facts.steps[task.node].ends_processing and to.owner_agency_id != dossier.resolving_agency_id:
            raise DecisionStaysError("only the resolving agency decides; transfer an earlier step", step=task.name)
        if task.unit_id == to.id:
            raise InvalidInputError("the task is in that unit already", field="unit")
        steps.hand_over(case, task, to=to, note=note)
        task.unit_id, task.owner_agency_id = to.id, to.owner_agency_id
        task.assignee_id = task.claimed_at = None
        payload = {"task": str(task.id), "to": to.id, "agency": to.owner_agency_id, "due_at": iso(task.due_at)}
        record(case, EventKind.TRANSFERRED, payload)
    if to.owner_agency_id not in uow.dossiers.agencies(dossier.id):
        uow.dossiers.add_part(DossierAgency(dossier_id=dossier.id, owner_agency_id=to.owner_agency_id))


def _target(case: Case, unit: str, agency: str | None) -> Unit:
    owner = case.uow.agencies.by_code(agency).id if agency else case.dossier.resolving_agency_id
    to = case.uow.agencies.find_unit(owner, unit)
    if to is None:
        raise UnitNotFoundError(f"the agency has no unit {unit!r}", unit=unit)
    return to
