"""Many tasks of one step done in one act: a job in small transactions, a verdict for each, undo while nobody has acted.

The officer who ordered a batch is the one who acts in it, with the rights of the moment at which each task is done. A
task and its verdict are written together, so that a batch that dies in the middle goes on and does nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from engine.context import Context
from engine.domain import going_back
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.dossier import LABELS, Status
from engine.domain.ids import OfficerId
from engine.domain.permissions import NotAllowedError
from engine.errors import ConflictError, EngineError, UnavailableError
from engine.services import batch_previews, calendars, processing, step_back
from engine.services.batch_previews import refused
from engine.services.case import as_uuid
from engine.services.transactions import Answer, Request, transact
from engine.store import signed_in
from engine.store import task_batches as store
from engine.store.task_batches import TaskBatch, TaskBatchLine, TaskBatchNotFoundError
from engine.store.tasks import TaskNotFoundError
from engine.store.unit_of_work import ChangedMeanwhileError, UnitOfWork

UNDER_WAY = store.UNDER_WAY  #: states of a batch that has not ended
IN_A_REQUEST = 25  #: tasks done in the request itself, so that a small batch has ended; the clock process does the rest
AT_ONCE = 100  # lines named by one query
WAITING, DONE, REFUSED, UNDONE, KEPT = "waiting", "done", "refused", "undone", "kept"  #: states of a line

NO_TASK = {"code": TaskNotFoundError.code, "why": "there is no such task", "who": None, "dossier": None}


class BatchNotUndoableError(ConflictError):
    """The batch is under way, was undone before, or was done longer ago than it can be undone."""

    code = "task-batch-not-undoable"


class NothingToRetryError(ConflictError):
    """No task of the batch was refused."""

    code = "nothing-to-retry"


def run(
    ctx: Context,
    *,
    by: Actor,
    task_ids: Sequence[str],
    outcome: str = processing.DONE,
    note: str | None = None,
    at_once: int = IN_A_REQUEST,
    request: Request | None = None,
) -> dict[str, Any]:
    """Order a batch and do its first tasks; return ``told``, with a verdict for each id that names no task too.

    Raises:
        As ``begin``.
    """
    ordered = begin(ctx, by=by, task_ids=task_ids, outcome=outcome, note=note, request=request)
    carry_on(ctx, batch_id=UUID(ordered["id"]), most=at_once)
    answer = told(ctx, by=by, batch_id=ordered["id"])
    verdicts = {each["task"]: each for each in answer["verdicts"]}
    verdicts |= {text: {"task": text, "state": REFUSED, "done": False, **NO_TASK} for text in ordered["unknown"]}
    return answer | {"verdicts": [verdicts[text] for text in dict.fromkeys(task_ids) if text in verdicts]}


def begin(
    ctx: Context,
    *,
    by: Actor,
    task_ids: Sequence[str],
    outcome: str = processing.DONE,
    note: str | None = None,
    request: Request | None = None,
) -> Answer:
    """Order that the tasks are done with one outcome; ``carry_on`` does them.

    Raises:
        MixedStepsError, InvalidOutcomeError, InvalidInputError, TaskNotFoundError: see ``batch_previews``.
    """

    def work(uow: UnitOfWork) -> Answer:
        selection = batch_previews.select(uow, by=by, task_ids=task_ids)
        cases = batch_previews.cases_of(ctx, uow, by=by, found=selection.found)
        batch_previews.check_same_step(cases)
        case, task = cases[0]
        processing.check_outcome(case, task, outcome)
        assert by.id is not None  # noqa: S101 - a person orders a batch
        batch = TaskBatch(
            id=ctx.new_id(), owner_agency_id=task.owner_agency_id, made_by=by.id, made_at=case.now, step=task.name,
            outcome=outcome, note=note, state=store.RUNNING,
        )  # fmt: skip
        lines = [
            TaskBatchLine(
                batch_id=batch.id, no=no, owner_agency_id=each.task.owner_agency_id, task_id=each.task.id,
                dossier_id=each.dossier.id, state=WAITING,
            )
            for no, each in enumerate(selection.found, start=1)
        ]  # fmt: skip
        uow.task_batches.add(batch, lines)
        return {"id": str(batch.id), "unknown": selection.unknown}

    return transact(ctx, by=by, request=request, work=work)


def retry(ctx: Context, *, by: Actor, batch_id: str, request: Request | None = None) -> Answer:
    """Order a new batch of the tasks that were refused in one that has ended, with its outcome and note.

    Raises:
        NothingToRetryError, TaskBatchNotFoundError; and those of ``begin``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        batch = _own(uow, by, batch_id)
        tasks = [str(line.task_id) for line in uow.task_batches.lines(batch.id) if line.state == REFUSED]
        if not tasks:
            raise NothingToRetryError("no task of this batch was refused", state=batch.state)
        outcome, note = batch.outcome, batch.note
    return begin(ctx, by=by, task_ids=tasks, outcome=outcome, note=note, request=request)


def begin_undo(ctx: Context, *, by: Actor, batch_id: str, request: Request | None = None) -> Answer:
    """Order that a batch is undone, by who ordered it; ``carry_on`` takes back each task on which nobody acted since.

    Raises:
        BatchNotUndoableError, TaskBatchNotFoundError.
    """

    def work(uow: UnitOfWork) -> Answer:
        found = _own(uow, by, batch_id)
        batch = uow.task_batches.get(found.id, lock=True)
        if batch.state != store.UNDOING:
            _check_undoable(ctx, batch)
            batch.state, batch.finished_at = store.UNDOING, None
        return {"id": str(batch.id), "unknown": []}

    return transact(ctx, by=by, request=request, work=work)


def undo(ctx: Context, *, by: Actor, batch_id: str, request: Request | None = None) -> dict[str, Any]:
    """Undo a batch and take the first tasks of it back; return ``told``.

    Raises:
        As ``begin_undo``.
    """
    ordered = begin_undo(ctx, by=by, batch_id=batch_id, request=request)
    carry_on(ctx, batch_id=UUID(ordered["id"]), most=IN_A_REQUEST)
    return told(ctx, by=by, batch_id=batch_id)


def first_of(ctx: Context, *, batch_id: str) -> str:
    """Do the first tasks of a batch that was just ordered; return its id."""
    carry_on(ctx, batch_id=UUID(batch_id), most=IN_A_REQUEST)
    return batch_id


def told(ctx: Context, *, by: Actor, batch_id: str) -> dict[str, Any]:
    """Return a batch with the verdict of each task, in the order asked; ``left`` tasks have none yet.

    Raises:
        TaskBatchNotFoundError: there is none, or it is not the actor's to see.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        batch = _seen(uow, by, batch_id)
        lines = uow.task_batches.lines(batch.id)
        calendar = calendars.in_force(uow, batch.owner_agency_id)
        dossiers = {row.id: row for row in uow.dossiers.some([line.dossier_id for line in lines])}
        verdicts = [_verdict(line, dossiers[line.dossier_id]) for line in lines]
        is_undoing = batch.state == store.UNDOING
        may_undo = batch.state == store.DONE and batch.undo_until is not None and ctx.clock.now() <= batch.undo_until
        return {
            "id": str(batch.id),
            "step": batch.step,
            "outcome": batch.outcome,
            "note": batch.note,
            "state": batch.state,
            "made_by": uow.people.get(batch.made_by).name,
            "made_at": calendar.local(batch.made_at).isoformat(),
            "undo_until": calendar.local(batch.undo_until).isoformat() if batch.undo_until else None,
            "mine": batch.made_by == by.id,
            "may_undo": may_undo and batch.made_by == by.id and any(line.state == DONE for line in lines),
            "done": sum(line.state in (DONE, KEPT) for line in lines),
            "refused": sum(line.state == REFUSED for line in lines),
            "undone": sum(line.state == UNDONE for line in lines),
            "kept": sum(line.state == KEPT for line in lines),
            "left": sum(line.state == (DONE if is_undoing else WAITING) for line in lines),
            "verdicts": verdicts,
        }


def carry_on(ctx: Context, *, batch_id: UUID, most: int | None = None) -> int:
    """Do what of a batch, or of its undo, is not done yet; return how many tasks this call looked at.

    Any number of processes may do so at once. When nothing is left the batch is closed.

    Args:
        most: tasks at most; None: all.
    """
    done = after = 0
    while most is None or done < most:
        numbers = _next(ctx, batch_id, after, AT_ONCE if most is None else min(AT_ONCE, most - done))
        for no in numbers:
            _one(ctx, batch_id, no)
            done += 1
        if not numbers and after == 0:
            break
        after = numbers[-1] if numbers else 0  # once more from the beginning: another process may have died
    _close(ctx, batch_id)
    return done


def carry_on_all(ctx: Context, *, most: int) -> int:
    """Carry on the batches that are under way, at most so many tasks: what the clock process does in a round."""
    done = 0
    with ctx.unit_of_work(read_only=True) as uow:
        waiting = uow.task_batches.under_way()
    for batch_id in waiting:
        done += carry_on(ctx, batch_id=batch_id, most=max(most - done, 1))
        if done >= most:
            break
    return done


# --- carrying out ----------------------------------------------------------------------------------------------------


def _next(ctx: Context, batch_id: UUID, after: int, limit: int) -> list[int]:
    with ctx.unit_of_work(read_only=True) as uow:
        batch = uow.task_batches.get(batch_id)
        state = {store.RUNNING: WAITING, store.UNDOING: DONE}.get(batch.state)
        return [] if state is None else uow.task_batches.numbers(batch_id, state, after=after, limit=limit)


def _one(ctx: Context, batch_id: UUID, no: int) -> None:
    """Do or undo one task together with its verdict; one that cannot be done gets its reason, and the others go on."""

    def work(uow: UnitOfWork) -> Answer:
        if _is_to_do(uow, batch_id, no):
            _act(ctx, uow, uow.task_batches.get(batch_id), uow.task_batches.line(batch_id, no))
        return {}

    def refuse(uow: UnitOfWork) -> Answer:
        if _is_to_do(uow, batch_id, no):
            batch, line = uow.task_batches.get(batch_id), uow.task_batches.line(batch_id, no)
            line.state = REFUSED if batch.state == store.RUNNING else KEPT
            line.code, line.why, line.decided_at = trouble["error"], json.dumps(trouble), ctx.clock.now()
        return {}

    try:
        transact(ctx, by=SYSTEM, request=None, work=work)
    except (ChangedMeanwhileError, UnavailableError):
        raise
    except EngineError as error:
        trouble = refused(error)
        transact(ctx, by=SYSTEM, request=None, work=refuse)


def _is_to_do(uow: UnitOfWork, batch_id: UUID, no: int) -> bool:
    """Lock the dossier of a line and tell whether nobody has dealt with the line meanwhile."""
    uow.dossiers.lock(uow.task_batches.line(batch_id, no).dossier_id)
    wanted = {store.RUNNING: WAITING, store.UNDOING: DONE}.get(uow.task_batches.get(batch_id).state)
    return uow.task_batches.line(batch_id, no).state == wanted


def _act(ctx: Context, uow: UnitOfWork, batch: TaskBatch, line: TaskBatchLine) -> None:
    by, task_id = _actor(ctx, uow, batch.made_by), str(line.task_id)
    if batch.state == store.RUNNING:
        case, task = processing.open_task(ctx, uow, by=by, task_id=task_id)
        processing.check_completion(case, task, outcome=batch.outcome)
        processing.advance(case, task, outcome=batch.outcome, note=batch.note)
        line.state = DONE
    else:
        case, task = step_back.closed_task(ctx, uow, by=by, task_id=task_id)
        step_back.undo(case, task, batch=batch.id)
        line.state = UNDONE
    line.code, line.why, line.decided_at = None, None, case.now


def _actor(ctx: Context, uow: UnitOfWork, officer: OfficerId) -> Actor:
    found = signed_in.by_id(uow.session, officer, at=ctx.clock.now())
    if found is None or not found.officer.is_active:
        raise NotAllowedError("the account of who ordered this is closed")
    return found.actor


def _close(ctx: Context, batch_id: UUID) -> None:
    with ctx.unit_of_work() as uow:
        batch = uow.task_batches.get(batch_id, lock=True)
        left = {store.RUNNING: WAITING, store.UNDOING: DONE}.get(batch.state)
        if left is None or uow.task_batches.numbers(batch_id, left, after=0, limit=1):
            return
        now = ctx.clock.now()
        if batch.state == store.RUNNING:
            batch.state, batch.finished_at, batch.undo_until = store.DONE, now, now + going_back.WINDOW
        else:
            batch.state, batch.finished_at = store.UNDONE, now


def _check_undoable(ctx: Context, batch: TaskBatch) -> None:
    until = batch.undo_until
    if batch.state != store.DONE or until is None:
        raise BatchNotUndoableError(f"the batch is {batch.state}", state=batch.state)
    if ctx.clock.now() > until:
        message = f"the batch could be undone until {until.isoformat()}; take single steps back on their dossiers"
        raise BatchNotUndoableError(message, state=batch.state, until=until.isoformat())


# --- telling ---------------------------------------------------------------------------------------------------------


def _own(uow: UnitOfWork, by: Actor, batch_id: str) -> TaskBatch:
    batch = _seen(uow, by, batch_id)
    if batch.made_by != by.id:
        raise NotAllowedError("only who ordered a batch undoes it or tries it again")
    return batch


def _seen(uow: UnitOfWork, by: Actor, batch_id: str) -> TaskBatch:
    known = as_uuid(batch_id)
    if known is None:
        raise TaskBatchNotFoundError(f"{batch_id[:40]!r} is no id of a batch")
    batch = uow.task_batches.get(known)
    if batch.made_by != by.id and not by.holds(batch.owner_agency_id, (Role.SUPERVISOR, Role.AUDITOR)):
        raise TaskBatchNotFoundError(f"there is no batch of tasks with id {known}")  # as if there were none (S05)
    return batch


def _verdict(line: TaskBatchLine, dossier: Any) -> dict[str, Any]:
    said = json.loads(line.why) if line.why else {"error": None, "why": None, "who": None}
    return {
        "task": str(line.task_id),
        "dossier_id": str(line.dossier_id),
        "dossier": dossier.code,
        "state": line.state,
        "done": line.state in (DONE, KEPT),
        "status": dossier.status,
        "status_label": LABELS[Status(dossier.status)],
        "code": said["error"],
        "why": said["why"],
        "who": said["who"],
    }
