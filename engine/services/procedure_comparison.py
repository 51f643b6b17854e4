"""Two versions of a procedure compared: what people drew when both keep it, else the models that run."""

from __future__ import annotations

from typing import Any

from bpmn.differences import differences
from engine.context import Context


def compare(ctx: Context, *, code: str, agency: str, old: int, new: int) -> dict[str, Any]:
    """Return ``bpmn.differences`` of two versions by number.

    Raises:
        ProcedureNotFoundError, VersionNotFoundError, AgencyNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        procedure = uow.procedures.by_code(uow.agencies.by_code(agency).id, code)
        before = uow.procedures.version_number(procedure.id, old)
        after = uow.procedures.version_number(procedure.id, new)
        if before.source and after.source:
            return differences(before.source, after.source)
        return differences(before.model, after.model)
