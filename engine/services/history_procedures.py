"""Procedures of another system, kept as closed ones: they take no dossier, and statistics know them."""

from __future__ import annotations

from dataclasses import replace

from bpmn.findings import has_errors
from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.history_mapping import InvalidMappingError, OldProcedure
from engine.services import procedure_contents, publishing
from engine.services.procedure_contents import Content, Reading
from engine.store.agencies import Agency
from engine.store.procedures import Procedure, ProcedureAct
from engine.store.unit_of_work import UnitOfWork

STEP = "Giải quyết ở hệ thống khác"
ONE_STOP, ONE_STOP_LABEL = "BP_MOT_CUA", "Bộ phận Một cửa"
_LIMIT = '"1 working_day"'


def found(uow: UnitOfWork, owner: Agency, old: OldProcedure) -> Procedure | None:
    """Return the agency's procedure with that code when dossiers can be hung on it.

    Raises:
        InvalidMappingError: it was never published, so it has no version.
    """
    procedure = uow.procedures.find(owner.id, old.code)
    if procedure is not None and procedure.current_version_id is None:
        message = f"procedure {old.code} of {owner.code} has no version in force; publish one, or map to another code"
        raise InvalidMappingError(message, where=f"procedures.{old.code}")
    return procedure


def ensure(ctx: Context, uow: UnitOfWork, *, by: Actor, owner: Agency, old: OldProcedure) -> Procedure:
    """Return the agency's procedure with that code; one that is not there is made, closed, with one step.

    One that is there stays as it is: its dossiers and those of the other system count together.

    Raises:
        InvalidMappingError: code, name or limit make no model.
    """
    known = found(uow, owner, old)
    if known is not None:
        return known
    version = publishing.publish(ctx, uow, by=by, owner=owner, reading=_reading(uow, owner, old)).version
    made = uow.procedures.get(version.procedure_id)
    made.is_open, made.level, made.kind = False, old.level, old.kind
    uow.procedures.add_act(
        ProcedureAct(
            owner_agency_id=owner.id, procedure_id=made.id, version_id=None, kind="closed", facts={},
            made_by=by.id, made_at=ctx.clock.now(),
        )
    )  # fmt: skip
    return made


def _reading(uow: UnitOfWork, owner: Agency, old: OldProcedure) -> Reading:
    units = uow.agencies.units(owner.id)
    desk = next((unit for unit in units if unit.is_one_stop), None)
    step = {
        "id": "XU_LY", "name": STEP, "unit": desk.code if desk else ONE_STOP,
        "unit_label": desk.name if desk else ONE_STOP_LABEL, "limit_days": "1", "stage_limit_days": "1",
        "next": "TRA", "single_officer": False, "pauses_clock": False, "resumes_clock": False, "ends_processing": True,
    }  # fmt: skip
    handed = {"id": "TRA", "name": "Trả kết quả", "next": None, "limit_days": None, "ends_processing": False}
    entry = {
        "code": old.code, "name": old.name, "total_days": "1", "fee": None,
        "steps": [step, step | handed | {"stage_limit_days": "0"}], "policy": {"field": old.field},
    }  # fmt: skip
    (drawn,) = procedure_contents.read_tables([entry])
    if drawn.is_publishable and drawn.content is not None:
        source = drawn.content.source.replace(_LIMIT, f'"{old.limit}"')  # a table counts in working days only
        drawn = procedure_contents.read_content(Content(source, policy=drawn.policy))
    if not drawn.is_publishable:
        said = next((finding.message for finding in drawn.findings if has_errors([finding])), "no model can be made")
        raise InvalidMappingError(f"mapping, procedures {old.code}: {said}", where=f"procedures.{old.code}")
    return replace(drawn, code=old.code)
