"""Carry out what has to leave the database: one outbox message at least once, never inside a transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from engine.context import Context
from engine.domain.messages import INDICATORS, Way, topic_of
from engine.errors import EngineError, InvalidInputError, UnavailableError
from engine.ports import Mail, ShortMessage
from engine.services import chains, issued_papers, message_delivery
from engine.services.issuing import RENDER
from engine.services.process_effects import NEXT
from engine.store.outbox import OutboxMessage
from engine.store.unit_of_work import ChangedMeanwhileError, UnitOfWork

LEASE = timedelta(minutes=5)  #: for one try; a worker that died with a message frees it after that
FIRST_WAIT = timedelta(minutes=5)  #: after the first failure; doubled for each further one
LONGEST_WAIT = timedelta(hours=6)
MOST_ATTEMPTS = 14  #: with the waits above, two days of a mail server that does not answer
TRIES = 3  #: to note what was done, when others change the same dossier


class UnknownTopicError(InvalidInputError):
    """Nothing in this version carries out messages of that topic."""

    code = "outbox-topic-unknown"


class InvalidPayloadError(InvalidInputError):
    """The message lacks what its topic needs."""

    code = "outbox-payload-invalid"


@dataclass(frozen=True, slots=True)
class _Order:
    """What is needed of a message between its two transactions, and the lease under which it is held."""

    id: int
    topic: str
    key: str
    payload: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class _Topic:
    """How to carry out a topic, and what to note in the transaction that marks it done."""

    carry_out: Callable[[Context, _Order], None]
    note: Callable[[UnitOfWork, Context, _Order], None]
    is_ready: Callable[[Context], bool]  # whether its channel is configured; until then its messages wait
    hold: Callable[[UnitOfWork, Context, OutboxMessage], bool] | None = None  # at the claim: not now, and says why
    give_up: Callable[[UnitOfWork, OutboxMessage], None] | None = None  # noted with the death of the message


def due(ctx: Context, *, limit: int) -> list[int]:
    """Return ids of at most ``limit`` messages that nobody carries out at the moment, oldest first.

    What goes by a channel that is not configured waits, mail without a mail server; the rest is handed out.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.outbox.due(ctx.clock.now(), limit, without=[name for name in TOPICS if not _is_ready(ctx, name)])


def deliver(ctx: Context, *, message_id: int) -> bool:
    """Carry out one message; return whether this call did it.

    False when it is done, dead, held by another worker, not due yet or its channel is not configured: nothing to do,
    and it is no attempt. A message that cannot succeed is marked dead at once; one that may, waits and is tried again.

    Raises:
        UnavailableError: an outside system did not answer; the message is released with a wait.
        EngineError: the message can never be carried out; it is dead and a person has to look.
    """
    order = _claim(ctx, message_id)
    if order is None:
        return False
    try:
        topic = _topic(order)
        topic.carry_out(ctx, order)
    except Exception as error:
        _put_back(ctx, order, error)
        raise
    _finish(ctx, order, topic)
    return True


def _claim(ctx: Context, message_id: int) -> _Order | None:
    now = ctx.clock.now()
    with ctx.unit_of_work() as uow:
        waiting = uow.outbox.get(message_id)
        if waiting is None or waiting.not_before > now or not _is_ready(ctx, waiting.topic):
            return None
        message = uow.outbox.claim(message_id, now=now, lease=LEASE)
        if message is None:
            return None
        if message.attempts > MOST_ATTEMPTS:  # who had it before ended without a word, each time
            message.attempts = MOST_ATTEMPTS
            message.claimed_until = None
            message.last_error = message.last_error or "no try came to an end: each worker that had it died"
            _give_up(uow, message, now)
            return None
        topic = TOPICS.get(message.topic)
        if topic is not None and topic.hold is not None and topic.hold(uow, ctx, message):
            message.attempts -= 1
            message.claimed_until = None
            return None
        return _Order(message.id, message.topic, message.key, dict(message.payload), message.attempts)


def _finish(ctx: Context, order: _Order, topic: _Topic) -> None:
    for attempt in range(1, TRIES + 1):
        try:
            with ctx.unit_of_work() as uow:
                if _mark_done(ctx, uow, order):
                    topic.note(uow, ctx, order)
            return
        except Exception as error:
            if isinstance(error, ChangedMeanwhileError) and attempt < TRIES:
                continue
            _finish_without_note(ctx, order, error)
            raise


def _finish_without_note(ctx: Context, order: _Order, error: Exception) -> None:
    # It has left the house: sending it again because it could not be noted would be the worse mistake.
    with ctx.unit_of_work() as uow:
        if _mark_done(ctx, uow, order):
            message = uow.outbox.get(order.id)
            assert message is not None  # noqa: S101 - it was marked one line above
            message.last_error = f"sent, but not noted: {error}"[:1000]


def _mark_done(ctx: Context, uow: UnitOfWork, order: _Order) -> bool:
    # Even if the lease ran out meanwhile, or it was given up: what counts is that it was carried out.
    message = uow.outbox.get(order.id)
    if message is None or message.done_at is not None:
        return False
    message.done_at = ctx.clock.now()
    message.dead_at = None
    message.claimed_until = None
    message.last_error = None
    return True


def _put_back(ctx: Context, order: _Order, error: Exception) -> None:
    with ctx.unit_of_work() as uow:
        message = uow.outbox.get(order.id)
        if message is None or not _is_still_ours(message, order):
            return
        now = ctx.clock.now()
        message.claimed_until = None
        message.last_error = f"{getattr(error, 'code', type(error).__name__)}: {error}"[:1000]
        if _is_hopeless(error) or order.attempts >= MOST_ATTEMPTS:
            _give_up(uow, message, now)
        else:
            message.not_before = now + wait_after(order.attempts)


def _give_up(uow: UnitOfWork, message: OutboxMessage, now: datetime) -> None:
    message.dead_at = now
    topic = TOPICS.get(message.topic)
    if topic is not None and topic.give_up is not None:
        topic.give_up(uow, message)


def _is_still_ours(message: OutboxMessage, order: _Order) -> bool:
    # Each claim counts one attempt, so another count means that somebody else took it when our lease ran out.
    return message.done_at is None and message.attempts == order.attempts


def _is_hopeless(error: Exception) -> bool:
    # A bug may be mended by the next release, an outage by itself; any other anticipated error stays what it is.
    return isinstance(error, EngineError) and not isinstance(error, UnavailableError)


def wait_after(attempts: int) -> timedelta:
    """Return how long a message waits after that many failed attempts (1, 2, …)."""
    doublings = min(attempts - 1, 16)  # beyond that any wait is the longest one
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _send_mail(ctx: Context, order: _Order) -> None:
    _send_to(ctx, order, *_of_payload(order, "to"))


def _send_to(ctx: Context, order: _Order, to: str) -> None:
    assert ctx.mail is not None  # noqa: S101 - told apart before the claim
    subject, text = _of_payload(order, "subject", "text")
    digest = order.payload.get("file_sha256")
    ctx.mail.send(
        Mail(
            to=to,
            subject=subject,
            text=text,
            html=None if order.payload.get("html") is None else str(order.payload["html"]),
            message_id=_mail_id(ctx, order),
            attachment_name=str(order.payload.get("file_name", "motcua.pdf")) if digest else None,
            attachment=ctx.files.get(str(digest)) if digest else None,
        )
    )


def _send_message(ctx: Context, order: _Order) -> None:
    message = message_delivery.addressed(ctx, message_id=order.key)
    if message.way is Way.EMAIL:
        _send_to(ctx, order, message.address)
        return
    (text,) = _of_payload(order, "text")
    ctx.texts[message.way].send(
        ShortMessage(id=order.key, to=message.address, text=text, kind=message.kind, language=message.language)
    )


def _push_indicators(ctx: Context, order: _Order) -> None:
    assert ctx.centre is not None  # noqa: S101 - told apart before the claim
    ctx.centre.send(order.key, order.payload)


def _has_centre(ctx: Context) -> bool:
    return ctx.centre is not None


def _of_payload(order: _Order, *names: str) -> list[str]:
    try:
        return [str(order.payload[name]) for name in names]
    except KeyError as error:
        raise InvalidPayloadError(f"outbox message {order.id} lacks {error.args[0]}") from error


def _mail_id(ctx: Context, order: _Order) -> str:
    # From the business key alone: every try carries the same one, so a second copy can be recognised.
    digest = sha256(f"{order.topic}\0{order.key}".encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(ctx.settings.public_url).hostname or 'localhost'}>"


def _note_nothing(_uow: UnitOfWork, _ctx: Context, _order: _Order) -> None:
    """Note nothing: the message itself is all there is."""


def _note_message(uow: UnitOfWork, ctx: Context, order: _Order) -> None:
    message_delivery.note_sent(ctx, uow, message_id=order.key, outbox_id=order.id)


def _file_next(ctx: Context, order: _Order) -> None:
    try:
        chains.file_next(ctx, {name: order.payload[name] for name in ("dossier", "procedure", "by")})
    except KeyError as error:
        raise InvalidPayloadError(f"outbox message {order.id} lacks {error.args[0]}") from error


def _has_mail(ctx: Context) -> bool:
    return ctx.mail is not None


def _needs_nothing(_ctx: Context) -> bool:
    return True


def _message(is_ready: Callable[[Context], bool]) -> _Topic:
    return _Topic(
        _send_message, _note_message, is_ready, hold=message_delivery.hold, give_up=message_delivery.note_given_up
    )


def _keep_paper(ctx: Context, order: _Order) -> None:
    issued_papers.keep(ctx, str(order.payload.get("paper")))


TOPICS = {
    "mail": _Topic(_send_mail, _note_nothing, _has_mail),  # to, subject, text; html; file_sha256, file_name for a paper
    INDICATORS: _Topic(_push_indicators, _note_nothing, _has_centre),  # the figures; its key is their id
    NEXT: _Topic(_file_next, _note_nothing, _needs_nothing),  # dossier, procedure, by: the next of a chain
    RENDER: _Topic(_keep_paper, _note_nothing, _needs_nothing),  # paper: one that was issued; its file is kept
    topic_of(Way.EMAIL): _message(_has_mail),  # subject, text; file_sha256, file_name; its key is the message's id
    topic_of(Way.SMS): _message(lambda ctx: Way.SMS in ctx.texts),  # text; the same key
    topic_of(Way.ZALO): _message(lambda ctx: Way.ZALO in ctx.texts),
}


def _is_ready(ctx: Context, topic: str) -> bool:
    # a topic that nothing carries out is ready, too: so it comes to be given up in the open
    return topic not in TOPICS or TOPICS[topic].is_ready(ctx)


def _topic(order: _Order) -> _Topic:
    if order.topic not in TOPICS:
        raise UnknownTopicError(f"outbox message {order.id} has topic {order.topic!r}, which nothing here carries out")
    return TOPICS[order.topic]
