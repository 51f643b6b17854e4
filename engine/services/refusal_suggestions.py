"""Suggested refusals: an officer writes reasons and legal ground, an approver takes them over or declines."""

from __future__ import annotations

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.dossier import RUNNING
from engine.domain.events import EventKind
from engine.errors import ConflictError
from engine.services import endings, views
from engine.services.case import Case, allow, open_case, record
from engine.services.transactions import Answer, Request, transact
from engine.store.consultations import RefusalSuggestion
from engine.store.unit_of_work import UnitOfWork

ACCEPTED, DECLINED = "accepted", "declined"  #: how an approver decides


class RefusalSuggestedError(ConflictError):
    """A refusal is suggested already and not decided; the details say by whom."""

    code = "refusal-suggested"


class NoSuggestionError(ConflictError):
    """No refusal is suggested, or it was decided meanwhile; the details say by whom."""

    code = "no-refusal-suggested"


def suggest(
    ctx: Context,
    *,
    by: Actor,
    dossier: str,
    reason: str,
    ground: str,
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Suggest to refuse the result; an approver of the resolving agency decides (domain.md §1.6).

    Args:
        reason: why, in words that the applicant will read.
        ground: the legal ground: document, article.

    Raises:
        GroundMissingError: reason or ground is missing.
        AlreadyDecidedError: the result exists.
        RefusalSuggestedError: one is suggested already.
        NotAllowedError, InvalidTransitionError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        tasks = uow.tasks.open_of(case.dossier.id)
        places = [(task.owner_agency_id, task.unit_id) for task in tasks]
        allow(case, permissions.check_can_interrupt, places=places, resolving=case.dossier.resolving_agency_id)
        _check_running(case)
        for name, text in (("reason", reason), ("ground", ground)):
            if not text.strip():
                raise endings.GroundMissingError(f"{name} must say why in words", field=name)
        _check_none_open(case)
        no = len(uow.consultations.suggestions(case.dossier.id)) + 1
        text = f"{reason.strip()}\nCăn cứ: {ground.strip()}"
        row = RefusalSuggestion(
            dossier_id=case.dossier.id,
            no=no,
            owner_agency_id=case.dossier.resolving_agency_id,
            reason=text,
            suggested_by=case.by.id,
            suggested_at=case.now,
        )
        uow.consultations.add(row)
        record(case, EventKind.REFUSAL_SUGGESTED, {"no": no, "reason": text})
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def decline(
    ctx: Context, *, by: Actor, dossier: str, answer: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Decline a suggested refusal with an answer to who suggested it; the dossier goes on as it was.

    Raises:
        GroundMissingError: the answer is missing.
        NoSuggestionError: none is open.
        NotAllowedError: the actor is no approver of the resolving agency.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        allow(case, permissions.check_can_decide_refusal, resolving=case.dossier.resolving_agency_id)
        _check_running(case)
        row = uow.consultations.open_suggestion(case.dossier.id)
        if row is None:
            raise NoSuggestionError("no refusal is suggested for this dossier", **_last(case))
        if not answer.strip():
            raise endings.GroundMissingError("answer must say why in words", field="answer")
        row.decision, row.answer, row.decided_by, row.decided_at = DECLINED, answer.strip(), case.by.id, case.now
        record(case, EventKind.REFUSAL_DECLINED, {"no": row.no, "answer": row.answer})
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def _check_running(case: Case) -> None:
    if case.dossier.finished_at is not None:
        raise endings.AlreadyDecidedError("the dossier is decided; the result exists", status=case.dossier.status)
    if case.status not in RUNNING:
        message = "a refusal is suggested while the dossier is processed; take what the citizen owes first"
        raise endings.NotFinishedError(message, status=case.status.value)


def _check_none_open(case: Case) -> None:
    row = case.uow.consultations.open_suggestion(case.dossier.id)
    if row is not None:
        who = case.uow.people.get(row.suggested_by).name if row.suggested_by else None
        raise RefusalSuggestedError(f"a refusal is suggested already, by {who or 'the system'}", officer=who)


def _last(case: Case) -> dict[str, str | None]:
    rows = case.uow.consultations.suggestions(case.dossier.id)
    if not rows or rows[-1].decided_by is None:
        return {}
    return {"officer": case.uow.people.get(rows[-1].decided_by).name, "decision": rows[-1].decision}
