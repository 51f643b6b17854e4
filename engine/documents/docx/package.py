"""A .docx as the parts it is made of, read with limits: nothing that a stranger put into the file is believed."""

from __future__ import annotations

import stat
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from lxml import etree

from engine.documents.docx.findings import Finding, error

LARGEST_FILE = 4 * 1024 * 1024  #: bytes of an upload
LARGEST_UNPACKED = 16 * 1024 * 1024  #: bytes of all its parts
MOST_PARTS = 200
MOST_ELEMENTS = 100_000  #: of one part

CONTENT_TYPES = "[Content_Types].xml"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
#: Parts whose placeholders are filled in.
PRINTED = (MAIN, *(f"{_WORD}{each}+xml" for each in ("header", "footer", "footnotes", "endnotes")))
XML = (".xml", ".rels")


class BadPackageError(Exception):
    """The bytes are no .docx that could be looked into further; never leaves this package."""

    def __init__(self, finding: Finding) -> None:
        """Keep what was found."""
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Package:
    """The parts by name in the order of the file, and the content types that they claim."""

    parts: dict[str, bytes]
    types: dict[str, str]  #: of parts that name one of their own

    def printed(self) -> list[str]:
        """Return the parts in which placeholders are filled in: document, headers, footers and notes."""
        return [name for name in self.parts if self.types.get(name) in PRINTED]


def unpack(content: bytes) -> Package:
    """Return the parts of a .docx.

    Raises:
        BadPackageError: it is none, or larger than any form is; the finding says what is wrong.
    """
    if not content:
        raise BadPackageError(error("file-empty"))
    if len(content) > LARGEST_FILE:
        raise BadPackageError(error("file-too-large", bytes=len(content), at_most=LARGEST_FILE))
    if not zipfile.is_zipfile(BytesIO(content)):
        raise BadPackageError(error("not-a-docx"))
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = _parts(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, EOFError, OSError) as problem:
        raise BadPackageError(error("zip-broken", what=_reason(problem))) from problem
    if CONTENT_TYPES not in parts:
        raise BadPackageError(error("not-a-docx"))
    return Package(parts, _types(parts[CONTENT_TYPES]))


def parse(part: str, content: bytes) -> etree._Element:
    """Return the root of an XML part, without comments; no entity is expanded and nothing is fetched (S03).

    Raises:
        BadPackageError: it has a DOCTYPE, is not well-formed, or too large.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as problem:
        raise BadPackageError(error("xml-broken", part=part, what=_reason(problem))) from problem
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise BadPackageError(error("xml-doctype", part=part))
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise BadPackageError(error("xml-too-large", part=part, at_most=MOST_ELEMENTS))
    return root


def _parts(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [each for each in archive.infolist() if not each.is_dir()]
    if len(archive.infolist()) > MOST_PARTS:
        raise BadPackageError(error("zip-entries", entries=len(archive.infolist()), at_most=MOST_PARTS))
    if sum(each.file_size for each in entries) > LARGEST_UNPACKED:
        raise BadPackageError(error("zip-unpacked", at_most=LARGEST_UNPACKED))
    parts: dict[str, bytes] = {}
    for each in entries:
        _check_entry(each, parts)
        with archive.open(each) as file:  # what an entry says of its size is not believed
            read = file.read(LARGEST_UNPACKED - sum(map(len, parts.values())) + 1)
        parts[each.filename] = read
        if sum(map(len, parts.values())) > LARGEST_UNPACKED:
            raise BadPackageError(error("zip-unpacked", at_most=LARGEST_UNPACKED))
    return parts


def _check_entry(entry: zipfile.ZipInfo, parts: dict[str, bytes]) -> None:
    name = entry.filename
    odd = "\\" in name or ":" in name or not name.isprintable() or len(name) > 200 or entry.orig_filename != name
    if odd or name.startswith("/") or ".." in PurePosixPath(name).parts or stat.S_ISLNK(entry.external_attr >> 16):
        raise BadPackageError(error("zip-path", part=shown(name)))
    if entry.flag_bits & 0x1:
        raise BadPackageError(error("zip-encrypted", part=shown(name)))
    if name.lower() in {known.lower() for known in parts}:
        raise BadPackageError(error("zip-double", part=shown(name)))


def _types(content: bytes) -> dict[str, str]:
    root = parse(CONTENT_TYPES, content)
    return {
        each.get("PartName", "").lstrip("/"): each.get("ContentType", "")
        for each in root.iter("{*}Override")
        if isinstance(each.tag, str)
    }


def shown(text: str) -> str:
    """Return a name from the file as a finding may quote it."""
    return "".join(char if char.isprintable() else "?" for char in text)[:120]


def _reason(problem: Exception) -> str:
    return shown(str(problem).partition("\n")[0]) or type(problem).__name__
