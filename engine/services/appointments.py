"""Two appointments of one dossier: until the citizen is told what to pay, and after payment (domain.md §1.7, §1.8).

The rule is docs/reference/working-time.md, "Two appointments". Each appointment is a promise: number 1 ends with the
first pause for money, number 2 is made when that pause ends.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.domain import deadlines
from engine.domain.dossier import DeadlineKind, DeadlineState, PauseReason
from engine.domain.limits import Limit
from engine.domain.version_moves import TELL_STAGE, left_stage
from engine.services.case import Case
from engine.store.deadlines import Deadline
from engine.store.dossiers import Dossier
from engine.store.stage_plans import limits as limits  # part of this module's interface
from engine.store.tasks import Task
from engine.store.unit_of_work import UnitOfWork

MOST_APPOINTMENTS = 2
FOR_MONEY = frozenset({PauseReason.OBLIGATION, PauseReason.STEP})  #: pauses that end the first appointment
OUTSIDE = "ngoài thời hạn giải quyết"  #: ends the ground of a pause for steps outside the limit, which is not for money


def ends_with(case: Case, promise: Deadline, reason: PauseReason) -> bool:
    """Whether a pause for this reason ends the appointment, as another one comes after it."""
    return reason in FOR_MONEY and promise.promise_no < len(limits(case.version))


def stage_now(case: Case, done: Task | None) -> int:
    """Return the stage at which the dossier stands: that of the step just done, else the last one with an open step."""
    if done is not None:
        return done.stage
    return max((task.stage for task in case.uow.tasks.open_of(case.dossier.id)), default=0)


def limit_now(case: Case, promise: Deadline) -> Limit:
    """Return the limit of the appointment in force; while the citizen pays, of the one to come."""
    if promise.state is DeadlineState.ENDED and left_at(case) is not None:
        return limits(case.version)[-1]
    return Limit.parse(promise.limit)


def met_at(uow: UnitOfWork, dossier: Dossier, promise_no: int) -> datetime | None:
    """Return when this appointment ended because the citizen was told what to pay, None when it did not."""
    if promise_no >= len(limits(uow.procedures.version(dossier.version_id))):
        return None
    pauses = uow.deadlines.pauses(dossier.id)
    for_money = (pause for pause in pauses if pause.reason in FOR_MONEY and not pause.ground.endswith(OUTSIDE))
    return next((pause.started_at for pause in for_money), None)


def listed(case: Case) -> list[dict[str, Any]]:
    """Return what was promised and what will be, in order; nothing before receipt, one entry without appointments.

    ``kept`` is None while that is open. One still to come has state ``awaited`` and no dates.
    """
    made = _promises(case)
    entries = [
        {
            "no": promise.promise_no,
            "limit": promise.limit,
            "due_at": case.calendar.local(promise.due_at).isoformat(),
            "late_after": case.calendar.local(promise.late_after).isoformat(),
            "state": promise.state.value,
            "kept": _is_kept(case, promise),
        }
        for promise in made
    ]
    is_over = case.dossier.finished_at is not None or case.dossier.ended_at is not None
    awaited = [] if is_over or not made else limits(case.version)[len(made) :]
    return entries + [
        {"no": no, "limit": str(limit), "due_at": None, "late_after": None, "state": "awaited", "kept": None}
        for no, limit in enumerate(awaited, start=len(made) + 1)
    ]


def _is_kept(case: Case, promise: Deadline) -> bool | None:
    """Tell whether a promise was kept, by the instant at which it ended; None while that is open."""
    is_ended = promise.state is DeadlineState.ENDED
    if promise.running_from is None:  # judged when its clock stopped
        return not promise.is_broken if is_ended else None
    late = deadlines.is_broken(
        finished_at=case.dossier.finished_at,
        ended_at=case.dossier.ended_at,
        late_after=promise.late_after,
        missed_late_after=None,
        now=case.now,
    )
    return not late if late or is_ended else None


def _promises(case: Case) -> list[Deadline]:
    return [row for row in case.uow.deadlines.all_of(case.dossier.id) if row.kind is DeadlineKind.PROMISE]


def left_at(case: Case) -> int | None:
    """Return the stage at which the first appointment ended, None while it runs."""
    promise = case.uow.deadlines.promise(case.dossier.id)
    if promise is None or (promise.promise_no == 1 and promise.state is not DeadlineState.ENDED):
        return None
    told = case.uow.events.of_kinds(case.dossier.id, TELL_STAGE)
    return left_stage(event.payload for event in told)
