"""Returning results: telling people, the post, what came of it, and what a page shows of it (domain.md §1.11)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.domain.acts import Act
from engine.domain.dossier import Decision, Status
from engine.domain.events import EventKind
from engine.domain.messages import MessageKind, Way
from engine.domain.result_return import Notice
from engine.errors import ConflictError, InvalidInputError, NotFoundError
from engine.services import attachments, endings, messages, receivers, views
from engine.services.case import Case, allow, find, iso, open_case, record
from engine.services.transactions import Answer, Request, transact
from engine.store.results import ResultReturn
from engine.store.unit_of_work import UnitOfWork

LONGEST_CARRIER, LONGEST_TRACKING = 80, 60  #: characters, as their columns
NOT_IN_POST = {"posted_at": None, "carrier": None, "tracking_number": None, "proof_sha256": None,
               "proof_media_type": None}  # fmt: skip


class NoResultWaitsError(ConflictError):
    """The dossier has no result that waits for its people: not decided yet, or handed over."""

    code = "no-result-waits"


class NotifiedTodayError(ConflictError):
    """People were told today already; once a day is enough."""

    code = "already-notified-today"


class NoEmailAddressError(InvalidInputError):
    """Nobody of this dossier has given an e-mail address."""

    code = "no-email-address"


class MustComeInPersonError(ConflictError):
    """Two people must sign for this result at the desk; it cannot be posted (domain.md §8.2)."""

    code = "must-come-in-person"


class PostingIncompleteError(InvalidInputError):
    """A posting names its carrier and the number by which it can be traced."""

    code = "posting-incomplete"


class NotPostedError(ConflictError):
    """Nothing of this dossier is in the post."""

    code = "not-posted"


class DeliveryDateError(InvalidInputError):
    """A result is delivered after it was posted, and not in the future."""

    code = "delivery-date-invalid"


class SignatureMissingError(NotFoundError):
    """Nothing was signed, posted or delivered of which there is a picture."""

    code = "signature-not-found"


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture or scan of a slip as it was uploaded."""

    file_name: str
    content: bytes


def notify(
    ctx: Context, *, by: Actor, dossier: str, how: Notice, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Tell people that the result is ready, or write down that it was done by phone or slip; once a day at most.

    Raises:
        NoResultWaitsError, NotifiedTodayError, NoEmailAddressError, NotAllowedError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = _open(ctx, uow, by, dossier, expected)
        row = uow.results.of(case.dossier)
        if row.notified_at is not None and _is_same_day(case, row.notified_at):
            raise NotifiedTodayError("people were told today; tell them again tomorrow", field="how")
        if how is Notice.EMAIL and messages.way_of(case, way=Way.EMAIL) is None:
            raise NoEmailAddressError("no e-mail address is known; phone, or print the slip", field="how")
        row.notified_at, row.notified_how = case.now, how.value
        seq = record(case, EventKind.RESULT_NOTIFIED, {"how": how.value}).seq
        if how is Notice.EMAIL:  # once more, whatever they were told when the result was made
            messages.order(case, _kind_of(case), subject_no=seq, way=Way.EMAIL)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def post(
    ctx: Context, *, by: Actor, dossier: str, carrier: str, tracking_number: str, slip: Photo | None = None,
    expected: int | None = None, request: Request | None = None,
) -> Answer:  # fmt: skip
    """Write down that the result went to the post; it is returned when its delivery is confirmed.

    Args:
        slip: photo or scan of the postal slip.

    Raises:
        NoResultWaitsError, MustComeInPersonError, PostingIncompleteError, NotAllowedError, FileNotAllowedError.
        ResultInPostError: it is in the post already.
        NotFinishedError: a step before the hand-over, such as the fee, is open.
    """
    _check_posting(carrier, tracking_number)
    proof = _store(ctx, slip)

    def work(uow: UnitOfWork) -> Answer:
        case = _open(ctx, uow, by, dossier, expected)
        row = uow.results.of(case.dossier)
        if row.posted_at is not None:
            raise endings.ResultInPostError("the result is in the post already; record what became of it first")
        if receivers.needed(case) > 1:
            raise MustComeInPersonError("two people must sign for this result at the desk; it cannot be posted")
        endings.check_can_end(case)
        row.posted_at, row.carrier, row.tracking_number = case.now, carrier.strip(), tracking_number.strip()
        row.proof_sha256, row.proof_media_type = proof
        said = {
            "carrier": row.carrier, "tracking_number": row.tracking_number,
            "file_sha256": row.proof_sha256, "media_type": row.proof_media_type,
        }  # fmt: skip
        record(case, EventKind.RESULT_POSTED, said)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def confirm_delivery(
    ctx: Context, *, by: Actor, dossier: str, receiver: receivers.Receiver, delivered_at: datetime | None = None,
    proof: Photo | None = None, note: str | None = None, expected: int | None = None, request: Request | None = None,
) -> Answer:  # fmt: skip
    """Write down that the post delivered the result: who took it, when, and the proof; status 9 to 10.

    Args:
        receiver: who took it; ``how`` is the post in any case.
        delivered_at: None: now.
        proof: photo or scan of the slip that the receiver signed.

    Raises:
        NotPostedError, DeliveryDateError, NotAllowedError, FileNotAllowedError, and those of ``hand_over_result``.
    """
    took = replace(receiver, how="post")
    receivers.check(took)
    sha256, _media_type = _store(ctx, proof)

    def work(uow: UnitOfWork) -> Answer:
        case = _open(ctx, uow, by, dossier, expected)
        row = _posted(case)
        at = case.now if delivered_at is None else delivered_at
        if row.posted_at is None or not row.posted_at <= at <= case.now:
            raise DeliveryDateError("delivered_at lies between the posting and now", field="delivered_at")
        record(case, EventKind.RESULT_DELIVERED, {"delivered": True, "reason": None, "delivered_at": iso(at)})
        endings.hand_over(case, took, note=note, signature_sha256=sha256, at=at)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def not_delivered(
    ctx: Context, *, by: Actor, dossier: str, reason: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Write down that the post brought the result back; it waits at the desk again.

    Raises:
        NotPostedError, GroundMissingError, NotAllowedError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = _open(ctx, uow, by, dossier, expected)
        row = _posted(case)
        if not reason.strip():
            raise endings.GroundMissingError("say in words why it came back", field="reason")
        for name, value in NOT_IN_POST.items():
            setattr(row, name, value)
        said = {"delivered": False, "reason": reason.strip(), "delivered_at": None}
        record(case, EventKind.RESULT_DELIVERED, said)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def offered(case: Case) -> set[Act]:
    """Return the acts of the desk that returns a result which waits; the hand-over itself comes with its task."""
    if case.status is not Status.FINISHED or not case.by.may_as(case.dossier.returning_agency_id, (Role.DESK,)):
        return set()
    row = case.uow.results.find(case.dossier.id)
    if row is not None and row.posted_at is not None:
        return {Act.CONFIRM_DELIVERY}
    can_post = receivers.needed(case) == 1 and endings.last_task(case) is not None
    told_today = row is not None and row.notified_at is not None and _is_same_day(case, row.notified_at)
    return (set() if told_today else {Act.NOTIFY_RESULT}) | ({Act.POST_RESULT} if can_post else set())


def may_hand_over(case: Case) -> bool:
    """Whether the actor's desk has the result in its hands; one that was posted it has not."""
    row = case.uow.results.find(case.dossier.id)
    at_hand = row is None or row.posted_at is None
    return at_hand and case.by.may_as(case.dossier.returning_agency_id, (Role.DESK,))


def for_forms(case: Case) -> dict[str, Any] | None:
    """Return what the forms of the return need; None when no result waits."""
    if case.status is not Status.FINISHED:
        return None
    row = case.uow.results.find(case.dossier.id)
    people = case.uow.dossiers.parties(case.dossier.id)
    owed = [each for each in case.uow.dossiers.obligations(case.dossier.id) if each.settled_at is None]
    return {
        "receivers": receivers.needed(case),
        "collects": receivers.to_collect(case),
        "numbers": sorted({each.identity_number for each in people.values() if each.identity_number}),
        "has_email": any(each.email for each in people.values()),
        "owed_vnd": sum(each.amount_vnd for each in owed),
        "is_posted": row is not None and row.posted_at is not None,
        "posted_at": None if row is None else _local(case, row.posted_at),
        "notified_at": None if row is None else _local(case, row.notified_at),
        "notified_how": None if row is None else row.notified_how,
    }


def shown(case: Case) -> dict[str, Any] | None:
    """Return how the result was returned, as far as it is; None for a dossier without a result."""
    if case.dossier.finished_at is None:
        return None
    row = case.uow.results.find(case.dossier.id)
    if row is None:
        return None
    by = row.handed_over_by
    times = {name: _local(case, getattr(row, name)) for name in ("notified_at", "posted_at", "handed_over_at")}
    kept = ("notified_how", "carrier", "tracking_number", "signature", "originals_collected")
    return times | {name: getattr(row, name) for name in kept} | {
        "handed_over_by": None if by is None else case.uow.people.get(by).name,
        "receivers": _receivers(case),
        "has_slip": row.proof_sha256 is not None,
        "has_signature": row.signature_sha256 is not None,
    }  # fmt: skip


def picture(ctx: Context, *, by: Actor, dossier: str, which: str) -> tuple[str, bytes]:
    """Return media type and bytes of the signature (``signature``) or of the postal slip (``slip``).

    Raises:
        DossierNotFoundError: the actor may not read the dossier.
        SignatureMissingError: there is none. FileMissingError: the store lost it.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.results.find(find(uow, by=by, reference=dossier).id)
    sha256 = None if row is None else (row.signature_sha256 if which == "signature" else row.proof_sha256)
    if sha256 is None:
        raise SignatureMissingError(f"the dossier has no {which}")
    content = ctx.files.get(sha256)
    return attachments.guessed_type(content), content


def _receivers(case: Case) -> list[dict[str, str | None]]:
    people = case.uow.dossiers.parties(case.dossier.id)
    came = [people[role] for role in (receivers.FIRST, receivers.SECOND) if role in people]
    return [{"name": each.name, "identity_number": each.identity_number} for each in came]


def _open(ctx: Context, uow: UnitOfWork, by: Actor, reference: str, expected: int | None) -> Case:
    case = open_case(ctx, uow, by=by, reference=reference, expected=expected)
    allow(case, permissions.check_can_return, returning=case.dossier.returning_agency_id)
    if case.status is not Status.FINISHED:
        raise NoResultWaitsError("no result of this dossier waits at the desk", status=case.dossier.status)
    return case


def _posted(case: Case) -> ResultReturn:
    row = case.uow.results.find(case.dossier.id)
    if row is None or row.posted_at is None:
        raise NotPostedError("no result of this dossier is in the post; it waits at the desk")
    return row


def _check_posting(carrier: str, tracking_number: str) -> None:
    given = {"carrier": (carrier, LONGEST_CARRIER), "tracking_number": (tracking_number, LONGEST_TRACKING)}
    for field, (value, longest) in given.items():
        if not 1 <= len(value.strip()) <= longest:
            raise PostingIncompleteError(f"{field} has 1 to {longest} characters", field=field)


def _store(ctx: Context, photo: Photo | None) -> tuple[str | None, str | None]:
    if photo is None:
        return None, None
    media_type = attachments.media_type_of(photo.file_name, photo.content)
    return ctx.files.put(photo.content), media_type


def _kind_of(case: Case) -> MessageKind:
    return MessageKind.RESULT_READY if case.dossier.decision is Decision.GRANTED else MessageKind.REFUSED


def _is_same_day(case: Case, at: datetime) -> bool:
    return case.calendar.local_date(at) == case.calendar.local_date(case.now)


def _local(case: Case, at: datetime | None) -> str | None:
    return None if at is None else case.calendar.local(at).isoformat()
