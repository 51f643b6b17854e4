"""What is wrong with a template that an office wants to use; runs in a process of its own (``sandbox``).

Every rule refuses rather than repairs: what a word processor would do with the odd parts of a file is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from engine.documents.docx import compiling
from engine.documents.docx.findings import ERROR, Finding, error, warning
from engine.documents.docx.language import FormEnvironment, names_used, problems
from engine.documents.docx.package import XML, BadPackageError, Package, parse, shown, unpack

LARGEST_OUTPUT = 8 * 1024 * 1024  #: characters of a part that was filled in
MARK = "\ue000"  #: before each printed value of a trial, to find where it lands

_MACROS = re.compile(r"vba|macro|activex|\.bin$", re.IGNORECASE)
_OBJECTS = re.compile(
    r"embeddings?/|oleobject|afchunk|\.(?:ole|exe|dll|js|vbs|html?|mht|rtf|docm?|xlsm?|svg)$", re.IGNORECASE
)
_PICTURES = {".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff"}
_LINKS = frozenset(
    ("officeDocument", "styles", "settings", "webSettings", "fontTable", "theme", "numbering", "header", "footer",
     "footnotes", "endnotes", "image", "customXml", "customXmlProps", "core-properties", "extended-properties",
     "custom-properties", "thumbnail", "stylesWithEffects")
)  # fmt: skip
_FIELDS = frozenset(("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "SEQ", "STYLEREF", "DATE", "TIME"))
_ELEMENTS = frozenset(
    ("object", "control", "altChunk", "subDoc", "attachedTemplate", "mailMerge", "OLEObject", "movie", "script",
     "hlinkClick", "hlinkHover")
)  # fmt: skip
_TAG = re.compile(r"\{%-?\s*(.*?)\s*-?%\}", re.DOTALL)
_KNOWN_TAG = re.compile(r"(?:(?:p|tr)\s+)?(?:for\s.+\sin\s.+|endfor|if\s.+|elif\s.+|else|endif)", re.DOTALL)
_PREFIXED_VALUE = re.compile(r"\{\{-?\s*(?:r|p|tr|tc)\s")
_CURLY = re.compile(r"\{[{%#]|[}%#]\}")


def examine(
    content: bytes, full: Mapping[str, Any], sparse: Mapping[str, Any], required: tuple[str, ...]
) -> list[Finding]:
    """Return what is wrong with a template, errors first; no error means that it can be used.

    Args:
        full: fields of the form with everything that may be there.
        sparse: fields with the least.
        required: fields that the form must state.
    """
    try:
        package = unpack(content)
        found = [*_of_parts(package), *_of_links(package)]
        if not found:
            found = _of_language(package, full, required)
        if not any(each.severity == ERROR for each in found):
            found = [*found, *_of_trial(package, full), *_of_trial(package, sparse)]
    except BadPackageError as problem:
        found = [problem.finding]
    unique = {(each.rule, str(each.facts)): each for each in found}.values()
    return sorted(unique, key=lambda each: each.severity != ERROR)


def _of_parts(package: Package) -> Iterator[Finding]:
    if "word/document.xml" not in package.printed():
        kinds = " ".join(package.types.values())
        yield error("macros", part="word/document.xml") if "macroEnabled" in kinds else error("not-a-docx")
    for name, content in package.parts.items():
        if _MACROS.search(name):
            yield error("macros", part=shown(name))
        elif _OBJECTS.search(name):
            yield error("embedded-object", part=shown(name))
        elif name.lower().endswith(XML):
            yield from _of_xml(name, parse(name, content), printed=name in package.printed())
        else:
            yield from _of_picture(name, content)


def _of_picture(name: str, content: bytes) -> Iterator[Finding]:
    ending = "." + name.rpartition(".")[2].lower()
    if ending not in _PICTURES:
        yield error("part-not-allowed", part=shown(name))
    elif not content.startswith(_PICTURES[ending]):
        yield error("picture-kind", part=shown(name))


def _of_xml(name: str, root: etree._Element, *, printed: bool) -> Iterator[Finding]:
    for each in root.iter():
        if not isinstance(each.tag, str):
            yield error("element-not-allowed", part=shown(name), element="entity")
            continue
        local = etree.QName(each).localname
        if local in _ELEMENTS:
            yield error("element-not-allowed", part=shown(name), element=local)
        if printed and (_odd_text(each, local) or any(_CURLY.search(str(value)) for value in each.attrib.values())):
            yield error("placeholder-place", part=shown(name))
    yield from _of_field_codes(root)


def _odd_text(each: etree._Element, local: str) -> bool:
    """Whether curly brackets stand where Word prints no text, so that a value would become XML or a field's code."""
    text = (each.text or "") if local != "t" else ""
    return any(bracket in text + (each.tail or "") for bracket in "{}")


def _of_field_codes(root: etree._Element) -> Iterator[Finding]:
    codes = [each.get(key, "") for each in root.iter("{*}fldSimple") for key in each.attrib if key.endswith("}instr")]
    typed = ""
    for each in root.iter("{*}instrText", "{*}fldChar", "{*}delInstrText"):
        if etree.QName(each).localname != "fldChar":
            typed += each.text or ""
        else:
            codes, typed = [*codes, typed], ""
    for code in (*codes, typed):
        word = code.strip().partition(" ")[0].upper()
        if word and word not in _FIELDS:
            yield error("field-code", code=shown(word))


def _of_links(package: Package) -> Iterator[Finding]:
    for name, content in package.parts.items():
        if not name.endswith(".rels"):
            continue
        for each in parse(name, content).iter("{*}Relationship"):
            kind = each.get("Type", "").rpartition("/")[2]
            target = each.get("Target", "")
            if each.get("TargetMode", "").lower() == "external" or "://" in target or target.startswith("\\\\"):
                yield error("external-link", part=shown(name), target=shown(target))
            elif kind not in _LINKS:
                yield error("link-kind", part=shown(name), kind=shown(kind))


def _of_language(package: Package, full: Mapping[str, Any], required: tuple[str, ...]) -> list[Finding]:
    odd = [finding for name in package.printed() for finding in _of_tags(parse(name, package.parts[name]))]
    if odd:
        return odd
    parts = compiling.filled_parts(package, FormEnvironment())
    found = [finding for _name, _source, tree in parts for finding in problems(tree, full)]
    if found:
        return found
    used = {name for _name, _source, tree in parts for name in names_used(tree)}
    tops = {name.partition(".")[0] for name in used}
    missing = [name for name in required if name not in tops]
    unused = sorted(set(full) - tops)
    return [
        *([error("required-missing", names=missing)] if missing else []),
        *([warning("unused", names=unused)] if unused else []),
    ]


def _of_tags(root: etree._Element) -> Iterator[Finding]:
    """Look at tags as the word processor shows them, whatever runs it has cut them into."""
    text = "".join(each.text or "" for each in root.iter("{*}t"))
    for tag in _TAG.findall(text):
        if not _KNOWN_TAG.fullmatch(tag):
            yield error("tag-unknown", tag=shown(tag)[:60])
    if _PREFIXED_VALUE.search(text):
        yield error("expression-refused", what="{{r …}}")
    if "{#" in text:
        yield error("expression-refused", what="{# … #}")


def _of_trial(package: Package, fields: Mapping[str, Any]) -> Iterator[Finding]:
    environment = FormEnvironment(mark=MARK)
    for name, _source, tree in compiling.filled_parts(package, environment):
        pieces, length = [], 0
        for piece in environment.from_string(tree).generate(dict(fields)):
            pieces.append(str(piece))
            length += len(piece)
            if length > LARGEST_OUTPUT:
                yield error("output-too-large", at_most=LARGEST_OUTPUT)
                return
        try:
            root = parse(name, "".join(pieces).encode())
        except BadPackageError as problem:
            yield error("output-broken", part=shown(name), what=problem.finding.message[:200])
            return
        if any(_marked_oddly(each) for each in root.iter()):
            yield error("placeholder-place", part=shown(name))


def _marked_oddly(each: etree._Element) -> bool:
    text = "" if etree.QName(each).localname == "t" else each.text or ""
    return any(MARK in str(value) for value in (text, each.tail or "", *each.attrib.values()))
