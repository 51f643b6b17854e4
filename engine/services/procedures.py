"""Procedures: published from step tables or models as immutable versions, named by the hash of their content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bpmn import generator, lint, model, tables
from bpmn.findings import Finding, Severity, has_errors
from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.events import digest
from engine.domain.ids import AgencyId
from engine.domain.text import fold
from engine.services.policies import InvalidPolicyError, check_fits, check_policy
from engine.services.transactions import Request, told_before, transact
from engine.store.agencies import Agency, Unit
from engine.store.procedures import Procedure, ProcedureVersion, VersionNotFoundError
from engine.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Import:
    """What an import published and refused (contract §2 ``procedures import``)."""

    published: list[dict[str, Any]]
    refused: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document that the command prints."""
        return {"published": self.published, "refused": self.refused}


ONE_STOP_NAME = "Bộ phận Một cửa"


@dataclass(frozen=True, slots=True)
class Reading:
    """One procedure of a file of step tables: what was found, and what can be published when that is no error."""

    code: str
    findings: tuple[Finding, ...]
    xml: str  # empty when no model could be built
    policy: dict[str, Any]


def read_tables(data: object) -> Iterator[Reading]:
    """Read, build and lint step tables with their policies, one after another; needs no database.

    Args:
        data: decoded JSON of the shape of ``procedures-real.json``; a table may add ``policy``
            (``field``, ``cutoff``, ``supplement``, ``papers``).
    """
    entries = data if isinstance(data, list) else []
    for at, reading in enumerate(tables.read_tables(_bare(data))):
        raw = entries[at] if at < len(entries) else None
        policy, wrong = _policy(raw, reading.code)
        xml, findings = "", (*reading.findings, *wrong)
        if reading.table is not None:
            xml = generator.build(reading.table, _lane_names(reading.table))
            findings = (*reading.findings, *lint.lint(xml), *wrong, *_misfits(policy, xml))
        yield Reading(reading.code, findings, xml, policy)


def import_tables(
    ctx: Context, *, by: Actor, data: object, agency: str | None = None, request: Request | None = None
) -> Import:
    """Build, lint and publish every table that passes; each in its own transaction, so that none stops the others.

    Args:
        data: see ``read_tables``.
        agency: code of the agency that gets them; None: the default agency.
        request: asked twice under the same key, the first answer is given again. It is kept when all tables are
            through: after a crash in between the same import is done again, which publishes nothing twice.

    Raises:
        AgencyNotFoundError, NotAllowedError, KeyReusedError.
    """
    _check_may_publish(ctx, by, agency)
    told = told_before(ctx, by=by, request=request)
    if told is not None:
        return Import(**told)
    outcome = Import(published=[], refused=[])
    for reading in read_tables(data):
        if has_errors(reading.findings):
            outcome.refused.append(_refusal(reading.code, reading.findings))
        else:
            outcome.published.append(_publish_one(ctx, by, agency, reading.xml, reading.policy, reading.findings))
    if request is None:
        return outcome
    return Import(**transact(ctx, by=by, request=request, work=lambda _uow: outcome.as_json()))


def import_model(ctx: Context, *, by: Actor, xml: str, agency: str | None = None) -> Import:
    """Lint and publish one BPMN file that carries our extension elements.

    A model says nothing of cut-off, supplements and papers: these stay as the procedure has them.

    Raises:
        AgencyNotFoundError, NotAllowedError.
    """
    _check_may_publish(ctx, by, agency)
    findings = lint.lint(xml)
    if has_errors(findings):
        return Import(published=[], refused=[_refusal("", findings)])
    policy = _policy_in_force(ctx, agency, model.facts(xml).code)
    findings = (*findings, *_misfits(policy, xml))
    if has_errors(findings):
        return Import(published=[], refused=[_refusal(model.facts(xml).code, findings)])
    return Import(published=[_publish_one(ctx, by, agency, xml, policy, findings)], refused=[])


def catalogue(ctx: Context, *, agency: str | None = None) -> list[dict[str, Any]]:
    """Return the published procedures by agency and code; procedures are public knowledge."""
    with ctx.unit_of_work(read_only=True) as uow:
        agency_id = uow.agencies.by_code(agency).id if agency else None
        return [_listed(uow, procedure) for procedure in uow.procedures.all(agency_id)]


def show(ctx: Context, *, code: str, agency: str | None = None, number: int | None = None) -> dict[str, Any]:
    """Return a procedure with its current, or ``number``-th, version and its model.

    Raises:
        ProcedureNotFoundError, VersionNotFoundError, AgencyNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        owner = _owner_of(uow, code, agency)
        procedure = uow.procedures.by_code(owner, code)
        version = _wanted_version(uow, procedure, number)
        facts = model.facts(version.model)
        return _listed(uow, procedure) | {
            "version": version.number,
            "content_hash": version.content_hash,
            "findings": version.findings,
            "policy": version.policy,
            "model": version.model,
            "steps": [
                {"node": step.node, "name": step.name, "unit": step.unit, "stage": step.stage,
                 "stage_limit": step.stage_limit, "limit": step.limit, "phase": step.phase.value,
                 "pauses_clock": step.pauses_clock, "resumes_clock": step.resumes_clock,
                 "ends_processing": step.ends_processing}
                for step in facts.steps.values() if step.order > 0
            ],
        }  # fmt: skip


def set_open(ctx: Context, *, by: Actor, code: str, is_open: bool, agency: str | None = None) -> None:
    """Open or close a procedure for new dossiers; those that are under way go on."""
    with ctx.unit_of_work() as uow:
        owner = _owner_of(uow, code, agency)
        permissions.check_can_administer(by, agency=owner)
        uow.procedures.by_code(owner, code).is_open = is_open


def _publish_one(
    ctx: Context, by: Actor, agency: str | None, xml: str, policy: dict[str, Any], findings: tuple[Finding, ...]
) -> dict[str, Any]:
    # Run again when somebody publishes the same code at the same time, so that one lost race does not end an import.
    return transact(
        ctx, by=by, request=None, work=lambda uow: _publish(ctx, uow, by, agency, xml, policy, findings)
    )  # fmt: skip


def _publish(
    ctx: Context,
    uow: UnitOfWork,
    by: Actor,
    agency: str | None,
    xml: str,
    policy: dict[str, Any],
    findings: tuple[Finding, ...],
) -> dict[str, Any]:
    facts = model.facts(xml)
    owner = _administered(uow, by, agency)
    _make_units(uow, owner.id, facts)
    procedure = uow.procedures.find(owner.id, facts.code)
    if procedure is None:
        procedure = uow.procedures.add(
            Procedure(
                owner_agency_id=owner.id, code=facts.code, name=facts.name, name_folded=fold(facts.name),
                field=policy["field"], is_open=True, current_version_id=None,
            )
        )  # fmt: skip
    version = _version(ctx, uow, procedure, xml, policy, findings)
    procedure.current_version_id = version.id
    procedure.name, procedure.name_folded = facts.name, fold(facts.name)
    procedure.field = policy["field"]
    return {
        "code": facts.code,
        "version": version.number,
        "steps": sum(1 for step in facts.steps.values() if step.order > 0),
        "findings": [finding.as_json() for finding in findings],
    }


def _version(
    ctx: Context, uow: UnitOfWork, procedure: Procedure, xml: str, policy: dict[str, Any], findings: tuple[Finding, ...]
) -> ProcedureVersion:
    """Return the version of this content: the published one when nothing changed, else a new one."""
    content_hash = version_hash(xml, policy)
    versions = uow.procedures.versions(procedure.id)
    for version in versions:
        if version.content_hash == content_hash:
            return version
    facts = model.facts(xml)
    return uow.procedures.add_version(
        ProcedureVersion(
            owner_agency_id=procedure.owner_agency_id,
            procedure_id=procedure.id,
            number=len(versions) + 1,
            content_hash=content_hash,
            model=xml,
            limit=facts.limit,
            fee_vnd=facts.fee_vnd,
            policy=policy,
            findings=[finding.as_json() for finding in findings],
            published_at=ctx.clock.now(),
        )
    )


def version_hash(xml: str, policy: Mapping[str, Any]) -> str:
    """Return the name of a version: the hash of its model and policy."""
    return digest([model.content_hash(xml), dict(policy)])


def _make_units(uow: UnitOfWork, agency_id: AgencyId, facts: model.ModelFacts) -> None:
    """Make the units that the lanes name; the first one, which receives, is the one-stop unit of an agency without."""
    has_one_stop = any(unit.is_one_stop for unit in uow.agencies.units(agency_id))
    for unit in facts.units:
        if uow.agencies.find_unit(agency_id, unit.code) is None:
            is_one_stop = not has_one_stop and unit.code == facts.first_unit
            has_one_stop = has_one_stop or is_one_stop
            uow.agencies.add_unit(
                Unit(owner_agency_id=agency_id, code=unit.code, name=unit.label, is_one_stop=is_one_stop)
            )


def _policy(entry: object, code: str) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Return the policy of a table, and what is wrong with it."""
    raw = entry.get("policy", {}) if isinstance(entry, dict) else {}
    try:
        return check_policy(raw), ()
    except InvalidPolicyError as error:
        return {}, (Finding("policy-invalid", Severity.ERROR, code or "policy", error.message),)


def _misfits(policy: dict[str, Any], xml: str) -> tuple[Finding, ...]:
    """Return what of the policy does not fit the model."""
    facts = model.facts(xml)
    try:
        check_fits(policy, facts)
    except InvalidPolicyError as error:
        return (Finding("policy-invalid", Severity.ERROR, facts.code, error.message),)
    return ()


def _wanted_version(uow: UnitOfWork, procedure: Procedure, number: int | None) -> ProcedureVersion:
    if number is not None:
        return uow.procedures.version_number(procedure.id, number)
    if procedure.current_version_id is None:
        raise VersionNotFoundError(f"procedure {procedure.code} has no version in force")
    return uow.procedures.version(procedure.current_version_id)


def _administered(uow: UnitOfWork, by: Actor, agency: str | None) -> Agency:
    owner = uow.agencies.by_code(agency) if agency else uow.agencies.default()
    permissions.check_can_administer(by, agency=owner.id)
    return owner


def _check_may_publish(ctx: Context, by: Actor, agency: str | None) -> None:
    with ctx.unit_of_work(read_only=True) as uow:
        _administered(uow, by, agency)


def _lane_names(table: tables.StepTable) -> dict[str, str]:
    """Return the name of the receiving unit's lane, where the table calls it by what it does (receives, returns …).

    It depends on the table alone: the same table gives the same model, whatever is in the database.
    """
    first = table.steps[0].unit
    labels = {step.unit_label for step in table.steps if step.unit == first}
    return {first: ONE_STOP_NAME} if len(labels) > 1 else {}


def _policy_in_force(ctx: Context, agency: str | None, code: str) -> dict[str, Any]:
    with ctx.unit_of_work(read_only=True) as uow:
        owner = uow.agencies.by_code(agency) if agency else uow.agencies.default()
        procedure = uow.procedures.find(owner.id, code)
        if procedure is None or procedure.current_version_id is None:
            return check_policy({})
        return uow.procedures.version(procedure.current_version_id).policy


def _bare(data: object) -> object:
    if not isinstance(data, list):
        return data
    return [
        {key: value for key, value in entry.items() if key != "policy"} if isinstance(entry, dict) else entry
        for entry in data
    ]


def _refusal(code: str, findings: tuple[Finding, ...]) -> dict[str, Any]:
    return {"code": code, "findings": [finding.as_json() for finding in findings]}


def _owner_of(uow: UnitOfWork, code: str, agency: str | None) -> AgencyId:
    if agency is not None:
        return uow.agencies.by_code(agency).id
    for owner in uow.agencies.all():
        if uow.procedures.find(owner.id, code) is not None:
            return owner.id
    return uow.agencies.default().id


def _listed(uow: UnitOfWork, procedure: Procedure) -> dict[str, Any]:
    version = uow.procedures.version(procedure.current_version_id) if procedure.current_version_id else None
    return {
        "code": procedure.code,
        "name": procedure.name,
        "agency": uow.agencies.get(procedure.owner_agency_id).code,
        "field": procedure.field,
        "open": procedure.is_open,
        "version": version.number if version else None,
        "limit": version.limit if version else None,
        "fee_vnd": version.fee_vnd if version else None,
        "papers": version.policy["papers"] if version else [],
    }
