"""Messages that were given up: somebody has looked, mended what was wrong, and sends them again."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.domain import messages as rules
from engine.domain import permissions_messages
from engine.domain.actors import Actor
from engine.domain.messages import MessageState, Way
from engine.errors import ConflictError, InvalidInputError
from engine.services import admin_scope
from engine.services.case import Case, iso
from engine.services.message_delivery import MessageNotFoundError, find
from engine.services.messages import WRITERS, connected, quiet_until
from engine.services.transactions import Answer, Request, transact
from engine.store.messages import Message
from engine.store.outbox import OutboxMessage
from engine.store.unit_of_work import UnitOfWork


class MessageNotDeadError(ConflictError):
    """Only what was given up is sent again by hand; the rest goes by itself."""

    code = "message-not-dead"


class MessageAddressError(InvalidInputError):
    """The dossier names no address any more to which this channel could go."""

    code = "message-no-address"


def resend(ctx: Context, *, by: Actor, outbox_id: int, request: Request | None = None) -> Answer:
    """Put back into the outbox what was given up; it is tried from now on as if it were new, under the same id.

    A message to a citizen goes to the address that the dossier has by now: it may have been corrected since. Who sent
    it again is written down among the acts of administration, without an address.

    Raises:
        MessageNotFoundError: there is none with that id, or it is not the actor's to know; not told apart (S05).
        MessageNotDeadError: it was not given up.
        MessageAddressError: the dossier has no address for the channel any more.
    """

    def work(uow: UnitOfWork) -> Answer:
        row = uow.outbox.get(outbox_id)
        if row is None or not permissions_messages.minds(by, row.owner_agency_id):
            raise MessageNotFoundError(f"there is no message {outbox_id}")
        if row.dead_at is None or row.done_at is not None:
            raise MessageNotDeadError("only what was given up is sent again by hand", outbox_id=outbox_id)
        row.dead_at, row.claimed_until, row.last_error, row.attempts = None, None, None, 0
        row.not_before = ctx.clock.now()
        message = find(uow, row.key) if row.topic in _TOPICS else None
        if message is not None:
            _queue(ctx, uow, message, row)
        agency, facts = uow.agencies.get(row.owner_agency_id), {"topic": row.topic, "outbox": row.id}
        admin_scope.note(
            uow, by=by, at=ctx.clock.now(), agency=agency, kind="message.resent", subject=f"{row.topic} {row.id}",
            facts=facts,
        )  # fmt: skip
        return {"id": row.id, "topic": row.topic, "not_before": iso(row.not_before)}

    return transact(ctx, by=by, request=request, work=work)


def of_case(case: Case) -> list[dict[str, Any]]:
    """Return what the people of a dossier were told, oldest first; instants with their offset, no address."""
    return [
        {
            "kind": message.kind,
            "channel": message.channel,
            "language": message.language,
            "state": message.state,
            "ordered_at": case.calendar.local(message.ordered_at).isoformat(),
            "sent_at": None if message.sent_at is None else case.calendar.local(message.sent_at).isoformat(),
        }
        for message in case.uow.messages.of_dossier(case.dossier.id)
    ]


_TOPICS = frozenset(rules.topic_of(way) for way in Way)


def _queue(ctx: Context, uow: UnitOfWork, message: Message, row: OutboxMessage) -> None:
    way = Way(message.channel)
    message.address = _address(ctx, uow, message, way)
    message.state, message.dead_at, message.last_error = MessageState.QUEUED.value, None, None
    if way in rules.RINGS:
        row.not_before = quiet_until(uow.agencies.get(message.owner_agency_id), row.not_before)


def _address(ctx: Context, uow: UnitOfWork, message: Message, way: Way) -> str:
    people = uow.dossiers.parties(message.dossier_id)
    for person in (people[role] for role in WRITERS if role in people):
        found = rules.way_to(way.value, email=person.email, phone=person.phone, connected={*connected(ctx), way})
        if found is not None and found[0] is way:
            return found[1]
    raise MessageAddressError("the dossier has no address for this channel; correct its people first")
