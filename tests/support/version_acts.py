"""Versions of the small procedure for tests, and dossiers taken from one to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpmn import model
from bpmn.assembly import assemble
from engine.context import Context
from engine.domain.actors import SYSTEM, Actor
from engine.domain.events import digest
from engine.domain.text import fold
from engine.domain.version_moves import Dates
from engine.services import version_moves, version_previews
from engine.store.procedures import ProcedureVersion
from tests.support.builders import Office, publish
from tests.support.processes import MODELS, Reference
from tests.support.step_tables import DESK, HEAD, OFFICE, linear, usual_steps

GROUND = "Quyết định 12/QĐ-UBND"
STANDS = "step-THU_LY"  # the step at which a received dossier stands


def second_version(ctx: Context, office: Office, **changes: Any) -> None:
    """Publish another version of the office's procedure."""
    publish(ctx, code=office.code, procedure=office.procedure, **changes)


def without(key: str, *, instead: str | None = None) -> list[dict[str, Any]]:
    """Return the usual steps without one, or with another key for it."""
    rows = [row for row in usual_steps() if row["id"] != key or instead is not None]
    units = [(instead if instead is not None and row["id"] == key else row["id"], row["unit"]) for row in rows]
    made = linear(*units, ends="KY" if key != "KY" else instead)
    return made


def with_units(**units: str) -> list[dict[str, Any]]:
    """Return the usual steps, some of them in other units."""
    keys = {"NHAN": DESK, "THU_LY": OFFICE, "KY": HEAD, "THU_PHI": DESK, "TRA": DESK} | units
    return linear(*keys.items(), ends="KY")


def seen(ctx: Context, office: Office, *, by: Actor = SYSTEM, **changes: Any) -> dict[str, Any]:
    """Preview the move to version 2."""
    wanted: dict[str, Any] = {"code": office.procedure, "to_version": 2}
    return version_previews.preview(ctx, by=by, **(wanted | changes))


def move(ctx: Context, office: Office, *, by: Actor = SYSTEM, **changes: Any) -> dict[str, Any]:
    """Move all open dossiers to version 2."""
    wanted: dict[str, Any] = {"code": office.procedure, "to_version": 2, "ground": GROUND, "dates": Dates.FOLLOW}
    return version_moves.apply(ctx, by=by, **(wanted | changes))


def undo(ctx: Context, office: Office, made: dict[str, Any], *, by: Actor = SYSTEM) -> dict[str, Any]:
    """Take a move back."""
    return version_moves.undo(ctx, by=by, code=office.procedure, move_id=made["id"])


def another_reference(
    ctx: Context,
    reference: Reference,
    *,
    changes: Mapping[str, str] | None = None,
    rules: Mapping[str, str] | None = None,
) -> None:
    """Publish version 2 of a reference process.

    Args:
        changes: text of the drawn process: what stands there instead.
        rules: the same of its decisions.
    """
    source = (MODELS / reference.code / "process.bpmn").read_text(encoding="utf-8")
    for old, new in (changes or {}).items():
        assert old in source
        source = source.replace(old, new)
    xml = assemble(source)
    facts = model.facts(xml)
    with ctx.unit_of_work() as uow:
        procedure = uow.procedures.by_code(reference.agency, reference.code)
        first = uow.procedures.version_number(procedure.id, 1)
        decisions = first.decisions
        for old, new in (rules or {}).items():
            assert old in decisions
            decisions = decisions.replace(old, new)
        named = [model.content_hash(xml), first.policy]
        named += [decisions, first.form] if decisions or first.form else []
        version = ProcedureVersion(
            owner_agency_id=reference.agency,
            procedure_id=procedure.id,
            number=2,
            content_hash=digest(named),
            model=xml,
            decisions=decisions,
            form=first.form,
            limit=facts.limit,
            fee_vnd=facts.fee_vnd,
            policy=first.policy,
            findings=[],
            published_at=ctx.clock.now(),
            effective_from=ctx.clock.now(),
        )
        procedure.current_version_id = uow.procedures.add_version(version).id
        procedure.name, procedure.name_folded = facts.name, fold(facts.name)


def move_reference(ctx: Context, reference: Reference, **changes: Any) -> dict[str, Any]:
    """Move all open dossiers of a reference process to version 2."""
    wanted: dict[str, Any] = {"code": reference.code, "to_version": 2, "ground": GROUND}
    return version_moves.apply(ctx, by=SYSTEM, **(wanted | changes))
