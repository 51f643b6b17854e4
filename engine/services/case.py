"""A dossier opened for change: its row, its procedure version, its calendar, and the one way to write its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from bpmn import model as models
from bpmn.interpreter import Effect
from bpmn.runner import Step
from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import LateRule
from engine.domain.dossier import Status, check_transition
from engine.domain.events import EventKind, chain_hash, holds_float
from engine.domain.ids import AgencyId, DossierId, OfficerId
from engine.errors import ConflictError
from engine.services import calendars, facts
from engine.store.dossiers import Dossier, DossierNotFoundError
from engine.store.events import Event
from engine.store.procedures import ProcedureVersion
from engine.store.unit_of_work import UnitOfWork

# what is taken back was no lawful move, and another system has its own
_NO_MOVES = (EventKind.SUBMITTED, EventKind.STEP_TAKEN_BACK, EventKind.IMPORTED)


class History(Protocol):
    """What the next event of a dossier is chained to."""

    @property
    def id(self) -> DossierId: ...

    @property
    def owner_agency_id(self) -> AgencyId: ...

    @property
    def event_seq(self) -> int: ...

    @property
    def event_hash(self) -> str: ...


class ImportedDossierError(ConflictError):
    """A dossier of another system has no process here, so nothing is done with it but to explain it."""

    code = "dossier-imported"


class VersionMismatchError(ConflictError):
    """The dossier changed since the caller read it."""

    code = "version-mismatch"


@dataclass
class Case:
    """Everything a use case needs to change one dossier inside one transaction."""

    ctx: Context
    uow: UnitOfWork
    by: Actor
    now: datetime
    dossier: Dossier
    version: ProcedureVersion
    facts: models.ModelFacts
    calendar: WorkingCalendar
    late_rule: LateRule
    process_digest: str | None = None  # of a process state that no event has named yet
    step: Step | None = None  # the latest of the process in this transaction
    effects: list[Effect] = field(default_factory=list)  # that the process asked for and nobody has carried out yet

    @property
    def status(self) -> Status:
        """The dossier's status."""
        return Status(self.dossier.status)


def find(uow: UnitOfWork, *, by: Actor, reference: str) -> Dossier:
    """Return the dossier with this id or code, if the actor may know of it.

    Raises:
        DossierNotFoundError: there is none, or the actor may not read it; the two are not told apart (S05).
    """
    dossier_id = as_uuid(reference)
    dossier = uow.dossiers.by_code(reference) if dossier_id is None else uow.dossiers.get(DossierId(dossier_id))
    _check_may_know(uow, by, dossier, reference)
    return dossier


def open_case(
    ctx: Context, uow: UnitOfWork, *, by: Actor, reference: str, expected: int | None = None, of_history: bool = False
) -> Case:
    """Open a dossier for change; other writers wait until the transaction ends.

    Args:
        reference: id or code.
        expected: row version that the caller has seen (If-Match); None to change whatever is there.
        of_history: the act only explains, so it is done with a dossier of another system, too.

    Raises:
        DossierNotFoundError: see ``find``.
        ImportedDossierError: the dossier is of another system, and the act is more than an explanation.
        VersionMismatchError: the dossier has another version by now.
    """
    dossier = _lock(uow, reference)
    _check_may_know(uow, by, dossier, reference)
    if expected is not None and dossier.version != expected:
        raise VersionMismatchError(
            "the dossier has changed since you loaded it; look at it again",
            expected=expected,
            version=dossier.version,
            status=dossier.status,
        )
    if not of_history:
        check_ours(dossier)
    case = case_of(ctx, uow, by=by, dossier=dossier)
    case.by = _covering_still(case)
    return case


def check_ours(dossier: Dossier) -> None:
    """Refuse what a dossier of another system cannot have: a process, a receipt, an account of its time.

    Raises:
        ImportedDossierError: it was imported.
    """
    if dossier.source is not None:
        raise ImportedDossierError(
            f"the dossier was imported from {dossier.source} and has no process here; go on with it there",
            source=dossier.source,
        )


def _covering_still(case: Case) -> Actor:
    """Return the actor with those whom they cover at the instant of the case: an absence may have ended since."""
    if not case.by.absent or case.by.id is None:
        return case.by
    away = case.uow.absences.hold_covered_by(case.by.id, at=case.now)
    return replace(case.by, absent=tuple(each for each in case.by.absent if each.id in away))


def _check_may_know(uow: UnitOfWork, by: Actor, dossier: Dossier, reference: str) -> None:
    if not permissions.can_read(by, uow.dossiers.agencies(dossier.id)):
        raise DossierNotFoundError(f"there is no dossier {reference!r}")


def _lock(uow: UnitOfWork, reference: str) -> Dossier:
    dossier_id = as_uuid(reference)
    return uow.dossiers.lock(uow.dossiers.by_code(reference).id if dossier_id is None else DossierId(dossier_id))


def case_of(ctx: Context, uow: UnitOfWork, *, by: Actor, dossier: Dossier) -> Case:
    """Return the case of a dossier that is loaded already."""
    version = uow.procedures.version(dossier.version_id)
    resolving = uow.agencies.get(dossier.resolving_agency_id)
    return Case(
        ctx=ctx,
        uow=uow,
        by=by,
        now=ctx.clock.now(),
        dossier=dossier,
        version=version,
        facts=models.facts(version.model),
        calendar=calendars.in_force(uow, resolving.id),
        late_rule=LateRule(resolving.late_rule),
    )


def allow(case: Case, check: Callable[..., None], **facts: Any) -> None:
    """Check that the actor may do this, for themselves or for an absent officer whom they cover.

    From then on the case is the actor's in that place: the history says for whom they acted.

    Args:
        check: of ``permissions``, called with an actor and ``facts``.

    Raises:
        ForbiddenError, TaskClaimedError: they may not.
    """
    case.by = permissions.acting(case.by, lambda actor: check(actor, **facts))


def record(
    case: Case, kind: EventKind, payload: Mapping[str, Any] | None = None, *, status: Status | None = None
) -> Event:
    """Append an event; with ``status`` the dossier moves there, if the table of transitions knows the move.

    Raises:
        InvalidTransitionError: the dossier cannot go there (domain.md §1.15).
        ValueError: see ``event_after``.
    """
    dossier = case.dossier
    content: dict[str, Any] = dict(payload or {})
    if status is not None:
        if kind not in _NO_MOVES:
            check_transition(case.status, status)
        dossier.status = status.value
        content["status"] = status.value
    if case.process_digest is not None:
        content["process"] = case.process_digest
        case.process_digest = None
    if case.by.behalf is not None:
        content["for"] = case.by.behalf
    event = Event(**event_after(dossier, kind, at=case.now, actor=case.by.id, payload=content))
    case.uow.events.add(event)
    dossier.event_seq, dossier.event_hash = event.seq, event.hash
    facts.note(case.uow, dossier, kind, calendar=case.calendar, now=case.now)
    return event


def event_after(
    history: History, kind: EventKind, *, at: datetime, actor: OfficerId | None, payload: dict[str, Any]
) -> dict[str, Any]:
    """Return the columns of the event that follows in a dossier's history.

    Raises:
        ValueError: a float is in the payload, a mistake of the caller: the hash would not hold on every database.
    """
    if holds_float(payload):
        raise ValueError(f"the payload of {kind.value} holds a float; write amounts as text or whole numbers")
    seq = history.event_seq + 1
    return {
        "dossier_id": history.id,
        "seq": seq,
        "owner_agency_id": history.owner_agency_id,
        "kind": kind,
        "at": at,
        "actor_id": actor,
        "payload": payload,
        "hash": chain_hash(
            history.event_hash,
            dossier=str(history.id),
            seq=seq,
            kind=kind.value,
            at=at.astimezone(UTC),
            actor=actor,
            payload=payload,
        ),
    }


def iso(at: datetime | None) -> str | None:
    """Return an instant as events keep it: ISO 8601 in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat()


def as_uuid(text: str) -> UUID | None:
    """Return the UUID that a text spells, or None when it spells none."""
    try:
        return UUID(text)
    except ValueError:
        return None
