"""Letters of apology as the clock orders them: one for a (dossier, promise), withdrawn when it was kept after all."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from engine.domain import deadlines
from engine.domain.dossier import DeadlineState, LetterState
from engine.domain.events import EventKind
from engine.domain.ids import LetterId
from engine.domain.limits import Limit
from engine.domain.stages import Stage, shares_of
from engine.services.case import Case, iso, record
from engine.store.deadlines import Deadline
from engine.store.letters import Letter
from engine.store.tasks import Task

JUST_AFTER = timedelta(microseconds=1)
TAKES_BACK = {LetterState.DRAFT, LetterState.APPROVED}


def schedule(case: Case, promise: Deadline) -> None:
    """Say when the clock process must look at this promise next.

    First to order the apology: when the remaining stages no longer fit into the remaining time, at the latest
    min(1 working day, a quarter of the limit) before the due instant; then to mark what passed (domain.md §1.9).
    """
    if promise.state is not DeadlineState.RUNNING:
        promise.wake_at = promise.wake_for = None
        return
    if case.uow.letters.of_promise(case.dossier.id, promise.promise_no) is None:
        promise.wake_at, promise.wake_for = order_at(case, promise)[0], "letter"
    elif promise.passed_at is None:
        promise.wake_at, promise.wake_for = promise.late_after + JUST_AFTER, "passed"
    else:
        promise.wake_at = promise.wake_for = None


def order_at(case: Case, promise: Deadline) -> tuple[datetime, str]:
    """Return when the apology has to be ordered, and why then: ``foreseen`` or ``lead``."""
    lead = deadlines.order_at(case.calendar, limit=Limit.parse(promise.limit), due_at=promise.due_at)
    foreseen = foreseen_at(case, promise)
    if foreseen is not None and foreseen < lead:
        return foreseen, "foreseen"
    return lead, "lead"


def foreseen_at(case: Case, promise: Deadline) -> datetime | None:
    """Return the instant from which the remaining stages do not fit any more; None when that cannot be told.

    That is the start of the current stage when it began too late already, else the last start of the later stages.
    """
    current = _current_task(case)
    if current is None or current.due_at is None or promise.running_from is None:
        return None
    total = Limit.parse(promise.limit)
    shares = shares_of(stages_of(case), current=current.stage, total=total)
    if shares is None:
        return None
    start = max(current.opened_at, promise.running_from)
    unit = total.segments[-1].unit
    own_left = max(Fraction(0), deadlines.spent(case.calendar, start, current.due_at, unit))
    later = shares.later.segments[-1].amount
    if own_left + later > deadlines.spent(case.calendar, start, promise.due_at, unit):
        return start
    return deadlines.latest_start(case.calendar, due_at=promise.due_at, shares=shares.later) + JUST_AFTER


def stages_of(case: Case) -> list[Stage]:
    """Return the stages up to the one that ends processing; what follows is outside the promise (domain.md §1.11)."""
    last = max((step.stage for step in case.facts.steps.values() if step.ends_processing), default=0)
    return [Stage(no=stage.no, share=Limit.parse(stage.limit)) for stage in case.facts.stages if stage.no <= last]


def ensure_letter(case: Case, promise: Deadline, *, trigger: str) -> Letter | None:
    """Order the letter of this lateness unless it exists; return the new one."""
    if case.uow.letters.of_promise(case.dossier.id, promise.promise_no) is not None:
        return None
    letter = Letter(
        id=LetterId(case.ctx.new_id()),
        dossier_id=case.dossier.id,
        owner_agency_id=case.dossier.resolving_agency_id,
        promise_no=promise.promise_no,
        kind="apology",
        state=LetterState.DRAFT,
        trigger=trigger,
        old_due_at=promise.due_at,
        ordered_at=case.now,
    )
    case.uow.letters.add(letter)
    record(
        case,
        EventKind.LETTER_ORDERED,
        {
            "letter": str(letter.id),
            "promise": promise.promise_no,
            "trigger": trigger,
            "old_due_at": iso(promise.due_at),
        },
    )
    return letter


def mark_passed(case: Case, promise: Deadline) -> None:
    """Mark a promise as broken, once, and see that it has its letter: by the clock, or by the act that comes first."""
    if promise.passed_at is None:
        promise.passed_at = case.now
        payload = {"promise": promise.promise_no, "late_after": iso(promise.late_after)}
        record(case, EventKind.DEADLINE_PASSED, payload)
    ensure_letter(case, promise, trigger="passed")


def settle(case: Case, promise: Deadline, *, ended_at: datetime) -> None:
    """Close the promise: late needs its letter, in time withdraws what was not sent (issue: one letter a lateness)."""
    stands_still = promise.state is DeadlineState.PAUSED and not promise.is_broken  # then it cannot be broken any more
    promise.state = DeadlineState.ENDED
    promise.wake_at = promise.wake_for = None
    if deadlines.is_late(ended_at, promise.late_after) and not stands_still:
        mark_passed(case, promise)
        return
    letter = case.uow.letters.of_promise(case.dossier.id, promise.promise_no)
    if letter is not None and letter.state in TAKES_BACK:
        letter.state, letter.withdrawn_at = LetterState.WITHDRAWN, case.now
        record(case, EventKind.LETTER_WITHDRAWN, {"letter": str(letter.id), "promise": promise.promise_no})


def _current_task(case: Case) -> Task | None:
    tasks = [task for task in case.uow.tasks.open_of(case.dossier.id) if task.stage > 0]
    return max(tasks, key=lambda task: task.stage, default=None) if tasks else None
