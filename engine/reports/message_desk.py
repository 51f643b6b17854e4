"""Messages to citizens by what they wait for, and whatever else of the outbox was given up (issue 6 part 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from engine.context import Context
from engine.domain import permissions_messages
from engine.domain.actors import Actor
from engine.domain.messages import MessageState, Way, masked, topic_of
from engine.reports import cursors
from engine.store.dossiers import Dossier
from engine.store.messages import Message
from engine.store.outbox import OutboxMessage

PAGE = 50  #: messages of one page
MOST_OTHERS = 100  #: rows of the outbox that are no messages and were given up
MINE = tuple(topic_of(way) for way in Way)
_ORDER = (Message.ordered_at, Message.id)  # newest first


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of messages in a state, how many there are in each that somebody looks at, and what else was given up."""

    items: tuple[dict[str, Any], ...]
    next_cursor: str | None
    counts: dict[str, int]  #: queued, dead, lapsed; what was sent is not counted, it only grows
    others: tuple[dict[str, Any], ...]
    connected: frozenset[Way]  #: channels that this office can send through now
    now: datetime


def page(
    ctx: Context, *, by: Actor, state: MessageState = MessageState.DEAD, cursor: str | None = None, limit: int = PAGE
) -> MessagePage:
    """Return messages of the actor's agencies in a state, newest first; instants are aware, addresses masked.

    Raises:
        NotAllowedError: the actor looks after the messages of no agency. InvalidCursorError.
    """
    permissions_messages.check_can_mind_messages(by)
    position = None if cursor is None else cursors.decode(cursor, kinds=(datetime, str))
    query = (
        select(Message, Dossier.code)
        .join(Dossier, Dossier.id == Message.dossier_id)
        .where(_mine(by, Message.owner_agency_id), Message.state == state.value)
        .order_by(*(column.desc() for column in _ORDER))
        .limit(limit + 1)
    )
    if position is not None:
        at, message_id = position
        query = query.where(cursors.after([(column.expression, True) for column in _ORDER], [at, _uuid(message_id)]))
    with ctx.unit_of_work(read_only=True) as uow:
        rows = uow.session.execute(query).all()
        counts = _counts(uow.session, by)
        others = _others(uow.session, by) if state is MessageState.DEAD else ()
        orders = _orders(uow.session, [row.Message for row in rows])
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        last = shown[-1].Message
        following = cursors.encode([last.ordered_at.isoformat(), str(last.id)])
    items = tuple(_item(row.Message, row.code, orders.get(str(row.Message.id))) for row in shown)
    ready = frozenset({*ctx.texts, *([] if ctx.mail is None else [Way.EMAIL])})
    return MessagePage(items, following, counts, others, ready, ctx.clock.now())


def given_up(ctx: Context, *, by: Actor) -> int:
    """Return how many messages and other orders of the actor's agencies were given up and wait for a person."""
    todo = select(func.count()).where(
        OutboxMessage.done_at.is_(None), OutboxMessage.dead_at.is_not(None), _mine(by, OutboxMessage.owner_agency_id)
    )
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.session.scalar(todo) or 0


def outbox(ctx: Context, *, by: Actor, waiting: bool = False, limit: int = 1000) -> list[dict[str, Any]]:
    """Return what the outbox of the actor's agencies has given up, oldest first; with ``waiting`` also what waits."""
    query = select(OutboxMessage).where(
        OutboxMessage.done_at.is_(None),
        true() if waiting else OutboxMessage.dead_at.is_not(None),
        _mine(by, OutboxMessage.owner_agency_id),
    )
    with ctx.unit_of_work(read_only=True) as uow:
        return [_other(row) for row in uow.session.scalars(query.order_by(OutboxMessage.id).limit(limit))]


def _mine(by: Actor, column: Any) -> ColumnElement[bool]:
    if by.is_system:
        return true()
    found: ColumnElement[bool] = column.in_(permissions_messages.agencies_minded(by))
    return found


def _counts(session: Session, by: Actor) -> dict[str, int]:
    looked_at = (MessageState.QUEUED, MessageState.DEAD, MessageState.LAPSED)
    query = (
        select(Message.state, func.count())
        .where(_mine(by, Message.owner_agency_id), Message.state.in_([state.value for state in looked_at]))
        .group_by(Message.state)
    )
    found = {state: count for state, count in session.execute(query).all()}
    return {state.value: found.get(state.value, 0) for state in looked_at}


def _orders(session: Session, messages: Iterable[Message]) -> dict[str, OutboxMessage]:
    keys = [str(message.id) for message in messages]
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.topic.in_(MINE), OutboxMessage.key.in_(keys)))
    return {row.key: row for row in rows}


def _others(session: Session, by: Actor) -> tuple[dict[str, Any], ...]:
    query = select(OutboxMessage).where(
        OutboxMessage.done_at.is_(None),
        OutboxMessage.dead_at.is_not(None),
        OutboxMessage.topic.not_in(MINE),
        _mine(by, OutboxMessage.owner_agency_id),
    )
    rows: Sequence[OutboxMessage] = session.scalars(query.order_by(OutboxMessage.id.desc()).limit(MOST_OTHERS)).all()
    return tuple(_other(row) for row in rows)


def _item(message: Message, code: str | None, order: OutboxMessage | None) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "dossier": str(message.dossier_id),
        "dossier_code": code,
        "kind": message.kind,
        "channel": message.channel,
        "language": message.language,
        "address": masked(message.address),
        "state": message.state,
        "ordered_at": message.ordered_at,
        "sent_at": message.sent_at,
        "dead_at": message.dead_at,
        **_trouble(message.last_error or (order.last_error if order is not None else None)),
        "outbox_id": None if order is None else order.id,
        "attempts": 0 if order is None else order.attempts,
        "not_before": None if order is None else order.not_before,
    }


def _other(row: OutboxMessage) -> dict[str, Any]:
    """Return what is known of an order without its payload, which names people."""
    return {
        "outbox_id": row.id,
        "topic": row.topic,
        "ordered_at": row.created_at,
        "not_before": row.not_before,
        "dead_at": row.dead_at,
        "attempts": row.attempts,
        **_trouble(row.last_error),
    }


def _trouble(error: str | None) -> dict[str, str | None]:
    """Return the code and the sentence of what ``delivery`` wrote down, ``code: sentence``."""
    code, colon, said = (error or "").partition(": ")
    return {"reason": code if colon else None, "reason_text": said if colon else error}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise cursors.InvalidCursorError("this cursor is not one of this list; start again without it") from error
