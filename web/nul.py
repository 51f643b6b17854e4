"""Only characters that can be stored: PostgreSQL takes neither NUL nor half a surrogate pair (S13)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask import Flask, request

from engine.errors import InvalidInputError

NUL = "\x00"


class InvalidCharacterError(InvalidInputError):
    """The request contains a NUL character or half a surrogate pair."""

    code = "invalid-character"


def init_nul(app: Flask) -> None:
    """Refuse every request whose path, query, form, file names or JSON contain what cannot be stored."""
    app.before_request(_refuse)


def _refuse() -> None:
    for text in _texts():
        if NUL in text:
            raise InvalidCharacterError("the request contains a NUL character; leave it out")
        try:
            text.encode()
        except UnicodeEncodeError:
            message = "the request contains half a surrogate pair; send whole characters"
            raise InvalidCharacterError(message) from None


def _texts() -> Iterator[str]:
    yield request.path
    for _, asked in request.args.items(multi=True):
        yield asked
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        for _, typed in request.form.items(multi=True):
            yield typed
        for _, file in request.files.items(multi=True):
            yield file.filename or ""
    elif request.is_json:
        yield from _texts_of_json()


def _texts_of_json() -> Iterator[str]:
    try:
        rest = [json.loads(request.get_data())]
    except (json.JSONDecodeError, UnicodeDecodeError):
        return  # no JSON, or not UTF-8: the parser of the body tells so
    except ValueError:  # what Python says of more than 4300 digits; the parser of the body does not expect it
        raise InvalidInputError("the request contains a number with too many digits") from None
    while rest:
        value = rest.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            rest += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            rest += value
