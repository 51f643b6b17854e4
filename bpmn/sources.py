"""What a drawing says of its procedure, read and changed without touching the rest of it."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from bpmn.errors import InvalidModelError
from bpmn.names import MOTCUA
from bpmn.own_elements import own_element
from bpmn.xml import extension, parse_document, tag

ATTRIBUTES = ("code", "name", "limit", "feeVnd")


def procedure_of(source: str) -> dict[str, str]:
    """Return the attributes of `motcua:procedure`: `code`, `name`, `limit`, `feeVnd`, as far as they are there.

    Raises: InvalidModelError when the text is no XML, or no process names a procedure.
    """
    said = extension(_named(parse_document(source)), "procedure")
    return {} if said is None else {name: said.attrib[name] for name in ATTRIBUTES if name in said.attrib}


def with_procedure(source: str, said: Mapping[str, str | None]) -> str:
    """Return the drawing with other attributes of its procedure; None takes one away.

    Raises: InvalidModelError as `procedure_of`; ValueError when a text cannot stand in XML.
    """
    root = parse_document(source)
    element = own_element(_named(root), "procedure")
    for name in ATTRIBUTES:
        if name in said:
            _set(element, name, said[name])
    return etree.tostring(root, encoding="unicode") + "\n"


def with_units(source: str, codes: Mapping[str, str]) -> str:
    """Return a drawing or a model with other unit codes: `codes` has the new one for each that changes.

    Raises: InvalidModelError when the text is no XML.
    """
    root = parse_document(source)
    for name, attributes in (("lane", ("unit",)), ("step", ("unit",)), ("handover", ("from", "to"))):
        for element in root.iter(f"{{{MOTCUA}}}{name}"):
            for attribute in attributes:
                if element.get(attribute) in codes:
                    element.set(attribute, codes[element.attrib[attribute]])
    return etree.tostring(root, encoding="unicode") + "\n"


def _set(element: etree._Element, name: str, value: str | None) -> None:
    if value is None:
        element.attrib.pop(name, None)
    else:
        element.set(name, value)


def _named(root: etree._Element) -> etree._Element:
    """Return the process that names the procedure, or the only one there is."""
    processes = list(root.iterchildren(tag("process")))
    named = [each for each in processes if extension(each, "procedure") is not None]
    if len(named) == 1:
        return named[0]
    if not named and len(processes) == 1:
        return processes[0]
    raise InvalidModelError("Exactly one process must carry a `motcua:procedure` element.")
