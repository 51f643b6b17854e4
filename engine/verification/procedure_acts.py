"""Doing the acts on procedures again: what they published, scheduled, closed and retired is what the rows say."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.verification.differences import ROW, Difference, plain
from engine.verification.rows import Row

Report = Callable[[Difference], None]


@dataclass(slots=True)
class _Folded:
    """What the acts on one procedure add up to."""

    is_open: bool | None = None  #: None: nothing says it
    retired_at: datetime | None = None
    replaced_by: str | None = None
    begins: dict[int, datetime | None] = field(default_factory=dict)  #: by version: from when it is taken
    sources: dict[int, str | None] = field(default_factory=dict)  #: by version: digest of what was drawn
    published: int | None = None  #: the version that was published last to be in force at once


def check(
    procedures: Mapping[int, Row], versions: Mapping[int, Row], acts: Sequence[Row], report: Report, *, now: datetime
) -> None:
    """Compare procedures and versions with the acts on them, in the order of their numbers.

    A procedure of the time before acts has none: then only what an act alone can set is compared.
    """
    by_procedure: dict[int, list[Row]] = defaultdict(list)
    for act in sorted(acts, key=lambda row: int(row["id"])):
        by_procedure[act["procedure_id"]].append(act)
    for number, procedure in procedures.items():
        own = {row["id"]: row for row in versions.values() if row["procedure_id"] == number}
        folded = _Folded()
        for act in by_procedure[number]:
            try:
                _apply(folded, act, own)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                message = f"the act cannot be done again: {error!r}"
                key = f"{procedure['code']} act {act['id']}"
                report(Difference("procedure_act", key, ROW, "facts that can be read", None, message))
        _check_procedure(procedure, folded, report)
        _check_versions(procedure, own, folded, report)
        _check_current(procedure, own, folded, report, now)


def _apply(folded: _Folded, act: Row, own: Mapping[int, Row]) -> None:
    said = act["facts"]
    match act["kind"]:
        case "published":
            _publish(folded, act, _instant(said["from"]))
        case "unscheduled":
            folded.begins[next(each for each, row in own.items() if row["number"] == said["version"])] = None
        case "opened" | "closed":
            folded.is_open = act["kind"] == "opened"
        case "retired":
            folded.retired_at, folded.replaced_by = _instant(said["from"]), said["replaced_by"] or None
        case "reopened":
            folded.retired_at = folded.replaced_by = None
        case kind:
            raise ValueError(f"nobody does {kind!r} to a procedure")


def _publish(folded: _Folded, act: Row, begins: datetime | None) -> None:
    version, said = act["version_id"], act["facts"]
    if begins is not None and begins > act["made_at"]:
        for other, at in folded.begins.items():
            if at == begins:
                folded.begins[other] = None  # of two that were to begin at once, the one that was said last
    else:
        folded.published = version
    folded.begins[version] = begins
    if "source" in said:  # acts of before do not say it
        folded.sources[version] = said["source"]


def _check_procedure(procedure: Row, folded: _Folded, report: Report) -> None:
    message = "not what the acts on the procedure left"
    wanted: dict[str, Any] = {"retired_at": folded.retired_at, "replaced_by": folded.replaced_by}
    if folded.is_open is not None:
        wanted["is_open"] = folded.is_open
    for column, expected in wanted.items():
        found = procedure[column]
        if found != expected:
            report(Difference("procedure", str(procedure["code"]), column, plain(expected), plain(found), message))


def _check_versions(procedure: Row, own: Mapping[int, Row], folded: _Folded, report: Report) -> None:
    for version in folded.begins.keys() - own.keys():
        key, message = f"{procedure['code']} version {version}", "it was published, and is gone"
        report(Difference("procedure_version", key, ROW, "a version", None, message))
    for version, row in own.items():
        key = f"{procedure['code']} version {row['number']}"
        begins, found = folded.begins.get(version), row["effective_from"]
        if folded.begins and found != begins:  # without acts nothing says from when
            message = "not from when it was published to be taken"
            report(Difference("procedure_version", key, "effective_from", plain(begins), plain(found), message))
        drawn = _digest(row["source"])
        if version in folded.sources and drawn != folded.sources[version]:
            message = "not what was published as its drawing (shown: the digests)"
            report(Difference("procedure_version", key, "source", folded.sources[version], drawn, message))


def _check_current(procedure: Row, own: Mapping[int, Row], folded: _Folded, report: Report, now: datetime) -> None:
    """The version in force is that published last, or one whose instant came since; the clock process follows late.

    Versions of the time before acts were in force from their publication on.
    """
    allowed: set[int | None] = {folded.published}
    if folded.published is None:
        allowed = {*(own.keys() - folded.begins.keys())} or {None}
    since = folded.begins.get(folded.published or 0)
    begun = {each: at for each, at in folded.begins.items() if at is not None and at <= now}
    allowed |= {each for each, at in begun.items() if since is None or at >= since}
    current = procedure["current_version_id"]
    if current not in allowed:
        names = ["none" if each is None or each not in own else f"version {own[each]['number']}" for each in allowed]
        message = "no act put it in force"
        wanted = " or ".join(sorted(names))
        report(Difference("procedure", str(procedure["code"]), "current_version_id", wanted, current, message))


def _digest(drawn: Any) -> str | None:
    if isinstance(drawn, str):
        return hashlib.sha256(drawn.encode()).hexdigest()
    return None if drawn is None else f"no text: {type(drawn).__name__}"


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
