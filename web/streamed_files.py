"""Files that are written as they are read from the database, and sent in parts: none is held in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast

from flask import Response

PART = 64 * 1024  #: bytes that are sent at once


def streamed(write: Callable[[BinaryIO], object], *, media_type: str, name: str) -> Response:
    """Return what ``write`` writes as a file to save.

    Raises:
        whatever ``write`` raises; the file is closed then.
    """
    file = TemporaryFile()  # noqa: SIM115 - _parts closes it when the client has it all
    try:
        write(cast(BinaryIO, file))
    except BaseException:
        file.close()
        raise
    response = Response(_parts(file), mimetype=media_type)
    response.call_on_close(file.close)  # the client may have gone before it began to read
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while part := file.read(PART):
            yield part
