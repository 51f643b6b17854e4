"""EngineError and its kinds; concrete errors stand beside the code that raises them."""

from __future__ import annotations

from typing import Any, ClassVar


class EngineError(Exception):
    """Something anticipated went wrong; clients match ``code``, never the text.

    Args:
        message: one sentence that names the place and the remedy, in English.
        details: JSON-ready facts for the client (ids, fields, who did what).
    """

    code: ClassVar[str] = "engine-error"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class InvalidInputError(EngineError):
    """The input is wrong; the same request can never succeed."""

    code = "invalid-input"


class NotFoundError(EngineError):
    """There is no such thing, or this actor may not know of it."""

    code = "not-found"


class ForbiddenError(EngineError):
    """The actor may not do this."""

    code = "forbidden"


class ConflictError(EngineError):
    """The thing is no longer in the state that the request assumed."""

    code = "conflict"


class UnavailableError(EngineError):
    """An outside system did not answer; the only kind worth trying again."""

    code = "unavailable"
