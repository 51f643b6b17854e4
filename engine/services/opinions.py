"""Opinions: a unit, of whatever agency, is asked about a dossier while its step goes on; no clock moves (issue 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.context import Context
from engine.domain import deadlines, permissions
from engine.domain.actors import Actor
from engine.domain.dossier import ENDED
from engine.domain.events import EventKind
from engine.domain.limits import Limit, Unit
from engine.errors import ConflictError, InvalidInputError
from engine.services import step_units, views
from engine.services.case import Case, allow, iso, open_case, record
from engine.services.transactions import Answer, Request, transact
from engine.store.agencies import Unit as Office
from engine.store.agencies import UnitNotFoundError
from engine.store.consultations import Opinion
from engine.store.unit_of_work import UnitOfWork

LONGEST = 4000  # characters of a question or an answer
MOST_UNITS = 10  #: asked at once
MOST_LISTED = 100
LONGEST_DAYS = 60  #: working days to answer


class Stance(StrEnum):
    """What a unit answers."""

    AGREE = "agree"
    DISAGREE = "disagree"
    REMARK = "remark"


class InvalidOpinionError(InvalidInputError):
    """A question or answer lacks something, or is too long."""

    code = "invalid-opinion"


class OpinionClosedError(ConflictError):
    """The opinion was given or withdrawn, or the dossier is decided; the details say what and by whom."""

    code = "opinion-closed"


def ask(
    ctx: Context,
    *,
    by: Actor,
    dossier: str,
    units: Sequence[str],
    question: str,
    days: int,
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Ask one or several units for an opinion, with a time to answer of its own; the dossier's clock goes on.

    Args:
        units: each ``AGENCY/unit`` or the code of a unit of the resolving agency; its agency may read from then on.
        days: working days to answer, counted by the calendar of the resolving agency.

    Raises:
        InvalidOpinionError: no unit, more than MOST_UNITS, the same twice, no question, or a number of days beyond
            1 to LONGEST_DAYS.
        UnitNotFoundError, AgencyNotFoundError: there is no such unit.
        OpinionClosedError: the dossier is decided.
        CalendarGapError: the calendar does not reach that far.
        NotAllowedError, DossierNotFoundError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        tasks = uow.tasks.open_of(case.dossier.id)
        places = [(task.owner_agency_id, task.unit_id) for task in tasks]
        allow(case, permissions.check_can_interrupt, places=places, resolving=case.dossier.resolving_agency_id)
        _check_undecided(case)
        said = _checked(question, field="question")
        if not 1 <= days <= LONGEST_DAYS:
            raise InvalidOpinionError(f"a unit has 1 to {LONGEST_DAYS} working days to answer", field="days")
        for unit in _asked(case, units):
            _ask(case, unit, said, days)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def give(
    ctx: Context,
    *,
    by: Actor,
    dossier: str,
    no: int,
    stance: str,
    text: str = "",
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Answer for one's unit; who only agrees need not write anything.

    Args:
        no: of the request for an opinion on this dossier.
        stance: one of ``Stance``.

    Raises:
        OpinionNotFoundError: the dossier has no such request.
        OpinionClosedError: a colleague was faster, it was withdrawn, or the dossier is decided.
        InvalidOpinionError: no stance, or nothing written with one that needs words.
        TaskNotYoursError: the actor is not of the unit.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        row = uow.consultations.opinion(case.dossier.id, no)
        allow(case, permissions.check_can_give_opinion, agency=row.owner_agency_id, unit=row.unit_id)
        _check_open(case, row)
        if stance not in {each.value for each in Stance}:
            raise InvalidOpinionError(f"stance must be one of {', '.join(Stance)}", field="stance")
        agrees = stance == Stance.AGREE and not text.strip()
        row.stance, row.answer = stance, "" if agrees else _checked(text, field="text")
        row.answered_by, row.answered_at = case.by.id, case.now
        record(case, EventKind.OPINION_GIVEN, {"no": no, "stance": stance, "text": row.answer})
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def withdraw(
    ctx: Context, *, by: Actor, dossier: str, no: int, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Ask no longer: by who works on the dossier, or a supervisor.

    Raises:
        OpinionNotFoundError, OpinionClosedError, NotAllowedError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        row = uow.consultations.opinion(case.dossier.id, no)
        asked_it = (each for each in case.by.standings if row.asked_by is not None and each.in_name_of == row.asked_by)
        if (asker := next(asked_it, None)) is not None:
            case.by = asker  # who covers them withdraws it in their name
        else:
            tasks = uow.tasks.open_of(case.dossier.id)
            places = [(task.owner_agency_id, task.unit_id) for task in tasks]
            allow(case, permissions.check_can_interrupt, places=places, resolving=case.dossier.resolving_agency_id)
        _check_open(case, row)
        row.withdrawn_at = case.now
        record(case, EventKind.OPINION_WITHDRAWN, {"no": no})
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def awaited_of(ctx: Context, *, by: Actor) -> int:
    """Return how many opinions are awaited of the actor's units, of dossiers that are not decided."""
    if not by.reached_units:
        return 0
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.consultations.awaited_of(by.reached_units)


def awaited(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the opinions that are awaited of the actor's units, the most pressing first, at most MOST_LISTED."""
    with ctx.unit_of_work(read_only=True) as uow:
        return _awaited(uow, by, ctx.clock.now())


def awaited_beside(case: Case) -> list[dict[str, Any]]:
    """Return ``awaited`` for the page of a dossier that is open; one statement."""
    return _awaited(case.uow, case.by, case.now)


def _awaited(uow: UnitOfWork, by: Actor, now: datetime) -> list[dict[str, Any]]:
    rows = uow.consultations.awaited(by.reached_units, most=MOST_LISTED) if by.reached_units else []
    return [
        {
            "dossier": str(row.dossier_id),
            "code": code,
            "no": row.no,
            "unit_name": unit_name,
            "question": row.question,
            "asked_at": iso(row.asked_at),
            "due_at": iso(row.due_at),
            "overdue": row.due_at is not None and row.due_at < now,
        }
        for row, code, unit_name in rows
    ]


def open_for(case: Case) -> list[Opinion]:
    """Return the requests of a dossier that the actor may answer now, for themselves or for whom they cover."""
    if case.dossier.finished_at is not None or case.status in ENDED:
        return []
    return [
        row
        for row in case.uow.consultations.opinions(case.dossier.id)
        if is_open(row) and any(_may_give(each, row) for each in case.by.standings)
    ]


def is_open(row: Opinion) -> bool:
    """Whether an answer is awaited."""
    return row.answered_at is None and row.withdrawn_at is None


def _may_give(actor: Actor, row: Opinion) -> bool:
    try:
        permissions.check_can_give_opinion(actor, agency=row.owner_agency_id, unit=row.unit_id)
    except permissions.TaskNotYoursError:
        return False
    return True


def _ask(case: Case, unit: Office, question: str, days: int) -> None:
    limit = Limit.parse(f"{days} {Unit.WORKING_DAY.value}")
    due = deadlines.due(case.calendar, received_at=case.now, limit=limit)
    step_units.let_see(case, unit)
    no = len(case.uow.consultations.opinions(case.dossier.id)) + 1
    row = Opinion(
        dossier_id=case.dossier.id,
        no=no,
        owner_agency_id=unit.owner_agency_id,
        unit_id=unit.id,
        question=question,
        asked_by=case.by.id,
        asked_at=case.now,
        due_at=due.due_at,
    )
    case.uow.consultations.add(row)
    payload = {
        "no": no,
        "unit": unit.id,
        "agency": unit.owner_agency_id,
        "question": question,
        "limit": str(limit),
        "due_at": iso(due.due_at),
        "calendar": case.calendar.version,
    }
    record(case, EventKind.OPINION_ASKED, payload)


def _asked(case: Case, units: Sequence[str]) -> list[Office]:
    if not 1 <= len(units) <= MOST_UNITS:
        raise InvalidOpinionError(f"ask one unit or several, at most {MOST_UNITS}", field="units")
    found = [_unit(case, each) for each in units]
    if len({unit.id for unit in found}) < len(found):
        raise InvalidOpinionError("a unit is named twice; name each once", field="units")
    return found


def _unit(case: Case, text: str) -> Office:
    agency, _, code = text.rpartition("/")
    owner = case.uow.agencies.by_code(agency).id if agency else case.dossier.resolving_agency_id
    unit = case.uow.agencies.find_unit(owner, code)
    if unit is None:
        raise UnitNotFoundError(f"there is no unit {text!r}; choose one from the list", unit=text, field="units")
    return unit


def _checked(text: str, *, field: str) -> str:
    said = text.strip()
    if not 0 < len(said) <= LONGEST:
        raise InvalidOpinionError(f"{field} has 1 to {LONGEST} characters", field=field)
    return said


def _check_undecided(case: Case) -> None:
    if case.dossier.finished_at is not None or case.status in ENDED:
        raise OpinionClosedError("the dossier is decided; nobody is asked any more", status=case.dossier.status)


def _check_open(case: Case, row: Opinion) -> None:
    _check_undecided(case)
    if row.withdrawn_at is not None:
        raise OpinionClosedError(f"request {row.no} for an opinion was withdrawn", no=row.no, state="withdrawn")
    if row.answered_at is not None:
        who = case.uow.people.get(row.answered_by).name if row.answered_by else None
        message = f"the opinion {row.no} was given by {who or 'the system'}"
        raise OpinionClosedError(message, no=row.no, state="given", officer=who)
