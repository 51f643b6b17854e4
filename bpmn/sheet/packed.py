"""Looking into a workbook before anything expands it: zip bombs, entities and files that only look like one."""

from __future__ import annotations

import re
import zipfile
from typing import IO

from bpmn.findings import Finding, error

MOST_PARTS = 500
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"

_ENTITY = re.compile(rb"<!\s*(doctype|entity)", re.IGNORECASE)
_PIECE = 1024 * 1024  #: bytes that are unpacked at a time
_OVERLAP = 128  #: bytes of the piece before that are looked at again


def refusal_of(packed: IO[bytes], *, most_unpacked: int) -> Finding | None:
    """Return why a workbook must not be read; None when nothing speaks against it. Takes memory for one piece.

    Args:
        packed: the file, seekable.
        most_unpacked: bytes of all its parts together.
    """
    packed.seek(0)
    if packed.read(4) == OLD_WORKBOOK:
        message = "The file is an old .xls or has a password; save it as .xlsx without one."
        return error("file-kind", "file", message)
    try:
        with zipfile.ZipFile(packed) as parts:
            listed = parts.infolist()
            if len(listed) > MOST_PARTS or sum(part.file_size for part in listed) > most_unpacked:
                return error("file-too-large", "file", "The workbook unpacks to more than such a file needs.")
            for part in listed:
                refused = _of_part(parts, part)
                if refused is not None:
                    return refused
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        message = "The file is no .xlsx workbook; save it again as .xlsx."
        return error("xlsx-malformed", "file", message)
    return None


def _of_part(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> Finding | None:
    is_xml = part.filename.endswith((".xml", ".rels"))
    before = b""
    with parts.open(part) as opened:  # a part that is larger than it says ends in an error of zipfile
        while piece := opened.read(_PIECE):
            bare = before + piece.replace(b"\0", b"")
            if is_xml and _ENTITY.search(bare):
                message = "The workbook declares a document type or an entity, which no spreadsheet program does."
                return error("xml-hostile", part.filename[:80], message)
            before = bare[-_OVERLAP:]
    return None
