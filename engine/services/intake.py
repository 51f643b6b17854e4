"""Intake: a dossier is filed, checked for completeness, and received or refused (domain.md §1.3–1.6)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.context import Context
from engine.domain import forms, papers, permissions
from engine.domain.actors import Actor, Role
from engine.domain.dossier import Channel, ResultChannel, Status
from engine.domain.events import EventKind, digest
from engine.domain.identity_numbers import check_identity_number
from engine.domain.ids import DossierId
from engine.domain.messages import MessageKind, Way, check_choice
from engine.domain.official_forms import FormKind, set_of
from engine.domain.text import fold, telephone
from engine.errors import ConflictError, InvalidInputError
from engine.services import (
    acceptance,
    agency_register,
    decided,
    dossier_numbers,
    fees,
    filed_papers,
    issuing,
    messages,
    paper_values,
    promises,
    receipt_issues,
    steps,
    views,
)
from engine.services.case import Case, allow, case_of, iso, open_case, record
from engine.services.reception_end import leave_reception
from engine.services.transactions import Answer, Request, transact
from engine.store.agencies import Agency
from engine.store.dossiers import Dossier, DossierAgency, Party
from engine.store.procedures import ProcedureVersion
from engine.store.tasks import Task
from engine.store.unit_of_work import UnitOfWork

PaperLine = papers.PaperLine
LONGEST_BACKDATE = timedelta(days=30)  # post that lay over a holiday; older receipts are history import


class DateInFutureError(InvalidInputError):
    """A date of receipt lies in the future, or too far back to be one."""

    code = "date-in-future"


class NotAtReceptionError(ConflictError):
    """The dossier has been received or has ended."""

    code = "not-at-reception"


class ReasonMissingError(InvalidInputError):
    """A refusal at reception needs its reason in words."""

    code = "reason-missing"


class AgencyUnclearError(InvalidInputError):
    """It is not clear which agency receives or resolves the dossier."""

    code = "agency-unclear"


class ApplicantMissingError(InvalidInputError):
    """A dossier needs the name of its applicant."""

    code = "applicant-missing"


@dataclass(frozen=True, slots=True)
class Person:
    """An applicant, owner or authorising person (form 01, fields 3–7)."""

    name: str
    identity_number: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        """Keep a telephone number as it is dialled, so that it is found however somebody writes it."""
        if self.phone is not None:
            object.__setattr__(self, "phone", telephone(self.phone))


@dataclass(frozen=True, slots=True)
class Filing:
    """What the citizen brings: procedure, people, papers and wishes."""

    procedure_code: str
    applicant: Person
    channel: Channel = Channel.DIRECT
    agency: str | None = None  # code of the receiving agency; None: the only one the actor receives for
    resolving_agency: str | None = None  # None: the receiving one
    owner: Person | None = None  # None: the applicant files for themselves
    papers: tuple[PaperLine, ...] = ()
    case: str | None = None
    result_channel: ResultChannel = ResultChannel.DESK
    notify_by: str = Way.EMAIL.value  # of ``engine.domain.messages.CHOICES``: by which channel they want to be told
    notify_language: str = "vi"
    received_at: datetime | None = None  # None: now
    facts: Mapping[str, Any] = field(default_factory=dict)  # answers to the procedure's form
    authorisation: str | None = None  # the paper by which the applicant files for the owner: kind, number, day
    slip: str | None = None  # code on a slip that was handed out while there was no power, with its true received_at
    follows: DossierId | None = None  # the dossier whose result files this one; not for callers from outside


def submit(ctx: Context, *, by: Actor, filing: Filing, request: Request | None = None) -> Answer:
    """File a dossier that the desk has not received yet: status 1, no code, no due date.

    Raises:
        ProcedureNotFoundError, ProcedureClosedError, ProcedureRetiredError, AgencyUnclearError, InvalidIdentityError:
            see the message.
    """

    def work(uow: UnitOfWork) -> Answer:
        return views.summary(_submit(ctx, uow, by, filing))

    return transact(ctx, by=by, request=request, work=work)


def receive(ctx: Context, *, by: Actor, filing: Filing, request: Request | None = None) -> Answer:
    """File and receive in one act, as the counter does: code, due date, first tasks.

    Raises:
        DateInFutureError: ``received_at`` is in the future or more than 30 days back.
        CalendarGapError: the due date cannot be computed.
        And those of ``submit``.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = _submit(ctx, uow, by, filing)
        _receive(case, at=filing.received_at or case.now, slip=filing.slip)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def receive_submitted(
    ctx: Context, *, by: Actor, dossier: str, facts: Mapping[str, Any] | None = None, expected: int | None = None,
    request: Request | None = None,
) -> Answer:  # fmt: skip
    """Receive a dossier that was filed online, or by the result of another one: status 1 to 2.

    Args:
        facts: answers to the procedure's form that the desk adds or corrects.

    Raises:
        InvalidFieldsError: the answers do not fit the form, or a required one is missing.
        DecisionFailedError: limit, fee or papers cannot be decided on these facts.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        allow(case, permissions.check_can_receive, receiving=case.dossier.receiving_agency_id)
        _receive(case, at=case.now, facts=facts)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def refuse_to_receive(
    ctx: Context, *, by: Actor, dossier: str, reason: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Refuse a filed dossier at reception (form 03): status 1 to 3, with reasons in words."""

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        turn_away(case, reason)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def file_following(ctx: Context, uow: UnitOfWork, *, by: Actor, filing: Filing, receives: bool) -> Answer:
    """File what the result of another dossier has ordered, inside the caller's transaction: no desk has to agree.

    Args:
        receives: receive it, too.
    """
    case = _file(ctx, uow, by, filing, uow.agencies.by_code(filing.agency or ""))
    if receives:
        _receive(case, at=case.now)
    return views.summary(case)


def turn_away(case: Case, reason: str) -> None:
    """Refuse the dossier of a case at reception, inside the caller's transaction."""
    allow(case, permissions.check_can_receive, receiving=case.dossier.receiving_agency_id)
    if not reason.strip():
        raise ReasonMissingError("a refusal says why in words (form 03)", field="reason")
    check = check_task(case)
    steps.complete(case, check, {"outcome": "refused"})
    case.dossier.ended_at = case.now
    record(case, EventKind.NOT_RECEIVED, {"reason": reason, "ended_at": iso(case.now)}, status=Status.NOT_RECEIVED)
    steps.close(case, check, outcome="refused", note=reason)
    steps.follow(case, done=check)
    messages.order(case, MessageKind.REFUSED)
    values = paper_values.refusal(case, reason=reason, at_reception=True)
    issuing.issue(case, FormKind.REFUSAL, values, agency=case.dossier.receiving_agency_id)


def check_task(case: Case) -> Task:
    """Return the open task of the completeness check.

    Raises:
        NotAtReceptionError: the dossier is past reception.
    """
    for task in case.uow.tasks.open_of(case.dossier.id):
        if task.node == "check":
            return task
    raise NotAtReceptionError(
        f"the dossier is past reception (status {case.dossier.status})", status=case.dossier.status
    )


def add_person(case: Case, role: str, person: Person) -> str:
    """Keep personal data apart, and return the salted digest that the event keeps instead (decision 0013)."""
    salt = secrets.token_hex(16)
    facts = asdict(person)
    owner = case.dossier.owner_agency_id
    case.uow.dossiers.add_part(Party(dossier_id=case.dossier.id, role=role, owner_agency_id=owner, salt=salt, **facts))
    return digest([salt, *facts.values()])


def add_papers(case: Case, lines: Sequence[PaperLine], *, supplement: int | None = None) -> list[dict[str, Any]]:
    """Add papers after those that the dossier has; return them as the event keeps them.

    Args:
        supplement: number of the request that they answer; None: they answer none.

    Raises:
        PaperNotReusableError: one that should be taken over from an earlier dossier cannot be.
    """
    return filed_papers.add(case, lines, supplement=supplement)


def authorisation_digest(dossier: Dossier) -> str | None:
    """Return what an event keeps of the authorisation, which may name people; None when there is none."""
    return digest([str(dossier.id), dossier.authorisation]) if dossier.authorisation else None


def _submit(ctx: Context, uow: UnitOfWork, by: Actor, filing: Filing) -> Case:
    receiving = _receiving(uow, by, filing.agency)
    permissions.check_can_receive(by, receiving=receiving.id)
    return _file(ctx, uow, by, filing, receiving)


def _file(ctx: Context, uow: UnitOfWork, by: Actor, filing: Filing, receiving: Agency) -> Case:
    resolving = uow.agencies.by_code(filing.resolving_agency) if filing.resolving_agency else receiving
    procedure = uow.procedures.by_code(resolving.id, filing.procedure_code)
    version = acceptance.version_for(uow, procedure, ctx.clock.now())
    _check_filing(filing)
    facts = forms.check_facts(version.form, filing.facts, complete=filing.follows is None)
    for concerned in {receiving.id: receiving, resolving.id: resolving}.values():
        agency_register.check_receives(ctx, uow, concerned)
    dossier = _new_dossier(ctx, filing, version, receiving, resolving)
    dossier.facts, dossier.follows_id = facts, filing.follows
    dossier.authorisation = (filing.authorisation or "").strip() or None
    uow.dossiers.add(dossier)
    for agency in {receiving.id, resolving.id}:
        uow.dossiers.add_part(DossierAgency(dossier_id=dossier.id, owner_agency_id=agency))
    case = case_of(ctx, uow, by=by, dossier=dossier)
    digests = _add_people(case, filing)
    handed_in = add_papers(case, filing.papers)
    steps.start(case, decided.known(version.form, facts))
    payload: dict[str, Any] = {
        "procedure": procedure.id,
        "procedure_version": dossier.version_id,
        "receiving": receiving.id,
        "resolving": resolving.id,
        "returning": receiving.id,
        "channel": filing.channel.value,
        "result_channel": filing.result_channel.value,
        "case": filing.case,
        "notify_by": filing.notify_by,
        "notify_language": filing.notify_language,
        "form_set": dossier.form_set,
        "submitted_at": iso(dossier.submitted_at),
        "people": digests,
        "papers": handed_in,
    }
    payload |= {"facts": facts} if facts else {}
    payload |= {"authorisation": authorisation_digest(dossier)} if dossier.authorisation else {}
    payload |= {"follows": str(filing.follows)} if filing.follows is not None else {}
    record(case, EventKind.SUBMITTED, payload, status=Status.SUBMITTED)
    steps.follow(case)
    return case


def _new_dossier(
    ctx: Context, filing: Filing, version: ProcedureVersion, receiving: Agency, resolving: Agency
) -> Dossier:
    return Dossier(
        id=DossierId(ctx.new_id()),
        owner_agency_id=receiving.id,
        receiving_agency_id=receiving.id,
        resolving_agency_id=resolving.id,
        returning_agency_id=receiving.id,
        procedure_id=version.procedure_id,
        version_id=version.id,
        form_set=set_of(version.policy),
        channel=filing.channel,
        result_channel=filing.result_channel,
        notify_by=filing.notify_by,
        notify_language=filing.notify_language,
        case=filing.case,
        status=Status.SUBMITTED.value,
        submitted_at=ctx.clock.now(),
        event_seq=0,
        event_hash="",
        supplement_count=0,
        extension_count=0,
        is_paused=False,
        is_provisional=False,
        search=_search(filing),
    )


def _receive(case: Case, *, at: datetime, facts: Mapping[str, Any] | None = None, slip: str | None = None) -> None:
    if at > case.now or at < case.now - LONGEST_BACKDATE:
        raise DateInFutureError("received_at must lie between 30 days ago and now", field="received_at")
    check = check_task(case)
    dossier = case.dossier
    dossier.received_at = at
    form = case.version.form
    answers = forms.check_facts(form, {**dossier.facts, **(facts or {})})
    changed = {"facts": answers} if answers != dossier.facts else {}
    dossier.facts = answers
    promised = promises.make(case)
    numbered = dossier_numbers.give(case, at=at, slip=slip)
    steps.complete(case, check, {**decided.known(form, answers), "outcome": "complete"})
    row = case.dossier
    fee = {"fee_vnd": fees.fee_of(case.uow, case.version, answers, channel=row.channel, case=row.case, at=at)}
    payload = {**numbered, "received_at": iso(at), **promised, **fee, **changed, "receipt_no": 1}
    receipt_issues.issue_first(case, record(case, EventKind.RECEIVED, payload, status=Status.RECEIVED))
    leave_reception(case, check)
    messages.order(case, MessageKind.RECEIVED)


def _check_filing(filing: Filing) -> None:
    check_choice(filing.notify_by, filing.notify_language)
    for person in (filing.applicant, filing.owner):
        if person is not None and not person.name.strip():
            raise ApplicantMissingError("the name of applicant and owner must not be empty", field="applicant.name")
        if person is not None and person.identity_number:
            check_identity_number(person.identity_number)
    if filing.authorisation and filing.owner is None:
        raise ApplicantMissingError("an authorisation names for whom one files: name the owner", field="owner_name")


def _receiving(uow: UnitOfWork, by: Actor, code: str | None) -> Agency:
    if code is not None:
        return uow.agencies.by_code(code)
    mine = by.agencies_with(Role.DESK)
    if len(mine) != 1:
        raise AgencyUnclearError(
            f"you hold the desk role in {len(mine)} agencies; name the receiving one in 'agency'", field="agency"
        )
    return uow.agencies.get(next(iter(mine)))


def _add_people(case: Case, filing: Filing) -> dict[str, str]:
    people = {"applicant": filing.applicant} | ({"owner": filing.owner} if filing.owner else {})
    return {role: add_person(case, role, person) for role, person in people.items()}


def _search(filing: Filing) -> str:
    people = [filing.applicant] + ([filing.owner] if filing.owner else [])
    parts = [part for person in people for part in (person.name, person.identity_number, person.phone) if part]
    return fold(" ".join(parts))
