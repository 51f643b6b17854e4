"""Checking what dossiers pin: procedure versions and calendar versions named by the hash of their content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select

from bpmn import model as models
from bpmn.errors import BpmnError
from engine.domain.limits import Limit
from engine.domain.text import fold
from engine.errors import EngineError
from engine.store import agencies, calendars, people, procedures
from engine.store.base import Base
from engine.verification.differences import ROW, Difference, plain
from engine.verification.reference import Reference, calendar_name, version_facts, version_hash
from engine.verification.rows import Row
from engine.verification.slow_time import Office

Report = Callable[[Difference], None]

_MODULES = (agencies, calendars, people, procedures)  # what makes their tables known


def load(connection: Connection, report: Report) -> Reference:
    """Read the shared rows and report what does not match its name."""
    reference = Reference(
        agencies={row["id"]: row for row in _all(connection, "agency", report)},
        units={row["id"]: row for row in _all(connection, "unit", report)},
        officers=frozenset(connection.scalars(select(Base.metadata.tables["officer"].c.id))),
    )
    _load_calendars(connection, reference, report)
    _load_versions(connection, reference, report)
    return reference


def _all(connection: Connection, name: str, report: Report) -> list[Row]:
    table = Base.metadata.tables[name]
    keys = list(table.primary_key.columns)
    try:
        return [dict(row) for row in connection.execute(select(table)).mappings()]
    except (ValueError, LookupError, TypeError):
        rows = []
        for key in connection.execute(select(*keys)).all():
            query = select(table).where(*(column == value for column, value in zip(keys, key, strict=True)))
            try:
                rows.append(dict(connection.execute(query).mappings().one()))
            except (ValueError, LookupError, TypeError) as error:
                named = " ".join(map(str, key))
                report(Difference(name, named, ROW, "a readable row", None, f"cannot be read: {error}"))
        return rows


def _load_calendars(connection: Connection, reference: Reference, report: Report) -> None:
    numbers: dict[int, list[int]] = defaultdict(list)
    rows = _all(connection, "calendar_version", report)
    reference.calendar_names = frozenset(row["version"] for row in rows)
    for row in rows:
        numbers[row["owner_agency_id"]].append(row["no"])
        found = calendar_name(row["content"])
        if found == row["version"]:
            reference.offices.setdefault(row["version"], Office(row["content"]))
            continue
        key = f"{_agency(reference, row['owner_agency_id'])} {row['version']}"
        message = "the content of the calendar is not what its name says"
        report(Difference("calendar_version", key, "content", row["version"], found, message))
    for agency, given in numbers.items():
        _dense(report, "calendar_version", _agency(reference, agency), "no", given)
    reference.calendar_changes = frozenset(row["made_at"] for row in _all(connection, "calendar_change", report))
    _check_days(connection, reference, rows, report)


def _check_days(connection: Connection, reference: Reference, versions: list[Row], report: Report) -> None:
    """Each calendar in force says what its owner, and those above it, declare: of a date, what the nearest says."""
    declared: dict[int, dict[str, list[Any]]] = defaultdict(dict)
    for row in _all(connection, "calendar_day", report):
        facts = [row["kind"], row["decision"], row["note"], row["is_provisional"], row["shifts"]]
        declared[row["owner_agency_id"]][row["on_date"].isoformat()] = facts
    newest = {row["owner_agency_id"]: row for row in sorted(versions, key=lambda row: int(row["no"]))}
    for agency, row in newest.items():
        if row["version"] not in reference.offices or calendar_name(row["content"]) != row["version"]:
            continue
        wanted: dict[str, list[Any]] = {}
        for owner in reversed(_owners(reference, agency)):
            wanted |= declared[owner]
        found = {
            day["on"]: [day["kind"], day["decision"], day["note"], day["provisional"], ",".join(day["shifts"])]
            for day in row["content"]["days"]
        }
        for on in sorted(wanted.keys() | found.keys()):
            if wanted.get(on) != found.get(on):
                message = "the calendar in force does not say what is declared"
                name = f"{_agency(reference, agency)} {on}"
                report(Difference("calendar_day", name, ROW, found.get(on), wanted.get(on), message))


def _owners(reference: Reference, agency: int) -> list[int]:
    """Return whose declarations count, the nearest first; the default agency's are the country's."""
    found = [agency]
    while (above := reference.agencies.get(found[-1], {}).get("parent_id")) is not None and above not in found:
        found.append(above)
    country = min(reference.agencies, default=agency)
    return found if country in found else [*found, country]


def _load_versions(connection: Connection, reference: Reference, report: Report) -> None:
    procedure_of = {row["id"]: row for row in _all(connection, "procedure", report)}
    numbers: dict[int, list[int]] = defaultdict(list)
    rows = {row["id"]: row for row in _all(connection, "procedure_version", report)}
    reference.version_ids = frozenset(rows)
    for row in rows.values():
        numbers[row["procedure_id"]].append(row["number"])
        procedure = procedure_of.get(row["procedure_id"])
        key = f"{procedure['code'] if procedure else row['procedure_id']} version {row['number']}"
        facts = version_facts(row)
        if facts is not None:
            reference.versions[row["id"]] = facts
        _check_version(row, procedure, key, report)
    for procedure_id, procedure in procedure_of.items():
        _dense(report, "procedure_version", procedure["code"], "number", numbers[procedure_id])
        _check_procedure(procedure, rows.get(procedure["current_version_id"]), report)


def _check_version(row: Row, procedure: Row | None, key: str, report: Report) -> None:
    def differ(name: str, expected: Any, found: Any, message: str) -> None:
        if expected != found:
            report(Difference("procedure_version", key, name, plain(expected), plain(found), message))

    owner = None if procedure is None else procedure["owner_agency_id"]
    differ("owner_agency_id", owner, row["owner_agency_id"], "the version belongs to another agency than its procedure")
    code = None if procedure is None else procedure["code"]
    try:
        message = "model or policy is not what was published under this name"
        differ("content_hash", version_hash(row), row["content_hash"], message)
        facts = models.facts(row["model"])
        differ("code", facts.code, code, "the procedure is called otherwise than its model")
        differ("time_limit", facts.limit, row["time_limit"], "not the limit of the model")
        differ("fee_vnd", facts.fee_vnd, row["fee_vnd"], "not the fee of the model")
        _check_shares(facts, row, differ)
    except (BpmnError, EngineError, TypeError, AttributeError) as error:
        differ("model", "a model that can be read", None, str(error))


def _check_shares(facts: models.ModelFacts, row: Row, differ: Callable[[str, Any, Any, str], None]) -> None:
    """Σ of the stages is the limit, or the difference travels as a warning (domain.md §1.15, 4; issue point 2)."""
    total, shares = Limit.parse(facts.limit), [Limit.parse(stage.limit) for stage in facts.stages]
    units = {segment.unit for limit in (total, *shares) for segment in limit.segments}
    if len(units) != 1:
        return
    # A model that was drawn by hand is published without findings.
    planned = sum(segment.amount for share in shares for segment in share.segments)
    warned = any(finding.get("rule") == "total-differs" for finding in row["findings"])
    if planned != sum(segment.amount for segment in total.segments) and row["findings"] and not warned:
        differ("findings", "a warning total-differs", None, "the stages do not add up to the limit (invariant 4)")


def _check_procedure(procedure: Row, current: Row | None, report: Report) -> None:
    key = str(procedure["code"])
    if current is None:
        if procedure["current_version_id"] is not None:
            found = procedure["current_version_id"]
            report(Difference("procedure", key, "current_version_id", "a version", found, "there is no such version"))
        return
    message = "not what the version in force says"
    wanted: dict[str, Any] = {"id": current["procedure_id"]}
    if version_facts(current) is not None:
        name = models.facts(current["model"]).name
        wanted |= {"name": name, "name_folded": fold(name), "field": current["policy"].get("field")}
    for column, expected in wanted.items():
        if procedure[column] != expected:
            report(Difference("procedure", key, column, plain(expected), plain(procedure[column]), message))


def _agency(reference: Reference, agency: int) -> str:
    row = reference.agencies.get(agency)
    return str(agency if row is None else row["code"])


def _dense(report: Report, table: str, key: str, name: str, numbers: list[int]) -> None:
    wanted = list(range(1, len(numbers) + 1))
    if sorted(numbers) != wanted:
        missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
        report(Difference(table, key, name, wanted, sorted(numbers), f"numbers are missing or double: {missing}"))
