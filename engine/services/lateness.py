"""What is foreseen of a promise, and its letter of apology: one a (dossier, promise), withdrawn when it was kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.domain import deadlines, foresight
from engine.domain.dossier import DeadlineState, LetterState
from engine.domain.events import VERSION_KINDS, EventKind
from engine.domain.foresight import StageRun
from engine.domain.ids import LetterId
from engine.domain.limits import Limit
from engine.domain.stages import Grant, Stage, left_of, shares_of
from engine.services import appointments, issuing
from engine.services.case import Case, iso, record
from engine.store import stage_plans
from engine.store.deadlines import Deadline
from engine.store.letters import Letter
from engine.store.papers import PaperId
from engine.store.stage_plans import limits, stage_run
from engine.store.tasks import Task, current

JUST_AFTER = timedelta(microseconds=1)
TAKES_BACK = {LetterState.DRAFT, LetterState.APPROVED, LetterState.SIGNED, LetterState.NUMBERED}
NOT_NEEDED = "Hồ sơ không còn chậm hạn nên thư xin lỗi không gửi"  #: why the number of a letter that waited is void


def schedule(case: Case, promise: Deadline) -> None:
    """Say when the promise comes near, when it will be late, and when the clock process must look at it next.

    Called wherever the promise or the current stage changes. The clock process looks first to order the apology: when
    the remaining stages no longer fit into the remaining time, at the latest min(the agency's lead, a quarter of the
    limit) before the due instant; then to mark what passed (domain.md §1.9).
    """
    stage = current_stage(case, promise)
    foreseen = foreseen_at(case, promise, stage)
    case.dossier.nears_at, case.dossier.foreseen_at = _foresee(case, promise, foreseen)
    if promise.state is not DeadlineState.RUNNING:
        promise.wake_at = promise.wake_for = None
        return
    if _letter(case, promise) is None:
        promise.wake_at, promise.wake_for = _order_at(case, promise, stage, foreseen)[0], "letter"
    elif promise.passed_at is None:
        promise.wake_at, promise.wake_for = promise.late_after + JUST_AFTER, "passed"
    else:
        promise.wake_at = promise.wake_for = None


def foresee(case: Case, promise: Deadline) -> tuple[datetime | None, datetime | None]:
    """Return ``nears_at`` and ``foreseen_at`` of the dossier by this promise; None where nothing is to come or be told.

    That is while the clock stands, after the end, and once the promise is marked as broken.

    Raises:
        CalendarGapError: the calendar in force does not cover the promise.
    """
    return _foresee(case, promise, foreseen_at(case, promise, current_stage(case, promise)))


def _foresee(case: Case, promise: Deadline, foreseen: datetime | None) -> tuple[datetime | None, datetime | None]:
    if promise.state is not DeadlineState.RUNNING or promise.passed_at is not None:
        return None, None
    percent = case.uow.agencies.get(case.dossier.resolving_agency_id).nearing_percent
    return foresight.nears_at(case.calendar, promise.ledger, percent), foreseen


def order_at(case: Case, promise: Deadline) -> tuple[datetime, str]:
    """Return when the apology has to be ordered, and why then: ``foreseen`` or ``lead``."""
    stage = current_stage(case, promise)
    return _order_at(case, promise, stage, foreseen_at(case, promise, stage))


def _order_at(case: Case, promise: Deadline, stage: StageRun | None, foreseen: datetime | None) -> tuple[datetime, str]:
    agency = case.uow.agencies.get(case.dossier.resolving_agency_id)
    limit, before = Limit.parse(promise.limit), Limit.parse(agency.apology_lead)
    lead = deadlines.order_at(case.calendar, limit=limit, due_at=promise.due_at, lead=before)
    if stage is None or foreseen is None:
        return lead, "lead"
    ordered_at = max(foreseen, stage.begins_at)  # what did not fit from the beginning is ordered at the beginning
    return (ordered_at, "foreseen") if ordered_at < lead else (lead, "lead")


def foreseen_at(case: Case, promise: Deadline, stage: StageRun | None) -> datetime | None:
    """Return the instant from which the remaining stages do not fit any more; None when that cannot be told.

    Args:
        stage: ``current_stage`` of the promise.
    """
    task = current(case.uow.tasks.open_of(case.dossier.id))
    if stage is None or task is None or promise.running_from is None or promise.state is not DeadlineState.RUNNING:
        return None
    own = left_of(
        case.calendar,
        _grant(case, promise, task),
        [(pause.started_at, pause.ended_at or case.now) for pause in case.uow.deadlines.pauses(case.dossier.id)],
        opened_at=task.opened_at,
        running_from=promise.running_from,
    )
    return foresight.foreseen_at(case.calendar, stage, due_at=promise.due_at, own=own)


def _grant(case: Case, promise: Deadline, task: Task) -> Grant:
    """Return the share that the task's stage was given last.

    Events of before there was an account of dates do not say it: then it is counted again, from when the stage opened.
    """
    told = granted(case, task)
    if told is not None:
        return told
    opened = case.uow.events.of_kind(case.dossier.id, EventKind.TASK_OPENED)
    shares = shares_of(stages_of(case), current=task.stage, total=Limit.parse(promise.limit))
    assert shares is not None  # noqa: S101 - the stage runs, so it can be compared
    begins = (event.at for event in opened if event.payload["stage"] == task.stage)
    return Grant(min(begins, default=task.opened_at), shares.own)


def granted(case: Case, task: Task) -> Grant | None:
    """Return the share that the events say the task's stage was given last; None where none says it.

    A move to another version numbers stages anew: what was said before it is of other stages.
    """
    told = case.uow.events.of_kinds(case.dossier.id, (EventKind.TASK_OPENED, EventKind.CORRECTED, *VERSION_KINDS))
    for event in reversed(told):
        if event.kind == EventKind.CORRECTED and "due_at" not in event.payload:
            continue
        for said in event.payload.get("tasks", (event.payload,)):
            if said["stage"] == task.stage and said.get("stage_share") is not None:
                return Grant(datetime.fromisoformat(said["stage_from"]), Limit.parse(said["stage_share"]))
        if event.kind != EventKind.TASK_OPENED:
            return None
    return None


def current_stage(case: Case, promise: Deadline) -> StageRun | None:
    """Return the stage that runs; None when none is open, nothing compares with its share, or the clock stands."""
    tasks, limit = case.uow.tasks.open_of(case.dossier.id), Limit.parse(promise.limit)
    return stage_run(tasks, stages_of(case), limit=limit, running_from=promise.running_from)


def stages_of(case: Case) -> list[Stage]:
    """Return the stages of the promise in force, at most up to the one that ends processing (domain.md §1.11)."""
    return stages_left(case, appointments.left_at(case) if len(limits(case.version)) > 1 else None)


def stages_left(case: Case, left_at: int | None) -> list[Stage]:
    """Return ``stages_of`` where the first of two appointments ended at stage ``left_at``."""
    return stage_plans.stages_of(case.version, left_at=left_at if len(limits(case.version)) > 1 else None)


def ensure_letter(case: Case, promise: Deadline, *, trigger: str) -> Letter | None:
    """Order the letter of this lateness unless it exists; return the new one."""
    withdrawn = case.uow.letters.of_promise(case.dossier.id, promise.promise_no)
    if withdrawn is not None:
        is_due = withdrawn.state is LetterState.WITHDRAWN and (
            promise.state is not DeadlineState.ENDED or trigger == "passed"
        )
        return _ordered_again(case, promise, withdrawn, trigger) if is_due else None
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
    _record_order(case, promise, letter)
    return letter


def _ordered_again(case: Case, promise: Deadline, letter: Letter, trigger: str) -> Letter:
    """Order the letter anew that a correction had made needless: nothing that was written for the old date stays."""
    letter.state, letter.trigger, letter.old_due_at = LetterState.DRAFT, trigger, promise.due_at
    letter.cause = letter.reason = letter.new_due_at = letter.withdrawn_at = None
    unapprove(letter)
    letter.ordered_at = case.now
    _record_order(case, promise, letter, again=True)
    return letter


def _record_order(case: Case, promise: Deadline, letter: Letter, **more: bool) -> None:
    facts = {"letter": str(letter.id), "promise": promise.promise_no, "trigger": letter.trigger}
    record(case, EventKind.LETTER_ORDERED, {**facts, "old_due_at": iso(promise.due_at), **more})


def take_back_letter(case: Case, promise: Deadline) -> None:
    """Withdraw a letter that was not sent, as the promise was counted otherwise and is not near its end any more."""
    letter = _letter(case, promise)
    if letter is None or letter.state not in TAKES_BACK or promise.state is DeadlineState.ENDED:
        return
    if deadlines.is_late(case.now, promise.late_after) or order_at(case, promise)[0] <= case.now:
        return
    _withdraw(case, letter, early=True)


def unapprove(letter: Letter) -> None:
    """Take back what people and counters have said of a letter's text, as it is another one now."""
    letter.approved_by = letter.approved_at = letter.caused_by_unit_id = None
    letter.signed_by = letter.signed_at = letter.signed_sha256 = None
    letter.number = letter.numbered_at = letter.numbered_by = letter.paper_id = None


def void_number(case: Case, letter: Letter, *, reason: str) -> None:
    """Void the number of a letter that was numbered but not sent: it stays used, and the register says why."""
    if letter.state is LetterState.NUMBERED and letter.paper_id is not None:
        issuing.void_within(case, case.uow.papers.get(PaperId(letter.paper_id)), reason=reason)


def _withdraw(case: Case, letter: Letter, **more: bool) -> None:
    void_number(case, letter, reason=NOT_NEEDED)
    letter.state, letter.withdrawn_at = LetterState.WITHDRAWN, case.now
    facts = {"letter": str(letter.id), "promise": letter.promise_no, **more}
    record(case, EventKind.LETTER_WITHDRAWN, facts)


def _letter(case: Case, promise: Deadline) -> Letter | None:
    """Return the letter of a promise, unless a correction took it back and the promise still runs."""
    letter = case.uow.letters.of_promise(case.dossier.id, promise.promise_no)
    taken_back = letter is not None and letter.state is LetterState.WITHDRAWN
    return None if taken_back and promise.state is not DeadlineState.ENDED else letter


def mark_passed(case: Case, promise: Deadline) -> None:
    """Mark a promise as broken, once, and see that it has its letter: by the clock, or by the act that comes first."""
    if promise.passed_at is None:
        promise.passed_at = case.now
        payload = {"promise": promise.promise_no, "late_after": iso(promise.late_after)}
        record(case, EventKind.DEADLINE_PASSED, payload)
    ensure_letter(case, promise, trigger="passed")


def settle(case: Case, promise: Deadline, *, ended_at: datetime) -> None:
    """Close the promise: late needs its letter, in time withdraws what was not sent (issue: one letter a lateness)."""
    if promise.state is DeadlineState.ENDED:
        return  # an appointment that was met or missed before
    stands_still = promise.state is DeadlineState.PAUSED and not promise.is_broken  # then it cannot be broken any more
    promise.state = DeadlineState.ENDED
    schedule(case, promise)
    if deadlines.is_late(ended_at, promise.late_after) and not stands_still:
        mark_passed(case, promise)
        return
    letter = case.uow.letters.of_promise(case.dossier.id, promise.promise_no)
    if letter is not None and letter.state in TAKES_BACK:
        _withdraw(case, letter)
