"""A closed dossier as one PDF/A-3b: cover, manifest and course, with every paper attached unchanged (issue 6).

PDF/A-3b is the mode that typst claims for the outer file. What is attached keeps its bytes, so its signatures hold.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.documents import courses, short_words, words
from engine.documents.courses import CourseValues
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.documents.render import archive
from engine.domain.text import fold

MANIFEST = "manifest.json"
_ENDINGS = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tif",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/json": "json",
}
_LONGEST = 40  #: characters of a name inside a file name


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file of the dossier."""

    kind: str  #: ``issued``, ``brought``, ``letter``, ``replaced-receipt`` or ``proof``
    name: str  #: for people; may be hostile
    number: str | None  #: of the paper, as printed
    at: datetime | None  #: when it was issued or brought
    media_type: str
    content: bytes
    void: str | None = None  #: why its number is void


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedValues:
    """What the cover says; instants print in the zone of the course."""

    superior_body: str
    receiving_name: str
    state: str  #: in words
    ended_at: datetime
    chain: str  #: hash of the last event: whoever changes the history cannot keep it
    events: int
    course: CourseValues


def archived_pdf(values: ArchivedValues, attached: Sequence[Attached]) -> bytes:
    """Return the dossier as one file; the same values and files give the same bytes.

    Raises:
        ValueError: an instant is naive.
    """
    course = values.course
    files = {_file_name(no, each): each for no, each in enumerate(attached, start=1)}
    manifest = manifest_of(values, files)
    listed = [_listed(name, each, course.zone) for name, each in files.items()]
    own = {
        "file": MANIFEST,
        "name": "Danh mục máy đọc được",
        "media_type": "application/json",
        "relationship": "data",
        "listed": False,
    }
    contents = {name: each.content for name, each in files.items()} | {MANIFEST: manifest}
    fields = _fields(values) | {"files": [*listed, own], "count": len(listed)}
    return archive("archived", fields, made_at=course.printed_at, files=contents)


def manifest_of(values: ArchivedValues, files: dict[str, Attached]) -> bytes:
    """Return the manifest for programs: JSON with sorted keys, so that it is the same each time."""
    course = values.course
    document = {
        "dossier": course.code,
        "procedure": course.procedure_code,
        "agency": course.agency_name,
        "ended_at": values.ended_at.isoformat(),
        "events": values.events,
        "chain_sha256": values.chain,
        "files": [
            {
                "file": name,
                "kind": each.kind,
                "name": each.name,
                "number": each.number,
                "at": None if each.at is None else each.at.isoformat(),
                "media_type": each.media_type,
                "bytes": len(each.content),
                "sha256": hashlib.sha256(each.content).hexdigest(),
                "void": each.void,
            }
            for name, each in files.items()
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _fields(values: ArchivedValues) -> dict[str, Any]:
    course = values.course
    zone = course.zone
    return courses.fields(course) | {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer_line": one_line(course.agency_name, limit=LINE),
        "receiving": one_line(values.receiving_name, limit=LINE),
        "state": one_line(values.state, limit=HEAD),
        "ended": words.moment(values.ended_at, zone),
        "chain": values.chain,
    }


def _listed(name: str, each: Attached, zone: str) -> dict[str, Any]:
    note = "" if each.void is None else f" (đã hủy số: {each.void})"
    return {
        "file": name,
        "name": one_line(f"{each.name}{note}", limit=LINE),
        "number": None if each.number is None else one_line(each.number, limit=CODE),
        "day": None if each.at is None else short_words.short_date(each.at, zone),
        "media_type": each.media_type,
        "relationship": "source" if each.kind == "issued" else "supplement",
        "bytes": words.number(str(len(each.content))) + " byte",
        "sha256": hashlib.sha256(each.content).hexdigest(),
        "listed": True,
    }


def _file_name(no: int, each: Attached) -> str:
    """Return a plain name of our own making: nothing of a hostile name but letters and digits is left."""
    base = re.sub(r"[^a-z0-9]+", "-", fold(each.name))[:_LONGEST].strip("-") or "tep"
    return f"{no:03d}-{base}.{_ENDINGS.get(each.media_type, 'bin')}"
