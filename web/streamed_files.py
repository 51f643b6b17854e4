"""Files that are written as they are read from the database, and sent in parts: none is held in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast

from flask import Response

from engine.reports.render.list_files import ListCell, write_csv, write_xlsx
from web.auth import current_context

PART = 64 * 1024  #: bytes that are sent at once
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


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


def list_file(
    kind: str, header: Sequence[str], rows: Iterable[Sequence[ListCell]], *, sheet: str, name: str
) -> Response:
    """Return a list as a file to save, written row by row.

    Args:
        kind: ``csv`` or ``xlsx``; also the suffix of the file's name.
        rows: cells as the header names them; instants local already.
        sheet: name of the worksheet.
        name: of the file, without suffix.

    Raises:
        whatever the rows raise while they are read.
    """

    def write(to: BinaryIO) -> None:
        if kind == "csv":
            write_csv(to, header, rows)
        else:
            write_xlsx(to, header, rows, sheet=sheet, created=current_context().clock.now())

    return streamed(write, media_type=TYPES[kind], name=f"{name}.{kind}")


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while part := file.read(PART):
            yield part
