"""The library of shared parts: small processes that procedures call (domain.md §1.4, §1.7, §1.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from lxml import etree

from bpmn.errors import InvalidModelError
from bpmn.names import PART_PREFIX
from bpmn.xml import parse_document, tag

FOLDER = Path(__file__).parent / "models" / "parts"


@dataclass(frozen=True, slots=True)
class Part:
    """A shared part: the id of its process, what it is called, what it is for, and its file."""

    id: str
    name: str
    purpose: str
    xml: str


@lru_cache(maxsize=1)
def library() -> Mapping[str, Part]:
    """Return the parts by process id.

    Raises: InvalidModelError when a file of the library is none with exactly one process `part_…`.
    """
    parts = [_read(path) for path in sorted(FOLDER.glob("*.bpmn"))]
    return MappingProxyType({part.id: part for part in parts})


def process_of(part: Part) -> etree._Element:
    """Return the process of a part, parsed anew so that the caller may change it."""
    process = parse_document(part.xml).find(tag("process"))
    assert process is not None  # noqa: S101 - `_read` found it
    return process


def _read(path: Path) -> Part:
    xml = path.read_text(encoding="utf-8")
    processes = parse_document(xml).findall(tag("process"))
    if len(processes) != 1 or not (processes[0].get("id") or "").startswith(PART_PREFIX):
        raise InvalidModelError(f"{path.name}: a shared part is one process whose id begins with `{PART_PREFIX}`.")
    process = processes[0]
    purpose = (process.findtext(tag("documentation")) or "").strip()
    return Part(process.get("id") or "", process.get("name") or "", purpose, xml)
