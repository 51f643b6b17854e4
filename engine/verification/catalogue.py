"""Checking what dossiers pin: procedure versions and calendar versions named by the hash of their content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bpmn import model as models
from bpmn.errors import BpmnError
from engine.domain.calendar_acts import SETTINGS
from engine.domain.limits import Limit
from engine.domain.text import fold
from engine.errors import EngineError
from engine.store import agencies, calendars, people, procedures
from engine.store.base import Base
from engine.verification import absences, calendar_acts, declared_calendars, fee_list, letter_settings, procedure_acts
from engine.verification.declared_calendars import Declared
from engine.verification.differences import Difference, plain
from engine.verification.reference import Reference, calendar_name, version_facts, version_hash
from engine.verification.rows import Row, all_rows
from engine.verification.slow_time import Office

Report = Callable[[Difference], None]

_SUM_DIFFERS = {"total-differs", "stages-exceed-limit", "stages-below-limit"}  # of a table, and of a drawing

_MODULES = (agencies, calendars, people, procedures)  # what makes their tables known


def load(connection: Connection, report: Report, *, now: datetime) -> Reference:
    """Read the shared rows and report what does not match its name."""
    reference = Reference(
        agencies={row["id"]: row for row in all_rows(connection, "agency", report)},
        units={row["id"]: row for row in all_rows(connection, "unit", report)},
        officers=frozenset(connection.scalars(select(Base.metadata.tables["officer"].c.id))),
        absences=absences.load(connection, report),
        fees=fee_list.load(connection),
    )
    reference.leads = letter_settings.load(connection, reference.agencies, report)
    _load_calendars(connection, reference, report)
    _load_versions(connection, reference, report, now)
    return reference


def _load_calendars(connection: Connection, reference: Reference, report: Report) -> None:
    numbers: dict[int, list[int]] = defaultdict(list)
    rows = all_rows(connection, "calendar_version", report)
    reference.calendar_names = frozenset(row["version"] for row in rows)
    for row in rows:
        numbers[row["owner_agency_id"]].append(row["no"])
        found = calendar_name(row["content"])
        if found == row["version"]:
            reference.offices.setdefault(row["version"], Office(row["content"]))
            continue
        key = f"{reference.agency_code(row['owner_agency_id'])} {row['version']}"
        message = "the content of the calendar is not what its name says"
        report(Difference("calendar_version", key, "content", row["version"], found, message))
    for agency, given in numbers.items():
        _dense(report, "calendar_version", reference.agency_code(agency), "no", given)
    acts = all_rows(connection, "calendar_change", report)
    asked = frozenset(row["made_at"] for row in acts if row["kind"] != SETTINGS)
    reference.calendar_changes = asked | reference.leads.changed_at
    declared = Declared(rows, *(all_rows(connection, name, report) for name in ("calendar_day", "office_hours")))
    declared_calendars.check(reference, declared, report)
    calendar_acts.check(connection, reference, acts, declared, report)


def _load_versions(connection: Connection, reference: Reference, report: Report, now: datetime) -> None:
    procedure_of = {row["id"]: row for row in all_rows(connection, "procedure", report)}
    numbers: dict[int, list[int]] = defaultdict(list)
    rows = {row["id"]: row for row in all_rows(connection, "procedure_version", report)}
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
    acts = all_rows(connection, "procedure_act", report)
    procedure_acts.check(procedure_of, rows, acts, report, now=now)


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
    if row["source"] is not None:
        return  # stages of a drawing may be alternatives or stand beside each other; the linter sums the longest way
    planned = sum(segment.amount for share in shares for segment in share.segments)
    warned = any(finding.get("rule") in _SUM_DIFFERS for finding in row["findings"])
    # A model that was drawn before drawings were kept is published without findings.
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


def _dense(report: Report, table: str, key: str, name: str, numbers: list[int]) -> None:
    wanted = list(range(1, len(numbers) + 1))
    if sorted(numbers) != wanted:
        missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
        report(Difference(table, key, name, wanted, sorted(numbers), f"numbers are missing or double: {missing}"))
