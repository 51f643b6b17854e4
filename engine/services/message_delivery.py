"""What the outbox asks of a message to a citizen: whether it may go now, to whom, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.context import Context
from engine.domain import messages as rules
from engine.domain.dossier import Status
from engine.domain.messages import MessageKind, MessageState, Way
from engine.errors import NotFoundError
from engine.services import letter_dispatch
from engine.services.case import as_uuid
from engine.services.messages import quiet_until
from engine.store.dossiers import Dossier
from engine.store.messages import Message
from engine.store.outbox import OutboxMessage
from engine.store.unit_of_work import UnitOfWork


class MessageNotFoundError(NotFoundError):
    """There is no such message, or it is not the actor's to know."""

    code = "message-not-found"


@dataclass(frozen=True, slots=True)
class Addressed:
    """Where a message goes."""

    way: Way
    address: str
    kind: str
    language: str


def addressed(ctx: Context, *, message_id: str) -> Addressed:
    """Return channel and address of a message.

    Raises:
        MessageNotFoundError: there is none with that id.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        message = find(uow, message_id)
        if message is None:
            raise MessageNotFoundError(f"there is no message {message_id}")
        return Addressed(Way(message.channel), message.address, message.kind, message.language)


def find(uow: UnitOfWork, message_id: str) -> Message | None:
    """Return the message whose id is spelled so; None when there is none."""
    known: UUID | None = as_uuid(message_id)
    return None if known is None else uow.messages.find(known)


def hold(uow: UnitOfWork, ctx: Context, row: OutboxMessage) -> bool:
    """Whether a message must not go now; then the row says until when it waits, or that it never goes.

    A call to act that is over lapses. News that waited for its channel for more than a week is given up: a person
    decides whether anybody still wants it. A telephone rings outside quiet hours only, also at a later try.
    """
    message, now = find(uow, row.key), ctx.clock.now()
    if message is None:
        return False  # carrying it out says so
    if _is_over(uow, message):
        message.state, message.outbox_id = MessageState.LAPSED.value, row.id
        row.done_at = now
        return True
    if message.kind != MessageKind.APOLOGY and now - row.not_before > rules.TOO_OLD:
        row.dead_at, row.last_error = now, "message-too-old: its channel was not there for a week"
        note_given_up(uow, row)
        return True
    return _is_quiet(uow, message, row, now)


def note_sent(ctx: Context, uow: UnitOfWork, *, message_id: str, outbox_id: int) -> None:
    """Note that the channel took a message; of an apology, that the letter was delivered."""
    message = find(uow, message_id)
    if message is None or message.state == MessageState.SENT:
        return
    message.state, message.sent_at, message.outbox_id = MessageState.SENT.value, ctx.clock.now(), outbox_id
    message.dead_at, message.last_error = None, None
    if message.kind != MessageKind.APOLOGY:
        return
    letter = uow.letters.of_promise(message.dossier_id, message.subject_no)
    if letter is not None:
        letter_dispatch.mark_delivered(ctx, uow, letter_id=str(letter.id))


def note_given_up(uow: UnitOfWork, row: OutboxMessage) -> None:
    """Note that a message was given up, and why."""
    message = find(uow, row.key)
    if message is not None:
        message.state, message.dead_at, message.outbox_id = MessageState.DEAD.value, row.dead_at, row.id
        message.last_error = row.last_error


def _is_quiet(uow: UnitOfWork, message: Message, row: OutboxMessage, now: datetime) -> bool:
    if Way(message.channel) not in rules.RINGS:
        return False
    until = quiet_until(uow.agencies.get(message.owner_agency_id), now)
    if until > now:
        row.not_before = until
    return until > now


def _is_over(uow: UnitOfWork, message: Message) -> bool:
    """Whether a message asks its people for what nobody wants any more: the request is answered, the dossier ended."""
    if MessageKind(message.kind) not in rules.CALLS:
        return False
    dossier: Dossier = uow.dossiers.get(message.dossier_id)
    if dossier.ended_at is not None:
        return True
    if message.kind == MessageKind.RESULT_READY:
        return Status(dossier.status) is not Status.FINISHED
    return _is_answered(uow, message)


def _is_answered(uow: UnitOfWork, message: Message) -> bool:
    if message.kind == MessageKind.SUPPLEMENT:
        requests = {
            each.no: each.completed_at or each.lapsed_at for each in uow.dossiers.supplements(message.dossier_id)
        }
    else:
        requests = {each.no: each.settled_at for each in uow.dossiers.obligations(message.dossier_id)}
    return requests.get(message.subject_no) is not None
