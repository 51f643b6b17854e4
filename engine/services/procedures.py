"""Procedures in the catalogue: what is in force, what was and will be, and how one is closed, retired or deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bpmn import model
from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId
from engine.domain.text import fold
from engine.errors import ConflictError, InvalidInputError
from engine.services import acceptance
from engine.services.case import iso
from engine.services.procedure_contents import step_told
from engine.store.procedures import Procedure, ProcedureAct, ProcedureVersion, VersionNotFoundError
from engine.store.unit_of_work import UnitOfWork


class ProcedureInUseError(ConflictError):
    """A procedure that has dossiers cannot be deleted; retire it."""

    code = "procedure-in-use"


class InvalidSuccessorError(InvalidInputError):
    """The procedure that is to replace another cannot do so."""

    code = "invalid-successor"


class NotScheduledError(ConflictError):
    """The version is not one that is to take effect later."""

    code = "version-not-scheduled"


def catalogue(ctx: Context, *, agency: str | None = None, query: str = "") -> list[dict[str, Any]]:
    """Return the published procedures by agency and code; procedures are public knowledge.

    Args:
        query: words of code, name or field, without accents; empty: all.
    """
    words = fold(query).split()
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        found = uow.procedures.all(uow.agencies.by_code(agency).id if agency else None)
        rows = [row for row in found if all(word in _searched(row) for word in words)]
        chosen = uow.procedures.in_force_of(rows, now) if rows else {}
        versions = {row.id: uow.procedures.version(chosen[row.id]) for row in rows if row.id in chosen}
        return [_listed(uow, row, versions.get(row.id), now) for row in rows]


def show(ctx: Context, *, code: str, agency: str | None = None, number: int | None = None) -> dict[str, Any]:
    """Return a procedure with the version in force, or its ``number``-th, and its model.

    Raises:
        ProcedureNotFoundError, VersionNotFoundError, AgencyNotFoundError.
    """
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        owner = _owner_of(uow, code, agency)
        procedure = uow.procedures.by_code(owner, code)
        current = uow.procedures.in_force(procedure, now)
        version = _wanted_version(uow, procedure, current, number)
        facts = model.facts(version.model)
        return _listed(uow, procedure, current, now) | {
            "version": version.number,
            "in_force": current.number if current else None,
            "content_hash": version.content_hash,
            "limit": version.limit,
            "fee_vnd": version.fee_vnd,
            "papers": version.policy["papers"],
            "findings": version.findings,
            "policy": version.policy,
            "model": version.model,
            "source": version.source,
            "decisions": version.decisions,
            "form": version.form,
            "steps": [step_told(step) for step in facts.steps.values() if step.order > 0],
        }


def versions(ctx: Context, *, code: str, agency: str) -> list[dict[str, Any]]:
    """Return the versions of a procedure, newest first: number, from when on, and how each stands now.

    Raises:
        ProcedureNotFoundError, AgencyNotFoundError.
    """
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        procedure = uow.procedures.by_code(uow.agencies.by_code(agency).id, code)
        current = uow.procedures.in_force(procedure, now)
        return [
            {
                "number": version.number, "limit": version.limit, "fee_vnd": version.fee_vnd,
                "published_at": iso(version.published_at), "effective_from": iso(version.effective_from),
                "state": _state(version, current, now), "warnings": len(version.findings),
            }
            for version in reversed(uow.procedures.versions(procedure.id))
        ]  # fmt: skip


def rights(ctx: Context, *, by: Actor, agency: str) -> dict[str, bool]:
    """Return whether the actor may change the procedures of an agency, and see what was done to them.

    Raises:
        AgencyNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        owner = uow.agencies.by_code(agency).id
        edits = by.is_system or by.holds(owner, (Role.ADMIN,))
        return {"may_edit": edits, "may_see_history": permissions.can_see_workbench(by, agency=owner)}


def history(ctx: Context, *, by: Actor, code: str, agency: str) -> list[dict[str, Any]]:
    """Return who published, scheduled, closed and retired the procedure, the latest first.

    Raises:
        ProcedureNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        owner = uow.agencies.by_code(agency)
        permissions.check_can_see_workbench(by, agency=owner.id)
        procedure = uow.procedures.by_code(owner.id, code)
        acts = uow.procedures.acts(procedure.id)
        names = uow.people.some([act.made_by for act in acts if act.made_by is not None])
        return [
            {"kind": act.kind, "at": iso(act.made_at), "facts": act.facts,
             "by": names[act.made_by].name if act.made_by in names else None}
            for act in acts
        ]  # fmt: skip


def set_open(ctx: Context, *, by: Actor, code: str, is_open: bool, agency: str | None = None) -> None:
    """Open or close a procedure for new dossiers; those that are under way go on."""
    with ctx.unit_of_work() as uow:
        procedure = _administered_procedure(uow, by, code, agency)
        if procedure.is_open != is_open:
            procedure.is_open = is_open
            _record(ctx, uow, procedure, by, "opened" if is_open else "closed", {})


def retire(
    ctx: Context, *, by: Actor, code: str, agency: str | None = None, replaced_by: str | None = None,
    starts: datetime | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Take no new dossiers from an instant on; a citizen who comes is told which procedure takes its place.

    Args:
        replaced_by: code of a procedure of the same agency; None: nothing does.
        starts: None: now. A later instant needs no job.

    Raises:
        InvalidSuccessorError: it is the procedure itself, unknown, or retired.
        ProcedureNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    now = ctx.clock.now()
    with ctx.unit_of_work() as uow:
        procedure = _administered_procedure(uow, by, code, agency)
        if replaced_by:
            _check_successor(uow, procedure, replaced_by)
        procedure.retired_at = now if starts is None else starts
        procedure.replaced_by = replaced_by or None
        _record(ctx, uow, procedure, by, "retired", {"from": iso(procedure.retired_at), "replaced_by": replaced_by})
        return _listed(uow, procedure, uow.procedures.in_force(procedure, now), now)


def reopen(ctx: Context, *, by: Actor, code: str, agency: str | None = None) -> dict[str, Any]:
    """Take new dossiers of a retired procedure again.

    Raises:
        ProcedureNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        procedure = _administered_procedure(uow, by, code, agency)
        if procedure.retired_at is not None:
            procedure.retired_at = procedure.replaced_by = None
            _record(ctx, uow, procedure, by, "reopened", {})
        now = ctx.clock.now()
        return _listed(uow, procedure, uow.procedures.in_force(procedure, now), now)


def unschedule(ctx: Context, *, by: Actor, code: str, number: int, agency: str | None = None) -> None:
    """Let a version that is to take effect later not do so.

    Raises:
        NotScheduledError: it is in force, or was.
        ProcedureNotFoundError, VersionNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        procedure = _administered_procedure(uow, by, code, agency)
        version = uow.procedures.version_number(procedure.id, number)
        if version.effective_from is None or version.effective_from <= ctx.clock.now():
            raise NotScheduledError(f"version {number} does not wait for a date; only one that does can be taken back")
        version.effective_from = None
        _record(ctx, uow, procedure, by, "unscheduled", {"version": number})


def delete(ctx: Context, *, by: Actor, code: str, agency: str | None = None) -> None:
    """Delete a procedure that never had a dossier, with its versions; drafts stay.

    Raises:
        ProcedureInUseError: it has dossiers.
        ProcedureNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        procedure = _administered_procedure(uow, by, code, agency)
        if uow.dossiers.has_any_of(procedure.id):
            message = f"procedure {code} has dossiers and must stay; retire it to receive no more"
            raise ProcedureInUseError(message, procedure_code=code)
        uow.drafts.forget([version.id for version in uow.procedures.versions(procedure.id)])
        uow.procedures.delete(procedure)


def _administered_procedure(uow: UnitOfWork, by: Actor, code: str, agency: str | None) -> Procedure:
    owner = _owner_of(uow, code, agency)
    permissions.check_can_administer(by, agency=owner)
    return uow.procedures.by_code(owner, code)


def _check_successor(uow: UnitOfWork, procedure: Procedure, code: str) -> None:
    found = uow.procedures.find(procedure.owner_agency_id, code)
    if code == procedure.code or found is None or found.retired_at is not None:
        message = f"{code!r} is not another procedure of this agency that takes dossiers; publish it first"
        raise InvalidSuccessorError(message, field="replaced_by")


def _record(ctx: Context, uow: UnitOfWork, row: Procedure, by: Actor, kind: str, facts: dict[str, Any]) -> None:
    uow.procedures.add_act(
        ProcedureAct(
            owner_agency_id=row.owner_agency_id, procedure_id=row.id, version_id=None, kind=kind, facts=facts,
            made_by=by.id, made_at=ctx.clock.now(),
        )
    )  # fmt: skip


def _wanted_version(
    uow: UnitOfWork, procedure: Procedure, current: ProcedureVersion | None, number: int | None
) -> ProcedureVersion:
    if number is not None:
        return uow.procedures.version_number(procedure.id, number)
    if current is None:
        raise VersionNotFoundError(f"procedure {procedure.code} has no version in force")
    return current


def _state(version: ProcedureVersion, current: ProcedureVersion | None, now: datetime) -> str:
    if current is not None and current.id == version.id:
        return "in_force"
    return "scheduled" if version.effective_from is not None and version.effective_from > now else "past"


def _owner_of(uow: UnitOfWork, code: str, agency: str | None) -> AgencyId:
    if agency is not None:
        return uow.agencies.by_code(agency).id
    for owner in uow.agencies.all():
        if uow.procedures.find(owner.id, code) is not None:
            return owner.id
    return uow.agencies.default().id


def _searched(procedure: Procedure) -> str:
    return f"{fold(procedure.code)} {procedure.name_folded} {fold(procedure.field)}"


def _listed(uow: UnitOfWork, procedure: Procedure, version: ProcedureVersion | None, now: datetime) -> dict[str, Any]:
    retired = acceptance.is_retired(procedure, now)
    return {
        "code": procedure.code,
        "name": procedure.name,
        "agency": uow.agencies.get(procedure.owner_agency_id).code,
        "field": procedure.field,
        "open": procedure.is_open and not retired,
        "retired": retired,
        "retired_at": iso(procedure.retired_at),
        "replaced_by": procedure.replaced_by,
        "version": version.number if version else None,
        "limit": version.limit if version else None,
        "fee_vnd": version.fee_vnd if version else None,
        "papers": version.policy["papers"] if version else [],
    }
