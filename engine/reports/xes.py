"""Event logs as XES (IEEE 1849-2016), written case by case: a million dossiers need no more memory than one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO
from xml.sax.saxutils import quoteattr

from engine.context import Context
from engine.domain.actors import Actor
from engine.reports.event_log import Log, LogEvent, Trace, Value, traces
from engine.reports.render.new_files import replacing

EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
)
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
{extensions}
\t<global scope="trace">
\t\t<string key="concept:name" value=""/>
\t</global>
\t<global scope="event">
\t\t<string key="concept:name" value=""/>
\t\t<string key="lifecycle:transition" value="complete"/>
\t\t<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
\t</global>
\t<classifier name="Activity" keys="concept:name"/>
\t<classifier name="Activity and lifecycle" keys="concept:name lifecycle:transition"/>
\t<string key="concept:name" value="motcua"/>
\t<string key="lifecycle:model" value="standard"/>
"""
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold


def write(ctx: Context, *, by: Actor, to: IO[bytes], log: Log) -> tuple[int, int]:
    """Write the log; return how many cases and events it has.

    Raises:
        InvalidFilterError, InvalidDateError: of the selection.
    """
    extensions = "\n".join(
        f'\t<extension name="{name}" prefix="{prefix}" uri="{uri}"/>' for name, prefix, uri in EXTENSIONS
    )
    cases = events = 0
    with ctx.unit_of_work(read_only=True) as uow:
        to.write(_HEAD.format(extensions=extensions).encode())
        for trace in traces(ctx, uow, by=by, log=log):
            to.write("".join(_trace(trace)).encode())
            cases += 1
            events += len(trace.events)
        to.write(b"</log>\n")
    return cases, events


def save(ctx: Context, *, by: Actor, to: Path, log: Log) -> tuple[int, int]:
    """Write the log to a file, whole or not at all; return how many cases and events it has.

    Raises:
        InvalidFilterError, InvalidDateError: of the selection.
    """
    with replacing(to) as file:
        return write(ctx, by=by, to=file, log=log)


def text(value: str) -> str:
    """Return a text as the quoted value of an XML attribute; what XML cannot hold becomes U+FFFD."""
    return quoteattr(_UNWRITABLE.sub("\ufffd", value))


def instant(at: datetime) -> str:
    """Return an instant with milliseconds and offset: more digits are misread by some readers."""
    return at.isoformat(timespec="milliseconds")


def _trace(trace: Trace) -> Iterable[str]:
    yield "\t<trace>\n"
    yield _attribute("concept:name", trace.id, "\t\t")
    for name, value in trace.attributes.items():
        yield _attribute(name, value, "\t\t")
    for event in trace.events:
        yield "\t\t<event>\n"
        yield from _event(event)
        yield "\t\t</event>\n"
    yield "\t</trace>\n"


def _event(event: LogEvent) -> Iterable[str]:
    facts: dict[str, Value] = {
        "concept:name": event.activity,
        "lifecycle:transition": event.transition,
        "time:timestamp": event.at,
        "org:resource": event.resource,
        "org:group": event.unit,
        "kind": event.kind,
        "stage": event.stage,
        "node": event.node,
        "outcome": event.outcome,
        "seq": event.seq,
    }
    return (_attribute(name, value, "\t\t\t") for name, value in facts.items())


def _attribute(name: str, value: Value, indent: str) -> str:
    """Return an element of the value's type; nothing where nothing is known."""
    if value is None:
        return ""
    if isinstance(value, bool):
        kind, written = "boolean", f'"{str(value).lower()}"'
    elif isinstance(value, int):
        kind, written = "int", f'"{value}"'
    elif isinstance(value, datetime):
        kind, written = "date", f'"{instant(value)}"'
    else:
        kind, written = "string", text(value)
    return f'{indent}<{kind} key="{name}" value={written}/>\n'
