"""What is told of a version move that was ordered: its state, its counts, and the verdict on each dossier."""

from __future__ import annotations

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import DossierId
from engine.errors import InvalidInputError
from engine.services import calendars
from engine.services.case import as_uuid
from engine.services.transactions import Answer
from engine.services.version_plans import procedure_of
from engine.store.procedures import Procedure
from engine.store.unit_of_work import UnitOfWork
from engine.store.version_moves import MoveState, Verdict, VersionMove, VersionMoveNotFoundError

MOST_TOLD = 200  # dossiers in one answer


def show(
    ctx: Context,
    *,
    by: Actor,
    code: str,
    move_id: int,
    agency: str | None = None,
    verdict: Verdict | None = None,
    after: DossierId | None = None,
    limit: int = MOST_TOLD,
) -> Answer:
    """Return a move with its counts, and the verdicts of some dossiers.

    Args:
        verdict: only these.
        after: the last dossier of the page before.
        limit: how many, at most ``MOST_TOLD``.

    Raises:
        VersionMoveNotFoundError, ProcedureNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        procedure = procedure_of(uow, by=by, code=code, agency=agency)
        move = move_of(uow, procedure, move_id)
        limit = min(limit, MOST_TOLD)
        rows = uow.version_moves.verdicts(move.id, verdict=verdict, after=after, limit=limit)
        calendar = calendars.in_force(uow, procedure.owner_agency_id)
        return facts(uow, move) | {
            "dossiers": [
                {
                    "id": str(row.dossier_id),
                    "code": dossier_code,
                    "from": uow.procedures.version(row.from_version_id).number,
                    "verdict": row.verdict.value,
                    "why": row.why,
                    "due_before": row.due_before and calendar.local(row.due_before).isoformat(),
                    "due_after": row.due_after and calendar.local(row.due_after).isoformat(),
                }
                for row, dossier_code in rows
            ],
            "next": str(rows[-1][0].dossier_id) if len(rows) == limit else None,
        }


def history(ctx: Context, *, by: Actor, code: str, agency: str | None = None) -> list[Answer]:
    """Return the moves of a procedure, newest first.

    Raises:
        ProcedureNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        procedure = procedure_of(uow, by=by, code=code, agency=agency)
        return [facts(uow, move) for move in uow.version_moves.of(procedure.id)]


def told(ctx: Context, move_id: int) -> Answer:
    """Return a move as it stands now, by its number alone: for who has just ordered it."""
    with ctx.unit_of_work(read_only=True) as uow:
        return facts(uow, uow.version_moves.get(move_id))


def facts(uow: UnitOfWork, move: VersionMove) -> Answer:
    """Return what is told of a move: what was ordered, how many dossiers have which verdict, how many are to come."""
    procedure = uow.procedures.get(move.procedure_id)
    counts = uow.version_moves.counts([move.id])[move.id]
    calendar = calendars.in_force(uow, move.owner_agency_id)
    undoing = move.state is MoveState.UNDOING
    to_come = uow.version_moves.count_to_undo(move.id) if undoing else 0
    return {
        "id": move.id,
        "procedure": procedure.code,
        "agency": uow.agencies.get(move.owner_agency_id).code,
        "to": uow.procedures.version(move.to_version_id).number,
        "mapping": move.mapping,
        "dates": move.dates,
        "ground": move.ground,
        "state": move.state.value,
        "made_by": None if move.made_by is None else uow.people.get(move.made_by).name,
        "made_at": calendar.local(move.made_at).isoformat(),
        "ended_at": None if move.ended_at is None else calendar.local(move.ended_at).isoformat(),
        "counts": {verdict.value: counts.get(verdict, 0) for verdict in Verdict},
        "to_come": uow.version_moves.count_to_judge(move) if move.state is MoveState.RUNNING else to_come,
    }


def dossier_id(text: str | None) -> DossierId | None:
    """Return the dossier that a page names as the last of the one before; None for the first page, or what names none.

    Raises:
        InvalidInputError: it is no id.
    """
    if not text:
        return None
    found = as_uuid(text)
    if found is None:
        raise InvalidInputError("after must be the id of a dossier, as next gave it", field="after")
    return DossierId(found)


def move_of(uow: UnitOfWork, procedure: Procedure, move_id: int) -> VersionMove:
    """Return a move of this procedure.

    Raises:
        VersionMoveNotFoundError: it has none with that number.
    """
    move = uow.version_moves.get(move_id)
    if move.procedure_id != procedure.id:
        raise VersionMoveNotFoundError(f"procedure {procedure.code} has no version move {move_id}", move=move_id)
    return move
