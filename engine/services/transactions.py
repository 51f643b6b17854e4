"""One service call, one transaction: retried when it lost a race, answered from memory when it was asked before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.errors import ConflictError
from engine.store.numbering import IdempotencyKey
from engine.store.unit_of_work import ChangedMeanwhileError, UnitOfWork

Answer = dict[str, Any]  #: JSON-ready: what the caller is told, and told again when it asks again

TRIES = 3


class KeyReusedError(ConflictError):
    """The Idempotency-Key was used before for another request."""

    code = "idempotency-key-reused"


@dataclass(frozen=True, slots=True)
class Request:
    """Names a request, so that asking twice has one effect (speed_scale §B.3, 6).

    Args:
        key: the client's Idempotency-Key.
        fingerprint: sha256 of what was asked for; the same key with another one is refused.
    """

    key: str
    fingerprint: str


def transact(
    ctx: Context,
    *,
    by: Actor,
    request: Request | None,
    work: Callable[[UnitOfWork], Answer],
    changes_calendar: bool = False,
) -> Answer:
    """Run ``work`` in one transaction and return its answer.

    A transaction that lost a race is rolled back and run again on what the winner left, so that ``work`` itself says
    what happened. With a request key the answer is stored in the same commit; a repeat gets the stored answer.

    Raises:
        KeyReusedError: the key came with another request before.
        ChangedMeanwhileError: the race was lost several times in a row.
    """
    for attempt in range(1, TRIES + 1):
        try:
            with ctx.unit_of_work(changes_calendar=changes_calendar) as uow:
                return _once(ctx, uow, by, request, work)
        except ChangedMeanwhileError:
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable: the loop returns or raises")


def told_before(ctx: Context, *, by: Actor, request: Request | None) -> Answer | None:
    """Return what was answered to this request before; None when it is new or has no key.

    For work of several transactions, which asks before the first and keeps its answer by ``transact`` after the last.

    Raises:
        KeyReusedError: the key came with another request before.
    """
    if request is None:
        return None
    with ctx.unit_of_work(read_only=True) as uow:
        return _earlier(uow, by, request)


def _once(
    ctx: Context, uow: UnitOfWork, by: Actor, request: Request | None, work: Callable[[UnitOfWork], Answer]
) -> Answer:
    if request is None:
        return work(uow)
    earlier = _earlier(uow, by, request)
    if earlier is not None:
        return earlier
    row = IdempotencyKey(
        actor=actor_name(by),
        key=request.key,
        owner_agency_id=min(by.agencies) if by.agencies else uow.agencies.default().id,
        request_hash=request.fingerprint,
        answer={},
        created_at=ctx.clock.now(),
    )
    uow.numbers.remember(row)  # first: a twin that runs at the same time waits here, then finds our answer
    row.answer = work(uow)
    return row.answer


def _earlier(uow: UnitOfWork, by: Actor, request: Request) -> Answer | None:
    row = uow.numbers.answer(actor_name(by), request.key)
    if row is None:
        return None
    if row.request_hash != request.fingerprint:
        raise KeyReusedError("this Idempotency-Key was used for another request; take a new one", key=request.key)
    return row.answer


def actor_name(by: Actor) -> str:
    """Return under which name the keys of an actor are remembered."""
    return str(by.id or 0)
