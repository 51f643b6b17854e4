"""Checking that each calendar in force says what its owners declare: days, and weekly hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.verification.differences import ROW, Difference
from engine.verification.reference import Reference, calendar_name
from engine.verification.rows import Row

Report = Callable[[Difference], None]
_Said = dict[str, list[Any]]  # by date


@dataclass(frozen=True, slots=True)
class Declared:
    """The rows of ``calendar_version``, ``calendar_day`` and ``office_hours``."""

    versions: list[Row]
    days: list[Row]
    hours: list[Row]


def check(reference: Reference, declared: Declared, report: Report) -> None:
    """Compare the newest version of each agency with what its owner, and those above it, declare."""
    days, hours = _days_by_owner(declared.days), _hours_by_owner(declared.hours)
    newest = {row["owner_agency_id"]: row for row in sorted(declared.versions, key=lambda row: int(row["no"]))}
    for agency, row in newest.items():
        content = row["content"]
        if row["version"] not in reference.offices or calendar_name(content) != row["version"]:
            continue
        owners = _owners(reference, agency)
        wanted: _Said = {}
        for owner in reversed(owners):
            wanted |= days[owner]
        said = {
            day["on"]: [day["kind"], day["decision"], day["note"], day["provisional"], ",".join(day["shifts"])]
            for day in content["days"]
        }
        weeks = {each["from"]: [each["week"], each["decision"], each["note"]] for each in content.get("hours", ())}
        code, in_force = reference.agency_code(agency), _in_force([hours[each] for each in owners])
        _compare("calendar_day", code, said, wanted, report)
        _compare("office_hours", code, weeks, in_force, report)


def _compare(table: str, agency: str, said: _Said, wanted: _Said, report: Report) -> None:
    for on in sorted(wanted.keys() | said.keys()):
        if wanted.get(on) != said.get(on):
            message = "the calendar in force does not say what is declared"
            report(Difference(table, f"{agency} {on}", ROW, said.get(on), wanted.get(on), message))


def _days_by_owner(rows: list[Row]) -> dict[int, _Said]:
    found: dict[int, _Said] = defaultdict(dict)
    for row in rows:
        facts = [row["kind"], row["decision"], row["note"], row["is_provisional"], row["shifts"]]
        found[row["owner_agency_id"]][row["on_date"].isoformat()] = facts
    return found


def _hours_by_owner(rows: list[Row]) -> dict[int, dict[date, list[Any]]]:
    """Return the working hours; those of a desk are in no version."""
    found: dict[int, dict[date, list[Any]]] = defaultdict(dict)
    for row in rows:
        if row["unit_id"] is None:
            found[row["owner_agency_id"]][row["valid_from"]] = [row["week"], row["decision"], row["note"]]
    return found


def _in_force(layers: list[dict[date, list[Any]]]) -> _Said:
    """Return since when which week holds: of the nearest owner that has any by then, told where the week changes."""
    found: _Said = {}
    before = None
    for on in sorted({begin for layer in layers for begin in layer}):
        nearest = next(layer for layer in layers if min(layer, default=date.max) <= on)
        facts = nearest[max(begin for begin in nearest if begin <= on)]
        if facts[0] != before:
            found[on.isoformat()], before = facts, facts[0]
    return found


def _owners(reference: Reference, agency: int) -> list[int]:
    """Return whose declarations count, the nearest first; the default agency's are the country's."""
    found = [agency]
    while (above := reference.agencies.get(found[-1], {}).get("parent_id")) is not None and above not in found:
        found.append(above)
    country = min(reference.agencies, default=agency)
    return found if country in found else [*found, country]
