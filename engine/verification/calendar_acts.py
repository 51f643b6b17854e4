"""Checking the acts on calendars and settings: their chain, the rows that they left, and what they took back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.domain.calendar_acts import DEFAULTS, SETTINGS, UNDO, act_hash
from engine.verification import calendar_moves
from engine.verification.declared_calendars import Declared
from engine.verification.differences import ROW, Difference, plain
from engine.verification.reference import Reference
from engine.verification.rows import Row

Report = Callable[[Difference], None]
_Key = tuple[str, int, int | None, str]  # table, owner, desk, date
_UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def check(connection: Connection, reference: Reference, acts: list[Row], declared: Declared, report: Report) -> None:
    """Report acts that were changed or removed, and rows that do not say what the acts left."""
    acts = sorted(acts, key=lambda act: int(act["id"]))
    by_id = {act["id"]: act for act in acts}
    _check_chain(acts, report)
    _check_undone(by_id, report)
    _check_rows(reference, acts, declared, report)
    _check_settings(reference, acts, report)
    for row in declared.versions:
        if row["change_id"] is not None and row["change_id"] not in by_id:
            key = f"{reference.agency_code(row['owner_agency_id'])} {row['version']}"
            report(_difference("calendar_version", key, "change_id", None, row["change_id"], "there is no such act"))
    calendar_moves.check(connection, by_id, report)


def _check_chain(acts: list[Row], report: Report) -> None:
    previous = ""
    for act in acts:
        try:
            wanted: str | None = act_hash(previous, act)
        except _UNREADABLE:
            wanted = None
        if wanted != act["hash"]:
            message = "the act is not what was recorded, or one before it is gone"
            report(_difference("calendar_change", str(act["id"]), "hash", wanted, act["hash"], message))
        previous = act["hash"]


def _check_undone(by_id: dict[int, Row], report: Report) -> None:
    """An undo and what it undoes name each other; what the one declares the other replaced."""

    def differ(act: Row, field: str, expected: Any, message: str) -> None:
        if act[field] != expected:
            report(_difference("calendar_change", str(act["id"]), field, expected, act[field], message))

    undone_by = {act["undoes"]: number for number, act in by_id.items() if act["undoes"] is not None}
    for number, act in by_id.items():
        differ(act, "undone_by", undone_by.get(number), "not what the undo says")
        if act["kind"] != UNDO:
            differ(act, "undoes", None, "it is no undo")
            continue
        taken_back = by_id.get(act["undoes"])
        if taken_back is None:
            report(_difference("calendar_change", str(number), "undoes", "an act", act["undoes"], "there is none"))
            continue
        differ(act, "declared", taken_back["replaced"], "not what the act had replaced that it undoes")
        differ(act, "replaced", taken_back["declared"], "not what the act had declared that it undoes")
        for field in ("owner_agency_id", "unit_id"):
            differ(act, field, taken_back[field], "not that of the act that it undoes")


# --- rows ------------------------------------------------------------------------------------------------------------


def _check_rows(reference: Reference, acts: list[Row], declared: Declared, report: Report) -> None:
    """A row is what the last act on its date left, with its mark; days without an act are the seeds'."""
    left, found = _left_by(acts, report), _by_key(reference, declared, report)
    for key in sorted(left.keys() | found.keys(), key=str):
        table, name, row = key[0], _name(reference, key), found.get(key)
        wanted = left.get(key, _SEEDED if table == "calendar_day" else None)
        if row is not None and wanted is not None:
            for field, expected in wanted.items():
                if row[field] != expected:
                    message = "not what the act on this date left"
                    report(_difference(table, name, field, expected, row[field], message))
        elif row is not wanted:
            message = "the acts on the calendar say otherwise"
            report(_difference(table, name, ROW, wanted and "a row", row and "a row", message))


def _by_key(reference: Reference, declared: Declared, report: Report) -> dict[_Key, Row]:
    found: dict[_Key, Row] = {}
    days = [(("calendar_day", row["owner_agency_id"], None, row["on_date"].isoformat()), row) for row in declared.days]
    hours = [
        (("office_hours", row["owner_agency_id"], row["unit_id"], row["valid_from"].isoformat()), row)
        for row in declared.hours
    ]
    for key, row in (*days, *hours):
        if key in found:
            report(_difference(key[0], _name(reference, key), ROW, "one row", "several", "it is declared twice"))
        found[key] = row
    return found


_SEEDED: Row = {"change_id": None, "entered_by": None, "entered_at": None}


def _left_by(acts: list[Row], report: Report) -> dict[_Key, Row | None]:
    """Do all acts again: return the columns that each left, None for what is gone."""
    left: dict[_Key, Row | None] = {}
    for act in acts:
        if act["kind"] == SETTINGS:
            continue
        try:
            left |= {_key(act, each): None for each in act["replaced"]}
            left |= {_key(act, each): _columns(act, each) for each in act["declared"]}
        except _UNREADABLE as error:
            message = f"what it declared or replaced cannot be read: {error!r}"
            report(_difference("calendar_change", str(act["id"]), "declared", "entries", None, message))
    return left


def _key(act: Row, entry: dict[str, Any]) -> _Key:
    table, begins = ("calendar_day", "on") if "on" in entry else ("office_hours", "from")
    return table, act["owner_agency_id"], act["unit_id"], str(entry[begins])


def _columns(act: Row, entry: dict[str, Any]) -> Row:
    """Return the columns of an entry: marked by the act, or as it was marked before it was replaced."""
    mark = {"change_id": act["id"], "entered_by": act["made_by"], "entered_at": act["made_at"]}
    if "change" in entry:
        at = None if entry["at"] is None else datetime.fromisoformat(entry["at"])
        mark = {"change_id": entry["change"], "entered_by": entry["by"], "entered_at": at}
    facts = {"decision": entry["decision"], "note": entry["note"], **mark}
    if "on" not in entry:
        return facts | {"week": entry["week"]}
    day = {"kind": entry["kind"], "is_provisional": entry["provisional"], "shifts": ",".join(entry["shifts"])}
    return facts | day


def _name(reference: Reference, key: _Key) -> str:
    _, owner, desk, on = key
    unit = "" if desk is None else f" {reference.units.get(desk, {}).get('code', desk)}"
    return f"{reference.agency_code(owner)}{unit} {on}"


# --- settings --------------------------------------------------------------------------------------------------------


def _check_settings(reference: Reference, acts: list[Row], report: Report) -> None:
    """An agency's settings are those of the last act that set them, the defaults before there is one."""
    latest = {act["owner_agency_id"]: act for act in acts if act["kind"] == SETTINGS}
    for number, agency in reference.agencies.items():
        try:
            wanted = latest[number]["declared"][0] if number in latest else DEFAULTS
            values = {name: wanted[name] for name in DEFAULTS}
        except _UNREADABLE as error:
            message = f"the settings cannot be read: {error!r}"
            report(_difference("calendar_change", str(latest[number]["id"]), "declared", "settings", None, message))
            continue
        for name, value in values.items():
            if agency[name] != value:
                message = "not what the last act on the settings says (motcua agencies set)"
                report(_difference("agency", str(agency["code"]), name, value, agency[name], message))


def _difference(table: str, key: str, field: str, expected: Any, found: Any, message: str) -> Difference:
    return Difference(table, key, field, plain(expected), plain(found), message)
