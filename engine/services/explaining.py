"""Why a date of a dossier is what it is: the promise, the citizen's limit to answer, the end of a step's stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bpmn import model as models
from engine.context import Context
from engine.documents.accounts import account_pdf
from engine.documents.values import AccountLine, AccountValues
from engine.domain import deadlines
from engine.domain.actors import Actor
from engine.domain.calendar import WorkingCalendar
from engine.domain.cutoffs import Cutoff
from engine.domain.date_accounts import answer_account, promise_account
from engine.domain.date_lines import declared_since
from engine.domain.date_walks import Account, Act
from engine.domain.date_words import Words
from engine.domain.dossier import DeadlineKind, DeadlineState
from engine.domain.events import VERSION_KINDS, EventKind
from engine.domain.explanations import Line
from engine.domain.ids import OfficerId, VersionId
from engine.domain.limits import Limit
from engine.domain.stage_accounts import stage_accounts
from engine.errors import ConflictError, InvalidInputError, NotFoundError
from engine.services import appointments, calendars, dossier_file
from engine.services.case import Case, check_ours
from engine.services.officer_names import OfficerNames
from engine.services.receipts import NotReceivedError
from engine.store.tasks import TaskNotFoundError

MOVES = {
    EventKind.CORRECTED,
    EventKind.CLOCK_PAUSED,
    EventKind.CLOCK_RESUMED,
    EventKind.CLOCK_RESTARTED,
    EventKind.PROMISE_MADE,
    EventKind.PROMISE_MOVED,
    EventKind.VERSION_MOVED,
    EventKind.VERSION_UNDONE,
    EventKind.EXTENDED,
    EventKind.DEADLINE_PASSED,
}
_MOVE_FACTS = ("reason", "ground", "due_at", "new_due_at", "rest")
_PRIVATE = ("person", "ground", "change", "text")  # of a line: not for the public, who hold no more than a code


class NoStageEndError(ConflictError):
    """A step has no date of its own: its stage has no share of the limit, or it lies outside the promise."""

    code = "no-stage-end"


class SupplementNotFoundError(NotFoundError):
    """The dossier has no request to supplement with that number."""

    code = "supplement-not-found"


def why_this_date(
    ctx: Context, *, by: Actor, dossier: str, step: str | None = None, supplement: int | None = None
) -> dict[str, Any]:
    """Return a date of a dossier with all that was counted, and each act that moved it.

    ``account`` leads in order to the date, which its last line names; ``beside`` is what was said and moves nothing.
    Lines are those of ``engine.domain.date_walks.Account``, with names of officers. ``what`` is ``promise``, or
    ``step`` or ``answer`` when one of these is asked for.

    Args:
        step: id of a task of the dossier: the end of its stage.
        supplement: number of a request to supplement: the citizen's limit to answer it.

    Raises:
        NotReceivedError: the dossier has no promise yet.
        TaskNotFoundError, NoStageEndError, SupplementNotFoundError: there is no such date.
        InvalidInputError: both a step and a request are named.
    """
    if step is not None and supplement is not None:
        raise InvalidInputError("ask for one date: that of a step, or that of a supplement", field="step")
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        told = _Told(case)
        if step is not None:
            return told.step(step)
        return told.promise() if supplement is None else told.answer(supplement)


def why_these_dates(ctx: Context, *, by: Actor, dossier: str) -> dict[str, Any]:
    """Return ``why_this_date`` for every date that a dossier has.

    Returns:
        ``promise`` (None before receipt), ``answers`` by the number of the request, ``steps`` by the id of the task.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        return these_dates(case)


def these_dates(case: Case) -> dict[str, Any]:
    """Return ``why_these_dates`` of a dossier that is open."""
    told = _Told(case)
    return {
        "promise": told.promise() if told.receipt is not None else None,
        "answers": {no: told.answer(no) for no in told.supplements},
        "steps": {task: told.step(task) for task in told.stages},
    }


def pdf(ctx: Context, *, by: Actor, dossier: str) -> bytes:
    """Return the account of the promise as a paper; the same history gives the same bytes.

    Raises:
        NotReceivedError: the dossier has no promise yet.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        told = _Told(case)
        return account_pdf(_values(case, told.promise(), as_of=told.acts[-1].at))


def for_the_public(case: Case) -> dict[str, Any] | None:
    """Return ``account`` and ``beside`` of the promise without people, free text and numbers of ours.

    None while nothing is promised.
    """
    told = _Told(case)
    if told.receipt is None:
        return None
    found = told.promise()
    return {
        name: [{key: value for key, value in line.items() if key not in _PRIVATE} for line in found[name]]
        for name in ("account", "beside")
    }


def _of_no_date(act: Act) -> bool:
    """Tell a correction of names and papers, which has nothing to do with the date."""
    return act.kind == EventKind.CORRECTED and "due_at" not in act.facts


class _Told:
    """The dates of one dossier, as its events and rows tell them."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._names = OfficerNames(case.uow)
        events = case.uow.events.of(case.dossier.id)
        self.acts = [Act(str(event.kind), event.at, event.actor_id, event.payload) for event in events]
        self.receipt = next((act for act in self.acts if act.kind == EventKind.RECEIVED), None)
        kinds = {*VERSION_KINDS, EventKind.CORRECTED}  # a correction where it is one of the procedure
        changes = [act.facts for act in self.acts if act.kind in kinds and "to" in act.facts]
        first = next((VersionId(said["from"]) for said in changes), case.version.id)
        later = {VersionId(said["to"]) for said in changes}
        self.stages = stage_accounts(
            self.acts,
            self._calendar,
            planned=self._planned(first),
            later={version: self._planned(version) for version in later},
        )
        self.supplements = {asked.no: asked for asked in case.uow.dossiers.supplements(case.dossier.id)}
        self._answers = {
            row.promise_no: row for row in case.uow.deadlines.all_of(case.dossier.id) if row.kind is DeadlineKind.ANSWER
        }
        self._tasks = {str(task.id): task for task in case.uow.tasks.all_of(case.dossier.id)}

    def _planned(self, version: VersionId) -> dict[int, Limit]:
        stages = models.facts(self._case.uow.procedures.version(version).model).stages
        return {stage.no: Limit.parse(stage.limit) for stage in stages}

    def promise(self) -> dict[str, Any]:
        """Return the promise: what the receipt said, what moved it, and the account of it all."""
        check_ours(self._case.dossier)
        account = promise_account(self.acts, self._calendar)
        if self.receipt is None or account is None:
            raise NotReceivedError("the dossier is not received yet, so nothing is promised")
        row, said = self._case.dossier, self.receipt.facts
        first = deadlines.due(
            self._calendar(said["calendar"]),
            received_at=self.receipt.when("received_at"),
            limit=Limit.parse(said["limit"]),
            cutoff=Cutoff.parse(said["cutoff"]),
        )
        return {
            "what": "promise",
            "received_at": self._local(row.received_at),
            "limit": said["limit"],
            "cutoff": said["cutoff"],
            "counted_from": self._local(first.counted_from),
            "first_due_at": self._local(first.due_at),
            "due_at": self._local(row.due_at),
            "late_after": self._local(row.late_after),
            "late_rule": said["late_rule"],
            "provisional": row.is_provisional,
            "paused": row.is_paused,
            "extended_due_at": self._local(row.extended_due_at),
            "calendar": said["calendar"],
            "appointments": appointments.listed(self._case),
            "explanation": self._lines(first.explanation),
            "moves": [self._move(act) for act in self.acts if act.kind in MOVES and not _of_no_date(act)],
            **self._told(self._with_days_since(account)),
        }

    def _with_days_since(self, account: Account) -> Account:
        """Say which days on the way were declared otherwise after the running promise was given."""
        row, now = self._case.dossier, self._case.calendar
        limit = self._case.uow.deadlines.promise(row.id)
        if limit is None or limit.running_from is None or limit.state is not DeadlineState.RUNNING:
            return account
        since = declared_since(self._calendar(limit.calendar_version), now, limit.running_from, limit.due_at)
        return replace(account, beside=(*since, *account.beside))

    def step(self, task_id: str) -> dict[str, Any]:
        """Return the end of a step's stage."""
        task = self._tasks.get(task_id)
        if task is None:
            raise TaskNotFoundError(f"this dossier has no step {task_id!r}")
        account = self.stages.get(task_id)
        if account is None:
            raise NoStageEndError(
                f"the step {task.name!r} has no date of its own: its stage has no share of the limit; "
                "the promise of the dossier decides",
                step=task_id,
            )
        return {
            "what": "step",
            "step": task_id,
            "node": task.node,
            "name": task.name,
            "stage": task.stage,
            "due_at": self._local(task.due_at),
            "closed_at": self._local(task.closed_at),
            **self._told(account),
        }

    def answer(self, no: int) -> dict[str, Any]:
        """Return the citizen's limit to answer a request."""
        account = answer_account(self.acts, self._calendar, no=no)
        if account is None:
            raise SupplementNotFoundError(f"this dossier has no request to supplement number {no}", no=no)
        asked, limit = self.supplements[no], self._answers[no]
        return {
            "what": "answer",
            "no": no,
            "limit": limit.limit,
            "received_at": self._local(asked.requested_at),
            "due_at": self._local(limit.due_at),
            "late_after": self._local(limit.late_after),
            **self._told(account),
        }

    def _calendar(self, version: str) -> WorkingCalendar:
        return calendars.pinned(self._case.uow, version)

    def _move(self, act: Act) -> dict[str, Any]:
        facts = {key: act.facts[key] for key in _MOVE_FACTS if key in act.facts}
        return {"kind": act.kind, "at": self._local(act.at), "actor": self._person(act.person), **facts}

    def _told(self, account: Account) -> dict[str, Any]:
        return {"account": self._lines(account.lines), "beside": self._lines(account.beside)}

    def _lines(self, lines: Iterable[Line]) -> list[dict[str, Any]]:
        return [self._line(line) for line in lines]

    def _line(self, line: Line) -> dict[str, Any]:
        said: dict[str, Any] = line.as_json(self._case.calendar.tz)
        said["from"] = self._local(line.from_at)
        said["to"] = None if said.pop("open", False) else self._local(line.to_at)
        if "person" in said:
            said["person"] = self._person(said["person"])
        return said

    def _person(self, officer: int | None) -> str | None:
        return self._names.of(None if officer is None else OfficerId(officer))

    def _local(self, at: datetime | None) -> str | None:
        return None if at is None else self._case.calendar.local(at).isoformat()


def _values(case: Case, found: Mapping[str, Any], *, as_of: datetime) -> AccountValues:
    uow, row, words = case.uow, case.dossier, Words()
    agency = uow.agencies.get(row.resolving_agency_id)
    assert row.code is not None and row.due_at is not None and row.received_at is not None  # noqa: S101, PT018 - received
    return AccountValues(
        agency_name=agency.name,
        place=agency.place,
        code=row.code,
        applicant_name=uow.dossiers.parties(row.id)["applicant"].name,
        procedure_code=case.facts.code,
        procedure_name=case.facts.name,
        limit_text=_limit_text(words, found["appointments"]),
        received_at=row.received_at,
        due_at=row.due_at,
        paused=row.is_paused,
        provisional=row.is_provisional,
        lines=tuple(_printed(words, line) for line in found["account"]),
        beside=tuple(_printed(words, line) for line in found["beside"]),
        as_of=as_of,
        zone=agency.zone,
    )


def _limit_text(words: Words, promised: Sequence[Mapping[str, Any]]) -> str:
    if len(promised) == 1:
        return words.limit(promised[0]["limit"])
    return "; ".join(f"lần {each['no']}: {words.limit(each['limit'])}" for each in promised)


def _printed(words: Words, line: Mapping[str, Any]) -> AccountLine:
    amount = words.limit(f"{line['amount']} {line['unit']}") if line["amount"] is not None else None
    return AccountLine(text=words.line(line), amount=amount)
