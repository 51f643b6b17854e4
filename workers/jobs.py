"""What rq runs: one id in, one service call out; running twice is harmless."""

from __future__ import annotations

import structlog

from engine.context import Context
from engine.errors import EngineError, UnavailableError
from engine.services import delivery

log = structlog.get_logger("workers.jobs")

_bound: list[Context] = []


def bind(ctx: Context) -> None:
    """Give the jobs of this process their context; the worker does so before it takes any."""
    _bound[:] = [ctx]


def deliver(message_id: int) -> bool:
    """Carry out one outbox message; return whether this run did it.

    An outside system that does not answer is no failed job: the message waits in the outbox and is handed out again.
    One that can never be carried out is none either: the outbox marks it dead, which ``motcua doctor`` reports. A
    failed job would keep the error's text in Redis, and that may quote what the mail server said of the citizen.
    """
    if not _bound:
        raise RuntimeError("jobs run in a process that has bound a context; see workers.worker")
    try:
        done = delivery.deliver(_bound[0], message_id=message_id)
    except UnavailableError as error:
        log.warning("delivery.postponed", message=message_id, code=error.code)
        return False
    except EngineError as error:
        log.error("delivery.failed", message=message_id, code=error.code)
        return False
    if done:
        log.info("delivery.done", message=message_id)
    return done
