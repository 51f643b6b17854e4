"""Object-centric event logs (OCEL 2.0) as JSON or XML: what happened, and to which dossiers, steps, papers and letters.

Both formats name the types first and the objects before the events; they are written as they are read, events to a file
aside, so that a million dossiers need no more memory than one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.errors import InvalidInputError
from engine.reports.event_log import Log, LogEvent, Object, Trace, Value, traces
from engine.reports.render.new_files import replacing
from engine.reports.xes import text

EPOCH = "1970-01-01T00:00:00.000Z"  # since when an attribute holds that never changes
_TYPES = {str: "string", int: "integer", bool: "boolean", datetime: "time"}
_Relation = tuple[str, str]  # id of an object, and what it is for the other


class UnknownLogFormatError(InvalidInputError):
    """The file's name does not say how an object-centric log is to be written."""

    code = "unknown-log-format"


def save(ctx: Context, *, by: Actor, to: Path, log: Log) -> tuple[int, int]:
    """Write the log to a file ``.json`` (``.jsonocel``) or ``.xml`` (``.xmlocel``), whole or not at all.

    Returns:
        How many dossiers and events it has.

    Raises:
        UnknownLogFormatError, InvalidFilterError, InvalidDateError.
    """
    form = _FORMS.get(to.suffix.lower())
    if form is None:
        raise UnknownLogFormatError(f"{to}: the name must end in .json, .jsonocel, .xml or .xmlocel")
    with replacing(to) as file:
        return write(ctx, by=by, to=file, log=log, form=form)


def write(ctx: Context, *, by: Actor, to: IO[bytes], log: Log, form: type[Json] | type[Xml]) -> tuple[int, int]:
    """Write the log as ``Json`` or ``Xml``; return how many dossiers and events it has."""
    seen = _Seen()
    written = form()
    with ctx.unit_of_work(read_only=True) as uow, TemporaryFile() as objects, TemporaryFile() as events:
        dossiers = count = 0
        for trace in traces(ctx, uow, by=by, log=log, with_objects=True):
            dossiers += 1
            count += len(trace.events)
            for each in _objects(trace, seen):
                objects.write(written.object(*each))
            for event in trace.events:
                events.write(written.event(trace.id, event, seen.note(event)))
        for officer in sorted(seen.officers):
            objects.write(written.object(Object("officer", officer, {}), []))
        for agency in sorted(seen.agencies):
            objects.write(written.object(Object("agency", f"agency:{agency}", {"code": agency}), []))
        _join(to, written, seen, objects, events)
    return dossiers, count


def _join(to: IO[bytes], form: Json | Xml, seen: _Seen, objects: IO[bytes], events: IO[bytes]) -> None:
    to.write(form.head(seen))
    objects.seek(0)
    shutil.copyfileobj(objects, to)
    to.write(form.between)
    events.seek(0)
    shutil.copyfileobj(events, to)
    to.write(form.foot)


@dataclass
class _Seen:
    """What must be named before it is known: types with their attributes; and what many dossiers share."""

    objects: dict[str, dict[str, str]] = field(default_factory=dict)  # type -> attribute -> type of its values
    events: set[str] = field(default_factory=set)
    officers: set[str] = field(default_factory=set)
    agencies: set[str] = field(default_factory=set)

    def declare(self, kind: str, attributes: Mapping[str, Value]) -> None:
        """Note a type of object with the attributes that one of them has."""
        known = self.objects.setdefault(kind, {})
        known.update({name: _TYPES[type(value)] for name, value in attributes.items() if value is not None})

    def note(self, event: LogEvent) -> list[_Relation]:
        """Return what an event is about besides its dossier, and note it."""
        self.events.add(event.activity)
        relations = [(each.id, each.type) for each in event.touched if each.type != "agency"]
        for each in event.touched:
            if each.type == "agency":
                self.agencies.add(each.id)
                self.declare("agency", {"code": each.id})
                relations.append((f"agency:{each.id}", "agency"))
        if event.resource is not None:
            officer = f"officer:{event.resource}"
            self.officers.add(officer)
            self.declare("officer", {})
            relations.append((officer, "officer"))
        return list(dict.fromkeys(relations))


def _objects(trace: Trace, seen: _Seen) -> Iterator[tuple[Object, list[_Relation]]]:
    """Yield the dossier and what is its own, each with what it belongs to."""
    roles = [(f"agency:{trace.attributes[role]}", role) for role in ("receiving", "resolving", "returning")]
    for role in ("receiving", "resolving", "returning"):
        code = str(trace.attributes[role])
        seen.agencies.add(code)
        seen.declare("agency", {"code": code})
    dossier = Object("dossier", f"dossier:{trace.id}", trace.attributes)
    seen.declare("dossier", trace.attributes)
    yield dossier, [*roles, *((each.id, each.type) for each in trace.objects)]
    for each in trace.objects:
        seen.declare(each.type, each.attributes)
        yield each, []


def _attributes_of(event: LogEvent) -> dict[str, Value]:
    return {
        "lifecycle": event.transition,
        "kind": event.kind,
        "unit": event.unit,
        "stage": event.stage,
        "node": event.node,
        "outcome": event.outcome,
    }


_EVENT_ATTRIBUTES = {
    "lifecycle": "string",
    "kind": "string",
    "unit": "string",
    "stage": "integer",
    "node": "string",
    "outcome": "string",
}


def _known(attributes: Mapping[str, Value]) -> Iterable[tuple[str, str | int | bool]]:
    """Yield the attributes of which something is known."""
    for name, value in attributes.items():
        if value is not None:
            yield name, _instant(value) if isinstance(value, datetime) else value


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


class Json:
    """The JSON of OCEL 2.0, an object or event a line."""

    between = b'\n],\n"events": [\n'
    foot = b"\n]}\n"

    def __init__(self) -> None:
        self._before = {"object": b"", "event": b""}  # a comma from the second on

    def head(self, seen: _Seen) -> bytes:
        """Return all that stands before the objects."""
        types = {
            "objectTypes": [_type(name, attributes) for name, attributes in sorted(seen.objects.items())],
            "eventTypes": [_type(name, _EVENT_ATTRIBUTES) for name in sorted(seen.events)],
        }
        return json.dumps(types, ensure_ascii=False).encode()[:-1] + b',\n"objects": [\n'

    def object(self, each: Object, related: list[_Relation]) -> bytes:
        """Return an object."""
        attributes = [{"name": name, "time": EPOCH, "value": value} for name, value in _known(each.attributes)]
        return self._line("object", {"id": each.id, "type": each.type, "attributes": attributes}, related)

    def event(self, case: str, event: LogEvent, related: list[_Relation]) -> bytes:
        """Return an event of a dossier."""
        facts = {
            "id": f"{case}#{event.seq}",
            "type": event.activity,
            "time": _instant(event.at),
            "attributes": [{"name": name, "value": value} for name, value in _known(_attributes_of(event))],
        }
        return self._line("event", facts, [(f"dossier:{case}", "dossier"), *related])

    def _line(self, what: str, facts: dict[str, Any], related: list[_Relation]) -> bytes:
        facts["relationships"] = [{"objectId": other, "qualifier": qualifier} for other, qualifier in related]
        before, self._before[what] = self._before[what], b",\n"
        return before + json.dumps(facts, ensure_ascii=False).encode()


def _type(name: str, attributes: Mapping[str, str]) -> dict[str, Any]:
    return {"name": name, "attributes": [{"name": each, "type": kind} for each, kind in attributes.items()]}


class Xml:
    """The XML of OCEL 2.0."""

    between = b"</objects>\n<events>\n"
    foot = b"</events>\n</log>\n"

    def head(self, seen: _Seen) -> bytes:
        """Return all that stands before the objects."""
        parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<log>\n<object-types>\n']
        parts += [_xml_type("object-type", name, attributes) for name, attributes in sorted(seen.objects.items())]
        parts.append("</object-types>\n<event-types>\n")
        parts += [_xml_type("event-type", name, _EVENT_ATTRIBUTES) for name in sorted(seen.events)]
        parts.append("</event-types>\n<objects>\n")
        return "".join(parts).encode()

    def object(self, each: Object, related: list[_Relation]) -> bytes:
        """Return an object."""
        attributes = "".join(
            f'<attribute name={text(name)} time="{EPOCH}">{_content(value)}</attribute>'
            for name, value in _known(each.attributes)
        )
        head = f"<object id={text(each.id)} type={text(each.type)}>"
        return f"{head}<attributes>{attributes}</attributes>{_xml_related(related)}</object>\n".encode()

    def event(self, case: str, event: LogEvent, related: list[_Relation]) -> bytes:
        """Return an event of a dossier."""
        attributes = "".join(
            f"<attribute name={text(name)}>{_content(value)}</attribute>"
            for name, value in _known(_attributes_of(event))
        )
        where = f'id={text(f"{case}#{event.seq}")} type={text(event.activity)} time="{_instant(event.at)}"'
        relations = _xml_related([(f"dossier:{case}", "dossier"), *related])
        return f"<event {where}><attributes>{attributes}</attributes>{relations}</event>\n".encode()


def _xml_type(tag: str, name: str, attributes: Mapping[str, str]) -> str:
    listed = "".join(f'<attribute name={text(each)} type="{kind}"/>' for each, kind in attributes.items())
    return f"<{tag} name={text(name)}><attributes>{listed}</attributes></{tag}>\n"


def _xml_related(related: list[_Relation]) -> str:
    listed = "".join(f"<relationship object-id={text(other)} qualifier={text(what)}/>" for other, what in related)
    return f"<objects>{listed}</objects>"


def _content(value: str | int | bool) -> str:
    """Return a value as the text of an element."""
    if isinstance(value, bool):
        return str(value).lower()
    return text(str(value))[1:-1].replace("&quot;", '"')


_FORMS: dict[str, type[Json] | type[Xml]] = {".json": Json, ".jsonocel": Json, ".xml": Xml, ".xmlocel": Xml}
