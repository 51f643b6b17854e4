"""Version moves: open dossiers of a procedure taken to a version, each in a transaction of its own, and taken back.

The act is a row; each dossier that is judged gets its verdict in the same commit as its rows and its event. So whoever
carries a move on, the command, a page or the clock process, after whatever death, goes on where it was left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor
from engine.domain.ids import DossierId
from engine.domain.version_moves import Dates, Obstacle
from engine.errors import ConflictError, EngineError, UnavailableError
from engine.services import version_acts, version_plans
from engine.services.case import case_of
from engine.services.endings import GroundMissingError
from engine.services.transactions import Answer, Request, transact
from engine.services.version_plans import Wish, asked_for, procedure_of
from engine.services.version_verdicts import facts, move_of, told
from engine.store.dossiers import OPEN_STATUSES, Dossier
from engine.store.procedures import Procedure, ProcedureVersion
from engine.store.unit_of_work import ChangedMeanwhileError, UnitOfWork
from engine.store.version_moves import (
    TAKEN,
    MoveState,
    Verdict,
    VersionMove,
    VersionMoveVerdict,
)

AT_ONCE = 100  # dossiers named by one query
IN_A_REQUEST = 50  #: dossiers judged in the request itself, so that a small move has ended; the clock does the rest
LONGEST_GROUND = 500
UNDOES = "hoàn tác chuyển phiên bản số"  # in the ground of an undo
ADVANCED, WAITS = "advanced", "waits"  # why a dossier is not taken back

Progress = Callable[[int, int], None]  #: dossiers judged, dossiers in all


class VersionMoveRunningError(ConflictError):
    """Another version move of this procedure is under way; the details name it."""

    code = "version-move-running"


class VersionNotInForceError(ConflictError):
    """The version takes effect on a later day, or was taken back before it did; no dossier can be moved to it."""

    code = "procedure-version-not-in-force"


class VersionMoveNotUndoableError(ConflictError):
    """The version move is still under way, or was taken back before."""

    code = "version-move-not-undoable"


def begin(
    ctx: Context,
    *,
    by: Actor,
    code: str,
    to_version: int,
    ground: str,
    mapping: Mapping[str, str | None] | None = None,
    dates: Dates = Dates.FOLLOW,
    agency: str | None = None,
    request: Request | None = None,
) -> Answer:
    """Order a move; ``carry_on`` does it. The same order again gives the one that is under way, or has nothing to add.

    Args:
        to_version: number of the version.
        ground: why, in words of law: it stands in the event of each dossier (domain.md §1.15, invariant 1).
        mapping: old step -> new step by node; None as value: who stands there stays on the old version.
        agency: code of the procedure's agency; None: the first that has it.

    Raises:
        VersionMoveRunningError: a move with other wishes is under way; VersionNotInForceError.
        GroundMissingError: there is no ground; InvalidMappingError: a step of the mapping does not exist.
        ProcedureNotFoundError, VersionNotFoundError, AgencyNotFoundError, NotAllowedError.
    """

    def work(uow: UnitOfWork) -> Answer:
        procedure, wish = asked_for(
            uow, by=by, code=code, agency=agency, number=to_version, mapping=mapping or {}, dates=dates
        )
        why = _checked_ground(ground)
        _check_took_effect(ctx, uow, procedure, wish.to)
        return facts(uow, _same(uow, procedure, wish, why) or _ordered(ctx, uow, by, procedure, wish, why))

    return transact(ctx, by=by, request=request, work=work)


def apply(
    ctx: Context,
    *,
    by: Actor,
    code: str,
    to_version: int,
    ground: str,
    mapping: Mapping[str, str | None] | None = None,
    dates: Dates = Dates.FOLLOW,
    agency: str | None = None,
    request: Request | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Order a move and carry it out to the end; called again after a crash it goes on and ends the same.

    Raises:
        As ``begin``; UnavailableError: the database does not answer, call again.
    """
    ordered = begin(
        ctx, by=by, code=code, to_version=to_version, ground=ground, mapping=mapping, dates=dates, agency=agency,
        request=request,
    )  # fmt: skip
    carry_on(ctx, move_id=ordered["id"], progress=progress)
    return told(ctx, ordered["id"])


def begin_undo(
    ctx: Context, *, by: Actor, code: str, move_id: int, agency: str | None = None, request: Request | None = None
) -> Answer:
    """Order that a move is taken back; ``carry_on`` does it, for each dossier to which nothing happened since.

    Raises:
        VersionMoveNotUndoableError: it is under way, or was taken back.
        VersionMoveNotFoundError, ProcedureNotFoundError, NotAllowedError.
    """

    def work(uow: UnitOfWork) -> Answer:
        procedure = procedure_of(uow, by=by, code=code, agency=agency)
        move = move_of(uow, procedure, move_id)
        if move.state is MoveState.DONE:
            move.state, move.undone_by, move.ended_at = MoveState.UNDOING, by.id, None
        elif move.state is not MoveState.UNDOING:
            raise VersionMoveNotUndoableError(f"version move {move_id} is {move.state.value}", state=move.state.value)
        return facts(uow, move)

    return transact(ctx, by=by, request=request, work=work)


def undo(
    ctx: Context,
    *,
    by: Actor,
    code: str,
    move_id: int,
    agency: str | None = None,
    request: Request | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Take a move back for each dossier to which nothing happened since; the others keep theirs, with the reason.

    Raises:
        As ``begin_undo``.
    """
    ordered = begin_undo(ctx, by=by, code=code, move_id=move_id, agency=agency, request=request)
    carry_on(ctx, move_id=ordered["id"], progress=progress)
    return told(ctx, ordered["id"])


def carry_on(ctx: Context, *, move_id: int, most: int | None = None, progress: Progress | None = None) -> int:
    """Judge what of a move, or of its undo, is not judged yet; return how many dossiers this call looked at.

    Any number of processes may do so at once. When nothing is left the move is closed.

    Args:
        most: dossiers at most; None: all.
    """
    done, after = 0, None
    total = _to_do(ctx, move_id)
    while most is None or done < most:
        ids = _next(ctx, move_id, after, AT_ONCE if most is None else min(AT_ONCE, most - done))
        for dossier_id in ids:
            _one(ctx, move_id, dossier_id)
            done += 1
            if progress is not None:
                progress(done, max(total, done))
        if not ids and after is None:
            _close(ctx, move_id)
            break
        after = ids[-1] if ids else None  # once more from the beginning: what came meanwhile
    return done


def carry_on_all(ctx: Context, *, most: int) -> int:
    """Carry on the moves that are under way, at most so many dossiers: what the clock process does in a round."""
    done = 0
    with ctx.unit_of_work(read_only=True) as uow:
        waiting = uow.version_moves.under_way()
    for move_id in waiting:
        done += carry_on(ctx, move_id=move_id, most=max(most - done, 1))
        if done >= most:
            break
    return done


# --- ordering --------------------------------------------------------------------------------------------------------


def _checked_ground(ground: str) -> str:
    found = ground.strip()
    if not found or len(found) > LONGEST_GROUND:
        message = (
            f"name the ground of the move in 1 to {LONGEST_GROUND} characters: it stands in each dossier's history"
        )
        raise GroundMissingError(message, field="ground")
    return found


def _check_took_effect(ctx: Context, uow: UnitOfWork, procedure: Procedure, to: ProcedureVersion) -> None:
    """Let dossiers go to what is in force or was: a version of a later day may still be taken back, or has been."""
    now, starts = ctx.clock.now(), to.effective_from
    if starts is not None and starts > now:
        message = f"version {to.number} takes effect on {starts.isoformat()}; move dossiers to it from then on"
        raise VersionNotInForceError(message, version=to.number, effective_from=starts.isoformat())
    current = uow.procedures.in_force(procedure, now)
    if starts is None and (current is None or current.id != to.id):
        message = f"version {to.number} is not in force and has no day from which it is; publish it first"
        raise VersionNotInForceError(message, version=to.number, effective_from=None)


def _same(uow: UnitOfWork, procedure: Procedure, wish: Wish, ground: str) -> VersionMove | None:
    """Return the move with the same wishes that is under way, or the last one when nothing changed since it ended.

    Raises:
        VersionMoveRunningError: another one is under way.
    """
    last = next(iter(uow.version_moves.of(procedure.id)), None)
    if last is None:
        return None
    asked = (wish.to.id, dict(wish.mapping), wish.dates.value, ground)
    is_same = asked == (last.to_version_id, last.mapping, last.dates, last.ground)
    if last.state in (MoveState.RUNNING, MoveState.UNDOING):
        if is_same and last.state is MoveState.RUNNING:
            return last
        message = f"version move {last.id} of this procedure is under way; wait for its end, or give the same order"
        raise VersionMoveRunningError(message, move=last.id, state=last.state.value)
    return last if is_same and last.state is MoveState.DONE and not uow.version_moves.changed_since(last) else None


def _ordered(ctx: Context, uow: UnitOfWork, by: Actor, procedure: Procedure, wish: Wish, ground: str) -> VersionMove:
    move = VersionMove(
        owner_agency_id=procedure.owner_agency_id,
        procedure_id=procedure.id,
        to_version_id=wish.to.id,
        mapping=dict(wish.mapping),
        dates=wish.dates.value,
        ground=ground,
        state=MoveState.RUNNING,
        made_by=by.id,
        made_at=ctx.clock.now(),
    )
    uow.version_moves.add(move)
    return move


# --- carrying out ----------------------------------------------------------------------------------------------------


def _to_do(ctx: Context, move_id: int) -> int:
    with ctx.unit_of_work(read_only=True) as uow:
        move = uow.version_moves.get(move_id)
        if move.state is MoveState.RUNNING:
            return uow.version_moves.count_to_judge(move)
        return uow.version_moves.count_to_undo(move_id) if move.state is MoveState.UNDOING else 0


def _next(ctx: Context, move_id: int, after: DossierId | None, limit: int) -> list[DossierId]:
    with ctx.unit_of_work(read_only=True) as uow:
        move = uow.version_moves.get(move_id)
        if move.state is MoveState.RUNNING:
            return uow.version_moves.to_judge(move, after=after, limit=limit)
        if move.state is MoveState.UNDOING:
            return uow.version_moves.to_undo(move_id, after=after, limit=limit)
        return []


def _one(ctx: Context, move_id: int, dossier_id: DossierId) -> None:
    """Judge one dossier in a transaction of its own; one that cannot be written is blocked, and the others go on."""

    def work(uow: UnitOfWork) -> Answer:
        _carry_one(ctx, uow, move_id, dossier_id)
        return {}

    def block(uow: UnitOfWork) -> Answer:
        _block(ctx, uow, move_id, dossier_id, trouble)
        return {}

    try:
        transact(ctx, by=SYSTEM, request=None, work=work)
    except (ChangedMeanwhileError, UnavailableError):
        raise
    except EngineError as error:
        trouble = str(error)[:300]
        transact(ctx, by=SYSTEM, request=None, work=block)


def _carry_one(ctx: Context, uow: UnitOfWork, move_id: int, dossier_id: DossierId) -> None:
    dossier = uow.dossiers.lock(dossier_id)
    move = uow.version_moves.get(move_id)
    row = uow.version_moves.verdict(move_id, dossier_id)
    if move.state is MoveState.RUNNING and row is None:
        _judge_one(ctx, uow, move, dossier)
    elif move.state is MoveState.UNDOING and row is not None and row.verdict in TAKEN:
        _take_back_one(ctx, uow, move, row, dossier)


def _judge_one(ctx: Context, uow: UnitOfWork, move: VersionMove, dossier: Dossier) -> None:
    to = uow.procedures.version(move.to_version_id)
    if dossier.version_id == to.id or dossier.status not in OPEN_STATUSES:
        return  # it went on meanwhile
    if dossier.procedure_id != move.procedure_id:
        return  # its receipt was corrected meanwhile: it is of another procedure
    case = case_of(ctx, uow, by=_actor(uow, move.made_by), dossier=dossier)
    wish = Wish(to, move.mapping, Dates(move.dates))
    plan = version_plans.judge(case, wish)
    row = _verdict(ctx, move, dossier, plan.verdict, plan.why)
    if plan.verdict in TAKEN:
        row.state_before = uow.tasks.process(dossier.id).state
        version_acts.carry_out(case, wish, plan, move)
    row.due_before, row.due_after, row.event_seq = plan.due_before, plan.due_after, dossier.event_seq
    uow.version_moves.add(row)


def _take_back_one(ctx: Context, uow: UnitOfWork, move: VersionMove, row: VersionMoveVerdict, dossier: Dossier) -> None:
    case = case_of(ctx, uow, by=_actor(uow, move.undone_by), dossier=dossier)
    old, state = uow.procedures.version(row.from_version_id), row.state_before
    if state is None:
        return  # another process has looked at it
    row.state_before = None
    if dossier.event_seq != row.event_seq or dossier.version_id != move.to_version_id:
        row.why = [{"reason": ADVANCED}]
    elif not version_acts.can_take_back(case, old, state):
        row.why = [{"reason": WAITS}]
    else:
        version_acts.take_back(case, move, old, state, f"{UNDOES} {move.id} ({move.ground})")
        row.verdict, row.event_seq, row.why = Verdict.UNDONE, dossier.event_seq, []


def _block(ctx: Context, uow: UnitOfWork, move_id: int, dossier_id: DossierId, trouble: str) -> None:
    dossier, move = uow.dossiers.lock(dossier_id), uow.version_moves.get(move_id)
    row = uow.version_moves.verdict(move_id, dossier_id)
    why = [{"reason": Obstacle.UNREADABLE.value, "text": trouble}]
    if row is not None:
        row.why, row.state_before = why, None
    else:
        uow.version_moves.add(_verdict(ctx, move, dossier, Verdict.BLOCKED, why))


def _verdict(
    ctx: Context, move: VersionMove, dossier: Dossier, verdict: Verdict, why: version_plans.Why
) -> VersionMoveVerdict:
    return VersionMoveVerdict(
        move_id=move.id,
        dossier_id=dossier.id,
        owner_agency_id=move.owner_agency_id,
        verdict=verdict,
        why=why,
        from_version_id=dossier.version_id,
        event_seq=dossier.event_seq,
        due_before=dossier.due_at,
        due_after=dossier.due_at,
        decided_at=ctx.clock.now(),
    )


def _close(ctx: Context, move_id: int) -> None:
    with ctx.unit_of_work() as uow:
        move = uow.version_moves.get(move_id, lock=True)
        ends = {MoveState.RUNNING: MoveState.DONE, MoveState.UNDOING: MoveState.UNDONE}
        if move.state in ends:
            move.state, move.ended_at = ends[move.state], ctx.clock.now()


def _actor(uow: UnitOfWork, officer: Any) -> Actor:
    return SYSTEM if officer is None else uow.people.actor(officer)
