"""How routes read a request and write an answer: preconditions, idempotency, ETag."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request

from engine.domain.events import digest
from engine.services.transactions import Answer, Request
from web.api.base import etag, idempotency_key, if_match_version
from web.auth import actor, current_context


def expected_version() -> int | None:
    """Return the version in ``If-Match``, None when the client does not ask for the check.

    Raises:
        PreconditionRequiredError: the header is there and is not the ETag of a dossier.
    """
    if request.headers.get("If-Match", "*").strip() == "*":  # any version will do
        return None
    return if_match_version()


def named_request(body: Any = None) -> Request | None:
    """Return the request under its Idempotency-Key, with a fingerprint of method, path and body."""
    key = idempotency_key()
    if key is None:
        return None
    return Request(key=key, fingerprint=digest([request.method, request.path, repr(body)]))


def answered(answer: Answer, status: int = 200) -> tuple[Answer, int, dict[str, str]]:
    """Return the answer of a change with the dossier's new ETag."""
    version = answer["version"] if "version" in answer else answer["dossier"]["version"]
    return answer, status, {"ETag": etag(version)}


def changed(
    service: Callable[..., Answer], reference: str, body: dict[str, Any] | None = None, *, status: int = 200
) -> tuple[Answer, int, dict[str, str]]:
    """Call a service that changes a dossier, with the preconditions of the request; answer with the new ETag."""
    answer = service(
        current_context(),
        by=actor(),
        dossier=reference,
        expected=expected_version(),
        request=named_request(body),
        **(body or {}),
    )
    return answered(answer, status)
