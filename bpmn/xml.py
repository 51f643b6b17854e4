"""Reading XML from anybody without harm: no DOCTYPE, no entities, no network, bounded size and depth."""

from __future__ import annotations

import hashlib
import re

from lxml import etree

from bpmn.errors import InvalidModelError
from bpmn.names import BPMN, MOTCUA

MAX_BYTES = 5 * 1024 * 1024
MAX_ELEMENTS = 50_000
_DECLARATION = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]*\?>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)[\"']")
_ENCODINGS = frozenset({b"utf-8", b"utf-16", b"us-ascii", b"ascii"})


class HostileXmlError(InvalidModelError):
    """The XML carries what a model never needs: a DOCTYPE, too many bytes, too many elements."""

    code = "xml-hostile"


def parse_document(xml: str | bytes) -> etree._Element:
    """Return the root element of an XML text or file.

    Raises: HostileXmlError for a DOCTYPE, a size over 5 MB or too many elements; InvalidModelError when it is not
    well-formed.
    """
    raw = xml if isinstance(xml, bytes) else xml.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_BYTES:
        raise HostileXmlError(f"The file has more than {MAX_BYTES // 1024 // 1024} MB.")
    _refuse_tricks(raw)
    if isinstance(xml, str):
        raw = _DECLARATION.sub(b"", raw)  # a text has been decoded already, whatever it declares
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(raw, parser)
    except (etree.LxmlError, ValueError, LookupError) as problem:
        raise InvalidModelError(f"The file is not well-formed XML: {str(problem)[:200]}") from None
    if root is None:
        raise InvalidModelError("The file is empty.")
    if root.getroottree().docinfo.doctype:
        raise HostileXmlError("A DOCTYPE is not allowed in a model.")
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise HostileXmlError(f"The file has more than {MAX_ELEMENTS} elements.")
    return root


def _refuse_tricks(raw: bytes) -> None:
    """Refuse before any parser sees an entity; zero bytes betray UTF-16 and UTF-32."""
    plain = raw.replace(b"\x00", b"") if b"\x00" in raw[:64] else raw
    upper = plain.upper()
    if b"<!DOCTYPE" in upper or b"<!ENTITY" in upper:
        raise HostileXmlError("A DOCTYPE is not allowed in a model.")
    plain = plain.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    declaration = _DECLARATION.match(plain)
    head, rest = (declaration.group(), plain[declaration.end() :]) if declaration else (b"", plain)
    declared = _ENCODING.search(head)
    if declared is not None and declared.group(1).lower() not in _ENCODINGS:
        raise HostileXmlError("A model is written in UTF-8 or UTF-16.")
    if b"<?" in rest:
        raise HostileXmlError("Processing instructions are not allowed in a model.")


def content_hash(root: etree._Element) -> str:
    """Return the SHA-256 of a document's canonical form, in hexadecimal: attribute order and quoting do not count."""
    return hashlib.sha256(etree.tostring(root, method="c14n", exclusive=False, with_comments=False)).hexdigest()


def tag(name: str) -> str:
    """Return the qualified tag of a BPMN element."""
    return f"{{{BPMN}}}{name}"


def extension(element: etree._Element, name: str) -> etree._Element | None:
    """Return the one element of our namespace inside an element's extensions, or None."""
    return element.find(f"{tag('extensionElements')}/{{{MOTCUA}}}{name}")


def top_process(root: etree._Element) -> str:
    """Return the id of the process to start: the one that names the procedure.

    Raises: InvalidModelError when not exactly one process does.
    """
    return procedure_process(root).get("id") or ""


def procedure_process(root: etree._Element) -> etree._Element:
    """Return the process that names the procedure.

    Raises: InvalidModelError when not exactly one process does.
    """
    named = [process for process in root.iter(tag("process")) if extension(process, "procedure") is not None]
    if len(named) != 1:
        raise InvalidModelError("Exactly one process must carry a `motcua:procedure` element.")
    return named[0]
