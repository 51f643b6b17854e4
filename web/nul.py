"""No NUL characters: PostgreSQL cannot store them, and nobody types them (S13)."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, request

from engine.errors import InvalidInputError

NUL = "\x00"


class InvalidCharacterError(InvalidInputError):
    """The request contains a NUL character."""

    code = "invalid-character"


def init_nul(app: Flask) -> None:
    """Refuse every request whose path, query, form or JSON contains a NUL character."""
    app.before_request(_refuse)


def _refuse() -> None:
    if any(NUL in text for text in _texts()):
        raise InvalidCharacterError("the request contains a NUL character; leave it out")


def _texts() -> Iterator[str]:
    yield request.path
    yield from request.args.values()
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        yield from request.form.values()
    elif request.is_json:
        yield request.get_data(as_text=True).replace("\\u0000", NUL)
