"""Publishing: content becomes an immutable version, in force from an instant on, inside the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bpmn import model
from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.events import digest
from engine.domain.ids import AgencyId
from engine.domain.text import fold
from engine.errors import ConflictError, InvalidInputError
from engine.services.case import iso
from engine.services.procedure_contents import Reading
from engine.store.agencies import Agency, Unit
from engine.store.procedures import Procedure, ProcedureAct, ProcedureVersion
from engine.store.unit_of_work import UnitOfWork

FURTHEST = timedelta(days=5 * 366)  #: ahead, of a version that is to take effect


class InvalidEffectError(InvalidInputError):
    """A version cannot take effect at this instant."""

    code = "invalid-effective-date"


class AlreadyInForceError(ConflictError):
    """The version is in force already; put off to a later day it would not be in force until then."""

    code = "version-already-in-force"


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a content: its version, whether that is a new one, and from when on it is in force."""

    version: ProcedureVersion
    is_new: bool
    answer: dict[str, Any]


def administered(uow: UnitOfWork, by: Actor, agency: str | None) -> Agency:
    """Return the agency that the actor administers; None: the default agency.

    Raises:
        AgencyNotFoundError, NotAllowedError.
    """
    owner = uow.agencies.by_code(agency) if agency else uow.agencies.default()
    permissions.check_can_administer(by, agency=owner.id)
    return owner


def check_may_publish(ctx: Context, by: Actor, agency: str | None) -> None:
    """Ask before anything is read: reading a large file is work that not everybody may give us.

    Raises:
        AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        administered(uow, by, agency)


def publish(
    ctx: Context, uow: UnitOfWork, *, by: Actor, owner: Agency, reading: Reading, starts: datetime | None = None
) -> Published:
    """Make a version of what was read, and let it take effect.

    The same content is the same version: published again it changes nothing while it is in force, and comes back into
    force when another is. Units that lanes name are made.

    Args:
        reading: publishable.
        starts: instant from which dossiers that are filed take it; None or past: now.

    Raises:
        InvalidEffectError: ``starts`` is more than five years ahead.
        AlreadyInForceError: ``starts`` is ahead, and the same content is in force now.
    """
    now = ctx.clock.now()
    if starts is not None and starts > now + FURTHEST:
        raise InvalidEffectError("a version takes effect within five years; check the date", field="starts")
    facts = model.facts(reading.xml)
    _make_units(uow, owner.id, facts, reading.policy)
    procedure = _procedure(uow, owner.id, facts, reading)
    version, is_new = _version(ctx, uow, procedure, reading)
    begins = now if starts is None or starts <= now else starts
    current = uow.procedures.in_force(procedure, now)
    if begins > now and current is not None and current.id == version.id:
        message = f"version {version.number} is in force already; change the draft, or leave it as it is"
        raise AlreadyInForceError(message, field="starts", version=version.number)
    if begins > now or current is None or current.id != version.id:
        for other in uow.procedures.versions(procedure.id):
            if begins > now and other.effective_from == begins:
                other.effective_from = None  # of two that were to begin at once, the one that was said last
        version.effective_from = begins
        if begins <= now:
            procedure.current_version_id = version.id
        _record(uow, procedure, version, by=by, at=now, is_new=is_new)
    if begins <= now:
        _call_as(procedure, facts.name, reading.policy)
    uow.flush()
    answer = {
        "code": facts.code,
        "version": version.number,
        "steps": sum(1 for step in facts.steps.values() if step.order > 0),
        "findings": [finding.as_json() for finding in reading.findings],
    }
    return Published(version, is_new, answer | ({"effective_from": iso(begins)} if begins > now else {}))


def take_effect(ctx: Context) -> int:
    """Call procedures as the version does that came into force since; return how many. The clock process does so.

    Dossiers take that version from its instant on without it; name and field in the catalogue follow here.
    """
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        overtaken = uow.procedures.overtaken(now)
    if not overtaken:
        return 0
    with ctx.unit_of_work() as uow:
        for procedure in map(uow.procedures.get, overtaken):
            version = uow.procedures.in_force(procedure, now)
            if version is not None:
                procedure.current_version_id = version.id
                _call_as(procedure, model.facts(version.model).name, version.policy)
    return len(overtaken)


def version_hash(
    xml: str, policy: Mapping[str, Any], decisions: str = "", form: Mapping[str, Any] | None = None
) -> str:
    """Return the name of a version: the hash of its model and policy, and of decisions and form where it has them."""
    named: list[Any] = [model.content_hash(xml), dict(policy)]
    return digest([*named, decisions, dict(form or {})] if decisions or form else named)


def _call_as(procedure: Procedure, name: str, policy: Mapping[str, Any]) -> None:
    procedure.name, procedure.name_folded = name, fold(name)
    procedure.field = policy["field"]


def _procedure(uow: UnitOfWork, owner: AgencyId, facts: model.ModelFacts, reading: Reading) -> Procedure:
    found = uow.procedures.find(owner, facts.code)
    if found is not None:
        return found
    return uow.procedures.add(
        Procedure(
            owner_agency_id=owner, code=facts.code, name=facts.name, name_folded=fold(facts.name),
            field=reading.policy["field"], is_open=True, current_version_id=None,
        )
    )  # fmt: skip


def _version(ctx: Context, uow: UnitOfWork, procedure: Procedure, reading: Reading) -> tuple[ProcedureVersion, bool]:
    """Return the version of this content: the published one when nothing changed, else a new one."""
    content = reading.content
    assert content is not None  # noqa: S101 - of a publishable reading
    content_hash = version_hash(reading.xml, reading.policy, content.decisions, content.form)
    versions = uow.procedures.versions(procedure.id)
    for version in versions:
        if version.content_hash == content_hash:
            version.scenarios = list(content.scenarios)  # no dossier runs on them
            return version, False
    facts = model.facts(reading.xml)
    made = ProcedureVersion(
        owner_agency_id=procedure.owner_agency_id,
        procedure_id=procedure.id,
        number=len(versions) + 1,
        content_hash=content_hash,
        model=reading.xml,
        source=content.source,
        decisions=content.decisions,
        form=dict(content.form),
        scenarios=list(content.scenarios),
        limit=facts.limit,
        fee_vnd=facts.fee_vnd,
        policy=reading.policy,
        findings=[finding.as_json() for finding in reading.findings],
        published_at=ctx.clock.now(),
    )
    return uow.procedures.add_version(made), True


def _record(
    uow: UnitOfWork, procedure: Procedure, version: ProcedureVersion, *, by: Actor, at: datetime, is_new: bool
) -> None:
    drawn = None if version.source is None else hashlib.sha256(version.source.encode()).hexdigest()  # for verify
    facts = {"version": version.number, "from": iso(version.effective_from), "new": is_new, "source": drawn}
    uow.procedures.add_act(
        ProcedureAct(
            owner_agency_id=procedure.owner_agency_id, procedure_id=procedure.id, version_id=version.id,
            kind="published",
            facts=facts, made_by=by.id, made_at=at,
        )
    )  # fmt: skip


def _make_units(uow: UnitOfWork, owner: AgencyId, facts: model.ModelFacts, policy: Mapping[str, Any]) -> None:
    """Make the units that the lanes name, those of partner lanes in the agencies that the policy names for them.

    The first one, which receives, is the one-stop unit of an agency without.

    Raises:
        AgencyNotFoundError: a partner's agency does not exist.
    """
    has_one_stop = any(unit.is_one_stop for unit in uow.agencies.units(owner))
    for unit in facts.units:
        agency = owner if unit.agency is None else uow.agencies.by_code(policy["partners"][unit.agency]).id
        if uow.agencies.find_unit(agency, unit.code) is None:
            is_one_stop = agency == owner and not has_one_stop and unit.code == facts.first_unit
            has_one_stop = has_one_stop or is_one_stop
            uow.agencies.add_unit(
                Unit(owner_agency_id=agency, code=unit.code, name=unit.label, is_one_stop=is_one_stop)
            )
